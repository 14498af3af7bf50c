"""Random leagues: replicates and the table itself are what naive loops make of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.redrawing import redrawn_metrics, redrawn_places
from nhs_league.analysis.robustness.resampling import metrics_drawn, resampled_places
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.league import League
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.property.published_leagues import published_cases
from tests.property.settings import many
from tests.property.strategies import METHODS, Case, cases
from tests.robustness_oracle import (
    assert_is_the_table,
    assert_replicates,
    own_scores,
    ranges,
    ranked_rows,
    redrawn,
    resampled,
)
from tests.support import assert_rows, league


@many(60)
@given(cases())
def test_its_own_weights_give_the_table(case: Case) -> None:
    assert_is_the_table(league(case.spec, case.rows, case.peer_groups))


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(15)
@given(case=published_cases())
def test_its_own_weights_give_the_table_of_published_scores(
    scores: ScoreSource, case: Case
) -> None:
    assert_is_the_table(league(case.spec, case.rows, case.peer_groups, scores))


def draws(table: League, seed: int, replicates: int) -> dict[str, Any]:
    return {
        org: metrics_drawn(seed, org, len(own_scores(table.framework, row)), replicates)
        for org, row in ranked_rows(table).items()
        if row["metrics_scored"]
    }


def assert_resampled_as_by_loops(table: League, seed: int) -> None:
    if not ranked_rows(table):
        return
    arrays = LeagueArrays.of(table)
    found = resampled_places(arrays, 12, seed, None)
    assert_replicates(found, arrays.org_codes, resampled(table, draws(table, seed, 12), 12))


@many(60)
@given(cases(), st.integers(0, 99))
def test_resampled_metrics_place_everybody_as_loops_do(case: Case, seed: int) -> None:
    assert_resampled_as_by_loops(league(case.spec, case.rows, case.peer_groups), seed)


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(15)
@given(case=published_cases())
def test_resampled_published_scores_place_everybody_as_loops_do(
    scores: ScoreSource, case: Case
) -> None:
    assert_resampled_as_by_loops(league(case.spec, case.rows, case.peer_groups, scores), 3)


@many(20)
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


@many(40)
@given(counted_cases(), st.integers(0, 99))
def test_redrawn_values_place_everybody_as_the_oracle_does(case: Case, seed: int) -> None:
    table = league(case.spec, case.rows, case.peer_groups)
    if not ranked_rows(table) or not redrawn_metrics(table):
        return
    arrays = LeagueArrays.of(table)
    found = redrawn_places(table, arrays, 6, seed, None)
    expected = redrawn(table, case.spec, case.rows, case.peer_groups, replicates=6, seed=seed)
    assert_replicates(found, arrays.org_codes, expected)
