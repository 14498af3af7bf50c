"""Rank ranges: each organisation's rank as a dot on the line of its likely ranks."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nhs_league.presentation.charts.drawing import (
    compiled,
    filled,
    inline_data,
    inline_svg,
    path_mark,
    path_rows,
    shortened,
)
from nhs_league.presentation.charts.palette import (
    DIAMOND,
    FAINT,
    INK,
    MUTED,
    SEGMENTS,
    segment_colour,
)

_ROW: Final = 15
_LONGEST: Final = 60
_WIDE: Final = 560
_NAME: Final = 76
_TICKS: Final = 7
"""Ranks on an axis, at most, beside the first."""
_STEPS: Final = tuple(digit * 10**zeros for zeros in range(6) for digit in (1, 2, 5))


@dataclass(frozen=True)
class RankRange:
    """An organisation's rank and its likely ends; no ends where nothing is told of it."""

    label: str
    rank: int
    low: int | None
    high: int | None
    segment: int | None


def rank_ranges_chart(rows: Sequence[RankRange], rank_of: int, width: int = 300) -> Any:
    """State rank ranges in Altair, one row an organisation, best first."""
    import altair as alt

    labels = [shortened(row.label, _LONGEST) for row in rows]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[1, max(rank_of, 2)], nice=False, zero=False, round=True),
        axis=alt.Axis(
            title="Rank: left is better",
            orient="top",
            grid=True,
            values=_ticks(rank_of),
            format="d",
        ),
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=[len(rows) - 0.5, -0.5], nice=False), axis=None)
    layers = [
        path_mark(_spans(rows), color=FAINT, strokeWidth=5).encode(x=x, y=y),
        *(
            path_mark(dots, color=colour, strokeWidth=8, strokeCap="round").encode(x=x, y=y)
            for colour in (*SEGMENTS, MUTED)
            if (dots := _points(rows, colour))
        ),
        alt.Chart(inline_data([{"y": at, "text": label} for at, label in enumerate(labels)]))
        .mark_text(align="right", dx=-10, color=INK, fontSize=11)
        .encode(x=alt.value(0), y=y, text="text:N"),
    ]
    return alt.layer(*layers).properties(width=width, height=max(len(rows), 1) * _ROW)


def segments_key_chart(segments: Sequence[int | None]) -> Any:
    """Name segments in their colours, side by side: the key to pictures without cut points."""
    import altair as alt

    names = [
        alt.Chart(
            inline_data([{"text": "No segment" if segment is None else f"Segment {segment}"}])
        )
        .mark_text(align="left", fontWeight="bold", color=segment_colour(segment))
        .encode(x=alt.value(at * _NAME), y=alt.value(0), text="text:N")
        for at, segment in enumerate(segments)
    ]
    return alt.layer(*names).properties(width=len(names) * _NAME, height=1)


def rank_strip_svg(row: RankRange, rank_of: int, words: str) -> str:
    """Draw one organisation's rank and its likely range on the line of all ranks."""
    span = max(rank_of - 1, 1)
    data: dict[str, list[dict[str, Any]]] = {
        "own": [{"x": (row.rank - 1) / span}],
        "range": [],
        "ends": [{"x": (rank - 1) / span, "text": str(rank)} for rank in sorted({1, rank_of})],
    }
    if row.low is not None and row.high is not None:
        data["range"] = [{"x": (row.low - 1) / span, "x2": (row.high - 1) / span}]
    return inline_svg(filled(_rank_strip(), data), words)


@functools.cache
def _rank_strip() -> dict[str, Any]:
    import altair as alt

    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False, round=True), axis=None)
    middle = alt.value(_ROW)
    line, likely = (
        alt.Chart(inline_data([{"x": 0, "x2": 1}], name))
        .mark_rule(color=colour, strokeWidth=width)
        .encode(x=x, x2="x2:Q", y=middle)
        for name, colour, width in (("line", FAINT, 2), ("range", MUTED, 12))
    )
    own = (
        alt.Chart(inline_data([{"x": 0.5}], "own"))
        .mark_point(size=220, **DIAMOND)
        .encode(x=x, y=middle)
    )
    ends = (
        alt.Chart(inline_data([{"x": 0.5, "text": ""}], "ends"))
        .mark_text(color=MUTED, baseline="bottom")
        .encode(x=x, y=alt.value(3 * _ROW), text="text:N")
    )
    return compiled(alt.layer(line, likely, own, ends).properties(width=_WIDE, height=3 * _ROW))


def _ticks(rank_of: int) -> list[int]:
    """Give the first rank and about six round ones."""
    step = next(step for step in _STEPS if step * _TICKS >= rank_of)
    return [1, *range(step, rank_of + 1, step)] if step > 1 else [*range(1, rank_of + 1)]


def _spans(rows: Sequence[RankRange]) -> list[dict[str, Any]]:
    return path_rows(
        [(row.low, at), (row.high, at)]
        for at, row in enumerate(rows)
        if row.low is not None and row.high is not None
    )


def _points(rows: Sequence[RankRange], colour: str) -> list[dict[str, Any]]:
    return path_rows(
        [(row.rank, at)] * 2 for at, row in enumerate(rows) if segment_colour(row.segment) == colour
    )
