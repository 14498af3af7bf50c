"""The yardstick of scoring_engine.py: the same arithmetic written straight in Polars."""

from __future__ import annotations

import polars as pl
from scoring_engine import digest
from synthetic import HELD_BELOW, NAMES, organisations_asked, print_timed, values_frame


def score(frame: pl.DataFrame) -> pl.DataFrame:
    """Score by rank, take the mean, cut at the quartiles, hold back and rank."""
    values = {name: pl.col(f"value:{name}") for name in NAMES}
    scored = frame.with_columns(
        (1 + 3 * (value.rank("min", descending=True) - 1) / (value.count() - 1)).alias(name)
        for name, value in values.items()
    )
    weights = pl.sum_horizontal(pl.col(name).is_not_null() * 1.0 for name in NAMES)
    mean = pl.sum_horizontal(pl.col(name) * 1.0 for name in NAMES) / weights
    averaged = scored.with_columns(
        mean.round(2, mode="half_away_from_zero").alias("average_metric_score")
    )
    average = pl.col("average_metric_score")
    segment = pl.lit(1, pl.Int64)
    for share in (0.25, 0.5, 0.75):
        segment = segment + (average > average.quantile(share, "linear") + 1e-9).cast(pl.Int64)
    is_held = (pl.col("value:m0") < HELD_BELOW).fill_null(False)
    held = pl.when(is_held).then(pl.max_horizontal("segment", 3)).otherwise("segment")
    key = pl.col("adjusted_segment") * 100 + average
    return (
        averaged.with_columns(segment.alias("segment"))
        .with_columns(held.alias("adjusted_segment"))
        .with_columns(key.rank("min").over("peer_group").alias("rank"))
    )


if __name__ == "__main__":
    frame = values_frame(organisations_asked())
    print_timed(lambda: score(frame), digest)
