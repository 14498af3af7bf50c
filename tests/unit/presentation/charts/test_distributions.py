"""Distributions: a dot a value, in columns, on a scale of their own."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nhs_league.presentation.charts.distributions import distribution_chart
from nhs_league.presentation.charts.drawing import compiled, inline_svg
from tests.drawn_pictures import Chart


def drawn(
    values: list[float], standard: float | None = None, *, is_higher_better: bool = False
) -> Chart:
    chart = distribution_chart(values, standard, "percent", is_higher_better=is_higher_better)
    return Chart(ElementTree.fromstring(inline_svg(compiled(chart), ""))[0][0][0][0])


def places(chart: Chart) -> list[tuple[float, float]]:
    return [(x, chart.height - y) for x, y, _ in chart.dots]


def test_the_ends_are_a_fortieth_of_the_span_from_the_edge() -> None:
    """From 0 to 40 the scale goes from -1 to 41: 42 units on 560 pixels, columns of 0.45."""
    for is_higher_better in (False, True):
        chart = drawn([0.0, 40.0], is_higher_better=is_higher_better)
        xs = sorted(x for x, _ in places(chart))
        assert xs == pytest.approx([13.33, 546.67], abs=3.5)
        [title] = [mark.text for mark in chart.texts() if mark.text.startswith("percent")]
        assert title == "percent: left is better"
    ticks = [
        (mark.x, float(mark.text)) for mark in drawn([0.0, 40.0]).texts() if mark.text.isdigit()
    ]
    assert ticks == sorted(ticks)
    turned = drawn([0.0, 40.0], is_higher_better=True).texts()
    ticks = [(mark.x, -float(mark.text)) for mark in turned if mark.text.isdigit()]
    assert ticks == sorted(ticks)
    assert len(ticks) > 2


def test_equal_values_are_stacked_and_near_ones_stand_beside_each_other() -> None:
    chart = drawn([0.0, 10.0, 10.0, 10.0, 10.9, 40.0])
    assert chart.height == 24
    assert sorted(y for _, y in places(chart)) == [3, 3, 3, 3, 9, 15]
    columns = sorted({x for x, _ in places(chart)})
    assert len(columns) == 4
    assert columns[2] - columns[1] == 12


def test_a_high_column_makes_a_high_chart() -> None:
    chart = drawn([5.0] * 30)
    assert chart.height == 180
    assert [y for _, y in places(chart)] == [3 + 6 * level for level in reversed(range(30))]
    assert {x for x, _ in places(chart)} <= set(range(276, 285))


@pytest.mark.parametrize("standard", [-40.0, 0.0, 20.0, 80.0])
def test_the_standard_is_a_line_on_the_same_scale(standard: float) -> None:
    values = [0.0, 40.0]
    low, high = min(*values, standard), max(*values, standard)
    room = (high - low) / 40
    [line] = drawn(values, standard).lines
    assert line.x == pytest.approx(560 * (standard - low + room) / (high - low + 2 * room), abs=0.5)
    assert drawn(values).lines == []


@pytest.mark.parametrize(
    "values", [[1e9, 1e9 + 1], [-1e-6, 1e-6], [-5.0, -5.0], [0.0], [1e12], [-3.5, 0.0, 3.5]]
)
def test_any_size_of_figures_is_within_the_picture(values: list[float]) -> None:
    chart = drawn(values)
    assert len(set(places(chart))) == len(values)
    assert all(0 <= x <= 560 for x, _ in places(chart))
