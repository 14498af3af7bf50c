"""Segments: quartiles of the averages by linear interpolation, or stated thresholds."""

from __future__ import annotations

from tests.support import check_table, framework, framework_of_scores, league_of_table, score_metric


def test_quartiles_are_interpolated_linearly() -> None:
    # Of six averages the cuts lie 1.25, 2.5 and 3.75 steps from the first.
    table = """
        trust | a    | segment
        AA    | 1.00 | 1
        BB    | 1.50 | 1
        CC    | 2.00 | 2
        DD    | 2.50 | 3
        EE    | 3.50 | 4
        FF    | 4.00 | 4
        """
    check_table(framework_of_scores("a"), table)
    row = league_of_table(framework_of_scores("a"), table)["AA"]
    assert [row[f"cut_point:{index}"] for index in (1, 2, 3)] == [1.625, 2.25, 3.25]


def test_an_average_at_a_cut_point_is_in_the_better_segment() -> None:
    # Of five averages the cuts are the second, third and fourth.
    check_table(
        framework_of_scores("a"),
        """
        trust | a   | segment
        AA    | 1.1 | 1
        BB    | 1.2 | 1
        CC    | 1.3 | 2
        DD    | 1.4 | 3
        EE    | 1.5 | 4
        """,
    )


def test_all_types_are_cut_together() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | type      | a   | segment
        AA    | Acute     | 1.1 | 1
        BB    | Acute     | 1.2 | 1
        CC    | Acute     | 1.3 | 2
        DD    | Ambulance | 3.4 | 3
        EE    | Ambulance | 3.5 | 4
        """,
    )


def test_each_type_may_be_cut_alone() -> None:
    check_table(
        framework_of_scores("a", segments={"method": "quartiles", "pool": "peer_group"}),
        """
        trust | type      | a   | segment
        AA    | Acute     | 1.1 | 1
        BB    | Acute     | 1.2 | 2
        CC    | Acute     | 1.3 | 3
        DD    | Acute     | 1.4 | 4
        EE    | Ambulance | 3.1 | 1
        FF    | Ambulance | 3.2 | 2
        GG    | Ambulance | 3.3 | 3
        HH    | Ambulance | 3.4 | 4
        """,
    )


def test_fewer_than_four_have_no_segment() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | a | segment | adjusted | rank
        AA    | 1 | -       | -        | 1
        BB    | 2 | -       | -        | 2
        CC    | 3 | -       | -        | 3
        """,
    )


def test_a_type_of_fewer_than_four_has_no_segment_beside_one_that_has() -> None:
    check_table(
        framework_of_scores("a", segments={"method": "quartiles", "pool": "peer_group"}),
        """
        trust | type      | a | segment
        AA    | Acute     | 1 | 1
        BB    | Acute     | 2 | 2
        CC    | Acute     | 3 | 3
        DD    | Acute     | 4 | 4
        EE    | Ambulance | 1 | -
        """,
    )


def test_a_trust_without_an_average_does_not_move_the_cut_points() -> None:
    check_table(
        framework_of_scores("a"),
        """
        trust | a          | segment
        AA    | 1          | 1
        BB    | 2          | 2
        CC    | 3          | 3
        DD    | 4          | 4
        EE    | suppressed | -
        """,
    )


def test_thresholds_are_stated_and_within_their_segment() -> None:
    thresholds = {"method": "thresholds", "upper_bounds": [1.92, 2.32, 2.77]}
    check_table(
        framework_of_scores("a", segments=thresholds),
        """
        trust | a    | segment
        AA    | 1.00 | 1
        BB    | 1.92 | 1
        CC    | 1.93 | 2
        DD    | 2.32 | 2
        EE    | 2.77 | 3
        FF    | 2.78 | 4
        """,
    )


def test_thresholds_need_no_company() -> None:
    thresholds = {"method": "thresholds", "upper_bounds": [2]}
    check_table(framework_of_scores("a", segments=thresholds), "trust | a | segment\n AA | 2.5 | 2")


def test_on_a_scale_where_more_is_better_the_highest_are_in_segment_1() -> None:
    scale = {"best": 100, "worst": 0}
    table = """
        trust | a  | segment
        AA    | 90 | 1
        BB    | 80 | 1
        CC    | 70 | 2
        DD    | 60 | 3
        EE    | 50 | 4
        """
    check_table(framework_of_scores("a", scale=scale), table)
    thresholds = {"method": "thresholds", "upper_bounds": [80, 70, 60]}
    check_table(framework_of_scores("a", scale=scale, segments=thresholds), table)


def test_a_rounded_average_is_what_is_cut_where_the_framework_rounds_first() -> None:
    # 2.004 is shown as 2.00, which is within a bound of 2.
    spec = {"segments": {"method": "thresholds", "upper_bounds": [2]}}
    table = "trust | a | segment\n AA | 2.004 | {}"
    before = framework_of_scores("a", aggregate={"rounding": "before_ranking"}, **spec)
    after = framework_of_scores("a", aggregate={"rounding": "after_ranking"}, **spec)
    check_table(before, table.format(1))
    check_table(after, table.format(2))


def test_domain_segments_are_quartiles_of_the_domain_scores_of_all_types() -> None:
    metrics = {"a": score_metric(), "b": score_metric(domain="safety")}
    check_table(
        framework(metrics, segments={"method": "thresholds", "upper_bounds": [9]}),
        """
        trust | type      | a | b | domain_segment_access | domain_segment_safety
        AA    | Acute     | 1 | 4 | 1                     | -
        BB    | Acute     | 2 | 3 | 2                     | -
        CC    | Ambulance | 3 | 2 | 3                     | -
        DD    | Ambulance | 4 | - | 4                     | -
        """,
    )
