"""One trust over successive quarters as an answer, with control charts of its monthly figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from nhs_league.analysis.control_charts import ControlCharts
from nhs_league.league import League
from nhs_league.presentation.control_charts import control_chart_blocks
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
from nhs_league.presentation.strips import own_heights, rank_heights, sparkline
from nhs_league.presentation.text import NOTHING, number, plural, whole
from nhs_league.quarter import Quarter

_LISTED: Final = 6
"""So many quarters are told one by one within a sentence."""
_Row = dict[str, Any]


def trust_history_document(
    history: pl.DataFrame, charts: ControlCharts, latest: League
) -> Document:
    """Lay out ``trust_history`` and the charts; ``latest`` is the league of the last quarter."""
    rows = history.rows(named=True)
    blocks: list[Block] = [Paragraph(headline(rows, latest)), _quarter_table(rows, latest)]
    blocks += _drawings(rows, latest)
    if notes := list(_quarter_notes(rows, latest)):
        blocks.append(Items(notes))
    blocks.append(Heading("Monthly figures"))
    blocks += control_chart_blocks(charts, latest.framework)
    return blocks


def headline(rows: Sequence[_Row], latest: League) -> str:
    """Say in one sentence where the organisation stood."""
    name = f"{rows[-1]['org_name']} ({rows[-1]['org_code']})"
    quarters = plural(len(rows), "quarter")
    ranked = [row for row in rows if row["rank"] is not None]
    if not ranked:
        return f"{name} over {quarters}: not ranked in any."
    noun = ranked_noun(latest, ranked[-1]["peer_group"])
    if len(rows) > _LISTED:
        return f"{name} over {quarters}: {_from_to(ranked, noun)}."
    text = f"{name} over {quarters}: rank {_ranks(rows, noun)}"
    if all(row["adjusted_segment"] is None for row in ranked):
        return f"{text}."
    segments = [whole(row["adjusted_segment"]) for row in rows]
    return f"{text}; segment {', '.join(segments)}."


def _ranks(rows: Sequence[_Row], noun: str) -> str:
    """List the ranks, and of how many: once where it is always the same."""
    sizes = {row["rank_of"] for row in rows if row["rank"] is not None}
    if len(sizes) == 1:
        return f"{', '.join(whole(row['rank']) for row in rows)} of {sizes.pop()} {noun}"
    return f"{', '.join(_rank(row) for row in rows)} {noun}"


def _from_to(ranked: Sequence[_Row], noun: str) -> str:
    first, last = ranked[0], ranked[-1]
    best, worst = (end(ranked, key=_share) for end in (min, max))
    return (
        f"rank {_rank(first)} in {first['quarter']}, {_rank(last)} {noun} in {last['quarter']}; "
        f"at best {_rank(best)} ({best['quarter']}), at worst {_rank(worst)} ({worst['quarter']})"
    )


def _rank(row: _Row) -> str:
    return NOTHING if row["rank"] is None else f"{row['rank']} of {row['rank_of']}"


def _share(row: _Row) -> float:
    """Tell how far down its table a rank is, for tables of different lengths."""
    return float((row["rank"] - 1) / max(row["rank_of"] - 1, 1))


def _quarter_table(rows: Sequence[_Row], latest: League) -> Table:
    """Tell the quarters one by one; why there is no rank has a column where one lacks it."""
    decimals = latest.framework.scale.decimals
    is_ranked = all(row["rank"] is not None for row in rows)
    return Table(
        f"{latest.framework.title}: by quarter",
        [
            Column("Quarter", whole=True),
            Column("NHS quarter", whole=True, optional=True),
            Column("Rank", "right"),
            Column("Average", "right"),
            Column("Segment", "right"),
            Column("Adjusted", "right"),
            Column("Metrics", "right"),
            *([] if is_ranked else [Column("Not ranked")]),
            Column("Overrides", optional=True),
        ],
        [
            (
                row["quarter"],
                Quarter.parse(row["quarter"]).nhs_label,
                _rank(row),
                number(row["average_metric_score"], decimals),
                whole(row["segment"]),
                whole(row["adjusted_segment"]) + ("*" if _held_by(row) else ""),
                _metrics(row),
                *([] if is_ranked else [row["not_ranked_reason"] or ""]),
                row["overrides"] or "",
            )
            for row in rows
        ],
    )


def _held_by(row: _Row) -> list[str]:
    """List the overrides of a quarter's segment; where there is no segment they hold nothing."""
    has_segment = row["adjusted_segment"] is not None and row["overrides"]
    return row["overrides"].split(";") if has_segment else []


def _metrics(row: _Row) -> str:
    scored, expected = row["metrics_scored"], row["metrics_expected"]
    return NOTHING if scored is None else f"{scored} of {expected}"


def _drawings(rows: Sequence[_Row], latest: League) -> Iterator[Table]:
    """Draw rank and average over the quarters, where there are two to draw."""
    ranked = [row for row in rows if row["rank"] is not None]
    if len(ranked) < 2:
        return
    scale = latest.framework.scale
    sign = -1 if scale.is_lower_better else 1
    averages = [row["average_metric_score"] for row in rows]
    better = [None if average is None else sign * average for average in averages]
    ranks = [None if row["rank"] is None else (row["rank"], row["rank_of"]) for row in rows]
    best_average, worst_average = (
        end(ranked, key=lambda row: -sign * row["average_metric_score"]) for end in (min, max)
    )
    best, worst = (end(ranked, key=_share) for end in (min, max))
    yield Table(
        f"From {rows[0]['quarter']} to {rows[-1]['quarter']}: the best and the worst",
        [
            Column("Figure", whole=True),
            Column("Quarters", whole=True, is_drawing=True),
            Column("Best"),
            Column("Worst"),
        ],
        [
            (
                "Rank",
                sparkline(rank_heights(ranks)),
                _when(best, _rank(best)),
                _when(worst, _rank(worst)),
            ),
            (
                "Average",
                sparkline(own_heights(better)),
                *(
                    _when(row, number(row["average_metric_score"], scale.decimals))
                    for row in (best_average, worst_average)
                ),
            ),
        ],
    )


def _when(row: _Row, figure: str) -> str:
    return f"{figure} ({row['quarter']})"


def _quarter_notes(rows: Sequence[_Row], latest: League) -> Iterator[str]:
    """Explain what the tables show; a trust that is never ranked has nothing to explain."""
    count = sum(row["rank"] is not None for row in rows)
    if not count:
        return
    scale = latest.framework.scale
    yield (
        f"Average: mean metric score, from {number(scale.best, scale.decimals)} (best) to "
        f"{number(scale.worst, scale.decimals)} (worst). Segment 1 is best; adjusted: after "
        "overrides."
    )
    if count > 1:
        yield (
            "Where rank and average are drawn, the higher, the better: the rank between the last "
            "place and the first, the average between its own worst and best; a dot is a quarter "
            "without a rank."
        )
    for rule in latest.framework.overrides:
        held = [row["quarter"] for row in rows if rule.id in _held_by(row)]
        if held:
            when = ", ".join(held) if len(held) <= _LISTED else plural(len(held), "quarter")
            yield f"* {rule.title}: not better than segment {rule.not_better_than} ({when})."
