"""What sways the table: each metric, domain and override taken away in turn.

The league is computed again without it, quartiles included, and held against the full table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.arrays import NO_SEGMENT, LeagueArrays, Placing
from nhs_league.analysis.robustness.numbers import Booleans, Floats, Integers
from nhs_league.framework.model import Override
from nhs_league.league import League
from nhs_league.scoring.aggregate import scored_domains

Kind: TypeAlias = Literal["metric", "domain", "override", "domain_and_overrides"]

LEAVE_ONE_OUT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "kind": pl.String(),
    "id": pl.String(),
    "title": pl.String(),
    "spearman": pl.Float64(),
    "kendall": pl.Float64(),
    "moved": pl.Int64(),
    "mean_move": pl.Float64(),
    "segments_changed": pl.Int64(),
    "segments_better": pl.Int64(),
    "segments_worse": pl.Int64(),
    "not_ranked": pl.Int64(),
    "largest_movers": pl.String(),
}
"""The frame contract: one row a removal.

``spearman`` and ``kendall`` (tau-b) compare ranks within each group that is ranked by itself, and
are averaged by the groups' organisations; null where no group has an order left. ``moved`` counts
the organisations with another rank and ``mean_move`` is the mean number of places that all of them
move. Segments are adjusted; one that is there on one side alone is no change. ``largest_movers``
lists up to three with their ranks, ``RXW 12 to 45``.
"""

_MOVERS: Final = 3


@dataclass(frozen=True)
class Removal:
    """What is taken away: some of the metrics' weights, some of the overrides."""

    kind: Kind
    id_: str
    title: str
    metrics: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


def leave_one_out(league: League) -> pl.DataFrame:
    """Take away each metric, each domain and each override, under ``LEAVE_ONE_OUT_SCHEMA``.

    A domain that overrides belong to is taken away by itself and with them. Only organisations that
    the full table ranks are placed. Raises ``UsageError`` where nobody is ranked.
    """
    arrays = LeagueArrays.of(league)
    full = _without(arrays, None)
    rows = [
        _compared(arrays, full, removal, _without(arrays, removal)) for removal in removals(arrays)
    ]
    return pl.DataFrame(rows, schema=LEAVE_ONE_OUT_SCHEMA, orient="row")


def removals(arrays: LeagueArrays) -> Iterator[Removal]:
    """List what can be taken away."""
    framework = arrays.framework
    for rule in framework.overrides:
        yield Removal("override", rule.id, rule.title, overrides=(rule,))
    for domain in scored_domains(framework):
        title = framework.domain(domain).title
        metrics = tuple(framework.metrics_of_domain(domain))
        yield Removal("domain", domain, title, metrics)
        rules = tuple(rule for rule in framework.overrides if rule.domain == domain)
        if rules:
            yield Removal("domain_and_overrides", domain, title, metrics, rules)
    for id_ in arrays.metric_ids:
        yield Removal("metric", id_, framework.metrics[id_].title, (id_,))


def _without(arrays: LeagueArrays, removal: Removal | None) -> Placing:
    """Place the league without what is removed."""
    metrics, rules = (removal.metrics, removal.overrides) if removal else ((), ())
    stays = np.array([id_ not in metrics for id_ in arrays.metric_ids])
    kept = [rule for rule in arrays.framework.overrides if rule not in rules]
    composites = arrays.reweighted((arrays.weights * stays)[None])
    floors = arrays.floor(kept)[:, None]
    return arrays.place(arrays.ranked_averages(composites), floors, hold_cuts=False)


def _compared(
    arrays: LeagueArrays, full: Placing, removal: Removal, without: Placing
) -> tuple[Any, ...]:
    before, after = (each.ranks[:, 0].astype(np.int64) for each in (full, without))
    is_ranked = after > 0
    moves = np.where(is_ranked, after - before, 0)
    segment, own = (each.segments[:, 0].astype(np.int64) for each in (without, full))
    has_both = is_ranked & (segment != NO_SEGMENT) & (own != NO_SEGMENT)
    change = np.where(has_both, segment - own, 0)
    return (
        removal.kind,
        removal.id_,
        removal.title,
        *_correlations(arrays, before, after, is_ranked),
        int((moves != 0).sum()),
        float(np.abs(moves).sum() / is_ranked.sum()) if is_ranked.any() else None,
        int((change != 0).sum()),
        int((change < 0).sum()),
        int((change > 0).sum()),
        int((~is_ranked).sum()),
        _largest_movers(arrays, before, after, moves),
    )


def _correlations(
    arrays: LeagueArrays, before: Integers, after: Integers, is_ranked: Booleans
) -> tuple[float | None, float | None]:
    """Average Spearman's and Kendall's correlation over the groups that have an order left."""
    from scipy.stats import kendalltau, spearmanr

    sizes, correlations = [], []
    for rows in arrays.groups:
        group = rows[is_ranked[rows]]
        if len(np.unique(before[group])) > 1 and len(np.unique(after[group])) > 1:
            sizes.append(len(group))
            pair: tuple[Integers, Integers] = (before[group], after[group])
            correlations.append([measure(*pair).statistic for measure in (spearmanr, kendalltau)])
    if not sizes:
        return None, None
    means: Floats = np.average(np.array(correlations), axis=0, weights=sizes)
    return float(means[0]), float(means[1])


def _largest_movers(
    arrays: LeagueArrays, before: Integers, after: Integers, moves: Integers
) -> str | None:
    order = sorted(np.flatnonzero(moves), key=lambda row: (-abs(moves[row]), arrays.org_codes[row]))
    movers = [f"{arrays.org_codes[row]} {before[row]} to {after[row]}" for row in order[:_MOVERS]]
    return "; ".join(movers) or None
