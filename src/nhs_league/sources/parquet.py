"""Read a Parquet file as the text that it would be in a CSV file."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.files import DataFile, RawFile, unreadable_file
from nhs_league.sources.publications.pieces import Piece
from nhs_league.sources.sifting import LARGE_ROWS
from nhs_league.sources.tabular import ROW, TextTable, no_table, table_of_cells, table_of_headers

MAX_CELLS: Final = 10_000_000
"""A file of more cells than this is refused if it is all but empty: see ``MAX_CELLS_A_BYTE``."""

MAX_CELLS_A_BYTE: Final = 100

PIECE_ROWS: Final = 1_000_000
"""Of a large file, so many rows are read at once."""


def read_parquet_table(file: RawFile) -> TextTable:
    """Read a table, whatever the types of its columns; raises ``UnreadableFileError``."""
    with _reading(file.name):
        _check_size(file)
        frame = pl.read_parquet(io.BytesIO(file.content))
        nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
        if nested:
            message = f"holds lists or structures in the column {nested[0]!r}"
            return no_table(Finding("error", "not_text", message, file.name))
        texts = frame.with_columns(pl.all().cast(pl.String))
    texts.columns = [str(place) for place in range(texts.width)]
    rows = pl.int_range(2, len(texts) + 2, dtype=pl.UInt32, eager=True).alias(ROW)
    return table_of_cells(file.name, frame.columns, texts.insert_column(0, rows), "parquet", ())


@dataclass(frozen=True)
class ScannedTable:
    """A large file that is read where it lies: its headers, and its rows piece by piece."""

    file: DataFile
    table: TextTable
    frame: pl.LazyFrame
    rows: int

    def pieces(self) -> Iterator[Piece]:
        """Read ``ROW`` and a column for each header, named ``0``, ``1`` and so on."""
        for start in range(0, self.rows, PIECE_ROWS):
            with _reading(self.file.name):
                piece = self.frame.slice(start, PIECE_ROWS).collect(engine="streaming")
            piece.columns = [ROW, *map(str, range(piece.width - 1))]
            yield piece, ()


def scanned_parquet_table(file: DataFile) -> ScannedTable | None:
    """Scan a file of more than ``LARGE_ROWS``; none for a smaller one, or one with nested columns.

    Raises ``UnreadableFileError``.
    """
    with _reading(file.name):
        frame = pl.scan_parquet(file.path, glob=False)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
    if rows <= LARGE_ROWS or ROW in schema or any(kind.is_nested() for kind in schema.dtypes()):
        return None
    table = table_of_headers(file.name, schema.names(), "parquet")
    numbered = pl.scan_parquet(file.path, glob=False, row_index_name=ROW, row_index_offset=2)
    return ScannedTable(file, table, numbered, rows)


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into ``UnreadableFileError``."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is no Parquet file"
        raise unreadable_file(name, reason) from error


def _check_size(file: RawFile) -> None:
    """Refuse a small file that unpacks to a table which no memory can hold."""
    lazy = pl.scan_parquet(io.BytesIO(file.content))
    cells = int(lazy.select(pl.len()).collect().item()) * len(lazy.collect_schema())
    if cells > MAX_CELLS and cells > MAX_CELLS_A_BYTE * len(file.content):
        raise unreadable_file(
            file.name,
            f"its {len(file.content):,} bytes unpack to {cells:,} cells, more than "
            f"{MAX_CELLS_A_BYTE} a byte",
        )
