"""Likely ranges and other weightings, against NumPy and pymcdm."""

from __future__ import annotations

import math
import statistics

from measures import (
    ENGINE,
    HERE,
    Measure,
    Options,
    compare_processes,
    in_turn,
    measured,
    our_command,
    python_code,
    run_script,
    timing_of,
)

SIZE = (205, 30, 10_000)
LARGER = [(205, 30, 20_000), (410, 30, 10_000), (2_000, 100, 10_000)]
"""Organisations, metrics and replicates."""
MONTE_CARLO_ERROR = {"score_low": 0.02, "score_high": 0.02, "rank_low": 1.0, "rank_high": 1.0}
"""By how much ends of 10,000 replicates may differ between two draws, on average."""


def compare_robustness(options: Options) -> list[Measure]:
    """Time the whole command against the libraries it needs and a bootstrap in NumPy."""
    code = f"{ENGINE}, sys; sys.path.append({str(HERE)!r}); import robustness_numpy as plain; "
    return [
        compare_processes(
            "nhs-league robustness --quarter 2025Q2",
            f"python -c '{ENGINE}' and the same bootstrap in NumPy",
            our_command("robustness", "--quarter", "2025Q2"),
            python_code(f"{code} plain.ends_of_noise()"),
            runs=options.runs,
            limit=2.0,
        )
    ]


def compare_ranges(options: Options) -> list[Measure]:
    """Time likely ranges alone, in turn with the same bootstrap straight in NumPy."""
    run_script(["robustness_numpy.py", "--check"])
    ours, theirs = in_turn([["robustness_engine.py"], ["robustness_numpy.py"]], options.runs)
    for name, error in MONTE_CARLO_ERROR.items():
        own, other = ours[0]["ends"][name], theirs[0]["ends"][name]
        apart = statistics.mean(abs(a - b) for a, b in zip(own, other, strict=True))
        if apart > error:
            raise SystemExit(f"the engine and the yardstick differ: {name} by {apart:.3f}")
    return [
        measured(
            "likely ranges of 205 organisations x 30 metrics, 10,000 replicates",
            "NumPy: the same bootstrap",
            timing_of(ours),
            timing_of(theirs),
            limit=2.0,
        )
    ]


def compare_growth(options: Options) -> list[Measure]:
    """Time likely ranges of more of everything, in turn with fewer taken that many times."""
    larger = LARGER[:1] if options.is_small else LARGER
    scripts = [["robustness_engine.py", *map(str, size)] for size in (SIZE, *larger)]
    base, *others = map(timing_of, in_turn(scripts, min(3, options.runs)))
    measures = []
    for size, timing in zip(larger, others, strict=True):
        times = math.prod(size) / math.prod(SIZE)
        organisations, metrics, replicates = size
        measures.append(
            Measure(
                f"likely ranges of {organisations:,} organisations x {metrics} metrics, "
                f"{replicates:,} replicates",
                f"{times:.3g} times those of 205 x 30, 10,000 replicates",
                timing.seconds,
                times * base.seconds,
                limit=1.5,
                peak_gib=timing.peak_gib,
            )
        )
    return measures


def compare_weightings(options: Options) -> list[Measure]:
    """Time 10,000 weightings, in turn with pymcdm on the same weights in the same process."""
    seconds = run_script(["robustness_pymcdm.py", str(min(3, options.runs))])
    return [
        Measure(
            f"{what} of 205 organisations x 30 metrics under 10,000 weightings",
            "pymcdm.methods.SPOTIS, a weighting a call",
            seconds[f"our_{what}"],
            seconds[f"their_{what}"],
            limit=0.1,
        )
        for what in ("scores", "ranks")
    ]


TASKS = {
    "robustness": compare_robustness,
    "ranges": compare_ranges,
    "growth": compare_growth,
    "weightings": compare_weightings,
}
