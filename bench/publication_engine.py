"""Read a publication by its spec, or load it or a faulty table with all that loading data does.

python bench/publication_engine.py read|load PATH [RUNS]
"""

from __future__ import annotations

import sys

import polars as pl
from publication_timing import timed

from nhs_league import load_data, load_sources
from nhs_league.sources.files import find_files
from nhs_league.sources.opened import open_files

CATALOGUE = load_sources()


def load(path: str) -> dict[str, object]:
    """Load data; give the sums of each metric over all organisations, and the errors found."""
    dataset = load_data([path])
    errors = [(f.row, f.column) for f in dataset.findings if f.severity == "error"]
    if dataset.files[0].layout != "publication":
        return {"sums": [], "errors": sorted(errors)}
    return {"sums": sums_of(pl.concat([dataset.observations, dataset.others])), "errors": errors}


def read(path: str) -> dict[str, object]:
    """Read a publication into observations, with the account of its rows; give the sums."""
    [publication], _ = open_files(find_files([path]), CATALOGUE)
    return {"sums": sums_of(publication.read.observations)}


def sums_of(observations: pl.DataFrame) -> list[tuple[object, ...]]:
    """Add up each metric."""
    sums = pl.col("numerator", "denominator").sum()
    return observations.group_by("metric_id").agg(sums).sort("metric_id").rows()


if __name__ == "__main__":
    timed({"read": read, "load": load}[sys.argv[1]], sys.argv[2:])
