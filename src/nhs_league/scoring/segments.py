"""Segments: cut points, the segment of a composite, and the overrides that hold it back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import polars as pl

from nhs_league.framework.model import Framework, Override, ThresholdSegments
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE

QUARTILES: Final = (0.25, 0.5, 0.75)
MIN_FOR_QUARTILES: Final = 4
"""Quartiles of fewer organisations mean nothing: they then have no segment."""


def cut_point_exprs(composite: pl.Expr, framework: Framework) -> list[pl.Expr]:
    """Give the worst composite of every segment but the last, best segment first."""
    segments = framework.segments
    if isinstance(segments, ThresholdSegments):
        return [pl.lit(bound) for bound in segments.upper_bounds]
    return quartile_exprs(
        composite,
        is_lower_better=framework.scale.is_lower_better,
        within_peer_group=segments.pool == "peer_group",
    )


def quartile_exprs(
    scores: pl.Expr, *, is_lower_better: bool, within_peer_group: bool = False
) -> list[pl.Expr]:
    """Give the quartiles by linear interpolation, best first; null for fewer than four scores."""
    shares = QUARTILES if is_lower_better else QUARTILES[::-1]
    cuts: list[pl.Expr] = [
        pl.when(scores.count() >= MIN_FOR_QUARTILES).then(scores.quantile(share, "linear"))
        for share in shares
    ]
    return [cut.over(columns.PEER_GROUP) for cut in cuts] if within_peer_group else cuts


def is_short_of_organisations(framework: Framework, count: int) -> bool:
    """Say whether fewer organisations are there than the framework expects, if it expects any."""
    return count < sum(framework.peer_groups.expected_organisations.values())


def published_cut_exprs(scores: pl.Expr, segments: pl.Expr, framework: Framework) -> list[pl.Expr]:
    """Tell the quartiles' cut points by published scores and the segments published for them.

    A cut point is the worst score that is published in its segment or a better one; where none is,
    it is beyond every score.
    """
    is_lower_better = framework.scale.is_lower_better
    cuts = []
    for segment in range(1, len(QUARTILES) + 1):
        within = scores.filter(segments <= segment)
        worst = within.max() if is_lower_better else within.min()
        cuts.append(worst.fill_null(-math.inf if is_lower_better else math.inf))
    return cuts


def segment_expr(
    scores: pl.Expr, cut_points: Sequence[pl.Expr], *, is_lower_better: bool
) -> pl.Expr:
    """Place scores in segments: at a cut point or better is within its segment."""
    segment = pl.lit(1, pl.Int64)
    for cut in cut_points:
        is_beyond = scores > cut + TOLERANCE if is_lower_better else scores < cut - TOLERANCE
        segment = segment + is_beyond.cast(pl.Int64)
    return segment


def applies_expr(rule: Override, available: Sequence[str]) -> pl.Expr:
    """Say whether an override applies; without the figure that it asks for, it does not."""
    when = rule.when
    name = columns.value(when.metric) if when.metric else columns.flag(when.flag or "")
    if name not in available:
        return pl.lit(False)
    figure = pl.col(name)
    if when.flag is not None:
        return (figure > 0.5).fill_null(False)
    if when.below is not None:
        return (figure < when.below - TOLERANCE).fill_null(False)
    return (figure > (when.above or 0.0) + TOLERANCE).fill_null(False)


def adjusted_segment_expr(framework: Framework, available: Sequence[str]) -> pl.Expr:
    """Hold organisations back to the segment that each override that applies allows."""
    adjusted = pl.col(columns.SEGMENT)
    for rule in framework.overrides:
        held = pl.max_horizontal(adjusted, pl.lit(rule.not_better_than, pl.Int64))
        adjusted = (
            pl.when(applies_expr(rule, available) & pl.col(columns.SEGMENT).is_not_null())
            .then(held)
            .otherwise(adjusted)
        )
    return adjusted


def overrides_expr(framework: Framework, available: Sequence[str]) -> pl.Expr:
    """List the ids of the overrides that apply, joined by semicolons; null for none."""
    names = [
        pl.when(applies_expr(rule, available)).then(pl.lit(rule.id)) for rule in framework.overrides
    ]
    if not names:
        return pl.lit(None, pl.String)
    return pl.concat_str(names, separator=";", ignore_nulls=True).replace("", None)
