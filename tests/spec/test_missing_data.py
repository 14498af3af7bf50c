"""Missing data: the reasons are kept apart, and nothing is ever filled in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import (
    check_table,
    framework,
    framework_of_scores,
    league,
    league_of_table,
    metric,
    peer_groups_of,
    read_table,
    score_metric,
    table_observations,
)

TWO = framework({"waits": metric(), "other": metric()})


def test_the_reasons_are_kept_apart() -> None:
    rows = read_table(
        """
        trust | waits          | other
        AA    | 50             | 1
        BB    | suppressed     | 1
        CC    | not_submitted  | 1
        DD    | not_applicable | 1
        EE    | -              | 1
        """
    )
    figures = league(TWO, table_observations(TWO, rows), peer_groups_of(rows)).figures
    waits = {
        row["org_code"]: (row["status"], row["value"])
        for row in figures.iter_rows(named=True)
        if row["metric_id"] == "waits"
    }
    assert waits == {
        "AA": ("reported", 50.0),
        "BB": ("suppressed", None),
        "CC": ("not_submitted", None),
        "DD": ("not_applicable", None),
    }


@pytest.mark.parametrize("cell", ["suppressed", "not_submitted", "not_applicable", "-"])
def test_no_reason_becomes_a_number(cell: str) -> None:
    check_table(
        TWO,
        f"""
        trust | waits  | other | score | metrics_scored | composite
        AA    | 90     | 1     | 1     | 2              | 1
        BB    | 0      | 1     | 4     | 2              | 2.5
        CC    | {cell} | 1     | -     | 1              | 1
        """,
    )


def test_reweight_shares_the_weights_among_the_scores_there_are() -> None:
    metrics = {
        "a": score_metric(weight=2),
        "b": score_metric(weight=1),
        "c": score_metric(weight=1),
    }
    check_table(
        framework(metrics),
        """
        trust | a | b | c | composite
        AA    | 1 | 4 | 3 | 9/4
        BB    | 1 | 4 | - | 2
        CC    | - | 4 | 3 | 3.5
        DD    | - | 4 | - | 4
        """,
    )


def test_a_missing_score_is_not_filled_with_the_average() -> None:
    # Filled with the others' mean of 2.5 the last trust would have 1.75 and not 1.
    check_table(
        framework_of_scores("a", "b"),
        """
        trust | a | b | composite
        AA    | 1 | 2 | 1.5
        BB    | 4 | 3 | 3.5
        CC    | 1 | - | 1
        """,
    )


def test_require_all_leaves_a_trust_with_a_gap_unranked() -> None:
    spec = framework_of_scores("a", "b", aggregate={"missing": "require_all"})
    table = """
        trust | a          | b | composite | average | rank | rank_of | segment
        AA    | 1          | 2 | 1.5       | 1.50    | 1    | 1       | -
        BB    | suppressed | 1 | -         | -       | -    | -       | -
        CC    | 1          | - | -         | -       | -    | -       | -
        """
    check_table(spec, table)
    found = league_of_table(spec, table)
    assert found["BB"]["not_ranked_reason"] == "no score for a"
    assert found["CC"]["not_ranked_reason"] == "no score for b"


def test_require_all_asks_only_for_what_is_expected_of_the_trust() -> None:
    metrics = {"a": score_metric(), "response": score_metric(expected_of=["Ambulance"])}
    check_table(
        framework(metrics, aggregate={"missing": "require_all"}),
        """
        trust | type      | a | response | average | metrics_expected
        AA    | Acute     | 2 | -        | 2.00    | 1
        BB    | Ambulance | 2 | -        | -       | 2
        CC    | Ambulance | 2 | 1        | 1.50    | 2
        DD    | Acute     | 2 | 4        | 3.00    | 2
        """,
    )


def test_min_metrics_leaves_a_trust_with_too_few_unranked() -> None:
    spec = framework_of_scores("a", "b", "c", aggregate={"min_metrics": 2})
    table = """
        trust | a | b             | c | metrics_scored | average | rank | rank_of
        AA    | 1 | 2             | 3 | 3              | 2.00    | 2    | 2
        BB    | 1 | 2             | - | 2              | 1.50    | 1    | 2
        CC    | 1 | not_submitted | - | 1              | -       | -    | -
        """
    check_table(spec, table)
    assert league_of_table(spec, table)["CC"]["not_ranked_reason"] == "1 of the 2 metrics needed"


def test_a_metric_that_does_not_count_does_not_fill_the_minimum() -> None:
    metrics: dict[str, Any] = {
        "a": score_metric(),
        "b": score_metric(),
        "shown": score_metric(counts=False),
    }
    check_table(
        framework(metrics, aggregate={"min_metrics": 2}),
        """
        trust | a | b | shown | metrics_scored | average
        AA    | 1 | 2 | 4     | 2              | 1.50
        BB    | 1 | - | 4     | 1              | -
        """,
    )


def test_a_trust_without_any_score_is_listed_and_not_ranked() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | a             | composite | average | segment | adjusted | rank
        AA    | 2             | 2         | 2.00    | -       | -        | 1
        BB    | not_submitted | -         | -       | -       | -        | -
        """,
    )


def test_a_trust_without_any_row_is_not_in_the_league() -> None:
    found = league_of_table(framework_of_scores("a"), "trust | a\n AA | 2\n BB | -")
    assert list(found) == ["AA"]
