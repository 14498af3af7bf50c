"""The sentences of an explanation."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from nhs_league import OpenLeague
from nhs_league.analysis.explain import Explanation, SegmentGap
from nhs_league.framework.model import Override, OverrideCondition
from nhs_league.presentation.document import Document, Heading, Items, Paragraph, Table
from nhs_league.presentation.explanation import (
    explanation_document,
    explanation_summary,
    headline,
)

RULE = Override(
    id="financial_deficit",
    title="the trust reports a deficit",
    when=OverrideCondition(flag="OF5004"),
    not_better_than=3,
)


@pytest.fixture(scope="module")
def christie(sample_league: OpenLeague) -> Explanation:
    return sample_league.explain("RBV")


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document if isinstance(block, Paragraph)]


def part(document: Document, heading: str) -> Any:
    """Give the block under a heading."""
    return document[list(document).index(Heading(heading)) + 1]


def test_headline_without_override(sample_league: OpenLeague, christie: Explanation) -> None:
    assert headline(christie, sample_league.league) == (
        "The Christie NHS Foundation Trust (RBV) ranks 3 of 134 acute trusts for April to June "
        "2025 (Q1 2025/26), in segment 1, with an average metric score of 1.51."
    )


def test_headline_names_the_override_that_holds_back(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    held = dataclasses.replace(christie, overrides=(RULE,), adjusted_segment=3)
    assert headline(held, sample_league.league).endswith(
        "in segment 3, with an average metric score of 1.51; its average alone would be segment 1, "
        "but the trust reports a deficit."
    )


def test_an_override_that_changes_nothing_is_said_to(sample_league: OpenLeague) -> None:
    explanation = sample_league.explain("RCX")
    assert "but " not in headline(explanation, sample_league.league)
    sentence = paragraphs(explanation_document(explanation, sample_league.league))[1]
    assert sentence.startswith("The override financial_deficit applies")
    assert sentence.endswith("but changes nothing: segment 4 is no better than 3.")


def test_headline_gives_the_reason_for_no_rank(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    unranked = dataclasses.replace(
        christie,
        rank=None,
        rank_of=None,
        average_metric_score=None,
        composite=None,
        segment=None,
        adjusted_segment=None,
        gap=None,
        not_ranked_reason="1 of the 3 metrics needed",
    )
    league = sample_league.league
    assert headline(unranked, league) == (
        "The Christie NHS Foundation Trust (RBV) is not ranked for April to June 2025 "
        "(Q1 2025/26): it has 1 of the 3 metrics needed."
    )
    document = explanation_document(unranked, league)
    assert Heading("The next segment") not in document
    assert any(
        text.startswith("Without a rank there is no average") for text in paragraphs(document)
    )


def test_headline_leaves_out_a_segment_that_there_is_not(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    few = dataclasses.replace(christie, segment=None, adjusted_segment=None, gap=None)
    assert "segment" not in headline(few, sample_league.league)


def test_a_published_average_is_said_to_be_one(sample_league: OpenLeague) -> None:
    explanation = sample_league.explain("RCX")
    assert explanation.average_is_published
    texts = paragraphs(explanation_document(explanation, sample_league.league))
    assert (
        "The contributions of 17 metrics add up to 3.3449, which rounds to 3.34; the published "
        "average, 3.35, is used."
    ) in texts


def test_a_computed_average_is_the_rounded_sum(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    texts = paragraphs(explanation_document(christie, sample_league.league))
    sums = [text for text in texts if text.startswith("The contributions of 10 metrics add up to")]
    assert len(sums) == 1
    assert sums[0].endswith("which is the average of 1.51.")


def test_the_best_segment_has_none_above_it(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    document = explanation_document(christie, sample_league.league)
    assert part(document, "The next segment") == Paragraph("The average is in segment 1, the best.")


def test_the_gap_says_how_far_and_what_bars_the_way(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    explanation = dataclasses.replace(
        christie,
        segment=2,
        adjusted_segment=3,
        overrides=(RULE,),
        gap=SegmentGap(segment=1, cut_point=2.05, points=0.25),
    )
    text = part(explanation_document(explanation, sample_league.league), "The next segment").text
    assert text.startswith("The average would have to improve by 0.25 score points, to 2.05,")
    assert text.endswith(
        "As long as the trust reports a deficit, it stays at segment 3 all the same."
    )


def test_what_is_missing_is_listed_and_never_filled(sample_league: OpenLeague) -> None:
    explanation = sample_league.explain("RCX")
    missing = part(explanation_document(explanation, sample_league.league), "What is missing")
    assert isinstance(missing, Items)
    assert len(missing.points) == explanation.metrics_expected - explanation.metrics_scored
    assert all(point.endswith("the data have no row for it") for point in missing.points)


def test_what_costs_most_comes_costliest_first(sample_league: OpenLeague) -> None:
    costs = sample_league.explain("RCX").costliest(count=5)["cost"].to_list()
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 5


def test_every_figure_has_its_file_and_row(sample_league: OpenLeague) -> None:
    explanation = sample_league.explain("RCX")
    document = explanation_document(explanation, sample_league.league)
    sources = part(document, "Where the figures stand").points
    place = "nof_2025_26_metrics.csv row 515 (2025Q2; evidence of the rule: data)"
    assert f"OF0013: 61.90%, {place}" in sources
    with_figures = explanation.metrics["source_file"].count()
    assert len(sources) == with_figures


def test_the_table_has_a_row_for_every_metric_that_concerns_the_trust(
    sample_league: OpenLeague,
) -> None:
    explanation = sample_league.explain("RCX")
    document = explanation_document(explanation, sample_league.league)
    table = next(block for block in document if isinstance(block, Table))
    assert [column.header for column in table.columns] == [
        "Metric",
        "Value",
        "Peers",
        "Score",
        "Weight",
        "Adds",
        "Place",
    ]
    cells = {row[0].split("\n")[0].rpartition("(")[2].rstrip(")"): row for row in table.rows}
    assert list(cells["OF0013"][1:]) == ["61.90%", "76.00", "3.88", "6.7%", "0.2586", "118 of 123"]
    assert cells["OF0005"][1] == "-"
    assert "OF0017" not in cells


def test_summary_says_the_same_as_the_page(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    summary = explanation_summary(christie, sample_league.league)
    assert summary["sentence"] == headline(christie, sample_league.league)
    assert (summary["rank"], summary["rank_of"], summary["segment"]) == (3, 134, 1)
    assert summary["next_segment"] is None


def test_every_figure_names_the_evidence_of_its_rule(
    sample_league: OpenLeague, christie: Explanation
) -> None:
    figures = part(explanation_document(christie, sample_league.league), "Where the figures stand")
    metrics = sample_league.league.framework.metrics
    for point in figures.points:
        evidence = metrics[point.partition(":")[0]].evidence
        assert point.endswith(f"; evidence of the rule: {evidence})")
