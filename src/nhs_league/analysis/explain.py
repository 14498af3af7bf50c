"""Why an organisation ranks where it does: every metric, weight, score and source row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from nhs_league.errors import UsageError
from nhs_league.framework.model import Framework, Metric, Override
from nhs_league.framework.scoring_methods import (
    FloorScoring,
    PublishedScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
)
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import (
    domain_means,
    effective_weight_expr,
    metric_scores,
    scored_domains,
    weight_sum_expr,
)
from nhs_league.scoring.normalise import competition_rank_expr, rules_of
from nhs_league.scoring.pools import (
    Loaded,
    is_scored_among_others,
    loaded_organisations,
    pool_of,
)
from nhs_league.scoring.segments import applies_expr

EXPLANATION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "domain": pl.String(),
    "unit": pl.String(),
    "value": pl.Float64(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "status": pl.String(),
    "peers_median": pl.Float64(),
    "standard": pl.Float64(),
    "score": pl.Float64(),
    "score_source": pl.String(),
    "weight": pl.Float64(),
    "effective_weight": pl.Float64(),
    "contribution": pl.Float64(),
    "place": pl.Int64(),
    "place_of": pl.Int64(),
    "period": pl.String(),
    "left_out": pl.String(),
    "evidence": pl.String(),
    "source_file": pl.String(),
    "source_rows": pl.String(),
    "score_reason": pl.String(),
}
"""The frame contract: one row a metric of the framework, in its order.

``status`` is null where the data have no row for the organisation and the framework expects one.
``effective_weight`` is the weight after missing metrics' weights are shared again;
``contribution`` is it times the score, and the contributions add up to the composite. ``place`` is
the competition rank of the value among the ``place_of`` organisations of the metric's pool.
``standard`` is the standard, the target or the floor. ``score_reason`` says why a published score
stands for a computed one. Numbers are unrounded.
"""


_PRIVATE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "cost": pl.Float64(),
    "counts": pl.Boolean(),
    "is_datum": pl.Boolean(),
    "decimals": pl.Int64(),
    "is_higher_better": pl.Boolean(),
}


@dataclass(frozen=True)
class SegmentGap:
    """How far the average is from the next better segment's cut point, in score points."""

    segment: int
    cut_point: float
    points: float


@dataclass(frozen=True)
class Explanation:
    """An organisation's standing, and its metrics.

    ``metrics`` has the columns of ``EXPLANATION_SCHEMA`` and, for the page: what the metric
    ``cost``s against the best score, in points of the composite; whether it ``counts`` in the
    average; whether the score itself ``is_datum``; the ``decimals`` of its value; and whether a
    high value ``is_higher_better``.
    """

    org_code: str
    org_name: str
    peer_group: str | None
    region: str | None
    rank: int | None
    rank_of: int | None
    average_metric_score: float | None
    composite: float | None
    average_is_published: bool
    published_score_range: tuple[float, float] | None
    published_rank_range: tuple[float, float] | None
    cuts_are_published: bool
    segment: int | None
    adjusted_segment: int | None
    overrides: tuple[Override, ...]
    not_ranked_reason: str | None
    metrics_scored: int
    metrics_expected: int
    gap: SegmentGap | None
    metrics: pl.DataFrame

    def costliest(self, count: int = 3) -> pl.DataFrame:
        """List the metrics that cost the most score points against a best score everywhere.

        Adds ``cost``, in points of the composite; metrics at the best score are not listed.
        """
        return (
            self.metrics.filter(pl.col("cost") >= 0.005).sort("cost", descending=True).head(count)
        )

    def missing(self) -> pl.DataFrame:
        """List the expected metrics that have no score."""
        return self.metrics.filter(
            pl.col("score").is_null(),
            pl.col("counts"),
            pl.col("status").ne_missing("not_applicable"),
        )

    def rows(self) -> pl.DataFrame:
        """Give the metrics under ``EXPLANATION_SCHEMA`` exactly."""
        return self.metrics.select(*EXPLANATION_SCHEMA)


def explain(league: League, org_code: str) -> Explanation:
    """Explain one organisation's rank. Raises ``UsageError`` if it is not in the league."""
    [explanation] = explanations(league, [org_code])
    return explanation


def explanations(league: League, org_codes: Iterable[str]) -> Iterator[Explanation]:
    """Explain ranks one after the other; what all of them rest on is worked out once.

    Raises ``UsageError`` at a code that is not in the league.
    """
    framework = league.framework
    loaded = loaded_organisations(league.standings, framework)
    frame = league.standings.with_columns(
        *_place_exprs(framework, league.standings),
        *(e.alias(f"weight:{id_}") for id_, e in contribution_exprs(framework).items()),
        *_applies_exprs(framework, league.standings),
    )
    rows = {row[columns.ORG_CODE]: row for row in frame.iter_rows(named=True)}
    described = {row[columns.ORG_CODE]: row for row in league.organisations.iter_rows(named=True)}
    figures: dict[str, dict[str, Any]] = {}
    for figure in league.figures.iter_rows(named=True):
        figures.setdefault(figure[columns.ORG_CODE], {})[figure["metric_id"]] = figure
    for org_code in org_codes:
        if org_code not in rows:
            raise UsageError(
                f"{org_code} has no figure for {framework.id} in {league.quarter.long_label}"
            )
        metrics = _metric_rows(league, rows[org_code], figures.get(org_code, {}), loaded)
        yield _explanation(framework, described[org_code], rows[org_code], metrics)


def _explanation(
    framework: Framework, organisation: dict[str, Any], row: dict[str, Any], metrics: pl.DataFrame
) -> Explanation:
    return Explanation(
        org_code=row[columns.ORG_CODE],
        org_name=organisation["org_name"],
        peer_group=row[columns.PEER_GROUP],
        region=organisation["region"],
        rank=row[columns.RANK],
        rank_of=row[columns.RANK_OF],
        average_metric_score=row[columns.AVERAGE],
        composite=row[columns.COMPOSITE],
        average_is_published=row[columns.AVERAGE_IS_PUBLISHED],
        published_score_range=_published_range(framework, row, "score_range"),
        published_rank_range=_published_range(framework, row, "rank_range"),
        cuts_are_published=row[columns.CUTS_ARE_PUBLISHED],
        segment=row[columns.SEGMENT],
        adjusted_segment=row[columns.ADJUSTED_SEGMENT],
        overrides=tuple(rule for rule in framework.overrides if row[f"applies:{rule.id}"]),
        not_ranked_reason=row[columns.NOT_RANKED_REASON],
        metrics_scored=row[columns.METRICS_SCORED],
        metrics_expected=row[columns.METRICS_EXPECTED],
        gap=_gap(row),
        metrics=metrics,
    )


def contribution_exprs(framework: Framework) -> dict[str, pl.Expr]:
    """Give each metric's effective weight over the standings, after re-sharing.

    Over domains it is the slope of the composite in the domain score times the slope of that in
    the metric's score.
    """
    mean = framework.aggregate.mean
    composite = pl.col(columns.COMPOSITE)
    if framework.aggregate.over == "metrics":
        total = weight_sum_expr(metric_scores(framework))
        return {
            id_: effective_weight_expr(pl.col(columns.score(id_)), m.weight, total, composite, mean)
            for id_, m in framework.counted_metrics.items()
        }
    weights: dict[str, pl.Expr] = {}
    total_of_domains = weight_sum_expr(domain_means(framework))
    for domain_id in scored_domains(framework):
        domain_mean = pl.col(columns.domain_mean(domain_id))
        outer = effective_weight_expr(
            domain_mean, framework.domain(domain_id).weight, total_of_domains, composite, mean
        )
        total = weight_sum_expr(metric_scores(framework, domain_id))
        for id_, metric in framework.metrics_of_domain(domain_id).items():
            score = pl.col(columns.score(id_))
            inner = effective_weight_expr(score, metric.weight, total, domain_mean, mean)
            weights[id_] = outer * inner
    return weights


def _place_exprs(framework: Framework, standings: pl.DataFrame) -> Iterator[pl.Expr]:
    """Give each metric's place in its pool, the size of the pool, and the peer group's median."""
    for id_ in framework.metrics:
        measured = _measured_expr(id_, standings)
        rules = rules_of(framework, id_, standings.columns)
        members = rules.pool.members_expr(measured)
        yield competition_rank_expr(members, rules).alias(f"place:{id_}")
        yield rules.pool.over_expr(members.count()).alias(f"place_of:{id_}")
        yield measured.median().over(columns.PEER_GROUP).alias(f"median:{id_}")


def _applies_exprs(framework: Framework, standings: pl.DataFrame) -> Iterator[pl.Expr]:
    for rule in framework.overrides:
        yield applies_expr(rule, standings.columns).alias(f"applies:{rule.id}")


def _metric_rows(
    league: League, row: dict[str, Any], figures: dict[str, Any], loaded: Loaded
) -> pl.DataFrame:
    rows = [
        _metric_row(league.framework, id_, row, figures)
        | {"score_reason": _score_reason(league, id_, row, loaded)}
        for id_ in league.framework.metrics
    ]
    return pl.DataFrame(rows, schema=EXPLANATION_SCHEMA | _PRIVATE_SCHEMA)


def _metric_row(
    framework: Framework, metric_id: str, row: dict[str, Any], figures: dict[str, Any]
) -> dict[str, Any]:
    metric = framework.metrics[metric_id]
    figure = figures.get(metric_id) or {}
    score = row[columns.score(metric_id)]
    is_published = bool(row.get(columns.score_is_published(metric_id)))
    source = figure or (figures.get(metric.published_score or "") or {})
    effective = row.get(f"weight:{metric_id}") if row[columns.COMPOSITE] is not None else None
    is_expected = metric.expected_of is None or row[columns.PEER_GROUP] in metric.expected_of
    status = figure.get("status")
    if score is not None and status is None:
        status = "reported"
    elif status is None and not is_expected:
        status = "not_applicable"
    in_pool = row[f"place:{metric_id}"] is not None
    best = framework.scale.best
    scoring = metric.scoring_of_unit.get(figure.get("unit") or "", metric.scoring)
    return {
        "metric_id": metric_id,
        "title": metric.title,
        "domain": framework.domain(metric.domain).title,
        "unit": figure.get("unit") if metric.scoring_of_unit else metric.unit,
        "value": figure.get("value"),
        "numerator": figure.get("numerator"),
        "denominator": figure.get("denominator"),
        "status": status,
        "peers_median": row[f"median:{metric_id}"],
        "standard": standard_of(scoring),
        "score": score,
        "score_source": None if score is None else _score_source(metric, is_published=is_published),
        "weight": metric.weight if metric.counts else None,
        "effective_weight": effective,
        "contribution": None if effective is None or score is None else effective * score,
        "place": row[f"place:{metric_id}"],
        "place_of": row[f"place_of:{metric_id}"] if in_pool else None,
        "period": source.get("period"),
        "left_out": figure.get("left_out"),
        "evidence": metric.evidence,
        **_source_places(source.get("source_files") or (), source.get("source_rows") or ()),
        "cost": None if effective is None or score is None else effective * abs(score - best),
        "counts": metric.counts,
        "is_datum": isinstance(metric.scoring, PublishedScoring),
        "decimals": metric.decimals,
        "is_higher_better": metric.is_higher_better,
    }


def _source_places(
    files: Iterable[str | None], rows: Iterable[int | None]
) -> dict[str, str | None]:
    """Name the rows that a figure stands in; several files and their rows are parted by ``; ``."""
    found: dict[str, list[str]] = {}
    for file, row in zip(files, rows, strict=True):
        if file is not None and row is not None:
            found.setdefault(file.replace("; ", ";"), []).append(str(row))
    return {
        "source_file": "; ".join(found) or None,
        "source_rows": "; ".join(map(", ".join, found.values())) or None,
    }


def standard_of(scoring: Scoring) -> float | None:
    """Give the standard, target or floor that a figure is held to, if it is to one."""
    match scoring:
        case StandardScoring(standard=standard):
            return standard
        case TargetScoring(target=target):
            return target
        case FloorScoring(floor=floor):
            return floor
        case _:
            return None


def _score_source(metric: Metric, *, is_published: bool) -> str:
    return (
        "published" if is_published or isinstance(metric.scoring, PublishedScoring) else "computed"
    )


def _score_reason(
    league: League, metric_id: str, row: dict[str, Any], loaded: Loaded
) -> str | None:
    """Say why a published score stands for a computed one; none where it does not."""
    if not row.get(columns.score_is_published(metric_id)):
        return None
    if league.scores == "published":
        return "scores are taken as published"
    metric = league.framework.metrics[metric_id]
    lacking = pool_of(metric).lacking(league.framework, loaded, row[columns.PEER_GROUP])
    if lacking is not None and is_scored_among_others(metric):
        return f"its pool lacks {lacking}"
    computed = row.get(columns.computed_score(metric_id))
    if computed is None:
        return "there is no value to compute it from"
    return f"the value as printed gives {computed:.{league.framework.scale.decimals}f}"


def _published_range(
    framework: Framework, row: dict[str, Any], which: Literal["score_range", "rank_range"]
) -> tuple[float, float] | None:
    """Give a likely range as published; none where the data have none."""
    ids = getattr(framework.published, which, None)
    if ids is None:
        return None
    low, high = (row.get(columns.published_result(id_)) for id_ in ids)
    return None if low is None or high is None else (low, high)


def _measured_expr(metric_id: str, standings: pl.DataFrame) -> pl.Expr:
    """Give what a metric is compared on: its value, or the score where that is all there is."""
    name = columns.value(metric_id)
    has_values = name in standings.columns and standings[name].null_count() < len(standings)
    return pl.col(name) if has_values else pl.col(columns.score(metric_id))


def _gap(row: dict[str, Any]) -> SegmentGap | None:
    segment, average = row[columns.SEGMENT], row[columns.AVERAGE]
    if segment is None or segment == 1 or average is None:
        return None
    cut = row[columns.cut_point(segment - 1)]
    if not math.isfinite(cut):
        return None
    return SegmentGap(segment - 1, cut, abs(average - cut))
