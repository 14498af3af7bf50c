"""Find the columns that a source spec names among the headers of a file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nhs_league.findings import Finding
from nhs_league.sources.specs.model import (
    BAND_PARTS,
    Bands,
    Publication,
    Quantity,
    pattern_expression,
)

Columns = tuple[int, ...]

_ENDS: Final = dict.fromkeys(BAND_PARTS, "[0-9]{1,6}")


@dataclass(frozen=True)
class Sum:
    """A quantity as places of columns: those to add, and those to subtract."""

    add: Columns
    subtract: Columns = ()

    @property
    def columns(self) -> Columns:
        """List all places."""
        return (*self.add, *self.subtract)


@dataclass(frozen=True)
class HeaderRow:
    """The headers of a file, and the row that they stand in."""

    file: str
    row: int
    headers: tuple[str, ...]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Give the places of each header, by its ``folded`` spelling."""
        found: dict[str, list[int]] = {}
        for place, header in enumerate(self.headers):
            found.setdefault(folded(header), []).append(place)
        return found


def folded(header: str) -> str:
    """Give a header or a cell in one spelling, whatever its capitals and spaces."""
    return " ".join(header.split()).casefold()


class Selection:
    """Finds columns, and collects what is wrong with those that it cannot find."""

    def __init__(self, header: HeaderRow, source: Publication) -> None:
        self._header = header
        self._source = source
        self.findings: list[Finding] = []
        self._asked: set[str] = set()

    def column(self, name: str) -> int:
        """Find the place of a column; one that is missing or stands twice is a finding."""
        found = self._header.places.get(folded(name), [])
        if len(found) != 1 and folded(name) not in self._asked:
            self.findings.append(self._repeated(name, len(found)) if found else self._missing(name))
        self._asked.add(folded(name))
        return found[0] if found else 0

    def quantity(self, quantity: Quantity) -> Sum:
        """Find the columns of a quantity."""
        found = Sum(self._terms(quantity.add), self._terms(quantity.subtract))
        for place in {place for place in found.columns if found.columns.count(place) > 1}:
            self.findings.append(self._counted_twice(place))
        return found

    def _terms(self, terms: Sequence[str | Bands]) -> Columns:
        return tuple(
            place
            for term in terms
            for place in (self._bands(term) if isinstance(term, Bands) else [self.column(term)])
        )

    def _bands(self, term: Bands) -> Iterator[int]:
        """Follow the columns of a range from its beginning to its end, band by band."""
        bands = self._all_bands(term)
        first, last = term.at_least or 0, term.below
        beside = {start for start in bands if start >= first and (last is None or start < last)}
        reached: int | None = first
        while reached is not None and (last is None or reached < last):
            if reached not in bands:
                self._add_gap(term, f"has no band that begins at {reached}")
                return
            beside.discard(reached)
            reached, place = bands[reached]
            yield place
        if last is not None and reached != last:
            self._add_gap(term, f"has no band that ends at {last}")
        for start in sorted(beside):
            header = self._header.headers[bands[start][1]]
            self._add_gap(term, "overlaps the bands beside it", header)

    def _all_bands(self, term: Bands) -> dict[int, tuple[int | None, int]]:
        """Give the end and the place of every column that a pattern fits, by its beginning."""
        bands: dict[int, tuple[int | None, int]] = {}
        for pattern in term.bands:
            expression = pattern_expression(pattern, _ENDS)
            for place, header in enumerate(self._header.headers):
                match = expression.fullmatch(" ".join(header.split()))
                if match is None:
                    continue
                ends = match.groupdict()
                start, end = int(ends["from"]), int(ends["to"]) if "to" in ends else None
                if end is not None and end <= start:
                    self._add_gap(term, "is a band that ends before it begins", header)
                elif start in bands:
                    self._add_gap(term, f"is a second band that begins at {start}", header)
                else:
                    bands[start] = (end, place)
        return bands

    def _repeated(self, name: str, count: int) -> Finding:
        message = f"stands {count} times, and {self._source.id} needs one"
        header = self._header
        return Finding("error", "duplicate_column", message, header.file, header.row, name)

    def _counted_twice(self, place: int) -> Finding:
        header = self._header
        message = f"is counted twice in one sum of {self._source.id}"
        column = header.headers[place]
        return Finding("error", "duplicate_column", message, header.file, header.row, column)

    def _missing(self, name: str) -> Finding:
        near = difflib.get_close_matches(name, self._header.headers, n=1, cutoff=0.6)
        return Finding(
            "error",
            "column_missing",
            f"has no column {name!r}, which {self._source.id} needs",
            self._header.file,
            self._header.row,
            value=near[0] if near else None,
            expected=name,
        )

    def _add_gap(self, term: Bands, message: str, column: str | None = None) -> None:
        expected = " or ".join(term.bands)
        header = self._header
        self.findings.append(
            Finding(
                "error",
                "column_missing",
                message,
                header.file,
                header.row,
                column,
                expected=expected,
            )
        )
