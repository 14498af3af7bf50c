"""Source specs and the account of files, as frames and documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.text import plural
from nhs_league.sources.reports import FileReport
from nhs_league.sources.specs.catalogue import Catalogue, SourceFile
from nhs_league.sources.specs.model import Publication

_BUILT_IN: Final = {
    "oversight data": "NHS Oversight Framework data files, any edition",
    "oversight league table": "NHS Oversight Framework league tables, any edition",
    "organisations": "Registers of organisations",
    "successions": "Registers of successions",
}
"""The layouts that no spec describes, since they hold more than figures."""

_FEW: Final = 12


def sources_frame(catalogue: Catalogue) -> pl.DataFrame:
    """List source specs and built-in layouts, one row each."""
    rows = [_row(file) for file in catalogue.files]
    rows += [
        {"source_id": id_, "title": title, "layout": "built in"} for id_, title in _BUILT_IN.items()
    ]
    columns = (
        "source_id",
        "title",
        "layout",
        "metrics",
        "publisher",
        "licence",
        "url",
        "file",
        "sha256",
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()))


def _row(file: SourceFile) -> dict[str, str | None]:
    source = file.source
    metrics = " ".join(source.metrics) if isinstance(source, Publication) else None
    return {
        "source_id": source.id,
        "title": source.title,
        "layout": source.layout,
        "metrics": metrics,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "file": file.name,
        "sha256": file.sha256,
    }


def sources_document(frame: pl.DataFrame) -> Document:
    """Lay the list of sources out."""
    columns = [
        Column("Source", whole=True),
        Column("Title"),
        Column("Metrics"),
    ]
    rows = [
        (row["source_id"], row["title"], (row["metrics"] or "-").replace(" ", ", "))
        for row in frame.iter_rows(named=True)
    ]
    return [Table("Sources", columns, rows)]


def files_blocks(files: Sequence[FileReport]) -> Iterator[Block]:
    """Lay out what became of the rows of every file, and what is missing from publications."""
    columns = [
        Column("File", whole=True),
        Column("Source"),
        Column("Encoding", optional=True),
        Column("Rows in", "right"),
        Column("Used", "right"),
        Column("Left out"),
        Column("Found", "right", optional=True),
        Column("Missing", "right", optional=True),
        Column("Periods", optional=True),
    ]
    rows = [
        (
            file.name,
            file.source,
            file.encoding,
            f"{file.rows_in:,}",
            f"{file.rows_used:,}",
            _left_out(file),
            str(file.organisations),
            str(len(file.organisations_missing)) if file.layout == "publication" else "-",
            _periods(file.periods),
        )
        for file in files
    ]
    yield Table("Files", columns, rows)
    several = [file for file in files if len(file.kinds) > 1]
    yield from _points("Rows by what they hold:", [_kinds(file) for file in several])
    yield from _points(
        "Organisations that are expected and missing:",
        [_missing(file) for file in files if file.organisations_missing],
    )


def _points(lead: str, points: Sequence[str]) -> Iterator[Block]:
    if points:
        yield Paragraph(lead)
        yield Items(points)


def _kinds(file: FileReport) -> str:
    kinds = [f"{count:,} {kind.replace('_', ' ')}" for kind, count in file.kinds.items()]
    return f"{file.name}: {', '.join(kinds)}"


def _missing(file: FileReport) -> str:
    codes = file.organisations_missing
    more = f" and {len(codes) - _FEW} more" if len(codes) > _FEW else ""
    return f"{file.name}: {', '.join(codes[:_FEW])}{more}"


def _left_out(file: FileReport) -> str:
    reasons = [f"{count:,} {reason.replace('_', ' ')}" for reason, count in file.left_out.items()]
    if file.preamble_rows:
        reasons.append(f"{plural(file.preamble_rows, 'row')} above the header")
    return ", ".join(reasons) or "-"


def _periods(periods: Sequence[str]) -> str:
    if len(periods) <= 3:
        return ", ".join(periods)
    return f"{periods[0]} ... {periods[-1]} ({len(periods)})"
