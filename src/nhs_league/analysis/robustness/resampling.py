"""Doubt about metrics: the average that other metrics of the same kind might have given.

The likely ranges of the NHS Oversight Framework: each organisation's metric scores are resampled
with replacement, as many as it has, all organisations in the same replicate; cut points are held.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nhs_league.analysis.robustness.arrays import LeagueArrays, Placing
from nhs_league.analysis.robustness.chance import generator
from nhs_league.analysis.robustness.composites import composite
from nhs_league.analysis.robustness.numbers import Floats
from nhs_league.analysis.robustness.sampling import Report, blocks, placed, side_by_side

MIN_TO_RESAMPLE: Final = 2
"""One metric resampled is the same metric: it says nothing of how sure the average is."""


def resampled_places(
    arrays: LeagueArrays, replicates: int, seed: int, report: Report | None
) -> Placing:
    """Place the replicates of a joint bootstrap over each organisation's metrics."""
    composites = resampled_composites(arrays, replicates, seed, report)
    return placed(arrays, composites, arrays.floor()[:, None], hold_cuts=True)


def resampled_composites(
    arrays: LeagueArrays, replicates: int, seed: int, report: Report | None = None
) -> Floats:
    """Resample every organisation's metrics: N x replicates."""
    composites = np.full((len(arrays), replicates), np.nan)

    def resample(row: int) -> None:
        metrics = np.flatnonzero(arrays.is_scored[row])
        if metrics.size:
            drawn = metrics_drawn(seed, arrays.org_codes[row], metrics.size, replicates)
            for block in blocks(replicates, metrics.size):
                composites[row, block] = composite_of_drawn(arrays, row, metrics, drawn[:, block])

    side_by_side(resample, len(arrays), report)
    return composites


def metrics_drawn(
    seed: int, org_code: str, metrics: int, replicates: int
) -> npt.NDArray[np.uint16]:
    """Draw which of an organisation's metrics each replicate has: metrics x replicates."""
    stream = generator(seed, "metrics", org_code)
    return stream.integers(0, metrics, size=(metrics, replicates), dtype=np.uint16)


def composite_of_drawn(
    arrays: LeagueArrays,
    row: int,
    metrics: npt.NDArray[np.intp],
    drawn: npt.NDArray[np.uint16],
) -> Floats:
    """Take one organisation's composite over the metrics drawn, each with its own weight."""
    # Converted once: NumPy would convert it at every use, and so slowly that it shows.
    which = drawn.astype(np.intp)
    parts = []
    for part_weight, members in arrays.parts:
        weights = np.where(np.isin(metrics, members), arrays.weights[metrics], 0.0)
        numbers = arrays.additive_scores[row, metrics]
        parts.append((part_weight, *_sums_of_drawn(weights, numbers, which)))
    return composite(parts, arrays.framework.aggregate.mean)


def mean_of_drawn(weights: Floats, numbers: Floats, drawn: npt.NDArray[np.uint16]) -> Floats:
    """Take the weighted mean of the numbers drawn."""
    sums, totals = _sums_of_drawn(weights, numbers, drawn.astype(np.intp))
    return np.asarray(sums / totals)


def _sums_of_drawn(
    weights: Floats, numbers: Floats, which: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Add up the numbers drawn, each times its weight, and the weights."""
    sums = (weights * numbers).take(which).sum(axis=0)
    if np.all(weights == weights[0]):
        return sums, np.full(which.shape[1], weights[0] * len(weights))
    return sums, weights.take(which).sum(axis=0)
