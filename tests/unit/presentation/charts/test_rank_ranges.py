"""Rank ranges: ranks, likely ends, labels and the axis of ranks."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nhs_league.presentation.charts.drawing import compiled, inline_svg
from nhs_league.presentation.charts.palette import ACCENT, FAINT, MUTED, SEGMENTS
from nhs_league.presentation.charts.rank_ranges import (
    RankRange,
    rank_ranges_chart,
    rank_strip_svg,
    segments_key_chart,
)
from tests.drawn_pictures import SVG, Chart


def chart_of(svg: str) -> Chart:
    return Chart(ElementTree.fromstring(svg)[0][0][0][0])


def drawn(rows: list[RankRange], rank_of: int, **more: int) -> Chart:
    return chart_of(inline_svg(compiled(rank_ranges_chart(rows, rank_of, **more)), ""))


def test_ranks_and_likely_ends_are_on_one_scale() -> None:
    rows = [
        RankRange("AA1", 1, 1, 3, 1),
        RankRange("AA2", 2, None, None, None),
        RankRange("AA3", 2, 2, 4, 6),
    ]
    chart = drawn(rows, 4)
    assert chart.dots == [
        (0, 7.5, SEGMENTS[0]),
        (100, 22.5, MUTED),
        (100, 37.5, SEGMENTS[3]),
    ]
    assert chart.bars(stroke=FAINT) == [((0, 7.5), (200, 7.5)), ((100, 37.5), (300, 37.5))]
    wide = drawn(rows, 4, width=600)
    assert [x for x, _, _ in wide.dots] == [0, 200, 200]


@pytest.mark.parametrize(
    ("rank_of", "ticks"),
    [
        (1, [1]),
        (2, [1, 2]),
        (3, [1, 2, 3]),
        (7, [1, 2, 3, 4, 5, 6, 7]),
        (10, [1, 2, 4, 6, 8, 10]),
        (14, [1, 2, 4, 6, 8, 10, 12, 14]),
        (61, [1, 10, 20, 30, 40, 50, 60]),
        (134, [1, 20, 40, 60, 80, 100, 120]),
        (205, [1, 50, 100, 150, 200]),
        (5000, [1, 1000, 2000, 3000, 4000, 5000]),
    ],
)
def test_the_axis_has_the_first_rank_and_round_ones(rank_of: int, ticks: list[int]) -> None:
    chart = drawn([RankRange("AA1", 1, 1, 1, 1)], rank_of)
    numbers = [(mark.text, mark.x) for mark in chart.texts() if mark.text[0].isdigit()]
    # A label may give way to its neighbour; the lines of the grid are all there.
    assert {text for text, _ in numbers} <= {f"{tick}" for tick in ticks}
    assert numbers[0][0] == "1"
    lines = [m for m in chart.marks if m.tag == "line" and m.has(**{"stroke-opacity": "0.5"})]
    grid = sorted(mark.x - 0.5 for mark in lines)
    span = max(rank_of, 2) - 1
    assert grid == pytest.approx([300 * (tick - 1) / span for tick in ticks], abs=0.51)


@pytest.mark.parametrize(
    ("label", "shown"),
    [("x" * 60, "x" * 60), ("x" * 61, "x" * 59 + "\u2026"), ("<b> & \x0b", "<b> & ")],
)
def test_long_labels_are_cut(label: str, shown: str) -> None:
    [text] = drawn([RankRange(label, 1, 1, 1, 1)], 9).texts(**{"text-anchor": "end"})[-1:]
    assert text.text.rstrip() == shown.rstrip()
    assert text.x == -10


def test_the_key_names_segments_in_their_colours() -> None:
    chart = chart_of(inline_svg(compiled(segments_key_chart([1, 4, 5, None])), ""))
    assert [(mark.text, mark.element.get("fill"), mark.x) for mark in chart.texts()] == [
        ("Segment 1", SEGMENTS[0], 0),
        ("Segment 4", SEGMENTS[3], 76),
        ("Segment 5", SEGMENTS[3], 152),
        ("No segment", MUTED, 228),
    ]


@pytest.mark.parametrize(
    ("row", "rank_of", "own", "likely"),
    [
        (RankRange("AA1", 3, 1, 8, 1), 15, 80, (0, 280)),
        (RankRange("AA1", 1, None, None, 1), 8, 0, None),
        (RankRange("AA1", 1, 1, 1, 1), 1, 0, (0, 0)),
        (RankRange("AA1", 8, 8, 8, 1), 8, 560, (560, 560)),
    ],
)
def test_one_rank_is_on_the_line_of_all(
    row: RankRange, rank_of: int, own: float, likely: tuple[float, float] | None
) -> None:
    svg = rank_strip_svg(row, rank_of, "Rank & words")
    chart = chart_of(svg)
    assert chart.diamonds == [(own, 15)]
    wide = [mark for mark in chart.marks if mark.has(stroke=MUTED)]
    assert [
        tuple(sorted((mark.x, mark.x + float(mark.element.get("x2", 0))))) for mark in wide
    ] == ([] if likely is None else [likely])
    ends = [("1", 0), (str(rank_of), 560)]
    assert [(mark.text, mark.x) for mark in chart.texts()] == ends[: min(rank_of, 2)]
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == "Rank & words"
    assert any(path.get("fill") == ACCENT for path in root.iter(f"{SVG}path"))
