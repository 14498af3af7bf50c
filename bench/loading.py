"""Loading and checking tables and publications, against plain readers and frictionless."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from measures import (
    Measure,
    Options,
    Process,
    compare_processes,
    in_turn,
    measured,
    our_command,
    require_equal,
    require_one_digest,
    timing_of,
)
from publication_files import write_dm01, write_rtt
from tidy_files import SCHEMA, write_faulty_table, write_parquet, write_tidy_table

READERS = {
    ".csv": {
        "loading_polars.py": "plain Polars: scan_csv of its columns, casts",
        "loading_duckdb.py": "DuckDB: read_csv of its columns into a table, casts",
        "loading_pandas.py": "pandas: read_csv of its columns, casts",
    },
    ".parquet": {
        "loading_polars.py": "plain Polars: scan_parquet of its columns, casts",
        "loading_duckdb.py": "DuckDB: read_parquet of its columns into a table, casts",
    },
}
GIGABYTE = 1_000
"""In megabytes. From here on a table is loaded once."""
CHECKED_ROWS = 40_000


def compare_tables(options: Options) -> list[Measure]:
    """Time loading the same rows as CSV and as Parquet."""
    measures = []
    for megabytes in options.sizes(1, 100, GIGABYTE, large=(3 * GIGABYTE,)):
        runs = 1 if megabytes >= GIGABYTE else min(3, options.runs)
        with tempfile.TemporaryDirectory() as folder:
            table, stored = Path(folder, "table.csv"), Path(folder, "table.parquet")
            rows = write_tidy_table(table, megabytes)
            write_parquet(table, stored)
            name = f"load {megabytes:,} MB of CSV, {rows:,} rows"
            measures += _compare_readers(name, table, runs)
            size = f"{stored.stat().st_size / 1e6:,.1f} MB"
            measures += _compare_readers(
                f"load the same {rows:,} rows of Parquet, {size}", stored, runs
            )
    return measures


def _compare_readers(name: str, path: Path, runs: int) -> list[Measure]:
    yardsticks = READERS[path.suffix]
    scripts = [[script, str(path)] for script in ("loading_engine.py", *yardsticks)]
    ours, *others = in_turn(scripts, runs)
    require_one_digest(name, ours, *others)
    return [
        measured(name, yardstick, timing_of(ours), timing_of(theirs))
        for yardstick, theirs in zip(yardsticks.values(), others, strict=True)
    ]


def compare_checking(options: Options) -> list[Measure]:
    """Time the whole check of a table with planted errors, which both have to find."""
    with tempfile.TemporaryDirectory() as folder:
        path, schema = Path(folder, "table.csv"), Path(folder, "schema.json")
        planted = [list(place) for place in write_faulty_table(path, CHECKED_ROWS)]
        schema.write_text(json.dumps(SCHEMA))
        ours = our_command("validate", str(path), "--format", "json", accepts=(4,))
        program = str(Path(sys.executable).with_name("frictionless"))
        theirs = Process(
            [program, "validate", str(path), "--schema", str(schema), "--json", "--trusted"],
            accepts=(1,),
        )
        found = ours.output()
        errors = [[f["row"], f["column"]] for f in found["rows"] if f["severity"] == "error"]
        require_equal("validate", [planted, CHECKED_ROWS], [errors, found["files"][0]["rows_in"]])
        [task] = theirs.output()["tasks"]
        errors = [[error["rowNumber"], error["fieldName"]] for error in task["errors"]]
        require_equal("frictionless", [planted, CHECKED_ROWS], [errors, task["stats"]["rows"]])
        return [
            compare_processes(
                f"nhs-league validate, {path.stat().st_size / 1e6:.1f} MB of CSV, "
                f"{CHECKED_ROWS:,} rows, {len(planted)} errors",
                "frictionless validate by a Table Schema: types, minimum, primary key",
                ours,
                theirs,
                runs=min(3, options.runs),
            )
        ]


def compare_validation(options: Options) -> list[Measure]:
    """Time loading a table with planted errors, all of which must be found."""
    rows = 10_000 if options.is_small else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "waits.csv"
        planted = sorted([row, column] for row, column in write_faulty_table(path, rows))
        ours, theirs = in_turn(
            [["publication_engine.py", "load", str(path)], ["publication_polars.py", str(path)]],
            min(3, options.runs),
        )
    for result in ours:
        require_equal("loading", planted, result["digest"]["errors"])
    return [
        measured(
            f"load and check {rows:,} rows with 20 planted errors",
            "polars.read_csv of text and a cast of both columns of counts",
            timing_of(ours),
            timing_of(theirs),
            limit=None if options.is_small else 3.0,
        )
    ]


def compare_publications(options: Options) -> list[Measure]:
    """Time reading and loading publications, in turn with a scan of the same columns for each."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            _compare_reading(
                f"{how} {what}, zipped", how, path, limit=limit, runs=min(3, options.runs)
            )
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


def compare_large_publication(options: Options) -> list[Measure]:
    """Time loading a gigabyte once, with its peak memory, beside a scan of the same columns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dm01.csv"
        write_dm01(path, 38_000 if options.is_small else 3_800_000)
        limits = {} if options.is_small else {"limit": 4.0, "peak_limit": 2.0}
        name = "load waits for diagnostic tests, CSV"
        return [_compare_reading(name, "load", path, runs=1, readings=1, **limits)]


def _compare_reading(
    name: str, how: str, path: Path, *, runs: int, readings: int = 9, **limits: float
) -> Measure:
    """Time reading a publication in turn with its scan, with equal sums asserted."""
    ours, theirs = in_turn(
        [
            ["publication_engine.py", how, str(path), str(readings)],
            ["publication_polars.py", str(path), str(readings)],
        ],
        runs,
    )
    sums = [result["digest"]["sums"] for result in (*ours, *theirs)]
    for other in sums[1:]:
        require_equal(name, sums[0], other)
    return measured(
        f"{name}, {path.stat().st_size / 1e6:,.1f} MB",
        "a Polars scan of the same columns",
        timing_of(ours),
        timing_of(theirs),
        **limits,
    )


TASKS = {
    "tables": compare_tables,
    "checking": compare_checking,
    "validation": compare_validation,
    "publications": compare_publications,
    "large-publication": compare_large_publication,
}
