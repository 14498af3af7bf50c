"""Measure speed as ratios in one run: every figure against a yardstick of public packages.

    python bench/run.py [--runs N] [--only PATTERN] [--small | --large] [--json FILE]

Whole processes run in turn with their yardsticks, A B A B ..., so that a machine whose speed drifts
slows both; medians are compared, as ratios, or as seconds beyond the yardstick where that is what a
limit is stated for. Scoring, loading and likely ranges alone are timed inside their process, on the
same inputs. Results are asserted to be equal: up to chance where the draws differ, and exactly
where they are the same. Results of commands on the sample are compared once, before they are timed.
"""

from __future__ import annotations

import argparse
import compileall
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import commands
import loading
import plain
import scale
import scoring
import startup
import uncertainty
from measures import Measure, Options
from results import Results, as_text

import nhs_league

Task = Callable[[Options], list[Measure]]


THEMES: Mapping[str, Mapping[str, Task]] = {
    "Starting up": startup.TASKS,
    "Commands on the sample": {**plain.TASKS, **commands.TASKS},
    "Scoring": scoring.TASKS,
    "Loading": loading.TASKS,
    "Likely ranges and weightings": uncertainty.TASKS,
    "Scale": {"scale": scale.compare_scale},
}


def main() -> None:
    options, only, file = asked()
    # Installers compile what they install; a checkout is compiled here, so that both start alike.
    for module in (Path(nhs_league.__file__).parent, Path(__file__).parent):
        compileall.compile_dir(module, quiet=2)
    themes = {
        theme: [
            measure
            for name in tasks
            if only.search(name)
            for measure in run(name, tasks[name], options)
        ]
        for theme, tasks in THEMES.items()
    }
    results = Results.of(options, {theme: found for theme, found in themes.items() if found})
    print(as_text(results))
    if file:
        results.write(file)


def run(name: str, task: Task, options: Options) -> list[Measure]:
    start = time.perf_counter()
    measures = task(options)
    print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return measures


def asked() -> tuple[Options, re.Pattern[str], Path | None]:
    """Read the command line: how to measure, which tasks, and the file to write."""
    tasks = [name for of_theme in THEMES.values() for name in of_theme]
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=f"Tasks: {', '.join(tasks)}."
    )
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each process")
    parser.add_argument("--only", default="", metavar="PATTERN", help="only tasks so named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="the least of each size, to try it out")
    size.add_argument("--large", action="store_true", help="tables of several gigabytes too")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs has to be 1 or more")
    only = re.compile(given.only)
    if not any(map(only.search, tasks)):
        parser.error(f"no task is named like {given.only}: {', '.join(tasks)}")
    return Options(given.runs, given.small, given.large), only, given.json


if __name__ == "__main__":
    main()
