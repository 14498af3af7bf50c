"""Registers of organisations: who is read, what is wrong, and what becomes of every row."""

from __future__ import annotations

import re

import polars as pl
import pytest

from nhs_league.organisations import ORGANISATION_SCHEMA
from nhs_league.resources import sample_directory
from nhs_league.sources.layout import DESCRIBED_SCHEMA
from nhs_league.sources.register import (
    REGISTER_FILE,
    bundled_register,
    organisations_from_files,
    read_registers,
)
from tests.unit.sources.support import REGISTER, Findings, found, table_of

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


@pytest.mark.parametrize(
    ("cell", "towns"),
    [
        ("Alderton", ["Alderton"]),
        ("Alderton;Ash on the Hill", ["Alderton", "Ash on the Hill"]),
        (" Alderton ; St Elm's-by-Sea ", ["Alderton", "St Elm's-by-Sea"]),
        ("Alderton;; ;Ash;", ["Alderton", "Ash"]),
        (";", []),
        ("", []),
        ('"Alder, Upper;Ash"', ["Alder, Upper", "Ash"]),
    ],
)
def test_towns_are_parted_by_semicolons_and_blank_ones_are_none(
    cell: str, towns: list[str]
) -> None:
    text = f"{HEADER.strip()},Towns\nRAA,Alder,Acute trust,{cell}\n"
    register = read_registers([table_of(text)])
    assert register.organisations["towns"].to_list() == [towns]
    assert register.findings == ()


def test_a_register_without_towns_has_none_of_them() -> None:
    organisations = read_registers([table_of(REGISTER)]).organisations
    assert organisations["towns"].to_list() == [[], [], []]
    assert organisations["predecessor_codes"].to_list() == [[], [], []]


def test_every_trust_of_the_bundled_register_has_towns() -> None:
    for code, towns in bundled_register().organisations.select("org_code", "towns").iter_rows():
        assert 1 <= len(towns) <= 8, code
        assert len({town.casefold() for town in towns}) == len(towns), code
        for town in towns:
            assert re.fullmatch(r"[A-Z][a-z]+(?:[ '-][A-Za-z]+)*", town), (code, town)


def test_towns_of_the_bundled_register_are_those_of_its_hospitals() -> None:
    towns = dict(bundled_register().organisations.select("org_code", "towns").iter_rows())
    assert {"Aylesbury", "High Wycombe", "Amersham"} <= set(towns["RXQ"])
    assert {"Brighton", "Worthing", "Chichester", "Haywards Heath"} <= set(towns["RYR"])
    assert {"Whitechapel", "West Smithfield", "Leytonstone", "Newham"} <= set(towns["R1H"])


Stated = tuple[str, str, str, str | None, str | None, str, int]


def described(*rows: Stated) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DESCRIBED_SCHEMA, orient="row")


def added(
    *frames: pl.DataFrame, observed: tuple[str, ...] = ("RAA", "RDD", "REE")
) -> tuple[list[tuple[object, ...]], Findings]:
    """Give the organisations that descriptions add to ``REGISTER``, and what is found."""
    register = read_registers([table_of(REGISTER, "organisations.csv")]).organisations
    observations = pl.DataFrame({"org_code": list(observed)}, schema={"org_code": pl.String})
    organisations, findings = organisations_from_files(register, frames, observations)
    assert organisations.schema == pl.Schema(ORGANISATION_SCHEMA)
    assert organisations.head(3).equals(register)
    columns = ("org_code", "org_name", "trust_type", "trust_subtype", "region")
    return organisations.slice(3).select(columns).rows(), found(findings)


def test_an_organisation_that_a_file_describes_is_taken_as_it_says_with_a_warning() -> None:
    rows, findings = added(
        described(("RDD", "Damson", "Acute trust", "Large", "London", "a.csv", 9))
    )
    assert rows == [("RDD", "Damson", "Acute trust", "Large", "London")]
    assert findings.codes() == [("warning", "organisation_from_file")]
    assert findings.places("organisation_from_file") == [("a.csv", 9, "org_code", "RDD")]


def test_what_a_file_leaves_blank_of_an_organisation_is_not_known() -> None:
    rows, _ = added(described(("RDD", "Damson", "Acute trust", "", None, "a.csv", 9)))
    assert rows == [("RDD", "Damson", "Acute trust", None, None)]


def test_an_organisation_that_a_file_describes_has_no_towns() -> None:
    text = f"{HEADER.strip()},towns\nRAA,Alder,Acute trust,Ash;Elm\n"
    register = read_registers([table_of(text)]).organisations
    frame = described(("RDD", "Damson", "Acute trust", "", "", "a.csv", 9))
    observations = pl.DataFrame({"org_code": ["RDD"]})
    organisations, _ = organisations_from_files(register, [frame], observations)
    assert organisations["towns"].to_list() == [["Ash", "Elm"], []]


def test_the_register_holds_where_a_file_says_otherwise() -> None:
    rows, findings = added(described(("RAA", "Ash", "Ambulance trust", "", "", "a.csv", 2)))
    assert rows == []
    (finding,) = findings
    assert (finding.severity, finding.code) == ("warning", "trust_type_differs")
    assert (finding.file, finding.row, finding.column) == ("a.csv", 2, "trust_type")
    assert (finding.value, finding.expected) == ("Ambulance trust", "Acute trust")


def test_every_file_that_says_otherwise_is_named() -> None:
    frames = [
        described(("RAA", "Alder", "Acute trust", "", "", "a.csv", 2)),
        described(("RAA", "Alder", "Ambulance trust", "", "", "b.csv", 5)),
        described(("RAA", "Alder", "", "", "", "c.csv", 7)),
    ]
    assert added(*frames)[1].places("trust_type_differs") == [
        ("b.csv", 5, "trust_type", "Ambulance trust"),
        ("c.csv", 7, "trust_type", ""),
    ]


def test_the_first_description_of_a_stranger_holds() -> None:
    frames = [
        described(("RDD", "Damson", "Acute trust", "", "", "a.csv", 2)),
        described(("RDD", "Damask", "Ambulance trust", "", "", "b.csv", 5)),
    ]
    rows, findings = added(*frames)
    assert rows == [("RDD", "Damson", "Acute trust", None, None)]
    assert findings.places("organisation_from_file") == [("a.csv", 2, "org_code", "RDD")]
    assert findings.places("trust_type_differs") == [("b.csv", 5, "trust_type", "Ambulance trust")]


def test_an_organisation_without_observations_is_not_taken() -> None:
    frame = described(("RDD", "Damson", "Acute trust", "", "", "a.csv", 2))
    assert added(frame, observed=("RAA",)) == ([], [])


@pytest.mark.parametrize(
    ("stated", "column", "value"),
    [
        (("rdd", "Damson", "Acute trust"), "org_code", "rdd"),
        (("England", "England", "Acute trust"), "org_code", "England"),
        (("RDD", "", "Acute trust"), "org_name", ""),
        (("RDD", "Damson", ""), "trust_type", ""),
    ],
)
def test_a_description_that_breaks_the_rules_of_the_register_is_an_error(
    stated: tuple[str, str, str], column: str, value: str
) -> None:
    frame = described((*stated, "", "", "a.csv", 2))
    rows, findings = added(frame, observed=(stated[0],))
    assert rows == []
    assert findings.places("organisation_invalid") == [("a.csv", 2, column, value)]
    assert findings.codes() == [("error", "organisation_invalid")]


def test_a_blank_code_is_nobody() -> None:
    assert added(described(("", "", "", "", "", "a.csv", 2)), observed=("",)) == ([], [])


def test_without_descriptions_the_register_is_all_there_is() -> None:
    assert added() == ([], [])


def test_organisations_from_files_are_listed_up_to_an_announced_cap() -> None:
    codes = [f"Y{number:03}" for number in range(300)]
    frame = described(*((code, code, "Acute trust", "", "", "a.csv", 2) for code in codes))
    rows, findings = added(frame, observed=tuple(codes))
    assert len(rows) == 300
    assert len(findings.of("organisation_from_file")) == 200
    assert [f.message for f in findings.of("findings_capped")] == [
        "100 more findings of the kind organisation_from_file are not listed"
    ]
