"""The values that a metric can have, and the smallest steps from one to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.numbers import Floats, Integers
from nhs_league.framework.scoring_methods import PublishedScoring
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE

_UNIT_RANGES: Final[dict[str, tuple[float | None, float | None]]] = {
    "percent": (0.0, 100.0),
    "out of 10": (0.0, 10.0),
    "minutes": (0.0, None),
    "count": (0.0, None),
    "rate": (0.0, None),
    "days": (0.0, None),
}


@dataclass(frozen=True)
class ValueRange:
    """The least and the greatest value that a metric can have; none where there is no end."""

    low: float | None
    high: float | None

    def includes(self, value: float) -> bool:
        """Say whether a value is within the range."""
        return (
            math.isfinite(value)
            and (self.low is None or value >= self.low - TOLERANCE)
            and (self.high is None or value <= self.high + TOLERANCE)
        )


def value_range(league: League, metric_id: str) -> ValueRange:
    """Give the range of a metric's values: that of its unit, or the scale's for a score.

    A unit's range that some organisation's value is beyond is none on that side: a deficit is a
    percentage below zero.
    """
    metric = league.framework.metrics[metric_id]
    if isinstance(metric.scoring, PublishedScoring):
        scale = league.framework.scale
        return ValueRange(min(scale.best, scale.worst), max(scale.best, scale.worst))
    low, high = _UNIT_RANGES.get(metric.unit, (None, None))
    name = columns.value(metric_id)
    values = league.standings[name] if name in league.standings.columns else pl.Series([])
    if low is not None and (values < low - TOLERANCE).any():
        low = None
    if high is not None and (values > high + TOLERANCE).any():
        high = None
    return ValueRange(low, high)


@dataclass(frozen=True)
class Steps:
    """An organisation's value of a metric, and the values beyond it in steps for the better.

    Where the counts are known a step is one more, or one fewer, of what the numerator counts (a
    half where halves are counted); otherwise it is one in the last decimal place of the values.
    """

    metric_id: str
    value: float
    is_upwards: bool
    step: float
    start: float
    numerator: float | None
    denominator: float | None
    unit: float
    last: int

    def values(self, numbers: Integers) -> Floats:
        """Give the values so many steps on; none is the value as it is."""
        sign = 1 if self.is_upwards else -1
        moved = self.start + sign * self.step * numbers
        if self.denominator is not None:
            found = self.unit * moved / self.denominator
        else:
            # The last decimal place of a multiple of the step, and no noise behind it.
            found = np.round(moved, _decimals(self.step))
        return np.where(numbers == 0, self.value, found)

    def counts(self, number: int) -> float | None:
        """Give the numerator so many steps on, where it is known."""
        if self.numerator is None:
            return None
        return self.numerator + (1 if self.is_upwards else -1) * self.step * number

    def to_reach(self, wanted: Floats) -> Integers:
        """Give the fewest steps to be at values or better, less than 1 where that is so already."""
        sign = 1 if self.is_upwards else -1
        in_steps = wanted if self.denominator is None else wanted * self.denominator / self.unit
        distance = sign * (in_steps - self.start) / self.step
        return np.ceil(distance - 1e-9).astype(np.int64)


def steps_of(league: League, org_code: str, metric_id: str, *, value: float, best: float) -> Steps:
    """Make the steps from an organisation's value towards ``best``.

    ``value`` is the value to begin from, which may be another than the league's own. ``best`` is
    where a better value makes no more difference: no step goes beyond it by more than one, and none
    beyond the range.
    """
    metric = league.framework.metrics[metric_id]
    unit, is_up = metric.per / metric.divide_by, metric.is_higher_better
    denominator = _denominator(league, org_code, metric_id)
    if denominator is not None:
        step, counted = _count_step(league, metric_id), value * denominator / unit
        start = round(counted / step) * step if _is_multiple(counted, step) else counted
        numerator: float | None = start
    else:
        numerator, step = None, 10.0**-metric.decimals
        # The first step leads to the next multiple of the step.
        start = step * (
            math.floor(value / step + 1e-6) if is_up else math.ceil(value / step - 1e-6)
        )
    steps = Steps(metric_id, value, is_up, step, start, numerator, denominator, unit, 0)
    limits = value_range(league, metric_id)
    end = limits.high if is_up else limits.low
    last = int(steps.to_reach(np.array([best]))[0]) + 1
    if end is not None:
        in_steps = end if denominator is None else end * denominator / unit
        last = min(last, math.floor((in_steps - start) * (1 if is_up else -1) / step + 1e-7))
    return replace(steps, last=max(last, 0))


def _denominator(league: League, org_code: str, metric_id: str) -> float | None:
    """Give the denominator that an organisation's value was made of, where it is known."""
    metric = league.framework.metrics[metric_id]
    is_own = (pl.col(columns.ORG_CODE) == org_code) & (pl.col("metric_id") == metric_id)
    figures = league.figures.filter(
        is_own, pl.col("numerator").is_not_null(), pl.col("denominator") > 0
    )
    if figures.is_empty() or metric.basis not in ("sum", "latest"):
        return None
    return float(figures["denominator"].item())


def _is_multiple(count: float, step: float) -> bool:
    return abs(count / step - round(count / step)) < 1e-6


def _count_step(league: League, metric_id: str) -> float:
    """Give the least count of a metric: a half where organisations share patients by halves."""
    counts = league.figures.filter(pl.col("metric_id") == metric_id)["numerator"].drop_nulls()
    has_halves = bool((counts % 1 != 0).any()) and bool((counts * 2 % 1 == 0).all())
    return 0.5 if has_halves else 1.0


def _decimals(step: float) -> int:
    return max(0, round(-math.log10(step)))
