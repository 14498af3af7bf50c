"""Texts that a spreadsheet would run as formulas."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.spreadsheet_text import FORMULA_STARTS, guarded, unguarded


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1+1", "''=1+1"),
        ("''-", "'''-"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
        (" =1", " =1"),
        ("x\n=1", "x\n=1"),
        ("", ""),
        (None, None),
    ],
)
def test_an_apostrophe_stands_before_what_may_be_a_formula(
    text: str | None, written: str | None
) -> None:
    frame = pl.DataFrame({"name": [text]}, schema={"name": pl.String})
    assert guarded(frame)["name"].item() == written
    assert guarded(frame).select(unguarded(pl.col("name"))).item() == text


def test_numbers_and_truth_values_stay() -> None:
    frame = pl.DataFrame({"a": [-1, None], "b": [-0.5, None], "c": [True, None], "d": [None, None]})
    assert guarded(frame).equals(frame)


@given(st.text(alphabet=st.sampled_from([*FORMULA_STARTS, "'", "a", "\n", " "]), max_size=6))
def test_every_text_comes_back_and_none_begins_like_a_formula(text: str) -> None:
    kept = guarded(pl.DataFrame({"name": [text]}))
    assert not kept["name"].item().startswith(FORMULA_STARTS)
    assert kept.select(unguarded(pl.col("name"))).item() == text
