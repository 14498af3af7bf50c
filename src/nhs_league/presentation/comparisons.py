"""Comparisons as documents: the count first, then who moved, and by what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from nhs_league.analysis.comparison.comparison import (
    NOT_TESTED,
    PARTS,
    Comparison,
    has_changed_expr,
    summary,
)
from nhs_league.presentation.comparison_details import (
    LEAST_PART,
    merger_sentence,
    signed,
    trust_blocks,
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
from nhs_league.presentation.text import NOTHING, group_noun, number, plural, whole

_CLASSES: Final = {
    "none": "",
    "significant": "significant",
    "override": "override",
    "not_significant": "n.s.",
}
_CLASS_MEANINGS: Final = {
    "significant": "significant: with a significant change of average, whatever else",
    "override": "override: an override set or lifted made the difference",
    "not_significant": "n.s.: neither a significant change nor an override is shown to be why",
}
_PART_NAMES: Final = {
    "due_to_own_metrics": "own",
    "due_to_others": "others",
    "due_to_override": "override",
    "due_to_metric_set": "metric set",
    "due_to_method": "method",
}
_PART_MEANINGS: Final = {
    "due_to_own_metrics": "Own: its own figures",
    "due_to_others": "Others: the figures of everybody else",
    "due_to_override": "Override: an override set or lifted",
    "due_to_metric_set": "Metric set: metrics that came or went",
    "due_to_method": "Method: the other rules",
}
_PART_DECIMALS: Final = 1


@dataclass(frozen=True)
class Shown:
    """What of a comparison is shown, and what the two sides are called.

    ``title`` says what is the same on both, if anything is; ``short`` heads tables. ``rows`` are
    those of ``Comparison.changes`` that are asked for, and ``metrics`` has rows of
    ``METRIC_CHANGES_SCHEMA`` for the ``trusts`` that are named. ``rules`` say what two frameworks
    differ in, and stand before the tables.
    """

    before: str
    after: str
    short: str
    rows: pl.DataFrame
    trusts: Sequence[str]
    metrics: pl.DataFrame
    title: str | None = None
    rules: Sequence[Block] = ()


def comparison_document(comparison: Comparison, shown: Shown) -> Document:
    """Lay a comparison out: the trusts that are named, counts, and tables of movers."""
    blocks: list[Block] = []
    for code in shown.trusts:
        row = shown.rows.row(by_predicate=pl.col("org_code") == code, named=True)
        metrics = shown.metrics.filter(pl.col("org_code") == code)
        blocks += trust_blocks(comparison, row, metrics)
    others = shown.rows.filter(~pl.col("org_code").is_in(list(shown.trusts)))
    is_whole = len(shown.rows) == len(comparison.changes)
    if shown.trusts:
        blocks.append(Heading("The whole table"))
    blocks += [Paragraph(sentence) for sentence in summary_sentences(comparison, shown)]
    blocks += [Paragraph(f"{merger_sentence(one)}.") for one in comparison.mergers]
    blocks += shown.rules
    if not is_whole and not shown.trusts:
        kept = plural(len(shown.rows), "organisation")
        blocks.append(Paragraph(f"Shown: {kept} of {len(comparison.changes):,}."))
    for noun, rows in _tables_of(others, comparison):
        blocks += _group_blocks(noun, rows, comparison, shown)
    if notes := list(_notes(comparison, shown)):
        blocks.append(Items(notes))
    return blocks


def summary_sentences(comparison: Comparison, shown: Shown) -> Iterator[str]:
    """Say in a few sentences how much changed between the two tables."""
    counts = summary(comparison)
    text = f"from {shown.before} to {shown.after}"
    text = f"{shown.title}, {text}" if shown.title else f"F{text[1:]}"
    yield f"{text}: {_change_clause(comparison, counts)}."
    if comparison.kind != "methods" and _tested(counts, "not_significant"):
        yield from _small_steps(comparison, counts)
    elsewhere = counts["significant_changes"] - counts["significant"]
    if elsewhere:
        more = "more " if counts["significant"] else ""
        have = "has" if elsewhere == 1 else "have"
        yield (
            f"{elsewhere:,} {more}{have} a significant change of average without a change of "
            "segment."
        )
    yield from _of_one_side(comparison, shown)


def _of_one_side(comparison: Comparison, shown: Shown) -> Iterator[str]:
    """Count those that are ranked in one table alone, or stand there alone."""
    changes = comparison.changes
    is_alone = pl.col("org_code").is_in(list(comparison.of_one_table))
    for end, other, side in (("from", "to", shown.before), ("to", "from", shown.after)):
        is_ranked, is_not = pl.col(f"rank_{end}").is_not_null(), pl.col(f"rank_{other}").is_null()
        of_side = changes.filter(is_ranked, is_not)
        alone = len(of_side.filter(is_alone))
        if alone:
            stand = "stands" if alone == 1 else "stand"
            yield f"{plural(alone, 'organisation')} {stand} in {side} only."
        if unranked := len(of_side) - alone:
            yield f"{plural(unranked, 'organisation')} ranked in {side} only."


def _change_clause(comparison: Comparison, counts: dict[str, int]) -> str:
    """Say how many of those that are ranked in both changed, and by what."""
    both = f"{plural(counts['ranked_in_both'], 'organisation')} ranked in both"
    ranks, segments = counts["rank_changed"], counts["segment_changed"]
    if ranks or segments:
        classes = _of_classes(comparison, counts)
        return f"of {both}, {ranks:,} changed rank and {segments:,} their adjusted segment{classes}"
    if counts["average_changed"]:
        averages = f"{counts['average_changed']:,} changed their average"
        return f"of {both}, {averages} and none their rank or adjusted segment"
    return f"nothing has changed for the {both}"


def _tested(counts: dict[str, int], name: str) -> int:
    """Count changes without those that nothing can test."""
    if not name.startswith("not_significant"):
        return counts[name]
    return counts[name] - counts[name.replace("not_significant", NOT_TESTED)]


def _small_steps(comparison: Comparison, counts: dict[str, int]) -> Iterator[str]:
    """Say how many changes of segment show no more than where a cut point lies."""
    rule = comparison.significance
    if not rule.is_known:
        return
    small = _tested(counts, "not_significant")
    some = f"{small:,} of {plural(counts['segment_changed'], 'change')}"
    if rule.threshold is not None:
        are = "is" if small == 1 else "are"
        yield (
            f"{some} of segment {are} no more than a small step over a cut point: the average "
            f"changed by less than {rule.threshold_text}, and no override made the difference."
        )
    else:
        yield (
            f"{some} of segment may be no more than chance: no significant change of average is "
            "shown, and no override made the difference."
        )


def _of_classes(comparison: Comparison, counts: dict[str, int]) -> str:
    """Count the changes of segment by their class, with their directions."""
    if not counts["segment_changed"]:
        return ""
    told = {
        "override": "by an override"
        if comparison.kind == "methods"
        else "by an override set or lifted",
        "significant": "with a significant change of average",
        "not_significant": "without one"
        if counts["significant"]
        else "without a significant change of average",
        NOT_TESTED: "by a change of average, which nothing here can test",
    }
    parts = [
        f"{_tested(counts, name):,} {text} ({_tested(counts, f'{name}_better'):,} better, "
        f"{_tested(counts, f'{name}_worse'):,} worse)"
        for name, text in told.items()
        if _tested(counts, name)
    ]
    return f": {', '.join(parts)}"


def _tables_of(rows: pl.DataFrame, comparison: Comparison) -> Iterator[tuple[str, pl.DataFrame]]:
    """Split the rows into what is ranked together, each part with its name in a sentence."""
    if comparison.ranks_all_together:
        yield "organisations", rows
        return
    for (group,), part in rows.group_by("peer_group", maintain_order=True):
        yield group_noun(str(group or NOTHING)), part


def _group_blocks(
    noun: str, rows: pl.DataFrame, comparison: Comparison, shown: Shown
) -> Iterator[Block]:
    """Give a table of what changed, and a sentence on the others."""
    changed = rows.filter(has_changed_expr())
    if not changed.is_empty():
        yield _movers_table(noun, changed, comparison, shown)
    is_ranked = pl.col("rank_from").is_not_null()
    still = len(rows.filter(~has_changed_expr(), is_ranked))
    if still:
        has = "has" if still == 1 else "have"
        other = "" if changed.is_empty() else "other "
        yield Paragraph(
            f"{still:,} {other}{_noun(noun, still)} {has} the same rank, average and segment in "
            "both."
        )
    unranked = len(rows.filter(~has_changed_expr(), ~is_ranked))
    if unranked:
        yield Paragraph(f"Not ranked in either: {unranked:,} {_noun(noun, unranked)}.")


def _noun(plural_noun: str, amount: int) -> str:
    """Write a group within a sentence, one of it or more, also ``organisations in London``."""
    if amount != 1:
        return plural_noun
    first, space, rest = plural_noun.partition(" in ")
    return f"{first.removesuffix('s')}{space}{rest}"


def _movers_table(noun: str, rows: pl.DataFrame, comparison: Comparison, shown: Shown) -> Table:
    has_parts = any(bool(rows[name].is_not_null().any()) for name in PARTS)
    has_p = bool(rows["p_value"].is_not_null().any())
    columns = [
        Column("Rank", "right"),
        Column("Code", whole=True),
        Column("Organisation"),
        Column("Average", "right"),
        Column("Segment", "right"),
        Column("Class"),
    ]
    columns += [Column("Due to, in places", optional=True)] if has_parts else []
    columns += [Column("p", "right", optional=True)] if has_p else []
    cells = []
    for row in rows.iter_rows(named=True):
        line = [
            _pair(row, "rank", None),
            row["org_code"],
            row["org_name"],
            _pair(row, "average", comparison.decimals) + ("*" if row["is_significant"] else ""),
            _pair(row, "adjusted_segment", None),
            _CLASSES[row["change_class"]],
        ]
        line += [_due_to(row)] if has_parts else []
        line += [probability(row["p_value"])] if has_p else []
        cells.append(line)
    return Table(f"{_capital(noun)}: {shown.short}", columns, cells)


def _due_to(row: dict[str, Any]) -> str:
    """List what a move is due to, without the causes that add next to nothing to it."""
    told = [
        f"{_PART_NAMES[name]} {signed(row[name], _PART_DECIMALS)}"
        for name in PARTS
        if row[name] is not None and abs(row[name]) >= LEAST_PART
    ]
    return ", ".join(told)


def probability(value: float | None) -> str:
    """Write a probability with three decimals; one that is nearly none does not look like it."""
    if value is not None and value < 0.001:
        return "<0.001"
    return number(value, 3)


def _pair(row: dict[str, Any], name: str, decimals: int | None) -> str:
    """Write what a figure was and is, ``12 to 45``; once where it is the same.

    Ranks and segments have no ``decimals``.
    """
    before, after = (
        whole(row[f"{name}{end}"]) if decimals is None else number(row[f"{name}{end}"], decimals)
        for end in ("_from", "_to")
    )
    return before if before == after else f"{before} to {after}"


def _notes(comparison: Comparison, shown: Shown) -> Iterator[str]:
    """Explain what is shown, and nothing else; then say what could not be told."""
    rows = shown.rows.filter(has_changed_expr())
    if not shown.rows.is_empty():
        has_segments = shown.rows.select(
            pl.any_horizontal(pl.col("^adjusted_segment_.*$").is_not_null()).any()
        ).item()
        yield (
            "Rank 1 and segment 1 are the best; the segment is the adjusted one."
            if has_segments
            else "Rank 1 is the best."
        )
    if not rows.is_empty():
        yield from _rule_notes(comparison)
    tabled = rows.filter(~pl.col("org_code").is_in(list(shown.trusts)))
    yield from _class_notes(set(tabled["change_class"]))
    told = [name for name in PARTS if bool((rows[name].abs() >= LEAST_PART).any())]
    if told:
        meanings = "; ".join(_PART_MEANINGS[name] for name in told)
        yield (
            f"{meanings}. Each is the places of rank that the cause adds, over every order of the "
            "causes: together they are the move. + is towards the bottom, - towards the top."
        )
    if bool(rows["p_value"].is_not_null().any()):
        yield (
            "p: how probable so large a change of average is by chance, by a paired bootstrap over "
            "the metrics that both quarters have."
        )
    yield from comparison.notes


def _rule_notes(comparison: Comparison) -> Iterator[str]:
    """Say what is called significant."""
    rule = comparison.significance
    if not rule.is_known and comparison.kind == "methods":
        yield (
            "No change of average is called significant: the two frameworks state no change that "
            "is, or score on different scales."
        )
    elif not rule.is_known:
        yield "No change of average is called significant: the tables have no likely ranges."
    else:
        yield f"* significant: {rule.in_words()}."
    if comparison.kind == "methods":
        more = ", and significant says how large a change is" if rule.is_known else ""
        yield f"The same figures are scored twice: nothing here is due to chance{more}."


def _class_notes(classes: set[str]) -> Iterator[str]:
    """Say what the kinds of change of segment mean that are shown."""
    meanings = [meaning for name, meaning in _CLASS_MEANINGS.items() if name in classes]
    if meanings:
        yield f"Class: why the segment changed. {_capital('; '.join(meanings))}."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
