"""The yardstick of scoring_engine.py in pandas: the same arithmetic on the same values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from synthetic import (
    HELD_BELOW,
    NAMES,
    league_digest,
    organisations_asked,
    print_timed,
    values_frame,
)


def values(organisations: int) -> pd.DataFrame:
    frame = values_frame(organisations)
    columns = {name: frame[f"value:{name}"].to_numpy() for name in NAMES}
    return pd.DataFrame({"peer_group": frame["peer_group"].to_list(), **columns})


def score(table: pd.DataFrame) -> pd.DataFrame:
    """Score by rank, take the mean, cut at the quartiles, hold back and rank."""
    metrics = table[NAMES]
    ranks = metrics.rank(method="min", ascending=False)
    scores = 1 + 3 * (ranks - 1) / (metrics.count() - 1)
    mean = scores.mean(axis=1)
    average = np.floor((mean + 1e-9) * 100 + 0.5) / 100
    segment = 1 + sum(
        (average > average.quantile(share) + 1e-9).astype(int) for share in (0.25, 0.5, 0.75)
    )
    adjusted = segment.mask(table["m0"] < HELD_BELOW, segment.clip(lower=3))
    key = adjusted * 100 + average
    return scores.assign(
        average=average,
        segment=segment,
        adjusted_segment=adjusted,
        rank=key.groupby(table["peer_group"]).rank(method="min"),
    )


def digest(ranked: pd.DataFrame) -> list[Any]:
    columns = (ranked[name].to_numpy() for name in ("average", "adjusted_segment", "rank"))
    return league_digest(*columns)


if __name__ == "__main__":
    given = values(organisations_asked())
    print_timed(lambda: score(given), digest)
