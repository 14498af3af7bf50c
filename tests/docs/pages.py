"""Read the documentation: its pages, its fenced blocks, and the examples that are files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
CHANGELOG = ROOT / "CHANGELOG.md"
SOURCES = ROOT / "docs" / "sources.md"
CHANGES = ROOT / "docs" / "changes.md"
PAGES = [README, CHANGELOG, *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is to be saved as, and its text."""

    language: str
    file: str | None
    text: str


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    """List a page's fenced blocks; ``file=NAME`` after the language names a file."""
    found = []
    for match in _FENCE.finditer(read(page)):
        language, _, rest = match["info"].partition(" ")
        found.append(Block(language, rest.removeprefix("file=") or None, match["body"]))
    return found


def save_examples(folder: Path) -> None:
    """Save the files that the pages on frameworks, sources and changes say to."""
    for page in (ROOT / "docs" / "frameworks.md", SOURCES, CHANGES):
        for block in blocks(page):
            if block.file:
                path = folder / block.file
                path.parent.mkdir(exist_ok=True)
                path.write_text(block.text, encoding="utf-8")


def table_cells(page: Path) -> list[list[str]]:
    """List the rows of all Markdown tables of a page, cell by cell, without the rules."""
    rows = [line for line in read(page).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
