"""Random leagues: changes, searches and causes are what loops over whole leagues make of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nhs_league.analysis.comparison.attribution import ATTRIBUTION_SCHEMA, attribute_quarters
from nhs_league.analysis.comparison.method_attribution import attribute_methods
from nhs_league.analysis.comparison.shapley import shapley_values, states
from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.analysis.counterfactuals.outcomes import Goal
from nhs_league.analysis.counterfactuals.rescoring import Cells, Rescorer
from nhs_league.analysis.counterfactuals.targets import search_target
from nhs_league.analysis.counterfactuals.whatif import what_if
from nhs_league.scoring import columns
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.counterfactual_oracle import (
    Place,
    assert_least_combinations,
    assert_nothing_to_spare,
    assert_single_answers,
    by_oracle,
    changed,
    differences,
    is_met,
    league_of,
    naive,
    shapley_by_orders,
    shared_by_orders,
    value_limits,
    with_value,
)
from tests.property.published_leagues import published_cases
from tests.property.settings import many
from tests.property.strategies import GRID, Case, cases, figures
from tests.support import league, metric, standings

RANKED = ("rank", "rank", "standard", "floor", "standard and floor", "bands", "percentile")


@st.composite
def plain_cases(draw: st.DrawFn, **options: Any) -> Case:
    """Draw a league that is ranked by its values alone.

    Published scores are better the same way as the scale is, a matrix combines banded scores, an
    override on a metric holds back whom it finds bad, and nobody is left out for a gap.
    """
    case = draw(cases(**({"counts": (5, 8), "max_metrics": 3} | options)))
    spec, scale = dict(case.spec), case.spec["scale"]
    is_lower_better = scale["best"] < scale["worst"]
    rows = [{name: row[name] for name in row if name != "published_rank"} for row in case.rows]
    decimals, count = draw(st.sampled_from([0, 1])), len(case.peer_groups)
    metrics = {}
    for id_, stated in spec["metrics"].items():
        if stated["scoring"]["method"] == "matrix":
            continue
        metrics[id_] = stated | {"decimals": decimals}
        if stated["scoring"]["method"] == "published":
            polarity = "lower_is_better" if is_lower_better else "higher_is_better"
            metrics[id_] |= {"polarity": polarity}
        elif draw(st.booleans()):
            metrics[id_] |= {"basis": "sum", "per": 100, "divide_by": 100}
            rows = [draw(_counted(row)) if row["metric_id"] == id_ else row for row in rows]
    if "combined" in spec["metrics"]:
        scores = sorted([1.0, 2.0, 3.0, 4.0], reverse=not is_lower_better)
        bands = [
            {"at_least": bound, "score": score}
            for bound, score in zip((0.75, 0.25, -0.5), scores, strict=False)
        ]
        scoring = {"method": "bands", "bands": bands, "otherwise": scores[-1]}
        for id_ in ("row", "column"):
            metrics[id_] = metric(scoring=scoring, counts=draw(st.booleans()), decimals=1)
            rows += draw(figures(id_, metrics[id_], scale, count))
        combined = spec["metrics"]["combined"]
        # No better part makes a worse whole.
        flat = sorted(score for line in combined["scoring"]["scores"] for score in line)
        table = [flat[at : at + 4] for at in range(0, 16, 4)]
        stated = {"rows": "row", "columns": "column", "scores": table}
        metrics["combined"] = combined | {"scoring": combined["scoring"] | stated}
    is_up = metrics["m0"]["polarity"] == "higher_is_better"
    overrides = []
    for rule in spec["overrides"]:
        when = rule["when"]
        if "flag" not in when:
            bound = when["below"] if "below" in when else when["above"]
            when = {"metric": "m0", "below" if is_up else "above": bound}
        overrides.append(rule | {"when": when})
    spec |= {
        "metrics": metrics,
        "overrides": overrides,
        "aggregate": spec["aggregate"] | {"missing": "reweight", "min_metrics": 1},
    }
    rows = [{name: row[name] for name in row if name != "published_rank"} for row in rows]
    return Case(spec, case.peer_groups, rows)


@st.composite
def _counted(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    if "value" not in row:
        return row
    denominator = draw(st.sampled_from([4.0, 5.0, 8.0]))
    share = min(max(row["value"], 0.0), 1.0)
    kept = {name: row[name] for name in row if name != "value"}
    return kept | {"numerator": float(round(share * denominator)), "denominator": denominator}


@st.composite
def changes_of(draw: st.DrawFn, case: Case) -> list[Change]:
    """Draw changes of every kind that can be made to a league."""
    metrics, scale = case.spec["metrics"], case.spec["scale"]
    measured = [
        row
        for row in case.rows
        if row["metric_id"] in metrics and row.get("status", "reported") == "reported"
    ]
    by_key = st.lists(
        st.sampled_from(measured),
        max_size=3,
        unique_by=lambda row: (row["org_code"], row["metric_id"]),
    )
    found: list[Change] = []
    for row in draw(by_key) if measured else []:
        low, high = value_limits(case, row["metric_id"])
        value = draw(GRID)
        if metrics[row["metric_id"]]["scoring"]["method"] == "published":
            value = draw(st.sampled_from([scale["best"], scale["worst"], 2.5]))
        value = max(value, -100.0 if low is None else float(low))
        value = min(value, 100.0 if high is None else float(high))
        found.append(ValueChange(row["org_code"], row["metric_id"], value))
    after, ranked = case, list(by_oracle(case))
    standing = naive(after)
    for rule in case.spec["overrides"]:
        if draw(st.booleans()):
            org = draw(st.sampled_from(ranked))
            is_held = rule["id"] in (standing[org]["overrides"] or "").split(";")
            found.append(OverrideChange(org, rule["id"], not is_held))
    counted = [id_ for id_, stated in metrics.items() if stated.get("counts", True)]
    for id_ in draw(st.lists(st.sampled_from(counted), max_size=2, unique=True)):
        if len(counted) > 2 and draw(st.booleans()):
            found.append(MetricDropped(id_))
        else:
            found.append(WeightChange(id_, draw(st.sampled_from([0.5, 1.7, 4.0]))))
    return draw(st.permutations(found))


def places_of(frame: Any, side: str) -> dict[str, Place]:
    """Read one side of the places of a what-if."""
    names = ("rank", "average", "segment", "adjusted_segment")
    return {
        row["org_code"]: Place(*(row[f"{name}_{side}"] for name in names))
        for row in frame.iter_rows(named=True)
        if row[f"rank_{side}"] is not None
    }


@many(30)
@given(st.data())
def test_what_if_is_the_league_of_the_changed_observations(data: st.DataObject) -> None:
    case = data.draw(plain_cases())
    before = by_oracle(case)
    assume(before)
    changes = data.draw(changes_of(case))
    org = data.draw(st.sampled_from(sorted(before)))
    after = changed(case, changes)
    expected = by_oracle(after)
    # Who has nothing that counts is not among those that are ranked, and does not come in.
    assume(set(expected) <= set(before))
    found = what_if(league_of(case), org, changes)
    assert differences(places_of(found.places, "from"), before) == []
    assert differences(places_of(found.places, "to"), expected) == []
    assert_values(found.values, case, after, changes)
    assert_passing(found.places, case, org)


def assert_values(frame: Any, case: Case, after: Case, changes: list[Change]) -> None:
    one, two = naive(case), naive(after)
    stated = [change for change in changes if isinstance(change, ValueChange)]
    assert len(frame) == len(stated)
    for row, change in zip(frame.iter_rows(named=True), stated, strict=True):
        org, name = change.org_code, f"score:{change.metric_id}"
        assert (row["org_code"], row["metric_id"]) == (org, change.metric_id)
        assert row["value_to"] == change.value
        for side, rows in (("from", one), ("to", two)):
            score = rows[org][name]
            assert row[f"score_{side}"] == (None if score is None else pytest.approx(float(score)))
        others = [
            code
            for code in one
            if code != org
            and one[code][name] is not None
            and not math.isclose(one[code][name], two[code][name], rel_tol=0, abs_tol=1e-9)
        ]
        assert row["others_rescored"] == len(others)


def assert_passing(frame: Any, case: Case, org: str) -> None:
    rows = {row["org_code"]: row for row in frame.iter_rows(named=True)}
    own = rows[org]
    is_within = case.spec["ranking"]["within"] == "peer_group"
    for other, row in rows.items():
        told = None
        is_rival = not is_within or row["peer_group"] == own["peer_group"]
        if is_rival and None not in (own["rank_to"], row["rank_to"]):
            before, after = (
                (row[f"rank_{side}"] > own[f"rank_{side}"])
                - (row[f"rank_{side}"] < own[f"rank_{side}"])
                for side in ("from", "to")
            )
            told = {
                (-1, 1): "passed",
                (1, -1): "overtakes",
                (-1, 0): "draws_level",
                (1, 0): "draws_level",
            }.get((before, after))
        assert row["passing"] == told, other


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(8)
@given(case=published_cases())
def test_no_change_is_the_table_whatever_was_published(scores: ScoreSource, case: Case) -> None:
    table = league(case.spec, case.rows, case.peer_groups, scores)
    ranked = {org: row for org, row in standings(table).items() if row["rank"] is not None}
    assume(ranked)
    found = what_if(table, sorted(ranked)[0], [])
    assert found.movers().is_empty()
    for row in found.places.iter_rows(named=True):
        own = ranked[row["org_code"]]
        assert row["rank_to"] == own["rank"]
        assert row["segment_to"] == own["segment"]
        assert row["adjusted_segment_to"] == own["adjusted_segment"]


@st.composite
def goals_of(draw: st.DrawFn, case: Case, org: str) -> Goal:
    """Draw a goal that is better than where an organisation stands, if there is one."""
    now = by_oracle(case)[org]
    if now.adjusted is not None and now.adjusted > 1 and draw(st.booleans()):
        return Goal(segment=draw(st.integers(max(1, now.adjusted - 2), now.adjusted - 1)))
    return Goal(rank=max(1, now.rank - draw(st.integers(1, 3))))


@st.composite
def searches(draw: st.DrawFn, **options: Any) -> tuple[Case, str, Goal]:
    case = draw(plain_cases(**options))
    places = by_oracle(case)
    behind = [org for org in sorted(places) if places[org].rank > 1]
    assume(behind)
    org = draw(st.sampled_from(behind))
    return case, org, draw(goals_of(case, org))


@many(16)
@given(searches())
def test_a_single_answer_is_the_first_step_that_is_enough(search: tuple[Case, str, Goal]) -> None:
    case, org, goal = search
    found = assert_single_answers(case, org, goal)
    places = by_oracle(case)
    assert (found.verdict == "already_met") == is_met(places, org, goal)
    assert (found.standing.rank, found.standing.adjusted_segment) == (
        places[org].rank,
        places[org].adjusted,
    )


@many(10)
@given(searches())
def test_a_verdict_says_what_leagues_without_overrides_say(
    search: tuple[Case, str, Goal],
) -> None:
    case, org, goal = search
    found = search_target(league_of(case), org, goal)
    is_held = naive(case)[org]["overrides"] is not None
    assert (found.without_override is not None) == is_held
    if found.without_override is not None:
        free = by_oracle(changed(case, [OverrideChange(org, None, False)]))[org]
        assert (found.without_override.rank, found.without_override.adjusted_segment) == (
            free.rank,
            free.adjusted,
        )
    has_answer = bool(found.combinations) or any(found.singles.values())
    match found.verdict:
        case "within_reach":
            assert has_answer
        case "barred_by_override":
            assert is_held
            lifted = by_oracle(changed(case, [OverrideChange(org, None, False)]))
            assert has_answer or is_met(lifted, org, goal)
        case "out_of_reach":
            assert not has_answer
            assert found.at_best is not None


@many(16)
@given(searches(counts=(6, 8), methods=RANKED, max_metrics=4))
def test_combinations_are_the_least_of_all_that_are_enough(search: tuple[Case, str, Goal]) -> None:
    assert_least_combinations(*search, most=2_000)


@many(8)
@given(searches(counts=(6,), methods=("z_score", "min_max", "target", "rank"), max_metrics=3))
def test_combinations_are_the_least_where_scores_change_with_every_step(
    search: tuple[Case, str, Goal],
) -> None:
    assert_least_combinations(*search, most=2_000)


@many(10)
@given(searches(counts=(6, 8), max_metrics=4))
def test_every_answer_is_a_league_that_meets_the_goal_with_nothing_to_spare(
    search: tuple[Case, str, Goal],
) -> None:
    case, org, goal = search
    found = search_target(league_of(case), org, goal)
    assert_nothing_to_spare(case, org, goal, found)


@st.composite
def pairs_of_quarters(draw: st.DrawFn) -> tuple[Case, Case]:
    """Draw the same framework's figures of two quarters: other metrics, trusts and flags."""
    case = draw(plain_cases(counts=(5, 8)))
    overrides = [rule for rule in case.spec["overrides"] if "flag" in rule["when"]]
    spec, count = case.spec | {"overrides": overrides}, len(case.peer_groups)
    sides = []
    for gone in ("T0", "T1"):
        rows = [
            {name: row[name] for name in row if name != "published_rank"}
            for id_, stated in spec["metrics"].items()
            if stated["scoring"]["method"] != "matrix"
            for row in draw(figures(id_, stated, spec["scale"], count))
        ]
        if overrides:
            raised = draw(st.lists(st.booleans(), min_size=count, max_size=count))
            rows += [
                {"org_code": f"T{at}", "metric_id": "flagged", "period": "2025Q2", "value": 1.0}
                for at, is_raised in enumerate(raised)
                if is_raised
            ]
        if draw(st.booleans()):
            rows = [row for row in rows if row["org_code"] != gone]
        sides.append(Case(spec, case.peer_groups, rows))
    return sides[0], sides[1]


PARTS = ("own_metrics", "metric_set", "override", "others")


@many(6)
@given(pairs_of_quarters())
def test_causes_of_a_move_are_shared_as_all_orders_of_hybrid_leagues_share_it(
    quarters: tuple[Case, Case],
) -> None:
    before, after = quarters
    one, two = by_oracle(before), by_oracle(after)
    assume(one and two)
    found = attribute_quarters(league_of(before), league_of(after))
    assert list(found.schema) == list(ATTRIBUTION_SCHEMA)
    assert set(found["org_code"]) == set(one) & set(two)
    for at, row in enumerate(found.iter_rows(named=True)):
        org = row["org_code"]
        parts = [row[f"due_to_{part}"] for part in PARTS]
        assert sum(parts) == pytest.approx(two[org].rank - one[org].rank, abs=1e-9)
        assert row["due_to_method"] == 0
        if at < 2:
            expected = shared_by_orders(before, after, org, by_oracle)
            assert parts == pytest.approx(expected, abs=1e-9), org


@many(6)
@given(plain_cases(), plain_cases())
def test_the_parts_of_a_change_of_framework_add_up(one: Case, two: Case) -> None:
    rules = two.spec["aggregate"], two.spec["segments"], two.spec["ranking"]
    names = ("aggregate", "segments", "ranking")
    other = one.spec | dict(zip(names, rules, strict=True)) | {"overrides": []}
    if "m1" in other["metrics"]:
        other["metrics"] = {id_: m for id_, m in other["metrics"].items() if id_ != "m1"}
    second = replace(one, spec=other)
    before, after = by_oracle(one), by_oracle(second)
    assume(before and after)
    found = attribute_methods(league_of(one), league_of(second))
    assert set(found["org_code"]) == set(before) & set(after)
    for row in found.iter_rows(named=True):
        whole = after[row["org_code"]].rank - before[row["org_code"]].rank
        parts = [row[name] for name in row if name != "org_code"]
        assert sum(parts) == pytest.approx(whole, abs=1e-9)
        assert row["due_to_own_metrics"] == row["due_to_others"] == 0


@many(10)
@given(plain_cases(counts=(5,)), st.integers(2, 5), st.data())
def test_leagues_scored_at_once_are_each_scored_as_if_alone(
    case: Case, count: int, data: st.DataObject
) -> None:
    assume(by_oracle(case))
    rescorer = Rescorer.of(league_of(case))
    codes = list(rescorer.frame[columns.ORG_CODE])
    given_values: dict[str, list[tuple[int, int, float]]] = {}
    leagues = [case] * count
    for row in case.rows:
        stated = case.spec["metrics"].get(row["metric_id"])
        if stated is None or row.get("status", "reported") != "reported":
            continue
        if stated["scoring"]["method"] == "published" or not data.draw(st.booleans()):
            continue
        at, value = data.draw(st.integers(0, count - 1)), data.draw(GRID)
        name = columns.value(row["metric_id"])
        cell = codes.index(row["org_code"]), at, value
        given_values.setdefault(name, []).append(cell)
        leagues[at] = with_value(leagues[at], row["org_code"], row["metric_id"], value)
    assume(given_values)
    cells = {
        name: Cells(*(np.array(part) for part in zip(*listed, strict=True)))
        for name, listed in given_values.items()
    }
    found = rescorer.rescored(count, cells)
    assert {columns.value(id_) for id_ in found} >= set(cells)
    for at, each in enumerate(leagues):
        rows = naive(each)
        for id_, scores in found.items():
            expected = [rows[code][f"score:{id_}"] for code in codes]
            as_numbers = [math.nan if score is None else float(score) for score in expected]
            assert scores[:, at].tolist() == pytest.approx(as_numbers, abs=1e-9, nan_ok=True)


@many(40)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(GRID, min_size=2**n, max_size=2**n)))
def test_shares_are_what_each_cause_adds_over_all_orders(outcomes: list[float]) -> None:
    causes = int(math.log2(len(outcomes)))
    of_state = dict(zip(states(causes), outcomes, strict=True))
    found = shapley_values({state: np.array([one, 2 * one]) for state, one in of_state.items()})
    expected = shapley_by_orders(causes, of_state.__getitem__)
    assert found[:, 0].tolist() == pytest.approx(expected, abs=1e-12)
    assert found[:, 1].tolist() == pytest.approx([2 * share for share in expected], abs=1e-12)
    whole = outcomes[-1] - outcomes[0]
    assert found[:, 0].sum() == pytest.approx(whole, abs=1e-12)
