"""Sift a long table too large to hold: every row is read, and those of one quarter are kept.

The table comes piece by piece. Rows of other quarters and metrics are looked at cell by cell and
counted; those that are not plainly in order are kept too, so that they are found wrong as in any
other table.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from nhs_league.findings import Finding, capped, counted
from nhs_league.observations import STATUSES
from nhs_league.period import InvalidPeriodError, Period
from nhs_league.sources.cells import MARKS
from nhs_league.sources.layout import FIGURES
from nhs_league.sources.oversight import oversight_layout
from nhs_league.sources.publications.pieces import Piece, Ragged
from nhs_league.sources.tabular import ROW, TextTable, no_table, ragged_row
from nhs_league.sources.tidy import TidyHeaders, repeated_headers

LARGE_BYTES: Final = 256 * 1024**2
"""A text of more bytes is sifted."""

LARGE_ROWS: Final = 5_000_000
"""A Parquet file of more rows is sifted."""

_LEAST: Final = {"numerator": 0, "denominator": 0, "published_rank": 1}


@dataclass(frozen=True)
class Asked:
    """The observations that a league is made of: of these metrics, or of all, in these months."""

    metric_ids: frozenset[str] | None
    first_month: int
    last_month: int

    def has_part_of(self, period: Period) -> bool:
        """Say whether a period has any of the months."""
        return period.first_month <= self.last_month and period.last_month >= self.first_month


def columns_to_sift(table: TextTable, tidy: TidyHeaders) -> dict[str, str] | None:
    """Give the columns of a long table by what they are read as; none for a table of another kind.

    ``table`` needs no rows.
    """
    known = {tidy.known(header): str(place) for place, header in enumerate(table.columns)}
    is_long = {"org_code", "period"} <= known.keys() and bool(known.keys() & {"value", "numerator"})
    has_counts = "numerator" not in known or "denominator" in known
    is_sound = not repeated_headers(table, tidy.known) and oversight_layout(table) is None
    return known if is_long and has_counts and is_sound else None


def sifted_table(
    table: TextTable, columns: Mapping[str, str], pieces: Iterable[Piece], asked: Asked
) -> TextTable:
    """Fill a table that has headers and no rows with those of its rows that are asked for.

    Where none is, the first row of every period is kept, so that it can be said which there are.
    Raises ``UnreadableFileError``.
    """
    sieve = _Sieve(columns, asked)
    kept: list[pl.DataFrame] = []
    ragged: list[Ragged] = []
    rows = 0
    try:
        for frame, found in _read_ahead(pieces):
            kept.append(sieve.kept(frame))
            ragged += found
            rows += len(frame)
    except csv.Error as error:
        return no_table(Finding("error", "csv_malformed", f"is not CSV: {error}", table.name))
    frame = sieve.all_kept(kept).cast({ROW: pl.UInt32, pl.selectors.exclude(ROW): pl.String})
    frame.columns = [ROW, *table.columns]
    width = len(table.columns)
    left_out = {"ragged_row": len(ragged), "not_asked_for": rows - len(frame)}
    return replace(
        table,
        frame=frame,
        findings=(
            *table.findings,
            *capped(ragged_row(table.name, one.row, one.cells, width) for one in ragged),
            *_note(table.name, left_out["not_asked_for"]),
        ),
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def _read_ahead(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Read the next piece while one is worked on."""
    rest = iter(pieces)
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, rest, None)
        while (piece := coming.result()) is not None:
            coming = thread.submit(next, rest, None)
            yield piece


class _Sieve:
    """Keep the rows that are asked for, and those of the others that are not plainly in order."""

    def __init__(self, columns: Mapping[str, str], asked: Asked) -> None:
        self._columns = columns
        self._asked = asked
        self._periods: dict[str | None, Period | None] = {}
        self._firsts: list[pl.DataFrame] = []

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Keep rows of a piece, and learn what periods it has."""
        self._learn_periods(frame)
        is_asked, has_keys = self._is_asked(frame)
        width = frame.width
        figures = {name: self._columns[name] for name in FIGURES if name in self._columns}
        cells = {name: _Cell(name, column, frame.schema) for name, column in figures.items()}
        status = None
        if "status" in self._columns:
            status = _Cell("status", self._columns["status"], frame.schema)
        kept = (
            frame.with_columns(cell.read for cell in cells.values())
            .filter(is_asked | ~(has_keys & _has_figure(cells, status)))
            .filter(is_asked | ~(has_keys & _says_why_not(cells, status)))
        )
        # Made anew, what is kept holds nothing of the texts that are not.
        return kept[:, :width].rechunk()

    def all_kept(self, kept: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """Put together what was kept of all pieces."""
        has_any = any(map(self._is_of_quarter, self._periods))
        frames = [*kept, *([] if has_any else self._firsts)]
        return pl.concat(frames).unique(ROW, maintain_order=True).sort(ROW)

    def _learn_periods(self, frame: pl.DataFrame) -> None:
        texts = frame[self._columns["period"]].cast(pl.String)
        new = [text for text in texts.unique().to_list() if text not in self._periods]
        if new:
            self._periods |= {text: _period(text) for text in new}
            firsts = [texts.index_of(text) or 0 for text in new]
            self._firsts.append(frame[firsts])

    def _is_of_quarter(self, text: str | None) -> bool:
        period = self._periods[text]
        return period is not None and self._asked.has_part_of(period)

    def _is_asked(self, frame: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
        """Tell the rows that are asked for, and those that have all their keys."""
        period, org_code = (self._text(name) for name in ("period", "org_code"))
        unreadable = [text for text, read in self._periods.items() if read is None]
        is_asked = period.is_in(list(filter(self._is_of_quarter, self._periods)), nulls_equal=True)
        # Blank text begins with a space, or with a space that is not ASCII.
        has_keys = org_code.is_between(pl.lit("!"), pl.lit("~")).fill_null(False)
        if unreadable:
            has_keys &= ~period.is_in(unreadable, nulls_equal=True)
        if "metric_id" in self._columns:
            metric = self._text("metric_id")
            ids = {
                text: (text or "").strip()
                for text in frame.select(metric.unique()).to_series().to_list()
            }
            if blank := [text for text, id_ in ids.items() if not id_]:
                has_keys &= ~metric.is_in(blank, nulls_equal=True)
            if self._asked.metric_ids is not None:
                wanted = [text for text, id_ in ids.items() if id_ in self._asked.metric_ids]
                is_asked &= metric.is_in(wanted, nulls_equal=True)
        return is_asked, has_keys

    def _text(self, name: str) -> pl.Expr:
        return pl.col(self._columns[name]).cast(pl.String)


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse((text or "").strip())
    except InvalidPeriodError:
        return None


class _Cell:
    """Say what the cells of a column are; none of it is null.

    ``read`` is the column of numbers that ``is_number`` asks for.
    """

    def __init__(self, name: str, column: str, schema: pl.Schema) -> None:
        is_text = schema[column] == pl.String
        self.text = pl.col(column).cast(pl.String).fill_null("")
        self.is_blank = self.text == "" if is_text else pl.col(column).is_null()
        self.is_mark = self.text.is_in(list(MARKS)) if is_text else pl.lit(False)
        self.read = pl.col(column).cast(pl.Float64, strict=False).alias(f"number:{column}")
        least = _LEAST.get(name, -sys.float_info.max)
        is_number = pl.col(f"number:{column}").is_between(least, sys.float_info.max)
        self.is_number = is_number.fill_null(False)


def _has_figure(cells: Mapping[str, _Cell], status: _Cell | None) -> pl.Expr:
    """Tell the rows that plainly have a figure."""
    main = [cells[name] for name in ("value", "numerator") if name in cells]
    has_figure = pl.any_horizontal(cell.is_number for cell in main)
    for name, cell in cells.items():
        if len(main) > 1 or name not in ("value", "numerator"):
            has_figure &= cell.is_blank | cell.is_number
    if "numerator" in cells:
        has_figure &= cells["numerator"].is_blank | cells["denominator"].is_number
    if status is not None:
        has_figure &= status.is_blank | (status.text == "reported")
    return has_figure


def _says_why_not(cells: Mapping[str, _Cell], status: _Cell | None) -> pl.Expr:
    """Tell the rows that plainly have no figure: blank, or with a mark or a status."""
    is_missing = pl.all_horizontal(
        cell.is_blank | cell.is_mark | cell.is_number
        if name in ("denominator", "published_rank")
        else cell.is_blank | cell.is_mark
        for name, cell in cells.items()
    )
    if status is None:
        return is_missing
    has_reason = status.text.is_in([one for one in STATUSES if one != "reported"])
    is_bare = pl.all_horizontal(cell.is_blank for cell in cells.values())
    return (status.is_blank & is_missing) | (has_reason & is_bare)


def _note(file: str, rows: int) -> tuple[Finding, ...]:
    if not rows:
        return ()
    message = (
        f"{counted(rows, 'row', 'is', 'are')} of other quarters or metrics, in order and not kept, "
        "as the file is large"
    )
    return (Finding("note", "not_asked_for", message, file),)
