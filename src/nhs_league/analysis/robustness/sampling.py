"""Placing many versions of a league, block by block and side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

import numpy as np

from nhs_league.analysis.robustness.arrays import LeagueArrays, Placing
from nhs_league.analysis.robustness.numbers import Counts, Floats
from nhs_league.errors import UsageError

DEFAULT_REPLICATES: Final = 10_000
MIN_REPLICATES: Final = 100
MAX_REPLICATES: Final = 100_000
MAX_PLACES: Final = 100_000_000
"""The organisations times replicates that are held at once: some 13 bytes each."""

_BLOCK: Final = 250_000

Report: TypeAlias = Callable[[float], None]
"""Told how much of the work is done, from 0 to 1."""


def check_replicates(replicates: int, organisations: int) -> None:
    """See that a range can be drawn from so many replicates, and that they fit in memory.

    Raises ``UsageError``.
    """
    if replicates < MIN_REPLICATES:
        raise UsageError(
            f"a 95% range takes at least {MIN_REPLICATES} replicates, and not {replicates:,}"
        )
    most = min(MAX_REPLICATES, MAX_PLACES // organisations)
    if replicates > most:
        raise UsageError(
            f"{replicates:,} replicates of {organisations:,} organisations are too many: "
            f"at most {most:,} are drawn"
        )


def blocks(count: int, each: int) -> list[slice]:
    """Split things of so many numbers each into blocks that fit a processor's cache."""
    size = max(1, _BLOCK // each)
    return [slice(at, min(at + size, count)) for at in range(0, count, size)]


def placed(arrays: LeagueArrays, composites: Floats, floors: Counts, *, hold_cuts: bool) -> Placing:
    """Place every replicate of a league, blocks of them side by side.

    ``composites`` are N x replicates, and give way to the averages that are ranked; ``floors`` are
    N x replicates or 1, the best segment that overrides allow.
    """
    whole = Placing(
        composites,
        np.empty(composites.shape, dtype=np.uint8),
        np.empty(composites.shape, dtype=np.uint32),
    )
    every = np.broadcast_to(floors, composites.shape)

    def place(block: slice) -> None:
        averages = arrays.ranked_averages(composites[:, block])
        placing = arrays.place(averages, every[:, block], hold_cuts=hold_cuts)
        whole.averages[:, block] = placing.averages
        whole.segments[:, block] = placing.segments
        whole.ranks[:, block] = placing.ranks

    each = blocks(composites.shape[1], len(arrays))
    side_by_side(lambda at: place(each[at]), len(each), None)
    return whole


def side_by_side(work: Callable[[int], None], count: int, report: Report | None) -> None:
    """Do pieces of work side by side, and report after each; who interrupts waits for no more."""
    with ThreadPoolExecutor() as threads:
        try:
            for at, _ in enumerate(threads.map(work, range(count))):
                if report is not None:
                    report((at + 1) / count)
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
