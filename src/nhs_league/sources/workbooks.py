"""Read the sheets of an XLSX workbook as text cells, every row with its number.

The cells are read by fastexcel, whose reader goes by what is there and not by the dimensions that a
sheet claims. It gives nothing for a cell that holds an error, or a formula that was never computed:
these are looked for in the sheet's own XML, so that they are not taken for blanks.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

import polars as pl

from nhs_league.findings import Finding, capped
from nhs_league.sources.files import unreadable_file
from nhs_league.sources.tabular import MAX_COLUMNS, ROW, TextTable, table_of_cells
from nhs_league.sources.zips import UnreadableZipError, check_sizes

if TYPE_CHECKING:
    from fastexcel import ExcelReader

_OLD_FORMAT: Final = b"\xd0\xcf\x11\xe0"
_MAY_LOSE_CELLS: Final = re.compile(rb"""\bt=["']e["']|<(?:\w+:)?f[\s/>]""")
# A cell that holds something, by its name; one that is merely formatted holds nothing.
# The end of its tag is looked for once, and not from every name that a broken tag may repeat.
_CELL: Final = rb"""<(?:\w+:)?c(?=\s[^<>]*+(?<!/)>(?!</))\s(?:[^<>]*?\s)??r\s*=\s*["']%s["']"""
_ANY_CELL: Final = re.compile(_CELL % rb"([A-Za-z]+)([0-9]+)")
_FAR_CELL: Final = re.compile(_CELL % rb"(?:[A-Za-z]{3,}[0-9]+|[A-Za-z]+[0-9]{6,})")
# One without a name, which is right of the one before it.
_UNNAMED_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c(?=(?:\s[^<>]*+)?(?<!/)>(?!</))(?!\s(?:[^<>]*?\s)??r\s*=)"""
)
_MIDNIGHT: Final = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

MAX_ROWS: Final = 1_048_576
"""As many rows as a sheet can have."""

MAX_SPARSE_CELLS: Final = 10_000_000
"""A sheet that spreads over more cells than this is refused if it has fewer bytes than cells."""

_LINKS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TARGETS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"


@dataclass(frozen=True)
class LostCell:
    """A cell that the reader gives nothing for, by its place in the frame and its Excel name."""

    row: int
    place: int
    column: str
    message: str
    value: str


@dataclass(frozen=True)
class Sheet:
    """A sheet: ``ROW``, and text columns named ``0``, ``1`` and so on; a blank cell is null."""

    name: str
    frame: pl.DataFrame
    lost: tuple[LostCell, ...]

    def head(self, rows: int) -> list[list[str]]:
        """List the first rows."""
        return [[cell or "" for cell in row[1:]] for row in self.frame.head(rows).iter_rows()]

    def lost_cell_findings(
        self, file: str, row: int, needed: Collection[int]
    ) -> tuple[Finding, ...]:
        """Find the cells below a row whose content is lost: an error where it is needed."""
        return capped(
            Finding(
                "error" if cell.place in needed else "note",
                "cell_without_value",
                cell.message,
                file,
                cell.row,
                cell.column,
                cell.value,
                "a figure: open the workbook, mend the cell and save it",
            )
            for cell in self.lost
            if cell.row > row
        )

    def as_table(self, file: str, notes: Sequence[Finding]) -> TextTable:
        """Give the sheet as a table whose headers are in the first row."""
        headers = self.head(1)[0]
        used = [
            place
            for place, header in enumerate(headers)
            if header.strip() or self.frame[str(place)].is_not_null().any()
        ]
        found = [*notes, *self.lost_cell_findings(file, 0, used)]
        frame = self.frame.slice(1).select(ROW, *map(str, used))
        return table_of_cells(file, [headers[place] for place in used], frame, "xlsx", found)


def read_sheets(file: str, content: bytes) -> list[Sheet]:
    """Read every sheet that has a cell; ``file`` stands in findings.

    Raises ``UnreadableFileError`` for what is no workbook, one with a password, one that unpacks
    to more than a zip may, and where the reader is not installed.
    """
    try:
        import fastexcel
    except ImportError as error:
        raise unreadable_file(
            file, "the reader is missing: pip install 'nhs-league[xlsx]'"
        ) from error
    if content.startswith(_OLD_FORMAT):
        raise unreadable_file(file, "it has a password, or is of the old format: save it as XLSX")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_sizes(archive.infolist())
            places = _sheet_places(archive)
            reader = fastexcel.read_excel(content)
            sheets = []
            for name in reader.sheet_names:
                xml = archive.read(places[name]) if name in places else b""
                _check_spread(name, xml)
                frame = _cells(reader, name)
                if not frame.is_empty():
                    sheets.append(Sheet(name, frame, tuple(_lost_cells(xml))))
    except UnreadableZipError as error:
        raise unreadable_file(file, str(error)) from error
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise unreadable_file(file, f"it is no XLSX workbook ({reason})") from error
    return sheets


def _cells(reader: ExcelReader, name: str) -> pl.DataFrame:
    # A sheet that is a chart has no cells, and needs no word in the log.
    logging.getLogger("calamine").addHandler(logging.NullHandler())
    loaded: pl.DataFrame = reader.load_sheet(
        name, header_row=None, skip_rows=0, dtypes="string"
    ).to_polars()
    frame = loaded.rename({old: str(place) for place, old in enumerate(loaded.columns)})
    frame = frame.with_columns(pl.all().str.replace(_MIDNIGHT, "$1"))
    return frame.insert_column(
        0, pl.int_range(1, len(frame) + 1, dtype=pl.UInt32, eager=True).alias(ROW)
    )


def _sheet_places(archive: zipfile.ZipFile) -> dict[str, str]:
    """Find where in the archive each sheet's XML is."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {
        link.get("Id"): str(link.get("Target")) for link in links.iter(f"{_TARGETS}Relationship")
    }
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    places = {}
    for sheet in workbook.iterfind("{*}sheets/{*}sheet"):
        target = next((targets[v] for k, v in sheet.items() if k.endswith("}id")), "")
        place = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if place in archive.namelist():
            places[str(sheet.get("name"))] = place
    return places


def _check_spread(sheet: str, xml: bytes) -> None:
    """Refuse a sheet that no memory can hold: the reader lays out every cell between the used."""
    if _UNNAMED_CELL.search(xml):
        named = list(_counted_cells(xml))
    elif _FAR_CELL.search(xml):
        named = [(int(row), _column_number(column)) for column, row in _ANY_CELL.findall(xml)]
    else:
        return
    rows, columns = zip(*named, strict=True)
    if not (min(rows) >= 1 and max(rows) <= MAX_ROWS and max(columns) < MAX_COLUMNS):
        raise UnreadableZipError(f"its sheet {sheet!r} has cells where no sheet has any")
    cells = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    if cells > max(MAX_SPARSE_CELLS, len(xml)):
        raise UnreadableZipError(
            f"its sheet {sheet!r} spreads a few figures over {cells:,} cells: take out those at "
            "its far end"
        )


def _counted_cells(xml: bytes) -> Iterator[tuple[int, int]]:
    """Find where cells that hold something are; one without a name is right of the one before."""
    row = column = 0
    for event, element in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        kind, name = _local(element), element.get("r")
        if (event, kind) == ("start", "row"):
            row, column = int(name or row + 1), -1
        elif (event, kind) == ("start", "c"):
            stated = re.fullmatch(r"([A-Za-z]+)([0-9]+)", name or "")
            column = _column_number(stated[1]) if stated else column + 1
            row = int(stated[2]) if stated else row
        elif (event, kind) == ("end", "c"):
            if len(element):
                yield row, column
            element.clear()


def _lost_cells(xml: bytes) -> Iterator[LostCell]:
    """Find the cells that hold an error, or a formula that was never computed."""
    if not _MAY_LOSE_CELLS.search(xml):
        return
    first = None
    lost = []
    for _, cell in ElementTree.iterparse(io.BytesIO(xml)):
        if _local(cell) != "c":
            continue
        parts = {_local(part): part.text or "" for part in cell}
        name = re.fullmatch(r"([A-Z]+)([0-9]+)", cell.get("r", ""))
        if name is not None and parts:
            column = _column_number(name[1])
            is_error = cell.get("t") == "e"
            # A formula that gives an empty text is of the type for it, and is blank.
            is_open = "f" in parts and not parts.get("v") and cell.get("t") != "str"
            # The reader begins at the first column that it gives anything for.
            if not is_open:
                first = column if first is None else min(first, column)
            if is_error or is_open:
                what = "holds an error" if is_error else "has a formula that was never computed"
                lost.append((int(name[2]), column, name[1], what, parts.get("v", "")))
        cell.clear()
    for row, column, letters, what, value in lost:
        yield LostCell(row, column - (first or 0), letters, what, value)


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _column_number(letters: str | bytes) -> int:
    text = letters.decode() if isinstance(letters, bytes) else letters
    number = 0
    for letter in text.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
