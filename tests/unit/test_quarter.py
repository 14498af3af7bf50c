"""Quarters: every spelling that is read, every spelling that is written, and the arithmetic."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nhs_league.errors import UsageError
from nhs_league.quarter import InvalidQuarterError, Quarter, month_label, month_text

quarters = st.builds(Quarter, st.integers(1001, 9998), st.integers(1, 4))
steps = st.integers(-200, 200)
quarters_with_room_to_step = st.builds(Quarter, st.integers(1051, 9948), st.integers(1, 4))


@pytest.mark.parametrize(
    "text",
    [
        "2025Q2",
        "2025-Q2",
        "2025q2",
        "2025-q2",
        "  2025Q2\n",
        "Q1 2025/26",
        "q1 2025/26",
        "Q1 2025-26",
        "Q1 2025/2026",
        "Q1, 2025/26",
        "Q1   2025/26",
        "2025/26 Q1",
        "2025/26 q1",
        "2025/26Q1",
        "2025/26,  Q1",
        "2025/2026 Q1",
        "2025-26Q1",
        "2025-26 Q1",
        "2025-26-Q1",
        "\t2025/26\tQ1 ",
    ],
)
def test_every_accepted_spelling_reads_as_the_same_quarter(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2025, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q1 2025/26", Quarter(2025, 2)),
        ("Q2 2025/26", Quarter(2025, 3)),
        ("Q3 2025/26", Quarter(2025, 4)),
        ("Q4 2025/26", Quarter(2026, 1)),
        ("2025-26Q4", Quarter(2026, 1)),
        ("2025Q4", Quarter(2025, 4)),
    ],
)
def test_the_nhs_year_starts_in_april_and_its_fourth_quarter_is_in_the_next_year(
    text: str, expected: Quarter
) -> None:
    assert Quarter.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q1 1999/00", Quarter(1999, 2)),
        ("1999/00 Q4", Quarter(2000, 1)),
        ("Q4 1999/2000", Quarter(2000, 1)),
        ("2009/10 Q3", Quarter(2009, 4)),
    ],
)
def test_an_nhs_year_may_end_a_century_or_a_decade(text: str, expected: Quarter) -> None:
    assert Quarter.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Q1 2025",
            "'Q1 2025' could be two quarters: "
            "write 2025Q1 for January to March 2025 (Q4 2024/25), "
            "or 'Q1 2025/26' for April to June 2025 (Q1 2025/26)",
        ),
        (
            "2025 q4",
            "'2025 q4' could be two quarters: "
            "write 2025Q4 for October to December 2025 (Q3 2025/26), "
            "or 'Q4 2025/26' for January to March 2026 (Q4 2025/26)",
        ),
    ],
)
def test_an_ambiguous_spelling_is_refused_with_both_readings(text: str, message: str) -> None:
    with pytest.raises(InvalidQuarterError) as caught:
        Quarter.parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize("text", ["Q2 2025", "q2 2025", "Q2/2025", "Q2-2025", "2025 Q2", "2025/Q2"])
def test_a_single_year_beside_a_loose_quarter_is_ambiguous(text: str) -> None:
    with pytest.raises(InvalidQuarterError, match="could be two quarters: write 2025Q2 for"):
        Quarter.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Q1 2025/27", "'Q1 2025/27' is not an NHS year: 2025 is followed by 26, not 27"),
        ("2025/25 Q1", "'2025/25 Q1' is not an NHS year: 2025 is followed by 26, not 25"),
        ("Q1 2025/2027", "'Q1 2025/2027' is not an NHS year: 2025 is followed by 26, not 2027"),
        ("Q1 1999/01", "'Q1 1999/01' is not an NHS year: 1999 is followed by 00, not 01"),
        ("2025Q5", "there is no quarter 5: quarters are 1 to 4"),
        ("2025Q0", "there is no quarter 0: quarters are 1 to 4"),
        ("Q5 2025/26", "there is no quarter 5: quarters are 1 to 4"),
        ("2025/26 Q0", "there is no quarter 0: quarters are 1 to 4"),
        ("0000Q1", "0 is not a year between 1001 and 9998"),
        ("1000Q4", "1000 is not a year between 1001 and 9998"),
        ("9999Q1", "9999 is not a year between 1001 and 9998"),
    ],
)
def test_an_impossible_quarter_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidQuarterError) as caught:
        Quarter.parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    ["", "  ", "2025", "June 2025", "Q1", "25Q2", "2025Q2x", "2025Q02", "2025Q12", "2025-06"],
)
def test_anything_else_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(InvalidQuarterError) as caught:
        Quarter.parse(text)
    assert caught.value.message == (
        f"{text!r} is not a quarter; expected a calendar quarter such as 2025Q2, "
        "or an NHS quarter such as 'Q1 2025/26'"
    )


def test_a_refused_quarter_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        Quarter.parse("nonsense")


@pytest.mark.parametrize("number", [-1, 0, 5])
def test_a_quarter_cannot_be_made_with_another_number(number: int) -> None:
    with pytest.raises(InvalidQuarterError, match=f"^there is no quarter {number}: "):
        Quarter(2025, number)


@pytest.mark.parametrize("year", [-1, 0, 1000, 9999])
def test_a_quarter_cannot_be_made_with_a_year_out_of_range(year: int) -> None:
    with pytest.raises(InvalidQuarterError, match=f"^{year} is not a year between 1001 and 9998$"):
        Quarter(year, 1)


@pytest.mark.parametrize(
    ("quarter", "calendar", "nhs", "long"),
    [
        (Quarter(2025, 1), "2025Q1", "Q4 2024/25", "January to March 2025 (Q4 2024/25)"),
        (Quarter(2025, 2), "2025Q2", "Q1 2025/26", "April to June 2025 (Q1 2025/26)"),
        (Quarter(2025, 3), "2025Q3", "Q2 2025/26", "July to September 2025 (Q2 2025/26)"),
        (Quarter(2025, 4), "2025Q4", "Q3 2025/26", "October to December 2025 (Q3 2025/26)"),
        (Quarter(1999, 2), "1999Q2", "Q1 1999/00", "April to June 1999 (Q1 1999/00)"),
        (Quarter(2000, 1), "2000Q1", "Q4 1999/00", "January to March 2000 (Q4 1999/00)"),
    ],
)
def test_a_quarter_is_written_in_three_ways(
    quarter: Quarter, calendar: str, nhs: str, long: str
) -> None:
    assert (str(quarter), quarter.nhs_label, quarter.long_label) == (calendar, nhs, long)


def test_quarters_sort_in_time_order() -> None:
    shuffled = [Quarter(2025, 2), Quarter(2024, 4), Quarter(2025, 1), Quarter(2024, 1)]
    assert sorted(shuffled) == [
        Quarter(2024, 1),
        Quarter(2024, 4),
        Quarter(2025, 1),
        Quarter(2025, 2),
    ]


@pytest.mark.parametrize(
    ("start", "step", "expected"),
    [
        (Quarter(2025, 2), 0, Quarter(2025, 2)),
        (Quarter(2025, 2), 1, Quarter(2025, 3)),
        (Quarter(2025, 4), 1, Quarter(2026, 1)),
        (Quarter(2025, 2), 4, Quarter(2026, 2)),
        (Quarter(2025, 2), 7, Quarter(2027, 1)),
        (Quarter(2025, 1), -1, Quarter(2024, 4)),
        (Quarter(2025, 2), -6, Quarter(2023, 4)),
    ],
)
def test_steps_are_added_and_subtracted_across_years(
    start: Quarter, step: int, expected: Quarter
) -> None:
    assert start + step == expected
    assert start - -step == expected


def test_a_step_before_the_first_year_is_refused() -> None:
    with pytest.raises(InvalidQuarterError, match=r"^1000 is not a year between 1001 and 9998$"):
        Quarter(1001, 1) - 1


@pytest.mark.parametrize(
    ("quarter", "months"),
    [
        (Quarter(2025, 1), ("2025-01", "2025-02", "2025-03")),
        (Quarter(2025, 2), ("2025-04", "2025-05", "2025-06")),
        (Quarter(2025, 4), ("2025-10", "2025-11", "2025-12")),
    ],
)
def test_a_quarter_lists_its_three_months(quarter: Quarter, months: tuple[str, str, str]) -> None:
    assert quarter.months == months


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [
        (Quarter(2025, 1), 24300, 24302),
        (Quarter(2025, 2), 24303, 24305),
        (Quarter(2025, 4), 24309, 24311),
    ],
)
def test_months_are_counted_from_year_0(quarter: Quarter, first: int, last: int) -> None:
    assert (quarter.first_month, quarter.last_month) == (first, last)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (24300, Quarter(2025, 1)),
        (24302, Quarter(2025, 1)),
        (24303, Quarter(2025, 2)),
        (24305, Quarter(2025, 2)),
        (24311, Quarter(2025, 4)),
        (24312, Quarter(2026, 1)),
    ],
)
def test_a_month_belongs_to_one_quarter(month: int, expected: Quarter) -> None:
    assert Quarter.of_month(month) == expected


@pytest.mark.parametrize(
    ("month", "text", "label"),
    [
        (24300, "2025-01", "January 2025"),
        (24303, "2025-04", "April 2025"),
        (24311, "2025-12", "December 2025"),
    ],
)
def test_a_month_is_written_as_text_and_as_a_label(month: int, text: str, label: str) -> None:
    assert (month_text(month), month_label(month)) == (text, label)


def test_the_last_year_is_one_before_the_last_of_four_digits() -> None:
    assert str(Quarter.parse("9998Q4")) == "9998Q4"


def test_a_quarter_cannot_be_changed_and_serves_as_a_key() -> None:
    quarter = Quarter(2025, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        quarter.year = 2026  # type: ignore[misc]
    assert {quarter: "here"}[Quarter.parse("Q1 2025/26")] == "here"


@given(quarters)
def test_what_is_written_is_read_back(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.parse(quarter.nhs_label) == quarter


@given(quarters_with_room_to_step, steps)
def test_adding_then_subtracting_returns_to_the_start(quarter: Quarter, step: int) -> None:
    assert (quarter + step) - step == quarter


@given(quarters_with_room_to_step, steps)
def test_a_step_forward_is_later_and_three_months_on(quarter: Quarter, step: int) -> None:
    assume(step != 0)
    moved = quarter + step
    assert (moved > quarter) is (step > 0)
    assert moved.first_month - quarter.first_month == 3 * step


@given(quarters)
def test_every_month_of_a_quarter_belongs_to_it(quarter: Quarter) -> None:
    months = range(quarter.first_month, quarter.last_month + 1)
    assert {Quarter.of_month(month) for month in months} == {quarter}
    assert tuple(month_text(month) for month in months) == quarter.months


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        quarter = Quarter.parse(text)
    except InvalidQuarterError:
        return
    assert Quarter.parse(quarter.nhs_label) == quarter
