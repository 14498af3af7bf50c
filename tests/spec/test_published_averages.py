"""A published average stands for a trust of which no metric is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.support import check_table, framework_of_scores, league_of_table, score_metric

RESULTS = {
    "average_metric_score": "printed",
    "domain_scores": {"access": "access_printed"},
}
NOT_COMPUTED = pytest.mark.parametrize("scores", ["auto", "published"])


def publishing(*metric_ids: str, **changes: Any) -> dict[str, Any]:
    """State a framework of scores with published averages."""
    stated = {"published": RESULTS, "aggregate": {"rounding": "before_ranking"}}
    return framework_of_scores(*metric_ids, **(stated | changes))


@NOT_COMPUTED
def test_it_is_composite_and_average_and_is_ranked(scores: ScoreSource) -> None:
    check_table(
        publishing("a"),
        """
        trust | a   | printed | composite | average | average_is_published | metrics_scored | rank
        AA    | 1.5 | -       | 1.5       | 1.5     | no                   | 1              | 1
        BB    | -   | 2.25    | 2.25      | 2.25    | yes                  | 0              | 2
        CC    | 3   | 3.00    | 3         | 3       | no                   | 1              | 3
        """,
        scores,
    )


def test_a_computed_league_leaves_it_unranked() -> None:
    table = """
        trust | a   | printed | composite | average | average_is_published | metrics_scored | rank
        AA    | 1.5 | -       | 1.5       | 1.5     | no                   | 1              | 1
        BB    | -   | 2.25    | -         | -       | no                   | 0              | -
        CC    | 3   | 3.00    | 3         | 3       | no                   | 1              | 2
        """
    check_table(publishing("a"), table, "computed")
    rows = league_of_table(publishing("a"), table, "computed")
    assert rows["BB"]["not_ranked_reason"] == "0 of the 1 metrics needed"


@NOT_COMPUTED
@pytest.mark.parametrize("rule", [{"min_metrics": 2}, {"missing": "require_all"}])
def test_it_stands_where_metrics_are_needed_and_gives_no_reason(
    scores: ScoreSource, rule: dict[str, Any]
) -> None:
    spec = publishing("a", "b", aggregate={"rounding": "before_ranking"} | rule)
    table = """
        trust | a | b | printed | average | metrics_expected | rank
        AA    | - | - | 2.25    | 2.25    | 2                | 1
        BB    | 1 | - | 1.00    | -       | 2                | -
        CC    | 3 | 4 | -       | 3.5     | 2                | 2
        """
    check_table(spec, table, scores)
    reasons = {
        org: row["not_ranked_reason"] for org, row in league_of_table(spec, table, scores).items()
    }
    assert (reasons["AA"], reasons["CC"]) == (None, None)
    assert reasons["BB"] in ("1 of the 2 metrics needed", "no score for b")


@NOT_COMPUTED
def test_one_metric_is_enough_for_the_recomputed_average(scores: ScoreSource) -> None:
    check_table(
        publishing("a", "b"),
        """
        trust | a | b | printed | composite | average | average_is_published
        AA    | 3 | - | 2.25    | 3         | 3       | no
        """,
        scores,
    )


@NOT_COMPUTED
def test_it_is_cut_and_held_back_with_the_others(scores: ScoreSource) -> None:
    # The quartiles of 1, 1.5, 2, 2.5 and 3 are 1.5, 2 and 2.5.
    rule = {"id": "d", "title": "D", "when": {"flag": "in_deficit"}, "not_better_than": 3}
    check_table(
        publishing("a", overrides=[rule]),
        """
        trust | a | printed | in_deficit | segment | adjusted | rank
        AA    | - | 1.00    | 1          | 1       | 3        | 3
        BB    | - | 1.50    | -          | 1       | 1        | 1
        CC    | 2 | 2.00    | -          | 2       | 2        | 2
        DD    | - | 2.50    | -          | 3       | 3        | 4
        EE    | 3 | -       | -          | 4       | 4        | 5
        """,
        scores,
    )


def test_among_the_computed_only_those_with_a_metric_are_cut() -> None:
    # The quartiles of 1, 2, 3 and 4 are 1.75, 2.5 and 3.25.
    check_table(
        publishing("a"),
        """
        trust | a | printed | segment | rank
        AA    | 1 | -       | 1       | 1
        BB    | 2 | -       | 2       | 2
        CC    | 3 | -       | 3       | 3
        DD    | 4 | -       | 4       | 4
        EE    | - | 1.00    | -       | -
        """,
        "computed",
    )


@pytest.mark.parametrize("scores", SCORE_SOURCES)
def test_it_makes_no_domain_score(scores: ScoreSource) -> None:
    check_table(
        publishing("a"),
        """
        trust | a | printed | access_printed | domain_score_access
        AA    | - | 2.25    | 2.25           | -
        BB    | 2 | -       | -              | 2
        """,
        scores,
    )


@pytest.mark.parametrize("scores", SCORE_SOURCES)
def test_without_it_a_trust_of_which_no_metric_is_loaded_is_not_ranked(scores: ScoreSource) -> None:
    check_table(
        publishing("a"),
        """
        trust | a | printed | access_printed | average | average_is_published | rank
        AA    | - | -       | 2.25           | -       | no                   | -
        BB    | 2 | -       | -              | 2       | no                   | 1
        """,
        scores,
    )


@NOT_COMPUTED
def test_a_metric_that_does_not_count_is_no_average(scores: ScoreSource) -> None:
    metrics = {"a": score_metric(), "shown": score_metric(counts=False)}
    check_table(
        publishing() | {"metrics": metrics},
        """
        trust | a | shown | printed | shown score | metrics_scored | average | rank
        AA    | - | 1     | 2.25    | 1           | 0              | 2.25    | 2
        BB    | 2 | 4     | -       | 4           | 1              | 2       | 1
        """,
        scores,
    )
