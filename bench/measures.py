"""What a measure is, and how whole processes and scripts are timed in turn."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROGRAM = str(Path(sys.executable).with_name("nhs-league"))
ENGINE = "import polars, pydantic, typer, yaml, rich.table"
"""What a process that ranks cannot do without importing."""
SHOWN = 400
"""How much is shown of a result that differs from another."""


@dataclass(frozen=True)
class Options:
    """How often and on how much to measure.

    ``is_small`` keeps to the least of each size, to try a benchmark out; ``is_large`` adds more.
    """

    runs: int
    is_small: bool = False
    is_large: bool = False

    def sizes(self, *usual: int, large: Sequence[int] = ()) -> list[int]:
        """Choose sizes: all but the largest, or the least alone, or all of them."""
        if self.is_small:
            return [usual[0]]
        return [*usual, *(large if self.is_large else ())]


@dataclass(frozen=True)
class Measure:
    """One comparison: seconds are medians, ``limit`` is the ratio aimed at, where one is.

    Of what is measured ``beyond`` its yardstick, the limit is in seconds more. Memory is the peak
    of a process, in GiB, and may have a limit too.
    """

    name: str
    yardstick: str
    seconds: float
    yardstick_seconds: float
    limit: float | None = None
    peak_gib: float | None = None
    beyond: bool = False
    peak_limit: float | None = None
    yardstick_peak_gib: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.yardstick_seconds

    @property
    def is_within(self) -> bool:
        """Say whether time and memory keep to their limits; what has none keeps to it."""
        more = self.seconds - self.yardstick_seconds
        reached = more if self.beyond else self.ratio
        is_quick = self.limit is None or reached <= self.limit
        is_lean = self.peak_limit is None or (self.peak_gib or 0.0) <= self.peak_limit
        return is_quick and is_lean


@dataclass(frozen=True)
class Process:
    """A whole process to be timed."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    accepts: tuple[int, ...] = (0,)

    def run(self) -> tuple[float, float]:
        """Run it once; give its seconds and its peak memory in GiB."""
        launched = self._done([sys.executable, str(HERE / "launch.py"), *self.command])
        taken = json.loads(launched.stdout)
        self._check(taken["code"])
        return taken["seconds"], taken["peak_gib"]

    def output(self) -> Any:
        """Run it once; give the JSON that it prints."""
        done = self._done(self.command)
        self._check(done.returncode)
        return json.loads(done.stdout)

    def _done(self, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command,
            env={**os.environ, **self.environment},
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _check(self, code: int) -> None:
        if code not in self.accepts:
            sys.exit(f"{' '.join(self.command)} ended with exit code {code}")


@dataclass(frozen=True)
class Timing:
    """Median seconds of some runs, and the peak memory of any."""

    seconds: float
    peak_gib: float

    @classmethod
    def of(cls, runs: Sequence[tuple[float, float]]) -> Timing:
        seconds, peaks = zip(*runs, strict=True)
        return cls(statistics.median(seconds), max(peaks))


def our_command(*arguments: str, **options: Any) -> Process:
    return Process([PROGRAM, *arguments], **options)


def python_code(code: str) -> Process:
    return Process([sys.executable, "-c", code])


def python_script(name: str, *arguments: str) -> Process:
    return Process([sys.executable, str(HERE / name), *arguments])


def processes_in_turn(processes: Sequence[Process], runs: int, warm_ups: int = 1) -> list[Timing]:
    """Time processes A B A B ..., so that a machine whose speed drifts slows all of them."""
    rounds = [[process.run() for process in processes] for _ in range(runs + warm_ups)]
    return [Timing.of(taken) for taken in zip(*rounds[warm_ups:], strict=True)]


def measured(name: str, yardstick: str, ours: Timing, theirs: Timing, **limits: Any) -> Measure:
    """Put two timings beside each other, memory included."""
    return Measure(
        name,
        yardstick,
        ours.seconds,
        theirs.seconds,
        peak_gib=ours.peak_gib,
        yardstick_peak_gib=theirs.peak_gib,
        **limits,
    )


def compare_processes(
    name: str, yardstick: str, ours: Process, theirs: Process, *, runs: int, **limits: Any
) -> Measure:
    """Time a process in turn with its yardstick, after one run of each to warm up."""
    return measured(name, yardstick, *processes_in_turn([ours, theirs], runs), **limits)


def run_script(script: Sequence[str]) -> Any:
    """Run a script of this directory; give the JSON that it printed, if it printed any."""
    name, *arguments = script
    command = [sys.executable, str(HERE / name), *arguments]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output) if output else None


def in_turn(scripts: Sequence[Sequence[str]], runs: int) -> list[list[dict[str, Any]]]:
    """Run scripts in turn, so many times; give what each printed, a list a script."""
    rounds = [[run_script(script) for script in scripts] for _ in range(runs)]
    return [list(results) for results in zip(*rounds, strict=True)]


def timing_of(results: Sequence[dict[str, Any]]) -> Timing:
    """Sum up what the runs of a script said of their seconds and peak memory."""
    return Timing.of([(result["seconds"], result["peak_gib"]) for result in results])


def require_equal(what: str, ours: Any, theirs: Any) -> None:
    """Stop unless results are equal, but for the last bits of their numbers."""
    if not _is_equal(ours, theirs):
        shown = (f"{str(result)[:SHOWN]}..." for result in (ours, theirs))
        sys.exit(f"{what}: results differ: {' against '.join(shown)}")


def _is_equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and abs(one - other) <= 1e-9 * max(1.0, abs(other))
    return one == other


def require_one_digest(what: str, *results: Sequence[dict[str, Any]]) -> None:
    """Stop unless all runs of all scripts came to the same digest."""
    first, *others = [result["digest"] for of_script in results for result in of_script]
    for other in others:
        require_equal(what, first, other)
