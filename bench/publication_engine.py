"""Read a publication, or a faulty table, with all that loading data does.

python bench/publication_engine.py PATH [RUNS]
"""

from __future__ import annotations

import sys

import polars as pl
from publication_timing import timed

from nhs_league import load_data


def read(path: str) -> dict[str, object]:
    """Load data; give the sums of each metric over all organisations, and the errors found."""
    dataset = load_data([path])
    every = pl.concat([dataset.observations, dataset.others])
    sums = (
        every.group_by("metric_id").agg(pl.col("numerator", "denominator").sum()).sort("metric_id")
    )
    is_publication = dataset.files[0].layout == "publication"
    errors = [(f.row, f.column) for f in dataset.findings if f.severity == "error"]
    return {"sums": sums.rows() if is_publication else [], "errors": sorted(errors)}


if __name__ == "__main__":
    timed(read, sys.argv[1:])
