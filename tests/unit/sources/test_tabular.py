"""CSV files as text: encodings, line ends, headers, and rows under the numbers people see."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nhs_league.sources.tabular import ROW, TextTable, separators_add_up
from tests.property.settings import many
from tests.unit.sources.support import found, table_of


def rows_of(table: TextTable) -> list[tuple[object, ...]]:
    """List the rows that hold anything; a blank cell may be null or an empty text."""
    rows = table.frame.with_columns(pl.col(pl.String).fill_null("")).rows()
    return [row for row in rows if any(cell.strip() for cell in row[1:])]


def problems(table: TextTable) -> list[tuple[str, str, int | None, str | None]]:
    return [(f.severity, f.code, f.row, f.column) for f in table.findings]


PLAIN = [(2, "1", "x"), (3, "2", "y")]


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\n1,x\n2,y",
        '"a","b"\n"1","x"\n"2","y"\n',
        "a , b\n1,x\n2,y\n",
        "a\u00a0,b\n1,x\n2,y\n",
    ],
)
def test_a_plain_file_is_read_without_findings(content: str) -> None:
    table = table_of(content)
    assert (table.columns, rows_of(table)) == (["a", "b"], PLAIN)
    assert (table.encoding, table.findings) == ("utf-8", ())


def test_every_cell_is_text_as_written() -> None:
    table = table_of("a,b,c\n007, x ,\n1e5,NULL,nan\n")
    assert table.frame.schema == {ROW: pl.UInt32(), **dict.fromkeys("abc", pl.String())}
    assert rows_of(table) == [(2, "007", " x ", ""), (3, "1e5", "NULL", "nan")]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_blank_cell_is_blank_with_and_without_quotes(quote: str) -> None:
    table = table_of(f"a,b\n1,{quote}{quote}\n,{quote}x{quote}\n")
    assert rows_of(table) == [(2, "1", ""), (3, "", "x")]


@pytest.mark.parametrize("content", ["a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y\r", "a,b\r\n1,x\r2,y"])
def test_windows_and_old_mac_line_ends_are_read_with_a_note(content: str) -> None:
    table = table_of(content)
    assert rows_of(table) == PLAIN
    assert problems(table) == [("note", "crlf_line_endings", None, None)]


@pytest.mark.parametrize("content", ["a,b\n1,x\n2,y\n", '"a","b"\n1,x\n2,y'])
def test_a_byte_order_mark_is_no_part_of_the_first_header(content: str) -> None:
    table = table_of(b"\xef\xbb\xbf" + content.encode())
    assert (table.columns, rows_of(table)) == (["a", "b"], PLAIN)
    assert problems(table) == [("note", "byte_order_mark", None, None)]


def test_utf_8_beyond_ascii_is_read() -> None:
    assert rows_of(table_of("a,b\nYnys Môn,£\n")) == [(2, "Ynys Môn", "£")]


def test_windows_1252_is_read_with_a_warning_at_its_first_row() -> None:
    table = table_of("a,b\n1,x\n£5,é\nü,€\n".encode("cp1252"))
    assert rows_of(table) == [(2, "1", "x"), (3, "£5", "é"), (4, "ü", "€")]
    assert table.encoding == "cp1252"
    assert problems(table) == [("warning", "cp1252_encoding", 3, None)]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n\x81,2\n",
        b"a,b\n1\x00,2\n",
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x81\x8d",
        "a,b\n1,2\n".encode("utf-16"),
        "a,b\n1,2\n".encode("utf-16-le"),
        "a,b\n1,2\n".encode("utf-16-be"),
        "a,b\r\n1,£\r\n".encode("utf-16"),
    ],
)
def test_what_is_no_text_is_an_error_and_has_no_rows(content: bytes) -> None:
    table = table_of(content)
    assert found(table.findings).errors() == ["not_text"]
    assert (table.columns, len(table.frame)) == ([], 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\r\n\n", b"  \n\t\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_nothing_or_only_blank_lines_is_empty(content: bytes) -> None:
    table = table_of(content)
    assert found(table.findings).errors() == ["file_empty"]
    assert len(table.frame) == 0


@pytest.mark.parametrize("content", ["a,b\n", "a,b", '"a",b\n'])
def test_a_header_without_rows_is_an_error(content: str) -> None:
    table = table_of(content)
    assert (table.columns, rows_of(table)) == (["a", "b"], [])
    assert problems(table) == [("error", "no_rows", None, None)]


def test_every_unnamed_column_is_an_error_with_its_number() -> None:
    table = table_of("a,, \n1,2,3\n")
    assert [(f.code, f.row, f.message) for f in table.findings] == [
        ("unnamed_column", 1, "column 2 has no name"),
        ("unnamed_column", 1, "column 3 has no name"),
    ]
    assert len(table.frame) == 0


def test_a_column_named_twice_is_an_error() -> None:
    table = table_of("a,b,a ,b\n1,2,3,4\n")
    assert problems(table) == [
        ("error", "duplicate_column", 1, "a"),
        ("error", "duplicate_column", 1, "b"),
    ]


def test_trailing_commas_throughout_are_an_unnamed_column() -> None:
    assert problems(table_of("a,b,\n1,2,\n")) == [("error", "unnamed_column", 1, None)]


@pytest.mark.parametrize("quoted", ["x", '"x"'])
def test_rows_too_short_and_too_long_are_each_an_error(quoted: str) -> None:
    table = table_of(f"a,b\n1\n1,{quoted}\n1,2,3\n1,2,\n")
    assert rows_of(table) == [(3, "1", "x")]
    assert [(f.code, f.row, f.message) for f in table.findings] == [
        ("ragged_row", 2, "has 1 cells where the header has 2"),
        ("ragged_row", 4, "has 3 cells where the header has 2"),
        ("ragged_row", 5, "has 3 cells where the header has 2"),
    ]
    assert {finding.severity for finding in table.findings} == {"error"}
    assert table.left_out == {"ragged_row": 3}


def test_cells_that_add_up_over_two_ragged_rows_hide_neither() -> None:
    table = table_of("a,b\n1\n1,2,3\n4,5\n")
    assert rows_of(table) == [(4, "4", "5")]
    assert [(f.code, f.row) for f in table.findings] == [("ragged_row", 2), ("ragged_row", 3)]


def test_a_file_of_ragged_rows_alone_is_not_said_to_have_no_rows() -> None:
    table = table_of("a,b\n1\n")
    assert ([f.code for f in table.findings], len(table.frame)) == (["ragged_row"], 0)


def test_ragged_rows_are_listed_up_to_an_announced_cap() -> None:
    table = table_of("Title\n" + "1,2\n" * 300)
    findings = found(table.findings)
    assert len(findings.of("ragged_row")) == 200
    assert [f.message for f in findings.of("findings_capped")] == [
        "100 more findings of the kind ragged_row are not listed"
    ]
    assert table.left_out == {"ragged_row": 300}


@pytest.mark.parametrize("cell", ["x", '"x"'])
def test_blank_rows_are_counted(cell: str) -> None:
    table = table_of(f"a,b\n1,{cell}\n\n , \n,\n2,\n\n")
    assert table.count_blank_rows() == 4
    assert (len(table.frame), table.left_out) == (6, {})


def test_the_column_of_row_numbers_can_have_no_name_of_a_header() -> None:
    assert "\x00" in ROW
    table = table_of("a,row\n1,2\n")
    assert table.frame.columns == [ROW, "a", "row"]
    assert found(table_of(f"a,{ROW}\n1,2\n").findings).errors() == ["not_text"]


def test_commas_quotes_and_line_ends_within_quotes_are_part_of_the_cell() -> None:
    table = table_of('a,b\n"1,000","say ""hi"""\n"two\nlines",y\n2,z\n')
    assert rows_of(table) == [
        (2, "1,000", 'say "hi"'),
        (3, "two\nlines", "y"),
        # A spreadsheet counts the cell of two lines as one row.
        (4, "2", "z"),
    ]
    assert table.findings == ()


@pytest.mark.parametrize("cell", ["x", '"x"'])
def test_a_blank_line_in_the_middle_keeps_the_numbers_of_the_rows_right(cell: str) -> None:
    table = table_of(f"a,b\n1,{cell}\n\n,\n2,y\n")
    assert rows_of(table) == [(2, "1", "x"), (5, "2", "y")]
    assert table.findings == ()


@pytest.mark.parametrize("cell", ["x", '"x"'])
def test_blank_lines_at_the_end_are_no_rows_of_their_own(cell: str) -> None:
    table = table_of(f"a,b\n1,{cell}\n\n\n")
    assert (rows_of(table), table.findings) == ([(2, "1", "x")], ())


@pytest.mark.parametrize("line", ["\n", "\r\n", " \n", ",\n", "\n\n"])
@pytest.mark.parametrize("header", ["a,b", '"a",b'])
def test_a_file_that_begins_with_a_blank_line_has_no_header(line: str, header: str) -> None:
    table = table_of(f"{line}{header}\n1,2\n")
    errors = [problem for problem in problems(table) if problem[0] == "error"]
    assert errors == [("error", "header_missing", 1, None)]
    assert (table.columns, len(table.frame)) == ([], 0)


def test_a_header_can_have_a_line_end_in_quotes() -> None:
    table = table_of('"Org\ncode",b\n1,2\n')
    assert found(table.findings).errors() == []
    assert (table.columns, rows_of(table)) == (["Org code", "b"], [(2, "1", "2")])


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n1,"x\n2,y\n3,z\n',
        'a,b\n1,"x"y\n2,z\n',
        '"a,b\n1,x\n',
        'a,b\n1,"x\n' + "2,y\n" * 50_000,
    ],
    ids=["never closed", "closed too soon", "in the header", "in a long file"],
)
def test_a_stray_quote_is_an_error_and_swallows_no_row(content: str) -> None:
    table = table_of(content)
    (finding,) = table.findings
    assert (finding.severity, finding.code, finding.file) == ("error", "csv_malformed", "a.csv")
    assert finding.message.startswith("is not CSV: ")
    assert (table.columns, len(table.frame), table.left_out) == ([], 0, {})


@pytest.mark.parametrize("name", ["source_row", "source_file", "row", "period"])
def test_a_column_of_a_name_used_here_is_read(name: str) -> None:
    table = table_of(f"a,{name}\n1,2\n")
    assert (table.columns, rows_of(table), table.findings) == (["a", name], [(2, "1", "2")], ())


def test_a_column_of_its_own_is_read() -> None:
    table = table_of("a\n1\n\n2\n")
    assert rows_of(table) == [(2, "1"), (4, "2")]


def test_what_looks_like_a_comment_is_a_row() -> None:
    assert rows_of(table_of("a,b\n#1,2\n")) == [(2, "#1", "2")]


def test_findings_name_their_file() -> None:
    table = table_of("a,a,\n", name="monthly/a.csv")
    assert {finding.file for finding in table.findings} == {"monthly/a.csv"}
    assert table.name == "monthly/a.csv"


@pytest.mark.parametrize(
    ("content", "adds_up"),
    [
        ("a,b\n1,2", True),
        ("a,b\n1,", True),
        ('"a","b"\n"1","2"', True),
        ('a,b\n"1,000",2', True),
        ('a,b\n"say ""hi, you""",2', True),
        ('a,b\n"",""""', True),
        ('a,b\n1,"two\nlines"', False),
        ("a,b\n1", False),
        ("a,b\n1,2,3", False),
        ("a,b\n\n1,2", False),
        ("a,b\n1,2\n3,4,5\n6", True),
        ('a,b\n5" pipe,6" pipe', False),
        ('a,b\n1,"x"y', False),
        ('a,b\n1,x"y"', False),
        ('a,b\n1,""x""', False),
        ('a,b\n1, "2"', False),
        ('a,b\nx"y","""', False),
        ('a,b\n1,"', False),
    ],
)
def test_the_fast_path_is_for_whole_quoted_cells_and_separators_that_add_up(
    content: str, adds_up: bool
) -> None:
    assert separators_add_up(content.encode(), 2) is adds_up


@pytest.mark.parametrize(
    "content",
    ['a\n"""x"y"', 'a,b\nx"y","""', 'a,b\n"x","""""', 'a\n"x"ya","\nx"y"', 'a,b\n"","""b"" '],
)
def test_quotes_that_only_seem_to_pair_up_are_an_error(content: str) -> None:
    table = table_of(content)
    assert found(table.findings).errors() == ["csv_malformed"]
    assert len(table.frame) == 0


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("last", ["1,2,", "1,,", ",,"])
def test_a_comma_at_the_very_end_hides_no_short_row(last: str, end: str) -> None:
    table = table_of(f"a,b\n1\n{last}{end}")
    assert [(f.code, f.row) for f in table.findings] == [("ragged_row", 2), ("ragged_row", 3)]
    assert rows_of(table) == []


def held(rows: Sequence[Sequence[str]], width: int) -> list[tuple[object, ...]]:
    """List the rows of the right width that hold anything, numbered as a spreadsheet does."""
    lines = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
    return [
        (number, *row)
        for number, row in enumerate(lines, start=2)
        if len(row) == width and any(cell.strip() for cell in row)
    ]


def ragged(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    return [number for number, row in enumerate(rows, start=2) if row and len(row) != width]


plain_cells = st.text(st.sampled_from("ab1 .\u00e9\u00a0"), max_size=4)
# The csv module writes a carriage return alone without quotes.
any_cells = st.text(st.characters(exclude_characters="\x00\r", codec="utf-8"), max_size=5)
awkward_cells = st.lists(st.sampled_from([*'",\n ab', "\r\n"]), max_size=5).map("".join)
cells = st.one_of(plain_cells, any_cells, awkward_cells)


@many(300)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.tuples(
            st.just(width),
            st.lists(
                st.one_of(
                    st.lists(plain_cells, min_size=width, max_size=width),
                    st.lists(cells, min_size=width, max_size=width),
                    st.lists(cells, max_size=width + 2),
                ),
                min_size=1,
                max_size=6,
            ),
        )
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@example((2, [["1"], ["2", "3", ""]]), csv.QUOTE_MINIMAL, "\n", True)
def test_whatever_the_csv_module_writes_is_read_back_cell_for_cell(
    written: tuple[int, list[list[str]]], quoting: int, line_end: str, is_cut: bool
) -> None:
    width, rows = written
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerow(f"h{number}" for number in range(width))
    writer.writerows(rows)
    content = text.getvalue()
    table = table_of(content.removesuffix(line_end) if is_cut else content)
    assert rows_of(table) == held(rows, width)
    findings = found(table.findings)
    assert [finding.row for finding in findings.of("ragged_row")] == ragged(rows, width)
    assert set(findings.errors()) <= {"ragged_row", "no_rows"}
    assert table.left_out.get("ragged_row", 0) == len(ragged(rows, width))


@many(300)
@given(st.integers(1, 3), st.text(st.sampled_from('",\nab '), max_size=14))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused_as_it_does(
    width: int, text: str
) -> None:
    table = table_of(f"{','.join('pqr'[:width])}\n{text}")
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        assert found(table.findings).errors() == ["csv_malformed"]
    else:
        assert rows_of(table) == held(rows, width)
        places = [finding.row for finding in found(table.findings).of("ragged_row")]
        assert places == ragged(rows, width)
