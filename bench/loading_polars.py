"""The yardstick of loading_engine.py in Polars: read the columns, cast counts, count months."""

from __future__ import annotations

import sys
from typing import Any

import polars as pl
from synthetic import print_timed

KEYS = ("org_code", "period", "metric_id")
COUNTS = ("numerator", "denominator")


def load(path: str) -> pl.DataFrame:
    is_parquet = path.endswith(".parquet")
    table = pl.scan_parquet(path) if is_parquet else pl.scan_csv(path, infer_schema=False)
    year, month = pl.col("period").str.slice(0, 4), pl.col("period").str.slice(5, 2)
    return (
        table.select(*KEYS, pl.col(COUNTS).cast(pl.Float64))
        .with_columns((12 * year.cast(pl.Int32) + month.cast(pl.Int32) - 1).alias("first_month"))
        .collect()
    )


def digest(rows: pl.DataFrame) -> list[Any]:
    return [
        rows.height,
        *(rows[name].n_unique() for name in ("org_code", "metric_id", "period")),
        *(rows[name].sum() for name in COUNTS),
    ]


if __name__ == "__main__":
    given = sys.argv[1]
    print_timed(lambda: load(given), digest)
