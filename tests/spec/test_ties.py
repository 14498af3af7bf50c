"""Ties share the best rank, unless published ranks of one trust type tell them apart."""

from __future__ import annotations

from tests.support import check_table, framework, metric


def test_ties_share_the_best_rank() -> None:
    # Ranks 1, 2, 2, 4 of four.
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 90    | 1
        BB    | 80    | 2
        CC    | 80    | 2
        DD    | 70    | 4
        """,
    )


def test_arithmetic_noise_does_not_break_a_tie() -> None:
    # In binary 0.3 over 3 is a little less than 0.1.
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits     | score
        AA    | 9/10      | 1
        BB    | 0.1/1     | 2.5
        CC    | 0.3/3     | 2.5
        """,
    )


def test_the_published_rank_breaks_a_tie_within_one_type() -> None:
    # Values are published rounded; ranks were taken on what they were rounded from.
    check_table(
        framework({"waits": metric(pool="peer_group")}),
        """
        trust | type      | waits   | score
        AA    | Acute     | 90 #1   | 1
        BB    | Acute     | 80 #3   | 3
        CC    | Acute     | 80 #2   | 2
        DD    | Acute     | 70 #4   | 4
        """,
    )


def test_trusts_tied_in_the_published_rank_stay_tied() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 80 #1 | 1
        BB    | 80 #2 | 2
        CC    | 80 #2 | 2
        DD    | 70 #4 | 4
        """,
    )


def test_trusts_tied_in_the_published_rank_take_as_many_places() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 80 #1 | 1
        BB    | 80 #1 | 1
        CC    | 80 #3 | 3
        DD    | 70 #4 | 4
        """,
    )


def test_the_published_rank_breaks_ties_only_and_overturns_no_value() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 90 #3 | 1
        BB    | 80 #2 | 2.5
        CC    | 70 #1 | 4
        """,
    )


def test_a_tie_across_types_cannot_be_broken() -> None:
    # The ranks are places within each type: 5th of one and 2nd of another say nothing.
    check_table(
        framework({"waits": metric()}),
        """
        trust | type      | waits | score
        AA    | Acute     | 80 #5 | 1
        BB    | Ambulance | 80 #2 | 1
        CC    | Acute     | 70 #6 | 4
        """,
    )


def test_a_tie_within_one_type_is_broken_in_a_pool_of_all_types() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | type      | waits | score
        AA    | Acute     | 80 #5 | 1
        BB    | Acute     | 80 #6 | 2
        CC    | Ambulance | 70 #1 | 3
        DD    | Ambulance | 70 #1 | 3
        """,
    )


def test_each_type_is_told_apart_by_its_own_ranks_in_its_own_pool() -> None:
    check_table(
        framework({"waits": metric(pool="peer_group")}),
        """
        trust | type      | waits | score
        AA    | Acute     | 80 #2 | 4
        BB    | Acute     | 80 #1 | 1
        CC    | Ambulance | 80 #1 | 1
        DD    | Ambulance | 80 #2 | 4
        """,
    )


def test_a_tie_with_a_trust_of_no_published_rank_stays_a_tie() -> None:
    check_table(
        framework({"waits": metric()}),
        """
        trust | waits | score
        AA    | 80 #1 | 1
        BB    | 80    | 1
        CC    | 80 #2 | 1
        DD    | 70 #4 | 4
        """,
    )


def test_values_tie_whichever_way_the_metrics_own_unit_is_written() -> None:
    infections = metric(
        polarity="lower_is_better", scoring_of_unit={"count": {"method": "published"}}
    )
    check_table(
        framework({"beds": metric(), "infections": infections, "z": metric()}),
        """
        trust | beds          | infections   | z             | score | infections score | z score
        AA    | 80 percent #2 | 0.5 rate #1  | 90 count #2   | 2.5   | 1                | 2.5
        BB    | 80 count #1   | 0.5 ratio #2 | 90 percent #1 | 1     | 2.5              | 1
        CC    | 70 percent #3 | 0.9 cases #3 | 80 percent #3 | 4     | 4                | 4
        """,
    )


def test_who_is_not_in_the_pool_does_not_keep_a_tie_from_being_broken() -> None:
    check_table(
        framework({"waits": metric(pool={"peer_groups": ["Acute"]})}),
        """
        trust | type      | waits | score
        AA    | Acute     | 80 #1 | 1
        BB    | Acute     | 80 #2 | 4
        CC    | Ambulance | 80 #1 | -
        """,
    )


def test_who_is_in_the_pool_of_one_metric_says_nothing_of_the_ties_of_another() -> None:
    metrics = {
        "a": metric(),
        "m": metric(pool={"peer_groups": ["Acute"]}),
        "z": metric(),
    }
    check_table(
        framework(metrics),
        """
        trust | type      | a     | m     | z     | a score | m score | z score
        AA    | Ambulance | 80 #1 | 80 #1 | 90 #2 | 1       | -       | 4
        BB    | Ambulance | 80 #2 | 80 #2 | 90 #1 | 4       | -       | 1
        """,
    )


def test_ties_among_those_that_miss_a_standard_are_broken_too() -> None:
    waits = metric(pool="peer_group", scoring={"method": "standard", "standard": 78})
    check_table(
        framework({"waits": waits}),
        """
        trust | waits | score
        AA    | 80 #1 | 1
        BB    | 80 #2 | 1
        CC    | 70 #4 | 4
        DD    | 70 #3 | 2
        """,
    )
