"""League tables as frames, and the filters on them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhs_league import OpenLeague, UsageError, filtered, ranking, ranking_by
from nhs_league.analysis.rankings import RANKING_COLUMNS, SINGLE_COLUMNS, resolve_by
from nhs_league.scoring.aggregate import scored_domains


def table_of(*ranks: int | None, group: str = "Acute trust") -> pl.DataFrame:
    """Make a ranking with these ranks in one peer group."""
    return pl.DataFrame(
        {
            "org_code": [f"{group[0]}{index}" for index in range(len(ranks))],
            "peer_group": [group] * len(ranks),
            "region": ["London"] * len(ranks),
            "rank": pl.Series(ranks, dtype=pl.Int64),
        }
    )


REGISTER = pl.DataFrame(
    {
        "org_code": ["A0", "A1", "A2"],
        "region": ["London", "North West", "North East"],
        "icb_code": ["QAA", "QBB", None],
        "icb_name": ["Inner", "Outer", None],
    }
)


def kept(table: pl.DataFrame, **filters: int | str) -> list[str]:
    return filtered(table, REGISTER, **filters)["org_code"].to_list()  # type: ignore[arg-type]


def test_ranking_has_its_columns_and_one_row_an_organisation(sample_league: OpenLeague) -> None:
    league = sample_league.league
    table = ranking(league)
    domains = [f"domain_score_{domain}" for domain in scored_domains(league.framework)]
    assert table.columns == [*RANKING_COLUMNS, *domains]
    assert table["org_code"].n_unique() == len(table) == 205
    assert table.select("score_low", "score_high", "rank_low", "rank_high").null_count().row(0) == (
        205,
        205,
        205,
        205,
    )


def test_ranking_is_sorted_by_peer_group_then_rank_then_code(sample_league: OpenLeague) -> None:
    table = ranking(sample_league.league)
    order = sample_league.league.framework.peer_groups.order
    keys = [
        (order.index(group), rank, code)
        for group, rank, code in table.select("peer_group", "rank", "org_code").iter_rows()
    ]
    assert keys == sorted(keys)


def test_ranks_are_a_hand_count_of_those_ahead(sample_league: OpenLeague) -> None:
    rows = ranking(sample_league.league).rows(named=True)
    for row in rows:
        own = (row["adjusted_segment"], row["average_metric_score"])
        ahead = sum(
            (other["adjusted_segment"], other["average_metric_score"]) < own
            for other in rows
            if other["peer_group"] == row["peer_group"]
        )
        assert row["rank"] == ahead + 1


@pytest.mark.parametrize("metric_id", ["OF0014", "OF0084"])
def test_a_metrics_ranks_are_a_hand_count_within_the_peer_group(
    sample_league: OpenLeague, metric_id: str
) -> None:
    table = ranking_by(sample_league.league, metric_id)
    assert table.columns == list(SINGLE_COLUMNS)
    sign = -1 if sample_league.league.framework.metrics[metric_id].is_higher_better else 1
    rows = [row for row in table.rows(named=True) if row["value"] is not None]
    for row in rows:
        peers = [other for other in rows if other["peer_group"] == row["peer_group"]]
        ahead = sum(sign * other["value"] < sign * row["value"] for other in peers)
        equal = sum(other["value"] == row["value"] for other in peers)
        assert ahead + 1 <= row["rank"] <= ahead + equal
        assert row["rank_of"] == len(peers)


def test_a_domains_ranks_are_a_hand_count_of_its_scores(sample_league: OpenLeague) -> None:
    rows = [
        row
        for row in ranking_by(sample_league.league, "patient_safety").rows(named=True)
        if row["score"] is not None
    ]
    for row in rows:
        peers = [other for other in rows if other["peer_group"] == row["peer_group"]]
        assert row["rank"] == 1 + sum(other["score"] < row["score"] for other in peers)


def test_without_a_figure_there_is_no_rank_of_a_metric(sample_league: OpenLeague) -> None:
    table = ranking_by(sample_league.league, "OF0013")
    without = table.filter(pl.col("value").is_null())
    assert not without.is_empty()
    assert without["rank"].null_count() == without["rank_of"].null_count() == len(without)


def test_by_resolves_ids_and_titles_and_offers_the_nearest(sample_league: OpenLeague) -> None:
    league = sample_league.league
    assert resolve_by(league, " of0013 ") == ("metric", "OF0013")
    assert resolve_by(league, "patient safety") == ("domain", "patient_safety")
    assert resolve_by(league, "Sickness absence rate") == ("metric", "OF0082")
    with pytest.raises(UsageError, match=r"did you mean .*patient_safety"):
        resolve_by(league, "patient_safty")


def test_top_keeps_ties_with_the_last_and_drops_the_unranked() -> None:
    table = table_of(1, 2, 2, 4, None)
    assert kept(table, top=1) == ["A0"]
    assert kept(table, top=2) == ["A0", "A1", "A2"]
    assert kept(table, top=3) == ["A0", "A1", "A2"]
    assert kept(table, top=99) == ["A0", "A1", "A2", "A3"]


def test_bottom_keeps_ties_with_the_first_and_drops_the_unranked() -> None:
    table = table_of(1, 2, 2, 4, None)
    assert kept(table, bottom=1) == ["A3"]
    assert kept(table, bottom=2) == ["A1", "A2", "A3"]
    assert kept(table, bottom=3) == ["A1", "A2", "A3"]
    assert kept(table, bottom=4) == ["A0", "A1", "A2", "A3"]


def test_bottom_of_more_than_there_are_keeps_all() -> None:
    table = table_of(1, 2, 3)
    assert kept(table, bottom=4) == ["A0", "A1", "A2"]
    small = pl.concat([table, table_of(1, group="Ambulance trust")])
    assert len(kept(small, bottom=2)) == 3


def test_top_and_bottom_are_of_each_peer_group() -> None:
    table = pl.concat([table_of(1, 2, 3), table_of(1, 2, 3, group="Mental health trust")])
    assert kept(table, top=1) == ["A0", "M0"]
    assert kept(table, bottom=1) == ["A2", "M2"]


@pytest.mark.parametrize("filters", [{"top": 3}, {"bottom": 3}])
def test_a_group_that_nobody_ranks_in_has_neither_top_nor_bottom(filters: dict[str, int]) -> None:
    assert kept(table_of(None, None), **filters) == []
    assert kept(table_of(), **filters) == []


def test_top_and_bottom_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        kept(table_of(1, 2), top=1, bottom=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.integers(1, 10))
def test_top_and_bottom_are_what_counting_gives(scores: list[int], count: int) -> None:
    ranks = [1 + sum(other < score for other in scores) for score in scores]
    in_order = sorted(ranks)
    last = in_order[min(count, len(ranks)) - 1]
    first = in_order[max(len(ranks) - count, 0)]
    table = table_of(*ranks)
    assert kept(table, top=count) == [f"A{i}" for i, rank in enumerate(ranks) if rank <= last]
    assert kept(table, bottom=count) == [f"A{i}" for i, rank in enumerate(ranks) if rank >= first]


def test_an_icb_is_meant_by_code_before_name() -> None:
    table = table_of(1, 2, 3)
    assert kept(table, icb="qbb") == ["A1"]
    assert kept(table, icb="inner") == ["A0"]
    assert kept(table, icb="In") == ["A0"]
    with pytest.raises(UsageError, match="no integrated care board 'Q'"):
        kept(table, icb="Q")


def test_an_unfinished_name_that_several_have_is_refused_with_both() -> None:
    with pytest.raises(UsageError, match="North East or North West"):
        kept(table_of(1), region="north")


@pytest.mark.parametrize("name", ["", " "])
def test_a_blank_name_is_no_name(name: str) -> None:
    for kind in ("region", "icb"):
        with pytest.raises(UsageError, match="there is no"):
            kept(table_of(1), **{kind: name})


def test_a_region_of_the_register_without_any_rank_gives_an_empty_table() -> None:
    assert kept(table_of(1), region="North West") == []
