"""Registers of successions: who closed, what is wrong, and what becomes of every row."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from nhs_league.sources.register import bundled_register
from nhs_league.sources.successions import (
    SUCCESSIONS_FILE,
    bundled_successions,
    is_successions_table,
    read_successions,
)
from nhs_league.successions import SUCCESSION_SCHEMA, successor_at
from tests.unit.sources.support import TIDY, found, table_of

HEADER = "org_code,org_name,successor_code,succeeded_on\n"
RY9 = "RY9,Hounslow,RAX,2024-11-01\n"
R1C = "R1C,Solent NHS Trust,RW1,2024-10-01\n"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("org_code,org_name,successor_code,succeeded_on", True),
        ("Org code,Successor Code,SUCCEEDED_ON,comment", True),
        ("org_code,successor_code", False),
        ("org_code,succeeded_on", False),
        ("org_code,org_name,trust_type,successor_code,succeeded_on", False),
        ("org_code,period,value,successor_code,succeeded_on", False),
        ("org_code,quarter,value,successor_code,succeeded_on", False),
        ("org_code,in_force_from,in_force_to,successor_code,succeeded_on", False),
        ("org_code,org_name,trust_type", False),
    ],
)
def test_a_table_of_successions_is_known_by_its_headers(header: str, expected: bool) -> None:
    assert is_successions_table(table_of(f"{header}\n"), TIDY) is expected


def test_successions_are_read_whole() -> None:
    register = read_successions([table_of(HEADER + RY9 + " R1C , ,RW1,2024-10-15\n", "s.csv")])
    assert register.successions.schema == pl.Schema(SUCCESSION_SCHEMA)
    assert register.successions.rows() == [
        ("RY9", "Hounslow", "RAX", date(2024, 11, 1), 12 * 2024 + 10),
        ("R1C", None, "RW1", date(2024, 10, 15), 12 * 2024 + 10),
    ]
    assert (register.findings, register.left_out) == ((), {"s.csv": {}})


def test_headers_may_be_capital_or_spaced_and_others_are_not_used() -> None:
    table = table_of("Org code,Successor code,Succeeded on,comment\nRY9,RAX,2024-11-01,merged\n")
    register = read_successions([table])
    assert register.successions["successor_code"].to_list() == ["RAX"]
    assert register.findings == ()


def test_rows_left_out_are_counted_by_file_and_reason() -> None:
    tables = [
        table_of(f"{HEADER}{RY9},,,\n\nrxx,,RAX,2024-11-01\n{RY9}", "a.csv"),
        table_of(f"{HEADER}{RY9}{R1C},,, \nRAA,,RBB,2024-01-01\n", "b.csv"),
        table_of(f"{HEADER}RBB,,RAA,2025-01-01\n", "c.csv"),
    ]
    register = read_successions(tables)
    assert register.successions["org_code"].to_list() == ["RY9", "R1C"]
    assert register.left_out == {
        "a.csv": {"blank_row": 2, "succession_invalid": 1, "repeated_succession": 1},
        "b.csv": {"repeated_succession": 1, "blank_row": 1, "succession_cycle": 1},
        "c.csv": {"succession_cycle": 1},
    }


@pytest.mark.parametrize(
    ("row", "column", "value", "message", "expected"),
    [
        (
            "ry9,,RAX,2024-11-01",
            "org_code",
            "ry9",
            "String should match pattern '^[A-Z0-9]{2,10}$'",
            "an ODS code such as RY9",
        ),
        (
            "RY9,,R-AX,2024-11-01",
            "successor_code",
            "R-AX",
            "String should match pattern '^[A-Z0-9]{2,10}$'",
            "the ODS code of another organisation",
        ),
        (
            "RY9,,RY9,2024-11-01",
            "successor_code",
            "RY9",
            "an organisation cannot succeed itself",
            "the ODS code of another organisation",
        ),
        (
            "RY9,,RAX,01/11/2024",
            "succeeded_on",
            "01/11/2024",
            "is not an ISO date",
            "a date such as 2024-11-01",
        ),
        ("RY9,,RAX,", "succeeded_on", "", "Field required", "a date such as 2024-11-01"),
    ],
)
def test_a_bad_cell_is_named_with_what_it_should_be(
    row: str, column: str, value: str, message: str, expected: str
) -> None:
    register = read_successions([table_of(f"{HEADER}{R1C}{row}\n")])
    (finding,) = register.findings
    assert (finding.severity, finding.code) == ("error", "succession_invalid")
    assert found(register.findings).places("succession_invalid") == [("a.csv", 3, column, value)]
    assert (finding.message, finding.expected) == (message, expected)
    assert register.successions["org_code"].to_list() == ["R1C"]


def test_every_bad_cell_of_a_row_is_found_and_the_row_counted_once() -> None:
    register = read_successions([table_of(f"{HEADER}ry9,Hounslow,,2024-13-01\n")])
    assert found(register.findings).places("succession_invalid") == [
        ("a.csv", 2, "org_code", "ry9"),
        ("a.csv", 2, "successor_code", ""),
        ("a.csv", 2, "succeeded_on", "2024-13-01"),
    ]
    assert register.left_out == {"a.csv": {"succession_invalid": 1}}


def test_a_row_with_a_comment_alone_is_invalid_and_not_blank() -> None:
    register = read_successions([table_of(f"{HEADER[:-1]},comment\n,,,,see below\n")])
    assert register.left_out == {"a.csv": {"succession_invalid": 1}}


@pytest.mark.parametrize("other", ["RY9,,RBB,2024-11-01\n", "RY9,,RAX,2024-12-01\n"])
def test_one_code_with_two_stories_is_an_error_and_the_first_is_kept(other: str) -> None:
    register = read_successions([table_of(HEADER + RY9), table_of(HEADER + other, "b.csv")])
    (finding,) = register.findings
    assert (finding.severity, finding.code) == ("error", "repeated_succession")
    assert (finding.file, finding.row, finding.column, finding.value) == (
        "b.csv",
        2,
        "org_code",
        "RY9",
    )
    assert finding.message == "first stated otherwise in a.csv row 2"
    assert finding.expected == "RAX on 2024-11-01"
    assert register.successions.rows()[0][2:4] == ("RAX", date(2024, 11, 1))


def test_the_same_story_twice_is_no_error_however_the_name_is_spelt() -> None:
    register = read_successions([table_of(f"{HEADER}{RY9}RY9,HOUNSLOW,RAX,2024-11-01\n")])
    assert register.findings == ()
    assert register.successions["org_name"].to_list() == ["Hounslow"]
    assert register.left_out == {"a.csv": {"repeated_succession": 1}}


def test_a_circle_is_an_error_and_what_leads_into_it_stays() -> None:
    rows = (
        "RXX,,RBB,2020-01-01\nRAA,,RBB,2021-01-01\nRBB,,RCC,2022-01-01\nRCC,,RAA,2023-01-01\n" + RY9
    )
    register = read_successions([table_of(HEADER + rows)])
    (finding,) = register.findings
    assert (finding.severity, finding.code) == ("error", "succession_cycle")
    assert found(register.findings).places("succession_cycle") == [
        ("a.csv", 3, "successor_code", "RBB")
    ]
    assert finding.message == "comes after itself: RAA to RBB to RCC to RAA"
    assert register.successions["org_code"].to_list() == ["RXX", "RY9"]
    assert register.left_out == {"a.csv": {"succession_cycle": 3}}


def test_a_header_that_is_meant_twice_leaves_the_table_out() -> None:
    table = table_of(
        "org_code,successor_code,Successor Code,succeeded_on\nRY9,RAX,RAX,2024-11-01\n"
    )
    register = read_successions([table])
    assert found(register.findings).places("duplicate_column") == [
        ("a.csv", 1, "Successor Code", None)
    ]
    assert register.findings[0].message == "means the same as column successor_code"
    assert (len(register.successions), register.left_out) == (0, {"a.csv": {"duplicate_column": 1}})


def test_findings_of_a_kind_are_listed_up_to_an_announced_cap() -> None:
    register = read_successions([table_of(HEADER + "ry9,,RAX,2024-11-01\n" * 300)])
    assert len(found(register.findings).of("succession_invalid")) == 200
    assert [f.message for f in found(register.findings).of("findings_capped")] == [
        "100 more findings of the kind succession_invalid are not listed"
    ]


def test_no_tables_are_no_successions() -> None:
    register = read_successions([])
    assert register.successions.schema == pl.Schema(SUCCESSION_SCHEMA)
    assert (len(register.successions), register.findings, register.left_out) == (0, (), {})


def test_the_bundled_successions_are_the_eight_known() -> None:
    register = bundled_successions()
    assert (register.findings, register.left_out) == ((), {SUCCESSIONS_FILE: {}})
    assert {
        (code, successor, str(day))
        for code, _, successor, day, _ in register.successions.iter_rows()
    } == {
        ("RY9", "RAX", "2024-11-01"),
        ("R1C", "RW1", "2024-10-01"),
        ("RAP", "RAL", "2025-01-01"),
        ("RRP", "G6V2S", "2024-11-01"),
        ("TAF", "G6V2S", "2024-11-01"),
        ("RNK", "G6V2S", "2026-04-01"),
        ("RY2", "RWW", "2026-04-01"),
        ("RVJ", "RA7", "2026-07-01"),
    }
    assert register.successions["org_name"].null_count() == 0


def test_bundled_successors_are_trusts_and_state_all_that_the_register_does() -> None:
    successions = bundled_successions().successions
    organisations = bundled_register().organisations
    assert successions["successor_code"].is_in(organisations["org_code"].to_list()).all()
    stated = dict(successions.select("org_code", "successor_code").iter_rows())
    for trust in organisations.iter_rows(named=True):
        for predecessor in trust["predecessor_codes"]:
            assert stated[predecessor] == trust["org_code"]


def test_a_trust_of_the_bundled_register_stands_in_the_quarters_of_the_sample() -> None:
    successions = bundled_successions().successions
    for code in bundled_register().organisations["org_code"]:
        assert successor_at(successions, code, 12 * 2025 + 11) is None
