"""League tables as ``rank`` saves them in CSV files, read back and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from nhs_league.errors import DataError
from nhs_league.findings import Finding, capped, has_errors, in_order
from nhs_league.sources.files import RawFile
from nhs_league.sources.tabular import ROW, TextTable, read_text_table
from nhs_league.spreadsheet_text import unguarded

SAVED_TABLE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank": pl.Int64(),
    "rank_of": pl.Int64(),
    "average_metric_score": pl.Float64(),
    "segment": pl.Int64(),
    "adjusted_segment": pl.Int64(),
    "overrides": pl.String(),
    "score_low": pl.Float64(),
    "score_high": pl.Float64(),
}
"""The frame contract: one row an organisation, ``org_code`` unique.

``org_code``, ``org_name`` and ``peer_group`` are never null. A column that the file does not have
is null throughout; there is no rank, average or segment where the organisation was not ranked.
"""

REQUIRED: Final = (
    "org_code",
    "org_name",
    "peer_group",
    "rank",
    "average_metric_score",
    "adjusted_segment",
)
_FILLED: Final = REQUIRED[:3]
_EXPECTED: Final = "a table saved by `nhs-league rank --format csv`"


@dataclass(frozen=True)
class SavedTable:
    """A saved league table, and the SHA-256 of its bytes and of the framework that made it.

    ``frame`` is under ``SAVED_TABLE_SCHEMA``. ``framework_sha256`` is known where a manifest
    stands beside the file.
    """

    name: str
    sha256: str
    frame: pl.DataFrame
    framework_sha256: str | None = None

    @property
    def quarter(self) -> str | None:
        """Give the quarter that all of it is of, where it says so."""
        quarters = self.frame["quarter"].drop_nulls().unique().to_list()
        return str(quarters[0]) if len(quarters) == 1 else None


def read_saved_tables(
    paths: Iterable[str | Path], *, strict: bool = False
) -> tuple[list[SavedTable], list[Finding]]:
    """Read tables saved by ``rank --format csv``, with what is notable about them.

    Raises ``DataError`` with the findings of all of them where one cannot be read, lacks a column,
    or has a cell or a row that no such table has; with ``strict``, for a warning too.
    """
    given = [Path(path) for path in paths]
    are_alike = len({path.name for path in given}) < len(set(given))
    read: list[tuple[Path, RawFile, TextTable]] = []
    findings: list[Finding] = []
    for path in given:
        name = path.as_posix() if are_alike else path.name
        try:
            if path.is_dir():
                findings.append(
                    Finding(
                        "error",
                        "file_unreadable",
                        "cannot be read: it is a folder",
                        file=str(path),
                        expected=_EXPECTED,
                    )
                )
                continue
            file = RawFile(name, path.read_bytes())
        except OSError as error:
            reason = error.strerror or error
            findings.append(
                Finding("error", "file_unreadable", f"cannot be read: {reason}", file=str(path))
            )
            continue
        table = read_text_table(file)
        read.append((path, file, table))
        findings += [*table.findings, *_findings(table)]
    findings = in_order(dict.fromkeys(findings))
    if has_errors(findings, strict=strict):
        raise DataError("the saved tables cannot be compared", findings)
    return [_saved(path, file, table) for path, file, table in read], findings


def _saved(path: Path, file: RawFile, table: TextTable) -> SavedTable:
    return SavedTable(
        name=file.name,
        sha256=file.sha256,
        frame=_typed(table),
        framework_sha256=_framework_stated_beside(path),
    )


def _framework_stated_beside(path: Path) -> str | None:
    """Give the SHA-256 of the framework that the manifest beside a file states, if one does."""
    try:
        manifest: Any = json.loads(Path(f"{path}.manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    stated = manifest.get("framework") if isinstance(manifest, dict) else None
    sha256 = stated.get("sha256") if isinstance(stated, dict) else None
    return sha256 if isinstance(sha256, str) else None


def _cell_expr(name: str) -> pl.Expr:
    """Give a cell as it was saved, without the space around it; a blank one is none.

    A code is in capitals. A text is without the apostrophe that kept it from being a formula.
    """
    text = pl.col(name).str.strip_chars()
    if SAVED_TABLE_SCHEMA[name] == pl.String:
        text = unguarded(text)
    if name == "org_code":
        text = text.str.to_uppercase()
    return pl.when(text != "").then(text)


def _cells(table: TextTable) -> pl.DataFrame:
    """Give the columns that are known, without rows that are blank throughout."""
    known = [name for name in SAVED_TABLE_SCHEMA if name in table.columns]
    cells = table.frame.select(ROW, *(_cell_expr(name).alias(name) for name in known))
    return cells.filter(pl.any_horizontal(pl.col(known).is_not_null())) if known else cells


def _typed(table: TextTable) -> pl.DataFrame:
    cells = _cells(table)
    return cells.select(
        _typed_expr(name, dtype, cells.columns).alias(name)
        for name, dtype in SAVED_TABLE_SCHEMA.items()
    )


def _typed_expr(name: str, dtype: pl.DataType, available: list[str]) -> pl.Expr:
    if name not in available:
        return pl.lit(None, dtype)
    # Other programs write a column of whole numbers with blanks in it as 33.0.
    return pl.col(name).cast(pl.Float64).cast(dtype) if dtype.is_numeric() else pl.col(name)


def _findings(table: TextTable) -> Iterator[Finding]:
    """Find what no saved table has."""
    if not table.columns:
        return
    if len(table.columns) == 1 and ";" in table.columns[0]:
        yield _semicolons(table)
        return
    missing = [name for name in REQUIRED if name not in table.columns]
    for name in missing:
        yield Finding(
            "error",
            "column_missing",
            f"there is no column {name}",
            file=table.name,
            row=1,
            expected=_EXPECTED,
        )
    if missing:
        return
    cells = _cells(table)
    found = [*_blank_cells(table.name, cells), *_bad_numbers(table.name, cells)]
    found += _beyond_the_last(table.name, cells)
    found += _half_ranked(table.name, cells)
    found += _mixed_quarters(table.name, cells)
    found += _repeated_codes(table.name, cells)
    yield from capped(found)


def _semicolons(table: TextTable) -> Finding:
    return Finding(
        "error",
        "column_missing",
        "the header is a single cell: separated by semicolons?",
        file=table.name,
        row=1,
        value=table.columns[0],
        expected="commas between the cells",
    )


def _beyond_the_last(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    """Find ranks that are above the number of those ranked."""
    if "rank_of" not in cells.columns:
        return
    rank, last = (pl.col(name).cast(pl.Float64, strict=False) for name in ("rank", "rank_of"))
    beyond = cells.filter(rank > last).select(ROW, "rank", "rank_of")
    for row, value, out_of in beyond.iter_rows():
        yield Finding(
            "error",
            "rank_impossible",
            "is above the number of those ranked",
            file=file,
            row=row,
            column="rank",
            value=value,
            expected=f"at most {out_of}, the rank_of of the row",
        )


def _mixed_quarters(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    """Find rows of another quarter than the first row that states one."""
    if "quarter" not in cells.columns:
        return
    stated = cells.filter(pl.col("quarter").is_not_null()).select(ROW, "quarter")
    for row, value in stated.filter(pl.col("quarter") != pl.col("quarter").first()).iter_rows():
        yield Finding(
            "error",
            "mixed_quarters",
            "is another quarter than that of the rows above",
            file=file,
            row=row,
            column="quarter",
            value=value,
            expected=f"{stated['quarter'][0]} throughout",
        )


def _blank_cells(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    for name in _FILLED:
        for row in cells.filter(pl.col(name).is_null())[ROW]:
            yield Finding(
                "error", "key_missing", "the cell is blank", file=file, row=row, column=name
            )


def _bad_numbers(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    for name, dtype in SAVED_TABLE_SCHEMA.items():
        if name not in cells.columns or not dtype.is_numeric():
            continue
        number = pl.col(name).cast(pl.Float64, strict=False)
        is_right = number.is_finite().fill_null(False)
        expected = "a number"
        if dtype.is_integer():
            expected = "a whole number from 1 on"
            is_right &= (number >= 1) & (number == number.floor())
        bad = cells.filter(pl.col(name).is_not_null() & ~is_right)
        for row, value in bad.select(ROW, name).iter_rows():
            yield Finding(
                "error",
                "not_a_number",
                f"is not {expected}",
                file=file,
                row=row,
                column=name,
                value=value,
                expected=expected,
            )


def _half_ranked(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    """Find a rank without an average, or the reverse: an organisation has both or neither."""
    pair = ("rank", "average_metric_score")
    for lacking, having in (pair, pair[::-1]):
        half = cells.filter(pl.col(lacking).is_null() & pl.col(having).is_not_null())
        for row in half[ROW]:
            yield Finding(
                "error",
                "figure_missing",
                f"the cell is blank, and {having} is not",
                file=file,
                row=row,
                column=lacking,
            )


def _repeated_codes(file: str, cells: pl.DataFrame) -> Iterator[Finding]:
    first = pl.col(ROW).first().over("org_code")
    repeated = cells.filter(pl.col("org_code").is_not_null()).select(
        ROW, "org_code", first.alias("first")
    )
    for row, code, other in repeated.filter(pl.col(ROW) != pl.col("first")).iter_rows():
        yield Finding(
            "error",
            "repeated_organisation",
            f"has a row already, row {other}",
            file=file,
            row=row,
            column="org_code",
            value=code,
        )
