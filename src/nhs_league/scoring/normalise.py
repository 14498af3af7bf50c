"""Metric scores from values: one function a scoring method.

Each takes the values of the pool's members (null for everybody else) and gives scores on the
framework's scale, null where there is no value. Bounds are stated as shares of the way from best
(0) to worst (1): on the NHS Oversight Framework's scale 0, 1/3, 2/3 and 1 are 1.00 to 4.00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from nhs_league.framework.model import Framework, Scale
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    FloorScoring,
    MatrixScoring,
    MinMaxScoring,
    PercentileScoring,
    PublishedScoring,
    RankScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
    ZScoreScoring,
)
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE, key_expr
from nhs_league.scoring.pools import Pool, pool_of

SECOND, THIRD = 1 / 3, 2 / 3


@dataclass(frozen=True)
class Rules:
    """What every scoring method needs to know of its metric.

    ``tie_order`` is the column of the order among equal values, where it is known;
    ``published_score`` that of the scores that settle what a value printed on a bound was before
    it was rounded, where they are to. ``ties`` is the rank that values share whose order is not
    known: the best, or for an audit the worst that one of them can have had.
    """

    scale: Scale
    pool: Pool
    is_higher_better: bool
    tie_order: str | None = None
    published_score: str | None = None
    ties: Literal["min", "max"] = "min"

    def meets_expr(self, values: pl.Expr, bound: float) -> pl.Expr:
        """Say whether values are at a bound or better."""
        if self.is_higher_better:
            return values >= bound - TOLERANCE
        return values <= bound + TOLERANCE

    def meets_standard_expr(self, values: pl.Expr, standard: float) -> pl.Expr:
        """Say whether values meet the standard; one printed as it, as its published score says."""
        return self._settled_expr(values, standard, self._is_published_expr(self.scale.best))

    def passes_floor_expr(self, values: pl.Expr, floor: float) -> pl.Expr:
        """Say whether values pass the floor; one printed as it, as its published score says."""
        return self._settled_expr(values, floor, ~self._is_published_expr(self.scale.worst))

    def _is_published_expr(self, fixed: float) -> pl.Expr:
        published = pl.lit(None) if self.published_score is None else pl.col(self.published_score)
        return (published - fixed).abs() <= TOLERANCE

    def _settled_expr(self, values: pl.Expr, bound: float, settled: pl.Expr) -> pl.Expr:
        meets = self.meets_expr(values, bound)
        if self.published_score is None:
            return meets
        is_printed_on = self.is_printed_on_expr(values, bound)
        return pl.when(is_printed_on).then(settled.fill_null(True)).otherwise(meets)

    def is_printed_on_expr(self, values: pl.Expr, bound: float) -> pl.Expr:
        """Say whether values are printed as the bound itself."""
        return (values - bound).abs() <= TOLERANCE


def rules_of(
    framework: Framework,
    metric_id: str,
    available: Sequence[str],
    *,
    pool: Pool | None = None,
    settle_bounds: bool = False,
) -> Rules:
    """Give the rules of a metric over a frame with the columns ``available``.

    ``pool`` stands for the metric's own where it is compared among others than it is scored. With
    ``settle_bounds`` published scores tell on which side of a bound a value printed on it was.
    """
    metric = framework.metrics[metric_id]
    tie_order, published = columns.tie_order(metric_id), columns.published_score(metric_id)
    return Rules(
        scale=framework.scale,
        pool=pool or pool_of(metric),
        is_higher_better=metric.is_higher_better,
        tie_order=tie_order if tie_order in available else None,
        published_score=published if settle_bounds and published in available else None,
    )


def score_expr(values: pl.Expr, scoring: Scoring, rules: Rules) -> pl.Expr:
    """Score a metric's values by the method that the framework names.

    A matrix is not scored from values: see ``matrix_expr``.
    """
    members = rules.pool.members_expr(values)
    match scoring:
        case RankScoring():
            return _spread_by_rank_expr(members, rules, 0, 1)
        case StandardScoring(floor=None):
            return _standard_expr(members, scoring.standard, rules)
        case StandardScoring(floor=float(floor)):
            return _standard_and_floor_expr(members, scoring.standard, floor, rules)
        case FloorScoring():
            return _floor_expr(members, scoring.floor, rules)
        case BandsScoring():
            return _bands_expr(members, scoring, rules)
        case PublishedScoring():
            return members
        case MinMaxScoring():
            return _min_max_expr(members, scoring, rules)
        case ZScoreScoring():
            return _z_score_expr(members, scoring, rules)
        case PercentileScoring():
            return _percentile_expr(members, rules)
        case TargetScoring():
            return _target_expr(members, scoring, rules)
        case _:
            raise TypeError(f"{type(scoring).__name__} does not score values")


def competition_rank_expr(members: pl.Expr, rules: Rules, bounds: Sequence[float] = ()) -> pl.Expr:
    """Rank values within the pool, best first: ties share the best rank (1, 2, 2, 4).

    Where the order of organisations with the same value is known, it breaks the tie. ``bounds``
    are those beyond which values are not among the members.
    """
    key = key_expr(members)
    rank = rules.pool.over_expr(key.rank(rules.ties, descending=rules.is_higher_better))
    if rules.tie_order is None:
        return rank
    best = rules.pool.over_expr(key.rank("min", descending=rules.is_higher_better))
    order = pl.col(rules.tie_order)
    for bound in () if rules.published_score is None else bounds:
        # Published scores may part a tie on a bound: the order is of those on this side of it.
        is_parted = rules.is_printed_on_expr(members, bound)
        of_side = pl.when(is_parted).then(order).rank("min").cast(pl.Int64) - 1
        order = pl.when(is_parted).then(rules.pool.over_expr(of_side)).otherwise(order)
    return pl.when(order.is_not_null()).then(best + order).otherwise(rank)


def matrix_expr(rows: pl.Expr, matrix_columns: pl.Expr, scoring: MatrixScoring) -> pl.Expr:
    """Combine two scores by a table; a score that is no whole number in the table gives null."""
    width = len(scoring.scores[0])
    cells = dict(enumerate(score for row in scoring.scores for score in row))
    is_in_table = (rows == rows.round()) & (matrix_columns == matrix_columns.round())
    is_in_table = is_in_table & matrix_columns.is_between(1, width)
    key = pl.when(is_in_table).then((rows - 1) * width + matrix_columns - 1).cast(pl.Int64)
    return key.replace_strict(cells, default=None, return_dtype=pl.Float64)


def _spread_by_rank_expr(
    members: pl.Expr, rules: Rules, first: float, last: float, *, bounds: Sequence[float] = ()
) -> pl.Expr:
    """Spread ranks 1 to n evenly; a pool of one has the first score."""
    low, high = rules.scale.at(first), rules.scale.at(last)
    steps = (rules.pool.over_expr(members.count()).cast(pl.Float64) - 1).clip(lower_bound=1)
    return low + (competition_rank_expr(members, rules, bounds) - 1) * (high - low) / steps


def _standard_expr(members: pl.Expr, standard: float, rules: Rules) -> pl.Expr:
    meets = rules.meets_standard_expr(members, standard)
    missed = pl.when(~meets).then(members)
    ranked = _spread_by_rank_expr(missed, rules, SECOND, 1, bounds=[standard])
    return pl.when(meets).then(pl.lit(rules.scale.best)).otherwise(ranked)


def _floor_expr(members: pl.Expr, floor: float, rules: Rules) -> pl.Expr:
    passes = rules.passes_floor_expr(members, floor)
    passing = pl.when(passes).then(members)
    ranked = _spread_by_rank_expr(passing, rules, 0, THIRD, bounds=[floor])
    return pl.when(~passes).then(pl.lit(rules.scale.worst)).otherwise(ranked)


def _standard_and_floor_expr(
    members: pl.Expr, standard: float, floor: float, rules: Rules
) -> pl.Expr:
    meets = rules.meets_standard_expr(members, standard)
    passes = rules.passes_floor_expr(members, floor)
    between = pl.when(passes & ~meets).then(members)
    ranked = _spread_by_rank_expr(between, rules, SECOND, THIRD, bounds=[standard, floor])
    return (
        pl.when(meets)
        .then(pl.lit(rules.scale.best))
        .when(~passes)
        .then(pl.lit(rules.scale.worst))
        .otherwise(ranked)
    )


def _bands_expr(members: pl.Expr, scoring: BandsScoring, rules: Rules) -> pl.Expr:
    scores: pl.Expr = pl.when(members.is_not_null()).then(pl.lit(scoring.otherwise))
    for band in reversed(scoring.bands):
        scores = (
            pl.when(rules.meets_expr(members, band.bound))
            .then(pl.lit(band.score))
            .otherwise(scores)
        )
    return scores


def _min_max_expr(members: pl.Expr, scoring: MinMaxScoring, rules: Rules) -> pl.Expr:
    over = rules.pool.over_expr
    lower = over(members.min()) if scoring.lower is None else pl.lit(scoring.lower)
    upper = over(members.max()) if scoring.upper is None else pl.lit(scoring.upper)
    best, worst = (upper, lower) if rules.is_higher_better else (lower, upper)
    # Values that are all equal score best, unless a goalpost says that they are worse than worst.
    goalpost = scoring.lower if rules.is_higher_better else scoring.upper
    is_beyond = pl.lit(False) if goalpost is None else ~rules.meets_expr(members, goalpost)
    level = pl.when(is_beyond).then(members * 0.0 + 1.0).otherwise(members * 0.0)
    share = pl.when(upper > lower).then((members - best) / (worst - best)).otherwise(level)
    return _at_share_expr(share, rules)


def _z_score_expr(members: pl.Expr, scoring: ZScoreScoring, rules: Rules) -> pl.Expr:
    mean, deviation = (
        rules.pool.over_expr(members.mean()),
        rules.pool.over_expr(members.std(ddof=0)),
    )
    distance = (mean - members) if rules.is_higher_better else (members - mean)
    z = pl.when(deviation > TOLERANCE).then(distance / deviation).otherwise(members * 0.0)
    return _at_share_expr(0.5 + z / (2 * scoring.spread), rules)


def _percentile_expr(members: pl.Expr, rules: Rules) -> pl.Expr:
    rank = key_expr(members).rank("average", descending=rules.is_higher_better)
    share = (rules.pool.over_expr(rank) - 0.5) / rules.pool.over_expr(members.count())
    return _at_share_expr(share, rules)


def _target_expr(members: pl.Expr, scoring: TargetScoring, rules: Rules) -> pl.Expr:
    return _at_share_expr((members - scoring.target) / (scoring.limit - scoring.target), rules)


def _at_share_expr(share: pl.Expr, rules: Rules) -> pl.Expr:
    return rules.scale.best + rules.scale.span * share.clip(0.0, 1.0)
