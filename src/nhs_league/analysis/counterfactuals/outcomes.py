"""Where an organisation stands in versions of a league, and whether that is what is aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nhs_league.analysis.counterfactuals.rescoring import Rescorer
from nhs_league.analysis.robustness.arrays import NO_SEGMENT, LeagueArrays, Placing
from nhs_league.analysis.robustness.composites import additive, composite
from nhs_league.analysis.robustness.numbers import Booleans, Counts, Floats, Integers


@dataclass(frozen=True)
class Goal:
    """An adjusted segment or a rank, or better; one of the two is stated."""

    segment: int | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Standing:
    """Where an organisation stands in one version of a league."""

    rank: int
    average: float
    adjusted_segment: int | None


@dataclass(frozen=True)
class Outcomes:
    """What becomes of one organisation, whose row of the arrays is ``row``."""

    rescorer: Rescorer
    row: int
    goal: Goal

    @classmethod
    def of(cls, rescorer: Rescorer, org_code: str, goal: Goal) -> Outcomes:
        """Look at one organisation of a league."""
        return cls(rescorer, rescorer.arrays.org_codes.index(org_code), goal)

    @property
    def arrays(self) -> LeagueArrays:
        """Give the league that versions are made of."""
        return self.rescorer.arrays

    @cached_property
    def floors(self) -> Counts:
        """Give the best segment that overrides allow everybody, N x 1."""
        return self.arrays.floor()[:, None]

    def floors_under(self, rules: Mapping[int, Integers]) -> Counts:
        """Give the best segments that overrides allow where some of the own are others.

        ``rules`` has by override the segment that it allows, a version each. N x versions or 1.
        """
        if not rules:
            return self.floors
        count = len(next(iter(rules.values())))
        own = np.repeat(self.arrays.floors[self.row][:, None], count, axis=1)
        for at, allowed in rules.items():
            own[at] = allowed
        floors = np.repeat(self.floors, count, axis=1)
        floors[self.row] = own.max(axis=0)
        return floors

    def placing(
        self, scores: Mapping[str, Floats], rules: Mapping[int, Integers] | None = None
    ) -> Placing:
        """Place versions with other scores of some metrics, N x versions, and other overrides."""
        averages = self.arrays.ranked_averages(self.arrays.rescored(scores))
        return self.arrays.place(averages, self.floors_under(rules or {}), hold_cuts=False)

    def is_met(self, placing: Placing) -> Booleans:
        """Say of each version whether the goal is met."""
        ranks, segments = placing.ranks[self.row], placing.segments[self.row]
        if self.goal.rank is not None:
            return np.asarray((ranks > 0) & (ranks <= self.goal.rank))
        return np.asarray((segments != NO_SEGMENT) & (segments <= (self.goal.segment or 0)))

    def standing(self, placing: Placing, version: int = 0) -> Standing:
        """Give the place of the organisation in a version."""
        segment = int(placing.segments[self.row, version])
        return Standing(
            rank=int(placing.ranks[self.row, version]),
            average=float(self.arrays.shown(placing.averages[self.row, version])),
            adjusted_segment=None if segment == NO_SEGMENT else segment,
        )

    @cached_property
    def shares(self) -> Floats:
        """Give the share that each score has in what a composite is the mean of, N x M.

        Scores that are changed stay scores: the shares are those of every version.
        """
        arrays = self.arrays
        shares = np.zeros(arrays.scores.shape)
        for weight, at in arrays.parts:
            weights = arrays.is_scored[:, at] * arrays.weights[at]
            total = weights.sum(axis=1, keepdims=True)
            shares[:, at] = weight * np.divide(weights, total, where=total > 0, out=weights * 0.0)
        whole = shares.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(shares, whole, where=whole > 0, out=shares))

    @cached_property
    def sign(self) -> float:
        """Give the direction in which what the mean is taken of is better."""
        scale = self.arrays.framework.scale
        best, worst = self._additive(np.array([scale.best, scale.worst]))
        return 1.0 if best < worst else -1.0

    @cached_property
    def sums(self) -> Floats:
        """Give what the composites are made of."""
        return np.asarray((self.shares * self.arrays.additive_scores).sum(axis=1))

    @property
    def most_gain(self) -> float:
        """Give the own gain with the best score of every metric."""
        best = float(self._additive(np.array([self.arrays.framework.scale.best]))[0])
        return self.sign * (float(self.sums[self.row]) - best)

    def gains(self, metric_id: str, scores: Floats) -> Floats:
        """Give by how much scores of a metric better what composites are made of: N x versions.

        Losses are below zero.
        """
        at = self.arrays.metric_ids.index(metric_id)
        now = self.arrays.additive_scores[:, at, None]
        each = self.sign * self.shares[:, at, None] * (now - np.nan_to_num(self._additive(scores)))
        return np.asarray(each)

    def composites(self, gains: Floats) -> Floats:
        """Give the own composites that gains lead to."""
        return self._composites(self.sums[self.row] - self.sign * gains)

    def everybodys_composites(self, gains: Floats) -> Floats:
        """Give the composites that everybody's gains lead to: N x versions."""
        return self._composites(self.sums[:, None] - self.sign * gains)

    def _additive(self, scores: Floats) -> Floats:
        return additive(scores, self.arrays.framework.aggregate.mean)

    def _composites(self, sums: Floats) -> Floats:
        return composite([(1.0, sums, np.ones_like(sums))], self.arrays.framework.aggregate.mean)
