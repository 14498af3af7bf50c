"""How far into the tails of the replicates a range goes, against printed tables."""

from __future__ import annotations

from fractions import Fraction
from math import erf, sqrt

import numpy as np
import pytest

from nhs_league.analysis.robustness.intervals import tail_shares
from nhs_league.analysis.robustness.robustness import Design, robustness
from tests.robustness_oracle import draws, league_of, ranges, resampled
from tests.support import assert_rows, framework_of_scores

STUDENT = {
    2: 12.706,
    3: 4.303,
    5: 2.776,
    10: 2.262,
    12: 2.201,
    25: 2.064,
}
"""The 97.5% point of Student's t distribution by number of metrics, one more than its freedom."""


def normal_share_below(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


def test_the_percentile_range_leaves_out_as_much_of_any_number_of_metrics() -> None:
    assert tail_shares("percentile", np.array([2, 5, 5, 25])).tolist() == pytest.approx([0.025] * 4)


@pytest.mark.parametrize("metrics", [5, 10, 12, 25])
def test_the_expanded_range_goes_as_far_as_students_t(metrics: int) -> None:
    (share,) = tail_shares("expanded", np.array([metrics]))
    reach = STUDENT[metrics] * sqrt(metrics / (metrics - 1))
    low, high = (normal_share_below(-(reach + rounding)) for rounding in (0.0006, -0.0006))
    assert low < share < high


def test_the_expanded_share_of_ten_metrics_by_hand() -> None:
    # 2.262 times the root of 10/9 is 2.384; beyond that lie 0.86% of a normal distribution.
    (share,) = tail_shares("expanded", np.array([10]))
    assert share == pytest.approx(0.00855, abs=0.00005)


def test_the_expanded_range_narrows_towards_the_percentile_range() -> None:
    shares = tail_shares("expanded", np.array([2, 3, 5, 10, 25, 100, 10_000])).tolist()
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 1e-40
    assert 0.0249 < shares[-1] < 0.025


def test_each_number_of_metrics_has_its_own_share_in_its_own_place() -> None:
    mixed = tail_shares("expanded", np.array([12, 5, 12, 3])).tolist()
    alone = [float(tail_shares("expanded", np.array([count]))[0]) for count in (12, 5, 12, 3)]
    assert mixed == alone


SCORES = """
trust | a | b   | c   | d | e   | f
AA    | 1 | 1.5 | 2   | 4 | 3.5 | 2.5
BB    | 2 | 2   | 2.5 | 3 | 1   | -
CC    | 4 | 3   | 1   | - | -   | -
DD    | 1 | 4   | -   | - | -   | -
"""


def test_an_expanded_range_is_read_out_of_the_replicates_further_out() -> None:
    table = league_of(framework_of_scores(*"abcdef"), SCORES)
    tails = {}
    for org, metrics, student in (
        ("AA", 6, 2.570582), ("BB", 5, 2.776445), ("CC", 3, 4.302653), ("DD", 2, 12.706205)
    ):  # fmt: skip
        reach = student * sqrt(metrics / (metrics - 1))
        tails[org] = Fraction(normal_share_below(-reach))
    told = robustness(table, Design(replicates=400, interval="expanded")).ranges
    found = {row["org_code"]: row for row in told.iter_rows(named=True)}
    naive = resampled(table, draws(table, 1, 400), 400)
    expected = ranges(table, naive, least_metrics=2, tails=tails)
    assert_rows(found, expected)
    assert (found["DD"]["score_low"], found["DD"]["score_high"]) == (1, 4)


def test_an_expanded_range_holds_the_percentile_range_within() -> None:
    table = league_of(framework_of_scores(*"abcdef"), SCORES)
    wide, narrow = (
        robustness(table, Design(replicates=1000, interval=interval)).ranges
        for interval in ("expanded", "percentile")
    )
    for end in ("score", "rank"):
        assert (wide[f"{end}_low"] <= narrow[f"{end}_low"]).all()
        assert (wide[f"{end}_high"] >= narrow[f"{end}_high"]).all()
    assert (wide["score_low"] < narrow["score_low"]).any()
    assert wide["expected_rank"].equals(narrow["expected_rank"])
