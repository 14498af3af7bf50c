"""Overrides: a rule that holds a trust back from the better segments."""

from __future__ import annotations

from typing import Any

from tests.support import check_table, framework, framework_of_scores, metric, score_metric

THRESHOLDS = {"method": "thresholds", "upper_bounds": [1, 2, 3]}


def override(id_: str, not_better_than: int, **when: Any) -> dict[str, Any]:
    return {"id": id_, "title": id_, "when": when, "not_better_than": not_better_than}


def test_a_flagged_trust_is_not_better_than_segment_3() -> None:
    check_table(
        framework_of_scores(
            "a", segments=THRESHOLDS, overrides=[override("deficit", 3, flag="in_deficit")]
        ),
        """
        trust | a | in_deficit | segment | overrides | adjusted
        AA    | 1 | 1          | 1       | deficit   | 3
        BB    | 2 | 1          | 2       | deficit   | 3
        CC    | 3 | 1          | 3       | deficit   | 3
        DD    | 4 | 1          | 4       | deficit   | 4
        EE    | 1 | 0          | 1       | -         | 1
        FF    | 1 | -          | 1       | -         | 1
        GG    | 1 | suppressed | 1       | -         | 1
        """,
    )


def test_a_value_below_a_bound_applies_a_rule() -> None:
    metrics = {"a": score_metric(), "plan": metric(counts=False)}
    rule = override("deficit", 3, metric="plan", below=0)
    check_table(
        framework(metrics, segments=THRESHOLDS, overrides=[rule]),
        """
        trust | a | plan | overrides | adjusted
        AA    | 1 | -0.1 | deficit   | 3
        BB    | 1 | 0    | -         | 1
        CC    | 1 | 2    | -         | 1
        DD    | 1 | -    | -         | 1
        """,
    )
    beds = override("beds", 3, metric="plan", below=10)
    check_table(
        framework(metrics, segments=THRESHOLDS, overrides=[beds]),
        """
        trust | a | plan | overrides | adjusted
        AA    | 1 | 9.9  | beds      | 3
        BB    | 1 | 10   | -         | 1
        """,
    )


def test_a_value_above_a_bound_applies_a_rule() -> None:
    metrics = {"a": score_metric(), "vacancies": metric(polarity="lower_is_better", counts=False)}
    rule = override("staffing", 2, metric="vacancies", above=10)
    check_table(
        framework(metrics, segments=THRESHOLDS, overrides=[rule]),
        """
        trust | a | vacancies | overrides | adjusted
        AA    | 1 | 10.5      | staffing  | 2
        BB    | 1 | 10        | -         | 1
        CC    | 4 | 99        | staffing  | 4
        DD    | 1 | -         | -         | 1
        """,
    )


def test_a_bound_may_be_nought() -> None:
    metrics = {"a": score_metric(), "breaches": metric(polarity="lower_is_better", counts=False)}
    check_table(
        framework(
            metrics,
            segments=THRESHOLDS,
            overrides=[override("breached", 2, metric="breaches", above=0)],
        ),
        """
        trust | a | breaches | overrides | adjusted
        AA    | 1 | 0.5      | breached  | 2
        BB    | 1 | 0        | -         | 1
        CC    | 1 | -0.5     | -         | 1
        """,
    )


def test_of_several_rules_the_strictest_holds_and_all_are_named() -> None:
    rules = [override("deficit", 3, flag="in_deficit"), override("safety", 2, flag="unsafe")]
    check_table(
        framework_of_scores("a", segments=THRESHOLDS, overrides=rules),
        """
        trust | a | in_deficit | unsafe | overrides      | adjusted
        AA    | 1 | 1          | 1      | deficit;safety | 3
        BB    | 1 | 0          | 1      | safety         | 2
        CC    | 1 | 1          | 0      | deficit        | 3
        """,
    )


def test_an_override_moves_the_rank_and_not_the_segment_of_the_others() -> None:
    check_table(
        framework_of_scores("a", overrides=[override("deficit", 3, flag="in_deficit")]),
        """
        trust | a   | in_deficit | segment | adjusted | rank
        AA    | 1.1 | 1          | 1       | 3        | 3
        BB    | 1.2 | 0          | 1       | 1        | 1
        CC    | 1.3 | 0          | 2       | 2        | 2
        DD    | 1.4 | 0          | 3       | 3        | 4
        EE    | 1.5 | 0          | 4       | 4        | 5
        """,
    )


def test_a_trust_without_a_segment_is_not_given_one_by_an_override() -> None:
    check_table(
        framework_of_scores("a", overrides=[override("deficit", 3, flag="in_deficit")]),
        """
        trust | a | in_deficit | segment | adjusted | rank
        AA    | 2 | 1          | -       | -        | 1
        BB    | - | 1          | -       | -        | -
        """,
    )


def test_two_rules_may_ask_for_the_same_flag() -> None:
    rules = [override("deficit", 3, flag="in_deficit"), override("plan", 2, flag="in_deficit")]
    spec = framework_of_scores("a", segments=THRESHOLDS, overrides=rules)
    check_table(
        spec,
        """
        trust | a | in_deficit | overrides    | adjusted
        AA    | 1 | 1          | deficit;plan | 3
        BB    | 1 | -          | -            | 1
        """,
    )
    check_table(spec, "trust | a | in_deficit | overrides | adjusted\n AA | 1 | - | - | 1")
