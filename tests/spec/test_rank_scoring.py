"""Rank: 1 + 3(r - 1)/(n - 1), where r is the competition rank in a pool of n, 1 the best."""

from __future__ import annotations

from tests.support import check_table, framework, metric


def test_ranks_are_spread_evenly_from_1_to_4() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 90    | 1.00
        BB    | 80    | 1.75
        CC    | 70    | 2.50
        DD    | 60    | 3.25
        EE    | 10    | 4.00
        """,
    )


def test_a_lower_value_is_better_under_the_other_polarity() -> None:
    check_table(
        framework({"waits": metric(polarity="lower_is_better")}),
        """
        trust | waits | score
        AA    | 90    | 4.00
        BB    | 80    | 2.50
        CC    | -5    | 1.00
        """,
    )


def test_only_the_order_of_the_values_matters() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits   | score
        AA    | 1000000 | 1
        BB    | 0.002   | 2
        CC    | 0.001   | 3
        DD    | 0       | 4
        """,
    )


def test_a_score_keeps_its_thirds() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 9     | 1
        BB    | 8     | 10/7
        CC    | 7     | 13/7
        DD    | 6     | 16/7
        EE    | 5     | 19/7
        FF    | 4     | 22/7
        GG    | 3     | 25/7
        HH    | 2     | 4
        """,
    )


def test_a_pool_of_one_scores_best() -> None:
    check_table(framework({"waits": metric()}), "trust | waits | score\n AA | 12 | 1.00")


def test_trusts_that_are_all_equal_share_the_best_score() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 50    | 1
        BB    | 50    | 1
        CC    | 50    | 1
        """,
    )


def test_trusts_without_a_value_are_not_counted_in_the_pool() -> None:
    check_table(
        framework({"waits": metric(), "other": metric()}),
        """
        trust | waits         | other | score
        AA    | 90            | 1     | 1
        BB    | 80            | 1     | 2.5
        CC    | 70            | 1     | 4
        DD    | -             | 1     | -
        EE    | not_submitted | 1     | -
        """,
    )


def test_the_spread_follows_the_scale() -> None:
    check_table(
        framework({"waits": metric()}, scale={"best": 100, "worst": 0}),
        """
        trust | waits | score
        AA    | 90    | 100
        BB    | 80    | 50
        CC    | 70    | 0
        """,
    )
