"""A small framework and a small league, for traps that show only in a whole one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nhs_league.framework.model import Framework
from nhs_league.league import League, score
from nhs_league.observations import Observation, observations_frame
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.quarter import Quarter

QUARTER = Quarter(2025, 2)


def metric(**changes: Any) -> dict[str, Any]:
    return {
        "title": "A metric",
        "domain": "access",
        "unit": "score",
        "polarity": "lower_is_better",
        "basis": "in_force",
        "scoring": {"method": "published"},
        **changes,
    }


def framework(metrics: Mapping[str, Any], **changes: Any) -> Framework:
    return Framework.model_validate(
        {
            "id": "small",
            "title": "A small framework",
            "applies_to": {"quarters": "2025Q1-"},
            "scale": {"best": 1.0, "worst": 4.0},
            "domains": {"access": "Access"},
            "metrics": metrics,
            "segments": {"method": "thresholds", "upper_bounds": [2.0, 3.0]},
            "ranking": {"within": "peer_group", "by": ["average_metric_score"]},
            **changes,
        }
    )


def league(framework_: Framework, observations: Iterable[Observation]) -> League:
    """Score acute trusts, one for each code that the observations name."""
    rows = list(observations)
    organisations = [
        Organisation(org_code=code, org_name=f"Trust {code}", trust_type="Acute trust")
        for code in sorted({row.org_code for row in rows})
    ]
    return score(observations_frame(rows), organisations_frame(organisations), framework_, QUARTER)


def observed(code: str, metric_id: str, **figures: Any) -> Observation:
    return Observation(org_code=code, metric_id=metric_id, **{"period": str(QUARTER), **figures})


def standing(made: League, code: str) -> dict[str, Any]:
    (row,) = (r for r in made.standings.iter_rows(named=True) if r["org_code"] == code)
    return row
