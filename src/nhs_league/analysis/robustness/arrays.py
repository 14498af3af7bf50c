"""A scored league as arrays, and the rules that place many versions of it at once.

The rules are those of ``league``: rounding, cut points, overrides, ranks. With the scores and
weights of the league itself they give its table, which a test holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.composites import Part, additive, composite
from nhs_league.analysis.robustness.numbers import (
    Booleans,
    Counts,
    Floats,
    Integers,
    quantiles,
    rounded,
)
from nhs_league.analysis.robustness.ranks import competition_ranks
from nhs_league.errors import UsageError
from nhs_league.framework.model import Framework, Override, QuartileSegments, ThresholdSegments
from nhs_league.league import League, cut_points
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import is_expected_expr, scored_domains
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.segments import MIN_FOR_QUARTILES, QUARTILES, applies_expr

NO_SEGMENT: Final = 0
"""Stands for no segment, where there are too few organisations for quartiles."""

_BITS: Final = 62
"""The bits that a ranking key and the number of an organisation may take together."""


@dataclass(frozen=True)
class Placing:
    """Where organisations stand in several leagues: an organisation a row, a league a column.

    ``averages`` are those that are ranked, not a number for an organisation that is not;
    ``segments`` are adjusted; ``ranks`` are 0 without a rank.
    """

    averages: Floats
    segments: Counts
    ranks: Counts


@dataclass(frozen=True)
class LeagueArrays:
    """The ranked organisations of a league (N) and the metrics that count (M), as arrays.

    ``scores`` is N x M, not a number where there is none. ``floors`` is N x overrides: the segment
    that each override allows at best, 0 where it does not apply. ``shifts`` is by how much a
    published average stands off the recomputed one; ``held`` the average of an organisation of
    which no metric is loaded. ``cut_points`` is N x (segments - 1).
    """

    framework: Framework
    standings: pl.DataFrame
    metric_ids: tuple[str, ...]
    scores: Floats
    weights: Floats
    floors: Integers
    shifts: Floats
    held: Floats
    cut_points: Floats
    cuts_are_published: bool

    @classmethod
    def of(cls, league: League) -> LeagueArrays:
        """Take the ranked organisations of a league. Raises ``UsageError`` where there is none."""
        framework = league.framework
        standings = league.standings.filter(pl.col(columns.RANK).is_not_null())
        if standings.is_empty():
            raise UsageError(
                f"no organisation is ranked for {framework.id} in {league.quarter.long_label}: "
                "there is no rank to be sure of"
            )
        ids = tuple(framework.counted_metrics)
        average, composites = (
            standings[name].to_numpy() for name in (columns.AVERAGE, columns.COMPOSITE)
        )
        decimals = framework.scale.decimals
        has_metrics = (standings[columns.METRICS_SCORED] > 0).to_numpy()
        return cls(
            framework=framework,
            standings=standings,
            metric_ids=ids,
            scores=standings.select(columns.score(id_) for id_ in ids).to_numpy(),
            weights=np.array([framework.metrics[id_].weight for id_ in ids]),
            floors=floors_of(standings, framework.overrides),
            shifts=np.where(has_metrics, np.round(average - rounded(composites, decimals), 9), 0.0),
            held=np.where(has_metrics, np.nan, average),
            cut_points=standings.select(
                cut.cast(pl.Float64) for cut in cut_points(framework)
            ).to_numpy(),
            cuts_are_published=bool(standings[columns.CUTS_ARE_PUBLISHED][0]),
        )

    def __len__(self) -> int:
        return len(self.standings)

    @cached_property
    def org_codes(self) -> tuple[str, ...]:
        """List the organisations, in the order of the rows."""
        return tuple(self.standings[columns.ORG_CODE])

    @cached_property
    def is_scored(self) -> Booleans:
        """Say which scores there are, N x M."""
        return ~np.isnan(self.scores)

    @cached_property
    def is_expected(self) -> Booleans:
        """Say of whom a score of each metric is expected, N x M."""
        metrics = [self.framework.metrics[id_] for id_ in self.metric_ids]
        expected = self.standings.select(
            is_expected_expr(metric.expected_of).alias(id_)
            for id_, metric in zip(self.metric_ids, metrics, strict=True)
        )
        return np.column_stack([np.broadcast_to(each.to_numpy(), len(self)) for each in expected])

    @cached_property
    def metrics_scored(self) -> Integers:
        """Count the scores of each organisation."""
        return np.asarray(np.count_nonzero(self.is_scored, axis=1), dtype=np.int64)

    @cached_property
    def additive_scores(self) -> Floats:
        """Give what the mean is the sum of, N x M; nothing where there is no score."""
        return np.nan_to_num(additive(self.scores, self.framework.aggregate.mean))

    @cached_property
    def parts(self) -> list[tuple[float, Integers]]:
        """List the parts of the composite: the weight of each, and its metrics."""
        if self.framework.aggregate.over == "metrics":
            return [(1.0, np.arange(len(self.metric_ids)))]
        domain_of = {id_: self.framework.metrics[id_].domain for id_ in self.metric_ids}
        members = {
            domain: [at for at, id_ in enumerate(self.metric_ids) if domain_of[id_] == domain]
            for domain in scored_domains(self.framework)
        }
        return [
            (self.framework.domain(domain).weight, np.array(at))
            for domain, at in members.items()
            if at
        ]

    def without(self, metric_ids: Sequence[str]) -> LeagueArrays:
        """Leave metrics out."""
        stays = np.array([id_ not in metric_ids for id_ in self.metric_ids])
        return replace(
            self,
            metric_ids=tuple(id_ for id_ in self.metric_ids if id_ not in metric_ids),
            scores=self.scores[:, stays],
            weights=self.weights[stays],
        )

    @cached_property
    def groups(self) -> list[Integers]:
        """List the rows of each group that is ranked by itself."""
        return self._pools(within_peer_group=self.framework.ranking.within == "peer_group")

    def floor(self, overrides: Sequence[Override] | None = None) -> Counts:
        """Give the best segment that overrides allow, all of them or some; 0 for any segment."""
        stated = self.framework.overrides
        wanted = [at for at, rule in enumerate(stated) if overrides is None or rule in overrides]
        return np.asarray(np.max(self.floors[:, wanted], axis=1, initial=0), dtype=np.uint8)

    @cached_property
    def shares(self) -> Floats:
        """Give each metric's nominal share of the whole weight, which add up to 1."""
        shares = np.zeros(len(self.metric_ids))
        for weight, at in self.parts:
            shares[at] = weight * self.weights[at] / self.weights[at].sum()
        shares /= shares.sum()
        return shares

    def reweighted(self, weights: Floats, *, parts_follow: bool = False) -> Floats:
        """Take composites under other weights of the metrics, a row a league: N x leagues.

        A metric of weight 0 is left out, and an organisation that then has fewer scores than the
        framework asks for has no composite. The parts, which are domains where the composite is
        over domains, keep their weights, or weigh what their metrics do if ``parts_follow``.
        """
        composites = composite(
            [
                (
                    weights[:, at].sum(axis=1) if parts_follow else part_weight,
                    self.additive_scores[:, at] @ weights[:, at].T,
                    self._weight_of_scored(weights, at),
                )
                for part_weight, at in self.parts
            ],
            self.framework.aggregate.mean,
        )
        scored = self.metrics_scored[:, None].astype(np.float64)
        if (weights == 0).any():
            scored = self.is_scored.astype(np.float64) @ (weights > 0).T
        is_short = scored < self.framework.aggregate.min_metrics
        return np.where(is_short, np.nan, composites) if is_short.any() else composites

    def rescored(self, scores: Mapping[str, Floats]) -> Floats:
        """Take composites where some metrics have other scores, N x leagues: N x leagues."""
        mean, rule = self.framework.aggregate.mean, self.framework.aggregate
        parts: list[Part] = []
        scored, lacks = np.zeros((len(self), 1)), np.zeros((len(self), 1), dtype=bool)
        for part_weight, members in self.parts:
            sums, totals = np.zeros((len(self), 1)), np.zeros((len(self), 1))
            for at in members:
                other = scores.get(self.metric_ids[at])
                score = self.scores[:, at, None] if other is None else other
                weight = self.weights[at]
                sums = sums + weight * np.nan_to_num(additive(score, mean))
                totals = totals + weight * ~np.isnan(score)
                scored = scored + ~np.isnan(score)
                if rule.missing == "require_all":
                    lacks = lacks | (np.isnan(score) & self.is_expected[:, at, None])
            parts.append((part_weight, sums, totals))
        composites = composite(parts, mean)
        return np.where((scored < rule.min_metrics) | lacks, np.nan, composites)

    def _weight_of_scored(self, weights: Floats, metrics: Integers) -> Floats:
        """Add up the weights of the metrics that each organisation has a score of."""
        if self.is_scored[:, metrics].all():
            return np.asarray(weights[:, metrics].sum(axis=1))[None]
        return np.asarray(self.is_scored[:, metrics].astype(np.float64) @ weights[:, metrics].T)

    def ranked_averages(
        self, composites: Floats, shifts: Floats | None = None, held: Floats | None = None
    ) -> Floats:
        """Make the averages that are ranked out of composites, by the framework's rounding.

        ``shifts`` and ``held``, N x leagues or 1, stand for the league's own.
        """
        shifts = self.shifts[:, None] if shifts is None else shifts
        held = self.held[:, None] if held is None else held
        if self.framework.aggregate.rounding == "before_ranking":
            decimals = self.framework.scale.decimals
            averages = rounded(composites, decimals)
            if shifts.any():
                averages = np.round(averages + shifts, 9)
        else:
            averages = np.round(composites, 9)
        return np.where(np.isnan(held), averages, held)

    def shown(self, averages: Floats) -> Floats:
        """Round averages that are ranked as they are shown; published ones stay as they are."""
        if self.framework.aggregate.rounding == "before_ranking":
            return averages
        return rounded(averages, self.framework.scale.decimals)

    def place(self, averages: Floats, floors: Counts, *, hold_cuts: bool) -> Placing:
        """Cut averages into segments, apply the floors, and rank: N x leagues throughout.

        Cut points are the league's own with ``hold_cuts`` and where they were published; else they
        are the quartiles of each league.
        """
        return self.place_at(averages, floors, self.cuts(averages, hold_cuts=hold_cuts))

    def place_at(self, averages: Floats, floors: Counts, cut_points: Floats) -> Placing:
        """Place leagues at cut points, which are (segments - 1) x N x leagues or 1."""
        segments = self._segments(averages, cut_points)
        adjusted = np.where(segments == NO_SEGMENT, segments, np.maximum(segments, floors))
        keys = self._keys(averages, segments, adjusted)
        ranks = np.empty(averages.shape, dtype=np.uint32)
        for rows in self.groups:
            ranks[rows] = competition_ranks(keys[rows].T).T
        ranks[np.isnan(averages)] = 0
        return Placing(averages, adjusted, ranks)

    def cuts(self, averages: Floats, *, hold_cuts: bool) -> Floats:
        """Give the cut points of leagues, (segments - 1) x N x leagues or 1."""
        segments = self.framework.segments
        is_fixed = isinstance(segments, ThresholdSegments) or self.cuts_are_published or hold_cuts
        if is_fixed:
            return self.cut_points.T[:, :, None]
        within = isinstance(segments, QuartileSegments) and segments.pool == "peer_group"
        shares = QUARTILES if self.framework.scale.is_lower_better else QUARTILES[::-1]
        cuts = np.full((len(QUARTILES), *averages.shape), np.nan)
        for rows in self._pools(within_peer_group=within):
            pool = averages[rows]
            counts = len(rows) - np.isnan(pool).sum(axis=0)
            is_enough = counts >= MIN_FOR_QUARTILES
            # What is not a number is sorted behind all numbers.
            ordered = np.sort(pool.T, axis=1)
            for cut, share in zip(cuts, shares, strict=True):
                quartile = quantiles(ordered, counts, np.full(len(counts), share))
                cut[rows] = np.where(is_enough, quartile, np.nan)
        return cuts

    def _pools(self, *, within_peer_group: bool) -> list[Integers]:
        """List the rows of each peer group in the framework's order, or of all together."""
        if not within_peer_group:
            return [np.arange(len(self))]
        groups = self.standings[columns.PEER_GROUP]
        order = {name: place for place, name in enumerate(self.framework.peer_groups.order)}
        names = groups.unique(maintain_order=True).to_list()
        names.sort(key=lambda name: (order.get(name, len(order)), name or ""))
        return [groups.eq_missing(name).arg_true().to_numpy().astype(np.int64) for name in names]

    def _segments(self, averages: Floats, cut_points: Floats) -> Counts:
        segments = np.ones(averages.shape, dtype=np.uint8)
        for cut in cut_points:
            if self.framework.scale.is_lower_better:
                segments += averages > cut + TOLERANCE
            else:
                segments += averages < cut - TOLERANCE
        has_none = np.isnan(averages) | np.isnan(cut_points).any(axis=0)
        segments[has_none] = NO_SEGMENT
        return segments

    def _keys(self, averages: Floats, segments: Counts, adjusted: Counts) -> Integers:
        """Put the framework's ranking keys into one whole number, smaller is better."""
        is_ranked = ~np.isnan(averages)
        if not is_ranked.any():
            return np.zeros(averages.shape, dtype=np.int64)
        low, high = np.nanmin(averages), np.nanmax(averages)
        last = int(self.cut_points.shape[1]) + 2
        quantum = self._quantum(float(high - low), last + 1)
        distance = averages - low if self.framework.scale.is_lower_better else high - averages
        width = int((high - low) / quantum) + 2
        keys = np.zeros(averages.shape, dtype=np.int64)
        for name in self.framework.ranking.by:
            if name == columns.AVERAGE:
                keys *= width
                keys += np.where(is_ranked, np.rint(distance / quantum), 0).astype(np.int64)
            else:
                segment = segments if name == columns.SEGMENT else adjusted
                keys *= last + 1
                keys += np.where(segment == NO_SEGMENT, np.uint8(last), segment)
        keys[~is_ranked] = np.max(keys) + 1
        return keys

    def _quantum(self, span: float, segments: int) -> float:
        """Give the least difference between averages that counts, if ever the key has room for it.

        Published averages may have more digits than the framework rounds to.
        """
        decimals = self.framework.scale.decimals
        stated = np.nan_to_num([self.shifts, self.held])
        is_on_grid = np.allclose(stated, rounded(stated, decimals), rtol=0, atol=TOLERANCE)
        if self.framework.aggregate.rounding == "before_ranking" and is_on_grid:
            return 1 / 10.0**decimals
        taken = (
            len(self).bit_length() + (len(self.framework.ranking.by) - 1) * segments.bit_length()
        )
        return float(max(TOLERANCE, span / 2 ** (_BITS - taken)))


def floors_of(standings: pl.DataFrame, rules: Sequence[Override]) -> Integers:
    """Give the segment that each override allows at best, 0 where it does not apply."""
    if not rules:
        return np.zeros((len(standings), 0), dtype=np.int64)
    return np.column_stack(
        [
            standings.with_columns(applies_expr(rule, standings.columns).alias("applies"))[
                "applies"
            ].to_numpy()
            * rule.not_better_than
            for rule in rules
        ]
    )
