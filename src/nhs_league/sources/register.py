"""Read registers of organisations: who is ranked at all."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from pydantic import ValidationError

from nhs_league.findings import MAX_OF_A_KIND, Finding, beyond_the_cap, capped, counted
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.resources import sample_directory
from nhs_league.sources.files import read_files
from nhs_league.sources.tabular import ROW, TextTable, read_text_table, written_cells
from nhs_league.sources.tidy import repeated_headers

REGISTER_FILE = "organisations.csv"

_TRUST_CODE: Final = "^[RT][A-Z0-9]{2}$"
"""What the ODS codes of NHS trusts look like, but for a few."""

_NO_TRUST = "the ODS code of an NHS trust, or a table of organisations that has it"


@dataclass(frozen=True)
class Register:
    """Organisations under ``ORGANISATION_SCHEMA``, and what became of each file's rows.

    ``left_out`` counts rows by file and reason.
    """

    organisations: pl.DataFrame
    findings: tuple[Finding, ...]
    left_out: dict[str, dict[str, int]]


@functools.cache
def bundled_register() -> Register:
    """Read the register of the bundled sample, which does not change."""
    [file] = read_files([sample_directory() / REGISTER_FILE])
    return read_registers([read_text_table(file)])


def read_registers(tables: Iterable[TextTable]) -> Register:
    """Read organisations from tables; one that is invalid or stands a second time is left out."""
    organisations: dict[str, Organisation] = {}
    places: dict[str, str] = {}
    findings: list[Finding] = []
    left_out: dict[str, dict[str, int]] = {}
    for table in tables:
        reasons = left_out.setdefault(table.name, {})
        if repeated := repeated_headers(table, known_field):
            findings += repeated
            reasons["duplicate_column"] = len(table.frame)
            continue
        frame = table.frame.rename({header: known_field(header) for header in table.columns})
        for cells in frame.iter_rows(named=True):
            organisation = _read_organisation(table.name, cells, findings)
            if organisation is None:
                reason = "organisation_invalid" if written_cells(cells) else "blank_row"
            elif organisation.org_code in organisations:
                reason = "repeated_organisation"
                findings.append(
                    Finding(
                        "error",
                        "repeated_organisation",
                        f"first stated in {places[organisation.org_code]}",
                        file=table.name,
                        row=cells[ROW],
                        column="org_code",
                        value=organisation.org_code,
                    )
                )
            else:
                organisations[organisation.org_code] = organisation
                places[organisation.org_code] = f"{table.name} row {cells[ROW]}"
                continue
            reasons[reason] = reasons.get(reason, 0) + 1
    return Register(organisations_frame(organisations.values()), capped(findings), left_out)


def known_field(header: str) -> str:
    """Give the field of an organisation that a header names, or the header where it names none."""
    lowered = header.lower().replace(" ", "_")
    return lowered if lowered in Organisation.model_fields else header


def organisations_from_files(
    register: pl.DataFrame, described: Sequence[pl.DataFrame], observations: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    """Add the organisations that published files describe and the register does not know.

    ``described`` are under ``DESCRIBED_SCHEMA``; only organisations with observations are added.
    The register's trust type holds, or the first that is stated; another one is a finding.
    """
    if not described:
        return register, []
    stated = pl.concat(described).filter(pl.col("org_code") != "")
    strangers = (
        stated.unique("org_code", keep="first", maintain_order=True)
        .join(register, on="org_code", how="anti", maintain_order="left")
        .join(observations, on="org_code", how="semi", maintain_order="left")
    )
    findings: list[Finding] = []
    added: list[Organisation] = []
    for row in strangers.iter_rows(named=True):
        file, number = row.pop("source_file"), row.pop("source_row")
        organisation = _read_organisation(file, row | {ROW: number}, findings)
        if organisation is not None:
            added.append(organisation)
            message = "is not in the register: taken as this file describes it"
            code, column = organisation.org_code, "org_code"
            findings.append(
                Finding("warning", "organisation_from_file", message, file, number, column, code)
            )
    if added:
        register = pl.concat([register, organisations_frame(added)])
    return register, list(capped([*findings, *_other_trust_types(stated, register)]))


def unknown_organisations(
    unknown: pl.DataFrame, organisations: pl.DataFrame, publications: Collection[str]
) -> Iterator[Finding]:
    """Find the organisations that are not in the register, of observations left out for it.

    ``publications`` names the files in which others than trusts are expected: there only a code
    that looks like a trust's is notable.
    """
    spelt = pl.col("org_code").str.to_uppercase().str.replace_all(" ", "", literal=True)
    looks_like_one = spelt.str.contains(_TRUST_CODE) | spelt.is_in(
        organisations["org_code"].to_list()
    )
    is_notable = ~pl.col("source_file").is_in(list(publications)) | looks_like_one
    named = unknown.filter(pl.col("org_code") != "", is_notable)
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
        expected = f"an ODS code such as {near[0]}" if near else _NO_TRUST
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


def _other_trust_types(stated: pl.DataFrame, organisations: pl.DataFrame) -> Iterator[Finding]:
    used = organisations.select("org_code", "trust_type")
    known = stated.join(used, on="org_code", suffix="_used", maintain_order="left")
    others = known.filter(pl.col("trust_type") != pl.col("trust_type_used"))
    for row in others.iter_rows(named=True):
        yield Finding(
            "warning",
            "trust_type_differs",
            "is another trust type than the one that is used",
            row["source_file"],
            row["source_row"],
            "trust_type",
            row["trust_type"],
            row["trust_type_used"],
        )


def _read_organisation(
    file: str, cells: dict[str, Any], findings: list[Finding]
) -> Organisation | None:
    written = written_cells(cells)
    if not written:
        return None
    lists = {
        "predecessor_codes": written.pop("predecessor_codes", "").split(),
        "towns": [name for town in written.pop("towns", "").split(";") if (name := town.strip())],
    }
    fields = {name: text for name, text in written.items() if name in Organisation.model_fields}
    try:
        return Organisation.model_validate(fields | lists)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            column = str(detail["loc"][0])
            findings.append(
                Finding(
                    "error",
                    "organisation_invalid",
                    detail["msg"],
                    file=file,
                    row=cells[ROW],
                    column=column,
                    value=written.get(column, ""),
                )
            )
        return None
