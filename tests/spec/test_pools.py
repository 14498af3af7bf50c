"""Pools: the organisations among which a metric is scored, which need not be the peer group."""

from __future__ import annotations

from tests.support import check_table, framework, metric

AMBULANCES = {"peer_groups": ["Ambulance"], "include": ["R1F"]}


def test_a_pool_of_all_takes_every_type_together() -> None:
    check_table(
        framework({"sickness": metric(polarity="lower_is_better")}),
        """
        trust | type      | sickness | score
        AA    | Acute     | 4        | 1
        BB    | Ambulance | 5        | 2
        CC    | Acute     | 6        | 3
        DD    | Ambulance | 7        | 4
        """,
    )


def test_a_pool_of_the_peer_group_scores_every_type_alone() -> None:
    check_table(
        framework({"sickness": metric(polarity="lower_is_better", pool="peer_group")}),
        """
        trust | type      | sickness | score
        AA    | Acute     | 4        | 1
        BB    | Ambulance | 5        | 1
        CC    | Acute     | 6        | 4
        DD    | Ambulance | 7        | 2.5
        EE    | Ambulance | 8        | 4
        """,
    )


def test_a_named_pool_has_the_members_of_its_types_and_those_included() -> None:
    check_table(
        framework({"response": metric(polarity="lower_is_better", pool=AMBULANCES)}),
        """
        trust | type      | response | score
        RX6   | Ambulance | 28       | 1
        R1F   | Acute     | 30       | 2.5
        RX9   | Ambulance | 32       | 4
        """,
    )


def test_who_is_not_in_the_pool_is_not_scored_and_does_not_count() -> None:
    check_table(
        framework({"response": metric(polarity="lower_is_better", pool=AMBULANCES)}),
        """
        trust | type          | response | score | metrics_scored | rank
        RX6   | Ambulance     | 28       | 1     | 1              | 1
        RX9   | Ambulance     | 32       | 4     | 1              | 2
        RA1   | Acute         | 29       | -     | 0              | -
        RM1   | Mental health | 20       | -     | 0              | -
        """,
    )


def test_a_named_pool_of_two_types_is_one_pool() -> None:
    costs = metric(polarity="lower_is_better", pool={"peer_groups": ["Mental health", "Ambulance"]})
    check_table(
        framework({"costs": costs}),
        """
        trust | type          | costs | score
        RX6   | Ambulance     | 90    | 1
        RM1   | Mental health | 100   | 2.5
        RM2   | Mental health | 110   | 4
        RA1   | Acute         | 80    | -
        """,
    )


def test_a_standard_ranks_those_that_miss_it_within_the_pool() -> None:
    waits = metric(pool="peer_group", scoring={"method": "standard", "standard": 80})
    check_table(
        framework({"waits": waits}),
        """
        trust | type      | waits | score
        AA    | Acute     | 85    | 1
        BB    | Acute     | 70    | 2
        CC    | Acute     | 60    | 4
        DD    | Ambulance | 50    | 2
        EE    | Ambulance | 40    | 3
        FF    | Ambulance | 30    | 4
        """,
    )


def test_other_spreads_stay_within_the_pool_too() -> None:
    waits = metric(pool="peer_group", scoring={"method": "min_max"})
    share = metric(pool="peer_group", scoring={"method": "percentile"})
    distance = metric(pool="peer_group", scoring={"method": "z_score", "spread": 2})
    check_table(
        framework({"waits": waits, "share": share, "distance": distance}),
        """
        trust | type      | waits | share | distance | score | share score | distance score
        AA    | Acute     | 90    | 9     | 60       | 1     | 1.75        | 1.75
        BB    | Acute     | 80    | 8     | 40       | 4     | 3.25        | 3.25
        CC    | Ambulance | 20    | 2     | 16       | 1     | 1.5         | 1.75
        DD    | Ambulance | 15    | 1     | 14       | 2.5   | 3           | 3.25
        EE    | Ambulance | 10    | 1     | -        | 4     | 3           | -
        """,
    )
