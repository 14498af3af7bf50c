"""The page of one metric: what it means, how it is scored, and where everybody stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from nhs_league.analysis.explain import standard_of
from nhs_league.analysis.rankings import ranking_by
from nhs_league.presentation.league_tables import why_without_rank
from nhs_league.presentation.methods.sentences import direction, scoring_sentence, standard_phrase
from nhs_league.presentation.site.pictures import MetricPictures
from nhs_league.presentation.site.source import Row, SiteSource
from nhs_league.presentation.text import (
    NOTHING,
    capitalised,
    count,
    group_noun,
    number,
    plural,
    quantity,
    whole,
)


def metric_context(source: SiteSource, metric_id: str, pictures: MetricPictures) -> dict[str, Any]:
    """Lay out the page of a metric."""
    metric = source.framework.metrics[metric_id]
    table = ranking_by(source.league, metric_id)
    return {
        "title": metric.title,
        "metric_id": metric_id,
        "metric": metric,
        "domain": source.framework.domain(metric.domain).title,
        "direction": direction(metric),
        "scoring": scoring_sentence(source.framework, metric),
        "standard": standard_phrase(metric) if standard_of(metric.scoring) is not None else None,
        "groups": [
            _group(source, metric_id, str(group or NOTHING), rows, pictures)
            for (group,), rows in table.group_by("peer_group", maintain_order=True)
            if rows["rank"].is_not_null().any() or rows["status"].is_not_null().any()
        ],
        "without_row": _without_row(source, table),
    }


def _group(
    source: SiteSource,
    metric_id: str,
    peer_group: str,
    rows: pl.DataFrame,
    pictures: MetricPictures,
) -> dict[str, Any]:
    metric = source.framework.metrics[metric_id]
    noun = group_noun(peer_group)
    ranked = rows.filter(pl.col("rank").is_not_null())
    has_values = bool(ranked["value"].is_not_null().any())
    middle = ranked["value"].median() if has_values else None
    return {
        "noun": noun,
        "title": capitalised(noun),
        "count": len(ranked),
        "median": quantity(middle, metric.unit, metric.decimals)
        if isinstance(middle, float)
        else NOTHING,
        "has_fractions": bool(ranked["numerator"].is_not_null().any()),
        "picture": pictures.distribution(metric_id, peer_group, noun),
        "rows": [_row(source, row) for row in ranked.iter_rows(named=True)],
        "not_ranked": list(_not_ranked(source, rows)),
    }


def _row(source: SiteSource, row: Row) -> dict[str, Any]:
    metric = source.framework.metrics[row["by"]]
    return {
        "rank": whole(row["rank"]),
        "code": row["org_code"],
        "name": row["org_name"],
        "href": source.paths.trusts[row["org_code"]],
        "value": quantity(row["value"], row["unit"], metric.decimals),
        "numerator": count(row["numerator"]),
        "denominator": count(row["denominator"]),
        "score": number(row["score"], source.framework.scale.decimals),
    }


def _not_ranked(source: SiteSource, rows: pl.DataFrame) -> Iterator[dict[str, str]]:
    """List those that the data have a row of and that have no rank, each with the reason."""
    for row in rows.filter(pl.col("rank").is_null()).iter_rows(named=True):
        reason = why_without_rank(row, source.framework.scale.decimals)
        if reason is not None:
            yield {
                "name": row["org_name"],
                "code": row["org_code"],
                "href": source.paths.trusts[row["org_code"]],
                "reason": reason,
            }


def _without_row(source: SiteSource, table: pl.DataFrame) -> str | None:
    decimals = source.framework.scale.decimals
    unranked = table.filter(pl.col("rank").is_null()).iter_rows(named=True)
    without = sum(why_without_rank(row, decimals) is None for row in unranked)
    if not without:
        return None
    others = plural(without, "organisation")
    return f"The data have no figure of this measure for {others} of the league."
