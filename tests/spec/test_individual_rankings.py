"""A metric's own league is the publisher's: its ranks are those printed beside the values."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league import load_data, open_league, ranking_by
from nhs_league.quarter import Quarter


@pytest.mark.parametrize(
    ("quarter", "expected"), [("2025Q2", 2633), ("2025Q3", 2635), ("2025Q4", 2637)]
)
def test_every_metric_of_the_sample_is_ranked_as_published(quarter: str, expected: int) -> None:
    """Also where trusts of two types print one value: within a type the published ranks tell."""
    opened = open_league(quarter=quarter)
    first_month = Quarter.parse(quarter).first_month
    published = load_data().observations.filter(
        pl.col("first_month") == first_month,
        pl.col("published_rank").is_not_null(),
        pl.col("metric_id").is_in(list(opened.league.framework.metrics)),
    )
    compared = 0
    for (metric_id,), ranks in published.group_by("metric_id", maintain_order=True):
        table = ranking_by(opened.league, str(metric_id))
        both = table.select("org_code", "rank").join(
            ranks.select("org_code", pl.col("published_rank").cast(pl.Int64)), on="org_code"
        )
        assert both.filter(pl.col("rank") != pl.col("published_rank")).rows() == []
        compared += len(both)
    assert compared == len(published) == expected


def test_a_figure_in_another_unit_keeps_it_and_has_no_rank() -> None:
    table = ranking_by(open_league(quarter="2025Q3").league, "OF0048")
    printed = load_data().observations.filter(
        pl.col("metric_id") == "OF0048",
        pl.col("first_month") == Quarter(2025, 3).first_month,
        pl.col("value").is_not_null(),
    )
    units = dict(printed.select("org_code", pl.col("unit").str.to_lowercase()).iter_rows())
    shown = table.filter(pl.col("value").is_not_null())
    assert dict(shown.select("org_code", "unit").iter_rows()) == units
    counts = shown.filter(pl.col("unit") == "count")
    assert counts["value"].sort().to_list() == [0, 1, 1, 3]
    assert counts["rank"].null_count() == len(counts)
