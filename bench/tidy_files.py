"""Write tidy tables of counts: of some size, as CSV and as Parquet, and with planted errors."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from nhs_league.resources import sample_directory

MONTHS: Final = 180
PLANTED: Final = 20
PART_ROWS: Final = 5_000_000
COLUMNS: Final = ("org_code", "period", "metric_id", "numerator", "denominator")
SCHEMA: Final = {
    "fields": [
        {"name": "org_code", "type": "string", "constraints": {"required": True}},
        {"name": "period", "type": "yearmonth", "constraints": {"required": True}},
        {"name": "metric_id", "type": "string", "constraints": {"required": True}},
        {"name": "numerator", "type": "number", "constraints": {"minimum": 0}},
        {"name": "denominator", "type": "number", "constraints": {"minimum": 0}},
    ],
    "primaryKey": ["org_code", "period", "metric_id"],
}
"""A Table Schema of the table, which asks for what loading it asks for."""


def tidy_rows(first: int, rows: int) -> pl.DataFrame:
    """Lay out rows, none of which states what another does; nobody reads names and regions."""
    number = pl.int_range(first, first + rows, eager=True)
    known = pl.read_csv(sample_directory() / "organisations.csv")
    month, own = number // len(known), number % len(known)
    counts = (number.hash(seed=1) % 4_001).cast(pl.Int64)
    return pl.DataFrame({"number": number}).select(
        *(known[name].gather(own).alias(name) for name in ("org_code", "org_name", "region")),
        pl.format(
            "{}-{}", 2010 + month % MONTHS // 12, (month % 12 + 1).cast(pl.String).str.zfill(2)
        ).alias("period"),
        pl.format("m{}", month // MONTHS).alias("metric_id"),
        counts.alias("numerator"),
        (counts + 1_000).alias("denominator"),
    )


def write_tidy_table(path: Path, megabytes: int) -> int:
    """Write a sound table of about so many megabytes, part by part; give its number of rows."""
    a_row = len(tidy_rows(0, 100_000).write_csv()) / 100_000
    rows = round(megabytes * 1e6 / a_row)
    with path.open("wb") as file:
        for first in range(0, rows, PART_ROWS):
            part = tidy_rows(first, min(PART_ROWS, rows - first))
            part.write_csv(file, include_header=first == 0)
    return rows


def write_parquet(table: Path, path: Path) -> None:
    """Write the rows of a CSV file as Parquet."""
    pl.scan_csv(table).sink_parquet(path)


def write_faulty_table(path: Path, rows: int) -> list[tuple[int, str]]:
    """Write a table of counts, and list the row and column of every planted error."""
    frame = tidy_rows(0, rows).select(pl.col(COLUMNS).cast(pl.String))
    places = [(17 + fault * (rows // PLANTED), fault % 2) for fault in range(PLANTED)]
    wrong = {0: "numerator", 1: "denominator"}
    for place, which in places:
        is_here = pl.int_range(rows) == place
        column = wrong[which]
        frame = frame.with_columns(
            pl.when(is_here).then(pl.lit("12x")).otherwise(column).alias(column)
        )
    frame.write_csv(path)
    return [(place + 2, wrong[which]) for place, which in places]
