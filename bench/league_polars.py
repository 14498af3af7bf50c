"""Rank the sample by headline KPIs straight in Polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from league_rules import (
    HELD_AT,
    HIGH_IS_BAD,
    MIN_METRICS,
    MONTHS,
    OF_ACUTE,
    ROUNDING,
    STANDARDS,
    WEIGHTS,
    Plain,
    Row,
)

NAMES = list(WEIGHTS)


def values(folder: Path, quarter: str) -> pl.DataFrame:
    """Read the organisations with a column of each metric's values."""
    months = pl.col("period").is_in(MONTHS[quarter])

    def monthly(name: str) -> pl.DataFrame:
        return pl.read_csv(folder / "monthly" / f"{name}.csv").filter(months)

    def in_force(file: str, name: str) -> pl.DataFrame:
        is_in_force = pl.lit(quarter).is_between("in_force_from", "in_force_to")
        return pl.read_csv(folder / file).filter(is_in_force).select("org_code", name)

    share = (100 * pl.col("numerator").sum() / pl.col("denominator").sum()).alias("value")
    seconds, incidents = pl.col("mean_seconds"), pl.col("incidents")
    mean = ((seconds * incidents).sum() / incidents.sum() / 60).alias("value")
    reported = pl.col("status") == "reported"
    by_name = {
        name: monthly(name).filter(reported).group_by("org_code").agg(share)
        for name in ("ae_4_hours", "cancer_62_days")
    }
    responses = monthly("ambulance_category_2").filter(reported)
    by_name["ambulance_category_2"] = responses.group_by("org_code").agg(mean)
    waits = monthly("rtt_18_weeks")
    last = waits.filter(pl.col("period") == pl.col("period").max(), reported)
    by_name["rtt_18_weeks"] = last.group_by("org_code").agg(share)
    by_name["inpatient_survey"] = in_force("inpatient_survey.csv", "score")
    by_name["staff_engagement"] = in_force("staff_survey_2024.csv", "staff_engagement")
    by_name["planned_surplus_pct"] = in_force("finance_plan_2025_26.csv", "planned_surplus_pct")
    table = pl.read_csv(folder / "organisations.csv").select("org_code", "trust_type")
    for name in NAMES:
        named = by_name[name].select("org_code", pl.nth(1).cast(pl.Float64).alias(name))
        table = table.join(named, on="org_code", how="left", maintain_order="left")
    return table


def with_value(table: pl.DataFrame, org_code: str, name: str, value: float) -> pl.DataFrame:
    is_own = pl.col("org_code") == org_code
    return table.with_columns(pl.when(is_own).then(value).otherwise(name).alias(name))


def score(name: str) -> pl.Expr:
    """Score a metric from 1 to 4."""
    value = pl.col(name)
    if name in OF_ACUTE:
        value = pl.when(pl.col("trust_type") == "Acute trust").then(value)
    if name == "inpatient_survey":
        return value
    if name == "planned_surplus_pct":
        bands = pl.when(value >= 0).then(1).when(value >= -1).then(2).when(value >= -2).then(3)
        return pl.when(value.is_not_null()).then(bands.otherwise(4)).cast(pl.Float64)
    is_high_bad = name in HIGH_IS_BAD
    if name not in STANDARDS:
        return 1 + 3 * way(value, is_high_bad)
    is_met = value <= STANDARDS[name] if is_high_bad else value >= STANDARDS[name]
    return (
        pl.when(is_met).then(1.0).otherwise(2 + 2 * way(pl.when(~is_met).then(value), is_high_bad))
    )


def way(value: pl.Expr, is_high_bad: bool) -> pl.Expr:
    """Say how far down the ranking a value is, from 0 to 1."""
    others = pl.max_horizontal(value.count().cast(pl.Int64) - 1, 1)
    return (value.rank("min", descending=not is_high_bad).cast(pl.Int64) - 1) / others


def league(table: pl.DataFrame) -> list[Row]:
    """Score, take the mean, cut at the quartiles of each trust type, hold back and rank."""
    scores = {name: pl.col(f"score:{name}") for name in NAMES}
    total = pl.sum_horizontal(one * WEIGHTS[name] for name, one in scores.items())
    weight = pl.sum_horizontal(one.is_not_null() * WEIGHTS[name] for name, one in scores.items())
    has_enough = pl.sum_horizontal(one.is_not_null() for one in scores.values()) >= MIN_METRICS
    mean = (total / weight + ROUNDING).round(2, mode="half_away_from_zero")
    average, segment = pl.col("average"), pl.lit(1)
    for share in (0.25, 0.5, 0.75):
        cut = average.quantile(share, "linear").over("trust_type")
        segment = segment + (average > cut + ROUNDING).cast(pl.Int32)
    is_held = pl.col("segment").is_not_null() & (pl.col("planned_surplus_pct") < 0)
    held = pl.when(is_held).then(pl.max_horizontal("segment", HELD_AT)).otherwise("segment")
    key = pl.col("adjusted_segment") * 100 + average
    return (
        table.with_columns(score(name).alias(f"score:{name}") for name in NAMES)
        .with_columns(pl.when(has_enough).then(mean).alias("average"))
        .with_columns(pl.when(average.is_not_null()).then(segment).alias("segment"))
        .with_columns(held.alias("adjusted_segment"))
        .with_columns(key.rank("min").over("trust_type").alias("rank"))
        .to_dicts()
    )


if __name__ == "__main__":
    Plain(values, with_value, league).main()
