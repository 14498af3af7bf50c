"""A result as one page."""

from __future__ import annotations

from html.parser import HTMLParser

import polars as pl

from nhs_league.presentation.document import Column, Document, Heading, Items, Paragraph, Table
from nhs_league.presentation.formats import Result, render_data
from nhs_league.presentation.html_page import render_html

HOSTILE = "<script>alert(1)</script>"
DOCUMENT: Document = [
    Paragraph(f"A & B, {HOSTILE} \"quoted\" and 'single'."),
    Heading("What <b>costs</b> most"),
    Items(["one\ntwo", "&amp;"]),
    Table(
        f'Caption "{HOSTILE}"',
        [Column("Rank", "right"), Column("Name"), Column("Drawn", is_drawing=True)],
        [("1", f"M\u00f4n\n{HOSTILE}", "\u2581\u2582"), ("", "{{ 7 * 7 }}", "")],
    ),
]
META = {
    "tool": "nhs-league",
    "version": "1.2.3",
    "framework": {"id": "small", "title": HOSTILE, "sha256": "0f3c"},
    "inputs": [{"file": f"{HOSTILE}.csv", "sha256": "1a"}, {"file": "b.csv", "sha256": "2b"}],
    "seed": None,
}
RESULT = Result(pl.DataFrame(), lambda: DOCUMENT, META)
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Read a page: its elements in order, each with its attributes and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_data("\n")
        elif tag not in VOID:
            self.open.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        opened, attributes, text = self.open.pop()
        assert opened == tag
        self.elements.append((tag, attributes, "".join(text)))

    def handle_data(self, data: str) -> None:
        for _, _, text in self.open:
            text.append(data)

    def texts(self, tag: str) -> list[str]:
        return [text for each, _, text in self.elements if each == tag]


def test_every_text_is_text() -> None:
    page = Page(render_html(RESULT))
    assert page.texts("script") == page.texts("b") == []
    assert page.texts("p")[0] == f"A & B, {HOSTILE} \"quoted\" and 'single'."
    assert page.texts("h2") == ["What <b>costs</b> most"]
    assert page.texts("li") == ["one\ntwo", "&amp;"]
    assert page.texts("caption") == [f'Caption "{HOSTILE}"']
    assert page.texts("td") == ["1", f"M\u00f4n\n{HOSTILE}", "", "{{ 7 * 7 }}"]


def test_tables_say_what_heads_a_column_and_what_is_a_number() -> None:
    page = Page(render_html(RESULT))
    heads = [(attributes, text) for tag, attributes, text in page.elements if tag == "th"]
    assert heads == [({"scope": "col", "class": "number"}, "Rank"), ({"scope": "col"}, "Name")]
    cells = [attributes for tag, attributes, _ in page.elements if tag == "td"]
    assert cells == [{"class": "number"}, {}, {"class": "number"}, {}]
    region = next(attributes for tag, attributes, _ in page.elements if tag == "div")
    assert region == {
        "class": "scroll",
        "tabindex": "0",
        "role": "region",
        "aria-label": f'Caption "{HOSTILE}"',
    }


def test_a_page_stands_alone() -> None:
    text = render_html(RESULT)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en-GB">\n')
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "<link" not in text
    assert " src=" not in text
    assert text.endswith("</html>\n")


def test_the_title_is_the_one_stated_or_the_first_caption_or_the_command() -> None:
    stated = Result(pl.DataFrame(), lambda: DOCUMENT, META, title="A <i>title</i>")
    assert Page(render_html(stated)).texts("title") == ["A <i>title</i>"]
    assert Page(render_html(stated)).texts("h1") == ["A <i>title</i>"]
    assert Page(render_html(RESULT)).texts("h1") == [f'Caption "{HOSTILE}"']
    bare = Result(pl.DataFrame(), lambda: [Paragraph("x")], {"command": "sources"})
    assert Page(render_html(bare)).texts("h1") == ["sources"]


def test_the_foot_says_where_it_came_from() -> None:
    page = Page(render_html(RESULT))
    said = page.texts("p")[-2:]
    assert said[0].startswith("Source: nhs-league 1.2.3; framework <script>")
    assert said[0].endswith("Not an official NHS product.")
    assert "Open Government Licence v3.0" in said[1]
    assert page.texts("dt")[-1] == "inputs"
    assert page.texts("dd")[-2:] == [f"file: {HOSTILE}.csv; sha256: 1a", "file: b.csv; sha256: 2b"]


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render_data(RESULT, "html") == render_data(RESULT, "html")
