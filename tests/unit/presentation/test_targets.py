"""The sentences of what would be enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from nhs_league import open_league
from nhs_league.analysis.counterfactuals.changes import OverrideChange, ValueChange
from nhs_league.analysis.counterfactuals.outcomes import Goal, Standing
from nhs_league.analysis.counterfactuals.targets import Answer, Move, TargetSearch
from nhs_league.league import League
from nhs_league.presentation.document import Document, Heading, Items, Paragraph, Table
from nhs_league.presentation.targets import MOVES_SCHEMA, headline, moves_frame, target_document
from tests.functional.small import FRAMEWORK, write_small

STANDING = Standing(rank=4, average=2.0875, adjusted_segment=3)
REACHED = Standing(rank=2, average=1.745, adjusted_segment=1)
WAITS = Move(
    metric_id="waits",
    value_from=75.0,
    value_to=94.0,
    numerator_from=1500.0,
    numerator_to=2735.0,
    denominator=2000.0,
    scored="waits",
    score_from=2.5,
    score_to=1.36,
    points=1.14,
)
SURPLUS = Move(
    metric_id="surplus",
    value_from=-1.0,
    value_to=0.5,
    numerator_from=None,
    numerator_to=None,
    denominator=None,
    scored="surplus",
    score_from=2.875,
    score_to=2.3125,
    points=0.5625,
)
MakeLeague = Callable[..., League]


@pytest.fixture
def make_league(tmp_path: Path) -> MakeLeague:
    """Give a way to score the small league by its framework with other text in some places."""
    small = write_small(tmp_path / "small")

    def make(*changes: tuple[str, str]) -> League:
        text = FRAMEWORK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        small.framework.write_text(text, encoding="utf-8")
        return open_league([small.folder], small.framework).league

    return make


@pytest.fixture
def search(make_league: MakeLeague) -> TargetSearch:
    """Give the search of AA4 for segment 1, of which a test says what was found."""
    return TargetSearch(make_league(), "AA4", Goal(segment=1), (), "within_reach", STANDING)


def answer(*moves: Move) -> Answer:
    return Answer(moves, sum(move.points for move in moves), REACHED)


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document if isinstance(block, Paragraph)]


def items(document: Document, heading: str) -> list[str]:
    """Give the items under a heading that begins so."""
    (at,) = [
        number
        for number, block in enumerate(document)
        if isinstance(block, Heading) and block.text.startswith(heading)
    ]
    block = document[at + 1]
    assert isinstance(block, Items)
    return list(block.points)


def said_of(league: League, move: Move) -> str:
    """Say of one move what the text says of it, without where it leads."""
    found = TargetSearch(league, "AA4", Goal(segment=1), (), "within_reach", STANDING)
    found = replace(found, singles={move.metric_id: answer(move)})
    (text,) = items(target_document(found), "One metric alone")
    assert text.endswith(": rank 2, segment 1, with an average of 1.75")
    return text.removesuffix(": rank 2, segment 1, with an average of 1.75")


COUNTED = ("per: 100\n", "per: 100\n    numerator: patients seen in time\n")


def test_counts_are_patients_a_quarter_where_months_are_added_up(make_league: MakeLeague) -> None:
    assert said_of(make_league(COUNTED), WAITS) == (
        "Seen in time (waits) from 75.00% to 94.00%, 1,235 more patients seen in time a quarter"
    )


def test_counts_are_at_the_quarters_end_where_the_last_month_is_taken(
    make_league: MakeLeague,
) -> None:
    league = make_league(COUNTED, ("basis: sum", "basis: latest"))
    assert said_of(league, WAITS).endswith(
        ", 1,235 more patients seen in time at the quarter's end"
    )


def test_fewer_are_said_to_be_fewer(make_league: MakeLeague) -> None:
    fewer = replace(WAITS, value_to=70.0, numerator_to=1400.0)
    assert said_of(make_league(COUNTED), fewer).endswith(
        "to 70.00%, 100 fewer patients seen in time a quarter"
    )


@pytest.mark.parametrize(
    ("numerator", "said"),
    [(1500.5, "0.5 more patients"), (1565.5, "65.5 more patients"), (1498.5, "1.5 fewer patients")],
)
def test_halves_are_counted(make_league: MakeLeague, numerator: float, said: str) -> None:
    half = replace(WAITS, numerator_to=numerator)
    assert f", {said} seen in time a quarter" in said_of(make_league(COUNTED), half)


def test_one_is_one_patient(make_league: MakeLeague) -> None:
    league = make_league(COUNTED)
    one = replace(WAITS, numerator_to=1501.0)
    assert "1 more patient seen in time a quarter" in said_of(league, one)
    assert "1 fewer patient seen in time a quarter" in said_of(
        league, replace(WAITS, numerator_to=1499.0)
    )


def test_what_is_counted_may_begin_with_two_words(make_league: MakeLeague) -> None:
    named = ("per: 100\n", "per: 100\n    numerator: ambulance responses in time\n")
    assert said_of(make_league(named), WAITS).endswith(
        ", 1,235 more ambulance responses in time a quarter"
    )


def test_counts_that_nobody_named_are_of_their_denominator(make_league: MakeLeague) -> None:
    assert said_of(make_league(), WAITS).endswith(", 1,235 more of 2,000 a quarter")
    latest = make_league(("basis: sum", "basis: latest"))
    assert said_of(latest, WAITS).endswith(", 1,235 more of 2,000 at the quarter's end")
    half = replace(WAITS, denominator=316.5)
    assert said_of(make_league(), half).endswith(" more of 316.5 a quarter")


def test_a_value_without_counts_is_a_value(make_league: MakeLeague) -> None:
    assert said_of(make_league(), SURPLUS) == "Planned surplus (surplus) from -1.00% to 0.50%"
    whole = make_league(
        ("basis: in_force", "basis: in_force\n    decimals: 0"),
        (
            "title: Planned surplus\n    domain: money\n    unit: percent",
            "title: Plan\n    domain: money\n    unit: score",
        ),
    )
    moved = replace(SURPLUS, value_from=2.0, value_to=1.0)
    assert said_of(whole, moved) == "Plan (surplus) from 2 to 1"


def test_verdicts(search: TargetSearch) -> None:
    now = "Held *back* <b> :smile: NHS Trust (AA4) ranks 4, in segment 3"
    assert headline(replace(search, verdict="already_met")) == f"{now}: segment 1 is met already."
    assert headline(search) == (f"{now}. Segment 1 is within reach, everybody else as they are.")
    barred = replace(search, verdict="barred_by_override")
    assert headline(barred) == (
        f"{now}. Segment 1 is barred by the override; without it the target would be met."
    )
    assert headline(replace(barred, singles={"waits": answer(WAITS)})) == (
        f"{now}. Segment 1 is barred by the override; what it would take beside lifting it follows."
    )
    together = replace(barred, combinations=(answer(WAITS, SURPLUS),))
    assert headline(together).endswith("what it would take beside lifting it follows.")
    out = replace(search, verdict="out_of_reach")
    assert headline(out) == f"{now}. Segment 1 is out of reach by up to three metrics."
    assert headline(replace(out, at_best=Standing(2, 1.0, 2))) == (
        f"{now}. Segment 1 is out of reach by up to three metrics: the best value of every one of "
        "its metrics would lead to rank 2, segment 2, with an average of 1.00."
    )


def test_a_rank_is_among_those_it_is_given_among(
    search: TargetSearch, make_league: MakeLeague
) -> None:
    ranked = replace(search, goal=Goal(rank=2))
    assert ". Rank 2 among acute trusts is within reach" in headline(ranked)
    met = replace(ranked, verdict="already_met")
    assert headline(met).endswith(": rank 2 among acute trusts is met already.")
    everybody = replace(ranked, league=make_league(("within: peer_group, by", "within: all, by")))
    assert ". Rank 2 among organisations is within reach" in headline(everybody)


@pytest.mark.parametrize(("without", "cost"), [(3, "1 place"), (2, "2 places"), (1, "3 places")])
def test_what_the_override_costs_is_counted_in_places(
    search: TargetSearch, without: int, cost: str
) -> None:
    found = replace(search, without_override=Standing(without, 2.0875, 2))
    said = paragraphs(target_document(found))[1]
    assert said.startswith(f"The override alone costs {cost}: without it, ")
    assert said.endswith(f"rank {without}, segment 2, with an average of 2.09.")


def test_an_override_that_costs_no_place_or_nothing_at_all_is_said_to(
    search: TargetSearch,
) -> None:
    segment = replace(search, without_override=replace(STANDING, adjusted_segment=2))
    said = paragraphs(target_document(segment))[1]
    assert "0 places" not in said
    assert "costs a segment, and no place" in said
    nothing = replace(search, without_override=STANDING)
    assert paragraphs(target_document(nothing))[1] == (
        "As things are, the override costs nothing: it would stand the same without."
    )
    assert all("verride" not in text for text in paragraphs(target_document(search))[1:])


def test_what_is_met_says_no_more_than_the_override_and_the_changes(search: TargetSearch) -> None:
    met = replace(
        search,
        verdict="already_met",
        changes=(ValueChange("AA4", "waits", 97.25), OverrideChange("AA4", None, False)),
    )
    document = target_document(met)
    assert document[1:] == [
        Paragraph("Beside:"),
        Items(["AA4: Seen in time (waits) is 97.25%", "AA4: every override is lifted"]),
    ]
    assert len(target_document(replace(met, changes=()))) == 1


def test_the_least_movement_comes_first_and_what_is_not_enough_is_named(
    search: TargetSearch,
) -> None:
    found = replace(search, singles={"waits": answer(WAITS), "surplus": answer(SURPLUS)})
    assert [text[:4] for text in items(target_document(found), "One metric")] == ["Plan", "Seen"]
    one = replace(search, singles={"waits": None, "surplus": answer(SURPLUS)})
    assert "Not enough alone, even at the best value: Seen in time (waits)." in paragraphs(
        target_document(one)
    )
    none = replace(search, singles={"waits": None, "surplus": None})
    none = replace(none, combinations=(answer(WAITS, SURPLUS),))
    assert paragraphs(target_document(none))[-1] == (
        "None of its 2 metrics that could be better is enough alone."
    )
    alone = paragraphs(target_document(replace(search, singles={"waits": None})))[-1]
    assert "1 metrics" not in alone


def test_a_combination_is_one_sentence_and_rows_of_one_answer(search: TargetSearch) -> None:
    found = replace(search, combinations=(answer(WAITS, SURPLUS),))
    document = target_document(found)
    assert items(document, "Two or three metrics together") == [
        "Seen in time (waits) from 75.00% to 94.00%, 1,235 more of 2,000 a quarter; and Planned "
        "surplus (surplus) from -1.00% to 0.50%: rank 2, segment 1, with an average of 1.75"
    ]
    (table,) = [block for block in document if isinstance(block, Table)]
    assert [tuple(row) for row in table.rows] == [
        ("waits", "75.00", "94.00", "2.50 to 1.36", "1.70", "2", "1"),
        ("and surplus", "-1.00", "0.50", "2.88 to 2.31", "", "", ""),
    ]
    assert not any(isinstance(block, Table) for block in target_document(search))


def test_the_frame_has_a_row_a_value_and_one_for_what_is_not_enough(search: TargetSearch) -> None:
    found = replace(
        search,
        singles={"waits": None, "surplus": answer(SURPLUS)},
        combinations=(answer(WAITS, SURPLUS),),
    )
    frame = moves_frame(found)
    assert frame.schema == pl.Schema(MOVES_SCHEMA)
    assert frame.select("answer", "kind", "metric_id", "is_enough", "points").rows() == [
        (1, "single", "surplus", True, 0.5625),
        (2, "single", "waits", False, None),
        (3, "combination", "waits", True, 1.14),
        (3, "combination", "surplus", True, 0.5625),
    ]
    assert frame["points_in_all"].to_list() == [0.5625, None, 1.7025, 1.7025]
    assert frame["numerator_to"].to_list() == [None, None, 2735.0, None]
    assert moves_frame(search).is_empty()
    assert moves_frame(search).schema == pl.Schema(MOVES_SCHEMA)
