"""Measure speed as ratios in one run: every figure against a yardstick of public packages.

    python bench/run.py [--runs N] [--json FILE]

Whole processes run in turn with their yardstick, A B A B ..., so that a machine whose speed drifts
slows both; medians are compared, as ratios, or as seconds beyond the yardstick where that is what a
limit is stated for. Scoring and likely ranges alone are timed inside their process, on
the same values and with equal results asserted: up to chance where the draws differ, and exactly
where they are the same.
"""

from __future__ import annotations

import argparse
import compileall
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from publication_files import write_dm01, write_faulty_table, write_rtt
from published_files import write_published_files

import nhs_league
from nhs_league.framework.catalogue import load_framework
from nhs_league.quarter import Quarter
from nhs_league.resources import sample_directory

HERE = Path(__file__).resolve().parent
COMMAND = [str(Path(sys.executable).with_name("nhs-league"))]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
COMPLETION = {
    "_NHS_LEAGUE_COMPLETE": "complete_bash",
    "COMP_WORDS": "nhs-league ra",
    "COMP_CWORD": "1",
}
ENGINE = "import polars, pydantic, typer, yaml, rich.table"
SIZE = (205, 30, 10_000)
LARGER = [(205, 30, 20_000), (410, 30, 10_000), (2_000, 100, 10_000)]
"""Organisations, metrics and replicates."""
MONTE_CARLO_ERROR = {"score_low": 0.02, "score_high": 0.02, "rank_low": 1.0, "rank_high": 1.0}
"""By how much ends of 10,000 replicates may differ between two draws, on average."""


@dataclass(frozen=True)
class Measure:
    """One comparison: seconds are medians, ``limit`` is the ratio aimed at.

    Of what is measured ``beyond`` its yardstick, the limit is in seconds more. Memory may have a
    limit too, in GiB.
    """

    name: str
    yardstick: str
    seconds: float
    yardstick_seconds: float
    limit: float
    peak_gib: float | None = None
    beyond: bool = False
    peak_limit: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.yardstick_seconds

    @property
    def is_within(self) -> bool:
        more = self.seconds - self.yardstick_seconds
        return (more if self.beyond else self.ratio) <= self.limit

    @property
    def verdict(self) -> str:
        """Say how far it is from its limit."""
        within = "within" if self.is_within else "ABOVE"
        text = f"ratio {self.ratio:.2f}"
        if self.beyond:
            more = self.seconds - self.yardstick_seconds
            return f"{more:.3f} s beyond it, {within} {self.limit:g} s; {text}"
        return f"{text}, {within} {self.limit:g}"

    @property
    def memory(self) -> str:
        """Say what memory it took at most, and how far that is from its limit."""
        if self.peak_gib is None:
            return ""
        text = f"; peak memory {self.peak_gib:.2f} GiB"
        if self.peak_limit is None:
            return text
        within = "within" if self.peak_gib <= self.peak_limit else "ABOVE"
        return f"{text}, {within} {self.peak_limit:g}"


def process_seconds(command: list[str], extra: dict[str, str] | None = None) -> float:
    """Time one whole process."""
    start = time.perf_counter()
    subprocess.run(command, env={**os.environ, **(extra or {})}, check=True, **QUIET)
    return time.perf_counter() - start


def compare_processes(
    name: str,
    command: list[str],
    code: str,
    *,
    limit: float,
    runs: int,
    extra: dict[str, str] | None = None,
) -> Measure:
    """Time a command in turn with ``python -c code``, after one run of each to warm up."""
    yardstick = [sys.executable, "-c", code]
    pairs = [(process_seconds(command, extra), process_seconds(yardstick)) for _ in range(runs + 1)]
    ours, theirs = zip(*pairs[1:], strict=True)
    return Measure(
        name, f"python -c '{code}'", statistics.median(ours), statistics.median(theirs), limit
    )


def compare_audit(runs: int) -> Measure:
    """Time an audit of three quarters of published files against reading and pivoting them."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in published_files(Path(folder))]
        code = (
            f"{ENGINE}; frame = polars.concat([polars.read_csv(f) for f in {files!r}], "
            "how='vertical_relaxed'); frame.pivot('Metric_ID', index=['Quarter', 'Trust_code'], "
            "values='Value', aggregate_function='first')"
        )
        measure = compare_processes(
            "nhs-league audit, three quarters of published files",
            [*COMMAND, "audit", *files],
            code,
            limit=2.0,
            runs=runs,
        )
    yardstick = f"python -c '{ENGINE}', polars.read_csv and one pivot of the same files"
    return replace(measure, yardstick=yardstick)


def published_files(folder: Path) -> list[Path]:
    """Name the published files to audit: those in BENCH_PUBLISHED, else the sample's figures."""
    named = os.environ.get("BENCH_PUBLISHED")
    return sorted(Path(named).glob("*.csv")) if named else write_published_files(folder)


def compare_scoring(runs: int) -> Measure:
    """Time scoring alone, in turn with the same arithmetic straight in Polars."""
    ours, theirs = in_turn([["scoring_engine.py"], ["scoring_polars.py"]], runs)
    digests = {json.dumps(result["digest"]) for result in (*ours, *theirs)}
    if len(digests) != 1:
        sys.exit(f"the engine and the yardstick differ: {sorted(digests)}")
    return Measure(
        "score and rank 1,000,000 organisations x 30 metrics",
        "the same arithmetic straight in Polars",
        median_seconds(ours),
        median_seconds(theirs),
        limit=2.0,
        peak_gib=peak(ours),
    )


def compare_ranges(runs: int) -> Measure:
    """Time likely ranges alone, in turn with the same bootstrap straight in NumPy."""
    run_script(["robustness_numpy.py", "--check"])
    ours, theirs = in_turn([["robustness_engine.py"], ["robustness_numpy.py"]], runs)
    for name, error in MONTE_CARLO_ERROR.items():
        own, other = ours[0]["ends"][name], theirs[0]["ends"][name]
        apart = statistics.mean(abs(a - b) for a, b in zip(own, other, strict=True))
        if apart > error:
            sys.exit(f"the engine and the yardstick differ: {name} by {apart:.3f} on average")
    return Measure(
        "likely ranges of 205 organisations x 30 metrics, 10,000 replicates",
        "the same bootstrap straight in NumPy",
        median_seconds(ours),
        median_seconds(theirs),
        limit=2.0,
        peak_gib=peak(ours),
    )


def compare_growth(runs: int) -> list[Measure]:
    """Time likely ranges of more of everything, in turn with fewer taken that many times."""
    scripts = [["robustness_engine.py", *map(str, size)] for size in (SIZE, *LARGER)]
    base, *others = in_turn(scripts, runs)
    measures = []
    for size, results in zip(LARGER, others, strict=True):
        times = math.prod(size) / math.prod(SIZE)
        organisations, metrics, replicates = size
        measures.append(
            Measure(
                f"likely ranges of {organisations:,} organisations x {metrics} metrics, "
                f"{replicates:,} replicates",
                f"{times:.3g} times those of 205 x 30, 10,000 replicates",
                median_seconds(results),
                times * median_seconds(base),
                limit=1.5,
                peak_gib=peak(results),
            )
        )
    return measures


def compare_weightings(runs: int) -> list[Measure]:
    """Time 10,000 weightings, in turn with pymcdm on the same weights in the same process."""
    seconds = run_script(["robustness_pymcdm.py", str(runs)])
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


def compare_robustness(runs: int) -> Measure:
    """Time the whole command against the libraries it needs and a bootstrap in NumPy."""
    code = f"{ENGINE}, sys; sys.path.append({str(HERE)!r}); import robustness_numpy as plain; "
    measure = compare_processes(
        "nhs-league robustness --quarter 2025Q2",
        [*COMMAND, "robustness", "--quarter", "2025Q2"],
        f"{code} plain.ends_of_noise()",
        limit=2.0,
        runs=runs,
    )
    return replace(measure, yardstick=f"python -c '{ENGINE}' and the same bootstrap in NumPy")


def compare_changes(runs: int) -> list[Measure]:
    """Time comparing and searching beyond starting up, reading and ranking, in turn with it."""
    official = ["--framework", "nof-2025-26"]
    startup = [*COMMAND, "rank", "--quarter", "2025Q2", *official]
    asked = [
        (["compare", "2025Q2", "2025Q3"], 1.0),
        (["whatif", "RJ6", "--target-segment", "2", "--quarter", "2025Q2"], 2.0),
        (["whatif", "RCX", "--target-segment", "2", "--quarter", "2025Q2"], 2.0),
        (["whatif", "RX8", "--target-rank", "1", "--quarter", "2025Q2"], 2.0),
    ]
    commands = [startup, *([*COMMAND, *arguments, *official] for arguments, _ in asked)]
    rounds = [[process_seconds(command) for command in commands] for _ in range(runs + 1)]
    base, *others = zip(*rounds[1:], strict=True)
    return [
        Measure(
            f"nhs-league {' '.join(arguments)}",
            "nhs-league rank of the same quarter",
            statistics.median(seconds),
            statistics.median(base),
            limit=limit,
            beyond=True,
        )
        for (arguments, limit), seconds in zip(asked, others, strict=True)
    ]


def compare_report(runs: int) -> Measure:
    """Time a site of all trusts against a page a trust with its strips drawn one by one."""
    quarter, metrics = Quarter(2025, 3), sample_directory() / "nof_2025_26_metrics.csv"
    seconds: list[list[float]] = [[], []]
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        ours = [*COMMAND, "report", "--quarter", str(quarter), "--output", str(site)]
        theirs = [sys.executable, str(HERE / "report_drawing.py"), str(metrics)]
        theirs += [quarter.nhs_label, folder, *load_framework("nof-2025-26").framework.metrics]
        for _ in range(runs):
            for command, times in zip((ours, theirs), seconds, strict=True):
                times.append(process_seconds(command))
        drawn = sum(page.read_text("utf-8").count("<svg") for page in Path(folder).glob("*.html"))
        strips = sum(
            page.read_text("utf-8").count('<div class="strip">') for page in site.glob("trusts/*")
        )
    assert 0.9 * drawn <= strips <= drawn, f"{strips} strips against {drawn}"
    return Measure(
        f"nhs-league report --quarter {quarter}",
        f"Altair, vl-convert and Jinja2: a page a trust, its {drawn:,} strips drawn one by one",
        statistics.median(seconds[0]),
        statistics.median(seconds[1]),
        limit=1.0,
    )


def compare_publications(runs: int) -> list[Measure]:
    """Time reading and loading publications, in turn with a scan of the same columns for each."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            compare_reading(f"{how} {what}, zipped", how, path, limit=limit, runs=min(runs, 3))
            for what, path in publication_files(Path(folder))
            for how, limit in (("read", 1.5), ("load", 2.0))
        ]


def publication_files(folder: Path) -> list[tuple[str, Path]]:
    """Name zipped publications: those in BENCH_PUBLICATIONS, else made-up ones of their size."""
    named = os.environ.get("BENCH_PUBLICATIONS")
    titles = {"rtt": "referral-to-treatment waits", "dm01": "waits for diagnostic tests"}
    if named:
        return [
            (title, next(Path(named).rglob(f"{kind.upper()}*.zip")))
            for kind, title in titles.items()
        ]
    write_rtt(folder / "rtt.zip", 12_969)
    write_dm01(folder / "dm01.zip", 149_056)
    return [(title, folder / f"{kind}.zip") for kind, title in titles.items()]


def compare_large_publication() -> Measure:
    """Time loading a gigabyte once, with its peak memory, beside a scan of the same columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dm01.csv"
        write_dm01(path, 3_800_000)
        name = "load waits for diagnostic tests, CSV"
        measure = compare_reading(name, "load", path, limit=4.0, runs=1, readings=1)
    return replace(measure, peak_limit=2.0)


def compare_validation(runs: int) -> Measure:
    """Time loading a table with planted errors, all of which must be found."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "waits.csv"
        planted = sorted([row, column] for row, column in write_faulty_table(path, 1_000_000))
        ours, theirs = in_turn(
            [["publication_engine.py", "load", str(path)], ["publication_polars.py", str(path)]],
            runs,
        )
    if any(result["digest"]["errors"] != planted for result in ours):
        sys.exit("not all planted errors were found")
    return Measure(
        "load and check 1,000,000 rows with 20 planted errors",
        "polars.read_csv of text and a cast of both columns of counts",
        median_seconds(ours),
        median_seconds(theirs),
        limit=3.0,
        peak_gib=peak(ours),
    )


def compare_reading(
    name: str, how: str, path: Path, *, limit: float, runs: int, readings: int = 9
) -> Measure:
    """Time reading a publication in turn with its scan, with equal sums asserted."""
    ours, theirs = in_turn(
        [
            ["publication_engine.py", how, str(path), str(readings)],
            ["publication_polars.py", str(path), str(readings)],
        ],
        runs,
    )
    sums = {json.dumps(result["digest"]["sums"]) for result in (*ours, *theirs)}
    if len(sums) != 1:
        sys.exit(f"the engine and the yardstick differ: {sorted(sums)}")
    return Measure(
        f"{name}, {path.stat().st_size / 1e6:,.1f} MB",
        "a Polars scan of the same columns",
        median_seconds(ours),
        median_seconds(theirs),
        limit,
        peak(ours),
    )


def in_turn(scripts: list[list[str]], runs: int) -> list[list[dict[str, Any]]]:
    """Run scripts in turn, so many times; give what each printed, a list a script."""
    rounds = [[run_script(script) for script in scripts] for _ in range(runs)]
    return [list(results) for results in zip(*rounds, strict=True)]


def run_script(script: list[str]) -> Any:
    """Run a script of this directory; give the JSON that it printed, if it printed any."""
    name, *arguments = script
    command = [sys.executable, str(HERE / name), *arguments]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output) if output else None


def median_seconds(results: list[dict[str, Any]]) -> float:
    return statistics.median(result["seconds"] for result in results)


def peak(results: list[dict[str, Any]]) -> float:
    return max(result["peak_gib"] for result in results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11, help="counted runs of each process")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    # Installers compile what they install; a checkout is compiled here, so that both start alike.
    compileall.compile_dir(Path(nhs_league.__file__).parent, quiet=2)
    measures = [
        compare_processes(
            "nhs-league --help", [*COMMAND, "--help"], "import typer", limit=1.4, runs=options.runs
        ),
        compare_processes(
            "shell completion",
            COMMAND,
            "import typer",
            limit=1.4,
            runs=options.runs,
            extra=COMPLETION,
        ),
        compare_processes(
            "nhs-league rank --quarter 2025Q2",
            [*COMMAND, "rank", "--quarter", "2025Q2"],
            ENGINE,
            limit=1.5,
            runs=options.runs,
        ),
        compare_audit(options.runs),
        compare_robustness(options.runs),
        *compare_changes(options.runs),
        compare_report(min(3, options.runs)),
        *compare_publications(options.runs),
        compare_large_publication(),
        compare_validation(3),
        compare_scoring(max(3, options.runs // 2)),
        compare_ranges(max(3, options.runs // 2)),
        *compare_growth(3),
        *compare_weightings(3),
    ]
    names = ("nhs-league", "numpy", "polars", "pydantic", "typer", "rich", "pymcdm")
    packages = {name: version(name) for name in names}
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians; ", end="")
    print(", ".join(f"{name} {number}" for name, number in packages.items()))
    for measure in measures:
        print(f"\n{measure.name}\n  {measure.seconds:.3f} s; {measure.yardstick}: ", end="")
        print(f"{measure.yardstick_seconds:.3f} s")
        print(f"  {measure.verdict}", end="")
        print(measure.memory)
    if options.json:
        rows = [asdict(measure) | {"ratio": measure.ratio} for measure in measures]
        options.json.write_text(
            json.dumps({"packages": packages, "measures": rows}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
