"""Metric scores as published: put back to their unrounded values, and set against computed ones.

A score enters the average unrounded, but is published with 2 decimals. The exact score is its
place on the grid of the ranks: with n ranked between two bounds, r = 1 + round((s - low)(n - 1) /
(high - low)). ``docs/methodology.md`` gives the test that this holds.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nhs_league.framework.model import Scale
from nhs_league.framework.scoring_methods import FloorScoring, RankScoring, Scoring, StandardScoring
from nhs_league.scoring.normalise import SECOND, THIRD
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.pools import Pool


def exact_score_expr(
    published: pl.Expr,
    scoring: Scoring,
    scale: Scale,
    pool: Pool,
    *,
    not_ranked: Sequence[str] = (),
) -> pl.Expr:
    """Recover the unrounded score; one that lies on no grid stays as published.

    Organisations with a figure in one of the columns ``not_ranked`` are scored by another rule
    and have no place on the grid.
    """
    bounds = _grid_bounds(scoring)
    if bounds is None:
        return published
    first, last, fixed_shares = bounds
    low, high = scale.at(first), scale.at(last)
    fixed = [(published - scale.at(share)).abs() < TOLERANCE for share in fixed_shares]
    fixed += [pl.col(name).is_not_null() for name in not_ranked]
    ranked = pool.members_expr(published)
    for is_fixed in fixed:
        ranked = pl.when(~is_fixed).then(ranked)
    steps = (pool.over_expr(ranked.count()).cast(pl.Float64) - 1).clip(lower_bound=1)
    step = (high - low) / steps
    exact = low + ((ranked - low) / step).round() * step
    return pl.when(agrees_expr(exact, published, scale)).then(exact).otherwise(published)


def agrees_expr(exact: pl.Expr, published: pl.Expr, scale: Scale) -> pl.Expr:
    """Say whether a score could have been rounded to the published one."""
    return (exact - published).abs() <= 0.5 * 10.0**-scale.decimals + TOLERANCE


def _grid_bounds(scoring: Scoring) -> tuple[float, float, tuple[float, ...]] | None:
    """Give the first and last share of the ranked scores, and the shares of the fixed ones."""
    match scoring:
        case RankScoring():
            return 0, 1, ()
        case StandardScoring(floor=None):
            return SECOND, 1, (0,)
        case StandardScoring():
            return SECOND, THIRD, (0, 1)
        case FloorScoring():
            return 0, THIRD, (1,)
        case _:
            return None
