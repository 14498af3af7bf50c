"""Write the sample's figures in the layout of the Oversight Framework's own data files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from nhs_league.resources import sample_directory

RESULTS: Final = {
    "average_metric_score": "OF5002",
    "segment": "OF5003",
    "financial_override": "OF5004",
    "adjusted_segment": "OF5000",
    "access_score": "OF4000",
    "patient_safety_score": "OF4002",
    "finance_and_productivity_score": "OF4003",
    "people_and_workforce_score": "OF4004",
    "effectiveness_and_experience_score": "OF4005",
    "access_segment": "OF4100",
    "patient_safety_segment": "OF4102",
    "finance_and_productivity_segment": "OF4103",
    "people_and_workforce_segment": "OF4104",
    "effectiveness_and_experience_segment": "OF4105",
}


def write_published_files(folder: Path) -> list[Path]:
    """Write a file a trust type, three quarters in each, and list them."""
    sample = sample_directory()
    organisations = pl.read_csv(sample / "organisations.csv")
    metrics = pl.read_csv(sample / "nof_2025_26_metrics.csv").select(
        "quarter", "org_code", "metric_id", "units", "value", pl.col("rank_in_type").alias("rank")
    )
    published = pl.read_csv(sample / "nof_2025_26_published.csv")
    is_ranked = pl.col("metric_id") == "OF5000"
    results = (
        published.unpivot(
            on=list(RESULTS),
            index=["quarter", "org_code", "league_rank"],
            variable_name="metric_id",
        )
        .with_columns(pl.col("metric_id").replace(RESULTS), pl.lit("score").alias("units"))
        .with_columns(pl.when(is_ranked).then("league_rank").alias("rank"))
        .select(*metrics.columns)
    )
    rows = (
        pl.concat([metrics, results], how="vertical_relaxed")
        .drop_nulls("value")
        .join(organisations, on="org_code", maintain_order="left")
        .select(
            pl.col("quarter").alias("Quarter"),
            pl.col("region").alias("Region"),
            pl.col("trust_type").alias("Trust_type"),
            pl.col("trust_subtype").alias("Trust_subtype"),
            pl.col("org_code").alias("Trust_code"),
            pl.col("org_name").alias("Trust_name"),
            pl.lit("Domain").alias("Domain"),
            pl.lit("Sub-domain").alias("Sub-domain"),
            pl.col("metric_id").alias("Metric_ID"),
            pl.format("Description of {}", "metric_id").alias("Metric_description"),
            pl.col("quarter").alias("Reporting_date"),
            pl.col("units").alias("Units"),
            pl.col("value").alias("Value"),
            pl.lit(None).alias("Median_value"),
            pl.lit(None).alias("Lower_quartile"),
            pl.lit(None).alias("Upper_quartile"),
            pl.col("rank").alias("Rank"),
        )
    )
    paths = []
    for (trust_type,), group in rows.group_by("Trust_type", maintain_order=True):
        name = f"{str(trust_type).lower().replace(' ', '-')}-data.csv"
        group.write_csv(folder / name)
        paths.append(folder / name)
    return paths
