"""Two saved tables compared: what they tell without the figures that they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.comparison.comparison import (
    PARTS,
    Comparison,
    Cut,
    changes_of,
)
from nhs_league.analysis.comparison.shapley import State, shapley_values, states
from nhs_league.analysis.comparison.sides import SIDE_SCHEMA, paired
from nhs_league.analysis.comparison.significance import Significance
from nhs_league.analysis.robustness.numbers import Floats, Integers
from nhs_league.errors import UsageError
from nhs_league.scoring import columns

_OWN, _OVERRIDE, _OTHERS = range(3)
_MAX_DECIMALS: Final = 6
_AVERAGE_DIGITS: Final = 9
_LAST: Final = 1_000_000
"""Stands for no segment: behind every one."""

_NOT_BY_THIS_ORDER: Final = (
    "What the moves are due to cannot be told: the ranks of the tables are not those of adjusted "
    "segment and average."
)
_TWO_FRAMEWORKS: Final = (
    "What the moves are due to cannot be told: the tables are of two quarters and were made by two "
    "frameworks."
)
_NO_SEGMENTS: Final = (
    "What is due to overrides cannot be told apart: a table lacks the segments before overrides."
)


@dataclass(frozen=True)
class _Order:
    """How both tables are ranked: within the peer group or not, by a low average or a high one.

    Where tables are ranked on unrounded averages, those printed alike need not share a rank: then
    the rank itself ``breaks_ties``.
    """

    ranks_all_together: bool
    is_lower_better: bool
    breaks_ties: bool


_ORDERS: Final = [
    _Order(together, is_lower, breaks)
    for breaks in (False, True)
    for together in (False, True)
    for is_lower in (True, False)
]


def compare_tables(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    are_of_two_frameworks: bool = False,
    are_of_one_quarter: bool = False,
) -> Comparison:
    """Compare two tables that ``rank`` made, under ``sources.saved_tables.SAVED_TABLE_SCHEMA``.

    The own metrics of an organisation are its average and its segment before overrides, the others
    are everybody else's rows. What is ranked together is left out of the causes where either table
    holds a part of it. Raises ``UsageError`` where nobody is ranked in both.
    """
    first, second = side_of_table(before), side_of_table(after)
    pairs = paired(first, second, {})
    is_ranked = pl.col("rank_from").is_not_null() & pl.col("rank_to").is_not_null()
    ranked = pairs.filter(is_ranked)
    if ranked.is_empty():
        raise UsageError("there is nothing to compare: no organisation is ranked in both tables")
    cuts = [_cuts(table, at) for at, table in enumerate((before, after))]
    order = _order_of(_whole(first, cuts[0]), _whole(second, cuts[1]))
    if are_of_two_frameworks:
        parts, notes = _parts_of_methods(ranked, are_of_one_quarter=are_of_one_quarter)
    else:
        every = (*cuts[0], *cuts[1])
        old, new = _whole(first, every), _whole(second, every)
        for side in (old, new):
            ranked = ranked.join(side, on="org_code", how="semi", maintain_order="left")
        parts, notes = _parts(old, new, ranked, order)
    has_ranges = all(bool(side["score_low"].is_not_null().any()) for side in (first, second))
    significance = Significance(has_ranges=has_ranges)
    together = order is not None and order.ranks_all_together
    groups = pl.concat([after, before])["peer_group"].unique(maintain_order=True).to_list()
    return Comparison(
        kind="tables",
        changes=changes_of(
            pairs.with_columns(pl.lit(None, pl.Float64).alias("p_value")),
            parts,
            significance,
            None if together else groups,
        ),
        significance=significance,
        decimals=_decimals(pl.concat([first, second])["average"]),
        ranks_all_together=together,
        notes=notes,
        cuts=(*cuts[0], *cuts[1]),
        of_one_table=frozenset(set(first["org_code"]) ^ set(second["org_code"])),
    )


def side_of_table(table: pl.DataFrame) -> pl.DataFrame:
    """Lay a saved table out as one side of a comparison, under ``SIDE_SCHEMA``.

    What segment an override allows at best is told by those that it holds back in the table; one
    that holds nobody back there made no difference to it.
    """
    held_at = pl.when(pl.col("adjusted_segment") > pl.col("segment")).then("adjusted_segment")
    told = held_at.min().over("overrides")
    floor = pl.when(pl.col("overrides").is_not_null()).then(told).otherwise(held_at)
    return table.with_columns(
        pl.col("average_metric_score").alias("average"), floor.fill_null(0).alias("floor")
    ).select(pl.col(name).cast(dtype) for name, dtype in SIDE_SCHEMA.items())


def _cuts(table: pl.DataFrame, at: int) -> tuple[Cut, ...]:
    """List the peer groups of which a table holds fewer ranked rows than its ranks are out of.

    Where all are ranked together, every row says that it is out of as many, and they stand for one.
    """
    ranked = table.filter(pl.col("rank").is_not_null())
    sizes = ranked.group_by("peer_group", maintain_order=True).agg(
        pl.len().alias("held"), pl.col("rank_of").max()
    )
    out_of = sizes["rank_of"].unique().to_list()
    if len(sizes) > 1 and len(out_of) == 1 and out_of[0] is not None and len(ranked) <= out_of[0]:
        return () if len(ranked) == out_of[0] else (Cut(at, None, len(ranked), out_of[0]),)
    short = sizes.filter(pl.col("held") < pl.col("rank_of"))
    return tuple(Cut(at, group, held, rank_of) for group, held, rank_of in short.iter_rows())


def _whole(side: pl.DataFrame, cuts: Sequence[Cut]) -> pl.DataFrame:
    """Leave out the rows of what is cut."""
    groups = [cut.peer_group for cut in cuts]
    if None in groups:
        return side.clear()
    return side.filter(~pl.col("peer_group").is_in(groups))


def _parts_of_methods(
    ranked: pl.DataFrame, *, are_of_one_quarter: bool
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Lay all of the moves to the method, where the figures are of one quarter."""
    if not are_of_one_quarter:
        return _nothing_told(ranked), (_TWO_FRAMEWORKS,)
    moved = (pl.col("rank_to") - pl.col("rank_from")).cast(pl.Float64)
    return (
        _nothing_told(ranked)
        .drop("due_to_method")
        .with_columns(ranked.select(moved.alias("due_to_method")).to_series())
    ), ()


def _nothing_told(ranked: pl.DataFrame) -> pl.DataFrame:
    return ranked.select("org_code", *(pl.lit(None, pl.Float64).alias(name) for name in PARTS))


def _parts(
    before: pl.DataFrame, after: pl.DataFrame, ranked: pl.DataFrame, order: _Order | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Share the moves among their causes, as far as the tables tell, and say where they do not."""
    parts = _nothing_told(ranked)
    if ranked.is_empty():
        return parts, ()
    if order is None:
        return parts, (_NOT_BY_THIS_ORDER,)
    has_segments = all(_has_segments(side) for side in (before, after))
    shares = shapley_values(_outcomes(before, after, ranked, order, has_segments=has_segments))
    parts = parts.with_columns(
        pl.Series("due_to_own_metrics", shares[_OWN]),
        pl.Series("due_to_others", shares[_OTHERS]),
    )
    if not has_segments:
        return parts, (_NO_SEGMENTS,)
    return parts.with_columns(pl.Series("due_to_override", shares[_OVERRIDE])), ()


def _has_segments(side: pl.DataFrame) -> bool:
    """Say whether the segments before overrides, with the overrides, give the adjusted ones."""
    adjusted = pl.col("adjusted_segment")
    told = pl.max_horizontal("segment", "floor").eq_missing(adjusted)
    is_told = adjusted.is_null() | (pl.col("segment").is_not_null() & told)
    return bool(side.filter(pl.col("rank").is_not_null()).select(is_told.all()).item())


def _outcomes(
    before: pl.DataFrame,
    after: pl.DataFrame,
    ranked: pl.DataFrame,
    order: _Order,
    *,
    has_segments: bool,
) -> dict[State, Floats]:
    """Give the rank of every row as if some of the causes alone had come to pass.

    The row stands among the rows of everybody else in the first table or in the second. It has the
    peer group, average and segment of one of them, and the overrides of one of them.
    """
    tables = [_Table.of(side, order) for side in (before, after)]
    outcomes = {}
    for state in states(3):
        own = "_to" if state[_OWN] else "_from"
        override = "_to" if state[_OVERRIDE] else "_from"
        segment = pl.col(f"adjusted_segment{own}")
        if has_segments:
            segment = pl.max_horizontal(f"segment{own}", f"floor{override}")
            segment = pl.when(pl.col(f"segment{own}").is_not_null()).then(segment)
        groups = before if own == "_from" else after
        hypothetical = ranked.select(
            "org_code",
            segment.alias("adjusted_segment"),
            pl.col(f"average{own}").alias("average"),
            pl.col(f"rank{own}").alias("rank"),
        ).join(
            groups.select("org_code", "peer_group"),
            on="org_code",
            how="left",
            maintain_order="left",
        )
        outcomes[state] = tables[state[_OTHERS]].ranks_of(hypothetical)
    return outcomes


@dataclass(frozen=True)
class _Table:
    """The ranked rows of a table, and what they are ranked by."""

    rows: pl.DataFrame
    order: _Order

    @classmethod
    def of(cls, side: pl.DataFrame, order: _Order) -> _Table:
        return cls(side.filter(pl.col("rank").is_not_null()), order)

    def ranks_of(self, rows: pl.DataFrame) -> Floats:
        """Give the competition rank of each row by itself among everybody else's."""
        keys = _keys(pl.concat([self._keyed(self.rows), self._keyed(rows)]))
        table, wanted = keys[: len(self.rows)], keys[len(self.rows) :]
        groups, wanted_groups = self._groups(rows)
        own_at = rows.select("org_code").join(
            self.rows.select("org_code").with_row_index("at"),
            on="org_code",
            how="left",
            maintain_order="left",
        )["at"]
        ranks = np.zeros(len(rows))
        for group in np.unique(wanted_groups):
            is_wanted = wanted_groups == group
            better = np.searchsorted(np.sort(table[groups == group]), wanted[is_wanted])
            ranks[is_wanted] = 1 + better
        # The organisation's own row in the table is not one of the others.
        has_own = own_at.is_not_null().to_numpy()
        at = own_at.fill_null(0).to_numpy()
        is_ahead = has_own & (groups[at] == wanted_groups) & (table[at] < wanted)
        return np.asarray(ranks - is_ahead, dtype=np.float64)

    def _keyed(self, rows: pl.DataFrame) -> pl.DataFrame:
        sign = 1 if self.order.is_lower_better else -1
        return rows.select(
            pl.col("adjusted_segment").fill_null(_LAST).cast(pl.Float64),
            (sign * pl.col("average")).round(_AVERAGE_DIGITS),
            (pl.col("rank") if self.order.breaks_ties else pl.lit(0)).cast(pl.Float64).alias("tie"),
        )

    def _groups(self, rows: pl.DataFrame) -> tuple[Integers, Integers]:
        """Give numbers to what is ranked by itself, in the table and in the rows."""
        names = pl.concat([self.rows["peer_group"], rows["peer_group"]])
        if self.order.ranks_all_together:
            numbers = np.zeros(len(names), dtype=np.int64)
        else:
            numbers = names.rank("dense").to_numpy().astype(np.int64)
        return numbers[: len(self.rows)], numbers[len(self.rows) :]


def _keys(rows: pl.DataFrame) -> Integers:
    """Give numbers to the rows of a frame in their order, equal ones to equal rows."""
    _, numbers = np.unique(rows.to_numpy(), axis=0, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64).reshape(-1)


def _order_of(before: pl.DataFrame, after: pl.DataFrame) -> _Order | None:
    """Find the order that gives the ranks of both tables; none where no order does."""
    for order in _ORDERS:
        tables = [_Table.of(side, order) for side in (before, after)]
        if all(
            bool((table.ranks_of(table.rows) == table.rows[columns.RANK].to_numpy()).all())
            for table in tables
        ):
            return order
    return None


def _decimals(averages: pl.Series) -> int:
    """Give the decimals that the averages are written with: none, or at least two."""
    stated = averages.drop_nulls()
    candidates: tuple[int, ...] = (0, *range(2, _MAX_DECIMALS))
    for decimals in candidates:
        if ((stated.round(decimals) - stated).abs() < 1e-9).all():
            return decimals
    return _MAX_DECIMALS
