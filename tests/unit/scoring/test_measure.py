"""The quarter's figures remember where they come from, and are laid out for scoring."""

from __future__ import annotations

from typing import Any

import polars as pl

from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import FIGURE_SCHEMA, framework_ids, quarter_figures, wide_values
from tests.support import ACUTE, built, framework, metric, observations, organisations

QUARTER = Quarter(2025, 2)
SPEC = framework(
    {
        "waits": metric(basis="sum", per=100, published_score="waits_published"),
        "infections": metric(scoring_of_unit={"count": {"method": "published"}}),
    },
    overrides=[
        {"id": "r", "title": "r", "when": {"flag": "in_deficit"}, "not_better_than": 3},
    ],
    aggregate={"rounding": "before_ranking"},
    published={"average_metric_score": "average", "domain_scores": {"access": "access_score"}},
)
MONTHS: list[dict[str, Any]] = [
    {"period": "2025-06", "numerator": 3, "denominator": 4, "source_row": 9},
    {"period": "2025-05", "status": "suppressed", "source_row": 8},
    {"period": "2025-04", "numerator": 1, "denominator": 4, "source_row": 7},
]


def figures(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return quarter_figures(observations(rows), built(SPEC), QUARTER)


def test_a_figure_out_of_months_names_its_file_rows_and_counts() -> None:
    rows = [
        {"org_code": "RA1", "metric_id": "waits", "source_file": "waits.csv"} | month
        for month in MONTHS
    ]
    figure = figures(rows).row(0, named=True)
    assert figure == {
        "org_code": "RA1",
        "metric_id": "waits",
        "value": 50.0,
        "numerator": 4.0,
        "denominator": 8.0,
        "status": "reported",
        "unit": None,
        "published_rank": None,
        "period": "2025-04, 2025-06",
        "left_out": "2025-05 (suppressed)",
        "source_file": "waits.csv",
        "source_files": ["waits.csv", "waits.csv"],
        "source_rows": [7, 9],
    }


def test_counts_of_what_is_no_metric_are_a_plain_ratio() -> None:
    counts = {"org_code": "RA1", "period": "2025Q2", "numerator": 5, "denominator": 2}
    found = figures([counts | {"metric_id": id_} for id_ in ("average", "waits_published")])
    assert found["value"].to_list() == [2.5, 2.5]


def test_a_figure_out_of_months_has_no_numerator_where_one_of_them_has_none() -> None:
    spec = framework({"waits": metric(basis="mean", per=100)})
    month = {"org_code": "RA1", "metric_id": "waits", "denominator": 100}
    rows = [
        month | {"period": "2025-04", "value": 50},
        month | {"period": "2025-05", "numerator": 60},
    ]
    figure = quarter_figures(observations(rows), built(spec), QUARTER).row(0, named=True)
    assert (figure["value"], figure["numerator"], figure["denominator"]) == (55, None, 200)


def test_figures_keep_their_contract_without_any_observation() -> None:
    assert figures([]).schema == pl.Schema(FIGURE_SCHEMA)


def test_a_framework_asks_for_metrics_published_figures_and_flags() -> None:
    assert set(framework_ids(built(SPEC))) == {
        "waits",
        "infections",
        "in_deficit",
        "waits_published",
        "average",
        "access_score",
    }


def test_figures_that_the_framework_does_not_ask_for_are_left_out() -> None:
    row = {"org_code": "RA1", "metric_id": "beds", "period": "2025Q2", "value": 1.0}
    assert figures([row]).is_empty()


def test_values_are_laid_out_by_organisation_with_a_column_for_each_unit() -> None:
    base = {"metric_id": "infections", "period": "2025Q2"}
    rows = [
        base | {"org_code": "RA1", "value": 0.8, "unit": "rate"},
        base | {"org_code": "RB1", "value": 3.0, "unit": "count"},
        {"org_code": "RA1", "metric_id": "in_deficit", "period": "2025Q2", "value": 1.0},
    ]
    register = organisations({"RB1": ACUTE, "RA1": ACUTE, "RC1": ACUTE})
    wide = wide_values(figures(rows), register, built(SPEC))
    assert wide["org_code"].to_list() == ["RB1", "RA1"]
    assert wide["value:infections"].to_list() == [None, 0.8]
    assert wide["value:infections@count"].to_list() == [3.0, None]
    assert wide["flag:in_deficit"].to_list() == [None, 1.0]
    assert wide["value:waits"].to_list() == [None, None]
