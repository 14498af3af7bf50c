"""Traps of showing: Rich's markup and widths, Markdown's bars, and the cost of imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nhs_league.presentation.document import Column, Document, Heading, Items, Paragraph, Table
from nhs_league.presentation.markdown import render_markdown
from nhs_league.presentation.plain import render_plain
from nhs_league.presentation.terminal import render_terminal

BRACKETS = ["[c]", "[x]", "[low]", "[/c]", "[bold]", "[/]", ":smile:", "[link=x]"]


def everywhere(text: str) -> Document:
    """Make a document with a text in every place that text can have."""
    return [
        Heading(f"h {text}"),
        Paragraph(f"p {text}"),
        Items([f"i {text}"]),
        Table(f"t {text}", [Column(f"c {text}"), Column("n", "right")], [[f"r {text}", text]]),
    ]


@pytest.mark.parametrize("text", BRACKETS)
@pytest.mark.parametrize("colour", [False, True])
def test_trap_1_square_brackets_are_text(text: str, colour: bool) -> None:
    document = everywhere(text)
    for shown in (render_terminal(document, width=200, colour=colour), render_plain(document)):
        assert [place for place in "hpitcr" if f"{place} {text}" not in shown] == []
        assert shown.count(text) == 7


def test_trap_2_without_a_terminal_nothing_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    cells = [f"{letter * 30} trust" for letter in "abcdefgh"]
    table = Table("A table", [Column(f"header {cell}") for cell in cells], [cells])
    shown = render_plain([table])
    assert all(cell in shown and f"header {cell}" in shown for cell in cells)
    assert "\u2026" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_trap_2_on_a_terminal_text_wraps_and_no_letter_is_lost(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    columns = [Column("name"), Column("note"), Column("n", "right")]
    rows = [[f"{'a' * 50} {index}", f"{'b' * 50}", "1"] for index in range(200)]
    shown = render_terminal([Table("Long", columns, rows)], width=width, colour=False)
    assert max(map(len, shown.splitlines())) <= width
    assert (shown.count("b"), "\u2026" in shown) == (50 * 200, False)


def test_trap_2_a_long_table_is_whole_on_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    rows = [[f"row {index}"] for index in range(3000)]
    shown = render_terminal([Table("Long", [Column("which")], rows)], width=40, colour=False)
    assert shown.count("row ") == 3000


def test_trap_8_a_bar_in_a_cell_does_not_end_it() -> None:
    columns = [Column("a|b"), Column("c")]
    text = render_markdown([Table("t|u", columns, [["x|y", "1"], ["back\\|slash", "2"]])])
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines:
        bare = line.replace("\\\\", "").replace("\\|", "")
        assert bare.count("|") == 3, line
    assert "x\\|y" in text


def test_trap_8_a_line_end_in_a_cell_does_not_end_its_row() -> None:
    text = render_markdown([Table("t", [Column("a")], [["one\ntwo"]])])
    assert "| one<br>two |" in text


def test_trap_9_the_command_line_starts_without_the_engine() -> None:
    heavy = ("polars", "numpy", "pydantic", "yaml", "rich.table", "rapidfuzz")
    code = (
        "import sys, nhs_league, nhs_league.cli.app\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
