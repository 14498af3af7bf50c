"""Changes to a league: a trust's value or override, a metric's weight, a metric left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import polars as pl

from nhs_league.analysis.counterfactuals.rescoring import Cells, Rescorer
from nhs_league.analysis.counterfactuals.values import ValueRange, value_range
from nhs_league.framework.model import Framework
from nhs_league.league import League
from nhs_league.names import nearest
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.pools import is_scored_among_others, loaded_organisations, pool_of
from nhs_league.scoring.segments import applies_expr


@dataclass(frozen=True)
class ValueChange:
    """An organisation's value of a metric, in the metric's unit."""

    org_code: str
    metric_id: str
    value: float


@dataclass(frozen=True)
class OverrideChange:
    """An organisation's overrides, all of them or the one that is named, applied or lifted."""

    org_code: str
    override_id: str | None
    applies: bool


@dataclass(frozen=True)
class WeightChange:
    """Another weight of a metric."""

    metric_id: str
    weight: float


@dataclass(frozen=True)
class MetricDropped:
    """A metric that is left out of the framework."""

    metric_id: str


Change: TypeAlias = ValueChange | OverrideChange | WeightChange | MetricDropped


def change_problems(league: League, changes: Sequence[Change]) -> list[tuple[int, str]]:
    """List what is wrong with changes, each problem with the number of its change."""
    problems = [
        (number, text)
        for number, change in enumerate(changes)
        for text in _problems(league, change)
    ]
    seen: set[tuple[str, ...]] = set()
    for number, change in enumerate(changes):
        subjects = _subjects(league.framework, change)
        if not seen.isdisjoint(subjects):
            problems.append((number, f"{_named(change)} is changed twice"))
        seen |= subjects
    dropped = {change.metric_id for change in changes if isinstance(change, MetricDropped)}
    if dropped and dropped >= set(league.framework.counted_metrics):
        problems.append((len(changes) - 1, "no metric would be left"))
    return problems


def with_changes(rescorer: Rescorer, changes: Iterable[Change]) -> Rescorer:
    """Make the league that changes, which have no problems, lead to."""
    listed = list(changes)
    values = _cells(rescorer, [c for c in listed if isinstance(c, ValueChange)])
    changed = rescorer.changed(values) if values else rescorer
    arrays = changed.arrays
    floors, weights = arrays.floors.copy(), arrays.weights.copy()
    dropped: list[str] = []
    for change in listed:
        match change:
            case OverrideChange(org_code, override_id, applies):
                row = arrays.org_codes.index(org_code)
                for at, rule in enumerate(changed.framework.overrides):
                    if override_id in (None, rule.id):
                        floors[row, at] = rule.not_better_than if applies else 0
            case WeightChange(metric_id, weight):
                weights[arrays.metric_ids.index(metric_id)] = weight
            case MetricDropped(metric_id):
                dropped.append(metric_id)
            case ValueChange():
                pass
    fixed = {
        (change.org_code, rule.id)
        for change in listed
        if isinstance(change, OverrideChange)
        for rule in changed.framework.overrides
        if change.override_id in (None, rule.id)
    }
    arrays = replace(arrays, floors=floors, weights=weights).without(dropped)
    return replace(changed, arrays=arrays, fixed_overrides=frozenset(fixed))


def incomplete_pools(league: League, metric_ids: Iterable[str]) -> dict[str, str]:
    """Say of metrics what their pools lack: a new value is scored among part of them."""
    loaded = loaded_organisations(league.standings, league.framework)
    found = {}
    for id_ in metric_ids:
        metric = league.framework.metrics[id_]
        if is_scored_among_others(metric):
            groups = league.standings[columns.PEER_GROUP].unique().sort().to_list()
            lacking = [pool_of(metric).lacking(league.framework, loaded, g) for g in groups]
            if any(lacking):
                found[id_] = next(each for each in lacking if each)
    return found


def _cells(rescorer: Rescorer, changes: Sequence[ValueChange]) -> dict[str, Cells]:
    row_of = {code: row for row, code in enumerate(rescorer.frame[columns.ORG_CODE])}
    cells: dict[str, list[Cells]] = {}
    for change in changes:
        row = row_of[change.org_code]
        name = column_of(rescorer, change.metric_id, row)
        if abs(rescorer.figures(name)[row] - change.value) <= TOLERANCE:
            # What is known of a value beyond the value itself stays known.
            continue
        one = Cells(np.array([row]), np.array([0]), np.array([change.value]))
        cells.setdefault(name, []).append(one)
    return {name: Cells.together(parts) for name, parts in cells.items()}


def column_of(rescorer: Rescorer, metric_id: str, row: int) -> str:
    """Find the column that an organisation's value of a metric is in, by its unit."""
    names = rescorer.columns_of(metric_id)
    return next((name for name in names if not np.isnan(rescorer.figures(name)[row])), names[0])


def _problems(league: League, change: Change) -> Iterator[str]:
    framework = league.framework
    match change:
        case ValueChange(org_code, metric_id, value):
            yield from _value_problems(league, org_code, metric_id, value)
        case OverrideChange():
            yield from _override_problems(league, change)
        case WeightChange(metric_id, weight):
            yield from _counting_problems(framework, metric_id, "weighs nothing by itself")
            if not np.isfinite(weight):
                yield f"the weight {weight} is no number"
            elif weight <= 0:
                yield f"the weight {weight:g} is not above 0; drop {metric_id} to leave it out"
        case MetricDropped(metric_id):
            yield from _counting_problems(framework, metric_id, "does not count by itself")


def _value_problems(league: League, org_code: str, metric_id: str, value: float) -> Iterator[str]:
    framework = league.framework
    if metric_id not in framework.metrics:
        yield _unknown_metric(framework, metric_id)
        return
    if combined := framework.metrics[metric_id].combined:
        parts = " and ".join(combined)
        yield f"{metric_id} has no value: it combines {parts}, which can be set"
        return
    limits = value_range(league, metric_id)
    if not has_value(league, org_code, metric_id):
        yield f"{org_code} has no value of {metric_id} in {league.quarter}"
    elif not np.isfinite(value):
        yield f"{value} is no value of {metric_id}"
    elif not limits.includes(value):
        yield f"{value:g} is outside the range of {metric_id}, {_limits_text(limits)}"


def _limits_text(limits: ValueRange) -> str:
    if limits.low is None:
        return f"which is at most {limits.high:g}"
    if limits.high is None:
        return f"which is at least {limits.low:g}"
    return f"which is {limits.low:g} to {limits.high:g}"


def _override_problems(league: League, change: OverrideChange) -> Iterator[str]:
    rules = league.framework.overrides
    known = [rule.id for rule in rules]
    standing = league.standings.filter(pl.col(columns.ORG_CODE) == change.org_code)
    if standing[columns.RANK].count() == 0:
        yield f"{change.org_code} is not ranked in {league.quarter}"
    elif not known:
        yield f"{league.framework.id} has no override"
    elif change.override_id is not None and change.override_id not in known:
        yield (
            f"there is no override {change.override_id!r}; "
            f"{league.framework.id} has {', '.join(known)}"
        )
    else:
        asked = [rule for rule in rules if change.override_id in (None, rule.id)]
        applying = [
            rule
            for rule in asked
            if bool(standing.select(applies_expr(rule, standing.columns).any()).item())
        ]
        if not change.applies and not applying:
            yield f"no override holds {change.org_code} that could be lifted"
        elif change.applies and len(applying) == len(asked):
            names = " and ".join(rule.id for rule in asked)
            yield f"the override {names} holds {change.org_code} already"


def _counting_problems(framework: Framework, metric_id: str, text: str) -> Iterator[str]:
    if metric_id not in framework.metrics:
        yield _unknown_metric(framework, metric_id)
    elif metric_id not in framework.counted_metrics:
        counted = framework.counted_metrics.items()
        combining = [id_ for id_, metric in counted if metric_id in metric.combined]
        yield f"{metric_id} {text}" + (f": {', '.join(combining)} combines it" if combining else "")


def has_value(league: League, org_code: str, metric_id: str) -> bool:
    """Say whether an organisation has a value of a metric, in whatever unit."""
    units = league.framework.metrics[metric_id].scoring_of_unit
    names = [columns.value(metric_id)]
    names += [columns.value_in_unit(metric_id, unit) for unit in units]
    row = league.standings.filter(league.standings[columns.ORG_CODE] == org_code)
    return any(row[name].item() is not None for name in names if name in row.columns and len(row))


def _unknown_metric(framework: Framework, metric_id: str) -> str:
    close = " or ".join(nearest(metric_id, framework.metrics))
    return f"there is no metric {metric_id!r} in {framework.id}; did you mean {close}?"


def _subjects(framework: Framework, change: Change) -> set[tuple[str, ...]]:
    """Name what a change is of; no two changes are of the same."""
    match change:
        case ValueChange(org_code, metric_id, _):
            return {("value", org_code, metric_id)}
        case OverrideChange(org_code, None, _):
            return {("override", org_code, rule.id) for rule in framework.overrides}
        case OverrideChange(org_code, override_id, _):
            return {("override", org_code, str(override_id))}
        case _:
            return {("metric", change.metric_id)}


def _named(change: Change) -> str:
    match change:
        case ValueChange(org_code, metric_id, _):
            return f"{metric_id} of {org_code}"
        case OverrideChange(org_code, override_id, _):
            return f"the override {override_id or ''}".rstrip() + f" of {org_code}"
        case _:
            return change.metric_id
