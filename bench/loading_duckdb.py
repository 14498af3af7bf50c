"""The yardstick of loading_engine.py in DuckDB: read the columns into a table, count months."""

from __future__ import annotations

import sys
from typing import Any

import duckdb
from synthetic import print_timed

CONNECTION = duckdb.connect()


def load(path: str) -> None:
    reader = "read_parquet" if path.endswith(".parquet") else "read_csv"
    options = "" if reader == "read_parquet" else ", all_varchar = true"
    CONNECTION.execute(f"""
        CREATE OR REPLACE TABLE observations AS
        SELECT org_code, period, metric_id, numerator::DOUBLE AS numerator,
            denominator::DOUBLE AS denominator,
            12 * period[1:4]::INT + period[6:7]::INT - 1 AS first_month
        FROM {reader}('{path}'{options})""")


def digest(_: None) -> list[Any]:
    found = CONNECTION.execute("""
        SELECT count(*), count(DISTINCT org_code), count(DISTINCT metric_id),
            count(DISTINCT period), sum(numerator), sum(denominator)
        FROM observations""").fetchone()
    return list(found or ())


if __name__ == "__main__":
    given = sys.argv[1]
    print_timed(lambda: load(given), digest)
