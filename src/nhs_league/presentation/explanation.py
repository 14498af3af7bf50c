"""An explanation as an answer: the sentence first, then the metrics, then what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from nhs_league.analysis.explain import Explanation
from nhs_league.analysis.rankings import RANGE_ENDS
from nhs_league.league import League
from nhs_league.presentation.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
)
from nhs_league.presentation.league_tables import ranked_noun
from nhs_league.presentation.text import NOTHING, count, number, plural, quantity, span

CONTRIBUTION_DECIMALS = 4

_Ends: TypeAlias = tuple[float, float] | None

_SHORT_UNITS = {
    "minutes": "min",
    "percentage points": "pp",
    "out of 10": None,
    "count": None,
    "rate": None,
}

_COLUMNS = (
    Column("Metric"),
    Column("Value", "right"),
    Column("Peers", "right"),
    Column("Score", "right"),
    Column("Weight", "right"),
    Column("Adds", "right"),
    Column("Place", "right"),
)


def explanation_document(
    explanation: Explanation, league: League, likely: Mapping[str, Any] | None = None
) -> Document:
    """Lay an explanation out for a reader, with its row of likely ranges if they were drawn."""
    blocks: list[Block] = [Paragraph(headline(explanation, league))]
    blocks += [Paragraph(sentence) for sentence in _override_sentences(explanation)]
    blocks += [Paragraph(sentence) for sentence in _range_sentences(explanation, league, likely)]
    blocks.append(_metric_table(explanation, league))
    blocks.append(Paragraph(_sum_sentence(explanation, league)))
    blocks += cost_blocks(explanation)
    blocks += gap_blocks(explanation, league)
    blocks += missing_blocks(explanation)
    blocks += source_blocks(explanation)
    return blocks


def headline(explanation: Explanation, league: League) -> str:
    """Say in one sentence where the organisation stands."""
    name = f"{explanation.org_name} ({explanation.org_code})"
    when = league.quarter.long_label
    if explanation.rank is None:
        return f"{name} is not ranked for {when}: it has {explanation.not_ranked_reason}."
    average = number(explanation.average_metric_score, league.framework.scale.decimals)
    group = ranked_noun(league, explanation.peer_group or NOTHING)
    text = f"{name} ranks {explanation.rank} of {explanation.rank_of} {group} for {when}"
    if explanation.adjusted_segment is not None:
        text += f", in segment {explanation.adjusted_segment},"
    text += f" with an average metric score of {average}"
    holding = [
        rule
        for rule in explanation.overrides
        if explanation.segment is not None and explanation.segment < rule.not_better_than
    ]
    if holding:
        reasons = " and ".join(rule.title for rule in holding)
        text += f"; its average alone would be segment {explanation.segment}, but {reasons}"
    return f"{text}."


def _override_sentences(explanation: Explanation) -> Iterator[str]:
    for rule in explanation.overrides:
        if explanation.segment is not None and explanation.segment >= rule.not_better_than:
            yield (
                f"The override {rule.id} applies ({rule.title}), but changes nothing: "
                f"segment {explanation.segment} is no better than {rule.not_better_than}."
            )


def _range_sentences(
    explanation: Explanation, league: League, likely: Mapping[str, Any] | None
) -> Iterator[str]:
    """Give the likely ranges that were drawn, and those published, where there are any."""
    if likely is not None:
        scores = likely["score_low"], likely["score_high"]
        ranks = likely["rank_low"], likely["rank_high"]
        yield _ranges_sentence("from resampling its metrics", scores, ranks, league)
    published = explanation.published_score_range, explanation.published_rank_range
    if any(published):
        yield _ranges_sentence("as published", *published, league)


def _ranges_sentence(source: str, scores: _Ends, ranks: _Ends, league: League) -> str:
    decimals = league.framework.scale.decimals
    parts = [f"the average from {span(*scores, decimals)}"] if scores else []
    parts += [f"the rank from {span(*ranks, 0)}"] if ranks else []
    return f"Likely ranges, {source}: {' and '.join(parts)}."


def _metric_table(explanation: Explanation, league: League) -> Table:
    decimals = league.framework.scale.decimals
    rows = []
    for row in explanation.metrics.iter_rows(named=True):
        if row["status"] == "not_applicable" and row["value"] is None and row["score"] is None:
            continue
        place = NOTHING if row["place"] is None else f"{row['place']} of {row['place_of']}"
        weight = row["effective_weight"]
        rows.append(
            (
                _metric_cell(row),
                quantity(row["value"], _short(row["unit"]), row["decimals"]),
                number(row["peers_median"], row["decimals"]),
                number(row["score"], decimals),
                NOTHING if weight is None else f"{number(100 * weight, 1)}%",
                number(row["contribution"], CONTRIBUTION_DECIMALS),
                place,
            )
        )
    caption = "Peers: the peer group's median. Weight: with missing metrics' weights shared again."
    return Table(caption, _COLUMNS, rows)


def _metric_cell(row: dict[str, Any]) -> str:
    lines = [f"{row['title']} ({row['metric_id']})"]
    details = []
    if row["numerator"] is not None and row["denominator"] is not None:
        details.append(f"{count(row['numerator'])} / {count(row['denominator'])}")
    elif row["denominator"] is not None:
        details.append(f"over {count(row['denominator'])}")
    if row["standard"] is not None:
        decimals = 0 if row["standard"] == round(row["standard"]) else row["decimals"]
        details.append(f"standard {quantity(row['standard'], _short(row['unit']), decimals)}")
    if row["left_out"] is not None:
        details.append(f"without {row['left_out']}")
    if row["score_source"] == "published" and not row["is_datum"]:
        details.append(f"score as published: {row['score_reason']}")
    if not row["counts"]:
        details.append("shown, not in the average")
    if row["score"] is None:
        details.append(why_missing(row))
    if details:
        lines.append("; ".join(details))
    return "\n".join(lines)


def _sum_sentence(explanation: Explanation, league: League) -> str:
    if explanation.composite is None:
        return "Without a rank there is no average, and so nothing for the metrics to add up to."
    decimals = league.framework.scale.decimals
    if explanation.metrics_scored == 0:
        average = number(explanation.average_metric_score, decimals)
        return f"None of its metrics is in the data: the published average, {average}, stands."
    summed = number(explanation.composite, CONTRIBUTION_DECIMALS)
    average = number(explanation.average_metric_score, decimals)
    scored = plural(explanation.metrics_scored, "metric")
    text = f"The contributions of {scored} add up to {summed}, "
    if explanation.average_is_published:
        own = number(explanation.composite, decimals)
        return text + f"which rounds to {own}; the published average, {average}, is used."
    return text + f"which is the average of {average}."


def cost_blocks(explanation: Explanation) -> Iterator[Block]:
    """List the metrics that cost the most."""
    costly = explanation.costliest()
    if costly.is_empty():
        return
    yield Heading("What costs most")
    yield Items(
        [
            f"{row['title']}: {number(row['cost'])} points of the average, "
            f"at a score of {number(row['score'])}"
            for row in costly.iter_rows(named=True)
        ]
    )


def gap_blocks(explanation: Explanation, league: League) -> Iterator[Block]:
    """Say how far the next better segment is."""
    gap = explanation.gap
    if explanation.segment is None:
        return
    yield Heading("The next segment")
    if gap is None:
        yield Paragraph("The average is in segment 1, the best.")
        return
    decimals = league.framework.scale.decimals
    text = (
        f"The average would have to improve by {number(gap.points, decimals)} score points, "
        f"to {number(gap.cut_point, decimals)}, for segment {gap.segment}, "
        "with everybody else as they are."
    )
    if explanation.cuts_are_published:
        text += " The cut points are told by the published segments: the league is not whole."
    barring = [rule for rule in explanation.overrides if gap.segment < rule.not_better_than]
    if barring:
        text += (
            f" As long as {' and '.join(rule.title for rule in barring)}, it stays at segment "
            f"{max(rule.not_better_than for rule in barring)} all the same."
        )
    yield Paragraph(text)


def missing_blocks(explanation: Explanation) -> Iterator[Block]:
    """List the expected metrics without a score, each with the reason."""
    missing = explanation.missing()
    if missing.is_empty():
        return
    yield Heading("What is missing")
    yield Items([f"{row['title']}: {why_missing(row)}" for row in missing.iter_rows(named=True)])


def why_missing(row: Mapping[str, Any]) -> str:
    """Say why a metric has no score."""
    if row["status"] is None:
        return "the data have no row for it"
    if row["status"] == "reported":
        return "reported, but outside the pool that is scored"
    return f"the figure is {row['status'].replace('_', ' ')}"


def source_blocks(explanation: Explanation) -> Iterator[Block]:
    """Say in which file and rows each figure stands."""
    rows = explanation.metrics.filter(explanation.metrics["source_file"].is_not_null())
    if rows.is_empty():
        return
    yield Heading("Where the figures stand")
    yield Items(
        [
            f"{row['metric_id']}: {_derivation(row)}{_places(row)} "
            f"({row['period']}{_evidence(row)})"
            for row in rows.iter_rows(named=True)
        ]
    )


def _places(row: dict[str, Any]) -> str:
    files, rows = row["source_file"].split("; "), row["source_rows"].split("; ")
    return ", ".join(
        f"{file} row{'s' if ',' in numbers else ''} {numbers}"
        for file, numbers in zip(files, rows, strict=True)
    )


def _evidence(row: dict[str, Any]) -> str:
    """Say how the metric's rule is known, where the framework says so."""
    return "" if row["evidence"] is None else f"; evidence of the rule: {row['evidence']}"


def _derivation(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return ""
    value = quantity(row["value"], _short(row["unit"]), row["decimals"])
    if row["numerator"] is None or row["denominator"] is None:
        return f"{value}, "
    return f"{value} from {count(row['numerator'])} / {count(row['denominator'])}, "


def _short(unit: str | None) -> str | None:
    """Shorten a unit for a narrow column; the metric's title says the ones that are left out."""
    return _SHORT_UNITS.get(unit or "", unit)


def explanation_summary(
    explanation: Explanation, league: League, likely: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give an explanation's facts by name, for programs; numbers are unrounded but the average."""
    gap = explanation.gap
    return {
        "sentence": headline(explanation, league),
        "org_code": explanation.org_code,
        "org_name": explanation.org_name,
        "peer_group": explanation.peer_group,
        "region": explanation.region,
        "rank": explanation.rank,
        "rank_of": explanation.rank_of,
        "average_metric_score": explanation.average_metric_score,
        "composite": explanation.composite,
        "average_is_published": explanation.average_is_published,
        **{name: likely[name] if likely else None for name in RANGE_ENDS},
        "published_score_range": explanation.published_score_range,
        "published_rank_range": explanation.published_rank_range,
        "cuts_are_published": explanation.cuts_are_published,
        "segment": explanation.segment,
        "adjusted_segment": explanation.adjusted_segment,
        "overrides": [rule.id for rule in explanation.overrides],
        "not_ranked_reason": explanation.not_ranked_reason,
        "metrics_scored": explanation.metrics_scored,
        "metrics_expected": explanation.metrics_expected,
        "next_segment": None if gap is None else gap.segment,
        "next_segment_cut_point": None if gap is None else gap.cut_point,
        "next_segment_gap": None if gap is None else gap.points,
    }
