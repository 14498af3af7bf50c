"""Who moved between two league tables: ranks, averages and segments, and what moved them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from nhs_league.analysis.comparison.attribution import attribute_quarters
from nhs_league.analysis.comparison.method_attribution import attribute_methods
from nhs_league.analysis.comparison.sides import PAIR_SCHEMA, paired, side_of_league
from nhs_league.analysis.comparison.significance import (
    Significance,
    significance_of_methods,
    significance_of_quarters,
)
from nhs_league.analysis.comparison.successors import (
    NO_MERGERS,
    Merger,
    followed_codes,
    mergers_between,
)
from nhs_league.analysis.robustness.chance import DEFAULT_SEED
from nhs_league.analysis.robustness.movement import movement
from nhs_league.analysis.robustness.sampling import DEFAULT_REPLICATES
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE

Kind = Literal["quarters", "methods", "tables"]

PARTS: Final = (
    "due_to_own_metrics",
    "due_to_others",
    "due_to_override",
    "due_to_metric_set",
    "due_to_method",
)
"""What a move is shared among, in places of rank; negative is for the better."""

CHANGE_CLASSES: Final = ("none", "significant", "override", "not_significant")

COMPARISON_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank_from": pl.Int64(),
    "rank_to": pl.Int64(),
    "average_from": pl.Float64(),
    "average_to": pl.Float64(),
    "adjusted_segment_from": pl.Int64(),
    "adjusted_segment_to": pl.Int64(),
    "change_class": pl.String(),
    "p_value": pl.Float64(),
    **dict.fromkeys(PARTS, pl.Float64()),
}
"""The frame contract: one row an organisation of either table, under its later code.

Movers come first: by peer group, then by the places that they moved, then by code; in each group
those without a rank in one of the tables are last. ``change_class`` is of the adjusted segment;
``p_value`` is that of ``movement``. The parts add up to ``rank_to - rank_from``, and are null where
they cannot be told.
"""

DETAIL_SCHEMA: Final[dict[str, pl.DataType]] = {
    "segment_from": pl.Int64(),
    "segment_to": pl.Int64(),
    "overrides_from": pl.String(),
    "overrides_to": pl.String(),
    "average_change": pl.Float64(),
    "is_significant": pl.Boolean(),
}
"""What else is known of each row; ``is_significant`` is null where nothing can tell."""

NOT_TESTED: Final = "not_tested"
"""Counts in ``summary`` the changes of class ``not_significant`` which nothing can test."""

_PART_DIGITS: Final = 10
"""Digits that arithmetic leaves to a part; the parts still add up within 1e-9."""

_MISSING: Final = pl.any_horizontal(pl.col("rank_from", "rank_to").is_null())


@dataclass(frozen=True)
class Cut:
    """What is left of a table: ``held`` of the ``ranked`` that its ranks were drawn up among.

    ``table`` is 0 for the first and 1 for the second; without a ``peer_group`` it is of the whole.
    """

    table: int
    peer_group: str | None
    held: int
    ranked: int


@dataclass(frozen=True)
class Comparison:
    """Two tables compared.

    ``changes`` is under ``COMPARISON_SCHEMA`` followed by ``DETAIL_SCHEMA``. ``notes`` say what
    could not be told, and why. ``ranks_all_together`` says that peer groups are not ranked apart.
    ``cuts`` are of saved tables that hold some of their rows, and ``of_one_table`` the codes that
    stand in one saved table alone: they may be ranked all the same.
    """

    kind: Kind
    changes: pl.DataFrame
    significance: Significance
    decimals: int
    mergers: tuple[Merger, ...] = NO_MERGERS
    ranks_all_together: bool = False
    notes: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    of_one_table: frozenset[str] = frozenset()

    def rows(self) -> pl.DataFrame:
        """Give the rows under ``COMPARISON_SCHEMA`` exactly."""
        return self.changes.select(*COMPARISON_SCHEMA)

    def details(self) -> pl.DataFrame:
        """Give what else is known of each row, by code."""
        return self.changes.select("org_code", *DETAIL_SCHEMA)


def compare_quarters(
    before: League,
    after: League,
    successions: pl.DataFrame | None = None,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
) -> Comparison:
    """Compare two quarters by one framework.

    ``successions``, under ``SUCCESSION_SCHEMA``, tell who became part of whom in between. Raises
    ``UsageError`` as ``movement`` does, and where the two have nothing in common.
    """
    mergers = NO_MERGERS if successions is None else mergers_between(before, after, successions)
    followed = followed_codes(mergers, before, after)
    pairs = _ranked_pairs(before, after, followed)
    drawn = movement(before, after, replicates=replicates, seed=seed, followed=followed)
    _check_metrics(before, after, drawn)
    return Comparison(
        kind="quarters",
        changes=changes_of(
            pairs.join(
                drawn.select("org_code", "p_value"),
                on="org_code",
                how="left",
                maintain_order="left",
            ),
            attribute_quarters(before, after, followed),
            significance_of_quarters(after.framework),
            _group_order(after),
        ),
        significance=significance_of_quarters(after.framework),
        decimals=after.framework.scale.decimals,
        mergers=mergers,
        ranks_all_together=after.framework.ranking.within == "all",
    )


def compare_methods(before: League, after: League) -> Comparison:
    """Compare two frameworks on one quarter. Raises ``UsageError`` where nobody is ranked by both.

    There is no ``p_value``: the same figures are scored twice, and nothing is left to chance.
    """
    pairs = _ranked_pairs(before, after, {})
    significance = significance_of_methods(before.framework, after.framework)
    return Comparison(
        kind="methods",
        changes=changes_of(
            pairs.with_columns(pl.lit(None, pl.Float64).alias("p_value")),
            attribute_methods(before, after),
            significance,
            _group_order(after),
        ),
        significance=significance,
        decimals=max(league.framework.scale.decimals for league in (before, after)),
        ranks_all_together=after.framework.ranking.within == "all",
    )


def changes_of(
    pairs: pl.DataFrame,
    parts: pl.DataFrame,
    significance: Significance,
    order: Sequence[str] | None,
) -> pl.DataFrame:
    """Say of each pair what changed and by what, movers first.

    ``pairs`` is under ``PAIR_SCHEMA`` with a ``p_value``; ``parts`` has ``org_code`` and ``PARTS``;
    ``order`` is that of the peer groups, none where they are ranked together.
    """
    told = (
        pairs.join(
            parts.select("org_code", pl.col(*PARTS).round(_PART_DIGITS)),
            on="org_code",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            (pl.col("average_to") - pl.col("average_from")).round(9).alias("average_change"),
            significance.expr().alias("is_significant"),
        )
        .with_columns(change_class_expr().alias("change_class"))
    )
    return _in_order(told, order).select(
        pl.col(name).cast(dtype) for name, dtype in (COMPARISON_SCHEMA | DETAIL_SCHEMA).items()
    )


def change_class_expr() -> pl.Expr:
    """Say what kind of change of adjusted segment there is, over pairs with ``is_significant``.

    A significant change of average is asked for first, as NHS England's own count of movers does
    (methodology, section 4). Otherwise it is the override if with the overrides as they were the
    second segment would be another one.
    """
    held = pl.max_horizontal("segment_to", "floor_from")
    is_override = pl.col("segment_to").is_not_null() & held.ne_missing(
        pl.col("adjusted_segment_to")
    )
    return (
        pl.when(~_differs("adjusted_segment").fill_null(False))
        .then(pl.lit("none"))
        .when(pl.col("is_significant"))
        .then(pl.lit("significant"))
        .when(is_override)
        .then(pl.lit("override"))
        .otherwise(pl.lit("not_significant"))
    )


def has_changed_expr() -> pl.Expr:
    """Say which rows differ in rank, average or adjusted segment, or are of one table alone."""
    return pl.any_horizontal(
        _differs("average", missing_too=True),
        _differs("rank", missing_too=True),
        _differs("adjusted_segment", missing_too=True),
    )


def summary(comparison: Comparison) -> dict[str, int]:
    """Count what changed, by name; ``_better`` and ``_worse`` are of the adjusted segment.

    ``not_tested`` are those of ``not_significant`` for which ``is_significant`` is null.
    """
    changes = comparison.changes
    is_both, is_from, is_to = ~_MISSING, pl.col("rank_from"), pl.col("rank_to")
    step = pl.col("adjusted_segment_to") - pl.col("adjusted_segment_from")
    counts = {
        "organisations": pl.len(),
        "ranked_in_both": is_both.sum(),
        "ranked_in_first_only": (is_from.is_not_null() & is_to.is_null()).sum(),
        "ranked_in_second_only": (is_from.is_null() & is_to.is_not_null()).sum(),
        "rank_changed": (is_from != is_to).sum(),
        "rank_better": (is_to < is_from).sum(),
        "rank_worse": (is_to > is_from).sum(),
        "average_changed": (pl.col("average_change").abs() > TOLERANCE).sum(),
        "significant_changes": pl.col("is_significant").sum(),
        "segment_changed": (step != 0).sum(),
        "segment_better": (step < 0).sum(),
        "segment_worse": (step > 0).sum(),
    }
    classes = {name: pl.col("change_class") == name for name in CHANGE_CLASSES[1:]}
    classes[NOT_TESTED] = classes["not_significant"] & pl.col("is_significant").is_null()
    for name, of_class in classes.items():
        counts |= {
            name: of_class.sum(),
            f"{name}_better": (of_class & (step < 0)).sum(),
            f"{name}_worse": (of_class & (step > 0)).sum(),
        }
    row = changes.select(count.cast(pl.Int64).alias(name) for name, count in counts.items())
    return row.row(0, named=True)


def _differs(name: str, *, missing_too: bool = False) -> pl.Expr:
    before, after = pl.col(f"{name}_from"), pl.col(f"{name}_to")
    if name == "average":
        is_other = (after - before).abs() > TOLERANCE
        return is_other.fill_null(before.is_null() != after.is_null())
    return after.ne_missing(before) if missing_too else after != before


def _in_order(frame: pl.DataFrame, order: Sequence[str] | None) -> pl.DataFrame:
    keys: list[pl.Expr] = []
    if order is not None:
        place = pl.col(columns.PEER_GROUP).replace_strict(
            {group: at for at, group in enumerate(order)},
            default=len(order),
            return_dtype=pl.Int64,
        )
        keys = [place, pl.col(columns.PEER_GROUP)]
    moved = (pl.col("rank_to") - pl.col("rank_from")).abs()
    return frame.sort(*keys, _MISSING, -moved, "org_code", nulls_last=True)


def _group_order(league: League) -> Sequence[str] | None:
    framework = league.framework
    return None if framework.ranking.within == "all" else framework.peer_groups.order


def _ranked_pairs(before: League, after: League, followed: Mapping[str, str]) -> pl.DataFrame:
    """Pair two leagues. Raises ``UsageError`` where nobody is ranked in both."""
    pairs = paired(side_of_league(before), side_of_league(after), followed)
    if pairs.filter(~_MISSING).is_empty():
        for league in (before, after):
            if league.standings[columns.RANK].null_count() == len(league.standings):
                raise UsageError(
                    f"there is nothing to compare: {league.framework.id} ranks no organisation "
                    f"in {league.quarter.long_label}"
                )
        raise UsageError("there is nothing to compare: no organisation is ranked in both tables")
    return pairs.select(*PAIR_SCHEMA)


def _check_metrics(before: League, after: League, drawn: pl.DataFrame) -> None:
    """See that the two have a metric in common, unless published averages are all there is."""
    has_metrics = all(
        bool((league.standings[columns.METRICS_SCORED] > 0).any()) for league in (before, after)
    )
    if has_metrics and not (drawn["metrics_common"] > 0).any():
        raise UsageError(
            f"there is nothing to compare: no metric of {after.framework.id} has a score in both "
            f"{before.quarter} and {after.quarter}"
        )
