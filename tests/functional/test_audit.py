"""``audit``: what it says of a printed league, where, in which formats, and its exit codes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league.analysis.audit import AUDIT_SCHEMA, KINDS, VERDICTS
from tests.conftest import Cli, CliProcess, Completed
from tests.functional.printed import printed_rows, read_csv, write_printed, write_tables
from tests.functional.small import Small
from tests.functional.test_formats import FORMATS, READERS, SUFFIXES, as_text
from tests.printed_league import changed

WRONG = 2.80
"""What is printed for CC's average, which is 2.75."""


@pytest.fixture
def honest(tmp_path: Path) -> Small:
    """Write a league whose tables follow from their data."""
    return write_printed(tmp_path / "honest")


@pytest.fixture
def mistaken(tmp_path: Path) -> Small:
    """Write a league with one average that does not follow, and one that is off by 0.01."""
    rows = changed(printed_rows(), "CC", "average_printed", value=WRONG)
    return write_printed(tmp_path / "mistaken", changed(rows, "DD", "average_printed", value=3.99))


def row_of(small: Small, org: str, id_: str) -> int:
    """Give the line of the table that a figure stands in."""
    lines = (small.folder / "tables.csv").read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if line.startswith(f"{org},{id_},"))


# Exit codes


def test_0_is_tables_that_follow(cli: Cli, honest: Small) -> None:
    done = cli("audit", *honest.options)
    assert done.status == 0
    assert done.lines[0] == (
        "Of 80 published figures that could be recomputed, 80 are equal. "
        "None differs beyond rounding."
    )
    assert done.narration == ""


def test_6_is_a_figure_that_does_not_follow_and_the_report_is_whole(
    cli: Cli, mistaken: Small
) -> None:
    done = cli("audit", *mistaken.options)
    assert done.status == 6
    assert done.narration == ""
    assert done.lines[0] == (
        "Of 80 published figures that could be recomputed, 78 are equal, "
        "1 off by no more than 0.01, 1 different."
    )
    wrong = done.text.partition("Different (1)")[2]
    for part in ("2025Q2", "CC", "average_printed", "2.80", "2.75"):
        assert part in wrong
    assert "11 / 4 = 2.75, of waits 3, urgent 3, finance 2, survey 3" in wrong
    assert f"tables.csv row {row_of(mistaken, 'CC', 'average_printed')}" in wrong
    assert "Off by no more than 0.01 (1)" in done.text


def test_a_process_exits_with_6(cli_process: CliProcess, mistaken: Small) -> None:
    done = cli_process("audit", *mistaken.options, "--format", "ndjson")
    assert done.status == 6
    verdicts = [json.loads(line)["verdict"] for line in done.output.splitlines()]
    assert verdicts == ["different", "within_tolerance"]


@pytest.mark.parametrize(
    ("tolerance", "status", "verdicts"),
    [
        ("0", 6, ["different", "different"]),
        ("0.01", 6, ["different", "within_tolerance"]),
        ("0.05", 0, ["within_tolerance", "within_tolerance"]),
    ],
)
def test_the_tolerance_decides(
    cli: Cli, mistaken: Small, tolerance: str, status: int, verdicts: list[str]
) -> None:
    options = ("--tolerance", tolerance, "--format", "json")
    done = cli("audit", *mistaken.options, *options)
    assert done.status == status
    assert [row["verdict"] for row in done.json["rows"]] == verdicts
    assert done.json["meta"]["tolerance"] == float(tolerance)


def test_2_is_nothing_to_audit(cli: Cli, small: Small) -> None:
    done = cli("audit", *small.options)
    assert (done.status, done.output) == (2, b"")
    assert "nhs-league: error: the data publish no scores or results" in done.narration
    assert "nothing to audit" in done.narration


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--quarter", "2025Q3"], ["2025Q3, July to September 2025", "nothing to audit"]),
        (["--quarter", "banana"], ["'banana'", "2025Q2"]),
        (["--quarter", "Q5 2025/26"], ["no quarter 5"]),
        (["--tolerance", "-1"], ["--tolerance"]),
        (["--tolerance", "nan"], ["--tolerance"]),
        (["--tolerance", "some"], ["--tolerance"]),
        (["--format", "xls"], ["xls"]),
        (["--scores", "guessed"], ["guessed"]),
    ],
)
def test_2_is_something_that_does_not_exist(
    cli: Cli, honest: Small, options: list[str], parts: list[str]
) -> None:
    done = cli("audit", *honest.options, *options)
    assert (done.status, done.output) == (2, b"")
    for part in parts:
        assert part in done.narration


def test_2_is_data_that_no_shipped_framework_governs(cli: Cli, honest: Small) -> None:
    done = cli("audit", honest.folder)
    assert (done.status, done.output) == (2, b"")
    assert "nothing to audit" in done.narration


def test_3_is_a_framework_file_that_is_not_there(cli: Cli, honest: Small, tmp_path: Path) -> None:
    done = cli("audit", honest.folder, "--framework", tmp_path / "none.yaml")
    assert (done.status, done.output) == (3, b"")


def test_4_is_a_data_file_that_is_not_there(cli: Cli, honest: Small, tmp_path: Path) -> None:
    done = cli("audit", *honest.options, tmp_path / "none.csv")
    assert (done.status, done.output) == (4, b"")
    assert "none.csv: cannot be read" in done.narration


@pytest.mark.parametrize(
    ("id_", "value", "code"),
    [
        ("average_printed", "many", "not_a_number"),
        ("average_printed", "7", "score_off_scale"),
        ("segment_printed", "9", "segment_impossible"),
        ("rank_printed", "0", "rank_impossible"),
        ("in_deficit", "2", "not_a_flag"),
    ],
)
def test_4_is_bad_data_with_file_row_and_value(
    cli: Cli, tmp_path: Path, id_: str, value: str, code: str
) -> None:
    bad = write_printed(tmp_path, changed(printed_rows(), "BB", id_, value=value))
    done = cli("audit", *bad.options)
    assert (done.status, done.output) == (4, b"")
    assert "nhs-league: error: the data cannot be used" in done.narration
    assert f"tables.csv row {row_of(bad, 'BB', id_)}" in done.narration
    assert f"(found {value!r}" in done.narration
    assert f"[{code}]" in done.narration


def test_4_is_a_warning_where_they_are_errors(cli: Cli, tmp_path: Path) -> None:
    rows = [row for row in printed_rows() if row["org_code"] != "DD"]
    part = write_printed(tmp_path, rows)
    lenient = cli("audit", *part.options)
    assert lenient.status == 0
    assert "nhs-league: warning: Acute: 3 of 4 organisations have figures" in lenient.narration
    assert cli("audit", *part.options, "--quiet").narration == ""
    strict = cli("audit", *part.options, "--strict")
    assert (strict.status, strict.output) == (4, b"")
    assert "organisations_missing" in strict.narration


def test_5_is_a_place_that_cannot_be_written(cli: Cli, mistaken: Small, tmp_path: Path) -> None:
    done = cli("audit", *mistaken.options, "--output", tmp_path / "missing" / "audit.csv")
    assert (done.status, done.output) == (5, b"")


# What is audited


def named(done: Completed) -> list[str]:
    quarters: list[str] = done.json["meta"]["quarters"]
    return quarters


def test_every_quarter_is_audited_or_the_one_that_is_named(cli: Cli, honest: Small) -> None:
    later = changed(printed_rows("2025Q3"), "CC", "average_printed", value=WRONG)
    write_tables(honest.folder / "later.csv", later)
    every = cli("audit", *honest.options, "--format", "json")
    assert (every.status, named(every)) == (6, ["2025Q2", "2025Q3"])
    assert [row["quarter"] for row in every.json["rows"]] == ["2025Q3"]
    assert len(every.json["agreement"]) == 2 * len(KINDS)
    text = cli("audit", *honest.options)
    assert "Agreement: 2025Q2 (Q1 2025/26), 2025Q3 (Q2 2025/26)" in text.lines
    for quarter, status in [("2025Q2", 0), ("Q1 2025/26", 0), ("2025Q3", 6)]:
        done = cli("audit", *honest.options, "--quarter", quarter, "--format", "json")
        assert done.status == status
        assert len(named(done)) == 1


def test_a_quarter_that_publishes_nothing_is_not_audited(cli: Cli, honest: Small) -> None:
    values = [row for row in printed_rows("2025Q3") if row["metric_id"] in ("waits", "urgent")]
    write_tables(honest.folder / "values.csv", values)
    done = cli("audit", *honest.options, "--format", "json")
    assert named(done) == ["2025Q2"]


def test_paths_are_named_with_the_option_or_without(cli: Cli, mistaken: Small) -> None:
    framework = ("--framework", mistaken.framework, "--format", "csv")
    files = sorted(mistaken.folder.iterdir())
    expected = cli("audit", "--data", mistaken.folder, *framework)
    assert expected.status == 6
    assert cli("audit", mistaken.folder, *framework).output == expected.output
    assert cli("audit", *files, *framework).output == expected.output
    assert cli("audit", files[0], "--data", files[1], *framework).output == expected.output


def test_the_sample_is_audited_where_nothing_is_named(cli: Cli) -> None:
    done = cli("audit", "--format", "csv")
    assert done.status == 0
    assert "note: using the bundled sample" in done.narration
    assert "RXW OF0014" in done.narration


def test_scores_say_what_averages_are_recomputed_from(cli: Cli, tmp_path: Path) -> None:
    # BB's waits are printed to score 3.5, and the average as of 2: it follows from values alone.
    rows = changed(printed_rows(), "BB", "waits_score", value=3.5)
    small = write_printed(tmp_path, rows)
    kinds = {}
    for scores in ("auto", "computed", "published"):
        done = cli("audit", *small.options, "--scores", scores, "--format", "json")
        assert done.json["meta"]["scores"] == scores
        kinds[scores] = {row["kind"] for row in done.json["rows"]}
    assert kinds["computed"] == {"metric_score"}
    assert kinds["auto"] == kinds["published"] == {"metric_score", "domain_score", "average"}


# What is written


def test_only_what_is_not_equal_is_listed_or_everything_with_all(cli: Cli, mistaken: Small) -> None:
    some = read_csv(cli("audit", *mistaken.options, "--format", "csv").text)
    assert [(row["org_code"], row["verdict"]) for row in some] == [
        ("CC", "different"),
        ("DD", "within_tolerance"),
    ]
    done = cli("audit", *mistaken.options, "--format", "csv", "--all")
    assert done.status == 6
    every = read_csv(done.text)
    assert len(every) == 84
    assert list(every[0]) == list(AUDIT_SCHEMA)
    assert [row for row in every if row["verdict"] not in ("equal", "not_computable")] == some
    table = cli("audit", *mistaken.options)
    assert cli("audit", *mistaken.options, "--all").output == table.output


def test_every_format_holds_the_same_cells(cli: Cli, mistaken: Small, tmp_path: Path) -> None:
    printed = {}
    for format_ in FORMATS:
        done = cli("audit", *mistaken.options, "--all", "--format", format_)
        assert done.status == 6, done.narration
        path = tmp_path / f"audit{SUFFIXES[format_]}"
        written = cli("audit", *mistaken.options, "--all", "--output", path)
        assert (written.status, written.output, written.narration) == (6, b"", "")
        assert path.read_bytes() == done.output
        printed[format_] = done.output
    read = {format_: reader(printed[format_]) for format_, reader in READERS.items()}
    assert read["json"] == read["ndjson"] == read["parquet"]
    assert as_text(read["csv"]) == as_text(read["json"])
    assert len(read["json"]) == 84
    schema = pl.read_parquet(io.BytesIO(printed["parquet"])).schema
    assert dict(schema) == AUDIT_SCHEMA


def test_a_format_keeps_its_columns_though_nothing_is_listed(cli: Cli, honest: Small) -> None:
    assert cli("audit", *honest.options, "--format", "csv").lines == [",".join(AUDIT_SCHEMA)]
    assert cli("audit", *honest.options, "--format", "ndjson").output == b""
    assert cli("audit", *honest.options, "--format", "json").json["rows"] == []
    parquet = cli("audit", *honest.options, "--format", "parquet").output
    assert dict(pl.read_parquet(io.BytesIO(parquet)).schema) == AUDIT_SCHEMA


def cells_of_table(text: str) -> dict[str, list[str]]:
    """Read the table of agreement: the counts by the name of the kind."""
    lines = [line for line in text.splitlines() if line.startswith(tuple(KINDS.values()))]
    return {
        name: line.removeprefix(name).split()
        for line in lines
        for name in KINDS.values()
        if line.startswith(f"{name}  ")
    }


def cells_of_markdown(text: str) -> dict[str, list[str]]:
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return {
        row[0].strip(): [cell.strip() for cell in row[1:]]
        for row in rows
        if row[0].strip() in KINDS.values()
    }


@pytest.mark.parametrize(
    ("format_", "read"), [("table", cells_of_table), ("markdown", cells_of_markdown)]
)
def test_the_table_of_agreement_counts_what_the_data_formats_hold(
    cli: Cli, mistaken: Small, format_: str, read: Callable[[str], dict[str, list[str]]]
) -> None:
    agreement = cli("audit", *mistaken.options, "--format", "json").json["agreement"]
    always = ("equal", "different", "not_computable")
    shown = [v for v in VERDICTS if v in always or any(row[v] for row in agreement)]
    assert 3 < len(shown) < len(VERDICTS)
    expected = {
        KINDS[row["kind"]]: [str(row["cells"]), *(str(row[v] or "-") for v in shown)]
        for row in agreement
    }
    text = cli("audit", *mistaken.options, "--format", format_).text
    assert read(text) == expected
    assert "survey" in text.partition("Unknown, because:")[2]


def test_json_holds_agreement_reasons_findings_and_the_account(cli: Cli, mistaken: Small) -> None:
    document: dict[str, Any] = cli("audit", *mistaken.options, "--format", "json").json
    assert list(document) == ["meta", "agreement", "not_computable", "findings", "rows"]
    meta = document["meta"]
    assert meta["command"] == "audit"
    assert meta["quarters"] == ["2025Q2"]
    assert meta["verdict"].startswith("Of 80 published figures")
    assert meta["frameworks"] == [
        {
            "id": "small",
            "title": "A small framework",
            "file": "printed.yaml",
            "sha256": hashlib.sha256(mistaken.framework.read_bytes()).hexdigest(),
        }
    ]
    assert {file["file"]: file["sha256"] for file in meta["inputs"]} == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in mistaken.folder.iterdir()
    }
    assert document["not_computable"] == [
        {
            "quarter": "2025Q2",
            "kind": "metric_score",
            "id": "survey",
            "cells": 4,
            "reason": "published as a score, without a value",
        }
    ]
    assert [row["kind"] for row in document["agreement"]] == list(KINDS)
    assert sum(row["different"] for row in document["agreement"]) == 1


def test_a_file_has_its_manifest_beside_it(cli: Cli, mistaken: Small, tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"
    assert cli("audit", *mistaken.options, "--output", path).status == 6
    manifest = json.loads((tmp_path / "audit.csv.manifest.json").read_bytes())
    assert manifest == cli("audit", *mistaken.options, "--format", "json").json["meta"]
    assert sorted(file.name for file in tmp_path.glob("audit*")) == [
        "audit.csv",
        "audit.csv.manifest.json",
    ]


def test_two_runs_and_two_hash_seeds_write_the_same_bytes(
    cli: Cli, cli_process: CliProcess, mistaken: Small
) -> None:
    options = ("audit", *mistaken.options, "--all", "--format", "json")
    expected = cli(*options).output
    assert cli(*options).output == expected
    for seed in ("1", "2"):
        assert cli_process(*options, env={"PYTHONHASHSEED": seed}).output == expected


@pytest.mark.parametrize("data", ["printed", "sample"])
def test_eighty_columns_hold_every_line_and_wrap_nothing_away(
    cli: Cli, mistaken: Small, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    options = mistaken.options if data == "printed" else ("--quarter", "2025Q2", "--quiet")
    wide = cli("audit", *options).text
    monkeypatch.setenv("COLUMNS", "80")
    text = cli("audit", *options).text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\u2026" not in text
    # The words of the table of agreement are whole, and the counts are those of the wide one.
    agreement = text.partition("Agreement:")[2].partition("Unknown, because:")[0].split()
    for name, counts in cells_of_table(wide).items():
        assert set(name.split()) <= set(agreement)
        assert " ".join(counts) in " ".join(agreement)
    if data == "printed":
        words = text.split()
        for word in ("average_printed", "2.80", "2.75", "urgent", "finance", "survey"):
            assert word in words


def test_names_and_ids_that_look_like_markup_are_text(cli: Cli, tmp_path: Path) -> None:
    rows = changed(printed_rows(), "CC", "average_printed", value=WRONG)
    small = write_printed(tmp_path, rows)
    register = small.folder / "organisations.csv"
    register.write_text(register.read_text("utf-8").replace("CC NHS", "C [c] | *C*"), "utf-8")
    row = cli("audit", *small.options, "--format", "json").json["rows"][0]
    assert row["org_name"] == "C [c] | *C* Trust"
    markdown = cli("audit", *small.options, "--format", "markdown").text
    assert r"average\_printed" in markdown
