"""Cells of any text: finite numbers come through, and nothing else becomes one."""

from __future__ import annotations

import math
from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.sources.cells import MARKS
from nhs_league.sources.check_cells import observations_from_cells
from nhs_league.sources.layout import CELL_SCHEMA, FIGURES
from tests.property.settings import many
from tests.unit.sources.support import parse_numbers

numbers = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(10**15), 10**15)
spaces = st.sampled_from(["", " ", "\u00a0", "\t ", "\u2003"])
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


def number_of(text: str) -> float | None:
    value: float | None = parse_numbers([text])["number"].item()
    return value


@many(30)
@given(numbers, spaces, spaces)
def test_every_finite_number_is_read_as_it_is(number: float, before: str, after: str) -> None:
    assert number_of(f"{before}{number!r}{after}") == number


@many(30)
@given(whole)
def test_thousands_separators_do_not_change_a_number(number: int) -> None:
    assert number_of(f"{number:,}") == number


@many(30)
@given(whole)
def test_a_percent_sign_does_not_change_a_number(number: int) -> None:
    assert number_of(f"{number}%") == number_of(f"{number:,}%") == number


@many(30)
@given(st.lists(st.one_of(texts, numbers.map(repr), st.sampled_from([*MARKS, "nan", "inf", ""]))))
def test_a_cell_is_one_of_number_mark_text_and_nothing(cells: list[str]) -> None:
    read = parse_numbers(cells)
    assert len(read) == len(cells)
    for cell, seen in zip(cells, read.iter_rows(named=True), strict=True):
        kinds = [seen["number"] is not None, seen["mark"] is not None, seen["is_text"]]
        is_nothing = not cell.strip()
        assert sum(kinds) == (0 if is_nothing else 1), cell
        if seen["number"] is not None:
            assert math.isfinite(seen["number"])
        if seen["has_thousands"] or seen["has_percent"]:
            assert seen["number"] is not None


@many(30)
@given(texts)
def test_what_becomes_a_number_has_a_digit(text: str) -> None:
    if number_of(text) is not None:
        assert any(character.isdigit() for character in text)


@many(20)
@given(st.lists(texts, max_size=5), st.integers(0, 4))
def test_a_cell_is_read_the_same_whatever_stands_beside_it(others: list[str], place: int) -> None:
    cells = [*others[:place], "1,234.5", *others[place:]]
    read = parse_numbers(cells)
    assert [number_of(cell) for cell in cells] == read["number"].to_list()


figures = st.sampled_from(
    [None, "", " ", "1", " 1", "-2", "0.5", "1,000", "75%", "*", "[x]", "z", "low", "nan", "-inf"]
)
cells = st.fixed_dictionaries(
    {
        "org_code": st.sampled_from(["RAA", " RAA", "", None]),
        "metric_id": st.sampled_from(["waits", "waits ", None]),
        "period": st.sampled_from(["2025-04", "Q1 2025/26", "soon", "", None]),
        **dict.fromkeys(FIGURES, figures),
        "status": st.sampled_from([None, None, "", "reported", " Suppressed", "late"]),
        "unit": st.sampled_from([None, "days"]),
    }
)


@many(30)
@given(st.lists(cells, max_size=8))
def test_a_row_is_read_the_same_whatever_stands_beside_it(
    rows: list[dict[str, str | None]],
) -> None:
    placed = [{**row, "source_file": "a.csv", "source_row": n} for n, row in enumerate(rows, 2)]
    frame = pl.DataFrame(placed, schema=CELL_SCHEMA)
    together, findings = observations_from_cells(frame, {})
    alone = [observations_from_cells(frame[place], {}) for place in range(len(rows))]
    assert together.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert together.equals(pl.concat([together.clear(), *(one for one, _ in alone)]))
    assert Counter(findings) == Counter(finding for _, found in alone for finding in found)
