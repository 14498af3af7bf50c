"""Pictures drawn: Altair states them, vl-convert turns them into SVG or PNG.

A picture is compiled to Vega once; the data that change from one trust to the next are put into
the compiled picture, which takes a hundredth of the time.
"""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from nhs_league.errors import UsageError
from nhs_league.presentation.charts.palette import FAINT, FONT, INK, MUTED, PAPER, SIZE

Rows = Sequence[Mapping[str, Any]]

_SVG: Final = "http://www.w3.org/2000/svg"
_NEEDLESS: Final = ("class", "role", "aria-label", "aria-roledescription", "aria-hidden")
_LEFT_OUT: Final = ("background", "foreground")
_UNPRINTABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE: Final = 80
"""Letters to a line of a title."""
_PIXELS: Final = 2.0
"""Pixels of a PNG for each of the picture's own: sharp on a slide."""
_HALO: Final = {
    "paint-order": "stroke",
    "stroke": PAPER,
    "stroke-width": "3",
    "stroke-linejoin": "round",
}
"""What keeps letters apart from marks that they lie over; the stylesheet has the same."""

ElementTree.register_namespace("", _SVG)


def picture(chart: Any, title: str, description: str, lines: Sequence[str]) -> Picture:
    """Head a picture that stands by itself with its title, and lines below that, on paper."""
    import altair as alt

    headed = alt.TitleParams(text=textwrap.wrap(title, _LINE), subtitle=list(lines))
    return Picture(compiled(chart.properties(title=headed), PAPER), title, description)


@dataclass(frozen=True)
class Picture:
    """A compiled picture, and what it shows in words; ``spec`` is in Vega."""

    spec: Mapping[str, Any]
    title: str
    description: str

    def svg(self) -> str:
        """Draw a picture that stands by itself, with its words."""
        root = _drawn(self.spec)
        for at, (name, text) in enumerate((("title", self.title), ("desc", self.description))):
            words = ElementTree.Element(f"{{{_SVG}}}{name}")
            words.text = printable(text)
            root.insert(at, words)
        for letters in root.iter(f"{{{_SVG}}}text"):
            letters.attrib.update(_HALO)
        root.set("role", "img")
        return f"{ElementTree.tostring(root, encoding='unicode')}\n"

    def png(self) -> bytes:
        """Draw a picture in pixels."""
        import vl_convert

        content: bytes = vl_convert.svg_to_png(self.svg(), scale=_PIXELS)
        return content


def require_altair() -> None:
    """See that pictures can be drawn. Raises ``UsageError`` where the extra is missing."""
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise UsageError(
            "pictures need Altair and vl-convert: install nhs-league with the extra report, "
            "nhs-league[report]"
        ) from error
    del altair, vl_convert


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """State pictures without Altair holding every part against the schema of Vega-Lite.

    That takes a fifth of the time of a site. Pictures drawn one by one are held against it. Raises
    ``UsageError`` where the extra is missing.
    """
    require_altair()
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        yield


def compiled(chart: Any, background: str = "transparent") -> dict[str, Any]:
    """Compile a picture to Vega, with the letters and lines that all pictures have."""
    import vl_convert

    stated = chart.configure(
        background=background,
        font=FONT,
        padding=4,
        axis={
            "domainColor": FAINT,
            "gridColor": FAINT,
            "gridOpacity": 0.5,
            "labelColor": MUTED,
            "labelFontSize": SIZE,
            "tickColor": FAINT,
            "titleColor": MUTED,
            "titleFontSize": SIZE,
            "titleFontWeight": "normal",
        },
        text={"color": INK, "fontSize": SIZE},
        title={
            "anchor": "start",
            "color": INK,
            "fontSize": SIZE + 3,
            "offset": 10,
            "subtitleColor": MUTED,
            "subtitleFontSize": SIZE,
            "subtitlePadding": 5,
        },
        view={"stroke": None},
    )
    spec: dict[str, Any] = vl_convert.vegalite_to_vega(_printable(stated.to_dict(validate=False)))
    return spec


def filled(spec: Mapping[str, Any], data: Mapping[str, Rows]) -> dict[str, Any]:
    """Put rows in the place of a compiled picture's data, by name."""
    known = {each["name"] for each in spec["data"]}
    assert data.keys() <= known, f"the picture has no data {sorted(data.keys() - known)}"
    return {
        **spec,
        "data": [
            {**each, "values": _printable(data[each["name"]])} if each["name"] in data else each
            for each in spec["data"]
        ],
    }


def heights_in(columns: Iterable[int]) -> Iterator[int]:
    """Give dots their heights, from 0, each upon those before it in its column."""
    heights: Counter[int] = Counter()
    for column in columns:
        yield heights[column]
        heights[column] += 1


def path_rows(pieces: Iterable[Sequence[tuple[float, float]]]) -> list[dict[str, Any]]:
    """Lay pieces of lines out as one path, which is broken after each.

    A piece without length is drawn as a dot, where the ends of lines are round. A path of its own
    for each would take ten times the room.
    """
    points: list[tuple[float | None, float | None]] = []
    for piece in pieces:
        points += [*piece, (None, None)]
    return [{"i": at, "x": x, "y": y} for at, (x, y) in enumerate(points)]


def shortened(text: str, longest: int) -> str:
    """Cut a text that has more letters than there is room for."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def inline_data(rows: Rows, name: str | None = None) -> Any:
    """Give rows to Altair; named ones can be replaced in the compiled picture."""
    import altair as alt

    values = list(rows)
    return alt.InlineData(values) if name is None else alt.InlineData(values, name=name)


def path_mark(rows: Rows, name: str | None = None, **style: Any) -> Any:
    """State a path in Altair, to be given its scales."""
    import altair as alt

    chart = alt.Chart(inline_data(rows or [{"i": 0, "x": None, "y": None}], name))
    return chart.mark_line(invalid="break-paths-show-path-domains", **style).encode(order="i:Q")


def inline_svg(spec: Mapping[str, Any], words: str) -> str:
    """Draw a picture for the middle of a page, with its words as the text alternative."""
    return _worded(_drawn(spec), words)


class Underlay:
    """A picture drawn once, over which the marks of one organisation after another are laid.

    Drawing the whole anew for each would take most of the time that a site takes.
    """

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._root = _drawn(spec)

    def svg(self, words: str, marks: Sequence[ElementTree.Element] = ()) -> str:
        """Draw the picture for the middle of a page, with marks of ``drawn_marks`` over it."""
        place = _place_of_marks(self._root)
        place.extend(marks)
        text = _worded(self._root, words)
        for mark in marks:
            place.remove(mark)
        return text


def drawn_marks(spec: Mapping[str, Any]) -> list[ElementTree.Element]:
    """Draw marks to be laid over a picture of the same size and scales."""
    return list(_place_of_marks(_drawn(spec)))


def _place_of_marks(root: ElementTree.Element) -> ElementTree.Element:
    """Find the group of the marks: Vega nests it in those of the padding and of the scene."""
    return root[0][0][0][0]


def _worded(root: ElementTree.Element, words: str) -> str:
    root.set("role", "img")
    root.set("aria-label", printable(words))
    return ElementTree.tostring(root, encoding="unicode")


def _drawn(spec: Mapping[str, Any]) -> ElementTree.Element:
    """Draw a picture, without what only its drawing needed."""
    import vl_convert

    root = ElementTree.fromstring(vl_convert.vega_to_svg(dict(spec)))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("class") in _LEFT_OUT:
                parent.remove(child)
    for element in root.iter():
        for name in _NEEDLESS:
            element.attrib.pop(name, None)
    return root


def printable(text: str) -> str:
    """Leave out the characters that XML has no place for."""
    return _UNPRINTABLE.sub("", text)


def _printable(stated: Any) -> Any:
    """Leave them out of every text of a specification; vl-convert would end the whole process."""
    match stated:
        case str():
            return printable(stated)
        case dict():
            return {name: _printable(member) for name, member in stated.items()}
        case list() | tuple():
            return [_printable(member) for member in stated]
        case _:
            return stated
