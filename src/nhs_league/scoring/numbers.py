"""Comparing and rounding numbers that arithmetic has touched.

The same mean summed in another order may differ in its last bits; ``TOLERANCE`` is far above such
noise and far below any published digit.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import add
from typing import Final

import polars as pl

TOLERANCE: Final = 1e-9
_KEY_DECIMALS: Final = 9


def rounded_expr(number: pl.Expr, decimals: int) -> pl.Expr:
    """Round half away from zero; a number within ``TOLERANCE`` of a half is the half."""
    return (number + number.sign() * TOLERANCE).round(decimals, mode="half_away_from_zero")


def key_expr(number: pl.Expr) -> pl.Expr:
    """Make numbers that differ only by arithmetic noise equal, for ranking."""
    return number.round(_KEY_DECIMALS)


def sum_expr(terms: Iterable[pl.Expr]) -> pl.Expr:
    """Add terms in their order, taking null as nothing.

    Polars' horizontal sum adds in an order that depends on its threads, and so do its last bits.
    """
    return pl.fold(pl.lit(0.0), add, [term.fill_null(0) for term in terms])
