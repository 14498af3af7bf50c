"""Layouts: long and wide tables become one frame of text cells, and nothing is guessed."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.sources.layout import CELL_SCHEMA, LaidOutTable
from nhs_league.sources.tidy import is_organisations_table
from tests.unit.sources.support import TIDY, cells_frame, cells_of, found, table_of

SYNONYMS = {written: column for written, column in TIDY.columns.items() if written != column}

Row = tuple[object, ...]


def rows_of(cells: LaidOutTable, *columns: str) -> list[Row]:
    frame = cells_frame(cells)
    assert frame.schema == pl.Schema(CELL_SCHEMA)
    return frame.select(columns).rows()


def lacking(content: str) -> list[tuple[str | None, int | None, str, str | None, str | None]]:
    """List what a table is said to lack: file, row, message, the headers, what was expected."""
    return [
        (f.file, f.row, f.message, f.value, f.expected)
        for f in found(cells_of(content).findings).of("column_missing")
    ]


def test_a_long_table_has_a_row_an_observation() -> None:
    cells = cells_of(
        "org_code,metric_id,period,value,numerator,denominator,published_rank,status,unit\n"
        "RAA,waits,2025Q2,50,1,2,3,reported,%\n"
    )
    assert cells_frame(cells).row(0, named=True) == {
        "org_code": "RAA",
        "metric_id": "waits",
        "period": "2025Q2",
        "value": "50",
        "numerator": "1",
        "denominator": "2",
        "published_rank": "3",
        "status": "reported",
        "unit": "%",
        "source_file": "a.csv",
        "source_row": 2,
    }
    assert (cells.layout, cells.findings) == ("long", ())


def test_columns_that_a_file_does_not_have_are_null() -> None:
    cells = cells_of("org_code,period,numerator,denominator\nRAA,2025-04,1,2\n")
    row = cells_frame(cells).row(0, named=True)
    absent = {"value", "published_rank", "status", "unit"}
    assert {name for name, cell in row.items() if cell is None} == absent


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("waits.csv", "waits"),
        ("monthly/waits.csv", "waits"),
        ("a.zip/monthly/waits.csv", "waits"),
        ("waits.2025.CSV", "waits.2025"),
        ("C/data/waits", "waits"),
    ],
)
def test_without_a_metric_column_the_file_name_is_the_metric(name: str, metric: str) -> None:
    cells = cells_of("org_code,period,value\nRAA,2025-04,1\n", name)
    assert rows_of(cells, "metric_id", "source_file") == [(metric, name)]


def test_a_metric_column_wins_over_the_file_name() -> None:
    cells = cells_of("metric_id,org_code,period,value\nwaits,RAA,2025-04,1\n", "b.csv")
    assert rows_of(cells, "metric_id") == [("waits",)]


def test_a_blank_cell_of_a_long_table_stays_a_row() -> None:
    cells = cells_of("org_code,period,value\nRAA,2025-04,\nRBB,2025-04,1\n")
    (blank, filled) = rows_of(cells, "org_code", "source_row", "value")
    assert (blank[:2], filled) == (("RAA", 2), ("RBB", 3, "1"))
    assert blank[2] in (None, "")


def test_a_wide_table_has_a_row_a_metric_named_by_its_header() -> None:
    cells = cells_of("org_code,period,OF0003,staff engagement\nRAA,2025Q2,1,2\nRBB,2025Q2,3,4\n")
    assert (cells.layout, cells.findings) == ("wide", ())
    assert sorted(rows_of(cells, "org_code", "metric_id", "period", "value", "source_row")) == [
        ("RAA", "OF0003", "2025Q2", "1", 2),
        ("RAA", "staff engagement", "2025Q2", "2", 2),
        ("RBB", "OF0003", "2025Q2", "3", 3),
        ("RBB", "staff engagement", "2025Q2", "4", 3),
    ]


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", '" "'])
def test_a_blank_cell_of_a_wide_table_is_no_observation(blank: str) -> None:
    cells = cells_of(f"org_code,period,m,n\nRAA,2025Q2,{blank},2\nRBB,2025Q2,*,{blank}\n")
    assert sorted(rows_of(cells, "org_code", "metric_id", "value")) == [
        ("RAA", "n", "2"),
        ("RBB", "m", "*"),
    ]


def test_metrics_of_a_wide_table_that_differ_in_case_stay_two() -> None:
    cells = cells_of("org_code,period,m,M\nRAA,2025Q2,1,2\n")
    assert sorted(rows_of(cells, "metric_id", "value")) == [("M", "2"), ("m", "1")]


@pytest.mark.parametrize("description", sorted(TIDY.not_used))
def test_a_column_that_describes_is_no_metric_and_raises_nothing(description: str) -> None:
    wide = cells_of(f"org_code,{description},period,m\nRAA,x,2025Q2,1\n")
    long = cells_of(f"org_code,{description},period,value\nRAA,x,2025Q2,1\n")
    assert (rows_of(wide, "metric_id"), wide.findings) == ([("m",)], ())
    assert (rows_of(long, "metric_id"), long.findings) == ([("a",)], ())


@pytest.mark.parametrize(
    ("headers", "row", "period"),
    [
        ("period", "2025-04", "2025-04"),
        ("period", " 2025-04 ", "2025-04"),
        ("quarter", "Q1 2025/26", "Q1 2025/26"),
        ("in_force_from,in_force_to", "2025Q1,2025Q4", "2025Q1 to 2025Q4"),
        ("in_force_to,in_force_from", " 2025Q4 , 2025Q1 ", "2025Q1 to 2025Q4"),
        ("in_force_from,period,in_force_to", "2025Q1,2025Q2,2025Q4", "2025Q2"),
    ],
)
def test_the_period_is_stated_in_one_column_or_in_two(headers: str, row: str, period: str) -> None:
    for layout in ("value", "m"):
        cells = cells_of(f"org_code,{headers},{layout}\nRAA,{row},1\n")
        assert rows_of(cells, "period", "value") == [(period, "1")]
        assert cells.findings == ()


@pytest.mark.parametrize(("synonym", "column"), sorted(SYNONYMS.items()))
def test_a_synonym_means_the_column_of_the_contract(synonym: str, column: str) -> None:
    others = {"org_code": "RAA", "period": "2025Q2", "value": "1"}
    given = {k: v for k, v in others.items() if k != column} | {synonym: "2025Q3"}
    cells = cells_of(f"{','.join(given)}\n{','.join(given.values())}\n")
    assert rows_of(cells, column) == [("2025Q3",)]
    assert (cells.headers[column], cells.findings) == (synonym, ())


@pytest.mark.parametrize(
    "headers",
    [
        "ORG_CODE,PERIOD,VALUE",
        "Org_Code,Period,Value",
        "Org Code,Period,Value",
        " org_code ,period\t, value",
        "org_code,Quarter,Score",
    ],
)
def test_headers_are_known_in_any_case_and_with_spaces(headers: str) -> None:
    cells = cells_of(f"{headers}\nRAA,2025Q2,1\n")
    assert rows_of(cells, "org_code", "period", "value") == [("RAA", "2025Q2", "1")]
    assert cells.findings == ()
    assert list(cells.headers.values()) == [header.strip() for header in headers.split(",")]


def test_a_table_without_organisations_lacks_them() -> None:
    assert lacking("code,period,value\nRAA,2025Q2,1\n") == [
        (
            "a.csv",
            1,
            "has no column 'org_code'",
            "code, period, value",
            "the organisation's ODS code in a column org_code",
        )
    ]


@pytest.mark.parametrize("stated", ["", "in_force_from,", "in_force_to,"])
def test_a_table_without_a_whole_period_lacks_it(stated: str) -> None:
    cell = "2025Q1," if stated else ""
    assert lacking(f"org_code,{stated}value\nRAA,{cell}1\n") == [
        (
            "a.csv",
            1,
            "has no column 'period'",
            f"org_code, {stated.replace(',', ', ')}value",
            "a column period or quarter, or in_force_from and in_force_to",
        )
    ]


def test_a_numerator_lacks_its_denominator() -> None:
    assert lacking("org_code,period,numerator\nRAA,2025Q2,1\n") == [
        (
            "a.csv",
            1,
            "has no column 'denominator'",
            "org_code, period, numerator",
            "a denominator beside the numerator",
        )
    ]


@pytest.mark.parametrize("also", ["", ",status", ",org_name,region", ",denominator", ",metric_id"])
def test_a_table_without_any_figure_lacks_a_value(also: str) -> None:
    row = "RAA,2025Q2" + ",x" * also.count(",")
    assert [
        (message, expected)
        for _, _, message, _, expected in lacking(f"org_code,period{also}\n{row}\n")
    ] == [
        (
            "has no column 'value'",
            "a column value, numerator and denominator, or one column a metric",
        )
    ]


def test_all_that_a_table_lacks_is_said_at_once_and_no_cell_is_used() -> None:
    cells = cells_of("a,numerator\n1,2\n")
    assert [f.message for f in cells.findings] == [
        "has no column 'org_code'",
        "has no column 'period'",
        "has no column 'denominator'",
    ]
    assert (cells.layout, len(cells_frame(cells))) == ("unknown", 0)


@pytest.mark.parametrize("known", ["metric_id", "denominator"])
def test_a_misspelt_figure_beside_a_column_of_long_tables_is_refused(known: str) -> None:
    # Read as a wide table, the column beside it would be dropped without a word.
    cells = cells_of(f"org_code,{known},period,vlaue\nRAA,7,2025Q2,1\n")
    assert found(cells.findings).errors() == ["column_missing"]


def test_an_unknown_column_of_a_long_table_is_warned_of() -> None:
    cells = cells_of("org_code,period,value,Comment,Waits\nRAA,2025Q2,1,x,2\n")
    assert [(f.severity, f.code, f.file, f.row, f.column) for f in cells.findings] == [
        ("warning", "unknown_column", "a.csv", 1, "Comment"),
        ("warning", "unknown_column", "a.csv", 1, "Waits"),
    ]
    assert rows_of(cells, "metric_id", "value") == [("a", "1")]


@pytest.mark.parametrize(
    ("headers", "column", "message"),
    [
        ("org_code,period,quarter,value", "quarter", "means the same as column period"),
        ("org_code,Quarter,PERIOD,value", "PERIOD", "means the same as column Quarter"),
        ("org_code,period,score,value", "value", "means the same as column score"),
        ("org_code,period,value,mean_seconds", "mean_seconds", "means the same as column value"),
        ("org_code,Org Code,period,value", "Org Code", "means the same as column org_code"),
    ],
)
def test_two_headers_of_one_meaning_are_an_error(headers: str, column: str, message: str) -> None:
    cells = cells_of(f"{headers}\na,b,c,d\n")
    (finding,) = found(cells.findings).of("duplicate_column")
    assert (finding.severity, finding.file, finding.row) == ("error", "a.csv", 1)
    assert (finding.column, finding.message) == (column, message)
    assert len(cells_frame(cells)) == 0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("org_code,org_name,trust_type", True),
        ("Org Code,ORG_NAME,Trust_Type,region", True),
        ("org_code,org_name", False),
        ("org_code,trust_type,period,value", False),
        ("org_code,org_name,trust_type,period,value", False),
        ("org_code,org_name,trust_type,period,waits", False),
        ("org_code,org_name,trust_type,quarter,numerator,denominator", False),
        ("org_code,org_name,trust_type,in_force_from,in_force_to,waits", False),
    ],
)
def test_a_register_has_names_and_types_and_no_figures(headers: str, expected: bool) -> None:
    assert is_organisations_table(table_of(f"{headers}\n"), TIDY) is expected


def test_every_row_keeps_its_number_in_the_file() -> None:
    cells = cells_of('org_code,period,m\nRAA,2025Q2,"1"\n\nRBB,2025Q2,2\n', "b.csv")
    assert rows_of(cells, "source_file", "source_row") == [("b.csv", 2), ("b.csv", 4)]


def test_a_table_of_another_publication_is_one_finding_and_not_one_a_cell() -> None:
    cells = cells_of(
        "Period,Org Code,Parent Org,Attendances\nMSitAE-JUNE-2025,RAA,NORTH,10\n"
        "MSitAE-JUNE-2025,RBB,SOUTH,20\n"
    )
    assert cells.layout == "unknown"
    (finding,) = cells.findings
    assert (finding.code, finding.row, finding.column, finding.value) == (
        "layout_unknown",
        2,
        "Period",
        "MSitAE-JUNE-2025",
    )


def test_a_wide_table_with_one_readable_period_is_read_cell_by_cell() -> None:
    cells = cells_of("period,org_code,waits\n2025-04,RAA,10\nsoon,RBB,20\n")
    assert (cells.layout, cells.findings) == ("wide", ())
