"""Ranking a table that is too large to hold, against DuckDB on the same files."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from measures import (
    Measure,
    Options,
    compare_processes,
    our_command,
    python_script,
    require_equal,
    run_script,
)

MONTHS = ("2025-04", "2025-05", "2025-06")
ROWS = 100_000_000
FEW_ROWS = 10_000_000
MOST_RUNS = 3
MOST_GIB = 6.0
YARDSTICK = "DuckDB: the same checks of every row and the same ranks, two threads, 6 GiB at most"


def compare_scale(options: Options) -> list[Measure]:
    """Time ranking a quarter of a long table as a whole process, as Parquet and as CSV."""
    rows = FEW_ROWS if options.is_small else ROWS
    return [compare_kind(kind, rows, min(MOST_RUNS, options.runs)) for kind in ("parquet", "csv")]


def compare_kind(kind: str, rows: int, runs: int) -> Measure:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table, register = folder / f"table.{kind}", folder / "register.csv"
        run_script(["scale_files.py", kind, str(table), str(rows)])
        ours, theirs = folder / "ours", folder / "theirs"
        data = ["--data", str(table), "--data", str(register), "--quarter", "2025Q2"]
        framework = ["--framework", str(folder / "framework.yaml")]
        output = ["--format", "csv", "--output", str(ours)]
        files = (str(table), str(register), str(theirs))
        measure = compare_processes(
            f"rank one quarter of {rows:,} observations, {kind.upper()} of "
            f"{table.stat().st_size / 1e6:,.0f} MB",
            YARDSTICK,
            our_command("rank", *data, *framework, *output),
            python_script("scale_duckdb.py", *files, *MONTHS),
            runs=runs,
            limit=1.3,
            peak_limit=MOST_GIB,
        )
        require_equal(f"ranks of the {kind} table", standings(ours), standings(theirs))
    return measure


def standings(path: Path) -> dict[str, list[float]]:
    """Read rank, average and segment of each organisation."""
    columns = ("rank", "average_metric_score", "segment")
    with path.open(newline="") as file:
        return {
            row["org_code"]: [float(row[column]) for column in columns]
            for row in csv.DictReader(file)
        }
