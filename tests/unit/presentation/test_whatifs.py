"""The sentences of a league with changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhs_league import open_league
from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.analysis.counterfactuals.whatif import WhatIf, what_if
from nhs_league.league import League
from nhs_league.presentation.document import Document, Items, Paragraph, Table
from nhs_league.presentation.whatifs import change_texts, headline, what_if_document
from tests.functional.small import FRAMEWORK, write_small


def scored(folder: Path, *changes: tuple[str, str]) -> League:
    """Score the small league by its framework with other text in some places."""
    small = write_small(folder)
    text = FRAMEWORK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    small.framework.write_text(text, encoding="utf-8")
    return open_league([small.folder], small.framework).league


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> League:
    return scored(tmp_path_factory.mktemp("small") / "league")


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document if isinstance(block, Paragraph)]


def table(made: WhatIf, caption: str) -> list[tuple[str, ...]]:
    """Give the rows of the table whose caption begins so, none where there is no such table."""
    found = [
        block
        for block in what_if_document(made)
        if isinstance(block, Table) and block.caption.startswith(caption)
    ]
    return [tuple(row) for block in found for row in block.rows]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (ValueChange("AA1", "waits", 75.0), "AA1: Seen in time (waits) is 75.00%"),
        (ValueChange("AA1", "waits", 72.125), "AA1: Seen in time (waits) is 72.125%"),
        (ValueChange("AA1", "waits", 100 / 3), "AA1: Seen in time (waits) is 33.333333%"),
        (ValueChange("AA5", "surplus", -1234.5), "AA5: Planned surplus (surplus) is -1,234.50%"),
        (OverrideChange("AA4", None, False), "AA4: every override is lifted"),
        (OverrideChange("AA1", "deficit", True), "AA1: the override deficit is applied"),
        (
            WeightChange("surplus", 2.5),
            "everybody: Planned surplus (surplus) weighs 2.5 instead of 1",
        ),
        (MetricDropped("waits"), "everybody: Seen in time (waits) is left out"),
    ],
)
def test_each_change_is_said_in_words(league: League, change: Change, text: str) -> None:
    assert change_texts(league, [change]) == [text]


def test_no_change_is_nothing(league: League) -> None:
    assert change_texts(league, []) == ["nothing"]


@pytest.mark.parametrize(
    ("code", "changes", "text"),
    [
        # 97.5 per cent is 1.15, and a surplus of 0 is 2.50.
        (
            "AA4",
            [ValueChange("AA4", "surplus", 0.0), ValueChange("AA4", "waits", 97.5)],
            "would rank 2 of 5 acute trusts instead of 4 for April to June 2025 (Q1 2025/26); "
            "segment 3 to 2, average 2.09 to 1.83.",
        ),
        (
            "AA4",
            [OverrideChange("AA4", None, False)],
            "would rank 2 of 5 acute trusts instead of 4 for April to June 2025 (Q1 2025/26); "
            "segment 3 to 2, the same average, 2.09.",
        ),
        # 80 per cent is 2.20: 2.16 on average is ahead of AA2, and second still.
        (
            "AA3",
            [ValueChange("AA3", "waits", 80.0)],
            "would still rank 2 of 5 acute trusts for April to June 2025 (Q1 2025/26); the same "
            "segment, 2, average 2.31 to 2.16.",
        ),
        (
            "AM1",
            [ValueChange("AM1", "waits", 10.0)],
            "would still rank 1 of 1 ambulance trusts for April to June 2025 (Q1 2025/26); the "
            "same segment, 1, the same average, 1.00.",
        ),
        (
            "AA1",
            [MetricDropped("waits")],
            "would not be ranked any more: it would have too few metrics.",
        ),
    ],
)
def test_the_headline_says_where_it_would_stand(
    league: League, code: str, changes: list[Change], text: str
) -> None:
    said = headline(what_if(league, code, changes))
    assert said.endswith(text)
    assert f" ({code}) would " in said


def test_those_are_counted_who_would_be_ranked(tmp_path: Path) -> None:
    league = scored(tmp_path / "one", ("min_metrics: 2", "min_metrics: 1"))
    # AA6, sixth of the acute trusts, has a surplus only.
    assert " of 6 acute trusts" in headline(
        what_if(league, "AA1", [ValueChange("AA1", "waits", 99.0)])
    )
    assert "would still rank 1 of 5 acute trusts" in headline(
        what_if(league, "AA1", [MetricDropped("surplus")])
    )


def test_all_are_counted_where_all_are_ranked_together(tmp_path: Path) -> None:
    league = scored(tmp_path / "all", ("within: peer_group, by", "within: all, by"))
    said = headline(what_if(league, "AA1", [ValueChange("AA1", "waits", 50.0)]))
    assert " of 6 organisations " in said


def test_those_who_are_passed_are_named(league: League) -> None:
    made = what_if(league, "AA4", [ValueChange("AA4", "surplus", 0.0)])
    assert "AA4 would pass 2 organisations: AA2, AA3." in paragraphs(what_if_document(made))
    assert table(made, "Everybody else whose rank or segment changes (2)") == [
        ("2 to 3", "AA2", "Tied [/c] NHS Trust", "2.31", "2", "passed"),
        ("2 to 3", "AA3", "Tied | Piped NHS Trust", "2.31", "2", "passed"),
    ]


def test_those_by_whom_it_is_passed_are_named(league: League) -> None:
    # At 60 per cent AA2 has 3.40, and 2.76 on average: segment 3, behind AA4 there.
    made = what_if(league, "AA2", [ValueChange("AA2", "waits", 60.0)])
    assert "AA2 would be passed by one organisation, AA4." in paragraphs(what_if_document(made))
    assert table(made, "Everybody else") == [
        ("4 to 3", "AA4", "Held *back* <b> :smile: NHS Trust", "2.09", "3", "goes past")
    ]


def test_who_comes_to_share_a_rank_is_neither_passed_nor_passing(league: League) -> None:
    # AA5 with the values of AA2 makes three of them; with those of the best it shares the first.
    changes = [ValueChange("AA5", "waits", 100.0), ValueChange("AA5", "surplus", 4.0)]
    made = what_if(league, "AA5", changes)
    assert made.place("AA5")["rank_to"] == made.place("AA1")["rank_to"] == 1
    said = paragraphs(what_if_document(made))
    (shared,) = [text for text in said if "share" in text]
    assert "one organisation, AA1" in shared
    passed = [text for text in said if text.startswith("AA5 would pass ")]
    assert passed == ["AA5 would pass 3 organisations: AA2, AA3, AA4."]


def test_only_ten_are_named(sample_league: object) -> None:
    league = sample_league.league  # type: ignore[attr-defined]
    made = what_if(league, "RQM", [OverrideChange("RQM", None, False)])
    (text,) = [text for text in paragraphs(what_if_document(made)) if "would pass" in text]
    assert text.startswith("RQM would pass 20 organisations: ")
    assert text.endswith(" and 10 more.")
    assert text.count(", ") == 9


def test_the_values_are_given_with_the_scores_that_they_make(league: League) -> None:
    made = what_if(league, "AA4", [ValueChange("AA4", "waits", 72.125)])
    # (72.125 - 50) / 50 of 3 points are 1.33.
    assert table(made, "Others: ") == [
        ("AA4", "Seen in time (waits)", "95.000 to 72.125", "1.30 to 2.67", "0")
    ]
    lifted = what_if(league, "AA4", [OverrideChange("AA4", None, False)])
    assert table(lifted, "Others: ") == []


def test_others_whose_score_changes_with_it_are_counted(league: League) -> None:
    # The worst surplus at -1 lets go of the pool: AA1 alone keeps its 1.00. AA6 has no rank, and
    # a score of its surplus.
    made = what_if(league, "AA5", [ValueChange("AA5", "surplus", -1.0)])
    assert table(made, "Others: ")[0][-1] == "4"


def test_the_rest_is_counted_or_said_to_stay(league: League) -> None:
    def last(code: str, *changes: Change) -> str:
        block = what_if_document(what_if(league, code, changes))[-1]
        assert isinstance(block, Paragraph)
        return block.text

    assert last("AA2", ValueChange("AA2", "waits", 75.0)) == (
        "Nobody else's rank, average or segment would change."
    )
    assert last("AA4", ValueChange("AA4", "surplus", 0.0)) == (
        "No other rank, average or segment would change."
    )
    # A surplus of 5 stretches the pool: 2.42 for AA2 and AA3 and 2.15 for AA4, all in their places;
    # AA5 has the worst of both still.
    assert last("AA1", ValueChange("AA1", "surplus", 5.0)) == (
        "Of 3 organisations only the average would change."
    )


def test_changes_are_listed_under_the_headline(league: League) -> None:
    made = what_if(
        league, "AA4", [OverrideChange("AA4", "deficit", False), WeightChange("waits", 3.0)]
    )
    document = what_if_document(made)
    assert document[1] == Paragraph("Changed:")
    assert document[2] == Items(
        [
            "AA4: the override deficit is lifted",
            "everybody: Seen in time (waits) weighs 3 instead of 1",
        ]
    )
