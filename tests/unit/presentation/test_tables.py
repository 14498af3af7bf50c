"""League tables, catalogues and findings as documents."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league import Finding, OpenLeague, load_framework
from nhs_league.analysis.rankings import filtered, ranking, ranking_by
from nhs_league.framework.catalogue import load_shipped_frameworks
from nhs_league.presentation.catalogues import (
    findings_document,
    findings_frame,
    frameworks_frame,
    metrics_document,
    metrics_frame,
    scoring_rule,
    verdict,
)
from nhs_league.presentation.document import Items, Table
from nhs_league.presentation.league_tables import ranking_document, single_document
from nhs_league.sources.reports import FileReport


def tables(document: object) -> list[Table]:
    return [block for block in document if isinstance(block, Table)]  # type: ignore[attr-defined]


def test_a_ranking_has_a_table_a_peer_group_in_the_frameworks_order(
    sample_league: OpenLeague,
) -> None:
    document = ranking_document(ranking(sample_league.league), sample_league.league)
    captions = [table.caption for table in tables(document)]
    label = "April to June 2025 (Q1 2025/26)"
    assert captions == [
        f"NHS Oversight Framework 2025/26: acute trusts, {label}",
        f"NHS Oversight Framework 2025/26: mental health and community trusts, {label}",
        f"NHS Oversight Framework 2025/26: ambulance trusts, {label}",
    ]
    assert [len(table.rows) for table in tables(document)] == [134, 61, 10]


def test_a_part_of_a_ranking_says_so(sample_league: OpenLeague) -> None:
    organisations = sample_league.dataset.organisations
    top = filtered(ranking(sample_league.league), organisations, peer_group="ambulance", top=3)
    (table,) = tables(ranking_document(top, sample_league.league))
    assert table.caption.endswith(", 3 of 10")


def test_overrides_are_explained_only_where_they_apply(sample_league: OpenLeague) -> None:
    whole = ranking(sample_league.league)
    held = whole.filter(pl.col("overrides").is_not_null())
    notes = next(
        block for block in ranking_document(whole, sample_league.league) if isinstance(block, Items)
    )
    assert notes.points[1].endswith(f"not better than segment 3 ({len(held)} organisations).")
    free = whole.filter(pl.col("overrides").is_null())
    notes = next(
        block for block in ranking_document(free, sample_league.league) if isinstance(block, Items)
    )
    assert len(notes.points) == 1


def test_an_empty_ranking_is_no_error(sample_league: OpenLeague) -> None:
    nothing = ranking(sample_league.league).clear()
    assert tables(ranking_document(nothing, sample_league.league)) == []
    single = ranking_by(sample_league.league, "OF0013").clear()
    assert tables(single_document(single, sample_league.league, "Nothing")) == []


def test_a_metrics_league_shows_values_and_a_domains_segments(sample_league: OpenLeague) -> None:
    league = sample_league.league
    metric = tables(single_document(ranking_by(league, "OF0013"), league, "Four hours"))[0]
    assert [column.header for column in metric.columns] == [
        "Rank",
        "Code",
        "Organisation",
        "Value",
        "Score",
    ]
    assert metric.rows[0][3].endswith("%")
    domain = tables(single_document(ranking_by(league, "access"), league, "Access"))[0]
    assert [column.header for column in domain.columns] == [
        "Rank",
        "Code",
        "Organisation",
        "Score",
        "Segment",
    ]


def test_frameworks_frame_lists_what_is_shipped() -> None:
    frame = frameworks_frame(load_shipped_frameworks())
    assert frame["framework_id"].is_sorted()
    assert frame["sha256"].str.len_chars().unique().to_list() == [64]


@pytest.mark.parametrize(
    ("metric_id", "rule"),
    [
        ("ae_4_hours", "standard >= 78, others by rank"),
        ("ambulance_category_2", "standard <= 30, others by rank"),
        ("rtt_18_weeks", "rank"),
        ("inpatient_survey", "as published"),
        ("planned_surplus_pct", ">= 0: 1, >= -1: 2, >= -2: 3, else 4"),
    ],
)
def test_scoring_rules_in_words(metric_id: str, rule: str) -> None:
    framework = load_framework("headline-kpis").framework
    assert scoring_rule(framework.metrics[metric_id]) == rule


def test_a_metric_that_does_not_count_is_shown_only() -> None:
    framework = load_framework("nof-2025-26").framework
    frame = metrics_frame(framework)
    shown = frame.filter(pl.col("metric_id") == "OF0079")
    assert shown["weight"].item() is None
    (table,) = tables(metrics_document(frame, framework))
    row = next(row for row in table.rows if row[0] == "OF0079")
    assert row[4] == "shown only"


FINDINGS = [
    Finding("error", "not_a_number", "is not a number", "a.csv", 3, "value", "x", "a number"),
    Finding("warning", "incomplete_quarter", "ae: the data have no month 2025-06"),
]


def test_findings_keep_every_field() -> None:
    frame = findings_frame(FINDINGS)
    assert frame.row(0, named=True) == {
        "severity": "error",
        "code": "not_a_number",
        "file": "a.csv",
        "row": 3,
        "column": "value",
        "value": "x",
        "expected": "a number",
        "message": "is not a number",
    }
    assert findings_frame([]).columns == frame.columns


def test_findings_stand_under_the_files_and_above_the_verdict() -> None:
    file = FileReport("a.csv", "0" * 64, "tidy", "long", "utf-8", 1200, 1198, {"blank_row": 2})
    document = findings_document([file], FINDINGS)
    files, errors, warnings = tables(document)
    assert list(files.rows[0][:6]) == [
        "a.csv",
        "tidy",
        "utf-8",
        "1,200",
        "1,198",
        "2 blank row",
    ]
    assert errors.caption == "1 error"
    assert list(errors.rows[0]) == [
        "a.csv row 3, column value",
        "is not a number (found 'x'; expected a number) [not_a_number]",
    ]
    assert warnings.rows[0][0] == "-"


def test_verdict_counts() -> None:
    assert verdict([]) == "Sound: 0 errors, 0 warnings, 0 notes."
    assert verdict(FINDINGS) == "Unsound: 1 error, 1 warning, 0 notes."
    assert verdict(FINDINGS[1:]) == "Sound: 0 errors, 1 warning, 0 notes."
