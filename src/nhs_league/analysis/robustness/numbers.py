"""Arrays of numbers, and rounding them as the league table is rounded."""

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
