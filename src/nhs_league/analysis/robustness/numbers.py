"""Arrays of numbers, rounded and cut as the league table is."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nhs_league.scoring.numbers import TOLERANCE

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]
Counts: TypeAlias = npt.NDArray[np.unsignedinteger]
"""Ranks and segments, in as few bits as hold them."""


def rounded(numbers: Floats, decimals: int) -> Floats:
    """Round half away from zero, as ``scoring.numbers.rounded_expr`` does."""
    factor = 10.0**decimals
    whole = np.floor((np.abs(numbers) + TOLERANCE) * factor + 0.5)
    # Adding nothing makes zero of minus zero.
    return np.copysign(whole / factor, numbers) + 0.0


def quantiles(ordered: Floats, counts: Integers, shares: Floats) -> Floats:
    """Take a quantile of each row of sorted numbers, by linear interpolation.

    Of a row the first ``counts`` numbers are there; nothing can be said of a row without any.
    Sorting rows at once and looking into them is several times as quick as ``numpy.quantile``.
    """
    last = np.maximum(counts - 1, 0)
    place = last * shares
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, last)
    low, high = (np.take_along_axis(ordered, at[:, None], axis=1)[:, 0] for at in (below, above))
    return np.asarray(low + (high - low) * (place - below))
