"""Percentile: (mean rank - 0.5) / n of the way from best to worst."""

from __future__ import annotations

from tests.support import check_table, framework, metric

PERCENTILE = framework({"waits": metric(scoring={"method": "percentile"})})


def test_places_are_the_middles_of_equal_shares() -> None:
    # Shares 1/8, 3/8, 5/8 and 7/8 of the three points between 1 and 4.
    check_table(
        PERCENTILE,
        """
        trust | waits | score
        AA    | 90    | 1.375
        BB    | 80    | 2.125
        CC    | 70    | 2.875
        DD    | 60    | 3.625
        """,
    )


def test_ties_share_the_mean_of_their_ranks() -> None:
    # Ranks 1, 2.5, 2.5 and 4.
    check_table(
        PERCENTILE,
        """
        trust | waits | score
        AA    | 90    | 1.375
        BB    | 80    | 2.5
        CC    | 80    | 2.5
        DD    | 60    | 3.625
        """,
    )


def test_a_pool_of_one_scores_the_middle() -> None:
    check_table(PERCENTILE, "trust | waits | score\n AA | 3 | 2.5")
