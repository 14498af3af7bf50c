"""Documents as plain text for pipes and files: nothing is wrapped, nothing is cut short."""

from __future__ import annotations

from collections.abc import Sequence

from nhs_league.presentation.document import (
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
    without_controls,
)

_GAP = "   "


def render_plain(document: Document, *, ascii_only: bool = False) -> str:
    """Render a document as text as wide as it needs to be."""
    blocks = [_block(block, ascii_only=ascii_only) for block in without_controls(document)]
    return "\n\n".join(blocks) + "\n"


def _block(block: Table | Heading | Paragraph | Items, *, ascii_only: bool) -> str:
    match block:
        case Table():
            return _table(block, ascii_only=ascii_only)
        case Items():
            return "\n".join(f"- {point}" for point in block.points)
        case Heading() | Paragraph():
            return block.text


def _table(block: Table, *, ascii_only: bool) -> str:
    lines = [[cell.split("\n") for cell in row] for row in block.rows]
    headers = [column.header for column in block.columns]
    widths = [
        max([len(header), *(len(line) for row in lines for line in row[index])])
        for index, header in enumerate(headers)
    ]
    rule = ("-" if ascii_only else "\u2500") * (sum(widths) + len(_GAP) * (len(widths) - 1))
    laid_out = [block.caption, "", _line(headers, widths, block.columns), rule]
    for row in lines:
        for index in range(max(len(cell) for cell in row)):
            cells = [cell[index] if index < len(cell) else "" for cell in row]
            laid_out.append(_line(cells, widths, block.columns))
    return "\n".join(laid_out)


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    placed = [
        cell.rjust(width) if column.align == "right" else cell.ljust(width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    ]
    return _GAP.join(placed).rstrip()
