"""Dot strips: one metric, a dot an organisation, the one in question marked; left is better."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from nhs_league.presentation.charts.drawing import (
    Underlay,
    compiled,
    drawn_marks,
    filled,
    inline_data,
    path_mark,
    path_rows,
)
from nhs_league.presentation.charts.palette import DIAMOND, FAINT, INK, MUTED

WIDTH: Final = 300
_HEIGHT: Final = 24
_MIDDLE: Final = _HEIGHT / 2
_DIGITS: Final = 4


@dataclass(frozen=True)
class Strip:
    """Where values lie between the best (0) and the worst (1) of them.

    ``places`` has one of each organisation with a value; a standard is on the same scale.
    """

    places: tuple[float, ...]
    best: float
    worst: float
    standard: float | None

    @classmethod
    def of(
        cls, values: Sequence[float], standard: float | None, *, is_higher_better: bool
    ) -> Strip:
        """Lay values out; the standard is among the ends, so that it is always on the strip."""
        ends = [*values, *(() if standard is None else (standard,))]
        worst, best = (min(ends), max(ends)) if is_higher_better else (max(ends), min(ends))
        bare = cls((), best, worst, None)
        return cls(
            tuple(bare.place(value) for value in values),
            best,
            worst,
            None if standard is None else bare.place(standard),
        )

    def place(self, value: float) -> float:
        """Say where a value lies; all values being equal, they lie in the middle."""
        if self.best == self.worst:
            return 0.5
        return round((value - self.best) / (self.worst - self.best), _DIGITS)


class StripDrawing:
    """A strip, drawn with the value of one organisation after another marked."""

    def __init__(self, strip: Strip, median: float | None) -> None:
        data = {
            "others": _dots(strip.places),
            "standard": _one(strip.standard),
            "median": _one(None if median is None else strip.place(median)),
        }
        self._strip = strip
        self._underlay = Underlay(filled(_template(), data))

    def svg(self, own: float, words: str) -> str:
        """Give the strip for the middle of a page, with a value marked."""
        return self._underlay.svg(words, _mark_at(self._strip.place(own)))


@functools.lru_cache(maxsize=4096)
def _mark_at(place: float) -> list[ElementTree.Element]:
    return drawn_marks(filled(_mark_template(), {"own": _one(place)}))


def _dots(places: Iterable[float]) -> list[dict[str, Any]]:
    """Draw one dot for all that share a pixel."""
    pixels = sorted({math.floor(place * WIDTH + 0.5) for place in places})
    return path_rows([(pixel / WIDTH, 0.0)] * 2 for pixel in pixels)


def _one(place: float | None) -> list[dict[str, Any]]:
    return [] if place is None else [{"x": place}]


@functools.cache
def _template() -> dict[str, Any]:
    import altair as alt

    x, middle = _x(), alt.value(_MIDDLE)
    line = (
        alt.Chart(inline_data([{"from": 0, "to": 1}]))
        .mark_rule(color=FAINT)
        .encode(x=alt.X("from:Q", axis=None), x2="to:Q", y=middle)
    )
    others = path_mark(
        _dots([0.5]), name="others", color=MUTED, opacity=0.55, strokeCap="round", strokeWidth=5
    ).encode(x=x, y=middle)
    standard, median = (
        alt.Chart(inline_data([{"x": 0.5}], name))
        .mark_rule(color=INK, strokeWidth=2, strokeDash=dash)
        .encode(x=x, y=alt.value(0), y2=alt.value(_HEIGHT))
        for name, dash in (("standard", [1, 0]), ("median", [2, 2]))
    )
    chart = alt.layer(line, others, standard, median)
    return compiled(chart.properties(width=WIDTH, height=_HEIGHT))


@functools.cache
def _mark_template() -> dict[str, Any]:
    import altair as alt

    own = (
        alt.Chart(inline_data([{"x": 0.5}], "own"))
        .mark_point(size=150, **DIAMOND)
        .encode(x=_x(), y=alt.value(_MIDDLE))
    )
    return compiled(alt.layer(own).properties(width=WIDTH, height=_HEIGHT))


def _x() -> Any:
    import altair as alt

    return alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False, round=True), axis=None)
