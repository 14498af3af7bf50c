"""Everything that a command does is one function call away."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest

import nhs_league
from nhs_league import (
    DataError,
    FrameworkError,
    OpenLeague,
    Quarter,
    UsageError,
    load_framework,
    open_league,
)
from tests.functional.small import ADJUSTED, AVERAGES, RANKS, Small, write_small


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return write_small(tmp_path)


def test_the_small_league_is_the_one_worked_out_by_hand(small: Small) -> None:
    opened = open_league([small.folder], small.framework)
    table = nhs_league.ranking(opened.league).filter(pl.col("rank").is_not_null())
    assert dict(table.select("org_code", "rank").iter_rows()) == RANKS
    assert dict(table.select("org_code", "adjusted_segment").iter_rows()) == ADJUSTED
    assert dict(table.select("org_code", "average_metric_score").iter_rows()) == AVERAGES


def test_a_league_cannot_be_changed(small: Small) -> None:
    league = open_league([small.folder], small.framework).league
    with pytest.raises(dataclasses.FrozenInstanceError):
        league.scores = "computed"  # type: ignore[misc]


def test_the_bundled_sample_is_the_default(sample_league: OpenLeague) -> None:
    assert sample_league.league.quarter == Quarter(2025, 2)
    assert sample_league.framework_file.framework.id == "nof-2025-26"
    assert len(sample_league.league.standings) == 205
    assert [finding.code for finding in sample_league.findings] == [
        "related_metrics_contradict",
        "zero_far_from_peers",
    ]


@pytest.mark.parametrize("quarter", ["2025Q2", "Q1 2025/26", Quarter(2025, 2)])
def test_a_quarter_is_a_text_or_a_quarter(small: Small, quarter: str | Quarter) -> None:
    assert open_league([small.folder], small.framework, quarter).league.quarter == Quarter(2025, 2)


def test_paths_are_texts_or_paths(small: Small) -> None:
    opened = open_league([str(small.folder)], str(small.framework))
    assert [file.name for file in opened.dataset.files] == [
        "organisations.csv",
        "plans.csv",
        "waits.csv",
    ]


def test_find_and_explain_take_what_a_user_types(sample_league: OpenLeague) -> None:
    assert sample_league.find("christie").org_code == "RBV"
    assert sample_league.explain("christie").org_code == "RBV"
    assert sample_league.explain("RY9").org_code == "RAX"
    with pytest.raises(UsageError):
        sample_league.explain("leeds")


def test_errors_are_raised_with_all_their_findings(small: Small) -> None:
    path = small.folder / "waits.csv"
    text = path.read_text("utf-8").replace("AA1,2025-04,100.0", "AA1,2025-04,lots")
    path.write_text(text.replace("AA2,2025-04,75.0", "AA2,2025-04,many"), "utf-8")
    with pytest.raises(DataError) as caught:
        open_league([small.folder], small.framework)
    errors = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert [(finding.file, finding.row, finding.value) for finding in errors] == [
        ("waits.csv", 2, "lots"),
        ("waits.csv", 3, "many"),
    ]


def test_warnings_are_kept_or_under_strict_raised(small: Small) -> None:
    path = small.folder / "waits.csv"
    path.write_text(path.read_text("utf-8").replace("AA5,2025-04", "ZZ9,2025-04"), "utf-8")
    opened = open_league([small.folder], small.framework)
    assert {finding.code for finding in opened.findings} >= {"unknown_organisation"}
    with pytest.raises(DataError):
        open_league([small.folder], small.framework, strict=True)


def test_a_framework_is_an_id_or_a_path(small: Small, tmp_path: Path) -> None:
    opened = open_league(framework="headline-kpis", quarter="2025Q2")
    assert opened.framework_file.name == "headline-kpis.yaml"
    with pytest.raises(UsageError, match="no framework 'nope'"):
        open_league(framework="nope")
    with pytest.raises(FrameworkError, match="cannot read"):
        open_league(framework=tmp_path / "nope.yaml")


@pytest.mark.parametrize("scores", ["auto", "computed", "published"])
def test_scores_may_be_forced(sample_league: OpenLeague, scores: str) -> None:
    opened = open_league(quarter="2025Q2", scores=scores)  # type: ignore[arg-type]
    standings = opened.league.standings
    assert standings["average_metric_score"].null_count() == 0
    is_published = standings["average_is_published"].sum()
    assert (is_published == 0) if scores == "computed" else (is_published >= 0)
    assert sample_league.league.standings["average_is_published"].sum() == 7


def test_opening_twice_gives_the_same_league(small: Small) -> None:
    first = open_league([small.folder], small.framework).league.standings
    assert first.equals(open_league([small.folder], small.framework).league.standings)


def test_a_copy_of_a_shipped_framework_scores_the_same(tmp_path: Path) -> None:
    from nhs_league.resources import configs_directory

    copy = tmp_path / "our-own.yaml"
    copy.write_bytes((configs_directory() / "frameworks" / "headline-kpis.yaml").read_bytes())
    assert load_framework(copy).sha256 == load_framework("headline-kpis").sha256
    assert load_framework(copy).framework == load_framework("headline-kpis").framework
