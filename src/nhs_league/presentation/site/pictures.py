"""The pictures of a site, each with its text alternative."""

from __future__ import annotations

from functools import cached_property

from nhs_league.analysis.explain import Explanation, standard_of
from nhs_league.framework.model import Metric
from nhs_league.presentation.charts.distributions import distribution_chart
from nhs_league.presentation.charts.drawing import compiled, inline_svg
from nhs_league.presentation.charts.of_league import (
    peers_of,
    rank_range_of,
    segment_map_of,
    values_by_group,
)
from nhs_league.presentation.charts.rank_ranges import rank_ranges_chart, rank_strip_svg
from nhs_league.presentation.charts.segment_map import SegmentMapDrawing
from nhs_league.presentation.charts.slopes import Line, Slopes, SlopesDrawing
from nhs_league.presentation.charts.strips import Strip, StripDrawing
from nhs_league.presentation.site.source import Group, Row, SiteSource
from nhs_league.presentation.text import NOTHING, counted, number, plural, quantity, span


class GroupPictures:
    """The pictures of a group, compiled when they are asked for, and drawn for each of it."""

    def __init__(self, source: SiteSource, group: Group) -> None:
        self._source = source
        self._group = group

    @cached_property
    def _map(self) -> SegmentMapDrawing:
        return SegmentMapDrawing(segment_map_of(self._source.league, self._group.rows))

    @cached_property
    def _slopes(self) -> SlopesDrawing:
        lines = {row["org_code"]: self._line(row["org_code"]) for row in self._group.rows}
        scale = self._source.framework.scale
        quarters = tuple(league.quarter.nhs_label for league in self._source.report.leagues)
        return SlopesDrawing(
            Slopes(quarters, tuple(lines.values()), scale.best, scale.worst, scale.decimals)
        )

    def _line(self, org_code: str) -> Line:
        return tuple(
            None if row is None else row["average_metric_score"]
            for _, row in self._source.history_of(org_code)
        )

    def segment_map(self, row: Row | None = None) -> str:
        """Draw the averages of the group, with one of it marked or none."""
        decimals = self._source.framework.scale.decimals
        averages = [each["average_metric_score"] for each in self._group.ranked]
        words = (
            f"The average metric scores of {counted(len(averages), self._group.noun)}, from "
            f"{span(min(averages), max(averages), decimals)}, as dots between the segments' cut "
            "points."
        )
        if row is None:
            return self._map.svg(words)
        own = number(row["average_metric_score"], decimals)
        return self._map.svg(f"{words} {row['org_name']} is marked at {own}.", row["org_code"])

    def rank_ranges(self) -> str:
        """Draw every rank of the group on the line of its likely ranks."""
        ranked = self._group.ranked
        rows = [rank_range_of(row, row["org_code"]) for row in ranked]
        spec = compiled(rank_ranges_chart(rows, ranked[0]["rank_of"]))
        return inline_svg(
            spec,
            f"The ranks of {counted(len(ranked), self._group.noun)} as dots, each on a bar from "
            "its lowest to its highest likely rank. The table has the same figures.",
        )

    def rank_strip(self, row: Row) -> str:
        """Draw one rank and its likely range."""
        likely = (
            f", likely from {span(row['rank_low'], row['rank_high'], 0)}"
            if row["rank_low"] is not None
            else ""
        )
        words = f"Rank {row['rank']} on a line from 1 to {row['rank_of']}{likely}."
        return rank_strip_svg(rank_range_of(row, row["org_code"]), row["rank_of"], words)

    def slopes(self, row: Row | None = None) -> str | None:
        """Draw averages from quarter to quarter; none where there is one quarter alone."""
        if not self._source.report.earlier:
            return None
        words = f"The averages of {self._group.noun} from quarter to quarter, a line each."
        if row is None:
            return self._slopes.svg(words)
        decimals = self._source.framework.scale.decimals
        line = self._line(row["org_code"])
        told = "; ".join(
            f"{league.quarter.nhs_label}: {number(average, decimals)}"
            for league, average in zip(self._source.report.leagues, line, strict=True)
        )
        return self._slopes.svg(f"{words} {row['org_name']} is marked: {told}.", line)


class MetricPictures:
    """The pictures of metrics, from the values of each peer group."""

    def __init__(self, source: SiteSource) -> None:
        self._source = source
        self._values = values_by_group(source.league)
        self._strips: dict[tuple[str, str], StripDrawing] = {}

    def strip(self, explanation: Explanation, row: Row) -> str | None:
        """Draw where an organisation's value lies among its peers'; none where it has no value."""
        metric = self._source.framework.metrics[row["metric_id"]]
        values = peers_of(row, metric, explanation.peer_group, self._values)
        if not values:
            return None
        key = (row["metric_id"], explanation.peer_group or NOTHING)
        if key not in self._strips:
            strip = Strip.of(values, row["standard"], is_higher_better=metric.is_higher_better)
            self._strips[key] = StripDrawing(strip, row["peers_median"])
        return self._strips[key].svg(row["value"], _strip_words(metric, row, len(values)))

    def distribution(self, metric_id: str, peer_group: str, noun: str) -> str | None:
        """Draw the values of a metric within a peer group; none where it has none."""
        metric = self._source.framework.metrics[metric_id]
        values = self._values.get((metric_id, peer_group), ())
        if not values:
            return None
        standard = standard_of(metric.scoring)
        spec = compiled(
            distribution_chart(
                values, standard, metric.unit, is_higher_better=metric.is_higher_better
            )
        )
        ends = sorted((min(values), max(values)), reverse=metric.is_higher_better)
        best, worst = (quantity(end, metric.unit, metric.decimals) for end in ends)
        return inline_svg(
            spec,
            f"The values of {counted(len(values), noun)} as dots, from {best}, the best, to "
            f"{worst}.",
        )


def _strip_words(metric: Metric, row: Row, count: int) -> str:
    def told(value: float) -> str:
        return quantity(value, metric.unit, metric.decimals)

    words = f"{metric.title}: {told(row['value'])} among {plural(count, 'value')} of its peers"
    if row["peers_median"] is not None:
        words += f"; their middle is {told(row['peers_median'])}"
    if row["standard"] is not None:
        words += f"; the standard is {told(row['standard'])}"
    return f"{words}."
