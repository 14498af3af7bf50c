"""Doubt about weights: each replicate is a league whose framework weighs its metrics so."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from statistics import fmean, pvariance
from typing import Any

import pytest

import nhs_league
from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.reweighting import reweighted_places, weights_drawn
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.league import League, score_values
from nhs_league.scoring.measure import wide_values
from tests import oracle
from tests.robustness_oracle import (
    DOMAINS,
    METRICS,
    TABLE,
    Place,
    Replicate,
    assert_replicates,
    key_column,
    league_of,
    ranges,
    weighed,
)
from tests.support import (
    QUARTER,
    assert_rows,
    built,
    framework_of_scores,
    peer_groups_of,
    read_table,
    standings,
    table_observations,
)


def reweighed(spec: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    """State a framework with other weights; a domain weighs what its metrics do."""
    metrics = {id_: stated | {"weight": weights[id_]} for id_, stated in spec["metrics"].items()}
    domains = {
        id_: {
            "title": id_,
            "weight": sum(
                weights[metric] for metric, of in spec["metrics"].items() if of["domain"] == id_
            ),
        }
        for id_ in spec["domains"]
        if any(of["domain"] == id_ for of in spec["metrics"].values())
    }
    return dict(spec) | {"metrics": metrics, "domains": domains}


def drawn_weights(
    table: League, replicates: int, seed: int, weights: Any, concentration: float
) -> list[dict[str, float]]:
    arrays = LeagueArrays.of(table)
    return named(arrays, weights_drawn(arrays, replicates, seed, weights, concentration))


def named(arrays: LeagueArrays, drawn: Any) -> list[dict[str, float]]:
    return [dict(zip(arrays.metric_ids, row, strict=True)) for row in drawn.tolist()]


def by_oracle(
    spec: Mapping[str, Any], drawn: list[dict[str, float]], text: str = TABLE
) -> list[Replicate]:
    stated = read_table(text)
    rows, groups = table_observations(spec, stated), peer_groups_of(stated)
    key = key_column(league_of(spec, text))
    made = []
    for weights in drawn:
        naive = oracle.standings(rows, groups, reweighed(spec, weights), QUARTER)
        made.append(
            {
                org: Place(row[key], row["adjusted_segment"], row["rank"])
                for org, row in naive.items()
                if row["rank"] is not None
            }
        )
    return made


def assert_as_by_oracle(spec: Mapping[str, Any], replicates: int = 20, **design: Any) -> None:
    table = league_of(spec, TABLE)
    arrays = LeagueArrays.of(table)
    design = {"seed": 1, "weights": "declared", "concentration": 20.0} | design
    drawn = weights_drawn(arrays, replicates, **design)
    naive = by_oracle(spec, named(arrays, drawn))
    assert_replicates(reweighted_places(arrays, drawn, None), arrays.org_codes, naive)


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
@pytest.mark.parametrize("rounding", ["before_ranking", "after_ranking"])
def test_replicates_are_leagues_of_other_weights(over: str, mean: str, rounding: str) -> None:
    assert_as_by_oracle(weighed(aggregate={"over": over, "mean": mean, "rounding": rounding}))


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_replicates_of_uniform_weights_are_leagues_of_those_weights(over: str) -> None:
    assert_as_by_oracle(
        weighed(aggregate={"over": over}), weights="uniform", concentration=100.0, seed=2
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": {"method": "quartiles", "pool": "peer_group"}},
        {"segments": {"method": "thresholds", "upper_bounds": [1.5, 2.0, 2.5, 3.0]}},
        {"ranking": {"within": "all", "by": ["segment", "average_metric_score"]}},
    ],
)
def test_segments_and_ranks_are_taken_anew(changes: dict[str, Any]) -> None:
    assert_as_by_oracle(weighed(**changes))


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_ranges_tell_of_the_replicates_what_loops_tell(over: str) -> None:
    spec = weighed(aggregate={"over": over})
    table = league_of(spec, TABLE)
    design = Design("weights", replicates=100, seed=3, concentration=20.0)
    found = robustness(table, design)
    naive = by_oracle(spec, drawn_weights(table, 100, 3, "declared", 20.0))
    told = {row["org_code"]: row for row in found.ranges.iter_rows(named=True)}
    assert_rows(told, ranges(table, naive, least_metrics=1))


def shares_of(over: str) -> dict[str, Fraction]:
    """Work out the nominal shares: a 2, b 1, c 1/2, d 3; access 3, safety 1."""
    if over == "metrics":
        return {
            id_: Fraction(of["weight"]) / Fraction(13, 2) if "weight" in of else Fraction(2, 13)
            for id_, of in METRICS.items()
        }
    assert DOMAINS["access"]["weight"] == 3
    return {
        "a": Fraction(3, 4) * Fraction(2, 3),
        "b": Fraction(3, 4) * Fraction(1, 3),
        "c": Fraction(1, 4) * Fraction(1, 7),
        "d": Fraction(1, 4) * Fraction(6, 7),
    }


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_declared_shares_are_the_mean_of_the_weights_drawn(over: str) -> None:
    table = league_of(weighed(aggregate={"over": over}), TABLE)
    arrays = LeagueArrays.of(table)
    expected = shares_of(over)
    nominal = dict(zip(arrays.metric_ids, arrays.shares.tolist(), strict=True))
    assert nominal == pytest.approx({id_: float(share) for id_, share in expected.items()})
    drawn = drawn_weights(table, 4000, 1, "declared", 50.0)
    assert all(sum(weights.values()) == pytest.approx(1) for weights in drawn)
    for id_, share in expected.items():
        own = [weights[id_] for weights in drawn]
        variance = float(share * (1 - share) / 51)
        assert abs(fmean(own) - float(share)) < 5 * (variance / 4000) ** 0.5
        assert pvariance(own) == pytest.approx(variance, rel=0.15)


def test_uniform_weights_are_every_division_alike() -> None:
    table = league_of(weighed(), TABLE)
    drawn = drawn_weights(table, 4000, 1, "uniform", 100.0)
    # Of four weights that are uniform on the simplex, each is beyond x with chance (1 - x)^3.
    for id_ in METRICS:
        own = [weights[id_] for weights in drawn]
        assert abs(fmean(own) - 0.25) < 0.02
        for bound in (0.1, 0.5):
            chance = (1 - bound) ** 3
            beyond = sum(1 for weight in own if weight > bound)
            assert abs(beyond - 4000 * chance) < 5 * (4000 * chance * (1 - chance)) ** 0.5


def test_of_two_metrics_the_likely_average_is_between_their_scores() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|4\n BB|2|2")
    drawn = drawn_weights(table, 100, 1, "declared", 100.0)
    found = robustness(table, Design("weights", replicates=100))
    averages = [1 * weights["a"] + 4 * weights["b"] for weights in drawn]
    assert found.placing.averages[0].tolist() == pytest.approx(averages, abs=1e-8)
    behind = sum(1 for average in averages if round(average, 9) > 2)
    row = found.ranges.filter(org_code="AA").row(0, named=True)
    assert row["expected_rank"] == pytest.approx(1 + behind / 100)
    assert 1 < row["score_low"] < 2.5 < row["score_high"] < 4


def test_a_higher_concentration_keeps_closer_to_the_declared_weights() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|4\n BB|2|2")
    widths = []
    for concentration in (1.0, 100.0, 1e6):
        design = Design("weights", replicates=100, concentration=concentration)
        row = robustness(table, design).ranges.filter(org_code="AA").row(0, named=True)
        widths.append(row["score_high"] - row["score_low"])
    assert widths[0] > 2 > widths[1] > 0.3
    assert widths[2] < 0.02


def test_a_trust_of_one_metric_has_the_same_average_under_all_weights() -> None:
    found = robustness(
        league_of(weighed(), TABLE), Design("weights", replicates=100, concentration=1.0)
    ).ranges
    row = found.filter(org_code="KK").row(0, named=True)
    assert row["score_low"] == row["score_high"] == 2
    assert found["rank_low"].null_count() == 0


def test_the_same_seed_gives_the_same_frame_and_another_seed_another() -> None:
    table = league_of(weighed(), TABLE)
    first, again, other = (
        robustness(table, Design("weights", replicates=100, seed=seed)).ranges for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_weights_hang_on_the_seed_and_not_on_the_organisations() -> None:
    rows = "\n".join(TABLE.strip().splitlines()[:5])
    everybody, few = (
        drawn_weights(league_of(weighed(), text), 20, 3, "declared", 100.0)
        for text in (TABLE, rows)
    )
    assert everybody == few


def test_replicates_of_the_bundled_sample_are_leagues_of_its_weights() -> None:
    opened = nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2", scores="computed")
    table = opened.league
    found = robustness(table, Design("weights", replicates=100))
    drawn = drawn_weights(table, 100, 1, "declared", 100.0)
    values = wide_values(table.figures, table.organisations, table.framework)
    for at in (0, 50, 99):
        metrics = {
            id_: metric.model_copy(update={"weight": drawn[at].get(id_, 1.0)})
            for id_, metric in table.framework.metrics.items()
        }
        other = table.framework.model_copy(update={"metrics": metrics, "published": None})
        # A fresh model: its cached lists of metrics are not those of the copied one.
        model = built(other.model_dump(mode="json", exclude_unset=True))
        rows = standings(score_values(values, model, "computed"))
        expected = {
            org: Place(
                Fraction(rows[org]["average_metric_score"]),
                rows[org]["adjusted_segment"],
                rows[org]["rank"],
            )
            for org in found.arrays.org_codes
        }
        one = robustness_at(found, at)
        assert_replicates(one, found.arrays.org_codes, [expected])


def robustness_at(found: Any, at: int) -> Any:
    placing = found.placing
    return type(placing)(
        placing.averages[:, at : at + 1],
        placing.segments[:, at : at + 1],
        placing.ranks[:, at : at + 1],
    )
