"""Rank the sample by headline KPIs in DuckDB's SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
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


def values(folder: Path, quarter: str) -> duckdb.DuckDBPyConnection:
    """Read the organisations with a column of each metric's values, into a table."""
    months = "', '".join(MONTHS[quarter])
    share = "100 * sum(numerator) / sum(denominator)"

    def monthly(name: str, value: str, more: str = "") -> str:
        file = folder / "monthly" / f"{name}.csv"
        return f"""
            SELECT org_code, {value} AS value
            FROM read_csv('{file}', types = {{'period': 'VARCHAR'}})
            WHERE period IN ('{months}') AND status = 'reported' {more}
            GROUP BY org_code"""

    def in_force(file: str, column: str) -> str:
        return f"""
            SELECT org_code, {column} AS value FROM read_csv('{folder / file}')
            WHERE '{quarter}' BETWEEN in_force_from AND in_force_to"""

    mean = "sum(mean_seconds * incidents) / sum(incidents) / 60"
    waits = folder / "monthly" / "rtt_18_weeks.csv"
    last = f"""AND period = (
        SELECT max(period) FROM read_csv('{waits}', types = {{'period': 'VARCHAR'}})
        WHERE period IN ('{months}'))"""
    queries = {
        "ae_4_hours": monthly("ae_4_hours", share),
        "ambulance_category_2": monthly("ambulance_category_2", mean),
        "cancer_62_days": monthly("cancer_62_days", share),
        "rtt_18_weeks": monthly("rtt_18_weeks", share, last),
        "inpatient_survey": in_force("inpatient_survey.csv", "score"),
        "staff_engagement": in_force("staff_survey_2024.csv", "staff_engagement"),
        "planned_surplus_pct": in_force("finance_plan_2025_26.csv", "planned_surplus_pct"),
    }
    columns = ", ".join(f"{name}.value::DOUBLE AS {name}" for name in queries)
    joins = " ".join(
        f"LEFT JOIN ({query}) AS {name} ON {name}.org_code = o.org_code"
        for name, query in queries.items()
    )
    connection = duckdb.connect()
    connection.execute(f"""
        CREATE TABLE metric_values AS
        SELECT o.org_code, o.trust_type, {columns}
        FROM read_csv('{folder / "organisations.csv"}') AS o {joins}""")
    return connection


def with_value(
    connection: duckdb.DuckDBPyConnection, org_code: str, name: str, value: float
) -> duckdb.DuckDBPyConnection:
    """Copy the database with a value changed."""
    changed = duckdb.connect()
    changed.execute("CREATE TABLE metric_values (org_code VARCHAR, trust_type VARCHAR)")
    for metric in WEIGHTS:
        changed.execute(f"ALTER TABLE metric_values ADD COLUMN {metric} DOUBLE")
    rows = connection.execute("FROM metric_values").fetchall()
    changed.executemany(f"INSERT INTO metric_values VALUES ({', '.join('?' * len(rows[0]))})", rows)
    changed.execute(f"UPDATE metric_values SET {name} = ? WHERE org_code = ?", [value, org_code])
    return changed


def score(name: str) -> str:
    """Score a metric from 1 to 4."""
    if name == "inpatient_survey":
        return name
    if name == "planned_surplus_pct":
        return f"""CASE WHEN {name} >= 0 THEN 1.0 WHEN {name} >= -1 THEN 2.0
            WHEN {name} >= -2 THEN 3.0 WHEN {name} IS NOT NULL THEN 4.0 END"""
    is_in = f"{name} IS NOT NULL"
    if name in OF_ACUTE:
        is_in += " AND trust_type = 'Acute trust'"
    order = "ASC" if name in HIGH_IS_BAD else "DESC"
    if name not in STANDARDS:
        return f"CASE WHEN {is_in} THEN 1 + 3 * {way(name, is_in, order)} END"
    is_met = f"{name} {'<=' if name in HIGH_IS_BAD else '>='} {STANDARDS[name]}"
    missed = way(name, f"{is_in} AND NOT {is_met}", order)
    return f"""CASE WHEN NOT ({is_in}) THEN NULL WHEN {is_met} THEN 1.0
        ELSE 2 + 2 * {missed} END"""


def way(name: str, is_in: str, order: str) -> str:
    """Say how far down the ranking a value is, from 0 to 1."""
    side = f"PARTITION BY ({is_in})"
    return f"""(rank() OVER ({side} ORDER BY {name} {order}) - 1)
        / greatest(count(*) OVER ({side}) - 1, 1)::DOUBLE"""


def league(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Score, take the mean, cut at the quartiles of each trust type, hold back and rank."""
    scores = ", ".join(f'({score(name)})::DOUBLE AS "score:{name}"' for name in WEIGHTS)
    total = " + ".join(f'coalesce("score:{name}", 0) * {w}' for name, w in WEIGHTS.items())
    weight = " + ".join(f'("score:{name}" IS NOT NULL)::INT * {w}' for name, w in WEIGHTS.items())
    count = " + ".join(f'("score:{name}" IS NOT NULL)::INT' for name in WEIGHTS)
    segment = " + ".join(
        f"(average > quantile_cont(average, {share}) OVER (PARTITION BY trust_type) + {ROUNDING})"
        "::INT"
        for share in (0.25, 0.5, 0.75)
    )
    result = connection.execute(f"""
        WITH scored AS (SELECT *, {scores} FROM metric_values),
        averaged AS (SELECT *, CASE WHEN {count} >= {MIN_METRICS}
            THEN floor((({total}) / nullif({weight}, 0) + {ROUNDING}) * 100 + 0.5) / 100
            END AS average FROM scored),
        cut AS (SELECT *, 1 + {segment} AS segment FROM averaged),
        held AS (SELECT *, CASE WHEN segment IS NULL THEN NULL WHEN planned_surplus_pct < 0
            THEN greatest(segment, {HELD_AT}) ELSE segment END AS adjusted_segment FROM cut)
        SELECT *, CASE WHEN average IS NOT NULL THEN
            rank() OVER (PARTITION BY trust_type, average IS NULL
                ORDER BY adjusted_segment, average) END AS rank
        FROM held""")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


if __name__ == "__main__":
    Plain(values, with_value, league).main()
