"""Organisations that a caller builds, and the frame that many make."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from nhs_league.organisations import ORGANISATION_SCHEMA, Organisation, organisations_frame

REQUIRED: dict[str, Any] = {"org_code": "RAA", "org_name": "Alder", "trust_type": "Acute trust"}


def build(**fields: Any) -> Organisation:
    return Organisation.model_validate({**REQUIRED, **fields})


@pytest.mark.parametrize("code", ["RAA", "R0A", "G6V2S", "RX", "ABCDEFGHIJ", "123"])
def test_a_code_may_be_of_any_usual_length(code: str) -> None:
    assert build(org_code=code).org_code == code


@pytest.mark.parametrize(
    "code", ["", "R", "raa", "R A", "RAA\n", " RAA", "-", "TOTAL TRUSTS", "ABCDEFGHIJK", "RÄÄ"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        build(org_code=code)


@pytest.mark.parametrize("field", sorted(REQUIRED))
def test_code_name_and_type_are_needed(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Organisation.model_validate({k: v for k, v in REQUIRED.items() if k != field})


@pytest.mark.parametrize("field", ["org_name", "trust_type", "trust_subtype", "region", "icb_code"])
def test_a_blank_text_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        build(**{field: ""})


@pytest.mark.parametrize("field", ["predecessor_codes", "towns"])
def test_a_blank_text_of_a_list_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        build(**{field: ("RXX", "")})


@pytest.mark.parametrize(
    ("text", "expected"), [("Y", True), ("N", False), ("y", True), (True, True), (None, None)]
)
def test_a_foundation_trust_is_yes_no_or_not_known(text: object, expected: bool | None) -> None:
    assert build(foundation_trust=text).foundation_trust is expected


def test_an_unknown_field_is_refused_and_nothing_can_be_changed() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        build(beds=100)
    with pytest.raises(ValidationError, match="frozen"):
        build().org_name = "Birch"  # type: ignore[misc]


def test_a_frame_of_organisations_keeps_the_contract() -> None:
    full = {
        "trust_subtype": "Large",
        "region": "London",
        "icb_code": "QMJ",
        "icb_name": "North Central London",
        "foundation_trust": True,
        "predecessor_codes": ("RXX", "RYY"),
        "towns": ("Alderton", "Ash on the Hill"),
    }
    frame = organisations_frame([build(**full), build(org_code="G6V2S")])
    assert frame.schema == pl.Schema(ORGANISATION_SCHEMA)
    first, second = frame.iter_rows(named=True)
    lists = {"predecessor_codes": ["RXX", "RYY"], "towns": ["Alderton", "Ash on the Hill"]}
    assert first == REQUIRED | full | lists
    assert (second["org_code"], second["region"]) == ("G6V2S", None)
    assert (second["predecessor_codes"], second["towns"]) == ([], [])


def test_no_organisations_are_a_frame_too() -> None:
    frame = organisations_frame(iter(()))
    assert (len(frame), frame.schema) == (0, pl.Schema(ORGANISATION_SCHEMA))
