"""What if: a league recomputed with changes, and everybody's place before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from nhs_league.analysis.counterfactuals.changes import (
    Change,
    ValueChange,
    change_problems,
    column_of,
    with_changes,
)
from nhs_league.analysis.counterfactuals.rescoring import Rescorer
from nhs_league.analysis.rankings import in_league_order
from nhs_league.analysis.robustness.arrays import NO_SEGMENT, LeagueArrays, Placing
from nhs_league.analysis.robustness.numbers import Counts, Floats
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns

PLACES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank_from": pl.Int64(),
    "rank_to": pl.Int64(),
    "average_from": pl.Float64(),
    "average_to": pl.Float64(),
    "segment_from": pl.Int64(),
    "segment_to": pl.Int64(),
    "adjusted_segment_from": pl.Int64(),
    "adjusted_segment_to": pl.Int64(),
    "passing": pl.String(),
}
"""The frame contract: one row a ranked organisation, in the order of the first table.

``from`` is the league as it stands and ``to`` the league with the changes; averages are as shown.
``passing`` is ``passed`` for one that the trust in question leaves behind, ``overtakes`` for one
that leaves it behind, ``draws_level`` for one that comes to share its rank; null for the others.
"""

VALUES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metric_id": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    "value_from": pl.Float64(),
    "value_to": pl.Float64(),
    "score_from": pl.Float64(),
    "score_to": pl.Float64(),
    "others_rescored": pl.Int64(),
}
"""The frame contract: one row a value that is changed, with its score before and after.

``others_rescored`` counts the other organisations whose score of the metric changes with it.
"""


@dataclass(frozen=True)
class WhatIf:
    """A league with changes, beside the league as it stands.

    ``places`` is under ``PLACES_SCHEMA`` and ``values`` under ``VALUES_SCHEMA``.
    """

    league: League
    org_code: str
    changes: tuple[Change, ...]
    places: pl.DataFrame
    values: pl.DataFrame

    def place(self, org_code: str) -> dict[str, Any]:
        """Give an organisation's row of the places."""
        return self.places.row(by_predicate=pl.col("org_code") == org_code, named=True)

    def movers(self) -> pl.DataFrame:
        """List everybody whose rank, average or segment changes."""
        names = ("rank", "average", "segment", "adjusted_segment")
        differs = [pl.col(f"{name}_from").ne_missing(pl.col(f"{name}_to")) for name in names]
        return self.places.filter(pl.any_horizontal(differs))


def what_if(league: League, org_code: str, changes: Sequence[Change]) -> WhatIf:
    """Recompute the league with changes: pools, quartiles, overrides and all.

    Everything else stays as it is; the organisations are those that the league ranks. Raises
    ``UsageError`` that lists every problem with the changes, and where the organisation is not
    ranked.
    """
    require_ranked(league, org_code)
    if problems := change_problems(league, changes):
        raise UsageError("; ".join(text for _, text in problems))
    before = Rescorer.of(league)
    after = with_changes(before, changes)
    places = _places(league, org_code, before.arrays, after.arrays)
    return WhatIf(league, org_code, tuple(changes), places, _values(before, after, changes))


def require_ranked(league: League, org_code: str) -> None:
    """See that an organisation has a rank. Raises ``UsageError`` that says why it has none."""
    row = league.standings.filter(pl.col(columns.ORG_CODE) == org_code)
    if row.is_empty():
        raise UsageError(
            f"{org_code} has no figure for {league.framework.id} in {league.quarter.long_label}"
        )
    if row[columns.RANK].item() is None:
        raise UsageError(
            f"{org_code} is not ranked in {league.quarter.long_label}: "
            f"{row[columns.NOT_RANKED_REASON].item()}"
        )


def placing(arrays: LeagueArrays) -> Placing:
    """Place the league that the arrays are of."""
    averages = arrays.ranked_averages(arrays.rescored({}))
    return arrays.place(averages, arrays.floor()[:, None], hold_cuts=False)


def _places(
    league: League, org_code: str, before: LeagueArrays, after: LeagueArrays
) -> pl.DataFrame:
    names = league.organisations.select(columns.ORG_CODE, "org_name")
    frame = before.standings.select(columns.ORG_CODE, columns.PEER_GROUP).join(
        names, on=columns.ORG_CODE, how="left", maintain_order="left"
    )
    for side, arrays in (("from", before), ("to", after)):
        placed = placing(arrays)
        without = arrays.place(placed.averages, np.zeros((1, 1), np.uint8), hold_cuts=False)
        frame = frame.with_columns(
            _counted(placed.ranks).alias(f"rank_{side}"),
            pl.Series(arrays.shown(placed.averages[:, 0])).fill_nan(None).alias(f"average_{side}"),
            _counted(without.segments).alias(f"segment_{side}"),
            _counted(placed.segments).alias(f"adjusted_segment_{side}"),
        )
    frame = frame.with_columns(
        _passing_expr(frame, league, org_code).alias("passing"), pl.col("rank_from").alias("rank")
    )
    return in_league_order(league, frame).select(
        pl.col(name).cast(dtype) for name, dtype in PLACES_SCHEMA.items()
    )


def _passing_expr(frame: pl.DataFrame, league: League, org_code: str) -> pl.Expr:
    """Say whom the organisation passes and by whom it is passed, among those it is ranked with."""
    own = frame.row(by_predicate=pl.col("org_code") == org_code, named=True)
    if own["rank_to"] is None:
        return pl.lit(None, pl.String)
    within = pl.lit(True)
    if league.framework.ranking.within == "peer_group":
        within = pl.col("peer_group").eq_missing(pl.lit(own["peer_group"]))
    was_ahead = pl.col("rank_from") < own["rank_from"]
    was_behind = pl.col("rank_from") > own["rank_from"]
    is_ahead = pl.col("rank_to") < own["rank_to"]
    is_behind = pl.col("rank_to") > own["rank_to"]
    is_level = pl.col("rank_to") == own["rank_to"]
    return (
        pl.when(within & was_ahead & is_behind)
        .then(pl.lit("passed"))
        .when(within & was_behind & is_ahead)
        .then(pl.lit("overtakes"))
        .when(within & (was_ahead | was_behind) & is_level)
        .then(pl.lit("draws_level"))
    )


def _counted(numbers: Counts) -> pl.Series:
    """Give ranks or segments of one league, null where there is none."""
    found = pl.Series(numbers[:, 0].astype(np.int64))
    return found.replace(NO_SEGMENT, None)


def _values(before: Rescorer, after: Rescorer, changes: Sequence[Change]) -> pl.DataFrame:
    rows = []
    codes = list(before.frame[columns.ORG_CODE])
    for change in changes:
        if isinstance(change, ValueChange):
            metric = before.framework.metrics[change.metric_id]
            row = codes.index(change.org_code)
            own, now = (each.scores[change.metric_id] for each in (before, after))
            value = before.figures(column_of(before, change.metric_id, row))[row]
            rows.append(
                (
                    change.org_code,
                    change.metric_id,
                    metric.title,
                    metric.unit,
                    float(value),
                    change.value,
                    _number(own[row]),
                    _number(now[row]),
                    _others_rescored(own, now, row),
                )
            )
    return pl.DataFrame(rows, schema=VALUES_SCHEMA, orient="row")


def _others_rescored(before: Floats, after: Floats, row: int) -> int:
    is_same = np.isclose(before, after, rtol=0, atol=1e-9, equal_nan=True)
    is_same[row] = True
    return int((~is_same).sum())


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
