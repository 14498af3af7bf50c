"""Random leagues: replicates and the table itself are what naive loops make of them."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.analysis.robustness.arrays import LeagueArrays, Placing
from nhs_league.analysis.robustness.chances import last_shares, rank_ends
from nhs_league.analysis.robustness.numbers import rounded
from nhs_league.analysis.robustness.ranks import competition_ranks
from nhs_league.analysis.robustness.redrawing import redrawn_metrics, redrawn_places
from nhs_league.analysis.robustness.resampling import resampled_places
from nhs_league.analysis.robustness.reweighting import reweighted_places, weights_drawn
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.league import League
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests import oracle
from tests.property.published_leagues import published_cases
from tests.property.settings import many
from tests.property.strategies import METHODS, Case, cases
from tests.robustness_oracle import (
    assert_is_the_table,
    assert_replicates,
    composite,
    draws,
    own_scores,
    placed,
    ranges,
    ranked_average,
    ranked_rows,
    ranking_groups,
    redrawn,
    resampled,
    smallest_reached,
)
from tests.spec.test_leave_one_out import compared, removals_of, without
from tests.support import ACUTE, QUARTER, assert_rows, framework_of_scores, league


@many(40)
@given(cases())
def test_its_own_weights_give_the_table(case: Case) -> None:
    assert_is_the_table(league(case.spec, case.rows, case.peer_groups))


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(10)
@given(case=published_cases())
def test_its_own_weights_give_the_table_of_published_scores(
    scores: ScoreSource, case: Case
) -> None:
    assert_is_the_table(league(case.spec, case.rows, case.peer_groups, scores))


def assert_resampled_as_by_loops(table: League, seed: int) -> None:
    if not ranked_rows(table):
        return
    arrays = LeagueArrays.of(table)
    found = resampled_places(arrays, 12, seed, None)
    assert_replicates(found, arrays.org_codes, resampled(table, draws(table, seed, 12), 12))


@many(30)
@given(cases(), st.integers(0, 99))
def test_resampled_metrics_place_everybody_as_loops_do(case: Case, seed: int) -> None:
    assert_resampled_as_by_loops(league(case.spec, case.rows, case.peer_groups), seed)


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(10)
@given(case=published_cases())
def test_resampled_published_scores_place_everybody_as_loops_do(
    scores: ScoreSource, case: Case
) -> None:
    assert_resampled_as_by_loops(league(case.spec, case.rows, case.peer_groups, scores), 3)


@many(15)
@given(cases(), st.integers(0, 99))
def test_ranges_tell_of_the_replicates_what_loops_tell(case: Case, seed: int) -> None:
    table = league(case.spec, case.rows, case.peer_groups)
    rows = ranked_rows(table)
    if not any(row["metrics_scored"] >= 2 for row in rows.values()):
        return
    found = robustness(table, Design(replicates=100, seed=seed)).ranges
    replicates = resampled(table, draws(table, seed, 100), 100)
    expected = ranges(table, replicates, least_metrics=2)
    told = {row["org_code"]: row for row in found.iter_rows(named=True)}
    assert told.keys() == expected.keys()
    assert_rows(told, expected)


SCORED_FROM_VALUES = tuple(method for method in METHODS if method != "published")


@st.composite
def counted_cases(draw: st.DrawFn) -> Case:
    """Draw a league of proportions from 0 to 1, most of them with their counts.

    A few trials each, so that redrawn values tie and fall on bounds.
    """
    case = draw(cases(methods=SCORED_FROM_VALUES, counts=(3, 5, 8), max_metrics=4))
    counted = {"basis": "sum", "per": 100, "divide_by": 100}
    metrics = {
        id_: stated | counted
        for id_, stated in case.spec["metrics"].items()
        if stated["scoring"]["method"] != "matrix"
    }
    rows = []
    for row in case.rows:
        if "value" not in row or row["metric_id"] == "flagged":
            rows.append(row)
            continue
        trials = draw(st.sampled_from([4.0, 8.0, 2.5]))
        share = min(max(row["value"], 0.0), 1.0)
        counts = {"numerator": share * trials, "denominator": trials}
        figure = draw(st.sampled_from([counts, counts, {"value": 100 * share}]))
        rows.append({name: cell for name, cell in row.items() if name != "value"} | figure)
    aggregate = case.spec["aggregate"] | {"min_metrics": 1}
    return Case(case.spec | {"metrics": metrics, "aggregate": aggregate}, case.peer_groups, rows)


@many(25)
@given(counted_cases(), st.integers(0, 99))
def test_redrawn_values_place_everybody_as_the_oracle_does(case: Case, seed: int) -> None:
    table = league(case.spec, case.rows, case.peer_groups)
    if not ranked_rows(table) or not redrawn_metrics(table):
        return
    arrays = LeagueArrays.of(table)
    found = redrawn_places(table, arrays, 6, seed, None)
    expected = redrawn(table, case.spec, case.rows, case.peer_groups, replicates=6, seed=seed)
    assert_replicates(found, arrays.org_codes, expected)


@many(30)
@given(cases(), st.integers(0, 99), st.sampled_from([1.0, 30.0]))
def test_drawn_weights_place_everybody_as_loops_do(
    case: Case, seed: int, concentration: float
) -> None:
    table = league(case.spec, case.rows, case.peer_groups)
    framework, rows = table.framework, ranked_rows(table)
    if not rows:
        return
    arrays = LeagueArrays.of(table)
    drawn = weights_drawn(arrays, 6, seed, "declared", concentration)
    expected = []
    for row in drawn.tolist():
        weights = dict(zip(arrays.metric_ids, row, strict=True))
        of_domains = {
            domain: sum(w for id_, w in weights.items() if framework.metrics[id_].domain == domain)
            for domain in framework.domains
        }
        averages = {
            org: ranked_average(
                framework,
                own,
                composite(framework, own_scores(framework, own), weights, of_domains),
            )
            for org, own in rows.items()
        }
        expected.append(placed(framework, rows, averages, hold_cuts=False))
    assert_replicates(reweighted_places(arrays, drawn, None), arrays.org_codes, expected)


KEYS = st.integers(1, 9).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 2**45) | st.integers(0, 3), min_size=width, max_size=width),
        min_size=1,
        max_size=4,
    )
)


@many(60)
@given(KEYS)
def test_competition_ranks_count_who_is_ahead(keys: list[list[int]]) -> None:
    found = competition_ranks(np.array(keys, dtype=np.int64)).tolist()
    assert found == [[1 + sum(other < key for other in row) for key in row] for row in keys]


@many(100)
@given(st.integers(-(10**7), 10**7), st.integers(0, 5), st.integers(0, 6))
def test_rounding_is_that_of_decimal_arithmetic(digits: int, places: int, decimals: int) -> None:
    number = Decimal(digits).scaleb(-places)
    expected = float(number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
    (found,) = rounded(np.array([float(number)]), decimals).tolist()
    assert found == pytest.approx(expected, rel=1e-12)
    assert math.copysign(1, found) == (1 if expected == 0 else math.copysign(1, expected))


RANKS = st.integers(1, 6).flatmap(
    lambda count: st.integers(1, 60).flatmap(
        lambda replicates: st.lists(
            st.lists(st.integers(1, count), min_size=replicates, max_size=replicates),
            min_size=count,
            max_size=count,
        )
    )
)


@many(60)
@given(RANKS, st.sampled_from([Fraction(1, 40), Fraction(1, 10), Fraction(1, 4), Fraction(0)]))
def test_a_range_of_ranks_ends_at_ranks_that_there_were(
    ranks: list[list[int]], tail: Fraction
) -> None:
    drawn = np.array(ranks, dtype=np.uint32)
    low, high = rank_ends(drawn, np.full(len(ranks), float(tail)))
    assert drawn.tolist() == ranks
    for row, first, last in zip(ranks, low.tolist(), high.tolist(), strict=True):
        assert first == smallest_reached(row, tail)
        assert last == smallest_reached(row, 1 - tail)
        assert first in row
        assert last in row
        assert first <= last


@many(40)
@given(RANKS)
def test_last_is_who_has_nobody_behind(ranks: list[list[int]]) -> None:
    shape = len(ranks), len(ranks[0])
    placing = Placing(np.zeros(shape), np.zeros(shape, np.uint8), np.array(ranks, np.uint32))
    groups = [np.arange(len(ranks) // 2), np.arange(len(ranks) // 2, len(ranks))]
    groups = [group for group in groups if len(group)]
    found = last_shares(placing, groups).tolist()
    for group in groups:
        for row in group.tolist():
            last = [
                all(ranks[other][at] <= ranks[row][at] for other in group.tolist())
                for at in range(shape[1])
            ]
            assert found[row] == pytest.approx(sum(last) / shape[1])


@many(15)
@given(cases(counts=(5, 8)), st.sampled_from(["metrics", "weights"]))
def test_chances_are_chances_and_ranges_ranges(case: Case, source: Any) -> None:
    table = league(case.spec, case.rows, case.peer_groups)
    if not any(row["metrics_scored"] >= 2 for row in ranked_rows(table).values()):
        return
    drawn = robustness(table, Design(source, replicates=100))
    shares = [name for name in drawn.ranges.columns if name.startswith("p_segment_")]
    of = {org: len(group) for group in ranking_groups(table) for org in group}
    last_segment = max(4, drawn.arrays.cut_points.shape[1] + 1)
    assert len(shares) == last_segment
    for row in drawn.ranges.drop_nulls("rank_low").iter_rows(named=True):
        assert 1 <= row["rank_low"] <= row["rank_high"] <= of[row["org_code"]]
        assert row["score_low"] <= row["score_high"]
        assert 1 <= row["expected_rank"] <= of[row["org_code"]]
        assert all(0 <= row[name] <= 1 for name in ("p_first", "p_last"))
        stated = [row[name] for name in shares if row[name] is not None]
        assert not stated or sum(stated) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in stated)


@many(20)
@given(
    st.lists(st.lists(st.integers(5, 15), min_size=4, max_size=4), min_size=4, max_size=8),
    st.integers(0, 99),
)
def test_who_is_better_at_everything_is_expected_ahead(grid: list[list[int]], seed: int) -> None:
    # The first trust's worst score is better than the second one's best.
    scores = [[1.0, 1.1, 1.2, 1.3], [1.4, 1.5, 1.6, 1.7], *([s / 4 for s in row] for row in grid)]
    rows = [
        {"org_code": f"T{place}", "metric_id": id_, "period": QUARTER, "value": score}
        for place, own in enumerate(scores)
        for id_, score in zip("abcd", own, strict=True)
    ]
    groups = {f"T{place}": ACUTE for place in range(len(scores))}
    table = league(framework_of_scores(*"abcd"), rows, groups)
    for source in ("metrics", "weights"):
        drawn = robustness(table, Design(source, replicates=100, seed=seed))
        told = {row["org_code"]: row for row in drawn.ranges.iter_rows(named=True)}
        assert told["T0"]["expected_rank"] <= told["T1"]["expected_rank"]
        assert told["T0"]["rank_high"] <= told["T1"]["rank_high"]
        assert drawn.pairs("T0").filter(other_code="T1")["p_behind"].item() == 0


@many(15)
@given(cases(max_metrics=3, counts=(3, 5, 8)))
def test_every_removal_is_a_league_without_it(case: Case) -> None:
    spec = case.spec | {"aggregate": case.spec["aggregate"] | {"missing": "reweight"}}
    table = league(spec, case.rows, case.peer_groups)
    if not ranked_rows(table):
        return
    found = removals_of(table)
    expected = {}
    for name in found:
        changed = without(spec, *name.split(" ", 1))
        after = oracle.standings(case.rows, case.peer_groups, changed, QUARTER)
        expected[name] = compared(table, after)
    assert_rows(found, expected)
