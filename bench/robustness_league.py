"""A synthetic league to be sure or unsure of: all scores are there, and peer groups differ in size.

Its framework cuts, holds back and ranks as the NHS Oversight Framework does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import polars as pl
from memory import peak_gib
from robustness_numpy import (
    ENDS,
    GROUP_SIZES,
    HELD_BELOW,
    METRICS,
    NOT_BETTER_THAN,
    ORGANISATIONS,
)

from nhs_league import Framework, Quarter, score_values
from nhs_league.league import League
from nhs_league.scoring.measure import FIGURE_SCHEMA

GROUPS: Final = ("Acute", "Mental health", "Ambulance")


def league(organisations: int = ORGANISATIONS, metrics: int = METRICS, **rules: Any) -> League:
    """Score and rank the synthetic organisations; ``rules`` go before those of the framework."""
    stated = framework(metrics, **rules)
    values = values_frame(organisations, metrics)
    known = values.select("org_code", org_name="org_code", trust_type="peer_group")
    figures = pl.DataFrame(schema=FIGURE_SCHEMA)
    return League(stated, Quarter(2025, 2), known, figures, score_values(values, stated))


def framework(metrics: int, **rules: Any) -> Framework:
    """State a framework of metrics that are scores already, one in ten of a third of the weight."""
    metric = {
        "title": "A metric",
        "domain": "all",
        "unit": "score",
        "polarity": "lower_is_better",
        "basis": "in_force",
        "scoring": {"method": "published"},
    }
    held = {
        "id": "held",
        "title": "Held back",
        "when": {"metric": "m0", "below": HELD_BELOW},
        "not_better_than": NOT_BETTER_THAN,
    }
    stated = {
        "id": "bench",
        "title": "Bench",
        "applies_to": {"quarters": "2025Q1-"},
        "scale": {"best": 1.0, "worst": 4.0},
        "peer_groups": {"order": list(GROUPS)},
        "domains": {"all": "All"},
        "metrics": {
            f"m{index}": metric | {"weight": 3 if index % 10 else 1} for index in range(metrics)
        },
        "aggregate": {"rounding": "before_ranking"},
        "segments": {"method": "quartiles"},
        "overrides": [held],
    }
    return Framework.model_validate(stated | rules)


def values_frame(organisations: int, metrics: int) -> pl.DataFrame:
    """Lay scores out as scoring does: any number from 1 to 4, some organisations the better."""
    chance = np.random.default_rng(1)
    better = chance.normal(0.0, 0.4, (organisations, 1))
    scores = np.clip(better + chance.uniform(1.0, 4.0, (organisations, metrics)), 1.0, 4.0)
    ends = np.rint(np.cumsum(GROUP_SIZES) * organisations / sum(GROUP_SIZES)).astype(np.int64)
    frame = pl.DataFrame(
        {
            "org_code": [f"T{index:04}" for index in range(organisations)],
            "peer_group": np.repeat(GROUPS, np.diff(ends, prepend=0)),
        }
    )
    return frame.with_columns(
        pl.Series(f"value:m{index}", column) for index, column in enumerate(scores.T)
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do some work; give its result and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def print_ranges(ends: dict[str, Any], seconds: float) -> None:
    """Print what ranges took, the peak memory, and the ends to compare results by."""
    listed = {name: [float(end) for end in ends[name]] for name in ENDS}
    print(json.dumps({"seconds": seconds, "peak_gib": peak_gib(), "ends": listed}))
