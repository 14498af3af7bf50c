"""Read registers of successions: who closed, when, and who took over."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
from pydantic import ValidationError

from nhs_league.findings import Finding, capped
from nhs_league.resources import sample_directory
from nhs_league.sources.files import read_files
from nhs_league.sources.register import known_field
from nhs_league.sources.tabular import ROW, TextTable, read_text_table, written_cells
from nhs_league.sources.tidy import TidyHeaders, is_organisations_table, repeated_headers
from nhs_league.successions import (
    Succession,
    cycle_text,
    succession_cycles,
    successions_frame,
)

SUCCESSIONS_FILE: Final = "successions.csv"

_REQUIRED: Final = frozenset({"org_code", "successor_code", "succeeded_on"})
_EXPECTED: Final = {
    "org_code": "an ODS code such as RY9",
    "successor_code": "the ODS code of another organisation",
    "succeeded_on": "a date such as 2024-11-01",
}


@dataclass(frozen=True)
class SuccessionRegister:
    """Successions under ``SUCCESSION_SCHEMA``, and what became of each file's rows.

    ``left_out`` counts rows by file and reason.
    """

    successions: pl.DataFrame
    findings: tuple[Finding, ...]
    left_out: dict[str, dict[str, int]]


@dataclass(frozen=True)
class _Stated:
    """A succession and where it stands."""

    succession: Succession
    file: str
    row: int

    @property
    def facts(self) -> tuple[str, object]:
        """Give what a second statement of it may not contradict: a name may be spelt anew."""
        return self.succession.successor_code, self.succession.succeeded_on


def is_successions_table(table: TextTable, tidy: TidyHeaders) -> bool:
    """Say whether a table is a register of successions; none is one of organisations or figures."""
    known = {_known_header(header) for header in table.columns}
    is_dated = {tidy.known(header) for header in table.columns} & {"period", "in_force_from"}
    return known >= _REQUIRED and not is_dated and not is_organisations_table(table, tidy)


@functools.cache
def bundled_successions() -> SuccessionRegister:
    """Read the successions of the bundled sample, which do not change."""
    [file] = read_files([sample_directory() / SUCCESSIONS_FILE])
    return read_successions([read_text_table(file)])


def read_successions(tables: Iterable[TextTable]) -> SuccessionRegister:
    """Read successions from tables that ``is_successions_table`` says are registers of them.

    A row that is invalid, stands a second time or is part of a circle is left out.
    """
    stated: dict[str, _Stated] = {}
    findings: list[Finding] = []
    left_out: dict[str, dict[str, int]] = {}
    for table in tables:
        reasons = left_out.setdefault(table.name, {})
        if repeated := repeated_headers(table, _known_header):
            findings += repeated
            reasons["duplicate_column"] = len(table.frame)
            continue
        for reason in _read_table(table, stated, findings):
            _count(reasons, reason)
    for cycle in _cycles(stated):
        findings.append(_cycle_finding(cycle))
        for one in cycle:
            del stated[one.succession.org_code]
            _count(left_out[one.file], "succession_cycle")
    frame = successions_frame(one.succession for one in stated.values())
    return SuccessionRegister(frame, capped(findings), left_out)


def _read_table(
    table: TextTable, stated: dict[str, _Stated], findings: list[Finding]
) -> Iterator[str]:
    """Add a table's successions to those stated, and yield why for each row that is left out."""
    frame = table.frame.rename({header: _known_header(header) for header in table.columns})
    for cells in frame.iter_rows(named=True):
        written = written_cells(cells)
        if not written:
            yield "blank_row"
            continue
        succession = _read_succession(table.name, cells[ROW], written, findings)
        if succession is None:
            yield "succession_invalid"
            continue
        here = _Stated(succession, table.name, cells[ROW])
        first = stated.setdefault(succession.org_code, here)
        if first is not here:
            if first.facts != here.facts:
                findings.append(_repeated_finding(first, here))
            yield "repeated_succession"


def _read_succession(
    file: str, row: int, written: dict[str, str], findings: list[Finding]
) -> Succession | None:
    fields = {name: text for name, text in written.items() if name in Succession.model_fields}
    try:
        return Succession.model_validate(fields)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            column = str(detail["loc"][0])
            findings.append(
                Finding(
                    "error",
                    "succession_invalid",
                    detail["msg"].removeprefix("Value error, "),
                    file=file,
                    row=row,
                    column=column,
                    value=written.get(column, ""),
                    expected=_EXPECTED.get(column),
                )
            )
        return None


def _repeated_finding(first: _Stated, here: _Stated) -> Finding:
    successor, day = first.facts
    return Finding(
        "error",
        "repeated_succession",
        f"first stated otherwise in {first.file} row {first.row}",
        file=here.file,
        row=here.row,
        column="org_code",
        value=here.succession.org_code,
        expected=f"{successor} on {day}",
    )


def _cycles(stated: Mapping[str, _Stated]) -> Iterator[list[_Stated]]:
    successors = {code: one.succession.successor_code for code, one in stated.items()}
    for cycle in succession_cycles(successors):
        yield [stated[code] for code in cycle]


def _cycle_finding(cycle: list[_Stated]) -> Finding:
    first = cycle[0]
    codes = tuple(one.succession.org_code for one in cycle)
    return Finding(
        "error",
        "succession_cycle",
        f"comes after itself: {cycle_text(codes)}",
        file=first.file,
        row=first.row,
        column="successor_code",
        value=first.succession.successor_code,
        expected="an organisation that outlives it",
    )


def _known_header(header: str) -> str:
    """Give the contract's name of a header: its own columns are known in no other table."""
    lowered = header.lower().replace(" ", "_")
    return lowered if lowered in _REQUIRED else known_field(header)


def _count(reasons: dict[str, int], reason: str) -> None:
    reasons[reason] = reasons.get(reason, 0) + 1
