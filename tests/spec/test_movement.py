"""Whether an average has moved between two quarters, by loops over the paired replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from scipy import stats

import nhs_league
from nhs_league.analysis.robustness.movement import MOVEMENT_SCHEMA, movement
from nhs_league.analysis.robustness.resampling import metrics_drawn
from nhs_league.errors import UsageError
from nhs_league.league import League
from tests.robustness_oracle import (
    METRICS,
    TABLE,
    composite,
    league_of,
    own_scores,
    percentile,
    ranked_rows,
    weighed,
)
from tests.support import assert_rows, framework, framework_of_scores, score_metric

AFTER = """
trust | type   | a   | b   | c   | d
AA    | Acute  | 1.5 | 2   | 2   | 1
BB    | Acute  | 1.5 | 2   | 1.5 | 3.5
CC    | Acute  | 1   | 1   | 1   | 1
DD    | Acute  | 3   | 3   | 3   | 3
EE    | Acute  | 4   | 1   | 2   | -
FF    | Acute  | -   | 2   | 1   | 1
HH    | Mental | 1   | 2.5 | 2   | 2
JJ    | Mental | 4   | 4   | 4   | 4
KK    | Mental | 2   | 2   | 2   | 2
"""


def movements(before: League, after: League, **options: Any) -> dict[str, dict[str, Any]]:
    found = movement(before, after, **({"replicates": 100} | options))
    assert found.schema == pl.Schema(MOVEMENT_SCHEMA)
    return {row["org_code"]: row for row in found.iter_rows(named=True)}


def by_loops(
    before: League, after: League, replicates: int, seed: int, until: str = "ZZ"
) -> dict[str, Any]:
    expected, later = {}, ranked_rows(after)
    for org, row in ranked_rows(before).items():
        other = later.get(org)
        if other is None or org > until:
            continue
        one, two = (
            dict(own_scores(table.framework, each))
            for table, each in ((before, row), (after, other))
        )
        common = [id_ for id_ in one if id_ in two]
        told: dict[str, Any] = dict.fromkeys(list(MOVEMENT_SCHEMA)[2:])
        if len(common) >= 2:

            def averages(
                ids: Sequence[str], one: dict[str, float] = one, two: dict[str, float] = two
            ) -> tuple[float, float]:
                first = composite(before.framework, [(id_, one[id_]) for id_ in ids])
                second = composite(after.framework, [(id_, two[id_]) for id_ in ids])
                assert first is not None
                assert second is not None
                return first, second

            drawn = metrics_drawn(seed, org, len(common), replicates).T.tolist()
            pairs = [averages([common[at] for at in each]) for each in drawn]
            told = told_of(averages(common), pairs, len(common))
        expected[org] = {"metrics_common": len(common), **told}
    return expected


def told_of(
    observed: tuple[float, float], pairs: Sequence[tuple[float, float]], metrics: int
) -> dict[str, Any]:
    differences = [round(Fraction(second) - Fraction(first), 9) for first, second in pairs]
    not_worse = sum(1 for difference in differences if difference <= 0)
    not_better = sum(1 for difference in differences if difference >= 0)
    beyond = 1 + min(not_worse, not_better)
    # As far into the tails of Student's t as the share is into those of a normal distribution.
    stretch = math.sqrt(metrics / (metrics - 1))
    student = stats.t(metrics - 1)
    tail = Fraction(stats.norm.cdf(stretch * student.ppf(0.025)))
    reach = stats.norm.ppf(beyond / (len(pairs) + 1)) / stretch
    return {
        "average_from": observed[0],
        "average_to": observed[1],
        "difference": round(observed[1] - observed[0], 9),
        "difference_low": percentile(differences, tail),
        "difference_high": percentile(differences, 1 - tail),
        "p_value": min(1.0, 2 * student.cdf(reach)),
    }


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
def test_every_figure_is_what_loops_make_of_it(over: str, mean: str) -> None:
    spec = weighed(aggregate={"over": over, "mean": mean})
    before, after = league_of(spec, TABLE), league_of(spec, AFTER)
    expected = by_loops(before, after, 200, 3)
    found = movements(before, after, replicates=200, seed=3)
    assert list(found) == sorted(expected)
    assert found["KK"]["difference"] is None
    assert_rows(found, expected)


def test_metrics_of_both_frameworks_are_compared_each_by_its_own_weights() -> None:
    other = framework(
        {
            "d": score_metric(weight=2.0),
            "b": score_metric(weight=5.0),
            "new": score_metric(),
            "a": score_metric(),
        }
    )
    text = "trust|a|b|d|new\n AA|1|4|2|3\n BB|3|1|2|1\n CC|1|-|-|4\n ZZ|1|1|1|1"
    before, after = league_of(weighed(), TABLE), league_of(other, text)
    found = movements(before, after)
    assert {org: row["metrics_common"] for org, row in found.items()} == {
        "AA": 3,
        "BB": 3,
        "CC": 1,
    }
    assert {found["CC"][name] for name in list(MOVEMENT_SCHEMA)[2:]} == {None}
    assert_rows(found, by_loops(before, after, 100, 1))


def test_the_same_quarter_twice_has_not_moved() -> None:
    table = league_of(weighed(), TABLE)
    for org, row in movements(table, table).items():
        if org == "KK":
            assert row["metrics_common"] == 1
            assert row["p_value"] is None
            continue
        assert row["average_from"] == row["average_to"] is not None
        assert [row[f"difference{end}"] for end in ("", "_low", "_high")] == [0, 0, 0]
        assert row["p_value"] == 1


def test_all_metrics_worse_by_the_same_have_surely_moved() -> None:
    spec = framework_of_scores("a", "b", "c")
    before = league_of(spec, "trust|a|b|c\n AA|1|2|3\n BB|1|1|1")
    after = league_of(spec, "trust|a|b|c\n AA|1.5|2.5|3.5\n BB|1|1|1")
    row = movements(before, after)["AA"]
    assert [row[f"difference{end}"] for end in ("", "_low", "_high")] == pytest.approx([0.5] * 3)
    # Not one of 100 replicates is on the other side, which three metrics tell only so well.
    reach = stats.norm.ppf(1 / 101) / math.sqrt(3 / 2)
    assert row["p_value"] == pytest.approx(2 * stats.t(2).cdf(reach))
    back = movements(after, before)["AA"]
    assert back["difference"] == pytest.approx(-0.5)
    assert back["p_value"] == row["p_value"]


def test_what_both_quarters_have_in_common_makes_no_difference() -> None:
    spec = framework_of_scores("a", "b", "c")
    before = league_of(spec, "trust|a|b|c\n AA|1|2|2\n BB|1|2|2")
    after = league_of(spec, "trust|a|b|c\n AA|1|2.5|2.5\n BB|1|1.5|1.5")
    wider = league_of(spec, "trust|a|b|c\n AA|1|3.5|3.5\n BB|1|1.5|1.5")
    wide = league_of(spec, "trust|a|b|c\n AA|1|4|4\n BB|1|2|2")
    near, far = movements(before, after)["AA"], movements(wider, wide)["AA"]
    for name in ("difference", "difference_low", "difference_high", "p_value"):
        assert near[name] == pytest.approx(far[name])


def test_organisations_that_are_ranked_in_one_quarter_alone_have_no_row() -> None:
    spec = framework_of_scores("a", "b", aggregate={"min_metrics": 2})
    before = league_of(spec, "trust|a|b\n AA|1|2\n BB|1|2\n CC|1|-")
    after = league_of(spec, "trust|a|b\n CC|1|2\n AA|1|2\n DD|1|2")
    assert list(movements(before, after)) == ["AA"]


def test_no_common_metric_is_no_movement() -> None:
    before = league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|2")
    after = league_of(framework_of_scores("c", "d"), "trust|c|d\n AA|1|2")
    row = movements(before, after)["AA"]
    assert row["metrics_common"] == 0
    assert {row[name] for name in list(MOVEMENT_SCHEMA)[2:]} == {None}


def test_no_common_organisation_is_an_empty_frame() -> None:
    spec = framework_of_scores("a", "b")
    before, after = (league_of(spec, f"trust|a|b\n {org}|1|2") for org in ("AA", "BB"))
    assert movements(before, after) == {}


def test_the_same_seed_gives_the_same_frame_and_another_seed_another() -> None:
    before, after = league_of(weighed(), TABLE), league_of(weighed(), AFTER)
    first, again, other = (movement(before, after, replicates=100, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_the_order_of_metrics_in_the_other_framework_makes_no_difference() -> None:
    turned = framework(
        {id_: METRICS[id_] for id_ in reversed(METRICS)}, domains=weighed()["domains"]
    )
    before = league_of(weighed(), TABLE)
    assert_rows(
        movements(before, league_of(turned, AFTER)),
        movements(before, league_of(weighed(overrides=[]), AFTER)),
    )


@pytest.mark.parametrize("replicates", [0, 99, 10_000_000])
def test_too_few_or_too_many_replicates_are_refused(replicates: int) -> None:
    table = league_of(weighed(), TABLE)
    with pytest.raises(UsageError, match="replicates"):
        movement(table, table, replicates=replicates)


def test_a_seed_below_nought_is_refused() -> None:
    table = league_of(weighed(), TABLE)
    with pytest.raises(UsageError, match="seed"):
        movement(table, table, replicates=100, seed=-1)


def test_movement_in_the_bundled_sample() -> None:
    before, after = (
        nhs_league.open_league(framework="nof-2025-26", quarter=quarter).league
        for quarter in ("2025Q2", "2025Q3")
    )
    found = movements(before, after)
    assert len(found) == 205
    few = by_loops(before, after, 100, 1, until="RC")
    assert len(few) > 20
    assert_rows(found, few)
