"""``validate``: the findings, and the exit code that is the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.functional.small import Small


def spoil(small: Small, file: str, old: str, new: str) -> None:
    path = small.folder / file
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), "utf-8")


def test_the_sample_is_sound(cli: Cli) -> None:
    done = cli("validate", "--quiet")
    assert done.status == 0
    assert done.lines[-1] == "Sound: 0 errors, 0 warnings, 0 notes."


def test_rows_in_are_rows_used_and_rows_left_out(cli: Cli, small: Small) -> None:
    spoil(small, "waits.csv", "AA1,2025-04", "ZZ9,2025-04")
    files = {
        file["name"]: file
        for file in cli("validate", *small.options, "--format", "json").json["files"]
    }
    waits = files["waits.csv"]
    assert (waits["rows_in"], waits["rows_used"]) == (18, 17)
    assert waits["left_out"] == {"unknown_organisation": 1}


def test_files_are_arguments_or_data(cli: Cli, small: Small) -> None:
    framework = ("--framework", str(small.framework), "--format", "json")
    by_argument = cli("validate", small.folder, *framework)
    assert by_argument.status == 0
    assert by_argument.output == cli("validate", "--data", small.folder, *framework).output


def test_every_error_is_located_and_the_exit_code_is_the_verdict(cli: Cli, small: Small) -> None:
    spoil(small, "waits.csv", "AA1,2025-04,100.0,100", "AA1,2025-04,lots,100")
    spoil(small, "plans.csv", "AA2,2025Q1,2025Q4,1", "AA2,2025Q1,2025Q4,?")
    done = cli("validate", *small.options, "--format", "json")
    assert done.status == 4
    errors = [row for row in done.json["rows"] if row["severity"] == "error"]
    places = {(row["file"], row["row"], row["column"], row["value"]) for row in errors}
    assert ("waits.csv", 2, "numerator", "lots") in places
    assert ("plans.csv", 3, "surplus", "?") in places
    assert done.json["meta"]["verdict"].startswith("Unsound: 2 errors")


def test_a_mark_keeps_its_status_beside_plain_numbers(cli: Cli, small: Small) -> None:
    spoil(small, "plans.csv", "AA2,2025Q1,2025Q4,1", "AA2,2025Q1,2025Q4,*")
    rows = cli("explain", "AA2", *small.options, "--format", "json").json["rows"]
    assert rows[1]["status"] == "suppressed"
    assert rows[1]["value"] is None


def test_warnings_fail_only_where_they_are_asked_to(cli: Cli, small: Small) -> None:
    spoil(small, "waits.csv", "AA1,2025-04", "ZZ9,2025-04")
    assert cli("validate", *small.options).status == 0
    done = cli("validate", *small.options, "--strict")
    assert done.status == 4
    assert "waits.csv row 2, column org_code" in done.text


def test_a_framework_that_is_invalid_is_reported_before_the_data(cli: Cli, small: Small) -> None:
    spoil(small, "../small.yaml", "polarity: higher_is_better", "polarity: up")
    done = cli("validate", *small.options)
    assert (done.status, done.output) == (3, b"")
    assert "small.yaml line 12" in done.narration


def test_data_without_a_framework_are_checked_all_the_same(cli: Cli, small: Small) -> None:
    done = cli("validate", small.folder)
    assert done.status == 0
    assert "waits.csv" in done.text
    assert done.lines[-1].startswith("Sound")


@pytest.mark.parametrize(
    "choice", [(), ("--framework", "headline-kpis"), ("--quarter", "2025Q2")], ids=" ".join
)
@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "spoilt.csv: is empty"),
        ("org_code,period,value\nRCX,soon,1\n", "spoilt.csv row 2, column period"),
    ],
)
def test_what_is_wrong_with_the_files_is_said_whatever_is_chosen(
    cli: Cli, tmp_path: Path, content: str, place: str, choice: tuple[str, ...]
) -> None:
    file = tmp_path / "spoilt.csv"
    file.write_text(content, "utf-8")
    ranked = cli("rank", "--data", file, *choice)
    assert (ranked.status, place in ranked.narration) == (4, True)
    checked = cli("validate", file, *choice, "--format", "json")
    assert checked.status == 4
    assert [row["severity"] for row in checked.json["rows"]] == ["error"]


def test_files_and_figures_are_faulted_at_once_without_a_framework_named(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "ae_4_hours.csv"
    rows = "RCX,2025-04,abc,10\nRGT,2025-04,500,400\n"
    file.write_text(f"org_code,period,numerator,denominator\n{rows}", "utf-8")
    narration = cli("rank", "--data", file).narration
    assert "row 2, column numerator: is not a number" in narration
    assert "row 3, column numerator: RGT ae_4_hours: a part is larger" in narration


def test_a_quarter_that_is_none_is_a_usage_error_whatever_the_files(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "spoilt.csv"
    file.write_text("", "utf-8")
    assert cli("rank", "--data", file, "--quarter", "Q1 2025").status == 2


@pytest.mark.parametrize("command", [("validate",), ("rank",), ("history",)])
def test_without_a_register_the_organisations_left_out_are_named(
    cli: Cli, small: Small, command: tuple[str]
) -> None:
    (small.folder / "organisations.csv").unlink()
    done = cli(*command, *small.options)
    assert done.status == 4
    assert "no observation for the metrics of small" in done.narration
    assert "waits.csv row 2, column org_code: is not in the register: 3 observations" in (
        done.narration
    )
    assert "a table of organisations that has it" in done.narration
