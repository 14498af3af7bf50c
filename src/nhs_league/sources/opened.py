"""Open each file as what it is: a publication that a source spec describes, or another table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from nhs_league.findings import Finding
from nhs_league.sources.files import DataFile, RawFile, UnreadableFileError
from nhs_league.sources.parquet import read_parquet_table, scanned_parquet_table
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
from nhs_league.sources.sifting import LARGE_BYTES, Asked, columns_to_sift, sifted_table
from nhs_league.sources.specs.catalogue import Catalogue
from nhs_league.sources.specs.model import Publication
from nhs_league.sources.stated_sources import as_ingested
from nhs_league.sources.tabular import (
    TextTable,
    no_table,
    read_text_table,
    table_of_headers,
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

AskedLater: TypeAlias = Callable[[], Asked]
"""What tells the observations that are asked for, where a file is large enough to need it."""


def open_files(
    files: Iterable[DataFile], catalogue: Catalogue, asked: AskedLater | None = None
) -> tuple[list[Opened], list[Finding]]:
    """Open files, each as one table or more, and list those that cannot be read.

    Of a long table that is large only what is ``asked`` for is kept.
    """
    opened: list[Opened] = []
    unreadable: list[Finding] = []
    for file in files:
        try:
            opened += _opened(file, catalogue, asked)
        except UnreadableFileError as error:
            unreadable.append(error.finding)
    return opened, unreadable


def _opened(file: DataFile, catalogue: Catalogue, asked: AskedLater | None) -> Iterator[Opened]:
    match file.suffix:
        case ".xlsx":
            yield from _opened_workbook(file, catalogue)
        case ".parquet":
            yield _opened_parquet(file, catalogue, asked)
        case _:
            yield _opened_text(file, catalogue, asked)


def _opened_text(file: DataFile, catalogue: Catalogue, asked: AskedLater | None) -> Opened:
    content = file.read() if file.size <= WHOLE_BYTES else None
    head = Head(file.name, read_head(file, content))
    found = head.matches(catalogue.publications)
    if len(found) == 1:
        surveyed = survey(file, content, found[0].source.encodings)
        return _publication(file, found[0], surveyed)
    if asked is not None and file.size > LARGE_BYTES and not found:
        sifted = _sifted_text(file, head, catalogue, asked)
        if sifted is not None:
            return sifted
    raw = RawFile(file.name, file.read() if content is None else content)
    with _hashing(file.size, lambda: raw.sha256) as sha256:
        table = as_ingested(read_text_table(raw))
    return OpenedTable(sha256(), table, _ambiguous(file.name, found), head)


def _sifted_text(
    file: DataFile, head: Head, catalogue: Catalogue, asked: AskedLater
) -> OpenedTable | None:
    """Sift a text, if it is a long table."""
    cells, lines = head.first
    table = table_of_headers(file.name, cells)
    columns = columns_to_sift(table, tidy_headers(catalogue.tidy))
    if columns is None:
        return None
    surveyed = survey(file, None, ("utf-8", "cp1252"))
    table = replace(table, encoding=surveyed.encoding, findings=surveyed.findings)
    with _hashing(file.size, surveyed.sha256) as sha256:
        if surveyed.is_text:
            body = Body(file, surveyed, 1, lines, len(cells), len(cells))
            table = as_ingested(sifted_table(table, columns, body.pieces(), asked()))
    return OpenedTable(sha256(), table, head=head)


def _opened_parquet(file: DataFile, catalogue: Catalogue, asked: AskedLater | None) -> OpenedTable:
    if asked is not None and file.member is None:
        scanned = scanned_parquet_table(file)
        columns = scanned and columns_to_sift(scanned.table, tidy_headers(catalogue.tidy))
        if scanned and columns:
            with _hashing(file.size, file.sha256) as sha256:
                table = sifted_table(scanned.table, columns, scanned.pieces(), asked())
            return OpenedTable(sha256(), table)
    raw = RawFile(file.name, file.read())
    return OpenedTable(raw.sha256, read_parquet_table(raw))


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
