"""League tables as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from nhs_league.league import League
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.text import (
    NOTHING,
    capitalised,
    count,
    group_noun,
    number,
    plural,
    quantity,
    span,
    whole,
)


def _ranking_columns(*, has_ranges: bool) -> list[Column]:
    """Give the columns of a ranking; on a narrow terminal likely ranks take the segment's place."""
    columns = [
        Column("Rank", "right"),
        Column("Code", whole=True),
        Column("Organisation"),
        Column("Average", "right"),
    ]
    if has_ranges:
        columns += [
            Column("Likely rank", "right"),
            Column("Likely range", "right", optional=True),
        ]
    columns += [
        Column("Segment", "right", optional=has_ranges),
        Column("Adjusted", "right"),
        Column("Metrics", "right", optional=True),
        Column("Overrides", optional=True),
    ]
    return columns


def ranking_document(table: pl.DataFrame, league: League) -> Document:
    """Lay a ranking out, a table a peer group, with the unranked and the rules below.

    Likely ranges have columns where the table has any.
    """
    decimals = league.framework.scale.decimals
    has_ranges = bool(table["rank_low"].is_not_null().any())
    blocks: list[Block] = []
    for noun, rows in tables_of(table, league):
        ranked = [row for row in rows.rows(named=True) if row["rank"] is not None]
        if not ranked:
            continue
        blocks.append(
            Table(
                table_caption(noun, league, len(ranked), ranked[0]["rank_of"]),
                _ranking_columns(has_ranges=has_ranges),
                [
                    (
                        whole(row["rank"]),
                        row["org_code"],
                        row["org_name"],
                        number(row["average_metric_score"], decimals),
                        *(_range_cells(row, decimals) if has_ranges else ()),
                        whole(row["segment"]),
                        whole(row["adjusted_segment"]) + ("*" if row["overrides"] else ""),
                        f"{row['metrics_scored']} of {row['metrics_expected']}",
                        row["overrides"] or "",
                    )
                    for row in ranked
                ],
            )
        )
    blocks += _unranked(table, league)
    blocks += _ranking_notes(table, league)
    return blocks


def tables_of(table: pl.DataFrame, league: League) -> Iterator[tuple[str, pl.DataFrame]]:
    """Split a ranking into what is ranked together, each part with its name in a sentence."""
    if league.framework.ranking.within == "all":
        yield ranked_noun(league), table
        return
    for (group,), rows in table.group_by("peer_group", maintain_order=True):
        yield ranked_noun(league, str(group or NOTHING)), rows


def sheets_of_ranking(table: pl.DataFrame, league: League) -> dict[str, pl.DataFrame]:
    """Split a ranking into the sheets of a workbook: one a peer group, or one of all."""
    found: dict[str, pl.DataFrame] = {}
    for noun, rows in tables_of(table, league):
        name = capitalised(noun)
        found[name] = pl.concat([found[name], rows]) if name in found else rows
    return found or {"Organisations": table}


def ranked_noun(league: League, peer_group: str = NOTHING) -> str:
    """Name in a sentence those that a peer group's organisations are ranked with."""
    if league.framework.ranking.within == "all":
        return "organisations"
    return group_noun(peer_group)


def table_caption(noun: str, league: League, shown: int, of: int) -> str:
    """Head a table of what is ranked together, of which a part may be shown."""
    part = f", {shown} of {of}" if shown < of else ""
    return f"{league.framework.title}: {noun}, {league.quarter.long_label}{part}"


def single_document(table: pl.DataFrame, league: League, title: str) -> Document:
    """Lay out the league of one metric or one domain."""
    scale = league.framework.scale
    blocks: list[Block] = []
    is_domain = bool(table["segment"].is_not_null().any())
    metric = league.framework.metrics.get(str(table["by"].first()))
    decimals = metric.decimals if metric else scale.decimals
    columns = [Column("Rank", "right"), Column("Code", whole=True), Column("Organisation")]
    columns += [] if is_domain else [Column("Value", "right")]
    columns += [Column("Score", "right")]
    columns += [Column("Segment", "right")] if is_domain else []
    has_counts = bool(table["numerator"].is_not_null().any())
    columns += [Column("Numerator", "right"), Column("Denominator", "right")] if has_counts else []
    for group, rows in _by_group(table):
        ranked = [row for row in rows if row["rank"] is not None]
        if not ranked:
            continue
        cells = []
        for row in ranked:
            line = [whole(row["rank"]), row["org_code"], row["org_name"]]
            line += [] if is_domain else [quantity(row["value"], row["unit"], decimals)]
            line += [number(row["score"], scale.decimals)]
            line += [whole(row["segment"])] if is_domain else []
            line += [count(row["numerator"]), count(row["denominator"])] if has_counts else []
            cells.append(line)
        caption = f"{title}: {group_noun(group)}, {league.quarter.long_label}"
        blocks.append(Table(caption, columns, cells))
    without = [row for row in table.iter_rows(named=True) if row["rank"] is None]
    stated = [
        f"{row['org_name']} ({row['org_code']}): {reason}"
        for row in without
        if (reason := why_without_rank(row, scale.decimals)) is not None
    ]
    if stated:
        blocks += [Paragraph("Not ranked:"), Items(stated)]
    if len(without) > len(stated):
        others = plural(len(without) - len(stated), "organisation")
        blocks.append(Paragraph(f"{others} of this league without a row for it in the data."))
    return blocks


def why_without_rank(row: Mapping[str, Any], decimals: int) -> str | None:
    """Say why a row of ``ranking_by`` has no rank; none where the data have no row for it.

    Figures in another unit have a score, of that many ``decimals``, and no place among the others.
    """
    if row["status"] not in (None, "reported"):
        return str(row["status"]).replace("_", " ")
    if row["value"] is None:
        return None
    figure = f"{count(row['value'])} ({row['unit']})"
    return figure if row["score"] is None else f"{figure}, scored {number(row['score'], decimals)}"


def _range_cells(row: dict[str, Any], decimals: int) -> tuple[str, str]:
    return (
        span(row["rank_low"], row["rank_high"], 0),
        span(row["score_low"], row["score_high"], decimals),
    )


def _unranked(table: pl.DataFrame, league: League) -> Iterator[Block]:
    unranked = table.filter(pl.col("rank").is_null())
    if unranked.is_empty():
        return
    reasons = dict(league.standings.select("org_code", "not_ranked_reason").iter_rows())
    yield Paragraph(f"Not ranked ({len(unranked)}):")
    by_reason: dict[str, list[str]] = {}
    for row in unranked.iter_rows(named=True):
        by_reason.setdefault(f"{row['peer_group']}: {reasons[row['org_code']]}", []).append(
            f"{row['org_name']} ({row['org_code']})"
        )
    for reason, names in by_reason.items():
        yield Paragraph(f"{reason}: {'; '.join(names)}.")


def _ranking_notes(table: pl.DataFrame, league: League) -> Iterator[Block]:
    framework = league.framework
    best, worst = framework.scale.best, framework.scale.worst
    points = [
        f"Average: mean metric score, from {number(best, framework.scale.decimals)} (best) to "
        f"{number(worst, framework.scale.decimals)} (worst). Segment 1 is best."
    ]
    if table["rank_low"].is_not_null().any():
        points.append(
            "Likely rank and range: the middle 95% of what resampling each organisation's metrics "
            "gives; `nhs-league robustness` says more."
        )
    for rule in framework.overrides:
        held = table.filter(pl.col("overrides").str.split(";").list.contains(rule.id))
        if not held.is_empty():
            points.append(
                f"* {rule.title}: not better than segment {rule.not_better_than} "
                f"({plural(len(held), 'organisation')})."
            )
    yield Items(points)


def _by_group(table: pl.DataFrame) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for (group,), rows in table.group_by("peer_group", maintain_order=True):
        yield str(group or NOTHING), rows.rows(named=True)
