"""Incomplete pools: a score among others of whom some are missing is taken as it is printed."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.support import check_table, framework, metric, score_metric

EVERY_MODE = pytest.mark.parametrize("scores", SCORE_SOURCES)


def expecting(metrics: dict[str, Any], **expected: int) -> dict[str, Any]:
    """State a framework that expects so many organisations of each type."""
    return framework(metrics, peer_groups={"expected_organisations": expected})


def waits(**changes: Any) -> dict[str, Any]:
    return {"waits": metric(published_score="waits_published", **changes)}


@EVERY_MODE
def test_the_printed_score_stands_whatever_is_asked_for(scores: ScoreSource) -> None:
    # Four of five are there: computed among themselves, they would score 1, 2, 3 and 4.
    check_table(
        expecting(waits(), Acute=5),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.00            | 1     | yes
        BB    | 80    | 1.75            | 1.75  | yes
        CC    | 70    | 3.25            | 3.25  | yes
        DD    | 60    | 4.00            | 4     | yes
        """,
        scores,
    )


@EVERY_MODE
def test_where_none_is_printed_the_score_is_among_those_who_are_there(scores: ScoreSource) -> None:
    check_table(
        expecting(waits(), Acute=5),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.33            | 1.33  | yes
        BB    | 80    | -               | 2     | no
        CC    | 70    | -               | 3     | no
        DD    | 60    | -               | 4     | no
        """,
        scores,
    )


@pytest.mark.parametrize(
    ("scores", "is_published"), [("auto", "no"), ("computed", "no"), ("published", "yes")]
)
@pytest.mark.parametrize(("expected", "second", "third"), [(4, "4/3", "5/3"), (5, "1.33", "1.67")])
def test_with_the_last_one_there_scores_are_exact(
    expected: int, second: str, third: str, scores: ScoreSource, is_published: str
) -> None:
    spec = expecting(waits(), Acute=expected) | {"scale": {"best": 1, "worst": 2}}
    stands = is_published if expected == 4 else "yes"
    check_table(
        spec,
        f"""
        trust | waits | waits_published | score    | waits score_is_published
        AA    | 90    | 1.00            | 1        | {stands}
        BB    | 80    | 1.33            | {second} | {stands}
        CC    | 70    | 1.67            | {third}  | {stands}
        DD    | 60    | 2.00            | 2        | {stands}
        """,
        scores,
    )


@EVERY_MODE
@pytest.mark.parametrize(
    "scoring",
    [
        {"method": "rank"},
        {"method": "standard", "standard": 85},
        {"method": "standard", "standard": 85, "floor": 50},
        {"method": "floor", "floor": 70},
        {"method": "min_max"},
        {"method": "min_max", "lower": 50},
        {"method": "min_max", "upper": 90},
        {"method": "z_score"},
        {"method": "percentile"},
    ],
    ids=lambda scoring: " and ".join(scoring.values() if len(scoring) == 1 else list(scoring)[1:]),
)
def test_every_score_among_others_is_taken_as_printed(
    scores: ScoreSource, scoring: dict[str, Any]
) -> None:
    check_table(
        expecting(waits(scoring=scoring), Acute=3),
        """
        trust | waits | waits_published | score | waits score_is_published
        AA    | 90    | 1.40            | 1.4   | yes
        BB    | 60    | 3.10            | 3.1   | yes
        """,
        scores,
    )


BANDS = {"method": "bands", "bands": [{"at_least": 80, "score": 1}], "otherwise": 3}
TARGET = {"method": "target", "target": 80, "limit": 50}
GOALPOSTS = {"method": "min_max", "lower": 50, "upper": 80}


@pytest.mark.parametrize(
    "scoring", [BANDS, TARGET, GOALPOSTS], ids=["bands", "target", "goalposts"]
)
@pytest.mark.parametrize(
    ("scores", "second", "first_is", "second_is"),
    [("auto", 2, "no", "yes"), ("computed", 1, "no", "no"), ("published", 2, "yes", "yes")],
)
def test_a_band_a_target_or_two_goalposts_need_nobody_else(
    scoring: dict[str, Any], scores: ScoreSource, second: int, first_is: str, second_is: str
) -> None:
    check_table(
        expecting(waits(scoring=scoring), Acute=9),
        f"""
        trust | waits | waits_published | score    | waits score_is_published
        AA    | 90    | 1.00            | 1        | {first_is}
        BB    | 85    | 2.00            | {second} | {second_is}
        """,
        scores,
    )


@pytest.mark.parametrize(
    ("scores", "first", "second", "is_published"),
    [("auto", 2, 4, "no yes"), ("computed", 2, 3, "no no"), ("published", 2, 4, "yes yes")],
)
def test_a_matrix_needs_nobody_else(
    scores: ScoreSource, first: int, second: int, is_published: str
) -> None:
    metrics = {
        "finance": metric(
            published_score="finance",
            scoring={
                "method": "matrix",
                "rows": "plan",
                "columns": "variance",
                "scores": [[1, 2], [2, 3]],
            },
        ),
        "plan": score_metric(),
        "variance": score_metric(),
    }
    of_first, of_second = is_published.split()
    check_table(
        expecting(metrics, Acute=9),
        f"""
        trust | plan | variance | finance | score    | finance score_is_published
        AA    | 1    | 2        | 2       | {first}  | {of_first}
        BB    | 2    | 2        | 4       | {second} | {of_second}
        """,
        scores,
    )


@EVERY_MODE
def test_a_metric_given_as_a_score_needs_nobody_else(scores: ScoreSource) -> None:
    check_table(
        expecting({"survey": score_metric()}, Acute=9),
        "trust | survey | score\n AA | 2 | 2",
        scores,
    )


@pytest.mark.parametrize("scores", ["auto", "computed"])
def test_each_type_is_whole_or_not_by_itself_where_it_is_a_pool(scores: ScoreSource) -> None:
    check_table(
        expecting(waits(pool="peer_group"), Acute=3, Ambulance=3),
        """
        trust | type      | waits | waits_published | score | waits score_is_published
        AA    | Acute     | 90    | 1.00            | 1     | no
        BB    | Acute     | 80    | 2.50            | 2.5   | no
        CC    | Acute     | 70    | 4.00            | 4     | no
        DD    | Ambulance | 60    | 1.00            | 1     | yes
        EE    | Ambulance | 50    | 2.50            | 2.5   | yes
        """,
        scores,
    )


@pytest.mark.parametrize(
    ("pool", "first", "second", "is_published"),
    [
        ("all", "1.43", "3.57", "yes"),
        ({"peer_groups": ["Ambulance"]}, "1", "4", "no"),
        ({"peer_groups": ["Ambulance", "Acute"]}, "1.43", "3.57", "yes"),
    ],
    ids=["all", "of the type that is whole", "of both types"],
)
def test_a_pool_is_whole_when_all_the_types_in_it_are(
    pool: Any, first: str, second: str, is_published: str
) -> None:
    check_table(
        expecting(waits(pool=pool), Acute=5, Ambulance=2),
        f"""
        trust | type      | waits | waits_published | score    | waits score_is_published
        AA    | Ambulance | 90    | 1.43            | {first}  | {is_published}
        BB    | Ambulance | 80    | 3.57            | {second} | {is_published}
        """,
        "computed",
    )


AMBULANCES = {"peer_groups": ["Ambulance"], "include": ["R1F"]}
RESPONSES = """
        trust | type      | waits | waits_published | score | waits score_is_published
        RX6   | Ambulance | 20    | 1.30            | 1.3   | yes
        RX9   | Ambulance | 40    | 3.70            | 3.7   | yes
        """


@EVERY_MODE
def test_a_pool_lacks_a_member_of_another_type_that_is_not_there(scores: ScoreSource) -> None:
    spec = expecting(waits(pool=AMBULANCES, polarity="lower_is_better"), Acute=9, Ambulance=2)
    check_table(spec, RESPONSES, scores)


def test_with_its_member_of_another_type_it_is_whole_and_other_types_do_not_matter() -> None:
    check_table(
        expecting(waits(pool=AMBULANCES, polarity="lower_is_better"), Acute=9, Ambulance=2),
        """
        trust | type      | waits | waits_published | score | waits score_is_published
        RX6   | Ambulance | 20    | 1.00            | 1     | no
        RX9   | Ambulance | 40    | 4.00            | 4     | no
        R1F   | Acute     | 30    | 2.50            | 2.5   | no
        """,
    )


def test_a_member_that_is_there_need_not_report_the_metric() -> None:
    metrics = waits(pool=AMBULANCES, polarity="lower_is_better") | {"survey": score_metric()}
    check_table(
        expecting(metrics, Acute=9, Ambulance=2),
        """
        trust | type      | waits | waits_published | survey | score | waits score_is_published
        RX6   | Ambulance | 20    | 1.00            | -      | 1     | no
        RX9   | Ambulance | 40    | 4.00            | -      | 4     | no
        R1F   | Acute     | -     | -               | 2      | -     | no
        """,
    )


def test_a_framework_that_expects_no_number_is_content_with_any() -> None:
    check_table(
        framework(waits(pool=AMBULANCES, polarity="lower_is_better")),
        """
        trust | type      | waits | waits_published | score | waits score_is_published
        RX6   | Ambulance | 20    | 1.00            | 1     | no
        RX9   | Ambulance | 40    | 4.00            | 4     | no
        """,
    )


def test_a_trust_of_which_only_results_are_there_does_not_make_a_pool_whole() -> None:
    spec = expecting(waits(), Acute=3) | {
        "aggregate": {"rounding": "before_ranking"},
        "published": {"average_metric_score": "published_average"},
        "overrides": [
            {"id": "d", "title": "D", "when": {"flag": "in_deficit"}, "not_better_than": 3}
        ],
    }
    check_table(
        spec,
        """
        trust | waits | waits_published | published_average | in_deficit | score
        AA    | 90    | 1.50            | -                 | -          | 1.5
        BB    | 80    | 3.50            | -                 | -          | 3.5
        CC    | -     | -               | 2.00              | -          | -
        DD    | -     | -               | -                 | 1          | -
        """,
        "computed",
    )


@pytest.mark.parametrize("there", ["- | 2.50", "70 | -", "suppressed | -"])
def test_a_trust_is_there_with_any_metrics_row(there: str) -> None:
    """A value, a score alone, or the reason for none: the publisher's row of it is loaded."""
    check_table(
        expecting(waits(), Acute=3),
        f"""
        trust | waits | waits_published | waits score_is_published
        AA    | 90    | 1.00            | no
        BB    | 60    | 4.00            | no
        CC    | {there}                 | {"yes" if there.startswith("-") else "no"}
        """,
    )
