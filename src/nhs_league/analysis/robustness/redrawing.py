"""Doubt about data: the values that other patients in the same circumstances might have made.

A proportion of n is redrawn from the binomial distribution of n at the proportion that was found,
every organisation's by itself; values are then scored and ranked again, quartiles included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.arrays import LeagueArrays, Placing, floors_of
from nhs_league.analysis.robustness.chance import generator
from nhs_league.analysis.robustness.numbers import Booleans, Floats, Integers
from nhs_league.analysis.robustness.sampling import Report, blocks, placed
from nhs_league.framework.model import Framework, Metric
from nhs_league.framework.scoring_methods import PublishedScoring
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.pools import pool_of
from nhs_league.scoring.score_choice import computed_score_expr

SAMPLING_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "organisations": pl.Int64(),
    "redrawn": pl.Int64(),
    "reason": pl.String(),
}
"""The frame contract: one row a metric that counts or that a matrix combines.

``organisations`` have a figure, and those ``redrawn`` one whose sampling error is known;
``reason`` says why it is not known of the others, if there are any.
"""

_REPLICATE: Final = "replicate"


@dataclass(frozen=True)
class Redrawn:
    """A metric that is redrawn: its trials and proportion by organisation, 0 trials for none."""

    metric_id: str
    trials: Floats
    proportions: Floats
    values: Floats
    unit: float


def redrawn_places(
    league: League, arrays: LeagueArrays, replicates: int, seed: int, report: Report | None
) -> Placing:
    """Place leagues of redrawn values; quartiles are cut anew each time."""
    redrawn = redrawn_metrics(league)
    ids = [one.metric_id for one in redrawn]
    streams = [streams_of(one, league, seed) for one in redrawn]
    frame, ranked = _base_frame(league, ids), _ranked_rows(league, arrays)
    composites = np.empty((len(arrays), replicates))
    floors = np.empty((len(arrays), replicates), dtype=np.uint8)
    each = blocks(replicates, len(frame))
    for done, block in enumerate(each, start=1):
        count = block.stop - block.start
        values = [values_of(*one, count) for one in zip(redrawn, streams, strict=True)]
        scored = _rescored(
            _leagues(frame, dict(zip(ids, values, strict=True))), league.framework, ids
        )
        scores = {
            id_: scored[columns.score(id_)].to_numpy().reshape(count, -1).T[ranked]
            for id_ in _rescored_ids(league.framework, ids)
        }
        composites[:, block] = arrays.rescored(scores)
        held = floors_of(scored, league.framework.overrides).max(axis=1, initial=0)
        floors[:, block] = held.reshape(count, -1).T[ranked]
        if report is not None:
            report(done / len(each))
    return placed(arrays, composites, floors, hold_cuts=False)


def is_redrawn(league: League, arrays: LeagueArrays) -> Booleans:
    """Say of which ranked organisations any value is redrawn."""
    is_any = np.zeros(len(league.standings), dtype=bool)
    for one in redrawn_metrics(league):
        is_any |= one.trials > 0
    return is_any[_ranked_rows(league, arrays)]


def sampling_errors(league: League) -> pl.DataFrame:
    """Say of each metric for how many organisations the sampling error is known."""
    known = {one.metric_id: int((one.trials > 0).sum()) for one in redrawn_metrics(league)}
    rows = []
    for id_ in _values_that_count(league.framework):
        metric = league.framework.metrics[id_]
        having = int(league.standings[columns.score(id_)].count())
        redrawn = known.get(id_, 0)
        reason = None if redrawn >= having else _why_unknown(league, metric, id_)
        rows.append((id_, metric.title, having, redrawn, reason))
    return pl.DataFrame(rows, schema=SAMPLING_SCHEMA, orient="row")


def redrawn_metrics(league: League) -> list[Redrawn]:
    """List the metrics that are proportions with both their counts, for any organisation."""
    found = []
    for id_ in _values_that_count(league.framework):
        metric = league.framework.metrics[id_]
        if _why_never(league, metric, id_) is not None:
            continue
        figures = league.figures.filter(
            pl.col("metric_id") == id_, pl.col("status") == "reported"
        ).select(columns.ORG_CODE, "numerator", "denominator")
        wide = league.standings.select(columns.ORG_CODE, columns.value(id_)).join(
            figures, on=columns.ORG_CODE, how="left", maintain_order="left"
        )
        value, denominator = (wide[name].to_numpy() for name in (columns.value(id_), "denominator"))
        unit = metric.per / metric.divide_by
        is_known = wide["numerator"].is_not_null().to_numpy() & ~np.isnan(value)
        trials = np.where(is_known & (denominator >= 0.5), np.rint(denominator), 0.0)
        if trials.any():
            proportions = np.clip(np.nan_to_num(value) / unit, 0.0, 1.0)
            found.append(Redrawn(id_, trials, proportions, value, unit))
    return found


def streams_of(metric: Redrawn, league: League, seed: int) -> list[tuple[int, np.random.Generator]]:
    """Give the row of each organisation that is redrawn, with its stream of random numbers."""
    codes = league.standings[columns.ORG_CODE]
    return [
        (int(row), generator(seed, "data", metric.metric_id, codes[int(row)]))
        for row in np.flatnonzero(metric.trials)
    ]


def values_of(
    metric: Redrawn, streams: Sequence[tuple[int, np.random.Generator]], replicates: int
) -> Floats:
    """Draw a metric's next values: organisations x replicates, as found where it is not redrawn.

    A half patient, as in cancer waits, counts as one trial or none: trials are rounded.
    """
    drawn = np.repeat(metric.values[:, None], replicates, axis=1)
    for row, stream in streams:
        trials = int(metric.trials[row])
        successes = stream.binomial(trials, metric.proportions[row], replicates)
        drawn[row] = metric.unit * successes / trials
    return drawn


def _values_that_count(framework: Framework) -> list[str]:
    """List the metrics that enter the average, by themselves or in a matrix that does."""
    ids: list[str] = []
    for id_, metric in framework.counted_metrics.items():
        ids += metric.combined or [id_]
    return list(dict.fromkeys(ids))


def _why_never(league: League, metric: Metric, metric_id: str) -> str | None:
    """Say why no organisation's value of a metric can be redrawn; none where it can."""
    if isinstance(metric.scoring, PublishedScoring):
        return "a published score"
    if not metric.is_proportion:
        return "not a proportion of patients or cases"
    combining = [
        id_
        for id_, other in league.framework.counted_metrics.items()
        if metric_id in other.combined
    ]
    for id_ in (metric_id, *combining):
        is_published = columns.score_is_published(id_)
        if is_published in league.standings.columns and league.standings[is_published].any():
            return "published scores stand for it"
    return None


def _why_unknown(league: League, metric: Metric, metric_id: str) -> str:
    return _why_never(league, metric, metric_id) or "no numerator and denominator"


def _rescored_ids(framework: Framework, redrawn: Sequence[str]) -> list[str]:
    """List the metrics that count whose scores change with the values of those redrawn."""
    return [
        id_
        for id_, metric in framework.counted_metrics.items()
        if not {id_, *metric.combined}.isdisjoint(redrawn)
    ]


def _base_frame(league: League, redrawn: Sequence[str]) -> pl.DataFrame:
    """Keep of a league what scoring the redrawn metrics anew needs, without ties' known order."""
    framework, standings = league.framework, league.standings
    names = [columns.ORG_CODE, columns.PEER_GROUP]
    names += [columns.score(id_) for id_ in framework.metrics]
    names += [columns.value(rule.when.metric) for rule in framework.overrides if rule.when.metric]
    names += [columns.flag(flag) for flag in framework.flags()]
    for id_ in redrawn:
        units = framework.metrics[id_].scoring_of_unit
        names += [columns.value_in_unit(id_, unit) for unit in units]
    kept = [name for name in dict.fromkeys(names) if name in standings.columns]
    return standings.select(kept)


def _leagues(frame: pl.DataFrame, values: dict[str, Floats]) -> pl.DataFrame:
    """Stack a league as often as there are replicates, each with its own values."""
    count = next(iter(values.values())).shape[1]
    stacked = pl.concat([frame] * count)
    numbers = np.repeat(np.arange(count, dtype=np.uint32), len(frame))
    return stacked.with_columns(
        pl.Series(_REPLICATE, numbers),
        *(
            pl.Series(columns.value(id_), drawn.T.ravel()).fill_nan(None)
            for id_, drawn in values.items()
        ),
    )


def _rescored(leagues: pl.DataFrame, framework: Framework, redrawn: Sequence[str]) -> pl.DataFrame:
    """Score the redrawn metrics among those of the same replicate, then what combines them."""
    scored = leagues.with_columns(
        computed_score_expr(
            leagues,
            framework,
            id_,
            scores="computed",
            pool=replace(pool_of(framework.metrics[id_]), leagues=_REPLICATE),
        ).alias(columns.score(id_))
        for id_ in redrawn
    )
    combined = [id_ for id_ in _rescored_ids(framework, redrawn) if id_ not in redrawn]
    return scored.with_columns(
        computed_score_expr(scored, framework, id_, scores="computed").alias(columns.score(id_))
        for id_ in combined
    )


def _ranked_rows(league: League, arrays: LeagueArrays) -> Integers:
    """Say in which row of the standings each ranked organisation is."""
    row_of = {code: row for row, code in enumerate(league.standings[columns.ORG_CODE])}
    return np.array([row_of[code] for code in arrays.org_codes], dtype=np.int64)
