"""What differs between two frameworks' rules, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from nhs_league.presentation.document import Block, Column, Items, Paragraph, Table
from nhs_league.presentation.text import NOTHING, plural

_PARTS = {
    "scale": "Scale",
    "aggregate": "Average",
    "segments": "Segments",
    "ranking": "Ranking",
    "movement": "Movement",
    "other": "Other",
}


_MAX_LISTED: Final = 6
"""Metrics, domains or overrides of one side that are listed; the rest are counted."""


def framework_changes_blocks(changes: pl.DataFrame, before: str, after: str) -> Iterator[Block]:
    """Lay the differences out; ``changes`` is under ``FRAMEWORK_CHANGES_SCHEMA``.

    The names under which published figures stand in the data are counted, and listed in JSON alone,
    and so is what one of the two has beyond the first few.
    """
    if changes.is_empty():
        yield Paragraph(f"The two frameworks, {before} and {after}, have the same rules.")
        return
    yield Paragraph(f"The rules of {before} and {after} have {plural(len(changes), 'difference')}.")
    wholes = changes.filter(pl.col("field").is_null())
    if not wholes.is_empty():
        yield Items(list(_points(wholes, before, after)))
    fields = changes.filter(pl.col("field").is_not_null())
    is_published = pl.col("field").str.starts_with("published")
    shown = fields.filter(~is_published)
    if not shown.is_empty():
        yield _table(shown, before, after)
    ids = len(fields) - len(shown)
    if ids:
        yield Paragraph(
            f"{plural(ids, 'difference')} more in the ids under which published figures stand; "
            "the JSON format lists them."
        )


def _points(wholes: pl.DataFrame, before: str, after: str) -> Iterator[str]:
    """List the metrics, domains and overrides that one of the two has alone."""
    for (part, change), rows in wholes.group_by("part", "change", maintain_order=True):
        name, side = (before, "before") if change == "dropped" else (after, "after")
        listed = "; ".join(rows[side].head(_MAX_LISTED))
        more = len(rows) - _MAX_LISTED
        rest = f"; and {more:,} more, which the JSON format lists" if more > 0 else ""
        yield f"{plural(len(rows), str(part))} of {name} alone: {listed}{rest}"


def _table(changes: pl.DataFrame, before: str, after: str) -> Table:
    return Table(
        f"What differs field by field ({len(changes)})",
        [Column("Rule"), Column("Field"), Column(before), Column(after)],
        [
            (
                _subject(row),
                row["field"].replace("_", " ").replace(".", ", "),
                row["before"] or NOTHING,
                row["after"] or NOTHING,
            )
            for row in changes.iter_rows(named=True)
        ],
    )


def _subject(row: dict[str, Any]) -> str:
    if row["id"] is None:
        return _PARTS[row["part"]]
    return f"{row['part'].capitalize()} {row['id']}"
