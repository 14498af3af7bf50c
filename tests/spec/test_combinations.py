"""Combinations: the least of everything that is enough, found by trying all levels of all sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import nhs_league
from nhs_league.analysis.counterfactuals.changes import OverrideChange, ValueChange
from nhs_league.analysis.counterfactuals.outcomes import Goal
from nhs_league.analysis.counterfactuals.targets import Answer, search_target
from nhs_league.analysis.counterfactuals.whatif import what_if
from tests.counterfactual_oracle import (
    all_levels,
    assert_least_combinations,
    assert_nothing_to_spare,
    by_oracle,
    case_of_table,
    league_of,
)
from tests.property.strategies import Case
from tests.support import framework, metric, score_metric

RANKED = framework(
    {
        "a": metric(decimals=0),
        "b": metric(decimals=0, polarity="lower_is_better", unit="minutes"),
        "c": metric(decimals=0, scoring={"method": "standard", "standard": 14}),
        "d": metric(
            decimals=0,
            pool="peer_group",
            domain="safety",
            weight=2.0,
            scoring={"method": "standard", "standard": 16, "floor": 6},
        ),
    },
    overrides=[
        {"id": "deficit", "title": "Deficit", "when": {"flag": "flagged"}, "not_better_than": 3}
    ],
)
TABLE = """
trust | type   | a  | b  | c  | d  | flagged
AA    | Acute  | 18 | 2  | 15 | 17 | 0
BB    | Acute  | 17 | 3  | 14 | 14 | 0
CC    | Acute  | 16 | 5  | 13 | 16 | 1
DD    | Acute  | 15 | 4  | 12 | 12 | 0
EE    | Acute  | 14 | 6  | 11 | 9  | 0
FF    | Acute  | 12 | 8  | 10 | 4  | 1
GG    | Mental | 17 | 9  | 14 | 10 | 0
HH    | Mental | 13 | 4  | 13 | 6  | 0
JJ    | Mental | 10 | 7  | -  | 16 | 0
"""


def ids_of(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(move.metric_id for move in answer.moves))


RULES: list[dict[str, Any]] = [
    {},
    {"aggregate": {"over": "domains", "mean": "geometric"}},
    {
        "aggregate": {"mean": "harmonic", "rounding": "before_ranking"},
        "segments": {"method": "thresholds", "upper_bounds": [1.7, 2.1, 2.6]},
    },
]


@pytest.mark.parametrize(
    ("at", "org", "goal"),
    [
        (0, "DD", Goal(rank=1)),
        (1, "EE", Goal(rank=2)),
        (2, "EE", Goal(segment=1)),
        (0, "FF", Goal(rank=3)),
        (1, "HH", Goal(rank=1)),
        (2, "DD", Goal(segment=1)),
        (0, "JJ", Goal(segment=1)),
        (1, "DD", Goal(rank=2)),
    ],
)
def test_the_five_least_of_all_sets_and_levels_are_listed_in_order(
    at: int, org: str, goal: Goal
) -> None:
    case = case_of_table(RANKED | RULES[at], TABLE)
    found = assert_least_combinations(case, org, goal)
    assert found is not None
    assert_nothing_to_spare(case, org, goal, found)
    assert len(found.combinations) <= 5
    assert len({ids_of(answer) for answer in found.combinations}) == len(found.combinations)


def test_some_goals_have_combinations_and_no_single_metric() -> None:
    case = case_of_table(RANKED, TABLE)
    found = search_target(league_of(case), "EE", Goal(segment=1))
    assert found.verdict == "within_reach"
    assert not any(found.singles.values())
    assert found.combinations
    assert {len(answer.moves) for answer in found.combinations} <= {2, 3}


STEPS = {"decimals": 1}


def scores(text: str, **changes: Any) -> Case:
    ids = text.strip().splitlines()[0].split("|")[1:]
    metrics = {id_.strip(): score_metric(**STEPS) for id_ in ids}
    return case_of_table(
        framework(metrics, **({"ranking": {"by": ["average_metric_score"]}} | changes)), text
    )


def points(answers: Sequence[Answer]) -> list[tuple[tuple[str, ...], float]]:
    return [(ids_of(answer), round(answer.points, 6)) for answer in answers]


def test_by_hand() -> None:
    # BB is 2.0 points behind in sum, and no metric has more than 1.2 to give.
    case = scores("trust|a|b|c|d\nAA|1|1.1|1|1.1\nBB|2.2|1.9|1|1.1\nCC|4|4|4|4")
    found = search_target(league_of(case), "BB", Goal(rank=1))
    assert found.singles["a"] is None
    assert found.singles["b"] is None
    assert points(found.combinations) == [(("a", "b"), 2.0), (("a", "b", "d"), 2.0)]
    answer, _ = found.combinations
    told = {move.metric_id: move.value_to for move in answer.moves}
    # Many levels move 2.0 points in all; each takes all of it and no more.
    assert 2.2 - told["a"] + 1.9 - told["b"] == pytest.approx(2.0)
    assert answer.standing.rank == 1


def test_of_a_set_that_one_of_its_metrics_makes_needless_nothing_is_listed() -> None:
    # Either metric alone, at any level of the other, is enough by itself at its own least level;
    # together they move as little, each by a part.
    case = scores("trust|a|b\nAA|2|2\nBB|2.2|2.2\nCC|4|4")
    found = search_target(league_of(case), "BB", Goal(rank=1))
    assert {id_: one and one.points for id_, one in found.singles.items()} == {
        "a": pytest.approx(0.4),
        "b": pytest.approx(0.4),
    }
    assert points(found.combinations) == [(("a", "b"), 0.4)]
    whole = scores("trust|a|b\nAA|2|2\nBB|2.1|2\nCC|4|4")
    # One step on either is enough, so nothing of two is needed.
    assert search_target(league_of(whole), "BB", Goal(rank=1)).combinations == ()


def test_fewer_metrics_are_first_where_the_movement_is_the_same() -> None:
    case = scores("trust|a|b|c\nAA|1.5|1.5|1.5\nBB|2|2|2\nCC|4|4|4")
    found = search_target(league_of(case), "BB", Goal(rank=1))
    told = points(found.combinations)
    assert [len(ids) for ids, _ in told] == sorted(len(ids) for ids, _ in told)
    assert {moved for _, moved in told} == {1.5}


def test_where_metrics_are_as_many_the_least_effort_is_first() -> None:
    # b's values are ten times as far apart as a's and c's: a step of it is a tenth of the effort.
    spec = framework(
        {
            "a": metric(decimals=0, scoring={"method": "target", "target": 100, "limit": 0}),
            "b": metric(decimals=0, scoring={"method": "target", "target": 100, "limit": 0}),
            "c": metric(decimals=0, scoring={"method": "target", "target": 100, "limit": 0}),
        },
        ranking={"by": ["average_metric_score"]},
    )
    text = """
    trust | a  | b  | c
    AA    | 98 | 98 | 98
    BB    | 96 | 96 | 96
    CC    | 95 | 50 | 95
    DD    | 95 | 0  | 90
    EE    | 94 | 0  | 85
    """
    case = case_of_table(spec, text)
    found = search_target(league_of(case), "BB", Goal(rank=1))
    pairs = [ids_of(answer) for answer in found.combinations if len(answer.moves) == 2]
    assert pairs == [("b", "c"), ("a", "b"), ("a", "c")]


def test_a_metric_and_its_matrix_partner_are_not_combined() -> None:
    bands = {
        "method": "bands",
        "bands": [{"at_least": at, "score": score} for at, score in ((3, 1), (2, 2), (1, 3))],
        "otherwise": 4,
    }
    table = [[1.0, 1.0, 2.0, 3.0], [2.0, 2.0, 3.0, 4.0], [2.0, 3.0, 3.0, 4.0], [2.0, 3.0, 4.0, 4.0]]
    matrix = {"method": "matrix", "rows": "plan", "columns": "variance", "scores": table}
    spec = framework(
        {
            "plan": metric(counts=False, scoring=bands, decimals=0),
            "variance": metric(counts=False, scoring=bands, decimals=0),
            "money": metric(scoring=matrix),
            "b": score_metric(decimals=1),
            "c": score_metric(decimals=1),
        }
    )
    text = """
    trust | plan | variance | b   | c
    AA    | 3    | 3        | 1   | 1
    BB    | 3    | 2        | 1.2 | 1.5
    CC    | 2    | 2        | 2   | 2
    DD    | 0    | 0        | 2.5 | 2.5
    EE    | 1    | 3        | 3   | 2.2
    """
    case = case_of_table(spec, text)
    listed = set()
    for org, rank in (("DD", 3), ("DD", 2)):
        found = assert_least_combinations(case, org, Goal(rank=rank))
        assert found is not None
        listed |= {ids_of(answer) for answer in found.combinations}
    assert ("b", "variance") in listed
    assert not any({"plan", "variance"} <= set(ids) for ids in listed)


def test_parts_of_a_counted_matrix_do_not_hide_what_is_enough_under_a_harmonic_mean() -> None:
    # Row and column together would be better than the best score; they are not combined.
    bands = {
        "method": "bands",
        "bands": [{"at_least": at, "score": score} for at, score in ((3, 4), (2, 3), (1, 2))],
        "otherwise": 1,
    }
    table = [[1.0, 1.0, 1.0, 26.0], [50.0, 50.0, 50.0, 50.0], [50.0, 50.0, 75.0, 75.0], [100.0] * 4]
    matrix = {"method": "matrix", "rows": "row", "columns": "column", "scores": table}
    spec = framework(
        {
            "m": metric(decimals=0),
            "row": metric(scoring=bands, decimals=0),
            "column": metric(scoring=bands, counts=False, decimals=0),
            "money": metric(scoring=matrix),
        },
        scale={"best": 100.0, "worst": 1.0, "decimals": 1},
        aggregate={"mean": "harmonic"},
        ranking={"by": ["average_metric_score"]},
    )
    text = """
    trust | m  | row | column
    AA    | 90 | 2   | 2
    BB    | 80 | 0   | 2
    CC    | 80 | 1   | 3
    DD    | 70 | 1   | 0
    EE    | 60 | 0   | 1
    """
    case = case_of_table(spec, text)
    found = assert_least_combinations(case, "BB", Goal(rank=1))
    assert found is not None
    assert ("m", "row") in {ids_of(answer) for answer in found.combinations}


def test_a_counted_part_of_a_matrix_without_a_score_moves_its_own_points() -> None:
    bands = {
        "method": "bands",
        "bands": [{"at_least": at, "score": score} for at, score in ((3, 1), (2, 2), (1, 3))],
        "otherwise": 4,
    }
    matrix = {
        "method": "matrix",
        "rows": "row",
        "columns": "column",
        "scores": [[float(score) for score in (1, 2, 3, 4)]] * 4,
    }
    spec = framework(
        {
            "row": metric(scoring=bands, counts=False, decimals=0),
            "column": metric(scoring=bands, decimals=0),
            "money": metric(scoring=matrix),
            "b": score_metric(decimals=1),
        }
    )
    text = """
    trust | row | column | b
    AA    | 3   | 2      | 1
    BB    | -   | 0      | 2
    CC    | 2   | 2      | 2
    DD    | 1   | 1      | 3
    EE    | 0   | 0      | 4
    """
    case = case_of_table(spec, text)
    found = assert_least_combinations(case, "BB", Goal(rank=1))
    assert found is not None
    answer = found.singles["column"]
    assert answer is None or answer.points == answer.points
    near = search_target(league_of(case), "BB", Goal(rank=2)).singles["column"]
    assert near is not None
    assert near.points in (1.0, 2.0, 3.0)


def test_a_combination_may_lift_an_override_by_one_of_its_metrics() -> None:
    spec = framework(
        {"a": metric(decimals=0), "b": score_metric(decimals=1), "c": score_metric(decimals=1)},
        overrides=[
            {"id": "p", "title": "P", "when": {"metric": "a", "below": 60}, "not_better_than": 4}
        ],
        segments={"method": "thresholds", "upper_bounds": [1.5, 2.0, 2.5]},
    )
    text = """
    trust | a  | b | c
    AA    | 90 | 1 | 1
    BB    | 80 | 2 | 1
    CC    | 70 | 2 | 2
    DD    | 50 | 2 | 3
    EE    | 55 | 3 | 3
    """
    case = case_of_table(spec, text)
    for goal in (Goal(segment=2), Goal(segment=3), Goal(rank=2)):
        found = assert_least_combinations(case, "DD", goal)
        assert found is not None
        assert found.verdict == "within_reach"
        assert_nothing_to_spare(case, "DD", goal, found)
        for answer in found.combinations:
            assert "a" in ids_of(answer)


def test_where_overrides_bar_it_combinations_are_beside_lifting_them() -> None:
    case = case_of_table(RANKED, TABLE)
    for org, goal in (("FF", Goal(segment=2)), ("FF", Goal(segment=1))):
        found = assert_least_combinations(case, org, goal)
        assert found is not None
        assert found.verdict == "barred_by_override"
        assert_nothing_to_spare(case, org, goal, found)


def test_the_oracle_tries_every_level_just_beyond_those_with_the_same_value() -> None:
    case = case_of_table(RANKED, TABLE)
    found = search_target(league_of(case), "DD", Goal(rank=1))
    levels = all_levels(case, "DD", found, league_of(case))
    # Level with AA at 18 or beyond it at 19 is the same score of its own, and 19 puts AA back.
    assert [int(level.step.value) for level in levels["a"]] == [16, 17, 19]
    assert [int(level.step.value) for level in levels["b"]] == [3, 1]
    assert by_oracle(case)["DD"].rank > 1


def test_combinations_in_the_sample_are_what_ifs_that_need_each_of_their_metrics() -> None:
    table = nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2").league
    org_code, lifted = "RPG", [OverrideChange("RPG", None, False)]
    found = search_target(table, org_code, Goal(segment=1))
    before = lifted if found.verdict == "barred_by_override" else []
    told = [(round(one.points, 2), len(one.moves)) for one in found.combinations]
    assert told == sorted(told)

    def segment(changes: Sequence[Any]) -> int:
        place = what_if(table, org_code, [*before, *changes]).place(org_code)
        return int(str(place["adjusted_segment_to"]))

    for answer in found.combinations[:3]:
        values = [ValueChange(org_code, move.metric_id, move.value_to) for move in answer.moves]
        assert segment(values) == 1
        for left_out in values:
            assert segment([value for value in values if value is not left_out]) > 1
