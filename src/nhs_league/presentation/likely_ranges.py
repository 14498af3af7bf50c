"""How sure ranks are, as documents: likely ranges, chances, and who can be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from nhs_league.analysis.robustness.robustness import (
    ALL_ORGANISATIONS,
    NO_RANGE,
    SEPARABLE,
    Design,
    Robustness,
)
from nhs_league.presentation.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
)
from nhs_league.presentation.league_tables import ranked_noun, table_caption, tables_of
from nhs_league.presentation.strips import rank_strip, strip_header
from nhs_league.presentation.text import number, percent, plural, span, whole

_NEIGHBOURS: Final = 5

_SOURCES: Final = {
    "metrics": "doubt about metrics: each trust's own metric scores are resampled, as many as it "
    "has; cut points are held and overrides apply",
    "data": "doubt about data: proportions are redrawn from their numbers of patients or cases, "
    "then scored, cut into segments and ranked again",
    "weights": "doubt about weights: {weights}; the league is cut into segments and ranked again",
}
_INTERVALS: Final = {
    "percentile": "the middle 95% of the replicates",
    "expanded": "the middle of the replicates, expanded for small numbers of metrics",
}


def ranges_document(robustness: Robustness, table: pl.DataFrame, errors: pl.DataFrame) -> Document:
    """Lay out the ranges of a league, or of a part of it, and what they tell of the whole.

    ``table`` has rows of ``Robustness.ranges``; ``errors`` is under ``SAMPLING_SCHEMA``, and has
    no rows for a source to which it does not matter.
    """
    blocks: list[Block] = [Paragraph(_method(robustness))]
    for noun, rows in tables_of(table, robustness.league):
        ranked = rows.filter(pl.col("rank").is_not_null())
        if not ranked.is_empty():
            blocks.append(_ranges_table(robustness, noun, ranked))
    groups = table["peer_group"].unique().to_list()
    blocks.append(Heading("What the table can tell apart"))
    blocks.append(Items(list(_separability_points(robustness, groups))))
    blocks += _without_range(robustness, table)
    blocks += _sampling_errors(errors)
    return blocks


def trust_document(robustness: Robustness, org_code: str, errors: pl.DataFrame) -> Document:
    """Lay out how sure one organisation's rank is, and whom it can be told apart from."""
    row = _row(robustness, org_code)
    pairs = robustness.pairs(org_code)
    blocks: list[Block] = [
        Paragraph(headline(robustness, row)),
        Paragraph(_chances(row)),
        Paragraph(_told_apart(pairs, ranked_noun(robustness.league, row["peer_group"]))),
    ]
    near = _neighbours(pairs, row["rank"])
    if not near.is_empty():
        blocks.append(_pairs_table(near, row))
    blocks.append(Paragraph(_method(robustness)))
    blocks += _sampling_errors(errors)
    return blocks


def comparison_document(
    robustness: Robustness, org_codes: Sequence[str], errors: pl.DataFrame
) -> Document:
    """Lay out how sure it is which of several organisations is ahead."""
    rows = [_row(robustness, code) for code in org_codes]
    blocks: list[Block] = [Paragraph(headline(robustness, row)) for row in rows]
    blocks.append(Items(list(_comparisons(robustness, rows))))
    blocks.append(Paragraph(_method(robustness)))
    blocks += _sampling_errors(errors)
    return blocks


def headline(robustness: Robustness, row: dict[str, Any]) -> str:
    """Say in a sentence where an organisation stands, and between which ranks it may."""
    league = robustness.league
    decimals = league.framework.scale.decimals
    ranked = _ranked(robustness, row["org_code"])
    return (
        f"{row['org_name']} ({row['org_code']}) ranks {row['rank']} of {ranked} "
        f"{ranked_noun(league, row['peer_group'])} for {league.quarter.long_label}, likely between "
        f"{row['rank_low']} and {row['rank_high']}. Its average is "
        f"{number(row['average_metric_score'], decimals)}, likely between "
        f"{number(row['score_low'], decimals)} and {number(row['score_high'], decimals)}."
    )


def _method(robustness: Robustness) -> str:
    design = robustness.design
    text = _SOURCES[design.source].format(weights=_weights(design))
    if design.source != "metrics" and robustness.arrays.cuts_are_published:
        text += ", at the cut points that the published segments tell"
    return (
        f"{text[0].upper()}{text[1:]}. {design.replicates:,} replicates, seed {design.seed}; "
        f"likely: {_INTERVALS[design.interval]}. The other sources of doubt are not in it."
    )


def _weights(design: Design) -> str:
    if design.weights == "uniform":
        return "every division of the whole weight among the metrics is equally likely"
    return (
        "they are drawn around the declared ones, from a Dirichlet distribution with "
        f"concentration {design.concentration:g}"
    )


def _ranges_table(robustness: Robustness, noun: str, rows: pl.DataFrame) -> Table:
    league = robustness.league
    decimals = league.framework.scale.decimals
    ranked = _ranked(robustness, rows["org_code"][0])
    return Table(
        table_caption(noun, league, len(rows), ranked),
        [
            Column("Rank", "right"),
            Column("Code", whole=True),
            Column("Organisation", optional=True),
            Column(strip_header(ranked), whole=True, is_drawing=True),
            Column("Likely rank", "right"),
            Column("Average", "right"),
            Column("Likely range", "right"),
            Column("Segments", optional=True),
        ],
        [
            (
                whole(row["rank"]),
                row["org_code"],
                row["org_name"],
                _strip(row, ranked),
                span(row["rank_low"], row["rank_high"], 0),
                number(row["average_metric_score"], decimals),
                span(row["score_low"], row["score_high"], decimals),
                _segments(row),
            )
            for row in rows.iter_rows(named=True)
        ],
    )


def _strip(row: dict[str, Any], ranked: int) -> str:
    if row["rank_low"] is None:
        return ""
    return rank_strip(row["rank_low"], row["rank_high"], row["rank"], ranked)


def _segments(row: dict[str, Any]) -> str:
    """List the segments that an organisation is likely in, with how likely."""
    return ", ".join(f"{segment} {percent(share)}" for segment, share in _shares(row))


def _shares(row: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, share in row.items():
        if name.startswith("p_segment_") and share:
            yield name.removeprefix("p_segment_"), share


def _separability_points(robustness: Robustness, groups: Sequence[str]) -> Iterator[str]:
    for row in robustness.separability.iter_rows(named=True):
        group = row["peer_group"]
        if group not in (*groups, ALL_ORGANISATIONS):
            continue
        noun = ranked_noun(robustness.league, group)
        yield (
            f"{noun[0].upper()}{noun[1:]}: in {row['separable_pairs']:,} of "
            f"{plural(row['pairs'], 'pair')}{_of_all(row['separable_pairs'], row['pairs'])} one is "
            f"ahead in at least {100 * SEPARABLE:g}% of the replicates; the others cannot be told "
            f"apart. {row['possible_top_quarter']} of {row['organisations']} could be in the best "
            f"quarter, which has {plural(row['quarter'], 'place')}, and "
            f"{row['possible_bottom_quarter']} in the last."
        )


def _of_all(part: int, every: int) -> str:
    return f" ({number(100 * part / every, 0)}%)" if every else ""


def _without_range(robustness: Robustness, table: pl.DataFrame) -> Iterator[Block]:
    codes = [code for code in robustness.without_range() if code in set(table["org_code"])]
    if codes:
        reason = NO_RANGE[robustness.design.source]
        yield Paragraph(
            f"Ranked, but without a likely range, because {reason}: {', '.join(codes)}."
        )
    unranked = int(table["rank"].null_count())
    if unranked:
        yield Paragraph(f"Not ranked: {plural(unranked, 'organisation')}.")


def _sampling_errors(errors: pl.DataFrame) -> Iterator[Block]:
    if errors.is_empty():
        return
    yield Heading("Whose sampling error is known")
    yield Items([_sampling_point(row) for row in errors.iter_rows(named=True)])


def _sampling_point(row: dict[str, Any]) -> str:
    text = f"{row['title']} ({row['metric_id']}): "
    text += f"redrawn for {row['redrawn']} of {plural(row['organisations'], 'organisation')}"
    return text if row["reason"] is None else f"{text}; {row['reason']}"


def _row(robustness: Robustness, org_code: str) -> dict[str, Any]:
    robustness.row_of(org_code)
    return robustness.ranges.row(by_predicate=pl.col("org_code") == org_code, named=True)


def _ranked(robustness: Robustness, org_code: str) -> int:
    """Count the organisations that one is ranked with, and it."""
    standings = robustness.arrays.standings
    return int(standings.filter(pl.col("org_code") == org_code)["rank_of"].item())


def _chances(row: dict[str, Any]) -> str:
    chances = [f"segment {segment} in {percent(share)}" for segment, share in _shares(row)]
    chances += [f"first in {percent(row['p_first'])}", f"last in {percent(row['p_last'])}"]
    return (
        f"Of the replicates, it has {', '.join(chances)}; its rank is "
        f"{number(row['expected_rank'], 1)} on average."
    )


def _told_apart(pairs: pl.DataFrame, noun: str) -> str:
    is_sure, is_ahead = pl.col("is_separable"), pl.col("p_ahead") > pl.col("p_behind")
    ahead = len(pairs.filter(is_sure, is_ahead))
    behind = len(pairs.filter(is_sure, ~is_ahead))
    return (
        f"Of {len(pairs)} other {noun} it is ahead of {ahead} and behind {behind} in at least "
        f"{100 * SEPARABLE:g}% of the replicates; it cannot be told apart from the other "
        f"{len(pairs) - ahead - behind}."
    )


def _neighbours(pairs: pl.DataFrame, rank: int) -> pl.DataFrame:
    """Keep the nearest in the table, on either side."""
    above = pairs.filter(pl.col("other_rank") <= rank).tail(_NEIGHBOURS)
    below = pairs.filter(pl.col("other_rank") > rank).head(_NEIGHBOURS)
    return pl.concat([above, below])


def _pairs_table(pairs: pl.DataFrame, row: dict[str, Any]) -> Table:
    return Table(
        f"Its nearest: in how many of the replicates {row['org_code']} is ahead of them",
        [
            Column("Rank", "right"),
            Column("Code", whole=True),
            Column("Organisation"),
            Column("Ahead", "right"),
            Column("Behind", "right"),
            Column("Told apart"),
        ],
        [
            (
                whole(pair["other_rank"]),
                pair["other_code"],
                pair["other_name"],
                percent(pair["p_ahead"]),
                percent(pair["p_behind"]),
                "yes" if pair["is_separable"] else "no",
            )
            for pair in pairs.iter_rows(named=True)
        ],
    )


def _comparisons(robustness: Robustness, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for at, row in enumerate(rows):
        pairs = robustness.pairs(row["org_code"])
        for other in rows[at + 1 :]:
            pair = pairs.filter(pl.col("other_code") == other["org_code"])
            yield _comparison(row, other, pair)


def _comparison(row: dict[str, Any], other: dict[str, Any], pair: pl.DataFrame) -> str:
    one, two = row["org_code"], other["org_code"]
    if pair.is_empty():
        return f"{one} and {two} are ranked in different tables: there is no order between them."
    told = pair.row(0, named=True)
    level = 1 - told["p_ahead"] - told["p_behind"]
    verdict = "they cannot be told apart"
    if told["is_separable"]:
        first, second = (one, two) if told["p_ahead"] > told["p_behind"] else (two, one)
        verdict = f"{first} is ahead of {second}"
    return (
        f"{one} is ahead of {two} in {percent(told['p_ahead'])} of the replicates, behind it in "
        f"{percent(told['p_behind'])} and level in {percent(level)}: {verdict}."
    )
