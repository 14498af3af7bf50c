"""Published scores: put back to their unrounded values, and set against the computed ones.

A score enters the average unrounded but is published with two decimals. Its exact value is its
place on the grid of the ranks: r = 1 + round((s - lo)(n - 1) / (hi - lo)).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import (
    assert_rows,
    check_table,
    framework,
    league_of_table,
    metric,
    read_table,
    score_metric,
)

RANKED = {"waits": metric(published_score="waits_published")}
RESULTS = {
    "average_metric_score": "published_average",
    "domain_scores": {"access": "published_access"},
}
# What is published is rounded, so it can be ranked only where rounding comes first.
BEFORE = {"rounding": "before_ranking"}


def test_the_exact_score_is_recovered_from_the_grid() -> None:
    check_table(
        framework(RANKED),
        """
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 1.43            | 10/7
        CC    | 1.86            | 13/7
        DD    | 2.29            | 16/7
        EE    | 2.71            | 19/7
        FF    | 3.14            | 22/7
        GG    | 3.57            | 25/7
        HH    | 4.00            | 4
        """,
    )


@pytest.mark.parametrize(
    ("scoring", "table"),
    [
        (
            {"method": "standard", "standard": 78},
            """
            trust | waits_published | score
            AA    | 1.00            | 1
            A2    | 1.00            | 1
            BB    | 2.00            | 2
            CC    | 2.67            | 8/3
            DD    | 3.33            | 10/3
            EE    | 4.00            | 4
            """,
        ),
        (
            {"method": "floor", "floor": 70},
            """
            trust | waits_published | score
            AA    | 1.00            | 1
            BB    | 1.67            | 5/3
            CC    | 2.33            | 7/3
            DD    | 3.00            | 3
            EE    | 4.00            | 4
            E2    | 4.00            | 4
            """,
        ),
        (
            {"method": "standard", "standard": 78, "floor": 50},
            """
            trust | waits_published | score
            AA    | 1.00            | 1
            BB    | 2.00            | 2
            CC    | 2.33            | 7/3
            DD    | 2.67            | 8/3
            EE    | 3.00            | 3
            FF    | 4.00            | 4
            """,
        ),
    ],
    ids=["standard", "floor", "standard and floor"],
)
def test_fixed_scores_are_not_on_the_grid(scoring: dict[str, Any], table: str) -> None:
    check_table(
        framework({"waits": metric(scoring=scoring, published_score="waits_published")}), table
    )


def test_each_pool_has_its_own_grid() -> None:
    check_table(
        framework({"waits": metric(pool="peer_group", published_score="waits_published")}),
        """
        trust | type      | waits_published | score
        AA    | Acute     | 1.00            | 1
        BB    | Acute     | 2.50            | 2.5
        CC    | Acute     | 4.00            | 4
        DD    | Ambulance | 1.00            | 1
        EE    | Ambulance | 1.43            | 10/7
        FF    | Ambulance | 1.86            | 13/7
        GG    | Ambulance | 2.29            | 16/7
        HH    | Ambulance | 2.71            | 19/7
        II    | Ambulance | 3.14            | 22/7
        JJ    | Ambulance | 3.57            | 25/7
        KK    | Ambulance | 4.00            | 4
        """,
    )


def test_who_is_not_in_a_named_pool_does_not_stretch_its_grid() -> None:
    pool = {"peer_groups": ["Ambulance"]}
    check_table(
        framework({"waits": metric(pool=pool, published_score="waits_published")}),
        """
        trust | type      | waits_published | score
        AA    | Ambulance | 1.00            | 1
        BB    | Ambulance | 1.43            | 10/7
        CC    | Ambulance | 1.86            | 13/7
        DD    | Ambulance | 2.29            | 16/7
        EE    | Ambulance | 2.71            | 19/7
        FF    | Ambulance | 3.14            | 22/7
        GG    | Ambulance | 3.57            | 25/7
        HH    | Ambulance | 4.00            | 4
        II    | Acute     | 2.00            | 2
        """,
    )


@pytest.mark.parametrize(
    "table",
    [
        """
        trust | waits_published | score
        AA    | 0.00            | 0
        BB    | 0.33            | 1/3
        """,
        """
        trust | waits_published | score
        AA    | 0.00            | 0
        BB    | 0.67            | 0.67
        CC    | 1.00            | 1
        """,
    ],
    ids=["one", "two"],
)
def test_the_grid_of_one_or_two_has_no_place_between_its_ends(table: str) -> None:
    waits = metric(
        scoring={"method": "standard", "standard": 78}, published_score="waits_published"
    )
    check_table(framework({"waits": waits}, scale={"best": 0, "worst": 1}), table)


def test_a_score_that_is_on_no_grid_stays_as_published() -> None:
    check_table(
        framework(RANKED),
        """
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 1.97            | 1.97
        CC    | 4.00            | 4
        """,
    )


@pytest.mark.parametrize(("expected", "second", "third"), [(4, "4/3", "5/3"), (5, "1.33", "1.67")])
def test_ranks_can_be_counted_back_only_in_a_whole_pool(
    expected: int, second: str, third: str
) -> None:
    spec = framework(
        RANKED,
        scale={"best": 1, "worst": 2},
        peer_groups={"expected_organisations": {"Acute": expected}},
    )
    check_table(
        spec,
        f"""
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 1.33            | {second}
        CC    | 1.67            | {third}
        DD    | 2.00            | 2
        """,
    )


def test_a_type_that_is_whole_has_its_grid_whatever_other_types_are_loaded() -> None:
    # Acute trusts alone are loaded, and they are a pool of their own.
    spec = framework(
        {"waits": metric(pool="peer_group", published_score="waits_published")},
        scale={"best": 1, "worst": 2},
        peer_groups={"expected_organisations": {"Acute": 4, "Ambulance": 10}},
    )
    check_table(
        spec,
        """
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 1.33            | 4/3
        CC    | 1.67            | 5/3
        DD    | 2.00            | 2
        """,
    )


def test_a_score_half_way_between_two_places_stays_as_published() -> None:
    # The places of four that pass a floor are 1, 5/3, 7/3 and 3.
    waits = metric(scoring={"method": "floor", "floor": 70}, published_score="waits_published")
    check_table(
        framework({"waits": waits}),
        """
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 1.33            | 1.33
        CC    | 2.33            | 7/3
        DD    | 3.00            | 3
        """,
    )


def test_a_score_that_rounds_to_another_figure_than_the_grids_stays_as_published() -> None:
    # The grid's 2.5 is 0.006 away: more than half a hundredth.
    check_table(
        framework(RANKED),
        """
        trust | waits_published | score
        AA    | 1.00            | 1
        BB    | 2.506           | 2.506
        CC    | 4.00            | 4
        """,
    )


def test_a_score_on_a_half_may_have_been_rounded_to_either_side() -> None:
    # Of five, 1/4 and 3/4 are as far from the figure above as from the one below.
    check_table(
        framework(RANKED, scale={"best": 0, "worst": 1, "decimals": 1}),
        """
        trust | waits_published | score
        AA    | 0.0             | 0
        BB    | 0.3             | 1/4
        CC    | 0.5             | 1/2
        DD    | 0.8             | 3/4
        EE    | 1.0             | 1
        """,
    )


MIXED = """
    trust | waits | waits_published | score | waits score_is_published
    AA    | 90    | 1.00            | 1     | {}
    BB    | 80    | 3.00            | {}    | {}
    CC    | 70    | 2.00            | {}    | {}
    DD    | 60    | 4.00            | 4     | {}
    """


def check_source(spec: dict[str, Any], table: str, scores: Any) -> None:
    """Hold the scores in engine and oracle, and in the engine where they came from."""
    expected = {
        row["trust"]: {"score_is_published:waits": row["waits score_is_published"] == "yes"}
        for row in read_table(table)
    }
    assert_rows(league_of_table(spec, table, scores), expected)
    check_table(spec, _without_last_column(table), scores)


def _without_last_column(table: str) -> str:
    return "\n".join(line.rpartition("|")[0] for line in table.strip().splitlines())


def test_auto_takes_the_published_score_where_the_computed_one_does_not_round_to_it() -> None:
    check_source(framework(RANKED), MIXED.format("no", 3, "yes", 2, "yes", "no"), "auto")


def test_auto_keeps_the_computed_score_where_it_rounds_to_the_published_one() -> None:
    check_source(
        framework(RANKED),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | no
        BB    | 80    | 1.75            | 1.75  | no
        CC    | 70    | 2.50            | 2.5   | no
        DD    | 60    | 3.25            | 3.25  | no
        EE    | 50    | 4.00            | 4     | no
        """,
        "auto",
    )


def test_published_takes_every_published_score() -> None:
    check_source(framework(RANKED), MIXED.format("yes", 3, "yes", 2, "yes", "yes"), "published")


def test_computed_takes_none() -> None:
    spec = framework(RANKED)
    check_table(spec, _without_last_column(MIXED.format("", 2, "", 3, "", "")), "computed")


def test_auto_computes_where_nothing_is_published() -> None:
    check_table(
        framework(RANKED),
        """
        trust | waits | waits_published | score
        AA    | 90    | 1.00            | 1
        BB    | 80    | -               | 2.5
        CC    | 70    | 4.00            | 4
        """,
    )


def test_a_matrix_combines_the_published_scores_of_its_parts() -> None:
    metrics = {
        "plan": metric(published_score="plan_published"),
        "variance": score_metric(),
        "finance": metric(
            scoring={
                "method": "matrix",
                "rows": "plan",
                "columns": "variance",
                "scores": [[1, 1], [2, 3]],
            }
        ),
    }
    check_table(
        framework(metrics),
        "trust | plan | plan_published | variance | finance score\n AA | 1 | 2 | 2 | 3",
    )


@pytest.mark.parametrize(
    ("published", "average", "is_published"),
    [("2.33", "2.33", "no"), ("2.34", "2.34", "yes"), ("2.32", "2.32", "yes"),
     ("2.35", "2.33", "no"), ("-", "2.33", "no")],
)  # fmt: skip
def test_a_published_average_within_a_hundredth_is_used_and_marked(
    published: str, average: str, is_published: str
) -> None:
    metrics = {"a": score_metric(weight=2), "b": score_metric()}
    check_table(
        framework(metrics, published=RESULTS, aggregate=BEFORE),
        f"""
        trust | a | b | published_average | composite | average   | average_is_published
        AA    | 2 | 3 | {published}       | 7/3       | {average} | {is_published}
        """,
    )


@pytest.mark.parametrize("scores", ["computed", "published"])
def test_only_auto_uses_the_published_average(scores: Any) -> None:
    metrics = {"a": score_metric(weight=2), "b": score_metric()}
    check_table(
        framework(metrics, published=RESULTS, aggregate=BEFORE),
        """
        trust | a | b | published_average | average | average_is_published
        AA    | 2 | 3 | 2.34              | 2.33    | no
        """,
        scores,
    )


def test_the_published_average_is_what_is_ranked() -> None:
    metrics = {"a": score_metric(), "b": score_metric()}
    check_table(
        framework(metrics, published=RESULTS, aggregate=BEFORE),
        """
        trust | a | b    | published_average | average | rank
        AA    | 2 | 2.02 | 2.02              | 2.02    | 2
        BB    | 2 | 2.02 | -                 | 2.01    | 1
        """,
    )


def test_a_published_average_does_not_rank_a_trust_that_has_too_few_metrics() -> None:
    metrics = {"a": score_metric(), "b": score_metric()}
    check_table(
        framework(metrics, published=RESULTS, aggregate=BEFORE | {"min_metrics": 2}),
        """
        trust | a | b | published_average | average | rank
        AA    | 2 | - | 2.00              | -       | -
        """,
    )


def test_a_published_domain_score_within_a_hundredth_is_used() -> None:
    metrics = {"a": score_metric(weight=2), "b": score_metric()}
    check_table(
        framework(metrics, published=RESULTS, aggregate=BEFORE),
        """
        trust | a | b | published_access | domain_score_access
        AA    | 2 | 3 | 2.34             | 2.34
        BB    | 2 | 3 | 2.40             | 2.33
        CC    | 2 | 3 | -                | 2.33
        """,
    )
