"""Distributions: a metric's values as stacked dots on their own scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from nhs_league.presentation.charts.drawing import (
    heights_in,
    inline_data,
    path_mark,
    path_rows,
)
from nhs_league.presentation.charts.palette import ACCENT, INK

WIDTH: Final = 560
_DOT: Final = 6.0


def distribution_chart(
    values: Sequence[float], standard: float | None, title: str, *, is_higher_better: bool
) -> Any:
    """State a distribution in Altair, the better values at the left, the standard as a line."""
    import altair as alt

    ends = [*values, *(() if standard is None else (standard,))]
    low, high = min(ends), max(ends)
    span = high - low or 1.0
    domain = [low - span / 40, high + span / 40]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(
            domain=domain[::-1] if is_higher_better else domain, nice=False, zero=False, round=True
        ),
        axis=alt.Axis(title=f"{title}: left is better", grid=False, tickCount=6),
    )
    placed = _stacked(values, (domain[1] - domain[0]) * _DOT / WIDTH)
    levels = max((height for _, height in placed), default=0) + 1
    height = max(round(levels * _DOT), 24)
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-0.5, height / _DOT - 0.5], nice=False, round=True),
        axis=None,
    )
    layers = [
        path_mark(
            path_rows([place] * 2 for place in placed),
            color=ACCENT,
            strokeCap="round",
            strokeWidth=_DOT - 1,
        ).encode(x=x, y=y)
    ]
    if standard is not None:
        layers.append(
            alt.Chart(inline_data([{"x": standard}]))
            .mark_rule(color=INK, strokeWidth=2)
            .encode(x=x)
        )
    return alt.layer(*layers).properties(width=WIDTH, height=height)


def _stacked(values: Sequence[float], step: float) -> list[tuple[float, float]]:
    """Put values that lie within a dot's width of each other into one column."""
    columns = [round(value / step) for value in sorted(values)]
    heights = heights_in(columns)
    return [(column * step, float(height)) for column, height in zip(columns, heights, strict=True)]
