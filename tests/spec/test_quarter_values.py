"""The quarter's value: by the metric's basis, out of months or of editions in force."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests import oracle
from tests.support import QUARTER, framework, league, metric, read_table

NUMBERS = ("value", "numerator", "denominator")


def check_quarter(stated: dict[str, Any], months: str, expected: str) -> None:
    """Hold the quarter's value, status and months left out, in the engine and the oracle."""
    spec = framework({"waits": stated})
    rows = [
        {"org_code": row["trust"], "metric_id": "waits"}
        | {
            name: float(cell) if name in NUMBERS else cell
            for name, cell in row.items()
            if name != "trust" and cell != "-"
        }
        for row in read_table(months)
    ]
    groups = {row["org_code"]: "Acute" for row in rows}
    engine = {
        figure["org_code"]: figure
        for figure in league(spec, rows, groups).figures.iter_rows(named=True)
    }
    naive = oracle.quarter_figures(rows, spec, QUARTER)
    for row in read_table(expected):
        org, status = row["trust"], row["status"]
        if status == "no figure":
            assert org not in engine
            assert ("waits", org) not in naive
            continue
        value = None if row["value"] == "-" else pytest.approx(float(Fraction(row["value"])))
        assert (engine[org]["value"], engine[org]["status"]) == (value, status)
        other = naive["waits", org]
        assert (None if other.value is None else float(other.value), other.status) == (
            value,
            status,
        )
        if "left out" in row:
            left_out = None if row["left out"] == "-" else row["left out"]
            assert engine[org]["left_out"] == left_out
            assert bool(other.left_out) == bool(left_out)


PERCENT = metric(basis="sum", per=100)


def test_sum_puts_all_numerators_over_all_denominators() -> None:
    # (10 + 90 + 30) / (100 + 100 + 300), which is not the mean of 10%, 90% and 10%.
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator
        AA    | 2025-04 | 10        | 100
        AA    | 2025-05 | 90        | 100
        AA    | 2025-06 | 30        | 300
        """,
        "trust | value | status\n AA | 26 | reported",
    )


def test_months_of_other_quarters_are_not_counted() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator
        AA    | 2025-03 | 99        | 100
        AA    | 2025-04 | 10        | 100
        AA    | 2025-07 | 99        | 100
        BB    | 2025-07 | 99        | 100
        """,
        "trust | value | status\n AA | 10 | reported\n BB | - | no figure",
    )


@pytest.mark.parametrize("basis", ["sum", "latest"])
def test_a_figure_for_two_months_is_neither_a_months_nor_the_quarters(basis: str) -> None:
    check_quarter(
        metric(basis=basis, per=100),
        """
        trust | period             | numerator | denominator
        AA    | 2025-04            | 10        | 100
        AA    | 2025-04 to 2025-05 | 90        | 100
        BB    | 2025-04 to 2025-05 | 90        | 100
        BB    | 2025-05 to 2025-06 | 90        | 100
        """,
        "trust | value | status\n AA | 10 | reported\n BB | - | no figure",
    )


def test_a_share_need_not_be_a_whole_number() -> None:
    # Of 300 patients 100.
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator
        AA    | 2025-04 | 30        | 100
        AA    | 2025-05 | 70        | 200
        """,
        "trust | value | status\n AA | 100/3 | reported",
    )


def test_half_patients_are_counted_as_halves() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator
        AA    | 2025-04 | 52.5      | 80
        AA    | 2025-05 | 37.5      | 70
        """,
        "trust | value | status\n AA | 60 | reported",
    )


def test_mean_weights_the_months_by_their_denominators_and_converts_the_unit() -> None:
    # (1800 x 100 + 2400 x 300) / 400 = 2250 seconds, 37.5 minutes.
    check_quarter(
        metric(basis="mean", divide_by=60, polarity="lower_is_better"),
        """
        trust | period  | value | denominator
        AA    | 2025-04 | 1800  | 100
        AA    | 2025-05 | 2400  | 300
        """,
        "trust | value | status\n AA | 37.5 | reported",
    )


def test_mean_takes_months_stated_as_counts_too() -> None:
    # 50% of 100 and 60 of 100.
    check_quarter(
        metric(basis="mean", per=100),
        """
        trust | period  | value | numerator | denominator
        AA    | 2025-04 | 50    | -         | 100
        AA    | 2025-05 | -     | 60        | 100
        """,
        "trust | value | status\n AA | 55 | reported",
    )


def test_latest_takes_the_last_month_of_the_quarter() -> None:
    check_quarter(
        metric(basis="latest", per=100),
        """
        trust | period  | numerator | denominator
        AA    | 2025-05 | 50        | 100
        AA    | 2025-06 | 30        | 60
        AA    | 2025-04 | 10        | 100
        """,
        "trust | value | status\n AA | 50 | reported",
    )


def test_latest_converts_the_unit() -> None:
    # 2250 seconds are 37.5 minutes.
    check_quarter(
        metric(basis="latest", divide_by=60, polarity="lower_is_better"),
        "trust | period | value\n AA | 2025-06 | 2250",
        "trust | value | status\n AA | 37.5 | reported",
    )


def test_latest_is_the_same_month_for_everybody() -> None:
    # A snapshot of May is no answer to what June was like.
    check_quarter(
        metric(basis="latest", per=100),
        """
        trust | period  | numerator | denominator | status
        AA    | 2025-06 | 30        | 60          | reported
        BB    | 2025-05 | 55        | 60          | reported
        CC    | 2025-05 | 55        | 60          | reported
        CC    | 2025-06 | -         | 60          | not_submitted
        """,
        """
        trust | value | status
        AA    | 50    | reported
        BB    | -     | no figure
        CC    | -     | not_submitted
        """,
    )


def test_latest_is_the_last_month_that_the_data_have() -> None:
    check_quarter(
        metric(basis="latest", per=100),
        """
        trust | period  | numerator | denominator
        AA    | 2025-04 | 30        | 60
        AA    | 2025-05 | 15        | 60
        BB    | 2025-05 | 45        | 60
        """,
        "trust | value | status\n AA | 25 | reported\n BB | 75 | reported",
    )


def test_in_force_uses_the_edition_that_covers_the_quarter() -> None:
    check_quarter(
        metric(basis="in_force"),
        """
        trust | period           | value
        AA    | 2024Q3 to 2025Q2 | 6.7
        AA    | 2025Q3 to 2026Q2 | 7.1
        BB    | 2025Q3 to 2026Q2 | 7.1
        CC    | 2025-06          | 7.1
        """,
        """
        trust | value | status
        AA    | 6.7   | reported
        BB    | -     | no figure
        CC    | -     | no figure
        """,
    )


def test_the_shortest_and_then_the_newest_edition_is_in_force() -> None:
    check_quarter(
        metric(basis="in_force"),
        """
        trust | period           | value
        AA    | 2024Q3 to 2025Q2 | 1
        AA    | 2025Q1 to 2025Q2 | 2
        BB    | 2025Q1 to 2025Q2 | 3
        BB    | 2025Q2 to 2025Q3 | 4
        """,
        "trust | value | status\n AA | 2 | reported\n BB | 4 | reported",
    )


def test_a_month_that_was_not_submitted_is_left_out_and_named() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator | status
        AA    | 2025-04 | 10        | 100         | reported
        AA    | 2025-05 | -         | 700         | not_submitted
        AA    | 2025-06 | 30        | 100         | reported
        """,
        "trust | value | status | left out\n AA | 20 | reported | 2025-05 (not submitted)",
    )


def test_months_left_out_are_named_in_their_order() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator | status
        AA    | 2025-05 | -         | -           | suppressed
        AA    | 2025-06 | 10        | 100         | reported
        BB    | 2025-04 | 10        | 100         | reported
        """,
        """
        trust | value | status   | left out
        AA    | 10    | reported | 2025-04 (no row), 2025-05 (suppressed)
        BB    | 10    | reported | 2025-05 (no row), 2025-06 (no row)
        """,
    )


def test_a_month_without_what_the_basis_adds_up_is_left_out_with_its_denominator() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | value | numerator | denominator
        AA    | 2025-04 | -     | 10        | 100
        AA    | 2025-05 | 50    | -         | 100
        """,
        "trust | value | status\n AA | 10 | reported",
    )


def test_a_month_that_others_have_and_a_trust_has_no_row_for_is_named_too() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator
        AA    | 2025-04 | 10        | 100
        BB    | 2025-04 | 10        | 100
        BB    | 2025-05 | 30        | 100
        """,
        """
        trust | value | status   | left out
        AA    | 10    | reported | 2025-05 (no row)
        BB    | 20    | reported | -
        """,
    )


def test_without_a_reported_month_the_last_reason_stands() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | status
        AA    | 2025-04 | not_submitted
        AA    | 2025-05 | suppressed
        """,
        "trust | value | status\n AA | - | suppressed",
    )


def test_a_month_without_a_row_is_no_reason() -> None:
    check_quarter(
        PERCENT,
        """
        trust | period  | numerator | denominator | status
        AA    | 2025-04 | -         | -           | suppressed
        BB    | 2025-06 | 30        | 100         | reported
        """,
        "trust | value | status\n AA | - | suppressed\n BB | 30 | reported",
    )


@pytest.mark.parametrize("basis", ["sum", "mean", "latest", "in_force"])
def test_a_figure_for_the_whole_quarter_wins_over_its_months(basis: str) -> None:
    check_quarter(
        metric(basis=basis, per=100),
        """
        trust | period  | value | numerator | denominator
        AA    | 2025-04 | -     | 10        | 100
        AA    | 2025Q2  | 77    | -         | -
        AA    | 2025-06 | -     | 30        | 100
        """,
        "trust | value | status\n AA | 77 | reported",
    )


@pytest.mark.parametrize("basis", ["sum", "mean", "latest", "in_force"])
def test_a_whole_quarter_stated_as_counts_is_put_in_the_unit(basis: str) -> None:
    check_quarter(
        metric(basis=basis, per=100, divide_by=2),
        "trust | period | numerator | denominator\n AA | 2025Q2 | 30 | 40",
        "trust | value | status\n AA | 37.5 | reported",
    )


def test_a_value_that_is_stated_beside_its_counts_is_the_value() -> None:
    check_quarter(
        metric(basis="in_force", per=100),
        "trust | period | value | numerator | denominator\n AA | 2025Q2 | 33 | 1 | 3",
        "trust | value | status\n AA | 33 | reported",
    )


@pytest.mark.parametrize("basis", ["sum", "mean", "latest"])
def test_nothing_over_nothing_is_not_applicable(basis: str) -> None:
    check_quarter(
        metric(basis=basis, per=100),
        "trust | period | numerator | denominator\n AA | 2025-06 | 0 | 0",
        "trust | value | status\n AA | - | not_applicable",
    )


@pytest.mark.parametrize("basis", ["sum", "mean", "latest"])
def test_a_denominator_may_be_one(basis: str) -> None:
    check_quarter(
        metric(basis=basis, per=100),
        "trust | period | numerator | denominator\n AA | 2025-06 | 1 | 1",
        "trust | value | status\n AA | 100 | reported",
    )


def test_nought_over_something_is_nought() -> None:
    check_quarter(
        PERCENT,
        "trust | period | numerator | denominator\n AA | 2025-06 | 0 | 9",
        "trust | value | status\n AA | 0 | reported",
    )
