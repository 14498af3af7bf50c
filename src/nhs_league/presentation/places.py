"""A league summed up by place, as a document: how far places differ first, then each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nhs_league.analysis.places import NOTABLE_SHARE, SIGNIFICANT, PlaceKind, Places
from nhs_league.framework.model import Scale
from nhs_league.league import cut_points
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.text import group_noun, number, percent, plural, span

_NOUNS: Final[dict[PlaceKind, str]] = {
    "region": "region",
    "icb": "integrated care board",
    "subtype": "subtype",
}
_HEADERS: Final[dict[PlaceKind, str]] = {
    "region": "Region",
    "icb": "Integrated care board",
    "subtype": "Subtype",
}


def places_document(places: Places) -> Document:
    """Lay a summary by place out: what place explains, the places, what the figures mean."""
    blocks: list[Block] = [Paragraph(verdict(places))]
    blocks += [Paragraph(sentence) for sentence in _besides(places)]
    blocks.append(_table(places))
    blocks.append(Items(list(_notes(places))))
    return blocks


def verdict(places: Places) -> str:
    """Say in a sentence or two whether averages differ by place more than chance would have it."""
    told, noun = places.main, _NOUNS[places.by]
    among = _among(places)
    if told["places"] < 2:
        return (
            f"There is {'no' if not told['places'] else 'only one'} {noun} among {among}: one "
            "place cannot be compared with others."
        )
    if told["share"] is None:
        return f"There are no differences between the averages of {among} for place to explain."
    text = (
        f"A trust's {noun} explains {percent(told['share'])} of the differences between the "
        f"averages of {among}; chance alone would make it "
        f"{percent(told['share_by_chance'])}"
    )
    if told["p_value"] is None:
        return f"{text}, and there are too few trusts to tell the two apart."
    text = f"{text} ({_probability(told['p_value'])})"
    if told["p_value"] < SIGNIFICANT:
        return f"{text}: more than chance would. {_lottery(places, is_shown=True)}"
    return f"{text}: not clearly more than chance would. {_lottery(places, is_shown=False)}"


def _lottery(places: Places, *, is_shown: bool) -> str:
    # A subtype is no place: it says nothing of postcodes.
    noun = "kind of trust" if places.by == "subtype" else _NOUNS[places.by]
    if not is_shown:
        return f"Whether averages differ by {noun} cannot be told from these trusts."
    if places.by == "subtype":
        return f"Averages differ by {noun}."
    return f"Averages differ by {noun}: to that extent there is a postcode lottery."


def _among(places: Places) -> str:
    if places.peer_group is not None:
        return group_noun(places.peer_group)
    return "trusts of the same peer group" if places.main["adjusted_for"] else "all trusts"


def _probability(p_value: float) -> str:
    if p_value < 0.001:
        return "p < 0.001"
    # Two decimals would hide on which side of the threshold a probability is.
    return f"p = {number(p_value, 2 if p_value >= 0.1 else 3)}"


def _besides(places: Places) -> Iterator[str]:
    """Say how far places differ beyond chance, and what it is without regard to peer groups."""
    told = places.main
    decimals = places.league.framework.scale.decimals
    if told["sd_between"] is not None and told["share"] is not None:
        yield (
            f"With chance taken off, the estimate is {percent(told['share_beyond_chance'])}. "
            f"Trusts of one {_NOUNS[places.by]} differ in their averages by "
            f"{number(told['sd_within'], decimals)} (standard deviation), "
            f"{_NOUNS[places.by]}s themselves by {number(told['sd_between'], decimals)}."
        )
    if told["adjusted_for"]:
        plain = places.variation.row(0, named=True)
        yield (
            f"Without regard to peer groups it explains {percent(plain['share'])}, against "
            f"{percent(plain['share_by_chance'])} by chance"
            + (f" ({_probability(plain['p_value'])})." if plain["p_value"] is not None else ".")
        )


def _table(places: Places) -> Table:
    league = places.league
    decimals = league.framework.scale.decimals
    segments = [f"segment_{n}" for n in range(1, len(cut_points(league.framework)) + 2)]
    # Right-aligned figures of one width stand under each other without a column each.
    width = max(len(str(figure)) for name in segments for figure in places.rows[name])
    among = "" if places.peer_group is None else f"{group_noun(places.peer_group)}, "
    is_all_ranked = places.rows["organisations"].equals(places.rows["ranked"])
    return Table(
        f"{league.framework.title}: {among}by {_NOUNS[places.by]}, {league.quarter.long_label}",
        [
            Column(_HEADERS[places.by]),
            Column("Trusts", "right"),
            Column("Segments", "right"),
            Column("Mean", "right"),
            Column("Likely range", "right"),
            Column("Difference", "right", optional=True),
            Column("Held back by"),
        ],
        [
            (
                row["place"],
                f"{row['organisations']}" if is_all_ranked else _ranked(row),
                " ".join(f"{row[name]:{width}}" for name in segments),
                number(row["mean_average"], decimals),
                span(row["mean_low"], row["mean_high"], decimals),
                _signed(row["difference"], decimals),
                _domains(places, row["holding_back"]),
            )
            for row in places.rows.iter_rows(named=True)
        ],
    )


def _ranked(row: dict[str, Any]) -> str:
    if row["ranked"] == row["organisations"]:
        return str(row["ranked"])
    return f"{row['ranked']} of {row['organisations']}"


def _signed(value: float | None, decimals: int) -> str:
    text = number(value, decimals)
    is_positive = value is not None and value > 0 and text.strip("0.") != ""
    return f"+{text}" if is_positive else text


def _domains(places: Places, held: str | None) -> str:
    if held is None:
        return ""
    titles = [places.league.framework.domain(id_).title for id_ in held.split(";")]
    return "; ".join(titles)


def _notes(places: Places) -> Iterator[str]:
    framework = places.league.framework
    best, worst = (
        number(end, framework.scale.decimals)
        for end in (framework.scale.best, framework.scale.worst)
    )
    last = len(cut_points(framework)) + 1
    yield f"Segments: the number of trusts in adjusted segments 1 (best) to {last}."
    yield (
        f"Mean: of the trusts' average metric scores, from {best} (best) to {worst} (worst). Its "
        "likely range (95%) is taken from how far trusts of one place differ, all places together, "
        "and ends where the scale does."
    )
    yield (
        "Beside trusts of the same peer group: what a place is held back by and, where the page is "
        "wide enough, the difference. A domain is named where the mean is worse by more than "
        f"{_least(framework.scale)} points; the worst two at most."
    )
    yield (
        "By chance: what as many trusts dealt out to as many places at random would show. Below "
        f"p = {SIGNIFICANT:g} averages are said to differ; few trusts can hide a difference."
    )
    if places.without_place:
        yield (
            f"{plural(places.without_place, 'trust')} without a stated {_NOUNS[places.by]}: "
            "counted, but not compared."
        )


def _least(scale: Scale) -> str:
    """Write the least that a domain is named for; without a decimal it could look like none."""
    return number(abs(scale.span) * NOTABLE_SHARE, max(2, scale.decimals))
