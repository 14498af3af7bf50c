"""The pages that are of no single organisation or metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from nhs_league.analysis.robustness.robustness import ALL_ORGANISATIONS, SEPARABLE
from nhs_league.presentation.methods.sentences import direction
from nhs_league.presentation.site.pictures import GroupPictures
from nhs_league.presentation.site.source import EVERYBODY, Group, Row, SiteSource
from nhs_league.presentation.site.words import (
    change_words,
    finding_words,
    holds_back,
    ranked_by,
    segment_count,
)
from nhs_league.presentation.text import NOTHING, counted, number, percent, span, whole
from nhs_league.scoring import columns


def home_context(source: SiteSource) -> dict[str, Any]:
    """Lay out the first page: what there is, and how to read it."""
    segments = range(1, segment_count(source.league) + 1)
    return {
        "title": f"{source.framework.title}: league tables",
        "segments": list(segments),
        "without_figures": len(source.without_figures),
        "sure": percent(SEPARABLE) if source.report.drawn else None,
        "groups": [
            {
                "title": group.title,
                "href": source.paths.groups[group.name],
                "ranked": len(group.ranked),
                "in_segment": [
                    sum(row["adjusted_segment"] == segment for row in group.ranked)
                    for segment in segments
                ],
                "held": sum(row["segment"] != row["adjusted_segment"] for row in group.ranked),
                "separable": separable_share(source, group),
            }
            for group in source.groups
        ],
        "overrides": [rule.title for rule in source.framework.overrides],
        "domains": [source.framework.domain(id_).title for id_ in source.framework.domains],
        "ranked_by": ranked_by(source.framework),
    }


def separable_share(source: SiteSource, group: Group) -> str | None:
    """Say what share of the pairs of a group can be told apart; none where nothing can tell."""
    drawn = source.report.drawn
    if drawn is None:
        return None
    name = ALL_ORGANISATIONS if group.name == EVERYBODY else group.name
    found = drawn.separability.filter(pl.col("peer_group").fill_null(NOTHING) == name)
    if found.is_empty() or not found["pairs"][0]:
        return None
    return percent(found["separable_pairs"][0] / found["pairs"][0])


def trusts_context(source: SiteSource) -> dict[str, Any]:
    """List every organisation by name."""
    known = sorted(source.organisations.values(), key=lambda row: row["org_name"].casefold())
    return {
        "title": "Trusts A to Z",
        "trusts": [
            {
                "code": row["org_code"],
                "name": row["org_name"],
                "href": source.paths.trusts[row["org_code"]],
                "type": row["trust_type"],
                "region": row["region"] or NOTHING,
                "towns": ", ".join(row["towns"] or ()) or NOTHING,
                "rank": _rank(source.rows.get(row["org_code"])),
            }
            for row in known
        ],
    }


def _rank(row: Row | None) -> str:
    if row is None:
        return "no figures"
    return "not ranked" if row["rank"] is None else f"{row['rank']} of {row['rank_of']}"


def metrics_context(source: SiteSource) -> dict[str, Any]:
    """List every metric, a domain at a time."""
    framework = source.framework
    return {
        "title": "Measures",
        "domains": [
            {
                "title": framework.domain(domain_id).title,
                "metrics": [
                    {
                        "id": id_,
                        "title": metric.title,
                        "href": source.paths.metrics[id_],
                        "why": metric.why,
                        "direction": direction(metric),
                        "counts": metric.counts,
                    }
                    for id_, metric in framework.metrics.items()
                    if metric.domain == domain_id
                ],
            }
            for domain_id in framework.domains
        ],
    }


def table_context(source: SiteSource, group: Group, pictures: GroupPictures) -> dict[str, Any]:
    """Lay out the league table of what is ranked together."""
    has_ranked = bool(group.ranked)
    return {
        "title": f"League table: {group.noun}",
        "group": group,
        "counted": counted(len(group.ranked), group.noun),
        "rows": [_table_row(source, row) for row in group.ranked],
        "unranked": list(_unranked(source, group)),
        "has_changes": bool(source.changes),
        "has_ranges": source.report.drawn is not None,
        "separable": separable_share(source, group),
        "held": list(_held(source, group)),
        "notes": source.report.notes,
        "before": source.report.earlier[-1].quarter if source.report.earlier else None,
        "segment_map": pictures.segment_map() if has_ranked else None,
        "rank_ranges": pictures.rank_ranges() if has_ranked and source.report.drawn else None,
        "slopes": pictures.slopes() if has_ranked else None,
    }


def _table_row(source: SiteSource, row: Row) -> dict[str, Any]:
    decimals = source.framework.scale.decimals
    return {
        "rank": whole(row["rank"]),
        "code": row["org_code"],
        "name": row["org_name"],
        "href": source.paths.trusts[row["org_code"]],
        "region": row["region"] or NOTHING,
        "average": number(row["average_metric_score"], decimals),
        "likely_rank": span(row["rank_low"], row["rank_high"], 0),
        "likely_average": span(row["score_low"], row["score_high"], decimals),
        "segment": whole(row["adjusted_segment"]),
        "is_held": row["segment"] != row["adjusted_segment"],
        "own_segment": whole(row["segment"]),
        "measures": f"{row['metrics_scored']} of {row['metrics_expected']}",
        "change": change_words(source.changes.get(row["org_code"]), source.framework.scale),
    }


def _unranked(source: SiteSource, group: Group) -> Iterator[dict[str, str]]:
    for row in group.rows:
        if row["rank"] is None:
            yield {
                "name": row["org_name"],
                "code": row["org_code"],
                "href": source.paths.trusts[row["org_code"]],
                "reason": source.standings[row["org_code"]][columns.NOT_RANKED_REASON] or "",
            }


def _held(source: SiteSource, group: Group) -> Iterator[str]:
    """Say whom each override holds back, and to how many it applies without that."""
    for rule in source.framework.overrides:
        has = [row for row in group.ranked if rule.id in (row["overrides"] or "").split(";")]
        held = [row for row in has if holds_back(rule, row["segment"])]
        others = len(has) - len(held)
        if held:
            yield (
                f"{len(held)} of the {group.noun}, marked with *, would be in a better segment by "
                f"{'its' if len(held) == 1 else 'their'} scores alone, but cannot be better than "
                f"{rule.not_better_than}: {rule.title}."
            )
        if others:
            whom = f"{others} more" if held else f"{others} of the {group.noun}"
            rule_words = "the same rule" if held else f"this rule ({rule.title})"
            verb = "is" if others == 1 else "are"
            yield f"{whom} {verb} under {rule_words}, and would be no better without it."


def data_context(source: SiteSource) -> dict[str, Any]:
    """Lay out where every figure comes from."""
    framework = source.framework
    publications: dict[tuple[str, str, str, str | None], list[str]] = {}
    for id_, metric in framework.metrics.items():
        if metric.source is not None:
            stated = metric.source
            key = (stated.title, stated.publisher, stated.licence, stated.url)
            publications.setdefault(key, []).append(id_)
    return {
        "title": "Data and provenance",
        "files": [
            {
                "name": file.name,
                "source": file.source,
                "rows_in": f"{file.rows_in:,}",
                "rows_used": f"{file.rows_used:,}",
                "left_out": ", ".join(
                    f"{amount:,} {reason.replace('_', ' ')}"
                    for reason, amount in file.left_out.items()
                )
                or NOTHING,
                "sha256": file.sha256,
            }
            for file in source.files
        ],
        "publications": [
            {
                "title": title,
                "publisher": publisher,
                "licence": licence,
                "url": url if url is not None and _is_web(url) else None,
                "metrics": ", ".join(ids),
            }
            for (title, publisher, licence, url), ids in publications.items()
        ],
        "findings": [finding_words(each) for each in source.findings if each.severity != "note"],
        "account": source.account,
        "framework_file": source.framework_file,
        "scores": source.account.get("scores"),
    }


def _is_web(url: str) -> bool:
    """Say whether an address may be linked to: one that runs a script may not."""
    return url.lower().startswith(("https://", "http://"))
