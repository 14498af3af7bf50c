"""How one organisation moved, in sentences and metric by metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from nhs_league.analysis.comparison.comparison import PARTS, Comparison, Cut
from nhs_league.analysis.comparison.successors import Merger
from nhs_league.presentation.document import Block, Column, Paragraph, Table
from nhs_league.presentation.text import NOTHING, group_noun, number, plural, quantity
from nhs_league.successions import date_label

_CAUSES: Final = {
    "due_to_own_metrics": "its own metrics",
    "due_to_others": "the others",
    "due_to_override": "the override",
    "due_to_metric_set": "metrics that came or went",
    "due_to_method": "the other rules",
}
_CLASSES: Final = {
    "significant": "its average changed significantly",
    "override": "because an override was set or lifted",
    "not_significant": "without a significant change of its average",
}
LEAST_PART: Final = 0.05
"""Causes that add less than this to a move, in places, are not told."""
_CONTRIBUTION_DECIMALS: Final = 3
_PRESENCE: Final = {"both": "", "came": " (new)", "went": " (gone)"}
_UNITS: Final = {"percent": "percent", "minutes": "min", "percentage points": "pp"}


def trust_blocks(
    comparison: Comparison, row: dict[str, Any], metrics: pl.DataFrame
) -> Iterator[Block]:
    """Tell one row of a comparison, and what became of its metrics, largest change first."""
    yield Paragraph(" ".join(trust_sentences(comparison, row)))
    if not metrics.is_empty():
        yield _metrics_table(comparison, row, metrics)


def trust_sentences(comparison: Comparison, row: dict[str, Any]) -> Iterator[str]:
    """Say how an organisation moved, by what, and what its average and segment did."""
    name = f"{row['org_name']} ({row['org_code']})"
    before, after = row["rank_from"], row["rank_to"]
    if before is None or after is None:
        yield _of_one_side(
            name, before, after, is_of_one_table=row["org_code"] in comparison.of_one_table
        )
        return
    text = f"{name} kept rank {after}"
    if after != before:
        verb = "fell" if after > before else "rose"
        text = f"{name} {verb} {plural(abs(after - before), 'place')}, from {before} to {after}"
    yield f"{text}."
    yield from _cause_sentences(row)
    yield from _average_sentences(comparison, row)
    yield from _segment_sentences(row)


def _cause_sentences(row: dict[str, Any]) -> Iterator[str]:
    """Say how many places each cause took an organisation up or down, largest first."""
    parts = {part: row[part] for part in PARTS if row[part] is not None}
    large = [part for part in parts if abs(parts[part]) >= LEAST_PART]
    large.sort(key=lambda part: -abs(parts[part]))
    if not large:
        return
    causes = [
        f"{_CAUSES[part]} took it {number(abs(parts[part]), 1)} places "
        f"{'down' if parts[part] > 0 else 'up'}"
        for part in large
    ]
    listed = " and ".join(filter(None, (", ".join(causes[:-1]), causes[-1])))
    yield f"{listed[0].upper()}{listed[1:]}."


def _of_one_side(name: str, before: int | None, after: int | None, *, is_of_one_table: bool) -> str:
    if before is None and after is None:
        return f"{name} is not ranked in either table."
    if is_of_one_table:
        which = "first" if after is None else "second"
        return f"{name} stands with rank {before or after} in the {which} table only."
    if after is None:
        return f"{name} ranked {before} in the first table and is not ranked in the second."
    return f"{name} ranks {after} in the second table and is not ranked in the first."


def _average_sentences(comparison: Comparison, row: dict[str, Any]) -> Iterator[str]:
    before, after = (number(row[f"average_{end}"], comparison.decimals) for end in ("from", "to"))
    if before == after:
        yield f"Its average stayed at {after}."
        return
    told = []
    if row["is_significant"] is not None and comparison.significance.is_known:
        told.append("significant" if row["is_significant"] else "not significant")
    if row["p_value"] is not None:
        told.append(f"p = {number(row['p_value'], 3)}")
    said = f" ({', '.join(told)})" if told else ""
    yield f"Its average went from {before} to {after}{said}."


def _segment_sentences(row: dict[str, Any]) -> Iterator[str]:
    before, after = row["adjusted_segment_from"], row["adjusted_segment_to"]
    if before is None and after is None:
        return
    if before == after:
        yield f"Its adjusted segment stayed at {after}."
    elif row["change_class"] == "none":
        yield f"Its adjusted segment was {before or NOTHING} and is {after or NOTHING}."
    else:
        reason = _CLASSES[row["change_class"]]
        if row["change_class"] == "not_significant" and row["is_significant"] is None:
            reason = "by a change of its average, which nothing here can test"
        joint = ": " if row["change_class"] == "significant" else ", "
        yield f"Its adjusted segment went from {before} to {after}{joint}{reason}."


def _metrics_table(comparison: Comparison, row: dict[str, Any], metrics: pl.DataFrame) -> Table:
    return Table(
        f"{row['org_code']}: what its metrics add to the change of its average, largest first",
        [
            Column("Metric"),
            Column("Value", "right"),
            Column("Score", "right"),
            Column("Adds", "right"),
        ],
        [
            (
                f"{metric['title']} ({metric['metric_id']}){_PRESENCE[metric['presence']]}",
                _value_pair(metric),
                _pair(metric["score_from"], metric["score_to"], comparison.decimals),
                signed(metric["contribution_change"], _CONTRIBUTION_DECIMALS),
            )
            for metric in metrics.iter_rows(named=True)
        ],
    )


def _value_pair(metric: dict[str, Any]) -> str:
    """Write a value before and after, with the unit once; the title says most units."""
    before, after = metric["value_from"], metric["value_to"]
    unit, decimals = _UNITS.get(metric["unit"] or ""), metric["decimals"]
    if after is None or number(before, decimals) == number(after, decimals):
        last = NOTHING if after is None else quantity(after, unit, decimals)
        is_gone = after is None and before is not None
        return f"{quantity(before, unit, decimals)} to {NOTHING}" if is_gone else last
    return f"{number(before, decimals)} to {quantity(after, unit, decimals)}"


def _pair(before: float | None, after: float | None, decimals: int) -> str:
    first, second = number(before, decimals), number(after, decimals)
    return first if first == second else f"{first} to {second}"


def signed(value: float | None, decimals: int) -> str:
    """Write a change with its sign; a dash where there is none to tell."""
    text = number(value, decimals)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text


def cut_sentence(cut: Cut, names: Sequence[str]) -> str:
    """Say that a table, of two with the names, holds only some of what its ranks are out of."""
    among = "organisations" if cut.peer_group is None else group_noun(cut.peer_group)
    return (
        f"{names[cut.table]} holds {cut.held:,} of {cut.ranked:,} {among}: what moves are due to "
        "cannot be told"
    )


def merger_sentence(merger: Merger) -> str:
    """Say who became part of whom, when, and what that does to the rows."""
    rank = "unranked" if merger.rank is None else f"rank {merger.rank}"
    day = date_label(date.fromisoformat(merger.succeeded_on))
    text = (
        f"{merger.org_name} ({merger.org_code}, {rank}) became part of {merger.successor_name} "
        f"({merger.successor_code}) on {day}"
    )
    if merger.is_followed:
        return f"{text}; the two are compared as one"
    return f"{text}; its row stands by itself"
