"""Segment maps: every average on the scale, stacked as dots, between the segments' cut points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from nhs_league.presentation.charts.drawing import (
    Rows,
    Underlay,
    compiled,
    drawn_marks,
    filled,
    heights_in,
    inline_data,
    path_mark,
    path_rows,
)
from nhs_league.presentation.charts.palette import DIAMOND, INK, MUTED, SEGMENTS, segment_colour

WIDTH: Final = 600
_DOT: Final = 6.0
_NAME: Final = 70
"""Pixels that the name of a segment takes."""
_DIGIT: Final = 10
"""Pixels that its number alone takes; a narrower segment is not named."""
_TOP: Final = 34
"""Pixels above the highest dot, for the names of the segments and the mark."""


@dataclass(frozen=True)
class Average:
    """An organisation's average, and the segment that it ends up in."""

    org_code: str
    average: float
    segment: int | None


@dataclass(frozen=True)
class SegmentMap:
    """Averages stacked: ``best`` and ``worst`` are the ends of the scale, at the left and right.

    ``cut_points`` part the segments, best first; one that is not finite parts nothing.
    """

    averages: tuple[Average, ...]
    cut_points: tuple[float, ...]
    best: float
    worst: float

    def stacked(self) -> list[tuple[Average, float, int]]:
        """Give each average the middle of its column of dots and its height in it, from 0."""
        step = (self.worst - self.best) * _DOT / WIDTH
        ordered = sorted(self.averages, key=lambda a: (a.segment or 0, a.average, a.org_code))
        columns = [round((one.average - self.best) / step) for one in ordered]
        return [
            (one, self.best + column * step, height)
            for one, column, height in zip(ordered, columns, heights_in(columns), strict=True)
        ]

    def mark(self, org_code: str | None) -> list[dict[str, Any]]:
        """Give the place of an organisation's dot; nothing for one that has none."""
        return [
            {"x": x, "y": float(height), "text": org_code}
            for one, x, height in self.stacked()
            if one.org_code == org_code
        ]


class SegmentMapDrawing:
    """A segment map, drawn with one organisation after another marked."""

    def __init__(self, map_: SegmentMap) -> None:
        self._map = map_
        self._underlay = Underlay(compiled(segment_map_chart(map_)))
        somewhere = [{"x": map_.best, "y": 0.0, "text": ""}]
        self._overlay = compiled(_sized(map_, _marks(*_scales(map_, axis=None), somewhere)))

    def svg(self, words: str, org_code: str | None = None) -> str:
        """Draw it for the middle of a page, with an organisation marked or none."""
        own = self._map.mark(org_code)
        marks = drawn_marks(filled(self._overlay, {"own": own})) if own else []
        return self._underlay.svg(words, marks)


def segment_map_chart(map_: SegmentMap, own: Rows = ()) -> Any:
    """State a segment map in Altair, with marks where their places are given."""
    import altair as alt

    axis = alt.Axis(title="Average metric score: left is better", grid=False, tickCount=7)
    x, y = _scales(map_, axis)
    placed = map_.stacked()
    layers = [
        _cuts(map_).encode(x=x),
        *_names(map_, x),
        *(
            path_mark(dots, color=colour, strokeCap="round", strokeWidth=_DOT - 1).encode(x=x, y=y)
            for colour in (*SEGMENTS, MUTED)
            if (dots := _dots(placed, colour))
        ),
        *(_marks(x, y, own) if own else ()),
    ]
    return _sized(map_, layers)


def _scales(map_: SegmentMap, axis: Any) -> tuple[Any, Any]:
    import altair as alt

    domain = [map_.best, map_.worst]
    x_scale = alt.Scale(domain=domain, nice=False, zero=False, round=True)
    y_scale = alt.Scale(domain=[-0.5, _height(map_) / _DOT - 0.5], nice=False, round=True)
    return alt.X("x:Q", scale=x_scale, axis=axis), alt.Y("y:Q", scale=y_scale, axis=None)


def _sized(map_: SegmentMap, layers: Iterable[Any]) -> Any:
    import altair as alt

    return alt.layer(*layers).properties(width=WIDTH, height=_height(map_))


def _height(map_: SegmentMap) -> int:
    levels = max((height for _, _, height in map_.stacked()), default=0) + 1
    return round(levels * _DOT) + _TOP


def _dots(placed: Iterable[tuple[Average, float, int]], colour: str) -> list[dict[str, Any]]:
    return path_rows(
        [(x, height)] * 2 for one, x, height in placed if segment_colour(one.segment) == colour
    )


def _cuts(map_: SegmentMap) -> Any:
    import altair as alt

    rows = [{"x": cut} for cut in map_.cut_points if _on_scale(map_, cut) == cut]
    return alt.Chart(inline_data(rows)).mark_rule(color=MUTED, strokeDash=[4, 3])


def _on_scale(map_: SegmentMap, cut_point: float) -> float:
    low, high = sorted((map_.best, map_.worst))
    return min(max(cut_point, low), high)


def _names(map_: SegmentMap, x: Any) -> Iterable[Any]:
    """Name each segment above the middle of its stretch of the scale, in its colour."""
    import altair as alt

    if not all(map(isfinite, map_.cut_points)):
        return
    ends = [map_.best, *(_on_scale(map_, cut) for cut in map_.cut_points), map_.worst]
    for at, (left, right) in enumerate(pairwise(ends), start=1):
        room = round(WIDTH * (right - left) / (map_.worst - map_.best))
        if room < _DIGIT:
            continue
        rows = [{"x": (left + right) / 2, "text": f"Segment {at}" if room > _NAME else str(at)}]
        yield (
            alt.Chart(inline_data(rows))
            .mark_text(color=segment_colour(at), fontWeight="bold", baseline="top")
            .encode(x=x, y=alt.value(0), text="text:N")
        )


def _marks(x: Any, y: Any, own: Rows) -> Iterable[Any]:
    import altair as alt

    data = inline_data(own, "own")
    yield (alt.Chart(data).mark_point(size=170, **DIAMOND).encode(x=x, y=y))
    yield (
        alt.Chart(data)
        .mark_text(dy=-12, fontWeight="bold", color=INK)
        .encode(x=x, y=y, text="text:N")
    )
