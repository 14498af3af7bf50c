"""Why a rank moved between two quarters: the trust's own figures, the others', or the override.

Leagues are made in which some of the causes have come to pass and the others not, each ranked by
the framework's rules; what a cause adds to the move is averaged over every order of the causes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.comparison.shapley import State, shapley_values, states
from nhs_league.analysis.counterfactuals.rescoring import Cells, Rescorer, plain_metrics
from nhs_league.analysis.robustness.numbers import Booleans, Counts, Floats, Integers
from nhs_league.league import League
from nhs_league.scoring import columns

ATTRIBUTION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "due_to_own_metrics": pl.Float64(),
    "due_to_others": pl.Float64(),
    "due_to_override": pl.Float64(),
    "due_to_metric_set": pl.Float64(),
    "due_to_method": pl.Float64(),
}
"""The frame contract: one row an organisation that is ranked in both leagues.

``org_code`` is its code in the second league. The parts are places of rank, negative where they are
for the better, and add up to the second rank less the first.
"""

_OWN, _METRIC_SET, _OVERRIDE, _OTHERS = range(4)
_NOWHERE: Final = -1


def attribute_quarters(
    before: League, after: League, followed: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Share each move between two quarters of one framework among its causes.

    Under ``ATTRIBUTION_SCHEMA``: the organisation's own values of the metrics that both quarters
    have, metrics that came or went, its own overrides, and everything of everybody else; the method
    is the same. ``followed`` says of codes in the first league as which code in the second they are
    compared. Raises ``UsageError`` where nobody is ranked.
    """
    pairs = _Pairs.of(Rescorer.of(before), Rescorer.of(after), followed or {})
    shares = shapley_values(_outcomes(pairs))
    return pl.DataFrame(
        {
            "org_code": list(pairs.codes),
            "due_to_own_metrics": shares[_OWN],
            "due_to_others": shares[_OTHERS],
            "due_to_override": shares[_OVERRIDE],
            "due_to_metric_set": shares[_METRIC_SET],
            "due_to_method": np.zeros(len(pairs.codes)),
        },
        schema=ATTRIBUTION_SCHEMA,
    )


@dataclass(frozen=True)
class _Pairs:
    """The organisations ranked in both leagues: their rows in the frames and in the arrays."""

    leagues: tuple[Rescorer, Rescorer]
    codes: tuple[str, ...]
    in_frame: tuple[Integers, Integers]
    in_arrays: tuple[Integers, Integers]

    @classmethod
    def of(cls, before: Rescorer, after: Rescorer, followed: Mapping[str, str]) -> _Pairs:
        """Pair the organisations of two leagues by code."""
        first = {followed.get(code, code): row for row, code in enumerate(before.arrays.org_codes)}
        second = {code: row for row, code in enumerate(after.arrays.org_codes)}
        codes = tuple(code for code in second if code in first)
        one, two = (
            np.array([row_of[code] for code in codes], dtype=np.int64) for row_of in (first, second)
        )
        return cls((before, after), codes, (before.ranked[one], after.ranked[two]), (one, two))

    @cached_property
    def ranks(self) -> tuple[Floats, Floats]:
        """Give the ranks in both tables."""
        one, two = (
            league.arrays.standings[columns.RANK].to_numpy()[rows].astype(np.float64)
            for league, rows in zip(self.leagues, self.in_arrays, strict=True)
        )
        return one, two

    @cached_property
    def floors(self) -> tuple[Counts, Counts]:
        """Give the best segment that overrides allow each of them, in both leagues."""
        one, two = (
            league.arrays.floor()[rows]
            for league, rows in zip(self.leagues, self.in_arrays, strict=True)
        )
        return one, two

    @cached_property
    def has_other_overrides(self) -> Booleans:
        """Say whom the overrides allow other segments in the two leagues."""
        return np.asarray(self.floors[0] != self.floors[1])

    @cached_property
    def has_other_metrics(self) -> Booleans:
        """Say whose metrics are not the same ones in both leagues."""
        differs = np.zeros(len(self.codes), dtype=bool)
        for id_ in plain_metrics(self.leagues[0].framework):
            differs |= self.has_metric(0, id_) != self.has_metric(1, id_)
        return differs

    def has_metric(self, side: int, metric_id: str) -> Booleans:
        """Say which of them have a score of a metric in one of the leagues."""
        return ~np.isnan(self.leagues[side].scores[metric_id][self.in_frame[side]])


@dataclass(frozen=True)
class _Mixed:
    """Leagues with one of the pairs exchanged each: its place among the pairs, and what is new.

    Everybody else is as in the quarter that ``others`` says. ``own`` and ``metric_set`` say of each
    league whether the pair has its second quarter's values, and its second quarter's metrics.
    """

    others: bool
    at: Integers
    own: Booleans
    metric_set: Booleans

    @classmethod
    def of(cls, pairs: _Pairs, others: bool) -> _Mixed:
        """List the leagues of all the states: metrics that came or went are those of some alone."""
        every, some = np.arange(len(pairs.codes)), np.flatnonzero(pairs.has_other_metrics)
        states_ = [(own, False, every) for own in (False, True)]
        states_ += [(own, True, some) for own in (False, True)]
        return cls(
            others,
            np.concatenate([at for *_, at in states_]),
            np.concatenate([np.full(len(at), own) for own, _, at in states_]),
            np.concatenate([np.full(len(at), is_set) for _, is_set, at in states_]),
        )

    def __len__(self) -> int:
        return len(self.at)

    def is_of(self, *, own: bool, metric_set: bool) -> Booleans:
        """Say which of the leagues are of a state."""
        return np.asarray((self.own == own) & (self.metric_set == metric_set))


def _outcomes(pairs: _Pairs) -> dict[State, Floats]:
    """Give the rank of every organisation in every state."""
    outcomes: dict[State, Floats] = {}
    for others in (False, True):
        mixed = _Mixed.of(pairs, others)
        both = _ranks(pairs, mixed)
        for own, override in product((False, True), repeat=2):
            without = both[override][mixed.is_of(own=own, metric_set=False)]
            # Where the metrics are the same ones, nothing comes of that they came or went.
            with_set = without.copy()
            with_set[pairs.has_other_metrics] = both[override][
                mixed.is_of(own=own, metric_set=True)
            ]
            outcomes[own, False, override, others] = without
            outcomes[own, True, override, others] = with_set
    first, last = states(4)[0], states(4)[-1]
    outcomes[first], outcomes[last] = pairs.ranks
    return outcomes


def _ranks(pairs: _Pairs, mixed: _Mixed) -> tuple[Floats, Floats]:
    """Rank each pair in its league, with the overrides of the first and of the second quarter."""
    league = pairs.leagues[mixed.others]
    rows, places = pairs.in_arrays[mixed.others][mixed.at], np.arange(len(mixed))
    averages = _averages(pairs, mixed)
    found = []
    for floors_of in pairs.floors:
        floors = np.repeat(league.arrays.floor()[:, None], len(mixed), axis=1)
        floors[rows, places] = floors_of[mixed.at]
        ranks = league.arrays.place(averages, floors, hold_cuts=False).ranks
        found.append(ranks[rows, places].astype(np.float64))
    return found[0], found[1]


def _averages(pairs: _Pairs, mixed: _Mixed) -> Floats:
    """Give everybody's average in each of the leagues: N x leagues."""
    league = pairs.leagues[mixed.others]
    arrays = league.arrays
    values, held = _exchanged(pairs, mixed)
    scores = league.rescored(len(mixed), values, held) if values else {}
    composites = arrays.rescored(
        {id_: each[league.ranked] for id_, each in scores.items() if id_ in arrays.metric_ids}
    )
    composites = np.broadcast_to(composites, (len(arrays), len(mixed)))
    rows, places = pairs.in_arrays[mixed.others][mixed.at], np.arange(len(mixed))
    stated = []
    for name in ("shifts", "held"):
        each = np.repeat(getattr(arrays, name)[:, None], len(mixed), axis=1)
        first, second = (
            getattr(of_side.arrays, name)[at[mixed.at]]
            for of_side, at in zip(pairs.leagues, pairs.in_arrays, strict=True)
        )
        each[rows, places] = np.where(mixed.own, second, first)
        stated.append(each)
    return arrays.ranked_averages(composites, *stated)


def _exchanged(pairs: _Pairs, mixed: _Mixed) -> tuple[dict[str, Cells], dict[str, Cells]]:
    """Put the figures of the pairs in place of those that they have in the others' quarter.

    Gives the values by column, and the scores that are held by metric.
    """
    league, other = pairs.leagues[mixed.others], pairs.leagues[not mixed.others]
    values: dict[str, Cells] = {}
    held: dict[str, Cells] = {}
    for id_ in plain_metrics(league.framework):
        origin = _origin(pairs, id_, mixed)
        is_there = pairs.has_metric(mixed.others, id_)[mixed.at]
        changed = np.flatnonzero((origin != mixed.others) & (is_there | (origin != _NOWHERE)))
        if not changed.size:
            continue
        rows = pairs.in_frame[mixed.others][mixed.at][changed]
        from_rows = pairs.in_frame[not mixed.others][mixed.at][changed]
        is_gone = origin[changed] == _NOWHERE
        for name in league.columns_of(id_):
            figures = np.where(is_gone, np.nan, other.figures(name)[from_rows])
            values[name] = Cells(rows, changed, figures)
        stands = np.where(is_gone, np.nan, other.held[id_][from_rows])
        held[id_] = Cells(rows, changed, stands)
    return values, held


def _origin(pairs: _Pairs, metric_id: str, mixed: _Mixed) -> Integers:
    """Say which quarter's figure of a metric each of the pairs has: 0, 1, or none.

    Of a metric that both quarters have it is the quarter of the own figures, and of one that came
    or went that of the metric set.
    """
    first, second = (pairs.has_metric(side, metric_id)[mixed.at] for side in (0, 1))
    is_in_set = np.where(mixed.metric_set, second, first)
    of_one = np.where(is_in_set, mixed.metric_set.astype(np.int64), _NOWHERE)
    return np.where(first & second, mixed.own.astype(np.int64), of_one)
