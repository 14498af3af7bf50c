"""Pools: the organisations among which a metric is scored, which need not be the peer group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from nhs_league.framework.model import Framework, Metric, PoolMembers
from nhs_league.scoring import columns


@dataclass(frozen=True)
class Pool:
    """Who is in the pool, and whether every peer group is a pool of its own."""

    peer_groups: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    within_peer_group: bool = False

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
        return expr.over(columns.PEER_GROUP) if self.within_peer_group else expr

    def short_groups(self, framework: Framework, loaded: Mapping[str, int]) -> list[str]:
        """List the pool's peer groups of which organisations are missing, as far as is known.

        ``loaded`` counts the organisations of each peer group. A framework that expects no number
        is content with what it is given.
        """
        expected = framework.peer_groups.expected_organisations
        groups = self.peer_groups or tuple(expected)
        return [group for group in groups if loaded.get(group, 0) < expected.get(group, 0)]


def pool_of(metric: Metric) -> Pool:
    """Give the pool that a metric is scored in."""
    if isinstance(metric.pool, PoolMembers):
        return Pool(metric.pool.peer_groups, metric.pool.include)
    return Pool(within_peer_group=metric.pool == "peer_group")
