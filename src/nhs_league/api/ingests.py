"""Observations as a table of their own, to be written and read back."""

from __future__ import annotations

from typing import Final

import polars as pl

from nhs_league.sources.dataset import Dataset

INGEST_COLUMNS: Final = (
    "org_code",
    "metric_id",
    "period",
    "value",
    "numerator",
    "denominator",
    "status",
    "source_file",
    "source_row",
)
"""The columns that every table of observations has, in their order."""


def ingested(dataset: Dataset, *, every_organisation: bool = False) -> pl.DataFrame:
    """Give a dataset's observations under ``INGEST_COLUMNS``, by metric, organisation and period.

    ``unit`` and ``published_rank`` follow where any observation has one. With
    ``every_organisation`` those are there too that are not in the register and never ranked.
    ``load_data`` reads the table back, and keeps the files and rows that it names.
    """
    frames = [dataset.observations]
    if every_organisation:
        frames.append(dataset.others)
    rows = pl.concat(frames).sort(
        "metric_id", "org_code", "first_month", "last_month", maintain_order=True
    )
    more = [name for name in ("unit", "published_rank") if rows[name].is_not_null().any()]
    return rows.select(*INGEST_COLUMNS, *more)
