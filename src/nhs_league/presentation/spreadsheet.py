"""A result as an Excel workbook: a sheet a table, and on the last what it is and whence it came.

Text is text: nothing is taken for a formula, a link or a number. Missing figures are empty cells.
Figures have 16 significant digits, one more than Excel shows.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from nhs_league.errors import UsageError
from nhs_league.presentation.account import ATTRIBUTION, NOT_OFFICIAL, account_lines
from nhs_league.presentation.document import Document, Heading, Items, Paragraph
from nhs_league.presentation.formats import Result
from nhs_league.presentation.sheets import (
    NOTES,
    Sheet,
    Value,
    as_value,
    check_value,
    plain_parts,
    sheets_of,
)
from nhs_league.spreadsheet_text import FORMULA_STARTS

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.worksheet import Worksheet

_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_CREATED: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""A date that never changes: the same inputs give the same bytes."""

_QUOTED: Final = (*FORMULA_STARTS, "'")
"""What a text begins with that Excel would read anew after an edit."""

_NARROWEST, _WIDEST = 8, 60
_FILTER_BUTTON: Final = 3
"""The width of a header's button, in characters."""

_MOST_DECIMALS: Final = 4
_NAMES_WIDTH, _TEXTS_WIDTH = 28, 100


@dataclass(frozen=True)
class _Formats:
    """The formats of cells that are written one by one; ``quoted`` keeps text as text."""

    plain: CellFormat
    quoted: CellFormat


def render_workbook(result: Result) -> bytes:
    """Render a result as an XLSX file.

    Raises ``OutputError`` for what no workbook can hold, and ``UsageError`` where the extra
    ``xlsx`` is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise UsageError(
            "XLSX needs XlsxWriter: install nhs-league with the extra xlsx, nhs-league[xlsx]"
        ) from error
    sheets = sheets_of(result)
    document = result.document()
    title = result.heading(document)
    notes = list(_notes(title, document, result))
    for _, value in notes:
        check_value(NOTES, value)
    buffer = io.BytesIO()
    with Workbook(buffer, _OPTIONS) as workbook:
        workbook.set_properties({"title": title, "comments": NOT_OFFICIAL, "created": _CREATED})
        formats = _formats(workbook, valign="vcenter")
        for sheet in sheets:
            _write_sheet(workbook, sheet, formats)
        _write_notes(workbook, notes)
    return buffer.getvalue()


def _formats(workbook: Workbook, **properties: bool | str) -> _Formats:
    return _Formats(
        plain=workbook.add_format(properties),
        quoted=workbook.add_format({**properties, "quote_prefix": True}),
    )


def _write_sheet(workbook: Workbook, sheet: Sheet, formats: _Formats) -> None:
    """Write a table, its header in bold and in view, with a filter."""
    worksheet = workbook.add_worksheet(sheet.name)
    frame = sheet.frame
    frame.write_excel(
        workbook,
        worksheet,
        table_style="Table Style Light 1",
        header_format={"bold": True},
        column_formats={column.name: _number_format(column) for column in frame},
        freeze_panes=(1, 0),
    )
    for at, width in enumerate(_widths(frame)):
        worksheet.set_column(at, at, width)
    for row, at, value in [*_quoted_cells(frame), *sheet.typed]:
        _write_value(worksheet, (row + 1, at), value, formats)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)


def _quoted_cells(frame: pl.DataFrame) -> Iterator[tuple[int, int, Value]]:
    """List the cells whose text begins like a formula."""
    for at, column in enumerate(frame):
        if column.dtype == pl.String:
            begins = column.str.slice(0, 1).is_in(_QUOTED).fill_null(False)
            yield from ((row, at, column[row]) for row in begins.arg_true())


def _write_value(
    worksheet: Worksheet, place: tuple[int, int], value: Value, formats: _Formats
) -> None:
    """Write a value as what it is; a text that begins like a formula is marked as text."""
    if value is None:
        worksheet.write_blank(*place, None, formats.plain)
    elif isinstance(value, bool):
        worksheet.write_boolean(*place, value, formats.plain)
    elif isinstance(value, int | float):
        worksheet.write_number(*place, value, formats.plain)
    else:
        is_quoted = value.startswith(_QUOTED)
        worksheet.write_string(*place, value, formats.quoted if is_quoted else formats.plain)


def _number_format(column: pl.Series) -> str:
    """Give the format that shows the decimals that the figures of a column have, up to four."""
    if not column.dtype.is_float():
        return "0" if column.dtype.is_integer() else "General"
    decimals = _decimals(column)
    if decimals is None:
        return "General"
    return f"0.{'0' * decimals}" if decimals else "0"


def _decimals(column: pl.Series) -> int | None:
    """Count the decimals that a column needs; none where four would show a figure as zero."""
    for decimals in range(_MOST_DECIMALS):
        if ((column - column.round(decimals)).abs() < 1e-9).all():
            return decimals
    figures = column.abs()
    smallest = figures.filter(figures > 0).min()
    is_seen = isinstance(smallest, float) and smallest >= 0.5 * 10.0**-_MOST_DECIMALS
    return _MOST_DECIMALS if is_seen else None


def _widths(frame: pl.DataFrame) -> Iterator[int]:
    """Give the width of each column, in characters."""
    for column in frame:
        texts = column
        if column.dtype.is_float() and (decimals := _decimals(column)) is not None:
            texts = column.round(decimals)
        longest = texts.cast(pl.String).str.len_chars().max()
        wanted = max(longest if isinstance(longest, int) else 0, len(column.name) + _FILTER_BUTTON)
        yield min(max(wanted + 1, _NARROWEST), _WIDEST)


def _notes(title: str, document: Document, result: Result) -> Iterator[tuple[str, Value]]:
    """List the lines of the last sheet, each a name and a value."""
    yield title, None
    for block in document:
        match block:
            case Heading():
                yield block.text, None
            case Paragraph():
                yield "", block.text
            case Items():
                yield from (("", f"\u2022 {point}") for point in block.points)
            case _:
                continue
    yield "Where it came from", None
    for name, value in account_lines({**result.meta, **plain_parts(result)}):
        yield name, as_value(value)
    yield "", NOT_OFFICIAL
    yield "", ATTRIBUTION


def _write_notes(workbook: Workbook, notes: Sequence[tuple[str, Value]]) -> None:
    worksheet = workbook.add_worksheet(NOTES)
    names = _formats(workbook, bold=True, valign="top")
    texts = _formats(workbook, text_wrap=True, valign="top", align="left")
    worksheet.set_column(0, 0, _NAMES_WIDTH)
    worksheet.set_column(1, 1, _TEXTS_WIDTH)
    for row, (name, value) in enumerate(notes):
        if name:
            _write_value(worksheet, (row, 0), name, names)
        _write_value(worksheet, (row, 1), value, texts)
