"""Why a rank moved: leagues in which some causes have come to pass are each scored as a league."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

import nhs_league
from nhs_league.analysis.comparison.attribution import ATTRIBUTION_SCHEMA, attribute_quarters
from nhs_league.analysis.comparison.method_attribution import attribute_methods
from nhs_league.analysis.comparison.shapley import shapley_values, states
from nhs_league.errors import UsageError
from nhs_league.league import League
from tests.counterfactual_oracle import (
    by_engine,
    by_oracle,
    case_of_table,
    league_of,
    shapley_by_orders,
    shared_by_orders,
)
from tests.property.strategies import Case
from tests.support import framework, framework_of_scores, metric, score_metric

PARTS = ("own_metrics", "metric_set", "override", "others")
DEFICIT = {"id": "d", "title": "D", "when": {"flag": "flagged"}, "not_better_than": 3}
SPEC = framework(
    {
        "a": metric(weight=2.0),
        "b": metric(polarity="lower_is_better", unit="minutes", pool="peer_group"),
        "c": metric(domain="safety", scoring={"method": "standard", "standard": 70}),
        "s": score_metric(domain="safety"),
    },
    overrides=[DEFICIT],
)
BEFORE = """
trust | type   | a  | b  | c  | s | flagged
AA    | Acute  | 90 | 17 | 75 | 1 | 0
BB    | Acute  | 85 | 20 | 69 | 2 | 1
CC    | Acute  | 80 | 25 | -  | 3 | 0
DD    | Acute  | 70 | 45 | 60 | - | 0
EE    | Acute  | 50 | 30 | 74 | 4 | 1
FF    | Mental | 75 | 22 | 71 | 2 | 0
GG    | Mental | 60 | 18 | 50 | 3 | 0
HH    | Mental | 85 | -  | 65 | 1 | 0
LL    | Mental | 99 | 10 | 99 | 1 | 0
"""
AFTER = """
trust | type   | a  | b  | c  | s | flagged
AA    | Acute  | 78 | 22 | 68 | 2 | 1
BB    | Acute  | 88 | 19 | -  | 1 | 0
CC    | Acute  | 84 | 21 | 72 | 3 | 0
DD    | Acute  | 91 | 30 | 66 | 2 | 0
EE    | Acute  | 55 | -  | 80 | 4 | 1
FF    | Mental | 74 | 25 | 70 | 3 | 1
GG    | Mental | 82 | 15 | 66 | 1 | 0
HH    | Mental | 80 | 19 | 65 | - | 0
KK    | Mental | 77 | 11 | 77 | 2 | 0
"""


def attributed(before: League, after: League, **options: Any) -> dict[str, list[float]]:
    found = attribute_quarters(before, after, **options)
    assert found.schema == pl.Schema(ATTRIBUTION_SCHEMA)
    assert found["due_to_method"].to_list() == [0.0] * len(found)
    rows = {row["org_code"]: row for row in found.iter_rows(named=True)}
    return {org: [row[f"due_to_{part}"] for part in PARTS] for org, row in rows.items()}


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"ranking": {"within": "all"}, "aggregate": {"over": "domains", "mean": "harmonic"}},
    ],
)
def test_parts_are_those_of_all_orders_of_sixteen_leagues_scored_anew(
    rules: dict[str, Any],
) -> None:
    before, after = (case_of_table(SPEC | rules, text) for text in (BEFORE, AFTER))
    found = attributed(league_of(before), league_of(after))
    assert set(found) == {"AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH"}
    one, two = by_engine(before), by_engine(after)
    for org, parts in found.items():
        assert sum(parts) == pytest.approx(two[org].rank - one[org].rank, abs=1e-9)
        if rules and org > "CC":
            continue
        place = by_engine if org == "AA" else by_oracle
        assert parts == pytest.approx(shared_by_orders(before, after, org, place), abs=1e-9), org
    for at in range(4):
        assert any(abs(parts[at]) > 0.1 for parts in found.values())


def scores(text: str, **changes: Any) -> League:
    ids = [cell.strip() for cell in text.strip().splitlines()[0].split("|")[1:]]
    spec = framework_of_scores(*(id_ for id_ in ids if id_ not in ("type", "flagged")), **changes)
    return league_of(case_of_table(spec, text))


def test_own_values_alone() -> None:
    before = scores("trust|a|b\nAA|1|1\nBB|2|2\nCC|3|3")
    after = scores("trust|a|b\nAA|1|1\nBB|2|2\nCC|1.2|1.2")
    # CC's own values are all that is another: it passes BB, which is passed by the others.
    assert attributed(before, after) == {
        "AA": [0, 0, 0, 0],
        "BB": [0, 0, 0, 1],
        "CC": [-1, 0, 0, 0],
    }


def test_own_values_and_the_others_share_what_takes_both() -> None:
    before = scores("trust|a\nAA|2\nBB|3")
    after = scores("trust|a\nAA|3\nBB|2")
    # Either change by itself makes them level, and both share the first rank: AA keeps its place
    # until both have come to pass, and BB gains its one by whichever comes first.
    found = attributed(before, after)
    assert found["AA"] == pytest.approx([0.5, 0, 0, 0.5])
    assert found["BB"] == pytest.approx([-0.5, 0, 0, -0.5])


def test_a_metric_that_came_or_went_is_of_the_set_of_metrics() -> None:
    before = scores("trust|a|b\nAA|2|1\nBB|3|2\nCC|1|1")
    after = scores("trust|a|b\nAA|2|-\nBB|3|2\nCC|1|1")
    spec = framework_of_scores("a", "b")
    assert spec["metrics"].keys() == {"a", "b"}
    assert attributed(before, after)["AA"] == [0, 0, 0, 0]
    gone = scores("trust|a|b\nAA|2|4\nBB|2.5|2.5\nCC|1|1")
    left = scores("trust|a|b\nAA|2|-\nBB|2.5|2.5\nCC|1|1")
    assert attributed(gone, left)["AA"] == [0, -1, 0, 0]
    assert attributed(left, gone)["AA"] == [0, 1, 0, 0]
    assert attributed(gone, left)["BB"] == [0, 0, 0, 1]


def test_the_own_override_and_that_of_another_are_two_causes() -> None:
    text = "trust|a|flagged\nAA|1|{}\nBB|2|{}\nCC|3|0\nDD|4|0"
    rules = {
        "overrides": [DEFICIT],
        "segments": {"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]},
    }
    plain, held = (scores(text.format(flag, 0), **rules) for flag in (0, 1))
    # Held in segment 3, AA is ahead of CC there, and behind BB.
    assert attributed(plain, held) == {
        "AA": [0, 0, 1, 0],
        "BB": [0, 0, 0, -1],
        "CC": [0, 0, 0, 0],
        "DD": [0, 0, 0, 0],
    }
    assert attributed(held, plain)["AA"] == [0, 0, -1, 0]


def test_a_trust_is_followed_under_its_new_code() -> None:
    before = scores("trust|a\nAA|1\nBB|2\nCC|3\nOO|4")
    after = scores("trust|a\nAA|1\nBB|2\nCC|3\nNN|1.5")
    assert set(attributed(before, after)) == {"AA", "BB", "CC"}
    found = attributed(before, after, followed={"OO": "NN"})
    assert set(found) == {"AA", "BB", "CC", "NN"}
    assert found["NN"] == [-2, 0, 0, 0]
    assert found["AA"] == [0, 0, 0, 0]
    assert sum(found["BB"]) == 1


def test_trusts_that_are_ranked_in_one_quarter_alone_are_others() -> None:
    before = scores("trust|a\nAA|1\nBB|2\nCC|3")
    after = scores("trust|a\nZZ|0.5\nBB|2\nYY|1.5\nCC|3", scale={"best": 0.0, "worst": 4.0})
    with_both = scores("trust|a\nAA|1\nBB|2\nCC|3\nYY|1.5")
    assert attributed(before, with_both)["BB"] == [0, 0, 0, 1]
    assert set(attributed(before, after)) == {"BB", "CC"}


def test_the_same_quarter_twice_moves_nobody() -> None:
    table = league_of(case_of_table(SPEC, BEFORE))
    assert {tuple(parts) for parts in attributed(table, table).values()} == {(0, 0, 0, 0)}


def test_where_nobody_is_ranked_there_is_nothing_to_share() -> None:
    one = scores("trust|a\nAA|1")
    none = scores("trust|a|b\nAA|1|-", aggregate={"min_metrics": 2})
    with pytest.raises(UsageError):
        attribute_quarters(one, none)


def test_two_causes_by_the_definition() -> None:
    # 0 without any, 3 with the first, 1 with the second, 10 with both.
    outcome = dict(zip(states(2), (0.0, 1.0, 3.0, 10.0), strict=True))
    assert states(2) == [(False, False), (False, True), (True, False), (True, True)]
    found = shapley_values({state: np.array([number]) for state, number in outcome.items()})
    assert found[:, 0].tolist() == [6.0, 4.0]
    assert shapley_by_orders(2, outcome.__getitem__) == [6.0, 4.0]


# Two frameworks on the same figures


FIGURES = """
trust | a  | b  | c | flagged
AA    | 90 | 30 | 1 | 1
BB    | 85 | 10 | 3 | 0
CC    | 80 | 20 | 2 | 0
DD    | 60 | 15 | 2 | 0
EE    | 70 | 25 | 4 | 0
FF    | 75 | 5  | 3 | 1
"""
A, B, C = (
    metric(),
    metric(polarity="lower_is_better", unit="minutes"),
    score_metric(domain="safety"),
)


def methods(one: Case, two: Case) -> dict[str, dict[str, float]]:
    found = attribute_methods(league_of(one), league_of(two))
    assert found.schema == pl.Schema(ATTRIBUTION_SCHEMA)
    return {
        row["org_code"]: {name: row[name] for name in row if name != "org_code"}
        for row in found.iter_rows(named=True)
    }


def case(metrics: dict[str, Any], **changes: Any) -> Case:
    spec = framework(metrics, **({"ranking": {"within": "all"}} | changes))
    full = case_of_table(framework({"a": A, "b": B, "c": C}, overrides=[DEFICIT]), FIGURES)
    return Case(spec, full.peer_groups, full.rows)


def test_parts_are_those_of_all_orders_of_eight_mixed_frameworks() -> None:
    parts: tuple[dict[str, Any], ...] = ({"a": A, "b": B}, {"a": A, "b": B, "c": C})
    overrides: tuple[Sequence[Any], ...] = ([DEFICIT], [])
    rules: tuple[dict[str, Any], ...] = (
        {"segments": {"method": "quartiles"}},
        {
            "segments": {"method": "thresholds", "upper_bounds": [1.8, 2.4, 3.0]},
            "aggregate": {"mean": "geometric"},
        },
    )

    def mixed(state: tuple[bool, ...]) -> Case:
        metrics, rule, method = state
        return case(parts[metrics], overrides=list(overrides[rule]), **rules[method])

    first, last = mixed((False,) * 3), mixed((True,) * 3)
    found = methods(first, last)
    one, two = by_engine(first), by_engine(last)
    assert set(found) == set(one)
    places = {state: by_engine(mixed(state)) for state in states(3)}
    for org, row in found.items():
        expected = shapley_by_orders(3, lambda state, org=org: places[state][org].rank)
        told = [row[f"due_to_{part}"] for part in ("metric_set", "override", "method")]
        assert told == pytest.approx(expected, abs=1e-9), org
        assert sum(told) == pytest.approx(two[org].rank - one[org].rank, abs=1e-9)
        assert row["due_to_own_metrics"] == row["due_to_others"] == 0
    for part in ("metric_set", "override", "method"):
        assert any(abs(row[f"due_to_{part}"]) > 0.1 for row in found.values())


def test_a_metric_that_both_have_is_defined_by_the_rules_and_weighed_beside_the_others() -> None:
    # All weights of the second are ten times those of the first: beside each other the same.
    heavy = {"a": A | {"weight": 10.0}, "b": B | {"weight": 10.0}, "c": C | {"weight": 10.0}}
    found = methods(case({"a": A, "b": B}), case(heavy))
    for row in found.values():
        assert row["due_to_method"] == row["due_to_override"] == 0
    other = methods(case({"a": A, "b": B}), case({"a": A | {"weight": 5.0}, "b": B}))
    for row in other.values():
        assert row["due_to_metric_set"] == row["due_to_override"] == 0
    assert any(row["due_to_method"] for row in other.values())


def test_the_same_framework_moves_nobody() -> None:
    one = case({"a": A, "b": B, "c": C}, overrides=[DEFICIT])
    assert {number for row in methods(one, one).values() for number in row.values()} == {0}


def test_another_scale_is_all_the_method() -> None:
    one = case({"a": A, "b": B}, overrides=[DEFICIT])
    two = case({"a": A}, scale={"best": 100.0, "worst": 0.0, "decimals": 1})
    before, after = by_engine(one), by_engine(two)
    for org, row in methods(one, two).items():
        assert row["due_to_method"] == after[org].rank - before[org].rank
        assert row["due_to_metric_set"] == row["due_to_override"] == 0


def test_an_override_on_a_metric_that_the_other_lacks_still_asks_for_it() -> None:
    poor = {"id": "p", "title": "P", "when": {"metric": "b", "above": 20}, "not_better_than": 4}
    one = case({"a": A, "b": B}, overrides=[poor])
    two = case({"a": A})
    before, after = by_engine(one), by_engine(two)
    for org, row in methods(one, two).items():
        assert sum(row.values()) == pytest.approx(after[org].rank - before[org].rank, abs=1e-9)
    assert any(row["due_to_override"] for row in methods(one, two).values())


# The bundled sample


def test_parts_add_up_for_every_trust_of_the_sample() -> None:
    for framework_id, quarters in (
        ("nof-2025-26", ("2025Q2", "2025Q3")),
        ("headline-kpis", ("2025Q2", "2025Q3")),
    ):
        tables = [
            nhs_league.open_league(framework=framework_id, quarter=quarter).league
            for quarter in quarters
        ]
        ranks: list[dict[str, int]] = [
            dict(table.standings.drop_nulls("rank").select("org_code", "rank").iter_rows())
            for table in tables
        ]
        found = attributed(*tables)
        assert set(found) == set(ranks[0]) & set(ranks[1])
        assert len(found) > 100
        for org, parts in found.items():
            assert sum(parts) == pytest.approx(ranks[1][org] - ranks[0][org], abs=1e-9), org
