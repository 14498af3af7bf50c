"""The average metric score: a weighted mean of unrounded scores, over metrics or over domains."""

from __future__ import annotations

from typing import Any

from tests.support import check_table, framework, framework_of_scores, metric, score_metric


def weighted(mean: str) -> dict[str, Any]:
    metrics = {"a": score_metric(weight=3), "b": score_metric(weight=1)}
    return framework(metrics, aggregate={"mean": mean})


def test_the_worked_example_of_the_methodology_manual() -> None:
    # The scores add up to 16.83, and 16.83 / 11 is 1.53.
    scores = ("1.00", "2.62", "1.00", "1.00", "1.00", "1.4", "1.00", "3.00", "1.36", "1.45", "2.00")
    names = [f"m{index}" for index in range(len(scores))]
    check_table(
        framework_of_scores(*names),
        f"""
        trust | {" | ".join(names)} | composite | average
        AA    | {" | ".join(scores)} | 16.83/11 | 1.53
        """.replace("16.83/11", "1683/1100"),
    )


def test_weights_need_not_add_up_to_anything() -> None:
    check_table(weighted("arithmetic"), "trust | a | b | composite\n AA | 1 | 4 | 7/4")


def test_a_geometric_mean_multiplies() -> None:
    # (1 x 1 x 1 x 4) to the power of 1/4 is the square root of 2.
    check_table(
        weighted("geometric"),
        """
        trust | a | b | composite         | average
        AA    | 1 | 4 | 1.414213562373095 | 1.41
        BB    | 2 | 2 | 2                 | 2.00
        CC    | - | 3 | 3                 | 3.00
        """,
    )


def test_a_harmonic_mean_takes_reciprocals() -> None:
    # 4 / (3/1 + 1/4) and 4 / (3/2 + 1/4).
    check_table(
        weighted("harmonic"),
        """
        trust | a | b | composite | average
        AA    | 1 | 4 | 16/13     | 1.23
        BB    | 2 | 4 | 16/7      | 2.29
        CC    | - | 3 | 3         | 3.00
        """,
    )


def test_a_metric_that_does_not_count_is_scored_and_left_out() -> None:
    metrics = {"a": score_metric(), "shown": score_metric(counts=False)}
    check_table(
        framework(metrics),
        "trust | a | shown | shown score | composite\n AA | 2 | 4 | 4 | 2",
    )


def test_scores_enter_the_average_unrounded() -> None:
    # The eight ranks score thirds of sevenths; rounded to 1.43 the second would have 1.22 and not
    # 1.21 beside a score of 1.
    check_table(
        framework({"waits": metric(), "survey": score_metric()}),
        """
        trust | waits | survey | score | composite | average
        AA    | 8     | 1      | 1     | 1         | 1.00
        BB    | 7     | 1      | 10/7  | 17/14     | 1.21
        CC    | 6     | 1      | 13/7  | 10/7      | 1.43
        DD    | 5     | 1      | 16/7  | 23/14     | 1.64
        EE    | 4     | 1      | 19/7  | 13/7      | 1.86
        FF    | 3     | 1      | 22/7  | 29/14     | 2.07
        GG    | 2     | 1      | 25/7  | 16/7      | 2.29
        HH    | 1     | 1      | 4     | 2.5       | 2.50
        """,
    )


def test_a_domain_score_is_the_mean_of_its_metrics() -> None:
    metrics = {
        "a": score_metric(weight=2),
        "b": score_metric(weight=1),
        "c": score_metric(domain="safety"),
    }
    check_table(
        framework(metrics),
        """
        trust | a | b | c | domain_score_access | domain_score_safety
        AA    | 1 | 4 | 3 | 2.00                | 3.00
        BB    | 1 | 2 | - | 1.33                | -
        CC    | - | 4 | 1 | 4.00                | 1.00
        """,
    )


def test_over_domains_the_average_is_the_weighted_mean_of_unrounded_domain_scores() -> None:
    # 4/3 and 3, where access weighs three times as much as safety.
    metrics = {"a": score_metric(), "b": score_metric(weight=2), "c": score_metric(domain="safety")}
    domains = {"access": {"title": "Access", "weight": 3}, "safety": "Safety"}
    check_table(
        framework(metrics, domains=domains, aggregate={"over": "domains"}),
        """
        trust | a | b | c | domain_score_access | composite | average
        AA    | 2 | 1 | 3 | 1.33                | 7/4       | 1.75
        BB    | 2 | 1 | - | 1.33                | 4/3       | 1.33
        CC    | - | - | 3 | -                   | 3         | 3.00
        """,
    )


def test_domains_have_no_part_in_an_average_over_metrics() -> None:
    metrics = {"a": score_metric(), "b": score_metric(), "c": score_metric(domain="safety")}
    domains = {"access": {"title": "Access", "weight": 9}, "safety": "Safety"}
    check_table(
        framework(metrics, domains=domains),
        "trust | a | b | c | composite\n AA | 1 | 1 | 4 | 2",
    )


def test_a_mean_over_domains_is_of_the_same_kind_at_both_levels() -> None:
    # Harmonic: 2 / (1/1 + 1/2) = 4/3 in access, then 2 / (3/4 + 1/4) = 2 with a safety of 4.
    metrics = {"a": score_metric(), "b": score_metric(), "c": score_metric(domain="safety")}
    check_table(
        framework(metrics, aggregate={"over": "domains", "mean": "harmonic"}),
        "trust | a | b | c | composite\n AA | 1 | 2 | 4 | 2",
    )
