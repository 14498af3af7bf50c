"""Ranges and series drawn in characters: where a rank may lie, and how a figure moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WIDTH: Final = 24
"""So a table with strips and the figures of both ranges fits 80 columns."""

_ELSEWHERE, _WITHIN, _LOW, _HIGH, _MARK = "\u00b7\u2500\u251c\u2524\u25cf"
_BARS: Final = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_BARS_IN_ASCII: Final = "_,-~=+*#"
_IN_ASCII: Final = str.maketrans(
    {_ELSEWHERE: ".", _WITHIN: "-", _LOW: "|", _HIGH: "|", _MARK: "o"}
    | dict(zip(_BARS, _BARS_IN_ASCII, strict=True))
)
CHARACTERS: Final = _ELSEWHERE + _WITHIN + _LOW + _HIGH + _MARK + _BARS
_MIDDLE: Final = 0.49
"""The height of a flat series: the bar that is half as high as the line."""


def rank_strip(low: int, high: int, rank: int, of: int) -> str:
    """Draw the range of a rank, and the rank itself, among the ranks 1 to ``of``."""
    first, last, mark = (_place(each, of) for each in (low, high, rank))
    drawn = [_ELSEWHERE] * WIDTH
    drawn[first : last + 1] = [_WITHIN] * (last + 1 - first)
    drawn[first], drawn[last] = _LOW, _HIGH
    drawn[mark] = _MARK
    return "".join(drawn)


def strip_header(of: int) -> str:
    """Head a column of strips with the first rank and the last."""
    return f"1{of:>{WIDTH - 1}}" if of > 1 else "1".ljust(WIDTH)


def sparkline(heights: Sequence[float | None]) -> str:
    """Draw a series of heights between 0, the lowest bar, and 1; a gap is a dot."""
    return "".join(
        _ELSEWHERE if height is None else _BARS[min(int(height * len(_BARS)), len(_BARS) - 1)]
        for height in heights
    )


def own_heights(values: Sequence[float | None]) -> list[float | None]:
    """Place figures between the least and the greatest of them; a flat series is a middle line."""
    known = [value for value in values if value is not None]
    least, extent = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)
    # What arithmetic noise sets apart is flat.
    is_flat = extent <= 1e-9 * max(1.0, abs(least))
    return [
        None if value is None else _MIDDLE if is_flat else (value - least) / extent
        for value in values
    ]


def rank_heights(ranks: Sequence[tuple[int, int] | None]) -> list[float | None]:
    """Place ranks, each of so many, between the last at 0 and the first at 1."""
    return [
        None if rank is None else 1 - (rank[0] - 1) / (rank[1] - 1) if rank[1] > 1 else _MIDDLE
        for rank in ranks
    ]


def in_ascii(text: str) -> str:
    """Draw strips in ASCII, for where their own characters cannot be written."""
    return text.translate(_IN_ASCII)


def _place(rank: int, of: int) -> int:
    return round((rank - 1) * (WIDTH - 1) / max(of - 1, 1))
