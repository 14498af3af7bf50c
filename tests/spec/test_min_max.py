"""Min-max: linear from the pool's best value to its worst, or between stated goalposts."""

from __future__ import annotations

from typing import Any

from tests.support import check_table, framework, metric


def min_max(polarity: str = "higher_is_better", **goalposts: float) -> dict[str, Any]:
    scoring = {"method": "min_max", **goalposts}
    return framework({"waits": metric(polarity=polarity, scoring=scoring)})


def test_values_are_spread_between_the_best_and_the_worst_of_the_pool() -> None:
    check_table(
        min_max(),
        """
        trust | waits | score
        AA    | 90    | 1
        BB    | 80    | 1.75
        CC    | 60    | 3.25
        DD    | 50    | 4
        """,
    )


def test_where_lower_is_better_the_lowest_value_scores_best() -> None:
    check_table(
        min_max("lower_is_better"),
        """
        trust | waits | score
        AA    | 10    | 1
        BB    | 14    | 2.2
        CC    | 20    | 4
        """,
    )


def test_values_beyond_a_goalpost_are_held_at_it() -> None:
    check_table(
        min_max(lower=0, upper=100),
        """
        trust | waits | score
        AA    | 120   | 1
        BB    | 100   | 1
        CC    | 50    | 2.5
        DD    | 0     | 4
        EE    | -20   | 4
        """,
    )


def test_one_stated_goalpost_leaves_the_other_to_the_pool() -> None:
    check_table(
        min_max(lower=50),
        """
        trust | waits | score
        AA    | 90    | 1
        BB    | 70    | 2.5
        CC    | 40    | 4
        """,
    )


def test_a_pool_whose_values_are_all_equal_scores_best() -> None:
    check_table(min_max(), "trust | waits | score\n AA | 7 | 1\n BB | 7 | 1")
    check_table(min_max(), "trust | waits | score\n AA | -7 | 1\n BB | -7 | 1")


def test_a_whole_pool_worse_than_the_one_stated_goalpost_scores_worst() -> None:
    check_table(min_max(lower=50), "trust | waits | score\n AA | 40 | 4\n BB | 30 | 4")
    check_table(
        min_max("lower_is_better", upper=50), "trust | waits | score\n AA | 60 | 4\n BB | 70 | 4"
    )
    check_table(min_max(lower=-1), "trust | waits | score\n AA | -5 | 4\n BB | -6 | 4")


def test_a_whole_pool_better_than_the_one_stated_goalpost_scores_best() -> None:
    check_table(min_max(upper=50), "trust | waits | score\n AA | 60 | 1\n BB | 70 | 1")
    check_table(
        min_max("lower_is_better", lower=50), "trust | waits | score\n AA | 40 | 1\n BB | 30 | 1"
    )
