from __future__ import annotations

import pytest

from nhs_league.presentation.charts.strips import Strip, StripDrawing
from tests.site_pages import Node, marks, parsed


def test_values_lie_between_the_best_and_the_worst() -> None:
    strip = Strip.of([10, 20, 40, 20], None, is_higher_better=True)
    assert strip.places == (1, 0.6667, 0, 0.6667)
    assert (strip.best, strip.worst, strip.standard) == (40, 10, None)
    assert Strip.of([10, 20, 40], None, is_higher_better=False).places == (0, 0.3333, 1)


@pytest.mark.parametrize(
    ("standard", "is_higher_better", "places", "at"),
    [
        (0.0, False, (0.5, 1.0), 0.0),
        (40.0, False, (0.0, 0.3333), 1.0),
        (15.0, False, (0.0, 1.0), 0.5),
        (40.0, True, (1.0, 0.6667), 0.0),
        (0.0, True, (0.5, 0.0), 1.0),
    ],
)
def test_a_standard_beyond_the_values_is_an_end(
    standard: float, is_higher_better: bool, places: tuple[float, ...], at: float
) -> None:
    strip = Strip.of([10, 20], standard, is_higher_better=is_higher_better)
    assert (strip.places, strip.standard) == (places, at)


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0, 5.0]])
def test_equal_values_lie_in_the_middle(values: list[float]) -> None:
    assert Strip.of(values, None, is_higher_better=True).places == (0.5,) * len(values)
    assert Strip.of(values, 5.0, is_higher_better=False).standard == 0.5


def svg_of(text: str) -> Node:
    return parsed(text).first("svg")


# 300 pixels: every step of 1 is half a pixel, so that half of the marks are on the edge of two.
@pytest.mark.parametrize("own", range(0, 601, 7))
def test_a_mark_that_is_moved_stands_where_a_dot_is_drawn(own: int) -> None:
    values = [0.0, float(own), 600.0]
    drawing = StripDrawing(Strip.of(values, None, is_higher_better=False), 300.0)
    found = marks(svg_of(drawing.svg(own, "Words with 1 figure")))
    [mark] = [each for each in found if each.fill == "#00508c"]
    [others] = [each for each in found if each.tag == "path" and each.stroke == "#55636f"]
    assert mark.x in {x for x, _ in others.dots}
    assert abs(mark.x - own / 2) <= 0.5
