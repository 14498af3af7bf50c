"""Read registers of organisations: who is ranked at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import ValidationError

from nhs_league.findings import Finding, capped
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.resources import sample_directory
from nhs_league.sources.files import read_files
from nhs_league.sources.tabular import ROW, TextTable, read_text_table
from nhs_league.sources.tidy import known_header, repeated_headers

REGISTER_FILE = "organisations.csv"


@dataclass(frozen=True)
class Register:
    """Organisations under ``ORGANISATION_SCHEMA``, and what became of each file's rows.

    ``left_out`` counts rows by file and reason.
    """

    organisations: pl.DataFrame
    findings: tuple[Finding, ...]
    left_out: dict[str, dict[str, int]]


def bundled_register() -> Register:
    """Read the register of the bundled sample."""
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
        if repeated := repeated_headers(table):
            findings += repeated
            reasons["duplicate_column"] = len(table.frame)
            continue
        frame = table.frame.rename({header: known_header(header) for header in table.columns})
        for cells in frame.iter_rows(named=True):
            organisation = _read_organisation(table.name, cells, findings)
            if organisation is None:
                reason = "organisation_invalid" if _written(cells) else "blank_row"
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


def _written(cells: dict[str, Any]) -> dict[str, str]:
    return {
        column: text.strip()
        for column, text in cells.items()
        if column != ROW and text and text.strip()
    }


def _read_organisation(
    file: str, cells: dict[str, Any], findings: list[Finding]
) -> Organisation | None:
    written = _written(cells)
    if not written:
        return None
    codes = written.pop("predecessor_codes", "").split()
    fields = {name: text for name, text in written.items() if name in Organisation.model_fields}
    try:
        return Organisation.model_validate(fields | {"predecessor_codes": codes})
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
