"""What differs between the rules of two frameworks, on small ones by hand and the shipped ones."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from nhs_league import load_framework
from nhs_league.analysis.comparison.framework_changes import (
    FRAMEWORK_CHANGES_SCHEMA,
    framework_changes,
)
from nhs_league.framework.model import Framework
from tests.support import built, framework, metric

RULE: dict[str, Any] = {
    "id": "deficit",
    "title": "the trust has a deficit",
    "when": {"flag": "deficit"},
    "not_better_than": 3,
}


def small(**changes: Any) -> Framework:
    return built(framework({"waits": metric(), "safe": metric(title="Safety")}, **changes))


def changes(before: Framework, after: Framework) -> list[tuple[Any, ...]]:
    found = framework_changes(before, after)
    assert found.schema == pl.Schema(FRAMEWORK_CHANGES_SCHEMA)
    return found.rows()


def test_the_same_rules_under_other_names_do_not_differ() -> None:
    assert changes(small(), small(id="other", title="Other", description="Words")) == []


def test_prose_and_evidence_are_no_rules() -> None:
    worded = metric(
        why="Because.",
        note="A note.",
        evidence="manual",
        numerator="people seen",
        source={"title": "A", "publisher": "B", "licence": "C"},
    )
    before = built(framework({"waits": metric()}))
    assert changes(before, built(framework({"waits": worded}))) == []


def test_the_order_of_metrics_and_domains_is_no_rule() -> None:
    turned = framework(
        {"safe": metric(title="Safety"), "waits": metric()},
        domains={"safety": "Safety", "access": {"title": "Access"}},
    )
    assert changes(small(), built(turned)) == []


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"weight": 2.5}, ("weight", "changed", "1", "2.5")),
        ({"title": "Queues"}, ("title", "changed", "Waits", "Queues")),
        ({"counts": False}, ("counts", "changed", "yes", "no")),
        ({"polarity": "lower_is_better"}, None),
        ({"pool": "peer_group"}, ("pool", "changed", "all", "peer_group")),
        ({"expected_of": ["Acute"]}, ("expected_of", "added", None, "Acute")),
    ],
)
def test_a_field_of_a_metric_is_a_row(stated: Any, expected: Any) -> None:
    after = built(framework({"waits": metric(**stated), "safe": metric(title="Safety")}))
    if expected is None:
        expected = ("polarity", "changed", "higher_is_better", "lower_is_better")
    assert changes(small(), after) == [("metric", "waits", *expected)]
    field, change, old, new = expected
    back = {"added": "dropped"}.get(change, change)
    assert changes(after, small()) == [("metric", "waits", field, back, new, old)]


def test_another_way_of_scoring_is_told_field_by_field() -> None:
    scored = metric(scoring={"method": "standard", "standard": 78.0})
    stricter = metric(scoring={"method": "standard", "standard": 80.5})
    ranked, held, higher = (
        built(framework({"waits": each})) for each in (metric(), scored, stricter)
    )
    assert changes(held, higher) == [
        ("metric", "waits", "scoring.standard", "changed", "78", "80.5")
    ]
    assert changes(ranked, held) == [
        ("metric", "waits", "scoring.method", "changed", "rank", "standard"),
        ("metric", "waits", "scoring.standard", "added", None, "78"),
    ]


def test_bands_are_written_in_short() -> None:
    bands = {
        "method": "bands",
        "bands": [{"at_least": 0, "score": 1}, {"at_least": -1, "score": 2}],
        "otherwise": 4,
    }
    before = built(framework({"waits": metric()}))
    after = built(framework({"waits": metric(scoring=bands)}))
    told = {row[2]: row[5] for row in changes(before, after)}
    assert told["scoring.bands"] == "at least 0 score 1; at least -1 score 2"


def test_a_metric_that_came_or_went_is_one_row() -> None:
    before, after = small(), built(framework({"waits": metric(), "new": metric(counts=False)}))
    assert changes(before, after) == [
        ("metric", "safe", None, "dropped", "Safety (weight 1)", None),
        ("metric", "new", None, "added", None, "Waits (not in the average)"),
    ]


def test_domains_and_overrides_are_told_by_their_ids() -> None:
    before = small(domains={"access": "Access"}, overrides=[RULE])
    after = small(
        domains={"access": {"title": "Access", "weight": 2.0}, "money": "Money"},
        overrides=[RULE | {"not_better_than": 2}, RULE | {"id": "other"}],
    )
    assert changes(before, after) == [
        ("domain", "access", "weight", "changed", "1", "2"),
        ("domain", "money", None, "added", None, "Money (weight 1)"),
        ("override", "deficit", "not_better_than", "changed", "3", "2"),
        (
            "override",
            "other",
            None,
            "added",
            None,
            "the trust has a deficit: not better than segment 3",
        ),
    ]


def test_rules_of_the_whole_are_told_part_by_part() -> None:
    after = small(
        scale={"best": 1.0, "worst": 5.0, "decimals": 2},
        aggregate={"min_metrics": 2},
        segments={"method": "thresholds", "upper_bounds": [1.92, 2.32, 2.77]},
        ranking={"within": "all", "by": ["average_metric_score"]},
        movement={"significant_change": 0.3},
        applies_to={"quarters": "2026Q1-"},
    )
    assert changes(small(), after) == [
        ("scale", None, "worst", "changed", "4", "5"),
        ("aggregate", None, "min_metrics", "changed", "1", "2"),
        ("segments", None, "method", "changed", "quartiles", "thresholds"),
        ("segments", None, "pool", "dropped", "all", None),
        ("segments", None, "upper_bounds", "added", None, "1.92, 2.32, 2.77"),
        ("ranking", None, "within", "changed", "peer_group", "all"),
        (
            "ranking",
            None,
            "by",
            "changed",
            "adjusted_segment, average_metric_score",
            "average_metric_score",
        ),
        ("movement", None, "significant_change", "added", None, "0.3"),
        ("other", None, "applies_to.quarters", "changed", "2025Q1-", "2026Q1-"),
    ]


def test_the_shipped_oversight_frameworks_differ_as_their_documents_say() -> None:
    before, after = (load_framework(id_).framework for id_ in ("nof-2025-26", "nof-2026-27"))
    found = changes(before, after)
    assert ("segments", None, "upper_bounds", "added", None, "1.92, 2.32, 2.77") in found
    assert ("metric", "OF0017", "scoring.standard", "changed", "30", "25") in found
    assert ("metric", "OF1080", None, "dropped", "Combined finance (weight 3)", None) in found
    assert ("metric", "OF2080", None, "added", None, "Combined finance (weight 3)") in found
    assert changes(before, before) == []


def test_both_ways_tell_the_same() -> None:
    ids = ("nof-2025-26", "headline-kpis")
    before, after = (load_framework(id_).framework for id_ in ids)
    turned = {"added": "dropped", "dropped": "added", "changed": "changed"}
    there, back = changes(before, after), changes(after, before)
    assert sorted(map(str, there)) == sorted(
        str((part, id_, field, turned[change], new, old))
        for part, id_, field, change, old, new in back
    )
