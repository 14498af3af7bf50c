"""Slopes: averages from quarter to quarter, one organisation's above the others' faint lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from nhs_league.presentation.charts.drawing import (
    Rows,
    Underlay,
    compiled,
    drawn_marks,
    filled,
    inline_data,
    path_mark,
    path_rows,
)
from nhs_league.presentation.charts.palette import ACCENT, FAINT, INK, PAPER
from nhs_league.presentation.text import number

_WIDTH: Final = 520
_HEIGHT: Final = 240

Line = tuple[float | None, ...]
"""An organisation's average in each of the quarters, oldest first; none where it has none."""


@dataclass(frozen=True)
class Slopes:
    """Averages of organisations over quarters; ``best`` is at the top, as it is of the scale."""

    quarters: tuple[str, ...]
    lines: tuple[Line, ...]
    best: float
    worst: float
    decimals: int


class SlopesDrawing:
    """Slopes, drawn with one organisation after another marked."""

    def __init__(self, slopes: Slopes) -> None:
        self._slopes = slopes
        self._underlay = Underlay(compiled(slopes_chart(slopes)))
        somewhere = [{"x": 0, "y": slopes.best, "text": ""}]
        self._overlay = compiled(_sized(_marks(*_scales(slopes, None, None), somewhere)))

    def svg(self, words: str, own: Line | None = None) -> str:
        """Draw them for the middle of a page, with an organisation marked or none."""
        if own is None:
            return self._underlay.svg(words)
        rows = own_rows(self._slopes, own)
        return self._underlay.svg(words, drawn_marks(filled(self._overlay, {"own": rows})))


def slopes_chart(slopes: Slopes) -> Any:
    """State slopes in Altair, without any marked."""
    import altair as alt

    last = len(slopes.quarters) - 1
    names = " : ".join(
        f"datum.value === {at} ? '{quarter}'" for at, quarter in enumerate(slopes.quarters)
    )
    quarters = alt.Axis(
        title=None,
        values=list(range(last + 1)),
        labelExpr=f"{names} : ''",
        grid=True,
        domain=False,
    )
    averages = alt.Axis(title="Average: higher up is better", grid=False, tickCount=6)
    x, y = _scales(slopes, quarters, averages)
    return _sized([path_mark(_rows(slopes.lines), color=FAINT, strokeWidth=1).encode(x=x, y=y)])


def _scales(slopes: Slopes, quarters: Any, averages: Any) -> tuple[Any, Any]:
    import altair as alt

    last = max(len(slopes.quarters) - 1, 1)
    x_scale = alt.Scale(domain=[0, last], nice=False, padding=30, round=True)
    y_scale = alt.Scale(domain=_ends(slopes), nice=False, zero=False, round=True)
    return (
        alt.X("x:Q", scale=x_scale, axis=quarters),
        alt.Y("y:Q", scale=y_scale, axis=averages),
    )


def _sized(layers: Iterable[Any]) -> Any:
    import altair as alt

    return alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)


def _marks(x: Any, y: Any, own: Rows) -> Iterable[Any]:
    import altair as alt

    base = alt.Chart(inline_data(own, "own"))
    yield base.mark_line(
        color=ACCENT, strokeWidth=3, invalid="break-paths-show-path-domains"
    ).encode(x=x, y=y, order="x:Q")
    yield base.mark_point(filled=True, size=110, color=ACCENT, stroke=PAPER, opacity=1).encode(
        x=x, y=y
    )
    yield base.mark_text(dy=-14, fontWeight="bold", color=INK).encode(x=x, y=y, text="text:N")


def own_rows(slopes: Slopes, own: Line) -> list[dict[str, Any]]:
    """Lay the marked line out, each point with its average in words."""
    return [
        {"x": at, "y": average, "text": number(average, slopes.decimals)}
        if average is not None
        else {"x": at, "y": None, "text": ""}
        for at, average in enumerate(own)
    ]


def _rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Lay out what there is between neighbouring quarters."""
    return path_rows(
        [(at - 1, before), (at, after)]
        for line in lines
        for at, (before, after) in enumerate(pairwise(line), start=1)
        if before is not None and after is not None
    )


def _ends(slopes: Slopes) -> Sequence[float]:
    """Give the worst and the best average that there is, with a little room."""
    known = [average for line in slopes.lines for average in line if average is not None]
    if not known:
        return [slopes.worst, slopes.best]
    low, high = min(known), max(known)
    room = (high - low or abs(slopes.worst - slopes.best)) / 12
    ends = [low - room, high + room]
    return ends[::-1] if slopes.best < slopes.worst else ends
