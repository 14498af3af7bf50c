"""Likely ranges by resampled metrics, held against loops over every replicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest

import nhs_league
from nhs_league.analysis.robustness import sampling
from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.resampling import metrics_drawn, resampled_places
from nhs_league.analysis.robustness.robustness import RANGE_COLUMNS, Design, robustness
from nhs_league.league import League
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.robustness_oracle import (
    DEFICIT,
    METRICS,
    TABLE,
    assert_is_the_table,
    assert_replicates,
    draws,
    league_of,
    ranges,
    ranked_rows,
    resampled,
    weighed,
)
from tests.support import (
    assert_rows,
    framework_of_scores,
    league,
    peer_groups_of,
    read_table,
    score_metric,
    standings,
    table_observations,
)


def ranges_of(table: League, replicates: int = 100, **design: Any) -> dict[str, dict[str, Any]]:
    found = robustness(table, Design(replicates=replicates, **design)).ranges
    return {row["org_code"]: row for row in found.iter_rows(named=True)}


def assert_told_as_by_loops(
    table: League,
    replicates: int = 200,
    tails: Mapping[str, Fraction] | None = None,
    **design: Any,
) -> None:
    seed = design.setdefault("seed", 1)
    naive = resampled(table, draws(table, seed, replicates), replicates)
    expected = ranges(table, naive, least_metrics=2, tails=tails)
    found = ranges_of(table, replicates, **design)
    assert found.keys() == expected.keys()
    assert_rows(found, expected)


@pytest.mark.parametrize(
    ("over", "mean", "rounding"),
    [
        *product(
            ("metrics", "domains"),
            ("arithmetic", "geometric", "harmonic"),
            ("before_ranking", "after_ranking"),
        )
    ],
)
def test_each_mean_over_metrics_and_domains(over: str, mean: str, rounding: str) -> None:
    rule = {"over": over, "mean": mean, "rounding": rounding}
    assert_told_as_by_loops(league_of(weighed(aggregate=rule), TABLE))


@pytest.mark.parametrize("within", ["all", "peer_group"])
@pytest.mark.parametrize(
    "by",
    [
        ["average_metric_score"],
        ["segment", "average_metric_score"],
        ["adjusted_segment"],
        ["average_metric_score", "adjusted_segment"],
    ],
)
def test_each_ranking(by: list[str], within: str) -> None:
    spec = weighed(ranking={"by": by, "within": within}, aggregate={"rounding": "before_ranking"})
    assert_told_as_by_loops(league_of(spec, TABLE))


@pytest.mark.parametrize(
    "segments",
    [
        {"method": "quartiles", "pool": "peer_group"},
        {"method": "thresholds", "upper_bounds": [2.0]},
        {"method": "thresholds", "upper_bounds": [1.5, 2.0, 2.25, 2.5, 3.0]},
    ],
)
def test_each_way_to_cut_segments(segments: dict[str, Any]) -> None:
    last = len(segments.get("upper_bounds", [1, 2, 3])) + 1
    rule = DEFICIT | {"not_better_than": min(3, last)}
    assert_told_as_by_loops(league_of(weighed(segments=segments, overrides=[rule]), TABLE))


def test_a_scale_on_which_more_is_better() -> None:
    scale = {"best": 4.0, "worst": 1.0, "decimals": 1}
    metrics = {id_: stated | {"polarity": "higher_is_better"} for id_, stated in METRICS.items()}
    spec = weighed(scale=scale, aggregate={"rounding": "before_ranking"}) | {"metrics": metrics}
    assert_told_as_by_loops(league_of(spec, TABLE))


@cache
def sample(quarter: str, framework_id: str = "nof-2025-26", scores: ScoreSource = "auto") -> League:
    return nhs_league.open_league(framework=framework_id, quarter=quarter, scores=scores).league


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@pytest.mark.parametrize("quarter", ["2025Q2", "2025Q3", "2025Q4"])
def test_its_own_weights_give_the_oversight_frameworks_table(
    quarter: str, scores: ScoreSource
) -> None:
    assert len(LeagueArrays.of(sample(quarter, scores=scores))) == 205
    assert_is_the_table(sample(quarter, scores=scores))


def test_its_own_weights_give_the_headline_table() -> None:
    assert_is_the_table(sample("2025Q2", "headline-kpis"))


@pytest.mark.parametrize(
    ("framework_id", "quarter"), [("nof-2025-26", "2025Q2"), ("headline-kpis", "2025Q2")]
)
def test_replicates_of_the_bundled_sample(framework_id: str, quarter: str) -> None:
    table = sample(quarter, framework_id)
    arrays = LeagueArrays.of(table)
    found = resampled_places(arrays, 15, 1, None)
    assert_replicates(found, arrays.org_codes, resampled(table, draws(table, 1, 15), 15))


def test_ranges_of_the_bundled_sample() -> None:
    assert_told_as_by_loops(sample("2025Q4"), replicates=100, seed=2)


def test_two_metrics_by_hand() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust | a | b\n AA | 1 | 3\n BB | 2 | 2")
    found = ranges_of(table, replicates=1000)
    averages = Counter((1 + 2 * one + 1 + 2 * two) / 2 for one, two in pairs_drawn("AA", 1000))
    assert averages.keys() == {1.0, 2.0, 3.0}
    assert min(averages.values()) > 25
    assert_rows(
        found,
        {
            "AA": {
                "score_low": 1,
                "score_high": 3,
                "rank_low": 1,
                "rank_high": 2,
                "p_first": Fraction(averages[1.0] + averages[2.0], 1000),
                "p_last": Fraction(averages[3.0] + averages[2.0], 1000),
                "expected_rank": 1 + Fraction(averages[3.0], 1000),
            },
            "BB": {
                "score_low": 2,
                "score_high": 2,
                "rank_low": 1,
                "rank_high": 2,
                "p_first": Fraction(averages[3.0] + averages[2.0], 1000),
                "p_last": Fraction(averages[1.0] + averages[2.0], 1000),
                "expected_rank": 1 + Fraction(averages[1.0], 1000),
            },
        },
    )


def pairs_drawn(org_code: str, replicates: int) -> list[tuple[int, int]]:
    first, second = metrics_drawn(1, org_code, 2, replicates).tolist()
    return list(zip(first, second, strict=True))


def test_every_metric_is_drawn_equally_often_and_by_itself() -> None:
    drawn = metrics_drawn(1, "AA", 4, 4000)
    assert drawn.shape == (4, 4000)
    for row in drawn.tolist():
        counts = Counter(row)
        assert counts.keys() == {0, 1, 2, 3}
        assert all(abs(count - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5 for count in counts.values())
    together = Counter(zip(*drawn[:2].tolist(), strict=True))
    assert all(abs(together[pair] - 250) < 5 * 250**0.5 for pair in product(range(4), repeat=2))


def test_trusts_are_drawn_independently() -> None:
    one, other = (metrics_drawn(1, org, 2, 4000)[0].tolist() for org in ("AA", "AB"))
    alike = sum(1 for pair in zip(one, other, strict=True) if pair[0] == pair[1])
    assert abs(alike - 2000) < 5 * 1000**0.5


def test_a_trust_with_one_metric_takes_part_without_a_range() -> None:
    table = league_of(framework_of_scores("a", "b"), "trust | a | b\n AA | 1 | -\n BB | 1.5 | 1")
    found = ranges_of(table)
    row = found["AA"]
    assert row["rank"] == 1
    assert [row[name] for name in RANGE_COLUMNS[4:6]] == [None, None]
    assert [row[name] for name in RANGE_COLUMNS[7:]] == [None] * 9
    # The held average of 1.00 is ahead of BB wherever BB has drawn its metric a.
    first = sum(1 for drawn in pairs_drawn("BB", 100) if drawn == (1, 1))
    assert found["BB"]["p_first"] == first / 100 > 0
    assert robustness(table, Design(replicates=100)).without_range() == ["AA"]


def test_a_trust_that_is_not_ranked_has_neither_rank_nor_range() -> None:
    spec = framework_of_scores("a", "b", aggregate={"min_metrics": 2})
    table = league_of(spec, "trust | a | b\n AA | 1 | 2\n BB | 1 | -\n CC | 3 | 2")
    row = ranges_of(table)["BB"]
    assert row["org_name"] == "Trust BB"
    assert {row[name] for name in RANGE_COLUMNS[3:]} == {None}
    assert robustness(table, Design(replicates=100)).without_range() == []


PUBLISHED = framework_of_scores(
    "a",
    "b",
    aggregate={"rounding": "before_ranking"},
    published={"average_metric_score": "printed", "tolerance": 0.2},
)


def test_an_average_that_is_published_alone_is_held() -> None:
    table = league_of(
        PUBLISHED,
        """
        trust | a | b | printed
        AA    | 1 | 2 | 1.5
        BB    | - | - | 1.6
        CC    | 3 | 4 | 3.5
        """,
    )
    assert ranked_rows(table)["BB"]["metrics_scored"] == 0
    found = ranges_of(table)
    assert found["BB"]["rank"] == 2
    assert {found["BB"][name] for name in RANGE_COLUMNS[7:]} == {None}
    # CC's replicates are all behind 1.6, and AA's only where it has drawn b twice.
    assert found["CC"]["rank_low"] == found["CC"]["rank_high"] == 3
    behind = sum(1 for drawn in pairs_drawn("AA", 100) if drawn == (1, 1))
    assert found["AA"]["expected_rank"] == 1 + behind / 100
    assert_told_as_by_loops(table)


@pytest.mark.parametrize("digits", ["1.51", "1.504"])
def test_published_averages_are_ranked_with_all_their_digits(digits: str) -> None:
    text = f"trust | a | b | printed\n AA | 1 | 2 | {digits}\n BB | 1 | 2 | 1.5\n CC | 3 | 4 | 3.5"
    assert_is_the_table(league_of(PUBLISHED, text))


def test_replicates_are_shifted_with_a_published_average() -> None:
    table = league_of(
        PUBLISHED,
        """
        trust | a | b | printed
        AA    | 1 | 2 | 1.6
        BB    | 3 | 2 | 2.4
        CC    | 3 | 4 | 3.5
        """,
    )
    assert [ranked_rows(table)[org]["average_is_published"] for org in ("AA", "BB", "CC")] == [
        True,
        True,
        False,
    ]
    found = ranges_of(table, replicates=1000)
    ends = {org: (found[org]["score_low"], found[org]["score_high"]) for org in found}
    assert ends == {"AA": (1.1, 2.1), "BB": (1.9, 2.9), "CC": (3.0, 4.0)}
    assert_told_as_by_loops(table)


def test_cut_points_of_the_table_are_held() -> None:
    # By scores alone nobody's average moves but EE's, and quartiles would move with it.
    table = league_of(
        framework_of_scores("a", "b"),
        """
        trust | a   | b
        AA    | 1   | 1
        BB    | 1.5 | 1.5
        CC    | 2   | 2
        DD    | 2.5 | 2.5
        EE    | 1   | 4
        """,
    )
    cuts = [ranked_rows(table)["AA"][f"cut_point:{place}"] for place in (1, 2, 3)]
    assert cuts == [1.5, 2.0, 2.5]
    found = ranges_of(table)
    stays = {"AA": 1, "BB": 1, "CC": 2, "DD": 3}
    assert {org: found[org][f"p_segment_{segment}"] for org, segment in stays.items()} == (
        dict.fromkeys(stays, 1.0)
    )
    both = Counter(map(sum, pairs_drawn("EE", 100)))
    assert [found["EE"][f"p_segment_{place}"] for place in (1, 2, 3, 4)] == [
        both[0] / 100,
        0,
        both[1] / 100,
        both[2] / 100,
    ]


def test_too_few_trusts_for_quartiles_have_no_chance_of_a_segment() -> None:
    table = league_of(
        framework_of_scores("a", "b"), "trust | a | b\n AA | 1 | 2\n BB | 3 | 1\n CC | 2 | 2"
    )
    for row in ranges_of(table).values():
        assert {row[f"p_segment_{place}"] for place in (1, 2, 3, 4)} == {None}
        assert row["expected_rank"] is not None


@pytest.mark.parametrize(("bounds", "stated", "columns"), [(1, 2, 4), (3, 4, 4), (5, 6, 6)])
def test_there_is_a_chance_for_every_segment_that_the_framework_has(
    bounds: int, stated: int, columns: int
) -> None:
    cuts = [1 + 3 * place / (bounds + 1) for place in range(1, bounds + 1)]
    spec = framework_of_scores("a", "b", segments={"method": "thresholds", "upper_bounds": cuts})
    found = ranges_of(league_of(spec, "trust | a | b\n AA | 1 | 2\n BB | 3 | 1"))["AA"]
    shares = [name for name in found if name.startswith("p_segment_")]
    assert shares == [f"p_segment_{place}" for place in range(1, columns + 1)]
    assert sum(found[name] for name in shares[:stated]) == pytest.approx(1)
    assert {found[name] for name in shares[stated:]} <= {None}


def test_overrides_hold_in_every_replicate() -> None:
    table = league_of(weighed(), TABLE)
    found = ranges_of(table)
    for org in ("AA", "EE"):
        assert found[org]["p_segment_1"] == found[org]["p_segment_2"] == 0
    assert found["BB"]["p_segment_1"] > 0


def test_all_ties_are_all_first_and_all_last() -> None:
    rows = "\n".join(f"{org} | 2 | 2 | 2" for org in ("AA", "BB", "CC", "DD", "EE"))
    found = ranges_of(league_of(framework_of_scores("a", "b", "c"), f"trust|a|b|c\n{rows}"))
    for row in found.values():
        told = [row[name] for name in ("rank_low", "rank_high", "p_first", "p_last")]
        assert told == [1, 1, 1.0, 1.0]
        assert row["expected_rank"] == row["p_segment_1"] == 1
        assert row["score_low"] == row["score_high"] == 2


def test_the_same_seed_gives_the_same_frame_and_another_seed_another() -> None:
    table = league_of(weighed(), TABLE)
    first, again, other = (
        robustness(table, Design(replicates=100, seed=seed)).ranges for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_the_columns_are_those_of_the_contract_in_the_tables_order() -> None:
    table = league_of(weighed(), TABLE)
    found = robustness(table, Design(replicates=100)).ranges
    assert tuple(found.columns) == RANGE_COLUMNS
    by_rank = sorted(
        standings(table).values(), key=lambda row: (row["peer_group"], row["rank"], row["org_code"])
    )
    assert found["org_code"].to_list() == [row["org_code"] for row in by_rank]
    assert found["rank"].to_list() == [row["rank"] for row in by_rank]


def test_the_order_of_the_rows_makes_no_difference() -> None:
    table = league_of(weighed(), TABLE)
    upside_down = League(
        table.framework,
        table.quarter,
        table.organisations.reverse(),
        table.figures.reverse(),
        table.standings.reverse(),
    )
    assert_rows(ranges_of(upside_down), ranges_of(table))


def test_another_trust_makes_no_difference_to_the_range_of_scores() -> None:
    spec = weighed()
    rows = read_table(TABLE)
    everybody, fewer = (
        ranges_of(league(spec, table_observations(spec, some), peer_groups_of(some)))
        for some in (rows, [row for row in rows if row["trust"] not in ("AA", "GG")])
    )
    ends = ("score_low", "score_high")
    expected = {org: {name: everybody[org][name] for name in ends} for org in fewer}
    assert len(expected) == len(everybody) - 2
    assert_rows(fewer, expected)


def test_a_metric_that_nobody_has_makes_no_difference() -> None:
    spec = weighed()
    more = weighed() | {"metrics": METRICS | {"e": score_metric()}}
    assert_rows(ranges_of(league_of(more, TABLE)), ranges_of(league_of(spec, TABLE)))


@pytest.mark.parametrize("block", [1, 70, 999])
@pytest.mark.parametrize("source", ["metrics", "weights"])
def test_the_size_of_the_blocks_makes_no_difference(
    source: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = league_of(weighed(), TABLE)
    whole = robustness(table, Design(source, replicates=101)).ranges
    monkeypatch.setattr(sampling, "_BLOCK", block)
    assert len(sampling.blocks(101, 10)) > 1
    in_parts = robustness(table, Design(source, replicates=101)).ranges
    assert in_parts.equals(whole)


def test_one_thread_gives_what_many_give(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(work: Any, count: int, report: Any) -> None:
        for at in range(count):
            work(at)

    table = league_of(weighed(), TABLE)
    many = robustness(table, Design(replicates=100)).ranges
    for name in ("sampling", "resampling", "chances"):
        monkeypatch.setattr(f"nhs_league.analysis.robustness.{name}.side_by_side", one_by_one)
    assert robustness(table, Design(replicates=100)).ranges.equals(many)


def test_work_is_reported_up_to_all_of_it() -> None:
    told: list[float] = []
    robustness(league_of(weighed(), TABLE), Design(replicates=100), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_trust_that_is_better_at_everything_is_not_behind() -> None:
    rows = [row for row in read_table(TABLE) if row["type"] == "Acute"]
    spec = weighed(overrides=[])
    better = [dict(rows[2]) | {"trust": "ZZ"} | dict.fromkeys(METRICS, "1"), *rows]
    found = ranges_of(league(spec, table_observations(spec, better), peer_groups_of(better)))
    assert found["ZZ"]["p_first"] == 1
    assert found["ZZ"]["expected_rank"] == 1
    assert all(row["expected_rank"] >= 1 for row in found.values())
