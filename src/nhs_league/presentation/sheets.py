"""The sheets of a workbook: which tables a result has, under names and limits that Excel knows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import polars as pl

from nhs_league.errors import OutputError
from nhs_league.presentation.formats import Result, compact
from nhs_league.presentation.text import capitalised

Value: TypeAlias = str | int | float | bool | None

NOTES: Final = "Notes"
"""The name of the last sheet, which says what the workbook is."""

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
MOST_CHARACTERS: Final = 32_767
LARGEST_INTEGER: Final = 2**53
"""What Excel can hold. Above it neighbouring integers are one figure: they are written as text."""

_LONGEST_NAME: Final = 31
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
_TAKEN: Final = ("history", NOTES.casefold())
"""The names that no table can have: Excel keeps the first to itself."""


@dataclass(frozen=True)
class Sheet:
    """A table under its name; ``typed`` gives cells of mixed columns, by row and column."""

    name: str
    frame: pl.DataFrame
    typed: Sequence[tuple[int, int, Value]] = ()


def sheets_of(result: Result) -> list[Sheet]:
    """List the tables of a result: its rows, and every part that is a table or has named values.

    Nested values are JSON texts, and so are integers texts that Excel would round. Raises
    ``OutputError`` for what no sheet can hold.
    """
    command = str(result.meta.get("command", "rows"))
    tables = result.tables() if result.tables is not None else {_title(command): result.rows}
    sheets = [Sheet(name, _flat(frame)) for name, frame in tables.items()]
    for name, part in result.parts().items():
        if isinstance(part, Mapping) and part:
            sheets.append(_named_values(_title(name), part))
        elif _is_table(part):
            sheets.append(Sheet(_title(name), _frame_of(part)))
    names = sheet_names(sheet.name for sheet in sheets)
    named = [
        Sheet(name, sheet.frame, sheet.typed) for name, sheet in zip(names, sheets, strict=True)
    ]
    for sheet in named:
        _check(sheet)
    return named


def plain_parts(result: Result) -> dict[str, Any]:
    """Give the parts of a result that are no sheet, such as a list of sentences."""
    return {
        name: part
        for name, part in result.parts().items()
        if not isinstance(part, Mapping) and not _is_table(part) and part != []
    }


def sheet_names(wanted: Iterable[str]) -> Iterator[str]:
    """Make names of sheets out of any, each another without regard to capitals."""
    taken = set(_TAKEN)
    for name in wanted:
        cleaned = " ".join(_NOT_IN_NAMES.sub(" ", name).split()).strip("'").strip() or "Table"
        given, number = _cut(cleaned, _LONGEST_NAME), 1
        while given.casefold() in taken:
            number += 1
            suffix = f" {number}"
            given = f"{_cut(cleaned, _LONGEST_NAME - len(suffix))}{suffix}"
        taken.add(given.casefold())
        yield given


def as_value(value: Any) -> Value:
    """Make a value one that a cell can hold as it is: JSON text of a list, or of a large integer.

    Raises ``OutputError`` for a figure that is none.
    """
    if isinstance(value, Mapping | list | tuple):
        try:
            return compact(value)
        except ValueError as error:
            raise OutputError(f"cannot write XLSX: {error}") from error
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INTEGER:
        return str(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def check_value(sheet: str, value: Value) -> None:
    """See that a cell can hold a value. Raises ``OutputError``."""
    if isinstance(value, str) and _length(value) > MOST_CHARACTERS:
        raise _beyond(
            sheet, f"a text has {_length(value):,} characters, more than", MOST_CHARACTERS
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise OutputError(f"cannot write XLSX: in the sheet {sheet} a figure is {value}")


def _title(name: str) -> str:
    return capitalised(name.replace("_", " "))


def _cut(name: str, length: int) -> str:
    """Cut a name to a length in Excel's units, after a word where one ends in its second half."""
    kept = name.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")
    words, _, rest = kept.rpartition(" ")
    is_within_word = len(kept) < len(name) and name[len(kept)] != " "
    if is_within_word and len(rest) < len(words):
        kept = words
    return kept.rstrip(" '")


def _is_table(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(row, Mapping) for row in part)


def _named_values(name: str, part: Mapping[str, Any]) -> Sheet:
    """Make a table of names and values, each a value of its own type."""
    values = [as_value(value) for value in part.values()]
    texts = [value if value is None else str(value) for value in values]
    frame = pl.DataFrame(
        {"name": list(part), "value": texts}, schema={"name": pl.String, "value": pl.String}
    )
    typed = [(row, 1, value) for row, value in enumerate(values) if not isinstance(value, str)]
    return Sheet(name, frame, typed)


def _frame_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame([_series(name, [row.get(name) for row in rows]) for name in names])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Make a column of values of one type, or of the texts of several."""
    held = [as_value(value) for value in values]
    kinds = {type(value) for value in held if value is not None}
    if kinds == {int, float}:
        return pl.Series(name, held, pl.Float64, strict=False)
    if len(kinds) > 1:
        held = [value if value is None else str(value) for value in held]
    return pl.Series(name, held)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Make every column one that a sheet has: text, a truth value or a number."""
    return pl.DataFrame([_flat_column(column) for column in frame])


def _flat_column(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested():
        return _series(column.name, column.to_list())
    if column.dtype.is_integer():
        ends = [end for end in (column.min(), column.max()) if isinstance(end, int)]
        is_exact = all(abs(end) <= LARGEST_INTEGER for end in ends)
        return column if is_exact else column.cast(pl.String)
    is_kept = column.dtype.is_numeric() or column.dtype in (pl.String, pl.Boolean, pl.Null)
    return column if is_kept else column.cast(pl.String)


def _check(sheet: Sheet) -> None:
    frame = sheet.frame
    if len(frame) + 1 > MOST_ROWS:
        raise _beyond(sheet.name, f"there would be {len(frame) + 1:,} rows, more than", MOST_ROWS)
    if frame.width > MOST_COLUMNS:
        raise _beyond(
            sheet.name, f"there would be {frame.width:,} columns, more than", MOST_COLUMNS
        )
    if len({name.casefold() for name in frame.columns}) < frame.width:
        raise OutputError(
            f"cannot write XLSX: in the sheet {sheet.name} two columns differ in capitals alone"
        )
    for column in frame:
        if column.dtype == pl.String:
            # No text has more characters than bytes.
            suspects = column.filter(column.str.len_bytes() > MOST_CHARACTERS)
        elif column.dtype.is_float():
            suspects = column.filter(~column.is_finite())
        else:
            continue
        for value in suspects:
            check_value(f"{sheet.name}, column {column.name},", value)
    for _, _, value in sheet.typed:
        check_value(sheet.name, value)


def _beyond(sheet: str, said: str, limit: int) -> OutputError:
    return OutputError(
        f"cannot write XLSX: in the sheet {sheet} {said} the {limit:,} that Excel holds; "
        "CSV and Parquet have no such limit"
    )


def _length(text: str) -> int:
    """Count characters as Excel does."""
    return len(text.encode("utf-16-le")) // 2
