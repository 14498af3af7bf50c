"""Histories as documents: who stays high or low, and one organisation's quarters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from nhs_league.analysis.history import History, listed
from nhs_league.league import cut_points
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.league_tables import ranked_noun, tables_of
from nhs_league.presentation.text import NOTHING, number, plural, span, whole

_WITH_COLUMNS: Final = 4
"""As many quarters have a column of ranks each; more have the range of ranks instead."""
_NAMED: Final = 8
"""As many organisations are named in a sentence; of more, the number is said."""


def history_document(history: History, rows: pl.DataFrame, among: pl.DataFrame) -> Document:
    """Lay a history out, or a part of its rows: who never moved, then a table a peer group.

    Who never moved is told of the rows ``among`` which those that are shown were chosen.
    """
    blocks: list[Block] = [Paragraph(_covered(history))]
    if not history.has_ranked:
        return [*blocks, Paragraph("Nobody is ranked in these quarters.")]
    if rows.is_empty():
        return [*blocks, Paragraph("No organisation is left by these filters.")]
    if throughout := list(_throughout_points(history, among)):
        blocks.append(Items(throughout))
    for noun, part in tables_of(rows, history.latest):
        ranked = part.filter(pl.col("quarters") > 0)
        if not ranked.is_empty():
            blocks.append(_group_table(history, noun, ranked))
    never = rows.filter(pl.col("quarters") == 0)
    if not never.is_empty():
        names = "; ".join(f"{row['org_name']} ({row['org_code']})" for row in never.to_dicts())
        blocks.append(Paragraph(f"Not ranked in any of these quarters: {names}."))
    if len(never) < len(rows):
        blocks.append(Items(_notes(history)))
    return blocks


def trust_history_document(history: History, rows: pl.DataFrame) -> Document:
    """Lay out the quarters of some organisations one by one, each with a sentence or two first."""
    blocks: list[Block] = [Paragraph(_covered(history))]
    for row in rows.iter_rows(named=True):
        blocks.append(Paragraph(_told(history, row)))
        blocks.append(_quarters_table(history, row))
    if (rows["quarters"] > 0).any():
        notes = [_average_note(history), f"Metrics: {_METRICS_NOTE}"]
        blocks.append(Items([*_override_points(history, rows), *notes]))
    return blocks


_METRICS_NOTE: Final = (
    "on how many a trust is among the best 25% / the worst 25% of its peer group that quarter, of "
    "those it is scored on. A tie that reaches beyond the 25% counts as neither."
)


def _covered(history: History) -> str:
    """Say which quarters there are, and by which framework each is ranked."""
    parts = []
    for title in dict.fromkeys(league.framework.title for league in history.leagues):
        labels = [
            f"{league.quarter} ({league.quarter.nhs_label})"
            for league in history.leagues
            if league.framework.title == title
        ]
        parts.append(f"{listed(labels)} by {title}")
    text = f"{plural(len(history.leagues), 'quarter')}: {'; '.join(parts)}."
    return text if len(history.leagues) > 1 else f"{text} One quarter shows no history."


def _throughout_points(history: History, rows: pl.DataFrame) -> Iterator[str]:
    """Say who was in the best segment in every quarter, and who in the worst."""
    count = len(history.leagues)
    if count < 2:
        return
    always = rows.filter(pl.col("quarters") == count)
    if always.is_empty():
        yield f"Nobody is ranked in {_every(count)} quarters."
        return
    for name, label in (
        ("quarters_in_best_segment", "best"),
        ("quarters_in_worst_segment", "worst"),
    ):
        found = always.filter(pl.col(name) == count)
        yield (
            f"In the {label} segment ({_segment_number(history, label)}) in "
            f"{_every(count)} quarters: {_who(history, found)} of the {len(always):,} ranked in "
            f"{_every(count)} quarters{_names(found)}."
        )


def _every(count: int) -> str:
    return "both" if count == 2 else f"all {count}"


def _segment_number(history: History, label: str) -> str:
    if label == "best":
        return "1"
    lasts = dict.fromkeys(len(cut_points(league.framework)) + 1 for league in history.leagues)
    return " or ".join(map(str, lasts))


def _who(history: History, found: pl.DataFrame) -> str:
    """Count organisations, and how many of each peer group they are."""
    groups = [(noun, len(part)) for noun, part in tables_of(found, history.latest)]
    if len(groups) < 2:
        return str(len(found)) if len(found) else "none"
    return f"{len(found)} ({', '.join(f'{count} {noun}' for noun, count in groups)})"


def _names(found: pl.DataFrame) -> str:
    if found.is_empty() or len(found) > _NAMED:
        return ""
    named = [f"{row['org_name']} ({row['org_code']})" for row in found.iter_rows(named=True)]
    return f": {'; '.join(named)}"


def _group_table(history: History, noun: str, rows: pl.DataFrame) -> Table:
    of = _members(history, rows)
    part = f", {len(rows)} of {of}" if len(rows) < of else ""
    quarters = history.quarter_names
    period = quarters[0] if len(quarters) == 1 else f"{quarters[0]} to {quarters[-1]}"
    columns = _table_columns(history)
    return Table(
        f"{history.latest.framework.title}: {noun}, {period}{part}",
        columns,
        [_cells(history, row) for row in rows.iter_rows(named=True)],
    )


def _members(history: History, rows: pl.DataFrame) -> int:
    """Count those that are ever ranked in the table that rows are a part of."""
    ranked = history.rows.filter(pl.col("quarters") > 0)
    if history.latest.framework.ranking.within == "all":
        return len(ranked)
    return len(ranked.filter(pl.col("peer_group").eq_missing(pl.lit(rows["peer_group"][0]))))


def _table_columns(history: History) -> list[Column]:
    columns = [Column("Code", whole=True), Column("Organisation")]
    if _has_rank_columns(history):
        columns += [Column(quarter, "right") for quarter in history.quarter_names]
        columns += [Column("Average", "right"), Column("Segments")]
    else:
        columns += [
            Column("Ranks", "right"),
            Column("Average", "right"),
            Column("Segments"),
            Column("In best/worst", "right"),
        ]
    return [
        *columns,
        Column("Metrics", "right", optional=True),
        Column("Longest run", optional=True),
    ]


def _cells(history: History, row: dict[str, Any]) -> list[str]:
    decimals = history.latest.framework.scale.decimals
    ranks = [whole(row[f"rank_{quarter}"]) for quarter in history.quarter_names]
    segments = " ".join(
        whole(row[f"adjusted_segment_{quarter}"]) for quarter in history.quarter_names
    )
    average = number(row["mean_average"], decimals)
    cells = [row["org_code"], row["org_name"]]
    if _has_rank_columns(history):
        cells += [*ranks, average, segments]
    else:
        cells += [
            _rank_span(row),
            average,
            segments,
            f"{row['quarters_in_best_segment']}/{row['quarters_in_worst_segment']}",
        ]
    return [*cells, _metrics(row, row["metric_quarters"]), _run(row)]


def _has_rank_columns(history: History) -> bool:
    return len(history.leagues) <= _WITH_COLUMNS


def _rank_span(row: dict[str, Any]) -> str:
    best, worst = row["best_rank"], row["worst_rank"]
    return whole(best) if best == worst else span(best, worst, 0)


def _metrics(row: dict[str, Any], of: int) -> str:
    return f"{row['metrics_best_quarter']}/{row['metrics_worst_quarter']} of {of}"


def _run(row: dict[str, Any]) -> str:
    if row["longest_run"] is None:
        return NOTHING
    return f"{row['longest_run']} in segment {row['longest_run_segment']}"


def _notes(history: History) -> list[str]:
    points = []
    if _has_rank_columns(history):
        points.append(
            f"Under each quarter: the rank. Segments: the adjusted segment quarter by quarter, "
            f"oldest first; {NOTHING} where not ranked."
        )
    else:
        points.append(
            "Ranks: the best and the worst. Segments: the adjusted segment quarter by quarter, "
            f"oldest first; {NOTHING} where not ranked. In best/worst: the number of quarters in "
            "the best segment / in the worst."
        )
    return [
        *points,
        _average_note(history),
        f"Metrics, where the page is wide enough: {_METRICS_NOTE} Added up over the quarters.",
        "Order: by how far down the table a trust is on average, from first to last; then by its "
        "average. Trusts stand under the code they had: mergers are not followed.",
    ]


def _average_note(history: History) -> str:
    scales = {(each.framework.scale.best, each.framework.scale.worst) for each in history.leagues}
    if len(scales) > 1:
        return "Average: none over these quarters, whose frameworks have different scales."
    scale = history.latest.framework.scale
    best, worst = (number(end, scale.decimals) for end in (scale.best, scale.worst))
    return (
        f"Average: the mean metric score, from {best} (best) to {worst} (worst), "
        "over the quarters. Segment 1 is best."
    )


def _told(history: History, row: dict[str, Any]) -> str:
    """Say in plain words how an organisation did over the quarters."""
    name, count = f"{row['org_name']} ({row['org_code']})", len(history.leagues)
    if not row["quarters"]:
        return f"{name} is not ranked in any of these quarters."
    noun = ranked_noun(history.latest, row["peer_group"] or NOTHING)
    best, worst = row["best_rank"], row["worst_rank"]
    ranks = f"{best} each time" if best == worst else f"between {best} and {worst}"
    if row["quarters"] == 1:
        ranks = str(best)
    told = [
        f"{name} is ranked in {row['quarters']} of {plural(count, 'quarter')}, among {noun}: "
        f"{ranks}.",
        _segments_told(history, row),
    ]
    if row["mean_average"] is not None and row["quarters"] > 1:
        decimals = history.latest.framework.scale.decimals
        told.append(f"Its average is {number(row['mean_average'], decimals)} over them.")
    told.append(
        f"It is among the best 25% of its peers on {row['metrics_best_quarter']} of "
        f"{plural(row['metric_quarters'], 'metric score')} and among the worst 25% on "
        f"{row['metrics_worst_quarter']}."
    )
    return " ".join(told)


def _segments_told(history: History, row: dict[str, Any]) -> str:
    segment, longest = row["longest_run_segment"], row["longest_run"]
    if row["quarters"] == 1:
        return f"It is in segment {segment}."
    if longest == len(history.leagues):
        return f"It is in segment {segment} in {_every(longest)}."
    values = [row[f"adjusted_segment_{quarter}"] for quarter in history.quarter_names]
    text = f"Its segments are, oldest first, {', '.join(map(whole, values))}"
    if longest > 1:
        return f"{text}; the longest run is {longest} in segment {segment}, from " + (
            f"{row['longest_run_from']}."
        )
    return f"{text}, never the same twice running."


def _quarters_table(history: History, row: dict[str, Any]) -> Table:
    rows = history.quarters.filter(pl.col("org_code") == row["org_code"])
    decimals = {str(each.quarter): each.framework.scale.decimals for each in history.leagues}
    return Table(
        f"{row['org_name']} ({row['org_code']}), quarter by quarter",
        [
            Column("Quarter", whole=True),
            Column("Rank", "right"),
            Column("Average", "right"),
            Column("Segment", "right"),
            Column("Adjusted", "right"),
            Column("Metrics", "right"),
            Column("Overrides", optional=True),
        ],
        [
            (
                each["quarter"],
                f"{each['rank']} of {each['rank_of']}" if each["rank"] else NOTHING,
                number(each["average_metric_score"], decimals[each["quarter"]]),
                whole(each["segment"]),
                whole(each["adjusted_segment"]) + ("*" if _is_starred(each) else ""),
                _metrics(each, each["metrics_scored"]),
                each["overrides"] or "",
            )
            for each in rows.iter_rows(named=True)
        ],
    )


def _is_starred(row: dict[str, Any]) -> bool:
    """Say whether overrides hold a segment; one that there is not has nothing to hold."""
    return row["adjusted_segment"] is not None and bool(row["overrides"])


def _override_points(history: History, rows: pl.DataFrame) -> Iterator[str]:
    """Say what the stars beside segments stand for."""
    is_shown = pl.col("org_code").is_in(rows["org_code"].to_list())
    shown = history.quarters.filter(is_shown, pl.col("adjusted_segment").is_not_null())
    held = set(shown["overrides"].drop_nulls().str.split(";").explode())
    rules = {rule.id: rule for league in history.leagues for rule in league.framework.overrides}
    for id_, rule in rules.items():
        if id_ in held:
            yield f"* {rule.title}: not better than segment {rule.not_better_than}."
