"""What must not change a result: order, units, the sign of a polarity, the size of the weights."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.league import score_values
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import quarter_figures, wide_values
from tests.property.settings import many
from tests.property.strategies import STATUSES, Case, cases
from tests.support import (
    ACUTE,
    QUARTER,
    assert_rows,
    built,
    framework,
    league,
    metric,
    observations,
    organisations,
    standings,
)

RESULTS = (
    "composite",
    "average_metric_score",
    "segment",
    "adjusted_segment",
    "overrides",
    "rank",
    "rank_of",
)
SPREADS = ("rank", "percentile", "z_score", "min_max")


def values_of(case: Case) -> pl.DataFrame:
    model = built(case.spec)
    figures = quarter_figures(observations(case.rows), model, Quarter.parse(QUARTER))
    return wide_values(figures, organisations(case.peer_groups), model)


_SCORES = ("score:", "domain_mean:", "domain_score_", "domain_segment_")


def results(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Keep the results, and the metric scores among them."""
    return {
        org: {
            name: figure
            for name, figure in row.items()
            if name in RESULTS or name.startswith(_SCORES)
        }
        for org, row in rows.items()
    }


def scores(spec: dict[str, Any], values: list[float | None]) -> dict[str, Any]:
    """Score one metric of the same trusts, from values alone."""
    rows = [
        {"org_code": f"T{index}", "metric_id": "waits", "period": QUARTER, "value": value}
        for index, value in enumerate(values)
        if value is not None
    ]
    groups = {f"T{index}": ACUTE for index in range(len(values))}
    found = standings(league(spec, rows, groups))
    return {org: {"score:waits": row["score:waits"]} for org, row in found.items()}


@many(12)
@given(cases(), st.integers(0, 999))
def test_the_order_of_the_rows_does_not_matter(case: Case, seed: int) -> None:
    values = values_of(case)
    shuffled = values.sample(fraction=1, shuffle=True, seed=seed)
    model = built(case.spec)
    expected = results(standings(score_values(values, model)))
    assert_rows(standings(score_values(shuffled, model)), expected)


@many(12)
@given(cases(), st.integers(0, 999))
def test_the_order_of_the_observations_and_the_register_does_not_matter(
    case: Case, seed: int
) -> None:
    expected = results(standings(league(case.spec, case.rows, case.peer_groups)))
    draw = random.Random(seed)
    rows, groups = list(case.rows), list(case.peer_groups.items())
    draw.shuffle(rows)
    draw.shuffle(groups)
    assert_rows(standings(league(case.spec, rows, dict(groups))), expected)


@many(12)
@given(cases(), st.integers(0, 999))
def test_the_order_of_the_columns_and_of_the_metrics_does_not_matter(case: Case, seed: int) -> None:
    values = values_of(case)
    expected = results(standings(score_values(values, built(case.spec))))
    draw = random.Random(seed)
    names, metrics = list(values.columns), list(case.spec["metrics"].items())
    draw.shuffle(names)
    draw.shuffle(metrics)
    turned = built(case.spec | {"metrics": dict(metrics)})
    assert_rows(standings(score_values(values.select(names), turned)), expected)


@many(12)
@given(cases(), st.sampled_from([0.001, 0.3, 7.0, 1000.0]))
def test_only_the_proportions_of_the_weights_matter(case: Case, factor: float) -> None:
    metrics = {
        id_: stated | {"weight": factor * stated.get("weight", 1.0)}
        for id_, stated in case.spec["metrics"].items()
    }
    stated = {"access": 2.0, "safety": 1.0}
    spec, heavier = (
        case.spec
        | {"domains": {id_: {"title": id_, "weight": by * own} for id_, own in stated.items()}}
        for by in (1, factor)
    )
    expected = results(standings(league(spec, case.rows, case.peer_groups)))
    heavier |= {"metrics": metrics}
    assert_rows(standings(league(heavier, case.rows, case.peer_groups)), expected)


def flipped(stated: dict[str, Any]) -> dict[str, Any]:
    """Turn a metric round: more is now better where less was, and every bound changes its sign."""
    scoring = dict(stated["scoring"])
    for name in ("standard", "floor", "target", "limit"):
        if name in scoring:
            scoring[name] = -scoring[name]
    if "lower" in scoring:
        scoring["lower"], scoring["upper"] = -scoring["upper"], -scoring["lower"]
    if "bands" in scoring:
        other = {"at_least": "at_most", "at_most": "at_least"}
        scoring["bands"] = [
            {
                other.get(name, name): -figure if name in other else figure
                for name, figure in band.items()
            }
            for band in scoring["bands"]
        ]
    was_higher = stated["polarity"] == "higher_is_better"
    polarity = "lower_is_better" if was_higher else "higher_is_better"
    return stated | {"polarity": polarity, "scoring": scoring}


@many(20)
@given(cases(methods=("rank", "standard", "floor", "standard and floor", "bands", "min_max",
                      "min_max between goalposts", "z_score", "percentile", "target")))  # fmt: skip
def test_turning_the_polarity_and_the_values_round_changes_nothing(case: Case) -> None:
    spec = case.spec | {"overrides": []}
    rows = [row for row in case.rows if row["metric_id"] != "flagged"]
    turned = {
        id_: stated if stated["scoring"]["method"] == "matrix" else flipped(stated)
        for id_, stated in spec["metrics"].items()
    }
    negated = [row | {"value": -row["value"]} if "value" in row else row for row in rows]
    expected = results(standings(league(spec, rows, case.peer_groups)))
    found = standings(league(spec | {"metrics": turned}, negated, case.peer_groups))
    assert_rows(found, expected)


@many(20)
@given(
    st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=10),
    st.sampled_from(SPREADS),
    st.sampled_from(["higher_is_better", "lower_is_better"]),
    st.sampled_from([0.01, 0.5, 3.0, 1000.0]),
    st.integers(-100, 100),
)
def test_another_unit_of_the_values_changes_no_score(
    values: list[int | None], method: str, polarity: str, factor: float, shift: int
) -> None:
    spec = framework({"waits": metric(polarity=polarity, scoring={"method": method})})
    plain = [None if value is None else float(value) for value in values]
    moved = [None if value is None else factor * value + shift for value in values]
    assert_rows(scores(spec, moved), scores(spec, plain))


@many(12)
@given(cases(), st.sampled_from(STATUSES), st.sampled_from([ACUTE, "Ambulance"]))
def test_a_trust_without_any_figure_changes_nobodys_result(
    case: Case, status: str, group: str
) -> None:
    expected = results(standings(league(case.spec, case.rows, case.peer_groups)))
    rows = [
        {"org_code": "NEW", "metric_id": id_, "period": QUARTER, "status": status}
        for id_, stated in case.spec["metrics"].items()
        if stated["scoring"]["method"] != "matrix"
    ]
    found = standings(league(case.spec, [*case.rows, *rows], case.peer_groups | {"NEW": group}))
    assert_rows(found, expected)
    new = found["NEW"]
    assert [new["composite"], new["average_metric_score"], new["segment"], new["rank"]] == [
        None
    ] * 4
