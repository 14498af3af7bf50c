"""Doubt about data: redrawn values, scored and ranked again, replicate by replicate."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isnan
from statistics import fmean, pvariance
from typing import Any

import polars as pl
import pytest

import nhs_league
from nhs_league.analysis.robustness import sampling
from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.redrawing import (
    SAMPLING_SCHEMA,
    redrawn_metrics,
    redrawn_places,
    sampling_errors,
)
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.league import League, score_values
from nhs_league.scoring.measure import wide_values
from tests.robustness_oracle import (
    Place,
    Replicate,
    assert_replicates,
    drawn_of,
    key_column,
    league_of,
    ranges,
    ranked_rows,
    redrawn,
)
from tests.support import (
    QUARTER,
    assert_rows,
    framework,
    league,
    metric,
    peer_groups_of,
    read_table,
    score_metric,
    standings,
    table_observations,
)

SEGMENTS_BY_VALUE = {"method": "thresholds", "upper_bounds": [1.75, 2.5, 3.25]}


def proportion(**changes: Any) -> dict[str, Any]:
    return metric(**({"basis": "sum", "per": 100} | changes))


METRICS = {
    "waits": proportion(weight=2.0),
    "cancer": proportion(pool="peer_group"),
    "beds": proportion(
        polarity="lower_is_better",
        domain="safety",
        scoring={"method": "standard", "standard": 45, "floor": 80},
    ),
    "survey": score_metric(domain="safety"),
}
TABLE = """
trust | type   | waits   | cancer | beds   | survey | flagged
AA    | Acute  | 90/120  | 30/40  | 20/50  | 1      | 0
BB    | Acute  | 80/120  | 20/40  | 23/50  | 2      | 1
CC    | Acute  | 85/120  | 27/36  | 30/50  | 2.5    | 0
DD    | Acute  | 60/100  | 9.5/20 | 41/50  | 4      | 0
EE    | Acute  | 66.5    | 7/10   | 45     | 3      | 0
FF    | Mental | 40/50   | -      | 5/10   | 1.5    | 0
GG    | Mental | 70/100  | 4/5    | -      | 3      | 1
HH    | Mental | 0/30    | 2/7.5  | 10/10  | 2      | 0
JJ    | Mental | 30/30   | 1/7.5  | 0/12   | -      | 0
"""


def counted(**changes: Any) -> dict[str, Any]:
    return framework(METRICS, **changes)


def assert_as_by_oracle(spec: Mapping[str, Any], text: str = TABLE, seed: int = 1) -> None:
    stated = read_table(text)
    rows, groups = table_observations(spec, stated), peer_groups_of(stated)
    table = league(spec, rows, groups)
    arrays = LeagueArrays.of(table)
    found = redrawn_places(table, arrays, 15, seed, None)
    expected = redrawn(table, spec, rows, groups, replicates=15, seed=seed)
    assert_replicates(found, arrays.org_codes, expected)


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
@pytest.mark.parametrize("rounding", ["before_ranking", "after_ranking"])
def test_replicates_are_the_oracles_leagues_of_redrawn_values(
    over: str, mean: str, rounding: str
) -> None:
    assert_as_by_oracle(counted(aggregate={"over": over, "mean": mean, "rounding": rounding}))


SCORINGS: list[dict[str, Any]] = [
    {"method": "rank"},
    {"method": "standard", "standard": 70},
    {"method": "floor", "floor": 60},
    {"method": "standard", "standard": 75, "floor": 60},
    {"method": "percentile"},
    {"method": "z_score", "spread": 1.5},
    {"method": "min_max"},
    {"method": "min_max", "lower": 50},
    {"method": "target", "target": 80, "limit": 40},
    {
        "method": "bands",
        "bands": [{"at_least": 75, "score": 1}, {"at_least": 60, "score": 2}],
        "otherwise": 4,
    },
]


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize(
    "pool", ["all", "peer_group", {"peer_groups": ["Acute"], "include": ["FF"]}]
)
def test_every_method_scores_redrawn_values_in_its_pool(scoring: dict[str, Any], pool: Any) -> None:
    metrics = METRICS | {"waits": proportion(scoring=scoring, pool=pool)}
    assert_as_by_oracle(framework(metrics), seed=4)


@pytest.mark.parametrize(
    "segments",
    [SEGMENTS_BY_VALUE, {"method": "quartiles", "pool": "peer_group"}],
)
@pytest.mark.parametrize("within", ["all", "peer_group"])
def test_segments_and_ranks_are_taken_anew(segments: dict[str, Any], within: str) -> None:
    assert_as_by_oracle(counted(segments=segments, ranking={"within": within}))


@pytest.mark.parametrize(
    "when",
    [
        {"flag": "flagged"},
        {"metric": "waits", "below": 70},
        {"metric": "beds", "above": 45},
        {"metric": "survey", "above": 2},
    ],
)
def test_an_override_on_a_redrawn_value_applies_as_that_value_says(when: dict[str, Any]) -> None:
    rule = {"id": "held", "title": "Held", "when": when, "not_better_than": 3}
    assert_as_by_oracle(counted(overrides=[rule]))


def test_a_matrix_combines_redrawn_scores() -> None:
    bands = {
        "method": "bands",
        "bands": [{"at_least": 75, "score": 1}, {"at_least": 60, "score": 2}],
        "otherwise": 3,
    }
    table = [[1, 1.5, 2], [1.5, 2, 3], [2, 3, 4]]
    metrics = {
        "waits": proportion(counts=False, scoring=bands),
        "cancer": proportion(counts=False, scoring=bands),
        "both": metric(
            scoring={"method": "matrix", "rows": "waits", "columns": "cancer", "scores": table}
        ),
        "survey": METRICS["survey"],
    }
    assert_as_by_oracle(framework(metrics))


def test_a_metric_that_does_not_count_is_left_as_it_is() -> None:
    metrics = METRICS | {"waits": proportion(counts=False)}
    rule = {
        "id": "held",
        "title": "Held",
        "when": {"metric": "waits", "below": 70},
        "not_better_than": 3,
    }
    spec = framework(metrics, overrides=[rule])
    table = league_of(spec, TABLE)
    assert [one.metric_id for one in redrawn_metrics(table)] == ["cancer", "beds"]
    assert_as_by_oracle(spec)


def test_a_value_in_another_unit_is_not_redrawn() -> None:
    text = """
    trust | waits     | survey
    AA    | 90/120    | 1
    BB    | 3 count   | 2
    CC    | 85/120    | 3
    DD    | 60/100    | 4
    EE    | 11 count  | 1
    """
    bands = {"method": "bands", "bands": [{"at_least": 10, "score": 1}], "otherwise": 4}
    spec = framework(
        {"waits": proportion(scoring_of_unit={"count": bands}), "survey": METRICS["survey"]}
    )
    assert_as_by_oracle(spec, text)


def test_the_known_order_of_ties_is_of_no_use_to_other_values() -> None:
    rows = [
        {
            "org_code": f"T{place}",
            "metric_id": "waits",
            "period": QUARTER,
            "numerator": 2.0,
            "denominator": 4.0,
            "published_rank": float(place),
        }
        for place in range(1, 7)
    ]
    spec, groups = (
        framework({"waits": proportion()}),
        dict.fromkeys((r["org_code"] for r in rows), "Acute"),
    )
    table = league(spec, rows, groups)
    assert [row["rank"] for row in standings(table).values()] == [1, 2, 3, 4, 5, 6]
    arrays = LeagueArrays.of(table)
    found = redrawn_places(table, arrays, 15, 1, None)
    expected = redrawn(table, spec, rows, groups, replicates=15, seed=1)
    assert_replicates(found, arrays.org_codes, expected)


@pytest.mark.parametrize("quarter", ["2025Q2"])
def test_replicates_of_the_bundled_sample_are_leagues_of_its_redrawn_values(quarter: str) -> None:
    table = nhs_league.open_league(framework="headline-kpis", quarter=quarter).league
    arrays = LeagueArrays.of(table)
    found = redrawn_places(table, arrays, 4, 1, None)
    drawn = drawn_of(table, 4, 1)
    assert len(drawn) > 300
    assert_replicates(found, arrays.org_codes, [by_engine(table, drawn, at) for at in range(4)])


def by_engine(table: League, drawn: Mapping[tuple[str, str], list[float]], at: int) -> Replicate:
    """Score the league of a replicate's values as any league is scored."""
    redrawn = pl.DataFrame(
        [(metric_id, org, values[at]) for (metric_id, org), values in drawn.items()],
        schema={"metric_id": pl.String, "org_code": pl.String, "redrawn": pl.Float64},
        orient="row",
    )
    figures = (
        table.figures.join(redrawn, on=["metric_id", "org_code"], how="left", maintain_order="left")
        .with_columns(
            value=pl.coalesce("redrawn", "value"), published_rank=pl.lit(None, pl.Float64)
        )
        .drop("redrawn")
    )
    values = wide_values(figures, table.organisations, table.framework)
    rows = standings(score_values(values, table.framework, "computed"))
    key = key_column(table)
    return {
        org: Place(Fraction(rows[org][key]), rows[org]["adjusted_segment"], rows[org]["rank"])
        for org in ranked_rows(table)
    }


def test_ranges_tell_of_the_replicates_what_loops_tell() -> None:
    spec, stated = counted(), read_table(TABLE)
    rows, groups = table_observations(spec, stated), peer_groups_of(stated)
    table = league(spec, rows, groups)
    naive = redrawn(table, spec, rows, groups, replicates=100, seed=5)
    told = robustness(table, Design("data", replicates=100, seed=5)).ranges
    found = {row["org_code"]: row for row in told.iter_rows(named=True)}
    assert_rows(found, ranges(table, naive, least_metrics=1))


def test_trials_and_proportions_are_those_of_the_counts() -> None:
    table = league_of(counted(), TABLE)
    codes = table.standings["org_code"].to_list()
    one = {each.metric_id: each for each in redrawn_metrics(table)}
    assert list(one) == ["waits", "cancer", "beds"]
    cancer = dict(
        zip(codes, zip(one["cancer"].trials, one["cancer"].proportions, strict=True), strict=True)
    )
    assert cancer["DD"] == (20, pytest.approx(0.475))
    assert cancer["HH"] == (8, pytest.approx(2 / 7.5))
    assert cancer["FF"][0] == 0
    waits = dict(zip(codes, one["waits"].trials, strict=True))
    assert (waits["AA"], waits["EE"]) == (120, 0)


def test_less_than_half_a_trial_is_none() -> None:
    text = "trust | waits\n AA | 0.2/0.4\n BB | 10/20\n CC | 0.25/0.5\n DD | 0.3/0.6"
    table = league_of(framework({"waits": proportion()}), text)
    assert redrawn_metrics(table)[0].trials.tolist() == [0, 20, 0, 1]
    drawn = drawn_of(table, 20, 1)
    assert set(drawn["waits", "AA"]) == {50.0}
    assert set(drawn["waits", "DD"]) == {0.0, 100.0}


def test_a_value_is_redrawn_from_the_binomial_distribution() -> None:
    table = league_of(framework({"waits": proportion()}), "trust|waits\n AA|30/40\n BB|7/2000")
    drawn = drawn_of(table, 4000, 1)
    for org, trials, share in (("AA", 40, 0.75), ("BB", 2000, 0.0035)):
        successes = [value * trials / 100 for value in drawn["waits", org]]
        assert all(abs(count - round(count)) < 1e-9 for count in successes)
        variance = trials * share * (1 - share)
        assert abs(fmean(successes) - trials * share) < 5 * (variance / 4000) ** 0.5
        assert pvariance(successes) == pytest.approx(variance, rel=0.15)


def test_all_or_nothing_stays_all_or_nothing() -> None:
    table = league_of(framework({"waits": proportion()}), "trust|waits\n AA|0/40\n BB|9/9")
    drawn = drawn_of(table, 200, 1)
    assert set(drawn["waits", "AA"]) == {0.0}
    assert set(drawn["waits", "BB"]) == {100.0}


def test_values_in_another_unit_of_the_metric_are_redrawn_in_it() -> None:
    scoring = {"method": "target", "target": 0.8, "limit": 0.2}
    spec = framework({"waits": proportion(divide_by=100, scoring=scoring)})
    table = league_of(spec, "trust|waits\n AA|30/40\n BB|10/40\n CC|20/40")
    drawn = drawn_of(table, 50, 1)
    assert {round(value * 40, 9) % 1 for value in drawn["waits", "AA"]} == {0.0}
    assert max(drawn["waits", "AA"]) <= 1
    assert 0.6 < fmean(drawn["waits", "AA"]) < 0.9
    assert_as_by_oracle(spec, "trust|waits\n AA|30/40\n BB|10/40\n CC|20/40\n DD|19/40")


def test_draws_hang_on_the_seed_the_metric_and_the_trust_alone() -> None:
    table = league_of(counted(), TABLE)
    fewer = league_of(
        framework({"cancer": METRICS["cancer"], "survey": METRICS["survey"]}),
        "trust | cancer | survey\n CC | 27/36 | 1\n AA | 30/40 | 2",
    )
    everything, part = drawn_of(table, 50, 7), drawn_of(fewer, 50, 7)
    assert part == {key: everything[key] for key in part}
    assert part["cancer", "AA"] != part["cancer", "CC"]
    assert drawn_of(fewer, 50, 8) != part


def test_the_size_of_the_blocks_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    table = league_of(counted(), TABLE)
    whole = robustness(table, Design("data", replicates=100)).ranges
    monkeypatch.setattr(sampling, "_BLOCK", 63)
    assert len(sampling.blocks(100, 9)) > 10
    assert robustness(table, Design("data", replicates=100)).ranges.equals(whole)


def test_the_same_seed_gives_the_same_frame_and_another_seed_another() -> None:
    table = league_of(counted(), TABLE)
    first, again, other = (
        robustness(table, Design("data", replicates=100, seed=seed)).ranges for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_a_trust_of_one_metric_has_a_range() -> None:
    text = "trust|waits|survey\n AA|30/40|-\n BB|10/40|1\n CC|20/40|2"
    table = league_of(framework({"waits": proportion(), "survey": METRICS["survey"]}), text)
    drawn = robustness(table, Design("data", replicates=100))
    assert drawn.without_range() == []
    assert drawn.ranges["rank_low"].null_count() == 0


def test_of_each_metric_it_is_said_whose_sampling_error_is_known() -> None:
    metrics = METRICS | {
        "rate": metric(basis="sum", per=1000),
        "other": proportion(counts=False),
    }
    rows = "\n".join(f"{line} | 3/7 | 1/2" for line in TABLE.strip().splitlines()[1:])
    table = league_of(framework(metrics), f"{TABLE.strip().splitlines()[0]} | rate | other\n{rows}")
    found = sampling_errors(table)
    assert found.schema == pl.Schema(SAMPLING_SCHEMA)
    told = {row["metric_id"]: row for row in found.iter_rows(named=True)}
    assert {id_: (row["organisations"], row["redrawn"]) for id_, row in told.items()} == {
        "waits": (9, 8),
        "cancer": (8, 8),
        "beds": (8, 7),
        "survey": (8, 0),
        "rate": (9, 0),
    }
    assert {id_ for id_, row in told.items() if row["reason"] is None} == {"cancer"}


def test_published_scores_that_stand_are_not_redrawn() -> None:
    metrics = {
        "waits": proportion(published_score="waits_score"),
        "cancer": proportion(),
    }
    text = """
    trust | waits | waits_score | cancer
    AA    | 30/40 | 1           | 1/40
    BB    | 20/40 | 2           | 2/40
    CC    | 10/40 | 3.5         | 3/40
    DD    | 5/40  | 4           | 4/40
    """
    table = league_of(framework(metrics), text)
    assert [one.metric_id for one in redrawn_metrics(table)] == ["cancer"]


FALLS_OUT = {
    "method": "bands",
    "bands": [{"at_least": 75, "score": 1}, {"at_least": 60, "score": 2.5}],
    "otherwise": 3,
}
PASSES = {"method": "bands", "bands": [{"at_least": 50, "score": 1}], "otherwise": 2}


def combined(**changes: Any) -> dict[str, Any]:
    """Combine two metrics that do not count; a score of 2.5 is not in the matrix."""
    scoring = {
        "method": "matrix",
        "rows": "waits",
        "columns": "cancer",
        "scores": [[1, 2], [2, 3], [3, 4]],
    }
    return {
        "waits": proportion(counts=False, scoring=FALLS_OUT),
        "cancer": proportion(counts=False, scoring=PASSES),
        "both": metric(scoring=scoring, **changes),
        "survey": score_metric(),
    }


def test_a_trust_that_falls_out_of_some_replicates_has_no_rank_nought() -> None:
    text = """
    trust | waits  | cancer | survey
    AA    | 76/100 | 60/100 | -
    BB    | 80/100 | 40/100 | 2
    CC    | 50/100 | 90/100 | 3
    """
    found = robustness(league_of(framework(combined()), text), Design("data", replicates=100))
    row = found.ranges.filter(org_code="AA").row(0, named=True)
    assert row["rank_low"] != 0
    assert not any(isinstance(figure, float) and isnan(figure) for figure in row.values())


def test_a_published_score_of_a_matrix_that_stands_is_not_redrawn() -> None:
    text = """
    trust | waits  | cancer | survey | printed | more
    AA    | 90/100 | 60/100 | 1      | 4       | 9/9
    BB    | 80/100 | 40/100 | 2      | 2       | 0/9
    CC    | 50/100 | 90/100 | 3      | 3       | 0/9
    """
    metrics = combined(published_score="printed") | {"more": proportion()}
    table = league_of(framework(metrics), text)
    row = ranked_rows(table)["AA"]
    assert (row["score:both"], row["score_is_published:both"]) == (4, True)
    found = robustness(table, Design("data", replicates=100)).ranges
    ends = found.filter(org_code="AA").select("score_low", "score_high").row(0)
    # 4 as printed, 1 for the survey, and 1 for all of 9 that stay all of 9.
    assert ends == (2, 2)


def test_what_is_redrawn_is_reported_to_the_end() -> None:
    text = "trust | waits\n AA | 90/100\n BB | 80/100\n CC | 50/100"
    told: list[float] = []
    table = league_of(framework({"waits": proportion()}), text)
    robustness(table, Design("data", replicates=100), told.append)
    assert told == [1.0]
