"""Publications at the command line: ``sources``, ``validate``, ``ingest``, and leagues of them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league.resources import sample_directory
from tests.conftest import Cli, Completed
from tests.publications import Row, ae_csv, ambulance_csv, cancer_xlsx, dm01_csv, zip_of

A, OVER = "A&E attendances Type 1", "Attendances over 4hrs Type 1"
TRUSTS = ("RCX", "RGT", "RA2", "RBV", "R0A", "RRV")
SERVICES = ("RRU", "RX6", "RX7")
MONTHS = {4: "APRIL", 5: "MAY", 6: "JUNE"}
SURVEYS = ("inpatient_survey.csv", "staff_survey_2024.csv", "finance_plan_2025_26.csv")
LEAGUE = ("--framework", "headline-kpis", "--quarter", "2025Q2")
SHIPPED = (
    "ae-monthly",
    "ambulance-systems-indicators",
    "cancer-provider-extract",
    "dm01-full-extract",
    "rtt-full-extract",
    "sickness-absence",
)

OWN = """\
layout: publication
id: mine
title: Waits of my own
recognise: {columns: [Trust, When, Seen, All]}
organisation: {column: Trust}
period: {column: When, formats: ["{month} {year}"]}
metrics:
  waits:
    title: Seen in time
    unit: percent
    numerator: {add: [Seen]}
    denominator: {add: [All]}
"""
OWN_DATA = "Trust,When,Seen,All\nRCX,April 2025,8,10\nRGT,April 2025,*,20\n"
FRAMEWORK = """\
id: small
title: Small league
applies_to: {quarters: "2025Q1-"}
scale: {best: 1.0, worst: 4.0, decimals: 2}
domains: {access: Access}
metrics:
  ae_4_hours:
    title: Seen in time
    domain: access
    unit: percent
    polarity: higher_is_better
    basis: sum
    per: 100
    scoring: {method: standard, standard: 78}
segments: {method: thresholds, upper_bounds: [1.75, 2.5, 3.25]}
"""


def ae(month: int, *, late: int = 0, trusts: tuple[str, ...] = TRUSTS) -> bytes:
    rows: list[Row] = [
        {"Org Code": org, A: 1000 + at, OVER: 20 * (at + 1) + month + late}
        for at, org in enumerate(trusts)
    ]
    return ae_csv(rows, period=f"MSitAE-{MONTHS[month]}-2025")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of a quarter's publications, and the sample's surveys beside them."""
    made = tmp_path / "published"
    made.mkdir()
    for month, name in MONTHS.items():
        (made / f"Monthly-AE-{name.title()}-2025.csv").write_bytes(ae(month))
    cancer: list[Row] = [
        {
            "ORG CODE": org,
            "PERIOD": date(2025, month, 1),
            "STAGE/ROUTE": route,
            "TOTAL TREATED": 100,
            "WITHIN STANDARD": 50.5 + 3 * at,
        }
        for month in MONTHS
        for at, org in enumerate(TRUSTS)
        for route in ("Screening", "Urgent")
    ]
    (made / "cancer.xlsx").write_bytes(cancer_xlsx(cancer))
    responses: list[Row] = [
        {"Org Code": org, "Month": month, "A8": 90, "A25": 480, "A10": 900, "A31": 1500 + 90 * at}
        for month in MONTHS
        for at, org in enumerate((*SERVICES, "ENG"))
    ]
    (made / "ambulance.csv").write_bytes(ambulance_csv(responses))
    for survey in SURVEYS:
        shutil.copy(sample_directory() / survey, made / survey)
    return made


@pytest.fixture
def attendances(tmp_path: Path) -> Path:
    """Make a folder of three months of attendances, and a framework of them alone beside it."""
    made = tmp_path / "ae"
    made.mkdir()
    for month, name in MONTHS.items():
        (made / f"ae-{name.lower()}.csv").write_bytes(ae(month))
    (tmp_path / "small.yaml").write_text(FRAMEWORK, "utf-8")
    return made


def small(folder: Path) -> tuple[str, ...]:
    return ("--data", str(folder), "--framework", str(folder.parent / "small.yaml"))


def codes(done: Completed) -> list[tuple[str, str, str | None]]:
    return [(row["severity"], row["code"], row["file"]) for row in done.json["rows"]]


def validated(cli: Cli, *paths: str | Path) -> tuple[Completed, dict[str, Any]]:
    done = cli("validate", *paths, "--format", "json")
    return done, {file["name"]: file for file in done.json["files"]}


# sources


def test_sources_lists_every_spec_and_what_is_built_in(cli: Cli) -> None:
    done = cli("sources")
    assert (done.status, done.narration) == (0, "")
    for source in (*SHIPPED, "oversight data", "organisations"):
        assert any(line.startswith(f"{source} ") for line in done.lines), source
    assert "ae_4_hours, ae_4_hours_type_1" in done.text


def test_sources_gives_the_same_in_every_format(cli: Cli) -> None:
    rows = cli("sources", "--format", "json").json["rows"]
    table = list(csv.DictReader(io.StringIO(cli("sources", "--format", "csv").text)))
    assert [row["source_id"] for row in rows] == [row["source_id"] for row in table]
    by_id = {row["source_id"]: row for row in rows}
    assert by_id["ae-monthly"]["metrics"].split() == [
        "ae_4_hours",
        "ae_4_hours_type_1",
        "ae_12_hours_from_decision",
    ]
    assert len(by_id["ae-monthly"]["sha256"]) == 64
    assert by_id["ae-monthly"]["file"] == "ae-monthly.yaml"


def test_sources_of_the_user_join_them_by_file_or_folder(cli: Cli, tmp_path: Path) -> None:
    spec = tmp_path / "mine.source.yaml"
    spec.write_text(OWN, "utf-8")
    for path in (spec, tmp_path):
        rows = cli("sources", path, "--format", "json").json["rows"]
        (row,) = [row for row in rows if row["source_id"] == "mine"]
        assert (row["file"], row["metrics"], row["layout"]) == (
            "mine.source.yaml",
            "waits",
            "publication",
        )


def test_a_folder_of_data_and_specs_gives_its_specs(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.source.yaml").write_text(OWN, "utf-8")
    (tmp_path / "data.csv").write_text(OWN_DATA, "utf-8")
    done = cli("sources", tmp_path)
    assert done.status == 0
    assert "Waits of my own" in done.text


def test_an_invalid_spec_is_3_with_every_line(cli: Cli, tmp_path: Path) -> None:
    spec = tmp_path / "mine.source.yaml"
    spec.write_text(OWN.replace("unit:", "units:").replace("{month}", "{moth}"), "utf-8")
    (tmp_path / "data.csv").write_text(OWN_DATA, "utf-8")
    for command in (("sources", spec), ("validate", tmp_path), ("ingest", tmp_path)):
        done = cli(*command)
        assert (done.status, done.output) == (3, b"")
        assert "mine.source.yaml line 6, period.formats.0" in done.narration
        assert "mine.source.yaml line 10, metrics.waits.units" in done.narration


def test_a_file_that_is_no_spec_is_a_usage_error(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(OWN_DATA, "utf-8")
    done = cli("sources", path)
    assert done.status == 2
    assert ".source.yaml" in done.narration
    assert cli("sources", tmp_path / "none.source.yaml").status == 4


def test_schema_source_is_a_json_schema(cli: Cli) -> None:
    done = cli("schema", "source")
    assert done.status == 0
    assert json.loads(done.output)["$schema"].startswith("https://json-schema.org/")


# validate


def test_validate_names_spec_encoding_rows_periods_and_organisations(
    cli: Cli, folder: Path
) -> None:
    done, files = validated(cli, folder)
    assert done.status == 0
    june = files["Monthly-AE-June-2025.csv"]
    assert (june["source"], june["layout"], june["encoding"]) == (
        "ae-monthly",
        "publication",
        "utf-8",
    )
    assert (june["rows_in"], june["rows_used"], june["left_out"]) == (7, 6, {"total": 1})
    assert (june["observations"], june["organisations"]) == (18, 6)
    assert june["periods"] == ["2025-06"]
    assert "RXQ" in june["organisations_missing"]
    assert "RCX" not in june["organisations_missing"]
    cancer = files["cancer.xlsx"]
    assert (cancer["encoding"], cancer["rows_in"], cancer["rows_used"]) == ("xlsx", 36, 36)
    assert cancer["periods"] == ["2025-04", "2025-05", "2025-06"]
    assert files["ambulance.csv"]["left_out"] == {"total": 3}
    assert files["staff_survey_2024.csv"]["source"] == "tidy"
    for file in files.values():
        assert file["rows_in"] == file["rows_used"] + sum(file["left_out"].values())


def test_validate_says_the_same_to_people(cli: Cli, folder: Path) -> None:
    (folder / "Monthly-AE-June-2025.csv").write_bytes(b"Title\n\n" + ae(6))
    text = cli("validate", folder).text
    (line,) = [line for line in text.splitlines() if line.startswith("Monthly-AE-June-2025.csv ")]
    for said in ("ae-monthly", "utf-8", "1 total", "2 rows above the header", "2025-06"):
        assert said in line
    assert "Organisations that are expected and missing:" in text
    assert "- Monthly-AE-June-2025.csv: R0B, R0D, " in text


def test_every_error_in_a_publication_is_located(cli: Cli, attendances: Path) -> None:
    path = attendances / "ae-june.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace(",1000,", ",lots,")
    lines[2] = lines[2].replace("MSitAE-JUNE-2025", "some day")
    path.write_text("\n".join([*lines, "RCX,short"]), "utf-8")
    done, _ = validated(cli, attendances)
    assert done.status == 4
    places = {
        (row["code"], row["row"], row["column"], row["value"])
        for row in done.json["rows"]
        if row["severity"] == "error"
    }
    assert places == {
        ("not_a_number", 2, A, "lots"),
        ("period_unreadable", 3, "Period", "some day"),
        ("ragged_row", len(lines) + 1, None, None),
    }


def test_a_file_that_matches_nothing_names_the_nearest_spec_and_what_it_lacks(
    cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "ae.csv"
    path.write_bytes(ae_csv([{"Org Code": "RCX"}], renamed={OVER: "Over four hours"}))
    done, files = validated(cli, path)
    assert done.status == 4
    (row,) = [row for row in done.json["rows"] if row["code"] == "no_source"]
    assert "ae-monthly" in row["message"]
    assert row["expected"] == OVER
    assert files["ae.csv"]["rows_used"] == 0


def test_a_file_that_two_specs_fit_is_refused_by_the_names_of_both(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text(OWN_DATA, "utf-8")
    (tmp_path / "mine.source.yaml").write_text(OWN, "utf-8")
    (tmp_path / "other.source.yaml").write_text(OWN.replace("id: mine", "id: other"), "utf-8")
    done, files = validated(cli, tmp_path)
    assert done.status == 4
    (row,) = [row for row in done.json["rows"] if row["severity"] == "error"]
    assert (row["code"], row["file"], row["row"]) == ("ambiguous_source", "data.csv", 1)
    assert "mine and other" in row["message"]
    assert files["data.csv"]["rows_used"] == 0
    assert cli("ingest", tmp_path).status == 4


def test_two_specs_of_one_id_are_invalid(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.source.yaml").write_text(OWN, "utf-8")
    (tmp_path / "data.csv").write_text(OWN_DATA, "utf-8")
    done = cli("validate", tmp_path)
    assert done.status == 3
    assert "b.source.yaml line 1, id: the id is that of a.source.yaml too" in done.narration


# Editions


def test_a_revised_file_replaces_the_first_edition_with_a_note(cli: Cli, attendances: Path) -> None:
    (attendances / "ae-june-revised.csv").write_bytes(ae(6, late=50))
    done, files = validated(cli, attendances)
    assert done.status == 0
    assert ("note", "edition_replaced", "ae-june.csv") in codes(done)
    assert files["ae-june.csv"]["left_out"] == {"edition_replaced": 6, "total": 1}
    assert files["ae-june-revised.csv"]["rows_used"] == 6
    rows = cli("ingest", attendances, "--format", "json").json["rows"]
    june = [row for row in rows if row["period"] == "2025-06"]
    assert {row["source_file"] for row in june} == {"ae-june-revised.csv"}


def test_a_revision_in_a_zip_of_that_name_counts(cli: Cli, attendances: Path) -> None:
    content = zip_of({"full-extract.csv": ae(6, late=50)})
    (attendances / "ae-june-revised.zip").write_bytes(content)
    done, files = validated(cli, attendances)
    assert done.status == 0
    assert files["ae-june.csv"]["rows_used"] == 0


def test_two_different_files_of_one_month_are_found(cli: Cli, attendances: Path) -> None:
    (attendances / "ae-june-2.csv").write_bytes(ae(6, late=50))
    done, _ = validated(cli, attendances)
    assert done.status == 4
    found = codes(done)
    assert ("warning", "two_files_of_a_period", "ae-june.csv") in found
    assert "editions_disagree" in {code for _, code, _ in found}


def test_an_identical_copy_is_used_once(cli: Cli, attendances: Path) -> None:
    alone = cli("rank", *small(attendances), "--format", "csv").output
    shutil.copy(attendances / "ae-june.csv", attendances / "copy.csv")
    done, files = validated(cli, attendances)
    assert done.status == 0
    assert {severity for severity, _, _ in codes(done)} <= {"note", "warning"}
    assert "two_files_of_a_period" not in {code for _, code, _ in codes(done)}
    used = {files["ae-june.csv"]["rows_used"], files["copy.csv"]["rows_used"]}
    assert used == {0, 6}
    assert cli("rank", *small(attendances), "--format", "csv").output == alone


# ingest


def test_ingest_says_what_every_metric_and_period_comes_to(cli: Cli, attendances: Path) -> None:
    done = cli("ingest", attendances)
    assert done.status == 0
    (line,) = [line for line in done.lines if line.split()[:2] == ["ae_4_hours", "2025-06"]]
    attended = sum(1000 + at for at in range(6))
    within = attended - sum(20 * (at + 1) + 6 for at in range(6))
    assert line.split() == [
        "ae_4_hours",
        "2025-06",
        "6",
        "0",
        f"{within:,}",
        f"{attended:,}",
        f"{100 * within / attended:.2f}%",
    ]


def test_ingest_writes_one_row_an_observation(cli: Cli, attendances: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("ingest", attendances, "--format", "csv").text)))
    assert len(rows) == 3 * 3 * 6
    (row,) = [
        row
        for row in rows
        if (row["org_code"], row["metric_id"], row["period"]) == ("RGT", "ae_4_hours", "2025-05")
    ]
    assert (float(row["numerator"]), float(row["denominator"])) == (1001 - 45, 1001)
    assert (row["status"], row["value"]) == ("reported", "")
    assert (row["source_file"], row["source_row"]) == ("ae-may.csv", "3")


def test_ingest_gives_the_same_in_every_format(cli: Cli, folder: Path, tmp_path: Path) -> None:
    for kind in ("csv", "parquet", "json"):
        done = cli("ingest", folder, "--output", tmp_path / f"out.{kind}")
        assert (done.status, done.output) == (0, b"")
        assert (tmp_path / f"out.{kind}.manifest.json").is_file() or kind == "json"
    parquet = pl.read_parquet(tmp_path / "out.parquet")
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert document["rows"] == list(parquet.iter_rows(named=True))
    text = pl.read_csv(tmp_path / "out.csv", schema=parquet.schema)
    assert text.equals(parquet)
    assert [file["name"] for file in document["files"]] == sorted(
        path.name for path in folder.iterdir()
    )
    assert document["meta"]["command"] == "ingest"


def test_ingest_is_the_same_bytes_every_time(cli: Cli, folder: Path) -> None:
    first = cli("ingest", folder, "--format", "csv").output
    assert cli("ingest", folder, "--format", "csv").output == first
    files = sorted(folder.iterdir(), reverse=True)
    assert cli("ingest", *files, "--format", "csv").output == first


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_ingest_wrote_gives_the_same_league(
    cli: Cli, folder: Path, tmp_path: Path, kind: str
) -> None:
    league = cli("rank", "--data", folder, *LEAGUE, "--format", "csv")
    assert league.status == 0
    assert league.text.count("\n") > 100
    path = tmp_path / "written" / f"observations.{kind}"
    path.parent.mkdir()
    assert cli("ingest", folder, "--output", path).status == 0
    again = cli("rank", "--data", path, *LEAGUE, "--format", "csv")
    assert (again.status, again.output) == (0, league.output)
    assert (
        cli("ingest", path, "--format", "csv").output
        == cli("ingest", folder, "--format", "csv").output
    )


def test_organisations_that_are_not_ranked_are_there_where_all_are_asked_for(
    cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "ae.csv"
    path.write_bytes(ae(6, trusts=("RCX", "AXG02", "RGT")))

    def organisations(*options: str) -> set[str]:
        rows = cli("ingest", path, *options, "--format", "json").json["rows"]
        return {row["org_code"] for row in rows}

    assert organisations() == {"RCX", "RGT"}
    assert organisations("--all") == {"RCX", "RGT", "AXG02"}
    _, files = validated(cli, path)
    assert files["ae.csv"]["left_out"] == {"total": 1, "other_provider": 1}


def test_a_spec_among_the_data_reads_what_it_describes(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(OWN_DATA, "utf-8")
    (tmp_path / "mine.source.yaml").write_text(OWN, "utf-8")
    done, files = validated(cli, tmp_path)
    assert done.status == 0
    assert list(files) == ["data.csv"]
    assert (files["data.csv"]["source"], files["data.csv"]["rows_used"]) == ("mine", 2)
    rows = cli("ingest", tmp_path, "--format", "json").json["rows"]
    assert [(r["org_code"], r["numerator"], r["denominator"], r["status"]) for r in rows] == [
        ("RCX", 8, 10, "reported"),
        ("RGT", None, 20, "suppressed"),
    ]
    both = cli("ingest", tmp_path / "data.csv", tmp_path / "mine.source.yaml", "--format", "json")
    assert both.json["rows"] == rows


def test_a_spec_of_a_shipped_id_stands_in_its_place(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "ae.csv").write_bytes(ae(6))
    spec = OWN.replace("id: mine", "id: ae-monthly")
    (tmp_path / "mine.source.yaml").write_text(spec, "utf-8")
    done, _ = validated(cli, tmp_path)
    assert done.status == 4, "the shipped spec no longer reads the file"


def test_errors_stop_ingest_and_nothing_is_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(OWN_DATA.replace("8,10", "-8,10"), "utf-8")
    (tmp_path / "mine.source.yaml").write_text(OWN, "utf-8")
    out = tmp_path / "out" / "o.csv"
    out.parent.mkdir()
    done = cli("ingest", tmp_path / "data.csv", tmp_path / "mine.source.yaml", "--output", out)
    assert (done.status, done.output, out.exists()) == (4, b"", False)
    assert "data.csv row 2, column Seen: is below zero" in done.narration


# Leagues


def test_a_quarter_that_lacks_a_month_is_flagged_with_the_month(
    cli: Cli, attendances: Path
) -> None:
    (attendances / "ae-may.csv").unlink()
    done = cli("validate", *small(attendances), "--quarter", "2025Q2", "--format", "json")
    (row,) = [row for row in done.json["rows"] if row["code"] == "incomplete_quarter"]
    assert row["severity"] == "warning"
    assert row["message"] == "ae_4_hours: the data have no month 2025-05 of 2025Q2"
    strict = cli("rank", *small(attendances), "--quarter", "2025Q2", "--strict")
    assert strict.status == 4


def test_explain_names_the_file_and_row_of_every_month(cli: Cli, folder: Path) -> None:
    done = cli("explain", "RGT", "--data", folder, *LEAGUE)
    assert done.status == 0
    (line,) = [line for line in done.lines if line.startswith("- ae_4_hours:")]
    for month in ("April", "May", "June"):
        assert f"Monthly-AE-{month}-2025.csv row 3" in line
    (line,) = [line for line in done.lines if line.startswith("- cancer_62_days:")]
    assert "cancer.xlsx" in line


def test_explain_of_ingested_figures_names_the_first_file(
    cli: Cli, attendances: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "observations.csv"
    path.parent.mkdir()
    cli("ingest", attendances, "--output", path)
    framework = ("--framework", str(tmp_path / "small.yaml"), "--format", "json")
    direct = cli("explain", "RGT", "--data", attendances, *framework).json["rows"]
    assert cli("explain", "RGT", "--data", path, *framework).json["rows"] == direct


def test_a_large_extract_and_a_month_of_another_are_ranked_together(
    cli: Cli, tmp_path: Path
) -> None:
    rows: list[Row] = [
        {"Provider Org Code": org, "Commissioner Org Code": by, "00 < 01 Week": 90, "13+ Weeks": at}
        for at, org in enumerate(TRUSTS)
        for by in ("99Z", "10R")
    ]
    (tmp_path / "dm01.zip").write_bytes(zip_of({"dm01.csv": dm01_csv(rows)}))
    done = cli("ingest", tmp_path, "--format", "json")
    found = {row["org_code"]: (row["numerator"], row["denominator"]) for row in done.json["rows"]}
    assert found == {org: (2 * at, 180 + 2 * at) for at, org in enumerate(TRUSTS)}


@pytest.mark.parametrize("name", ["out.html", "out.txt", "out.md", "out"])
def test_ingest_writes_observations_and_no_drawing(cli: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / "ae.csv").write_bytes(ae_csv([{"Org Code": "RCX"}]))
    done = cli("ingest", tmp_path, "--output", tmp_path / name)
    assert (done.status, (tmp_path / name).exists()) == (2, False)
    assert ".parquet" in done.narration
    assert cli("ingest", tmp_path, "--output", tmp_path / name, "--format", "csv").status == 0


def test_ingest_writes_over_no_file_that_it_reads(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "ae.csv"
    path.write_bytes(ae_csv([{"Org Code": "RCX"}]))
    before = path.read_bytes()
    assert cli("ingest", tmp_path, "--output", path).status == 2
    assert path.read_bytes() == before
