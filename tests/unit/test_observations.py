"""Observations that a caller builds: what one may say, and the frame that many make."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from nhs_league.observations import (
    OBSERVATION_SCHEMA,
    STATUSES,
    Observation,
    observations_frame,
)

KEY: dict[str, Any] = {"org_code": "RAA", "metric_id": "waits", "period": "2025-04"}


def build(**fields: Any) -> Observation:
    return Observation.model_validate({**KEY, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"value": 1},
        {"value": -1.5},
        {"value": 0},
        {"value": 0.0, "unit": "%", "published_rank": 1},
        {"numerator": 0, "denominator": 0},
        {"numerator": 52.5, "denominator": 60},
        {"value": 1, "numerator": 1, "denominator": 1},
        {"value": 1, "denominator": 1},
        {"status": "suppressed"},
        {"status": "not_submitted", "denominator": 7},
        {"status": "not_applicable", "source_file": "a.csv", "source_row": 2},
    ],
)
def test_a_figure_or_the_reason_for_none_makes_an_observation(fields: dict[str, Any]) -> None:
    observation = build(**fields)
    assert observation.model_dump(include=fields.keys()) == fields
    assert observation.status == fields.get("status", "reported")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "a reported observation needs a value, or a numerator and denominator"),
        ({"denominator": 5}, "a reported observation needs a value"),
        ({"numerator": 1}, "a numerator needs its denominator"),
        ({"value": 1, "numerator": 1}, "a numerator needs its denominator"),
        ({"status": "suppressed", "value": 1}, "an observation that is suppressed has no figure"),
        (
            {"status": "not_submitted", "numerator": 0, "denominator": 1},
            "an observation that is not_submitted has no figure",
        ),
        ({"status": "late"}, "Input should be 'reported', 'suppressed'"),
        ({"value": math.nan}, "finite number"),
        ({"value": math.inf}, "finite number"),
        ({"value": 1, "denominator": -math.inf}, "finite number"),
        ({"numerator": -1, "denominator": 1}, "greater than or equal to 0"),
        ({"numerator": 1, "denominator": -1}, "greater than or equal to 0"),
        ({"value": 1, "published_rank": 0}, "greater than or equal to 1"),
        ({"value": 1, "source_row": 0}, "greater than or equal to 1"),
        ({"value": 1, "org_code": ""}, "at least 1 character"),
        ({"value": 1, "metric_id": ""}, "at least 1 character"),
        ({"value": 1, "period": "soon"}, "'soon' is not a period"),
        ({"value": 1, "period": "2025Q2 to 2025Q1"}, "ends before it begins"),
        ({"value": 1, "colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_contradiction_is_refused_with_its_reason(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        build(**fields)
    assert message in str(caught.value)


@pytest.mark.parametrize("field", ["org_code", "metric_id"])
def test_a_key_of_spaces_alone_is_refused_as_it_is_in_a_file(field: str) -> None:
    with pytest.raises(ValidationError):
        build(**{"value": 1, field: "  "})


def test_an_observation_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        build(value=1).value = 2  # type: ignore[misc]


def test_the_statuses_are_the_four() -> None:
    assert STATUSES == ("reported", "suppressed", "not_submitted", "not_applicable")


def test_a_frame_of_observations_keeps_the_contract() -> None:
    frame = observations_frame(
        [
            build(numerator=1, denominator=4, source_file="a.csv", source_row=2),
            build(period="Q1 2025/26", status="suppressed", unit="%"),
        ]
    )
    assert frame.schema == pl.Schema(OBSERVATION_SCHEMA)
    first, second = frame.iter_rows(named=True)
    assert first == KEY | {
        "first_month": 12 * 2025 + 3,
        "last_month": 12 * 2025 + 3,
        "value": None,
        "numerator": 1.0,
        "denominator": 4.0,
        "status": "reported",
        "unit": None,
        "published_rank": None,
        "source_file": "a.csv",
        "source_row": 2,
    }
    assert (second["period"], second["last_month"]) == ("2025Q2", 12 * 2025 + 5)
    assert (second["status"], second["value"], second["numerator"]) == ("suppressed", None, None)


def test_no_observations_are_a_frame_too() -> None:
    frame = observations_frame(iter(()))
    assert (len(frame), frame.schema) == (0, pl.Schema(OBSERVATION_SCHEMA))
