"""What a cell of a published table says: a number, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.findings import Severity

MARKS: Final[dict[str, str]] = {
    "*": "suppressed",
    "c": "suppressed",
    "[c]": "suppressed",
    "suppressed": "suppressed",
    "-": "not_submitted",
    ".": "not_submitted",
    "..": "not_submitted",
    ":": "not_submitted",
    "[x]": "not_submitted",
    "not submitted": "not_submitted",
    "not_submitted": "not_submitted",
    "[z]": "not_applicable",
    "z": "not_applicable",
    "n/a": "not_applicable",
    "not applicable": "not_applicable",
    "not_applicable": "not_applicable",
}
"""The marks that stand for no number in NHS and government statistics, in lower case."""

_THOUSANDS: Final = r"^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*%?$"


def with_numbers(cells: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Read text columns as finite numbers; a null or blank cell is nothing at all.

    Each column becomes its numbers, null where there is none, with ``cell:`` beside it as written.
    A column that holds anything but plain numbers gains four more: ``mark:`` the status that a
    mark states; ``has_thousands:`` and ``has_percent:`` whether separators were taken out and a
    percent sign dropped (``75.90%`` is 75.9); ``is_text:`` whether the cell holds neither number,
    mark nor nothing.
    """
    read = cells.with_columns(
        expr
        for column in columns
        for expr in (
            pl.col(column).alias(f"cell:{column}"),
            pl.col(column).cast(pl.Float64, strict=False),
        )
    )
    return read.with_columns(form for column in columns for form in _all_forms(read, column))


@dataclass(frozen=True)
class CellCheck:
    """One thing that can be wrong or notable with a cell: where ``failing`` holds, it is."""

    failing: pl.Expr
    severity: Severity
    code: str
    message: str
    expected: str | None = None


def number_checks(column: str, *, is_count: bool) -> Iterator[CellCheck]:
    """List the checks of a column that ``with_numbers`` found to hold more than plain numbers."""
    yield CellCheck(
        pl.col(f"is_text:{column}"),
        "error",
        "not_a_number",
        "is not a number",
        "a number, or a mark such as * or [x] for none",
    )
    yield CellCheck(
        pl.col(f"has_thousands:{column}"),
        "note",
        "thousands_separator",
        "has thousands separators, which are taken out",
    )
    has_percent = pl.col(f"has_percent:{column}")
    if is_count:
        message = "has a percent sign where a count stands"
        yield CellCheck(has_percent, "error", "percent_sign", message)
    else:
        message = "has a percent sign, which is dropped"
        yield CellCheck(has_percent, "note", "percent_sign", message)
    for mark in sorted(set(MARKS.values())):
        is_mark = pl.col(f"mark:{column}") == mark
        message = f"is a mark: the figure is {mark.replace('_', ' ')}"
        yield CellCheck(is_mark, "note", f"{mark}_mark", message)


def _all_forms(read: pl.DataFrame, column: str) -> list[pl.Series]:
    """Read what is no plain number, and put it in its places: few cells are none, as a rule."""
    is_plain = read[column].is_finite().fill_null(False) | read[f"cell:{column}"].is_null()
    places = (~is_plain).arg_true()
    if places.is_empty():
        return []
    forms = _forms_of_text(read[f"cell:{column}"].gather(places))
    length = len(read)
    among = {
        "": read[column].rechunk(),
        "mark:": pl.repeat(None, length, dtype=pl.String, eager=True),
        **{f"{said}:": pl.repeat(False, length, eager=True) for said in forms.columns[2:]},
    }
    return [
        series.scatter(places, form).alias(f"{prefix}{column}")
        for (prefix, series), form in zip(among.items(), forms, strict=True)
    ]


def _forms_of_text(texts: pl.Series) -> pl.DataFrame:
    """Read texts as numbers with separators or a percent sign, or as marks."""
    text = pl.col("text")
    # A step at a time: Polars works out an expression as often as it stands in others.
    read = pl.DataFrame({"text": texts.str.strip_chars()}).with_columns(
        text.str.contains(_THOUSANDS).alias("has_thousands"),
        text.str.to_lowercase()
        .replace_strict(MARKS, default=None, return_dtype=pl.String)
        .alias("mark"),
    )
    has_thousands = pl.col("has_thousands")
    digits = (
        pl.when(has_thousands).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    )
    number = digits.str.strip_suffix("%").str.strip_chars_end().cast(pl.Float64, strict=False)
    read = read.with_columns(number.alias("number"))
    is_number = pl.col("number").is_finite().fill_null(False)
    return read.select(
        pl.when(is_number).then("number"),
        pl.when(~is_number).then("mark"),
        has_thousands & is_number,
        (is_number & text.str.ends_with("%")).alias("has_percent"),
        (~is_number & pl.col("mark").is_null() & (text != "")).alias("is_text"),
    )
