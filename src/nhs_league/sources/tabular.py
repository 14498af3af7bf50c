"""Read a CSV file as text: every cell as written, every row with its number."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from nhs_league.findings import Finding, capped
from nhs_league.sources.files import RawFile

ROW = "\0row"
"""The column of row numbers; no header can be named so, since null bytes are refused."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# It begins with the quote, and looks back from there, so that the search can skip to quotes.
_QUOTED_CELL = re.compile(rb'"(?<![^,\n]")[^"]*+(?:""[^"]*+)*+"(?![^,\n])')


@dataclass(frozen=True)
class TextTable:
    """A CSV file as text: ``ROW``, and a string column for each header.

    A blank cell is null or an empty string. ``left_out`` counts rows that are not in the frame.
    """

    name: str
    frame: pl.DataFrame
    encoding: str
    findings: tuple[Finding, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """List the headers, without ``ROW``."""
        return self.frame.columns[1:]

    def count_blank_rows(self) -> int:
        """Count the rows of the frame that are blank throughout."""
        blank = pl.all_horizontal(pl.col(self.columns).fill_null("").str.strip_chars() == "")
        return int(self.frame.select(blank.sum()).item())


def read_text_table(file: RawFile) -> TextTable:
    """Read a CSV file with a header row, UTF-8 or Windows-1252, with or without a byte order mark.

    What is wrong with the file as a table is in the findings; the frame then has no rows.
    """
    findings: list[Finding] = []
    content = file.content
    if content.startswith(_BYTE_ORDER_MARK):
        content = content[len(_BYTE_ORDER_MARK) :]
        findings.append(_finding(file, "note", "byte_order_mark", "begins with a byte order mark"))
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        findings.append(_finding(file, "note", "crlf_line_endings", "has Windows line endings"))
    encoding = "utf-8"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = "cp1252"
        row = content.count(b"\n", 0, error.start) + 1
        text = content.decode("cp1252", errors="replace")
        if "\ufffd" in text or "\x00" in text:
            findings.append(_finding(file, "error", "not_text", "is not a text file", row=row))
            return _empty(file, encoding, findings)
        content = text.encode("utf-8")
        findings.append(
            _finding(
                file, "warning", "cp1252_encoding", "is not UTF-8: read as Windows-1252", row=row
            )
        )
    if b"\x00" in content:
        findings.append(
            _finding(file, "error", "not_text", "is not a text file: it has null bytes")
        )
        return _empty(file, encoding, findings)
    if not content.strip():
        findings.append(_finding(file, "error", "file_empty", "is empty"))
        return _empty(file, encoding, findings)
    try:
        headers = _headers(content)
        header_findings = _header_findings(file, headers)
        if header_findings:
            return _empty(file, encoding, [*findings, *header_findings])
        frame, ragged = _read_rows(file, content, headers)
    except csv.Error as error:
        findings.append(_finding(file, "error", "csv_malformed", f"is not CSV: {error}"))
        return _empty(file, encoding, findings)
    findings += capped(ragged)
    if frame.is_empty() and not ragged:
        findings.append(_finding(file, "error", "no_rows", "has a header and no rows"))
    left_out = {"ragged_row": len(ragged)} if ragged else {}
    return TextTable(file.name, frame, encoding, tuple(findings), left_out)


def written_cells(cells: Mapping[str, Any]) -> dict[str, str]:
    """Give the cells of a row that are not blank, without the space around them."""
    return {
        column: text.strip()
        for column, text in cells.items()
        if column != ROW and text and text.strip()
    }


def _headers(content: bytes) -> list[str]:
    first_line = content.split(b"\n", 1)[0]
    # A quoted header may hold a line break: then only the whole text has the whole record.
    text = (content if b'"' in first_line else first_line).decode("utf-8")
    record = next(csv.reader(io.StringIO(text), strict=True), [])
    return [" ".join(cell.split()) for cell in record]


def _header_findings(file: RawFile, headers: list[str]) -> list[Finding]:
    findings = []
    if not any(headers):
        return [_finding(file, "error", "header_missing", "begins with no header", row=1)]
    for index, header in enumerate(headers):
        if not header:
            findings.append(
                _finding(file, "error", "unnamed_column", f"column {index + 1} has no name", row=1)
            )
        elif header in headers[:index]:
            findings.append(
                _finding(file, "error", "duplicate_column", "is named twice", row=1, column=header)
            )
    return findings


def _read_rows(
    file: RawFile, content: bytes, headers: list[str]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read the rows as text, and find those with too few or too many cells.

    Polars refuses a row that is too long without naming it (but for a comma at the very end of the
    file, hence the line end), fills one that is too short, and reads stray quotes somehow. Where
    every quote is of a whole cell, no cell holds a line break, and the separators add up, a short
    row needs a long one; otherwise the standard library reads the rows one by one.
    """
    if _separators_add_up(content.rstrip(b"\n"), len(headers)):
        with contextlib.suppress(pl.exceptions.ComputeError):
            frame = pl.read_csv(
                content if content.endswith(b"\n") else content + b"\n",
                infer_schema=False,
                new_columns=headers,
                row_index_name=ROW,
                row_index_offset=2,
            )
            return frame, []
    width = len(headers)
    findings = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    for number, cells in enumerate(reader, start=1):
        if number > 1 and cells and len(cells) != width:
            message = f"has {len(cells)} cells where the header has {width}"
            findings.append(_finding(file, "error", "ragged_row", message, row=number))
        elif number > 1:
            numbers.append(number)
            rows.append(cells or [""] * width)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headers, pl.String()), orient="row")
    return frame.insert_column(0, pl.Series(ROW, numbers, pl.UInt32())), findings


def _separators_add_up(content: bytes, width: int) -> bool:
    unquoted = _QUOTED_CELL.sub(b"", content) if b'"' in content else content
    breaks = content.count(b"\n")
    has_whole_rows = b'"' not in unquoted and unquoted.count(b"\n") == breaks
    return has_whole_rows and unquoted.count(b",") == (breaks + 1) * (width - 1)


def _finding(
    file: RawFile,
    severity: str,
    code: str,
    message: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> Finding:
    return Finding(severity, code, message, file=file.name, row=row, column=column)  # type: ignore[arg-type]


def _empty(file: RawFile, encoding: str, findings: list[Finding]) -> TextTable:
    frame = pl.DataFrame(schema={ROW: pl.UInt32})
    return TextTable(file.name, frame, encoding, tuple(findings))
