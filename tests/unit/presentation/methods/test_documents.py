"""The method of a whole framework: nothing left out, and examples that the engine gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from nhs_league.framework.catalogue import load_shipped_frameworks
from nhs_league.framework.model import Framework
from nhs_league.presentation.document import Block, Items, Paragraph, Table
from nhs_league.presentation.methods.document import method_document
from nhs_league.presentation.methods.rules import weight_shares
from nhs_league.presentation.methods.sentences import scoring_sentence
from nhs_league.presentation.plain import render_plain
from tests.support import (
    built,
    framework,
    framework_of_scores,
    league_of_table,
    metric,
    score_metric,
)
from tests.unit.presentation.methods.leagues import (
    NHS_SCALE,
    TYPES,
    by_engine,
    spec_of,
    with_scales,
)

SHIPPED = {file.framework.id: file.framework for file in load_shipped_frameworks()}


def texts(blocks: Iterable[Block]) -> str:
    """Join the sentences of a document without its tables."""
    parts = [
        block.points if isinstance(block, Items) else [block.text]
        for block in blocks
        if not isinstance(block, Table)
    ]
    return "\n".join(point for points in parts for point in points)


def tables(model: Framework) -> list[Table]:
    return [block for block in method_document(model) if isinstance(block, Table)]


def metric_rows(model: Framework) -> list[dict[str, str]]:
    return [
        dict(zip([c.header for c in table.columns], row, strict=True))
        for table in tables(model)
        if table.columns[0].header == "Metric"
        for row in table.rows
    ]


@pytest.mark.parametrize("model", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_framework_is_told_whole(model: Framework) -> None:
    blocks = method_document(model)
    cells = [cell for table in tables(model) for row in table.rows for cell in row]
    assert all(cell.strip() for cell in cells)
    said = [texts(blocks), *cells, *(scoring_sentence(model, m) for m in model.metrics.values())]
    assert not [text for text in said if re.search(r"\bNone\b|\bnan\b|  |\.\.|[{}]", text)]
    assert "\n\n\n" not in render_plain(blocks)
    rows = metric_rows(model)
    assert sorted(row["Id"] for row in rows) == sorted(model.metrics)
    assert {row["Id"] for row in rows if row["Share"] != "-"} == set(model.counted_metrics)


@pytest.mark.parametrize("model", SHIPPED.values(), ids=SHIPPED)
def test_shares_of_the_weight_make_up_the_whole(model: Framework) -> None:
    assert sum(weight_shares(model).values()) == pytest.approx(1)
    printed = [float(row["Share"].rstrip("%")) for row in metric_rows(model) if row["Share"] != "-"]
    assert sum(printed) == pytest.approx(100, abs=0.05 * len(printed))
    weights = next(table for table in tables(model) if table.columns[0].header == "Domain")
    for column in range(1, len(weights.columns)):
        of_group = [row[column] for row in weights.rows[:-1] if row[column] != "-"]
        whole = sum(float(cell.rstrip("%")) for cell in of_group)
        assert whole == pytest.approx(100, abs=0.05 * len(of_group) + 1e-9)


def test_shares_over_domains_follow_the_weights_of_both() -> None:
    spec = framework_of_scores(
        "a",
        "b",
        "c",
        domains={"access": {"title": "Access", "weight": 3}, "safety": "Safety"},
        aggregate={"over": "domains"},
    )
    spec["metrics"]["b"]["weight"] = 3
    spec["metrics"]["c"]["domain"] = "safety"
    shares = weight_shares(built(spec))
    assert shares == pytest.approx({"a": 0.1875, "b": 0.5625, "c": 0.25})
    before, after = (
        league_of_table(spec, f"trust | a | b | c\n AA | {a} | 1 | 1")["AA"]["composite"]
        for a in (1, 2)
    )
    assert after - before == pytest.approx(shares["a"])
    assert "then the average is the arithmetic mean of the domain scores, each by its" in texts(
        method_document(built(spec))
    )


def test_the_number_of_metrics_of_a_group_is_what_the_engine_expects() -> None:
    metrics = {
        "a": score_metric(expected_of=["Acute trust"]),
        "b": score_metric(),
        "c": score_metric(expected_of=[]),
        "d": score_metric(expected_of=["Acute trust"], counts=False),
    }
    spec = framework(metrics, peer_groups=TYPES)
    weights = next(t for t in tables(built(spec)) if t.columns[0].header == "Domain")
    table = league_of_table(
        spec, "trust | type | b\n AA | Acute trust | 1\n BB | Ambulance trust | 1"
    )
    expected = [str(table[code]["metrics_expected"]) for code in ("AA", "BB")]
    assert list(weights.rows[-1]) == ["Number of metrics", "3", *expected]


@pytest.mark.parametrize(
    ("scoring", "values"),
    [
        ({"method": "rank"}, [4, 3, 2, 1]),
        ({"method": "standard", "standard": 9}, [4, 3, 2, 1]),
        ({"method": "floor", "floor": 0}, [4, 3, 2, 1]),
        ({"method": "percentile"}, [4, 3, 2, 1]),
    ],
    ids=lambda case: case["method"] if isinstance(case, dict) else "",
)
@with_scales
def test_the_example_of_four_is_what_the_engine_gives(
    scoring: dict[str, Any], values: list[float], scale: Mapping[str, float]
) -> None:
    spec = spec_of(scoring, scale)
    first, second, third, last = by_engine(spec, values)
    said = texts(method_document(built(spec)))
    assert re.search(f"four [a-z ]*would score {first}, {second}, {third} and {last}", said)
    if scoring["method"] != "percentile":
        assert re.search(f"f (there is )?only one [^.]* scores {by_engine(spec, [4])[0]}", said)


ALL_METHODS: dict[str, dict[str, Any]] = {
    "By rank": {"method": "rank"},
    "By a standard": {"method": "standard", "standard": 9},
    "By a standard and a floor": {"method": "standard", "standard": 9, "floor": 1},
    "By a floor": {"method": "floor", "floor": 1},
    "In bands": {"method": "bands", "bands": [{"at_least": 1, "score": 1}], "otherwise": 4},
    "As published": {"method": "published"},
    "In proportion": {"method": "min_max"},
    "By distance from the average": {"method": "z_score"},
    "By the share that do better": {"method": "percentile"},
    "By a target": {"method": "target", "target": 9, "limit": 1},
    "From two other scores": {"method": "matrix", "rows": "m0", "columns": "m1", "scores": [[1]]},
}


def test_each_method_in_use_is_explained_once_and_no_other() -> None:
    metrics = {f"m{i}": metric(scoring=s) for i, s in enumerate(ALL_METHODS.values())}
    said = texts(method_document(built(framework(metrics))))
    for kind in ALL_METHODS:
        assert said.count(f"{kind} (1 metric): ") == 1
    alone = texts(method_document(built(spec_of({"method": "rank"}))))
    assert [kind for kind in ALL_METHODS if f"{kind} (" in alone] == ["By rank"]


@pytest.mark.parametrize(
    ("scale", "bounds", "points"),
    [
        (
            NHS_SCALE,
            [1.92, 2.5],
            [
                "Segment 1, the best: an average of 1.92 or less.",
                "Segment 2: more than 1.92, up to 2.5.",
                "Segment 3, the worst: more than 2.5.",
            ],
        ),
        (
            {"best": 10.0, "worst": 0.0},
            [8, 5.5],
            [
                "Segment 1, the best: an average of 8 or more.",
                "Segment 2: less than 8, down to 5.5.",
                "Segment 3, the worst: less than 5.5.",
            ],
        ),
    ],
)
def test_thresholds(scale: dict[str, float], bounds: list[float], points: list[str]) -> None:
    segments = {"method": "thresholds", "upper_bounds": bounds}
    spec = framework_of_scores("a", scale=scale, segments=segments)
    step = 0.01 if scale["best"] < scale["worst"] else -0.01
    rows = [f"A{i} | {b} | {i}\n B{i} | {b + step} | {i + 1}" for i, b in enumerate(bounds, 1)]
    table = league_of_table(spec, "\n".join(["trust | a | segment", *rows]))
    assert [table[code]["segment"] for code in ("A1", "B1", "A2", "B2")] == [1, 2, 2, 3]
    said = texts(method_document(built(spec)))
    assert "\n".join(points) in said


def test_a_scale_where_high_scores_are_good() -> None:
    spec = spec_of({"method": "rank"}, {"best": 10.0, "worst": 0.0})
    said = texts(method_document(built(spec)))
    assert "10.00 is the best and 0.00 the worst. A high score is a good one" in said


@pytest.mark.parametrize(
    ("quarters", "said"),
    [
        ("2025Q2", "It governs one quarter, 2025Q2: April to June 2025 (Q1 2025/26)."),
        (
            "-2025Q4",
            "every quarter up to 2025Q4: the last is October to December 2025 (Q3 2025/26)",
        ),
        (
            "2025Q1-",
            "every quarter from 2025Q1 on: the first is January to March 2025 (Q4 2024/25)",
        ),
        (
            "2025Q2-2026Q1",
            "It governs the quarters 2025Q2 to 2026Q1: the first is April to June 2025 (Q1 2025/26)"
            ", the last January to March 2026 (Q4 2025/26).",
        ),
    ],
)
def test_the_quarters_are_named_in_both_spellings(quarters: str, said: str) -> None:
    spec = spec_of({"method": "rank"}) | {"applies_to": {"quarters": quarters}}
    assert said in texts(method_document(built(spec)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aggregate": {"mean": "geometric"}}, "the geometric mean of the metric scores;"),
        ({"aggregate": {"mean": "harmonic"}}, "nearer to the low scores than the usual mean"),
        ({"aggregate": {"missing": "require_all"}}, "without a score that is expected of them are"),
        ({"aggregate": {"min_metrics": 2}}, "with fewer than 2 metric scores are not ranked"),
        ({"aggregate": {"rounding": "before_ranking"}}, "rounded once, to 2 decimals"),
        ({"aggregate": {"rounding": "after_ranking"}}, "segments and ranked unrounded"),
        ({"segments": {"method": "quartiles", "pool": "peer_group"}}, "of trusts of the same type"),
        ({"ranking": {"within": "all"}}, "Trusts are ranked all together, the best first"),
        ({"ranking": {"by": ["average_metric_score"]}}, "the best first, by the average."),
        ({"ranking": {"by": ["segment", "adjusted_segment"]}}, "the best first, by the segment."),
        ({"likely_ranges": True}, "They are part of every league table."),
        ({"movement": {"significant_change": 0.3}}, "as they are shown, are 0.30 or more apart"),
        ({}, "(a paired bootstrap)"),
        ({}, "There are none: the segment follows from the average alone."),
        ({"description": "What it is."}, "A small framework\nWhat it is."),
    ],
)
def test_each_rule_is_told(changes: dict[str, Any], said: str) -> None:
    spec = framework_of_scores("a", "b", peer_groups=TYPES) | changes
    assert said in texts(method_document(built(spec)))


def test_overrides() -> None:
    overrides = [
        {
            "id": "x",
            "title": "a deficit",
            "when": {"metric": "a", "below": 1},
            "not_better_than": 3,
        },
        {"id": "y", "title": "a flag", "when": {"flag": "raised"}, "not_better_than": 2},
    ]
    spec = framework_of_scores("a", overrides=overrides)
    spec["metrics"]["a"] |= {"unit": "percent"}
    said = texts(method_document(built(spec)))
    assert "No better than segment 3: a deficit. It applies where Waits (a) is below 1%." in said
    assert "a flag. It applies where the flag raised is raised in the data." in said
    assert "the strictest decides" in said
    assert "by the adjusted segment; where that is equal, by the average" in said


def test_evidence_is_explained_where_it_is_used_and_left_out_where_none_is() -> None:
    spec = spec_of({"method": "rank"})
    assert "Evidence" not in metric_rows(built(spec))[0]
    assert "How each rule is known" not in texts(method_document(built(spec)))
    spec["metrics"]["waits"]["evidence"] = "inferred"
    said = texts(method_document(built(spec)))
    assert metric_rows(built(spec))[0]["Evidence"] == "inferred"
    assert said.count("inferred: the rule is assumed") == 1
    assert "manual:" not in said


def test_a_metric_that_is_not_counted_and_a_domain_without_metrics() -> None:
    spec = framework({"a": score_metric(), "b": score_metric(title="Beds", counts=False)})
    model = built(spec)
    assert metric_rows(model)[1]["Weight"] == "not counted"
    said = texts(method_document(model))
    assert "Beds (b): scored and shown, and not averaged." in said
    assert "Safety has no metrics." in said


def test_titles_are_passed_on_as_they_are() -> None:
    hostile = "<b>\"Waits\"</b> & 'more' | {title} %s"
    spec = spec_of({"method": "rank"}, title=hostile) | {"title": hostile, "description": hostile}
    spec["domains"]["access"] = hostile
    blocks = method_document(built(spec))
    assert texts(blocks).split("\n")[:2] == [hostile, hostile]
    assert metric_rows(built(spec))[0]["Metric"] == hostile
    assert any(table.caption.startswith(hostile) for table in tables(built(spec)))
    assert isinstance(blocks[1], Paragraph)
