"""How a metric is scored, in words: their numbers are those that the engine gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from nhs_league.presentation.methods.sentences import direction, standard_phrase
from nhs_league.presentation.text import number
from tests.support import built, framework, league_of_table, metric, score_metric
from tests.unit.presentation.methods.leagues import (
    TYPES,
    by_engine,
    mirrored,
    sentence,
    short,
    spec_of,
    with_scales,
)


@with_scales
def test_rank(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "rank"}, scale)
    best, _, worst = by_engine(spec, [90, 60, 40])
    assert sentence(spec) == (
        "Trusts are ranked by their value, the highest first, among all trusts with a value, and "
        f"spread evenly from {best}, the best, to {worst}, the worst."
    )
    assert short(spec) == f"ranked from {best} to {worst}"


def test_rank_where_low_values_are_good() -> None:
    spec = spec_of({"method": "rank"}, polarity="lower_is_better")
    assert by_engine(spec, [40, 90]) == ["1.00", "4.00"]
    assert "the lowest first" in sentence(spec)


@with_scales
def test_standard(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "standard", "standard": 78}, scale)
    best, second, _, worst = by_engine(spec, [78, 77.9, 60, 40])
    assert sentence(spec) == (
        f"Trusts that meet the standard of 78% or more score {best}, the best. The others are "
        f"ranked among themselves by their value and spread evenly from {second} to {worst}, the "
        "worst."
    )
    assert short(spec) == (
        f"standard 78% or more: {best} if met, otherwise ranked from {second} to {worst}"
    )


def test_standard_where_low_values_are_good() -> None:
    spec = spec_of(
        {"method": "standard", "standard": 30}, polarity="lower_is_better", unit="minutes"
    )
    assert by_engine(spec, [30, 30.1, 40]) == ["1.00", "2.00", "4.00"]
    assert sentence(spec) == (
        "Trusts that meet the standard of 30 minutes or less score 1.00, the best. The others are "
        "ranked among themselves by their value and spread evenly from 2.00 to 4.00, the worst."
    )


@with_scales
@pytest.mark.parametrize("polarity", ["higher_is_better", "lower_is_better"])
def test_standard_with_a_floor(scale: Mapping[str, float], polarity: str) -> None:
    is_higher = polarity == "higher_is_better"
    values, bounds = [90.0, 89, 80, 65, 64], [90.0, 65]
    if not is_higher:
        values, bounds = mirrored(values), mirrored(bounds)
    scoring = {"method": "standard", "standard": bounds[0], "floor": bounds[1]}
    spec = spec_of(scoring, scale, polarity=polarity)
    best, second, _, third, worst = by_engine(spec, values)
    standard = "90% or more" if is_higher else "10% or less"
    floor = "less than 65%" if is_higher else "more than 35%"
    assert sentence(spec) == (
        f"Trusts that meet the standard of {standard} score {best}, the best; those with {floor}, "
        f"the floor, score {worst}, the worst. Those between are ranked among themselves by their "
        f"value and spread evenly from {second} to {third}."
    )
    assert short(spec) == (
        f"standard {standard}: {best} if met; {worst} for {floor}, the floor; between, ranked "
        f"from {second} to {third}"
    )


@with_scales
def test_floor(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "floor", "floor": 70}, scale)
    best, _, third, worst = by_engine(spec, [95, 80, 70, 69.9])
    assert sentence(spec) == (
        f"Trusts with less than 70%, the floor, score {worst}, the worst. The others are ranked "
        f"among themselves by their value and spread evenly from {best}, the best, to {third}."
    )
    assert short(spec) == (
        f"{worst} for less than 70%, the floor; otherwise ranked from {best} to {third}"
    )


def test_bands_where_high_values_are_good() -> None:
    bands = [
        {"at_least": 0, "score": 1},
        {"at_least": -0.5, "score": 2},
        {"at_least": -1, "score": 3},
    ]
    spec = spec_of({"method": "bands", "bands": bands, "otherwise": 4})
    at_0, below_0, at_half, below_half, at_1, below_1 = by_engine(
        spec, [0, -0.1, -0.5, -0.6, -1, -1.1]
    )
    assert (below_0, below_half) == (at_half, at_1)
    assert sentence(spec) == (
        f"0% or more scores {at_0}; less than 0% and down to -0.5% scores {at_half}; less than "
        f"-0.5% and down to -1% scores {at_1}; less than -1% scores {below_1}."
    )
    assert short(spec) == (
        f"{at_0} for 0% or more, {at_half} down to -0.5%, {at_1} down to -1%, otherwise {below_1}"
    )


def test_bands_where_low_values_are_good_on_a_scale_where_high_scores_are() -> None:
    bands = [{"at_most": 4, "score": 10}, {"at_most": 18, "score": 2.5}]
    spec = spec_of(
        {"method": "bands", "bands": bands, "otherwise": 0},
        {"best": 10.0, "worst": 0.0},
        polarity="lower_is_better",
        unit="weeks",
    )
    at_4, above_4, at_18, above_18 = by_engine(spec, [4, 4.1, 18, 18.1])
    assert above_4 == at_18
    assert sentence(spec) == (
        f"4 weeks or less scores {at_4}; more than 4 weeks and up to 18 weeks scores {at_18}; more "
        f"than 18 weeks scores {above_18}."
    )


def test_every_cell_of_a_matrix_is_in_its_sentence() -> None:
    scores = [[1, 1, 2, 3], [2, 2, 3, 4], [2, 3, 3, 4], [4, 4, 4, 4]]
    finance = {"method": "matrix", "rows": "plan", "columns": "variance", "scores": scores}
    spec = framework(
        {
            "plan": score_metric(title="Plan", counts=False),
            "variance": score_metric(title="Variance", counts=False),
            "finance": metric(scoring=finance),
        }
    )
    text = sentence(spec, "finance")
    assert text.startswith("The scores of Plan (plan), the first, and of Variance (variance), the")
    assert text.endswith("with one that is not in the table, there is no score.")
    told = dict(re.findall(r"where the first is (\d), ([^;]+?)(?=;|\. Without)", text))
    cells = [f"A{r}{c} | {r} | {c}" for r, c in product(range(1, 5), repeat=2)]
    table = league_of_table(spec, "\n".join(["trust | plan | variance", *cells]))
    for row, column in product("1234", repeat=2):
        score = number(table[f"A{row}{column}"]["score:finance"])
        cell = rf"{re.escape(score)} (whatever the second is|if the second is [^.]*?{column}\b)"
        assert re.search(cell, told[row]), (row, column, text)
    assert "where the first is 4, 4.00 whatever the second is" in text
    assert short(spec, "finance") == "from the scores of plan and variance, by a table"


def test_published() -> None:
    spec = spec_of({"method": "published"}, polarity="lower_is_better", unit="score")
    assert by_engine(spec, [1, 2.5, 4]) == ["1.00", "2.50", "4.00"]
    assert sentence(spec) == (
        "The data give the score itself, which is used as it is: 1.00 is the best and 4.00 the "
        "worst."
    )


@with_scales
def test_min_max_between_the_values_of_the_pool(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "min_max"}, scale)
    best, middle, worst = by_engine(spec, [90, 70, 50])
    assert by_engine(spec, [7, 7]) == [best, best]
    assert sentence(spec) == (
        f"The highest value among all trusts with a value scores {best}, the best, and the lowest "
        f"{worst}, the worst; values between score in proportion, so that one halfway scores "
        f"{middle}. If all values are equal, all score {best}."
    )
    assert short(spec) == (
        f"in proportion from {best} for the highest value to {worst} for the lowest value"
    )


@with_scales
def test_min_max_between_goalposts(scale: Mapping[str, float]) -> None:
    scoring = {"method": "min_max", "lower": 0, "upper": 25}
    spec = spec_of(scoring, scale, polarity="lower_is_better", unit="days")
    best, beyond, middle, worst, too = by_engine(spec, [0, -3, 12.5, 25, 99])
    assert (beyond, too) == (best, worst)
    assert sentence(spec) == (
        f"0 days or less scores {best}, the best, and 25 days or more scores {worst}, the worst. "
        f"Values between score in proportion, so that 12.5 days, halfway, scores {middle}."
    )
    assert short(spec) == (
        f"in proportion from {best} for 0 days or less to {worst} for 25 days or more"
    )


@with_scales
def test_min_max_with_the_goalpost_of_the_best(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "min_max", "upper": 80}, scale)
    best, beyond, worst = by_engine(spec, [80, 90, 50])
    assert beyond == best
    assert by_engine(spec, [85, 90]) == [best, best]
    assert sentence(spec) == (
        f"80% or more scores {best}, the best. The lowest value among all trusts with a value, if "
        f"it is less than 80%, scores {worst}, the worst, and values between score in proportion."
    )


@with_scales
def test_min_max_with_the_goalpost_of_the_worst(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "min_max", "lower": 50}, scale)
    best, at_worst, beyond = by_engine(spec, [90, 50, 40])
    assert by_engine(spec, [50, 40]) == [best, beyond]
    assert at_worst == beyond
    assert sentence(spec) == (
        f"Less than 50% scores {beyond}, the worst. The highest value among all trusts with a "
        f"value, if it is 50% or more, scores {best}, the best, and values from there to 50% score "
        f"in proportion, the nearer to 50% the nearer to {at_worst}."
    )
    assert short(spec) == (
        f"in proportion from {best} for the highest value of 50% or more to {beyond} for less "
        "than 50%"
    )


@with_scales
def test_z_score(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "z_score", "spread": 1.5}, scale)
    # Eight values with a mean of 50 and a deviation of 10: 65 and 35 are 1.5 of it away.
    inner = 175**0.5
    middle, best, worst, near, *_ = by_engine(
        spec, [50, 65, 35, 50 + inner, 50 - inner, 50, 50, 50]
    )
    assert near not in (best, middle)
    assert by_engine(spec, [7, 7]) == [middle, middle]
    assert sentence(spec).startswith(
        f"The average value among all trusts with a value scores {middle}, the middle. A value "
        f"that is better by 1.5 standard deviations or more scores {best}, the best, and one that "
        f"is worse by as much {worst}, the worst;"
    )
    assert sentence(spec).endswith(f"where all are equal, all score {middle}.")
    assert (best, worst) == (number(scale["best"]), number(scale["worst"]))
    assert short(spec) == (
        f"by distance from the average value: {middle} at it, {best} and {worst} from 1.5 standard "
        "deviations better or worse"
    )


def test_one_standard_deviation_is_singular() -> None:
    spec = spec_of({"method": "z_score", "spread": 1})
    assert by_engine(spec, [60, 40]) == ["1.00", "4.00"]
    assert "better by 1 standard deviation or more scores 1.00" in sentence(spec)


@with_scales
def test_percentile(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "percentile"}, scale)
    best, *_, worst = by_engine(spec, range(100, 0, -10))
    (alone,) = by_engine(spec, [5])
    assert sentence(spec) == (
        "Trusts are scored by the share of all trusts with a value that do better than they do, "
        "counting those level with them, and themselves, as half: of ten with different values the "
        f"best scores {best} and the worst {worst}, and one alone scores {alone}, the middle."
    )


@with_scales
def test_target(scale: Mapping[str, float]) -> None:
    spec = spec_of({"method": "target", "target": 80, "limit": 50}, scale)
    best, beyond, middle, worst, too = by_engine(spec, [80, 99, 65, 50, 3])
    assert (beyond, too) == (best, worst)
    assert sentence(spec) == (
        f"Trusts with 80% or more, the target, score {best}, the best; with 50% or less, the "
        f"limit, {worst}, the worst. Values between score in proportion, so that 65%, halfway, "
        f"scores {middle}."
    )
    assert short(spec) == (
        f"target 80% or more: {best} if met; {worst} for 50% or less; in proportion between"
    )


def test_another_rule_for_values_in_another_unit() -> None:
    bands = [{"at_most": 0, "score": 1}, {"at_most": 1, "score": 2}]
    spec = spec_of(
        {"method": "standard", "standard": 1},
        polarity="lower_is_better",
        unit="rate",
        scoring_of_unit={"count": {"method": "bands", "bands": bands, "otherwise": 4}},
    )
    values = ["1 rate", "1.1 rate", "1.2 rate", "0 count", "1 count", "2 count"]
    best, second, worst, none, one, more = by_engine(spec, values)
    assert sentence(spec) == (
        f"Trusts that meet the standard of 1 or less score {best}, the best. The others are ranked "
        f"among themselves by their value and spread evenly from {second} to {worst}, the worst. "
        f"For values given as a count: 0 or less scores {none}; more than 0 and up to 1 scores "
        f"{one}; more than 1 scores {more}."
    )
    assert short(spec).endswith(
        "; given as a count: 1.00 for 0 or less, 2.00 up to 1, otherwise 4.00"
    )


def test_ranked_values_in_two_units_are_ranked_apart() -> None:
    spec = spec_of({"method": "rank"}, unit="days", scoring_of_unit={"weeks": {"method": "rank"}})
    values = ["9 days", "1 days", "8 weeks", "7 weeks"]
    assert by_engine(spec, values) == ["1.00", "4.00", "1.00", "4.00"]
    assert "among all trusts with a value that this rule is for" in sentence(spec)
    assert "For values given in weeks: Trusts are ranked" in sentence(spec)


def test_a_pool_within_the_peer_group() -> None:
    spec = spec_of({"method": "rank"}, pool="peer_group")
    groups = {"A2": "Ambulance trust", "A3": "Ambulance trust"}
    assert by_engine(spec, [9, 8, 7, 6], groups) == ["1.00", "4.00", "1.00", "4.00"]
    assert "among trusts of the same type with a value, and" in sentence(spec)
    assert short(spec) == "ranked from 1.00 to 4.00; among trusts of the same type"
    missing = spec_of({"method": "standard", "standard": 10}, pool="peer_group")
    assert by_engine(missing, [9, 8, 7, 6], groups) == ["2.00", "4.00", "2.00", "4.00"]
    assert "The others are ranked among those of the same type by their value" in sentence(missing)


def test_a_pool_of_the_same_region() -> None:
    spec = spec_of({"method": "rank"}, pool="peer_group")
    assert "trusts in the same region" in sentence(
        spec | {"peer_groups": {"column": "region"} | TYPES}
    )


def test_a_pool_with_members_of_its_own() -> None:
    pool = {"peer_groups": ["Ambulance trust"], "include": ["A0"]}
    spec = spec_of({"method": "standard", "standard": 50}, pool=pool)
    groups = {"A2": "Ambulance trust", "A3": "Ambulance trust"}
    assert by_engine(spec, [60, 40, 30, 20], groups) == ["1.00", "-", "2.00", "4.00"]
    assert sentence(spec).endswith("Only ambulance trusts and the trust A0 are scored by it.")
    assert short(spec).endswith("; only ambulance trusts and the trust A0")
    ranked = spec_of({"method": "rank"}, pool=pool)
    assert "among ambulance trusts and the trust A0 with a value" in sentence(ranked)
    assert sentence(ranked).endswith("No others are scored by it.")


def test_a_pool_changes_nothing_in_a_rule_that_looks_at_nobody_else() -> None:
    target = {"method": "target", "target": 80, "limit": 50}
    assert sentence(spec_of(target, pool="peer_group")) == sentence(spec_of(target))
    assert short(spec_of(target, pool="peer_group")) == short(spec_of(target))


@pytest.mark.parametrize(
    ("scoring", "changes", "phrase"),
    [
        ({"method": "standard", "standard": 78}, {}, "78% or more"),
        ({"method": "standard", "standard": 78, "floor": 50}, {}, "78% or more"),
        ({"method": "target", "target": 92.5, "limit": 50}, {}, "92.5% or more"),
        ({"method": "floor", "floor": 70}, {}, "70% or more"),
        ({"method": "rank"}, {}, None),
        ({"method": "min_max", "upper": 3}, {}, None),
        (
            {"method": "standard", "standard": 30},
            {"polarity": "lower_is_better", "unit": "minutes"},
            "30 minutes or less",
        ),
        (
            {"method": "standard", "standard": 1},
            {"polarity": "lower_is_better", "unit": "minutes"},
            "1 minute or less",
        ),
        ({"method": "standard", "standard": 7}, {"unit": "out of 10"}, "7 out of 10 or more"),
        ({"method": "standard", "standard": 1234.5}, {"unit": "count"}, "1,234.5 or more"),
        ({"method": "standard", "standard": 0.001}, {"unit": "rate"}, "0.001 or more"),
    ],
)
def test_which_values_meet_a_standard(
    scoring: dict[str, Any], changes: dict[str, Any], phrase: str | None
) -> None:
    model = built(spec_of(scoring, **changes))
    assert standard_phrase(model.metrics["waits"]) == phrase


def test_direction() -> None:
    model = built(framework({"a": metric(), "b": metric(polarity="lower_is_better")}))
    said = [direction(metric) for metric in model.metrics.values()]
    assert said == ["higher is better", "lower is better"]


def test_organisations_of_unlike_groups_are_called_that() -> None:
    spec = spec_of({"method": "rank"}) | {"peer_groups": {"order": ["Acute trust", "London"]}}
    assert sentence(spec).startswith("Organisations are ranked")


def test_a_score_is_not_rounded_into_another_one() -> None:
    spec = spec_of({"method": "target", "target": 80, "limit": 50})
    spec["scale"] = {"best": 1.25, "worst": 4.0, "decimals": 0}
    assert "score 1.25, the best" in sentence(spec)
    assert "the limit, 4, the worst" in sentence(spec)
