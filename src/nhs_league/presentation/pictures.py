"""Single pictures, for a slide: of a ranking, of one metric or domain, of one organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from nhs_league.analysis.explain import Explanation, standard_of
from nhs_league.analysis.rankings import ranking
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.presentation.account import ATTRIBUTION, NOT_OFFICIAL
from nhs_league.presentation.charts.distributions import distribution_chart
from nhs_league.presentation.charts.drawing import Picture, picture, require_altair
from nhs_league.presentation.charts.of_league import (
    peers_of,
    rank_range_of,
    segment_map_of,
    values_by_group,
)
from nhs_league.presentation.charts.palette import SIZE
from nhs_league.presentation.charts.rank_ranges import rank_ranges_chart, segments_key_chart
from nhs_league.presentation.charts.segment_map import segment_map_chart
from nhs_league.presentation.charts.strip_table import StripRow, strip_table_chart
from nhs_league.presentation.charts.strips import Strip
from nhs_league.presentation.explanation import headline
from nhs_league.presentation.league_tables import tables_of
from nhs_league.presentation.text import (
    NOTHING,
    capitalised,
    group_noun,
    number,
    plural,
    quantity,
    span,
)

_MAP_KEY = "A dot is an organisation, in the colour of the segment that it ends up in."
_RANGES_KEY = "A dot is a rank, in the colour of the segment; the bar behind it, its likely ranks."


def ranking_picture(table: pl.DataFrame, league: League, title: str) -> Picture:
    """Draw a ranking: likely ranks where the table has any, else the averages by segment."""
    require_altair()
    import altair as alt

    has_ranges = bool(table["rank_low"].is_not_null().any())
    charts: list[Any] = []
    told: list[str] = []
    if has_ranges:
        segments = table.filter(pl.col("rank").is_not_null())["adjusted_segment"].unique()
        charts.append(segments_key_chart(segments.sort(nulls_last=True).to_list()))
    for noun, rows in tables_of(table, league):
        ranked = rows.filter(pl.col("rank").is_not_null()).to_dicts()
        if not ranked:
            continue
        if has_ranges:
            shown = [rank_range_of(row, f"{row['org_code']} {row['org_name']}") for row in ranked]
            chart = rank_ranges_chart(shown, ranked[0]["rank_of"])
        else:
            chart = segment_map_chart(segment_map_of(league, ranked))
        heading = f"{capitalised(noun)}: {len(ranked)} of {ranked[0]['rank_of']}"
        charts.append(chart.properties(title=heading))
        told.append(f"{heading}. " + "; ".join(_ranks(ranked, league)))
    _require_something(charts)
    whole = alt.vconcat(*charts, spacing=30)
    key = _RANGES_KEY if has_ranges else _MAP_KEY
    return picture(whole, title, " ".join(told), [key, NOT_OFFICIAL, ATTRIBUTION])


def single_picture(table: pl.DataFrame, league: League, title: str) -> Picture:
    """Draw the values of one metric, or the scores of one domain, of each peer group."""
    require_altair()
    import altair as alt

    metric = league.framework.metrics.get(str(table["by"].first()))
    column, unit = ("value", metric.unit) if metric else ("score", "score")
    is_higher_better = (
        metric.is_higher_better if metric else not league.framework.scale.is_lower_better
    )
    decimals = metric.decimals if metric else league.framework.scale.decimals
    standard = standard_of(metric.scoring) if metric else None
    charts, told = [], []
    for (group,), rows in table.group_by("peer_group", maintain_order=True):
        values = rows.filter(pl.col("rank").is_not_null())[column].drop_nulls().to_list()
        if not values:
            continue
        noun = group_noun(str(group or NOTHING))
        chart = distribution_chart(values, standard, unit, is_higher_better=is_higher_better)
        charts.append(chart.properties(title=f"{capitalised(noun)}: {len(values)}"))
        ends = span(min(values), max(values), decimals)
        told.append(f"{plural(len(values), 'value')} of {noun}, from {ends}.")
    _require_something(charts)
    whole = alt.vconcat(*charts, spacing=30)
    return picture(whole, title, " ".join(told), [NOT_OFFICIAL, ATTRIBUTION])


def explanation_picture(explanation: Explanation, league: League, title: str) -> Picture:
    """Draw where an organisation stands among its peers: its average, and each metric's value."""
    require_altair()
    import altair as alt

    charts = []
    peers = ranking(league)
    if league.framework.ranking.within == "peer_group":
        peers = peers.filter(pl.col("peer_group").eq_missing(explanation.peer_group))
    if explanation.rank is not None:
        map_ = segment_map_of(league, peers.to_dicts())
        charts.append(segment_map_chart(map_, map_.mark(explanation.org_code)))
    rows = list(_strip_rows(explanation, league))
    if rows:
        legend = (
            "A dot is a peer, the diamond this trust; left is better. Dashed: the middle of its "
            "peers; solid: the standard."
        )
        charts.append(
            strip_table_chart(rows).properties(
                title=alt.TitleParams(legend, fontSize=SIZE, fontWeight="normal")
            )
        )
    _require_something(charts)
    whole = alt.vconcat(*charts, spacing=24)
    values = "; ".join(f"{row.label}: {row.told}" for row in rows)
    said = f"{headline(explanation, league)} {values}"
    return picture(whole, title, said, [NOT_OFFICIAL, ATTRIBUTION])


def _strip_rows(explanation: Explanation, league: League) -> Iterator[StripRow]:
    values = values_by_group(league)
    for row in explanation.metrics.iter_rows(named=True):
        metric = league.framework.metrics[row["metric_id"]]
        peers = peers_of(row, metric, explanation.peer_group, values)
        if not peers:
            continue
        strip = Strip.of(peers, row["standard"], is_higher_better=metric.is_higher_better)
        told = quantity(row["value"], row["unit"], row["decimals"])
        yield StripRow(metric.title, told, strip, row["value"], row["peers_median"])


def _ranks(rows: list[dict[str, Any]], league: League) -> Iterator[str]:
    decimals = league.framework.scale.decimals
    for row in rows:
        yield (
            f"{row['rank']} {row['org_name']}, {number(row['average_metric_score'], decimals)}"
            + (_likely(row))
        )


def _likely(row: Mapping[str, Any]) -> str:
    if row["rank_low"] is None:
        return ""
    return f", likely {span(row['rank_low'], row['rank_high'], 0)}"


def _require_something(charts: list[Any]) -> None:
    if not charts:
        raise UsageError("there is nothing to draw: nobody here is ranked or has a value")
