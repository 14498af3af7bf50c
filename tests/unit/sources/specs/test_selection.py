"""The columns that a spec names, found among the headers of a file."""

from __future__ import annotations

import pytest

from nhs_league.findings import Finding
from nhs_league.sources.specs.catalogue import parse_source
from nhs_league.sources.specs.model import Bands, Publication, Quantity
from nhs_league.sources.specs.selection import HeaderRow, Selection, Sum, folded

SPEC = b"""\
layout: publication
id: mine
title: Mine
recognise: {columns: [Code]}
organisation: {column: Code}
period: {column: Month, formats: ["{year}-{month}"]}
metrics: {m: {title: M, unit: percent, value: Mean}}
"""
DM01 = ("{from} < {to} Weeks", "{from}+ Weeks")


def selection(*headers: str) -> Selection:
    source = parse_source(SPEC, "mine.source.yaml").source
    assert isinstance(source, Publication)
    return Selection(HeaderRow("a.csv", 3, headers), source)


def banded(
    *headers: str,
    bands: tuple[str, ...] = DM01,
    at_least: int | None = None,
    below: int | None = None,
) -> tuple[tuple[int, ...], list[Finding]]:
    chosen = selection(*headers)
    term = Bands(bands=bands, at_least=at_least, below=below)
    return chosen.quantity(Quantity(add=(term,))).add, chosen.findings


@pytest.mark.parametrize(
    "written", ["Org Code", "ORG CODE", "org code", " Org  Code ", "Org\u00a0Code", "Org\nCode"]
)
def test_capitals_and_spaces_of_a_header_do_not_matter(written: str) -> None:
    chosen = selection("Month", written)
    assert (chosen.column("Org Code"), chosen.findings) == (1, [])
    assert folded(written) == "org code"


def test_other_differences_of_a_header_do_matter() -> None:
    chosen = selection("Month", "Org_Code")
    chosen.column("Org Code")
    (finding,) = chosen.findings
    assert (finding.code, finding.file, finding.row) == ("column_missing", "a.csv", 3)
    assert (finding.value, finding.expected) == ("Org_Code", "Org Code")


def test_a_missing_column_is_said_once_with_the_header_that_is_nearest() -> None:
    chosen = selection("Month", "Attendance over 4hrs")
    chosen.column("Attendances over 4hrs")
    chosen.column("ATTENDANCES over 4hrs")
    (finding,) = chosen.findings
    assert finding.message == "has no column 'Attendances over 4hrs', which mine needs"
    assert finding.value == "Attendance over 4hrs"


def test_a_missing_column_that_nothing_is_like_has_no_value() -> None:
    chosen = selection("x")
    chosen.column("Attendances")
    assert [finding.value for finding in chosen.findings] == [None]


def test_a_column_that_stands_twice_is_said_once() -> None:
    chosen = selection("Code", "Total", "TOTAL ", "total")
    chosen.column("Total")
    chosen.column("Total")
    (finding,) = chosen.findings
    assert (finding.code, finding.column) == ("duplicate_column", "Total")
    assert "3 times" in finding.message


def test_columns_that_no_one_asks_for_may_stand_twice() -> None:
    chosen = selection("Code", "Note", "Note", "", "")
    assert (chosen.column("Code"), chosen.findings) == (0, [])


def test_a_quantity_is_its_columns_in_order() -> None:
    chosen = selection("Code", "A", "B", "C")
    assert chosen.quantity(Quantity(add=("C", "A"), subtract=("B",))) == Sum((3, 1), (2,))
    assert Sum((3, 1), (2,)).columns == (3, 1, 2)


# Bands

HEADERS = ("Code", "00 < 01 Week", "01 < 02 Weeks", "02 < 03 Weeks", "03+ Weeks", "Total")


def test_bands_from_a_bound_on_follow_to_the_open_end() -> None:
    assert banded(*HEADERS, at_least=2) == ((3, 4), [])
    assert banded(*HEADERS, at_least=3) == ((4,), [])


def test_bands_below_a_bound_stop_there() -> None:
    patterns = ("{from} < {to} Week", *DM01)
    assert banded(*HEADERS, bands=patterns, below=2) == ((1, 2), [])
    assert banded(*HEADERS, bands=patterns, at_least=1, below=3) == ((2, 3), [])


def test_bands_without_bounds_are_all_of_them() -> None:
    assert banded(*HEADERS, bands=("{from} < {to} Week", *DM01)) == ((1, 2, 3, 4), [])


def test_bands_are_followed_in_whatever_order_they_stand() -> None:
    assert banded("03+ Weeks", "x", "02 < 03 Weeks", at_least=2) == ((2, 0), [])


def test_spaces_and_capitals_of_bands_do_not_matter() -> None:
    assert banded("02  <  03 weeks ", "03+ WEEKS", at_least=2) == ((0, 1), [])


def test_wide_bands_are_as_good_as_narrow_ones() -> None:
    assert banded("2 < 10 Weeks", "10 < 26 Weeks", "26+ Weeks", at_least=2) == ((0, 1, 2), [])


@pytest.mark.parametrize(
    ("headers", "at_least", "below", "said"),
    [
        (("00 < 01 Weeks", "02+ Weeks"), 0, None, "has no band that begins at 1"),
        (("00 < 01 Weeks",), 0, None, "has no band that begins at 1"),
        (("00 < 02 Weeks", "02+ Weeks"), 1, None, "has no band that begins at 1"),
        (("00 < 02 Weeks", "02 < 04 Weeks"), 0, 3, "has no band that ends at 3"),
        (("00 < 02 Weeks", "02+ Weeks"), 0, 18, "has no band that ends at 18"),
        (("00 < 02 Weeks", "00 < 01 Weeks", "02+ Weeks"), 0, None, "band that begins at 0"),
        (("00+ Weeks", "00+ Weeks"), 0, None, "band that begins at 0"),
        (("Code",), 0, None, "has no band that begins at 0"),
    ],
)
def test_a_gap_or_an_overlap_is_a_finding(
    headers: tuple[str, ...], at_least: int, below: int | None, said: str
) -> None:
    _, (finding,) = banded(*headers, at_least=at_least, below=below)
    assert (finding.severity, finding.code, finding.row) == ("error", "column_missing", 3)
    assert said in finding.message
    assert finding.expected == "{from} < {to} Weeks or {from}+ Weeks"


@pytest.mark.parametrize(
    "headers",
    [
        ("06 < 09 Weeks", "07 < 08 Weeks", "09+ Weeks"),
        ("06 < 09 Weeks", "08 < 10 Weeks", "09+ Weeks"),
        ("06 < 09 Weeks", "09+ Weeks", "12+ Weeks"),
    ],
)
def test_bands_over_each_other_are_a_finding_though_a_path_leads_through(
    headers: tuple[str, ...],
) -> None:
    _, findings = banded(*headers, at_least=6)
    assert findings


@pytest.mark.parametrize("headers", [("06 < 06 Weeks",), ("06 < 05 Weeks", "05 < 06 Weeks")])
def test_a_band_that_ends_before_it_begins_is_a_finding(headers: tuple[str, ...]) -> None:
    _, findings = banded(*headers, at_least=6)
    assert findings


def test_bands_below_the_first_that_counts_are_not_looked_at() -> None:
    assert banded("x", "00 < 04 Weeks", "02 < 04 Weeks", "06+ Weeks", at_least=6) == ((3,), [])


@pytest.mark.parametrize(
    "headers",
    [
        ("6.0 < 7.0 Weeks",),
        ("-6 < 7 Weeks",),
        ("six < 7 Weeks",),
        ("6 < 7 Weeks or more",),
        ("6 < 7Weeks",),
        ("0000006 < 7 Weeks",),
    ],
)
def test_only_whole_numbers_in_whole_headers_are_bands(headers: tuple[str, ...]) -> None:
    columns, findings = banded(*headers, at_least=6)
    assert columns == ()
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("pattern", "header", "other"),
    [
        ("({from}, {to}]", "(0, 5]", "0, 5"),
        ("{from}.{to}", "0.5", "0x5"),
        ("{from}+", "5+", "55"),
        ("[a-z]{from}|{to}?", "[a-z]0|5?", "b0"),
        ("{from}\\{to}$", "0\\5$", "0\\5"),
        ("{from}*{to}^", "0*5^", "05"),
    ],
)
def test_a_pattern_means_its_characters_and_no_expression(
    pattern: str, header: str, other: str
) -> None:
    chosen = selection(other, header)
    below = None if "{to}" not in pattern else 5
    term = Bands(bands=(pattern,), at_least=5 if below is None else 0, below=below)
    assert chosen.quantity(Quantity(add=(term,))) == Sum((1,))
    assert chosen.findings == []


def test_a_pattern_with_the_end_first_is_read_as_it_says() -> None:
    assert banded("up to 5 from 0", bands=("up to {to} from {from}",), below=5) == ((0,), [])


@pytest.mark.parametrize(
    "quantity",
    [
        Quantity(add=(Bands(bands=DM01, at_least=6), "13+ Weeks")),
        Quantity(add=(Bands(bands=DM01, at_least=6), Bands(bands=DM01, at_least=13))),
        Quantity(add=(Bands(bands=DM01, at_least=6),), subtract=("13+ weeks",)),
    ],
)
def test_a_column_counted_by_its_name_and_by_a_band_is_a_finding(quantity: Quantity) -> None:
    chosen = selection("06 < 13 Weeks", "13+ Weeks")
    chosen.quantity(quantity)
    assert len(chosen.findings) == 1


def test_a_column_counted_by_two_spellings_of_its_name_is_a_finding() -> None:
    chosen = selection("A B", "C")
    chosen.quantity(Quantity(add=("A B",), subtract=("C", " a  b ")))
    assert len(chosen.findings) == 1


def test_one_column_may_be_in_two_quantities() -> None:
    chosen = selection("06 < 13 Weeks", "13+ Weeks")
    chosen.quantity(Quantity(add=(Bands(bands=DM01, at_least=6),)))
    chosen.quantity(Quantity(add=("13+ Weeks",)))
    assert chosen.findings == []
