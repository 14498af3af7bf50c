"""Naive counterfactuals: a league with a change is made of changed observations and scored anew.

A change is carried out on plain rows and on the framework's plain mapping; what comes of it is what
``tests.oracle`` or the engine make of the whole league. Searches are done by trying everything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.analysis.counterfactuals.levers import levers_of
from nhs_league.analysis.counterfactuals.outcomes import Goal
from nhs_league.analysis.counterfactuals.rescoring import Rescorer
from nhs_league.analysis.counterfactuals.targets import TargetSearch, search_target
from nhs_league.framework.model import Framework
from nhs_league.league import League, score
from nhs_league.quarter import Quarter
from tests import oracle
from tests.property.strategies import Case
from tests.robustness_oracle import composite, floor_of, placed, ranked_average
from tests.support import (
    QUARTER,
    observations,
    organisations,
    peer_groups_of,
    read_table,
    standings,
    table_observations,
)

Number = Fraction | float
_SAME = 2e-9
"""More than nine decimals are noise."""


@dataclass(frozen=True)
class Place:
    """Where an organisation stands, with the average that is shown."""

    rank: int
    average: Number
    segment: int | None
    adjusted: int | None

    def is_like(self, other: Place) -> bool:
        same = (self.rank, self.segment, self.adjusted)
        return same == (other.rank, other.segment, other.adjusted) and math.isclose(
            self.average, other.average, rel_tol=1e-9, abs_tol=_SAME
        )


Places = dict[str, Place]


def case_of_table(spec: Mapping[str, Any], table: str) -> Case:
    """Read a table of trusts as plain rows."""
    rows = read_table(table)
    return Case(dict(spec), peer_groups_of(rows), table_observations(spec, rows))


def league_of(case: Case) -> League:
    """Score a case by the engine, from values alone."""
    framework = Framework.model_validate(case.spec)
    quarter = Quarter.parse(QUARTER)
    return score(
        observations(case.rows), organisations(case.peer_groups), framework, quarter, "computed"
    )


def by_engine(case: Case) -> Places:
    """Place everybody by the engine."""
    return _places(standings(league_of(case)))


def by_oracle(case: Case) -> Places:
    """Place everybody by the naive reference."""
    return _places(naive(case))


def naive(case: Case) -> dict[str, dict[str, Any]]:
    """Give the naive standings."""
    return oracle.standings(case.rows, case.peer_groups, case.spec, QUARTER, "computed")


def _places(rows: Mapping[str, Mapping[str, Any]]) -> Places:
    return {
        org: Place(
            row["rank"], row["average_metric_score"], row["segment"], row["adjusted_segment"]
        )
        for org, row in rows.items()
        if row["rank"] is not None
    }


def differences(found: Mapping[str, Place], expected: Mapping[str, Place]) -> list[str]:
    """List who stands elsewhere."""
    return [
        f"{org}: expected {expected.get(org)}, got {found.get(org)}"
        for org in sorted({*found, *expected})
        if org not in found or org not in expected or not found[org].is_like(expected[org])
    ]


# Changes


def changed(case: Case, changes: Sequence[Change]) -> Case:
    """Carry out changes on the observations and on the framework, values first."""
    for change in changes:
        if isinstance(change, ValueChange):
            case = with_value(case, change.org_code, change.metric_id, change.value)
    forced = [change for change in changes if isinstance(change, OverrideChange)]
    if forced:
        case = _with_overrides(case, forced)
    metrics = {id_: dict(metric) for id_, metric in case.spec["metrics"].items()}
    for change in changes:
        match change:
            case WeightChange(metric_id, weight):
                metrics[metric_id]["weight"] = weight
            case MetricDropped(metric_id):
                # What a matrix or an override asks for is still there; it no longer counts.
                metrics[metric_id]["counts"] = False
            case _:
                pass
    return replace(case, spec={**case.spec, "metrics": metrics})


def with_value(case: Case, org_code: str, metric_id: str, value: Any) -> Case:
    """State another value of an organisation, without the counts and the rank of the old one."""
    divide_by = case.spec["metrics"][metric_id].get("divide_by", 1)
    return _with_row(case, org_code, metric_id, {"value": value * divide_by})


def with_numerator(case: Case, org_code: str, metric_id: str, numerator: float) -> Case:
    """State another numerator of an organisation."""
    row = row_of(case, org_code, metric_id)
    stated = {"numerator": numerator, "denominator": row["denominator"]}
    return _with_row(case, org_code, metric_id, stated)


def row_of(case: Case, org_code: str, metric_id: str) -> dict[str, Any]:
    """Find the row of an organisation and a metric."""
    (row,) = [
        row for row in case.rows if (row["org_code"], row["metric_id"]) == (org_code, metric_id)
    ]
    return row


def _with_row(case: Case, org_code: str, metric_id: str, stated: Mapping[str, Any]) -> Case:
    old = row_of(case, org_code, metric_id)
    names = ("org_code", "metric_id", "period", "unit")
    kept: dict[str, Any] = {name: old[name] for name in names if name in old}
    return replace(case, rows=[{**kept, **stated} if row is old else row for row in case.rows])


def _with_overrides(case: Case, forced: Sequence[OverrideChange]) -> Case:
    """Turn every override into a flag of its own, raised where it applies or is made to."""
    rules = case.spec["overrides"]
    applying = {
        (rule["id"], org)
        for org, row in naive(case).items()
        for rule in rules
        if rule["id"] in (row["overrides"] or "").split(";")
    }
    for change in forced:
        for rule in rules:
            if change.override_id in (None, rule["id"]):
                key = rule["id"], change.org_code
                (applying.add if change.applies else applying.discard)(key)
    stated = [{**rule, "when": {"flag": f"flag_of_{rule['id']}"}} for rule in rules]
    raised = [
        {"org_code": org, "metric_id": f"flag_of_{rule_id}", "period": QUARTER, "value": 1.0}
        for rule_id, org in sorted(applying)
    ]
    return Case(case.spec | {"overrides": stated}, case.peer_groups, [*case.rows, *raised])


# Goals and steps


def is_met(places: Mapping[str, Place], org_code: str, goal: Goal) -> bool:
    """Say whether an organisation stands where it is aimed at, or better."""
    place = places[org_code]
    if goal.rank is not None:
        return place.rank <= goal.rank
    assert goal.segment is not None
    return place.adjusted is not None and place.adjusted <= goal.segment


@dataclass(frozen=True)
class Step:
    """The league so many steps on, with the value that the organisation then has."""

    number: int
    value: Fraction
    numerator: Fraction | None
    case: Case

    @cached_property
    def places(self) -> Places:
        return by_oracle(self.case)


def steps(case: Case, org_code: str, metric_id: str, last: int) -> Iterator[Step]:
    """Give the steps for the better: a patient, or one in the last decimal; none out of range."""
    metric, row = case.spec["metrics"][metric_id], row_of(case, org_code, metric_id)
    sign = 1 if metric["polarity"] == "higher_is_better" else -1
    divide_by = oracle.exact(metric.get("divide_by", 1))
    is_counted = row.get("numerator") is not None and metric["basis"] in ("sum", "latest")
    if is_counted:
        per = oracle.exact(metric.get("per", 1)) / divide_by
        size = Fraction(1, 2) if _has_halves(case, metric_id) else Fraction(1)
        start = oracle.exact(row["numerator"])
    else:
        value = oracle.exact(row["value"]) / divide_by
        size = Fraction(1, 10 ** metric.get("decimals", 2))
        # The first step leads to the next number of so many decimals.
        in_steps = value / size
        start = size * (math.floor(in_steps) if sign > 0 else math.ceil(in_steps))
    low, high = value_limits(case, metric_id)
    for number in range(1, last + 1):
        at = start + sign * size * number
        now = at * per / oracle.exact(row["denominator"]) if is_counted else at
        if (low is not None and now < low) or (high is not None and now > high):
            return
        if is_counted:
            yield Step(number, now, at, with_numerator(case, org_code, metric_id, float(at)))
        else:
            yield Step(number, now, None, with_value(case, org_code, metric_id, now))


def _has_halves(case: Case, metric_id: str) -> bool:
    stated = (row.get("numerator") for row in case.rows if row["metric_id"] == metric_id)
    counts = [oracle.exact(count) for count in stated if count is not None]
    return any(count % 1 for count in counts) and not any(2 * count % 1 for count in counts)


def value_limits(case: Case, metric_id: str) -> tuple[Fraction | None, Fraction | None]:
    """Give the range of a metric's values: the unit's, unless somebody is beyond it."""
    metric = case.spec["metrics"][metric_id]
    if metric["scoring"]["method"] == "published":
        ends = sorted(oracle.exact(case.spec["scale"][end]) for end in ("best", "worst"))
        return ends[0], ends[1]
    low, high = {
        "percent": (0, 100),
        "out of 10": (0, 10),
        "minutes": (0, None),
        "count": (0, None),
        "rate": (0, None),
        "days": (0, None),
    }.get(metric["unit"], (None, None))
    figures = oracle.quarter_figures(case.rows, case.spec, QUARTER)
    values = [
        figure.value
        for (id_, _), figure in figures.items()
        if id_ == metric_id and figure.value is not None
    ]
    is_below = low is not None and any(value < low for value in values)
    is_above = high is not None and any(value > high for value in values)
    return (
        None if low is None or is_below else Fraction(low),
        None if high is None or is_above else Fraction(high),
    )


def first_enough(
    case: Case, org_code: str, metric_id: str, goal: Goal, *, last: int
) -> Step | None:
    """Try one step after the other until the goal is met."""
    for step in steps(case, org_code, metric_id, last):
        if is_met(step.places, org_code, goal):
            return step
    return None


# Combinations


@dataclass(frozen=True)
class Level:
    """What a metric's own scores can rise to, and the last step at which they are just that.

    ``rows`` are the naive standings of the league with this step alone.
    """

    metric_id: str
    points: Fraction
    step: Step
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Combined:
    """The least movement in points by which a set of metrics is enough, each of them needed."""

    metric_ids: tuple[str, ...]
    points: Fraction

    @property
    def order(self) -> tuple[float, int]:
        return round(float(self.points) + 1e-12, 2), len(self.metric_ids)


def levels_of(case: Case, org_code: str, metric_id: str, last: int) -> list[Level]:
    """List the levels of the own scores that are better than all before."""
    before = naive(case)[org_code]
    names = affected_scores(case, metric_id)
    better = 1 if case.spec["scale"]["best"] < case.spec["scale"]["worst"] else -1
    found: list[tuple[tuple[Any, ...], Level]] = []
    for step in steps(case, org_code, metric_id, last):
        rows = naive(step.case)
        row = rows[org_code]
        # A matrix may have no score for what its parts now are.
        known = [name for name in names if None not in (before[name], row[name])]
        moves = [better * (before[name] - row[name]) for name in known]
        key = (*moves, row["overrides"])
        level = Level(metric_id, sum(map(abs, moves), Fraction(0)), step, rows)
        if found and found[-1][0] == key:
            found[-1] = key, level
        elif any(move > 0 for move in moves) or row["overrides"] != before["overrides"]:
            found.append((key, level))
    return [level for _, level in found]


def affected_scores(case: Case, metric_id: str) -> list[str]:
    """Name the scores that count and that change with a metric."""
    return [
        f"score:{id_}"
        for id_, metric in case.spec["metrics"].items()
        if metric.get("counts", True)
        and (id_ == metric_id or metric_id in _parts(metric["scoring"]))
    ]


def _parts(scoring: Mapping[str, Any]) -> tuple[Any, ...]:
    return (scoring["rows"], scoring["columns"]) if scoring["method"] == "matrix" else ()


@dataclass(frozen=True)
class Combining:
    """Levels of several metrics put together: each metric's scores are those of its own level."""

    case: Case
    org_code: str
    goal: Goal

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        return {org: row for org, row in naive(self.case).items() if row["rank"] is not None}

    @cached_property
    def framework(self) -> Framework:
        return Framework.model_validate(self.case.spec)

    @cached_property
    def counted(self) -> list[str]:
        metrics = self.case.spec["metrics"]
        return [id_ for id_ in metrics if metrics[id_].get("counts", True)]

    def is_enough(self, levels: Sequence[Level]) -> bool:
        """Say whether some levels together meet the goal."""
        level_of = {
            name: level for level in levels for name in affected_scores(self.case, level.metric_id)
        }
        averages = {}
        for org, row in self.rows.items():
            names = {id_: f"score:{id_}" for id_ in self.counted}
            own = [
                (id_, level_of[name].rows[org][name] if name in level_of else row[name])
                for id_, name in names.items()
            ]
            there = [(id_, float(score)) for id_, score in own if score is not None]
            averages[org] = ranked_average(self.framework, row, composite(self.framework, there))
        floors = {org: floor_of(self.framework, row) for org, row in self.rows.items()}
        held = [level.rows[self.org_code]["overrides"] for level in levels]
        floors[self.org_code] = min(
            [
                floors[self.org_code],
                *(floor_of(self.framework, {"overrides": each}) for each in held),
            ]
        )
        place = placed(self.framework, self.rows, averages, hold_cuts=False, floors=floors)
        own_place = place[self.org_code]
        if self.goal.rank is not None:
            return own_place.rank is not None and own_place.rank <= self.goal.rank
        return own_place.segment is not None and own_place.segment <= (self.goal.segment or 0)

    def least(self, levels: Mapping[str, Sequence[Level]]) -> list[Combined]:
        """Try every combination of levels of every two and three metrics that share no score."""
        known: dict[tuple[tuple[str, int], ...], bool] = {}

        def is_enough(some: Sequence[Level]) -> bool:
            key = tuple((level.metric_id, level.step.number) for level in some)
            if key not in known:
                known[key] = self.is_enough(some)
            return known[key]

        found = []
        for size in (2, 3):
            for ids in combinations(sorted(levels), size):
                names = [name for id_ in ids for name in affected_scores(self.case, id_)]
                if len(names) > len(set(names)):
                    continue
                every = sorted(
                    product(*(levels[id_] for id_ in ids)),
                    key=lambda some: sum(level.points for level in some),
                )
                for some in every:
                    parts = [[one for one in some if one is not left_out] for left_out in some]
                    if is_enough(some) and not any(map(is_enough, parts)):
                        found.append(Combined(ids, sum((one.points for one in some), Fraction(0))))
                        break
        return sorted(found, key=lambda one: (*one.order, one.metric_ids))


# What searches are held to


def searched_in(case: Case, org_code: str, found: TargetSearch) -> Case:
    """Give the league in which answers are looked for: without overrides where these bar it."""
    if found.verdict == "barred_by_override":
        return changed(case, [OverrideChange(org_code, None, False)])
    return case


def last_steps(table: League, org_code: str) -> dict[str, int]:
    """Say how many steps of each metric are looked at."""
    levers = levers_of(table, Rescorer.of(table), org_code)
    return {lever.metric_id: lever.steps.last for lever in levers}


def assert_single_answers(case: Case, org_code: str, goal: Goal) -> TargetSearch:
    """Hold that the answer of every metric is the first of all its steps that is enough."""
    table = league_of(case)
    found, last = search_target(table, org_code, goal), last_steps(table, org_code)
    within = searched_in(case, org_code, found)
    for metric_id, answer in found.singles.items():
        step = first_enough(within, org_code, metric_id, goal, last=last[metric_id])
        assert (answer is None) == (step is None), (metric_id, answer, step)
        if answer is None or step is None:
            continue
        (move,) = answer.moves
        value = float(step.value)
        assert math.isclose(move.value_to, value, abs_tol=1e-9), (metric_id, move, step)
        assert move.numerator_to == (None if step.numerator is None else float(step.numerator))
        place, told = step.places[org_code], answer.standing
        assert (told.rank, told.adjusted_segment) == (place.rank, place.adjusted)
        assert math.isclose(told.average, place.average, abs_tol=_SAME)
    return found


def all_levels(
    case: Case, org_code: str, found: TargetSearch, table: League
) -> dict[str, list[Level]]:
    """List the levels of every metric that answers are looked for in."""
    last, within = last_steps(table, org_code), searched_in(case, org_code, found)
    levels = {id_: levels_of(within, org_code, id_, last[id_]) for id_ in found.singles}
    return {id_: every for id_, every in levels.items() if every}


def assert_least_combinations(
    case: Case, org_code: str, goal: Goal, *, most: int = 10_000
) -> TargetSearch | None:
    """Hold that combinations are the least of all; none where there are too many to try."""
    table = league_of(case)
    found = search_target(table, org_code, goal)
    levels = all_levels(case, org_code, found, table)
    if not found.singles or math.prod(1 + len(each) for each in levels.values()) > most:
        return None
    # A step that puts back those with the same value, and gains nothing, is no level.
    if any(move.points == 0 for answer in found.combinations for move in answer.moves):
        return None
    expected = Combining(searched_in(case, org_code, found), org_code, goal).least(levels)
    told = [(round(one.points + 1e-12, 2), len(one.moves)) for one in found.combinations]
    assert told == [one.order for one in expected][:5]
    least = {one.metric_ids: float(one.points) for one in expected}
    for answer in found.combinations:
        ids = tuple(sorted(move.metric_id for move in answer.moves))
        assert math.isclose(answer.points, least[ids], abs_tol=1e-9), (ids, answer.points)
    return found


def assert_nothing_to_spare(case: Case, org_code: str, goal: Goal, found: TargetSearch) -> None:
    """Hold that answers are enough, each metric of them needed, and each step of it."""
    within, last = searched_in(case, org_code, found), last_steps(league_of(case), org_code)
    for answer in [*found.singles.values(), *found.combinations]:
        if answer is None:
            continue
        assert math.isclose(answer.points, sum(move.points for move in answer.moves))
        taken: dict[str, tuple[Step | None, Step]] = {}
        for move in answer.moves:
            every = [None, *steps(within, org_code, move.metric_id, last[move.metric_id])]
            at = next(
                at
                for at, step in enumerate(every)
                if step and math.isclose(step.value, move.value_to, abs_tol=1e-9)
            )
            own = every[at]
            assert own is not None
            taken[move.metric_id] = every[at - 1], own

        def is_enough(some: Mapping[str, Step | None]) -> bool:
            league = within
            for id_, step in some.items():
                if step is not None:
                    row, old = (row_of(one, org_code, id_) for one in (step.case, league))
                    rows = [row if each is old else each for each in league.rows]
                    league = replace(league, rows=rows)
            return is_met(by_oracle(league), org_code, goal)

        whole = {id_: step for id_, (_, step) in taken.items()}
        assert is_enough(whole), answer
        for id_, (less, _) in taken.items():
            assert not is_enough(whole | {id_: less}), (answer, id_)
            assert not is_enough(whole | {id_: None}), (answer, id_)


# Causes of a move


def shapley_by_orders(causes: int, outcome: Any) -> list[float]:
    """Average over all orders what each cause adds when it comes to pass; by definition."""
    shares = [0.0] * causes
    every = list(permutations(range(causes)))
    for order in every:
        state = [False] * causes
        for cause in order:
            before = outcome(tuple(state))
            state[cause] = True
            shares[cause] += (outcome(tuple(state)) - before) / len(every)
    return shares


def hybrid(before: Case, after: Case, org_code: str, state: Sequence[bool]) -> Case:
    """Make the league with an organisation's figures of one quarter among others of another.

    The state says of its values, its set of metrics, its overrides and the others whether they are
    those of the second quarter.
    """
    own, metric_set, override, others = state
    sides = (before, after)
    measured = [_scored_metrics(side, org_code) for side in sides]
    flags = {rule["when"]["flag"] for rule in before.spec.get("overrides", ())}
    rows = [row for row in sides[others].rows if row["org_code"] != org_code]
    for at, side in enumerate(sides):
        for row in side.rows:
            if row["org_code"] != org_code:
                continue
            id_ = row["metric_id"]
            if id_ in flags:
                is_taken = at == override
            elif id_ in measured[0] and id_ in measured[1]:
                is_taken = at == own
            else:
                is_taken = at == metric_set
            if is_taken:
                rows.append(row)
    return replace(sides[others], rows=rows)


def _scored_metrics(case: Case, org_code: str) -> set[str]:
    row = naive(case)[org_code]
    return {id_ for id_ in case.spec["metrics"] if row[f"score:{id_}"] is not None}


def shared_by_orders(
    before: Case, after: Case, org_code: str, place: Any = by_engine
) -> list[float]:
    """Share a move among own values, metrics, overrides and others, by leagues scored anew."""
    known: dict[tuple[bool, ...], int] = {}

    def rank(state: tuple[bool, ...]) -> int:
        if state not in known:
            known[state] = place(hybrid(before, after, org_code, state))[org_code].rank
        return known[state]

    return shapley_by_orders(4, rank)
