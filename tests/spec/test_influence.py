"""Declared weight against influence, each figure worked out by loops or by hand."""

from __future__ import annotations

from fractions import Fraction
from statistics import fmean, pvariance
from typing import Any

import numpy as np
import polars as pl
import pytest
from SALib.sample import sobol
from scipy.special import gammaincinv

import nhs_league
from nhs_league.analysis.explain import explain
from nhs_league.analysis.robustness.influence import INFLUENCE_SCHEMA, influence
from nhs_league.league import League
from tests.robustness_oracle import (
    DOMAINS,
    METRICS,
    TABLE,
    composite,
    league_of,
    own_scores,
    placed,
    ranked_average,
    ranked_rows,
    weighed,
)
from tests.support import assert_rows, framework, framework_of_scores, score_metric


def influence_of(table: League, **options: Any) -> dict[str, dict[str, Any]]:
    found = influence(table, **({"seed": 1, "samples": 16} | options))
    assert found.schema == pl.Schema(INFLUENCE_SCHEMA)
    return {row["metric_id"]: row for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("metrics", {"a": "4/13", "b": "2/13", "c": "1/13", "d": "6/13"}),
        ("domains", {"a": "1/2", "b": "1/4", "c": "1/28", "d": "6/28"}),
    ],
)
def test_the_nominal_weight_is_the_declared_share(over: str, expected: dict[str, str]) -> None:
    found = influence_of(league_of(weighed(aggregate={"over": over}), TABLE))
    shares = {id_: {"nominal_weight": Fraction(share)} for id_, share in expected.items()}
    assert_rows(found, shares)


def test_a_metric_that_does_not_count_has_no_row() -> None:
    metrics = METRICS | {"e": score_metric(counts=False)}
    spec = framework(metrics, domains=DOMAINS)
    assert list(influence_of(league_of(spec, TABLE))) == list(METRICS)


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_the_effective_weight_is_the_mean_of_what_is_explained(over: str) -> None:
    table = league_of(weighed(aggregate={"over": over}), TABLE)
    explained = [
        dict(explain(table, org).metrics.select("metric_id", "effective_weight").iter_rows())
        for org in ranked_rows(table)
    ]
    expected = {
        id_: {"effective_weight": fmean(weights[id_] or 0 for weights in explained)}
        for id_ in METRICS
    }
    found = influence_of(table)
    assert_rows(found, expected)
    assert sum(row["effective_weight"] for row in found.values()) == pytest.approx(1)


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
def test_the_effective_weight_is_a_share_whatever_the_mean(mean: str) -> None:
    stated, arithmetic = (
        influence_of(league_of(weighed(aggregate={"mean": each}), TABLE))
        for each in (mean, "arithmetic")
    )
    expected = {id_: {"effective_weight": arithmetic[id_]["effective_weight"]} for id_ in METRICS}
    assert_rows(stated, expected)


def pearson_squared(pairs: list[tuple[float, float]]) -> float:
    x, y = (fmean(pair[side] for pair in pairs) for side in (0, 1))
    covariance = fmean((one - x) * (other - y) for one, other in pairs)
    spreads = [pvariance([pair[side] for pair in pairs]) for side in (0, 1)]
    return covariance**2 / (spreads[0] * spreads[1])


def test_the_squared_correlation_is_of_scores_with_the_composite() -> None:
    table = league_of(weighed(), TABLE)
    rows = ranked_rows(table).values()
    expected = {}
    for id_ in METRICS:
        pairs = [
            (row[f"score:{id_}"], row["composite"])
            for row in rows
            if row[f"score:{id_}"] is not None
        ]
        expected[id_] = {
            "organisations": len(pairs),
            "squared_correlation": pearson_squared(pairs),
        }
    assert expected["c"]["organisations"] == 7
    assert_rows(influence_of(table), expected)


def test_scores_that_do_not_vary_are_correlated_with_nothing() -> None:
    text = "trust|a|b\n AA|1|2\n BB|2|2\n CC|3|2\n DD|-|4"
    found = influence_of(league_of(framework_of_scores("a", "b"), text))
    assert found["a"]["squared_correlation"] == pytest.approx(1)
    assert found["b"]["squared_correlation"] == pytest.approx(
        pearson_squared([(2, 1.5), (2, 2), (2, 2.5), (4, 4)])
    )
    text = "trust|a|b\n AA|1|2\n BB|2|2\n CC|3|2"
    found = influence_of(league_of(framework_of_scores("a", "b"), text))
    assert found["b"]["squared_correlation"] is None


def mean_moves(table: League, shares: np.ndarray, nominal: dict[str, float], c: float) -> list:
    """Place the league under each row of the sample, and average how far trusts move."""
    framework_, rows = table.framework, ranked_rows(table)
    moves = []
    for row in shares.tolist():
        weights = {
            id_: max(float(gammaincinv(c * nominal[id_], share)), 1e-300)
            for id_, share in zip(nominal, row, strict=True)
        }
        domain_weights = {
            domain: sum(w for id_, w in weights.items() if framework_.metrics[id_].domain == domain)
            for domain in framework_.domains
        }
        averages = {
            org: ranked_average(
                framework_,
                own,
                composite(framework_, own_scores(framework_, own), weights, domain_weights),
            )
            for org, own in rows.items()
        }
        places = placed(framework_, rows, averages, hold_cuts=False)
        moves.append(fmean(abs(places[org].rank - own["rank"]) for org, own in rows.items()))
    return moves


def sobol_by_loops(moves: list[float], metrics: int) -> list[tuple[float, float]]:
    """Estimate first and total indices by Saltelli's formulas, one run of rows a base sample."""
    middle, spread = fmean(moves), pvariance(moves) ** 0.5
    y = [(move - middle) / spread for move in moves]
    size = metrics + 2
    runs = [y[at : at + size] for at in range(0, len(y), size)]
    a, b = [run[0] for run in runs], [run[-1] for run in runs]
    variance = pvariance([*a, *b])
    found = []
    for place in range(1, metrics + 1):
        mixed = [run[place] for run in runs]
        first = fmean(y_b * (y_ab - y_a) for y_a, y_ab, y_b in zip(a, mixed, b, strict=True))
        total = fmean((y_a - y_ab) ** 2 for y_a, y_ab in zip(a, mixed, strict=True)) / 2
        found.append((first / variance, total / variance))
    return found


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize(("concentration", "seed"), [(10.0, 1), (100.0, 2), (1.0, 3)])
def test_sobol_indices_are_saltellis_formulas_over_naive_leagues(
    over: str, concentration: float, seed: int
) -> None:
    table = league_of(weighed(aggregate={"over": over}), TABLE)
    found = influence_of(table, seed=seed, concentration=concentration)
    nominal = {id_: row["nominal_weight"] for id_, row in found.items()}
    problem = {"num_vars": 4, "names": list(nominal), "bounds": [[0.0, 1.0]] * 4}
    shares = sobol.sample(problem, 16, calc_second_order=False, seed=seed)
    assert shares.shape == (16 * 6, 4)
    indices = sobol_by_loops(mean_moves(table, shares, nominal, concentration), 4)
    expected = {
        id_: {"sobol_first": first, "sobol_total": total}
        for id_, (first, total) in zip(nominal, indices, strict=True)
    }
    assert any(abs(first) > 0.01 for first, _ in indices)
    assert_rows(found, expected)


def test_margins_come_with_the_indices() -> None:
    for row in influence_of(league_of(weighed(), TABLE), concentration=5.0).values():
        assert row["sobol_first_margin"] > 0
        assert row["sobol_total_margin"] > 0


def test_weights_that_move_nobody_have_no_influence() -> None:
    text = "trust|a|b\n AA|1|1\n BB|2|2\n CC|3|3\n DD|4|4"
    for row in influence_of(league_of(framework_of_scores("a", "b"), text)).values():
        assert [figure for name, figure in row.items() if name.startswith("sobol_")] == [0.0] * 4


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_the_same_seed_gives_the_same_frame(seed: int) -> None:
    table = league_of(weighed(), TABLE)
    first, again = (influence(table, seed=seed, samples=16, concentration=5.0) for _ in range(2))
    assert first.equals(again)


def test_another_seed_gives_another_frame() -> None:
    table = league_of(weighed(), TABLE)
    first, other = (influence(table, seed=seed, samples=16, concentration=5.0) for seed in (1, 2))
    assert not first.equals(other)


def test_the_bundled_samples_weights_add_up() -> None:
    table = nhs_league.open_league(framework="headline-kpis", quarter="2025Q2").league
    found = influence_of(table).values()
    for column in ("nominal_weight", "effective_weight"):
        assert sum(row[column] for row in found) == pytest.approx(1)
    assert all(0 <= row["squared_correlation"] <= 1 for row in found)
