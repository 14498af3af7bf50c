"""Score many versions of a league at once, each with a few figures changed.

The rules are those of ``scoring``, over one frame that holds all versions. Nothing else may differ
from the league as it stands: where values print alike, its scores tell their order, and a score
that does not follow from the values, because it is published, is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.arrays import LeagueArrays, floors_of
from nhs_league.analysis.robustness.numbers import Booleans, Floats, Integers
from nhs_league.analysis.robustness.sampling import side_by_side
from nhs_league.framework.model import Framework
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE, key_expr
from nhs_league.scoring.pools import Pool, pool_of
from nhs_league.scoring.score_choice import computed_score_expr

_LEAGUE: Final = "league"


@dataclass(frozen=True)
class Cells:
    """Figures of one column that are changed: in which row of which league, and to what.

    Not a number stands for no figure.
    """

    rows: Integers
    leagues: Integers
    values: Floats

    @classmethod
    def together(cls, parts: Iterable[Cells]) -> Cells:
        """Put changes of one column together."""
        kept = list(parts)
        return cls(
            np.concatenate([part.rows for part in kept]),
            np.concatenate([part.leagues for part in kept]),
            np.concatenate([part.values for part in kept]),
        )


@dataclass(frozen=True)
class Rescorer:
    """A league ready to be scored with other values.

    ``frame`` has a row an organisation of the standings, with all that scoring asks for; ``held``
    has by metric the scores that stand whatever is computed, not a number for the others.
    ``fixed_overrides`` are those of an organisation, by codes and ids, that no value sets or lifts.
    """

    framework: Framework
    arrays: LeagueArrays
    frame: pl.DataFrame
    scores: Mapping[str, Floats]
    held: Mapping[str, Floats]
    settles_bounds: bool
    fixed_overrides: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, league: League) -> Rescorer:
        """Prepare a league. Raises ``UsageError`` where nobody is ranked."""
        framework, standings = league.framework, league.standings
        kept = [name for name in _names(framework) if name in standings.columns]
        frame = standings.select(
            *kept,
            *(
                _tie_order_expr(framework, id_).alias(columns.tie_order(id_))
                for id_ in plain_metrics(framework)
                if columns.value(id_) in standings.columns
            ),
        )
        nothing = np.full(len(standings), np.nan)
        scores = {
            id_: standings[columns.score(id_)].cast(pl.Float64).to_numpy()
            for id_ in framework.metrics
        }
        bare = cls(
            framework=framework,
            arrays=LeagueArrays.of(league),
            frame=frame,
            scores=scores,
            held=dict.fromkeys(framework.metrics, nothing),
            settles_bounds=league.scores != "computed",
        )
        return replace(bare, held=bare._what_does_not_follow())

    @cached_property
    def ranked(self) -> Integers:
        """Say in which row of the frame each ranked organisation is."""
        row_of = {code: row for row, code in enumerate(self.frame[columns.ORG_CODE])}
        return np.array([row_of[code] for code in self.arrays.org_codes], dtype=np.int64)

    def columns_of(self, metric_id: str) -> list[str]:
        """List the columns of the frame that a metric's values are in."""
        units = self.framework.metrics[metric_id].scoring_of_unit
        names = [columns.value(metric_id)]
        names += [columns.value_in_unit(metric_id, unit) for unit in units]
        return [name for name in names if name in self.frame.columns]

    def figures(self, column: str) -> Floats:
        """Give a column of the frame, not a number where there is no figure."""
        return self._figures[column]

    @cached_property
    def _figures(self) -> dict[str, Floats]:
        numbers = self.frame.select(pl.selectors.numeric().cast(pl.Float64))
        return {series.name: series.to_numpy() for series in numbers}

    def changed(self, values: Mapping[str, Cells]) -> Rescorer:
        """Give the rescorer of one version of the league, with its values and scores."""
        scores = self.rescored(1, values)
        every_row = np.arange(len(self.frame))
        frame = self._leagues(
            self._metrics_of(values), values, self.frame.columns, every_row, every_row[:1]
        ).drop(_LEAGUE)
        held = {id_: self._held(id_, 1, values, None)[:, 0] for id_ in self.framework.metrics}
        every = {**self.scores, **{id_: each[:, 0] for id_, each in scores.items()}}
        counted = [every[id_][self.ranked] for id_ in self.arrays.metric_ids]
        floors = floors_of(frame, self.framework.overrides)[self.ranked]
        rules = [rule.id for rule in self.framework.overrides]
        for org_code, rule_id in self.fixed_overrides:
            at = self.arrays.org_codes.index(org_code), rules.index(rule_id)
            floors[at] = self.arrays.floors[at]
        arrays = replace(self.arrays, scores=np.column_stack(counted), floors=floors)
        return replace(self, arrays=arrays, frame=frame, scores=every, held=held)

    def rescored(
        self,
        count: int,
        values: Mapping[str, Cells],
        held: Mapping[str, Cells] | None = None,
    ) -> dict[str, Floats]:
        """Score ``count`` leagues with changed ``values`` by column: N x leagues by metric.

        Only metrics whose scores may differ are given: those of the columns, and what combines
        them. A changed figure is held at nothing unless ``held`` says by metric at what.
        """
        ids = self._metrics_of(values)
        found: dict[str, Floats] = {}

        def score(at: int) -> None:
            found[ids[at]] = self._rescored_plain(ids[at], count, values, (held or {}).get(ids[at]))

        side_by_side(score, len(ids), None)
        scores = {id_: found[id_] for id_ in ids}
        for id_ in self._combining(ids):
            scores[id_] = self._combined(id_, count, values, scores, (held or {}).get(id_))
        return scores

    def _rescored_plain(
        self, metric_id: str, count: int, values: Mapping[str, Cells], held: Cells | None
    ) -> Floats:
        """Score a metric in the leagues in which it is changed, among those who have it."""
        own = [values[name] for name in self.columns_of(metric_id) if name in values]
        leagues = np.unique(np.concatenate([cells.leagues for cells in own]))
        stands = self._held(metric_id, count, values, held)[:, leagues]
        figures = [self.figures(name) for name in self.columns_of(metric_id)]
        is_there = ~np.isnan(np.column_stack([*figures, stands])).all(axis=1)
        rows = np.union1d(np.flatnonzero(is_there), np.concatenate([cells.rows for cells in own]))
        frame = self._leagues((metric_id,), values, self._asked(metric_id), rows, leagues)
        scored = frame.select(self._score_expr(frame, metric_id, stands[rows])).to_series()
        scores = np.repeat(self.scores[metric_id][:, None], count, axis=1)
        scores[np.ix_(rows, leagues)] = scored.to_numpy().reshape(len(leagues), -1).T
        return scores

    def _combined(
        self,
        metric_id: str,
        count: int,
        values: Mapping[str, Cells],
        scores: Mapping[str, Floats],
        held: Cells | None,
    ) -> Floats:
        """Score a matrix from the scores that it combines."""
        parts = {
            part: scores.get(part, np.repeat(self.scores[part][:, None], count, axis=1))
            for part in self.framework.metrics[metric_id].combined
        }
        frame = pl.DataFrame(
            [
                pl.Series(columns.score(part), each.T.ravel(), nan_to_null=True)
                for part, each in parts.items()
            ]
        )
        stands = self._held(metric_id, count, values, held)
        scored = frame.select(self._score_expr(frame, metric_id, stands)).to_series()
        return np.asarray(scored.to_numpy().reshape(count, -1).T)

    def _score_expr(self, frame: pl.DataFrame, metric_id: str, held: Floats) -> pl.Expr:
        """Score a metric among those of the same league, but for the scores that are held."""
        pool = replace(pool_of(self.framework.metrics[metric_id]), leagues=_LEAGUE)
        computed = computed_score_expr(
            frame,
            self.framework,
            metric_id,
            scores="auto" if self.settles_bounds else "computed",
            pool=pool,
        )
        if np.isnan(held).all():
            return computed
        return pl.coalesce(pl.lit(pl.Series(held.T.ravel(), nan_to_null=True)), computed)

    def _held(
        self, metric_id: str, count: int, values: Mapping[str, Cells], stated: Cells | None
    ) -> Floats:
        """Give the scores of a metric that are held, N x leagues."""
        held = np.repeat(self.held[metric_id][:, None], count, axis=1)
        for part in (metric_id, *self.framework.metrics[metric_id].combined):
            for name in self.columns_of(part):
                if name in values:
                    held[values[name].rows, values[name].leagues] = np.nan
        if stated is not None:
            held[stated.rows, stated.leagues] = stated.values
        return held

    def _asked(self, metric_id: str) -> list[str]:
        """List the columns that scoring a metric asks for."""
        names = [columns.ORG_CODE, columns.PEER_GROUP, *self.columns_of(metric_id)]
        names += [columns.tie_order(metric_id), columns.published_score(metric_id)]
        return [name for name in names if name in self.frame.columns]

    def _leagues(
        self,
        metric_ids: Sequence[str],
        values: Mapping[str, Cells],
        names: Sequence[str],
        rows: Integers,
        leagues: Integers,
    ) -> pl.DataFrame:
        """Stack some rows of the frame as often as there are leagues, with the values of each.

        What is known of a figure beyond its value, its order among equals and its published score,
        is of no other value. All changes of the metrics are in these rows and leagues.
        """
        size = len(rows)
        stacked = pl.concat([self.frame.select(names)[rows]] * len(leagues))
        numbers = np.repeat(np.arange(len(leagues), dtype=np.uint32), size)
        changes: list[pl.Series] = [pl.Series(_LEAGUE, numbers)]
        for metric_id in metric_ids:
            places = {
                name: np.searchsorted(leagues, values[name].leagues) * size
                + np.searchsorted(rows, values[name].rows)
                for name in self.columns_of(metric_id)
                if name in values
            }
            for name, at in places.items():
                changed = np.tile(self.figures(name)[rows], len(leagues))
                changed[at] = values[name].values
                changes.append(pl.Series(name, changed, nan_to_null=True))
            known = {columns.published_score(metric_id), columns.tie_order(metric_id)}
            for name in sorted(known.intersection(stacked.columns)):
                changed = np.tile(self.figures(name)[rows], len(leagues))
                if name == columns.tie_order(metric_id):
                    cells = values.get(columns.value(metric_id))
                    changed -= self._left_ties(metric_id, cells, rows, leagues)
                changed[np.concatenate(list(places.values()))] = np.nan
                dtype = stacked.schema[name]
                changes.append(pl.Series(name, changed, nan_to_null=True).cast(dtype))
        return stacked.with_columns(changes)

    def _left_ties(
        self, metric_id: str, cells: Cells | None, rows: Integers, leagues: Integers
    ) -> Floats:
        """Say by how much everybody moves up among equals, as those before them leave."""
        moved = np.zeros((len(leagues), len(rows)))
        if cells is not None:
            leaving = self._is_before[metric_id][cells.rows][:, rows]
            at = np.searchsorted(leagues, cells.leagues)
            if len(np.unique(at)) == len(at):
                moved[at] = leaving
            else:
                np.add.at(moved, at, leaving)
        return moved.ravel()

    @cached_property
    def _is_before(self) -> dict[str, Booleans]:
        """Say by metric who is before whom among those with the same value in a pool: N x N."""
        found = {}
        for id_ in plain_metrics(self.framework):
            if columns.tie_order(id_) in self.frame.columns:
                keys = self.frame.select(_tie_keys(self.framework, id_))
                groups = keys.select(pl.struct(pl.all()).rank("dense")).to_series().to_numpy()
                order = self.figures(columns.tie_order(id_))
                is_equal = groups[:, None] == groups[None, :]
                found[id_] = is_equal & (order[:, None] < order[None, :])
        return found

    def _metrics_of(self, values: Mapping[str, Cells]) -> list[str]:
        return [
            id_
            for id_ in plain_metrics(self.framework)
            if any(name in values for name in self.columns_of(id_))
        ]

    def _combining(self, metric_ids: Sequence[str]) -> list[str]:
        """List the matrices that combine some metrics."""
        return [
            id_
            for id_, metric in self.framework.metrics.items()
            if not set(metric.combined).isdisjoint(metric_ids)
        ]

    def _what_does_not_follow(self) -> dict[str, Floats]:
        """Find the scores of the league that the values, and the scores combined, do not give."""
        as_it_is = self.frame.with_columns(
            pl.lit(0, pl.UInt32).alias(_LEAGUE),
            *(
                pl.Series(columns.score(id_), scores, nan_to_null=True)
                for id_, scores in self.scores.items()
            ),
        )
        computed = as_it_is.select(
            self._score_expr(as_it_is, id_, self.held[id_]).alias(id_) for id_ in self.scores
        )
        return {
            id_: _where_other(scores, computed[id_].to_numpy())
            for id_, scores in self.scores.items()
        }


def plain_metrics(framework: Framework) -> list[str]:
    """List the metrics that are scored from values of their own."""
    return [id_ for id_, metric in framework.metrics.items() if not metric.combined]


def _names(framework: Framework) -> list[str]:
    """List the columns of the standings that scoring asks for."""
    names = [columns.ORG_CODE, columns.PEER_GROUP]
    for id_, metric in framework.metrics.items():
        names += [columns.value(id_), columns.published_score(id_)]
        names += [columns.value_in_unit(id_, unit) for unit in metric.scoring_of_unit]
    names += [columns.flag(flag) for flag in framework.flags()]
    return list(dict.fromkeys(names))


def _tie_order_expr(framework: Framework, metric_id: str) -> pl.Expr:
    """Order equal values by the scores that the league gives them, best first."""
    value, score = pl.col(columns.value(metric_id)), pl.col(columns.score(metric_id))
    sign = 1 if framework.scale.is_lower_better else -1
    keys = _tie_keys(framework, metric_id)
    order = (key_expr(score) * sign).rank("min").over(keys).cast(pl.Int64) - 1
    return pl.when(value.is_not_null() & score.is_not_null()).then(order)


def _tie_keys(framework: Framework, metric_id: str) -> list[pl.Expr]:
    """Give what those have in common whose values of a metric are equal in one pool."""
    pool: Pool = pool_of(framework.metrics[metric_id])
    value = pool.members_expr(pl.col(columns.value(metric_id)))
    keys = [key_expr(value).alias("key")]
    return [*keys, pl.col(columns.PEER_GROUP)] if pool.within_peer_group else keys


def _where_other(scores: Floats, computed: Floats) -> Floats:
    """Keep the scores that differ from what is computed."""
    is_same = np.isclose(scores, computed, rtol=0, atol=TOLERANCE, equal_nan=True)
    return np.where(is_same, np.nan, scores)
