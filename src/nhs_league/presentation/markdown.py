"""Documents as Markdown, for board papers and issue trackers."""

from __future__ import annotations

from nhs_league.presentation.document import Document, Heading, Items, Paragraph, Table

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"})


def render_markdown(document: Document) -> str:
    """Render a document as GitHub-flavoured Markdown; nothing in a cell is taken for markup."""
    return "\n\n".join(_block(block) for block in document) + "\n"


def escaped(text: str) -> str:
    """Make a text mean itself, on one line."""
    return text.translate(_SPECIAL).replace("\n", "<br>")


def _block(block: Table | Heading | Paragraph | Items) -> str:
    match block:
        case Heading():
            return f"### {escaped(block.text)}"
        case Paragraph():
            return escaped(block.text)
        case Items():
            return "\n".join(f"- {escaped(point)}" for point in block.points)
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
