from __future__ import annotations

import pytest

from nhs_league.presentation.charts.slopes import Slopes, SlopesDrawing, own_rows
from tests.site_pages import Mark, marks, parsed

ACCENT, FAINT = "#00508c", "#b9c3cc"


def drawn(slopes: Slopes, own: tuple[float | None, ...] | None = None) -> list[Mark]:
    return marks(parsed(SlopesDrawing(slopes).svg("Words", own)).first("svg"))


def test_a_gap_parts_a_line() -> None:
    lines = ((1.0, 2.0, 3.0), (2.0, None, 2.0), (None, 3.0, 1.0), (None, None, None))
    [faint] = [
        mark
        for mark in drawn(Slopes(("2025Q1", "2025Q2", "2025Q3"), lines, 1.0, 4.0, 2))
        if mark.tag == "path" and mark.stroke == FAINT
    ]
    assert len(faint.pieces) == 3


@pytest.mark.parametrize(("best", "worst"), [(1.0, 4.0), (4.0, 1.0)])
def test_the_best_is_at_the_top(best: float, worst: float) -> None:
    slopes = Slopes(("2025Q1", "2025Q2"), ((1.0, 4.0),), best, worst, 2)
    first, second = (m for m in drawn(slopes, (1.0, 4.0)) if m.tag == "path" and m.fill == ACCENT)
    assert (first.y < second.y) == (best == 1.0)


def test_the_marked_line_has_its_averages_in_words() -> None:
    slopes = Slopes(("2025Q1", "2025Q2"), ((1.0, 2.345),), 1.0, 4.0, 2)
    assert [row["text"] for row in own_rows(slopes, (None, 2.345))] == ["", "2.35"]
    assert "2.35" in [mark.text for mark in drawn(slopes, (None, 2.345))]
    assert "2.35" not in [mark.text for mark in drawn(slopes)]


def test_averages_that_are_all_the_same_lie_level() -> None:
    slopes = Slopes(("2025Q1", "2025Q2"), ((2.0, 2.0),), 1.0, 4.0, 2)
    first, second = (m for m in drawn(slopes, (2.0, 2.0)) if m.tag == "path" and m.fill == ACCENT)
    assert first.y == second.y
