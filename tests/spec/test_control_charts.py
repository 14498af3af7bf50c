"""Control charts: limits and rules worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nhs_league.analysis.control_charts import (
    CHART_SCHEMA,
    CONTROL_SCHEMA,
    MISSING_SCHEMA,
    TOO_FEW_SCHEMA,
    ControlCharts,
    control_chart,
    control_charts,
)
from nhs_league.presentation.control_charts import control_chart_blocks
from nhs_league.presentation.document import Heading, Items
from nhs_league.quarter import Quarter, month_text
from tests.support import built, framework, metric, observations

JANUARY = 12 * 2024
STEADY = (10, 12, 11, 13, 10, 12, 11, 13, 12, 10, 11, 13)


def marked(values: Sequence[float], rule: str) -> list[int]:
    """List the places of the points that are part of a rule."""
    rules = control_chart(values)["rules"].fill_null("").str.split(";")
    return [at for at, names in enumerate(rules.to_list()) if rule in names]


def directions(values: Sequence[float], *, is_higher_better: bool = True) -> list[str | None]:
    return control_chart(values, is_higher_better=is_higher_better)["direction"].to_list()


def test_limits_are_2_66_average_moving_ranges_from_the_mean() -> None:
    # By hand: the values add up to 138; the changes are 2 1 2 3 2 1 2 1 2 1 2, which make 19.
    chart = control_chart(STEADY)
    assert chart["mean"].unique().to_list() == [138 / 12]
    assert chart["upper_limit"][0] == pytest.approx(11.5 + 2.66 * 19 / 11)
    assert chart["upper_limit"][0] == pytest.approx(16.0945454545)
    assert chart["lower_limit"][0] == pytest.approx(6.9054545455)
    assert chart["cause"].unique().to_list() == ["common"]
    assert chart["rules"].null_count() == chart["direction"].null_count() == 12


def test_an_outlying_change_counts_towards_the_limits_too() -> None:
    # 32 / 17 is the average change with 8 and 9 in it; NHSRplotthedots would screen these out.
    values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    chart = control_chart(values)
    assert chart["upper_limit"][0] == pytest.approx(35 / 18 + 2.66 * 32 / 17)
    assert marked(values, "outside_limits") == [4]


def on_the_limit() -> list[float]:
    """Make a series whose one high point is exactly at the upper limit.

    Of 15 points the others alternate between 1 and -1 around x: 7 of 1, 7 of -1, whose changes
    beside the two to x are 12 of 2. So x = x / 15 + 2.66 (24 + 2 (x + 1)) / 14.
    """
    x = 2.66 * 26 / 14 / (1 - 1 / 15 - 2.66 * 2 / 14)
    return [1, -1, 1, -1, 1, -1, 1, -1, x, -1, 1, -1, 1, -1, 1]


def test_a_point_on_the_limit_is_within_it() -> None:
    values = on_the_limit()
    assert [values.count(1), values.count(-1)] == [7, 7]
    assert control_chart(values)["upper_limit"][0] == pytest.approx(values[8])
    assert marked(values, "outside_limits") == []
    values[8] += 0.01
    assert marked(values, "outside_limits") == [8]
    assert marked([-value for value in values], "outside_limits") == [8]


def test_seven_on_one_side_of_the_mean_are_a_shift_and_six_are_not() -> None:
    assert marked([11] * 7 + [9] * 7, "shift") == list(range(14))
    assert marked([11] * 6 + [9] * 6, "shift") == []
    assert marked([11, 9] * 3 + [11] * 7 + [9, 9, 9, 11, 9, 9, 9, 9, 9], "shift") == list(
        range(6, 13)
    )


def test_a_point_on_the_mean_ends_a_shift() -> None:
    assert marked([11] * 4 + [10] + [11] * 3 + [9] * 3 + [10] + [9] * 4, "shift") == []


def test_seven_that_each_rise_or_each_fall_are_a_trend_and_six_are_not() -> None:
    tail = [4, 6, 3, 5, 4, 6]
    assert marked([1, 2, 3, 4, 5, 6, 7, *tail], "trend") == list(range(7))
    assert marked([2, 3, 4, 5, 6, 7, *tail], "trend") == []
    assert marked([7, 6, 5, 4, 3, 2, 1, *tail], "trend") == list(range(7))
    assert marked([*tail, 7, 6, 5, 4, 3, 2, 1], "trend") == list(range(6, 13))


def test_an_equal_value_ends_a_trend() -> None:
    assert marked([1, 2, 3, 4, 4, 5, 6, 7, 4, 6, 3, 5], "trend") == []


def test_a_trend_that_turns_is_two_trends_that_share_a_point() -> None:
    values = [1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1]
    assert marked(values, "trend") == list(range(13))
    assert (
        control_chart(values)["trend"].to_list() == ["rising"] * 6 + ["turning"] + ["falling"] * 6
    )


def zone(values: Sequence[float]) -> tuple[float, float]:
    """Give where the upper outer third begins and ends."""
    row = control_chart(values).row(0, named=True)
    return row["mean"] + 2 / 3 * (row["upper_limit"] - row["mean"]), row["upper_limit"]


QUIET = [1, -1] * 20


@pytest.mark.parametrize(
    ("few", "expected"),
    [
        ([4.6, 1, 4.6], [0, 2]),
        ([4.6, 4.6, 1], [0, 1]),
        ([1, 4.6, 4.6], [1, 2]),
        ([4.6, 1, 1], []),
        # The third has to be on their side of the mean.
        ([4.6, -1, 4.6], []),
        # Two of four.
        ([4.6, 1, 1, 4.6], []),
        # On opposite sides.
        ([4.6, -4.6, -1], []),
    ],
)
def test_two_of_three_in_the_outer_third_of_one_side(few: list[float], expected: list[int]) -> None:
    values = [*QUIET, *few, -1, *QUIET]
    begins, ends = zone(values)
    assert begins < 4.6 < ends
    assert -1 < control_chart(values)["mean"][0] < 1
    places = [len(QUIET) + at for at in expected]
    assert marked(values, "two_of_three") == places
    assert marked([-value for value in values], "two_of_three") == places


def test_only_the_outer_third_is_near_a_limit() -> None:
    values = [*QUIET, 3.6, 3.6, 1, -1, *QUIET]
    assert zone(values)[0] > 3.6
    assert marked(values, "two_of_three") == []
    values[40:42] = [3.7, 3.7]
    assert zone(values)[0] < 3.7
    assert marked(values, "two_of_three") == [40, 41]


def test_a_third_on_the_mean_is_on_neither_side() -> None:
    values = [*QUIET, 4.6, 0, 4.6, *QUIET, -4.6, 0, -4.6, *QUIET]
    assert control_chart(values)["mean"][0] == pytest.approx(0)
    assert zone(values)[0] < 4.6
    assert marked(values, "two_of_three") == []


def test_points_on_the_mean_are_no_shift_at_the_end_of_a_trend_either() -> None:
    values = [-6, -5, -4, -3, -2, -1, *[0] * 8, 1, 2, 3, 4, 5, 6]
    rules = control_chart(values)["rules"].to_list()
    assert "shift" not in ";".join(rule for rule in rules if rule)
    assert marked(values, "trend") == [*range(7), *range(13, 20)]


def test_a_point_outside_the_limits_counts_as_one_near_them() -> None:
    values = [*QUIET, 9, 5, 1, -1, *QUIET]
    begins, ends = zone(values)
    assert begins < 5 < ends < 9
    assert marked(values, "two_of_three") == [40, 41]
    assert marked(values, "outside_limits") == [40]


def test_polarity_turns_an_improvement_into_a_concern() -> None:
    values = on_the_limit()
    values[8] += 1
    expected = [None] * 8 + ["improvement"] + [None] * 6
    assert directions(values) == expected
    concern = [None if each is None else "concern" for each in expected]
    assert directions(values, is_higher_better=False) == concern
    assert directions([-value for value in values]) == concern


def test_of_an_improvement_and_a_concern_at_once_the_improvement_is_shown() -> None:
    # Low, but rising: and the other way round where low is good.
    values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert set(directions(values)) == {"improvement"}
    lower = directions(values, is_higher_better=False)
    assert lower == ["improvement"] * 7 + ["concern"] * 7


def test_equal_points_are_common_cause_and_limits_are_the_mean() -> None:
    chart = control_chart([0.1 + 0.2, 0.3] * 8)
    assert chart["upper_limit"][0] == chart["lower_limit"][0] == chart["mean"][0]
    assert chart["cause"].unique().to_list() == ["common"]


def test_another_point_among_equal_ones_is_outside() -> None:
    assert marked([5.0] * 20 + [6.0] + [5.0] * 20, "outside_limits") == [20]


@pytest.mark.parametrize("values", [[], [1.0], [1.0, None, 2.0], [1.0, float("nan"), 2.0]])
def test_what_has_no_moving_range_has_no_chart(values: list[Any]) -> None:
    with pytest.raises(ValueError, match="two figures or more"):
        control_chart(values)


# Out of observations


def months(
    figures: Sequence[str | float | None], metric_id: str = "waits", org_code: str = "AA"
) -> list[dict[str, Any]]:
    """State an observation a month from January 2024: a value, a status, or no row."""
    rows = []
    for at, figure in enumerate(figures):
        row: dict[str, Any] = {
            "org_code": org_code,
            "metric_id": metric_id,
            "period": month_text(JANUARY + at),
        }
        if isinstance(figure, str):
            rows.append(row | {"status": figure})
        elif figure is not None:
            rows.append(row | {"value": float(figure)})
    return rows


def charts(rows: list[dict[str, Any]], *, last_month: int | None = None, **changes: Any) -> Any:
    spec = framework({"waits": metric(basis="sum", per=100, **changes)})
    return control_charts(observations(rows), built(spec), "AA", last_month=last_month)


def special_lines(*values: float, **changes: Any) -> list[str]:
    """Tell the months of special cause as the page does."""
    spec = framework({"waits": metric(basis="sum", per=100, decimals=0, **changes)})
    found = control_charts(observations(months(values)), built(spec), "AA")
    blocks = list(control_chart_blocks(found, built(spec)))
    at = blocks.index(Heading("Months of special cause"))
    items = blocks[at + 1]
    assert isinstance(items, Items)
    return [point.removeprefix("waits, ") for point in items.points]


def test_a_rise_across_the_mean_is_one_line() -> None:
    values = [10, 10, 11, 13, 15, 17, 19, 21, 23, 23, 22, 23]
    lines = [line for line in special_lines(*values) if "trend" in line]
    assert lines == [
        "February 2024 to September 2024: 10% to 23%, a trend: 8 months that each rise "
        "(improvement)"
    ]


def test_two_shifts_are_two_lines_however_the_other_rules_come_and_go() -> None:
    low, high = [10, 12, 9, 13, 10, 12, 9, 11], [30, 28, 31, 27, 30, 28, 31, 29]
    lines = special_lines(*low, *high)
    shifts = [line for line in lines if "a shift" in line]
    assert lines[:2] == shifts
    assert shifts == [
        "January 2024 to August 2024: 9% to 13%, a shift: 8 months running below the mean 20% "
        "(concern)",
        "September 2024 to April 2025: 27% to 31%, a shift: 8 months running above the mean 20% "
        "(improvement)",
    ]
    for limit in ("lower", "upper"):
        outside = [line for line in lines[2:] if f"the {limit} limit" in line]
        assert len(outside) == len(set(outside))


def test_a_turn_is_in_both_of_its_trends_each_with_its_own_direction() -> None:
    lines = special_lines(*range(1, 8), *range(6, 0, -1), polarity="lower_is_better")
    trends = [line for line in lines if "a trend" in line]
    assert [line.split(":")[0] for line in trends] == [
        "January 2024 to July 2024",
        "July 2024 to January 2025",
    ]
    assert trends[0].endswith("7 months that each rise (concern)")
    assert trends[1].endswith("7 months that each fall (improvement)")


def test_a_trend_that_follows_another_at_once_has_its_own_line() -> None:
    lines = special_lines(*range(1, 8), *range(1, 8))
    trends = [line.split(":")[0] for line in lines if "a trend" in line]
    assert trends == ["January 2024 to July 2024", "August 2024 to February 2025"]


def test_the_third_between_two_close_to_a_limit_splits_no_line() -> None:
    quiet = [20, 21, 20, 19] * 5
    lines = special_lines(*quiet[:10], 22.5, 21, 22.5, *quiet[:10])
    near = [line for line in lines if "two of three" in line]
    assert [line.split(":")[0] for line in near] == ["November 2024 to January 2025"]


def test_twelve_months_make_a_chart_and_eleven_do_not() -> None:
    found = charts(months(STEADY))
    assert found.charts.select("points", "first_period", "last_period", "latest").rows() == [
        (12, "2024-01", "2024-12", 13.0)
    ]
    assert found.too_few.is_empty()
    fewer = charts(months(STEADY[1:]))
    assert fewer.points.is_empty()
    assert fewer.charts.is_empty()
    assert fewer.too_few.rows() == [("waits", "Waits", 11)]


def test_the_frames_are_what_they_are_said_to_be() -> None:
    for rows in (months(STEADY), months(STEADY[1:]), []):
        found: ControlCharts = charts(rows)
        assert dict(found.rows().schema) == CONTROL_SCHEMA
        assert dict(found.charts.schema) == CHART_SCHEMA
        assert dict(found.too_few.schema) == TOO_FEW_SCHEMA
        assert dict(found.missing.schema) == MISSING_SCHEMA


def test_a_months_value_is_made_by_the_metrics_own_rule() -> None:
    counts = [
        {
            "org_code": "AA",
            "metric_id": "waits",
            "period": month_text(JANUARY + at),
            "numerator": value,
            "denominator": 40,
            "source_file": "waits.csv",
            "source_row": at + 2,
        }
        for at, value in enumerate(STEADY)
    ]
    points = charts(counts, divide_by=2).rows()
    assert points["value"].to_list() == [100 * value / 40 / 2 for value in STEADY]
    assert points.select("period", "numerator", "denominator", "source_file", "source_row").row(
        2
    ) == ("2024-03", 11.0, 40.0, "waits.csv", 4)
    stated = charts(months([60 * value for value in STEADY]), divide_by=60)
    assert stated.rows()["value"].to_list() == [float(value) for value in STEADY]


def test_a_month_without_a_figure_breaks_no_run_and_is_listed() -> None:
    figures: list[Any] = [1, 2, 3, "suppressed", 4, None, 5, 6, 7, 4, 6, 3, 5, 4, "not_submitted"]
    found = charts(months(figures))
    assert found.rows()["value"].to_list() == [1, 2, 3, 4, 5, 6, 7, 4, 6, 3, 5, 4]
    assert found.rows()["rules"].str.contains("trend").fill_null(False).to_list()[:7] == [True] * 7
    assert found.missing.rows() == [
        ("waits", "2024-04", "suppressed"),
        ("waits", "2024-06", None),
        ("waits", "2025-03", "not_submitted"),
    ]


def test_months_before_the_first_figure_are_not_missing() -> None:
    assert charts(months(["suppressed", *STEADY])).missing.is_empty()


def test_nothing_over_nothing_is_no_point() -> None:
    rows = months(STEADY)
    rows += [
        {
            "org_code": "AA",
            "metric_id": "waits",
            "period": "2025-01",
            "numerator": 0,
            "denominator": 0,
        }
    ]
    found = charts(rows)
    assert len(found.points) == 12
    assert found.missing.rows() == [("waits", "2025-01", "not_applicable")]


def test_only_single_months_of_the_organisation_up_to_the_last_count() -> None:
    rows = months([*STEADY, 99, 99])
    rows += months([50] * 14, org_code="BB")
    rows += [{"org_code": "AA", "metric_id": "waits", "period": "2024Q4", "value": 70.0}]
    found = charts(rows, last_month=Quarter.parse("2024Q4").last_month)
    assert found.rows()["value"].to_list() == list(STEADY)


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = months([*STEADY, 40]) + months(STEADY, org_code="BB")
    frame = observations(rows)
    model = built(framework({"waits": metric(basis="latest")}))
    found = control_charts(frame, model, "AA")
    shuffled = control_charts(frame.sample(fraction=1, shuffle=True, seed=3), model, "AA")
    assert found.points.equals(shuffled.points)
    assert found.rows()["period"].is_sorted()


def test_charts_come_in_the_order_of_the_framework() -> None:
    spec = framework({"zz": metric(basis="latest"), "aa": metric(basis="latest")})
    rows = months(STEADY, "aa") + months([*STEADY, 40], "zz")
    found = control_charts(observations(rows), built(spec), "AA")
    assert found.charts["metric_id"].to_list() == ["zz", "aa"]
    assert found.points["metric_id"].unique(maintain_order=True).to_list() == ["zz", "aa"]
    # Each has its own limits, and its own latest point.
    alone = control_chart(STEADY)
    assert found.charts["mean"].to_list() == pytest.approx([178 / 13, alone["mean"][0]])
    assert found.charts["variation"].to_list() == ["improvement", "common_cause"]


def test_a_figure_in_another_unit_is_not_charted_with_the_others() -> None:
    spec = framework(
        {
            "waits": metric(
                basis="latest",
                unit="rate",
                scoring_of_unit={"count": {"method": "rank"}},
                scoring={"method": "standard", "standard": 12},
            )
        }
    )
    rows = [row | {"unit": "rate"} for row in months(STEADY)]
    rows[3]["unit"] = "count"
    rows += [row | {"unit": "rate"} for row in months([*[None] * 12, 11])]
    found = control_charts(observations(rows), built(spec), "AA")
    assert found.missing.rows() == [("waits", "2024-04", "other_unit")]
    assert found.charts.select("points", "unit", "assurance").rows() == [
        (12, "rate", "hit_and_miss")
    ]
    counted = control_charts(
        observations([row | {"unit": "count"} for row in rows]), built(spec), "AA"
    )
    # The standard is for the metric's own unit.
    assert counted.charts.select("unit", "standard", "assurance").rows() == [("count", None, None)]


@pytest.mark.parametrize(
    ("standard", "higher", "lower"),
    [
        (6.9, "consistently_passed", "consistently_failed"),
        (6.91, "hit_and_miss", "hit_and_miss"),
        (16.09, "hit_and_miss", "hit_and_miss"),
        (16.1, "consistently_failed", "consistently_passed"),
    ],
)
def test_assurance_is_by_the_standard_beside_the_limits(
    standard: float, higher: str, lower: str
) -> None:
    # The limits of the worked example are 6.905 and 16.095.
    scoring = {"method": "standard", "standard": standard}
    for polarity, expected in (("higher_is_better", higher), ("lower_is_better", lower)):
        found = charts(months(STEADY), scoring=scoring, polarity=polarity)
        assert found.charts.select("standard", "assurance").rows() == [(standard, expected)]
    assert charts(months(STEADY)).charts["assurance"].to_list() == [None]


def test_a_month_is_written_as_everywhere() -> None:
    found = charts(months([*STEADY[:11], None, 12]))
    assert found.missing["period"].to_list() == [month_text(JANUARY + 11)] == ["2024-12"]
