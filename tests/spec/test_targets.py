"""Targets: every answer is the first of all steps that is enough, found by trying every one."""

from __future__ import annotations

from typing import Any

import pytest

import nhs_league
from nhs_league.analysis.counterfactuals.changes import (
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.analysis.counterfactuals.outcomes import Goal
from nhs_league.analysis.counterfactuals.targets import Answer, TargetSearch, search_target
from nhs_league.analysis.counterfactuals.whatif import what_if
from nhs_league.errors import UsageError
from nhs_league.league import League
from tests.counterfactual_oracle import (
    assert_nothing_to_spare,
    assert_single_answers,
    by_engine,
    by_oracle,
    case_of_table,
    changed,
    first_enough,
    is_met,
    last_steps,
    league_of,
)
from tests.property.strategies import Case
from tests.support import framework, metric, score_metric

UP = """
trust | type   | a  | b | c | flagged
AA    | Acute  | 20 | 2 | 1 | 0
BB    | Acute  | 17 | 1 | 3 | 1
CC    | Acute  | 14 | 3 | 2 | 0
DD    | Acute  | 14 | 2 | 2 | 0
EE    | Acute  | 9  | 2 | 3 | 0
FF    | Acute  | 7  | 3 | 2 | 0
GG    | Mental | 12 | 2 | 4 | 0
HH    | Mental | 5  | 4 | 1 | 1
"""
SCALES = {
    "low": {"best": 1.0, "worst": 4.0, "decimals": 2},
    "high": {"best": 4.0, "worst": 1.0, "decimals": 2},
}


def scorings(polarity: str, best: float) -> dict[str, dict[str, Any]]:
    """State every method; values are turned round 25 where less is better."""
    is_up = polarity == "higher_is_better"
    bound = "at_least" if is_up else "at_most"
    scores = [1.0, 2.0, 3.0, 4.0] if best == 1 else [4.0, 3.0, 2.0, 1.0]

    def at(value: float) -> float:
        return value if is_up else 25 - value

    goalposts = sorted((at(6), at(18)))
    return {
        "rank": {"method": "rank"},
        "standard": {"method": "standard", "standard": at(15)},
        "floor": {"method": "floor", "floor": at(8)},
        "standard and floor": {"method": "standard", "standard": at(16), "floor": at(8)},
        "bands": {
            "method": "bands",
            "bands": [
                {bound: at(value), "score": score}
                for value, score in zip((18, 13, 8), scores, strict=False)
            ],
            "otherwise": scores[-1],
        },
        "min_max": {"method": "min_max"},
        "goalposts": {"method": "min_max", "lower": goalposts[0], "upper": goalposts[1]},
        "best goalpost": {"method": "min_max", "upper" if is_up else "lower": at(18)},
        "z_score": {"method": "z_score", "spread": 2.0},
        "percentile": {"method": "percentile"},
        "target": {"method": "target", "target": at(18), "limit": at(4)},
    }


METHODS = tuple(scorings("higher_is_better", 1))


def case_of(method: str, polarity: str, direction: str, **changes: Any) -> Case:
    stated = SCALES[direction]
    is_low = stated["best"] == 1
    of_scores = score_metric(polarity="lower_is_better" if is_low else "higher_is_better")
    scoring = scorings(polarity, float(stated["best"]))[method]
    spec = framework(
        {
            "a": metric(polarity=polarity, decimals=0, scoring=scoring, unit="points"),
            "b": of_scores | {"decimals": 0},
            "c": of_scores | {"decimals": 0, "domain": "safety", "weight": 2.0},
        },
        **({"scale": stated} | changes),
    )
    case = case_of_table(spec, UP)
    rows = []
    for row in case.rows:
        turned = dict(row)
        if row["metric_id"] == "a" and polarity == "lower_is_better":
            turned["value"] = 25 - row["value"]
        if row["metric_id"] in ("b", "c") and not is_low:
            turned["value"] = 5 - row["value"]
        rows.append(turned)
    return Case(spec, case.peer_groups, rows)


def answered(found: TargetSearch) -> list[Answer]:
    return [one for one in (*found.singles.values(), *found.combinations) if one is not None]


@pytest.mark.parametrize(
    ("method", "polarity", "scale"),
    [
        *((method, "higher_is_better", "low") for method in METHODS),
        *((method, "lower_is_better", "high") for method in METHODS),
        ("rank", "lower_is_better", "low"),
        ("standard and floor", "higher_is_better", "high"),
    ],
)
def test_the_fewest_steps_are_those_of_trying_every_one(
    method: str, polarity: str, scale: str
) -> None:
    case = case_of(method, polarity, scale)
    place = by_oracle(case)["FF"]
    assert place.rank > 2
    found = assert_single_answers(case, "FF", Goal(rank=place.rank - 1))
    assert_nothing_to_spare(case, "FF", Goal(rank=place.rank - 1), found)
    found = assert_single_answers(case, "FF", Goal(segment=2))
    assert found.verdict in ("within_reach", "out_of_reach", "already_met")


RULES: dict[str, dict[str, Any]] = {
    "geometric over domains": {
        "aggregate": {"over": "domains", "mean": "geometric"},
        "domains": {"access": {"title": "Access", "weight": 3.0}, "safety": "Safety"},
    },
    "harmonic": {"aggregate": {"mean": "harmonic"}},
    "rounded before": {"aggregate": {"rounding": "before_ranking"}},
    "rounded to whole scores": {
        "scale": {"best": 1.0, "worst": 4.0, "decimals": 0},
        "aggregate": {"rounding": "before_ranking"},
    },
    "thresholds": {"segments": {"method": "thresholds", "upper_bounds": [1.4, 1.9, 2.4]}},
    "quartiles within": {"segments": {"method": "quartiles", "pool": "peer_group"}},
    "all together": {"ranking": {"within": "all"}},
    "by average": {"ranking": {"by": ["average_metric_score"]}},
}


@pytest.mark.parametrize(
    ("method", "rules"), list(zip(("standard and floor", "z_score") * 4, RULES, strict=True))
)
def test_the_fewest_steps_hold_under_every_rule(method: str, rules: str) -> None:
    case = case_of(method, "higher_is_better", "low", **RULES[rules])
    places = by_oracle(case)
    for org in ("FF", "HH"):
        rank, segment = places[org].rank, places[org].adjusted
        if segment is not None and segment > 1 and org == "FF":
            assert_single_answers(case, org, Goal(segment=segment - 1))
        elif rank > 1:
            assert_single_answers(case, org, Goal(rank=rank - 1))


def counted(**changes: Any) -> dict[str, Any]:
    return metric(**({"basis": "sum", "per": 100, "decimals": 2} | changes))


COUNTS = """
trust | a     | b
AA    | 38/40 | 1
BB    | 30/35 | 2
CC    | 20/30 | 2
DD    | 11/20 | 3
EE    | 12/24 | 2
"""


def test_a_step_is_one_more_of_what_is_counted() -> None:
    spec = framework({"a": counted(), "b": score_metric()})
    case = case_of_table(spec, COUNTS)
    found = assert_single_answers(case, "EE", Goal(rank=3))
    answer = found.singles["a"]
    assert answer is not None
    (move,) = answer.moves
    # 16 of 24 are as many as 20 of 30: it shares the place of CC.
    assert move.numerator_from == 12
    assert move.denominator == 24
    assert move.value_to == pytest.approx(100 * move.numerator_to / 24)
    assert move.numerator_to == 16


def test_a_step_is_one_fewer_where_fewer_are_better() -> None:
    spec = framework({"a": counted(polarity="lower_is_better"), "b": score_metric()})
    case = case_of_table(spec, COUNTS)
    found = assert_single_answers(case, "AA", Goal(rank=1))
    assert {id_: answer is not None for id_, answer in found.singles.items()} == {"a": True}
    (move,) = answered(found)[0].moves
    assert move.numerator_to is not None
    assert move.numerator_to < 38


def test_a_step_is_a_half_where_halves_are_counted() -> None:
    text = COUNTS.replace("20/30", "20.5/30")
    case = case_of_table(framework({"a": counted(), "b": score_metric()}), text)
    found = assert_single_answers(case, "EE", Goal(rank=3))
    answer = found.singles["a"]
    assert answer is not None
    assert answer.moves[0].numerator_to == 16.5


def test_a_step_is_one_where_counts_are_neither_whole_nor_halves() -> None:
    text = COUNTS.replace("20/30", "20.25/30").replace("12/24", "12.5/24")
    case = case_of_table(framework({"a": counted(), "b": score_metric()}), text)
    found = assert_single_answers(case, "EE", Goal(rank=3))
    answer = found.singles["a"]
    assert answer is not None
    assert answer.moves[0].numerator_to == 16.5


def test_counts_of_a_basis_that_is_no_proportion_are_no_steps() -> None:
    for basis in ("mean", "in_force"):
        spec = framework({"a": counted(basis=basis, decimals=0), "b": score_metric()})
        case = case_of_table(spec, COUNTS)
        found = search_target(league_of(case), "EE", Goal(rank=3))
        answer = found.singles["a"]
        assert answer is not None
        assert answer.moves[0].denominator is None
        assert answer.moves[0].value_to == 67


def test_no_value_goes_beyond_its_range() -> None:
    text = "trust | a | b\n AA | 100 | 1\n BB | 99.6 | 2\n CC | 98 | 2\n DD | 97 | 3\n EE | 10 | 3"
    case = case_of_table(framework({"a": metric(decimals=0), "b": score_metric()}), text)
    # A tie at 100 is the most that is possible: nobody gets ahead of AA.
    for org in ("BB", "CC", "DD"):
        found = assert_single_answers(case, org, Goal(rank=1))
        for answer in answered(found):
            for move in answer.moves:
                assert move.value_to <= (100 if move.metric_id == "a" else 4)


def test_the_first_step_leads_to_the_next_number_of_so_many_decimals() -> None:
    text = "trust | a\n AA | 12.37\n BB | 12.349\n CC | 12.333\n DD | 11"
    case = case_of_table(framework({"a": metric(decimals=1)}), text)
    found = assert_single_answers(case, "CC", Goal(rank=2))
    assert answered(found)[0].moves[0].value_to == 12.4
    case = case_of_table(framework({"a": metric(decimals=2)}), text)
    found = assert_single_answers(case, "CC", Goal(rank=2))
    assert answered(found)[0].moves[0].value_to == 12.35


@pytest.mark.parametrize("method", ["min_max", "z_score"])
def test_beyond_the_best_of_the_pool_a_step_still_puts_the_others_back(method: str) -> None:
    spec = framework(
        {"a": metric(decimals=0, scoring={"method": method}), "b": score_metric()},
        ranking={"by": ["average_metric_score"]},
    )
    case = case_of_table(spec, "trust|a|b\nAA|8|1\nBB|10|2\nCC|0|4")
    found = assert_single_answers(case, "BB", Goal(rank=1))
    answer = found.singles["a"]
    if method == "min_max":
        # AA scores 1 + 3 (x - 8) / x, which is a point behind where x is 12.
        assert answer is not None
        assert answer.moves[0].value_to == 12
        assert answer.points == 0
    else:
        step = first_enough(case, "BB", "a", Goal(rank=1), last=10)
        assert (answer is None) == (step is None)


MATRIX = [[1.0, 1.0, 2.0, 3.0], [2.0, 2.0, 3.0, 4.0], [2.0, 3.0, 3.0, 4.0], [2.0, 3.0, 4.0, 4.0]]
BANDS = {
    "method": "bands",
    "bands": [{"at_least": at, "score": score} for at, score in ((0, 1), (-1, 2), (-2, 3))],
    "otherwise": 4,
}


def test_a_part_of_a_matrix_is_a_lever_of_what_combines_it() -> None:
    spec = framework(
        {
            "plan": metric(counts=False, scoring=BANDS, decimals=1),
            "variance": metric(counts=False, scoring=BANDS, decimals=1),
            "money": metric(
                scoring={
                    "method": "matrix",
                    "rows": "plan",
                    "columns": "variance",
                    "scores": MATRIX,
                }
            ),
            "b": score_metric(decimals=1),
        }
    )
    text = """
    trust | plan | variance | b
    AA    | 0    | 0        | 2
    BB    | -1   | -0.5     | 2
    CC    | -1.5 | -1.5     | 3
    DD    | -3   | -2.5     | 2
    EE    | -2.5 | -1.2     | 3
    """
    case = case_of_table(spec, text)
    places = by_oracle(case)
    for org in ("CC", "DD", "EE"):
        rank = places[org].rank - 1
        found = assert_single_answers(case, org, Goal(rank=rank))
        assert set(found.singles) == {"plan", "variance", "b"}
        assert_nothing_to_spare(case, org, Goal(rank=rank), found)
        for answer in answered(found):
            for move in answer.moves:
                assert move.scored == ("b" if move.metric_id == "b" else "money")
            ids = {move.metric_id for move in answer.moves}
            assert not {"plan", "variance"} <= ids


def test_a_value_in_another_unit_takes_steps_in_that_unit() -> None:
    scoring = {
        "method": "bands",
        "bands": [
            {"at_most": 0, "score": 1},
            {"at_most": 1, "score": 2},
            {"at_most": 2, "score": 3},
        ],
        "otherwise": 4,
    }
    spec = framework(
        {
            "a": metric(
                unit="rate",
                polarity="lower_is_better",
                decimals=0,
                scoring={"method": "standard", "standard": 1.0},
                scoring_of_unit={"count": scoring},
            ),
            "b": score_metric(decimals=1),
        }
    )
    text = """
    trust | a       | b
    AA    | 1 rate  | 2
    BB    | 3 rate  | 2
    CC    | 6 rate  | 2
    DD    | 5 count | 2
    EE    | 1 count | 3
    """
    case = case_of_table(spec, text)
    assert_single_answers(case, "DD", Goal(rank=2))
    found = assert_single_answers(case, "DD", Goal(rank=1))
    assert found.singles["a"] is not None
    assert found.singles["a"].moves[0].value_to == 0
    assert_single_answers(case, "CC", Goal(rank=2))


HELD = framework(
    {"a": metric(decimals=0), "b": score_metric(decimals=1), "c": score_metric(decimals=1)},
    overrides=[
        {"id": "poor", "title": "Poor", "when": {"metric": "a", "below": 60}, "not_better_than": 4},
        {"id": "deficit", "title": "Deficit", "when": {"flag": "flagged"}, "not_better_than": 3},
    ],
    ranking={"within": "all"},
)
HELD_TABLE = """
trust | a  | b | c | flagged
AA    | 95 | 1 | 2 | 0
BB    | 90 | 2 | 2 | 0
CC    | 50 | 1 | 1 | 0
DD    | 85 | 1 | 1 | 1
EE    | 80 | 3 | 2 | 0
FF    | 70 | 3 | 4 | 0
GG    | 61 | 4 | 4 | 0
HH    | 55 | 1 | 2 | 1
"""


def test_a_better_value_lifts_the_override_that_asks_for_it() -> None:
    case = case_of_table(HELD, HELD_TABLE)
    for goal in (Goal(segment=3), Goal(segment=2), Goal(rank=4), Goal(rank=2)):
        found = assert_single_answers(case, "CC", goal)
        answer = found.singles["a"]
        assert answer is not None
        assert answer.moves[0].value_to >= 60
        assert_nothing_to_spare(case, "CC", goal, found)
    # Its flag holds HH all the same.
    found = assert_single_answers(case, "HH", Goal(segment=3))
    assert found.verdict == "within_reach"
    barred = assert_single_answers(case, "HH", Goal(segment=2))
    assert barred.verdict == "barred_by_override"


def test_a_better_value_that_an_override_asks_for_is_held_by_it() -> None:
    spec = framework(
        {"a": metric(decimals=0), "b": score_metric(decimals=1)},
        overrides=[
            {"id": "o", "title": "O", "when": {"metric": "a", "above": 85}, "not_better_than": 4}
        ],
        segments={"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]},
    )
    case = case_of_table(spec, "trust|a|b\nAA|90|1\nBB|80|2\nCC|70|2\nDD|60|2")
    assert_single_answers(case, "BB", Goal(segment=1))


def test_where_an_override_bars_it_answers_are_beside_lifting_it() -> None:
    case = case_of_table(HELD, HELD_TABLE.replace("DD    | 85 | 1 | 1", "DD    | 65 | 2 | 3"))
    found = assert_single_answers(case, "DD", Goal(segment=1))
    assert found.verdict == "barred_by_override"
    assert answered(found)
    assert_nothing_to_spare(case, "DD", Goal(segment=1), found)


def test_a_target_that_lifting_the_override_reaches_asks_for_nothing_else() -> None:
    case = case_of_table(HELD, HELD_TABLE)
    found = search_target(league_of(case), "DD", Goal(segment=1))
    assert found.verdict == "barred_by_override"
    assert answered(found) == []
    free = by_engine(changed(case, [OverrideChange("DD", None, False)]))["DD"]
    assert found.without_override is not None
    assert found.without_override.adjusted_segment == free.adjusted == 1
    assert found.without_override.rank == free.rank


def test_a_target_that_is_met_already_asks_for_nothing() -> None:
    case = case_of_table(HELD, HELD_TABLE)
    places = by_engine(case)
    for org, place in places.items():
        for goal in (Goal(rank=place.rank), Goal(segment=place.adjusted), Goal(rank=8)):
            found = search_target(league_of(case), org, goal)
            assert found.verdict == "already_met"
            assert (found.standing.rank, found.standing.adjusted_segment) == (
                place.rank,
                place.adjusted,
            )
            assert answered(found) == []


def test_where_nothing_is_enough_it_says_where_the_best_values_lead() -> None:
    text = """
    trust | a | b | c | d | e
    AA    | 1 | 1 | 1 | 1 | 1
    BB    | 2 | 1 | 2 | 2 | 1
    CC    | 3 | 2 | 2 | 1 | 2
    DD    | 4 | 4 | 4 | 4 | 4
    EE    | 2 | 3 | 2 | 2 | 2
    """
    ids = ("a", "b", "c", "d", "e")
    spec = framework({id_: score_metric(decimals=0) for id_ in ids})
    case = case_of_table(spec, text)
    found = assert_single_answers(case, "DD", Goal(rank=1))
    assert found.verdict == "out_of_reach"
    assert found.combinations == ()
    assert set(found.singles) == set(ids)
    best = by_engine(changed(case, [ValueChange("DD", id_, 1) for id_ in ids]))["DD"]
    assert found.at_best is not None
    assert (found.at_best.rank, found.at_best.adjusted_segment) == (best.rank, best.adjusted)
    assert found.at_best.average == best.average == 1


def test_where_the_best_values_lead_overrides_made_by_hand_still_hold() -> None:
    ids = ("a", "b", "c", "d", "e")
    rules = [{"id": "r", "title": "R", "when": {"flag": "flagged"}, "not_better_than": 4}]
    spec = framework({id_: score_metric(decimals=0) for id_ in ids}, overrides=rules)
    text = "trust|a|b|c|d|e|flagged\n" + "\n".join(
        f"{org}|{1 + at % 3}|{1 + at % 2}|2|1|2|0"
        for at, org in enumerate(("AA", "BB", "CC", "DD"))
    )
    case = case_of_table(spec, text + "\nEE|4|4|4|4|4|0")
    change = OverrideChange("EE", None, True)
    found = search_target(league_of(case), "EE", Goal(rank=1), [change])
    everything = [ValueChange("EE", id_, 1) for id_ in ids]
    best = by_engine(changed(case, [change, *everything]))["EE"]
    free = by_engine(changed(case, everything))["EE"]
    assert free.adjusted == 1
    assert best.adjusted == 4
    assert found.verdict == "out_of_reach"
    assert found.at_best is not None
    assert (found.at_best.rank, found.at_best.adjusted_segment) == (best.rank, best.adjusted)


def test_changes_are_made_first() -> None:
    case = case_of(
        "rank",
        "higher_is_better",
        "low",
        overrides=[{"id": "r", "title": "R", "when": {"flag": "flagged"}, "not_better_than": 3}],
    )
    changes = [
        ValueChange("AA", "a", 6),
        ValueChange("FF", "b", 2.5),
        WeightChange("a", 3.0),
        OverrideChange("CC", None, True),
        MetricDropped("c"),
    ]
    after = changed(case, changes)
    rank = by_oracle(after)["EE"].rank
    goal = Goal(rank=rank - 1)
    found = search_target(league_of(case), "EE", goal, changes)
    assert found.standing.rank == rank
    assert set(found.singles) == {"a", "b"}
    last = last_steps(league_of(case), "EE")
    for id_, answer in found.singles.items():
        step = first_enough(after, "EE", id_, goal, last=last[id_])
        assert (answer is None) == (step is None)
        if answer is not None and step is not None:
            assert answer.moves[0].value_to == pytest.approx(float(step.value))
    with pytest.raises(UsageError, match="no metric 'z'"):
        search_target(league_of(case), "EE", goal, [WeightChange("z", 1)])


@pytest.mark.parametrize(
    "goal",
    [
        Goal(),
        Goal(segment=1, rank=1),
        Goal(segment=0),
        Goal(segment=5),
        Goal(segment=7),
        Goal(rank=0),
        Goal(rank=-1),
        Goal(rank=7),
    ],
)
def test_a_goal_that_is_none_is_refused(goal: Goal) -> None:
    case = case_of("rank", "higher_is_better", "low")
    with pytest.raises(UsageError):
        search_target(league_of(case), "FF", goal)


def test_the_last_rank_and_segment_are_goals() -> None:
    case = case_of("rank", "higher_is_better", "low")
    for goal in (Goal(rank=6), Goal(segment=4)):
        assert search_target(league_of(case), "FF", goal).verdict == "already_met"
    with pytest.raises(UsageError):
        search_target(league_of(case), "HH", Goal(rank=3))
    bounds = {"segments": {"method": "thresholds", "upper_bounds": [2.0]}}
    other = case_of("rank", "higher_is_better", "low", **bounds)
    search_target(league_of(other), "FF", Goal(segment=2))
    with pytest.raises(UsageError):
        search_target(league_of(other), "FF", Goal(segment=3))


def test_an_organisation_without_a_rank_has_no_target() -> None:
    spec = framework({"a": metric(), "b": metric()}, aggregate={"min_metrics": 2})
    table = league_of(case_of_table(spec, "trust|a|b\n AA|1|1\n BB|2|-\n CC|3|1"))
    with pytest.raises(UsageError, match="BB is not ranked"):
        search_target(table, "BB", Goal(rank=1))
    with pytest.raises(UsageError, match="ZZ has no figure"):
        search_target(table, "ZZ", Goal(rank=1))


def test_a_metric_that_does_not_count_or_cannot_be_better_is_no_lever() -> None:
    spec = framework(
        {
            "a": metric(decimals=0),
            "b": score_metric(decimals=0),
            "shown": score_metric(counts=False),
            "target": metric(scoring={"method": "target", "target": 5, "limit": 0}, decimals=0),
        }
    )
    text = """
    trust | a   | b | shown | target
    AA    | 100 | 2 | 1     | 5
    BB    | 90  | 1 | 2     | 7
    CC    | 80  | 1 | 2     | 3
    DD    | -   | 4 | 4     | 9
    """
    table = league_of(case_of_table(spec, text))
    assert set(search_target(table, "AA", Goal(rank=1)).singles) <= {"b"}
    levers = last_steps(table, "DD")
    assert set(levers) == {"b"}
    assert levers["b"] == 3


def test_a_score_that_is_given_says_how_far_the_score_moves() -> None:
    text = "trust | a | b\n AA | 90 | 1\n BB | 80 | 2\n CC | 70 | 2\n DD | 60 | 3\n EE | 50 | 2"
    case = case_of_table(framework({"a": metric(decimals=0), "b": score_metric()}), text)
    found = assert_single_answers(case, "EE", Goal(rank=3))
    answer = found.singles["a"]
    assert answer is not None
    (move,) = answer.moves
    # Level with CC the own score is 2.5 where it was 4.
    assert (move.value_from, move.value_to) == (50, 70)
    assert (move.score_from, move.score_to, move.points) == (4, 2.5, 1.5)
    assert answer.points == 1.5
    assert answer.standing.average == pytest.approx(2.25)


# The bundled sample


def sample() -> League:
    return nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2").league


@pytest.mark.parametrize(
    ("org_code", "goal"),
    [
        ("RX1", Goal(segment=2)),
        ("RRU", Goal(rank=3)),
    ],
)
def test_answers_in_the_sample_are_what_ifs_that_meet_the_target(org_code: str, goal: Goal) -> None:
    table = sample()
    ranked = table.standings.filter(table.standings["org_code"] == org_code)
    assert ranked["rank"].item() is not None
    found = search_target(table, org_code, goal)
    lifted = []
    if found.verdict == "barred_by_override":
        lifted = [OverrideChange(org_code, None, False)]
    for answer in answered(found):
        values = [ValueChange(org_code, move.metric_id, move.value_to) for move in answer.moves]
        place = what_if(table, org_code, [*lifted, *values]).place(org_code)
        told = answer.standing
        assert place["rank_to"] == told.rank
        assert place["adjusted_segment_to"] == told.adjusted_segment
        if goal.rank is not None:
            assert told.rank <= goal.rank
        else:
            assert told.adjusted_segment is not None
            assert told.adjusted_segment <= (goal.segment or 0)
    assert found.verdict != "already_met" or is_met_already(ranked, goal)


def is_met_already(standing: Any, goal: Goal) -> bool:
    if goal.rank is not None:
        return bool(standing["rank"].item() <= goal.rank)
    return bool(standing["adjusted_segment"].item() <= goal.segment)


def test_the_oracle_itself_finds_a_goal_met() -> None:
    case = case_of("rank", "higher_is_better", "low")
    places = by_oracle(case)
    assert is_met(places, "AA", Goal(rank=places["AA"].rank))
    assert not is_met(places, "FF", Goal(rank=places["FF"].rank - 1))
