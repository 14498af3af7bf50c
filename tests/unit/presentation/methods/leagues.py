"""Small frameworks of one metric, and the scores that the engine gives under them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from nhs_league.presentation.methods.sentences import scoring_in_short, scoring_sentence
from nhs_league.presentation.text import number
from tests.support import built, framework, league, metric, observation, standings

NHS_SCALE = {"best": 1.0, "worst": 4.0}
SCALES = [NHS_SCALE, {"best": 10.0, "worst": 0.0}, {"best": 0.0, "worst": 100.0}]
TYPES = {"order": ["Acute trust", "Ambulance trust"]}

with_scales = pytest.mark.parametrize("scale", SCALES, ids=lambda scale: f"{scale['best']:g}")


def spec_of(
    scoring: Mapping[str, Any], scale: Mapping[str, float] = NHS_SCALE, **changes: Any
) -> dict[str, Any]:
    """State a framework of one metric, where high values are good unless said otherwise."""
    waits = metric(scoring=dict(scoring), **changes)
    return framework({"waits": waits}, scale=dict(scale), peer_groups=TYPES)


def sentence(spec: Mapping[str, Any], metric_id: str = "waits") -> str:
    model = built(spec)
    return scoring_sentence(model, model.metrics[metric_id])


def short(spec: Mapping[str, Any], metric_id: str = "waits") -> str:
    model = built(spec)
    return scoring_in_short(model, model.metrics[metric_id])


def by_engine(
    spec: Mapping[str, Any], values: Iterable[float | str], groups: Mapping[str, str] | None = None
) -> list[str]:
    """Score values with the engine, and write the scores as a reader is shown them."""
    cells = {f"A{place}": str(value) for place, value in enumerate(values)}
    rows = [observation(code, "waits", cell) for code, cell in cells.items()]
    table = standings(
        league(spec, rows, {c: (groups or {}).get(c, "Acute trust") for c in cells}, "computed")
    )
    return [number(table[code]["score:waits"]) for code in cells]


def mirrored(values: Iterable[float]) -> list[float]:
    """Turn values of which high ones are good into such of which low ones are."""
    return [100 - value for value in values]
