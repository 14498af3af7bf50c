"""Load a dataset: organisations and observations, with the account of every file and row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nhs_league.errors import DataError
from nhs_league.findings import MAX_OF_A_KIND, Finding, beyond_the_cap, has_errors, in_order
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.resources import sample_directory
from nhs_league.sources.check_cells import observations_from_cells, repeated_observations
from nhs_league.sources.files import RawFile, read_files
from nhs_league.sources.register import Register, bundled_register, read_registers
from nhs_league.sources.tabular import TextTable, read_text_table
from nhs_league.sources.tidy import (
    CELL_COLUMNS,
    CELL_SCHEMA,
    TidyCells,
    is_organisations_table,
    tidy_cells,
)


@dataclass(frozen=True)
class FileReport:
    """What became of one file: ``rows_in == rows_used + sum(left_out.values())``.

    A wide row is used when any of its cells is; ``observations`` counts what came of the rows.
    """

    name: str
    sha256: str
    layout: str
    encoding: str
    rows_in: int
    rows_used: int
    left_out: dict[str, int] = field(default_factory=dict)
    observations: int = 0
    organisations: int = 0
    periods: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Observations and organisations under their frame contracts, and how they were come by."""

    observations: pl.DataFrame
    organisations: pl.DataFrame
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
    cells: TidyCells


def load_data(paths: Iterable[str | Path] = ()) -> Dataset:
    """Read files, folders, globs and zips of tidy CSV files; without any, the bundled sample.

    A register of organisations among them is used; otherwise the bundled one is. Nothing is
    raised for what the files hold: ask ``Dataset.require_sound``. Raises ``DataError`` for a path
    that cannot be read.
    """
    files = read_files(list(paths) or [sample_directory()])
    tables = [(file, read_text_table(file)) for file in files]
    registers = [(file, table) for file, table in tables if is_organisations_table(table)]
    sources = [
        _Source(file, table, tidy_cells(table))
        for file, table in tables
        if not is_organisations_table(table)
    ]
    register = read_registers(table for _, table in registers) if registers else bundled_register()
    cells = _collected(source.cells.frame for source in sources)
    headers = {source.table.name: source.cells.headers for source in sources}
    observations, cell_findings = observations_from_cells(cells, headers)
    organisations = register.organisations
    kept = observations.join(organisations, on="org_code", how="semi", maintain_order="left")
    unknown = observations.join(organisations, on="org_code", how="anti", maintain_order="left")
    reports = [_register_report(file, table, register) for file, table in registers]
    reports += _reports(sources, kept, unknown)
    order = {file.name: index for index, file in enumerate(files)}
    findings = [
        *(finding for _, table in tables for finding in table.findings),
        *register.findings,
        *(finding for source in sources for finding in source.cells.findings),
        *cell_findings,
        *repeated_observations(kept),
        *_unknown_organisations(unknown, organisations),
    ]
    return Dataset(
        observations=kept.select(*OBSERVATION_SCHEMA),
        organisations=organisations,
        files=tuple(sorted(reports, key=lambda report: order[report.name])),
        findings=tuple(in_order(findings)),
    )


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
        rows = "1 observation is" if row["rows"] == 1 else f"{row['rows']} observations are"
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


def _register_report(file: RawFile, table: TextTable, register: Register) -> FileReport:
    left_out = register.left_out[table.name] | table.left_out
    rows_in = len(table.frame) + sum(table.left_out.values())
    used = rows_in - sum(left_out.values())
    return FileReport(
        name=file.name,
        sha256=file.sha256,
        layout="organisations",
        encoding=table.encoding,
        rows_in=rows_in,
        rows_used=used,
        left_out=left_out,
        organisations=used,
    )


def _reports(
    sources: list[_Source], kept: pl.DataFrame, unknown: pl.DataFrame
) -> Iterator[FileReport]:
    periods = pl.struct("first_month", "last_month", "period").unique().sort()
    summary = kept.group_by("source_file").agg(
        pl.len().alias("observations"),
        pl.col("source_row").n_unique().alias("rows"),
        pl.col("org_code").n_unique().alias("organisations"),
        periods.struct.field("period").alias("periods"),
    )
    found = {row["source_file"]: row for row in summary.iter_rows(named=True)}
    strangers = dict(
        unknown.group_by("source_file").agg(pl.col("source_row").n_unique()).iter_rows()
    )
    for source in sources:
        of_file = found.get(source.file.name, {})
        used = of_file.get("rows", 0)
        left_out = {"unknown_organisation": strangers.get(source.file.name, 0)}
        left_out |= source.table.left_out
        rows_in = len(source.table.frame) + sum(source.table.left_out.values())
        if rest := rows_in - used - sum(left_out.values()):
            left_out["blank_row"] = source.table.count_blank_rows()
            reason = "layout_unknown" if source.cells.layout == "unknown" else "no_figure"
            left_out[reason] = rest - left_out["blank_row"]
        yield FileReport(
            name=source.file.name,
            sha256=source.file.sha256,
            layout=source.cells.layout,
            encoding=source.table.encoding,
            rows_in=rows_in,
            rows_used=used,
            left_out={reason: count for reason, count in left_out.items() if count},
            observations=of_file.get("observations", 0),
            organisations=of_file.get("organisations", 0),
            periods=tuple(period for period in of_file.get("periods", ()) if period),
        )
