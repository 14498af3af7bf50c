"""Ranking: competition ranks on the framework's keys in turn, in the peer group or among all."""

from __future__ import annotations

from tests.support import check_table, framework_of_scores

DEFICIT = {
    "id": "deficit",
    "title": "Deficit",
    "when": {"flag": "in_deficit"},
    "not_better_than": 3,
}


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | a | rank | rank_of
        AA    | 1 | 1    | 4
        BB    | 2 | 2    | 4
        CC    | 2 | 2    | 4
        DD    | 4 | 4    | 4
        """,
    )


def test_each_type_is_ranked_alone() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | type      | a | rank | rank_of
        AA    | Acute     | 3 | 1    | 2
        BB    | Ambulance | 1 | 1    | 3
        CC    | Ambulance | 1 | 1    | 3
        DD    | Acute     | 4 | 2    | 2
        EE    | Ambulance | 2 | 3    | 3
        """,
    )


def test_all_may_be_ranked_together() -> None:
    check_table(
        framework_of_scores("a", ranking={"within": "all"}),
        """
        trust | type      | a | rank | rank_of
        AA    | Acute     | 3 | 3    | 4
        BB    | Ambulance | 1 | 1    | 4
        CC    | Ambulance | 2 | 2    | 4
        DD    | Acute     | 4 | 4    | 4
        """,
    )


def test_the_adjusted_segment_comes_before_the_average() -> None:
    table = """
        trust | a   | in_deficit | adjusted | rank
        AA    | 1.0 | 1          | 3        | {}
        BB    | 2.0 | 0          | 2        | {}
        CC    | 3.0 | 0          | 3        | {}
        DD    | 4.0 | 0          | 4        | {}
        """
    by_default = framework_of_scores("a", overrides=[DEFICIT])
    check_table(by_default, table.format(2, 1, 3, 4))
    by_average = framework_of_scores(
        "a", overrides=[DEFICIT], ranking={"by": ["average_metric_score"]}
    )
    check_table(by_average, table.format(1, 2, 3, 4))
    by_segment = framework_of_scores(
        "a", overrides=[DEFICIT], ranking={"by": ["segment", "average_metric_score"]}
    )
    check_table(by_segment, table.format(1, 2, 3, 4))


def test_equal_segments_tie_where_the_segment_is_the_only_key() -> None:
    check_table(
        framework_of_scores("a", ranking={"by": ["segment"]}),
        """
        trust | a   | segment | rank
        AA    | 1.0 | 1       | 1
        BB    | 1.1 | 1       | 1
        CC    | 2.0 | 2       | 3
        DD    | 3.0 | 3       | 4
        EE    | 4.0 | 4       | 5
        """,
    )


def test_trusts_without_a_segment_tie_where_the_segment_is_the_only_key() -> None:
    check_table(
        framework_of_scores("a", ranking={"by": ["segment"]}),
        """
        trust | a          | segment | rank | rank_of
        AA    | 1          | -       | 1    | 2
        BB    | 2          | -       | 1    | 2
        CC    | suppressed | -       | -    | -
        """,
    )


def test_rounding_before_ranking_ties_what_looks_equal() -> None:
    check_table(
        framework_of_scores("a", aggregate={"rounding": "before_ranking"}),
        """
        trust | a     | average | rank
        AA    | 1.501 | 1.50    | 1
        BB    | 1.499 | 1.50    | 1
        CC    | 1.6   | 1.60    | 3
        """,
    )


def test_rounding_after_ranking_parts_what_looks_equal() -> None:
    check_table(
        framework_of_scores("a", aggregate={"rounding": "after_ranking"}),
        """
        trust | a     | average | rank
        AA    | 1.501 | 1.50    | 2
        BB    | 1.499 | 1.50    | 1
        CC    | 1.6   | 1.60    | 3
        """,
    )


def test_arithmetic_noise_does_not_part_equal_averages() -> None:
    # In binary 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last place.
    spec = framework_of_scores("a", "b", "c", scale={"best": 0, "worst": 1})
    check_table(
        spec,
        """
        trust | a   | b   | c   | rank
        AA    | 0.1 | 0.2 | 0.3 | 1
        BB    | 0.3 | 0.2 | 0.1 | 1
        CC    | 0.2 | 0.3 | 0.1 | 1
        DD    | 0.9 | 0.9 | 0.9 | 4
        """,
    )


def test_on_a_scale_where_more_is_better_the_highest_average_is_first() -> None:
    check_table(
        framework_of_scores("a", scale={"best": 100, "worst": 0}),
        """
        trust | a  | rank
        AA    | 90 | 1
        BB    | 10 | 4
        CC    | 50 | 2
        DD    | 50 | 2
        """,
    )


def test_within_one_segment_the_highest_average_is_first_there_too() -> None:
    check_table(
        framework_of_scores("a", scale={"best": 100, "worst": 0}),
        """
        trust | a  | segment | rank
        AA    | 90 | -       | 1
        BB    | 10 | -       | 3
        CC    | 50 | -       | 2
        """,
    )


def test_who_is_not_ranked_takes_no_place() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | a             | rank | rank_of
        AA    | not_submitted | -    | -
        BB    | 3             | 2    | 2
        CC    | 1             | 1    | 2
        """,
    )
