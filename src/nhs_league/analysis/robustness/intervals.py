"""Likely ranges out of replicates."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final, Literal, TypeAlias

import numpy as np

from nhs_league.analysis.robustness.numbers import Floats, Integers

Interval: TypeAlias = Literal["percentile", "expanded"]

COVERAGE: Final = 0.95
TAIL: Final = (1 - COVERAGE) / 2
"""The share beyond each end of a range."""


def tail_shares(interval: Interval, metrics: Integers) -> Floats:
    """Give the share of replicates beyond each end of a range, for each number of metrics.

    The ``percentile`` range leaves 2.5% out at each end. Resampling n metrics varies too little, by
    the square root of (n - 1) / n, and knows nothing of the heavier tails of small samples; the
    ``expanded`` range goes as far into the tails as makes up for both (T. Hesterberg, What
    Teachers Should Know About the Bootstrap, The American Statistician 69, 2015). ``metrics``
    are at least 2.
    """
    if interval == "percentile":
        return np.full(len(metrics), TAIL)
    from scipy.special import stdtrit

    counts, places = np.unique(metrics, return_inverse=True)
    reach = stdtrit(counts - 1.0, 1 - TAIL) * np.sqrt(counts / (counts - 1.0))
    shares = [NormalDist().cdf(-float(each)) for each in reach]
    return np.array(shares)[places]


def two_sided(shares: Floats, metrics: Integers) -> Floats:
    """Make probabilities of the shares of replicates beyond a point, for each number of metrics.

    The other way round than the ``expanded`` interval: a share of its tail gives 5%. At most 1.
    """
    from scipy.special import ndtri, stdtr

    scaled = ndtri(shares) * np.sqrt((metrics - 1.0) / metrics)
    return np.asarray(np.minimum(2 * stdtr(metrics - 1.0, scaled), 1.0))
