"""Synthetic leagues: many organisations and metrics, and how scoring one alone is timed."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
import polars as pl
from memory import peak_gib

METRICS: Final = 30
HELD_BELOW: Final = 3.3
WEIGHTS: Final = np.arange(METRICS) % 3 + 1.0
"""The weights of ``weighted_frame``; the first is 1."""
STEPS: Final = 1_000_000
SPREAD: Final = 1_009

T = TypeVar("T")
NAMES: Final = [f"m{index}" for index in range(METRICS)]


def values_frame(organisations: int) -> pl.DataFrame:
    """Lay values out as scoring does: percentages of four decimals, one in twenty missing."""
    rows = pl.int_range(organisations, eager=True)
    return named_frame(rows).with_columns(
        pl.when(pl.lit(rows).hash(seed=1000 + index) % 20 != 0)
        .then(pl.lit(rows).hash(seed=index) % 1_000_000 / 10_000)
        .alias(f"value:{name}")
        for index, name in enumerate(NAMES)
    )


def named_frame(rows: pl.Series) -> pl.DataFrame:
    groups = (rows % 3).replace_strict({0: "Acute", 1: "Ambulance", 2: "Community"})
    return pl.DataFrame({"org_code": rows.cast(pl.String), "peer_group": groups})


def weighted_frame(organisations: int) -> pl.DataFrame:
    """Lay values out so that everybody has all of them and no two weighted sums are equal.

    They are whole steps from 0 to ``STEPS``; the first two organisations have the ends of every
    metric, so that the range of each is known. Where sums would be equal, values of the first
    metric go up: so all libraries rank alike, whatever they make of the last bits.
    """
    steps = np.random.default_rng(3).integers(1_000, STEPS - 10_000, (organisations, METRICS))
    steps[0], steps[1] = 0, STEPS
    sums = steps @ WEIGHTS.astype(np.int64)
    order, places = np.argsort(sums, kind="stable"), np.arange(organisations)
    steps[order, 0] += np.maximum.accumulate(sums[order] - places) + places - sums[order]
    assert steps.max() == STEPS, "values beyond the ends"
    columns = {f"value:{name}": steps[:, index] / STEPS for index, name in enumerate(NAMES)}
    return named_frame(pl.int_range(organisations, eager=True)).with_columns(**columns)


def weighted_matrix(organisations: int) -> np.ndarray:
    """Give the values of ``weighted_frame`` alone, an organisation a row."""
    return weighted_frame(organisations).select(f"value:{name}" for name in NAMES).to_numpy()


def organisations_asked() -> int:
    return int(sys.argv[1]) if sys.argv[1:] else STEPS


def print_timed(work: Callable[[], T], digest: Callable[[T], list[Any]]) -> None:
    """Print what some work took, the peak memory, and a digest to compare results by.

    What is soon done is done again: then the median counts, after a first time.
    """
    seconds: list[float] = []
    while len(seconds) < 6 and sum(seconds) < 1.0:
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    took = statistics.median(seconds[1:] or seconds)
    print(json.dumps({"seconds": took, "peak_gib": peak_gib(), "digest": digest(result)}))


def league_digest(average: np.ndarray, segment: np.ndarray, rank: np.ndarray) -> list[float | int]:
    """Sum up a league whose organisations are in their order, so that who ranks where counts."""
    return [
        round(float(average.sum()), 2),
        int(segment.sum()),
        int(rank.sum()),
        _in_order(segment),
        _in_order(rank),
    ]


def weighted_digest(average: np.ndarray, rank: np.ndarray) -> list[float | int]:
    """Sum up averages and ranks of organisations in their order."""
    return [float(average.sum()), float(average @ _spread(average)), _in_order(rank)]


def _in_order(whole: np.ndarray) -> int:
    return int(whole.astype(np.int64) @ _spread(whole))


def _spread(array: np.ndarray) -> np.ndarray:
    return np.arange(len(array), dtype=np.int64) % SPREAD
