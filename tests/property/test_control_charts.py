"""Control charts are those of a plain reading of the rules, whatever the series."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.analysis.control_charts import control_chart
from tests.property.settings import many

NUMBERS = st.integers(0, 1000)
SERIES = st.one_of(
    st.lists(NUMBERS, min_size=2, max_size=60),
    st.lists(st.integers(0, 3), min_size=2, max_size=60),
    # Wanderings, which have trends and shifts.
    st.lists(st.integers(-1, 3), min_size=2, max_size=60).map(lambda steps: [*accumulate(steps)]),
    st.lists(st.integers(-40, 40), min_size=2, max_size=60).map(
        lambda steps: [*accumulate(steps, initial=500)]
    ),
)

Marks = list[tuple[str, ...]]


def oracle(values: list[int]) -> tuple[Fraction, Fraction, Marks, list[set[int]]]:
    """Give mean, average moving range, each point's rules, and which ways these point."""
    count = len(values)
    mean = Fraction(sum(values), count)
    average_range = Fraction(sum(abs(b - a) for a, b in pairwise(values)), count - 1)
    limit = Fraction(266, 100) * average_range
    rules: list[set[str]] = [set() for _ in values]
    ways: list[set[int]] = [set() for _ in values]
    side = [(value > mean) - (value < mean) for value in values]
    near = [abs(value - mean) > limit * 2 / 3 for value in values]

    def mark(at: int, rule: str, way: int) -> None:
        rules[at].add(rule)
        ways[at].add(way)

    for at, value in enumerate(values):
        if abs(value - mean) > limit:
            mark(at, "outside_limits", side[at])
    for way in (1, -1):
        for start in range(count - 6):
            window = range(start, start + 7)
            if all(side[at] == way for at in window):
                for at in window:
                    mark(at, "shift", way)
            if all(way * (values[at + 1] - values[at]) > 0 for at in range(start, start + 6)):
                for at in window:
                    mark(at, "trend", way)
        for start in range(count - 2):
            three = range(start, start + 3)
            if all(side[at] == way for at in three) and sum(near[at] for at in three) >= 2:
                for at in three:
                    if near[at]:
                        mark(at, "two_of_three", way)
    order = ("outside_limits", "shift", "trend", "two_of_three")
    named = [tuple(rule for rule in order if rule in found) for found in rules]
    return mean, limit, named, ways


def direction(ways: set[int], better: int) -> str | None:
    if better in ways:
        return "improvement"
    return "concern" if ways else None


@many(250)
@given(SERIES, st.booleans())
def test_a_chart_is_that_of_the_plain_rules(values: list[int], is_higher_better: bool) -> None:
    chart = control_chart(values, is_higher_better=is_higher_better)
    mean, limit, rules, ways = oracle(values)
    first = chart.row(0, named=True)
    assert first["mean"] == pytest.approx(float(mean))
    assert first["upper_limit"] == pytest.approx(float(mean + limit))
    assert first["lower_limit"] == pytest.approx(float(mean - limit), abs=1e-9)
    assert chart["rules"].to_list() == [";".join(names) or None for names in rules]
    assert chart["cause"].to_list() == ["special" if names else "common" for names in rules]
    better = 1 if is_higher_better else -1
    assert chart["direction"].to_list() == [direction(way, better) for way in ways]


MARKS = ("rules", "cause", "direction")


@many(80)
@given(SERIES, st.integers(-500, 500), st.sampled_from([0.01, 0.5, 1 / 3, 7.0, 100.0]))
def test_moving_and_stretching_a_series_keeps_its_marks(
    values: list[int], moved: int, stretched: float
) -> None:
    expected = control_chart(values).select(MARKS)
    changed = [moved + stretched * value for value in values]
    assert control_chart(changed).select(MARKS).equals(expected)


@many(80)
@given(SERIES)
def test_turning_a_series_over_is_turning_its_polarity(values: list[int]) -> None:
    turned = control_chart([-value for value in values], is_higher_better=False)
    assert turned.select(MARKS).equals(control_chart(values).select(MARKS))


@many(60)
@given(SERIES)
def test_backwards_the_same_points_are_special(values: list[int]) -> None:
    backwards = control_chart(values[::-1]).select("rules", "cause").reverse()
    assert backwards.equals(control_chart(values).select("rules", "cause"))


@many(60)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40))
def test_a_series_with_arithmetic_noise_is_the_series(values: list[int]) -> None:
    noisy = [value + (1e-12 if at % 2 else -1e-12) for at, value in enumerate(values)]
    assert control_chart(noisy).select(MARKS).equals(control_chart(values).select(MARKS))
    assert isinstance(control_chart(pl.Series(values)), pl.DataFrame)
