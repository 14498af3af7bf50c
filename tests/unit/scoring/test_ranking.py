"""Competition ranks on several keys."""

from __future__ import annotations

import polars as pl

from nhs_league.scoring.ranking import with_competition_rank

FRAME = pl.DataFrame(
    {
        "group": ["a", "b", "a", "a", None, "b"],
        "first": [1, 1, None, 1, 3, 1],
        "second": [2.0, 2.0, 1.0, 2.0, 5.0, None],
    }
)


def ranks(within: str | None) -> list[int | None]:
    keys = [pl.col("first"), pl.col("second")]
    ranked = with_competition_rank(FRAME, keys, within=within, name="rank")
    assert ranked.columns == [*FRAME.columns, "rank"]
    assert ranked.drop("rank").equals(FRAME)
    return ranked["rank"].to_list()


def test_rows_are_ranked_together() -> None:
    assert ranks(None) == [1, 1, 5, 1, 4, None]


def test_rows_are_ranked_within_a_group_and_those_of_no_group_together() -> None:
    assert ranks("group") == [1, 1, 3, 1, 1, None]


def test_a_frame_without_rows_has_no_ranks() -> None:
    empty = with_competition_rank(FRAME.clear(), [pl.col("first")], within=None, name="rank")
    assert empty["rank"].to_list() == []


def test_a_frame_in_which_nobody_is_ranked() -> None:
    frame = pl.DataFrame({"key": [None, None]}, schema={"key": pl.Float64})
    ranked = with_competition_rank(frame, [pl.col("key")], within=None, name="rank")
    assert ranked["rank"].to_list() == [None, None]
