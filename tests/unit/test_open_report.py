from __future__ import annotations

from pathlib import Path

import pytest

import nhs_league
from nhs_league.errors import DataError, UsageError
from tests.made_sites import figures, framework, trust, write_league

TRUSTS = [trust("AA1"), trust("AA2")]
VALUES = {"waits": {"AA1": 90, "AA2": 80}, "surplus": {"AA1": 1, "AA2": 2}}


def league_files(folder: Path, *quarters: str) -> tuple[list[Path], Path]:
    rows = [row for quarter in quarters for row in figures(VALUES, quarter)]
    data, path = write_league(folder, framework(), TRUSTS, rows)
    return [data], path


def quarters_of(opened: nhs_league.OpenReport) -> tuple[list[str], str]:
    return (
        [str(one.league.quarter) for one in opened.earlier],
        str(opened.opened.league.quarter),
    )


def test_the_latest_quarter_is_reported_with_all_before_it(tmp_path: Path) -> None:
    data, path = league_files(tmp_path, "2025Q4", "2025Q2", "2025Q3")
    assert quarters_of(nhs_league.open_report(data, path)) == (["2025Q2", "2025Q3"], "2025Q4")


def test_only_earlier_quarters_stand_beside_the_one_asked_for(tmp_path: Path) -> None:
    data, path = league_files(tmp_path, "2025Q2", "2025Q3", "2025Q4")
    opened = nhs_league.open_report(data, path, "2025Q3")
    assert quarters_of(opened) == (["2025Q2"], "2025Q3")
    assert [str(league.quarter) for league in opened.report().leagues] == ["2025Q2", "2025Q3"]


def test_a_report_looks_back_seven_quarters_and_no_further(tmp_path: Path) -> None:
    every = [f"{year}Q{part}" for year in (2025, 2026) for part in (1, 2, 3, 4)]
    data, path = league_files(tmp_path, *every, "2027Q1")
    assert quarters_of(nhs_league.open_report(data, path)) == (every[1:], "2027Q1")


def test_quarters_that_the_framework_does_not_govern_are_left_out(tmp_path: Path) -> None:
    data, path = league_files(tmp_path, "2024Q4", "2025Q1", "2025Q2")
    assert quarters_of(nhs_league.open_report(data, path)) == (["2025Q1"], "2025Q2")


def test_the_sample_is_reported_by_the_framework_of_its_quarter() -> None:
    opened = nhs_league.open_report(quarter="2025Q2")
    assert opened.opened.framework_file.framework.id == "nof-2025-26"
    assert quarters_of(opened) == ([], "2025Q2")


def test_a_quarter_that_the_data_do_not_have_is_a_usage_error(tmp_path: Path) -> None:
    data, path = league_files(tmp_path, "2025Q2")
    with pytest.raises(UsageError, match="2025Q4"):
        nhs_league.open_report(data, path, "2025Q4")


def test_an_error_in_an_earlier_quarter_is_raised(tmp_path: Path) -> None:
    data, path = league_files(tmp_path, "2025Q2", "2025Q3")
    file = data[0] / "figures.csv"
    file.write_text(file.read_text("utf-8").replace("AA1,waits,2025Q2,90", "AA1,waits,2025Q2,x"))
    with pytest.raises(DataError):
        nhs_league.open_report(data, path, "2025Q3")
