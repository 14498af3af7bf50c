"""Weighted means and the counts of metrics behind them."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.scoring.aggregate import (
    effective_weight_expr,
    scored_domains,
    weight_sum_expr,
    weighted_mean_expr,
)
from tests.support import built, framework, score_metric

FRAME = pl.DataFrame(
    {"a": [1.0, None, None], "b": [4.0, 4.0, None]}, schema={"a": pl.Float64, "b": pl.Float64}
)
SCORES = [(pl.col("a"), 3.0), (pl.col("b"), 1.0)]


@pytest.mark.parametrize(
    ("mean", "first"), [("arithmetic", 1.75), ("geometric", 2**0.5), ("harmonic", 16 / 13)]
)
def test_a_mean_of_no_score_is_no_score(mean: str, first: float) -> None:
    found = FRAME.select(mean=weighted_mean_expr(SCORES, mean))["mean"].to_list()
    assert found == [pytest.approx(first), pytest.approx(4.0), None]


def test_only_the_weights_of_scores_that_are_there_add_up() -> None:
    assert FRAME.select(sum=weight_sum_expr(SCORES))["sum"].to_list() == [4.0, 1.0, 0.0]


def test_a_score_that_is_not_there_has_no_weight() -> None:
    weight = effective_weight_expr(pl.col("a"), 3.0, pl.lit(4.0), pl.lit(1.75), "arithmetic")
    assert FRAME.select(weight=weight)["weight"].to_list() == [0.75, None, None]


def test_a_domain_in_which_nothing_counts_has_no_score() -> None:
    metrics = {"a": score_metric(), "shown": score_metric(domain="safety", counts=False)}
    assert scored_domains(built(framework(metrics))) == ["access"]
