"""Which of two scores a metric has: the one computed from values, or the published one."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from nhs_league.framework.model import Framework, Metric
from nhs_league.framework.scoring_methods import MatrixScoring
from nhs_league.scoring import columns
from nhs_league.scoring.normalise import matrix_expr, rules_of, score_expr
from nhs_league.scoring.pools import Loaded, Pool, is_scored_among_others, pool_of
from nhs_league.scoring.published import agrees_expr, exact_score_expr

ScoreSource = Literal["auto", "computed", "published"]
SCORE_SOURCES: Final[tuple[ScoreSource, ...]] = ("auto", "computed", "published")


def has_any_figure(values: pl.DataFrame, framework: Framework, metric_id: str) -> bool:
    """Say whether any organisation has a value or a published score of a metric."""
    units = framework.metrics[metric_id].scoring_of_unit
    names = [columns.value(metric_id), columns.published_score(metric_id)]
    names += [columns.value_in_unit(metric_id, unit) for unit in units]
    return any(values[name].null_count() < len(values) for name in names if name in values.columns)


def computed_score_expr(
    frame: pl.DataFrame,
    framework: Framework,
    metric_id: str,
    *,
    scores: ScoreSource,
    pool: Pool | None = None,
) -> pl.Expr:
    """Score a metric from its values, or from the scores that a matrix combines.

    Under ``auto`` the published score settles what a value printed on a standard or a floor was
    before it was rounded. ``pool`` stands for the metric's own where a frame
    holds several leagues.
    """
    metric = framework.metrics[metric_id]
    if isinstance(metric.scoring, MatrixScoring):
        rows, across = metric.scoring.rows, metric.scoring.columns
        return matrix_expr(
            pl.col(columns.score(rows)), pl.col(columns.score(across)), metric.scoring
        )
    rules = rules_of(framework, metric_id, frame.columns, pool=pool, settle_bounds=scores == "auto")
    exprs = [score_expr(pl.col(columns.value(metric_id)), metric.scoring, rules)]
    exprs += [
        score_expr(pl.col(columns.value_in_unit(metric_id, unit)), scoring, rules)
        for unit, scoring in metric.scoring_of_unit.items()
    ]
    return pl.coalesce(exprs)


def published_stands_expr(
    framework: Framework, metric_id: str, loaded: Loaded, scores: ScoreSource
) -> pl.Expr:
    """Say of each organisation whether its published score stands for the computed one.

    A score computed among part of its pool is known to be wrong: there the published one stands,
    whatever ``scores`` says. Where the pool is whole, ``auto`` takes the published one only where
    the computed one does not round to it.
    """
    computed = pl.col(columns.score(metric_id))
    published = pl.col(columns.published_score(metric_id))
    stands = pl.lit(scores == "published")
    if scores == "auto":
        stands = ~agrees_expr(computed, published, framework.scale).fill_null(False)
    if (is_whole := _is_whole_expr(framework, metric_id, loaded)) is not None:
        stands = stands | ~is_whole
    return stands & published.is_not_null()


def chosen_score_exprs(
    framework: Framework, metric_id: str, loaded: Loaded, *, any_stands: bool
) -> list[pl.Expr]:
    """Give the computed score beside the score, in which a published one stands where it does.

    A published score is put back to its exact value, or left as printed where the pool is not
    whole. ``score_is_published`` says where one stands; ``any_stands`` if it does anywhere.
    """
    computed = pl.col(columns.score(metric_id))
    kept = computed.alias(columns.computed_score(metric_id))
    if not any_stands:
        return [kept]
    exact = _exact_expr(framework, metric_id, framework.metrics[metric_id])
    if (is_whole := _is_whole_expr(framework, metric_id, loaded)) is not None:
        printed = pl.col(columns.published_score(metric_id))
        exact = pl.when(is_whole).then(exact).otherwise(printed)
    stands = pl.col(columns.score_is_published(metric_id))
    return [kept, pl.when(stands).then(exact).otherwise(computed).alias(columns.score(metric_id))]


def _is_whole_expr(framework: Framework, metric_id: str, loaded: Loaded) -> pl.Expr | None:
    """Say of each organisation whether the pool is whole; none where it is, or does not matter."""
    metric = framework.metrics[metric_id]
    if not is_scored_among_others(metric):
        return None
    return pool_of(metric).whole_expr(framework, loaded)


def _exact_expr(framework: Framework, metric_id: str, metric: Metric) -> pl.Expr:
    others = [columns.value_in_unit(metric_id, unit) for unit in metric.scoring_of_unit]
    return exact_score_expr(
        pl.col(columns.published_score(metric_id)),
        metric.scoring,
        framework.scale,
        pool_of(metric),
        not_ranked=others,
    )
