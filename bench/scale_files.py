"""Write a long table of counts by month: many organisations and metrics, over several years.

    python bench/scale_files.py csv|parquet PATH ROWS

A register of the organisations and the framework that ranks them are written beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import polars as pl

ORGANISATIONS: Final = 5_000
METRICS: Final = 200
RANKED_METRICS: Final = 30
LAST_MONTH: Final = 12 * 2025 + 5
"""June 2025, counted from year 0: the quarter that is ranked is the last of the table."""


def write_table(kind: str, path: Path, rows: int) -> None:
    """Write so many rows, a month of every organisation and metric after the other."""
    months = rows // (ORGANISATIONS * METRICS)
    frames = [month_frame(LAST_MONTH - back) for back in reversed(range(months))]
    table = pl.concat(frames)
    if kind == "csv":
        table.sink_csv(path)
    else:
        table.sink_parquet(path, row_group_size=1_000_000)


def month_frame(month: int) -> pl.LazyFrame:
    """Lay out one month: counts that differ in every row, and no organisation without any."""
    place = pl.col("place")
    chance = (place + month * ORGANISATIONS * METRICS).hash(seed=1)
    return (
        pl.LazyFrame()
        .select(pl.int_range(ORGANISATIONS * METRICS, dtype=pl.UInt32).alias("place"))
        .with_columns((chance % 900 + 100).cast(pl.UInt32).alias("denominator"))
        .select(
            org_code_expr(place // METRICS),
            pl.format("m{}", place % METRICS).alias("metric_id"),
            pl.lit(f"{month // 12}-{month % 12 + 1:02}").alias("period"),
            ((chance // 1000) % (pl.col("denominator") + 1)).cast(pl.UInt32).alias("numerator"),
            "denominator",
        )
    )


def org_code_expr(number: pl.Expr) -> pl.Expr:
    return pl.format("P{}", (number + 10_000).cast(pl.UInt32)).alias("org_code")


def write_register(path: Path) -> None:
    numbers = pl.LazyFrame().select(pl.int_range(ORGANISATIONS).alias("number"))
    numbers.select(
        org_code_expr(pl.col("number")),
        pl.format("Practice {}", "number").alias("org_name"),
        pl.lit("Practice").alias("trust_type"),
    ).sink_csv(path)


def write_framework(path: Path) -> None:
    """State a framework of rank-scored shares; JSON is YAML."""
    metric = {
        "title": "A share",
        "domain": "all",
        "unit": "percent",
        "polarity": "higher_is_better",
        "basis": "sum",
        "scoring": {"method": "rank"},
    }
    stated = {
        "id": "scale",
        "title": "Scale",
        "applies_to": {"quarters": "2000Q1-"},
        "scale": {"best": 1.0, "worst": 4.0},
        "domains": {"all": "All"},
        "metrics": {f"m{index}": metric for index in range(RANKED_METRICS)},
        "segments": {"method": "quartiles"},
    }
    path.write_text(json.dumps(stated, indent=2))


if __name__ == "__main__":
    where = Path(sys.argv[2])
    write_table(sys.argv[1], where, int(sys.argv[3]))
    write_register(where.with_name("register.csv"))
    write_framework(where.with_name("framework.yaml"))
