"""Trap 11: the habits of published NHS files, each in a publication that is read by its spec."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nhs_league.sources.dataset import Dataset, load_data
from tests.publications import Row, ae_csv, cancer_xlsx, dm01_csv, sickness_csv

A, OVER = "A&E attendances Type 1", "Attendances over 4hrs Type 1"
ROWS: list[Row] = [{"Org Code": "RCX", A: 1000, OVER: 100}, {"Org Code": "RGT", A: 300, OVER: 60}]
EXPECTED = {"RCX": (900.0, 1000.0), "RGT": (240.0, 300.0)}


def load(folder: Path, content: bytes, name: str = "a.csv") -> Dataset:
    (folder / name).write_bytes(content)
    return load_data([folder / name])


def figures(dataset: Dataset, metric: str = "ae_4_hours") -> dict[str, tuple[float, float]]:
    every = pl.concat([dataset.observations, dataset.others])
    rows = every.filter(pl.col("metric_id") == metric).iter_rows(named=True)
    return {row["org_code"]: (row["numerator"], row["denominator"]) for row in rows}


def errors(dataset: Dataset) -> list[str]:
    return [finding.code for finding in dataset.findings if finding.severity == "error"]


@pytest.mark.parametrize("crlf", [False, True], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("encoding", "bom"), [("utf-8", False), ("utf-8", True), ("cp1252", False)]
)
def test_trap_11_encodings_and_line_endings(
    tmp_path: Path, encoding: str, bom: bool, crlf: bool
) -> None:
    rows: list[Row] = [
        {**row, "Org name": "Ynys M\u00f4n \u2013 \u2018Sir\u2019 NHS TRUST"} for row in ROWS
    ]
    dataset = load(tmp_path, ae_csv(rows, encoding=encoding, bom=bom, crlf=crlf))
    assert figures(dataset) == EXPECTED
    assert errors(dataset) == []
    assert dataset.files[0].encoding == encoding
    codes = {finding.code for finding in dataset.findings}
    assert ("byte_order_mark" in codes, "crlf_line_endings" in codes) == (bom, crlf)
    assert ("cp1252_encoding" in codes) is (encoding == "cp1252")


@pytest.mark.parametrize("total", ["TOTAL", "Total", "England", "-", "TOTAL ", " total", "ENGLAND"])
def test_trap_11_totals_rows_by_any_name(tmp_path: Path, total: str) -> None:
    dataset = load(tmp_path, ae_csv(ROWS, total=total))
    assert figures(dataset) == EXPECTED
    assert dataset.files[0].left_out == {"total": 1}
    assert dataset.findings == ()


@pytest.mark.parametrize("total", ["TOTAL", "Total", "England", "-"])
def test_trap_11_totals_rows_of_staff(tmp_path: Path, total: str) -> None:
    rows: list[Row] = [
        {"ORG_CODE": code, "FTE_DAYS_LOST": 5, "FTE_DAYS_AVAILABLE": 100} for code in ("RCX", total)
    ]
    dataset = load(tmp_path, sickness_csv(rows))
    assert figures(dataset, "sickness_absence") == {"RCX": (5, 100)}
    assert dataset.files[0].left_out == {"total": 1}


def test_trap_11_a_total_of_tests_does_not_double_every_figure(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"Provider Org Code": "RCX", "Diagnostic Tests": test, "06 < 07 Weeks": 3, "13+ Weeks": 1}
        for test in ("MRI", "CT")
    ]
    for name in ("TOTAL", "Total"):
        content = dm01_csv(rows).replace(b'"TOTAL"', f'"{name}"'.encode())
        assert figures(load(tmp_path, content), "diagnostics_6_weeks") == {"RCX": (8, 8)}


@pytest.mark.parametrize("old", ["Org Code", "Period", A, OVER])
def test_trap_11_headers_with_trailing_spaces(tmp_path: Path, old: str) -> None:
    dataset = load(tmp_path, ae_csv(ROWS, renamed={old: f"{old} "}))
    assert figures(dataset) == EXPECTED
    assert dataset.findings == ()


def test_trap_11_headers_with_two_stray_cells(tmp_path: Path) -> None:
    dataset = load(tmp_path, ae_csv(ROWS, stray_header_cells=2))
    assert figures(dataset) == EXPECTED
    assert errors(dataset) == []


def test_trap_11_thousands_separators_in_quotes(tmp_path: Path) -> None:
    content = ae_csv([{"Org Code": "RCX", A: "26,064", OVER: "1,064"}, ROWS[1]], total=None)
    assert b'"26,064"' in content
    dataset = load(tmp_path, content)
    assert figures(dataset)["RCX"] == (25000, 26064)
    assert {(f.severity, f.code) for f in dataset.findings} == {("note", "thousands_separator")}


def test_trap_11_a_percentage_is_no_count(tmp_path: Path) -> None:
    dataset = load(tmp_path, ae_csv([{"Org Code": "RCX", A: 100, OVER: "75.90%"}], total=None))
    assert set(errors(dataset)) == {"percent_sign"}
    (finding,) = (f for f in dataset.findings if f.severity == "error")
    assert (finding.row, finding.column, finding.value) == (2, OVER, "75.90%")


def test_trap_11_a_percentage_in_a_column_that_is_not_counted_is_nothing(tmp_path: Path) -> None:
    row: Row = {"ORG_CODE": "RCX", "FTE_DAYS_LOST": 5, "FTE_DAYS_AVAILABLE": 100}
    content = sickness_csv([{**row, "SICKNESS_ABSENCE_RATE_PERCENT": "5.00%"}])
    dataset = load(tmp_path, content)
    assert figures(dataset, "sickness_absence") == {"RCX": (5, 100)}
    assert dataset.findings == ()


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ("*", "suppressed"),
        ("-", "not_submitted"),
        ("N/A", "not_applicable"),
        ("Not Applicable", "not_applicable"),
        ("n/a ", "not_applicable"),
        ("", "not_submitted"),
    ],
)
def test_trap_11_marks_are_statuses_and_never_zeros(tmp_path: Path, mark: str, status: str) -> None:
    dataset = load(tmp_path, ae_csv([{"Org Code": "RCX", A: 1000, OVER: mark}, ROWS[1]]))
    found = {
        row["org_code"]: (row["numerator"], row["status"])
        for row in dataset.observations.iter_rows(named=True)
        if row["metric_id"] == "ae_4_hours"
    }
    assert found == {"RCX": (None, status), "RGT": (240, "reported")}
    assert errors(dataset) == []


@pytest.mark.parametrize(
    "preamble",
    [
        "A&E attendances and emergency admissions\n",
        "Title,,,\n,,,\n\nSource:,NHS England\n",
        '"Two\nlines",\n' * 5,
        "\n" * 20,
    ],
)
def test_trap_11_preamble_rows(tmp_path: Path, preamble: str) -> None:
    dataset = load(tmp_path, preamble.encode() + ae_csv(ROWS))
    assert figures(dataset) == EXPECTED
    assert errors(dataset) == []
    (report,) = dataset.files
    assert report.rows_in == 3, "rows above the header are not counted among those in"
    first = report.preamble_rows + 2
    assert dataset.observations["source_row"].min() == first


def test_trap_11_half_patients_are_not_rounded(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"ORG CODE": "RCX", "STAGE/ROUTE": route, "TOTAL TREATED": 52.5, "WITHIN STANDARD": 30.5}
        for route in ("Screening", "Upgrade", "Urgent")
    ]
    dataset = load(tmp_path, cancer_xlsx(rows), "c.xlsx")
    assert figures(dataset, "cancer_62_days") == {"RCX": (91.5, 157.5)}
    assert errors(dataset) == []


def test_trap_11_an_organisation_of_five_characters(tmp_path: Path) -> None:
    dataset = load(tmp_path, ae_csv([{"Org Code": "G6V2S", A: 50, OVER: 5}, *ROWS]))
    observed = dataset.observations.filter(pl.col("org_code") == "G6V2S")
    assert observed.height == 3, "it is a trust of the register and ranked"
    assert figures(dataset)["G6V2S"] == (45, 50)
    assert dataset.files[0].left_out == {"total": 1}
