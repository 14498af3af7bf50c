"""What became of one organisation's metrics between two leagues."""

from __future__ import annotations

from typing import Final

import polars as pl

from nhs_league.analysis.explain import Explanation, explain
from nhs_league.league import League
from nhs_league.scoring.numbers import TOLERANCE

METRIC_CHANGES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metric_id": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    "decimals": pl.Int64(),
    "presence": pl.String(),
    "value_from": pl.Float64(),
    "value_to": pl.Float64(),
    "score_from": pl.Float64(),
    "score_to": pl.Float64(),
    "effective_weight_from": pl.Float64(),
    "effective_weight_to": pl.Float64(),
    "contribution_from": pl.Float64(),
    "contribution_to": pl.Float64(),
    "contribution_change": pl.Float64(),
}
"""The frame contract: one row a metric that counts with a score in either league, largest first.

``presence`` is ``both``, ``came`` or ``went``. ``contribution_change`` is what the metric adds to
the change of the composite, in points: the changes add up to it, and a metric that came or went
counts with the whole of its contribution. Numbers are unrounded.
"""

_FIGURES: Final = ("value", "score", "effective_weight", "contribution")
_NAMES: Final = ("title", "unit", "decimals")


def metric_changes(before: League, after: League, code_from: str, code_to: str) -> pl.DataFrame:
    """Compare the metrics of an organisation, under ``METRIC_CHANGES_SCHEMA``.

    It stands under ``code_from`` in the first league and under ``code_to`` in the second. Raises
    ``UsageError`` where it is not in both.
    """
    return explained_changes(explain(before, code_from), explain(after, code_to))


def explained_changes(before: Explanation, after: Explanation) -> pl.DataFrame:
    """Compare the metrics of two explanations of an organisation, as ``metric_changes`` does."""
    first, second = _contributions(before, "_from"), _contributions(after, "_to")
    joined = second.join(
        first, on="metric_id", how="full", coalesce=True, maintain_order="left_right"
    )
    is_here, was_there = pl.col("score_to").is_not_null(), pl.col("score_from").is_not_null()
    change = pl.col("contribution_to").fill_null(0) - pl.col("contribution_from").fill_null(0)
    presence = (
        pl.when(is_here & was_there)
        .then(pl.lit("both"))
        .when(is_here)
        .then(pl.lit("came"))
        .otherwise(pl.lit("went"))
    )
    return (
        joined.filter(is_here | was_there)
        .with_columns(
            pl.lit(after.org_code).alias("org_code"),
            *(pl.coalesce(f"{name}_to", f"{name}_from").alias(name) for name in _NAMES),
            presence.alias("presence"),
            pl.when(change.abs() > TOLERANCE)
            .then(change)
            .otherwise(0.0)
            .alias("contribution_change"),
        )
        .sort(-pl.col("contribution_change").abs(), maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in METRIC_CHANGES_SCHEMA.items())
    )


def _contributions(explanation: Explanation, end: str) -> pl.DataFrame:
    """Give the metrics of an organisation that count and have a score, with an end to the names."""
    metrics = explanation.metrics
    return metrics.filter(pl.col("counts"), pl.col("score").is_not_null()).select(
        "metric_id", *(pl.col(name).name.suffix(end) for name in (*_NAMES, *_FIGURES))
    )
