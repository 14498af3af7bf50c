"""Contributions: effective weight x score; they add up to the composite."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.analysis.explain import contribution_exprs
from tests.support import (
    built,
    framework,
    league,
    peer_groups_of,
    read_table,
    score_metric,
    table_observations,
)

SCORES = """
    trust | a | b | c   | d
    AA    | 1 | 4 | 2   | 3
    BB    | 2 | - | 4   | 1
    CC    | - | 3 | -   | 2.5
    DD    | - | - | 1.5 | -
    """
METRICS = {
    "a": score_metric(weight=3),
    "b": score_metric(weight=1),
    "c": score_metric(weight=2, domain="safety"),
    "d": score_metric(weight=0.5, domain="safety"),
    "shown": score_metric(counts=False),
}
DOMAINS = {"access": {"title": "Access", "weight": 2}, "safety": "Safety"}


def weights_and_composites(spec: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Give every trust's scores, composite and effective weights."""
    rows = read_table(table)
    standings = league(spec, table_observations(spec, rows), peer_groups_of(rows)).standings
    weights = contribution_exprs(built(spec))
    asked = [expr.alias(f"weight:{id_}") for id_, expr in weights.items()]
    return standings.with_columns(asked).to_dicts()


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
def test_contributions_add_up_to_the_composite(over: str, mean: str) -> None:
    spec = framework(METRICS, domains=DOMAINS, aggregate={"over": over, "mean": mean})
    for row in weights_and_composites(spec, SCORES):
        contributions = [
            row[f"weight:{id_}"] * row[f"score:{id_}"]
            for id_ in "abcd"
            if row[f"score:{id_}"] is not None
        ]
        assert sum(contributions) == pytest.approx(row["composite"], rel=1e-12)


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_effective_weights_of_an_arithmetic_mean_add_up_to_1(over: str) -> None:
    spec = framework(METRICS, domains=DOMAINS, aggregate={"over": over})
    for row in weights_and_composites(spec, SCORES):
        weights = [row[f"weight:{id_}"] for id_ in "abcd"]
        assert sum(weight for weight in weights if weight is not None) == pytest.approx(1)


def test_a_metric_without_a_score_has_no_weight_and_the_others_share_it() -> None:
    rows = weights_and_composites(framework(METRICS), SCORES)
    weights = [[row[f"weight:{id_}"] for id_ in "abcd"] for row in rows]
    assert weights == [
        pytest.approx([3 / 6.5, 1 / 6.5, 2 / 6.5, 0.5 / 6.5]),
        [pytest.approx(3 / 5.5), None, pytest.approx(2 / 5.5), pytest.approx(0.5 / 5.5)],
        [None, pytest.approx(1 / 1.5), None, pytest.approx(0.5 / 1.5)],
        [None, None, 1.0, None],
    ]


def test_over_domains_a_metric_weighs_its_share_of_its_domains_share() -> None:
    spec = framework(METRICS, domains=DOMAINS, aggregate={"over": "domains"})
    first, *_ = weights_and_composites(spec, SCORES)
    weights = [first[f"weight:{id_}"] for id_ in "abcd"]
    assert weights == pytest.approx([2 / 3 * 3 / 4, 2 / 3 / 4, 1 / 3 * 4 / 5, 1 / 3 / 5])


def test_a_metric_that_does_not_count_contributes_nothing() -> None:
    assert set(contribution_exprs(built(framework(METRICS)))) == set("abcd")


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
def test_an_effective_weight_is_the_slope_of_the_composite(mean: str) -> None:
    spec = framework(METRICS, aggregate={"mean": mean})
    base, nudged = (
        weights_and_composites(spec, f"trust | a | b | c | d\n AA | {a} | 4 | 2 | 3")[0]
        for a in (2, 2.000001)
    )
    slope = (nudged["composite"] - base["composite"]) / 0.000001
    assert base["weight:a"] == pytest.approx(slope, rel=1e-4)
