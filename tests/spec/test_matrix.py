"""Matrix: two metrics' scores look up a third, as plan and variance make the finance score."""

from __future__ import annotations

import pytest

from tests.support import check_table, framework, metric, score_metric

FINANCE = metric(
    scoring={
        "method": "matrix",
        "rows": "plan",
        "columns": "variance",
        "scores": [[1, 1, 2, 3], [2, 2, 3, 4], [2, 3, 3, 4], [2, 3, 4, 4]],
    }
)
PARTS = {"plan": score_metric(counts=False), "variance": score_metric(counts=False)}


@pytest.mark.parametrize(
    ("plan", "scores"),
    [(1, (1, 1, 2, 3)), (2, (2, 2, 3, 4)), (3, (2, 3, 3, 4)), (4, (2, 3, 4, 4))],
)
def test_every_cell_of_the_finance_matrix(plan: int, scores: tuple[int, ...]) -> None:
    rows = [
        f"A{variance} | {plan} | {variance} | {score}"
        for variance, score in enumerate(scores, start=1)
    ]
    check_table(
        framework(PARTS | {"finance": FINANCE}),
        "\n".join(["trust | plan | variance | finance score", *rows]),
    )


def test_a_table_may_have_a_single_row() -> None:
    row = {"method": "matrix", "rows": "plan", "columns": "variance", "scores": [[1, 3]]}
    check_table(
        framework(PARTS | {"finance": metric(scoring=row)}),
        """
        trust | plan | variance | finance score
        AA    | 1    | 1        | 1
        BB    | 1    | 2        | 3
        CC    | 2    | 1        | -
        """,
    )


def test_only_the_combined_score_counts_in_the_average() -> None:
    check_table(
        framework(PARTS | {"finance": FINANCE, "waits": score_metric()}),
        """
        trust | plan | variance | waits | finance score | metrics_scored | average
        AA    | 4    | 1        | 1     | 2             | 2              | 1.50
        """,
    )


def test_the_parts_are_scored_from_their_values_first() -> None:
    plan = {
        "method": "bands",
        "bands": [
            {"at_least": 0, "score": 1},
            {"at_least": -1, "score": 2},
            {"at_least": -2, "score": 3},
        ],
        "otherwise": 4,
    }
    variance = {
        "method": "bands",
        "bands": [
            {"at_least": 0, "score": 1},
            {"at_least": -0.5, "score": 2},
            {"at_least": -1, "score": 3},
        ],
        "otherwise": 4,
    }
    parts = {"finance": FINANCE, "plan": metric(scoring=plan), "variance": metric(scoring=variance)}
    check_table(
        framework(parts),
        """
        trust | plan | variance | plan score | variance score | finance score
        AA    | 0    | 0        | 1          | 1              | 1
        BB    | -1.5 | -0.5     | 3          | 2              | 3
        CC    | -9   | 0.1      | 4          | 1              | 2
        """,
    )


def test_a_score_without_one_of_its_parts_is_missing() -> None:
    check_table(
        framework(PARTS | {"finance": FINANCE, "waits": score_metric()}),
        """
        trust | plan | variance   | waits | finance score | average
        AA    | 1    | -          | 2     | -             | 2
        BB    | 1    | suppressed | 2     | -             | 2
        CC    | -    | 1          | 2     | -             | 2
        """,
    )


def test_a_score_that_is_not_in_the_table_gives_none() -> None:
    scale = {"best": 1, "worst": 5}
    check_table(
        framework(PARTS | {"finance": FINANCE}, scale=scale),
        """
        trust | plan | variance | finance score
        AA    | 1.4  | 1        | -
        BB    | 1.6  | 1        | -
        CC    | 1    | 1.4      | -
        DD    | 1    | 1.6      | -
        EE    | 5    | 1        | -
        FF    | 1    | 5        | -
        GG    | 2    | 5        | -
        HH    | 4    | 4        | 4
        """,
    )


def test_a_score_below_the_table_does_not_land_in_the_row_above() -> None:
    check_table(
        framework(PARTS | {"finance": FINANCE}, scale={"best": 0, "worst": 4}),
        """
        trust | plan | variance | finance score
        AA    | 2    | 0        | -
        BB    | 0    | 2        | -
        CC    | 2    | 1        | 2
        """,
    )


def test_a_score_far_off_the_table_does_not_land_in_another_row() -> None:
    scale = {"best": 1, "worst": 200}
    check_table(
        framework(PARTS | {"finance": FINANCE}, scale=scale),
        "trust | plan | variance | finance score\n AA | 1 | 101 | -",
    )
