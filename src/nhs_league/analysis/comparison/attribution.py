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


def _outcomes(pairs: _Pairs) -> dict[State, Floats]:
    """Give the rank of every organisation in every state."""
    outcomes = {state: np.full(len(pairs.codes), np.nan) for state in states(4)}
    for own, metric_set, others in product((False, True), repeat=3):
        is_asked = pairs.has_other_metrics if metric_set else np.ones(len(pairs.codes), dtype=bool)
        at = np.flatnonzero(is_asked)
        if at.size:
            both = _ranks(pairs, at, own=own, metric_set=metric_set, others=others)
            for override, ranks in zip((False, True), both, strict=True):
                outcomes[own, metric_set, override, others][at] = ranks
        if metric_set:
            # Where the metrics are the same ones, nothing comes of that they came or went.
            for override in (False, True):
                without = outcomes[own, False, override, others]
                to_fill = outcomes[own, metric_set, override, others]
                to_fill[~is_asked] = without[~is_asked]
    first, last = states(4)[0], states(4)[-1]
    outcomes[first], outcomes[last] = pairs.ranks
    return outcomes


def _ranks(
    pairs: _Pairs, at: Integers, *, own: bool, metric_set: bool, others: bool
) -> tuple[Floats, Floats]:
    """Rank some of the pairs, each in a league of its own, with the overrides of both quarters.

    Everybody else is as in the quarter that ``others`` says.
    """
    league = pairs.leagues[others]
    rows, places = pairs.in_arrays[others][at], np.arange(at.size)
    averages = _averages(pairs, at, own=own, metric_set=metric_set, others=others)
    found = []
    for floors_of in pairs.floors:
        floors = np.repeat(league.arrays.floor()[:, None], at.size, axis=1)
        floors[rows, places] = floors_of[at]
        ranks = league.arrays.place(averages, floors, hold_cuts=False).ranks
        found.append(ranks[rows, places].astype(np.float64))
    return found[0], found[1]


def _averages(pairs: _Pairs, at: Integers, *, own: bool, metric_set: bool, others: bool) -> Floats:
    """Give everybody's average in the leagues of some of the pairs: N x pairs."""
    league = pairs.leagues[others]
    arrays = league.arrays
    values, held = _exchanged(pairs, at, own=own, metric_set=metric_set, others=others)
    scores = league.rescored(at.size, values, held) if values else {}
    composites = arrays.rescored(
        {id_: each[league.ranked] for id_, each in scores.items() if id_ in arrays.metric_ids}
    )
    composites = np.broadcast_to(composites, (len(arrays), at.size))
    rows, places = pairs.in_arrays[others][at], np.arange(at.size)
    from_own = pairs.leagues[own].arrays
    stated = []
    for mine, theirs in ((from_own.shifts, arrays.shifts), (from_own.held, arrays.held)):
        each = np.repeat(theirs[:, None], at.size, axis=1)
        each[rows, places] = mine[pairs.in_arrays[own][at]]
        stated.append(each)
    return arrays.ranked_averages(composites, *stated)


def _exchanged(
    pairs: _Pairs, at: Integers, *, own: bool, metric_set: bool, others: bool
) -> tuple[dict[str, Cells], dict[str, Cells]]:
    """Put the figures of the pairs in place of those that they have in the others' quarter.

    Gives the values by column, and the scores that are held by metric.
    """
    league, other = pairs.leagues[others], pairs.leagues[not others]
    values: dict[str, Cells] = {}
    held: dict[str, Cells] = {}
    for id_ in plain_metrics(league.framework):
        origin = _origin(pairs, id_, at, own=own, metric_set=metric_set)
        is_there = pairs.has_metric(others, id_)[at]
        changed = np.flatnonzero((origin != others) & (is_there | (origin != _NOWHERE)))
        if not changed.size:
            continue
        rows = pairs.in_frame[others][at][changed]
        from_rows = pairs.in_frame[not others][at][changed]
        is_gone = origin[changed] == _NOWHERE
        for name in league.columns_of(id_):
            figures = np.where(is_gone, np.nan, other.figures(name)[from_rows])
            values[name] = Cells(rows, changed, figures)
        stands = np.where(is_gone, np.nan, other.held[id_][from_rows])
        held[id_] = Cells(rows, changed, stands)
    return values, held


def _origin(
    pairs: _Pairs, metric_id: str, at: Integers, *, own: bool, metric_set: bool
) -> Integers:
    """Say which quarter's figure of a metric each of the pairs has: 0, 1, or none.

    Of a metric that both quarters have it is the quarter of the own figures, and of one that came
    or went that of the metric set.
    """
    has = [pairs.has_metric(side, metric_id)[at] for side in (0, 1)]
    is_in_set = has[metric_set]
    of_one = np.where(is_in_set, int(metric_set), _NOWHERE)
    return np.where(has[0] & has[1], int(own), of_one)
