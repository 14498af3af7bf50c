"""Cells: which texts are numbers, which are marks, and which are neither."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest

from nhs_league.observations import STATUSES
from nhs_league.sources.cells import MARKS, with_numbers
from tests.unit.sources.support import parse_numbers


@dataclass(frozen=True)
class Cell:
    number: float | None = None
    mark: str | None = None
    has_thousands: bool = False
    has_percent: bool = False
    is_text: bool = False


READ = ("number", "mark", "has_thousands", "has_percent", "is_text")
TEXT = Cell(is_text=True)
NOTHING = Cell()


def parse(*texts: str | None) -> list[Cell]:
    read = parse_numbers(texts)
    assert len(read) == len(texts)
    return [Cell(*row) for row in read.select(*READ).rows()]


def parse_one(text: str | None) -> Cell:
    """Read a cell alone, and among others: a column of plain numbers takes a shorter way."""
    (alone,) = parse(text)
    assert parse("7", text, "[low]", None)[1] == alone
    return alone


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("12", 12.0),
        ("007", 7.0),
        ("+5", 5.0),
        ("-5", -5.0),
        ("-0", 0.0),
        ("52.5", 52.5),
        ("-1.25", -1.25),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e5", 100_000.0),
        ("1E-3", 0.001),
        ("2.5e+2", 250.0),
        ("1e308", 1e308),
    ],
)
def test_a_plain_number_is_read(text: str, number: float) -> None:
    assert parse_one(text) == Cell(number)


@pytest.mark.parametrize("text", [" 12 ", "\t12", "12\n", "\u00a012", "12\u00a0", "\u202f12 "])
def test_spaces_around_a_number_mean_nothing_even_those_that_do_not_break(text: str) -> None:
    assert parse_one(text) == Cell(12.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("26,064", 26_064.0),
        ("1,234,567", 1_234_567.0),
        ("-1,234", -1_234.0),
        ("+1,234", 1_234.0),
        ("1,234.50", 1_234.5),
        (" 999,999 ", 999_999.0),
    ],
)
def test_thousands_separators_are_taken_out_and_marked(text: str, number: float) -> None:
    assert parse_one(text) == Cell(number, has_thousands=True)


@pytest.mark.parametrize(
    "text", ["1,23,4", "12,34", "1234,567", ",123", "1,", "1,,234", "1,234,56", "1.234,567"]
)
def test_commas_that_do_not_part_thousands_are_refused(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize("text", ["0,123", "-0,125", "+0,125", "00,123", "0,123%", "012,345"])
def test_a_decimal_comma_is_refused_not_read_as_thousands(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize(
    ("text", "number"), [("75.90%", 75.9), ("75.90 %", 75.9), ("-3%", -3.0), ("100%", 100.0)]
)
def test_a_percent_sign_is_dropped_and_marked(text: str, number: float) -> None:
    assert parse_one(text) == Cell(number, has_percent=True)


@pytest.mark.parametrize("text", ["26,064%", "26,064 %", " 26,064% ", "26,064\t%"])
def test_a_percentage_can_have_thousands_separators(text: str) -> None:
    assert parse_one(text) == Cell(26_064.0, has_thousands=True, has_percent=True)


@pytest.mark.parametrize("text", ["%", "%5", "5%%", "5 % %"])
def test_a_percent_sign_out_of_place_is_text(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "NAN", "-nan", "inf", "-inf", "Infinity", "-Infinity", "INF", "1e400"]
)
def test_what_is_not_finite_is_text(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize("text", ["nan%", "inf%", "1e400%"])
def test_what_is_not_finite_is_no_percentage(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "[low]",
        "low",
        "abc",
        "12 abc",
        "1 000",
        "1_000",
        "0x10",
        "--5",
        "(5)",
        "£5",
        "1.2.3",
        "5e",
        "True",
        "**",
        "#N/A",
        "#DIV/0!",
    ],
)
def test_other_texts_are_text_and_never_a_number(text: str) -> None:
    assert parse_one(text) == TEXT


@pytest.mark.parametrize("text", [None, "", " ", "\t", "\u00a0", "\u00a0 \n"])
def test_a_null_or_blank_cell_is_nothing_at_all(text: str | None) -> None:
    assert parse_one(text) == NOTHING


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_mark_states_a_status_in_any_case_and_with_spaces(mark: str) -> None:
    expected = Cell(mark=MARKS[mark])
    for text in (mark, mark.upper(), mark.title(), f"  {mark}\u00a0"):
        assert parse_one(text) == expected, text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("*", "suppressed"),
        ("[C]", "suppressed"),
        ("-", "not_submitted"),
        ("[x]", "not_submitted"),
        ("N/A", "not_applicable"),
        ("Not Applicable", "not_applicable"),
        ("[z]", "not_applicable"),
    ],
)
def test_the_marks_of_government_statistics_mean_what_they_mean_there(
    text: str, status: str
) -> None:
    assert parse_one(text).mark == status


def test_marks_are_in_lower_case_and_state_known_statuses_of_no_figure() -> None:
    assert all(mark == mark.strip().lower() for mark in MARKS)
    assert set(MARKS.values()) == set(STATUSES) - {"reported"}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_column_of_nothing_keeps_its_length(count: int) -> None:
    assert parse(*[None] * count) == [NOTHING] * count


def test_cells_are_read_one_by_one_in_their_order() -> None:
    assert parse("1", "*", None, "1,000", "2%", "x", "") == [
        Cell(1.0),
        Cell(mark="suppressed"),
        NOTHING,
        Cell(1000.0, has_thousands=True),
        Cell(2.0, has_percent=True),
        TEXT,
        NOTHING,
    ]


ADDED = {"mark:a", "has_thousands:a", "has_percent:a", "is_text:a"}


@pytest.mark.parametrize("texts", [[], [None, None], ["1", "-2.5", "1e3", None]])
def test_a_column_of_plain_numbers_gains_only_its_cells(texts: list[str | None]) -> None:
    read = with_numbers(pl.DataFrame({"a": texts}, schema={"a": pl.String}), ["a"])
    assert set(read.columns) == {"a", "cell:a"}
    assert (read["a"].dtype, read["cell:a"].to_list()) == (pl.Float64, texts)


@pytest.mark.parametrize("text", ["1,000", "5%", "*", "low", "nan", ""])
def test_a_column_of_anything_else_gains_what_is_said_of_it(text: str) -> None:
    frame = pl.DataFrame({"a": ["1", None, text], "b": ["1", "2", None], "c": ["x", "y", "z"]})
    read = with_numbers(frame, ["a", "b"])
    assert set(read.columns) == {"a", "cell:a", *ADDED, "b", "cell:b", "c"}
    assert read["cell:a"].to_list() == ["1", None, text]
    assert read["c"].to_list() == ["x", "y", "z"]
