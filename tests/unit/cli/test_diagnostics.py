"""Narration on standard error, and what each error exits with."""

from __future__ import annotations

import io
import sys

import pytest

from nhs_league.cli.diagnostics import (
    MAX_LISTED,
    Diagnostics,
    ExitCode,
    exit_code_of,
    report_error,
    report_usage,
)
from nhs_league.errors import DataError, FrameworkError, NhsLeagueError, OutputError, UsageError
from nhs_league.findings import Finding
from nhs_league.quarter import InvalidQuarterError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (InvalidQuarterError("x"), 2),
        (FrameworkError("x"), 3),
        (DataError("x"), 4),
        (OutputError("x"), 5),
        (NhsLeagueError("x"), 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: NhsLeagueError, code: int) -> None:
    assert exit_code_of(error) == code


def test_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "BUG": 1,
        "USAGE": 2,
        "FRAMEWORK": 3,
        "DATA": 4,
        "OUTPUT": 5,
        "DIFFERENT": 6,
        "INTERRUPTED": 130,
    }


def test_an_error_lists_its_errors_and_warnings_but_no_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    findings = [
        Finding("error", "bad", "is bad", "a.csv", 2, "value", "x", "a number"),
        Finding("warning", "odd", "is odd"),
        Finding("note", "so", "is so"),
    ]
    assert report_error(DataError("the data cannot be used", findings)) == 4
    assert capsys.readouterr() == (
        "",
        "nhs-league: error: the data cannot be used\n"
        "  error: a.csv row 2, column value: is bad (found 'x'; expected a number) [bad]\n"
        "  warning: is odd [odd]\n",
    )


def test_a_long_list_is_capped_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [Finding("error", "bad", f"number {i}") for i in range(MAX_LISTED + 3)]
    report_error(DataError("bad", findings))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MAX_LISTED + 2
    assert lines[-1] == "  and 3 more; `nhs-league validate` lists them all"


def test_warnings_are_capped_too(capsys: pytest.CaptureFixture[str]) -> None:
    findings = [Finding("warning", "odd", f"number {i}") for i in range(MAX_LISTED + 1)]
    Diagnostics().warnings([*findings, Finding("note", "so", "is so")])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MAX_LISTED + 1
    assert lines[-1].startswith("nhs-league: warning: 1 more; ")


def test_quiet_says_nothing_but_errors(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = Diagnostics(is_quiet=True)
    quiet.note("a")
    quiet.warning("b")
    quiet.warnings([Finding("warning", "odd", "is odd")])
    assert capsys.readouterr().err == ""
    report_usage("c", None, None)
    assert capsys.readouterr().err == "nhs-league: error: c\n"


def test_usage_and_hint_follow_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_usage("wrong", "Usage: x", "Try y") == 2
    assert capsys.readouterr().err == "nhs-league: error: wrong\nUsage: x\nTry y\n"


def test_letters_that_the_stream_lacks_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    Diagnostics().note("Ynys M\u00f4n")
    stream.flush()
    assert stream.buffer.getvalue() == b"nhs-league: note: Ynys M?n\n"  # type: ignore[attr-defined]


def test_without_a_standard_error_there_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    Diagnostics().note("to nobody")
    assert report_error(UsageError("to nobody")) == 2


def test_a_standard_error_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    Diagnostics().note("lost")
    assert report_error(UsageError("lost")) == 2
