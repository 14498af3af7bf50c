"""What a cell of a published table says: a number, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

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
    is_plain = read.select(
        (pl.col(column).is_finite().fill_null(False) | pl.col(f"cell:{column}").is_null())
        .all()
        .alias(column)
        for column in columns
    )
    others = [column for column, plain in zip(columns, is_plain.row(0), strict=True) if not plain]
    return read.with_columns(expr for column in others for expr in _all_forms(column))


def _is_plain(column: str) -> pl.Expr:
    return pl.col(column).is_finite().fill_null(False) | _is_blank(column)


def _is_blank(column: str) -> pl.Expr:
    return pl.col(f"cell:{column}").fill_null("").str.strip_chars() == ""


def _all_forms(column: str) -> list[pl.Expr]:
    """Read what is no plain number as one with separators or a percent sign, or as a mark."""
    text = pl.col(f"cell:{column}").fill_null("").str.strip_chars()
    is_plain = _is_plain(column)
    has_thousands = ~is_plain & text.str.contains(_THOUSANDS)
    digits = (
        pl.when(has_thousands).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    )
    number = digits.str.strip_suffix("%").str.strip_chars_end().cast(pl.Float64, strict=False)
    is_number = number.is_finite().fill_null(False)
    mark = text.str.to_lowercase().replace_strict(MARKS, default=None, return_dtype=pl.String)
    return [
        pl.when(is_number).then(number).alias(column),
        pl.when(~is_number).then(mark).alias(f"mark:{column}"),
        (has_thousands & is_number).alias(f"has_thousands:{column}"),
        (is_number & text.str.ends_with("%")).alias(f"has_percent:{column}"),
        (~is_number & mark.is_null() & (text != "")).alias(f"is_text:{column}"),
    ]
