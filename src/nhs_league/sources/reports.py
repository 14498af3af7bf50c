"""The account of every file: what became of each of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from nhs_league.findings import Finding
from nhs_league.period import Period
from nhs_league.sources.layout import LaidOutTable
from nhs_league.sources.opened import OpenedPublication, OpenedTable

TakenOut = Mapping[str, pl.DataFrame]
"""Observations that are not used, by the reason: where several hold for a row, the first does."""

_USED: Final = "used"
_ROW: Final = ["source_file", "source_row"]
_OBSERVATION: Final = ["source_file", "source_row", "metric_id"]


@dataclass(frozen=True)
class FileReport:
    """What became of one file: ``rows_in == rows_used + sum(left_out.values())``.

    A row is used when any of its cells is; ``observations`` counts what came of the rows, and
    ``kinds`` the rows by what they hold, where a layout has more than one kind. ``source`` is the
    id of the source spec, or the name of a layout that is built in. ``organisations_missing`` are
    those that a publication is expected to have and has not; ``preamble_rows`` stand above its
    header and are not counted in ``rows_in``.
    """

    name: str
    sha256: str
    source: str
    layout: str
    encoding: str
    rows_in: int
    rows_used: int
    left_out: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    observations: int = 0
    organisations: int = 0
    organisations_missing: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    preamble_rows: int = 0


def register_report(
    opened: OpenedTable, layout: str, left_out_of: Mapping[str, Mapping[str, int]]
) -> FileReport:
    """Account for the rows of a register of organisations or successions."""
    table = opened.table
    left_out = {**left_out_of[table.name], **table.left_out}
    rows_in = len(table.frame) + sum(table.left_out.values())
    used = rows_in - sum(left_out.values())
    return FileReport(
        name=opened.name,
        sha256=opened.sha256,
        source=layout,
        layout=layout,
        encoding=table.encoding,
        rows_in=rows_in,
        rows_used=used,
        left_out=left_out,
        organisations=used if layout == "organisations" else 0,
    )


def table_reports(
    tables: Sequence[tuple[OpenedTable, LaidOutTable]], kept: pl.DataFrame, taken_out: TakenOut
) -> Iterator[FileReport]:
    """Account for the rows of tables in which each stands for itself."""
    summary = _summary(kept)
    unused = _unused_rows(kept, taken_out)
    for opened, cells in tables:
        of_file = summary.get(opened.name, {})
        used = of_file.get("rows", 0)
        table = opened.table
        left_out = Counter(table.left_out) + Counter(cells.left_out)
        for reason, counts in unused.items():
            left_out[reason] += counts.get(opened.name, 0)
        rows_in = len(table.frame) + sum(table.left_out.values())
        if rest := rows_in - used - sum(left_out.values()):
            left_out["blank_row"] = table.count_blank_rows()
            reason = "layout_unknown" if cells.layout == "unknown" else "no_figure"
            left_out[reason] += rest - left_out["blank_row"]
        yield FileReport(
            name=opened.name,
            sha256=opened.sha256,
            source="tidy" if cells.layout in ("long", "wide") else cells.layout,
            layout=cells.layout,
            encoding=table.encoding,
            rows_in=rows_in,
            rows_used=used,
            left_out={reason: count for reason, count in left_out.items() if count},
            kinds=dict(cells.kinds),
            observations=of_file.get("observations", 0),
            organisations=of_file.get("organisations", 0),
            periods=tuple(of_file.get("periods", ())),
        )


def publication_reports(
    publications: Sequence[OpenedPublication],
    kept: pl.DataFrame,
    taken_out: TakenOut,
    organisations: pl.DataFrame,
) -> Iterator[FileReport]:
    """Account for the rows of publications, of which many may be in one observation."""
    if not publications:
        return
    summary = _summary(kept)
    uses = pl.concat(opened.read.uses for opened in publications)
    rows = _rows_by_reason(uses, {_USED: kept, **taken_out})
    for opened in publications:
        left_out = Counter(opened.read.left_out)
        left_out.update(rows.get(opened.name, {}))
        used = left_out.pop(_USED, 0)
        of_file = summary.get(opened.name, {})
        yield FileReport(
            name=opened.name,
            sha256=opened.sha256,
            source=opened.source.id,
            layout=opened.source.layout,
            encoding=opened.encoding,
            rows_in=opened.read.rows_in,
            rows_used=used,
            left_out={reason: count for reason, count in left_out.items() if count},
            observations=of_file.get("observations", 0),
            organisations=of_file.get("organisations", 0),
            organisations_missing=_missing(
                opened,
                kept,
                organisations,
                is_replaced=used == 0 and _stands_elsewhere(left_out),
            ),
            periods=tuple(of_file.get("periods", ())),
            preamble_rows=opened.preamble_rows,
        )


def unused_files(reports: Iterable[FileReport]) -> Iterator[Finding]:
    """Find publications of which no row is used, though there are some."""
    for report in reports:
        if report.layout == "publication" and report.rows_in and not report.rows_used:
            reasons = [
                f"{count:,} {reason.replace('_', ' ')}" for reason, count in report.left_out.items()
            ]
            if not _stands_elsewhere(report.left_out):
                message = f"no row is used: {', '.join(reasons)}"
                yield Finding("warning", "nothing_used", message, report.name)


def _stands_elsewhere(left_out: Mapping[str, int]) -> bool:
    return bool(left_out.keys() & {"edition_replaced", "repeated_edition"})


def _missing(
    opened: OpenedPublication,
    kept: pl.DataFrame,
    organisations: pl.DataFrame,
    *,
    is_replaced: bool,
) -> tuple[str, ...]:
    """List the organisations that are expected in a publication and have nothing in it.

    One that others stand in the place of is expected to have nothing.
    """
    if is_replaced:
        return ()
    expected = pl.col("trust_type").is_in(list(opened.source.organisation.expected_of))
    present = kept.filter(pl.col("source_file") == opened.name)
    missing = organisations.filter(expected).join(present, on="org_code", how="anti")
    return tuple(missing["org_code"].sort())


def _rows_by_reason(uses: pl.DataFrame, observations: TakenOut) -> dict[str, dict[str, int]]:
    """Count the rows by file and what became of the observations that they are part of.

    Each group of rows counts once, under the first that it has an observation of; one that has
    none at all has no organisation or period that can be read. Where the organisation is not
    known, the group itself says what it is.
    """
    group = ["source_file", "group"]
    counts: dict[str, dict[str, int]] = {}
    rest = uses
    for reason, frame in [*observations.items(), ("key_unreadable", None)]:
        if rest.is_empty() or (frame is not None and frame.is_empty()):
            continue
        hit = rest if frame is None else rest.join(frame, on=_OBSERVATION, how="semi")
        hit = hit.unique(group)
        rest = rest.join(hit, on=group, how="anti")
        said = pl.col("others") if reason == "unknown_organisation" else pl.lit(reason)
        sums = hit.group_by("source_file", said.alias("reason")).agg(pl.col("rows").sum())
        for file, name, rows in sums.sort("source_file", "reason").iter_rows():
            counts.setdefault(file, {})[name] = rows
    return counts


def _summary(kept: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Sum up what is used of each file: ``observations``, ``rows``, ``organisations``, ``periods``.

    Rows of one file need no grouping, which is dear where there are many.
    """
    if kept.is_empty():
        return {}
    summary = [
        pl.col("source_file").first().alias("name"),
        pl.len().alias("observations"),
        pl.col("source_row").n_unique().alias("rows"),
        pl.col("org_code").n_unique().alias("organisations"),
        pl.col("period").unique().drop_nulls().implode().alias("periods"),
    ]
    is_one = kept.select((pl.col("source_file") == pl.col("source_file").first()).all()).item()
    found = kept.select(summary) if is_one else kept.group_by("source_file").agg(summary)
    return {
        row["name"]: row | {"periods": sorted(row["periods"], key=_place_of_period)}
        for row in found.iter_rows(named=True)
    }


def _place_of_period(text: str) -> tuple[int, int]:
    period = Period.parse(text)
    return period.first_month, period.last_month


def _unused_rows(kept: pl.DataFrame, taken_out: TakenOut) -> dict[str, dict[str, int]]:
    """Count by reason and file the rows of which nothing is left: a row has one reason."""
    if all(out.is_empty() for out in taken_out.values()):
        return {}
    counts: dict[str, dict[str, int]] = {}
    counted = kept.select(_ROW)
    for reason, out in taken_out.items():
        if out.is_empty():
            continue
        rows = out.select(_ROW).unique().join(counted, on=_ROW, how="anti")
        counts[reason] = dict(rows.group_by("source_file").len().iter_rows())
        counted = pl.concat([counted, rows])
    return counts
