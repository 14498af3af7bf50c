"""Standard: meeting it scores 1.00; those that miss it are ranked from 2.00 to 4.00."""

from __future__ import annotations

from tests.support import check_table, framework, metric

AT_LEAST_78 = {"waits": metric(scoring={"method": "standard", "standard": 78})}


def test_those_that_miss_the_standard_are_ranked_from_2_to_4() -> None:
    check_table(
        framework(AT_LEAST_78),
        """
        trust | waits | score
        AA    | 95    | 1
        BB    | 78    | 1
        CC    | 77    | 2
        DD    | 60    | 3
        EE    | 40    | 4
        """,
    )


def test_those_that_meet_the_standard_do_not_lengthen_the_ranking() -> None:
    check_table(
        framework(AT_LEAST_78),
        """
        trust | waits | score
        AA    | 99    | 1
        BB    | 98    | 1
        CC    | 97    | 1
        DD    | 77    | 2
        EE    | 76    | 4
        """,
    )


def test_a_value_at_the_standard_meets_it() -> None:
    standard = {"method": "standard", "standard": 0.3}
    check_table(
        framework({"waits": metric(polarity="lower_is_better", scoring=standard)}),
        """
        trust | waits | score
        AA    | 0.3   | 1
        BB    | 0.31  | 2
        CC    | 0.32  | 4
        """,
    )


def test_arithmetic_noise_does_not_miss_a_standard() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in binary.
    standard = {"method": "standard", "standard": 0.3}
    check_table(
        framework({"waits": metric(polarity="lower_is_better", scoring=standard)}),
        "trust | waits | score\n AA | 0.30000000000000004 | 1\n BB | 0.3001 | 2",
    )


def test_a_standard_of_no_cases() -> None:
    standard = {"method": "standard", "standard": 0}
    check_table(
        framework({"cases": metric(polarity="lower_is_better", scoring=standard)}),
        """
        trust | cases | score
        AA    | 0     | 1
        BB    | 1     | 2
        CC    | 1     | 2
        DD    | 4     | 4
        """,
    )


def test_everybody_may_meet_the_standard() -> None:
    check_table(framework(AT_LEAST_78), "trust | waits | score\n AA | 80 | 1\n BB | 90 | 1")


def test_one_trust_alone_in_missing_the_standard_scores_2() -> None:
    check_table(framework(AT_LEAST_78), "trust | waits | score\n AA | 80 | 1\n BB | 10 | 2")


def test_the_thirds_follow_the_scale() -> None:
    check_table(
        framework(AT_LEAST_78, scale={"best": 90, "worst": 0}),
        """
        trust | waits | score
        AA    | 80    | 90
        BB    | 70    | 60
        CC    | 60    | 30
        DD    | 50    | 0
        """,
    )
