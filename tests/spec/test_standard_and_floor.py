"""Standard and floor: 1.00 for meeting one, 4.00 for failing the other, 2.00 to 3.00 between."""

from __future__ import annotations

from tests.support import check_table, framework, metric

BETWEEN_50_AND_80 = {
    "waits": metric(scoring={"method": "standard", "standard": 80, "floor": 50}),
}


def test_those_between_floor_and_standard_are_ranked_from_2_to_3() -> None:
    check_table(
        framework(BETWEEN_50_AND_80),
        """
        trust | waits | score
        AA    | 92    | 1
        BB    | 80    | 1
        CC    | 79    | 2
        DD    | 65    | 2.5
        EE    | 50    | 3
        FF    | 49    | 4
        GG    | 3     | 4
        """,
    )


def test_where_lower_is_better_the_floor_is_above_the_standard() -> None:
    scoring = {"method": "standard", "standard": 18, "floor": 52}
    check_table(
        framework({"weeks": metric(polarity="lower_is_better", scoring=scoring)}),
        """
        trust | weeks | score
        AA    | 18    | 1
        BB    | 19    | 2
        CC    | 52    | 3
        DD    | 53    | 4
        """,
    )


def test_one_trust_alone_between_the_two_scores_2() -> None:
    check_table(
        framework(BETWEEN_50_AND_80),
        """
        trust | waits | score
        AA    | 92    | 1
        BB    | 51    | 2
        CC    | 49    | 4
        """,
    )
