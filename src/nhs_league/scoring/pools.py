"""Pools: the organisations among which a metric is scored, which need not be the peer group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from nhs_league.framework.model import Framework, Metric, PoolMembers
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    MatrixScoring,
    MinMaxScoring,
    PublishedScoring,
    TargetScoring,
)
from nhs_league.scoring import columns


@dataclass(frozen=True)
class Pool:
    """Who is in the pool, and whether every peer group is a pool of its own.

    ``leagues`` is the column that tells leagues apart, where a frame holds several.
    """

    peer_groups: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    within_peer_group: bool = False
    leagues: str | None = None

    def members_expr(self, values: pl.Expr) -> pl.Expr:
        """Keep the members' values; everybody else's become null."""
        if not self.peer_groups:
            return values
        is_member = pl.col(columns.PEER_GROUP).is_in(self.peer_groups) | pl.col(
            columns.ORG_CODE
        ).is_in(self.include)
        return pl.when(is_member).then(values)

    def over_expr(self, expr: pl.Expr) -> pl.Expr:
        """Evaluate an expression within each pool."""
        keys = [] if self.leagues is None else [self.leagues]
        keys += [columns.PEER_GROUP] if self.within_peer_group else []
        return expr.over(keys) if keys else expr

    def short_groups(self, framework: Framework, loaded: Loaded) -> list[str]:
        """List the pool's peer groups of which organisations are missing, as far as is known.

        A framework that expects no number is content with what it is given.
        """
        expected = framework.peer_groups.expected_organisations
        groups = self.peer_groups or tuple(expected)
        return [group for group in groups if loaded.groups.get(group, 0) < expected.get(group, 0)]

    def absent_members(self, framework: Framework, loaded: Loaded) -> list[str]:
        """List the included organisations of other peer groups that are missing."""
        if not framework.peer_groups.expected_organisations:
            return []
        return [code for code in self.include if code not in loaded.included]

    def lacking(self, framework: Framework, loaded: Loaded, peer_group: str) -> str | None:
        """Say what the pool of a peer group's organisations lacks; none where it is whole."""
        expected = framework.peer_groups.expected_organisations
        short = self.short_groups(framework, loaded)
        if self.within_peer_group:
            short = [group for group in short if group == peer_group]
        parts = [
            f"{expected[group] - loaded.groups.get(group, 0)} of {expected[group]} "
            f"organisations of the type {group}"
            for group in short
        ]
        if absent := self.absent_members(framework, loaded):
            parts.append(f"its member {' and '.join(absent)}")
        return " and ".join(parts) or None

    def whole_expr(self, framework: Framework, loaded: Loaded) -> pl.Expr | None:
        """Say of each organisation whether its pool is whole; none where every pool is."""
        short = self.short_groups(framework, loaded)
        if self.within_peer_group and short:
            return ~pl.col(columns.PEER_GROUP).is_in(short)
        return pl.lit(False) if short or self.absent_members(framework, loaded) else None


@dataclass(frozen=True)
class Loaded:
    """Whose metrics are loaded: how many organisations of each peer group, and which included ones.

    An organisation of which only published results are loaded is not among them.
    """

    groups: Mapping[str, int]
    included: frozenset[str]

    @property
    def count(self) -> int:
        """Count all of them."""
        return sum(self.groups.values())


def loaded_organisations(values: pl.DataFrame, framework: Framework) -> Loaded:
    """Count the organisations of a wide frame of values of which any metric is loaded."""
    if not framework.peer_groups.expected_organisations:
        return Loaded({}, frozenset())
    if columns.IS_MEASURED in values.columns:
        values = values.filter(columns.IS_MEASURED)
    codes = {code for metric in framework.metrics.values() for code in pool_of(metric).include}
    return Loaded(
        groups=dict(values.group_by(columns.PEER_GROUP).len().iter_rows()),
        included=frozenset(codes.intersection(values[columns.ORG_CODE])) if codes else frozenset(),
    )


def is_scored_among_others(metric: Metric) -> bool:
    """Say whether a metric's score hangs on the values of others in the pool.

    A value in a band, between stated goalposts or in a matrix scores the same whoever is there.
    """
    match metric.scoring:
        case BandsScoring() | MatrixScoring() | PublishedScoring() | TargetScoring():
            return False
        case MinMaxScoring(lower=lower, upper=upper):
            return lower is None or upper is None
        case _:
            return True


def pool_of(metric: Metric) -> Pool:
    """Give the pool that a metric is scored in."""
    if isinstance(metric.pool, PoolMembers):
        return Pool(metric.pool.peer_groups, metric.pool.include)
    return Pool(within_peer_group=metric.pool == "peer_group")
