"""A dataset: the register, the observations, and the account of every file and every row."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.errors import DataError
from nhs_league.findings import has_errors
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.organisations import ORGANISATION_SCHEMA
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.reports import FileReport
from tests.official_files import (
    ACUTE,
    AMBULANCE,
    DATA_HEADER,
    Q1,
    Q2,
    Row,
    data_rows,
    edited,
    league_rows,
    written,
)
from tests.property.settings import many
from tests.unit.sources.support import REGISTER, Findings, found, load

VALUES = "org_code,period,value\n"
COUNTS = "org_code,period,numerator,denominator,status\n"


def findings_of(dataset: Dataset) -> Findings:
    return found(dataset.findings)


def report_of(dataset: Dataset, name: str) -> FileReport:
    (report,) = (report for report in dataset.files if report.name == name)
    return report


def assert_every_row_is_accounted_for(dataset: Dataset) -> None:
    for report in dataset.files:
        assert report.rows_in == report.rows_used + sum(report.left_out.values()), report
        assert all(count > 0 for count in report.left_out.values()), report
    assert sum(report.observations for report in dataset.files) == len(dataset.observations)


def test_frames_keep_their_contracts(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": VALUES + "RAA,2025Q2,1\n"})
    assert dataset.observations.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert dataset.organisations.schema == pl.Schema(ORGANISATION_SCHEMA)
    assert dataset.findings == ()


def test_rows_come_by_file_and_then_as_they_stand(tmp_path: Path) -> None:
    rows = [f"R{letter}{letter},2025-0{month},1" for month in (5, 4) for letter in "BCA"]
    files = {"b.csv": "\n".join([VALUES.strip(), *rows]), "a.csv": VALUES + "RAA,2025Q2,1\n"}
    dataset = load(tmp_path, files)
    keys = dataset.observations.select("source_file", "source_row").rows()
    assert keys == [("a.csv", 2), *(("b.csv", row) for row in range(2, 8))]


def test_a_register_among_the_files_is_used(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": VALUES + "RAA,2025Q2,1\nR0A,2025Q2,1\n"})
    assert dataset.organisations["org_code"].to_list() == ["RAA", "RBB", "RCC"]
    assert dataset.observations["org_code"].to_list() == ["RAA"]
    assert report_of(dataset, "organisations.csv") == FileReport(
        name="organisations.csv",
        sha256=hashlib.sha256(REGISTER.encode()).hexdigest(),
        source="organisations",
        layout="organisations",
        encoding="utf-8",
        rows_in=3,
        rows_used=3,
        organisations=3,
    )


def test_without_a_register_the_bundled_one_is_used_and_not_reported(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": VALUES + "RAA,2025Q2,1\nR0A,2025Q2,1\n"}, register=False)
    assert len(dataset.organisations) == 205
    assert dataset.observations["org_code"].to_list() == ["R0A"]
    assert [report.name for report in dataset.files] == ["waits.csv"]


def test_an_organisation_is_read_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    register = (
        "org_code,org_name,trust_type,trust_subtype,region,icb_code,icb_name,foundation_trust,"
        "predecessor_codes,towns,comment\n"
        " RAA , Alder ,Acute trust,Large,London,QMJ,North Central London,Y,RXX RYY,Ash;Elm,hello\n"
        "G6V2S,Birch,Acute trust,,,,,N,,,\n"
        "RCC,Cedar,Acute trust,,,,,,,,\n"
    )
    dataset = load(tmp_path, {"organisations.csv": register}, register=False)
    assert dataset.findings == ()
    assert dataset.organisations.rows() == [
        (
            "RAA",
            "Alder",
            "Acute trust",
            "Large",
            "London",
            "QMJ",
            "North Central London",
            True,
            ["RXX", "RYY"],
            ["Ash", "Elm"],
        ),
        ("G6V2S", "Birch", "Acute trust", None, None, None, None, False, [], []),
        ("RCC", "Cedar", "Acute trust", None, None, None, None, None, [], []),
    ]


def test_a_register_s_headers_are_known_in_any_case(tmp_path: Path) -> None:
    register = "Org Code,ORG_NAME,Trust_Type \nRAA,Alder,Acute trust\n"
    dataset = load(tmp_path, {"organisations.csv": register}, register=False)
    assert dataset.findings == ()
    assert dataset.organisations["org_code"].to_list() == ["RAA"]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("raa,Alder,Acute trust,", "org_code", "raa"),
        ("R,Alder,Acute trust,", "org_code", "R"),
        ("R A,Alder,Acute trust,", "org_code", "R A"),
        ("TOTALOFALLTRUSTS,Alder,Acute trust,", "org_code", "TOTALOFALLTRUSTS"),
        (",Alder,Acute trust,", "org_code", ""),
        ("RAA,,Acute trust,", "org_name", ""),
        ("RAA,Alder, ,", "trust_type", " "),
        ("RAA,Alder,Acute trust,perhaps", "foundation_trust", "perhaps"),
    ],
)
def test_an_invalid_organisation_is_an_error_with_its_place(
    tmp_path: Path, row: str, column: str, value: str
) -> None:
    register = f"org_code,org_name,trust_type,foundation_trust\nRBB,Birch,Acute trust,N\n{row}\n"
    dataset = load(tmp_path, {"organisations.csv": register}, register=False)
    findings = findings_of(dataset)
    assert findings.errors() == ["organisation_invalid"]
    (place,) = findings.places("organisation_invalid")
    assert place == ("organisations.csv", 3, column, value.strip())
    assert dataset.organisations["org_code"].to_list() == ["RBB"]


def test_an_organisation_stated_twice_is_an_error_with_the_row_of_the_first(tmp_path: Path) -> None:
    register = REGISTER + "\nRAA,Alder Again,Acute trust\n"
    findings = findings_of(load(tmp_path, {"organisations.csv": register}))
    assert findings.places("repeated_organisation") == [("organisations.csv", 6, "org_code", "RAA")]
    assert findings.of("repeated_organisation")[0].message == (
        "first stated in organisations.csv row 2"
    )


def test_a_second_register_adds_organisations(tmp_path: Path) -> None:
    more = "org_code,org_name,trust_type\nRDD,Damson,Acute trust\n"
    dataset = load(tmp_path, {"more.csv": more, "waits.csv": VALUES + "RDD,2025Q2,1\n"})
    assert sorted(dataset.organisations["org_code"]) == ["RAA", "RBB", "RCC", "RDD"]
    assert (dataset.findings, len(dataset.observations)) == ((), 1)


def test_an_organisation_of_two_registers_is_an_error_with_its_place(tmp_path: Path) -> None:
    more = "org_code,org_name,trust_type\nRDD,Damson,Acute trust\nRBB,Beech,Acute trust\n"
    dataset = load(tmp_path, {"second.csv": more})
    findings = findings_of(dataset)
    assert findings.errors() == ["repeated_organisation"]
    assert findings.places("repeated_organisation") == [("second.csv", 3, "org_code", "RBB")]
    assert findings[0].message == "first stated in organisations.csv row 3"
    names = dict(dataset.organisations.select("org_code", "org_name").iter_rows())
    assert names["RBB"] == "Birch Trust"


def test_rows_of_a_register_that_are_not_used_are_left_out_under_a_reason(tmp_path: Path) -> None:
    register = REGISTER + "\nraa,Alder,Acute trust\nRAA,Alder,Acute trust\n"
    dataset = load(tmp_path, {"organisations.csv": register})
    report = report_of(dataset, "organisations.csv")
    assert (report.rows_in, report.rows_used, report.organisations) == (6, 3, 3)
    assert report.left_out == {
        "blank_row": 1,
        "organisation_invalid": 1,
        "repeated_organisation": 1,
    }


def test_a_ragged_row_of_a_register_is_left_out_under_its_reason(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"organisations.csv": REGISTER + "RDD,Damson\n"})
    assert findings_of(dataset).errors() == ["ragged_row"]
    report = report_of(dataset, "organisations.csv")
    assert (report.rows_in, report.rows_used, report.left_out) == (4, 3, {"ragged_row": 1})


def test_two_headers_of_one_meaning_in_a_register_are_an_error(tmp_path: Path) -> None:
    register = "org_code,Org Code,org_name,trust_type\nRAA,RAA,Alder,Acute trust\n"
    dataset = load(tmp_path, {"organisations.csv": register}, register=False)
    assert findings_of(dataset).errors() == ["duplicate_column"]
    assert findings_of(dataset).of("duplicate_column")[0].column == "Org Code"


def test_figures_beside_names_and_types_are_no_register(tmp_path: Path) -> None:
    content = "org_code,org_name,trust_type,period,value\nRAA,Alder,Acute trust,2025Q2,1\n"
    dataset = load(tmp_path, {"waits.csv": content})
    assert dataset.observations.select("org_code", "metric_id", "value").rows() == [
        ("RAA", "waits", 1.0)
    ]
    assert dataset.findings == ()


def test_an_unknown_organisation_is_left_out_under_a_named_reason(tmp_path: Path) -> None:
    content = VALUES + "RAA,2025Q2,1\nRAB,2025Q2,1\nRAB,2025Q3,1\nTOTAL,2025Q2,9\n"
    dataset = load(tmp_path, {"waits.csv": content})
    assert [
        (f.severity, f.file, f.row, f.column, f.value, f.message)
        for f in findings_of(dataset).of("unknown_organisation")
    ] == [
        (
            "warning",
            "waits.csv",
            3,
            "org_code",
            "RAB",
            "is not in the register: 2 observations are left out",
        ),
        (
            "warning",
            "waits.csv",
            5,
            "org_code",
            "TOTAL",
            "is not in the register: 1 observation is left out",
        ),
    ]
    report = report_of(dataset, "waits.csv")
    assert (report.rows_in, report.rows_used) == (4, 1)
    assert report.left_out == {"unknown_organisation": 3}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("RCCC", "an ODS code such as RCC"),
        ("RBBX", "an ODS code such as RBB"),
        ("raa", "an ODS code such as RAA"),
        ("England", "the ODS code of an NHS trust, or a table of organisations that has it"),
    ],
)
def test_the_nearest_code_is_offered(tmp_path: Path, code: str, expected: str) -> None:
    dataset = load(tmp_path, {"waits.csv": f"{VALUES}{code},2025Q2,1\n"})
    assert findings_of(dataset).of("unknown_organisation")[0].expected == expected


@pytest.mark.parametrize("header", ["value", "m"])
def test_a_blank_code_is_an_error_and_no_crash(tmp_path: Path, header: str) -> None:
    content = f"org_code,period,{header}\n,2025Q2,1\nRAA,2025Q2,1\n"
    findings = findings_of(load(tmp_path, {"a.csv": content}))
    assert findings.errors() == ["key_missing"]
    assert findings.places("key_missing") == [("a.csv", 2, "org_code", "")]


def test_spaces_around_a_code_mean_nothing(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": VALUES + " RAA ,2025Q2,1\nRBB\u00a0,2025Q2,1\n"})
    assert dataset.observations["org_code"].to_list() == ["RAA", "RBB"]
    assert dataset.findings == ()


def test_rows_that_are_left_out_are_not_found_to_repeat_each_other(tmp_path: Path) -> None:
    content = VALUES + "RAA,2025Q2,1\n-,2025Q2,5\n-,2025Q2,7\n"
    dataset = load(tmp_path, {"waits.csv": content})
    assert findings_of(dataset).codes() == [("warning", "unknown_organisation")]
    assert report_of(dataset, "waits.csv").left_out == {"unknown_organisation": 2}


def test_rows_of_known_organisations_are_found_to_repeat_across_files(tmp_path: Path) -> None:
    files = {
        "a.csv": "org_code,metric_id,period,value\nRAA,waits,2025Q2,1\nTOTAL,waits,2025Q2,1\n",
        "b.csv": "org_code,period,waits\nTOTAL,2025Q2,1\nRAA,Q1 2025/26,1\n",
    }
    findings = findings_of(load(tmp_path, files))
    assert [(f.file, f.row, f.message) for f in findings if f.severity == "error"] == [
        ("b.csv", 3, "RAA, waits, 2025Q2 stands a second time: first in a.csv row 2")
    ]
    assert findings.errors() == ["repeated_observation"]


def test_the_first_of_two_figures_stays_and_the_second_is_left_out_by_name(tmp_path: Path) -> None:
    content = VALUES + "RAA,2025Q2,1\nRAA,2025Q2,2\nRBB,soon,3\nRBB,soon,4\n"
    dataset = load(tmp_path, {"waits.csv": content})
    assert dataset.observations["value"].to_list() == [1.0, 3.0, 4.0]
    assert report_of(dataset, "waits.csv").left_out == {"repeated_observation": 1}
    assert_every_row_is_accounted_for(dataset)


def test_a_long_file_is_accounted_for(tmp_path: Path) -> None:
    content = COUNTS + (
        "RAA,2025-04,1,2,reported\n\nRBB,2025-05,,2,not_submitted\n,,,,\nTOTAL,2025-04,1,4,\n"
    )
    dataset = load(tmp_path, {"monthly/waits.csv": content})
    assert dataset.require_sound() is dataset
    assert report_of(dataset, "monthly/waits.csv") == FileReport(
        name="monthly/waits.csv",
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        source="tidy",
        layout="long",
        encoding="utf-8",
        rows_in=5,
        rows_used=2,
        left_out={"unknown_organisation": 1, "blank_row": 2},
        observations=2,
        organisations=2,
        periods=("2025-04", "2025-05"),
    )


def test_a_wide_file_is_accounted_for_by_its_rows(tmp_path: Path) -> None:
    content = "org_code,quarter,m,n\nRAA,2025Q2,1,2\nRBB,2025Q3,,3\nRCC,2025Q2,,\nRXX,2025Q2,1,2\n"
    report = report_of(load(tmp_path, {"wide.csv": content}), "wide.csv")
    assert (report.layout, report.rows_in, report.rows_used) == ("wide", 4, 2)
    assert report.left_out == {"no_figure": 1, "unknown_organisation": 1}
    assert (report.observations, report.organisations) == (3, 2)
    assert report.periods == ("2025Q2", "2025Q3")


@pytest.mark.parametrize("cell", ["1", '"1"'])
def test_blank_rows_are_counted_alike_in_long_and_wide_files(tmp_path: Path, cell: str) -> None:
    for header in ("value", "m"):
        content = f"org_code,period,{header}\nRAA,2025Q2,{cell}\n\n,,\nRBB,2025Q2,2\n"
        report = report_of(load(tmp_path / header, {"a.csv": content}), "a.csv")
        assert (report.rows_in, report.rows_used, report.left_out) == (4, 2, {"blank_row": 2})


def test_a_ragged_row_is_left_out_under_its_own_reason(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"a.csv": VALUES + "RAA,2025Q2\n\nRBB,2025Q2,1\n"})
    report = report_of(dataset, "a.csv")
    assert (report.rows_in, report.rows_used) == (3, 1)
    assert report.left_out == {"ragged_row": 1, "blank_row": 1}
    assert_every_row_is_accounted_for(dataset)


@pytest.mark.parametrize("cell", ["1", '"1"'])
@pytest.mark.parametrize("layout", ["value", "m"])
@pytest.mark.parametrize("blank", ["", ",,,", " , ,,"])
def test_a_blank_row_of_a_table_of_editions_is_left_out(
    tmp_path: Path, cell: str, layout: str, blank: str
) -> None:
    header = f"org_code,in_force_from,in_force_to,{layout}"
    content = f"{header}\nRAA,2025Q1,2025Q4,{cell}\n{blank}\nRBB,2025Q1,2025Q4,2\n"
    dataset = load(tmp_path, {"a.csv": content})
    assert dataset.findings == ()
    report = report_of(dataset, "a.csv")
    assert (report.rows_in, report.rows_used, report.left_out) == (3, 2, {"blank_row": 1})


def test_quotes_change_no_finding_on_half_a_period(tmp_path: Path) -> None:
    header = "org_code,in_force_from,in_force_to,value\n"
    plain, quoted = (
        load(tmp_path / name, {"a.csv": f"{header}RAA,2025Q1,,{cell}\nRBB,,2025Q4,2\n"})
        for name, cell in (("plain", "1"), ("quoted", '"1"'))
    )
    assert len(findings_of(plain).errors()) == 2
    assert quoted.findings == plain.findings


@pytest.mark.parametrize(
    "content",
    [
        "",
        VALUES,
        "x,y\n1,2\n",
        "a,a\n1,2\n",
        b"\x00\x01",
        VALUES + "RAA,2025Q2,x\nRAA\n",
        VALUES + ",,\n\n\n",
        "org_code,in_force_from,in_force_to,m\nRAA,2025Q1,2025Q4,\nRAA,,,1\n",
        "org_code,quarter,numerator,denominator\nTOTAL,Q1 2025/26,1,2\n-,Q1 2025/26,1,2\n",
    ],
)
def test_every_row_of_any_file_is_accounted_for(tmp_path: Path, content: str | bytes) -> None:
    dataset = load(tmp_path, {"a.csv": content})
    assert_every_row_is_accounted_for(dataset)
    assert {report.name for report in dataset.files} == {"a.csv", "organisations.csv"}


def test_members_of_one_name_in_a_zip_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", VALUES + "RAA,2025Q2,1\n")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", VALUES + "RBB,2025Q2,1\nRCC,2025Q2,1\n")
    with pytest.raises(DataError) as caught:
        load(tmp_path, {"a.zip": buffer.getvalue()})
    assert [(f.code, f.message) for f in caught.value.findings] == [
        ("file_unreadable", "cannot be read: two of its members have one name")
    ]


codes = st.sampled_from(["RAA", "RBB", "RCC", "TOTAL", "-", "", "RZZ"])
periods = st.sampled_from(["2025-04", "2025Q2", "2025Q1 to 2025Q4", "Q1 2025/26", "soon", ""])
figures = st.sampled_from(["", "1", "0", "-1", "26 064", "*", "[x]", "n/a", "75%", "x", '"1,000"'])
lines = st.one_of(
    st.sampled_from(["", ",,,", "RAA", "RAA,2025Q2,1,2,3", '"quoted, cell",2025Q2,1,2', " , , , "]),
    st.tuples(codes, periods, figures, figures).map(",".join),
)
headers = st.sampled_from(
    [
        "org_code,period,numerator,denominator",
        "org_code,period,value,published_rank",
        "org_code,quarter,m,n",
        "org_code,period,value,comment",
    ]
)


@many(25)
@given(headers, st.lists(lines, max_size=8))
def test_rows_in_are_rows_used_and_rows_left_out(
    tmp_path_factory: pytest.TempPathFactory, header: str, rows: list[str]
) -> None:
    dataset = load(tmp_path_factory.mktemp("data"), {"a.csv": "\n".join([header, *rows, ""])})
    assert_every_row_is_accounted_for(dataset)
    report = report_of(dataset, "a.csv")
    assert report.rows_in <= len(rows)
    assert report.rows_used == dataset.observations["source_row"].n_unique()


def test_findings_of_all_files_are_in_order_and_raised_together(tmp_path: Path) -> None:
    files = {
        "b.csv": VALUES + "RAA,2025Q2,x\n",
        "a.csv": "org_code,value\nRAA,1\n",
        "c.csv": "",
        "organisations.csv": REGISTER + "RAA,Alder,Acute trust\n",
    }
    dataset = load(tmp_path, files)
    assert [(f.file, f.code) for f in dataset.findings] == [
        ("a.csv", "column_missing"),
        ("b.csv", "not_a_number"),
        ("c.csv", "file_empty"),
        ("organisations.csv", "repeated_organisation"),
    ]
    with pytest.raises(DataError, match="the data cannot be used") as caught:
        dataset.require_sound()
    assert caught.value.findings == dataset.findings


def test_warnings_stop_a_strict_run_only(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"a.csv": VALUES + "RAA,2025Q2,1\nRZZ,2025Q2,1\n"})
    assert dataset.require_sound() is dataset
    with pytest.raises(DataError):
        dataset.require_sound(strict=True)


def test_notes_stop_nothing(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"a.csv": VALUES + "RAA,2025Q2,*\r\n"})
    assert {finding.severity for finding in dataset.findings} == {"note"}
    assert dataset.require_sound(strict=True) is dataset


def test_a_wide_file_s_findings_name_its_own_headers(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"a.csv": "Org Code,Quarter,m\nRAA,soon,1\n,2025Q2,x\n"})
    assert {(f.code, f.row, f.column) for f in dataset.findings if f.severity == "error"} == {
        ("period_unreadable", 2, "Quarter"),
        ("key_missing", 3, "Org Code"),
        ("not_a_number", 3, "m"),
    }


def test_the_unreadable_parts_of_an_edition_s_period_are_named(tmp_path: Path) -> None:
    content = "org_code,in_force_from,in_force_to,m\nRAA,2025Q4,2025Q1,1\nRBB,2025Q1,soon,1\n"
    findings = findings_of(load(tmp_path, {"a.csv": content}))
    assert [(f.row, f.value) for f in findings.of("period_unreadable")] == [
        (2, "2025Q4 to 2025Q1"),
        (3, "2025Q1 to soon"),
    ]
    assert "ends before it begins" in findings.of("period_unreadable")[0].message


def test_unknown_organisations_are_listed_up_to_an_announced_cap(tmp_path: Path) -> None:
    rows = "".join(f"Y{index:05},2025Q2,1\n" for index in range(300))
    findings = findings_of(load(tmp_path, {"a.csv": VALUES + rows}))
    assert len(findings.of("unknown_organisation")) == 200
    assert [f.message for f in findings.of("findings_capped")] == [
        "100 more findings of the kind unknown_organisation are not listed"
    ]


def test_a_path_that_cannot_be_read_is_raised_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        load_data([tmp_path / "gone.csv"])


def test_observations_of_a_zip_name_their_member(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("monthly/waits.csv", VALUES + "RAA,2025-04,1\n")
        archive.writestr("organisations.csv", REGISTER)
    (tmp_path / "data.zip").write_bytes(buffer.getvalue())
    dataset = load_data([tmp_path / "data.zip"])
    assert dataset.observations.select("metric_id", "source_file", "source_row").rows() == [
        ("waits", "data.zip/monthly/waits.csv", 2)
    ]


def test_the_same_metric_in_two_files_of_one_name_is_told_apart(tmp_path: Path) -> None:
    for folder, code in (("one", "RAA"), ("two", "RBB")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "waits.csv").write_text(f"{VALUES}{code},2025Q2,1\n")
    (tmp_path / "organisations.csv").write_text(REGISTER)
    paths = [tmp_path / name for name in ("one", "two", "organisations.csv")]
    dataset = load_data(paths)
    assert dataset.findings == ()
    assert dataset.observations["source_file"].to_list() == [
        (tmp_path / folder / "waits.csv").as_posix() for folder in ("one", "two")
    ]


def test_line_ends_encodings_and_marks_of_order_change_no_figure(tmp_path: Path) -> None:
    plain = "org_code,org_name,period,value\nRAA,Môn,2025Q2,52.5\nRBB,Ynys,2025Q2,*\n"
    windows = plain.replace("\n", "\r\n")
    variants = [
        plain.encode(),
        b"\xef\xbb\xbf" + plain.encode(),
        windows.encode(),
        windows.encode("cp1252"),
        plain.rstrip("\n").encode(),
        plain.replace("Môn", '"Môn"').encode(),
    ]
    frames = [
        load(tmp_path / str(index), {"a.csv": variant}).observations
        for index, variant in enumerate(variants)
    ]
    assert all(frame.equals(frames[0]) for frame in frames)
    assert frames[0]["value"].to_list() == [52.5, None]


# The Oversight Framework's own files

DATA = data_rows(
    """
    trust | OF0017  | OF1017 | OF4000 | OF4100 | OF5000 | OF5002 | OF5003 | OF5004
    RCC   | 30.5 #2 | 2.5 #2 | 2.5 #2 | 2      | 3 #2   | 2.5 #2 | 2      | 1.0
    RDD   | 20.5 #1 | 1.0 #1 | 1.0 #1 | 1      | 1 #1   | 1.0 #1 | 1      | 0.0
    """
)
TABLE = league_rows(
    """
    trust | average | score range | segment | deficit | rank | rank range
    RCC   | 2.5     | 1.2 to 2.89 | 3       | Yes     | 2    | 1 to 2
    RDD   | 1       | 1 to 1.5    | 1       | No      | 1    | 1 to 2
    """
)
MORE = "org_code,org_name,trust_type\nRDD,Damson Trust,Ambulance trust\n"


def official(folder: Path, **files: bytes) -> Dataset:
    """Load files of those names beside a register of ``RAA`` to ``RDD``."""
    named = {f"{name}.csv": content for name, content in files.items()}
    return load(folder, {"more.csv": MORE, **named})


def test_a_data_file_and_its_league_table_are_read_and_accounted_for(tmp_path: Path) -> None:
    content = written(DATA, line_end="\r\n", has_mark=True)
    dataset = official(tmp_path, data=content, table=written(TABLE))
    assert_every_row_is_accounted_for(dataset)
    assert not has_errors(dataset.findings, strict=True)
    assert report_of(dataset, "data.csv") == FileReport(
        name="data.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        source="oversight data",
        layout="oversight data",
        encoding="utf-8",
        rows_in=16,
        rows_used=16,
        kinds={
            "domain_score": 2,
            "domain_segment": 2,
            "flag": 2,
            "metric_score": 2,
            "summary": 6,
            "value": 2,
        },
        observations=26,
        organisations=2,
        periods=("2025Q2",),
    )
    table = report_of(dataset, "table.csv")
    assert (table.layout, table.rows_in, table.rows_used) == ("oversight league table", 2, 2)
    assert (table.kinds, table.left_out, table.observations) == ({"league_row": 2}, {}, 8)
    assert [(f.code, f.file) for f in dataset.findings] == [
        ("byte_order_mark", "data.csv"),
        ("crlf_line_endings", "data.csv"),
        ("repeated_edition", "table.csv"),
    ]


def test_either_file_alone_gives_the_same_results_of_the_league(tmp_path: Path) -> None:
    shared = ["average_metric_score", "adjusted_segment", "financial_override", "league_rank"]
    frames = [
        official(tmp_path / name, **{name: content})
        .observations.filter(pl.col("metric_id").is_in(shared))
        .select("org_code", "metric_id", "period", "value", "status")
        .sort("org_code", "metric_id")
        for name, content in (("data", written(DATA)), ("table", written(TABLE)))
    ]
    assert frames[0].equals(frames[1])
    assert len(frames[0]) == 8


def test_numbers_are_read_whatever_their_form(tmp_path: Path) -> None:
    rows = edited(edited(DATA, 2, Value="1,030.50", Rank="2.0"), 4, Value=" 2.50 ", Rank="")
    frame = official(tmp_path, data=written(rows)).require_sound().observations
    seen = frame.filter(pl.col("org_code") == "RCC", pl.col("metric_id").str.ends_with("17"))
    assert seen.select("metric_id", "value", "published_rank").rows()[:2] == [
        ("OF0017", 1030.5, 2.0),
        ("OF1017", 2.5, None),
    ]


@pytest.mark.parametrize(
    ("cell", "status"), [("", "not_submitted"), ("*", "suppressed"), ("N/A", "not_applicable")]
)
def test_a_value_that_is_no_number_keeps_its_reason(tmp_path: Path, cell: str, status: str) -> None:
    dataset = official(tmp_path, data=written(edited(DATA, 2, Value=cell))).require_sound()
    row = dataset.observations.filter(pl.col("metric_id") == "OF0017").row(0, named=True)
    assert (row["value"], row["status"]) == (None, status)


@pytest.mark.parametrize(
    ("changes", "code", "column", "value"),
    [
        ({"Quarter": "spring"}, "period_unreadable", "Quarter", "spring"),
        ({"Quarter": "Q1 2025"}, "period_unreadable", "Quarter", "Q1 2025"),
        ({"Quarter": ""}, "key_missing", "Quarter", ""),
        ({"Trust_code": " "}, "key_missing", "Trust_code", " "),
        ({"Metric_ID": ""}, "key_missing", "Metric_ID", ""),
        ({"Value": "low"}, "not_a_number", "Value", "low"),
        ({"Median_value": "low"}, "not_a_number", "Median_value", "low"),
        ({"Rank": "first"}, "not_a_number", "Rank", "first"),
        ({"Rank": "0"}, "rank_impossible", "Rank", "0"),
    ],
)
def test_a_bad_cell_is_one_error_under_the_file_s_own_header(
    tmp_path: Path, changes: dict[str, str], code: str, column: str, value: str
) -> None:
    dataset = official(tmp_path, data=written(edited(DATA, 2, **changes)))
    findings = findings_of(dataset)
    assert findings.errors() == [code]
    (file, row, seen_column, seen_value) = findings.places(code)[0]
    assert (file, row, seen_column, (seen_value or "").strip()) == (
        "data.csv",
        2,
        column,
        value.strip(),
    )
    assert_every_row_is_accounted_for(dataset)


@pytest.mark.parametrize(
    ("row", "header", "cell"),
    [(10, "Rank", "first"), (12, "Rank", "n°1"), (12, "Value", "good"), (14, "Value", "two")],
)
def test_a_bad_result_is_one_error_under_the_file_s_own_header(
    tmp_path: Path, row: int, header: str, cell: str
) -> None:
    findings = findings_of(official(tmp_path, data=written(edited(DATA, row, **{header: cell}))))
    assert findings.places("not_a_number") == [("data.csv", row, header, cell)]
    assert findings.errors() == ["not_a_number"]


@pytest.mark.parametrize("header", ["Average_score", "Segment", "Rank"])
def test_a_bad_cell_of_a_league_table_is_placed_under_its_header(
    tmp_path: Path, header: str
) -> None:
    findings = findings_of(official(tmp_path, table=written(edited(TABLE, 3, **{header: "x"}))))
    assert findings.places("not_a_number") == [("table.csv", 3, header, "x")]
    assert findings.errors() == ["not_a_number"]


def test_cumulative_files_repeat_a_quarter_and_say_so(tmp_path: Path) -> None:
    second = [row | {"Quarter": Q2} for row in DATA]
    dataset = official(tmp_path, first=written(DATA), later=written(DATA + second))
    assert_every_row_is_accounted_for(dataset)
    later = report_of(dataset, "later.csv")
    assert (later.rows_in, later.rows_used, later.left_out) == (32, 16, {"repeated_edition": 16})
    assert (later.observations, later.periods) == (26, ("2025Q3",))
    (note,) = dataset.findings
    assert (note.severity, note.code, note.file, note.row) == (
        "note",
        "repeated_edition",
        "later.csv",
        2,
    )
    assert note.message == "26 figures stand in first.csv too, and agree"
    alone = load(tmp_path / "alone", {"more.csv": MORE, "later.csv": written(DATA + second)})
    values = ("org_code", "metric_id", "period", "value", "published_rank", "status")
    assert sorted(dataset.observations.select(values).rows(), key=str) == sorted(
        alone.observations.select(values).rows(), key=str
    )


def test_editions_of_one_quarter_that_disagree_are_an_error_at_the_cell(tmp_path: Path) -> None:
    revised = edited(DATA, 12, Value="2.49")
    dataset = official(tmp_path, first=written(DATA), second=written(revised))
    findings = findings_of(dataset)
    assert findings.errors() == ["editions_disagree"]
    assert findings.places("editions_disagree") == [("second.csv", 12, "Value", "2.49")]
    assert findings.of("editions_disagree")[0].expected == "2.5"
    assert_every_row_is_accounted_for(dataset)


def test_a_league_table_that_disagrees_with_its_data_file_is_an_error(tmp_path: Path) -> None:
    table = edited(TABLE, 2, Average_score="2.4", Rank="1", Trust_in_financial_deficit="No")
    findings = findings_of(official(tmp_path, data=written(DATA), table=written(table)))
    assert findings.places("editions_disagree") == [
        ("table.csv", 2, "Average_score", "2.4"),
        ("table.csv", 2, "Rank", "1"),
        ("table.csv", 2, "Trust_in_financial_deficit", "0"),
    ]


def test_a_row_that_stands_twice_in_one_data_file_is_one_error(tmp_path: Path) -> None:
    dataset = official(tmp_path, data=written([*DATA, DATA[0]]))
    findings = findings_of(dataset)
    assert findings.errors() == ["repeated_observation"]
    assert report_of(dataset, "data.csv").left_out == {"repeated_observation": 1}
    assert findings[0].message == (
        "RCC, OF0017 and 3 more, 2025Q2 stands a second time: first in row 2"
    )
    assert_every_row_is_accounted_for(dataset)


def test_a_tidy_table_of_the_same_figures_is_settled_with_a_published_file(tmp_path: Path) -> None:
    tidy = b"org_code,quarter,OF0017\nRCC,Q1 2025/26,30.5\nRDD,Q1 2025/26,20.6\n"
    findings = findings_of(official(tmp_path, data=written(DATA), tidy=tidy))
    assert findings.places("editions_disagree") == [("tidy.csv", 3, "OF0017", "20.6")]
    assert (
        findings.of("repeated_edition")[0].message == "1 figure stands in data.csv too, and agree"
    )


def test_rows_of_an_unknown_id_and_blank_rows_are_left_out_by_name(tmp_path: Path) -> None:
    content = written(edited(DATA, 2, Metric_ID="OF9017")) + b"," * (len(DATA_HEADER) - 1) + b"\n\n"
    dataset = official(tmp_path, data=content)
    report = report_of(dataset, "data.csv")
    assert (report.rows_in, report.rows_used) == (18, 15)
    assert report.left_out == {"unknown_metric": 1, "blank_row": 2}
    assert sum(report.kinds.values()) == 15


def test_a_league_table_s_row_without_a_result_is_left_out_by_name(tmp_path: Path) -> None:
    blank = dict.fromkeys(
        ("Average_score", "Segment", "Trust_in_financial_deficit", "Rank"), ""
    ) | dict.fromkeys(("Likely_range_of_average_score", "Likely_range_of_rank"), "")
    dataset = official(tmp_path, table=written(edited(TABLE, 2, **blank)))
    report = report_of(dataset, "table.csv")
    assert (report.rows_used, report.left_out) == (1, {"no_figure": 1})


def test_a_file_that_cannot_be_laid_out_is_left_out_by_name(tmp_path: Path) -> None:
    dataset = official(tmp_path, data=written(DATA, without=["Value"]) + b"\n")
    report = report_of(dataset, "data.csv")
    assert (report.layout, report.rows_in, report.rows_used) == ("unknown", 17, 0)
    assert report.left_out == {"layout_unknown": 16, "blank_row": 1}
    assert dataset.observations.is_empty()


def test_a_ragged_row_of_a_data_file_is_left_out_by_name(tmp_path: Path) -> None:
    dataset = official(tmp_path, data=written(DATA) + b"Q1 2025/26,London\n")
    assert report_of(dataset, "data.csv").left_out == {"ragged_row": 1}
    assert findings_of(dataset).errors() == ["ragged_row"]
    assert_every_row_is_accounted_for(dataset)


def test_organisations_that_a_file_describes_join_the_register_s(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"data.csv": written(DATA), "table.csv": written(TABLE)})
    assert dataset.organisations["org_code"].to_list() == ["RAA", "RBB", "RCC", "RDD"]
    findings = findings_of(dataset)
    assert findings.places("organisation_from_file") == [("data.csv", 3, "Trust_code", "RDD")]
    assert set(dataset.observations["org_code"]) == {"RCC", "RDD"}
    assert report_of(dataset, "data.csv").left_out == {}


def test_a_tidy_file_s_strangers_are_left_out_unless_a_published_file_describes_them(
    tmp_path: Path,
) -> None:
    tidy = VALUES + "RDD,2025Q2,1\nREE,2025Q2,1\n"
    dataset = load(tmp_path, {"data.csv": written(DATA), "waits.csv": tidy})
    assert findings_of(dataset).places("unknown_organisation") == [
        ("waits.csv", 3, "org_code", "REE")
    ]


def test_another_trust_type_than_the_register_s_is_a_warning_at_the_cell(tmp_path: Path) -> None:
    rows = [row | {"Trust_type": ACUTE} for row in DATA]
    dataset = official(tmp_path, data=written(rows))
    assert findings_of(dataset).places("trust_type_differs") == [
        ("data.csv", 2, "Trust_type", ACUTE),
        ("data.csv", 3, "Trust_type", ACUTE),
    ]
    types = dict(dataset.organisations.select("org_code", "trust_type").iter_rows())
    assert types["RCC"] == types["RDD"] == AMBULANCE


def test_a_description_that_is_no_organisation_s_is_an_error_at_the_cell(tmp_path: Path) -> None:
    rows = [row | {"Trust_name": ""} if row["Trust_code"] == "RDD" else row for row in DATA]
    dataset = load(tmp_path, {"data.csv": written(rows)})
    findings = findings_of(dataset)
    assert findings.places("organisation_invalid") == [("data.csv", 3, "Trust_name", "")]
    assert report_of(dataset, "data.csv").left_out == {"unknown_organisation": 8}


def test_findings_name_the_columns_as_their_file_does(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": "Org Code,Period,Value\nRXX,2025Q2,1\n"})
    assert findings_of(dataset).places("unknown_organisation") == [
        ("waits.csv", 2, "Org Code", "RXX")
    ]


# Closed codes and two codes

SUCCESSIONS = "org_code,org_name,successor_code,succeeded_on\nRXX,Alder,RAA,2025-04-01\n"


def as_trusts(rows: list[Row], **codes: str) -> list[Row]:
    return [row | {"Trust_code": codes.get(row["Trust_code"], row["Trust_code"])} for row in rows]


def test_a_closed_code_of_a_data_file_follows_its_successor(tmp_path: Path) -> None:
    content = written(as_trusts(DATA, RDD="RXX"))
    dataset = load(tmp_path, {"successions.csv": SUCCESSIONS, "data.csv": content})
    findings = findings_of(dataset)
    assert set(dataset.observations["org_code"]) == {"RAA", "RCC"}
    assert findings.places("closed_code") == [("data.csv", 3, "Trust_code", "RXX")]
    assert findings.of("closed_code")[0].message == (
        "closed on 1 April 2025: its 13 observations follow RAA"
    )
    assert "RXX" not in dataset.organisations["org_code"]
    assert_every_row_is_accounted_for(dataset)


@pytest.mark.parametrize("is_split", [False, True])
def test_a_trust_under_two_codes_is_one_error_and_not_many(tmp_path: Path, is_split: bool) -> None:
    rows = as_trusts(DATA, RCC="RXX", RDD="RAA")
    parts = [[row for row in rows if row["Trust_code"] == code] for code in ("RXX", "RAA")]
    files = [written(part) for part in parts] if is_split else [written(rows)]
    named = {f"{number}.csv": content for number, content in enumerate(files)}
    dataset = load(tmp_path, {"successions.csv": SUCCESSIONS, **named})
    findings = findings_of(dataset)
    assert findings.errors() == ["two_codes"]
    assert findings.places("two_codes") == [("0.csv", 2, "Trust_code", "RXX")]
    assert set(dataset.observations["org_code"]) == {"RAA"}
    assert len(dataset.observations) == 13
    left_out = [report.left_out for report in dataset.files if report.left_out]
    assert left_out == [{"repeated_observation": 8}]
    assert_every_row_is_accounted_for(dataset)


def test_other_repeats_are_found_beside_a_trust_under_two_codes(tmp_path: Path) -> None:
    content = VALUES + "RXX,2025Q2,1\nRAA,2025Q2,2\nRBB,2025Q2,1\nRBB,2025Q2,2\n"
    dataset = load(tmp_path, {"successions.csv": SUCCESSIONS, "waits.csv": content})
    assert [(f.code, f.row) for f in dataset.findings if f.severity == "error"] == [
        ("two_codes", 2),
        ("repeated_observation", 5),
    ]


def test_the_bundled_successions_do_not_touch_a_register_of_one_s_own(tmp_path: Path) -> None:
    register = "org_code,org_name,trust_type\nRY9,Rowan Trust,Acute trust\n"
    files = {"organisations.csv": register, "waits.csv": VALUES + "RY9,2025Q2,1\n"}
    dataset = load(tmp_path, files, register=False)
    assert dataset.observations["org_code"].to_list() == ["RY9"]
    assert dataset.findings == ()


def test_a_register_with_the_successor_has_the_closed_code_followed(tmp_path: Path) -> None:
    register = "org_code,org_name,trust_type\nRAX,Rowan Trust,Acute trust\n"
    files = {"organisations.csv": register, "waits.csv": VALUES + "RY9,2025Q2,1\n"}
    dataset = load(tmp_path, files, register=False)
    assert dataset.observations["org_code"].to_list() == ["RAX"]
    assert findings_of(dataset).codes() == [("note", "closed_code")]


def test_a_closed_code_is_followed_to_a_successor_that_a_published_file_describes(
    tmp_path: Path,
) -> None:
    successions = "org_code,successor_code,succeeded_on\nRXX,RDD,2025-04-01\n"
    waits = VALUES + "RXX,2025Q3,1\n"
    dataset = load(
        tmp_path, {"successions.csv": successions, "data.csv": written(DATA), "waits.csv": waits}
    )
    of_waits = dataset.observations.filter(pl.col("source_file") == "waits.csv")
    assert of_waits["org_code"].to_list() == ["RDD"]


def test_a_chain_is_followed_through_codes_that_are_not_in_the_register(tmp_path: Path) -> None:
    successions = (
        "org_code,successor_code,succeeded_on\n"
        "RWW,RXX,2024-04-01\nRXX,RAA,2025-01-01\nRYY,RZZ,2024-04-01\n"
    )
    content = VALUES + "RWW,2025Q2,1\nRYY,2025Q2,1\n"
    dataset = load(tmp_path, {"successions.csv": successions, "waits.csv": content})
    assert dataset.observations["org_code"].to_list() == ["RAA"]
    assert findings_of(dataset).places("unknown_organisation") == [
        ("waits.csv", 3, "org_code", "RYY")
    ]


# Whatever stands in the files, every row is accounted for

official_cells = st.sampled_from(
    ["", " ", "1", "0", "4.5", "x", "*", "Yes", "Maybe", Q1, Q2, "RCC", "RXX", "OF5004", "OF9001"]
)
official_edits = st.lists(
    st.tuples(st.integers(0, 15), st.sampled_from(DATA_HEADER), official_cells), max_size=4
)
table_edits = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(list(TABLE[0])), official_cells), max_size=4
)
Edits = list[tuple[int, str, str]]


def with_edits(rows: list[Row], edits: Edits) -> list[Row]:
    changed = [dict(row) for row in rows]
    for place, header, cell in edits:
        changed[place][header] = cell
    return changed


@many(40)
@given(
    official_edits, official_edits, table_edits, st.sets(st.sampled_from(DATA_HEADER), max_size=1)
)
def test_rows_of_published_files_are_used_or_left_out_by_name(
    tmp_path_factory: pytest.TempPathFactory,
    first: Edits,
    second: Edits,
    of_table: Edits,
    without: set[str],
) -> None:
    files = {
        "successions.csv": SUCCESSIONS.encode(),
        "first.csv": written(with_edits(DATA, first), without=without),
        "second.csv": written(with_edits(DATA, second)) + b"\n" + b"," * 16 + b"\n",
        "table.csv": written(with_edits(TABLE, of_table)),
    }
    dataset = load(tmp_path_factory.mktemp("data"), files)
    assert_every_row_is_accounted_for(dataset)
    rows = {"first.csv": 16, "second.csv": 18, "table.csv": 2}
    assert {name: report_of(dataset, name).rows_in for name in rows} == rows
    for name, count in rows.items():
        report = report_of(dataset, name)
        assert sum(report.kinds.values()) + report.left_out.get("unknown_metric", 0) <= count
    assert set(dataset.observations["org_code"]) <= set(dataset.organisations["org_code"])
