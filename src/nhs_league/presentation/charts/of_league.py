"""What the pictures show of a league."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from nhs_league.framework.model import Metric
from nhs_league.league import League
from nhs_league.presentation.charts.rank_ranges import RankRange
from nhs_league.presentation.charts.segment_map import Average, SegmentMap
from nhs_league.presentation.text import NOTHING
from nhs_league.scoring import columns

Row = Mapping[str, Any]
Values = Mapping[tuple[str, str], Sequence[float]]
"""Values by metric and peer group."""


def segment_map_of(league: League, rows: Sequence[Row]) -> SegmentMap:
    """Lay out the averages of rows of a ranking between the cut points of their group."""
    ranked = [row for row in rows if row["average_metric_score"] is not None]
    scale = league.framework.scale
    cuts = _cut_points(league, [row["org_code"] for row in ranked])
    averages = tuple(
        Average(row["org_code"], row["average_metric_score"], row["adjusted_segment"])
        for row in ranked
    )
    return SegmentMap(averages, cuts, scale.best, scale.worst)


def _cut_points(league: League, org_codes: Sequence[str]) -> tuple[float, ...]:
    """Give the cut points that organisations share.

    Where they have none, or those of several peer groups, the cut points part nothing.
    """
    names = [name for name in league.standings.columns if name.startswith("cut_point:")]
    shared = league.standings.filter(pl.col(columns.ORG_CODE).is_in(org_codes)).select(names)
    found = shared.unique().rows()
    if len(found) == 1 and None not in found[0]:
        return found[0]
    return (float("inf"),) * len(names)


def rank_range_of(row: Row, label: str) -> RankRange:
    """Give a row's rank and its likely ends."""
    return RankRange(label, row["rank"], row["rank_low"], row["rank_high"], row["adjusted_segment"])


def peers_of(row: Row, metric: Metric, peer_group: str | None, values: Values) -> Sequence[float]:
    """List the values of an explanation row's peers; none where its own is not among them."""
    peers = values.get((row["metric_id"], peer_group or NOTHING), ())
    is_among = row["value"] is not None and row["unit"] == metric.unit and row["value"] in peers
    return peers if is_among else ()


def values_by_group(league: League) -> Values:
    """List each metric's values by peer group, in its own unit."""
    names = {columns.value(id_): id_ for id_ in league.framework.metrics}
    present = [name for name in names if name in league.standings.columns]
    found: dict[tuple[str, str], Any] = {}
    for (group,), rows in league.standings.group_by(columns.PEER_GROUP, maintain_order=True):
        for name in present:
            values = rows[name].drop_nulls().to_list()
            if values:
                found[names[name], str(group or NOTHING)] = values
    return found
