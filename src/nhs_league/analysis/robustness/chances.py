"""What replicates tell of each organisation: ends of ranges, shares and means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

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

    def find(rows: slice, ordered: Floats) -> None:
        counts = np.full(len(ordered), ordered.shape[1])
        for end, shares in zip(ends, (tails[rows], 1 - tails[rows]), strict=True):
            end[rows] = quantiles(ordered, counts, shares)

    _of_sorted_rows(averages, find)
    return ends[0], ends[1]


def rank_ends(ranks: Counts, tails: Floats) -> tuple[Integers, Integers]:
    """Give the ends of each organisation's range of ranks, both ranks that it had.

    They are the first ranks that the share ``tails`` of the replicates reaches, and all but it.
    """
    ends = np.empty((2, len(ranks)), dtype=np.int64)

    def find(rows: slice, ordered: Counts) -> None:
        for end, shares in zip(ends, (tails[rows], 1 - tails[rows]), strict=True):
            place = np.ceil(ordered.shape[1] * shares - _NOISE).astype(np.int64)
            at = np.maximum(place, 1)[:, None] - 1
            end[rows] = np.take_along_axis(ordered, at, axis=1)[:, 0]

    _of_sorted_rows(ranks, find)
    return ends[0], ends[1]


def _of_sorted_rows(numbers: Any, find: Callable[[slice, Any], None]) -> None:
    """Sort rows, blocks of them side by side, and have each block looked into."""
    each = blocks(len(numbers), numbers.shape[1])
    side_by_side(lambda at: find(each[at], np.sort(numbers[each[at]], axis=1)), len(each), None)


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


def separable_pairs(ranks: Counts, share: float) -> int:
    """Count the pairs of which one is ahead in at least this share of the replicates."""
    smallest = np.min_scalar_type(int(ranks.max()))
    small = ranks.astype(smallest)
    found = np.zeros(len(ranks), dtype=np.int64)

    def compare(row: int) -> None:
        ahead = np.count_nonzero(small[row] < small, axis=1)
        found[row] = np.count_nonzero(ahead / ranks.shape[1] >= share)

    side_by_side(compare, len(ranks), None)
    return int(found.sum())
