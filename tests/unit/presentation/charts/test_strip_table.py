"""Strips below each other: places, labels and what is left out."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nhs_league.presentation.charts.drawing import compiled, inline_svg
from nhs_league.presentation.charts.strip_table import StripRow, strip_table_chart
from nhs_league.presentation.charts.strips import Strip
from tests.drawn_pictures import Chart

VALUES = (10.0, 20.0, 20.0, 50.0)


def drawn(*rows: StripRow) -> Chart:
    svg = inline_svg(compiled(strip_table_chart(rows)), "")
    return Chart(ElementTree.fromstring(svg)[0][0][0][0])


def row(
    own: float = 20.0,
    *,
    values: tuple[float, ...] = VALUES,
    standard: float | None = None,
    median: float | None = None,
    is_higher_better: bool = False,
    label: str = "Metric",
    told: str = "20%",
) -> StripRow:
    strip = Strip.of(values, standard, is_higher_better=is_higher_better)
    return StripRow(label, told, strip, own, median)


def test_each_row_has_its_dots_once_and_its_own_value_from_best_to_worst() -> None:
    chart = drawn(row(), row(50.0, is_higher_better=True))
    assert [(x, y) for x, y, _ in chart.dots] == [
        (0, 12),
        (0, 36),
        (95, 12),
        (285, 36),
        (380, 12),
        (380, 36),
    ]
    assert chart.diamonds == [(95, 12), (0, 36)]
    assert chart.bars(stroke="#b9c3cc") == [((0, 12), (380, 12)), ((0, 36), (380, 36))]
    assert chart.bars(stroke="#16202a") == []


def test_the_standard_is_solid_the_median_dashed_and_each_only_where_there_is_one() -> None:
    chart = drawn(row(standard=0.0), row(median=30.0), row(standard=90.0, median=30.0))
    solid = [
        piece
        for mark in chart.marks
        if mark.has(stroke="#16202a") and mark.element.get("stroke-dasharray") is None
        for piece in mark.pieces
    ]
    assert flat(solid) == pytest.approx([0, 3.36, 0, 20.64, 380, 51.36, 380, 68.64])
    dashed = chart.bars(**{"stroke-dasharray": "2,2"})
    assert flat(dashed) == pytest.approx([190, 27.36, 190, 44.64, 95, 51.36, 95, 68.64])
    assert [x for x, _ in chart.diamonds] == pytest.approx([152, 95, 47.5], abs=0.02)


def flat(pieces: list[tuple[tuple[float, float], tuple[float, float]]]) -> list[float]:
    return [number for piece in pieces for place in piece for number in place]


@pytest.mark.parametrize("values", [(7.0,), (7.0, 7.0, 7.0)])
def test_one_value_or_equal_ones_are_in_the_middle(values: tuple[float, ...]) -> None:
    chart = drawn(row(7.0, values=values, standard=7.0, median=7.0))
    assert [(x, y) for x, y, _ in chart.dots] == [(190, 12)]
    assert chart.diamonds == [(190, 12)]
    assert {start[0] for start, _ in chart.bars(stroke="#16202a")} == {190}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 63 + "\u2026"),
        ("<script>&\"'", "<script>&\"'"),
        ("a\x0bb", "ab"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_labels_are_at_the_left_and_values_at_the_right(text: str, shown: str) -> None:
    chart = drawn(row(label=text, told="1"), row(label="other", told=text))
    assert [(mark.text, mark.x, mark.y) for mark in chart.texts(**{"text-anchor": "end"})] == [
        (shown, -12, 16),
        ("other", -12, 40),
    ]
    others = [mark for mark in chart.texts() if not mark.has(**{"text-anchor": "end"})]
    assert [(mark.text, mark.x, mark.y) for mark in others] == [("1", 392, 16), (shown, 392, 40)]
