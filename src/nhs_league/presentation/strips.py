"""Ranges drawn in characters: where a rank may lie between the first and the last."""

from __future__ import annotations

from typing import Final

WIDTH: Final = 24
"""So a table with strips and the figures of both ranges fits 80 columns."""

_ELSEWHERE, _WITHIN, _LOW, _HIGH, _MARK = "\u00b7\u2500\u251c\u2524\u25cf"
_IN_ASCII: Final = str.maketrans({_ELSEWHERE: ".", _WITHIN: "-", _LOW: "|", _HIGH: "|", _MARK: "o"})
CHARACTERS: Final = _ELSEWHERE + _WITHIN + _LOW + _HIGH + _MARK


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


def in_ascii(text: str) -> str:
    """Draw strips in ASCII, for where their own characters cannot be written."""
    return text.translate(_IN_ASCII)


def _place(rank: int, of: int) -> int:
    return round((rank - 1) * (WIDTH - 1) / max(of - 1, 1))
