from __future__ import annotations

from nhs_league.presentation.charts.segment_map import Average, SegmentMap


def test_averages_within_a_dot_are_stacked_best_segment_lowest() -> None:
    averages = (
        Average("CC", 2.01, 3),
        Average("BB", 2.00, 1),
        Average("AA", 2.00, 1),
        Average("DD", 2.03, 1),
        Average("EE", 1.00, None),
    )
    placed = SegmentMap(averages, (), 1.0, 4.0).stacked()
    # A dot takes 6 of 600 pixels, 0.03 of the scale: 2.00 is nearest to column 33, at 1.99, and
    # 2.01 and 2.03 to column 34, at 2.02.
    assert [(one.org_code, round(x, 2), height) for one, x, height in placed] == [
        ("EE", 1.0, 0),
        ("AA", 1.99, 0),
        ("BB", 1.99, 1),
        ("DD", 2.02, 0),
        ("CC", 2.02, 1),
    ]


def test_on_a_scale_that_falls_the_best_is_column_0() -> None:
    placed = SegmentMap((Average("AA", 10.0, 1), Average("BB", 0.0, 4)), (), 10.0, 0.0).stacked()
    assert [(one.org_code, x, height) for one, x, height in placed] == [
        ("AA", 10.0, 0),
        ("BB", 0.0, 0),
    ]


def test_every_average_is_placed_within_half_a_dot() -> None:
    averages = tuple(Average(f"T{at:03}", 1 + at / 100, at % 4 + 1) for at in range(301))
    placed = SegmentMap(averages, (), 1.0, 4.0).stacked()
    assert len({(round(x, 6), height) for _, x, height in placed}) == 301
    assert all(abs(one.average - x) <= 0.015 + 1e-9 for one, x, _ in placed)
