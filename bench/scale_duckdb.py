"""Rank a long table by DuckDB: the yardstick of nhs-league on the tables of scale_files.py.

    python bench/scale_duckdb.py TABLE REGISTER OUTPUT MONTH...

Every row is checked, as nhs-league does: a known period, a code, and counts that are numbers, not
below zero. It stops where one is not, or stands twice. Equal figures of a metric share the best
rank; averages are cut at their quartiles and ranked unrounded, and shown with two decimals.
"""

from __future__ import annotations

import sys

import duckdb
from scale_files import RANKED_METRICS

MEMORY = "6GiB"
IS_PLAIN = """
    coalesce(trim(org_code), '') <> '' AND coalesce(trim(metric_id), '') <> ''
    AND regexp_full_match(period, '(19|20)[0-9]{2}-(0[1-9]|1[0-2])')
    AND coalesce(TRY_CAST(numerator AS DOUBLE) >= 0, false)
    AND coalesce(TRY_CAST(denominator AS DOUBLE) >= 0, false)
"""


def source(table: str) -> str:
    """Read every column of a CSV file as text, since what stands there is to be checked."""
    if table.endswith(".csv"):
        return f"read_csv('{table}', all_varchar = true, header = true, quote = '\"')"
    return f"read_parquet('{table}')"


def rank(table: str, register: str, output: str, months: list[str]) -> None:
    connection = duckdb.connect(config={"threads": 2, "memory_limit": MEMORY})
    metrics = [f"m{index}" for index in range(RANKED_METRICS)]
    wrong = connection.execute(
        f"""
        CREATE TEMP TABLE wanted AS
        SELECT org_code, metric_id, period, TRY_CAST(numerator AS DOUBLE) AS numerator,
            TRY_CAST(denominator AS DOUBLE) AS denominator, {IS_PLAIN} AS is_plain
        FROM {source(table)}
        WHERE NOT coalesce({IS_PLAIN}, false)
            OR (period IN (SELECT unnest($1)) AND metric_id IN (SELECT unnest($2)))
        """,
        [months, metrics],
    ).sql("SELECT count(*) FROM wanted WHERE NOT coalesce(is_plain, false)")
    [(count,)] = wrong.fetchall()
    [(repeats,)] = connection.sql(
        "SELECT count(*) - count(DISTINCT (org_code, metric_id, period)) FROM wanted"
    ).fetchall()
    if count or repeats:
        sys.exit(f"{count} rows are not in order, {repeats} stand twice")
    connection.execute(
        f"""
        CREATE TEMP TABLE ranked AS
        WITH shares AS (
            SELECT org_code, metric_id, 100 * sum(numerator) / sum(denominator) AS share
            FROM wanted GROUP BY ALL
        ), scores AS (
            SELECT org_code, 1 + 3 * (rank() OVER best - 1)
                / (count(*) OVER (PARTITION BY metric_id) - 1) AS score
            FROM shares WINDOW best AS (PARTITION BY metric_id ORDER BY round(share, 9) DESC)
        ), averages AS (
            SELECT org_code, round(avg(score), 9) AS average FROM scores GROUP BY org_code
        ), cuts AS (
            SELECT quantile_cont(average, [0.25, 0.5, 0.75]) AS bounds FROM averages
        ), segments AS (
            SELECT *, 1 + len(list_filter(bounds, lambda bound: average > bound + 1e-9)) AS segment
            FROM averages, cuts
        )
        SELECT org_code, rank() OVER (ORDER BY segment, average) AS rank,
            round(average + 1e-9, 2) AS average_metric_score, segment
        FROM segments JOIN read_csv('{register}') USING (org_code)
        """
    )
    connection.execute(f"COPY (FROM ranked ORDER BY rank, org_code) TO '{output}' (HEADER)")


if __name__ == "__main__":
    rank(*sys.argv[1:4], sys.argv[4:])
