"""League tables as flat frames: the whole ranking, or one metric's or domain's alone."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.names import nearest
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import scored_domains
from nhs_league.scoring.normalise import competition_rank_expr, rules_of
from nhs_league.scoring.numbers import key_expr
from nhs_league.scoring.pools import Pool
from nhs_league.scoring.ranking import with_competition_rank

RANKING_COLUMNS: Final = (
    "quarter",
    "org_code",
    "org_name",
    "peer_group",
    "region",
    "rank",
    "rank_of",
    "average_metric_score",
    "segment",
    "adjusted_segment",
    "overrides",
    "metrics_scored",
    "metrics_expected",
    "score_low",
    "score_high",
    "rank_low",
    "rank_high",
)
"""The columns of ``ranking``, followed by one ``domain_score_<id>`` a domain."""

RANGE_ENDS: Final = {
    "score_low": pl.Float64(),
    "score_high": pl.Float64(),
    "rank_low": pl.Int64(),
    "rank_high": pl.Int64(),
}

SINGLE_COLUMNS: Final = (
    "quarter",
    "org_code",
    "org_name",
    "peer_group",
    "region",
    "rank",
    "rank_of",
    "by",
    "unit",
    "value",
    "numerator",
    "denominator",
    "status",
    "score",
    "segment",
)
"""The columns of ``ranking_by``: a metric has no segment, a domain no value."""


def ranking(league: League, ranges: pl.DataFrame | None = None) -> pl.DataFrame:
    """Lay the league out under ``RANKING_COLUMNS``, best first within each peer group.

    Organisations that are not ranked come last in their group, without rank, average or segment.
    ``ranges`` has the likely ranges, as ``Robustness.ranges`` does; without it they are null.
    """
    described = _described(league.standings, league)
    if ranges is None:
        described = described.with_columns(
            pl.lit(None, dtype).alias(name) for name, dtype in RANGE_ENDS.items()
        )
    else:
        ends = ranges.select(columns.ORG_CODE, *RANGE_ENDS)
        described = described.join(ends, on=columns.ORG_CODE, how="left", maintain_order="left")
    domains = [pl.col(columns.domain_score(domain)) for domain in scored_domains(league.framework)]
    return (
        in_league_order(league, described)
        .with_columns(
            pl.col("rank", "rank_of", "metrics_scored", "metrics_expected").cast(pl.Int64)
        )
        .select(*RANKING_COLUMNS, *domains)
    )


def ranking_by(league: League, by: str) -> pl.DataFrame:
    """Rank one metric's values, or one domain's scores, within the peer group.

    ``by`` is the id or the title of a metric or a domain. Laid out under ``SINGLE_COLUMNS``;
    organisations without a figure come last, with its status. Raises ``UsageError`` with the
    nearest names for anything else.
    """
    kind, id_ = resolve_by(league, by)
    frame = _metric_frame(league, id_) if kind == "metric" else _domain_frame(league, id_)
    frame = frame.with_columns(
        pl.lit(id_).alias("by"),
        pl.col("rank").count().over(columns.PEER_GROUP).cast(pl.Int64).alias("rank_of"),
        pl.col("rank").cast(pl.Int64),
    ).with_columns(pl.when(pl.col("rank").is_not_null()).then("rank_of").alias("rank_of"))
    return in_league_order(league, _described(frame, league)).select(*SINGLE_COLUMNS)


def resolve_by(league: League, by: str) -> tuple[Literal["metric", "domain"], str]:
    """Find the metric or domain that a user names by id or title."""
    framework = league.framework
    asked = by.strip().casefold()
    names: dict[str, tuple[Literal["metric", "domain"], str]] = {}
    for domain_id in scored_domains(framework):
        names |= {
            domain_id: ("domain", domain_id),
            framework.domain(domain_id).title: ("domain", domain_id),
        }
    for metric_id, metric in framework.metrics.items():
        names |= {metric_id: ("metric", metric_id)}
        names.setdefault(metric.title, ("metric", metric_id))
    for name, found in names.items():
        if name.casefold() == asked:
            return found
    raise UsageError(
        f"{by!r} is neither a metric nor a domain of {framework.id}; "
        f"did you mean {' or '.join(nearest(by, names))}?"
    )


def in_league_order(league: League, frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by peer group as the framework orders them, then rank, then code; unranked last."""
    order = league.framework.peer_groups.order
    place = pl.col(columns.PEER_GROUP).replace_strict(
        {group: index for index, group in enumerate(order)},
        default=len(order),
        return_dtype=pl.Int64,
    )
    is_one = league.framework.ranking.within == "all" and "by" not in frame.columns
    keys = [] if is_one else [place, pl.col(columns.PEER_GROUP)]
    return frame.sort(*keys, pl.col("rank"), columns.ORG_CODE, nulls_last=True)


def filtered(
    table: pl.DataFrame,
    organisations: pl.DataFrame,
    *,
    peer_group: str | None = None,
    region: str | None = None,
    icb: str | None = None,
    top: int | None = None,
    bottom: int | None = None,
) -> pl.DataFrame:
    """Keep part of a ranking; the ranks stay those of the whole.

    ``peer_group``, ``region`` and ``icb`` (code or name) may be shortened as long as one is meant.
    ``top`` and ``bottom`` keep that many of each peer group, and those tied with the last.
    Raises ``UsageError`` with the nearest names for an unknown one.
    """
    if peer_group is not None:
        table = table.filter(
            pl.col("peer_group") == _chosen("peer group", peer_group, table["peer_group"])
        )
    if region is not None:
        table = table.filter(pl.col("region") == _chosen("region", region, organisations["region"]))
    if icb is not None:
        codes = _organisations_of_icb(organisations, icb)
        table = table.filter(pl.col(columns.ORG_CODE).is_in(codes))
    place = pl.col("rank").rank("ordinal").over("peer_group").cast(pl.Int64)
    if top is not None and bottom is not None:
        raise UsageError("--top and --bottom exclude each other")
    if top is not None:
        limit = pl.col("rank").filter(place <= top).max().over("peer_group")
        table = table.filter(pl.col("rank") <= limit)
    if bottom is not None:
        count = pl.col("rank").count().over("peer_group").cast(pl.Int64)
        limit = pl.col("rank").filter(place > count - bottom).min().over("peer_group")
        table = table.filter(pl.col("rank") >= limit)
    return table


def _described(frame: pl.DataFrame, league: League) -> pl.DataFrame:
    described = frame.join(
        league.organisations.select(columns.ORG_CODE, "org_name", "region"),
        on=columns.ORG_CODE,
        how="left",
        maintain_order="left",
    )
    return described.with_columns(pl.lit(str(league.quarter)).alias("quarter"))


def _metric_frame(league: League, metric_id: str) -> pl.DataFrame:
    metric = league.framework.metrics[metric_id]
    figures = league.figures.filter(pl.col("metric_id") == metric_id).select(
        columns.ORG_CODE, "numerator", "denominator", "status", "published_rank"
    )
    frame = league.standings.join(figures, on=columns.ORG_CODE, how="left", maintain_order="left")
    name = columns.value(metric_id)
    if name in frame.columns:
        order = _tie_order_expr(pl.col(name)).alias(columns.tie_order(metric_id))
        frame = frame.with_columns(order)
    own = pl.col(name if name in frame.columns else columns.score(metric_id))
    others = {u: pl.col(columns.value_in_unit(metric_id, u)) for u in metric.scoring_of_unit}
    measured = others | {metric.unit: own}
    within = Pool(within_peer_group=True)
    rules = rules_of(league.framework, metric_id, frame.columns, pool=within)
    return frame.with_columns(
        competition_rank_expr(own, rules).alias("rank"),
        pl.coalesce(*(_unit_expr(*one) for one in measured.items()), pl.lit(metric.unit)).alias(
            "unit"
        ),
        pl.coalesce(*measured.values()).alias("value"),
        pl.col(columns.score(metric_id)).alias("score"),
        pl.lit(None, pl.Int64).alias("segment"),
    )


def _unit_expr(unit: str, value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_not_null()).then(pl.lit(unit))


def _tie_order_expr(value: pl.Expr) -> pl.Expr:
    """Order equal values of a peer group by their published ranks, where all of them have one.

    Ranks are published within the peer group: here they break ties that reach beyond it too.
    """
    tie = [columns.PEER_GROUP, key_expr(value)]
    rank = pl.col("published_rank")
    can_tell = value.is_not_null() & (rank.null_count() == 0).over(tie)
    return pl.when(can_tell).then(rank.rank("min").over(tie).cast(pl.Int64) - 1)


def _domain_frame(league: League, domain_id: str) -> pl.DataFrame:
    key = pl.col(columns.domain_score(domain_id)) * (
        1 if league.framework.scale.is_lower_better else -1
    )
    frame = league.standings.drop(columns.RANK)
    ranked = with_competition_rank(frame, [key], within=columns.PEER_GROUP, name="rank")
    nothing = {
        "value": pl.Float64,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "status": pl.String,
    }
    return ranked.with_columns(
        pl.col(columns.domain_score(domain_id)).alias("score"),
        pl.col(columns.domain_segment(domain_id)).alias("segment"),
        pl.lit("score").alias("unit"),
        *(pl.lit(None, dtype).alias(name) for name, dtype in nothing.items()),
    )


def _organisations_of_icb(organisations: pl.DataFrame, icb: str) -> list[str]:
    known = organisations.select("icb_code", "icb_name").unique().drop_nulls().sort("icb_code")
    codes = dict(known.iter_rows())
    by_name = {name: code for code, name in codes.items()}
    code = icb.strip().upper()
    if code not in codes:
        code = by_name[_chosen("integrated care board", icb, pl.Series(list(by_name)))]
    return organisations.filter(pl.col("icb_code") == code)[columns.ORG_CODE].to_list()


def _chosen(what: str, asked: str, names: pl.Series) -> str:
    known: list[str] = sorted(names.drop_nulls().unique().to_list())
    wanted = asked.strip().casefold()
    for name in known:
        if name.casefold() == wanted:
            return name
    starting = [name for name in known if name.casefold().startswith(wanted)]
    if len(starting) == 1:
        return starting[0]
    close = " or ".join(starting or nearest(asked, known))
    raise UsageError(f"there is no {what} {asked!r}; did you mean {close}?")
