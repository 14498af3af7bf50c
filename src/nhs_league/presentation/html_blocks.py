"""A document as what the template ``blocks.html`` lays out."""

from __future__ import annotations

from typing import Any

from nhs_league.presentation.document import Document, Heading, Items, Paragraph, Table


def laid_out(document: Document) -> list[dict[str, Any]]:
    """Give each block by its kind; drawings in characters of one width are left out."""
    return [_block(block) for block in document]


def _block(block: Table | Heading | Paragraph | Items) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Items():
            return {"kind": "items", "points": block.points}
        case Table():
            return _table(block)


def _table(block: Table) -> dict[str, Any]:
    """Lay a table out as its columns and, row by row, each cell beside whether it is a number."""
    shown = [at for at, column in enumerate(block.columns) if not column.is_drawing]
    columns = [(block.columns[at].header, block.columns[at].align == "right") for at in shown]
    rows = [
        [(row[at], is_number) for at, (_, is_number) in zip(shown, columns, strict=True)]
        for row in block.rows
    ]
    return {"kind": "table", "caption": block.caption, "columns": columns, "rows": rows}
