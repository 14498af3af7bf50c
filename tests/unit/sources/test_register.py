"""Registers of organisations: who is read, what is wrong, and what becomes of every row."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.organisations import ORGANISATION_SCHEMA
from nhs_league.resources import sample_directory
from nhs_league.sources.register import REGISTER_FILE, bundled_register, read_registers
from tests.unit.sources.support import REGISTER, found, table_of

HEADER = "org_code,org_name,trust_type\n"


def test_a_register_is_read_whole() -> None:
    register = read_registers([table_of(REGISTER, "organisations.csv")])
    assert register.organisations.schema == pl.Schema(ORGANISATION_SCHEMA)
    assert register.organisations["org_code"].to_list() == ["RAA", "RBB", "RCC"]
    assert (register.findings, register.left_out) == ((), {"organisations.csv": {}})


def test_rows_left_out_are_counted_by_file_and_reason() -> None:
    tables = [
        table_of(f"{REGISTER},,\n\nrxx,Wych,Acute trust\nRAA,Ash,Acute trust\n", "a.csv"),
        table_of(f"{HEADER}RBB,Beech,Acute trust\nRDD,,\nREE,,Acute trust\n , ,\n", "b.csv"),
        table_of(f"{HEADER}RFF,Fir,Acute trust\n", "c.csv"),
    ]
    register = read_registers(tables)
    assert register.organisations["org_code"].to_list() == ["RAA", "RBB", "RCC", "RFF"]
    assert register.left_out == {
        "a.csv": {"blank_row": 2, "organisation_invalid": 1, "repeated_organisation": 1},
        "b.csv": {"repeated_organisation": 1, "organisation_invalid": 2, "blank_row": 1},
        "c.csv": {},
    }


def test_the_first_of_two_is_kept_and_its_place_is_named() -> None:
    tables = [
        table_of(f"{HEADER}RAA,Alder,Acute trust\n", "a.csv"),
        table_of(f"{HEADER}RAA,Ash,Acute trust\n", "b.csv"),
    ]
    register = read_registers(tables)
    assert register.organisations["org_name"].to_list() == ["Alder"]
    (finding,) = register.findings
    assert (finding.severity, finding.code) == ("error", "repeated_organisation")
    assert (finding.file, finding.row, finding.column, finding.value) == (
        "b.csv",
        2,
        "org_code",
        "RAA",
    )
    assert finding.message == "first stated in a.csv row 2"


def test_an_invalid_organisation_does_not_stand_in_the_way_of_a_valid_one() -> None:
    register = read_registers([table_of(f"{HEADER}RAA,,Acute trust\nRAA,Alder,Acute trust\n")])
    assert register.organisations["org_name"].to_list() == ["Alder"]
    assert found(register.findings).errors() == ["organisation_invalid"]


def test_every_invalid_cell_of_a_row_is_found_and_the_row_counted_once() -> None:
    register = read_registers([table_of(f"{HEADER}raa,, \n")])
    assert found(register.findings).places("organisation_invalid") == [
        ("a.csv", 2, "org_code", "raa"),
        ("a.csv", 2, "org_name", ""),
        ("a.csv", 2, "trust_type", ""),
    ]
    assert register.left_out == {"a.csv": {"organisation_invalid": 1}}


@pytest.mark.parametrize(
    ("row", "code", "more"),
    [
        ("raa,Alder,Acute trust\n", "organisation_invalid", 100),
        ("RAA,Alder,Acute trust\n", "repeated_organisation", 99),
    ],
)
def test_findings_of_a_kind_are_listed_up_to_an_announced_cap(
    row: str, code: str, more: int
) -> None:
    findings = found(read_registers([table_of(HEADER + row * 300)]).findings)
    assert len(findings.of(code)) == 200
    assert [f.message for f in findings.of("findings_capped")] == [
        f"{more} more findings of the kind {code} are not listed"
    ]


def test_no_registers_are_no_organisations() -> None:
    register = read_registers([])
    assert register.organisations.schema == pl.Schema(ORGANISATION_SCHEMA)
    assert (len(register.organisations), register.findings, register.left_out) == (0, (), {})


def test_the_bundled_register_is_that_of_the_sample() -> None:
    register = bundled_register()
    assert (sample_directory() / REGISTER_FILE).is_file()
    assert (len(register.organisations), register.findings) == (205, ())
    assert register.left_out == {REGISTER_FILE: {}}
