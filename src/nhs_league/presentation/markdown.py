"""Documents as Markdown, for board papers and issue trackers."""

from __future__ import annotations

import re

from nhs_league.presentation.document import Document, Heading, Items, Paragraph, Table

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~"})
_ENTITY = re.compile(r"&(?=\w+;)")
_LIST = re.compile(r"^([-+]|\d+[.)])(?=\s)")


def render_markdown(document: Document, *, title: str = "", source: str = "") -> str:
    """Render a document as GitHub-flavoured Markdown; nothing in a cell is taken for markup.

    The ``title`` stands above it, and where it came from below.
    """
    parts = [f"# {escaped(title)}"] if title else []
    parts += [_block(block) for block in document]
    parts += [escaped(source)] if source else []
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Make a text mean itself, on one line."""
    return _ENTITY.sub(r"\&", text.translate(_SPECIAL)).replace("\n", "<br>")


def _paragraph(text: str) -> str:
    """Make a text mean itself at the beginning of a line, where a dash or ``1.`` begins a list."""
    return _LIST.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", escaped(text))


def _block(block: Table | Heading | Paragraph | Items) -> str:
    match block:
        case Heading():
            return f"## {escaped(block.text)}"
        case Paragraph():
            return _paragraph(block.text)
        case Items():
            return "\n".join(f"- {_paragraph(point)}" for point in block.points)
        case Table():
            return _table(block)


def _table(block: Table) -> str:
    shown = [at for at, column in enumerate(block.columns) if not column.is_drawing]
    columns = [block.columns[at] for at in shown]
    headers = [escaped(column.header) for column in columns]
    rules = ["---:" if column.align == "right" else "---" for column in columns]
    rows = [[escaped(row[at]) for at in shown] for row in block.rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (headers, rules, *rows)]
    return f"**{escaped(block.caption)}**\n\n" + "\n".join(lines)
