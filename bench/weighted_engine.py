"""Score by minimum and maximum and rank by the weighted mean, with all that score_values does.

python bench/weighted_engine.py [ORGANISATIONS]
"""

from __future__ import annotations

from typing import Any

import polars as pl
from synthetic import (
    NAMES,
    WEIGHTS,
    organisations_asked,
    print_timed,
    weighted_digest,
    weighted_frame,
)

from nhs_league import Framework, score_values


def framework() -> Framework:
    """State a framework from 0, best, to 1, whose average is ranked unrounded."""
    metric = {
        "title": "A metric",
        "domain": "all",
        "unit": "share",
        "polarity": "higher_is_better",
        "basis": "in_force",
        "scoring": {"method": "min_max"},
    }
    return Framework.model_validate(
        {
            "id": "bench",
            "title": "Bench",
            "applies_to": {"quarters": "2025Q1-"},
            "scale": {"best": 0.0, "worst": 1.0},
            "domains": {"all": "All"},
            "metrics": {
                name: metric | {"weight": weight}
                for name, weight in zip(NAMES, WEIGHTS.tolist(), strict=True)
            },
            "segments": {"method": "quartiles"},
            "ranking": {"within": "all", "by": ["average_metric_score"]},
        }
    )


def digest(ranked: pl.DataFrame) -> list[Any]:
    ordered = ranked.sort(pl.col("org_code").cast(pl.Int64))
    return weighted_digest(
        1 - ordered["composite"].to_numpy(), ordered["rank"].cast(pl.Int64).to_numpy()
    )


if __name__ == "__main__":
    stated, frame = framework(), weighted_frame(organisations_asked())
    print_timed(lambda: score_values(frame, stated), digest)
