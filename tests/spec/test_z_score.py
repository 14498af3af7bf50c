"""Z-score: population standard deviations from the pool's mean, which scores the middle."""

from __future__ import annotations

from tests.support import check_table, framework, metric


def test_the_mean_scores_the_middle_and_the_spread_reaches_the_ends() -> None:
    # Mean 50, deviation 10: one deviation of the two is a quarter of the scale, 0.75.
    scoring = {"method": "z_score", "spread": 2}
    check_table(
        framework({"waits": metric(scoring=scoring)}),
        """
        trust | waits | score
        AA    | 60    | 1.75
        BB    | 40    | 3.25
        CC    | 60    | 1.75
        DD    | 40    | 3.25
        """,
    )


def test_three_deviations_reach_the_ends_unless_stated() -> None:
    # Mean 50, deviation 10: one deviation of the three is a sixth of the scale, 0.5.
    check_table(
        framework({"waits": metric(polarity="lower_is_better", scoring={"method": "z_score"})}),
        "trust | waits | score\n AA | 60 | 3\n BB | 40 | 2",
    )


def test_scores_are_held_at_the_ends_of_the_scale() -> None:
    # Mean 2, deviation 4: the last is two deviations away.
    scoring = {"method": "z_score", "spread": 1}
    check_table(
        framework({"waits": metric(scoring=scoring)}),
        """
        trust | waits | score
        AA    | 0     | 3.25
        BB    | 0     | 3.25
        CC    | 0     | 3.25
        DD    | 0     | 3.25
        EE    | 10    | 1
        """,
    )


def test_without_any_deviation_everybody_scores_the_middle() -> None:
    check_table(
        framework({"waits": metric(scoring={"method": "z_score"})}),
        "trust | waits | score\n AA | 0.1 | 2.5\n BB | 0.1 | 2.5\n CC | 0.1 | 2.5",
    )


def test_a_pool_of_one_scores_the_middle() -> None:
    check_table(
        framework({"waits": metric(scoring={"method": "z_score"})}),
        "trust | waits | score\n AA | 12 | 2.5",
    )
