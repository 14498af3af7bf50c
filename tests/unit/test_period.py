"""Periods: a month, a quarter, or a run of either, read in every spelling and written in one."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.period import InvalidPeriodError, Period
from nhs_league.quarter import Quarter
from tests.property.settings import many

APRIL = 12 * 2025 + 3
quarters = st.builds(Quarter, st.integers(1900, 2200), st.integers(1, 4))
months = st.integers(12 * 1900, 12 * 2200)


@pytest.mark.parametrize(
    ("text", "first", "last", "written"),
    [
        ("2025-04", APRIL, APRIL, "2025-04"),
        ("2024-12", APRIL - 4, APRIL - 4, "2024-12"),
        ("2025-01", APRIL - 3, APRIL - 3, "2025-01"),
        (" 2025-04\n", APRIL, APRIL, "2025-04"),
        ("2025Q2", APRIL, APRIL + 2, "2025Q2"),
        ("2025-Q2", APRIL, APRIL + 2, "2025Q2"),
        ("Q1 2025/26", APRIL, APRIL + 2, "2025Q2"),
        ("2025/26 Q4", APRIL + 9, APRIL + 11, "2026Q1"),
        ("2025-04 to 2025-06", APRIL, APRIL + 2, "2025Q2"),
        ("2025-04 to 2025-04", APRIL, APRIL, "2025-04"),
        ("2025-04 to 2025-05", APRIL, APRIL + 1, "2025-04 to 2025-05"),
        ("2025-05 to 2025-09", APRIL + 1, APRIL + 5, "2025-05 to 2025-09"),
        ("2025Q2 to 2026Q1", APRIL, APRIL + 11, "2025Q2 to 2026Q1"),
        ("2025Q2 to 2025Q2", APRIL, APRIL + 2, "2025Q2"),
        ("Q1 2025/26 to Q4 2025/26", APRIL, APRIL + 11, "2025Q2 to 2026Q1"),
        ("2025Q2  to  2025-09", APRIL, APRIL + 5, "2025Q2 to 2025Q3"),
        ("2025-04 to 2025Q3", APRIL, APRIL + 5, "2025Q2 to 2025Q3"),
    ],
)
def test_a_period_is_a_run_of_whole_months(text: str, first: int, last: int, written: str) -> None:
    period = Period.parse(text)
    assert (period.first_month, period.last_month, str(period)) == (first, last, written)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a period; expected a month (2025-04), a quarter"),
        ("April 2025", "'April 2025' is not a period"),
        ("2025", "'2025' is not a period"),
        ("2025/26", "'2025/26' is not a period"),
        ("2025-4", "'2025-4' is not a period"),
        ("2025-04-01", "'2025-04-01' is not a period"),
        ("2025-00", "'2025-00' has no such month"),
        ("2025-13", "'2025-13' has no such month"),
        ("2025Q5", "'2025Q5' is not a period"),
        ("2025Q2to2025Q3", "'2025Q2to2025Q3' is not a period"),
        ("2025Q2 to ", "is not a period"),
        (" to 2025Q2", "is not a period"),
        ("2025Q1 to 2025Q2 to 2025Q3", "'2025Q2 to 2025Q3' is not a period"),
        ("2025Q2 to soon", "'soon' is not a period"),
        ("2025Q3 to 2025Q2", "'2025Q3 to 2025Q2' ends before it begins"),
        ("2025-05 to 2025-04", "'2025-05 to 2025-04' ends before it begins"),
        ("Q1 2025", "could be two quarters"),
        ("Q1 2025/27", "is not a period"),
    ],
)
def test_what_is_no_period_is_refused_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(InvalidPeriodError) as caught:
        Period.parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("0000-01 to 0000-03", "0000-01"),
        ("2025Q1 to 9999-12", "9999-12"),
        ("0000-01", "0000-01"),
        ("1000-12", "1000-12"),
        ("9999-01", "9999-01"),
    ],
)
def test_a_year_far_away_is_refused(text: str, year: str) -> None:
    with pytest.raises(InvalidPeriodError) as caught:
        Period.parse(text)
    assert str(caught.value) == f"'{year}' is not between the years 1001 and 9998"


@pytest.mark.parametrize("text", ["1000Q4", "9999Q1", "0001Q1 to 2025Q2", "2025Q1 to 9999Q4"])
def test_a_quarter_of_a_year_far_away_is_refused(text: str) -> None:
    with pytest.raises(InvalidPeriodError):
        Period.parse(text)


@pytest.mark.parametrize("text", ["1001-01", "9998-12", "1001Q1", "9998Q4", "1001-01 to 9998-12"])
def test_a_period_at_the_end_of_the_years_can_be_read_and_written(text: str) -> None:
    period = Period.parse(text)
    assert Period.parse(str(period)) == period
    assert period.label


def test_a_period_that_is_refused_is_a_value_error() -> None:
    assert issubclass(InvalidPeriodError, ValueError)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2025-04", "April 2025"),
        ("2025-12", "December 2025"),
        ("Q1 2025/26", "2025Q2"),
        ("2025Q2 to 2026Q1", "2025Q2 to 2026Q1"),
    ],
)
def test_a_label_spells_months_out(text: str, label: str) -> None:
    assert Period.parse(text).label == label


@pytest.mark.parametrize(("text", "is_month"), [("2025-04", True), ("2025Q2", False)])
def test_a_single_month_is_a_month(text: str, is_month: bool) -> None:
    assert Period.parse(text).is_month is is_month


@many(40)
@given(quarters)
def test_a_quarter_is_its_three_months(quarter: Quarter) -> None:
    period = Period.of_quarter(quarter)
    assert period == Period.parse(str(quarter)) == Period.parse(quarter.nhs_label)
    assert (period.first_month, period.last_month) == (quarter.first_month, quarter.last_month)
    assert period == Period.parse(f"{quarter.months[0]} to {quarter.months[2]}")


@many(40)
@given(months, st.integers(0, 40))
def test_every_period_is_read_as_it_is_written(first: int, length: int) -> None:
    period = Period(first, first + length)
    assert Period.parse(str(period)) == period


def test_periods_are_ordered_by_their_first_month_and_cannot_be_changed() -> None:
    texts = ["2025Q2", "2025-04", "2025-05", "2024Q4 to 2025Q4"]
    assert [str(period) for period in sorted(map(Period.parse, texts))] == [
        "2024Q4 to 2025Q4",
        "2025-04",
        "2025Q2",
        "2025-05",
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Period.parse("2025-04").first_month = 0  # type: ignore[misc]
