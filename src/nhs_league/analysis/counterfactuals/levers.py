"""Levers: the metrics that an organisation could do better on, and what each step would bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nhs_league.analysis.counterfactuals.changes import column_of
from nhs_league.analysis.counterfactuals.rescoring import Cells, Rescorer, plain_metrics
from nhs_league.analysis.counterfactuals.values import Steps, steps_of
from nhs_league.analysis.robustness.numbers import Floats, Integers
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    FloorScoring,
    MinMaxScoring,
    PublishedScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
    ZScoreScoring,
)
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE

_RUNGS: Final = 64
"""How many values are looked at where a score changes with every step."""


@dataclass(frozen=True)
class Lever:
    """A metric that an organisation can do better on.

    ``affected`` are the metrics that count whose scores change with it: itself, or what combines
    it. ``rungs`` are the numbers of steps at which its score changes, smallest first. ``spread`` is
    how far apart everybody's values are: their interquartile range. ``lifts_overrides`` says
    whether an override asks for the metric.
    """

    metric_id: str
    column: str
    row: int
    steps: Steps
    affected: tuple[str, ...]
    rungs: Integers
    spread: float
    lifts_overrides: bool


@dataclass(frozen=True)
class Versions:
    """Versions of a league that differ in one organisation's value of one metric.

    ``scores`` are those of the affected metrics, by metric: ranked organisations x versions.
    ``rules`` has by override, of those that ask for the metric, the segment that it allows the
    organisation at best, 0 for any.
    """

    scores: Mapping[str, Floats]
    rules: Mapping[int, Integers]

    def at(self, levels: Integers) -> Versions:
        """Keep some of the versions."""
        return Versions(
            {id_: each[:, levels] for id_, each in self.scores.items()},
            {at: each[levels] for at, each in self.rules.items()},
        )


def levers_of(league: League, rescorer: Rescorer, org_code: str) -> list[Lever]:
    """List the levers of an organisation: what it has a value of that could be better.

    The league gives the counts behind values; the rescorer the league to improve on, which may have
    changes.
    """
    row = list(rescorer.frame[columns.ORG_CODE]).index(org_code)
    found = []
    for id_ in plain_metrics(rescorer.framework):
        affected = tuple(_affected(rescorer, id_))
        name = column_of(rescorer, id_, row)
        value = rescorer.figures(name)[row]
        if not affected or np.isnan(value):
            continue
        best = _best_useful(rescorer, id_, name, row)
        steps = steps_of(league, org_code, id_, value=float(value), best=best)
        if steps.last < 1:
            continue
        bounds = _override_bounds(rescorer, id_, name, row)
        rungs = _rungs(rescorer, id_, name, steps, bounds)
        if rungs.size:
            spread = _spread(rescorer.figures(name))
            found.append(Lever(id_, name, row, steps, affected, rungs, spread, bool(bounds)))
    return found


def _affected(rescorer: Rescorer, metric_id: str) -> Iterator[str]:
    for id_ in rescorer.arrays.metric_ids:
        if metric_id in (id_, *rescorer.framework.metrics[id_].combined):
            yield id_


def _scoring(rescorer: Rescorer, metric_id: str, column: str) -> Scoring:
    """Give the rule that a column of a metric's values is scored by."""
    metric = rescorer.framework.metrics[metric_id]
    for unit, scoring in metric.scoring_of_unit.items():
        if column == columns.value_in_unit(metric_id, unit):
            return scoring
    return metric.scoring


def _best_useful(rescorer: Rescorer, metric_id: str, column: str, row: int) -> float:
    """Give the value from which on a better one makes no more difference, as far as can be told.

    Where scores are spread between the pool's own values it is as far beyond the best of them as
    the worst is on the other side.
    """
    is_up = rescorer.framework.metrics[metric_id].is_higher_better
    values = rescorer.figures(column)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    best, worst = (high, low) if is_up else (low, high)
    scale = rescorer.framework.scale
    match _scoring(rescorer, metric_id, column):
        case StandardScoring(standard=standard):
            best = standard
        case BandsScoring(bands=bands):
            best = bands[0].bound
        case TargetScoring(target=target):
            best = target
        case PublishedScoring():
            best = scale.best
        case MinMaxScoring(lower=lower, upper=upper) if (upper if is_up else lower) is not None:
            best = float((upper if is_up else lower) or 0.0)
        case MinMaxScoring() | ZScoreScoring():
            best += best - worst
        case _:
            pass
    bounds = [best, *_override_bounds(rescorer, metric_id, column, row)]
    return max(bounds) if is_up else min(bounds)


def _override_bounds(rescorer: Rescorer, metric_id: str, column: str, row: int) -> list[float]:
    """List the values at which an override of an organisation begins or ceases to apply."""
    overrides = rescorer.framework.overrides
    conditions = [overrides[at].when for at in _overrides_on(rescorer, metric_id, column, row)]
    bounds = [when.below if when.above is None else when.above for when in conditions]
    return [bound for bound in bounds if bound is not None]


def _overrides_on(rescorer: Rescorer, metric_id: str, column: str, row: int) -> list[int]:
    """List the overrides that an organisation's value of a metric sets or lifts."""
    if column != columns.value(metric_id):
        return []
    org_code = str(rescorer.frame[columns.ORG_CODE][row])
    return [
        at
        for at, rule in enumerate(rescorer.framework.overrides)
        if rule.when.metric == metric_id and (org_code, rule.id) not in rescorer.fixed_overrides
    ]


def _rungs(
    rescorer: Rescorer, metric_id: str, column: str, steps: Steps, bounds: Sequence[float]
) -> Integers:
    """List the numbers of steps at which a score may change: at others' values, and at bounds."""
    scoring = _scoring(rescorer, metric_id, column)
    values = rescorer.figures(column)
    wanted = [values[~np.isnan(values)], np.array(bounds)]
    match scoring:
        case StandardScoring(standard=standard, floor=floor):
            wanted.append(np.array([standard] + ([] if floor is None else [floor])))
        case FloorScoring(floor=floor):
            wanted.append(np.array([floor]))
        case BandsScoring(bands=bands):
            wanted.append(np.array([band.bound for band in bands]))
        case _:
            pass
    numbers = steps.to_reach(np.unique(np.concatenate(wanted)))
    # Who goes beyond those with the same value puts them back.
    numbers = np.concatenate([numbers, numbers + 1])
    if isinstance(scoring, MinMaxScoring | TargetScoring | ZScoreScoring):
        numbers = np.concatenate([numbers, _evenly(steps.last)])
    if isinstance(scoring, PublishedScoring):
        numbers = _evenly(steps.last)
    numbers = np.append(numbers, steps.last)
    return np.unique(numbers[(numbers >= 1) & (numbers <= steps.last)])


def _spread(values: Floats) -> float:
    """Give the interquartile range of values, or what there is of a range where that is none."""
    lower, upper = np.nanquantile(values, (0.25, 0.75))
    return float(upper - lower or np.nanmax(values) - np.nanmin(values) or 1.0)


def _evenly(last: int) -> Integers:
    return np.unique(np.linspace(1, last, min(last, _RUNGS)).astype(np.int64))


def versions(rescorer: Rescorer, asked: Sequence[tuple[Lever, Integers]]) -> list[Versions]:
    """Score the league with each lever moved by each of its numbers of steps.

    Levers are moved one at a time; those whose metrics nothing combines are scored side by side, as
    no metric's scores hang on another's values.
    """
    found: dict[int, Versions] = {}
    for batch in _batches([lever for lever, _ in asked]):
        count = max(len(asked[at][1]) for at in batch)
        values = {}
        for at in batch:
            lever, numbers = asked[at]
            # A shorter list is filled up with the value as it is.
            padded = np.pad(numbers, (0, count - len(numbers)))
            rows = np.full(count, lever.row)
            values[lever.column] = Cells(rows, np.arange(count), lever.steps.values(padded))
        scores = rescorer.rescored(count, values)
        for at in batch:
            lever, numbers = asked[at]
            found[at] = Versions(
                {id_: scores[id_][rescorer.ranked, : len(numbers)] for id_ in lever.affected},
                _rules(rescorer, lever, numbers),
            )
    return [found[at] for at in range(len(asked))]


def _batches(levers: Sequence[Lever]) -> list[list[int]]:
    """Split levers so that no two of a batch move the same score or value."""
    batches: list[list[int]] = []
    for at, lever in enumerate(levers):
        for batch in batches:
            others = {id_ for other in batch for id_ in levers[other].affected}
            metrics = {levers[other].metric_id for other in batch}
            if others.isdisjoint(lever.affected) and lever.metric_id not in metrics:
                batch.append(at)
                break
        else:
            batches.append([at])
    return batches


def _rules(rescorer: Rescorer, lever: Lever, numbers: Integers) -> dict[int, Integers]:
    """Say what the overrides that ask for a lever's metric allow when it is moved."""
    values = lever.steps.values(numbers)
    found = {}
    for at in _overrides_on(rescorer, lever.metric_id, lever.column, lever.row):
        rule = rescorer.framework.overrides[at]
        below, above = rule.when.below, rule.when.above
        applies = (
            values < below - TOLERANCE if below is not None else values > (above or 0.0) + TOLERANCE
        )
        found[at] = np.where(applies, rule.not_better_than, 0).astype(np.int64)
    return found
