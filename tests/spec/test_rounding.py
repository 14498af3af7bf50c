"""Rounding: half away from zero, once, and undisturbed by the noise of binary arithmetic."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.scoring.numbers import rounded_expr
from tests import oracle
from tests.support import check_table, framework_of_scores


def rounded(number: float, decimals: int) -> float | None:
    frame = pl.DataFrame({"number": [number]})
    result: float | None = frame.select(rounded_expr(pl.col("number"), decimals)).item()
    return result


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [
        (1.525, 2, 1.53),
        (1.535, 2, 1.54),
        (2.5, 0, 3.0),
        (3.5, 0, 4.0),
        (-2.5, 0, -3.0),
        (-0.125, 2, -0.13),
        (1.5249, 2, 1.52),
        (0.0, 2, 0.0),
        (4.0, 2, 4.0),
    ],
)
def test_a_half_is_rounded_away_from_zero(number: float, decimals: int, expected: float) -> None:
    assert rounded(number, decimals) == expected
    assert float(oracle.rounded(oracle.exact(number), decimals) or 0) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2.675, 2.68),  # in binary a little less than the half
        (1.005, 1.01),
        (2.4949999999999997, 2.50),
        (2.495, 2.50),
        (2.4950000000000006, 2.50),
        (-2.6749999999999994, -2.68),
    ],
)
def test_noise_near_a_half_is_taken_for_the_half(number: float, expected: float) -> None:
    assert rounded(number, 2) == expected
    assert float(oracle.rounded(oracle.exact(number), 2) or 0) == expected


def test_what_is_truly_below_a_half_is_rounded_down() -> None:
    assert rounded(2.4949999, 2) == 2.49


def test_what_is_not_there_is_not_rounded() -> None:
    frame = pl.DataFrame({"number": [None]}, schema={"number": pl.Float64})
    assert frame.select(rounded_expr(pl.col("number"), 2)).item() is None


def test_an_average_at_a_half_is_rounded_up() -> None:
    # 1.01 and 1.02 have a mean of 1.015.
    check_table(
        framework_of_scores("a", "b"),
        "trust | a | b | average\n AA | 1.01 | 1.02 | 1.02\n BB | 1.03 | 1.02 | 1.03",
    )


def test_the_scale_says_how_many_decimals() -> None:
    spec = framework_of_scores("a", "b", scale={"best": 0, "worst": 10, "decimals": 0})
    check_table(spec, "trust | a | b | average\n AA | 2 | 3 | 3\n BB | 3 | 4 | 4")
