"""A result as a document: headings, sentences and tables of text, without a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

Align = Literal["left", "right"]

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Signs that colour a terminal, move its cursor or turn its text around; a line end is none."""


@dataclass(frozen=True)
class Column:
    """A column of a text table.

    An ``optional`` one gives way on a narrow terminal; the cells of a ``whole`` one, codes and
    file names, are never broken. A drawing in characters of one width is left out of formats that
    have no such characters.
    """

    header: str
    align: Align = "left"
    optional: bool = False
    whole: bool = False
    is_drawing: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose cells are final text; ``caption`` stands above it."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Heading:
    """A heading over what follows."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of short points."""

    points: Sequence[str]


Block = Table | Heading | Paragraph | Items
Document = Sequence[Block]


def without_controls(document: Document) -> Document:
    """Write out what would be a command to a terminal: names in files may hold anything."""
    return [_without_controls(block) for block in document]


def _without_controls(block: Block) -> Block:
    match block:
        case Table():
            columns = [replace(one, header=_written_out(one.header)) for one in block.columns]
            rows = [[_written_out(cell) for cell in row] for row in block.rows]
            return Table(_written_out(block.caption), columns, rows)
        case Items():
            return Items([_written_out(point) for point in block.points])
        case Heading() | Paragraph():
            return replace(block, text=_written_out(block.text))


def _written_out(text: str) -> str:
    return _CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
