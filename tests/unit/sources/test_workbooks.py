"""Workbooks: sheets as text cells, and what a cell does not say."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nhs_league.errors import DataError
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.files import UnreadableFileError
from nhs_league.sources.workbooks import Sheet, read_sheets
from tests.publications import CANCER_HEADER, CANCER_SHEET, Cell, Row, cancer_xlsx, zip_of
from tests.unit.sources.support import Findings, found

SHEET = "xl/worksheets/sheet1.xml"
ROWS: list[Row] = [
    {"ORG CODE": "RCX", "TOTAL TREATED": 10, "WITHIN STANDARD": 5.5},
    {"ORG CODE": "RGT", "TOTAL TREATED": 4, "WITHIN STANDARD": 2},
]
KEY = ("cancer_62_days", "2025-04")


def changed(content: bytes, *changes: tuple[str, str], part: str = SHEET) -> bytes:
    """Replace texts in a part of a workbook, each of which must be there."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return zip_of({**parts, part: text.encode()})


def inline(rows: Any = ROWS, **form: Any) -> bytes:
    return cancer_xlsx(rows, has_inline_strings=True, **form)


def load(folder: Path, content: bytes, name: str = "c.xlsx") -> Dataset:
    (folder / name).write_bytes(content)
    return load_data([folder / name])


def figures(dataset: Dataset) -> dict[str, tuple[float | None, float | None]]:
    return {
        row["org_code"]: (row["numerator"], row["denominator"])
        for row in dataset.observations.iter_rows(named=True)
        if (row["metric_id"], row["period"]) == KEY
    }


def findings_of(folder: Path, content: bytes) -> Findings:
    return found(load(folder, content).findings)


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as raised:
        read_sheets("c.xlsx", content)
    assert raised.value.finding.file == "c.xlsx"
    return raised.value.finding.message


BOTH = {"RCX": (5.5, 10), "RGT": (2, 4)}


@pytest.mark.parametrize("dimension", ["A1", "A1:K1", "A1:A2", "A1:XFD1048576", "C5:D6"])
@pytest.mark.parametrize("has_inline_strings", [False, True])
def test_the_dimension_that_a_sheet_claims_is_not_believed(
    tmp_path: Path, dimension: str, has_inline_strings: bool
) -> None:
    content = cancer_xlsx(ROWS, dimension=dimension, has_inline_strings=has_inline_strings)
    dataset = load(tmp_path, content)
    assert figures(dataset) == BOTH
    assert list(dataset.observations["source_row"]) == [2, 3]
    assert dataset.findings == ()
    (report,) = dataset.files
    assert (report.rows_in, report.rows_used, report.encoding) == (2, 2, "xlsx")


def test_a_sheet_without_a_dimension_is_read(tmp_path: Path) -> None:
    content = changed(inline(), ('<dimension ref="A1"/>', ""))
    assert figures(load(tmp_path, content)) == BOTH


def test_rows_and_columns_keep_the_numbers_that_the_sheet_gives_them(tmp_path: Path) -> None:
    content = inline(
        [{**ROWS[0], "WITHIN STANDARD": "?"}, ROWS[1]],
    )
    moved = re.sub(
        r' r="([A-Z]?)(\d+)"',
        lambda m: f' r="{chr(ord(m[1]) + 2) if m[1] else ""}{int(m[2]) + 3}"',
        _text(content),
    )
    dataset = load(tmp_path, _with_sheet(content, moved))
    assert found(dataset.findings).places("not_a_number") == [("c.xlsx", 5, "WITHIN STANDARD", "?")]
    assert dataset.files[0].preamble_rows == 3


def test_rows_that_are_not_written_are_blank_rows(tmp_path: Path) -> None:
    text = re.sub(r' r="([A-Z]?)3"', r' r="\g<1>6"', _text(inline()))
    dataset = load(tmp_path, _with_sheet(inline(), text))
    assert figures(dataset) == BOTH
    assert list(dataset.observations["source_row"]) == [2, 6]
    assert dataset.files[0].left_out == {"no_organisation": 3}


def _text(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(SHEET).decode()


def _with_sheet(content: bytes, text: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zip_of({**parts, SHEET: text.encode()})


# Columns and cells


def test_a_column_that_is_not_needed_may_stand_twice(tmp_path: Path) -> None:
    headers = [*CANCER_HEADER, "BREACHES", ""]
    assert figures(load(tmp_path, cancer_xlsx(ROWS, headers=headers))) == BOTH


def test_a_needed_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    content = cancer_xlsx(ROWS, headers=[*CANCER_HEADER, "ORG CODE"])
    assert findings_of(tmp_path, content).errors() == ["duplicate_column"]


def test_dates_are_read_as_numbers_in_the_style_of_a_date_and_as_text(tmp_path: Path) -> None:
    rows: list[Row] = [
        {**ROWS[0], "PERIOD": date(2025, 4, 1)},
        {**ROWS[0], "PERIOD": date(2025, 5, 31)},
        {**ROWS[0], "PERIOD": "2025-06-01"},
        {**ROWS[0], "PERIOD": "01/07/2025"},
        {**ROWS[0], "PERIOD": "2025-08-01 00:00:00"},
    ]
    dataset = load(tmp_path, cancer_xlsx(rows))
    assert dataset.files[0].periods == ("2025-04", "2025-05", "2025-06", "2025-07", "2025-08")
    assert dataset.findings == ()


def test_half_patients_marks_and_separators_are_those_of_any_cell(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"ORG CODE": "RCX", "TOTAL TREATED": 52.5, "WITHIN STANDARD": 26.5},
        {"ORG CODE": "RGT", "TOTAL TREATED": "26,064", "WITHIN STANDARD": 1},
        {"ORG CODE": "RA2", "TOTAL TREATED": 10, "WITHIN STANDARD": "*"},
        {"ORG CODE": "RBV", "TOTAL TREATED": 10, "WITHIN STANDARD": None},
    ]
    dataset = load(tmp_path, cancer_xlsx(rows))
    assert figures(dataset) == {
        "RCX": (26.5, 52.5),
        "RGT": (1, 26064),
        "RA2": (None, 10),
        "RBV": (None, 10),
    }
    statuses = dict(dataset.observations.select("org_code", "status").iter_rows())
    assert (statuses["RA2"], statuses["RBV"]) == ("suppressed", "not_submitted")


TEN = '<c r="I2" t="n"><v>10</v></c>'
"""The cell of the first total treated."""


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<c r="I2" t="e"><v>#N/A</v></c>', "holds an error"),
        ('<c s="0" r="I2" t="e"><v>#N/A</v></c>', "holds an error"),
        ("<c r='I2' t='e'><v>#N/A</v></c>", "holds an error"),
        ('<c r="I2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "holds an error"),
        ('<c r="I2"><f>1+1</f></c>', "never computed"),
        ('<c r="I2"><f>1+1</f><v></v></c>', "never computed"),
        ('<c r="I2"><f>1+1</f><v/></c>', "never computed"),
        ('<c r="I2"><f t="shared" si="0"/></c>', "never computed"),
    ],
)
@pytest.mark.parametrize("before", ["", '<c r="H2"/>'], ids=["", "after a blank cell"])
def test_a_cell_whose_content_is_lost_is_no_blank(
    tmp_path: Path, cell: str, said: str, before: str
) -> None:
    text = _text(inline())
    if before:
        text = re.sub(r'<c r="H2".*?</c>', before, text, count=1)
    assert TEN in text
    (finding,) = findings_of(tmp_path, _with_sheet(inline(), text.replace(TEN, cell))).of(
        "cell_without_value"
    )
    assert (finding.severity, finding.file, finding.row) == ("error", "c.xlsx", 2)
    assert finding.column in ("I", "TOTAL TREATED")
    assert said in finding.message


def test_errors_in_prefixed_xml_are_found(tmp_path: Path) -> None:
    text = _text(inline()).replace(TEN, '<c r="I2" t="e"><v>#N/A</v></c>')
    text = re.sub(r"<(/?)(worksheet|sheetData|row|c|v|is|t|dimension)(?=[ />])", r"<\1x:\2", text)
    content = _with_sheet(inline(), text.replace("xmlns=", "xmlns:x="))
    assert findings_of(tmp_path, content).errors() == ["cell_without_value"]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="I2"><f>5+5</f><v>10</v></c>',
        '<c r="I2" t="str"><f>5+5</f><v>10</v></c>',
        '<c r="I2" t="n"><v>1E1</v></c>',
    ],
)
def test_a_formula_that_was_computed_is_its_value(tmp_path: Path, cell: str) -> None:
    dataset = load(tmp_path, changed(inline(), (TEN, cell)))
    assert figures(dataset) == BOTH
    assert dataset.findings == ()


def test_a_formula_that_gives_an_empty_text_is_a_blank(tmp_path: Path) -> None:
    empty = '<c r="I2" t="str"><f>IF(TRUE,"","x")</f><v></v></c>'
    dataset = load(tmp_path, changed(inline(), (TEN, empty)))
    assert figures(dataset)["RCX"] == (None, None)
    assert found(dataset.findings).errors() == []


def test_lost_cells_above_the_header_do_not_matter(tmp_path: Path) -> None:
    text = re.sub(r' r="([A-Z]?)(\d+)"', lambda m: f' r="{m[1]}{int(m[2]) + 2}"', _text(inline()))
    row = '<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>'
    dataset = load(
        tmp_path, _with_sheet(inline(), text.replace("<sheetData>", f"<sheetData>{row}"))
    )
    assert figures(dataset) == BOTH
    assert found(dataset.findings).errors() == []


# Sheets


def test_the_sheet_of_the_publication_is_found_among_others(tmp_path: Path) -> None:
    notes: list[list[Cell]] = [["Notes"], ["A line", None, 5]]
    content = cancer_xlsx(ROWS, before={"Notes": notes}, after={"Back": [["x", "y"], [1, 2]]})
    dataset = load(tmp_path, content)
    assert figures(dataset) == BOTH
    assert dataset.files[0].name == "c.xlsx"
    (note,) = found(dataset.findings).of("sheet_not_used")
    assert note.severity == "note"
    assert "Notes, Back" in note.message


def test_two_sheets_of_publications_are_both_read_under_their_names(tmp_path: Path) -> None:
    row: list[Cell] = [
        "2025-05-01",
        "2025/26",
        "MAY",
        "62-day Combined",
        "RBV",
        "r",
        "m",
        "Breast",
        8,
        4,
        4,
    ]
    content = cancer_xlsx(ROWS, after={"More": [CANCER_HEADER, row]})
    dataset = load(tmp_path, content)
    names = {file.name: file.rows_used for file in dataset.files}
    assert names == {f"c.xlsx [{CANCER_SHEET}]": 2, "c.xlsx [More]": 1}
    assert len({file.sha256 for file in dataset.files}) == 1


def test_a_header_may_follow_a_preamble(tmp_path: Path) -> None:
    text = re.sub(r' r="([A-Z]?)(\d+)"', lambda m: f' r="{m[1]}{int(m[2]) + 4}"', _text(inline()))
    title = '<row r="2"><c r="B2" t="inlineStr"><is><t>Cancer waits</t></is></c></row>'
    content = _with_sheet(inline(), text.replace("<sheetData>", f"<sheetData>{title}"))
    dataset = load(tmp_path, content)
    assert figures(dataset) == BOTH
    assert dataset.files[0].preamble_rows == 4
    assert list(dataset.observations["source_row"]) == [6, 7]


def test_a_workbook_may_hold_a_tidy_table(tmp_path: Path) -> None:
    table: list[list[Any]] = [
        ["org_code", "period", "sickness", None],
        ["RCX", "2025-04", 4.5, None],
    ]
    content = _only(inline([]), table)
    dataset = load(tmp_path, content)
    assert dataset.observations.select("org_code", "metric_id", "period", "value").rows() == [
        ("RCX", "sickness", "2025-04", 4.5)
    ]
    assert dataset.files[0].source == "tidy"


def _only(content: bytes, table: list[list[Any]]) -> bytes:
    """Make a workbook of one sheet with a table of texts and numbers."""
    rows = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + place)}{at}" t="inlineStr"><is><t>{cell}</t></is></c>'
            if isinstance(cell, str)
            else f'<c r="{chr(65 + place)}{at}"><v>{cell}</v></c>'
            for place, cell in enumerate(row)
            if cell is not None
        )
        + "</row>"
        for at, row in enumerate(table, 1)
    )
    text = re.sub(r"<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", _text(content))
    return _with_sheet(content, text)


def test_a_workbook_without_cells_is_empty(tmp_path: Path) -> None:
    content = _only(inline([]), [])
    assert findings_of(tmp_path, content).errors() == ["file_empty"]


def test_sheets_are_given_as_text_with_the_numbers_of_their_rows() -> None:
    (sheet,) = read_sheets("c.xlsx", _only(inline([]), [["a", "b"], ["x", 1.5], [None, 2]]))
    assert isinstance(sheet, Sheet)
    assert sheet.frame.rows() == [(1, "a", "b"), (2, "x", "1.5"), (3, None, "2")]
    assert sheet.head(2) == [["a", "b"], ["x", "1.5"]]


# What is refused


def test_the_old_format_and_passwords_are_said(tmp_path: Path) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert "old format" in reason(old)
    path = tmp_path / "c.xls"
    path.write_bytes(old)
    try:
        findings: Any = load_data([path]).findings
    except DataError as error:
        findings = error.findings
    assert [finding.severity for finding in findings if finding.severity == "error"] == ["error"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04", inline()[:900], zip_of({"a.csv": b"x"})]
)
def test_what_is_no_workbook_is_said(content: bytes) -> None:
    assert "it is no XLSX workbook" in reason(content)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
def test_a_workbook_with_a_broken_part_is_refused(part: str) -> None:
    with zipfile.ZipFile(io.BytesIO(inline())) as archive:
        parts: Mapping[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
    assert reason(zip_of({**parts, part: parts[part][: len(parts[part]) // 2]}))


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    assert "250 times its size" in reason(zip_of({"xl/workbook.xml": b"0" * 1_000_000}))


def with_cell(name: str, more: str = "<v>1</v>") -> bytes:
    cell = f'<c r="{name}" t="n">{more}</c></row></sheetData>'
    return changed(inline(), ("</row></sheetData>", cell))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("XFD1048576", "spreads a few figures over 17,179,869,184 cells"),
        ("CZZ9999", "spreads"),
        ("XFE3", "has cells where no sheet has any"),
        ("A1048577", "has cells where no sheet has any"),
        ("ZZZZZZZ99999999999", "has cells where no sheet has any"),
    ],
)
def test_a_figure_at_the_far_end_of_a_sheet_is_said(name: str, said: str) -> None:
    assert said in reason(with_cell(name))


def test_a_sheet_may_be_formatted_to_its_far_end(tmp_path: Path) -> None:
    assert figures(load(tmp_path, with_cell("XFD1048576", ""))) == BOTH


def test_a_far_column_or_row_alone_is_no_fault(tmp_path: Path) -> None:
    assert figures(load(tmp_path, with_cell("AAA4"))) == BOTH


def test_without_the_reader_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    (tmp_path / "c.xlsx").write_bytes(inline())
    with pytest.raises(DataError) as raised:
        load_data([tmp_path])
    (finding,) = raised.value.findings
    assert (finding.code, finding.file) == ("file_unreadable", "c.xlsx")
    assert "pip install 'nhs-league[xlsx]'" in finding.message
