"""Which pairs a league can tell apart, counted again in the replicates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import polars as pl
import pytest

import nhs_league
from nhs_league.analysis.robustness.robustness import (
    PAIR_SCHEMA,
    SEPARABILITY_SCHEMA,
    Design,
    Robustness,
    robustness,
)
from nhs_league.errors import UsageError
from tests.robustness_oracle import (
    TABLE,
    league_of,
    ranking_groups,
    weighed,
)
from tests.support import assert_rows, framework_of_scores

SURE = 0.975


def ranks_of(drawn: Robustness) -> dict[str, list[int]]:
    return dict(zip(drawn.arrays.org_codes, drawn.placing.ranks.tolist(), strict=True))


def share_ahead(one: Sequence[int], other: Sequence[int]) -> float:
    return sum(1 for x, y in zip(one, other, strict=True) if x < y) / len(one)


def separability_by_loops(drawn: Robustness, least_metrics: int) -> list[dict[str, Any]]:
    table, ranks = drawn.league, ranks_of(drawn)
    rows = {row["org_code"]: row for row in table.standings.iter_rows(named=True)}
    likely = {row["org_code"]: row for row in drawn.ranges.iter_rows(named=True)}
    within = table.framework.ranking.within == "peer_group"
    found = []
    for codes in ranking_groups(table):
        told = [org for org in codes if rows[org]["metrics_scored"] >= least_metrics]
        if not told:
            continue
        separable = [
            (one, other)
            for one, other in combinations(told, 2)
            if max(share_ahead(ranks[one], ranks[other]), share_ahead(ranks[other], ranks[one]))
            >= SURE
        ]
        quarter = len(codes) // 4
        found.append(
            {
                "peer_group": rows[codes[0]]["peer_group"] if within else "all organisations",
                "organisations": len(told),
                "pairs": len(told) * (len(told) - 1) // 2,
                "separable_pairs": len(separable),
                "quarter": quarter,
                "possible_top_quarter": sum(likely[org]["rank_low"] <= quarter for org in told),
                "possible_bottom_quarter": sum(
                    likely[org]["rank_high"] > len(codes) - quarter for org in told
                ),
            }
        )
    return found


def assert_counted_as_by_loops(drawn: Robustness, least_metrics: int = 2) -> None:
    found = drawn.separability
    assert found.schema == pl.Schema(SEPARABILITY_SCHEMA)
    expected = {row["peer_group"]: row for row in separability_by_loops(drawn, least_metrics)}
    assert {row["peer_group"]: row for row in found.iter_rows(named=True)} == expected


@pytest.mark.parametrize("within", ["peer_group", "all"])
@pytest.mark.parametrize("source", ["metrics", "weights"])
def test_pairs_are_counted_within_what_is_ranked_together(source: Any, within: str) -> None:
    spec = weighed(ranking={"within": within, "by": ["average_metric_score"]})
    drawn = robustness(league_of(spec, TABLE), Design(source, replicates=200))
    found = drawn.separability
    assert len(found) == (2 if within == "peer_group" else 1)
    assert found["separable_pairs"].sum() > 0
    assert_counted_as_by_loops(drawn, least_metrics=2 if source == "metrics" else 1)


def test_a_group_of_which_nothing_is_known_is_not_counted() -> None:
    text = "trust|type|a|b\n AA|Acute|1|2\n BB|Acute|2|1\n CC|Mental|1|-"
    drawn = robustness(league_of(framework_of_scores("a", "b"), text), Design(replicates=100))
    assert drawn.separability["peer_group"].to_list() == ["Acute"]


@pytest.mark.parametrize(("ahead", "separable"), [(195, 1), (194, 0)])
def test_a_pair_is_separable_from_39_in_40_replicates(ahead: int, separable: int) -> None:
    drawn = robustness(
        league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|1\n BB|1|4"),
        Design(replicates=200),
    )
    drawn.placing.ranks[0] = 1
    drawn.placing.ranks[1] = [2] * ahead + [1] * (200 - ahead)
    assert drawn.separability["separable_pairs"].to_list() == [separable]
    (row,) = drawn.pairs("BB").iter_rows(named=True)
    assert (row["p_ahead"], row["p_behind"]) == (0, ahead / 200)
    assert row["is_separable"] == bool(separable)


def test_all_ties_are_told_apart_by_nothing() -> None:
    rows = "\n".join(f"{org} | 2 | 2" for org in ("AA", "BB", "CC", "DD"))
    table = league_of(framework_of_scores("a", "b"), f"trust|a|b\n{rows}")
    drawn = robustness(table, Design(replicates=100))
    (row,) = drawn.separability.iter_rows(named=True)
    assert row["pairs"] == 6
    assert row["separable_pairs"] == 0
    assert row["possible_top_quarter"] == 4
    for pair in drawn.pairs("AA").iter_rows(named=True):
        assert (pair["p_ahead"], pair["p_behind"], pair["is_separable"]) == (0, 0, False)


def test_one_trust_by_itself_has_no_pair() -> None:
    drawn = robustness(
        league_of(framework_of_scores("a", "b"), "trust|a|b\n AA|1|2"), Design(replicates=100)
    )
    assert drawn.separability.row(0) == ("Acute", 1, 0, 0, 0, 0, 0)
    assert drawn.pairs("AA").is_empty()
    assert drawn.pairs("AA").schema == pl.Schema(PAIR_SCHEMA)


@pytest.mark.parametrize("org_code", ["AA", "FF", "HH"])
def test_every_pair_of_a_trust_is_counted_in_the_replicates(org_code: str) -> None:
    drawn = robustness(league_of(weighed(), TABLE), Design(replicates=200))
    ranks, group = ranks_of(drawn), {"AA": "AABBCCDDEEFF", "FF": "AABBCCDDEEFF", "HH": "GGHHJJ"}
    found = drawn.pairs(org_code)
    assert found.schema == pl.Schema(PAIR_SCHEMA)
    told = {row["other_code"]: row for row in found.iter_rows(named=True)}
    assert sorted([*told, org_code]) == [
        group[org_code][at : at + 2] for at in range(0, len(group[org_code]), 2)
    ]
    likely = {row["org_code"]: row for row in drawn.ranges.iter_rows(named=True)}
    expected = {}
    for other in told:
        ahead = share_ahead(ranks[org_code], ranks[other])
        behind = share_ahead(ranks[other], ranks[org_code])
        expected[other] = {
            "org_code": org_code,
            "other_name": f"Trust {other}",
            "other_rank": likely[other]["rank"],
            "p_ahead": ahead,
            "p_behind": behind,
            "is_separable": max(ahead, behind) >= SURE,
        }
    assert_rows(told, expected)


def test_pairs_come_in_the_order_of_the_table() -> None:
    drawn = robustness(league_of(weighed(), TABLE), Design(replicates=100))
    order = [org for org in drawn.ranges["org_code"] if org in ("AA", "BB", "DD", "EE", "FF")]
    assert drawn.pairs("CC")["other_code"].to_list() == order


def test_what_one_is_ahead_the_other_is_behind() -> None:
    drawn = robustness(league_of(weighed(), TABLE), Design(replicates=100))
    one = {row["other_code"]: row for row in drawn.pairs("AA").iter_rows(named=True)}
    for other, row in one.items():
        back = drawn.pairs(other).filter(other_code="AA").row(0, named=True)
        assert (row["p_ahead"], row["p_behind"]) == (back["p_behind"], back["p_ahead"])
        assert row["is_separable"] == back["is_separable"]


def test_pairs_of_somebody_who_is_not_ranked_are_refused() -> None:
    drawn = robustness(league_of(weighed(), TABLE), Design(replicates=100))
    with pytest.raises(UsageError, match="XX"):
        drawn.pairs("XX")


def test_pairs_of_somebody_without_a_range_are_refused_and_nobody_elses_has_them() -> None:
    drawn = robustness(league_of(weighed(), TABLE), Design(replicates=100))
    with pytest.raises(UsageError, match="KK"):
        drawn.pairs("KK")
    assert "KK" not in drawn.pairs("HH")["other_code"]


@pytest.mark.parametrize("source", ["metrics", "weights"])
def test_the_bundled_sample_is_counted_as_by_loops(source: Any) -> None:
    table = nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2").league
    drawn = robustness(table, Design(source, replicates=100))
    assert_counted_as_by_loops(drawn, least_metrics=2 if source == "metrics" else 1)
