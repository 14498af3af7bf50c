"""A synthetic league: many organisations and metrics, some figures missing."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from typing import Final

import polars as pl

ORGANISATIONS: Final = int(os.environ.get("BENCH_ORGANISATIONS", "1000000"))
METRICS: Final = 30
HELD_BELOW: Final = 3.3


def values_frame() -> pl.DataFrame:
    """Lay values out as scoring does: percentages of four decimals, one in twenty missing."""
    rows = pl.int_range(ORGANISATIONS, eager=True)
    groups = (rows % 3).replace_strict({0: "Acute", 1: "Ambulance", 2: "Community"})
    frame = pl.DataFrame({"org_code": rows.cast(pl.String), "peer_group": groups})
    return frame.with_columns(
        pl.when(pl.lit(rows).hash(seed=1000 + index) % 20 != 0)
        .then(pl.lit(rows).hash(seed=index) % 1_000_000 / 10_000)
        .alias(f"value:m{index}")
        for index in range(METRICS)
    )


def timed(score: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Print what scoring alone took, the peak memory, and a digest to compare results by."""
    frame = values_frame()
    start = time.perf_counter()
    ranked = score(frame)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    digest = [
        round(ranked["average_metric_score"].sum(), 2),
        ranked["adjusted_segment"].sum(),
        ranked["rank"].cast(pl.Int64).sum(),
    ]
    print(json.dumps({"seconds": seconds, "peak_gib": peak, "digest": digest}))
