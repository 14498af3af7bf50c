"""Successions: who stands for a closed organisation, and what becomes of its observations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from nhs_league.findings import Finding
from nhs_league.observations import OBSERVATION_SCHEMA, Observation, observations_frame
from nhs_league.quarter import Quarter
from nhs_league.successions import (
    SUCCESSION_SCHEMA,
    Succession,
    date_label,
    follow_successors,
    succession_cycles,
    successions_frame,
    successor_at,
)

REQUIRED: dict[str, Any] = {
    "org_code": "RY9",
    "successor_code": "RAX",
    "succeeded_on": date(2024, 11, 1),
}


def build(**fields: Any) -> Succession:
    return Succession.model_validate({**REQUIRED, **fields})


def successions(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return successions_frame(
        Succession.model_validate(
            {"org_code": code, "successor_code": successor, "succeeded_on": day}
        )
        for code, successor, day in rows
    )


MERGER = successions(("RY9", "RAX", "2024-11-01"))
CHAIN = successions(("RAA", "RBB", "2025-01-01"), ("RBB", "RCC", "2026-01-01"))
JOINED = successions(("RRP", "G6V2S", "2024-11-01"), ("TAF", "G6V2S", "2024-11-01"))


def month(text: str) -> int:
    year, number = text.split("-")
    return 12 * int(year) + int(number) - 1


def observed(*rows: tuple[str, str], file: str = "a.csv", metric: str = "waits") -> pl.DataFrame:
    """Lay out observations by code and period; they stand in a file from its row 2 on."""
    return observations_frame(
        Observation(
            org_code=code,
            metric_id=metric,
            period=period,
            value=float(row),
            source_file=file,
            source_row=row,
        )
        for row, (code, period) in enumerate(rows, start=2)
    )


def codes(frame: pl.DataFrame) -> list[str]:
    return frame["org_code"].to_list()


def of(findings: list[Finding], code: str) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]


@pytest.mark.parametrize("field", ["org_code", "successor_code"])
@pytest.mark.parametrize("code", ["", "R", "rax", "RAX\n", "TOTAL TRUSTS", "ABCDEFGHIJK"])
def test_what_is_no_code_is_refused(field: str, code: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        build(**{field: code})


@pytest.mark.parametrize("field", sorted(REQUIRED))
def test_both_codes_and_the_date_are_needed(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Succession.model_validate({k: v for k, v in REQUIRED.items() if k != field})


def test_a_code_cannot_succeed_itself() -> None:
    with pytest.raises(ValidationError, match="cannot succeed itself") as caught:
        build(successor_code="RY9")
    assert [detail["loc"] for detail in caught.value.errors()] == [("successor_code",)]


def test_a_date_may_be_written_as_iso_does() -> None:
    assert build(succeeded_on="2024-11-01") == build()


@pytest.mark.parametrize(
    "given",
    [
        "20241101",
        "1730419200",
        "01/11/2024",
        "2024-11",
        "2024-13-01",
        "2024-02-30",
        "2024-11-01T00:00:00",
        "2024-W44-5",
        "",
        1730419200,
        datetime(2024, 11, 1),  # noqa: DTZ001
        None,
    ],
)
def test_what_is_no_date_is_refused(given: object) -> None:
    with pytest.raises(ValidationError, match="succeeded_on"):
        build(succeeded_on=given)


def test_a_blank_name_an_unknown_field_and_a_change_are_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        build(org_name="")
    with pytest.raises(ValidationError, match="Extra inputs"):
        build(beds=100)
    with pytest.raises(ValidationError, match="frozen"):
        build().successor_code = "RBB"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2024-11-01", "2024-11"),
        ("2024-11-02", "2024-12"),
        ("2024-12-31", "2025-01"),
        ("2025-01-01", "2025-01"),
    ],
)
def test_the_successor_stands_from_its_first_whole_month(day: str, first: str) -> None:
    assert build(succeeded_on=day).from_month == month(first)


def test_a_frame_of_successions_keeps_the_contract() -> None:
    frame = successions_frame(iter([build(org_name="Hounslow"), build(org_code="RZZ")]))
    assert frame.schema == pl.Schema(SUCCESSION_SCHEMA)
    assert frame.rows() == [
        ("RY9", "Hounslow", "RAX", date(2024, 11, 1), month("2024-11")),
        ("RZZ", None, "RAX", date(2024, 11, 1), month("2024-11")),
    ]


def test_no_successions_are_a_frame_too() -> None:
    frame = successions_frame(())
    assert (len(frame), frame.schema) == (0, pl.Schema(SUCCESSION_SCHEMA))


def test_an_organisation_closes_once() -> None:
    with pytest.raises(ValueError, match="closes twice"):
        successions(("RY9", "RAX", "2024-11-01"), ("RY9", "RBB", "2025-11-01"))


def test_no_organisation_comes_after_itself() -> None:
    with pytest.raises(ValueError, match="RAA to RBB to RCC to RAA is a circle"):
        successions(
            ("RAA", "RBB", "2024-01-01"), ("RBB", "RCC", "2025-01-01"), ("RCC", "RAA", "2026-01-01")
        )


def test_circles_are_found_apart_from_the_chains_that_lead_into_them() -> None:
    successors = {"X": "C", "A": "B", "B": "C", "C": "A", "D": "E", "E": "D", "F": "G", "G": "H"}
    assert succession_cycles(successors) == [("A", "B", "C"), ("D", "E")]
    assert succession_cycles({}) == []


def test_a_date_is_written_for_people() -> None:
    assert date_label(date(2024, 11, 1)) == "1 November 2024"


@pytest.mark.parametrize(
    ("code", "when", "successor"),
    [
        ("RAA", "2024-12", None),
        ("RAA", "2025-01", "RBB"),
        ("RAA", "2025-12", "RBB"),
        ("RAA", "2026-01", "RCC"),
        ("RBB", "2025-12", None),
        ("RBB", "2026-01", "RCC"),
        ("RCC", "2030-01", None),
        ("RZZ", "2030-01", None),
    ],
)
def test_a_chain_leads_to_its_end_as_of_the_month(
    code: str, when: str, successor: str | None
) -> None:
    closed_on = {"RAA": date(2025, 1, 1), "RBB": date(2026, 1, 1)}
    expected = None if successor is None else (successor, closed_on[code])
    assert successor_at(CHAIN, code, month(when)) == expected


def test_a_successor_that_closed_before_it_took_over_is_followed_at_once() -> None:
    chain = successions(("RAA", "RBB", "2025-06-01"), ("RBB", "RCC", "2025-01-01"))
    assert successor_at(chain, "RAA", month("2025-05")) is None
    assert successor_at(chain, "RAA", month("2025-06")) == ("RCC", date(2025, 6, 1))


def test_observations_follow_from_the_successors_first_whole_month() -> None:
    frame = observed(("RY9", "2024-10"), ("RY9", "2024-11"), ("RBV", "2024-11"), ("RY9", "2025-04"))
    followed, findings = follow_successors(frame, MERGER)
    assert codes(followed) == ["RY9", "RAX", "RBV", "RAX"]
    assert followed.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert followed.drop("org_code").equals(frame.drop("org_code"))
    (finding,) = findings
    assert finding == Finding(
        "note",
        "closed_code",
        "closed on 1 November 2024: its 2 observations follow RAX",
        file="a.csv",
        row=3,
        column="org_code",
        value="RY9",
    )


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("2024Q4", "RY9"),
        ("2025Q1", "RAX"),
        ("2024-11 to 2024-12", "RAX"),
        ("2024Q3 to 2025Q2", "RY9"),
        ("2025Q1 to 2025Q4", "RAX"),
    ],
)
def test_a_period_follows_by_its_first_month(period: str, code: str) -> None:
    followed, _ = follow_successors(observed(("RY9", period)), MERGER)
    assert codes(followed) == [code]


def test_a_chain_is_followed_as_far_as_each_month_has_come() -> None:
    frame = observed(("RAA", "2024-12"), ("RAA", "2025-02"), ("RAA", "2026-02"), ("RBB", "2026-05"))
    followed, findings = follow_successors(frame, CHAIN)
    assert codes(followed) == ["RAA", "RBB", "RCC", "RCC"]
    assert [finding.message for finding in findings] == [
        "closed on 1 January 2025: its 2 observations follow RBB and RCC",
        "closed on 1 January 2026: its 1 observation follows RCC",
    ]


def test_a_chain_may_be_listed_in_any_order() -> None:
    links = [("RA", "RB"), ("RB", "RC"), ("RC", "RD"), ("RD", "RE")]
    frame = observed(("RA", "2025-01"), ("RC", "2025-04"))
    for order in (links, links[::-1]):
        chain = successions(*((code, successor, "2020-01-01") for code, successor in order))
        assert codes(follow_successors(frame, chain)[0]) == ["RE", "RE"]


@pytest.mark.parametrize(
    "frame",
    [
        observed(("RBV", "2025-04")),
        observed(("RY9", "2024-10"), ("RAX", "2024-10")),
        observed(("RY9", "2025-04")).clear(),
        observed(("RY9", "2025-04")).with_columns(first_month=pl.lit(None, pl.Int32)),
    ],
    ids=["no closed code", "not closed yet", "no rows", "no period"],
)
def test_where_nothing_is_closed_the_same_frame_comes_back(frame: pl.DataFrame) -> None:
    followed, findings = follow_successors(frame, MERGER)
    assert followed is frame
    assert findings == []


def test_without_successions_the_same_frame_comes_back() -> None:
    frame = observed(("RY9", "2025-04"))
    assert follow_successors(frame, MERGER.clear())[0] is frame


def test_a_closed_code_is_noted_once_a_file_at_its_first_row() -> None:
    frame = pl.concat(
        [
            observed(("RBV", "2025-04"), ("RY9", "2025-05"), ("RY9", "2025-04")),
            observed(("RY9", "2025-04"), file="b.csv", metric="cancer"),
            observed(("RY9", "2025-04"), metric="cancer"),
        ]
    )
    _, findings = follow_successors(frame, MERGER)
    assert [(f.file, f.row, f.message) for f in findings] == [
        ("a.csv", 2, "closed on 1 November 2024: its 3 observations follow RAX"),
        ("b.csv", 2, "closed on 1 November 2024: its 1 observation follows RAX"),
    ]


def test_observations_that_come_from_no_file_follow_too() -> None:
    frame = observations_frame(
        [Observation(org_code="RY9", metric_id="waits", period="2025-04", value=1.0)]
    )
    followed, (finding,) = follow_successors(frame, MERGER)
    assert codes(followed) == ["RAX"]
    assert (finding.file, finding.row) == (None, None)


def test_a_trust_under_two_codes_in_one_quarter_is_an_error() -> None:
    frame = pl.concat(
        [
            observed(("RAX", "2025-04"), ("RBV", "2025-04")),
            observed(("RAX", "2025Q1"), ("RY9", "2025-06"), ("RY9", "2025-05"), file="b.csv"),
        ]
    )
    _, findings = follow_successors(frame, MERGER)
    assert of(findings, "two_codes") == [
        Finding(
            "error",
            "two_codes",
            "RAX stands under two codes in 2025Q2: RY9 and RAX",
            file="b.csv",
            row=3,
            column="org_code",
            value="RY9",
            expected="one code",
        )
    ]


def test_two_codes_are_found_across_metrics_and_in_each_quarter() -> None:
    frame = pl.concat(
        [
            observed(("RAX", "2025-04"), ("RAX", "2025Q3"), ("RAX", "2025Q4")),
            observed(("RY9", "2025Q2"), ("RY9", "2025-08"), file="b.csv", metric="cancer"),
        ]
    )
    _, findings = follow_successors(frame, MERGER)
    assert [(f.file, f.row, f.message) for f in of(findings, "two_codes")] == [
        ("b.csv", 2, "RAX stands under two codes in 2025Q2: RY9 and RAX"),
        ("b.csv", 3, "RAX stands under two codes in 2025Q3: RY9 and RAX"),
    ]


def test_two_closed_codes_with_one_successor_are_two_codes() -> None:
    frame = observed(("TAF", "2025-04"), ("RRP", "2025-05"), ("RRP", "2025-08"))
    _, findings = follow_successors(frame, JOINED)
    (finding,) = of(findings, "two_codes")
    assert finding.message == "G6V2S stands under two codes in 2025Q2: RRP and TAF"
    assert (finding.row, finding.value) == (2, "TAF")


def test_more_than_two_codes_are_all_named() -> None:
    frame = observed(("G6V2S", "2025-04"), ("RRP", "2025-05"), ("TAF", "2025-04"))
    _, findings = follow_successors(frame, JOINED)
    (finding,) = of(findings, "two_codes")
    assert finding.message == "G6V2S stands under 3 codes in 2025Q2: RRP, TAF and G6V2S"


def test_before_the_closing_both_codes_may_stand() -> None:
    frame = observed(("RY9", "2024-10"), ("RAX", "2024-10"), ("RAX", "2024-12"), ("RY9", "2025-04"))
    _, findings = follow_successors(frame, MERGER)
    assert of(findings, "two_codes") == []


@pytest.mark.parametrize(
    ("closed", "successor", "span"),
    [
        ("2025Q1 to 2025Q4", "2025Q1 to 2025Q4", "2025Q1 to 2025Q4"),
        ("2025Q1 to 2025Q4", "2025Q1", None),
        ("2025Q1 to 2025Q4", "2025Q1 to 2025Q3", None),
        ("2025-04 to 2025-06", "2025-05", "2025Q2"),
        ("2025-05 to 2025-07", "2025-04", "2025Q2"),
        ("2025-04 to 2025-07", "2025-04", None),
    ],
)
def test_a_long_period_is_compared_with_its_like_alone(
    closed: str, successor: str, span: str | None
) -> None:
    _, findings = follow_successors(observed(("RY9", closed), ("RAX", successor)), MERGER)
    expected = [] if span is None else [f"RAX stands under two codes in {span}: RY9 and RAX"]
    assert [finding.message for finding in of(findings, "two_codes")] == expected


def test_findings_of_each_kind_are_listed_up_to_an_announced_cap() -> None:
    quarters = [str(Quarter(1800, 1) + step) for step in range(250)]
    old = successions(("RY9", "RAX", "1700-01-01"))
    frames = [
        observed(("RY9", quarter), ("RAX", quarter), file=f"{quarter}.csv") for quarter in quarters
    ]
    _, findings = follow_successors(pl.concat(frames), old)
    for code in ("closed_code", "two_codes"):
        assert len(of(findings, code)) == 200
    assert [finding.message for finding in of(findings, "findings_capped")] == [
        "50 more findings of the kind closed_code are not listed",
        "50 more findings of the kind two_codes are not listed",
    ]
