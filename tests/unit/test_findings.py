"""Findings: how one is written, how many are ordered, and which of them fail a run."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import pytest

from nhs_league.errors import DataError, FrameworkError, NhsLeagueError, OutputError, UsageError
from nhs_league.findings import Finding, Severity, has_errors, in_order


@pytest.mark.parametrize(
    ("finding", "place"),
    [
        (Finding("note", "code", "message"), ""),
        (Finding("note", "code", "message", file="ae.csv"), "ae.csv"),
        (Finding("note", "code", "message", row=57), "row 57"),
        (Finding("note", "code", "message", row=0), "row 0"),
        (Finding("note", "code", "message", column="numerator"), "column numerator"),
        (Finding("note", "code", "message", file="ae.csv", row=57), "ae.csv row 57"),
        (
            Finding("note", "code", "message", file="ae.csv", column="numerator"),
            "ae.csv, column numerator",
        ),
        (
            Finding("note", "code", "message", file="ae.csv", row=57, column="numerator"),
            "ae.csv row 57, column numerator",
        ),
    ],
)
def test_the_place_names_what_is_known_of_file_row_and_column(finding: Finding, place: str) -> None:
    assert finding.place == place


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("error", "bad_number", "not a number"), "not a number [bad_number]"),
        (
            Finding("error", "bad_number", "not a number", file="ae.csv", row=57),
            "ae.csv row 57: not a number [bad_number]",
        ),
        (
            Finding("error", "bad_number", "not a number", value="12a"),
            "not a number (found '12a') [bad_number]",
        ),
        (
            Finding("error", "bad_number", "not a number", value=""),
            "not a number (found '') [bad_number]",
        ),
        (
            Finding("error", "bad_number", "not a number", expected="a number"),
            "not a number (expected a number) [bad_number]",
        ),
        (
            Finding(
                "error",
                "bad_number",
                "not a number",
                file="ae.csv",
                row=57,
                column="numerator",
                value="12a",
                expected="a number",
            ),
            "ae.csv row 57, column numerator: not a number (found '12a'; expected a number) "
            "[bad_number]",
        ),
    ],
)
def test_a_finding_is_written_with_its_place_value_expectation_and_code(
    finding: Finding, text: str
) -> None:
    assert str(finding) == text


def test_findings_are_ordered_by_severity_file_row_column_and_kind() -> None:
    expected = [
        Finding("error", "b", "m"),
        Finding("error", "b", "m", file="a.csv"),
        Finding("error", "b", "m", file="a.csv", row=2),
        Finding("error", "b", "m", file="a.csv", row=10),
        Finding("error", "b", "m", file="a.csv", row=10, column="x"),
        Finding("error", "b", "n", file="a.csv", row=10, column="x"),
        Finding("error", "c", "m", file="a.csv", row=10, column="x"),
        Finding("error", "a", "m", file="b.csv"),
        Finding("warning", "a", "m"),
        Finding("note", "a", "m"),
    ]
    assert in_order(reversed(expected)) == expected


def test_the_order_does_not_depend_on_the_order_they_were_met_in() -> None:
    findings = [
        Finding("note", "a", "m", file="a.csv", row=1),
        Finding("error", "a", "m", file="b.csv", row=0),
        Finding("error", "a", "m", file="b.csv"),
        Finding("warning", "a", "m", file="a.csv", row=1),
    ]
    assert {tuple(in_order(order)) for order in permutations(findings)} == {
        (findings[2], findings[1], findings[3], findings[0])
    }


@pytest.mark.parametrize(
    ("severities", "strict", "expected"),
    [
        ([], False, False),
        ([], True, False),
        (["note"], False, False),
        (["note"], True, False),
        (["warning"], False, False),
        (["note", "warning"], True, True),
        (["error"], False, True),
        (["note", "warning", "error"], False, True),
        (["error"], True, True),
    ],
)
def test_errors_fail_a_run_and_warnings_do_when_strict(
    severities: list[Severity], strict: bool, expected: bool
) -> None:
    findings = [Finding(severity, "code", "message") for severity in severities]
    assert has_errors(findings, strict=strict) is expected


def test_a_finding_cannot_be_changed() -> None:
    finding = Finding("error", "code", "message")
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.severity = "note"  # type: ignore[misc]


@pytest.mark.parametrize("error_type", [UsageError, FrameworkError, DataError, OutputError])
def test_an_error_carries_its_message_and_every_finding(error_type: type[NhsLeagueError]) -> None:
    findings = [Finding("error", "a", "first"), Finding("error", "b", "second")]
    error = error_type("two problems", iter(findings))
    assert isinstance(error, NhsLeagueError)
    assert (str(error), error.message) == ("two problems", "two problems")
    assert error.findings == tuple(findings)


def test_an_error_may_have_no_findings() -> None:
    assert DataError("cannot read").findings == ()


def test_what_a_file_holds_is_written_out_on_one_line() -> None:
    finding = Finding("error", "code", "a\nb", "\udcff.csv", 1, "\x1b[31mred")
    assert str(finding) == "\\udcff.csv row 1, column \\x1b[31mred: a\\nb [code]"
