"""Composites of many leagues at once: the weighted means of ``scoring.aggregate``, over arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from nhs_league.analysis.robustness.numbers import Floats

Mean: TypeAlias = Literal["arithmetic", "geometric", "harmonic"]

Part: TypeAlias = tuple[float | Floats, Floats, Floats]
"""The weight of a part of the composite, its weighted sum of additive scores, and their weights."""


def additive(scores: Floats, mean: Mean) -> Floats:
    """Give what a mean is the sum of: scores, their logarithms or their reciprocals."""
    match mean:
        case "geometric":
            return np.log(scores)
        case "harmonic":
            return 1.0 / scores
        case _:
            return scores


def composite(parts: Sequence[Part], mean: Mean) -> Floats:
    """Put a composite together: the weighted mean of the parts that have any weight.

    Over metrics there is one part, whose weight makes no difference; over domains there is one a
    domain. Not a number where no part has any weight.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.asarray(parts[0][1] / parts[0][2] if len(parts) == 1 else _mean(parts))
    match mean:
        case "geometric":
            return np.asarray(np.exp(result))
        case "harmonic":
            return np.asarray(1.0 / result)
        case _:
            return result


def _mean(parts: Sequence[Part]) -> Floats:
    summed, total = np.zeros(()), np.zeros(())
    for weight, sums, weights in parts:
        has_any = weights > 0
        summed = summed + np.asarray(weight * np.where(has_any, sums / weights, 0.0))
        total = total + np.asarray(weight * has_any)
    return np.asarray(summed / total)
