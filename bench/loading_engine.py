"""Load a tidy table with all that loading data does.

python bench/loading_engine.py PATH
"""

from __future__ import annotations

import sys
from typing import Any

from synthetic import print_timed

from nhs_league import Dataset, load_data


def digest(dataset: Dataset) -> list[Any]:
    rows = dataset.observations
    return [
        rows.height,
        rows["org_code"].n_unique(),
        rows["metric_id"].n_unique(),
        rows["period"].n_unique(),
        rows["numerator"].sum(),
        rows["denominator"].sum(),
    ]


if __name__ == "__main__":
    path = sys.argv[1]
    print_timed(lambda: load_data([path]), digest)
