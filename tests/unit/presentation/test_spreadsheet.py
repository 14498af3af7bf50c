"""A result as a workbook."""

from __future__ import annotations

import builtins
import io
import re
import zipfile
from typing import Any

import polars as pl
import pytest

from nhs_league.errors import OutputError, UsageError
from nhs_league.presentation import sheets
from nhs_league.presentation.document import Column, Heading, Items, Paragraph, Table
from nhs_league.presentation.formats import Result, render_data
from nhs_league.presentation.sheets import sheet_names
from tests.workbook_cells import ReadSheet, read_workbook

HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1.5",
    "@SUM(A1)",
    "\ttab",
    "\rreturn",
    "'quoted",
    "{=1+1}",
    "http://example.org",
    "mailto:a@b",
    "internal:Sheet1!A1",
    "0042",
    "1e5",
    "TRUE",
    "<script>alert(1)</script>",
    "A&B \u201cquoted\u201d \u00f4 \U0001f3e5",
    "_x0041_",
    " spaced ",
    "two\nlines",
]


def workbook(rows: pl.DataFrame, **more: Any) -> dict[str, ReadSheet]:
    return read_workbook(
        render_data(Result(rows, more.pop("document", list), META, **more), "xlsx")
    )


META = {"tool": "nhs-league", "version": "1.2.3", "command": "rank", "seed": 2**60}


def test_text_stays_text_exactly() -> None:
    sheet = workbook(pl.DataFrame({"name": HOSTILE}))["Rank"]
    assert [row["name"] for row in sheet.records()] == HOSTILE
    assert {row - 1 for row, _ in sheet.quoted} == set(range(7))
    assert "hyperlink" not in sheet.xml


def test_values_keep_their_types_and_nothing_is_an_empty_cell() -> None:
    frame = pl.DataFrame(
        {
            "count": pl.Series([0, None, -3], dtype=pl.Int64),
            "small": pl.Series([0, None, 3], dtype=pl.UInt8),
            "share": [0.1, None, 1e-9],
            "is": [True, None, False],
            "none": [None, None, None],
            "text": ["0", None, ""],
            "list": [[1, 2], None, []],
        }
    )
    read = workbook(frame)["Rank"].records()
    assert [*read[0].values()] == [0, 0, 0.1, True, None, "0", "[1, 2]"]
    assert [*read[1].values()] == [None] * 7
    assert [*read[2].values()] == [-3, 3, 1e-9, False, None, None, "[]"]
    assert [type(value) for value in read[0].values()][:4] == [int, int, float, bool]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1.0, 250.0], "0"),
        ([1.39, 3.3, None], "0.00"),
        ([0.1743333, 2.0], "0.0000"),
        ([1e-9, 2.0], "General"),
        ([-0.00001, 2.5], "General"),
        ([0.0, None], "0"),
        ([None, None], "0"),
    ],
)
def test_numbers_show_the_decimals_that_they_have(values: list[float], shown: str) -> None:
    sheet = workbook(pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)}))["Rank"]
    assert {sheet.formats[place] for place in sheet.cells if place[0] > 0} <= {shown}


def test_integers_that_excel_would_round_are_text() -> None:
    frame = pl.DataFrame({"kept": [2**53, -(2**53)], "text": [2**53 + 1, 1], "i8": [1, 2]})
    read = workbook(frame.with_columns(pl.col("i8").cast(pl.Int8)))["Rank"].records()
    assert [*read[0].values()] == [2**53, str(2**53 + 1), 1]
    assert [*read[1].values()] == [-(2**53), "1", 2]


def test_other_values_are_the_texts_that_csv_has() -> None:
    frame = pl.DataFrame({"day": ["2025-04-01"]}).with_columns(pl.col("day").str.to_date())
    assert workbook(frame)["Rank"].records() == [{"day": "2025-04-01"}]


def test_the_header_is_bold_in_view_and_has_filters() -> None:
    content = render_data(Result(pl.DataFrame({"a": [1]}), list, META), "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        table = archive.read("xl/tables/table1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:A2"/>' in table
    style = re.search(r'<c r="A1" s="(\d+)"', sheet)
    assert style is not None
    formats = re.findall("<xf [^>]*>", styles.split("<cellXfs")[1])
    assert 'fontId="1"' in formats[int(style[1])]
    assert "<b/>" in styles


def test_a_long_text_does_not_make_a_column_wide_nor_a_row_high() -> None:
    sheet = workbook(pl.DataFrame({"a": ["x" * 500], "b": ["y"]}))["Rank"]
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet.xml)]
    assert widths[0] < 62
    assert widths[1] < 10
    assert "customHeight" not in sheet.xml


def test_a_table_without_rows_has_its_header() -> None:
    sheet = workbook(pl.DataFrame(schema={"a": pl.String, "b": pl.Int64}))["Rank"]
    assert sheet.rows() == [["a", "b"]]


def test_parts_are_sheets_and_dicts_are_names_and_values() -> None:
    parts = {
        "summary": {
            "rank": 3,
            "average": 2.5,
            "is_published": True,
            "none": None,
            "large": 2**60,
            "text": "=1+1",
            "list": ["\u00f4", {"a": 1}],
        },
        "not_computable": [{"a": 1, "b": "x"}, {"a": 2.5, "b": None, "c": [1]}],
        "mixed": [{"a": 1}, {"a": "x"}, {"a": True}, {"a": None}],
        "left_out": ["2024Q1", "2024Q2"],
        "empty": [],
        "nothing": {},
    }
    read = workbook(pl.DataFrame({"a": [1]}), parts=lambda: parts)
    assert list(read) == ["Rank", "Summary", "Not computable", "Mixed", "Notes"]
    assert [(row["name"], row["value"]) for row in read["Summary"].records()] == [
        ("rank", 3),
        ("average", 2.5),
        ("is_published", True),
        ("none", None),
        ("large", str(2**60)),
        ("text", "=1+1"),
        ("list", '["\u00f4", {"a": 1}]'),
    ]
    assert read["Summary"].quoted == {(6, 1)}
    assert read["Not computable"].records() == [
        {"a": 1, "b": "x", "c": None},
        {"a": 2.5, "b": None, "c": "[1]"},
    ]
    assert [row["a"] for row in read["Mixed"].records()] == ["1", "x", "True"]
    assert ["left out", "2024Q1, 2024Q2"] in read["Notes"].rows()


def test_tables_that_are_stated_stand_for_the_rows() -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    tables = {"Acute trusts": frame[:1], "Ambulance trusts": frame[1:]}
    read = workbook(frame, tables=lambda: tables)
    assert list(read) == ["Acute trusts", "Ambulance trusts", "Notes"]
    assert read["Ambulance trusts"].records() == [{"a": 2}]


def test_notes_say_what_it_is_and_where_it_came_from() -> None:
    document = [
        Paragraph("=A sentence."),
        Table("Caption", [Column("Name")], [["cell"]]),
        Heading("=Why"),
        Items(["a point"]),
    ]
    notes = workbook(pl.DataFrame({"a": [1]}), document=lambda: document, title="=Title")["Notes"]
    assert notes.rows() == [
        ["=Title", None],
        [None, "=A sentence."],
        ["=Why", None],
        [None, "\u2022 a point"],
        ["Where it came from", None],
        ["tool", "nhs-league"],
        ["version", "1.2.3"],
        ["command", "rank"],
        ["seed", str(2**60)],
        [None, "Not an official NHS product."],
        [
            None,
            "Contains public sector information licensed under the Open Government Licence v3.0.",
        ],
    ]
    assert notes.quoted == {(0, 0), (1, 1), (2, 0)}


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (["Acute trusts"], ["Acute trusts"]),
        (["A[b]:c*d?e/f\\g"], ["A b c d e f g"]),
        (["History", "history"], ["History 2", "history 3"]),
        (["Notes"], ["Notes 2"]),
        (["same", "SAME", "Same"], ["same", "SAME 2", "Same 3"]),
        (["'quoted'", "", "  ", "''"], ["quoted", "Table", "Table 2", "Table 3"]),
        (["Mental health and community trusts"], ["Mental health and community"]),
        (["x" * 40, "x" * 40], ["x" * 31, f"{'x' * 29} 2"]),
        (["\U0001f3e5" * 20], ["\U0001f3e5" * 15]),
        (["a b" + "x" * 40], ["a b" + "x" * 28]),
    ],
)
def test_names_of_sheets_are_what_excel_takes(wanted: list[str], given: list[str]) -> None:
    assert list(sheet_names(wanted)) == given
    workbook(
        pl.DataFrame({"a": [1]}), tables=lambda: dict.fromkeys(given, pl.DataFrame({"a": [1]}))
    )


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"x": ["a" * 32_768]}), "column x, a text has 32,768 characters"),
        (pl.DataFrame({"x": ["\U0001f3e5" * 16_384]}), "column x, a text has 32,768 characters"),
        (pl.DataFrame({"x": [1.0, float("nan")]}), "column x, a figure is nan"),
        (pl.DataFrame({"x": [float("-inf")]}), "column x, a figure is -inf"),
        (pl.DataFrame({"x": [1], "X": [2]}), "two columns differ in capitals alone"),
        (pl.DataFrame({f"c{at}": [1] for at in range(16_385)}), "16,385 columns, more than"),
    ],
)
def test_what_no_sheet_can_hold_is_refused(frame: pl.DataFrame, said: str) -> None:
    with pytest.raises(OutputError, match=re.escape(said)) as refused:
        workbook(frame)
    assert refused.value.message.startswith("cannot write XLSX: in the sheet Rank")


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sheets.MOST_ROWS == 2**20
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert len(workbook(pl.DataFrame({"a": [1, 2]}))["Rank"].records()) == 2
    with pytest.raises(OutputError, match="there would be 4 rows, more than the 3"):
        workbook(pl.DataFrame({"a": [1, 2, 3]}))


def test_the_longest_text_that_a_cell_holds_is_whole() -> None:
    for text in ("a" * 32_767, "\u00f4" * 32_767):
        assert workbook(pl.DataFrame({"x": [text]}))["Rank"].records() == [{"x": text}]


@pytest.mark.parametrize(
    "more",
    [
        {"parts": lambda: {"summary": {"x": float("nan")}}},
        {"parts": lambda: {"summary": {"x": [float("nan")]}}},
        {"parts": lambda: {"values": [{"x": float("inf")}]}},
        {"parts": lambda: {"summary": {"x": "a" * 32_768}}},
        {"document": lambda: [Paragraph("a" * 32_768)]},
    ],
)
def test_what_no_cell_can_hold_is_refused_wherever_it_stands(more: dict[str, Any]) -> None:
    with pytest.raises(OutputError, match="cannot write XLSX"):
        workbook(pl.DataFrame({"a": [1]}), **more)


def test_the_same_result_gives_the_same_bytes() -> None:
    result = Result(pl.DataFrame({"name": HOSTILE}), list, META, lambda: {"summary": {"a": 1.5}})
    content = render_data(result, "xlsx")
    assert content == render_data(result, "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "xlsxwriter":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UsageError, match=r"nhs-league\[xlsx\]"):
        render_data(Result(pl.DataFrame({"a": [1]}), list, META), "xlsx")
