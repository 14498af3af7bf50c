"""Rounding and ranking keys."""

from __future__ import annotations

import polars as pl

from nhs_league.scoring.numbers import key_expr, rounded_expr


def test_a_key_makes_numbers_equal_that_differ_by_noise() -> None:
    frame = pl.DataFrame({"number": [0.1 + 0.2, 0.3, 0.300001]})
    keys = frame.select(key_expr(pl.col("number")))["number"].to_list()
    assert keys[0] == keys[1]
    assert keys[1] != keys[2]


def test_rounding_keeps_what_is_not_there() -> None:
    frame = pl.DataFrame({"number": [1.005, None, -1.005]})
    rounded = frame.select(rounded_expr(pl.col("number"), 2))["number"].to_list()
    assert rounded == [1.01, None, -1.01]
