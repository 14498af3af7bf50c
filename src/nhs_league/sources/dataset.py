"""Load a dataset: organisations and observations, with the account of every file and row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from nhs_league.errors import DataError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.resources import sample_directory
from nhs_league.sources.check_cells import observations_from_cells, repeated_observations
from nhs_league.sources.editions import first_figures, settle_editions
from nhs_league.sources.files import find_files, unreadable_file, unreadable_files
from nhs_league.sources.layout import (
    CELL_COLUMNS,
    CELL_SCHEMA,
    Headers,
    LaidOutTable,
    unknown_layout,
)
from nhs_league.sources.opened import (
    AskedLater,
    Opened,
    OpenedPublication,
    OpenedTable,
    open_files,
)
from nhs_league.sources.oversight import oversight_cells, oversight_layout
from nhs_league.sources.publications.editions import settle_revisions
from nhs_league.sources.register import (
    Register,
    bundled_register,
    organisations_from_files,
    read_registers,
    unknown_organisations,
)
from nhs_league.sources.reports import (
    FileReport,
    TakenOut,
    publication_reports,
    register_report,
    table_reports,
    unused_files,
)
from nhs_league.sources.specs.catalogue import Catalogue, load_sources
from nhs_league.sources.stated_sources import sources_stated_in, with_stated_sources
from nhs_league.sources.successions import (
    SuccessionRegister,
    bundled_successions,
    is_successions_table,
    read_successions,
)
from nhs_league.sources.tidy import TidyHeaders, is_organisations_table, tidy_cells, tidy_headers
from nhs_league.successions import follow_successors, successions_leading_to


@dataclass(frozen=True)
class Dataset:
    """Observations, organisations and successions under their contracts, and where from.

    ``others`` are observations of organisations that are not in the register, and never ranked.
    """

    observations: pl.DataFrame
    others: pl.DataFrame
    organisations: pl.DataFrame
    successions: pl.DataFrame
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]

    def require_sound(self, *, strict: bool = False) -> Dataset:
        """Return the dataset, or raise ``DataError`` with all its findings if any is an error."""
        if has_errors(self.findings, strict=strict):
            raise DataError("the data cannot be used", self.findings)
        return self


def load_data(paths: Iterable[str | Path] = (), *, asked: AskedLater | None = None) -> Dataset:
    """Read files, folders, globs and zips; without any, the bundled sample.

    A publication is read by the source spec whose headers it has, a table as one of the Oversight
    Framework's own files where it has theirs, and as a tidy table otherwise. Specs among the files
    join the shipped ones. A register of organisations or of successions among them is used;
    otherwise the bundled ones are. Of a long table that is large only what is ``asked`` for is
    kept: see ``sources.sifting``. Nothing is raised for what the files hold: ask
    ``Dataset.require_sound``. Raises ``DataError`` for a path that cannot be read, ``SourceError``
    for a spec that is invalid.
    """
    files = find_files(list(paths) or [sample_directory()])
    specs = [file for file in files if file.is_spec]
    if len(specs) == len(files):
        raise unreadable_files(
            unreadable_file(file.name, "it is no data").finding for file in specs
        )
    catalogue = load_sources(specs)
    opened, unreadable = open_files((file for file in files if not file.is_spec), catalogue, asked)
    if unreadable:
        raise unreadable_files(unreadable)
    sorted_out = _sorted_out(opened, catalogue)
    return _dataset(sorted_out, _registers(sorted_out))


@dataclass(frozen=True)
class _SortedOut:
    """What was opened, by what it is, in the order of the files."""

    names: tuple[str, ...]
    publications: list[OpenedPublication]
    registers: list[OpenedTable]
    mergers: list[OpenedTable]
    tables: list[tuple[OpenedTable, LaidOutTable]]
    tidy: TidyHeaders

    @property
    def headers(self) -> Headers:
        """Give the headers of the tables as written."""
        return {one.name: cells.headers for one, cells in self.tables}

    @property
    def described(self) -> dict[str, pl.DataFrame]:
        """Give the organisations that tables describe, by the table."""
        return {
            one.name: cells.described for one, cells in self.tables if cells.described is not None
        }

    def findings(self) -> Iterator[Finding]:
        """Yield what was found in opening and laying out."""
        for one in (*self.registers, *self.mergers):
            yield from one.table.findings
        for one, cells in self.tables:
            # What is wrong with the rows of a table that nobody knows is of no interest.
            if not _is_stranger(cells):
                yield from one.table.findings
            yield from cells.findings
        for publication in self.publications:
            yield from publication.findings
            yield from publication.read.findings


_Registers = tuple[Register, SuccessionRegister]


def _sorted_out(opened: Sequence[Opened], catalogue: Catalogue) -> _SortedOut:
    others = [one for one in opened if isinstance(one, OpenedTable)]
    tidy = tidy_headers(catalogue.tidy)
    registers: list[OpenedTable] = []
    mergers: list[OpenedTable] = []
    figures: list[OpenedTable] = []
    for one in others:
        if is_organisations_table(one.table, tidy):
            registers.append(one)
        elif is_successions_table(one.table, tidy):
            mergers.append(one)
        else:
            figures.append(one)
    return _SortedOut(
        tuple(one.name for one in opened),
        [one for one in opened if isinstance(one, OpenedPublication)],
        registers,
        mergers,
        [(one, _laid_out(one, tidy, catalogue)) for one in figures],
        tidy,
    )


def _laid_out(opened: OpenedTable, tidy: TidyHeaders, catalogue: Catalogue) -> LaidOutTable:
    if opened.refused:
        return unknown_layout({}, list(opened.refused))
    layout = oversight_layout(opened.table)
    if layout is not None:
        return oversight_cells(opened.table, layout)
    cells = tidy_cells(opened.table, tidy)
    if cells.layout != "unknown" or opened.head is None:
        return cells
    near = opened.head.nearest(catalogue.publications)
    if near is None:
        return cells
    message = f"matches no source spec; the nearest is {near.source.id}, which it lacks columns for"
    finding = Finding(
        "error",
        "no_source",
        message,
        opened.name,
        near.header.row,
        value=", ".join(header for header in near.header.headers if header),
        expected=", ".join(near.lacking),
    )
    return unknown_layout({}, [finding])


def _registers(opened: _SortedOut) -> _Registers:
    """Read the registers among the files; those that are not there are the bundled ones."""
    organisations = [one.table for one in opened.registers]
    successions = [one.table for one in opened.mergers]
    return (
        read_registers(organisations) if organisations else bundled_register(),
        read_successions(successions) if successions else bundled_successions(),
    )


def _dataset(opened: _SortedOut, registers: _Registers) -> Dataset:
    """Put what was opened together, and settle what holds where files say it twice."""
    register, successions = registers
    publications, headers, described = opened.publications, opened.headers, opened.described
    stated, findings = _stated(opened)
    stated, replaced, revisions = settle_revisions(
        stated,
        {one.name: one.source for one in publications},
        {one.name: one.sha256 for one in publications},
    )
    known = pl.concat(
        frame.select("org_code") for frame in (register.organisations, *described.values())
    )
    leading = successions_leading_to(known["org_code"], successions.successions)
    codes = stated["org_code"].unique()
    observations, closed = _followed(stated, codes, leading)
    two_codes = _organisations_of_two_codes(stated, observations, closed)
    published = [*described, *(one.name for one in publications)]
    observations, repeats, edition_findings = settle_editions(
        observations, published, headers, leave=two_codes
    )
    organisations, described_findings = organisations_from_files(
        register.organisations, list(described.values()), observations
    )
    codes = codes if observations is stated else observations["org_code"].unique()
    kept, unknown = _of_known(observations, codes, organisations["org_code"])
    repeated = list(repeated_observations(kept, leave=two_codes))
    kept, seconds = first_figures(kept) if repeated or two_codes else (kept, kept.clear())
    taken_out = {
        "unknown_organisation": unknown,
        "edition_replaced": replaced,
        "repeated_edition": repeats,
        "repeated_observation": seconds,
    }
    findings += [
        *opened.findings(),
        *register.findings,
        *successions.findings,
        *revisions,
        *closed,
        *edition_findings,
        *repeated,
        *described_findings,
        *unknown_organisations(unknown, organisations, [one.name for one in publications]),
    ]
    reports = _reports(opened, registers, kept, taken_out, organisations)
    findings += unused_files(reports)
    stated_sources = sources_stated_in([one.table for one, _ in opened.tables], opened.tidy)
    return Dataset(
        observations=with_stated_sources(kept, stated_sources)[list(OBSERVATION_SCHEMA)],
        others=with_stated_sources(unknown, stated_sources)[list(OBSERVATION_SCHEMA)],
        organisations=organisations,
        successions=successions.successions,
        files=reports,
        findings=tuple(in_order(_as_written(finding, headers) for finding in findings)),
    )


def _stated(opened: _SortedOut) -> tuple[pl.DataFrame, list[Finding]]:
    """Put the observations of all files together."""
    frames = [one.read.observations for one in opened.publications]
    findings: list[Finding] = []
    if opened.tables:
        cells = _collected(cells.frame for _, cells in opened.tables)
        read, findings = observations_from_cells(cells, opened.headers)
        frames.insert(0, read)
    return pl.concat([pl.DataFrame(schema=OBSERVATION_SCHEMA), *frames]), findings


def _followed(
    stated: pl.DataFrame, codes: pl.Series, successions: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    """Follow closed codes; most data have none, and one look at the different codes says so."""
    due = successions.filter(pl.col("from_month") <= pl.lit(stated["first_month"].max()))
    if due.is_empty() or not due["org_code"].is_in(codes.to_list()).any():
        return stated, []
    return follow_successors(stated, successions)


def _reports(
    opened: _SortedOut,
    registers: _Registers,
    kept: pl.DataFrame,
    taken_out: TakenOut,
    organisations: pl.DataFrame,
) -> tuple[FileReport, ...]:
    """Account for every file, in the order of the files."""
    register, successions = registers
    reports = [register_report(one, "organisations", register.left_out) for one in opened.registers]
    reports += [register_report(one, "successions", successions.left_out) for one in opened.mergers]
    reports += table_reports(opened.tables, kept, taken_out)
    reports += publication_reports(opened.publications, kept, taken_out, organisations)
    order = {name: index for index, name in enumerate(opened.names)}
    return tuple(sorted(reports, key=lambda report: order[report.name]))


def _is_stranger(cells: LaidOutTable) -> bool:
    return any(finding.code in ("no_source", "ambiguous_source") for finding in cells.findings)


def _organisations_of_two_codes(
    stated: pl.DataFrame, followed: pl.DataFrame, findings: Iterable[Finding]
) -> list[str]:
    """List the organisations that are found under two codes: all they have may stand twice."""
    closed = [finding.value for finding in findings if finding.code == "two_codes"]
    if not closed:
        return []
    return followed.filter(stated["org_code"].is_in(closed))["org_code"].unique().to_list()


def _as_written(finding: Finding, headers: Headers) -> Finding:
    """Name the column of a finding as its file does."""
    written = headers.get(finding.file or "", {}).get(finding.column or "")
    return finding if written is None else replace(finding, column=written)


def _collected(frames: Iterable[pl.LazyFrame]) -> pl.DataFrame:
    """Collect the cells of all files but for rows that are blank throughout."""
    collected = [frame.collect() for frame in frames]
    cells = pl.concat(collected) if collected else pl.DataFrame(schema=CELL_SCHEMA)
    org_code = pl.col("org_code").fill_null("")
    # Blank text begins with a space, or with a space that is not ASCII: few codes need a look.
    may_be_blank = (org_code < "!") | (org_code > "~")
    if cells.filter(may_be_blank).filter(org_code.str.strip_chars() == "").is_empty():
        return cells
    written = [column for column in CELL_COLUMNS if column != "metric_id"]
    has_text = pl.any_horizontal(pl.col(written).str.strip_chars() != "")
    return cells.filter(has_text.fill_null(False))


def _of_known(
    observations: pl.DataFrame, codes: pl.Series, known: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the observations of organisations that are known from those of others."""
    strangers = codes.filter(~codes.is_in(known.to_list()))
    if strangers.is_empty():
        return observations, observations.clear()
    is_strange = pl.col("org_code").is_in(strangers.to_list())
    return observations.filter(~is_strange), observations.filter(is_strange)
