"""Competition ranks on several keys: 1, 2, 2, 4."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl


def with_competition_rank(
    frame: pl.DataFrame, keys: Sequence[pl.Expr], *, within: str | None, name: str
) -> pl.DataFrame:
    """Add the rank on numeric keys in turn, smallest first, within each group.

    A row whose last key is null has no rank; any other null comes after every number.
    """
    numbers = [key.cast(pl.Float64).fill_null(math.inf) for key in keys]
    together = pl.struct(number.alias(str(place)) for place, number in enumerate(numbers))
    rank = pl.when(keys[-1].is_not_null()).then(together).rank("min").cast(pl.Int64)
    return frame.with_columns((rank.over(within) if within else rank).alias(name))
