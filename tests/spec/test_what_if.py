"""What if: a league with changes is the league scored from changed observations, and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import nhs_league
from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
    with_changes,
)
from nhs_league.analysis.counterfactuals.rescoring import Rescorer
from nhs_league.analysis.counterfactuals.whatif import PLACES_SCHEMA, VALUES_SCHEMA, WhatIf, what_if
from nhs_league.errors import UsageError
from nhs_league.framework.scoring_methods import FloorScoring, RankScoring, StandardScoring
from nhs_league.league import League
from nhs_league.scoring import columns
from tests.counterfactual_oracle import (
    Place,
    by_engine,
    by_oracle,
    case_of_table,
    changed,
    differences,
    league_of,
)
from tests.property.strategies import Case
from tests.support import framework, league, metric, score_metric

MATRIX = [[1.0, 1.0, 2.0, 3.0], [2.0, 2.0, 3.0, 4.0], [2.0, 3.0, 3.0, 4.0], [2.0, 3.0, 4.0, 4.0]]
BANDS = {
    "method": "bands",
    "bands": [{"at_least": at, "score": score} for at, score in ((0, 1), (-1, 2), (-2, 3))],
    "otherwise": 4,
}
SPEC = framework(
    {
        "a": metric(weight=2.0, decimals=0),
        "b": metric(
            polarity="lower_is_better",
            unit="minutes",
            pool="peer_group",
            scoring={"method": "standard", "standard": 18, "floor": 40},
        ),
        "c": score_metric(domain="safety", weight=0.5),
        "plan": metric(domain="safety", counts=False, scoring=BANDS),
        "variance": metric(domain="safety", counts=False, scoring=BANDS),
        "money": metric(
            domain="safety",
            scoring={"method": "matrix", "rows": "plan", "columns": "variance", "scores": MATRIX},
        ),
        "shown": metric(domain="safety", counts=False),
    },
    overrides=[
        {
            "id": "deficit",
            "title": "Deficit",
            "when": {"flag": "flagged"},
            "not_better_than": 3,
        },
        {
            "id": "poor",
            "title": "Poor",
            "when": {"metric": "a", "below": 60},
            "not_better_than": 2,
        },
    ],
)
TABLE = """
trust | type   | a  | b  | c | plan | variance | shown | flagged
AA    | Acute  | 90 | 17 | 1 | 0    | 0        | 1     | 1
BB    | Acute  | 85 | 20 | 2 | -1   | 0        | 2     | 0
CC    | Acute  | 80 | 25 | 3 | -3   | -1       | 3     | 0
DD    | Acute  | 70 | 45 | 4 | -    | -2       | 4     | 0
EE    | Acute  | 50 | 30 | 2 | 2    | -2       | 5     | 0
FF    | Mental | 75 | 22 | 1 | 0    | 0        | 6     | 1
GG    | Mental | 60 | 18 | - | -1   | -1       | 7     | 0
HH    | Mental | 85 | 19 | 4 | 1    | -4       | 8     | 0
JJ    | Mental | -  | 41 | 3 | -    | -        | 9     | 0
"""


def after(found: WhatIf) -> dict[str, Place]:
    names = ("rank_to", "average_to", "segment_to", "adjusted_segment_to")
    return {
        row["org_code"]: Place(*(row[name] for name in names))
        for row in found.places.iter_rows(named=True)
    }


def check(case: Case, org: str, changes: Sequence[Change], *, with_engine: bool = True) -> WhatIf:
    found = what_if(league_of(case), org, changes)
    expected = changed(case, changes)
    assert differences(after(found), by_oracle(expected)) == []
    if with_engine:
        assert differences(after(found), by_engine(expected)) == []
    return found


CHANGES: list[list[Change]] = [
    [],
    [ValueChange("EE", "a", 95)],
    [ValueChange("EE", "a", 85)],
    [ValueChange("AA", "a", 0)],
    [ValueChange("DD", "b", 40)],
    [ValueChange("DD", "b", 18)],
    [ValueChange("AA", "b", 18.5)],
    [ValueChange("DD", "c", 1.25), ValueChange("AA", "c", 4)],
    [ValueChange("CC", "plan", -1)],
    [ValueChange("HH", "variance", 0), ValueChange("HH", "plan", -2)],
    [ValueChange("BB", "shown", 99)],
    [OverrideChange("AA", "deficit", False)],
    [OverrideChange("AA", None, False)],
    [OverrideChange("EE", None, True)],
    [OverrideChange("GG", "deficit", True), ValueChange("GG", "a", 59)],
    [OverrideChange("EE", "poor", False), ValueChange("EE", "a", 40)],
    [WeightChange("a", 0.1)],
    [WeightChange("money", 7), WeightChange("c", 3)],
    [MetricDropped("a")],
    [MetricDropped("a"), MetricDropped("b"), WeightChange("money", 2)],
    [MetricDropped("money"), ValueChange("FF", "b", 17), OverrideChange("FF", None, False)],
]


RULES: list[dict[str, Any]] = [
    {},
    {"ranking": {"within": "all"}, "aggregate": {"over": "domains", "mean": "geometric"}},
    {"aggregate": {"mean": "harmonic", "rounding": "before_ranking"}},
    {"segments": {"method": "thresholds", "upper_bounds": [1.5, 2.0, 2.5]}},
]


@pytest.mark.parametrize("at", range(len(CHANGES)))
def test_every_change_is_the_league_scored_from_changed_observations(at: int) -> None:
    check(case_of_table(SPEC, TABLE), "AA", CHANGES[at])
    other = case_of_table(SPEC | RULES[1 + at % 3], TABLE)
    check(other, "AA", CHANGES[at], with_engine=False)


def test_by_hand() -> None:
    # Ranks of a: DD from 4th to first; the others fall back by one place, a third of the pool.
    text = "trust | a | b\n AA | 90 | 4\n BB | 80 | 1\n CC | 70 | 2\n DD | 60 | 1"
    spec = framework({"a": metric(), "b": score_metric()})
    found = check(case_of_table(spec, text), "DD", [ValueChange("DD", "a", 91)])
    assert found.places.schema == PLACES_SCHEMA
    assert found.values.schema == VALUES_SCHEMA
    names = ["org_code", "rank_from", "rank_to", "average_from", "average_to", "passing"]
    assert found.places.select(names).rows() == [
        ("BB", 1, 2, 1.5, 2.0, "passed"),
        ("AA", 2, 3, 2.5, 3.0, None),
        ("CC", 2, 3, 2.5, 3.0, None),
        ("DD", 2, 1, 2.5, 1.0, None),
    ]
    (row,) = found.values.rows(named=True)
    assert row == {
        "org_code": "DD",
        "metric_id": "a",
        "title": "Waits",
        "unit": "percent",
        "value_from": 60.0,
        "value_to": 91.0,
        "score_from": 4.0,
        "score_to": 1.0,
        "others_rescored": 3,
    }
    assert found.movers()["org_code"].to_list() == ["BB", "AA", "CC", "DD"]


def test_who_is_left_behind_who_draws_level_and_who_leaves_behind_are_told() -> None:
    spec = framework(
        {"a": score_metric()}, ranking={"by": ["average_metric_score"], "within": "peer_group"}
    )
    text = """
    trust | type   | a
    AA    | Acute  | 1
    BB    | Acute  | 2
    CC    | Acute  | 2.5
    DD    | Acute  | 3
    EE    | Acute  | 4
    FF    | Mental | 2.2
    """
    case = case_of_table(spec, text)

    def passing(value: float) -> dict[str, str | None]:
        found = what_if(league_of(case), "DD", [ValueChange("DD", "a", value)])
        return dict(found.places.select("org_code", "passing").iter_rows())

    nobody = dict.fromkeys(("AA", "BB", "CC", "DD", "EE", "FF"))
    assert passing(3.1) == nobody
    assert passing(2.1) == nobody | {"CC": "passed"}
    assert passing(2) == nobody | {"BB": "draws_level", "CC": "passed"}
    assert passing(4) == nobody | {"EE": "draws_level"}
    other = what_if(league_of(case), "AA", [ValueChange("AA", "a", 3)])
    assert dict(other.places.select("org_code", "passing").iter_rows()) == nobody | {
        "BB": "overtakes",
        "CC": "overtakes",
        "DD": "draws_level",
    }


TOLD = """
trust | a     | b
AA    | 80 #1 | 3
BB    | 80 #2 | 1
CC    | 80 #3 | 2
DD    | 70 #4 | 2
EE    | 60 #5 | 4
FF    | 90 #1 | 1
"""


@pytest.mark.parametrize("org", ["AA", "BB", "CC", "DD", "EE"])
@pytest.mark.parametrize("value", [95, 90, 80, 75, 60])
def test_a_tie_whose_order_is_known_stays_in_that_order(org: str, value: float) -> None:
    case = case_of_table(framework({"a": metric(), "b": score_metric()}), TOLD)
    found = what_if(league_of(case), org, [ValueChange(org, "a", value)])
    values = {row["org_code"]: row["value"] for row in case.rows if row["metric_id"] == "a"}
    others = {row["org_code"]: row["value"] for row in case.rows if row["metric_id"] == "b"}
    told = ["AA", "BB", "CC"]
    if values[org] != value:
        values[org] = value
        told = [code for code in told if code != org]
    expected = {}
    for code, own in values.items():
        # Whose place among equals is known is behind those who are known to be ahead of it.
        before = told[: told.index(code)] if code in told else []
        ahead = len(before) + sum(1 for each in values.values() if each > own)
        expected[code] = (1 + 3 * ahead / 5 + others[code]) / 2
    averages = dict(found.places.select("org_code", "average_to").iter_rows())
    assert averages == pytest.approx({code: round(expected[code] + 1e-9, 2) for code in values})


def test_whoever_leaves_a_known_tie_leaves_no_place_empty() -> None:
    spec = framework({"a": metric()})
    text = "trust|a\n AA|80 #1\n BB|80 #2\n CC|80 #3\n DD|70 #4\n EE|60 #5"
    table = league_of(case_of_table(spec, text))
    up = what_if(table, "AA", [ValueChange("AA", "a", 90)])
    assert dict(up.places.select("org_code", "average_to").iter_rows()) == {
        "AA": 1.0,
        "BB": 1.75,
        "CC": 2.5,
        "DD": 3.25,
        "EE": 4.0,
    }
    assert up.values["others_rescored"].item() == 0
    down = what_if(table, "AA", [ValueChange("AA", "a", 50)])
    assert dict(down.places.select("org_code", "average_to").iter_rows()) == {
        "BB": 1.0,
        "CC": 1.75,
        "DD": 2.5,
        "EE": 3.25,
        "AA": 4.0,
    }


def test_a_value_in_another_unit_is_changed_in_that_unit() -> None:
    rates = metric(
        unit="rate",
        polarity="lower_is_better",
        scoring={"method": "standard", "standard": 1.0},
        scoring_of_unit={
            "count": {
                "method": "bands",
                "bands": [{"at_most": 0, "score": 1}, {"at_most": 2, "score": 3}],
                "otherwise": 4,
            }
        },
    )
    text = "trust | a\n AA | 0.9 rate\n BB | 1.2 rate\n CC | 1.5 rate\n DD | 3 count\n EE | 0 count"
    case = case_of_table(framework({"a": rates}), text)
    found = check(case, "DD", [ValueChange("DD", "a", 2)])
    (row,) = found.values.rows(named=True)
    assert (row["value_from"], row["score_from"], row["score_to"]) == (3, 4, 3)
    assert row["others_rescored"] == 0
    check(case, "DD", [ValueChange("BB", "a", 1), ValueChange("EE", "a", 7)])


PROBLEMS: list[tuple[list[Change], str]] = [
    ([ValueChange("AA", "aa", 1)], "no metric 'aa'"),
    ([ValueChange("AA", "a", 101)], "101 is outside the range of a, which is 0 to 100"),
    ([ValueChange("AA", "a", -0.1)], "-0.1 is outside the range"),
    ([ValueChange("AA", "b", -1)], "at least 0"),
    ([ValueChange("AA", "c", 4.5)], "4.5 is outside the range of c, which is 1 to 4"),
    ([ValueChange("AA", "a", float("nan"))], "nan"),
    ([ValueChange("JJ", "a", 50)], "JJ has no value of a"),
    ([ValueChange("AA", "money", 1)], "combines plan and variance"),
    ([OverrideChange("AA", "debt", False)], "no override 'debt'"),
    ([OverrideChange("AA", "deficit", True)], "holds AA already"),
    ([OverrideChange("BB", None, False)], "no override holds BB"),
    ([OverrideChange("AA", "poor", False)], "no override holds AA"),
    ([OverrideChange("ZZ", None, True)], "ZZ"),
    ([WeightChange("a", 0)], "weight 0 is not above 0"),
    ([WeightChange("a", -2)], "weight -2 is not above 0"),
    ([WeightChange("a", float("inf"))], "weight inf"),
    ([WeightChange("plan", 2)], "money combines it"),
    ([WeightChange("none", 2)], "no metric 'none'"),
    ([MetricDropped("shown")], "shown does not count"),
    ([MetricDropped("none")], "no metric 'none'"),
    ([ValueChange("AA", "a", 1), ValueChange("AA", "a", 2)], "a of AA is changed twice"),
    ([MetricDropped("a"), WeightChange("a", 2)], "a is changed twice"),
    ([OverrideChange("EE", "deficit", True)] * 2, "changed twice"),
    ([MetricDropped(id_) for id_ in ("a", "b", "c", "money")], "no metric would be left"),
]


@pytest.mark.parametrize(("changes", "text"), PROBLEMS)
def test_a_change_that_cannot_be_made_is_refused_and_says_why(
    changes: list[Change], text: str
) -> None:
    with pytest.raises(UsageError) as refused:
        what_if(league_of(case_of_table(SPEC, TABLE)), "AA", changes)
    assert text in str(refused.value)


def test_all_problems_are_told_at_once() -> None:
    changes = [change for some, _ in PROBLEMS[:10] for change in some]
    with pytest.raises(UsageError) as refused:
        what_if(league_of(case_of_table(SPEC, TABLE)), "AA", [*changes, WeightChange("b", 0)])
    for _, text in PROBLEMS[:10]:
        assert text in str(refused.value)
    assert "weight 0" in str(refused.value)


def test_values_at_the_ends_of_a_range_are_within_it() -> None:
    case = case_of_table(SPEC, TABLE)
    for id_, value in (("a", 0), ("a", 100), ("b", 0), ("b", 9_999), ("c", 1), ("c", 4)):
        check(case, "AA", [ValueChange("AA", id_, value)], with_engine=False)


def test_a_range_that_somebody_is_beyond_has_no_end_there() -> None:
    case = case_of_table(SPEC, TABLE)
    check(case, "AA", [ValueChange("AA", "plan", -50)])
    with pytest.raises(UsageError, match="at most 100"):
        what_if(league_of(case), "AA", [ValueChange("AA", "plan", 101)])


def test_an_override_of_a_framework_without_any_is_refused() -> None:
    case = case_of_table(framework({"a": metric()}), "trust|a\n AA|1\n BB|2")
    with pytest.raises(UsageError, match="no override"):
        what_if(league_of(case), "AA", [OverrideChange("AA", None, True)])


def test_an_organisation_without_a_rank_has_no_what_if() -> None:
    spec = framework({"a": metric(), "b": metric()}, aggregate={"min_metrics": 2})
    table = league_of(case_of_table(spec, "trust|a|b\n AA|1|1\n BB|2|-\n CC|3|1"))
    with pytest.raises(UsageError, match="BB is not ranked"):
        what_if(table, "BB", [])
    with pytest.raises(UsageError, match="ZZ has no figure"):
        what_if(table, "ZZ", [])
    held = spec | {"overrides": SPEC["overrides"][:1]}
    other = league_of(case_of_table(held, "trust|a|b\n AA|1|1\n BB|2|-\n CC|3|1"))
    with pytest.raises(UsageError, match="BB is not ranked"):
        what_if(other, "AA", [OverrideChange("BB", None, True)])


def test_an_organisation_that_is_left_with_nothing_loses_its_rank() -> None:
    spec = framework({"a": metric(), "b": metric()})
    case = case_of_table(spec, "trust|a|b\n AA|1|-\n BB|2|1\n CC|3|2\n DD|4|2\n EE|2|5")
    found = what_if(league_of(case), "AA", [MetricDropped("a")])
    place = found.place("AA")
    assert (place["rank_from"], place["rank_to"], place["average_to"]) == (5, None, None)
    others = {org: one for org, one in after(found).items() if one.rank is not None}
    assert differences(others, by_oracle(changed(case, [MetricDropped("a")]))) == []


# The bundled sample


def sample(quarter: str, framework_id: str = "nof-2025-26") -> League:
    return nhs_league.open_league(framework=framework_id, quarter=quarter).league


@pytest.mark.parametrize("quarter", ["2025Q2", "2025Q3", "2025Q4"])
def test_no_change_of_the_sample_is_the_official_table(quarter: str) -> None:
    table = sample(quarter)
    found = what_if(table, table.standings["org_code"][0], [])
    assert len(found.places) == 205
    assert found.movers().is_empty()
    names = ["rank", "average_metric_score", "segment", "adjusted_segment"]
    official = {row[0]: row[1:] for row in table.standings.select("org_code", *names).iter_rows()}
    told = found.places.select(
        "org_code", "rank_to", "average_to", "segment_to", "adjusted_segment_to"
    )
    assert {row[0]: row[1:] for row in told.iter_rows()} == {
        org: pytest.approx(row) for org, row in official.items()
    }


@pytest.mark.parametrize("org_code", ["RAL", "RRU"])
def test_a_change_in_the_sample_rescores_the_pool_alone_and_by_one_place(org_code: str) -> None:
    table = sample("2025Q2")
    before = Rescorer.of(table)
    codes = before.frame[columns.ORG_CODE].to_list()
    groups = before.frame[columns.PEER_GROUP].to_list()
    row, seen = codes.index(org_code), 0
    for metric_id, stated in list(table.framework.metrics.items())[::2]:
        if not isinstance(stated.scoring, RankScoring | StandardScoring | FloorScoring):
            continue
        values = before.figures(columns.value(metric_id))
        if np.isnan(values[row]):
            continue
        seen += 1
        best = np.nanmax(values) if stated.is_higher_better else np.nanmin(values)
        change = ValueChange(org_code, metric_id, float(best))
        within = {
            code
            for code, group in zip(codes, groups, strict=True)
            if stated.pool != "peer_group" or group == groups[row]
        }
        found = what_if(table, org_code, [change]).places
        differs = found.filter(found["average_from"] != found["average_to"])
        assert set(differs["org_code"]) <= within
        one, two = (league.scores[metric_id] for league in (before, with_changes(before, [change])))
        ranked = [
            at
            for at, code in enumerate(codes)
            if code in within and code != org_code and 1 < two[at] < 4
        ]
        width = 3 if isinstance(stated.scoring, RankScoring) else 2
        step = width / max(len(ranked) - 1, 1)
        # One fewer may be ranked, and a place be left: no score moves by more than one step of it.
        assert all(abs(two[at] - one[at]) <= step + 1e-9 for at in ranked), metric_id
    assert seen > 1


def test_published_scores_that_do_not_follow_from_values_are_held() -> None:
    # BB's 3.00 follows from no rank among four; it stays what was published whoever moves.
    spec = framework({"a": metric(published_score="p"), "b": score_metric()})
    rows = case_of_table(
        spec,
        """
        trust | a  | p    | b
        AA    | 90 | 1.00 | 2
        BB    | 80 | 3.30 | 2
        CC    | 70 | 3.00 | 2
        DD    | 60 | 4.00 | 2
        """,
    )
    table = league(spec, rows.rows, rows.peer_groups, "auto")
    found = what_if(table, "DD", [ValueChange("DD", "a", 95)])
    scores = dict(found.places.select("org_code", "average_to").iter_rows())
    assert scores == pytest.approx({"DD": 1.5, "AA": 2.0, "BB": 2.65, "CC": 3.0}, abs=0.006)
    moved = what_if(table, "BB", [ValueChange("BB", "a", 85)])
    assert dict(moved.places.select("org_code", "average_to").iter_rows())["BB"] == 2.0
