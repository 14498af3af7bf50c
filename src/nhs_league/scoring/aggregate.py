"""Weighted means over the scores that an organisation has; a missing score is never filled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Final

import polars as pl

from nhs_league.framework.model import Framework
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import sum_expr

_CURVATURE: Final = {"arithmetic": 0, "geometric": 1, "harmonic": 2}

WeightedScores = Sequence[tuple[pl.Expr, float]]


def weighted_mean_expr(scores: WeightedScores, mean: str) -> pl.Expr:
    """Take the weighted mean of the scores that are there; null where there is none."""
    return mean_expr(weighted_sum_expr(scores, mean), weight_sum_expr(scores), mean)


def weighted_sum_expr(scores: WeightedScores, mean: str) -> pl.Expr:
    """Add up weights times what the mean is taken of: scores, their logarithms or reciprocals."""
    match mean:
        case "geometric":
            return sum_expr(score.log() * weight for score, weight in scores)
        case "harmonic":
            return sum_expr(weight / score for score, weight in scores)
        case _:
            return sum_expr(score * weight for score, weight in scores)


def weight_sum_expr(scores: WeightedScores) -> pl.Expr:
    """Add up the weights of the scores that are there; scores of one weight are counted."""
    of_weight: dict[float, list[pl.Expr]] = {}
    for score, weight in scores:
        of_weight.setdefault(weight, []).append(score.is_not_null().cast(pl.Int64))
    return reduce(
        add, (pl.sum_horizontal(present) * weight for weight, present in of_weight.items())
    )


def mean_expr(summed: pl.Expr, total: pl.Expr, mean: str) -> pl.Expr:
    """Make a mean of its weighted sum and the sum of the weights; null where that is nothing."""
    match mean:
        case "geometric":
            result = (summed / total).exp()
        case "harmonic":
            result = total / summed
        case _:
            result = summed / total
    # Nothing over nothing is no number, and stands for no score at all.
    return result.fill_nan(None)


def effective_weight_expr(
    score: pl.Expr, weight: float, total: pl.Expr, mean_value: pl.Expr, mean: str
) -> pl.Expr:
    """Give the slope of a weighted mean in one of its scores.

    Every mean here is homogeneous, so slope x score adds up to the mean itself (Euler): these are
    the contributions. For the arithmetic mean the slope is the share of the weight.
    """
    slope = weight / total
    for _ in range(_CURVATURE[mean]):
        slope = slope * mean_value / score
    return pl.when(score.is_not_null()).then(slope)


def metric_scores(framework: Framework, domain_id: str | None = None) -> WeightedScores:
    """List the scores that count, of one domain or of all, with their weights."""
    counted = (
        framework.counted_metrics if domain_id is None else framework.metrics_of_domain(domain_id)
    )
    return [(pl.col(columns.score(id_)), metric.weight) for id_, metric in counted.items()]


def domain_means(framework: Framework) -> WeightedScores:
    """List the unrounded domain scores with the domains' weights."""
    return [
        (pl.col(columns.domain_mean(id_)), framework.domain(id_).weight)
        for id_ in scored_domains(framework)
    ]


def scored_domains(framework: Framework) -> list[str]:
    """List the domains that have a metric that counts."""
    return [id_ for id_ in framework.domains if framework.metrics_of_domain(id_)]


def composite_expr(framework: Framework) -> pl.Expr:
    """Take the composite over metrics or over domain scores, as the framework says.

    Every metric is in one domain: over metrics, the domains' sums add up to the whole.
    """
    rule = framework.aggregate
    if rule.over == "domains":
        return weighted_mean_expr(domain_means(framework), rule.mean)
    domains = scored_domains(framework)
    summed = sum_expr(pl.col(columns.domain_sum(domain)) for domain in domains)
    total = sum_expr(pl.col(columns.domain_weight(domain)) for domain in domains)
    return mean_expr(summed, total, rule.mean)


def metrics_scored_expr(framework: Framework) -> pl.Expr:
    """Count the metrics that enter the average."""
    return pl.sum_horizontal(
        score.is_not_null().cast(pl.Int64) for score, _ in metric_scores(framework)
    )


def metrics_expected_expr(framework: Framework) -> pl.Expr:
    """Count the metrics that are expected of an organisation's peer group or that it has anyway."""
    return pl.sum_horizontal(
        (is_expected_expr(metric.expected_of) | pl.col(columns.score(id_)).is_not_null()).cast(
            pl.Int64
        )
        for id_, metric in framework.counted_metrics.items()
    )


def is_expected_expr(expected_of: Sequence[str] | None) -> pl.Expr:
    """Say whether a metric is expected of an organisation's peer group."""
    return (
        pl.lit(True) if expected_of is None else pl.col(columns.PEER_GROUP).is_in(list(expected_of))
    )
