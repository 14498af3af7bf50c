"""The league: the methodology from observations to ranks, in its order.

``score`` takes observations, a framework and a quarter; ``score_values`` the same from a wide
frame of values. Both are pure: frames and models in, a ``League`` out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, cast

import polars as pl

from nhs_league.framework.model import Framework, Metric
from nhs_league.framework.scoring_methods import MatrixScoring
from nhs_league.quarter import Quarter
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import (
    composite_expr,
    is_expected_expr,
    mean_expr,
    metric_scores,
    metrics_expected_expr,
    metrics_scored_expr,
    scored_domains,
    weight_sum_expr,
    weighted_sum_expr,
)
from nhs_league.scoring.measure import quarter_figures, wide_values
from nhs_league.scoring.normalise import matrix_expr, rules_of, score_expr
from nhs_league.scoring.numbers import TOLERANCE, key_expr, rounded_expr
from nhs_league.scoring.pools import pool_of
from nhs_league.scoring.published import agrees_expr, exact_score_expr
from nhs_league.scoring.ranking import with_competition_rank
from nhs_league.scoring.segments import (
    adjusted_segment_expr,
    cut_point_exprs,
    overrides_expr,
    quartile_exprs,
    segment_expr,
)

ScoreSource = Literal["auto", "computed", "published"]
SCORE_SOURCES: Final[tuple[ScoreSource, ...]] = ("auto", "computed", "published")


@dataclass(frozen=True)
class League:
    """A scored and ranked league.

    ``standings`` has one row an organisation and the columns that ``scoring.columns`` names;
    ``figures`` is the quarter's figures under ``scoring.measure.FIGURE_SCHEMA``.
    """

    framework: Framework
    quarter: Quarter
    organisations: pl.DataFrame
    figures: pl.DataFrame
    standings: pl.DataFrame


def score(
    observations: pl.DataFrame,
    organisations: pl.DataFrame,
    framework: Framework,
    quarter: Quarter,
    scores: ScoreSource = "auto",
) -> League:
    """Score and rank every organisation that has a figure for the quarter.

    ``scores`` says where metric scores come from when the data carry published ones too: computed
    where a published one agrees or is not there, else as published (``auto``), or one of the two
    alone.
    """
    figures = quarter_figures(observations, framework, quarter)
    return score_figures(figures, organisations, framework, quarter, scores)


def score_figures(
    figures: pl.DataFrame,
    organisations: pl.DataFrame,
    framework: Framework,
    quarter: Quarter,
    scores: ScoreSource = "auto",
) -> League:
    """Score and rank from the quarter's figures, under ``scoring.measure.FIGURE_SCHEMA``."""
    values = wide_values(figures, organisations, framework)
    standings = score_values(values, framework, scores)
    return League(framework, quarter, organisations, figures, standings)


def score_values(
    values: pl.DataFrame, framework: Framework, scores: ScoreSource = "auto"
) -> pl.DataFrame:
    """Score and rank a wide frame of values, named by ``scoring.columns``.

    Adds metric scores, domain scores and segments, the composite and its average, segment,
    overrides, adjusted segment and rank; every row and column that came in stays.
    """
    frame = with_metric_scores(values, framework, scores)
    frame = with_domain_scores(frame, framework, scores)
    frame = with_average(frame, framework, scores)
    frame = with_segments(frame, framework)
    return with_ranks(frame, framework)


def with_metric_scores(
    values: pl.DataFrame, framework: Framework, scores: ScoreSource
) -> pl.DataFrame:
    """Add each metric's score; a matrix comes after the metrics that it combines."""
    loaded = dict(values.group_by(columns.PEER_GROUP).len().iter_rows())
    plain = {i: m for i, m in framework.metrics.items() if not isinstance(m.scoring, MatrixScoring)}
    combined = {i: m for i, m in framework.metrics.items() if i not in plain}
    for metrics in (plain, combined):
        values = values.with_columns(
            _computed_score_expr(values, framework, metric_id, metric).alias(
                columns.score(metric_id)
            )
            for metric_id, metric in metrics.items()
        )
        if scores != "computed":
            values = values.with_columns(
                expr
                for metric_id, metric in metrics.items()
                for expr in _published_score_exprs(
                    values, framework, metric_id, metric, loaded, is_forced=scores == "published"
                )
            )
    return values


def with_domain_scores(
    frame: pl.DataFrame, framework: Framework, scores: ScoreSource
) -> pl.DataFrame:
    """Add each domain's mean, its rounded score and the quartile segment that this falls in."""
    decimals = framework.scale.decimals
    domains = scored_domains(framework)
    published = framework.published.domain_scores if framework.published else {}
    mean = framework.aggregate.mean
    scored = {domain: metric_scores(framework, domain) for domain in domains}
    frame = frame.with_columns(
        *(weighted_sum_expr(s, mean).alias(columns.domain_sum(d)) for d, s in scored.items()),
        *(weight_sum_expr(s).alias(columns.domain_weight(d)) for d, s in scored.items()),
    ).with_columns(
        mean_expr(
            pl.col(columns.domain_sum(domain)), pl.col(columns.domain_weight(domain)), mean
        ).alias(columns.domain_mean(domain))
        for domain in domains
    )
    frame = frame.with_columns(
        _published_where_close(
            rounded_expr(pl.col(columns.domain_mean(domain)), decimals),
            published.get(domain),
            frame,
            framework,
            scores,
        ).alias(columns.domain_score(domain))
        for domain in domains
    )
    is_lower_better = framework.scale.is_lower_better
    return frame.with_columns(
        segment_expr(
            pl.col(columns.domain_score(domain)),
            quartile_exprs(pl.col(columns.domain_score(domain)), is_lower_better=is_lower_better),
            is_lower_better=is_lower_better,
        ).alias(columns.domain_segment(domain))
        for domain in domains
    )


def with_average(frame: pl.DataFrame, framework: Framework, scores: ScoreSource) -> pl.DataFrame:
    """Add the composite and the average that is shown; both null, with a reason, if not ranked."""
    frame = frame.with_columns(
        metrics_scored_expr(framework).alias(columns.METRICS_SCORED),
        metrics_expected_expr(framework).alias(columns.METRICS_EXPECTED),
        composite_expr(framework).alias(columns.COMPOSITE),
    ).with_columns(_not_ranked_expr(framework).alias(columns.NOT_RANKED_REASON))
    is_ranked = pl.col(columns.NOT_RANKED_REASON).is_null()
    composite = pl.when(is_ranked).then(pl.col(columns.COMPOSITE))
    rounded = rounded_expr(composite, framework.scale.decimals)
    result_id = framework.published.average_metric_score if framework.published else None
    average = _published_where_close(rounded, result_id, frame, framework, scores)
    return frame.with_columns(
        composite.alias(columns.COMPOSITE),
        average.alias(columns.AVERAGE),
        (average - rounded).abs().gt(0).fill_null(False).alias(columns.AVERAGE_IS_PUBLISHED),
    )


def with_segments(frame: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Add cut points, segment, overrides and adjusted segment."""
    key = ranking_key_expr(framework)
    cuts = cut_point_exprs(key, framework)
    is_lower_better = framework.scale.is_lower_better
    available = frame.columns
    return (
        frame.with_columns(
            cut.alias(f"cut_point:{index}") for index, cut in enumerate(cuts, start=1)
        )
        .with_columns(
            segment_expr(key, cut_points(framework), is_lower_better=is_lower_better).alias(
                columns.SEGMENT
            ),
            overrides_expr(framework, available).alias(columns.OVERRIDES),
        )
        .with_columns(adjusted_segment_expr(framework, available).alias(columns.ADJUSTED_SEGMENT))
    )


def cut_points(framework: Framework) -> list[pl.Expr]:
    """Give the columns of the cut points, best segment first."""
    segments = framework.segments
    count = len(segments.upper_bounds) if segments.method == "thresholds" else 3
    return [pl.col(f"cut_point:{index}") for index in range(1, count + 1)]


def with_ranks(frame: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Add the competition rank, and the number of organisations that it is out of."""
    within = columns.PEER_GROUP if framework.ranking.within == "peer_group" else None
    best_first = ranking_key_expr(framework) * (1 if framework.scale.is_lower_better else -1)
    keys = [best_first if key == columns.AVERAGE else pl.col(key) for key in framework.ranking.by]
    is_ranked = pl.when(pl.col(columns.COMPOSITE).is_not_null())
    ranked = with_competition_rank(
        frame, [*keys, is_ranked.then(0)], within=within, name=columns.RANK
    )
    count = pl.col(columns.RANK).count()
    return ranked.with_columns(
        is_ranked.then(count.over(within) if within else count).alias(columns.RANK_OF)
    )


def ranking_key_expr(framework: Framework) -> pl.Expr:
    """Give the average that is cut into segments and ranked; the framework says if rounded."""
    if framework.aggregate.rounding == "before_ranking":
        return pl.col(columns.AVERAGE)
    return key_expr(pl.col(columns.COMPOSITE))


def _published_score_exprs(
    frame: pl.DataFrame,
    framework: Framework,
    metric_id: str,
    metric: Metric,
    loaded: dict[str, int],
    *,
    is_forced: bool,
) -> list[pl.Expr]:
    """Take the published score where it is not the computed one's rounding, or where forced."""
    published_column = columns.published_score(metric_id)
    if published_column not in frame.columns:
        return []
    scale, pool = framework.scale, pool_of(metric)
    computed, published = pl.col(columns.score(metric_id)), pl.col(published_column)
    others = [columns.value_in_unit(metric_id, unit) for unit in metric.scoring_of_unit]
    exact = exact_score_expr(published, metric.scoring, scale, pool, not_ranked=others)
    agrees = pl.lit(False) if is_forced else agrees_expr(computed, published, scale)
    if short := pool.short_groups(framework, loaded):
        is_whole = pl.lit(False)
        if pool.within_peer_group:
            is_whole = ~pl.col(columns.PEER_GROUP).is_in(short)
        exact = pl.when(is_whole).then(exact).otherwise(published)
        agrees = agrees & is_whole
    score = pl.when(agrees).then(computed).otherwise(pl.coalesce(exact, computed))
    is_published = published.is_not_null() & ~agrees.fill_null(False)
    return [
        score.alias(columns.score(metric_id)),
        is_published.alias(columns.score_is_published(metric_id)),
    ]


def _computed_score_expr(
    frame: pl.DataFrame, framework: Framework, metric_id: str, metric: Metric
) -> pl.Expr:
    if isinstance(metric.scoring, MatrixScoring):
        rows, across = metric.scoring.rows, metric.scoring.columns
        return matrix_expr(
            pl.col(columns.score(rows)), pl.col(columns.score(across)), metric.scoring
        )
    rules = rules_of(framework, metric_id, frame.columns)
    exprs = [score_expr(pl.col(columns.value(metric_id)), metric.scoring, rules)]
    exprs += [
        score_expr(pl.col(columns.value_in_unit(metric_id, unit)), scoring, rules)
        for unit, scoring in metric.scoring_of_unit.items()
    ]
    return pl.coalesce(exprs) if len(exprs) > 1 else exprs[0]


def _published_where_close(
    computed: pl.Expr,
    result_id: str | None,
    frame: pl.DataFrame,
    framework: Framework,
    scores: ScoreSource,
) -> pl.Expr:
    """Use the published figure where the recomputed one is within the stated tolerance of it."""
    if result_id is None or framework.published is None or scores != "auto":
        return computed
    name = columns.published_result(result_id)
    if name not in frame.columns:
        return computed
    is_close = (computed - pl.col(name)).abs() <= framework.published.tolerance + TOLERANCE
    return pl.when(is_close).then(pl.col(name)).otherwise(computed)


def _not_ranked_expr(framework: Framework) -> pl.Expr:
    """Say why an organisation is not ranked; null where it is."""
    rule = framework.aggregate
    scored = pl.col(columns.METRICS_SCORED)
    reason: Any = pl.when(scored < rule.min_metrics).then(
        pl.format("{} of the {} metrics needed", scored, pl.lit(rule.min_metrics))
    )
    if rule.missing == "require_all":
        missing = [
            pl.when(is_expected_expr(m.expected_of) & pl.col(columns.score(i)).is_null()).then(
                pl.lit(i)
            )
            for i, m in framework.counted_metrics.items()
        ]
        names = pl.concat_str(missing, separator=", ", ignore_nulls=True)
        reason = reason.when(names != "").then(pl.format("no score for {}", names))
    return cast(pl.Expr, reason)
