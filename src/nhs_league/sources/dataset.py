"""Load a dataset: organisations and observations, with the account of every file and row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from nhs_league.errors import DataError
from nhs_league.findings import (
    MAX_OF_A_KIND,
    Finding,
    beyond_the_cap,
    counted,
    has_errors,
    in_order,
)
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.resources import sample_directory
from nhs_league.sources.check_cells import observations_from_cells, repeated_observations
from nhs_league.sources.editions import first_figures, settle_editions
from nhs_league.sources.files import RawFile, read_files
from nhs_league.sources.layout import CELL_COLUMNS, CELL_SCHEMA, Headers, LaidOutTable
from nhs_league.sources.oversight import oversight_cells, oversight_layout
from nhs_league.sources.register import (
    bundled_register,
    organisations_from_files,
    read_registers,
)
from nhs_league.sources.successions import (
    bundled_successions,
    is_successions_table,
    read_successions,
)
from nhs_league.sources.tabular import TextTable, read_text_table
from nhs_league.sources.tidy import is_organisations_table, tidy_cells
from nhs_league.successions import follow_successors, successions_leading_to


@dataclass(frozen=True)
class FileReport:
    """What became of one file: ``rows_in == rows_used + sum(left_out.values())``.

    A row is used when any of its cells is; ``observations`` counts what came of the rows, and
    ``kinds`` the rows by what they hold, where a layout has more than one kind.
    """

    name: str
    sha256: str
    layout: str
    encoding: str
    rows_in: int
    rows_used: int
    left_out: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    observations: int = 0
    organisations: int = 0
    periods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Observations, organisations and successions under their contracts, and where from."""

    observations: pl.DataFrame
    organisations: pl.DataFrame
    successions: pl.DataFrame
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]

    def require_sound(self, *, strict: bool = False) -> Dataset:
        """Return the dataset, or raise ``DataError`` with all its findings if any is an error."""
        if has_errors(self.findings, strict=strict):
            raise DataError("the data cannot be used", self.findings)
        return self


@dataclass(frozen=True)
class _Source:
    """A file of observations as it was read."""

    file: RawFile
    table: TextTable
    cells: LaidOutTable


def load_data(paths: Iterable[str | Path] = ()) -> Dataset:
    """Read files, folders, globs and zips of CSV files; without any, the bundled sample.

    A table is read as one of the Oversight Framework's own files where it has their headers, and
    as a tidy table otherwise. A register of organisations or of successions among them is used;
    otherwise the bundled ones are. Nothing is raised for what the files hold: ask
    ``Dataset.require_sound``. Raises ``DataError`` for a path that cannot be read.
    """
    files = read_files(list(paths) or [sample_directory()])
    tables = [(file, read_text_table(file)) for file in files]
    registers = [(file, table) for file, table in tables if is_organisations_table(table)]
    mergers = [(file, table) for file, table in tables if is_successions_table(table)]
    others = [pair for pair in tables if pair not in registers and pair not in mergers]
    sources = [_Source(file, table, _laid_out(table)) for file, table in others]
    register = read_registers(table for _, table in registers) if registers else bundled_register()
    successions = (
        read_successions(table for _, table in mergers) if mergers else bundled_successions()
    )
    cells = _collected(source.cells.frame for source in sources)
    headers = {source.table.name: source.cells.headers for source in sources}
    stated, cell_findings = observations_from_cells(cells, headers)
    described = {s.table.name: s.cells.described for s in sources if s.cells.described is not None}
    known = pl.concat(
        frame.select("org_code") for frame in (register.organisations, *described.values())
    )
    observations, closed = follow_successors(
        stated, successions_leading_to(known["org_code"], successions.successions)
    )
    two_codes = _organisations_of_two_codes(stated, observations, closed)
    observations, repeats, edition_findings = settle_editions(
        observations, described, headers, leave=two_codes
    )
    organisations, described_findings = organisations_from_files(
        register.organisations, list(described.values()), observations
    )
    kept = observations.join(organisations, on="org_code", how="semi", maintain_order="left")
    unknown = observations.join(organisations, on="org_code", how="anti", maintain_order="left")
    reports = [_register_report(file, table, register.left_out) for file, table in registers]
    reports += [_register_report(file, table, successions.left_out) for file, table in mergers]
    repeated = list(repeated_observations(kept, leave=two_codes))
    kept, seconds = first_figures(kept) if repeated or two_codes else (kept, kept.clear())
    taken_out = {
        "unknown_organisation": unknown,
        "repeated_edition": repeats,
        "repeated_observation": seconds,
    }
    reports += _reports(sources, kept, taken_out)
    order = {file.name: index for index, file in enumerate(files)}
    findings = [
        *(finding for _, table in tables for finding in table.findings),
        *register.findings,
        *successions.findings,
        *(finding for source in sources for finding in source.cells.findings),
        *cell_findings,
        *closed,
        *edition_findings,
        *repeated,
        *described_findings,
        *_unknown_organisations(unknown, organisations),
    ]
    return Dataset(
        observations=kept.select(*OBSERVATION_SCHEMA),
        organisations=organisations,
        successions=successions.successions,
        files=tuple(sorted(reports, key=lambda report: order[report.name])),
        findings=tuple(in_order(_as_written(finding, headers) for finding in findings)),
    )


def _laid_out(table: TextTable) -> LaidOutTable:
    layout = oversight_layout(table)
    return tidy_cells(table) if layout is None else oversight_cells(table, layout)


def _organisations_of_two_codes(
    stated: pl.DataFrame, followed: pl.DataFrame, findings: Iterable[Finding]
) -> list[str]:
    """List the organisations that are found under two codes: all they have may stand twice."""
    closed = [finding.value for finding in findings if finding.code == "two_codes"]
    return followed.filter(stated["org_code"].is_in(closed))["org_code"].unique().to_list()


def _as_written(finding: Finding, headers: Headers) -> Finding:
    """Name the column of a finding as its file does."""
    written = headers.get(finding.file or "", {}).get(finding.column or "")
    return finding if written is None else replace(finding, column=written)


def _collected(frames: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    """Collect the cells of all files but for rows that are blank throughout."""
    cells = pl.concat([pl.LazyFrame(schema=CELL_SCHEMA), *frames]).collect()
    if not (cells["org_code"].fill_null("").str.strip_chars() == "").any():
        return cells
    written = [column for column in CELL_COLUMNS if column != "metric_id"]
    has_text = pl.any_horizontal(pl.col(written).str.strip_chars() != "")
    return cells.filter(has_text.fill_null(False))


def _unknown_organisations(unknown: pl.DataFrame, organisations: pl.DataFrame) -> Iterator[Finding]:
    named = unknown.filter(pl.col("org_code") != "")
    if named.is_empty():
        return
    import difflib

    known = organisations["org_code"].to_list()
    found = named.group_by("source_file", "org_code", maintain_order=True).agg(
        pl.col("source_row").min(), pl.len().alias("rows")
    )
    for row in found.head(MAX_OF_A_KIND).iter_rows(named=True):
        near = difflib.get_close_matches(row["org_code"].upper(), known, n=1, cutoff=0.6)
        rows = counted(row["rows"], "observation", "is", "are")
        expected = f"an ODS code such as {near[0]}" if near else "the ODS code of an NHS trust"
        yield Finding(
            "warning",
            "unknown_organisation",
            f"is not in the register: {rows} left out",
            file=row["source_file"],
            row=row["source_row"],
            column="org_code",
            value=row["org_code"],
            expected=expected,
        )
    yield from beyond_the_cap("unknown_organisation", len(found))


def _register_report(
    file: RawFile, table: TextTable, left_out_of: Mapping[str, Mapping[str, int]]
) -> FileReport:
    left_out = {**left_out_of[table.name], **table.left_out}
    rows_in = len(table.frame) + sum(table.left_out.values())
    used = rows_in - sum(left_out.values())
    is_organisations = is_organisations_table(table)
    return FileReport(
        name=file.name,
        sha256=file.sha256,
        layout="organisations" if is_organisations else "successions",
        encoding=table.encoding,
        rows_in=rows_in,
        rows_used=used,
        left_out=left_out,
        organisations=used if is_organisations else 0,
    )


def _reports(
    sources: list[_Source], kept: pl.DataFrame, taken_out: Mapping[str, pl.DataFrame]
) -> Iterator[FileReport]:
    """Account for the rows of every file; ``taken_out`` holds observations by the reason."""
    periods = pl.struct("first_month", "last_month", "period").unique().sort()
    summary = kept.group_by("source_file").agg(
        pl.len().alias("observations"),
        pl.col("source_row").n_unique().alias("rows"),
        pl.col("org_code").n_unique().alias("organisations"),
        periods.struct.field("period").alias("periods"),
    )
    found = {row["source_file"]: row for row in summary.iter_rows(named=True)}
    unused = _unused_rows(kept, taken_out)
    for source in sources:
        of_file = found.get(source.file.name, {})
        used = of_file.get("rows", 0)
        left_out = Counter(source.table.left_out) + Counter(source.cells.left_out)
        for reason, counts in unused.items():
            left_out[reason] += counts.get(source.file.name, 0)
        rows_in = len(source.table.frame) + sum(source.table.left_out.values())
        if rest := rows_in - used - sum(left_out.values()):
            left_out["blank_row"] = source.table.count_blank_rows()
            reason = "layout_unknown" if source.cells.layout == "unknown" else "no_figure"
            left_out[reason] += rest - left_out["blank_row"]
        yield FileReport(
            name=source.file.name,
            sha256=source.file.sha256,
            layout=source.cells.layout,
            encoding=source.table.encoding,
            rows_in=rows_in,
            rows_used=used,
            left_out={reason: count for reason, count in left_out.items() if count},
            kinds=dict(source.cells.kinds),
            observations=of_file.get("observations", 0),
            organisations=of_file.get("organisations", 0),
            periods=tuple(period for period in of_file.get("periods", ()) if period),
        )


def _unused_rows(
    kept: pl.DataFrame, taken_out: Mapping[str, pl.DataFrame]
) -> dict[str, dict[str, int]]:
    """Count by reason and file the rows of which nothing is left: a row has one reason."""
    row = ["source_file", "source_row"]
    counts: dict[str, dict[str, int]] = {}
    counted = kept.select(row)
    for reason, out in taken_out.items():
        if out.is_empty():
            continue
        rows = out.select(row).unique().join(counted, on=row, how="anti")
        counts[reason] = dict(rows.group_by("source_file").len().iter_rows())
        counted = pl.concat([counted, rows])
    return counts
