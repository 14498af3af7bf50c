"""Score and rank the synthetic league by a framework, with all that score_values does.

python bench/scoring_engine.py [ORGANISATIONS]
"""

from __future__ import annotations

from typing import Any

import polars as pl
from synthetic import (
    HELD_BELOW,
    NAMES,
    league_digest,
    organisations_asked,
    print_timed,
    values_frame,
)

from nhs_league import Framework, score_values


def framework() -> Framework:
    """State a framework of rank-scored metrics with one override."""
    metric = {
        "title": "A metric",
        "domain": "all",
        "unit": "percent",
        "polarity": "higher_is_better",
        "basis": "in_force",
        "scoring": {"method": "rank"},
    }
    held = {
        "id": "held",
        "title": "Held back",
        "when": {"metric": "m0", "below": HELD_BELOW},
        "not_better_than": 3,
    }
    return Framework.model_validate(
        {
            "id": "bench",
            "title": "Bench",
            "applies_to": {"quarters": "2025Q1-"},
            "scale": {"best": 1.0, "worst": 4.0},
            "domains": {"all": "All"},
            "metrics": dict.fromkeys(NAMES, metric),
            "aggregate": {"rounding": "before_ranking"},
            "segments": {"method": "quartiles"},
            "overrides": [held],
        }
    )


def digest(ranked: pl.DataFrame) -> list[Any]:
    ordered = ranked.sort(pl.col("org_code").cast(pl.Int64))
    return league_digest(
        ordered["average_metric_score"].to_numpy(),
        ordered["adjusted_segment"].to_numpy(),
        ordered["rank"].cast(pl.Int64).to_numpy(),
    )


if __name__ == "__main__":
    stated, frame = framework(), values_frame(organisations_asked())
    print_timed(lambda: score_values(frame, stated), digest)
