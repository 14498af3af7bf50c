"""Match a file or a sheet to the source spec that describes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nhs_league.sources.specs.model import Publication
from nhs_league.sources.specs.selection import HeaderRow, folded

MOST_HEAD_ROWS: Final = 41
"""As many rows as a header is looked for in: the longest preamble and the header."""

HeadRow = tuple[Sequence[str], int]
"""A row's cells, and the number of lines up to its end."""


@dataclass(frozen=True)
class Match:
    """A publication whose headers a file has, where it has them, and the lines down to there."""

    source: Publication
    header: HeaderRow
    lines: int


@dataclass(frozen=True)
class Nearest:
    """The publication that a file is most like: the row of the headers, and those that it lacks."""

    source: Publication
    header: HeaderRow
    lacking: tuple[str, ...]


class Head:
    """The first rows of a file or a sheet, looked through for the headers of publications."""

    def __init__(self, file: str, rows: Sequence[HeadRow], sheet: str | None = None) -> None:
        self._file = file
        self._rows = rows[:MOST_HEAD_ROWS]
        self._sheet = folded(sheet or "")

    @property
    def first(self) -> HeadRow:
        """Give the first row; one without cells where there is none."""
        return self._rows[0] if self._rows else ([], 0)

    def matches(self, sources: Iterable[Publication]) -> list[Match]:
        """List the publications that it could be, by the first row that has the headers of any."""
        listed = [
            (source, set(map(folded, source.recognise.columns)))
            for source in sources
            if self._has_sheet(source)
        ]
        longest = max((source.recognise.preamble_rows for source, _ in listed), default=0)
        for at, (cells, lines) in enumerate(self._rows[: longest + 1]):
            headers = set(map(folded, cells))
            found = [
                source
                for source, columns in listed
                if at <= source.recognise.preamble_rows and columns <= headers
            ]
            if found:
                header = HeaderRow(self._file, at + 1, tuple(cells))
                return [Match(source, header, lines) for source in found]
        return []

    def nearest(self, sources: Iterable[Publication]) -> Nearest | None:
        """Find the publication that it is most like, of those with half of their headers here."""
        best: Nearest | None = None
        best_share = 0.5
        for source in filter(self._has_sheet, sources):
            wanted = source.recognise
            for at, (cells, _) in enumerate(self._rows[: wanted.preamble_rows + 1]):
                header = HeaderRow(self._file, at + 1, tuple(cells))
                lacking = [one for one in wanted.columns if folded(one) not in header.places]
                share = 1 - len(lacking) / len(wanted.columns)
                if share > best_share or (share == best_share and best is None):
                    best, best_share = Nearest(source, header, tuple(lacking)), share
        return best

    def _has_sheet(self, source: Publication) -> bool:
        wanted = source.recognise.sheet
        return wanted is None or folded(wanted) == self._sheet
