"""Single pictures read with the standard library alone: marks and texts, and where they stand."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
Place = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A line, a path or a text; its place is in pixels from its chart's upper left corner."""

    tag: str
    x: float
    y: float
    element: ElementTree.Element

    @property
    def text(self) -> str:
        """Give the letters, those of several lines with a space between."""
        parts = [self.element.text or "", *((line.text or "") for line in self.element)]
        return " ".join(part for part in parts if part)

    @property
    def pieces(self) -> list[tuple[Place, Place]]:
        """Give the straight pieces of a path, from and to."""
        found = []
        for start, end in re.findall(r"M([^MLZ]+)L([^MLZ]+)", self.element.get("d", "")):
            ends = [tuple(map(float, each.split(","))) for each in (start, end)]
            found.append(tuple((x + self.x, y + self.y) for x, y in ends))
        return found  # type: ignore[return-value]

    def has(self, **attributes: str) -> bool:
        return all(self.element.get(name) == value for name, value in attributes.items())


class Chart:
    """One chart of a picture."""

    def __init__(self, group: ElementTree.Element) -> None:
        self.marks = list(_marks(group, 0.0, 0.0))

    def texts(self, **attributes: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.tag == "text" and mark.has(**attributes)]

    @property
    def dots(self) -> list[tuple[float, float, str]]:
        """Give the dots, each with its place and its colour."""
        return sorted(
            (*start, str(mark.element.get("stroke")))
            for mark in self.marks
            if mark.tag == "path" and mark.has(**{"stroke-linecap": "round"})
            for start, end in mark.pieces
            if start == end or _fail(f"{start} to {end} is no dot")
        )

    def bars(self, **attributes: str) -> list[tuple[Place, Place]]:
        """Give the pieces of the paths with these attributes that have no round ends."""
        return [
            piece
            for mark in self.marks
            if mark.tag == "path"
            and mark.element.get("stroke-linecap") is None
            and mark.has(**attributes)
            for piece in mark.pieces
            if "Z" not in mark.element.get("d", "")
        ]

    @property
    def diamonds(self) -> list[Place]:
        """Give the middles of the marks that are drawn filled."""
        return [(mark.x, mark.y) for mark in self.marks if "Z" in mark.element.get("d", "")]

    @property
    def lines(self) -> list[Mark]:
        """Give the lines across the chart: cut points, and the standard of a distribution."""
        return [
            mark
            for mark in self.marks
            if mark.tag == "line" and mark.element.get("opacity") is None
        ]

    @property
    def height(self) -> float:
        """Tell the height of a chart with its axis below."""
        [axis] = {
            mark.y for mark in self.marks if mark.tag == "line" and mark.element.get("y2") == "5"
        }
        return axis - 0.5


class Drawn:
    """A picture out of its SVG."""

    def __init__(self, content: bytes | str) -> None:
        self.root = ElementTree.fromstring(content)
        assert self.root.tag == f"{SVG}svg"
        title, words, paper, whole = self.root
        assert [title.tag, words.tag] == [f"{SVG}title", f"{SVG}desc"]
        self.title, self.description = title.text or "", words.text or ""
        self.size = (int(self.root.get("width", "")), int(self.root.get("height", "")))
        assert self.root.get("role") == "img"
        assert self.root.get("viewBox") == f"0 0 {self.size[0]} {self.size[1]}"
        assert paper.attrib == dict(
            zip(("width", "height", "fill"), (*map(str, self.size), "#ffffff"), strict=True)
        )
        groups = [group[0] for group in whole[0][0][0]]
        self.charts = [Chart(group[0]) for group in groups[:-1]]
        self._heading = groups[-1]

    @cached_property
    def heading(self) -> list[str]:
        """Give the title over the picture and what is below that, line by line."""
        return [
            line.text or ""
            for text in self._heading.iter(f"{SVG}text")
            for line in (list(text) or [text])
        ]

    @property
    def texts(self) -> list[str]:
        """Give every text in the picture."""
        return [mark.text for chart in self.charts for mark in chart.texts()] + self.heading


def _marks(element: ElementTree.Element, x: float, y: float) -> Iterator[Mark]:
    moved = re.match(r"translate\(([^,]+),([^)]+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    tag = element.tag.removeprefix(SVG)
    if tag in ("line", "path", "text"):
        yield Mark(tag, x, y, element)
        return
    for child in element:
        yield from _marks(child, x, y)


def _fail(words: str) -> bool:
    raise AssertionError(words)


@dataclass(frozen=True)
class Pixels:
    """A PNG of eight bits a channel: its size, and its rows as they are filtered."""

    width: int
    height: int
    rows: tuple[bytes, ...]

    def row(self, wanted: int) -> list[tuple[int, ...]]:
        """Give a row's pixels."""
        above = bytearray(4 * self.width)
        for filtered in self.rows[: wanted + 1]:
            above = _unfiltered(filtered, above)
        return [tuple(above[at : at + 4]) for at in range(0, len(above), 4)]


def read_png(content: bytes) -> Pixels:
    """Read a PNG, and see that it is whole."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, []
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", content[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + data)
        chunks.append((kind, data))
        at += 12 + length
    assert (chunks[0][0], chunks[-1][0]) == (b"IHDR", b"IEND")
    width, height, *layout = struct.unpack(">IIBBBBB", chunks[0][1])
    assert layout == [8, 6, 0, 0, 0], "red, green, blue and alpha, not interlaced"
    raw = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    stride = 4 * width + 1
    assert len(raw) == stride * height
    return Pixels(width, height, tuple(raw[at : at + stride] for at in range(0, len(raw), stride)))


def _unfiltered(filtered: bytes, above: bytearray) -> bytearray:
    kind, line = filtered[0], bytearray(filtered[1:])
    for at in range(len(line)):
        left = line[at - 4] if at >= 4 else 0
        corner = above[at - 4] if at >= 4 else 0
        match kind:
            case 0:
                more = 0
            case 1:
                more = left
            case 2:
                more = above[at]
            case 3:
                more = (left + above[at]) // 2
            case _:
                guess = left + above[at] - corner
                more = min((left, above[at], corner), key=lambda near: abs(guess - near))
        line[at] = (line[at] + more) & 255
    return line
