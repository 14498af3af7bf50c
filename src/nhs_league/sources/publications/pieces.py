"""Read a publication's CSV piece by piece, as text columns, in bounded memory.

A small file is one piece; a large one is scanned where it lies, or, if it is zipped or has to be
written anew as UTF-8, read in blocks of whole rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.files import BLOCK_BYTES, DataFile, RawFile
from nhs_league.sources.publications.matching import MOST_HEAD_ROWS
from nhs_league.sources.tabular import (
    BYTE_ORDER_MARK,
    ROW,
    clean_text,
    file_findings,
    separators_add_up,
)

WHOLE_BYTES: Final = 64 * 1024**2
"""A file of up to so many bytes is read at once, and a larger one in blocks."""

HEAD_BYTES: Final = 256 * 1024
"""The beginning of a file in which its header is looked for."""

Frames: TypeAlias = list[pl.DataFrame]
Plans: TypeAlias = Callable[[pl.LazyFrame], list[pl.LazyFrame]]
"""What is to be made of the rows: of the frames, the first has ``rows``, and ``blank_ends``."""

Outcomes: TypeAlias = tuple[list[Frames], list["Ragged"]]
"""What came of the plans in each piece, and the rows that had no place in any."""

Piece: TypeAlias = tuple[pl.DataFrame, Sequence["Ragged"]]
"""Rows as they stand, and those beside them that had no place."""

_MOST_LINES_OF_A_ROW: Final = 1000


@dataclass(frozen=True)
class Survey:
    """What is known of a file once all its bytes have been seen.

    ``content`` is the whole text as UTF-8 with Unix line endings, where the file is small;
    ``can_be_scanned`` says of a large one that it is such text where it lies. ``sha256`` gives the
    hash of the bytes, which may still have to be computed.
    """

    sha256: Callable[[], str]
    encoding: str
    findings: tuple[Finding, ...]
    is_text: bool
    content: bytes | None = None
    can_be_scanned: bool = False


@dataclass(frozen=True)
class Ragged:
    """A row with too many or too few cells."""

    row: int
    cells: int


@dataclass(frozen=True)
class SheetBody:
    """The rows below a header of a sheet, as ``Body`` has those of a text."""

    frame: pl.DataFrame

    def run(self, plans: Plans) -> Outcomes:
        """Run plans over all rows."""
        return [pl.collect_all(plans(self.frame.lazy()))], []


@dataclass(frozen=True)
class Body:
    """The rows below a header: their columns are named ``0``, ``1`` and so on, after ``ROW``.

    Of the ``width`` of the header, so many columns are ``named``: blank cells may end it.
    """

    file: DataFile
    survey: Survey
    header_row: int
    header_lines: int
    width: int
    named: int

    def run(self, plans: Plans) -> Outcomes:
        """Run plans over all rows: see ``run_over``."""
        return run_over(self, plans)

    def pieces(self) -> Iterator[Piece]:
        """Read all rows piece by piece: see ``text_pieces``."""
        return text_pieces(self)


def read_head(file: DataFile, content: bytes | None) -> list[tuple[list[str], int]]:
    """Read the first rows of a file, each with the number of lines up to its end."""
    if content is None:
        with file.open() as stream:
            start = stream.read(HEAD_BYTES)
    else:
        start = content[:HEAD_BYTES]
    if len(start) == HEAD_BYTES:
        start = start[: max(start.rfind(b"\n"), start.rfind(b"\r")) + 1]
    start = start.removeprefix(BYTE_ORDER_MARK)
    try:
        text = start.decode()
    except UnicodeDecodeError:
        text = start.decode("cp1252", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text))
    rows = []
    try:
        for row in reader:
            rows.append((row, reader.line_num))
            if len(rows) == MOST_HEAD_ROWS:
                break
    except csv.Error:
        pass
    return rows


def survey(file: DataFile, content: bytes | None, encodings: Sequence[str]) -> Survey:
    """Look through all bytes of a file, which are ``content`` where they have been read.

    Raises ``UnreadableFileError``.
    """
    if content is None:
        return _survey_in_blocks(file, encodings)
    raw = RawFile(file.name, content)
    text = clean_text(raw, encodings)
    is_text = text.content is not None
    return Survey(lambda: raw.sha256, text.encoding, text.findings, is_text, text.content)


@dataclass(frozen=True)
class _Look:
    """What one look through a large file in an encoding has shown."""

    encoding: str
    wrong_row: int | None
    has_mark: bool
    has_returns: bool
    has_nulls: bool


def _survey_in_blocks(file: DataFile, encodings: Sequence[str]) -> Survey:
    """Look through a large file in one encoding after the other, until one fits all of it."""
    wrong_row = None
    for encoding in encodings:
        look = _look_through(file, encoding)
        if look.wrong_row is None:
            break
        wrong_row = wrong_row or look.wrong_row
    is_text = look.wrong_row is None and not look.has_nulls
    findings = file_findings(
        file.name,
        has_mark=look.has_mark,
        has_returns=look.has_returns,
        encoding=look.encoding,
        expected=encodings[0],
        is_text=is_text,
        row=None if look.has_nulls else wrong_row,
    )
    is_plain = look.encoding == "utf-8" and not look.has_returns and not look.has_mark
    can_be_scanned = file.member is None and is_plain
    return Survey(file.sha256, look.encoding, findings, is_text, can_be_scanned=can_be_scanned)


def _look_through(file: DataFile, encoding: str) -> _Look:
    """Look through a file block by block, each of which ends with a line."""
    has_mark = has_returns = has_nulls = False
    wrong = None
    for number, block in enumerate(_blocks(file)):
        has_mark = has_mark or (number == 0 and block.startswith(BYTE_ORDER_MARK))
        has_returns = has_returns or b"\r" in block
        has_nulls = has_nulls or b"\x00" in block
        place = None if wrong is not None else _undecodable(block, encoding)
        wrong = wrong if place is None else (number, place)
    row = None if wrong is None else _row_of(file, *wrong)
    return _Look(encoding, row, has_mark, has_returns, has_nulls)


def _row_of(file: DataFile, number: int, place: int) -> int:
    """Count the lines down to a place in a block of a file."""
    lines = 1
    for at, block in enumerate(_blocks(file)):
        if at == number:
            return lines + _count_lines(block[:place])
        lines += _count_lines(block)
    return lines


def _count_lines(block: bytes) -> int:
    returns = block.count(b"\r")
    return block.count(b"\n") + (returns - block.count(b"\r\n") if returns else 0)


def _undecodable(block: bytes, encoding: str) -> int | None:
    """Find the first byte that is no text in an encoding."""
    try:
        if not block.isascii():
            block.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _blocks(file: DataFile, *, whole_rows: bool = False) -> Iterator[bytes]:
    """Read a file in blocks that end with a line, or with ``whole_rows`` with a row."""
    with file.open() as stream:
        rest = b""
        while chunk := stream.read(BLOCK_BYTES):
            block = rest + chunk
            end = _end_of_rows(block) if whole_rows else block.rfind(b"\n") + 1
            rest = block[end:]
            if end:
                yield block[:end]
        if rest:
            yield rest


def _end_of_rows(block: bytes) -> int:
    """Find the last line end that is in no quoted cell; the last of all, where none is near."""
    last = block.rfind(b"\n") + 1
    end, quotes = last, block.count(b'"', 0, last)
    for _ in range(_MOST_LINES_OF_A_ROW):
        if quotes % 2 == 0:
            return end
        start = block.rfind(b"\n", 0, end - 1) + 1
        quotes -= block.count(b'"', start, end)
        end = start
    return last


def run_over(body: Body, plans: Plans) -> Outcomes:
    """Run plans over the rows of a file, piece by piece, through the streaming engine.

    The frame that they take has ``ROW`` and text columns named ``0``, ``1`` and so on. The first
    plan counts ``rows``, and in ``blank_ends`` those that have nothing in their last cell, and may
    be too short. Pieces that have any, or that the engine refuses, are looked at again, and read
    row by row where they must be. Raises ``csv.Error`` for what is no CSV, and
    ``UnreadableFileError``.
    """
    if body.survey.can_be_scanned:
        first = body.header_row + 1
        frames = _tried(plans, _scan(body.file.path, body.width, first, skip=body.header_lines))
        if frames is not None and not frames[0]["blank_ends"].sum():
            return [frames], []
    outcomes: list[Frames] = []
    ragged: list[Ragged] = []
    for frames, found in _run_in_pieces(body, plans, _stated_counts):
        outcomes.append(frames)
        ragged += found
    return outcomes, ragged


def text_pieces(body: Body) -> Iterator[Piece]:
    """Read the rows of a file piece by piece, with the frame that ``run_over`` gives to plans.

    Raises ``csv.Error`` for what is no CSV, and ``UnreadableFileError``.
    """
    for [frame], found in _run_in_pieces(body, lambda rows: [rows], _counts):
        yield frame, found


def _stated_counts(frames: Frames) -> tuple[int, int]:
    """Give the rows and those with nothing in their last cell, as the first plan counts them."""
    counted = frames[0].select(pl.col("rows", "blank_ends").sum())
    return int(counted["rows"].item()), int(counted["blank_ends"].item())


def _counts(frames: Frames) -> tuple[int, int]:
    """Count the rows of a piece, and those with nothing in their last cell."""
    [frame] = frames
    return len(frame), frame.to_series(-1).null_count()


def _run_in_pieces(
    body: Body, plans: Plans, counts: Callable[[Frames], tuple[int, int]]
) -> Iterator[tuple[Frames, list[Ragged]]]:
    """Run plans over one piece after the other, with the rows of each that had no place."""
    first = body.header_row + 1
    for content, skip in _pieces(body):
        ragged: list[Ragged] = []
        frames = _tried(plans, _scan(content, body.width, first, skip))
        is_short = frames is not None and counts(frames)[1] > 0
        if frames is None or (is_short and not _add_up(_after_lines(content, skip), body.width)):
            rows, ragged = _read_row_by_row(_after_lines(content, skip), body, first)
            frames = pl.collect_all(plans(rows.lazy()))
        yield frames, ragged
        first += counts(frames)[0] + len(ragged)


def _tried(plans: Plans, lazy: pl.LazyFrame) -> Frames | None:
    """Run plans, unless the engine finds that the text is no table.

    What the plans share stands in columns already: to look for more would take longer than to read
    a small file.
    """
    flags = pl.QueryOptFlags(comm_subexpr_elim=False)
    try:
        return pl.collect_all(plans(lazy), engine="streaming", optimizations=flags)
    except pl.exceptions.PolarsError:
        return None


def _scan(source: Path | bytes, width: int, first_row: int, skip: int = 0) -> pl.LazyFrame:
    return pl.scan_csv(
        source,
        has_header=False,
        schema={str(place): pl.String() for place in range(width)},
        skip_lines=skip,
        row_index_name=ROW,
        row_index_offset=first_row,
        glob=False,
    )


def _pieces(body: Body) -> Iterator[tuple[bytes, int]]:
    """Give the text in pieces of whole rows, with the lines to skip: those down to the header."""
    if body.survey.content is not None:
        yield body.survey.content, body.header_lines
        return
    for number, block in enumerate(_blocks(body.file, whole_rows=True)):
        text = clean_text(RawFile(body.file.name, block), (body.survey.encoding,))
        assert text.content is not None, "the survey found that it is text"
        yield text.content, 0 if number else body.header_lines


def _add_up(content: bytes, width: int) -> bool:
    return separators_add_up(content.removesuffix(b"\n"), width)


def _after_lines(text: bytes, lines: int) -> bytes:
    end = 0
    for _ in range(lines):
        end = text.find(b"\n", end) + 1
        if end == 0:
            return b""
    return text[end:]


def _read_row_by_row(
    content: bytes, body: Body, first_row: int
) -> tuple[pl.DataFrame, list[Ragged]]:
    """Read rows with the standard library, which says where one has too many or too few cells.

    Blank cells beyond the last column hold nothing and are dropped; a row of a single cell is a
    remark below the table, and stays. Headers without a name at the end need no cells.
    """
    width = body.width
    rows: list[list[str]] = []
    numbers: list[int] = []
    ragged: list[Ragged] = []
    reader = csv.reader(io.StringIO(content.decode("utf-8")), strict=True)
    for number, cells in enumerate(reader, start=first_row):
        beyond = cells[width:]
        is_remark = len(cells) < 2 < width
        has_blanks_beyond = bool(beyond) and not any(map(str.strip, beyond))
        if body.named <= len(cells) <= width or is_remark or has_blanks_beyond:
            rows.append((cells + [""] * width)[:width])
            numbers.append(number)
        else:
            ragged.append(Ragged(number, len(cells)))
    schema = {str(place): pl.String() for place in range(width)}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.all().replace("", None))
    return frame.insert_column(0, pl.Series(ROW, numbers, pl.UInt32())), ragged
