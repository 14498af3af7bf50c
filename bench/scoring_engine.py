"""Score and rank the synthetic league by a framework, with all that score_values does."""

from __future__ import annotations

from synthetic import HELD_BELOW, METRICS, timed

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
            "metrics": {f"m{index}": metric for index in range(METRICS)},
            "aggregate": {"rounding": "before_ranking"},
            "segments": {"method": "quartiles"},
            "overrides": [held],
        }
    )


if __name__ == "__main__":
    stated = framework()
    timed(lambda frame: score_values(frame, stated))
