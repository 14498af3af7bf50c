"""What a site says in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from nhs_league.analysis.explain import Explanation
from nhs_league.findings import Finding
from nhs_league.framework.model import Framework, Override, Scale
from nhs_league.framework.scoring_methods import FloorScoring, StandardScoring
from nhs_league.league import League
from nhs_league.presentation.text import number, plural, span
from nhs_league.quarter import Quarter
from nhs_league.scoring.numbers import TOLERANCE

Row = Mapping[str, Any]


def trust_summary(
    explanation: Explanation,
    league: League,
    noun: str,
    likely: Row | None,
    change: Row | None,
    *,
    before: Quarter | None = None,
) -> list[str]:
    """Sum a trust up for somebody who has never seen a league table.

    ``change`` is what became of it since the quarter ``before``.
    """
    if explanation.rank is None:
        return [
            f"{explanation.org_name} is not ranked for {league.quarter.long_label}: it has "
            f"{explanation.not_ranked_reason}.",
            *_missing_sentences(explanation),
        ]
    paragraphs = (
        [*_rank_sentences(explanation, league, noun, likely)],
        [*_segment_sentences(explanation, league)],
        [*_score_sentences(explanation, league)],
        [*_move_sentences(change, league, before), *_missing_sentences(explanation)],
    )
    return [" ".join(sentences) for sentences in paragraphs if sentences]


def _rank_sentences(
    explanation: Explanation, league: League, noun: str, likely: Row | None
) -> Iterator[str]:
    yield (
        f"{explanation.org_name} is ranked {explanation.rank} of {explanation.rank_of} {noun} for "
        f"{league.quarter.long_label}."
    )
    if likely is None or likely["rank_low"] is None:
        yield "How sure that rank is cannot be told from its figures."
    elif likely["rank_low"] == likely["rank_high"]:
        yield f"The rank hardly hangs on which measures are counted: likely {likely['rank_low']}."
    else:
        yield (
            "That rank is not exact: it may lie anywhere from "
            f"{span(likely['rank_low'], likely['rank_high'], 0)}, depending on which measures are "
            "counted."
        )


def _segment_sentences(explanation: Explanation, league: League) -> Iterator[str]:
    if explanation.adjusted_segment is None:
        return
    segments = segment_count(league)
    yield f"It is in segment {explanation.adjusted_segment} of {segments}, where 1 is the best."
    held = held_by(explanation)
    if held:
        yield (
            f"Its scores alone would put it in segment {explanation.segment}; it is held back "
            f"because of this: {' and '.join(held)}."
        )


def held_by(explanation: Explanation) -> list[str]:
    """List the titles of the overrides that keep an organisation from a better segment."""
    return [rule.title for rule in explanation.overrides if holds_back(rule, explanation.segment)]


def holds_back(rule: Override, segment: int | None) -> bool:
    """Say whether an override that applies changes the segment that an average is in."""
    return segment is not None and segment < rule.not_better_than


def segment_count(league: League) -> int:
    """Count the segments that a framework has."""
    segments = league.framework.segments
    return len(segments.upper_bounds) + 1 if segments.method == "thresholds" else 4


def ranked_by(framework: Framework) -> str:
    """Say by what trusts are ranked: ``segment, then by average``."""
    is_average = (key == "average_metric_score" for key in framework.ranking.by)
    return ", then by ".join(dict.fromkeys("average" if is_ else "segment" for is_ in is_average))


def _score_sentences(explanation: Explanation, league: League) -> Iterator[str]:
    scale = league.framework.scale
    scored = explanation.metrics.filter(pl.col("counts"), pl.col("score").is_not_null())
    if scored.is_empty():
        return
    best = len(scored.filter((pl.col("score") - scale.best).abs() < TOLERANCE))
    worst = len(scored.filter((pl.col("score") - scale.worst).abs() < TOLERANCE))
    yield (
        f"Of the {plural(len(scored), 'measure')} that {_count(len(scored))} for it, "
        f"{best or 'none'} {_has(best)} the best possible score and "
        f"{worst or 'none'} the worst."
    )
    met, held = standards_met(explanation, league.framework)
    if held:
        yield f"It meets {met} of the {plural(held, 'standard')} that it is held to."
    costly = explanation.costliest(2)["title"].to_list()
    if costly:
        yield f"What costs it most: {'; '.join(costly)}."


def _has(amount: int) -> str:
    return "has" if amount == 1 else "have"


def _count(amount: int) -> str:
    return "counts" if amount == 1 else "count"


def standards_met(explanation: Explanation, framework: Framework) -> tuple[int, int]:
    """Count the standards that an organisation meets, and those that it has a figure for."""
    met = [is_met(framework, row) for row in explanation.metrics.iter_rows(named=True)]
    return met.count(True), len(met) - met.count(None)


def is_met(framework: Framework, row: Row) -> bool | None:
    """Say whether a row of an explanation meets its standard; none where it cannot be told.

    A value that is printed as the standard itself may have been rounded to it: its score tells.
    """
    if row["standard"] is None or row["value"] is None or row["score"] is None:
        return None
    distance = row["value"] - row["standard"]
    if abs(distance) > TOLERANCE:
        return bool((distance > 0) == row["is_higher_better"])
    metric, scale = framework.metrics[row["metric_id"]], framework.scale
    match metric.scoring_of_unit.get(row["unit"] or "", metric.scoring):
        case StandardScoring():
            return bool(abs(row["score"] - scale.best) <= TOLERANCE)
        case FloorScoring():
            return bool(abs(row["score"] - scale.worst) > TOLERANCE)
        case _:
            return True


def _move_sentences(change: Row | None, league: League, quarter: Quarter | None) -> Iterator[str]:
    if change is None or change["rank_from"] is None or change["rank_to"] is None:
        return
    moved = change["rank_to"] - change["rank_from"]
    before, after = change["rank_from"], change["rank_to"]
    since = "the quarter before"
    if quarter is not None and quarter + 1 != league.quarter:
        since = quarter.long_label
    text = f"Since {since} it stayed at rank {after}"
    if moved:
        text = (
            f"Since {since} it {'fell' if moved > 0 else 'rose'} "
            f"{plural(abs(moved), 'place')}, from {before} to {after}"
        )
    decimals = league.framework.scale.decimals
    averages = f"from {number(change['average_from'], decimals)} to " + number(
        change["average_to"], decimals
    )
    if number(change["average_from"], decimals) == number(change["average_to"], decimals):
        yield f"{text}; its average stayed at {number(change['average_to'], decimals)}."
    elif change["is_significant"] is None:
        yield f"{text}; its average went {averages}."
    elif change["is_significant"]:
        yield f"{text}; the change of its average, {averages}, is a significant one."
    else:
        yield (
            f"{text}; the change of its average, {averages}, is too small to be called significant."
        )


def _missing_sentences(explanation: Explanation) -> Iterator[str]:
    missing = explanation.metrics_expected - explanation.metrics_scored
    if missing:
        expected = plural(explanation.metrics_expected, "measure")
        yield f"There is no score for {missing} of the {expected} expected of it."


def change_words(change: Row | None, scale: Scale) -> str:
    """Say in a cell how a rank moved: ``up 3``, ``down 12``, ``same``; nothing if it cannot be.

    A significant change is one of the average, which a rank need not follow.
    """
    if change is None or change["rank_from"] is None or change["rank_to"] is None:
        return ""
    moved = change["rank_to"] - change["rank_from"]
    text = "same" if moved == 0 else f"{'down' if moved > 0 else 'up'} {abs(moved)}"
    if not change["is_significant"]:
        return text
    has_fallen = change["average_to"] < change["average_from"]
    is_better = has_fallen == scale.is_lower_better
    return f"{text}, average significantly {'better' if is_better else 'worse'}"


def finding_words(finding: Finding) -> str:
    """Tell a finding without its code, which is for programs."""
    return str(finding).removesuffix(f" [{finding.code}]")
