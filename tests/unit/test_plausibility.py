"""Figures that are hard to believe: each rule finds its case, and lets what may be true stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from nhs_league.findings import Finding
from nhs_league.framework.checks import framework_problems
from nhs_league.framework.model import Framework
from nhs_league.plausibility import implausible_figures
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import quarter_figures
from tests.support import (
    ACUTE,
    AMBULANCE,
    QUARTER,
    built,
    framework,
    metric,
    observations,
    peer_groups_of,
    read_table,
    table_observations,
)

GROUPS = {"org_code": pl.String, "peer_group": pl.String}
LOW = {"polarity": "lower_is_better"}
WAITS = framework({"waits": metric()})
DELAYS = framework({"delays": metric(**LOW)})
EMERGENCY = framework(
    {"four_hours": metric(), "twelve_hours": metric(**LOW)},
    related_metrics=[["four_hours", "twelve_hours"]],
)


def found(spec: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> list[Finding]:
    """Check a table of trusts: its header is row 1 of ``data.csv``."""
    numbers = {row["trust"]: number for number, row in enumerate(rows, 2)}
    groups = peer_groups_of(rows)
    stated = [
        figure | {"source_file": "data.csv", "source_row": numbers[figure["org_code"]]}
        for figure in table_observations(spec, rows)
    ]
    quarter = Quarter.parse(QUARTER)
    return implausible_figures(
        quarter_figures(observations(stated), built(spec), quarter),
        pl.DataFrame(list(groups.items()), schema=GROUPS, orient="row"),
        built(spec),
        quarter,
    )


def named(findings: Iterable[Finding]) -> list[str]:
    return [finding.message.split()[0] for finding in findings]


def wrong_ranks(cells: str, spec: Mapping[str, Any] = WAITS, types: Sequence[str] = ()) -> str:
    """Name the trusts A, B, C ... whose rank is found to be impossible."""
    (metric_id,) = spec["metrics"]
    columns = zip("ABCDEFGHIJ", cells.split(", "), types or [ACUTE] * 10, strict=False)
    rows = [{"trust": trust, metric_id: cell, "type": type_} for trust, cell, type_ in columns]
    findings = found(spec, rows)
    assert {finding.code for finding in findings} <= {"rank_contradicts_values"}
    return "".join(named(findings))


@pytest.mark.parametrize(
    "cells",
    [
        "90 #1, 80 #2, 70 #3, 60 #4",
        "90 #1, 80 #3, 80 #2, 60 #4",
        "90 #1, 80 #2, 80 #2, 60 #4",
        "90 #1, 80 #2, 80 #2, 80 #2",
        "90 #2, 90 #1, 90 #3, 80 #4",
        "90 #1",
        "90, 80, 70",
        "90 #1, not_submitted, 70 #2",
    ],
)
def test_ranks_that_follow_the_values_are_possible(cells: str) -> None:
    assert wrong_ranks(cells) == ""


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        # Two ranks swapped: neighbours, the ends, and beside a tie, where one figure explains all.
        ("90 #1, 80 #3, 70 #2, 60 #4, 50 #5", "BC"),
        ("90 #5, 80 #2, 70 #3, 60 #4, 50 #1", "AE"),
        ("90 #1, 80 #4, 80 #3, 70 #2, 60 #5", "D"),
        # One rank wrong.
        ("90 #1, 80 #2, 70 #3, 60 #1, 50 #5", "D"),
        ("90 #1, 80 #2, 70 #2, 60 #4, 50 #5", "C"),
        ("90 #1, 80 #2, 70 #3, 60 #4, 50 #4", "E"),
        ("90 #1, 80 #2.5, 70 #3, 60 #4, 50 #5", "B"),
        # Nobody between the ties and the rank that is too good: it still leaves too few places.
        ("90 #1, 90 #1, 90 #1, 80 #2, 70 #5", "D"),
        # One value wrong: its rank is the odd one out, not those of all that it passes.
        ("90 #1, 80 #2, 70 #3, 60 #4, 99 #5", "E"),
        ("0 #1, 80 #2, 70 #3, 60 #4, 50 #5", "A"),
        # Two things wrong at once.
        ("90 #1, 90 #1, 90 #1, 80 #2, 70 #5, 60 #7, 50 #6, 40 #8", "DFG"),
    ],
)
def test_ranks_that_the_values_rule_out_are_found(cells: str, wrong: str) -> None:
    assert wrong_ranks(cells) == wrong


def test_where_low_is_good_the_lowest_value_is_first() -> None:
    assert wrong_ranks("1 #1, 2 #2, 3 #3, 4 #4", DELAYS) == ""
    assert wrong_ranks("1 #1, 2 #4, 3 #3, 4 #2", DELAYS) == "BD"


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        # Some peers are not loaded, and only the order can be held to the values.
        ("90 #4, 80 #10, 70 #31, 60 #32", ""),
        ("90 #4, 80 #31, 70 #10, 60 #32", "BC"),
        ("90 #4, 80 #10, 70 #31, 60 #5", "D"),
        ("90 #4, 80 #4, 70 #31, 60 #32", "AB"),
        # The third is not loaded, and the last two share their rank.
        ("90 #1, 80 #2, 70 #4, 60 #5, 60 #5", ""),
        # Ranks that leave out no place after a tie tell their order alone.
        ("90 #1, 90 #1, 80 #2, 80 #2, 70 #3", ""),
    ],
)
def test_ranks_among_peers_that_are_not_all_there_tell_their_order(cells: str, wrong: str) -> None:
    assert wrong_ranks(cells) == wrong


def test_ranks_are_taken_within_the_peer_group_and_the_unit() -> None:
    types = [ACUTE, ACUTE, AMBULANCE, AMBULANCE]
    assert wrong_ranks("90 #1, 80 #2, 70 #1, 60 #2", types=types) == ""
    assert wrong_ranks("90 #1, 80 #2, 70 #2, 60 #1", types=types) == "CD"
    assert wrong_ranks("90 #1, 80 #2, 3 count #1, 2 count #2") == ""


def test_a_rank_is_found_where_it_stands_with_those_that_its_value_allows() -> None:
    rows = read_table("""
        trust | waits
        A     | 90 #4
        B     | 80 #3
        C     | 80 #2
        D     | 70 #1
    """)
    assert [str(finding) for finding in found(WAITS, rows)] == [
        "data.csv row 2, column published_rank: A waits: the value 90 cannot have this "
        "published rank in the group 'Acute' (found '4'; expected 1) [rank_contradicts_values]",
        "data.csv row 5, column published_rank: D waits: the value 70 cannot have this "
        "published rank in the group 'Acute' (found '1'; expected 4) [rank_contradicts_values]",
    ]


def test_what_is_expected_where_peers_are_not_loaded_is_an_order() -> None:
    rows = [{"trust": "A", "waits": "90 #8"}, {"trust": "B", "waits": "80 #7"}]
    expected = "ranks in the order of the values"
    assert [finding.expected for finding in found(WAITS, rows)] == [expected] * 2


def test_a_metric_that_the_framework_has_not_has_no_polarity_and_no_finding() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    rows = [
        {"trust": "A", "waits": "90", "waits_score": "1 #2"},
        {"trust": "B", "waits": "80", "waits_score": "2 #1"},
    ]
    assert found(spec, rows) == []


def test_impossible_ranks_are_listed_up_to_the_cap() -> None:
    # A league turned upside down, of more trusts than are listed.
    rows = [{"trust": f"T{n:03}", "waits": f"{n} #{n}"} for n in range(1, 252)]
    findings = found(WAITS, rows)
    assert [finding.code for finding in findings] == [
        *["rank_contradicts_values"] * 200,
        "findings_capped",
    ]


def emergency(
    count: int, twelve_hours: Mapping[int, float], spec: Mapping[str, Any] = EMERGENCY
) -> list[Finding]:
    """Check trusts 1 to ``count``, the later the worse, some with a twelve-hour figure given."""
    rows = [
        {
            "trust": f"T{number:02}",
            "four_hours": f"{90 - number}.5",
            "twelve_hours": f"{twelve_hours.get(number, number / 8)}",
        }
        for number in range(1, count + 1)
    ]
    return found(spec, rows)


def test_a_perfect_figure_beside_one_of_the_worst_is_found_and_both_are_named() -> None:
    assert [str(finding) for finding in emergency(40, {39: 0})] == [
        "data.csv row 40, column value: T39 twelve_hours: 0 is perfect, while four_hours is 51.5, "
        "in place 39 of the 40 that report both (found '0'; expected a figure that fits "
        "four_hours, or none) [related_metrics_contradict]"
    ]


@pytest.mark.parametrize(
    ("count", "perfect", "expected"),
    [
        (40, [1, 2, 3, 30], []),
        (40, [31], ["T31"]),
        (40, [40], ["T40"]),
        (20, [16], ["T16"]),
        # With fewer, a quarter of them is too few to say what is usual.
        (19, [19], []),
        # Several among the worst: a perfect figure says nothing there.
        (40, [35, 39], []),
        (80, [61, 80], ["T61", "T80"]),
        (80, [61, 70, 80], []),
    ],
)
def test_only_an_unusual_figure_among_the_worst_is_found(
    count: int, perfect: list[int], expected: list[str]
) -> None:
    assert named(emergency(count, dict.fromkeys(perfect, 0))) == expected


def test_a_poor_figure_that_is_not_perfect_may_be_true() -> None:
    assert emergency(40, {39: 0.01}) == []


def test_a_figure_of_a_hundred_percent_is_perfect_where_high_is_good() -> None:
    rows = [
        {"trust": f"T{n:02}", "four_hours": f"{90 - n}.5", "twelve_hours": f"{n / 8}"}
        for n in range(1, 41)
    ]
    rows[-1] = rows[-1] | {"four_hours": "100"}
    assert named(found(EMERGENCY, rows)) == ["T40"]
    score = metric(unit="out of 10")
    unbounded = EMERGENCY | {"metrics": EMERGENCY["metrics"] | {"four_hours": score}}
    assert found(unbounded, rows) == []


def test_zero_is_not_perfect_where_figures_go_below_it() -> None:
    assert emergency(40, {1: -1, 39: 0}) == []


def test_many_that_share_the_worst_figure_are_not_the_worst_quarter() -> None:
    rows = [{"trust": f"T{n:02}", "four_hours": "50", "twelve_hours": f"{n}.5"} for n in range(40)]
    rows[7] = rows[7] | {"twelve_hours": "0"}
    assert found(EMERGENCY, rows) == []


def test_only_those_that_report_both_are_counted() -> None:
    rows = [
        {"trust": f"T{n:02}", "four_hours": f"{90 - n}.5", "twelve_hours": f"{n / 8}"}
        for n in range(1, 41)
    ]
    rows[38] = rows[38] | {"twelve_hours": "0"}
    for row in rows[1:22]:
        row["twelve_hours"] = "not_submitted"
    assert found(EMERGENCY, rows) == []


def test_metrics_that_are_not_stated_to_be_related_are_not_compared() -> None:
    assert emergency(40, {39: 0}, EMERGENCY | {"related_metrics": []}) == []


def test_values_in_a_unit_of_their_own_are_not_compared() -> None:
    counts = {"method": "bands", "bands": [{"at_most": 0, "score": 1}], "otherwise": 4}
    twelve = metric(**LOW, scoring_of_unit={"count": counts})
    spec = EMERGENCY | {"metrics": EMERGENCY["metrics"] | {"twelve_hours": twelve}}
    rows = [
        {"trust": f"T{n:02}", "four_hours": f"{90 - n}.5", "twelve_hours": f"{n / 8}"}
        for n in range(1, 41)
    ]
    rows[38] = rows[38] | {"twelve_hours": "0 count"}
    assert found(spec, rows) == []
    rows[38] = rows[38] | {"twelve_hours": "0 percentage"}
    assert named(found(spec, rows)) == ["T39"]


def alone(values: Iterable[object], spec: Mapping[str, Any] = WAITS) -> list[Finding]:
    (metric_id,) = spec["metrics"]
    return found(spec, [{"trust": f"T{n:02}", metric_id: f"{v}"} for n, v in enumerate(values)])


MEASURES = [61.5, 97.25, *(80 + step / 4 for step in range(17))]


def test_a_zero_far_from_its_peers_is_found() -> None:
    assert [str(finding) for finding in alone([*MEASURES, 0])] == [
        "data.csv row 21, column value: T19 waits: zero is far from the 19 other figures of "
        "2025Q2, from 61.5 to 97.25 (found '0'; expected a figure near its peers', or none) "
        "[zero_far_from_peers]"
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (MEASURES, []),
        ([*MEASURES, 0, 0], ["T19", "T20"]),
        # Zeros are not rare: more than two, or more than a tenth.
        ([*MEASURES, *MEASURES, 0, 0, 0], []),
        ([*MEASURES[:17], 0, 0], []),
        ([*MEASURES[:9], 0], ["T09"]),
        ([*MEASURES[:8], 0], []),
        # A figure below a quarter of the median shows that small ones occur.
        ([*MEASURES, 20.4, 0], []),
        ([*MEASURES, 20.6, 0], ["T20"]),
        # Zero is a natural middle.
        ([*MEASURES, -0.25, 0], []),
        ([*(-value for value in MEASURES), 0], []),
        # All of them zero: nobody is far from anybody.
        ([0], []),
        ([0, 0], []),
    ],
)
def test_only_a_rare_zero_that_stands_alone_is_found(
    values: list[float], expected: list[str]
) -> None:
    assert named(alone(values)) == expected


def test_whole_numbers_have_zero_for_a_neighbour_but_for_percentages() -> None:
    values = [*range(5, 20), 0]
    cases = framework({"cases": metric(**LOW, unit="count")})
    assert alone(values, cases) == []
    assert named(alone([value + 0.5 if value else 0 for value in values], cases)) == ["T15"]
    assert named(alone(values)) == ["T15"]


@pytest.mark.parametrize(
    "scoring",
    [
        {"method": "published"},
        {"method": "bands", "bands": [{"at_least": 85, "score": 1}], "otherwise": 4},
    ],
)
def test_grades_are_not_looked_at(scoring: dict[str, Any]) -> None:
    spec = framework({"waits": metric(scoring=scoring)})
    assert alone([*MEASURES, 0], spec) == []


def test_each_unit_has_peers_of_its_own_and_one_scored_apart_has_none() -> None:
    rates = [*(f"{value} rate" for value in MEASURES), "0 share"]
    assert alone(rates) == []
    assert named(alone([*rates, "0 rate"])) == ["T20"]
    bands = {"method": "bands", "bands": [{"at_least": 85, "score": 1}], "otherwise": 4}
    apart = framework({"waits": metric(scoring_of_unit={"rate": bands})})
    assert alone([*rates, "0 rate"], apart) == []


def test_a_zero_made_of_months_is_found_at_its_first_month() -> None:
    spec = framework({"waits": metric(basis="sum", per=100.0)})
    rows = [
        {
            "org_code": f"T{trust:02}",
            "metric_id": "waits",
            "period": f"2025-{month:02}",
            "numerator": 0.0 if trust == 11 else 70.0 + trust,
            "denominator": 100.0,
            "source_file": "waits.csv",
            "source_row": 3 * trust + month,
        }
        for trust in range(12)
        for month in (4, 5, 6)
    ]
    model, quarter = built(spec), Quarter.parse(QUARTER)
    groups = pl.DataFrame({"org_code": ["T00"], "peer_group": [ACUTE]})
    figures = quarter_figures(observations(rows), model, quarter)
    findings = implausible_figures(figures, groups, model, quarter)
    assert [(f.code, f.file, f.row) for f in findings] == [("zero_far_from_peers", "waits.csv", 37)]


def test_no_figures_have_no_findings() -> None:
    assert found(EMERGENCY, []) == []


@pytest.mark.parametrize(
    ("pairs", "place", "problem"),
    [
        ([["four_hours", "x"]], (0, 1), "there is no metric 'x' in this framework"),
        ([["twelve_hours", "twelve_hours"]], (0,), "'twelve_hours' cannot be related to itself"),
        (
            [["four_hours", "twelve_hours"], ["twelve_hours", "four_hours"]],
            (1,),
            "'twelve_hours' and 'four_hours' are related twice",
        ),
    ],
)
def test_related_metrics_are_two_of_the_framework_and_a_pair_once(
    pairs: list[list[str]], place: tuple[int, ...], problem: str
) -> None:
    model = Framework.model_validate(EMERGENCY | {"related_metrics": pairs})
    assert list(framework_problems(model)) == [(("related_metrics", *place), problem)]


@pytest.mark.parametrize("pair", [["four_hours"], ["four_hours", "twelve_hours", "four_hours"]])
def test_a_pair_is_of_two(pair: list[str]) -> None:
    with pytest.raises(ValueError, match="related_metrics"):
        Framework.model_validate(EMERGENCY | {"related_metrics": [pair]})
