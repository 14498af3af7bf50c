"""Cut points of a part of the league: the published segments tell where the whole of it was cut.

A cut point is the worst published average in its segment, or in a better one; quartiles of a part
would be others. Where no segment tells, everybody is beyond it.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.support import check_table, framework_of_scores, league_of_table, read_table

RESULTS = {"average_metric_score": "printed", "segment": "placed"}
OF_DOMAIN = {
    "domain_scores": {"access": "access_printed"},
    "domain_segments": {"access": "access_placed"},
}
EVERY_MODE = pytest.mark.parametrize("scores", SCORE_SOURCES)


def part_of(expected: int = 8, **changes: Any) -> dict[str, Any]:
    """State a framework of one score, of a league with so many acute trusts."""
    stated: dict[str, Any] = {
        "peer_groups": {"expected_organisations": {"Acute": expected}},
        "aggregate": {"rounding": "before_ranking"},
        "published": RESULTS,
    }
    return framework_of_scores("a", **(stated | changes))


@EVERY_MODE
def test_the_worst_average_in_a_published_segment_is_its_cut_point(scores: ScoreSource) -> None:
    # Quartiles of these six would be 1.425, 2.15 and 2.7.
    check_table(
        part_of(),
        """
        trust | a   | printed | placed | segment | cut_point:1 | cut_point:2 | cut_point:3 | told
        AA    | 1   | 1.00    | 1      | 1       | 1.3         | 2.1         | 2.8         | yes
        BB    | 1.3 | 1.30    | 1      | 1       | 1.3         | 2.1         | 2.8         | yes
        CC    | 1.8 | 1.80    | 2      | 2       | 1.3         | 2.1         | 2.8         | yes
        DD    | 2.1 | 2.10    | 2      | 2       | 1.3         | 2.1         | 2.8         | yes
        EE    | 2.8 | 2.80    | 3      | 3       | 1.3         | 2.1         | 2.8         | yes
        FF    | 2.9 | 2.90    | 4      | 4       | 1.3         | 2.1         | 2.8         | yes
        """,
        scores,
    )


@EVERY_MODE
def test_a_whole_league_is_cut_at_its_quartiles(scores: ScoreSource) -> None:
    # The quartiles of 1, 2, 3 and 4, whatever the segments say.
    check_table(
        part_of(4),
        """
        trust | a | printed | placed | segment | cut_point:1 | cut_point:2 | cut_point:3 | told
        AA    | 1 | 1.00    | 4      | 1       | 1.75        | 2.5         | 3.25        | no
        BB    | 2 | 2.00    | 4      | 2       | 1.75        | 2.5         | 3.25        | no
        CC    | 3 | 3.00    | 4      | 3       | 1.75        | 2.5         | 3.25        | no
        DD    | 4 | 4.00    | 4      | 4       | 1.75        | 2.5         | 3.25        | no
        """,
        scores,
    )


@pytest.mark.parametrize(
    "published", ["- | -", "2.00 | -", "- | 2"], ids=["neither", "no segment", "no average"]
)
def test_without_segments_or_averages_the_part_is_cut_at_its_own_quartiles(published: str) -> None:
    check_table(
        part_of(),
        f"""
        trust | a | printed | placed | segment | cut_point:1 | told
        AA    | 1 | {published}      | 1       | 1.75        | no
        BB    | 2 | {published}      | 2       | 1.75        | no
        CC    | 3 | {published}      | 3       | 1.75        | no
        DD    | 4 | {published}      | 4       | 1.75        | no
        """,
    )


def test_a_framework_that_names_no_segments_is_cut_at_the_parts_own_quartiles() -> None:
    check_table(
        part_of(published={"average_metric_score": "printed"}),
        """
        trust | a | printed | segment | told
        AA    | 1 | 1.00    | 1       | no
        BB    | 2 | 2.00    | 2       | no
        CC    | 3 | 3.00    | 3       | no
        DD    | 4 | 4.00    | 4       | no
        """,
    )


def cut_points(rows: dict[str, dict[str, Any]]) -> set[tuple[float, ...]]:
    return {tuple(row[f"cut_point:{place}"] for place in (1, 2, 3)) for row in rows.values()}


def test_a_cut_point_that_no_segment_tells_is_beyond_everybody() -> None:
    # Nobody is in segment 1; segment 3 is empty too, so that it ends where segment 2 does.
    table = """
        trust | a   | printed | placed | segment
        AA    | 1   | -       | -      | 2
        BB    | 1.8 | 1.80    | 2      | 2
        CC    | 2.1 | 2.10    | 2      | 2
        DD    | 2.5 | 2.50    | 4      | 4
        """
    check_table(part_of(), table)
    assert cut_points(league_of_table(part_of(), table)) == {(-math.inf, 2.1, 2.1)}


def test_on_a_scale_where_more_is_better_it_is_the_lowest_average() -> None:
    scale = {"best": 100, "worst": 0}
    table = """
        trust | a  | printed | placed | segment
        AA    | 90 | 90      | 2      | 2
        BB    | 80 | 80      | 2      | 2
        CC    | 70 | 70      | 3      | 3
        DD    | 60 | 60      | 3      | 3
        EE    | 50 | 50      | 4      | 4
        """
    check_table(part_of(scale=scale), table)
    assert cut_points(league_of_table(part_of(scale=scale), table)) == {(math.inf, 80, 60)}


def test_three_trusts_are_enough_where_segments_tell() -> None:
    check_table(
        part_of(),
        """
        trust | a | printed | placed | segment
        AA    | 1 | 1.00    | 1      | 1
        BB    | 2 | 2.00    | 3      | 3
        CC    | 4 | 4.00    | 4      | 4
        """,
    )


def test_published_averages_are_cut_points_and_recomputed_ones_are_cut() -> None:
    # BB's scores give 2.05, too far from the 2.00 that was published to be taken for it.
    check_table(
        part_of(),
        """
        trust | a    | printed | placed | average | segment
        AA    | 1    | 1.00    | 1      | 1       | 1
        BB    | 2.05 | 2.00    | 2      | 2.05    | 3
        CC    | 1.99 | 2.00    | 2      | 2       | 2
        DD    | 3    | 3.00    | 3      | 3       | 3
        """,
    )


def test_trusts_with_a_published_average_alone_make_the_league_whole() -> None:
    # Four are ranked of the four that are expected. Of the computed two are missing.
    table = """
        trust | a | printed | placed | segment | cut_point:1 | told
        AA    | 1 | 1.00    | 1      | 1       | {whole}     | {told}
        BB    | 2 | 2.00    | 2      | 2       | {whole}     | {told}
        CC    | - | 3.00    | 3      | {third} | {whole}     | {told}
        DD    | - | 4.00    | 4      | {last}  | {whole}     | {told}
        """
    whole = table.format(whole="1.75", told="no", third=3, last=4)
    for scores in ("auto", "published"):
        check_table(part_of(4), whole, scores)
    check_table(part_of(4), table.format(whole="1", told="yes", third="-", last="-"), "computed")


@pytest.mark.parametrize(
    "segments",
    [
        {"method": "thresholds", "upper_bounds": [1.75, 2.5, 3.25]},
        {"method": "quartiles", "pool": "peer_group"},
    ],
    ids=["thresholds", "quartiles of each type"],
)
def test_other_segments_are_not_told_by_the_published_ones(segments: dict[str, Any]) -> None:
    check_table(
        part_of(segments=segments),
        """
        trust | a | printed | placed | segment | cut_point:1 | told
        AA    | 1 | 1.00    | 4      | 1       | 1.75        | no
        BB    | 2 | 2.00    | 4      | 2       | 1.75        | no
        CC    | 3 | 3.00    | 4      | 3       | 1.75        | no
        DD    | 4 | 4.00    | 4      | 4       | 1.75        | no
        """,
    )


DOMAINS = """
    trust | a | printed | placed | access_printed | access_placed | domain_segment_access
    AA    | 1 | -       | -      | 1.00           | 1             | {}
    BB    | 2 | -       | -      | 2.00           | 1             | {}
    CC    | 3 | -       | -      | 3.00           | 2             | {}
    DD    | 4 | -       | -      | 4.00           | 4             | {}
    """


@EVERY_MODE
def test_domain_segments_of_a_part_are_told_by_those_published(scores: ScoreSource) -> None:
    spec = part_of(published=RESULTS | OF_DOMAIN)
    check_table(spec, DOMAINS.format(1, 1, 2, 4), scores)
    whole = part_of(4, published=RESULTS | OF_DOMAIN)
    check_table(whole, DOMAINS.format(1, 2, 3, 4), scores)


def test_a_domain_score_worse_than_all_that_are_published_is_in_the_last_segment() -> None:
    # DD's scores give 4, too far from the 3.50 that was published to be taken for it.
    check_table(
        part_of(published=RESULTS | OF_DOMAIN),
        """
        trust | a | access_printed | access_placed | domain_score_access | domain_segment_access
        AA    | 1 | 1.00           | 1             | 1                   | 1
        BB    | 2 | 2.00           | 2             | 2                   | 2
        CC    | 3 | 3.00           | 3             | 3                   | 3
        DD    | 4 | 3.50           | 4             | 4                   | 4
        """,
    )


@pytest.mark.parametrize("lacking", ["domain_scores", "domain_segments"])
def test_without_domain_scores_and_segments_they_are_the_parts_own(lacking: str) -> None:
    of_domain = {name: ids for name, ids in OF_DOMAIN.items() if name != lacking}
    spec = part_of(published=RESULTS | of_domain)
    rows = read_table(DOMAINS.format(1, 2, 3, 4))
    unused = OF_DOMAIN[lacking]["access"]
    kept = [name for name in rows[0] if name != unused]
    lines = [" | ".join(kept), *(" | ".join(row[name] for name in kept) for row in rows)]
    check_table(spec, "\n".join(lines))


def test_published_averages_alone_do_not_make_domains_whole() -> None:
    # All four are ranked, but only three have metrics: their domain scores are a part.
    spec = part_of(4, published=RESULTS | OF_DOMAIN)
    check_table(
        spec,
        """
        trust | a | printed | access_printed | access_placed | domain_segment_access | told
        AA    | 1 | 1.00    | 1.00           | 2             | 2                     | no
        BB    | 2 | 2.00    | 2.00           | 2             | 2                     | no
        CC    | 3 | 3.00    | 3.00           | 3             | 3                     | no
        DD    | - | 4.00    | 4.00           | 4             | -                     | no
        """,
    )
