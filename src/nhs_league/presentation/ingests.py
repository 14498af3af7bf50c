"""What came out of publications, metric by metric and period by period."""

from __future__ import annotations

import polars as pl

from nhs_league.presentation.document import Column, Document, Paragraph, Table
from nhs_league.presentation.text import count, number, plural
from nhs_league.sources.dataset import Dataset


def ingest_document(dataset: Dataset) -> Document:
    """Lay out the sums of every metric and period, over all organisations in the files."""
    totals = ingest_totals(dataset)
    columns = [
        Column("Metric", whole=True),
        Column("Period"),
        Column("Ranked", "right"),
        Column("Others", "right"),
        Column("Numerator", "right"),
        Column("Denominator", "right"),
        Column("All together", "right"),
    ]
    rows = [
        (
            row["metric_id"],
            row["period"],
            f"{row['ranked']:,}",
            f"{row['others']:,}",
            count(row["numerator"]),
            count(row["denominator"]),
            _together(row["share"], row["mean"]),
        )
        for row in totals.iter_rows(named=True)
    ]
    said = plural(len(dataset.observations), "observation")
    return [
        Table("Observations by metric and period", columns, rows),
        Paragraph(
            f"{said} of organisations that are ranked. The sums are over these and the others. "
            "--output writes the observations."
        ),
    ]


def ingest_totals(dataset: Dataset) -> pl.DataFrame:
    """Add up every metric and period over all organisations: ``share`` or ``mean``, and its parts.

    A figure that is not reported is in no sum. ``mean`` is that of values by their denominators.
    """
    every = pl.concat(
        [
            dataset.observations.with_columns(pl.lit(True).alias("is_ranked")),
            dataset.others.with_columns(pl.lit(False).alias("is_ranked")),
        ]
    )
    is_counted = pl.col("numerator").is_not_null() & pl.col("denominator").is_not_null()
    is_weighted = pl.col("value").is_not_null() & pl.col("denominator").is_not_null()
    weighted = (pl.col("value") * pl.col("denominator")).filter(is_weighted).sum()
    weights = pl.col("denominator").filter(is_weighted).sum()
    figures = (
        every.group_by("metric_id", "period", "first_month", maintain_order=True)
        .agg(
            pl.col("is_ranked").sum().alias("ranked"),
            (~pl.col("is_ranked")).sum().alias("others"),
            pl.when(is_counted.any()).then(pl.col("numerator").filter(is_counted).sum()),
            pl.when(is_counted.any())
            .then(pl.col("denominator").filter(is_counted).sum())
            .when(is_weighted.any())
            .then(weights)
            .alias("denominator"),
            pl.when(weights > 0).then(weighted / weights).alias("mean"),
        )
        .sort("metric_id", "first_month", "period")
    )
    share = pl.col("numerator") / pl.when(pl.col("denominator") > 0).then("denominator")
    return figures.with_columns(share.alias("share")).drop("first_month")


def _together(share: float | None, mean: float | None) -> str:
    return f"{number(100 * share, 2)}%" if share is not None else number(mean, 2)
