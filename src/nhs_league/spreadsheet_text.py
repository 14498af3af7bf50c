"""Texts that a spreadsheet would run as formulas: in CSV files an apostrophe stands before them."""

from __future__ import annotations

from typing import Final

import polars as pl

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet may take for a formula."""

_UNGUARDED: Final = r"^('*[=+\-@\t\r])"
_GUARDED: Final = r"^'('*[=+\-@\t\r])"


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text that may be taken for a formula; numbers stay.

    A text that has apostrophes before such a beginning gains one too: ``unguarded`` then gives
    every text back as it was.
    """
    return frame.with_columns(pl.col(pl.String).str.replace(_UNGUARDED, "'${1}"))


def unguarded(text: pl.Expr) -> pl.Expr:
    """Take away the apostrophe that ``guarded`` put before a text."""
    return text.str.replace(_GUARDED, "${1}")
