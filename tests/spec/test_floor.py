"""Floor: failing it scores 4.00; those that pass it are ranked from 1.00 to 3.00."""

from __future__ import annotations

from tests.support import check_table, framework, metric

AT_LEAST_70 = {"response": metric(scoring={"method": "floor", "floor": 70})}


def test_those_that_pass_the_floor_are_ranked_from_1_to_3() -> None:
    check_table(
        framework(AT_LEAST_70),
        """
        trust | response | score
        AA    | 95       | 1
        BB    | 90       | 5/3
        CC    | 85       | 7/3
        DD    | 70       | 3
        EE    | 69.99    | 4
        FF    | 0        | 4
        """,
    )


def test_the_floor_of_a_metric_where_lower_is_better_is_a_ceiling() -> None:
    floor = {"method": "floor", "floor": 10}
    check_table(
        framework({"waits": metric(polarity="lower_is_better", scoring=floor)}),
        """
        trust | waits | score
        AA    | 1     | 1
        BB    | 10    | 3
        CC    | 10.1  | 4
        """,
    )


def test_one_trust_alone_in_passing_the_floor_scores_best() -> None:
    check_table(framework(AT_LEAST_70), "trust | response | score\n AA | 71 | 1\n BB | 7 | 4")


def test_everybody_may_fail_the_floor() -> None:
    check_table(framework(AT_LEAST_70), "trust | response | score\n AA | 9 | 4\n BB | 7 | 4")
