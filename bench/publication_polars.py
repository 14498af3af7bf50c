"""Scan the same columns of a publication, or read and cast a table, straight in Polars.

python bench/publication_polars.py PATH [RUNS]
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterable

import polars as pl
from publication_timing import timed

Columns = dict[str, tuple[list[str], str]]


def read(path: str) -> dict[str, object]:
    """Add up each metric over all organisations by a scan that is written for the one layout."""
    source: str | bytes = path
    if path.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            source = archive.read(archive.namelist()[0])
    header = pl.read_csv(io.BytesIO(source) if isinstance(source, bytes) else source, n_rows=0)
    if "Diagnostic Tests" in header.columns:
        bands = [name for name in header.columns if _week(name) is not None and _week(name) >= 6]
        metrics: Columns = {"diagnostics_6_weeks": (bands, "Total WL")}
        is_read = pl.col("Diagnostic Tests") != "TOTAL"
    elif "RTT Part Type" in header.columns:
        weeks = [name for name in header.columns if name.startswith("Gt ")]
        metrics = {
            "rtt_18_weeks": ([name for name in weeks if _week(name) < 18], "Total All"),
            "rtt_52_weeks": ([name for name in weeks if _week(name) >= 52], "Total All"),
        }
        is_read = (pl.col("RTT Part Type") == "Part_2") & (
            pl.col("Treatment Function Code") == "C_999"
        )
    else:
        counts = ["numerator", "denominator"]
        pl.read_csv(source, infer_schema=False).with_columns(
            pl.col(counts).cast(pl.Float64, strict=False)
        )
        return {"sums": []}
    return {"sums": _sums(source, metrics, is_read)}


def _sums(source: str | bytes, metrics: Columns, is_read: pl.Expr) -> list[tuple[object, ...]]:
    needed = _unique(name for bands, total in metrics.values() for name in [*bands, total])
    frame = (
        pl.scan_csv(source, infer_schema=False)
        .filter(is_read)
        .select("Provider Org Code", "Period", pl.col(needed).cast(pl.Float64))
        .group_by("Provider Org Code", "Period")
        .agg(
            expr
            for name, (bands, total) in metrics.items()
            for expr in (
                pl.sum_horizontal(bands).sum().alias(f"{name}:numerator"),
                pl.col(total).sum().alias(f"{name}:denominator"),
            )
        )
        .collect(engine="streaming")
    )
    return [
        (name, frame[f"{name}:numerator"].sum(), frame[f"{name}:denominator"].sum())
        for name in sorted(metrics)
    ]


def _week(name: str) -> int:
    found = re.match(r"(?:Gt )?(\d+)", name)
    return -1 if found is None else int(found[1])


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


if __name__ == "__main__":
    timed(read, sys.argv[1:])
