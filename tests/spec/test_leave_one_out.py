"""What sways the table: every removal is a league scored by a framework without it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

import nhs_league
from nhs_league.analysis.robustness.leave_one_out import LEAVE_ONE_OUT_SCHEMA, leave_one_out
from nhs_league.league import League, score_values
from nhs_league.scoring.measure import wide_values
from tests import oracle
from tests.robustness_oracle import (
    TABLE,
    league_of,
    ranked_rows,
    ranking_groups,
    weighed,
)
from tests.support import (
    QUARTER,
    assert_rows,
    built,
    framework_of_scores,
    peer_groups_of,
    read_table,
    score_metric,
    standings,
    table_observations,
)

Rows = Mapping[str, Mapping[str, Any]]


def midranks(numbers: Sequence[int]) -> list[float]:
    return [
        sum(1 for other in numbers if other < number)
        + (1 + sum(1 for other in numbers if other == number)) / 2
        for number in numbers
    ]


def spearman(one: Sequence[int], other: Sequence[int]) -> float:
    first, second = midranks(one), midranks(other)
    middle = (len(one) + 1) / 2
    covariance = sum((x - middle) * (y - middle) for x, y in zip(first, second, strict=True))
    squares = [sum((x - middle) ** 2 for x in ranks) for ranks in (first, second)]
    return covariance / math.sqrt(squares[0] * squares[1])


def kendall(one: Sequence[int], other: Sequence[int]) -> float:
    pairs = [(one[j] - one[i], other[j] - other[i]) for i in range(len(one)) for j in range(i)]
    concordance = sum((x * y > 0) - (x * y < 0) for x, y in pairs)
    untied = [sum(1 for pair in pairs if pair[side] != 0) for side in (0, 1)]
    return concordance / math.sqrt(untied[0] * untied[1])


def compared(table: League, after: Rows) -> dict[str, Any]:
    """Compare a league with another of the same organisations, by loops."""
    before = ranked_rows(table)
    still = [org for org in before if after[org]["rank"] is not None]
    moves = {org: after[org]["rank"] - before[org]["rank"] for org in still}
    changes = [
        after[org]["adjusted_segment"] - before[org]["adjusted_segment"]
        for org in still
        if None not in (after[org]["adjusted_segment"], before[org]["adjusted_segment"])
    ]
    movers = sorted((org for org in still if moves[org]), key=lambda org: (-abs(moves[org]), org))
    return {
        **correlations(table, before, after),
        "moved": len(movers),
        "mean_move": sum(map(abs, moves.values())) / len(still) if still else None,
        "segments_changed": sum(1 for change in changes if change),
        "segments_better": sum(1 for change in changes if change < 0),
        "segments_worse": sum(1 for change in changes if change > 0),
        "not_ranked": len(before) - len(still),
        "largest_movers": "; ".join(
            f"{org} {before[org]['rank']} to {after[org]['rank']}" for org in movers[:3]
        )
        or None,
    }


def correlations(table: League, before: Rows, after: Rows) -> dict[str, float | None]:
    of_groups = []
    for codes in ranking_groups(table):
        still = [org for org in codes if after[org]["rank"] is not None]
        one, other = ([rows[org]["rank"] for org in still] for rows in (before, after))
        if len(set(one)) > 1 and len(set(other)) > 1:
            of_groups.append((len(still), spearman(one, other), kendall(one, other)))
    if not of_groups:
        return {"spearman": None, "kendall": None}
    total = sum(size for size, _, _ in of_groups)
    return {
        "spearman": sum(size * rho for size, rho, _ in of_groups) / total,
        "kendall": sum(size * tau for size, _, tau in of_groups) / total,
    }


def without(spec: Mapping[str, Any], kind: str, id_: str) -> dict[str, Any]:
    """State a framework without a metric, a domain or an override."""
    metrics, overrides = dict(spec["metrics"]), list(spec.get("overrides", ()))
    for name, of in spec["metrics"].items():
        if (kind == "metric" and name == id_) or ("domain" in kind and of["domain"] == id_):
            metrics[name] = of | {"counts": False}
    if kind == "override":
        overrides = [rule for rule in overrides if rule["id"] != id_]
    if kind == "domain_and_overrides":
        overrides = [rule for rule in overrides if rule.get("domain") != id_]
    return dict(spec) | {"metrics": metrics, "overrides": overrides}


def removals_of(table: League) -> dict[str, dict[str, Any]]:
    found = leave_one_out(table)
    return {f"{row['kind']} {row['id']}": row for row in found.iter_rows(named=True)}


def check(spec: Mapping[str, Any], text: str = TABLE) -> None:
    table, stated = league_of(spec, text), read_table(text)
    rows, groups = table_observations(spec, stated), peer_groups_of(stated)
    found = removals_of(table)
    expected = {
        name: compared(
            table, oracle.standings(rows, groups, without(spec, *name.split(" ", 1)), QUARTER)
        )
        for name in found
    }
    assert_rows(found, expected)


RULES = [
    {
        "id": "deficit",
        "title": "Deficit",
        "domain": "access",
        "when": {"flag": "deficit"},
        "not_better_than": 3,
    },
    {
        "id": "poor",
        "title": "Poor",
        "when": {"metric": "b", "above": 2.5},
        "not_better_than": 2,
    },
]


@pytest.mark.parametrize("over", ["metrics", "domains"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic"])
def test_every_row_is_a_league_without_it(over: str, mean: str) -> None:
    check(weighed(aggregate={"over": over, "mean": mean}, overrides=RULES))


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": {"method": "quartiles", "pool": "all"}, "ranking": {"within": "all"}},
        {"segments": {"method": "thresholds", "upper_bounds": [1.5, 2.0, 2.5]}},
        {"ranking": {"by": ["average_metric_score"]}},
        {"aggregate": {"rounding": "before_ranking"}},
        {"scale": {"best": 1.0, "worst": 4.0, "decimals": 0},
         "aggregate": {"rounding": "before_ranking"}},
        {"aggregate": {"min_metrics": 2}},
        {"aggregate": {"min_metrics": 3, "over": "domains"}},
    ],
)  # fmt: skip
def test_every_row_is_a_league_without_it_however_it_is_ranked(changes: dict[str, Any]) -> None:
    check(weighed(overrides=RULES, **changes))


def test_quartiles_that_are_left_too_few_trusts_are_no_change_of_segment() -> None:
    check(weighed(segments={"method": "quartiles", "pool": "peer_group"}, overrides=RULES))
    text = "trust | a | b\n AA | 1 | -\n BB | 2 | 3\n CC | 3 | 1\n DD | 4 | 2"
    table = league_of(framework_of_scores("a", "b"), text)
    row = removals_of(table)["metric a"]
    assert row["not_ranked"] == 1
    assert [row[f"segments_{which}"] for which in ("changed", "better", "worse")] == [0, 0, 0]
    check(framework_of_scores("a", "b"), text)


def test_each_removal_is_told_once_in_the_order_of_the_framework() -> None:
    found = leave_one_out(league_of(weighed(overrides=RULES), TABLE))
    assert found.schema == pl.Schema(LEAVE_ONE_OUT_SCHEMA)
    assert found.select("kind", "id").rows() == [
        ("override", "deficit"),
        ("override", "poor"),
        ("domain", "access"),
        ("domain_and_overrides", "access"),
        ("domain", "safety"),
        ("metric", "a"),
        ("metric", "b"),
        ("metric", "c"),
        ("metric", "d"),
    ]
    assert found["title"].to_list()[:3] == ["Deficit", "Poor", "Access"]


def test_a_metric_that_does_not_count_cannot_be_taken_away() -> None:
    spec = framework_of_scores("a", "b")
    spec["metrics"]["c"] = score_metric(counts=False)
    found = removals_of(league_of(spec, "trust|a|b|c\n AA|1|2|3\n BB|2|3|1\n CC|2|1|1"))
    assert list(found) == ["domain access", "metric a", "metric b"]


def test_without_the_only_metric_nobody_is_ranked() -> None:
    text = "trust | a\n AA | 1\n BB | 2\n CC | 3\n DD | 4\n EE | 4"
    for row in removals_of(league_of(framework_of_scores("a"), text)).values():
        assert row["not_ranked"] == 5
        assert row["spearman"] is row["kendall"] is row["mean_move"] is None
        assert row["moved"] == row["segments_changed"] == 0
        assert row["largest_movers"] is None
    check(framework_of_scores("a"), text)


def test_a_trust_that_is_left_with_nothing_is_counted_and_leaves_the_ranks() -> None:
    text = """
    trust | a | b
    AA    | 1 | -
    BB    | 2 | 1
    CC    | 3 | 2
    DD    | 4 | 3
    EE    | 2 | 4
    """
    row = removals_of(league_of(framework_of_scores("a", "b"), text))["metric a"]
    assert row["not_ranked"] == 1
    check(framework_of_scores("a", "b"), text)


def test_by_hand() -> None:
    # Averages 1.5, 2, 2.5, 3, 3.5; without b it is the scores of a: 2, 1, 3, 2, 4.
    table = league_of(
        framework_of_scores("a", "b", ranking={"by": ["average_metric_score"]}),
        "trust | a | b\n AA | 2 | 1\n BB | 1 | 3\n CC | 3 | 2\n DD | 2 | 4\n EE | 4 | 3",
    )
    row = removals_of(table)["metric b"]
    # Ranks 1 2 3 4 5 become 2 1 4 2 5: mid-ranks 2.5 1 4 2.5 5.
    assert row["largest_movers"] == "DD 4 to 2; AA 1 to 2; BB 2 to 1"
    assert (row["moved"], row["mean_move"]) == (4, 1.0)
    assert row["spearman"] == pytest.approx(6.5 / math.sqrt(10 * 9.5))
    assert row["kendall"] == pytest.approx((7 - 2) / math.sqrt(10 * 9))


def test_all_ties_have_no_order_to_compare() -> None:
    rows = "\n".join(f"{org} | 2 | 2" for org in ("AA", "BB", "CC", "DD"))
    for name, row in removals_of(
        league_of(framework_of_scores("a", "b"), f"trust|a|b\n{rows}")
    ).items():
        assert row["spearman"] is row["kendall"] is None
        assert row["moved"] == 0
        assert row["not_ranked"] == (4 if name == "domain access" else 0)


def test_the_groups_correlations_are_averaged_by_their_size() -> None:
    # Without b, the order of four acute trusts stays, and that of two mental ones is turned round.
    text = """
    trust | type   | a   | b
    AA    | Acute  | 1   | 1
    BB    | Acute  | 1.5 | 2
    CC    | Acute  | 2   | 3
    DD    | Acute  | 3   | 4
    EE    | Mental | 2   | 1
    FF    | Mental | 1   | 4
    """
    spec = framework_of_scores("a", "b", ranking={"by": ["average_metric_score"]})
    row = removals_of(league_of(spec, text))["metric b"]
    assert row["spearman"] == pytest.approx((4 * 1 + 2 * -1) / 6)
    assert row["kendall"] == pytest.approx((4 * 1 + 2 * -1) / 6)
    check(spec, text)


def test_every_row_of_the_bundled_sample_is_a_league_without_it() -> None:
    opened = nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2", scores="computed")
    table = opened.league
    spec = table.framework.model_dump(mode="json", exclude_unset=True)
    spec.pop("published")
    found = removals_of(table)
    assert len(found) > 25
    values = wide_values(table.figures, table.organisations, table.framework)
    chosen = [name for at, name in enumerate(found) if at % 4 == 0 or "override" in name]
    expected = {}
    for name in chosen:
        model = built(without(spec, *name.split(" ", 1)))
        expected[name] = compared(table, standings(score_values(values, model, "computed")))
    assert_rows(found, expected)
