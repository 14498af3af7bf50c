"""Pages of a site read with the standard library alone: elements, text, tables and pictures."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})


@dataclass(eq=False)
class Node:
    """An element with what is in it, texts and elements in order."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """Give the text with white space as a reader sees it."""
        return " ".join("".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.texts()

    def __iter__(self) -> Iterator[Node]:
        """Go through the element and all elements in it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self if node.tag in tags]

    def first(self, tag: str) -> Node:
        return next(node for node in self if node.tag == tag)

    def of_class(self, name: str) -> list[Node]:
        return [node for node in self if name in node.classes]

    def after(self, tag: str, text: str) -> list[Node]:
        """List what follows a heading, up to the next of its kind."""
        [heading] = [node for node in self.all(tag) if node.text == text]
        assert heading.parent is not None
        siblings = [node for node in heading.parent.children if isinstance(node, Node)]
        found = []
        for node in siblings[siblings.index(heading) + 1 :]:
            if node.tag == tag:
                break
            found.append(node)
        return found


class _Reader(HTMLParser):
    """Build the tree; an element that is not closed in order is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = self._add(tag, attrs)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"{self.getpos()}: </{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Node:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{self.getpos()}: an attribute twice in <{tag}>"
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        return node


def parsed(text: str) -> Node:
    """Read a page; whatever is not well formed fails."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is not closed"
    return reader.root


@functools.cache
def page(path: Path) -> Node:
    """Read a page of the site that all tests share, once."""
    return parsed(path.read_text("utf-8"))


def rows_of(table: Node) -> list[dict[str, Node]]:
    """Give a table's rows, each cell by the header of its column."""
    head, body = table.first("thead"), table.first("tbody")
    headers = [cell.text for cell in head.all("th")]
    assert len(headers) == len(set(headers))
    rows = [row.all("td", "th") for row in body.all("tr")]
    return [dict(zip(headers, row, strict=True)) for row in rows]


def texts_of(table: Node) -> list[dict[str, str]]:
    return [{name: cell.text for name, cell in row.items()} for row in rows_of(table)]


def pairs_of(node: Node) -> dict[str, str]:
    """Give a list of terms and what is said of each."""
    terms = [term.text for term in node.all("dt")]
    assert len(terms) == len(set(terms))
    return dict(zip(terms, [said.text for said in node.all("dd")], strict=True))


def code_in(cell: Node) -> str:
    """Give the code that stands beside a name."""
    [code] = cell.of_class("code")
    return code.text


def indexed(site: Path) -> list[list[str]]:
    """Read what the search box knows."""
    text = (site / "assets" / "trusts.js").read_text("utf-8")
    prefix = "window.nhsLeagueTrusts = "
    assert text.startswith(prefix)
    assert text.endswith(";\n")
    listed: list[list[str]] = json.loads(text[len(prefix) : -2])
    return listed


# Pictures


@dataclass(frozen=True)
class Mark:
    """A piece of a picture, where it stands in the plot: in pixels from its upper left corner."""

    tag: str
    x: float
    y: float
    attributes: dict[str, str]
    text: str

    @property
    def fill(self) -> str:
        return self.attributes.get("fill", "")

    @property
    def stroke(self) -> str:
        return self.attributes.get("stroke", "")

    @property
    def pieces(self) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """Give the straight pieces of a path, from and to; a dot is a piece without length."""
        found = []
        for piece in re.findall(r"M([^ML]+)L([^ML]+)", self.attributes.get("d", "")):
            ends = [tuple(map(float, end.split(","))) for end in piece]
            found.append(tuple((x + self.x, y + self.y) for x, y in ends))
        return found  # type: ignore[return-value]

    @property
    def dots(self) -> list[tuple[float, float]]:
        """Give the places of a path of dots."""
        assert all(start == end for start, end in self.pieces)
        return [start for start, _ in self.pieces]


def marks(svg: Node) -> list[Mark]:
    """List a picture's lines, paths and texts; the places are those within the plot."""
    [plot] = [child for child in svg.children if isinstance(child, Node)]
    return list(_marks(plot, 0.0, 0.0, is_plot=True))


def _marks(node: Node, x: float, y: float, *, is_plot: bool = False) -> Iterator[Mark]:
    if not is_plot:
        moved = re.match(r"translate\(([^,]+),([^)]+)\)", node.attributes.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
    if node.tag in ("line", "path", "text"):
        yield Mark(node.tag, x, y, node.attributes, node.text)
    for child in node.children:
        if isinstance(child, Node):
            yield from _marks(child, x, y)


def label(svg: Node) -> str:
    """Give the words of a picture."""
    assert svg.attributes["role"] == "img"
    return svg.attributes["aria-label"]


def picture_with(node: Node, words: str) -> Node:
    """Find the picture whose words contain some."""
    [found] = [svg for svg in node.all("svg") if words in svg.attributes["aria-label"]]
    return found


def facts_of(main: Node) -> dict[str, Any]:
    """Give the facts at the head of a page."""
    return pairs_of(main.of_class("facts")[0])
