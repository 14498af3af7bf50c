"""Bands: the first band that holds gives the score; a value in none of them scores otherwise."""

from __future__ import annotations

from tests.support import check_table, framework, metric

PLAN = {
    "method": "bands",
    "bands": [
        {"at_least": 0, "score": 1},
        {"at_least": -1, "score": 2},
        {"at_least": -2, "score": 3},
    ],
    "otherwise": 4,
}
CASES = {
    "method": "bands",
    "bands": [
        {"at_most": 0, "score": 1},
        {"at_most": 1, "score": 2},
        {"at_most": 2, "score": 3},
    ],
    "otherwise": 4,
}


def test_the_planned_surplus_is_scored_in_bands() -> None:
    check_table(
        framework({"plan": metric(scoring=PLAN), "other": metric()}),
        """
        trust | plan  | other | score
        AA    | 3.2   | 1     | 1
        BB    | 0     | 1     | 1
        CC    | -0.01 | 1     | 2
        DD    | -1    | 1     | 2
        EE    | -1.01 | 1     | 3
        FF    | -2    | 1     | 3
        GG    | -2.01 | 1     | 4
        HH    | -     | 1     | -
        """,
    )


def test_a_count_of_cases_is_scored_in_bands() -> None:
    check_table(
        framework({"cases": metric(polarity="lower_is_better", scoring=CASES)}),
        """
        trust | cases | score
        AA    | 0     | 1
        BB    | 1     | 2
        CC    | 2     | 3
        DD    | 3     | 4
        EE    | 30    | 4
        """,
    )


def test_a_band_does_not_depend_on_the_others() -> None:
    check_table(framework({"plan": metric(scoring=PLAN)}), "trust | plan | score\n AA | -1.5 | 3")


def test_arithmetic_noise_does_not_cross_the_edge_of_a_band() -> None:
    check_table(
        framework({"plan": metric(scoring=PLAN)}),
        "trust | plan | score\n AA | -1.0000000000000002 | 2\n BB | -1.001 | 3",
    )
