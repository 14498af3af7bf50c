"""The yardstick of scoring_engine.py in DuckDB's SQL: the same arithmetic on the same values."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import duckdb
from synthetic import (
    HELD_BELOW,
    NAMES,
    league_digest,
    organisations_asked,
    print_timed,
    values_frame,
)


def values(organisations: int) -> duckdb.DuckDBPyConnection:
    """Load the values into a table, which is no part of scoring."""
    connection = duckdb.connect()
    columns = ", ".join(f'"value:{name}" AS {name}' for name in NAMES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "values.parquet")
        values_frame(organisations).write_parquet(path)
        connection.execute(f"""
            CREATE TABLE metric_values AS
            SELECT org_code::BIGINT AS place, peer_group, {columns} FROM '{path}'""")
    return connection


def score(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Score by rank, take the mean, cut at the quartiles, hold back and rank.

    A query a metric is quicker than a window for each in one query, or than one over all of them.
    """
    scores = " UNION ALL ".join(
        f"""SELECT place, 1 + 3 * (rank() OVER (ORDER BY {name} DESC) - 1)
            / ((SELECT count({name}) FROM metric_values) - 1)::DOUBLE AS score
        FROM metric_values WHERE {name} IS NOT NULL"""
        for name in NAMES
    )
    connection.execute(f"CREATE OR REPLACE TABLE scored AS {scores}")
    return connection.execute(f"""
        CREATE OR REPLACE TABLE ranked AS
        WITH averaged AS (SELECT place, floor((avg(score) + 1e-9) * 100 + 0.5) / 100 AS average
            FROM scored GROUP BY place),
        cuts AS (SELECT quantile_cont(average, [0.25, 0.5, 0.75]) AS cut FROM averaged),
        cut AS (SELECT *, 1 + (average > cut[1] + 1e-9)::INT + (average > cut[2] + 1e-9)::INT
            + (average > cut[3] + 1e-9)::INT AS segment FROM averaged, cuts),
        held AS (SELECT *, CASE WHEN m0 < {HELD_BELOW} THEN greatest(segment, 3) ELSE segment END
            AS adjusted_segment FROM cut JOIN metric_values USING (place))
        SELECT place, average, segment, adjusted_segment,
            rank() OVER (PARTITION BY peer_group ORDER BY adjusted_segment, average) AS rank
        FROM held""")


def digest(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    ranked = connection.execute(
        "SELECT average, adjusted_segment, rank FROM ranked ORDER BY place"
    ).fetchnumpy()
    return league_digest(*(ranked[name] for name in ("average", "adjusted_segment", "rank")))


if __name__ == "__main__":
    given = values(organisations_asked())
    print_timed(lambda: score(given), digest)
