"""The yardstick of loading_engine.py in pandas, of CSV alone: read the columns, count months."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
from synthetic import print_timed

KEYS = ("org_code", "period", "metric_id")
COUNTS = ("numerator", "denominator")


def load(path: str) -> pd.DataFrame:
    types = dict.fromkeys(KEYS, "str") | dict.fromkeys(COUNTS, "float64")
    rows = pd.read_csv(path, usecols=list(types), dtype=types)
    months = rows["period"].str.slice(5, 7).astype("int32")
    years = rows["period"].str.slice(0, 4).astype("int32")
    rows["first_month"] = 12 * years + months - 1
    return rows


def digest(rows: pd.DataFrame) -> list[Any]:
    return [
        len(rows),
        *(rows[name].nunique() for name in ("org_code", "metric_id", "period")),
        *(float(rows[name].sum()) for name in COUNTS),
    ]


if __name__ == "__main__":
    given = sys.argv[1]
    print_timed(lambda: load(given), digest)
