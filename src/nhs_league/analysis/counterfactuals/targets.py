"""What would be enough: the least changes that lead an organisation to a segment or a rank.

Each answer is a league computed anew, everybody's scores, quartiles and overrides included, in
which the target is reached; with the smallest step less on any of its metrics it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from nhs_league.analysis.counterfactuals.changes import Change, change_problems, with_changes
from nhs_league.analysis.counterfactuals.combinations import Levels, best_combinations, effort_of
from nhs_league.analysis.counterfactuals.ladders import Ladder, gained, ladders_of
from nhs_league.analysis.counterfactuals.levers import Lever, Versions, levers_of, versions
from nhs_league.analysis.counterfactuals.outcomes import Goal, Outcomes, Standing
from nhs_league.analysis.counterfactuals.rescoring import Cells, Rescorer
from nhs_league.analysis.counterfactuals.whatif import placing, require_ranked
from nhs_league.analysis.robustness.numbers import Floats, Integers
from nhs_league.errors import UsageError
from nhs_league.league import League

Verdict: TypeAlias = Literal["already_met", "within_reach", "barred_by_override", "out_of_reach"]

COMBINATIONS: Final = 5
"""How many combinations of metrics are given at most."""


@dataclass(frozen=True)
class Move:
    """A value of one metric that is changed by the fewest steps that are enough.

    Numerators are known where the counts are. ``scored`` is the metric whose score is given: the
    metric itself, or the first that combines it. ``points`` is by how many score points the scores
    change that count.
    """

    metric_id: str
    value_from: float
    value_to: float
    numerator_from: float | None
    numerator_to: float | None
    denominator: float | None
    scored: str
    score_from: float
    score_to: float
    points: float


@dataclass(frozen=True)
class Answer:
    """Moves that together are enough, and where they lead."""

    moves: tuple[Move, ...]
    points: float
    standing: Standing


@dataclass(frozen=True)
class TargetSearch:
    """What would lead an organisation to a target.

    ``singles`` has for every metric that could be better its least change that is enough by itself,
    or none; ``combinations`` the best few of two or three metrics. ``without_override`` is where it
    would stand without its overrides and with everything else as it is, if any holds it. Where they
    bar the target, the answers are what it would take beside lifting them. Where nothing up to
    three metrics is enough, ``at_best`` is where the best values of all of them would lead.
    """

    league: League
    org_code: str
    goal: Goal
    changes: tuple[Change, ...]
    verdict: Verdict
    standing: Standing
    without_override: Standing | None = None
    singles: Mapping[str, Answer | None] = field(default_factory=dict)
    combinations: tuple[Answer, ...] = ()
    at_best: Standing | None = None


def search_target(
    league: League, org_code: str, goal: Goal, changes: Sequence[Change] = ()
) -> TargetSearch:
    """Find the least changes that lead to an adjusted segment or a rank, or better.

    They are beside ``changes``, which are made first. A change is counted in steps: one more or
    fewer of what the numerator counts, or one in the last decimal place of the value. Where scores
    change with every step (``min_max``, ``z_score``, ``target``) a combination is found among 64
    values of a metric, and then taken back as far as it will go. Raises ``UsageError`` for a goal
    that is none, for problems with the changes, and where the organisation is not ranked.
    """
    require_ranked(league, org_code)
    if problems := change_problems(league, changes):
        raise UsageError("; ".join(text for _, text in problems))
    rescorer = with_changes(Rescorer.of(league), changes)
    outcomes = Outcomes.of(rescorer, org_code, goal)
    _check_goal(outcomes)
    now = outcomes.placing({})
    if now.ranks[outcomes.row, 0] == 0:
        raise UsageError(f"{org_code} would not be ranked with these changes")
    found = TargetSearch(
        league, org_code, goal, tuple(changes), "already_met", outcomes.standing(now)
    )
    lifted = _without_override(outcomes)
    if lifted is not None:
        place = lifted.placing({})
        found = replace(found, without_override=lifted.standing(place))
    if outcomes.is_met(now)[0]:
        return found
    levers = levers_of(league, rescorer, org_code)
    singles: dict[str, Answer | None] = {lever.metric_id: None for lever in levers}
    together: tuple[Answer, ...] = ()
    if not _is_barred(outcomes, levers):
        singles, together = _answers(outcomes, levers)
    if together or any(singles.values()):
        return replace(found, verdict="within_reach", singles=singles, combinations=together)
    if lifted is not None:
        singles, together = _answers(lifted, levers)
        is_enough = lifted.is_met(lifted.placing({}))[0]
        if is_enough or together or any(singles.values()):
            return replace(
                found, verdict="barred_by_override", singles=singles, combinations=together
            )
    return replace(
        found, verdict="out_of_reach", singles=singles, at_best=_at_best(outcomes, levers)
    )


def _check_goal(outcomes: Outcomes) -> None:
    """See that there is such a segment or rank. Raises ``UsageError``."""
    goal, arrays = outcomes.goal, outcomes.arrays
    if (goal.segment is None) == (goal.rank is None):
        raise UsageError("a target is a segment or a rank: name one of the two")
    segments = arrays.cut_points.shape[1] + 1
    if goal.segment is not None and not 1 <= goal.segment <= segments:
        raise UsageError(f"there is no segment {goal.segment}: segments are 1 to {segments}")
    rows = next(rows for rows in arrays.groups if outcomes.row in rows)
    if goal.rank is not None and not 1 <= goal.rank <= len(rows):
        raise UsageError(f"there is no rank {goal.rank}: ranks are 1 to {len(rows)}")


def _without_override(outcomes: Outcomes) -> Outcomes | None:
    """Lift the organisation's overrides; none where none holds it."""
    arrays = outcomes.arrays
    if not arrays.floors[outcomes.row].any():
        return None
    floors = arrays.floors.copy()
    floors[outcomes.row] = 0
    org_code = arrays.org_codes[outcomes.row]
    rescorer = replace(
        outcomes.rescorer,
        arrays=replace(arrays, floors=floors),
        fixed_overrides=outcomes.rescorer.fixed_overrides
        | {(org_code, rule.id) for rule in arrays.framework.overrides},
    )
    return replace(outcomes, rescorer=rescorer)


def _is_barred(outcomes: Outcomes, levers: Sequence[Lever]) -> bool:
    """Say whether an override that no value can lift bars the segment that is aimed at."""
    segment = outcomes.goal.segment
    if segment is None or any(lever.lifts_overrides for lever in levers):
        return False
    return int(outcomes.floors[outcomes.row, 0]) > segment


def _answers(
    outcomes: Outcomes, levers: Sequence[Lever]
) -> tuple[dict[str, Answer | None], tuple[Answer, ...]]:
    """Find what is enough by itself, and the best few of what is enough together."""
    if outcomes.is_met(outcomes.placing({}))[0]:
        return {}, ()
    climbed = versions(outcomes.rescorer, [(lever, lever.rungs) for lever in levers])
    singles: dict[str, Answer | None] = {}
    for lever, made in zip(levers, climbed, strict=True):
        number = _least_steps(outcomes, lever, made)
        answer = None if number is None else _answer(outcomes, [(lever, number)])
        singles[lever.metric_id] = answer
    ladders = ladders_of(outcomes, levers, climbed)
    together = [
        _taken_back(outcomes, ladders, levels)
        for levels in best_combinations(outcomes, ladders, COMBINATIONS)
    ]
    answers = [(_answer(outcomes, moved), effort_of(moved)) for moved in together]
    answers.sort(key=lambda each: (round(each[0].points, 2), len(each[0].moves), each[1]))
    return singles, tuple(answer for answer, _ in answers)


def _at_best(outcomes: Outcomes, levers: Sequence[Lever]) -> Standing:
    """Say where the best value of every lever would lead."""
    arrays, rescorer = outcomes.arrays, outcomes.rescorer
    values = {
        lever.column: Cells(
            np.array([lever.row]), np.array([0]), lever.steps.values(np.array([lever.steps.last]))
        )
        for lever in levers
    }
    best = rescorer.changed(values).arrays if values else arrays
    return outcomes.standing(placing(best))


def _least_steps(outcomes: Outcomes, lever: Lever, made: Versions) -> int | None:
    """Give the fewest steps of a lever that are enough by themselves; none if none are."""
    met = outcomes.is_met(outcomes.placing(made.scores, made.rules))
    if not met.any():
        return None
    rung = int(np.argmax(met))
    before = int(lever.rungs[rung - 1]) if rung else 0
    return _fewest(outcomes, lever, (before, int(lever.rungs[rung])))


def _fewest(
    outcomes: Outcomes,
    lever: Lever,
    between: tuple[int, int],
    beside: Versions | None = None,
) -> int:
    """Take steps back as long as the goal is met: more than the first are, the second are enough.

    ``beside`` is a version in which other levers are moved too.
    """
    low, high = between
    others = beside or Versions({}, {})
    while high - low > 1:
        # Scores seldom change within an interval: whether one step less is enough is asked too.
        numbers = np.unique(np.linspace(low + 1, high - 1, min(high - low - 1, 33)).astype(int))
        made = versions(outcomes.rescorer, [(lever, numbers)])[0]
        scores = {id_: np.repeat(each, len(numbers), axis=1) for id_, each in others.scores.items()}
        rules = {at: np.repeat(each, len(numbers)) for at, each in others.rules.items()}
        placed = outcomes.placing({**scores, **made.scores}, {**rules, **made.rules})
        met = outcomes.is_met(placed)
        if not met.any():
            return high
        first = int(np.argmax(met))
        low, high = int(numbers[first - 1]) if first else low, int(numbers[first])
    return high


def _moved_together(outcomes: Outcomes, moved: Sequence[tuple[Lever, int]]) -> Versions:
    """Give the version of the league in which levers are moved by so many steps."""
    scores: dict[str, Floats] = {}
    rules: dict[int, Integers] = {}
    asked = [(lever, np.array([number])) for lever, number in moved]
    for made in versions(outcomes.rescorer, asked):
        scores |= made.scores
        rules |= made.rules
    return Versions(scores, rules)


def _taken_back(
    outcomes: Outcomes, ladders: Sequence[Ladder], levels: Levels
) -> list[tuple[Lever, int]]:
    """Take the steps of a combination back as far as the goal is met, one metric after another.

    The own scores stay as they are: what fewer steps change is who is put back.
    """
    numbers = {at: int(ladders[at].numbers[level]) for at, level in levels}
    for at, level in levels:
        low = int(ladders[at].begins[level]) - 1
        others = [(ladders[other].lever, numbers[other]) for other in numbers if other != at]
        beside = _moved_together(outcomes, others)
        numbers[at] = _fewest(outcomes, ladders[at].lever, (low, numbers[at]), beside)
    return [(ladders[at].lever, number) for at, number in numbers.items()]


def _answer(outcomes: Outcomes, moved: Sequence[tuple[Lever, int]]) -> Answer:
    """Say what steps of some levers are in values and counts, and where they lead."""
    made = _moved_together(outcomes, moved)
    placed = outcomes.placing(made.scores, made.rules)
    assert outcomes.is_met(placed)[0], "an answer is a league in which the goal is met"
    moves = tuple(_move(outcomes, lever, number, made) for lever, number in moved)
    points = sum(move.points for move in moves)
    return Answer(moves, points, outcomes.standing(placed))


def _move(outcomes: Outcomes, lever: Lever, number: int, made: Versions) -> Move:
    steps = lever.steps
    own = lever.affected[0]
    at = outcomes.arrays.metric_ids.index(own)
    return Move(
        metric_id=lever.metric_id,
        value_from=steps.value,
        value_to=float(steps.values(np.array([number]))[0]),
        numerator_from=steps.numerator,
        numerator_to=steps.counts(number),
        denominator=steps.denominator,
        scored=own,
        score_from=float(outcomes.arrays.scores[outcomes.row, at]),
        score_to=float(made.scores[own][outcomes.row, 0]),
        points=float(gained(outcomes, lever, made)[1][0]),
    )
