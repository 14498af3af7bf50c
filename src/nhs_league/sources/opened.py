"""Open each file as what it is: a publication that a source spec describes, or another table."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.files import DataFile, RawFile, UnreadableFileError, unreadable_file
from nhs_league.sources.publications.matching import MOST_HEAD_ROWS, Head, Match
from nhs_league.sources.publications.pieces import (
    WHOLE_BYTES,
    Body,
    SheetBody,
    Survey,
    read_head,
    survey,
)
from nhs_league.sources.publications.plan import reading_plan
from nhs_league.sources.publications.reader import (
    ReadPublication,
    nothing_read,
    read_publication,
    unread_rows,
)
from nhs_league.sources.specs.catalogue import Catalogue
from nhs_league.sources.specs.model import Publication
from nhs_league.sources.stated_sources import as_ingested
from nhs_league.sources.tabular import (
    ROW,
    TextTable,
    no_table,
    read_text_table,
    table_of_cells,
)
from nhs_league.sources.tidy import TidyHeaders, tidy_headers

if TYPE_CHECKING:
    from nhs_league.sources.workbooks import Sheet


@dataclass(frozen=True)
class OpenedTable:
    """A table of cells as written, and its first rows; ``refused`` says why it is not read."""

    sha256: str
    table: TextTable
    refused: tuple[Finding, ...] = ()
    head: Head | None = None

    @property
    def name(self) -> str:
        """Give the name by which results speak of it."""
        return self.table.name


@dataclass(frozen=True)
class OpenedPublication:
    """A publication's file, read by its spec."""

    name: str
    sha256: str
    encoding: str
    source: Publication
    read: ReadPublication
    preamble_rows: int
    findings: tuple[Finding, ...]


_WORTH_A_THREAD: Final = 1024**2

Opened: TypeAlias = OpenedTable | OpenedPublication


def open_files(
    files: Iterable[DataFile], catalogue: Catalogue
) -> tuple[list[Opened], list[Finding]]:
    """Open files, each as one table or more, and list those that cannot be read."""
    opened: list[Opened] = []
    unreadable: list[Finding] = []
    for file in files:
        try:
            opened += _opened(file, catalogue)
        except UnreadableFileError as error:
            unreadable.append(error.finding)
    return opened, unreadable


def _opened(file: DataFile, catalogue: Catalogue) -> Iterator[Opened]:
    match file.suffix:
        case ".xlsx":
            yield from _opened_workbook(file, catalogue)
        case ".parquet":
            yield _opened_parquet(file)
        case _:
            yield _opened_text(file, catalogue)


def _opened_text(file: DataFile, catalogue: Catalogue) -> Opened:
    content = file.read() if file.size <= WHOLE_BYTES else None
    head = Head(file.name, read_head(file, content))
    found = head.matches(catalogue.publications)
    if len(found) == 1:
        surveyed = survey(file, content, found[0].source.encodings)
        return _publication(file, found[0], surveyed)
    raw = RawFile(file.name, file.read() if content is None else content)
    with _hashing(file.size, lambda: raw.sha256) as sha256:
        table = as_ingested(read_text_table(raw))
    return OpenedTable(sha256(), table, _ambiguous(file.name, found), head)


@contextlib.contextmanager
def _hashing(size: int, sha256: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Hash a file while it is read, if it is of a size that is worth a thread."""
    if size < _WORTH_A_THREAD:
        yield sha256
        return
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(sha256).result


def _publication(file: DataFile, match: Match, surveyed: Survey) -> OpenedPublication:
    header = match.header
    plan, problems = reading_plan(match.source, header)
    width = len(header.headers)
    named = max(place for place in range(width) if header.headers[place].strip()) + 1
    body = Body(file, surveyed, header.row, match.lines, width, named)
    with _hashing(file.size, surveyed.sha256) as sha256:
        if not surveyed.is_text:
            read = nothing_read()
        elif problems:
            read = unread_rows(body, problems)
        else:
            read = read_publication(match.source, header, plan, body)
    return OpenedPublication(
        file.name,
        sha256(),
        surveyed.encoding,
        match.source,
        read,
        header.row - 1,
        surveyed.findings,
    )


def _ambiguous(file: str, found: Sequence[Match]) -> tuple[Finding, ...]:
    if len(found) < 2:
        return ()
    listed = " and ".join(match.source.id for match in found)
    message = f"could be read by {len(found)} source specs: {listed}"
    expected = "headers that only one of them names"
    return (
        Finding("error", "ambiguous_source", message, file, found[0].header.row, expected=expected),
    )


def _opened_workbook(file: DataFile, catalogue: Catalogue) -> Iterator[Opened]:
    """Open the sheets that are publications; without any, the one that is most like a table."""
    from nhs_league.sources.workbooks import read_sheets

    raw = RawFile(file.name, file.read())
    sheets = read_sheets(file.name, raw.content)
    heads = [_head_of(file.name, sheet) for sheet in sheets]
    found = [head.matches(catalogue.publications) for head in heads]
    used = [at for at, matches in enumerate(found) if matches] or _table_among(
        sheets, tidy_headers(catalogue.tidy)
    )
    unused = [sheet.name for at, sheet in enumerate(sheets) if at not in used]
    if not sheets:
        yield OpenedTable(
            raw.sha256, no_table(Finding("error", "file_empty", "is empty", file.name))
        )
    for at in used:
        name = file.name if len(used) == 1 else f"{file.name} [{sheets[at].name}]"
        notes = _unused_sheets(name, unused) if at == used[0] else []
        if len(found[at]) == 1:
            yield _sheet_publication(name, raw.sha256, found[at][0], sheets[at], notes)
        else:
            table = sheets[at].as_table(name, notes)
            yield OpenedTable(raw.sha256, table, _ambiguous(name, found[at]), heads[at])


def _head_of(file: str, sheet: Sheet) -> Head:
    return Head(file, [(cells, 0) for cells in sheet.head(MOST_HEAD_ROWS)], sheet.name)


def _table_among(sheets: Sequence[Sheet], tidy: TidyHeaders) -> list[int]:
    """Find the first sheet whose headers name an organisation's code, or else the first of all."""
    like = [
        at for at, sheet in enumerate(sheets) if "org_code" in map(tidy.known, sheet.head(1)[0])
    ]
    return [*like, *range(len(sheets))][:1]


def _unused_sheets(file: str, names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding("note", "sheet_not_used", f"sheets that are not read: {', '.join(names)}", file)
    ]


def _sheet_publication(
    name: str, sha256: str, match: Match, sheet: Sheet, notes: Sequence[Finding]
) -> OpenedPublication:
    header = replace(match.header, file=name)
    body = SheetBody(sheet.frame.slice(header.row))
    plan, problems = reading_plan(match.source, header)
    if problems:
        read = unread_rows(body, problems)
    else:
        read = read_publication(match.source, header, plan, body)
    findings = (*notes, *sheet.lost_cell_findings(name, header.row, plan.columns))
    return OpenedPublication(name, sha256, "xlsx", match.source, read, header.row - 1, findings)


def _opened_parquet(file: DataFile) -> OpenedTable:
    """Read a Parquet file as the text that it would be in a CSV file."""
    raw = RawFile(file.name, file.read())
    try:
        frame = pl.read_parquet(io.BytesIO(raw.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is no Parquet file"
        raise unreadable_file(file.name, reason) from error
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    if nested:
        message = f"holds lists or structures in the column {nested[0]!r}"
        return OpenedTable(raw.sha256, no_table(Finding("error", "not_text", message, file.name)))
    try:
        texts = frame.with_columns(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise unreadable_file(file.name, str(error).splitlines()[0]) from error
    rows = pl.int_range(2, len(texts) + 2, dtype=pl.UInt32, eager=True).alias(ROW)
    table = table_of_cells(file.name, frame.columns, texts.insert_column(0, rows), "parquet", ())
    return OpenedTable(raw.sha256, table)
