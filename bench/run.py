"""Measure speed as ratios in one run: every figure against a yardstick of public packages.

    python bench/run.py [--runs N] [--json FILE]

Whole processes run in turn with their yardstick, A B A B ..., so that a machine whose speed drifts
slows both; medians are compared. Scoring alone is timed inside its process, on the same values and
with equal results asserted.
"""

from __future__ import annotations

import argparse
import compileall
import json
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

from published_files import write_published_files

import nhs_league

HERE = Path(__file__).resolve().parent
COMMAND = [str(Path(sys.executable).with_name("nhs-league"))]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
COMPLETION = {
    "_NHS_LEAGUE_COMPLETE": "complete_bash",
    "COMP_WORDS": "nhs-league ra",
    "COMP_CWORD": "1",
}
ENGINE = "import polars, pydantic, typer, yaml, rich.table"


@dataclass(frozen=True)
class Measure:
    """One comparison: seconds are medians, ``limit`` is the ratio aimed at."""

    name: str
    yardstick: str
    seconds: float
    yardstick_seconds: float
    limit: float
    peak_gib: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.yardstick_seconds


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
    results: dict[str, list[dict[str, object]]] = {"scoring_engine.py": [], "scoring_polars.py": []}
    for _ in range(runs):
        for script, seen in results.items():
            output = subprocess.run(
                [sys.executable, str(HERE / script)], check=True, capture_output=True, text=True
            )
            seen.append(json.loads(output.stdout))
    digests = {json.dumps(result["digest"]) for seen in results.values() for result in seen}
    if len(digests) != 1:
        sys.exit(f"the engine and the yardstick differ: {sorted(digests)}")
    seconds = [statistics.median(float(r["seconds"]) for r in seen) for seen in results.values()]
    peak = max(float(result["peak_gib"]) for result in results["scoring_engine.py"])
    name = "score and rank 1,000,000 organisations x 30 metrics"
    return Measure(
        name, "the same arithmetic straight in Polars", *seconds, limit=2.0, peak_gib=peak
    )


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
        compare_scoring(max(3, options.runs // 2)),
    ]
    packages = {
        name: version(name) for name in ("nhs-league", "polars", "pydantic", "typer", "rich")
    }
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians; ", end="")
    print(", ".join(f"{name} {number}" for name, number in packages.items()))
    for measure in measures:
        verdict = "within" if measure.ratio <= measure.limit else "ABOVE"
        print(f"\n{measure.name}\n  {measure.seconds:.3f} s; {measure.yardstick}: ", end="")
        print(f"{measure.yardstick_seconds:.3f} s")
        print(f"  ratio {measure.ratio:.2f}, {verdict} {measure.limit:g}", end="")
        print(f"; peak memory {measure.peak_gib:.2f} GiB" if measure.peak_gib else "")
    if options.json:
        rows = [asdict(measure) | {"ratio": measure.ratio} for measure in measures]
        options.json.write_text(
            json.dumps({"packages": packages, "measures": rows}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
