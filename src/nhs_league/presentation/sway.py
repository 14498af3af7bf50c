"""What sways a table, as documents: removals one by one, and weights beside influence."""

from __future__ import annotations

from typing import Any

import polars as pl

from nhs_league.analysis.robustness.influence import BASE_SAMPLES
from nhs_league.analysis.robustness.robustness import Design
from nhs_league.league import League
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.text import number, percent


def leave_one_out_document(table: pl.DataFrame, league: League) -> Document:
    """Lay out what each metric, domain and override does to the table."""
    ranked = int(league.standings["rank"].count())
    told = table.filter(pl.col("kind").is_in(["override", "domain_and_overrides"]))
    blocks: list[Block] = [
        Paragraph(_removal_sentence(row, ranked, league)) for row in told.iter_rows(named=True)
    ]
    headers = {
        "override": "Without an override",
        "domain": "Without a domain",
        "domain_and_overrides": "Without a domain and its overrides",
        "metric": "Without a metric",
    }
    for kind, caption in headers.items():
        rows = table.filter(pl.col("kind") == kind)
        if not rows.is_empty():
            blocks.append(_removals_table(rows, caption))
    points = [
        "Spearman, Kendall: how far the order within each group stays the same, from 1 (the same) "
        "over 0 to -1 (reversed).",
        "Moved: organisations with another rank; Places: how many places all of them move on "
        "average; Segments: how many change segment, to a better one and to a worse.",
    ]
    if league.standings["cuts_are_published"].any():
        points.append("The cut points are told by the published segments: the league is not whole.")
    blocks.append(Items(points))
    return blocks


def influence_document(table: pl.DataFrame, league: League, design: Design) -> Document:
    """Lay out declared weights beside what the metrics do to the table."""
    columns = [
        Column("Metric"),
        Column("Weight", "right"),
        Column("In effect", "right"),
        Column("Sq. corr.", "right"),
        Column("First", "right"),
        Column("Total", "right"),
    ]
    rows = [
        (
            f"{row['title']} ({row['metric_id']})",
            percent(row["nominal_weight"]),
            percent(row["effective_weight"]),
            number(row["squared_correlation"]),
            number(row["sobol_first"]),
            number(row["sobol_total"]),
        )
        for row in table.iter_rows(named=True)
    ]
    caption = f"{league.framework.title}: weight and influence, {league.quarter.long_label}"
    notes = [
        "Weight: the declared share of the whole. In effect: the mean share in the averages of the "
        "ranked organisations, of which some lack metrics.",
        "Sq. corr.: the squared correlation of the metric's scores with the average, over the "
        "organisations that have it.",
        "First, Total: Sobol indices, the share of the variance of the mean change of rank that "
        "the metric's weight makes, by itself and with all that it does together with others, when "
        f"weights vary around the declared ones with concentration {design.concentration:g} "
        f"({BASE_SAMPLES:,} base samples, seed {design.seed}). Below "
        f"{number(_largest_margin(table))} it is within the noise.",
    ]
    return [Table(caption, columns, rows), Items(notes)]


def _removal_sentence(row: dict[str, Any], ranked: int, league: League) -> str:
    rules = [rule for rule in league.framework.overrides if rule.domain == row["id"]]
    without = f"Without the override {row['id']} ({row['title']})"
    if row["kind"] == "domain_and_overrides":
        names = " and ".join(rule.id for rule in rules)
        without = f"Without the metrics of {row['title']} and the override {names}"
    return (
        f"{without}, {row['segments_changed']} of {ranked} organisations would be in another "
        f"segment ({row['segments_better']} better, {row['segments_worse']} worse) and "
        f"{row['moved']} would have another rank; the mean move is {number(row['mean_move'], 1)} "
        "places."
    )


def _removals_table(rows: pl.DataFrame, caption: str) -> Table:
    return Table(
        caption,
        [
            Column("Removed, and its largest movers"),
            Column("Spearman", "right"),
            Column("Kendall", "right"),
            Column("Moved", "right"),
            Column("Places", "right"),
            Column("Segments", "right"),
        ],
        [
            (
                "\n".join(filter(None, (_removed(row), row["largest_movers"], _lost(row)))),
                number(row["spearman"], 3),
                number(row["kendall"], 3),
                f"{row['moved']:,}",
                number(row["mean_move"], 1),
                f"{row['segments_changed']} (+{row['segments_better']} -{row['segments_worse']})",
            )
            for row in rows.iter_rows(named=True)
        ],
    )


def _removed(row: dict[str, Any]) -> str:
    return f"{row['title']} ({row['id']})"


def _lost(row: dict[str, Any]) -> str | None:
    """Say how many organisations are left without enough metrics to be ranked."""
    return f"{row['not_ranked']} no longer ranked" if row["not_ranked"] else None


def _largest_margin(table: pl.DataFrame) -> float:
    margins = table.select(pl.max_horizontal(pl.col("^sobol_.*_margin$").max()))
    return float(margins.item())
