"""Target: best at the target or better, worst at the limit or worse, linear between them."""

from __future__ import annotations

from tests.support import check_table, framework, metric


def test_values_between_target_and_limit_are_spread_linearly() -> None:
    scoring = {"method": "target", "target": 95, "limit": 75}
    check_table(
        framework({"waits": metric(scoring=scoring)}),
        """
        trust | waits | score
        AA    | 99    | 1
        BB    | 95    | 1
        CC    | 90    | 1.75
        DD    | 85    | 2.5
        EE    | 75    | 4
        FF    | 20    | 4
        """,
    )


def test_where_lower_is_better_the_limit_is_above_the_target() -> None:
    scoring = {"method": "target", "target": 10, "limit": 20}
    check_table(
        framework({"waits": metric(polarity="lower_is_better", scoring=scoring)}),
        """
        trust | waits | score
        AA    | 5     | 1
        BB    | 12    | 1.6
        CC    | 25    | 4
        """,
    )


def test_a_target_does_not_depend_on_the_others() -> None:
    scoring = {"method": "target", "target": 95, "limit": 75}
    check_table(
        framework({"waits": metric(scoring=scoring)}), "trust | waits | score\n AA | 85 | 2.5"
    )
