"""Periods as publications write them."""

from __future__ import annotations

import pytest

from nhs_league.period import InvalidPeriodError
from nhs_league.sources.publications.periods import read_period, read_year_and_month


def period(text: str, *formats: str) -> str:
    return str(read_period(text, formats))


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("MSitAE-JUNE-2025", "MSitAE-{month}-{year}", "2025-06"),
        ("msitae-june-2025", "MSitAE-{month}-{year}", "2025-06"),
        (" MSitAE-June-2025 ", "MSitAE-{month}-{year}", "2025-06"),
        ("RTT-January-2026", "RTT-{month}-{year}", "2026-01"),
        ("DM01-MARCH-2026", "DM01-{month}-{year}", "2026-03"),
        ("30/06/2025", "{day}/{month}/{year}", "2025-06"),
        ("2025-06-01", "{year}-{month}-{day}", "2025-06"),
        ("1/6/2025", "{day}/{month}/{year}", "2025-06"),
        ("Sep 2025", "{month} {year}", "2025-09"),
        ("Sept 2025", "{month} {year}", "2025-09"),
        ("Jun-25", "{month}-{year}", "2025-06"),
        ("Mar  2025", "{month} {year}", "2025-03"),
        ("202506", "{year}{month}", "2025-06"),
        ("2025Q2", "{quarter}", "2025Q2"),
        ("Q1 2025/26", "{quarter}", "2025Q2"),
        ("Quarter: 2025/26 Q4", "Quarter: {quarter}", "2026Q1"),
        ("[2025] (06)", "[{year}] ({month})", "2025-06"),
    ],
)
def test_a_period_is_read_by_its_format(text: str, pattern: str, expected: str) -> None:
    assert period(text, pattern) == expected


MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@pytest.mark.parametrize(("month", "name"), list(enumerate(MONTHS, start=1)))
def test_every_month_is_known_by_three_letters(month: int, name: str) -> None:
    assert period(f"{name}-2025", "{month}-{year}") == f"2025-{month:02}"


def test_the_first_format_that_fits_holds() -> None:
    formats = ("{year}-{month}-{day}", "{day}/{month}/{year}")
    assert period("2025-04-01", *formats) == period("01/04/2025", *formats) == "2025-04"


@pytest.mark.parametrize(
    ("text", "pattern", "said"),
    [
        ("", "{year}-{month}", "expected {year}-{month}"),
        ("soon", "{year}-{month}", "expected {year}-{month}"),
        ("2025-13", "{year}-{month}", "has no such month"),
        ("2025-00", "{year}-{month}", "has no such month"),
        ("Juin 2025", "{month} {year}", "has no such month"),
        ("32/06/2025", "{day}/{month}/{year}", "has no such day"),
        ("00/06/2025", "{day}/{month}/{year}", "has no such day"),
        ("0999-06", "{year}-{month}", "between the years"),
        ("2025-06-01", "{year}-{month}", "expected"),
        ("202506", "{year}-{month}", "expected"),
        ("Q1 2025", "{quarter}", "could be two"),
        ("2025Q5", "{quarter}", "there is no quarter 5"),
        ("x2025", "[{year}] {month}", "expected"),
    ],
)
def test_what_is_no_period_says_why(text: str, pattern: str, said: str) -> None:
    with pytest.raises(InvalidPeriodError) as raised:
        period(text, pattern)
    assert said in str(raised.value)


def test_all_formats_are_named_where_none_fits() -> None:
    with pytest.raises(InvalidPeriodError, match=r"is not a period; expected .+ or .+"):
        period("2025", "{year}-{month}-{day}", "{day}/{month}/{year}")


@pytest.mark.parametrize(
    ("year", "month"), [("2025", "6"), ("2025", "06"), (" 2025 ", "June"), ("2025", "JUN")]
)
def test_a_year_and_a_month_may_stand_apart(year: str, month: str) -> None:
    assert str(read_year_and_month(year, month)) == "2025-06"


@pytest.mark.parametrize(("year", "month"), [("", "6"), ("2025", ""), ("2025", "13"), ("x", "6")])
def test_half_a_period_is_none(year: str, month: str) -> None:
    with pytest.raises(InvalidPeriodError):
        read_year_and_month(year, month)
