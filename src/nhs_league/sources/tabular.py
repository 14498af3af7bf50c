"""Read a CSV file as text: every cell as written, every row with its number."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from nhs_league.findings import Finding, capped
from nhs_league.sources.files import RawFile

ROW = "\0row"
"""The column of row numbers; no header can be named so, since null bytes are refused."""

MAX_COLUMNS: Final = 16_384
"""As many columns as a sheet can have; a file of more is refused."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
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


@dataclass(frozen=True)
class CleanText:
    """A text as UTF-8 with Unix line endings and no mark; without ``content`` it is none."""

    content: bytes | None
    encoding: str
    findings: tuple[Finding, ...]


def clean_text(file: RawFile, encodings: Sequence[str] = ("utf-8", "cp1252")) -> CleanText:
    """Read bytes as text in the first of the encodings that fits, and note what is unusual."""
    content = file.content.removeprefix(BYTE_ORDER_MARK)
    has_returns = b"\r" in content
    if has_returns:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoding, text, row = _decoded(content, encodings)
    is_text = text is not None and b"\x00" not in text
    findings = file_findings(
        file.name,
        has_mark=file.content.startswith(BYTE_ORDER_MARK),
        has_returns=has_returns,
        encoding=encoding,
        expected=encodings[0],
        is_text=is_text,
        row=row,
    )
    return CleanText(text if is_text else None, encoding, findings)


def file_findings(
    file: str,
    *,
    has_mark: bool,
    has_returns: bool,
    encoding: str,
    expected: str,
    is_text: bool,
    row: int | None = None,
) -> tuple[Finding, ...]:
    """Say what is unusual about a file's bytes; ``row`` is the first that is not as expected."""
    findings = []
    if has_mark:
        findings.append(Finding("note", "byte_order_mark", "begins with a byte order mark", file))
    if has_returns:
        findings.append(Finding("note", "crlf_line_endings", "has Windows line endings", file))
    if not is_text:
        why = "" if row else ": it has null bytes"
        findings.append(Finding("error", "not_text", f"is not a text file{why}", file, row))
    elif encoding != expected:
        names = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "iso-8859-1": "ISO 8859-1"}
        message = f"is not {names[expected]}: read as {names[encoding]}"
        findings.append(Finding("warning", "cp1252_encoding", message, file, row))
    return tuple(findings)


def _decoded(content: bytes, encodings: Sequence[str]) -> tuple[str, bytes | None, int | None]:
    """Give the first encoding that fits, the text as UTF-8, and where an encoding did not fit."""
    row = None
    for encoding in encodings:
        try:
            if encoding == "utf-8" and content.isascii():
                return encoding, content, row
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            row = row or content.count(b"\n", 0, error.start) + 1
            continue
        return encoding, content if encoding == "utf-8" else text.encode(), row
    return encodings[-1], None, row


def read_text_table(file: RawFile) -> TextTable:
    """Read a CSV file with a header row, UTF-8 or Windows-1252, with or without a byte order mark.

    What is wrong with the file as a table is in the findings; the frame then has no rows.
    """
    text = clean_text(file)
    findings = list(text.findings)
    content, encoding = text.content, text.encoding
    if content is None:
        return _empty(file, encoding, findings)
    if not content or content.isspace():
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


def table_of_cells(
    name: str, headers: Sequence[str], frame: pl.DataFrame, encoding: str, notes: Sequence[Finding]
) -> TextTable:
    """Make a table of cells that stand in ``ROW`` and as many columns as there are headers."""
    cleaned = [" ".join(header.split()) for header in headers]
    file = RawFile(name, b"")
    findings = [*notes, *_header_findings(file, cleaned)]
    if any(finding.severity == "error" for finding in findings):
        return _empty(file, encoding, findings)
    if frame.is_empty():
        findings.append(_finding(file, "error", "no_rows", "has a header and no rows"))
    return TextTable(
        name,
        frame.rename(dict(zip(frame.columns[1:], cleaned, strict=True))),
        encoding,
        tuple(findings),
    )


def table_of_headers(name: str, headers: Sequence[str], encoding: str = "utf-8") -> TextTable:
    """Make a table of headers without rows; it has no columns where they cannot be headers."""
    cleaned = [" ".join(header.split()) for header in headers]
    if _header_findings(RawFile(name, b""), cleaned):
        return _empty(RawFile(name, b""), encoding, [])
    schema = {ROW: pl.UInt32, **dict.fromkeys(cleaned, pl.String)}
    return TextTable(name, pl.DataFrame(schema=schema), encoding, ())


def no_table(finding: Finding) -> TextTable:
    """Give the table of a file that holds none, as a finding says."""
    return _empty(RawFile(finding.file or "", b""), "utf-8", [finding])


def written_cells(cells: Mapping[str, Any]) -> dict[str, str]:
    """Give the cells of a row that are not blank, without the space around them."""
    return {
        column: text.strip()
        for column, text in cells.items()
        if column != ROW and text and text.strip()
    }


def _headers(content: bytes) -> list[str]:
    first_line = content[: content.find(b"\n") + 1] or content
    # A quoted header may hold a line break: then only the whole text has the whole record.
    text = (content if b'"' in first_line else first_line).decode("utf-8")
    record = next(csv.reader(io.StringIO(text), strict=True), [])
    return [" ".join(cell.split()) for cell in record]


def _header_findings(file: RawFile, headers: list[str]) -> list[Finding]:
    findings = []
    if not any(headers):
        return [_finding(file, "error", "header_missing", "begins with no header", row=1)]
    if len(headers) > MAX_COLUMNS:
        message = f"has {len(headers):,} columns: no spreadsheet has more than {MAX_COLUMNS:,}"
        return [_finding(file, "error", "file_unreadable", message, row=1)]
    seen: set[str] = set()
    for index, header in enumerate(headers):
        if not header:
            findings.append(
                _finding(file, "error", "unnamed_column", f"column {index + 1} has no name", row=1)
            )
        elif header in seen:
            findings.append(
                _finding(file, "error", "duplicate_column", "is named twice", row=1, column=header)
            )
        elif "\0" in header:
            findings.append(
                _finding(file, "error", "not_text", "has null bytes", row=1, column=header)
            )
        seen.add(header)
    return findings


def _read_rows(
    file: RawFile, content: bytes, headers: list[str]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read the rows as text, and find those with too few or too many cells.

    Polars refuses a row that is too long without naming it (but for a comma at the very end of the
    file, hence the line end), fills one that is too short, and reads stray quotes somehow. Where
    every quote is of a whole cell, no cell holds a line break, and the separators add up, a short
    row needs a long one; where no quote is, no row is short whose last cell is not blank. Otherwise
    the standard library reads the rows one by one.
    """
    has_quotes = b'"' in content
    if not has_quotes or separators_add_up(content, len(headers)):
        with contextlib.suppress(pl.exceptions.ComputeError):
            frame = pl.read_csv(
                content if content.endswith(b"\n") else content + b"\n",
                infer_schema=False,
                new_columns=headers,
                row_index_name=ROW,
                row_index_offset=2,
            )
            is_whole = has_quotes or frame[headers[-1]].null_count() == 0
            if is_whole or separators_add_up(content, len(headers)):
                return frame, []
    width = len(headers)
    findings = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    for number, cells in enumerate(reader, start=1):
        if number > 1 and cells and len(cells) != width:
            findings.append(ragged_row(file.name, number, len(cells), width))
        elif number > 1:
            numbers.append(number)
            rows.append(cells or [""] * width)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headers, pl.String()), orient="row")
    return frame.insert_column(0, pl.Series(ROW, numbers, pl.UInt32())), findings


def ragged_row(file: str, row: int, cells: int, width: int) -> Finding:
    """Say that a row has other than as many cells as the header."""
    message = f"has {cells} cells where the header has {width}"
    return Finding("error", "ragged_row", message, file, row)


def separators_add_up(content: bytes, width: int) -> bool:
    """Say whether every line is a row of so many cells, with quotes around whole cells.

    Line ends at the end of the text begin no further line.
    """
    end = len(content)
    while content[end - 1 : end] == b"\n":
        end -= 1
    breaks = content.count(b"\n", 0, end)
    if b'"' not in content:
        return content.count(b",") == (breaks + 1) * (width - 1)
    unquoted = _QUOTED_CELL.sub(b"", content)
    has_whole_rows = b'"' not in unquoted and unquoted.count(b"\n") == content.count(b"\n")
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
