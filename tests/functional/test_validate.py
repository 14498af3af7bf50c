"""``validate``: the findings, and the exit code that is the verdict."""

from __future__ import annotations

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
