"""Publications as text: line ends, encodings, quotes, rows of the wrong length; and large ones.

A large file is scanned where it lies, or read in blocks. What comes of it is what comes of reading
it whole: the tests make all files large but for tiny ones.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nhs_league.sources.files import DataFile
from nhs_league.sources.opened import OpenedPublication, open_files
from nhs_league.sources.publications import pieces
from nhs_league.sources.specs.catalogue import Catalogue, parse_source
from tests.property.settings import many
from tests.unit.sources.publications.support import (
    HEADER,
    SPEC,
    Read,
    as_large_files,
    read_file,
    read_zipped,
)

CATALOGUE = Catalogue((parse_source(SPEC.encode(), "own.source.yaml"),))
MODES = ("whole", "large", "zipped")
ROWS = "RCX,2025-04,1,2,x\nRGT,2025-04,3,4,y\nRA2,2025-04,5,6,z\n"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    chosen: str = request.param
    if chosen != "whole":
        as_large_files(monkeypatch)
    return chosen


def read(folder: Path, mode: str, content: str | bytes, spec: str = SPEC) -> Read:
    """Read a file whole, as a large file, or as a large member of a zip."""
    data = content.encode() if isinstance(content, str) else content
    if mode == "zipped":
        return read_zipped(folder, data, spec)
    return read_file(folder, data, spec)


def rows_of(result: Read) -> list[tuple[str, int, float, float]]:
    return [
        (row["org_code"], row["source_row"], row["numerator"], row["denominator"])
        for row in sorted(result.rows, key=lambda row: row["source_row"])
    ]


THREE = [("RCX", 2, 1, 2), ("RGT", 3, 3, 4), ("RA2", 4, 5, 6)]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
def test_line_ends_and_a_byte_order_mark_do_not_matter(
    tmp_path: Path, mode: str, end: str, mark: bytes
) -> None:
    result = read(tmp_path, mode, mark + (HEADER + ROWS).replace("\n", end).encode())
    assert rows_of(result) == THREE
    notes = [code for code in result.findings.codes() if code[0] == "note"]
    assert (("note", "byte_order_mark") in notes) is bool(mark)
    assert (("note", "crlf_line_endings") in notes) is (end != "\n")


@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n", "\n,,,,\n\n", "\n  ,,,,\n"], ids=repr)
def test_blank_rows_below_the_table_are_counted_and_not_read(
    tmp_path: Path, mode: str, tail: str
) -> None:
    result = read(tmp_path, mode, HEADER + ROWS.removesuffix("\n") + tail)
    assert rows_of(result) == THREE
    blank = max(tail.count("\n") - 1, 0)
    assert result.unused == ({"no_organisation": blank} if blank else {})
    assert result.findings.errors() == []


def test_blank_lines_between_rows_keep_the_numbers_of_rows(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, HEADER + "\n\n" + ROWS.replace("\n", "\n\n"))
    assert [row for _, row, _, _ in rows_of(result)] == [4, 6, 8]
    assert result.unused == {"no_organisation": 5}


def test_remarks_below_the_table_are_no_ragged_rows(tmp_path: Path, mode: str) -> None:
    content = HEADER + ROWS + '\n"Source: NHS England, 2025"\n,A note,,,\n'
    result = read(tmp_path, mode, content.replace('"Source', ',,,,"Source'))
    assert rows_of(result) == THREE
    assert result.findings.errors() == []
    assert result.unused == {"no_organisation": 3}


@pytest.mark.parametrize(
    ("bad", "cells"),
    [("RGT,2025-04,3", 3), ("RGT,2025-04,3,4,y,9", 6), ("RGT,2025-04", 2), ('"R\nT",4,"x,y"', 3)],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_of_the_wrong_length_is_located_wherever_it_stands(
    tmp_path: Path, mode: str, bad: str, cells: int, place: int
) -> None:
    rows = ROWS.splitlines()
    rows[place] = bad
    result = read(tmp_path, mode, HEADER + "\n".join(rows) + "\n")
    (finding,) = result.findings.of("ragged_row")
    assert finding.row == place + 2
    assert finding.message == f"has {cells} cells where the header has 5"
    assert result.unused == {"ragged_row": 1}
    assert [row[1] for row in rows_of(result)] == [row for row in (2, 3, 4) if row != place + 2]


def test_every_row_may_be_short(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, HEADER + "RCX,2025-04,1\nRGT,2025-04,1\n")
    assert result.unused == {"ragged_row": 2}


def test_blank_cells_beyond_the_last_column_are_dropped(tmp_path: Path, mode: str) -> None:
    content = HEADER + ROWS.replace(",y\n", ",y,, \n").replace(",x\n", ",,,,,\n")
    result = read(tmp_path, mode, content)
    assert rows_of(result) == THREE
    assert result.findings.errors() == []


def test_a_separator_at_the_very_end_is_a_blank_cell_beyond(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, HEADER + ROWS.removesuffix("\n") + ",")
    assert rows_of(result) == THREE
    assert result.findings.errors() == []


def test_a_last_cell_may_be_blank_in_any_row(tmp_path: Path, mode: str) -> None:
    content = HEADER + ROWS.replace(",x\n", ",\n").replace(",z\n", ",\n")
    assert rows_of(read(tmp_path, mode, content)) == THREE
    assert rows_of(read(tmp_path, mode, content.removesuffix("\n"))) == THREE


@pytest.mark.parametrize("name", ['"a, ""b"""', '"two\nlines"', '"a\n\n\nb,c\n"', '""'])
def test_quoted_cells_may_hold_separators_quotes_and_line_breaks(
    tmp_path: Path, mode: str, name: str
) -> None:
    result = read(tmp_path, mode, HEADER + ROWS.replace("x", name).replace("z", name) * 1)
    assert rows_of(result) == THREE


def test_a_line_break_in_a_cell_longer_than_a_block_is_no_row(tmp_path: Path, mode: str) -> None:
    name = '"' + "a line of a name\n" * 20 + '"'
    content = HEADER + ROWS.replace("y", name) + "RBV,2025-04,7,8,last\n"
    assert rows_of(read(tmp_path, mode, content)) == [*THREE, ("RBV", 5, 7, 8)]


@pytest.mark.parametrize("name", ['a 5" pipe', 'the "big" trust', 'x""y'])
def test_stray_quotes_within_a_cell_are_part_of_it(tmp_path: Path, mode: str, name: str) -> None:
    assert rows_of(read(tmp_path, mode, HEADER + ROWS.replace("x", name))) == THREE
    assert rows_of(read(tmp_path, mode, HEADER + ROWS.replace("z", name))) == THREE


@pytest.mark.parametrize("name", ['"never closed', '"closed" too soon'])
def test_quotes_that_are_no_csv_are_refused(tmp_path: Path, mode: str, name: str) -> None:
    result = read(tmp_path, mode, HEADER + ROWS.replace("y", name))
    assert result.findings.errors() == ["csv_malformed"]


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + "\n"], ids=repr)
def test_a_header_without_rows_is_said(tmp_path: Path, mode: str, content: str) -> None:
    result = read(tmp_path, mode, content)
    assert ("error", "no_rows") in result.findings.codes()
    assert result.rows == []


def test_null_bytes_are_no_text(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, HEADER + ROWS.replace("y", "\0"))
    (finding,) = result.findings.of("not_text")
    assert "null bytes" in finding.message
    assert result.rows == []


def test_windows_text_is_read_and_noted_with_the_row(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, (HEADER + ROWS.replace("y", "Ynys Môn")).encode("cp1252"))
    assert rows_of(result) == THREE
    assert result.report.encoding == "cp1252"
    (finding,) = result.findings.of("cp1252_encoding")
    assert (finding.severity, finding.row) == ("warning", 3)


def test_bytes_of_no_encoding_are_no_text_and_hold_no_null_bytes(tmp_path: Path, mode: str) -> None:
    result = read(tmp_path, mode, (HEADER + ROWS).encode().replace(b"y", b"\x81"))
    (finding,) = result.findings.of("not_text")
    assert (finding.row, "null" in finding.message) == (3, False)


def test_an_encoding_fits_all_of_a_file_or_none(tmp_path: Path, mode: str) -> None:
    """The first row is UTF-8 and, with a byte that Windows-1252 has not, nothing else."""
    rows = [f"RCX,2025-{month:02d},1,2,smart\u201d quote\n" for month in range(1, 9)]
    content = (HEADER + "".join(rows)).encode() + b"RGT,2025-04,3,4,caf\xe9\n"
    result = read(tmp_path, mode, content)
    assert (result.rows, result.findings.errors()) == ([], ["not_text"])


def test_the_encodings_of_the_spec_are_tried_in_its_order(tmp_path: Path, mode: str) -> None:
    spec = SPEC + "encodings: [utf-8, iso-8859-1]\n"
    result = read(tmp_path, mode, (HEADER + ROWS).encode().replace(b"y", b"\x81"), spec)
    assert (result.report.encoding, result.findings.errors()) == ("iso-8859-1", [])
    only = SPEC + "encodings: [utf-8]\n"
    result = read(tmp_path, mode, (HEADER + ROWS).encode().replace(b"y", b"\xe9"), only)
    assert result.findings.errors() == ["not_text"]


def test_a_needed_header_may_be_in_windows_text(tmp_path: Path, mode: str) -> None:
    spec = SPEC.replace("Seen", "Seen \u2013 all")
    content = (HEADER + ROWS).replace("Seen", "Seen \u2013 all").encode("cp1252")
    assert rows_of(read(tmp_path, mode, content, spec)) == THREE


def test_a_preamble_is_counted_apart_and_rows_are_those_of_a_spreadsheet(
    tmp_path: Path, mode: str
) -> None:
    preamble = 'A title\n\n"Two\nlines",,\n,,,,\n'
    result = read(tmp_path, mode, preamble + HEADER + ROWS.replace("5,6", "5,?"))
    assert (result.report.preamble_rows, result.report.rows_in) == (4, 3)
    assert [row[1] for row in rows_of(result)] == [6, 7, 8]
    assert result.findings.places("not_a_number") == [(result.report.name, 8, "All", "?")]


def test_stray_cells_end_a_header_and_its_rows(tmp_path: Path, mode: str) -> None:
    header = HEADER.replace("\n", ",,a\n")
    assert rows_of(read(tmp_path, mode, header + ROWS.replace("\n", ",,\n"))) == THREE


@pytest.mark.parametrize("stray", [",,", ",,\u00a0"])
def test_blank_cells_may_end_a_header_alone(tmp_path: Path, mode: str, stray: str) -> None:
    header = HEADER.replace("\n", f"{stray}\n")
    assert rows_of(read(tmp_path, mode, header + ROWS)) == THREE


def test_a_header_with_a_cell_that_no_row_has_shifts_nothing(tmp_path: Path, mode: str) -> None:
    header = HEADER.replace("Seen,", "Seen,Age group,")
    result = read(tmp_path, mode, header + ROWS)
    assert (result.rows, result.left_out) == ([], {"ragged_row": 3})


def test_short_rows_at_the_end_are_refused_wherever_a_block_ends(tmp_path: Path, mode: str) -> None:
    content = HEADER + ROWS * 14 + "RCX,2025-05,1,2\nRGT,2025-05,3,4\n"
    assert read(tmp_path, mode, content).findings.errors() == ["ragged_row", "ragged_row"]


def test_the_hash_is_of_the_bytes_as_they_are(tmp_path: Path, mode: str) -> None:
    import hashlib

    content = b"\xef\xbb\xbf" + (HEADER + ROWS).replace("\n", "\r\n").encode()
    assert read(tmp_path, mode, content).report.sha256 == hashlib.sha256(content).hexdigest()


def test_a_large_file_of_many_blocks_is_read_to_its_end(tmp_path: Path, mode: str) -> None:
    rows = "".join(f"Z{at:04},2025-04,{at},{2 * at},name {at}\n" for at in range(500))
    found = rows_of(read(tmp_path, mode, HEADER + rows))
    assert found == [(f"Z{at:04}", at + 2, at, 2 * at) for at in range(500)]


# Reading in pieces and reading whole

PLAIN = ["1", "2", "0.5", "", " ", "*", "-", "x", '"a, b"', '"q""q"', '"1,234"', "é"]
ODD_ROWS = ["", ",,,,", "Source: x", "RCX,2025-04,1", "RCX,2025-04,1,2,x,", "RCX,2025-04,1,2,x,9"]


def rows_with(*cells: str) -> st.SearchStrategy[str]:
    """Draw rows that have such cells among others; some are of the wrong length."""
    figures = st.sampled_from([*PLAIN, *cells])
    codes = st.sampled_from(["RCX", "RGT", "TOTAL", "-", "", " ", "ZZ9", *cells])
    months = st.sampled_from(["2025-04", "2025-05", "soon", ""])
    sound = st.tuples(codes, months, figures, figures, figures).map(",".join)
    return st.one_of(sound, sound, sound, st.sampled_from(ODD_ROWS))


# After a stray quote the ends of quoted cells cannot be told by counting: it is one or the other.
BROKEN = rows_with('"two\nlines"', '"R\n\nX"')
STRAY = rows_with('a"b', 'the "b"')
TEXTS = st.builds(
    lambda preamble, rows, end, last: end.join([*preamble, HEADER.strip(), *rows]) + last * end,
    st.lists(st.sampled_from(["Title", "", '"a\nb"', ",,,"]), max_size=2),
    st.one_of(st.lists(BROKEN, max_size=14), st.lists(STRAY, max_size=14)),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(0, 2),
)
ENCODED = st.builds(
    lambda text, encoding, mark: mark + text.encode(encoding),
    TEXTS,
    st.sampled_from(["utf-8", "cp1252"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)


def outcome(file: DataFile) -> dict[str, Any]:
    """Give all that is known of a file once it is read, but for its name."""
    (one,), unreadable = open_files([file], CATALOGUE)
    assert unreadable == []
    assert isinstance(one, OpenedPublication)
    return {
        "sha256": one.sha256,
        "encoding": one.encoding,
        "preamble": one.preamble_rows,
        "rows_in": one.read.rows_in,
        "left_out": dict(sorted(one.read.left_out.items())),
        "observations": one.read.observations.drop("source_file").rows(),
        "uses": one.read.uses.drop("source_file").rows(),
        "findings": [replace(f, file=None) for f in (*one.findings, *one.read.findings)],
    }


def outcomes(content: bytes, size: int) -> list[dict[str, Any]]:
    """Read a file whole, as a large one, and as a large member of a zip."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        plain, archive = Path(folder, "a.csv"), Path(folder, "a.zip")
        plain.write_bytes(content)
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("a.csv", content)
        files = [
            DataFile("a.csv", plain, len(content)),
            DataFile("a.zip/a.csv", archive, len(content), "a.csv"),
        ]
        whole = outcome(files[0])
        as_large_files(patched, size)
        return [whole, *map(outcome, files)]


@given(content=ENCODED, more=st.integers(2, 90))
@example(content=(HEADER + "RCX,2025-04,1\n" + ROWS).encode(), more=8)
@example(content=(HEADER + "\n\n" + ROWS).encode(), more=8)
@example(content=(HEADER + ROWS.replace("x", 'a 5" pipe') + ROWS).encode(), more=8)
@many(40)
def test_reading_in_pieces_comes_to_what_reading_whole_does(content: bytes, more: int) -> None:
    # The first block holds the header, as any does that is longer than a header may be away.
    start = content.index(HEADER.strip().encode()) + len(HEADER)
    whole, large, zipped = outcomes(content, start + more)
    assert large == whole
    assert zipped == whole


@given(
    rows=st.lists(BROKEN, min_size=4, max_size=20),
    size=st.integers(8, 200),
)
@many(25)
def test_blocks_end_with_a_row_and_hold_every_byte(rows: list[str], size: int) -> None:
    content = "".join(f"{row}\n" for row in rows).encode()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder, "a.csv")
        path.write_bytes(content)
        as_large_files(patched, size)
        blocks = list(pieces._blocks(DataFile("a.csv", path, len(content)), whole_rows=True))
    assert b"".join(blocks) == content
    assert all(block.endswith(b"\n") and block.count(b'"') % 2 == 0 for block in blocks)
