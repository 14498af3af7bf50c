"""What would be enough, said as a performance lead would say it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from nhs_league.analysis.counterfactuals.outcomes import Goal, Standing
from nhs_league.analysis.counterfactuals.targets import Answer, Move, TargetSearch
from nhs_league.framework.model import Metric
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
from nhs_league.presentation.text import capitalised, count, number, quantity, whole
from nhs_league.presentation.whatifs import change_texts

MOVES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "answer": pl.Int64(),
    "kind": pl.String(),
    "metric_id": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    "is_enough": pl.Boolean(),
    "value_from": pl.Float64(),
    "value_to": pl.Float64(),
    "numerator_from": pl.Float64(),
    "numerator_to": pl.Float64(),
    "denominator": pl.Float64(),
    "score_from": pl.Float64(),
    "score_to": pl.Float64(),
    "points": pl.Float64(),
    "points_in_all": pl.Float64(),
    "rank": pl.Int64(),
    "average_metric_score": pl.Float64(),
    "adjusted_segment": pl.Int64(),
}
"""The frame contract: one row a value that is changed.

Rows of one ``answer`` belong together. ``kind`` is ``single`` or ``combination``; a single metric
that is not enough by itself has a row without figures.
"""


def moves_frame(search: TargetSearch) -> pl.DataFrame:
    """Lay the answers out under ``MOVES_SCHEMA``."""
    rows: list[dict[str, Any]] = []
    metrics = search.league.framework.metrics
    singles = [(id_, answer) for id_, answer in _by_points(search)]
    for at, (id_, answer) in enumerate(singles, start=1):
        if answer is None:
            metric = metrics[id_]
            rows.append(
                {"answer": at, "kind": "single", "metric_id": id_, "title": metric.title}
                | {"unit": metric.unit, "is_enough": False}
            )
        else:
            rows += _answer_rows(at, "single", answer, search.league)
    for at, answer in enumerate(search.combinations, start=len(singles) + 1):
        rows += _answer_rows(at, "combination", answer, search.league)
    return pl.DataFrame(rows, schema=MOVES_SCHEMA)


def _by_points(search: TargetSearch) -> list[tuple[str, Answer | None]]:
    """Put what is enough first, by how far scores move."""
    return sorted(
        search.singles.items(),
        key=lambda each: (each[1] is None, 0.0 if each[1] is None else each[1].points),
    )


def _answer_rows(number_: int, kind: str, answer: Answer, league: League) -> list[dict[str, Any]]:
    metrics = league.framework.metrics
    return [
        {
            "answer": number_,
            "kind": kind,
            "metric_id": move.metric_id,
            "title": metrics[move.metric_id].title,
            "unit": metrics[move.metric_id].unit,
            "is_enough": True,
            "value_from": move.value_from,
            "value_to": move.value_to,
            "numerator_from": move.numerator_from,
            "numerator_to": move.numerator_to,
            "denominator": move.denominator,
            "score_from": move.score_from,
            "score_to": move.score_to,
            "points": round(move.points, 9),
            "points_in_all": round(answer.points, 9),
            "rank": answer.standing.rank,
            "average_metric_score": answer.standing.average,
            "adjusted_segment": answer.standing.adjusted_segment,
        }
        for move in answer.moves
    ]


def target_document(search: TargetSearch) -> Document:
    """Lay out what would lead a trust to its target."""
    blocks: list[Block] = [Paragraph(headline(search))]
    if search.changes:
        blocks += [Paragraph("Beside:"), Items(change_texts(search.league, search.changes))]
    blocks += [Paragraph(text) for text in _override_texts(search)]
    if search.verdict == "already_met":
        return blocks
    enough = [(id_, answer) for id_, answer in _by_points(search) if answer is not None]
    if enough:
        blocks += [
            Heading("One metric alone"),
            Items([_answer_text(answer, search.league) for _, answer in enough]),
        ]
    if search.combinations:
        blocks += [
            Heading("Two or three metrics together, by the least movement of scores"),
            Items([_answer_text(answer, search.league) for answer in search.combinations]),
        ]
    blocks += _not_enough(search)
    if enough or search.combinations:
        blocks.append(_table(search, [answer for _, answer in enough]))
        blocks.append(Items(_notes(search)))
    return blocks


def headline(search: TargetSearch) -> str:
    """Say in a sentence whether the target can be reached."""
    name = _name(search)
    goal, standing = _goal(search), search.standing
    now = f"{name} ranks {standing.rank}, in segment {whole(standing.adjusted_segment)}"
    match search.verdict:
        case "already_met":
            return f"{now}: {goal} is met already."
        case "within_reach":
            return f"{now}. {capitalised(goal)} is within reach, everybody else as they are."
        case "barred_by_override":
            beside = "what it would take beside lifting it follows"
            if not search.singles and not search.combinations:
                beside = "without it the target would be met"
            return f"{now}. {capitalised(goal)} is barred by the override; {beside}."
        case "out_of_reach":
            text = f"{now}. {capitalised(goal)} is out of reach by up to three metrics"
            best = search.at_best
            if best is None:
                return f"{text}."
            return (
                f"{text}: the best value of every one of its metrics would lead to "
                f"{_standing_text(best, search.league)}."
            )


def _name(search: TargetSearch) -> str:
    organisation = search.league.organisations.row(
        by_predicate=pl.col("org_code") == search.org_code, named=True
    )
    return f"{organisation['org_name']} ({search.org_code})"


def _goal(search: TargetSearch) -> str:
    goal: Goal = search.goal
    if goal.segment is not None:
        return f"segment {goal.segment}"
    group = search.league.standings.filter(org_code=search.org_code)["peer_group"].item()
    return f"rank {goal.rank} among {ranked_noun(search.league, str(group))}"


def _override_texts(search: TargetSearch) -> Iterator[str]:
    without = search.without_override
    if without is None:
        return
    if without == search.standing:
        yield "As things are, the override costs nothing: it would stand the same without."
        return
    places = search.standing.rank - without.rank
    cost = _places(places) if places else "a segment, and no place"
    yield (
        f"The override alone costs {cost}: without it, {search.org_code} would have "
        f"{_standing_text(without, search.league)}."
    )


def _places(places: int) -> str:
    return "1 place" if places == 1 else f"{places} places"


def _standing_text(standing: Standing, league: League) -> str:
    average = number(standing.average, league.framework.scale.decimals)
    return (
        f"rank {standing.rank}, segment {whole(standing.adjusted_segment)}, "
        f"with an average of {average}"
    )


def _answer_text(answer: Answer, league: League) -> str:
    moves = "; and ".join(_move_text(move, league) for move in answer.moves)
    return f"{moves}: {_standing_text(answer.standing, league)}"


def _move_text(move: Move, league: League) -> str:
    metric = league.framework.metrics[move.metric_id]
    text = (
        f"{metric.title} ({move.metric_id}) from "
        f"{quantity(move.value_from, metric.unit, metric.decimals)} to "
        f"{quantity(_enough(move, metric), metric.unit, metric.decimals)}"
    )
    counts = _counts_text(move, metric)
    return f"{text}, {counts}" if counts else text


def _enough(move: Move, metric: Metric) -> float:
    """Round a value that is enough to one that is enough too: towards the better side."""
    factor = 10.0**metric.decimals
    if metric.is_higher_better:
        return math.ceil(move.value_to * factor - 1e-6) / factor
    return math.floor(move.value_to * factor + 1e-6) / factor


def _counts_text(move: Move, metric: Metric) -> str | None:
    """Say how many more, or fewer, of what the numerator counts; none where it is not known."""
    if move.numerator_from is None or move.numerator_to is None:
        return None
    change = move.numerator_to - move.numerator_from
    what = metric.numerator or f"of {count(move.denominator)}"
    if abs(change) == 1 and metric.numerator is not None:
        noun, _, rest = what.partition(" ")
        what = f"{noun.removesuffix('s')} {rest}".rstrip()
    when = "at the quarter's end" if metric.basis == "latest" else "a quarter"
    return f"{count(abs(change))} {'more' if change > 0 else 'fewer'} {what} {when}"


def _not_enough(search: TargetSearch) -> Iterator[Block]:
    metrics = search.league.framework.metrics
    not_enough = [id_ for id_, answer in search.singles.items() if answer is None]
    if not_enough and len(not_enough) < len(search.singles):
        yield Paragraph(
            "Not enough alone, even at the best value: "
            + "; ".join(f"{metrics[id_].title} ({id_})" for id_ in not_enough)
            + "."
        )
    elif not_enough:
        every = f"None of its {len(not_enough)} metrics that could be better is enough alone."
        one = "Its one metric that could be better is not enough alone."
        yield Paragraph(one if len(not_enough) == 1 else every)


def _table(search: TargetSearch, singles: Sequence[Answer]) -> Table:
    decimals = search.league.framework.scale.decimals
    metrics = search.league.framework.metrics
    rows = []
    for answer in (*singles, *search.combinations):
        for at, move in enumerate(answer.moves):
            digits = metrics[move.metric_id].decimals
            rows.append(
                (
                    move.metric_id if at == 0 else f"and {move.metric_id}",
                    number(move.value_from, digits),
                    number(_enough(move, metrics[move.metric_id]), digits),
                    f"{number(move.score_from, decimals)} to {number(move.score_to, decimals)}",
                    number(answer.points, decimals) if at == 0 else "",
                    whole(answer.standing.rank) if at == 0 else "",
                    whole(answer.standing.adjusted_segment) if at == 0 else "",
                )
            )
    return Table(
        "What is enough, in figures",
        [
            Column("Metric", whole=True),
            Column("From", "right"),
            Column("To", "right"),
            Column("Score", "right"),
            Column("Points", "right"),
            Column("Rank", "right"),
            Column("Segment", "right"),
        ],
        rows,
    )


def _notes(search: TargetSearch) -> list[str]:
    notes = [
        "Each answer is a league computed anew, in which the target is reached; with one step less "
        "on any of its metrics it is not. A step is one more or fewer of what is counted, or one "
        "in the last decimal place of the value.",
        "Points: by how many score points the scores move, added up.",
    ]
    if search.combinations:
        notes.append(
            "Where scores move as far, to two decimals, combinations of fewer metrics come first, "
            "and then those whose values move least beside how far apart everybody's values are."
        )
    return notes
