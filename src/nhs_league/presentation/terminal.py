"""Documents on a terminal, to its width: the only place that knows Rich."""

from __future__ import annotations

import io

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from nhs_league.presentation.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
    without_controls,
)

_NARROW = 110
_TALL = 1_000_000
_BETWEEN = 3
"""The characters between two columns."""
_LEAST = 12
"""The characters that text is not broken below; a narrower terminal breaks the lines itself."""


def render_terminal(
    document: Document, *, width: int, colour: bool, ascii_only: bool = False
) -> str:
    """Render a document as text that wraps at a width; optional columns give way on a narrow one.

    Markup, emoji codes and highlighting are off: square brackets in names are text.
    """
    output = io.StringIO()
    console = Console(
        file=output,
        width=width,
        height=_TALL,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    blocks = []
    for block in without_controls(document):
        console.width = _width_of(block, width)
        for part in _renderables(block, width, ascii_only=ascii_only):
            console.print(part)
        lines = [line.rstrip() for line in output.getvalue().splitlines()]
        blocks.append("\n".join(lines).strip("\n"))
        output.seek(0)
        output.truncate()
    return "\n\n".join(blocks) + "\n"


def _renderables(
    block: Table | Heading | Paragraph | Items, width: int, *, ascii_only: bool
) -> list[RenderableType]:
    match block:
        case Heading():
            return [Text(block.text, style="bold")]
        case Paragraph():
            return [Text(block.text)]
        case Items():
            return [_items(block)]
        case Table():
            caption = Text(block.caption, style="bold")
            return [caption, _table(block, width, ascii_only=ascii_only)]


def _items(block: Items) -> RichTable:
    """Hang the lines of a point that wraps under its text."""
    grid = RichTable.grid(padding=(0, 1, 0, 0))
    grid.add_column()
    grid.add_column()
    for point in block.points:
        grid.add_row(Text("-"), Text(point))
    return grid


def _table(block: Table, width: int, *, ascii_only: bool) -> RichTable:
    table = RichTable(
        box=box.ASCII if ascii_only else box.SIMPLE_HEAD,
        header_style="bold",
        pad_edge=False,
    )
    shown = _shown(block, width)
    for index in shown:
        column = block.columns[index]
        table.add_column(
            Text(column.header),
            justify=column.align,
            no_wrap=_is_whole(column),
            overflow="fold",
            min_width=_least_width(block, index),
        )
    for row in block.rows:
        table.add_row(*(Text(row[index]) for index in shown))
    return table


def _width_of(block: Block, width: int) -> int:
    """Give a table the width that it needs at least, beyond the terminal's if need be."""
    if not isinstance(block, Table):
        return width
    shown = _shown(block, width)
    return max(width, sum(_least_width(block, index) + _BETWEEN for index in shown))


def _shown(block: Table, width: int) -> list[int]:
    """List the columns that are shown at a width."""
    every = enumerate(block.columns)
    return [index for index, column in every if width >= _NARROW or not column.optional]


def _is_whole(column: Column) -> bool:
    return column.whole or column.align == "right"


def _least_width(block: Table, index: int) -> int:
    """Give the width below which a column is not broken: a figure cut short is another figure."""
    cells = [block.columns[index].header, *(row[index] for row in block.rows)]
    widest = max(cell_len(line) for cell in cells for line in cell.split("\n"))
    return widest if _is_whole(block.columns[index]) else min(widest, _LEAST)
