"""Traps of scoring: sums of nothing, noise in the last bit, pools of one, and missing figures."""

from __future__ import annotations

import itertools
import json
import math

import polars as pl
import pytest

from nhs_league.analysis.explain import explain
from nhs_league.analysis.rankings import ranking, ranking_by
from nhs_league.framework.model import Scale
from nhs_league.framework.scoring_methods import (
    MinMaxScoring,
    PercentileScoring,
    RankScoring,
    Scoring,
    StandardScoring,
    ZScoreScoring,
)
from nhs_league.presentation.formats import Result, render_data
from nhs_league.scoring.aggregate import weighted_mean_expr
from nhs_league.scoring.normalise import Rules, score_expr
from nhs_league.scoring.numbers import key_expr, rounded_expr
from nhs_league.scoring.pools import Pool
from nhs_league.scoring.ranking import with_competition_rank
from nhs_league.scoring.segments import quartile_exprs, segment_expr
from tests.traps.support import QUARTER, framework, league, metric, observed, standing

MONTHS = QUARTER.months
LOWER = Rules(Scale(best=1.0, worst=4.0), Pool(), is_higher_better=False)


def scores(values: list[float | None], scoring: Scoring) -> list[float | None]:
    frame = pl.DataFrame({"v": values}, schema={"v": pl.Float64})
    return frame.select(score_expr(pl.col("v"), scoring, LOWER)).to_series().to_list()


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
def test_trap_4_the_mean_of_nothing_is_null_and_not_0(mean: str) -> None:
    nothing = pl.DataFrame({"a": [None], "b": [None]}, schema={"a": pl.Float64, "b": pl.Float64})
    weighted = [(pl.col("a"), 1.0), (pl.col("b"), 2.0)]
    assert nothing.select(weighted_mean_expr(weighted, mean)).item() is None


def test_trap_4_the_sum_of_no_reported_month_is_no_figure() -> None:
    summed = metric(unit="percent", basis="sum", per=100.0, scoring={"method": "rank"})
    rows = [observed("RAA", "waits", period=m, status="suppressed") for m in MONTHS]
    rows += [observed("RBB", "waits", period=m, numerator=0, denominator=9) for m in MONTHS]
    rows += [observed("RCC", "waits", period=m, numerator=0, denominator=0) for m in MONTHS]
    made = league(framework({"waits": summed}), rows)
    figures = made.figures.select("org_code", "value", "status").rows()
    assert figures == [
        ("RAA", None, "suppressed"),
        ("RBB", 0.0, "reported"),
        ("RCC", None, "not_applicable"),
    ]


def test_trap_4_halves_are_rounded_away_from_zero() -> None:
    frame = pl.DataFrame({"x": [0.125, 2.345, 2.675, 1.005, -0.125, 2.5]})
    rounded = frame.select(rounded_expr(pl.col("x"), 2)).to_series().to_list()
    assert rounded == [0.13, 2.35, 2.68, 1.01, -0.13, 2.5]
    assert frame.select(rounded_expr(pl.col("x"), 0)).to_series().to_list()[-1] == 3.0


def test_trap_4_rows_come_in_one_order_whatever_order_they_went_in() -> None:
    small = framework({"a": metric(), "b": metric()})
    rows = [
        observed(f"R{i:02}", m, value=1.0 + (i * 7 + j) % 13 / 5)
        for i in range(20)
        for j, m in enumerate("ab")
    ]
    tables = [ranking(league(small, order)) for order in (rows, rows[::-1], rows[7:] + rows[:7])]
    assert all(table.equals(tables[0]) for table in tables)


def test_trap_5_one_mean_in_any_order_of_summing_has_one_rank() -> None:
    values = {"a": 1.1, "b": 2.2, "c": 3.3, "d": 2.7, "e": 1.9}
    weights = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.7, "e": 0.15}
    orders = list(itertools.permutations(values))
    frame = pl.DataFrame([values])
    means = [
        frame.select(weighted_mean_expr([(pl.col(n), weights[n]) for n in order], "arithmetic"))
        .to_series()
        .item()
        for order in orders
    ]
    assert len(set(means)) > 1, "the means no longer differ: the test holds nothing"
    ranked = with_competition_rank(
        pl.DataFrame({"mean": means}), [key_expr(pl.col("mean"))], within=None, name="rank"
    )
    assert set(ranked["rank"]) == {1}


def test_trap_5_trusts_with_the_same_scores_in_other_metrics_are_tied() -> None:
    small = framework({name: metric() for name in "abc"})
    places = itertools.permutations([1.1, 2.2, 3.3])
    rows = [
        observed(f"R{index:02}", name, value=value)
        for index, values in enumerate(places)
        for name, value in zip("abc", values, strict=True)
    ]
    assert set(ranking(league(small, rows))["rank"]) == {1}


@pytest.mark.parametrize(
    ("scoring", "expected"),
    [
        (PercentileScoring(method="percentile"), 2.5),
        (RankScoring(method="rank"), 1.0),
        (MinMaxScoring(method="min_max"), 1.0),
        (ZScoreScoring(method="z_score"), 2.5),
        (StandardScoring(method="standard", standard=0.0), 2.0),
    ],
)
def test_trap_10_a_pool_of_one_has_a_defined_score(scoring: Scoring, expected: float) -> None:
    assert scores([7.0], scoring) == [pytest.approx(expected)]
    assert scores([None, 7.0], scoring) == [None, pytest.approx(expected)]
    assert scores([None], scoring) == [None]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_trap_10_fewer_than_four_have_no_quartiles_and_no_segment(count: int) -> None:
    values = [*map(float, range(count)), None, None]
    frame = pl.DataFrame({"s": values}, schema={"s": pl.Float64})
    cuts = quartile_exprs(pl.col("s"), is_lower_better=True)
    assert frame.select(c.alias(str(i)) for i, c in enumerate(cuts)).row(0) == (None, None, None)
    segments = frame.select(segment_expr(pl.col("s"), cuts, is_lower_better=True)).to_series()
    assert segments.null_count() == len(frame)


def test_trap_10_four_have_quartiles() -> None:
    frame = pl.DataFrame({"s": [1.0, 2.0, 3.0, 4.0]})
    cuts = quartile_exprs(pl.col("s"), is_lower_better=True)
    segments = frame.select(segment_expr(pl.col("s"), cuts, is_lower_better=True)).to_series()
    assert segments.to_list() == [1, 2, 3, 4]


def test_trap_12_ranks_follow_the_unrounded_average_unless_the_framework_rounds_first() -> None:
    rows = [observed("RAA", "a", value=2.001), observed("RBB", "a", value=2.004)]
    after = league(framework({"a": metric()}), rows)
    first = framework({"a": metric()}, aggregate={"rounding": "before_ranking"})
    before = league(first, rows)
    assert [standing(after, code)["rank"] for code in ("RAA", "RBB")] == [1, 2]
    assert [standing(before, code)["rank"] for code in ("RAA", "RBB")] == [1, 1]
    assert {standing(after, code)["average_metric_score"] for code in ("RAA", "RBB")} == {2.0}


def test_trap_12_each_metric_has_its_own_weight_in_the_average() -> None:
    weights = {"a": 1.0, "b": 2.0, "c": 5.0}
    values = {"a": 4.0, "b": 1.0, "c": 3.0}
    small = framework({name: metric(weight=weight) for name, weight in weights.items()})
    made = league(small, [observed("RAA", name, value=v) for name, v in values.items()])
    by_hand = sum(weights[n] * values[n] for n in values) / sum(weights.values())
    assert standing(made, "RAA")["composite"] == pytest.approx(by_hand)


@pytest.mark.parametrize("polarity", ["lower_is_better", "higher_is_better"])
def test_trap_12_a_trust_without_data_is_neither_first_nor_last(polarity: str) -> None:
    small = framework({"a": metric(polarity=polarity, scoring={"method": "rank"}), "b": metric()})
    rows = [observed("RAA", "a", value=1), observed("RBB", "a", value=2)]
    rows += [observed("RCC", "a", status="not_submitted"), observed("RCC", "b", value=1)]
    table = ranking_by(league(small, rows), "a")
    assert dict(table.select("org_code", "rank").iter_rows())["RCC"] is None
    assert table["org_code"][-1] == "RCC"
    assert sorted(table["rank"].drop_nulls()) == [1, 2]


def test_trap_12_json_has_neither_infinity_nor_nan() -> None:
    made = league(framework({"a": metric()}), [observed("RAA", "a", status="suppressed")])
    for rows in (ranking(made), explain(made, "RAA").rows()):
        text = render_data(Result(rows, list, {}), "json").decode()
        assert json.loads(text, parse_constant=pytest.fail)["rows"]


@pytest.mark.parametrize("format_", ["json", "ndjson"])
@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_trap_12_what_is_not_finite_is_never_written_as_json(format_: str, number: float) -> None:
    rows = pl.DataFrame({"value": [number]})
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_data(Result(rows, list, {}), format_)  # type: ignore[arg-type]


@pytest.mark.parametrize("over", ["metrics", "domains"])
def test_trap_13_a_missing_metric_is_left_out_and_never_filled(over: str) -> None:
    small = framework(
        {"a": metric(), "b": metric(domain="finance"), "c": metric(domain="finance")},
        domains={"access": "Access", "finance": "Finance"},
        aggregate={"over": over},
    )
    others = [
        observed(code, name, value=value)
        for code, value in (("RAA", 1.0), ("RBB", 4.0))
        for name in "abc"
    ]
    made = league(small, [*others, observed("RCC", "a", value=3.0)])
    row = standing(made, "RCC")
    assert (row["composite"], row["metrics_scored"]) == (3.0, 1)
    assert row["score:b"] is row["score:c"] is row["domain_score_finance"] is None


@pytest.mark.parametrize("status", ["suppressed", "not_submitted", "not_applicable"])
def test_trap_13_a_figure_that_is_not_there_stays_so_into_the_explanation(status: str) -> None:
    small = framework({"a": metric(scoring={"method": "rank"}), "b": metric()})
    rows = [observed(code, "a", value=i) for i, code in enumerate(("RAA", "RBB"))]
    rows += [observed("RCC", "a", status=status), observed("RCC", "b", value=2)]
    made = league(small, rows)
    seen = explain(made, "RCC").rows().filter(pl.col("metric_id") == "a").row(0, named=True)
    assert seen["status"] == status
    nothing = ("value", "score", "effective_weight", "contribution", "place", "place_of")
    assert {name: seen[name] for name in nothing} == dict.fromkeys(nothing)
    assert explain(made, "RAA").rows().row(0, named=True)["place_of"] == 2
