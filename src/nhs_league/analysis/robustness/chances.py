"""What replicates tell of each organisation: ends of ranges, shares and means."""

from __future__ import annotations

from typing import Final

import numpy as np

from nhs_league.analysis.robustness.arrays import Placing
from nhs_league.analysis.robustness.numbers import Counts, Floats, Integers, quantiles
from nhs_league.analysis.robustness.sampling import blocks, side_by_side

_NOISE: Final = 1e-9


def score_ends(averages: Floats, tails: Floats) -> tuple[Floats, Floats]:
    """Give the ends of each organisation's range of averages, by linear interpolation.

    ``tails`` is the share of replicates beyond each end.
    """
    ends = np.empty((2, len(averages)))
    replicates = averages.shape[1]
    each = blocks(len(averages), replicates)

    def find(at: int) -> None:
        rows = each[at]
        ordered = np.sort(averages[rows], axis=1)
        counts = np.full(len(ordered), replicates)
        for end, shares in zip(ends, (tails[rows], 1 - tails[rows]), strict=True):
            end[rows] = quantiles(ordered, counts, shares)

    side_by_side(find, len(each), None)
    return ends[0], ends[1]


def rank_counts(ranks: Counts) -> Integers:
    """Count how often each organisation has each rank, from rank 0: N x (N + 1)."""
    return np.stack([np.bincount(row, minlength=len(ranks) + 1) for row in ranks])


def rank_ends(counts: Integers, tails: Floats) -> tuple[Integers, Integers]:
    """Give the ends of each organisation's range of ranks: ranks that it had.

    They are the first ranks that the share ``tails`` of the replicates reaches, and all but it.
    """
    reached = np.cumsum(counts, axis=1)
    total = reached[:, -1:]
    low, high = (
        np.argmax(reached >= np.maximum(1, np.ceil(total * share[:, None] - _NOISE)), axis=1)
        for share in (tails, 1 - tails)
    )
    return low, high


def segment_shares(placing: Placing, segments: int) -> Floats:
    """Give the share of replicates in which each organisation is in each segment: N x segments."""
    shares = [(placing.segments == segment).mean(axis=1) for segment in range(1, segments + 1)]
    return np.column_stack(shares)


def last_shares(placing: Placing, groups: list[Integers]) -> Floats:
    """Give the share of replicates in which nobody of its group ranks behind an organisation."""
    shares = np.empty(len(placing.ranks))
    for rows in groups:
        ranks = placing.ranks[rows]
        shares[rows] = (ranks == ranks.max(axis=0)).mean(axis=1)
    return shares


def ahead_shares(ranks: Counts) -> Floats:
    """Give the share of replicates in which each organisation is ahead of each other: n x n."""
    smallest = np.min_scalar_type(int(ranks.max()))
    small = ranks.astype(smallest)
    shares = np.empty((len(ranks), len(ranks)))

    def compare(row: int) -> None:
        shares[row] = np.count_nonzero(small[row] < small, axis=1) / ranks.shape[1]

    side_by_side(compare, len(ranks), None)
    return shares
