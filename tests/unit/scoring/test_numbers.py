"""Rounding and ranking keys."""

from __future__ import annotations

import polars as pl

from nhs_league.scoring.numbers import key_expr, rounded_expr


def test_a_key_makes_numbers_equal_that_differ_by_noise() -> None:
    frame = pl.DataFrame({"number": [0.1 + 0.2, 0.3, 0.300001]})
    keys = frame.select(key_expr(pl.col("number")))["number"].to_list()
    assert keys[0] == keys[1]
    assert keys[1] != keys[2]


def test_a_key_has_nine_decimals() -> None:
    frame = pl.DataFrame({"number": [0.3, 0.3 + 4e-10, 0.3 + 6e-10]})
    keys = frame.select(key_expr(pl.col("number")))["number"].to_list()
    assert keys == [0.3, 0.3, 0.300000001]


def test_rounding_keeps_what_is_not_there() -> None:
    frame = pl.DataFrame({"number": [1.005, None, -1.005]})
    rounded = frame.select(rounded_expr(pl.col("number"), 2))["number"].to_list()
    assert rounded == [1.01, None, -1.01]


def test_a_half_so_large_that_the_tolerance_is_lost_in_it_is_rounded_away_from_zero() -> None:
    large = 2.0**40
    frame = pl.DataFrame({"number": [large + 0.5, -large - 0.5]})
    rounded = frame.select(rounded_expr(pl.col("number"), 0))["number"].to_list()
    assert rounded == [large + 1, -large - 1]
