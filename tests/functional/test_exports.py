"""Results for spreadsheets and pages: hostile names, sheets, and what is read back."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Cli
from tests.functional.small import ORGANISATIONS, Small, write_csv
from tests.functional.test_formats import assert_workbook_agrees
from tests.workbook_cells import read_workbook

HOSTILE = {
    "AA1": '=HYPERLINK("http://x")',
    "AA2": "<script>alert(1)</script>",
    "AA3": "+44 \u201cquoted\u201d & 'M\u00f4n'",
    "AA4": "@SUM(A1)",
    "AA5": "'=1+1",
    "AA6": "-1",
    "AM1": "{{ 7 * 7 }} &amp; </style>",
}
FORMULA_STARTS = ("=", "+", "-", "@")


@pytest.fixture
def hostile(small: Small) -> Small:
    """Give the organisations of the small league names that programs would run."""
    header = ("org_code", "org_name", "trust_type", "region", "icb_code", "icb_name")
    rows = [(row[0], HOSTILE[row[0]], *row[2:]) for row in ORGANISATIONS]
    write_csv(small.folder / "organisations.csv", header, rows)
    return small


def names(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["org_code"]: row["org_name"] for row in rows}


def test_a_workbook_keeps_hostile_names_as_text(cli: Cli, hostile: Small) -> None:
    done = cli("rank", *hostile.options, "--format", "xlsx")
    sheets = read_workbook(done.output)
    assert list(sheets) == ["Acute trusts", "Ambulance trusts", "Notes"]
    read = [row for name in list(sheets)[:2] for row in sheets[name].records()]
    assert names(read) == HOSTILE
    acute = sheets["Acute trusts"]
    quoted = {acute.cells[place] for place in acute.quoted}
    assert quoted == {name for name in HOSTILE.values() if name.startswith((*FORMULA_STARTS, "'"))}


def test_polars_reads_a_workbook_as_it_reads_the_rest(cli: Cli, hostile: Small) -> None:
    arguments = ("rank", *hostile.options, "--format")
    rows = cli(*arguments, "json").json["rows"]
    sheets = pl.read_excel(io.BytesIO(cli(*arguments, "xlsx").output), sheet_id=0)
    frame = pl.concat([sheets["Acute trusts"], sheets["Ambulance trusts"]], how="vertical_relaxed")
    columns = ["org_code", "org_name", "rank", "average_metric_score", "adjusted_segment"]
    assert frame.select(columns).to_dicts() == [
        {name: row[name] for name in columns} for row in rows
    ]


def test_csv_has_an_apostrophe_before_what_may_be_a_formula(cli: Cli, hostile: Small) -> None:
    text = cli("rank", *hostile.options, "--format", "csv").text
    written = names(list(csv.DictReader(io.StringIO(text))))
    assert not any(name.startswith(FORMULA_STARTS) for name in written.values())
    assert written == HOSTILE | {
        code: f"'{name}"
        for code, name in HOSTILE.items()
        if code in ("AA1", "AA3", "AA4", "AA5", "AA6")
    }


def test_figures_below_zero_are_figures_in_csv(cli: Cli, small: Small) -> None:
    text = cli("explain", "AA5", *small.options, "--format", "csv").text
    values = {row["metric_id"]: row["value"] for row in csv.DictReader(io.StringIO(text))}
    assert values["surplus"] == "-4.0"


@pytest.mark.parametrize("command", [["rank"], ["explain", "AA2"]])
def test_a_page_shows_hostile_names_and_runs_none(
    cli: Cli, hostile: Small, command: list[str]
) -> None:
    page = cli(*command, *hostile.options, "--format", "html").text
    assert "<script" not in page
    assert page.count("</style>") == 1
    shown = unescape(page)
    expected = HOSTILE if command == ["rank"] else {"AA2": HOSTILE["AA2"]}
    assert all(name in shown for name in expected.values())


def test_saved_tables_have_their_names_back(cli: Cli, hostile: Small, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        assert cli("rank", *hostile.options, "--output", tmp_path / name).status == 0
    done = cli("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--format", "json")
    assert names(done.json["rows"]) == HOSTILE


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_what_ingest_writes_is_read_back_as_it_was(cli: Cli, tmp_path: Path, suffix: str) -> None:
    data, again = tmp_path / "data", tmp_path / "again"
    data.mkdir()
    again.mkdir()
    header = ("org_code", "period", "=metric", "'=metric", "+other")
    write_csv(data / "@figures.csv", header, [("RCX", "2025-04", -1.5, 2, 3)])
    first = cli("ingest", data, "--format", "json").json["rows"]
    assert {row["metric_id"] for row in first} == {"=metric", "'=metric", "+other"}
    assert {row["source_file"] for row in first} == {"@figures.csv"}
    assert cli("ingest", data, "--output", again / f"table{suffix}").status == 0
    (again / f"table{suffix}.manifest.json").unlink()
    assert cli("ingest", again, "--format", "json").json["rows"] == first


def test_a_workbook_of_a_league_without_peer_groups_has_one_sheet(cli: Cli, small: Small) -> None:
    text = small.framework.read_text("utf-8").replace("within: peer_group", "within: all")
    small.framework.write_text(text, encoding="utf-8")
    done = cli("rank", *small.options, "--format", "xlsx")
    sheets = read_workbook(done.output)
    assert list(sheets) == ["Organisations", "Notes"]
    assert len(sheets["Organisations"].records()) == len(ORGANISATIONS)


def test_a_filter_that_leaves_nobody_leaves_the_header(cli: Cli, small: Small) -> None:
    nobody = ("--peer-group", "ambulance", "--region", "North West")
    done = cli("rank", *small.options, *nobody, "--format", "xlsx")
    [header] = read_workbook(done.output)["Organisations"].rows()
    assert "org_code" in header


@pytest.mark.parametrize(
    "arguments",
    [
        ("robustness", "RX8", "--replicates", "100", "--quarter", "2025Q2"),
        ("compare", "2025Q2", "2025Q3", "--replicates", "100"),
        ("history", "--top", "2"),
        ("summary", "--quarter", "2025Q2"),
        ("audit", "--quarter", "2025Q2"),
        ("explain", "RJ6", "--history", "--framework", "headline-kpis"),
        ("whatif", "RCX", "--quarter", "2025Q2", "--target-rank", "100"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_workbooks_of_the_sample_have_the_figures_of_json(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    told = cli(*arguments, "--quiet", "--format", "json").json
    assert_workbook_agrees(cli(*arguments, "--quiet", "--format", "xlsx").output, told)


def test_notes_have_the_whole_manifest(cli: Cli, small: Small) -> None:
    meta = cli("rank", *small.options, "--format", "json").json["meta"]
    notes = read_workbook(cli("rank", *small.options, "--format", "xlsx").output)["Notes"].rows()
    said = json.dumps(notes, ensure_ascii=False)
    assert ["framework sha256", meta["framework"]["sha256"]] in notes
    for file in meta["inputs"]:
        assert f"file: {file['file']}; sha256: {file['sha256']}" in said
    assert ["quarter", "2025Q2"] in notes
    assert "Not an official NHS product." in said
    assert "Open Government Licence v3.0" in said


def test_markdown_is_headed_and_says_where_it_came_from(cli: Cli, small: Small) -> None:
    for command, title in (
        (["rank"], "# Small league: league table, "),
        (["explain", "AM1"], "# Only Ambulance NHS Trust (AM1): Small league, "),
    ):
        lines = cli(*command, *small.options, "--format", "markdown").lines
        assert lines[0] == f"{title}April to June 2025 (Q1 2025/26)"
        assert lines[-1].startswith("Source: nhs-league ")
        for said in ("Small league (small)", "April to June 2025", "Not an official NHS product."):
            assert said in lines[-1]
        assert lines[-1].endswith("Open Government Licence v3.0.")
