"""Keep where observations came from first, when a table says so, as what ``ingest`` writes does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import polars as pl

from nhs_league.sources.tabular import ROW, TextTable
from nhs_league.sources.tidy import TidyHeaders
from nhs_league.spreadsheet_text import unguarded

_INGESTED_TEXTS: Final = ("org_code", "metric_id", "source_file", "unit")
"""The columns of what ``ingest`` writes in which any text may stand."""

_STATED_SCHEMA: Final[dict[str, pl.DataType]] = {
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
    "stated_file": pl.String(),
    "stated_row": pl.UInt32(),
}


def sources_stated_in(tables: Iterable[TextTable], tidy: TidyHeaders) -> pl.DataFrame:
    """List the rows that name a file and a row of their own, as ``stated_file``, ``stated_row``."""
    found = [pl.DataFrame(schema=_STATED_SCHEMA)]
    for table in tables:
        headers = {tidy.known(header): header for header in table.columns}
        if not {"source_file", "source_row"} <= headers.keys():
            continue
        stated = table.frame.select(
            pl.lit(table.name).alias("source_file"),
            pl.col(ROW).cast(pl.UInt32).alias("source_row"),
            pl.col(headers["source_file"]).str.strip_chars().alias("stated_file"),
            pl.col(headers["source_row"])
            .str.strip_chars()
            .cast(pl.UInt32, strict=False)
            .alias("stated_row"),
        )
        found.append(stated.filter(pl.col("stated_file") != "", pl.col("stated_row") > 0))
    return pl.concat(found)


def as_ingested(table: TextTable) -> TextTable:
    """Take away the apostrophes that kept texts of a CSV file by ``ingest`` from being formulas."""
    if not {"metric_id", "source_file", "source_row"} <= set(table.columns):
        return table
    texts = [name for name in _INGESTED_TEXTS if name in table.columns]
    return replace(table, frame=table.frame.with_columns(unguarded(pl.col(texts))))


def with_stated_sources(observations: pl.DataFrame, stated: pl.DataFrame) -> pl.DataFrame:
    """Give observations the file and row that their own row names, where it does."""
    if stated.is_empty():
        return observations
    return (
        observations.join(
            stated, on=["source_file", "source_row"], how="left", maintain_order="left"
        )
        .with_columns(
            pl.coalesce("stated_file", "source_file").alias("source_file"),
            pl.coalesce("stated_row", "source_row").alias("source_row"),
        )
        .drop("stated_file", "stated_row")
    )
