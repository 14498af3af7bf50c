"""Findings on observations against a framework: one case a code, none on sound data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from nhs_league.findings import Finding
from nhs_league.framework.model import Framework
from nhs_league.observations import Observation, observations_frame
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.quarter import Quarter
from nhs_league.validation import validate

QUARTER = Quarter(2025, 2)
MONTHS = QUARTER.months
CODES = ("RAA", "RBB", "RCC", "RDD")

FRAMEWORK: dict[str, Any] = {
    "id": "small",
    "title": "A small framework",
    "applies_to": {"quarters": "2025Q1-"},
    "scale": {"best": 1.0, "worst": 4.0},
    "domains": {"access": "Access"},
    "metrics": {
        "waits": {
            "title": "Seen in time",
            "domain": "access",
            "unit": "percent",
            "polarity": "higher_is_better",
            "basis": "sum",
            "per": 100.0,
            "scoring": {"method": "rank"},
        },
        "response": {
            "title": "Mean response",
            "domain": "access",
            "unit": "minutes",
            "polarity": "lower_is_better",
            "basis": "mean",
            "scoring": {"method": "rank"},
            "published_score": "response_score",
        },
        "survey": {
            "title": "Survey",
            "domain": "access",
            "unit": "score",
            "polarity": "lower_is_better",
            "basis": "in_force",
            "scoring": {"method": "published"},
        },
    },
    "segments": {"method": "quartiles"},
}


def framework(**changes: Any) -> Framework:
    return Framework.model_validate({**FRAMEWORK, **changes})


def row(code: str, metric: str, period: str, number: int, **figures: Any) -> Observation:
    return Observation(
        org_code=code,
        metric_id=metric,
        period=period,
        source_file=f"{metric}.csv",
        source_row=number,
        **figures,
    )


def sound() -> list[Observation]:
    """Make four trusts with every metric of the quarter: rows 2 to 13, 2 to 13 and 2 to 5."""
    rows = []
    for index, code in enumerate(CODES):
        for month, period in enumerate(MONTHS):
            number = 2 + 3 * index + month
            rows.append(row(code, "waits", period, number, numerator=8.5, denominator=10))
            rows.append(row(code, "response", period, number, value=30, denominator=10))
        rows.append(row(code, "survey", "2025Q1 to 2025Q4", 2 + index, value=2))
    return rows


def found(
    rows: Iterable[Observation],
    framework_: Framework | None = None,
    codes: Iterable[str] = CODES,
) -> list[Finding]:
    organisations = [
        Organisation(org_code=code, org_name=code, trust_type="Acute trust") for code in codes
    ]
    return validate(
        observations_frame(rows),
        organisations_frame(organisations),
        framework_ or framework(),
        QUARTER,
    )


def replaced(new: Observation) -> list[Observation]:
    """Put one row in the place of the sound one of the same file and row."""
    place = (new.source_file, new.source_row)
    rows = sound()
    kept = [r for r in rows if (r.source_file, r.source_row) != place]
    assert len(kept) == len(rows) - 1
    return [*kept, new]


def without(**fields: str) -> list[Observation]:
    return [r for r in sound() if any(getattr(r, k) != v for k, v in fields.items())]


def placed(findings: Iterable[Finding]) -> list[tuple[Any, ...]]:
    return [(f.severity, f.code, f.file, f.row, f.column, f.value, f.expected) for f in findings]


def test_sound_data_have_no_findings() -> None:
    assert found(sound()) == []


def test_other_metrics_and_other_quarters_are_not_looked_at() -> None:
    rows = [
        row("RAA", "elsewhere", "2025-04", 90, numerator=9, denominator=1),
        row("RAA", "waits", "2025-07", 90, numerator=9, denominator=1),
        row("RAA", "survey", "2024Q1 to 2025Q1", 90, value=9),
    ]
    assert found([*sound(), *rows]) == []


def test_a_part_larger_than_its_whole_is_an_error() -> None:
    rows = replaced(row("RAA", "waits", "2025-04", 2, numerator=10.5, denominator=10))
    assert placed(found(rows)) == [
        (
            "error",
            "numerator_above_denominator",
            "waits.csv",
            2,
            "numerator",
            "10.5",
            "at most 10",
        )
    ]


def test_a_whole_quarter_s_part_is_held_to_its_whole_too() -> None:
    rows = without(org_code="RAA", metric_id="waits")
    rows.append(row("RAA", "waits", "2025Q2", 20, numerator=31, denominator=30))
    assert [(f.code, f.row) for f in found(rows)] == [("numerator_above_denominator", 20)]


def test_all_of_a_whole_is_no_more_than_the_whole() -> None:
    assert found(replaced(row("RAA", "waits", "2025-04", 2, numerator=10, denominator=10))) == []


def test_a_rate_may_have_more_events_than_people() -> None:
    rows = replaced(row("RAA", "response", "2025-04", 2, numerator=300, denominator=10))
    assert found(rows) == []


@pytest.mark.parametrize(("value", "shown"), [(0.99, "0.99"), (4.01, "4.01"), (-1, "-1")])
def test_a_score_off_the_scale_is_an_error(value: float, shown: str) -> None:
    rows = replaced(row("RBB", "survey", "2025Q1 to 2025Q4", 3, value=value))
    assert placed(found(rows)) == [
        ("error", "score_off_scale", "survey.csv", 3, "value", shown, "1 to 4")
    ]


def test_a_published_score_off_the_scale_is_an_error() -> None:
    rows = [*sound(), row("RAA", "response_score", "2025Q2", 7, value=5)]
    assert placed(found(rows)) == [
        ("error", "score_off_scale", "response_score.csv", 7, "value", "5", "1 to 4")
    ]


def test_a_scale_whose_best_is_high_has_the_same_bounds() -> None:
    upside_down = framework(scale={"best": 4.0, "worst": 1.0})
    rows = replaced(row("RBB", "survey", "2025Q1 to 2025Q4", 3, value=4.5))
    assert [f.expected for f in found(rows, upside_down)] == ["1 to 4"]
    assert found(sound(), upside_down) == []


def test_two_figures_of_one_length_in_force_are_an_error_each() -> None:
    rows = [*sound(), row("RAA", "survey", "2024Q3 to 2025Q2", 9, value=1)]
    assert placed(found(rows)) == [
        (
            "error",
            "overlapping_figures",
            "survey.csv",
            2,
            "period",
            "2025Q1 to 2025Q4",
            "one figure",
        ),
        (
            "error",
            "overlapping_figures",
            "survey.csv",
            9,
            "period",
            "2024Q3 to 2025Q2",
            "one figure",
        ),
    ]


def test_the_quarter_s_own_figure_overrules_an_edition_s() -> None:
    assert found([*sound(), row("RAA", "survey", "2025Q2", 9, value=1)]) == []


@pytest.mark.parametrize(
    ("metric", "basis", "expected"),
    [
        ("waits", "sum", "a numerator and denominator in every month"),
        ("response", "mean", "a denominator, by which months are weighted"),
    ],
)
def test_a_month_s_value_alone_is_an_error(metric: str, basis: str, expected: str) -> None:
    (finding, *_) = found(replaced(row("RAA", metric, "2025-05", 3, value=80)))
    assert (finding.severity, finding.code) == ("error", "months_not_combinable")
    assert (finding.file, finding.row, finding.expected) == (f"{metric}.csv", 3, expected)
    assert f"RAA {metric}" in finding.message
    assert f"basis {basis}" in finding.message


@pytest.mark.parametrize("status", ["suppressed", "not_submitted", "not_applicable"])
def test_a_month_without_a_figure_is_a_warning(status: Any) -> None:
    findings = found(replaced(row("RAA", "waits", "2025-05", 3, status=status)))
    assert [(f.severity, f.code, f.file, f.message) for f in findings] == [
        (
            "warning",
            "month_left_out",
            "waits.csv",
            f"RAA waits: the quarter's figure leaves out 2025-05 ({status.replace('_', ' ')})",
        )
    ]


def test_a_trust_without_a_row_for_a_month_is_a_warning() -> None:
    rows = [r for r in sound() if (r.source_file, r.source_row) != ("waits.csv", 3)]
    findings = found(rows)
    assert [(f.severity, f.code, f.file, f.message) for f in findings] == [
        (
            "warning",
            "month_left_out",
            "waits.csv",
            "RAA waits: the quarter's figure leaves out 2025-05 (no row)",
        )
    ]


def test_every_month_left_out_is_listed_with_its_reason_in_order() -> None:
    rows = [r for r in sound() if (r.source_file, r.source_row) not in {("response.csv", 3)}]
    rows = [r for r in rows if (r.source_file, r.source_row) != ("response.csv", 2)]
    rows.append(row("RAA", "response", "2025-04", 2, status="not_submitted"))
    assert [f.message for f in found(rows)] == [
        "RAA response: the quarter's figure leaves out 2025-04 (not submitted), 2025-05 (no row)"
    ]


def test_a_month_that_nobody_has_is_no_month_left_out_by_a_trust() -> None:
    findings = found(without(metric_id="waits", period="2025-06"))
    assert [f.code for f in findings] == ["incomplete_quarter"]


@pytest.mark.parametrize(
    ("metric", "period"),
    [
        ("survey", "2025-05"),
        ("survey", "2025-04 to 2025-05"),
        ("survey", "2025-05 to 2025-09"),
        ("survey", "2025-01 to 2025-05"),
        ("waits", "2025-04 to 2025-05"),
        ("waits", "2025-06 to 2025-07"),
        ("response", "2025-05 to 2025-06"),
        ("response_score", "2025-04"),
    ],
)
def test_a_period_that_is_part_of_the_quarter_and_not_used_is_a_warning(
    metric: str, period: str
) -> None:
    figures: dict[str, Any] = {"value": 2, "denominator": 10}
    findings = found([*sound(), row("RAA", metric, period, 90, **figures)])
    assert placed(findings) == [
        (
            "warning",
            "period_not_used",
            f"{metric}.csv",
            90,
            "period",
            period,
            "the whole quarter, or months of a metric that is put together from months",
        )
    ]
    assert findings[0].message == (f"RAA {metric}: the period is part of the quarter and not used")


@pytest.mark.parametrize("period", ["2025-07", "2025-03", "2025Q3", "2025-02 to 2025-03"])
@pytest.mark.parametrize("metric", ["survey", "waits", "elsewhere"])
def test_a_period_outside_the_quarter_raises_nothing(metric: str, period: str) -> None:
    assert found([*sound(), row("RAA", metric, period, 90, value=2)]) == []


def test_the_months_of_a_latest_metric_are_used() -> None:
    metrics = {
        **FRAMEWORK["metrics"],
        "waits": {**FRAMEWORK["metrics"]["waits"], "basis": "latest"},
    }
    assert found(sound(), framework(metrics=metrics)) == []


def test_a_quarter_of_no_reported_month_raises_no_warning_of_months() -> None:
    rows = without(org_code="RAA", metric_id="waits")
    rows += [row("RAA", "waits", m, 2 + i, status="suppressed") for i, m in enumerate(MONTHS)]
    assert found(rows) == []


def test_a_month_that_nobody_has_is_a_warning_of_its_metric() -> None:
    findings = found(without(metric_id="waits", period="2025-06"))
    incomplete = [f for f in findings if f.code == "incomplete_quarter"]
    assert [(f.severity, f.message) for f in incomplete] == [
        ("warning", "waits: the data have no month 2025-06 of 2025Q2")
    ]


def test_a_metric_without_data_is_a_warning() -> None:
    findings = found(without(metric_id="survey"))
    assert [(f.severity, f.code, f.message) for f in findings] == [
        ("warning", "metric_without_data", "survey: the data have nothing for 2025Q2")
    ]


def test_a_published_score_stands_for_its_metric() -> None:
    rows = without(metric_id="response")
    rows += [row(code, "response_score", "2025Q2", 2, value=1) for code in CODES]
    assert found(rows) == []


def test_fewer_organisations_than_expected_are_a_warning() -> None:
    groups = {"expected_organisations": {"Acute trust": 6, "Ambulance trust": 1}}
    findings = found(sound(), framework(peer_groups=groups))
    assert {(f.severity, f.code) for f in findings} == {("warning", "organisations_missing")}
    assert [f.message.split(";")[0] for f in findings] == [
        "Acute trust: 4 of 6 organisations have figures",
        "Ambulance trust: 0 of 1 organisations have figures",
    ]


def test_as_many_organisations_as_expected_are_enough() -> None:
    groups = {"expected_organisations": {"Acute trust": 4}}
    assert found(sound(), framework(peer_groups=groups)) == []


@pytest.mark.parametrize(("pool", "named"), [("all", "the league"), ("peer_group", "Acute trust")])
def test_too_few_organisations_for_quartiles_are_a_warning(pool: str, named: str) -> None:
    few = framework(segments={"method": "quartiles", "pool": pool})
    findings = found(without(org_code="RDD"), few)
    assert [(f.severity, f.code, f.message) for f in findings] == [
        (
            "warning",
            "too_few_for_quartiles",
            f"{named}: 3 organisations are too few for quartiles, and have no segment",
        )
    ]


def test_thresholds_need_no_number_of_organisations() -> None:
    thresholds = framework(segments={"method": "thresholds", "upper_bounds": [2.0, 3.0]})
    assert found(without(org_code="RDD"), thresholds) == []


def test_no_data_at_all_warn_of_every_metric() -> None:
    findings = found([])
    assert {(f.severity, f.code) for f in findings} == {("warning", "metric_without_data")}
    assert len(findings) == 3


def test_errors_come_before_warnings() -> None:
    rows = [r for r in sound() if r.metric_id != "survey"]
    rows.append(row("RAA", "response_score", "2025Q2", 7, value=5))
    assert [f.severity for f in found(rows)] == ["error", "warning"]


def test_findings_of_a_kind_are_listed_up_to_an_announced_cap() -> None:
    codes = [f"R{index:03}" for index in range(250)]
    rows = [
        row(code, "waits", "2025Q2", 2 + index, numerator=2, denominator=1)
        for index, code in enumerate(codes)
    ]
    findings = found(rows, codes=codes)
    assert len([f for f in findings if f.code == "numerator_above_denominator"]) == 200
    assert [f.message for f in findings if f.code == "findings_capped"] == [
        "50 more findings of the kind numerator_above_denominator are not listed"
    ]


@pytest.mark.parametrize(
    ("code", "metric", "periods", "figures"),
    [
        ("score_off_scale", "survey", ("2025Q2",), {"value": 9}),
        ("months_not_combinable", "waits", MONTHS[:1], {"value": 9}),
        ("period_not_used", "survey", MONTHS[:1], {"value": 2}),
        ("overlapping_figures", "survey", ("2025Q1 to 2025Q2", "2025Q2 to 2025Q3"), {"value": 2}),
        ("month_left_out", "waits", MONTHS[:1], {"numerator": 1, "denominator": 2}),
    ],
)
def test_every_kind_has_the_cap(
    code: str, metric: str, periods: tuple[str, ...], figures: dict[str, Any]
) -> None:
    codes = [f"R{index:03}" for index in range(251)]
    rows = [row(c, metric, p, 2 + i, **figures) for i, c in enumerate(codes) for p in periods]
    # One trust with every month, so that the others lack some.
    rows += [row("RZZ", "waits", p, 900, numerator=1, denominator=2) for p in MONTHS]
    findings = [f for f in found(rows, codes=[*codes, "RZZ"]) if code in f.code + f.message]
    assert len([f for f in findings if f.code == code]) == 200
    more = 251 * len(periods) - 200
    assert [(f.severity, f.message) for f in findings if f.code == "findings_capped"] == [
        ("note", f"{more} more findings of the kind {code} are not listed")
    ]
