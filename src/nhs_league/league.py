"""The league: the methodology from observations to ranks, in its order.

``score`` takes observations, a framework and a quarter; ``score_values`` the same from a wide
frame of values. Both are pure: frames and models in, a ``League`` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from nhs_league.framework.model import Framework, QuartileSegments
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
from nhs_league.scoring.numbers import TOLERANCE, key_expr, rounded_expr
from nhs_league.scoring.pools import Loaded, loaded_organisations
from nhs_league.scoring.ranking import with_competition_rank
from nhs_league.scoring.score_choice import (
    ScoreSource,
    chosen_score_exprs,
    computed_score_expr,
    has_any_figure,
    published_stands_expr,
)
from nhs_league.scoring.segments import (
    adjusted_segment_expr,
    cut_point_exprs,
    is_short_of_organisations,
    overrides_expr,
    published_cut_exprs,
    quartile_exprs,
    segment_expr,
)


@dataclass(frozen=True)
class League:
    """A scored and ranked league.

    ``standings`` has one row an organisation and the columns that ``scoring.columns`` names;
    ``figures`` is the quarter's figures under ``scoring.measure.FIGURE_SCHEMA``; ``scores`` says
    where its metric scores come from.
    """

    framework: Framework
    quarter: Quarter
    organisations: pl.DataFrame
    figures: pl.DataFrame
    standings: pl.DataFrame
    scores: ScoreSource = "auto"


def score(
    observations: pl.DataFrame,
    organisations: pl.DataFrame,
    framework: Framework,
    quarter: Quarter,
    scores: ScoreSource = "auto",
) -> League:
    """Score and rank every organisation that has a figure for the quarter.

    ``scores`` says where metric scores come from when the data carry published ones too: computed
    where the published one is their rounding, else as published (``auto``), or one of the two. A
    metric whose pool is not whole has its published score in any case.
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
    return League(framework, quarter, organisations, figures, standings, scores)


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
    metrics = framework.metrics
    loaded = loaded_organisations(values, framework)
    plain = [id_ for id_, m in metrics.items() if not isinstance(m.scoring, MatrixScoring)]
    combined = [id_ for id_ in metrics if id_ not in plain]
    # A metric that nobody has is no work: one trust type's file lacks half of them.
    absent = [id_ for id_ in plain if not has_any_figure(values, framework, id_)]
    values = values.with_columns(
        pl.lit(None, pl.Float64).alias(columns.score(id_)) for id_ in absent
    )
    for metric_ids in ([id_ for id_ in plain if id_ not in absent], combined):
        values = values.with_columns(
            computed_score_expr(values, framework, id_, scores=scores).alias(columns.score(id_))
            for id_ in metric_ids
        )
        values = _with_chosen_scores(values, framework, metric_ids, loaded, scores)
    return values


def _with_chosen_scores(
    values: pl.DataFrame,
    framework: Framework,
    metric_ids: Sequence[str],
    loaded: Loaded,
    scores: ScoreSource,
) -> pl.DataFrame:
    """Put published scores in the place of computed ones, where they stand for them."""
    published = [id_ for id_ in metric_ids if columns.published_score(id_) in values.columns]
    values = values.with_columns(
        published_stands_expr(framework, id_, loaded, scores).alias(columns.score_is_published(id_))
        for id_ in published
    )
    return values.with_columns(
        expr
        for id_ in published
        for expr in chosen_score_exprs(
            framework,
            id_,
            loaded,
            any_stands=bool(values[columns.score_is_published(id_)].any()),
        )
    )


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
    is_short = is_short_of_organisations(framework, loaded_organisations(frame, framework).count)
    return frame.with_columns(
        segment_expr(
            pl.col(columns.domain_score(domain)),
            _domain_cuts(frame, framework, domain, is_short=is_short),
            is_lower_better=framework.scale.is_lower_better,
        ).alias(columns.domain_segment(domain))
        for domain in domains
    )


def with_average(frame: pl.DataFrame, framework: Framework, scores: ScoreSource) -> pl.DataFrame:
    """Add the composite and the average that is shown; both null, with a reason, if not ranked.

    The published average stands for an organisation of which no metric is loaded.
    """
    frame = frame.with_columns(
        metrics_scored_expr(framework).alias(columns.METRICS_SCORED),
        metrics_expected_expr(framework).alias(columns.METRICS_EXPECTED),
        composite_expr(framework).alias(columns.COMPOSITE),
    )
    published = _published_average(frame, framework)
    stands_alone = pl.lit(False)
    if published is not None and scores != "computed":
        stands_alone = (pl.col(columns.METRICS_SCORED) == 0) & published.is_not_null()
        composite = pl.when(stands_alone).then(published).otherwise(columns.COMPOSITE)
        frame = frame.with_columns(composite.alias(columns.COMPOSITE))
    reason = pl.when(~stands_alone).then(_not_ranked_expr(framework))
    frame = frame.with_columns(
        reason.alias(columns.NOT_RANKED_REASON), stands_alone.alias("stands_alone")
    )
    is_ranked = pl.col(columns.NOT_RANKED_REASON).is_null()
    composite = pl.when(is_ranked).then(pl.col(columns.COMPOSITE))
    rounded = rounded_expr(composite, framework.scale.decimals)
    result_id = framework.published.average_metric_score if framework.published else None
    average = _published_where_close(rounded, result_id, frame, framework, scores)
    differs = (average - rounded).abs().gt(0).fill_null(False)
    return frame.with_columns(
        composite.alias(columns.COMPOSITE),
        average.alias(columns.AVERAGE),
        (differs | pl.col("stands_alone")).alias(columns.AVERAGE_IS_PUBLISHED),
    ).drop("stands_alone")


def with_segments(frame: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Add cut points, segment, overrides and adjusted segment.

    Quartiles are those of the league where it is whole; otherwise the published segments tell the
    cut points, where the data have them.
    """
    key = ranking_key_expr(framework)
    published = _published_cuts(frame, framework)
    cuts = cut_point_exprs(key, framework) if published is None else published
    available = frame.columns
    return (
        frame.with_columns(
            *(cut.alias(columns.cut_point(index)) for index, cut in enumerate(cuts, start=1)),
            pl.lit(published is not None).alias(columns.CUTS_ARE_PUBLISHED),
        )
        .with_columns(
            segment_expr(
                key, cut_points(framework), is_lower_better=framework.scale.is_lower_better
            ).alias(columns.SEGMENT),
            overrides_expr(framework, available).alias(columns.OVERRIDES),
        )
        .with_columns(adjusted_segment_expr(framework, available).alias(columns.ADJUSTED_SEGMENT))
    )


def cut_points(framework: Framework) -> list[pl.Expr]:
    """Give the columns of the cut points, best segment first."""
    segments = framework.segments
    count = len(segments.upper_bounds) if segments.method == "thresholds" else 3
    return [pl.col(columns.cut_point(index)) for index in range(1, count + 1)]


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


def _published_result(frame: pl.DataFrame, result_id: str | None) -> pl.Expr | None:
    """Give the column of a published result that the data have; none where they do not."""
    name = columns.published_result(result_id) if result_id is not None else ""
    has_any = name in frame.columns and frame[name].null_count() < len(frame)
    return pl.col(name) if has_any else None


def _published_average(frame: pl.DataFrame, framework: Framework) -> pl.Expr | None:
    published = framework.published
    return _published_result(frame, published.average_metric_score) if published else None


def _published_cuts(frame: pl.DataFrame, framework: Framework) -> list[pl.Expr] | None:
    """Tell the cut points by the published segments, where quartiles would be those of a part.

    Quartiles within peer groups are taken as they are: a group need not be short where another is.
    """
    published, average = framework.published, _published_average(frame, framework)
    segments = framework.segments
    is_pooled = isinstance(segments, QuartileSegments) and segments.pool == "all"
    if published is None or average is None or not is_pooled:
        return None
    segment = _published_result(frame, published.segment)
    ranked = int(frame[columns.AVERAGE].count())
    if segment is None or not is_short_of_organisations(framework, ranked):
        return None
    return published_cut_exprs(average, segment, framework)


def _domain_cuts(
    frame: pl.DataFrame, framework: Framework, domain_id: str, *, is_short: bool
) -> list[pl.Expr]:
    """Cut domain scores at their quartiles; of a part of the league, by the published segments."""
    if is_short and framework.published is not None:
        score = _published_result(frame, framework.published.domain_scores.get(domain_id))
        segment = _published_result(frame, framework.published.domain_segments.get(domain_id))
        if score is not None and segment is not None:
            return published_cut_exprs(score, segment, framework)
    return quartile_exprs(
        pl.col(columns.domain_score(domain_id)), is_lower_better=framework.scale.is_lower_better
    )


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
