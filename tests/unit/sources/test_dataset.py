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
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.organisations import ORGANISATION_SCHEMA
from nhs_league.sources.dataset import Dataset, FileReport, load_data
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
        "predecessor_codes,comment\n"
        " RAA , Alder ,Acute trust,Large,London,QMJ,North Central London,Y,RXX RYY,hello\n"
        "G6V2S,Birch,Acute trust,,,,,N,,\n"
        "RCC,Cedar,Acute trust,,,,,,,\n"
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
        ),
        ("G6V2S", "Birch", "Acute trust", None, None, None, None, False, []),
        ("RCC", "Cedar", "Acute trust", None, None, None, None, None, []),
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
        ("England", "the ODS code of an NHS trust"),
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


def test_a_long_file_is_accounted_for(tmp_path: Path) -> None:
    content = COUNTS + (
        "RAA,2025-04,1,2,reported\n\nRBB,2025-05,,2,not_submitted\n,,,,\nTOTAL,2025-04,1,4,\n"
    )
    dataset = load(tmp_path, {"monthly/waits.csv": content})
    assert dataset.require_sound() is dataset
    assert report_of(dataset, "monthly/waits.csv") == FileReport(
        name="monthly/waits.csv",
        sha256=hashlib.sha256(content.encode()).hexdigest(),
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
