"""Documents as plain text, on a terminal and in Markdown."""

from __future__ import annotations

import re

import pytest

from nhs_league.presentation.document import (
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
)
from nhs_league.presentation.markdown import escaped, render_markdown
from nhs_league.presentation.plain import render_plain
from nhs_league.presentation.terminal import render_terminal

LONG = "a" * 30
DOCUMENT: Document = [
    Heading("What [b]costs[/b] most"),
    Paragraph(f"A sentence with [c] and [/c] and :smile: {'and more ' * 20}at its end."),
    Items(["first *point*", "second [x]"]),
    Table(
        "Caption [low]",
        [Column("Rank", "right"), Column("Name"), Column("Note", optional=True)],
        [("1", "One [c] | Trust", "x"), ("10", "Two\nsecond line", "")],
    ),
]


def test_plain_text_wraps_nothing_and_takes_no_markup() -> None:
    text = render_plain(DOCUMENT)
    assert text.split("\n\n")[:3] == [
        "What [b]costs[/b] most",
        f"A sentence with [c] and [/c] and :smile: {'and more ' * 20}at its end.",
        "- first *point*\n- second [x]",
    ]
    assert text.endswith("\n")


def test_plain_table_lines_up() -> None:
    assert render_plain(DOCUMENT[3:], ascii_only=True) == (
        "Caption [low]\n"
        "\n"
        "Rank   Name              Note\n"
        "-----------------------------\n"
        "   1   One [c] | Trust   x\n"
        "  10   Two\n"
        "       second line\n"
    )


def test_plain_text_can_do_without_box_characters() -> None:
    assert render_plain(DOCUMENT, ascii_only=True).isascii()
    assert "\u2500" in render_plain(DOCUMENT)


def test_a_table_without_rows_has_its_header() -> None:
    table = Table("Nothing", [Column("Rank", "right"), Column("Name")], [])
    assert render_plain([table]).splitlines()[2] == "Rank   Name"
    assert "Name" in render_terminal([table], width=80, colour=False)
    assert render_markdown([table]).splitlines()[2] == "| Rank | Name |"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_terminal_keeps_to_its_width_and_takes_no_markup(width: int) -> None:
    text = render_terminal(DOCUMENT, width=width, colour=False)
    assert max(len(line) for line in text.splitlines()) <= width
    for word in ("[b]costs[/b]", "[c]", "[/c]", ":smile:", "*point*", "[x]", "[low]"):
        assert word in text
    assert not re.search("[ \t]$", text, re.MULTILINE)


def test_optional_columns_give_way_on_a_narrow_terminal() -> None:
    assert "Note" in render_terminal(DOCUMENT, width=140, colour=False)
    assert "Note" not in render_terminal(DOCUMENT, width=80, colour=False)


def test_long_words_are_folded_and_never_cut() -> None:
    table = Table("Caption", [Column("Name"), Column("Value", "right")], [(LONG, "1")])
    text = render_terminal([table], width=24, colour=False)
    assert "\u2026" not in text
    assert text.count("a") - "Caption Name Value".count("a") == len(LONG)


def test_terminal_colour_is_asked_for() -> None:
    assert "\x1b[" not in render_terminal(DOCUMENT, width=80, colour=False)
    assert "\x1b[1m" in render_terminal(DOCUMENT, width=80, colour=True)


def test_terminal_colour_has_no_say_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = render_terminal(DOCUMENT, width=80, colour=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "dumb")
    assert render_terminal(DOCUMENT, width=80, colour=False) == expected


def test_terminal_ascii_has_no_box_characters() -> None:
    assert render_terminal(DOCUMENT, width=80, colour=False, ascii_only=True).isascii()


def test_every_layout_separates_its_blocks_by_one_blank_line() -> None:
    for text in (
        render_plain(DOCUMENT),
        render_terminal(DOCUMENT, width=80, colour=False),
        render_markdown(DOCUMENT),
    ):
        assert "\n\n\n" not in text
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_markdown_means_every_cell_literally() -> None:
    lines = render_markdown(DOCUMENT).splitlines()
    assert lines[0] == r"## What \[b\]costs\[/b\] most"
    assert r"- first \*point\*" in lines
    assert r"**Caption \[low\]**" in lines
    assert "| Rank | Name | Note |" in lines
    assert "| ---: | --- | --- |" in lines
    assert r"| 1 | One \[c\] \| Trust | x |" in lines
    assert "| 10 | Two<br>second line |  |" in lines


@pytest.mark.parametrize("character", list("\\`*_[]<>|#~"))
def test_markdown_escapes_what_would_be_markup(character: str) -> None:
    assert escaped(f"a{character}b") == f"a\\{character}b"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A&E & more", "A&E & more"),
        ("A&amp;E", r"A\&amp;E"),
        ("&#60;b>", r"&\#60;b\>"),
        ("- a dash", r"\- a dash"),
        ("+ a plus", r"\+ a plus"),
        ("-3.1 pp", "-3.1 pp"),
        ("1. First", r"1\. First"),
        ("12) Twelfth", r"12\) Twelfth"),
        ("3.1 of 4", "3.1 of 4"),
    ],
)
def test_markdown_begins_no_list_and_no_entity(text: str, written: str) -> None:
    assert render_markdown([Paragraph(text)]) == f"{written}\n"
    assert render_markdown([Items([text])]) == f"- {written}\n"


def test_markdown_has_a_title_above_and_its_source_below() -> None:
    text = render_markdown([Paragraph("A *b*.")], title="The [c] trust", source="From_here.")
    assert text == "# The \\[c\\] trust\n\nA \\*b\\*.\n\nFrom\\_here.\n"


def test_a_caption_may_be_wider_than_its_table_on_a_terminal_too() -> None:
    caption = "Access to services: acute trusts, April to June 2025"
    table = Table(caption, [Column("Name")], [("x",)])
    assert render_terminal([table], width=80, colour=False).startswith(f"{caption}\n")


def test_figures_and_codes_are_never_cut_however_narrow_the_terminal() -> None:
    columns = [Column("Rank", "right"), Column("Code", whole=True), Column("Organisation")]
    table = Table("Caption", columns, [("121 to 75", "G6V2S", "A trust of three words")])
    text = render_terminal([table], width=10, colour=False)
    assert all(word in text for word in ("121 to 75", "G6V2S", "three words"))


@pytest.mark.parametrize(
    "block",
    [
        Heading("\x1b[31m\u202e"),
        Paragraph("\x1b[31m\u202e"),
        Items(["\x1b[31m\u202e"]),
        Table("\x1b[31m\u202e", [Column("A")], [("a",)]),
        Table("Caption", [Column("\x1b[31m\u202e")], [("a",)]),
        Table("Caption", [Column("A")], [("\x1b[31m\u202e",)]),
    ],
)
def test_names_give_a_terminal_no_commands(block: Heading | Paragraph | Items | Table) -> None:
    for text in (render_plain([block]), render_terminal([block], width=80, colour=False)):
        assert r"\x1b[31m\u202e" in text
        assert text.replace("\n", "").isprintable()
