from __future__ import annotations

from typing import Any

import pytest

from nhs_league.analysis.explain import explain
from nhs_league.framework.model import Scale
from nhs_league.league import League
from nhs_league.presentation.site.words import (
    change_words,
    is_met,
    segment_count,
    standards_met,
    trust_summary,
)
from nhs_league.quarter import Quarter
from tests.traps.support import QUARTER, framework, league, metric, observed


def scored(scores: dict[str, list[float | None]], **changes: Any) -> League:
    ids = [f"m{at}" for at in range(len(next(iter(scores.values()))))]
    made = framework({id_: metric(title=f"Measure {id_}") for id_ in ids}, **changes)
    rows = [
        observed(code, id_, value=value)
        for code, own in scores.items()
        for id_, value in zip(ids, own, strict=True)
        if value is not None
    ]
    return league(made, rows)


def summary(made: League, code: str = "AA", **known: Any) -> str:
    likely = {"rank_low": 1, "rank_high": 2} | known.pop("likely", {})
    told = trust_summary(
        explain(made, code), made, "acute trusts", likely, known.pop("change", None), **known
    )
    return "\n".join(told)


def change(before: int | None, after: int | None, **more: Any) -> dict[str, Any]:
    return {
        "rank_from": before,
        "rank_to": after,
        "average_from": 1.5,
        "average_to": 2.25,
        "is_significant": None,
        **more,
    }


PAIR = {"AA": [1.0, 4.0, 2.0], "BB": [1.0, 1.0, 1.0]}


def test_a_rank_is_told_with_how_sure_it_is() -> None:
    made = scored(PAIR)
    assert "is ranked 2 of 2 acute trusts for April to June 2025 (Q1 2025/26)." in summary(made)
    assert "anywhere from 1 to 2, depending" in summary(made)
    assert "likely 2." in summary(made, likely={"rank_low": 2, "rank_high": 2})
    unknown = summary(made, likely={"rank_low": None, "rank_high": None})
    assert "How sure that rank is cannot be told" in unknown
    assert "How sure" in trust_summary(explain(made, "AA"), made, "trusts", None, None)[0]


def test_the_best_and_the_worst_scores_are_counted() -> None:
    made = scored(PAIR)
    assert "Of the 3 measures that count for it, 1 has the best possible score and 1 the" in (
        summary(made)
    )
    assert "Of the 3 measures that count for it, 3 have the best possible score and none" in (
        summary(made, "BB")
    )
    one = scored({"AA": [2.0]})
    assert "Of the 1 measure that counts for it, none have the best possible score and none" in (
        summary(one)
    )


def test_what_costs_most_is_named_most_first_and_only_what_costs() -> None:
    assert "What costs it most: Measure m1; Measure m2." in summary(scored(PAIR))
    assert "What costs it most" not in summary(scored(PAIR), "BB")


def test_a_trust_that_is_not_ranked_is_told_why_and_what_is_missing() -> None:
    aggregate = {"over": "metrics", "min_metrics": 3}
    made = scored(PAIR | {"CC": [1.0, None, None]}, aggregate=aggregate)
    told = summary(made, "CC")
    assert told.startswith("Trust CC is not ranked for April to June 2025 (Q1 2025/26): it has ")
    assert told.endswith("There is no score for 2 of the 3 measures expected of it.")


def test_what_is_missing_of_a_ranked_trust_is_told_last() -> None:
    told = summary(scored(PAIR | {"CC": [1.0, None, 2.0]}), "CC")
    assert told.endswith("There is no score for 1 of the 3 measures expected of it.")


@pytest.mark.parametrize(
    ("row", "said", "cell"),
    [
        (change(3, 3), "it stayed at rank 3; its average went from 1.50 to 2.25.", "same"),
        (change(3, 2), "it rose 1 place, from 3 to 2; its average went", "up 1"),
        (
            change(3, 3, average_to=1.5, is_significant=False),
            "it stayed at rank 3; its average stayed at 1.50.",
            "same",
        ),
        (change(2, 14), "it fell 12 places, from 2 to 14; its average went", "down 12"),
        (
            change(5, 2, is_significant=True),
            "it rose 3 places, from 5 to 2; the change of its average, from 1.50 to 2.25, is a "
            "significant one.",
            "up 3, average significantly worse",
        ),
        (
            change(2, 5, is_significant=False),
            "it fell 3 places, from 2 to 5; the change of its average, from 1.50 to 2.25, is too "
            "small to be called significant.",
            "down 3",
        ),
        (change(None, 5), None, ""),
        (change(5, None), None, ""),
        (None, None, ""),
    ],
)
def test_a_move_is_told_with_its_places_and_whether_it_is_real(
    row: dict[str, Any] | None, said: str | None, cell: str
) -> None:
    made = scored(PAIR)
    told = summary(made, change=row)
    assert (f"Since the quarter before {said}" in told) if said else "Since" not in told
    assert change_words(row, made.framework.scale) == cell


@pytest.mark.parametrize(("best", "worst", "said"), [(1, 4, "worse"), (4, 1, "better")])
def test_a_significant_change_is_one_of_the_average_whatever_the_rank(
    best: float, worst: float, said: str
) -> None:
    cell = change_words(change(27, 25, is_significant=True), Scale(best=best, worst=worst))
    assert cell == f"up 2, average significantly {said}"


def test_a_quarter_before_that_is_not_the_last_one_is_named() -> None:
    made = scored(PAIR)
    near, far = (
        summary(made, change=change(3, 2), before=quarter)
        for quarter in (Quarter(2025, 1), Quarter(2024, 4))
    )
    assert made.quarter == QUARTER
    assert "Since the quarter before it rose" in near
    assert "Since October to December 2024 (Q3 2024/25) it rose" in far


def test_segments_are_counted_from_the_bounds() -> None:
    bounds = {"method": "thresholds", "upper_bounds": [1.5, 2, 2.5, 3, 3.5]}
    assert segment_count(scored(PAIR, segments=bounds)) == 6
    assert segment_count(scored(PAIR, segments={"method": "quartiles"})) == 4
    assert "segment 3 of 3, where 1 is the best" not in summary(scored(PAIR))
    assert "segment 2 of 3, where 1 is the best." in summary(scored({"AA": [2.5]}))


def test_an_override_that_holds_back_is_told_and_one_that_does_not_is_not() -> None:
    rule = {"id": "rule", "title": "it owes money", "not_better_than": 2}
    below = {"when": {"metric": "m0", "below": 3}}
    held = scored({"AA": [1.0], "BB": [2.5]}, overrides=[rule | below])
    assert "Its scores alone would put it in segment 1; it is held back" in summary(held)
    assert "it owes money" in summary(held)
    assert "it owes money" not in summary(held, "BB")


# Standards


def held_to(scoring: dict[str, Any], polarity: str = "higher_is_better") -> League:
    stated = metric(scoring=scoring, polarity=polarity, unit="percent")
    return league(
        framework({"m": stated, "free": metric()}),
        [observed("AA", "m", value=50), observed("BB", "m", value=80)],
    )


@pytest.mark.parametrize(
    ("method", "value", "score", "expected"),
    [
        ("standard", 74.99, 2.0, False),
        ("standard", 75.01, 1.0, True),
        ("standard", 75.0, 1.0, True),
        ("standard", 75.0, 2.0, False),
        ("floor", 75.0, 3.0, True),
        ("floor", 75.0, 4.0, False),
        ("floor", 74.99, 4.0, False),
        ("standard", None, 2.0, None),
        ("standard", 75.0, None, None),
    ],
)
def test_a_value_on_its_standard_is_settled_by_its_score(
    method: str, value: float | None, score: float | None, expected: bool | None
) -> None:
    made = held_to({"method": method, method: 75})
    row = {"metric_id": "m", "standard": 75.0, "value": value, "score": score, "unit": "percent"}
    assert is_met(made.framework, row | {"is_higher_better": True}) is expected
    assert is_met(made.framework, row | {"standard": None, "is_higher_better": True}) is None


def test_where_less_is_better_a_value_below_meets() -> None:
    made = held_to({"method": "standard", "standard": 75}, "lower_is_better")
    assert standards_met(explain(made, "AA"), made.framework) == (1, 1)
    assert standards_met(explain(made, "BB"), made.framework) == (0, 1)
    assert "It meets 1 of the 1 standard that it is held to." in summary(made)


def test_a_figure_that_nobody_expects_is_not_missing() -> None:
    made = framework({"m0": metric(), "m1": metric(expected_of=["Ambulance trust"])})
    rows = [observed("AA", "m0", value=1.0), observed("AA", "m1", status="suppressed", value=None)]
    explanation = explain(league(made, rows), "AA")
    assert (explanation.metrics_scored, explanation.metrics_expected) == (1, 1)
    assert "There is no score" not in summary(league(made, rows))
