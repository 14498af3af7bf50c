"""The page of one organisation: in plain words first, then figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nhs_league.analysis.comparison.metric_changes import explained_changes
from nhs_league.analysis.explain import Explanation
from nhs_league.framework.model import Framework
from nhs_league.presentation.comparison_details import trust_blocks
from nhs_league.presentation.document import Block
from nhs_league.presentation.explanation import (
    cost_blocks,
    gap_blocks,
    missing_blocks,
    source_blocks,
    why_missing,
)
from nhs_league.presentation.html_blocks import laid_out
from nhs_league.presentation.methods.sentences import standard_phrase
from nhs_league.presentation.site.pictures import GroupPictures, MetricPictures
from nhs_league.presentation.site.source import Row, SiteSource
from nhs_league.presentation.site.words import finding_words, is_met, segment_count, trust_summary
from nhs_league.presentation.text import (
    NOTHING,
    capitalised,
    count,
    group_noun,
    number,
    plural,
    quantity,
    span,
    whole,
)
from nhs_league.scoring import columns
from nhs_league.scoring.aggregate import scored_domains


def trust_context(
    source: SiteSource,
    explanation: Explanation,
    before: Explanation | None,
    group_pictures: GroupPictures,
    metric_pictures: MetricPictures,
) -> dict[str, Any]:
    """Lay out the page of an organisation that has figures."""
    code = explanation.org_code
    row, group = source.rows[code], source.group_of[code]
    change = source.changes.get(code)
    is_ranked = explanation.rank is not None
    return {
        "title": f"{explanation.org_name} ({code})",
        "organisation": source.organisations[code],
        "group": group,
        "group_href": source.paths.groups[group.name],
        "peers": group_noun(explanation.peer_group or NOTHING),
        "summary": trust_summary(
            explanation,
            source.league,
            group.noun,
            row,
            change,
            before=source.report.earlier[-1].quarter if source.report.earlier else None,
        ),
        "facts": list(_facts(source, explanation, row)),
        "rank_strip": group_pictures.rank_strip(row) if is_ranked else None,
        "segment_map": group_pictures.segment_map(row) if is_ranked else None,
        "slopes": group_pictures.slopes(row) if is_ranked else None,
        "domains": list(_domains(source, explanation, metric_pictures)),
        "history": list(_history(source, code)),
        "moves": laid_out(list(_moves(source, explanation, before, change))),
        "next_steps": laid_out(
            [*cost_blocks(explanation), *gap_blocks(explanation, source.league)]
        ),
        "caveats": list(_caveats(source, explanation, row)),
        "missing": laid_out(list(missing_blocks(explanation))),
        "sources": laid_out(list(source_blocks(explanation))),
    }


def absent_context(source: SiteSource, organisation: Row) -> dict[str, Any]:
    """Lay out the page of an organisation that the data have no figure of."""
    return {
        "title": f"{organisation['org_name']} ({organisation['org_code']})",
        "organisation": organisation,
        "when": source.league.quarter.long_label,
    }


def _facts(source: SiteSource, explanation: Explanation, row: Row) -> Iterator[tuple[str, str]]:
    decimals = source.framework.scale.decimals
    if explanation.rank is not None:
        yield "Rank", f"{explanation.rank} of {explanation.rank_of}"
        yield "Likely rank", span(row["rank_low"], row["rank_high"], 0)
        yield "Average metric score", number(explanation.average_metric_score, decimals)
        yield "Likely average", span(row["score_low"], row["score_high"], decimals)
        segments = segment_count(source.league)
        yield "Segment", f"{whole(explanation.adjusted_segment)} of {segments}"
        if explanation.segment != explanation.adjusted_segment:
            yield "Segment by its average alone", whole(explanation.segment)
    for title, ends, places in (
        ("Likely rank, as published", explanation.published_rank_range, 0),
        ("Likely average, as published", explanation.published_score_range, decimals),
    ):
        if ends is not None:
            yield title, span(*ends, places)
    yield "Measures scored", f"{explanation.metrics_scored} of {explanation.metrics_expected}"


def _domains(
    source: SiteSource, explanation: Explanation, pictures: MetricPictures
) -> Iterator[dict[str, Any]]:
    """Lay out the metrics, a domain at a time, with the domain's score and segment."""
    framework = source.framework
    standing = source.standings[explanation.org_code]
    rows = {row["metric_id"]: row for row in explanation.metrics.iter_rows(named=True)}
    with_scores = scored_domains(framework)
    for domain_id in framework.domains:
        shown = [
            row
            for id_, row in rows.items()
            if framework.metrics[id_].domain == domain_id and _is_shown(row)
        ]
        if not shown:
            continue
        has_score = domain_id in with_scores
        yield {
            "title": framework.domain(domain_id).title,
            "score": number(standing[columns.domain_score(domain_id)], framework.scale.decimals)
            if has_score
            else NOTHING,
            "segment": whole(standing[columns.domain_segment(domain_id)]) if has_score else NOTHING,
            "metrics": [_metric(source, row, pictures.strip(explanation, row)) for row in shown],
        }


def _is_shown(row: Row) -> bool:
    return not (row["status"] == "not_applicable" and row["value"] is None and row["score"] is None)


def _metric(source: SiteSource, row: Row, strip: str | None) -> dict[str, Any]:
    decimals, framework = row["decimals"], source.framework
    weight = row["effective_weight"]
    return {
        "id": row["metric_id"],
        "title": row["title"],
        "href": source.paths.metrics[row["metric_id"]],
        "value": quantity(row["value"], row["unit"], decimals),
        "fraction": _fraction(row),
        "median": quantity(row["peers_median"], row["unit"], decimals),
        "standard": _standard(framework, row),
        "is_met": is_met(framework, row),
        "score": number(row["score"], framework.scale.decimals),
        "place": NOTHING if row["place"] is None else f"{row['place']} of {row['place_of']}",
        "weight": NOTHING if weight is None else f"{number(100 * weight, 1)}%",
        "strip": strip,
        "notes": list(_metric_notes(row)),
    }


def _fraction(row: Row) -> str | None:
    if row["numerator"] is not None and row["denominator"] is not None:
        return f"{count(row['numerator'])} of {count(row['denominator'])}"
    return None if row["denominator"] is None else f"over {count(row['denominator'])}"


def _standard(framework: Framework, row: Row) -> str | None:
    metric = framework.metrics[row["metric_id"]]
    if row["standard"] is None:
        return None
    if row["unit"] == metric.unit:
        return standard_phrase(metric)
    return quantity(row["standard"], row["unit"], row["decimals"])


def _metric_notes(row: Row) -> Iterator[str]:
    if row["score"] is None:
        yield f"No score: {why_missing(row)}."
    if not row["counts"]:
        yield "Shown, but not in the average."
    if row["left_out"] is not None:
        yield f"Without {row['left_out']}."
    if row["score_source"] == "published" and not row["is_datum"]:
        yield f"The score is as published: {row['score_reason']}."


def _history(source: SiteSource, org_code: str) -> Iterator[tuple[str, ...]]:
    """Give a row a quarter: label, rank, average and segment."""
    if not source.report.earlier:
        return
    decimals = source.framework.scale.decimals
    for league, row in source.history_of(org_code):
        known = row or {}
        rank = known.get("rank")
        yield (
            league.quarter.long_label,
            NOTHING if rank is None else f"{rank} of {known['rank_of']}",
            number(known.get("average_metric_score"), decimals),
            whole(known.get("adjusted_segment")),
        )


def _moves(
    source: SiteSource, explanation: Explanation, before: Explanation | None, change: Row | None
) -> Iterator[Block]:
    comparison = source.report.comparison
    if comparison is None or change is None or before is None:
        return
    metrics = explained_changes(before, explanation)
    moved = metrics.filter(metrics["contribution_change"] != 0)
    yield from trust_blocks(comparison, dict(change), moved)


def _caveats(source: SiteSource, explanation: Explanation, row: Row) -> Iterator[str]:
    """Say what to keep in mind of this organisation's figures."""
    if explanation.rank is not None:
        advice = (
            "look at the likely rank, not at the rank alone"
            if row["rank_low"] is not None
            else "and no likely range of this rank can be told from its figures"
        )
        joint = ":" if row["rank_low"] is not None else ","
        yield f"Neighbours in a league table can differ by hundredths of a point{joint} {advice}."
    if explanation.average_is_published:
        yield "The average is the published one, which the published figures do not quite give."
    for rule in explanation.overrides:
        yield (
            f"{capitalised(rule.title)}: by the framework's rule it cannot be "
            f"better than segment {rule.not_better_than}, whatever its scores."
        )
    if missing := explanation.metrics_expected - explanation.metrics_scored:
        yield (
            f"{plural(missing, 'measure')} expected of it without a score: "
            f"{'the average is taken of the others, and ' if explanation.rank is not None else ''}"
            "nothing is filled in."
        )
    for finding in source.findings:
        is_own = finding.message.split(" ", 1)[0] == explanation.org_code
        if is_own and finding.severity != "note":
            yield f"A figure that looks odd: {finding_words(finding)}."
