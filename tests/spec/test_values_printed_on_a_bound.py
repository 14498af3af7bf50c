"""Values printed exactly on a standard or a floor: the published score tells which side they were.

A value of 74.996 is printed as 75.00 and has missed a standard of 75; its score was taken before it
was rounded. Who missed is ranked with those who missed, so that everybody else's score moves too.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import check_table, framework, metric


def scored_by(method: str = "standard", **changes: Any) -> dict[str, Any]:
    """State a metric whose bounds are 75, or 75 and 50, with the scores as published."""
    bounds = {
        "standard": {"method": "standard", "standard": 75},
        "floor": {"method": "floor", "floor": 50},
        "both": {"method": "standard", "standard": 75, "floor": 50},
    }
    stated = {"scoring": bounds[method], "published_score": "waits_published"}
    return framework({"waits": metric(**(stated | changes))})


def test_one_printed_on_the_standard_that_was_not_scored_best_has_missed_it() -> None:
    # Three have missed, and score 2, 3 and 4: all as computed, none taken from what is published.
    check_table(
        scored_by(),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75    | 2.00            | 2     | no
        CC    | 70    | 3.00            | 3     | no
        DD    | 60    | 4.00            | 4     | no
        """,
    )


def test_from_values_alone_it_has_met_it() -> None:
    check_table(
        scored_by(),
        """
        trust | waits | waits_published | score
        AA    | 90    | 1.00            | 1
        BB    | 75    | 2.00            | 1
        CC    | 70    | 3.00            | 2
        DD    | 60    | 4.00            | 4
        """,
        "computed",
    )


@pytest.mark.parametrize("published", ["1.00", "-"])
def test_one_that_was_scored_best_or_not_at_all_has_met_it(published: str) -> None:
    check_table(
        scored_by(),
        f"""
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75    | {published}     | 1     | no
        CC    | 70    | 2.00            | 2     | no
        DD    | 60    | 4.00            | 4     | no
        """,
    )


def test_where_less_is_better_too() -> None:
    check_table(
        scored_by(polarity="lower_is_better"),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 60    | 1.00            | 1     | no
        BB    | 75    | 1.00            | 1     | no
        CC    | 75    | 2.00            | 2     | no
        DD    | 90    | 4.00            | 4     | no
        """,
    )


def test_of_two_printed_on_it_one_may_have_met_it_and_one_missed_it() -> None:
    # Their published ranks are 2 and 3 of all; of those who missed, the second of them is first.
    check_table(
        scored_by(),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75 #2 | 1.00            | 1     | no
        CC    | 75 #3 | 2.00            | 2     | no
        DD    | 75 #4 | 2.67            | 8/3   | no
        EE    | 70 #5 | 3.33            | 10/3  | no
        FF    | 60 #6 | 4.00            | 4     | no
        """,
    )


def test_two_that_missed_it_with_the_same_published_rank_stay_tied() -> None:
    check_table(
        scored_by(),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75 #2 | 1.00            | 1     | no
        CC    | 75 #3 | 2.00            | 2     | no
        DD    | 75 #3 | 2.00            | 2     | no
        EE    | 70 #5 | 3.33            | 10/3  | no
        FF    | 60 #6 | 4.00            | 4     | no
        """,
    )


def test_their_order_is_that_of_their_own_pool() -> None:
    check_table(
        scored_by(pool="peer_group"),
        """
        trust | type      | waits | waits_published | score | waits score_is_published
        AA    | Acute     | 75 #1 | 1.00            | 1     | no
        BB    | Acute     | 75 #2 | 1.00            | 1     | no
        CC    | Acute     | 75 #3 | 2.00            | 2     | no
        DD    | Acute     | 75 #4 | 4.00            | 4     | no
        EE    | Ambulance | 75 #1 | 1.00            | 1     | no
        FF    | Ambulance | 75 #2 | 2.00            | 2     | no
        GG    | Ambulance | 75 #3 | 4.00            | 4     | no
        """,
    )


def test_between_a_standard_and_a_floor_they_are_ordered_among_their_own_side_too() -> None:
    # Four are between: two on the standard that missed it, two on the floor that passed it.
    check_table(
        scored_by("both"),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 75 #1 | 1.00            | 1     | no
        BB    | 75 #2 | 2.00            | 2     | no
        CC    | 75 #3 | 2.33            | 7/3   | no
        DD    | 50 #4 | 2.67            | 8/3   | no
        EE    | 50 #5 | 3.00            | 3     | no
        FF    | 50 #6 | 4.00            | 4     | no
        """,
    )


@pytest.mark.parametrize(("method", "places"), [("floor", (1, 2, 3)), ("both", (2, 2.5, 3))])
def test_one_that_failed_a_floor_has_no_place_before_those_that_passed_it(
    method: str, places: tuple[float, ...]
) -> None:
    # CC's published rank is before those of DD and EE, whose published scores say that they passed.
    first, second, third = places
    check_table(
        scored_by(method),
        f"""
        trust | waits | waits_published | score    | waits score_is_published
        AA    | 70    | {first}         | {first}  | no
        CC    | 50 #2 | 4.00            | 4        | no
        DD    | 50 #3 | {second}        | {second} | no
        EE    | 50 #4 | {third}         | {third}  | no
        """,
    )


def test_one_beside_the_standard_is_on_the_side_that_is_printed() -> None:
    # Computed, BB would have met the standard and CC be the first of two. Both are as published.
    check_table(
        scored_by(),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75.01 | 2.00            | 2     | yes
        CC    | 70    | 3.00            | 3     | yes
        DD    | 60    | 4.00            | 4     | no
        """,
    )


def test_one_printed_on_the_floor_that_was_scored_worst_has_failed_it() -> None:
    check_table(
        scored_by("floor"),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 70    | 3.00            | 3     | no
        CC    | 50    | 4.00            | 4     | no
        DD    | 40    | 4.00            | 4     | no
        """,
    )


@pytest.mark.parametrize("published", ["3.00", "-"])
def test_one_that_was_not_scored_worst_or_not_at_all_has_passed_it(published: str) -> None:
    check_table(
        scored_by("floor"),
        f"""
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 70    | 2.00            | 2     | no
        CC    | 50    | {published}     | 3     | no
        DD    | 40    | 4.00            | 4     | no
        """,
    )


def test_from_values_alone_it_has_passed_it() -> None:
    check_table(
        scored_by("floor"),
        """
        trust | waits | waits_published | score
        AA    | 90    | 1.00            | 1
        BB    | 70    | 3.00            | 2
        CC    | 50    | 4.00            | 3
        DD    | 40    | 4.00            | 4
        """,
        "computed",
    )


def test_a_standard_and_a_floor_are_settled_each_by_its_own_score() -> None:
    check_table(
        scored_by("both"),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 75    | 1.00            | 1     | no
        CC    | 75    | 2.00            | 2     | no
        DD    | 60    | 2.50            | 2.5   | no
        EE    | 50    | 3.00            | 3     | no
        FF    | 50    | 4.00            | 4     | no
        GG    | 40    | 4.00            | 4     | no
        """,
    )


def test_each_pool_ranks_its_own() -> None:
    check_table(
        scored_by(pool="peer_group"),
        """
        trust | type      | waits | waits_published | score | waits score_is_published
        AA    | Acute     | 75    | 2.00            | 2     | no
        BB    | Acute     | 70    | 4.00            | 4     | no
        CC    | Ambulance | 75    | 1.00            | 1     | no
        DD    | Ambulance | 70    | 2.00            | 2     | no
        """,
    )


def test_on_a_scale_where_more_is_better_the_best_score_is_the_highest() -> None:
    check_table(
        scored_by("both") | {"scale": {"best": 100, "worst": 10}},
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 75    | 100             | 100   | no
        BB    | 75    | 70              | 70    | no
        CC    | 50    | 40              | 40    | no
        DD    | 50    | 10              | 10    | no
        """,
    )


def test_the_published_score_of_a_value_on_a_bands_bound_is_taken_and_moves_nobody() -> None:
    bands = {"method": "bands", "bands": [{"at_least": 75, "score": 1}], "otherwise": 2}
    check_table(
        framework({"waits": metric(scoring=bands, published_score="waits_published")}),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 75    | 2.00            | 2     | yes
        BB    | 75    | 1.00            | 1     | no
        CC    | 70    | 2.00            | 2     | no
        """,
    )
