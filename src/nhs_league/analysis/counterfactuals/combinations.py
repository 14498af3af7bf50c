"""Combinations of two or three metrics that are enough together, by the least movement in all."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final, TypeAlias

import numpy as np

from nhs_league.analysis.counterfactuals.ladders import Ladder
from nhs_league.analysis.counterfactuals.levers import Lever
from nhs_league.analysis.counterfactuals.outcomes import Outcomes
from nhs_league.analysis.robustness.arrays import Placing
from nhs_league.analysis.robustness.numbers import Booleans, Counts, Floats, Integers

MOST_METRICS: Final = 3
_TOLERANCE: Final = 1e-9
_BATCH: Final = 64

_LIKELIEST: Final = 8
_MOST_TRIED: Final = 1_024
"""How many levels of one set are tried before it is given up."""

Levels: TypeAlias = tuple[tuple[int, int], ...]
"""Which ladders, each with the level on it."""

_Order: TypeAlias = tuple[float, int, float]


@dataclass(frozen=True)
class _Set:
    """Ladders that are climbed together, the longest last, and their likeliest levels.

    ``points`` is the least movement by which the set could be enough; ``likeliest`` lists levels
    that might be, by their movement.
    """

    chosen: tuple[int, ...]
    points: float
    likeliest: tuple[Levels, ...]


def best_combinations(outcomes: Outcomes, ladders: Sequence[Ladder], count: int) -> list[Levels]:
    """Find the sets of two or three ladders that meet the goal with the least movement in points.

    Of each set the levels with the least movement are given, each of them needed: no part of the
    set would do at these levels. Sets are in the order of their movement to two decimals; where
    that is the same those of fewer metrics are first, and then those whose values change least
    beside how far apart the values of all organisations are. Ladders that change the same score are
    not combined.
    """
    if len(ladders) < 2:
        return []
    best = sorted((float(ladder.gains[-1]) for ladder in ladders), reverse=True)[:MOST_METRICS]
    # Everybody else is as far back as any three ladders can put them, and in segments as bad as
    # if they were as far ahead: nothing needs less.
    needed = _needed_gain(
        outcomes,
        min(sum(best), outcomes.most_gain),
        _fallen_back(ladders),
        _freest(outcomes, ladders),
        _got_ahead(ladders),
    )
    if needed is None:
        return []
    search = _Search(outcomes, ladders, needed)
    sets = sorted(search.sets(), key=lambda each: (each.points, each.chosen))
    found: list[tuple[_Order, Levels]] = []
    for at in range(0, len(sets), _BATCH):
        batch = sets[at : at + _BATCH]
        if len(found) >= count:
            limit = sorted(found)[count - 1][0][0]
            batch = [each for each in batch if round(each.points, 2) <= limit]
            if not batch:
                break
        found += [(search.order(levels), levels) for levels in search.least_levels(batch)]
    return [levels for _, levels in sorted(found)[:count]]


@dataclass(frozen=True)
class _Search:
    """The search for the least levels of sets of ladders, for a gain that is surely needed."""

    outcomes: Outcomes
    ladders: Sequence[Ladder]
    needed: float

    def sets(self) -> Iterator[_Set]:
        """List the sets that could be enough."""
        for size in range(2, MOST_METRICS + 1):
            for chosen in combinations(range(len(self.ladders)), size):
                if not self._share_a_score(chosen) and (found := self._set(chosen)) is not None:
                    yield found

    def _set(self, chosen: Sequence[int]) -> _Set | None:
        if sum(self.ladders[at].gains[-1] for at in chosen) < self.needed - _TOLERANCE:
            return None
        # The longest ladder is looked up, the others are gone through.
        order = tuple(sorted(chosen, key=lambda at: len(self.ladders[at])))
        points, level = self._moved(order, self.needed)
        possible = np.flatnonzero(np.isfinite(points))
        if not possible.size:
            return None
        if possible.size > _LIKELIEST:
            possible = possible[np.argpartition(points[possible], _LIKELIEST)[:_LIKELIEST]]
        queue = [(float(points[at]), int(at), int(level[at])) for at in possible]
        likeliest = islice(self._in_order(order, queue, np.inf), _LIKELIEST)
        return _Set(order, float(points[possible].min()), tuple(likeliest))

    def _in_order(
        self, order: Sequence[int], queue: list[tuple[float, int, int]], most: float
    ) -> Iterator[Levels]:
        """Yield levels by their movement up to ``most``: the queue's, and those above on the last.

        The queue has the movement, the levels of the first ladders, and the level of the last.
        """
        longest = self.ladders[order[-1]]
        heapq.heapify(queue)
        while queue:
            moved, at, last = heapq.heappop(queue)
            yield self._levels(order, at, last)
            if last + 1 < len(longest):
                moved += float(longest.points[last + 1] - longest.points[last])
                if moved < most:
                    heapq.heappush(queue, (moved, at, last + 1))

    def _moved(self, order: Sequence[int], needed: float) -> tuple[Floats, Integers]:
        """Give the movement of the lowest levels that gain enough, and those of the last ladder."""
        *first, longest = [self.ladders[at] for at in order]
        gains, points = first[0].gains, first[0].points
        for ladder in first[1:]:
            gains = np.add.outer(gains, ladder.gains).ravel()
            points = np.add.outer(points, ladder.points).ravel()
        level = np.searchsorted(longest.gains, needed - _TOLERANCE - gains)
        can = level < len(longest)
        last = longest.points[np.minimum(level, len(longest) - 1)]
        return np.where(can, points + last, np.inf), level.astype(np.int64)

    def _levels(self, order: Sequence[int], at: int, last: int) -> Levels:
        shape = tuple(len(self.ladders[each]) for each in order[:-1])
        places = [int(place) for place in np.unravel_index(at, shape)]
        return tuple(sorted(zip(order, [*places, last], strict=True)))

    def _share_a_score(self, chosen: Sequence[int]) -> bool:
        affected = [id_ for at in chosen for id_ in self.ladders[at].lever.affected]
        return len(affected) > len(set(affected))

    def order(self, levels: Levels) -> _Order:
        """Say where a combination stands among others: the best is the least."""
        points = sum(float(self.ladders[at].points[level]) for at, level in levels)
        moved = [
            (self.ladders[at].lever, int(self.ladders[at].begins[level])) for at, level in levels
        ]
        return round(points, 2), len(levels), effort_of(moved)

    def least_levels(self, batch: Sequence[_Set]) -> Iterator[Levels]:
        """Give the levels of each set that meet the goal with the least movement, if any do."""
        left = list(batch)
        for turn in range(_LIKELIEST):
            tried = [each for each in left if turn < len(each.likeliest)]
            if not tried:
                break
            met = self._is_enough([each.likeliest[turn] for each in tried])
            solved = [each for each, is_met in zip(tried, met, strict=True) if is_met]
            yield from (each.likeliest[turn] for each in solved)
            left = [each for each in left if each not in solved]
        for each in left:
            if (levels := self._climbed(each)) is not None:
                yield levels

    def _climbed(self, one: _Set) -> Levels | None:
        """Try the levels of a set in the order of their movement until some meet the goal.

        After many tries levels are given that are enough however far others get ahead.
        """
        own = [self.ladders[at] for at in one.chosen]
        top = sum(float(ladder.gains[-1]) for ladder in own)
        floors = _freest(self.outcomes, own)
        needed = _needed_gain(self.outcomes, top, _fallen_back(own), floors, _got_ahead(own))
        if needed is None:
            return None
        sure, most = self._surely(one, top)
        points, level = self._moved(one.chosen, needed)
        queue = [
            (float(points[at]), int(at), int(level[at])) for at in np.flatnonzero(points < most)
        ]
        every = islice(self._in_order(one.chosen, queue, most), _MOST_TRIED)
        while batch := list(islice(every, _BATCH)):
            met = self._is_enough(batch)
            if met.any():
                return batch[int(np.argmax(met))]
        return sure

    def _surely(self, one: _Set, top: float) -> tuple[Levels | None, float]:
        """Give levels that are enough however far others get ahead, and their movement."""
        own = [self.ladders[at] for at in one.chosen]
        needed = _needed_gain(self.outcomes, top, _got_ahead(own), self.outcomes.floors)
        if needed is None:
            return None, np.inf
        points, level = self._moved(one.chosen, needed)
        at = int(np.argmin(points))
        if not np.isfinite(points[at]):
            return None, np.inf
        levels = self._levels(one.chosen, at, int(level[at]))
        return (levels, float(points[at])) if self._is_enough([levels])[0] else (None, np.inf)

    def _is_enough(self, every: Sequence[Levels]) -> Booleans:
        """Say which combinations meet the goal, and no part of them does."""
        met = self._is_met(every)
        parts = [
            (at, tuple(each for each in levels if each != left_out))
            for at, levels in enumerate(every)
            if met[at]
            for left_out in levels
        ]
        # A part that gains too little cannot be enough.
        doubtful = [
            (at, part) for at, part in parts if self._gain(part) >= self.needed - _TOLERANCE
        ]
        if doubtful:
            is_part_enough = self._is_met([part for _, part in doubtful])
            for (at, _), is_met in zip(doubtful, is_part_enough, strict=True):
                met[at] &= not is_met
        return met

    def _gain(self, levels: Levels) -> float:
        return sum(float(self.ladders[at].gains[level]) for at, level in levels)

    def _is_met(self, every: Sequence[Levels]) -> Booleans:
        return self.outcomes.is_met(placed_together(self.outcomes, self.ladders, every))


def effort_of(moved: Sequence[tuple[Lever, int]]) -> float:
    """Add up by how much values change, each beside how far apart everybody's values are."""
    return sum(
        abs(float(lever.steps.values(np.array([number]))[0]) - lever.steps.value) / lever.spread
        for lever, number in moved
    )


def placed_together(
    outcomes: Outcomes, ladders: Sequence[Ladder], every: Sequence[Levels]
) -> Placing:
    """Place a version of the league for each combination of levels."""
    rules: dict[int, Integers] = {}
    gains = np.zeros((len(outcomes.arrays), len(every)))
    for version, levels in enumerate(every):
        for at, level in levels:
            gains[:, version] += ladders[at].everybodys_gains[:, level]
            for rule, allowed in ladders[at].versions.rules.items():
                own = np.repeat(outcomes.arrays.floors[outcomes.row, rule], len(every))
                rules.setdefault(rule, own)[version] = allowed[level]
    arrays = outcomes.arrays
    averages = arrays.ranked_averages(outcomes.everybodys_composites(gains))
    return arrays.place(averages, outcomes.floors_under(rules), hold_cuts=False)


def _needed_gain(
    outcomes: Outcomes, most: float, others: Floats, floors: Counts, rivals: Floats | None = None
) -> float | None:
    """Find the least own gain that is enough while the others gain ``others``.

    ``rivals`` are gains by which others' segments are cut, where not by the same: who falls back
    moves the cut points too, and may let a rival into a better segment. None where not even
    ``most`` is enough.
    """
    arrays = outcomes.arrays

    def averages(of_others: Floats, gains: Floats) -> Floats:
        every = np.repeat(outcomes.everybodys_composites(of_others[:, None]), len(gains), axis=1)
        every[outcomes.row] = outcomes.composites(gains)
        return arrays.ranked_averages(every)

    def is_enough(gains: Floats) -> Booleans:
        own = averages(others, gains)
        cuts = arrays.cuts(own, hold_cuts=False)
        if rivals is not None:
            of_rivals = arrays.cuts(averages(rivals, gains), hold_cuts=False).copy()
            of_rivals[:, outcomes.row] = cuts[:, outcomes.row]
            cuts = of_rivals
        return outcomes.is_met(arrays.place_at(own, floors, cuts))

    low, high = 0.0, most
    if not is_enough(np.array([high]))[0]:
        return None
    while high - low > _TOLERANCE / 10:
        gains = np.linspace(low, high, _BATCH)
        first = int(np.argmax(is_enough(gains)))
        if first == 0:
            return low
        low, high = float(gains[first - 1]), float(gains[first])
    return high


def _freest(outcomes: Outcomes, ladders: Sequence[Ladder]) -> Counts:
    """Give the best segments that overrides allow when ladders are climbed to their tops."""
    rules: dict[int, Integers] = {}
    for ladder in ladders:
        for rule, allowed in ladder.versions.rules.items():
            own = outcomes.arrays.floors[outcomes.row, rule]
            rules[rule] = np.array([min(own, allowed.min())])
    return outcomes.floors_under(rules)


def _fallen_back(ladders: Sequence[Ladder]) -> Floats:
    """Give how far everybody can fall back at most when up to three ladders are climbed.

    Not every step up puts everybody else back: who meets a standard leaves the ranks of those that
    miss it.
    """
    least = np.stack([ladder.everybodys_gains.min(axis=1) for ladder in ladders], axis=1)
    return np.asarray(np.sort(np.minimum(least, 0), axis=1)[:, :MOST_METRICS].sum(axis=1))


def _got_ahead(ladders: Sequence[Ladder]) -> Floats:
    """Give how far everybody can get ahead at most when up to three ladders are climbed."""
    most = np.stack([ladder.everybodys_gains.max(axis=1) for ladder in ladders], axis=1)
    return np.asarray(np.sort(np.maximum(most, 0), axis=1)[:, -MOST_METRICS:].sum(axis=1))
