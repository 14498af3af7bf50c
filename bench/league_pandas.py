"""Rank the sample by headline KPIs straight in pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
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


def values(folder: Path, quarter: str) -> pd.DataFrame:
    """Read the organisations with a column of each metric's values."""

    def monthly(name: str) -> pd.DataFrame:
        rows = pd.read_csv(folder / "monthly" / f"{name}.csv")
        return rows[rows["period"].isin(MONTHS[quarter])]

    def share(rows: pd.DataFrame) -> pd.Series:
        reported = rows[rows["status"] == "reported"]
        sums = reported.groupby("org_code")[["numerator", "denominator"]].sum()
        return 100 * sums["numerator"] / sums["denominator"]

    def in_force(file: str, column: str) -> pd.Series:
        rows = pd.read_csv(folder / file)
        is_in_force = (rows["in_force_from"] <= quarter) & (quarter <= rows["in_force_to"])
        return rows[is_in_force].set_index("org_code")[column].astype(float)

    waits = monthly("rtt_18_weeks")
    calls = monthly("ambulance_category_2").query("status == 'reported'")
    calls = calls.assign(seconds=calls["mean_seconds"] * calls["incidents"])
    sums = calls.groupby("org_code")[["seconds", "incidents"]].sum()
    by_name = {
        "ae_4_hours": share(monthly("ae_4_hours")),
        "ambulance_category_2": sums["seconds"] / sums["incidents"] / 60,
        "cancer_62_days": share(monthly("cancer_62_days")),
        "rtt_18_weeks": share(waits[waits["period"] == waits["period"].max()]),
        "inpatient_survey": in_force("inpatient_survey.csv", "score"),
        "staff_engagement": in_force("staff_survey_2024.csv", "staff_engagement"),
        "planned_surplus_pct": in_force("finance_plan_2025_26.csv", "planned_surplus_pct"),
    }
    trusts = pd.read_csv(folder / "organisations.csv").set_index("org_code")[["trust_type"]]
    return trusts.assign(**by_name)


def with_value(table: pd.DataFrame, org_code: str, name: str, value: float) -> pd.DataFrame:
    changed = table.copy()
    changed.loc[org_code, name] = value
    return changed


def score(table: pd.DataFrame, name: str) -> pd.Series:
    """Score a metric from 1 to 4."""
    value = table[name]
    if name in OF_ACUTE:
        value = value.where(table["trust_type"] == "Acute trust")
    if name == "inpatient_survey":
        return value
    if name == "planned_surplus_pct":
        bands = np.select([value >= 0, value >= -1, value >= -2], [1.0, 2.0, 3.0], 4.0)
        return pd.Series(bands, table.index).where(value.notna())
    is_high_bad = name in HIGH_IS_BAD
    if name not in STANDARDS:
        return 1 + 3 * way(value, is_high_bad)
    is_met = value <= STANDARDS[name] if is_high_bad else value >= STANDARDS[name]
    return (2 + 2 * way(value.mask(is_met), is_high_bad)).mask(is_met, 1.0)


def way(value: pd.Series, is_high_bad: bool) -> pd.Series:
    """Say how far down the ranking a value is, from 0 to 1."""
    return (value.rank(method="min", ascending=is_high_bad) - 1) / max(value.count() - 1, 1)


def league(table: pd.DataFrame) -> list[Row]:
    """Score, take the mean, cut at the quartiles of each trust type, hold back and rank."""
    scores = pd.DataFrame({name: score(table, name) for name in WEIGHTS})
    weights = pd.Series(WEIGHTS)
    mean = (scores * weights).sum(axis=1) / (scores.notna() * weights).sum(axis=1)
    mean = np.floor((mean + ROUNDING) * 100 + 0.5) / 100
    average = mean.where(scores.count(axis=1) >= MIN_METRICS)
    by_type = average.groupby(table["trust_type"])
    segment = 1 + sum(
        (average > by_type.transform("quantile", share) + ROUNDING).astype(int)
        for share in (0.25, 0.5, 0.75)
    )
    adjusted = segment.mask(table["planned_surplus_pct"] < 0, segment.clip(lower=HELD_AT))
    key = adjusted * 100 + average
    ranked = table.join(scores.add_prefix("score:")).assign(
        average=average,
        segment=segment,
        adjusted_segment=adjusted,
        rank=key.groupby(table["trust_type"]).rank(method="min"),
    )
    ranked.loc[average.isna(), ["segment", "adjusted_segment"]] = None
    whole = ranked.astype(dict.fromkeys(("segment", "adjusted_segment", "rank"), "Int64"))
    return (
        whole.reset_index()
        .astype(object)
        .where(whole.reset_index().notna(), None)
        .to_dict("records")
    )


if __name__ == "__main__":
    Plain(values, with_value, league).main()
