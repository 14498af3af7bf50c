"""A result as a document: headings, sentences and tables of text, without a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "right"]


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
