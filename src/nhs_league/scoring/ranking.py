"""Competition ranks on several keys: 1, 2, 2, 4."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def with_competition_rank(
    frame: pl.DataFrame, keys: Sequence[pl.Expr], *, within: str | None, name: str
) -> pl.DataFrame:
    """Add the rank on the keys in turn, smallest first, within each group.

    A row whose last key is null has no rank. Rows keep their order.
    """
    group = [within] if within else []
    key_names = [f"key:{index}" for index in range(len(keys))]
    order = [*group, *key_names]
    keyed = frame.with_columns(
        key.alias(key_name) for key, key_name in zip(keys, key_names, strict=True)
    ).with_row_index("key:row")
    ordered = keyed.filter(pl.col(key_names[-1]).is_not_null()).sort(order, nulls_last=True)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    is_tied = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift(1)) for key in order)
    is_first = pl.int_range(pl.len()) == 0
    ranks = ordered.select(
        "key:row",
        pl.when(is_first | ~is_tied)
        .then(place.over(group) if group else place)
        .forward_fill()
        .alias(name),
    )
    return keyed.join(ranks, on="key:row", how="left", maintain_order="left").drop(
        "key:row", *key_names
    )
