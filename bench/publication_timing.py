"""Time reading in a process that has read once before, and print what came out."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence

from memory import peak_gib


def timed(read: Callable[[str], dict[str, object]], arguments: Sequence[str]) -> None:
    """Print the median of some runs after a first, the peak memory, and the digest."""
    path, runs = arguments[0], int(arguments[1]) if len(arguments) > 1 else 5
    seconds = []
    for _ in range(runs + (runs > 1)):
        start = time.perf_counter()
        digest = read(path)
        seconds.append(time.perf_counter() - start)
    took = statistics.median(seconds[1:] or seconds)
    print(json.dumps({"seconds": took, "peak_gib": peak_gib(), "digest": digest}))
