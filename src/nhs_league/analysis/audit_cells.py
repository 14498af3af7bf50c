"""The cells of an audit: each published figure with the recomputed one, kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from nhs_league.framework.model import Framework, QuartileSegments
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    FloorScoring,
    MatrixScoring,
    PublishedScoring,
    RankScoring,
    StandardScoring,
)
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.measure import unit_apart_expr
from nhs_league.scoring.normalise import matrix_expr, rules_of, score_expr
from nhs_league.scoring.numbers import TOLERANCE, key_expr, rounded_expr
from nhs_league.scoring.pools import (
    Loaded,
    is_scored_among_others,
    loaded_organisations,
    pool_of,
)
from nhs_league.scoring.segments import is_short_of_organisations

CELL_SCHEMA: Final[dict[str, pl.DataType]] = {
    "kind": pl.String(),
    "org_code": pl.String(),
    "id": pl.String(),
    "published": pl.Float64(),
    "exact": pl.Float64(),
    "recomputed": pl.Float64(),
    "lowest": pl.Float64(),
    "highest": pl.Float64(),
    "is_on_edge": pl.Boolean(),
    "is_rounded": pl.Boolean(),
    "reason": pl.String(),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""What ``recomputed_cells`` gives: one row a published figure.

``exact`` is the recomputed figure before it is rounded; ``lowest`` and ``highest`` bound what it
can be with values printed as they are, and are null where they are not asked for. ``is_rounded``
says that a tolerance makes sense, which it does not for ranks and segments.
"""

_QUARTILES: Final = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
_KEY: Final = ["org_code", "id"]


def recomputed_cells(league: League, published: pl.DataFrame) -> pl.DataFrame:
    """Set published figures beside the recomputed ones, under ``CELL_SCHEMA``.

    ``published`` has one row an organisation and ``metric_id``, with ``value``,
    ``published_rank``, ``source_file`` and ``source_row``.
    """
    loaded = loaded_organisations(league.standings, league.framework)
    stated = published.rename({"metric_id": "id", "value": "published"})
    values = _values(league)
    parts = [
        _score_cells(league, stated, values, loaded),
        _rank_cells(league.framework, stated, values, loaded),
        _quartile_cells(league.framework, stated, values, loaded),
        _result_cells(league, stated, loaded),
    ]
    return pl.concat([_under_schema(part) for part in parts])


def _under_schema(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.select(
        (pl.col(name) if name in cells.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in CELL_SCHEMA.items()
    )


def _values(league: League) -> pl.DataFrame:
    """List the quarter's values with their organisation's peer group.

    ``group`` tells apart values that are compared: a metric's in one peer group, and those in a
    unit that is scored apart.
    """
    framework = league.framework
    is_higher = [id_ for id_, metric in framework.metrics.items() if metric.is_higher_better]
    return (
        league.figures.filter(
            pl.col("value").is_not_null(), pl.col("metric_id").is_in(list(framework.metrics))
        )
        .select(
            "org_code",
            pl.col("metric_id").alias("id"),
            "value",
            unit_apart_expr(framework).alias("unit"),
        )
        .join(
            league.standings.select(columns.ORG_CODE, columns.PEER_GROUP),
            on=columns.ORG_CODE,
            how="inner",
            maintain_order="left",
        )
        .with_columns(
            pl.struct("id", "unit", columns.PEER_GROUP).alias("group"),
            pl.col("id").is_in(is_higher).alias("is_higher_better"),
        )
    )


def _score_cells(
    league: League, stated: pl.DataFrame, values: pl.DataFrame, loaded: Loaded
) -> pl.DataFrame:
    """Recompute metric scores from values, and combined scores from their parts."""
    framework, standings = league.framework, league.standings
    metric_of = {
        metric.published_score: id_
        for id_, metric in framework.metrics.items()
        if metric.published_score is not None and columns.computed_score(id_) in standings.columns
    }
    alone = [id_ for id_, m in framework.metrics.items() if isinstance(m.scoring, PublishedScoring)]
    matrices = [id_ for id_, m in framework.metrics.items() if isinstance(m.scoring, MatrixScoring)]
    exact = standings.select(
        columns.ORG_CODE,
        *(pl.col(columns.computed_score(id_)).alias(score) for score, id_ in metric_of.items()),
    ).unpivot(index=columns.ORG_CODE, variable_name="id", value_name="exact")
    exact = exact.cast({"id": pl.String, "exact": pl.Float64})
    metric_id = pl.col("id").replace(metric_of)
    is_combined = metric_id.is_in(matrices)
    decimals = framework.scale.decimals
    cells = (
        stated.filter(pl.col("id").is_in([*metric_of, *alone]))
        .join(exact, on=_KEY, how="left", maintain_order="left")
        .with_columns(
            metric_id.alias("metric_id"),
            pl.when(is_combined)
            .then(pl.lit("combined_score"))
            .otherwise(pl.lit("metric_score"))
            .alias("kind"),
            pl.lit(True).alias("is_rounded"),
            rounded_expr(pl.col("exact"), decimals).alias("recomputed"),
        )
        .join(
            values.select(
                "org_code", pl.col("id").alias("metric_id"), pl.lit(True).alias("valued")
            ),
            on=["org_code", "metric_id"],
            how="left",
            maintain_order="left",
        )
        .join(
            standings.select(columns.ORG_CODE, columns.PEER_GROUP),
            on=columns.ORG_CODE,
            maintain_order="left",
        )
        .join(
            _pool_reasons(framework, loaded),
            on=["metric_id", columns.PEER_GROUP],
            how="left",
            maintain_order="left",
        )
    )
    reason = (
        pl.when(pl.col("id").is_in(alone))
        .then(pl.lit("published as a score, without a value"))
        .when(pl.col("valued").is_null() & ~is_combined)
        .then(pl.lit("no value is published beside the score"))
        .otherwise("reason")
    )
    cells = cells.with_columns(reason.alias("reason"))
    differs = ((pl.col("recomputed") - pl.col("published")).abs() > TOLERANCE).fill_null(False)
    doubted = cells.filter(differs, pl.col("reason").is_null())["metric_id"].unique(
        maintain_order=True
    )
    bounds = _score_bounds(league, doubted.to_list())
    return cells.join(bounds, on=["org_code", "metric_id"], how="left", maintain_order="left")


def _pool_reasons(framework: Framework, loaded: Loaded) -> pl.DataFrame:
    """Say of each metric and peer group what the pool lacks, where it is not whole."""
    rows = [
        (metric_id, group, f"its pool lacks {lacking}")
        for metric_id, metric in framework.metrics.items()
        if is_scored_among_others(metric)
        for group in loaded.groups
        if (lacking := pool_of(metric).lacking(framework, loaded, group)) is not None
    ]
    schema = {"metric_id": pl.String, columns.PEER_GROUP: pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _group_reasons(framework: Framework, counts: Mapping[str, int]) -> dict[str, str]:
    """Say of each peer group that is not whole how much of it is there."""
    return {
        group: f"{counts.get(group, 0)} of {expected} organisations of its type are there"
        for group, expected in framework.peer_groups.expected_organisations.items()
        if counts.get(group, 0) < expected
    }


def _score_bounds(league: League, metric_ids: Sequence[str]) -> pl.DataFrame:
    """Bound scores by what printed values hide: the order in a tie, the side of a bound.

    One row an organisation and metric: ``lowest``, ``highest`` and whether it is ``is_on_edge``.
    """
    framework, standings = league.framework, league.standings
    parts = [
        standings.select(
            columns.ORG_CODE,
            pl.lit(metric_id).alias("metric_id"),
            *(
                rounded_expr(end, framework.scale.decimals).alias(name)
                for name, end in zip(("lowest", "highest"), ends, strict=True)
            ),
            pl.lit(
                isinstance(framework.metrics[metric_id].scoring, BandsScoring | MatrixScoring)
            ).alias("is_on_edge"),
        )
        for metric_id in metric_ids
        if (ends := _score_ends(framework, metric_id, standings.columns)) is not None
    ]
    schema = {
        columns.ORG_CODE: pl.String(),
        "metric_id": pl.String(),
        "lowest": pl.Float64(),
        "highest": pl.Float64(),
        "is_on_edge": pl.Boolean(),
    }
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _score_ends(
    framework: Framework, metric_id: str, available: Sequence[str]
) -> tuple[pl.Expr, pl.Expr] | None:
    metric = framework.metrics[metric_id]
    value, computed = pl.col(columns.value(metric_id)), pl.col(columns.computed_score(metric_id))
    rules = rules_of(framework, metric_id, available, settle_bounds=True)
    match metric.scoring:
        case RankScoring() | StandardScoring() | FloorScoring():
            ends = [computed, score_expr(value, metric.scoring, replace(rules, ties="max"))]
        case BandsScoring():
            half = 0.5 * 10.0**-metric.decimals
            ends = [score_expr(value + by, metric.scoring, rules) for by in (-half, half)]
        case MatrixScoring():
            parts = [
                columns.published_score(part)
                if columns.published_score(part) in available
                else columns.score(part)
                for part in (metric.scoring.rows, metric.scoring.columns)
            ]
            ends = [computed, matrix_expr(pl.col(parts[0]), pl.col(parts[1]), metric.scoring)]
        case _:
            return None
    return pl.min_horizontal(ends), pl.max_horizontal(ends)


def _rank_cells(
    framework: Framework, stated: pl.DataFrame, values: pl.DataFrame, loaded: Loaded
) -> pl.DataFrame:
    """Recompute the ranks of values within the peer group; equal values hide their order."""
    sign = pl.when("is_higher_better").then(-1.0).otherwise(1.0)
    key = key_expr(pl.col("value") * sign)
    first, last = (key.rank(ties).over("group").cast(pl.Float64) for ties in ("min", "max"))
    # A value without a published rank has a place among the others all the same.
    places = values.with_columns(first.alias("lowest"), last.alias("highest"))
    return (
        stated.drop("published")
        .filter(pl.col("published_rank").is_not_null())
        .rename({"published_rank": "published"})
        .join(places, on=_KEY, how="inner", maintain_order="left")
        .with_columns(
            pl.lit("metric_rank").alias("kind"),
            pl.col("lowest").alias("exact"),
            pl.col("lowest").alias("recomputed"),
            pl.lit(False).alias("is_on_edge"),
            pl.lit(False).alias("is_rounded"),
            _reason_of_group(_group_reasons(framework, loaded.groups)),
        )
    )


def _quartile_cells(
    framework: Framework, stated: pl.DataFrame, values: pl.DataFrame, loaded: Loaded
) -> pl.DataFrame:
    """Recompute the medians and quartiles of values within the peer group."""
    is_quartile = pl.col("id").str.contains(":", literal=True)
    published = stated.filter(is_quartile).with_columns(
        pl.col("id").str.split_exact(":", 1).struct.rename_fields(["kind", "metric_id"]).alias("of")
    )
    published = published.unnest("of").filter(pl.col("kind").is_in(list(_QUARTILES)))
    quantiles = values.group_by("group").agg(
        pl.col("value").quantile(share, "linear").alias(kind) for kind, share in _QUARTILES.items()
    )
    of_organisation = (
        values.rename({"id": "metric_id"})
        .join(quantiles, on="group", how="left")
        .unpivot(
            on=list(_QUARTILES),
            index=["org_code", "metric_id", columns.PEER_GROUP],
            variable_name="kind",
            value_name="exact",
        )
    )
    decimals = {id_: metric.decimals for id_, metric in framework.metrics.items()}
    cells = published.join(
        of_organisation, on=["org_code", "metric_id", "kind"], how="inner", maintain_order="left"
    )
    recomputed = pl.col("exact")
    for places in set(decimals.values()):
        is_so = pl.col("metric_id").is_in([i for i, count in decimals.items() if count == places])
        rounded = rounded_expr(pl.col("exact"), places)
        recomputed = pl.when(is_so).then(rounded).otherwise(recomputed)
    return cells.with_columns(
        recomputed.alias("recomputed"),
        pl.lit(True).alias("is_rounded"),
        _reason_of_group(_group_reasons(framework, loaded.groups)),
    )


def _reason_of_group(reasons: Mapping[str, str]) -> pl.Expr:
    return (
        pl.col(columns.PEER_GROUP)
        .replace_strict(dict(reasons), default=None, return_dtype=pl.String)
        .alias("reason")
    )


@dataclass(frozen=True)
class _Result:
    """A published result, and how it is recomputed for every organisation.

    ``decimals`` are those that it is rounded to, none for a rank or a segment; ``reason`` says
    where it cannot be recomputed.
    """

    kind: str
    id: str | None
    exact: pl.Expr
    reason: pl.Expr
    decimals: int | None = None


def _result_cells(league: League, stated: pl.DataFrame, loaded: Loaded) -> pl.DataFrame:
    """Recompute domain scores and segments, averages, segments, overrides and ranks."""
    results = [*_domain_results(league, loaded), *_summary_results(league)]
    results = [result for result in results if result.id is not None]
    kinds = pl.DataFrame(
        {
            "id": [result.id for result in results],
            "kind": [result.kind for result in results],
            "is_rounded": [result.decimals is not None for result in results],
        },
        schema={"id": pl.String, "kind": pl.String, "is_rounded": pl.Boolean},
    )
    cells = stated.join(kinds, on="id", how="inner", maintain_order="left")
    parts = {
        "exact": [r.exact.cast(pl.Float64) for r in results],
        "recomputed": [
            r.exact.cast(pl.Float64) if r.decimals is None else rounded_expr(r.exact, r.decimals)
            for r in results
        ],
        "reason": [r.reason.cast(pl.String) for r in results],
    }
    wide = league.standings.select(
        columns.ORG_CODE,
        *(
            expr.alias(f"{name}:{result.id}")
            for name, exprs in parts.items()
            for result, expr in zip(results, exprs, strict=True)
        ),
    )
    # Every part is unpivoted in one order, so that they fit beside each other.
    long = pl.concat(
        [
            wide.select(columns.ORG_CODE, pl.col(rf"^{name}:.*$").name.map(_without_prefix))
            .unpivot(index=columns.ORG_CODE, variable_name="id", value_name=name)
            .select(*([] if name != "exact" else _KEY), name)
            for name in parts
        ],
        how="horizontal",
    )
    return cells.join(long, on=_KEY, how="left", maintain_order="left")


def _without_prefix(name: str) -> str:
    return name.partition(":")[2]


def _domain_results(league: League, loaded: Loaded) -> Iterator[_Result]:
    framework, published = league.framework, league.framework.published
    if published is None:
        return
    available = league.standings.columns
    for domain_id, result_id in published.domain_scores.items():
        if (name := columns.domain_mean(domain_id)) in available:
            decimals = framework.scale.decimals
            has_none = _no_metric_expr(pl.col(name).is_null())
            yield _Result("domain_score", result_id, pl.col(name), has_none, decimals)
    for domain_id, result_id in published.domain_segments.items():
        if (name := columns.domain_segment(domain_id)) in available:
            is_told = _has_any(league, published.domain_scores.get(domain_id))
            uncut = _league_reason(framework, "quartiles", loaded.count)
            reason = pl.lit(None) if is_told else uncut
            yield _Result("domain_segment", result_id, pl.col(name), reason)


def _summary_results(league: League) -> Iterator[_Result]:
    framework, standings = league.framework, league.standings
    published = framework.published
    if published is None:
        return
    is_ranked = pl.col(columns.AVERAGE).is_not_null()
    groups = dict(standings.filter(is_ranked).group_by(columns.PEER_GROUP).len().iter_rows())
    ranked = sum(groups.values())
    of_type = _reason_of_group(_group_reasons(framework, groups))
    is_told = bool(standings[columns.CUTS_ARE_PUBLISHED].any())
    uncut = pl.lit(None)
    if isinstance(framework.segments, QuartileSegments) and not is_told:
        is_pooled = framework.segments.pool == "all"
        uncut = _league_reason(framework, "quartiles", ranked) if is_pooled else of_type
    is_within = framework.ranking.within == "peer_group"
    unranked = of_type if is_within else _league_reason(framework, "ranks", ranked)
    by_average = pl.col(columns.AVERAGE) * (1 if framework.scale.is_lower_better else -1)
    yield _Result(
        "average",
        published.average_metric_score,
        pl.col(columns.COMPOSITE),
        _no_metric_expr(pl.col(columns.METRICS_SCORED) == 0),
        framework.scale.decimals,
    )
    yield _Result("segment", published.segment, pl.col(columns.SEGMENT), uncut)
    adjusted = pl.col(columns.ADJUSTED_SEGMENT)
    yield _Result("adjusted_segment", published.adjusted_segment, adjusted, uncut)
    yield _Result("league_rank", published.league_rank, pl.col(columns.RANK), unranked)
    place = by_average.rank("min").over(columns.PEER_GROUP)
    yield _Result("rank_by_average", published.rank_by_average, place, of_type)
    yield from _override_results(league)


def _override_results(league: League) -> Iterator[_Result]:
    """Tell an override's flag by what it did to the published segment, where that shows it.

    A segment that is no better than the override allows is the same with and without it.
    """
    published, overrides = league.framework.published, league.framework.overrides
    if published is None or len(overrides) != 1 or overrides[0].when.flag is None:
        return
    if not (_has_any(league, published.segment) and _has_any(league, published.adjusted_segment)):
        return
    before = pl.col(columns.published_result(published.segment or ""))
    after = pl.col(columns.published_result(published.adjusted_segment or ""))
    shown = (after > before).cast(pl.Float64)
    is_free = before >= overrides[0].not_better_than
    flag = pl.when(is_free).then(columns.flag(overrides[0].when.flag)).otherwise(shown)
    is_unknown = before.is_null() | after.is_null()
    reason = pl.when(is_unknown).then(pl.lit("no segment is published before or after it"))
    yield _Result("override", overrides[0].when.flag, flag, reason)


def _has_any(league: League, result_id: str | None) -> bool:
    name = columns.published_result(result_id or "")
    standings = league.standings
    return name in standings.columns and standings[name].null_count() < len(standings)


def _no_metric_expr(has_none: pl.Expr) -> pl.Expr:
    return pl.when(has_none).then(pl.lit("none of its metrics is there"))


def _league_reason(framework: Framework, what: str, count: int) -> pl.Expr:
    """Say how much of the league is there, where what is drawn from all of it is not whole."""
    if not is_short_of_organisations(framework, count):
        return pl.lit(None)
    expected = sum(framework.peer_groups.expected_organisations.values())
    return pl.lit(f"{what} are of all {expected} organisations, and {count} are there")
