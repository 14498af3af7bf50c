"""A league with changes, as a document: where the trust would stand and whom it would pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.analysis.counterfactuals.whatif import WhatIf
from nhs_league.league import League
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.league_tables import ranked_noun
from nhs_league.presentation.text import NOTHING, number, plural, quantity, whole

_NAMED = 10


def what_if_document(what_if: WhatIf) -> Document:
    """Lay out what changes would do."""
    league, own = what_if.league, what_if.place(what_if.org_code)
    blocks: list[Block] = [Paragraph(headline(what_if))]
    blocks += [Paragraph("Changed:"), Items(change_texts(league, what_if.changes))]
    if not what_if.values.is_empty():
        blocks.append(_values_table(what_if))
    movers = what_if.movers()
    others = movers.filter(pl.col("org_code") != what_if.org_code)
    blocks += [Paragraph(text) for text in _passing_texts(what_if, own)]
    is_elsewhere = pl.any_horizontal(
        pl.col(f"{name}_from").ne_missing(pl.col(f"{name}_to"))
        for name in ("rank", "adjusted_segment")
    )
    elsewhere = others.filter(is_elsewhere)
    if not elsewhere.is_empty():
        blocks.append(_movers_table(elsewhere, league))
    blocks.append(Paragraph(_rest_text(len(others) - len(elsewhere), len(elsewhere))))
    return blocks


def _rest_text(averages: int, elsewhere: int) -> str:
    """Say of how many more only the average changes."""
    if not averages:
        whose = "No other" if elsewhere else "Nobody else's"
        return f"{whose} rank, average or segment would change."
    more = "more " if elsewhere else ""
    noun = "organisation" if averages == 1 else "organisations"
    return f"Of {averages:,} {more}{noun} only the average would change."


def headline(what_if: WhatIf) -> str:
    """Say in a sentence where the trust would stand."""
    league, own = what_if.league, what_if.place(what_if.org_code)
    name = f"{own['org_name']} ({own['org_code']})"
    if own["rank_to"] is None:
        return f"{name} would not be ranked any more: it would have too few metrics."
    noun = ranked_noun(league, str(own["peer_group"]))
    count = _ranked(what_if, own)
    if own["rank_to"] == own["rank_from"]:
        text = f"{name} would still rank {own['rank_to']} of {count} {noun}"
    else:
        text = f"{name} would rank {own['rank_to']} of {count} {noun} instead of {own['rank_from']}"
    text += f" for {league.quarter.long_label}"
    decimals = league.framework.scale.decimals
    parts = [
        _changed("segment", whole(own["adjusted_segment_from"]), whole(own["adjusted_segment_to"])),
        _changed(
            "average",
            number(own["average_from"], decimals),
            number(own["average_to"], decimals),
        ),
    ]
    return f"{text}; {', '.join(parts)}."


def _ranked(what_if: WhatIf, own: dict[str, Any]) -> int:
    """Count those that the trust would be ranked with, and it."""
    places = what_if.places
    if what_if.league.framework.ranking.within == "peer_group":
        places = places.filter(pl.col("peer_group").eq_missing(pl.lit(own["peer_group"])))
    return int(places["rank_to"].count())


def _changed(what: str, before: str, after: str) -> str:
    return f"the same {what}, {after}" if before == after else f"{what} {before} to {after}"


def change_texts(league: League, changes: Sequence[Change]) -> list[str]:
    """Say each change in words."""
    return [_change_text(league, change) for change in changes] or ["nothing"]


def _change_text(league: League, change: Change) -> str:
    metrics = league.framework.metrics
    match change:
        case ValueChange(org_code, metric_id, value):
            metric = metrics[metric_id]
            text = quantity(value, metric.unit, max(metric.decimals, _decimals(value)))
            return f"{org_code}: {metric.title} ({metric_id}) is {text}"
        case OverrideChange(org_code, override_id, applies):
            what = "every override" if override_id is None else f"the override {override_id}"
            return f"{org_code}: {what} is {'applied' if applies else 'lifted'}"
        case WeightChange(metric_id, weight):
            was = metrics[metric_id].weight
            title = metrics[metric_id].title
            return f"everybody: {title} ({metric_id}) weighs {weight:g} instead of {was:g}"
        case MetricDropped(metric_id):
            return f"everybody: {metrics[metric_id].title} ({metric_id}) is left out"


def _decimals(value: float) -> int:
    """Count the decimals that a value was given with, up to six."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


def _values_table(what_if: WhatIf) -> Table:
    decimals = what_if.league.framework.scale.decimals
    metrics = what_if.league.framework.metrics
    rows = []
    for row in what_if.values.iter_rows(named=True):
        digits = max(metrics[row["metric_id"]].decimals, _decimals(row["value_to"]))
        rows.append(
            (
                row["org_code"],
                f"{row['title']} ({row['metric_id']})",
                f"{number(row['value_from'], digits)} to {number(row['value_to'], digits)}",
                f"{number(row['score_from'], decimals)} to {number(row['score_to'], decimals)}",
                f"{row['others_rescored']}",
            )
        )
    return Table(
        "Others: how many other organisations' scores of the metric change with it.",
        [
            Column("Code", whole=True),
            Column("Metric"),
            Column("Value", "right"),
            Column("Score", "right"),
            Column("Others", "right"),
        ],
        rows,
    )


def _passing_texts(what_if: WhatIf, own: dict[str, Any]) -> Iterator[str]:
    passed = what_if.places.filter(pl.col("passing") == "passed")
    overtaking = what_if.places.filter(pl.col("passing") == "overtakes")
    if not passed.is_empty():
        yield f"{own['org_code']} would pass {_listed(passed)}."
    level = what_if.places.filter(pl.col("passing") == "draws_level")
    if not level.is_empty():
        yield f"{own['org_code']} would share its rank with {_listed(level)}, apart before."
    if not overtaking.is_empty():
        yield f"{own['org_code']} would be passed by {_listed(overtaking)}."


def _listed(rows: pl.DataFrame) -> str:
    codes = list(rows["org_code"])
    named = ", ".join(codes[:_NAMED])
    if len(codes) == 1:
        return f"one organisation, {named}"
    more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
    return f"{plural(len(codes), 'organisation')}: {named}{more}"


def _movers_table(movers: pl.DataFrame, league: League) -> Table:
    decimals = league.framework.scale.decimals
    words = {"passed": "passed", "overtakes": "goes past", "draws_level": "level"}
    return Table(
        f"Everybody else whose rank or segment changes ({len(movers)})",
        [
            Column("Rank", "right"),
            Column("Code", whole=True),
            Column("Organisation"),
            Column("Average", "right"),
            Column("Segment", "right"),
            Column("Passing", optional=True),
        ],
        [
            (
                _arrow(whole(row["rank_from"]), whole(row["rank_to"])),
                row["org_code"],
                row["org_name"],
                _arrow(number(row["average_from"], decimals), number(row["average_to"], decimals)),
                _arrow(whole(row["adjusted_segment_from"]), whole(row["adjusted_segment_to"])),
                words.get(row["passing"], ""),
            )
            for row in movers.iter_rows(named=True)
        ],
    )


def _arrow(before: str, after: str) -> str:
    if before == after:
        return before
    return f"{before} to {after}" if after != NOTHING else f"{before} to none"
