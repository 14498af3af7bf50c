"""Dot strips one below the other, each with its metric and the value in question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nhs_league.presentation.charts.drawing import inline_data, path_mark, path_rows, shortened
from nhs_league.presentation.charts.palette import DIAMOND, FAINT, INK, MUTED
from nhs_league.presentation.charts.strips import Strip

_ROW: Final = 24
_WIDTH: Final = 380
_LONGEST: Final = 64
_TICK: Final = 0.36
"""Half the height of a standard or a median, in rows."""


@dataclass(frozen=True)
class StripRow:
    """A metric's strip; the value in question and the median are in the metric's unit."""

    label: str
    told: str
    strip: Strip
    own: float
    median: float | None


def strip_table_chart(rows: Sequence[StripRow]) -> Any:
    """State strips in Altair, the label at the left and the value at the right."""
    import altair as alt

    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[len(rows) - 0.5, -0.5], nice=False), axis=None)
    places = [(row, at, row.strip.place) for at, row in enumerate(rows)]
    layers = [
        path_mark(
            path_rows([(0.0, at), (1.0, at)] for _, at, _ in places), color=FAINT, strokeWidth=1
        ).encode(x=x, y=y),
        path_mark(
            path_rows(
                [(place, at)] * 2 for row, at, _ in places for place in sorted({*row.strip.places})
            ),
            color=MUTED,
            opacity=0.55,
            strokeCap="round",
            strokeWidth=5,
        ).encode(x=x, y=y),
        path_mark(
            path_rows(
                [(row.strip.standard, at - _TICK), (row.strip.standard, at + _TICK)]
                for row, at, _ in places
                if row.strip.standard is not None
            ),
            color=INK,
            strokeWidth=2,
        ).encode(x=x, y=y),
        path_mark(
            path_rows(
                [(place(row.median), at - _TICK), (place(row.median), at + _TICK)]
                for row, at, place in places
                if row.median is not None
            ),
            color=INK,
            strokeWidth=2,
            strokeDash=[2, 2],
        ).encode(x=x, y=y),
        alt.Chart(inline_data([{"x": place(row.own), "y": at} for row, at, place in places]))
        .mark_point(size=150, **DIAMOND)
        .encode(x=x, y=y),
        _words(rows, "label")
        .mark_text(align="right", dx=-12, color=INK)
        .encode(x=alt.value(0), y=y, text="text:N"),
        _words(rows, "told")
        .mark_text(align="left", dx=12, color=INK)
        .encode(x=alt.value(_WIDTH), y=y, text="text:N"),
    ]
    return alt.layer(*layers).properties(width=_WIDTH, height=len(rows) * _ROW)


def _words(rows: Sequence[StripRow], name: str) -> Any:
    import altair as alt

    texts = [getattr(row, name) for row in rows]
    return alt.Chart(
        inline_data([{"y": at, "text": shortened(text, _LONGEST)} for at, text in enumerate(texts)])
    )
