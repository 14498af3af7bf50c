"""Traps of the Oversight Framework's own files: what is in them, and what is not what it seems."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nhs_league import open_league
from nhs_league.sources.dataset import Dataset
from tests.official_files import (
    ACUTE,
    MENTAL_HEALTH,
    Q1,
    Row,
    data_rows,
    edited,
    league_rows,
    written,
)
from tests.unit.sources.support import load

ROWS = data_rows(
    """
    trust | OF0003    | OF0020  | OF1067 | OF5000 | OF5002  | OF5003 | OF5004
    R0A   | 1.0 #1    | 0.0     | 2      | 3 #2   | 1.75 #1 | 1      | 1
    R1F   | 31.25 #2  | -       | -      | 2 #1   | 2.25 #2 | 2      | 0
    """,
    trust_type=ACUTE,
)


def loaded(folder: Path, rows: list[Row], name: str = "data.csv", **how: object) -> Dataset:
    """Load a file beside the bundled register, and hold that nothing is worth a warning."""
    content = written(rows, **how)  # type: ignore[arg-type]
    dataset = load(folder, {name: content}, register=False)
    assert {finding.severity for finding in dataset.findings} <= {"note"}
    return dataset


def values(dataset: Dataset) -> dict[tuple[str, str], float | None]:
    columns = ("org_code", "metric_id", "value")
    return {(code, id_): value for code, id_, value in dataset.observations[columns].iter_rows()}


@pytest.mark.parametrize("has_mark", [False, True])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_mark_at_the_beginning_and_any_line_end_change_nothing(
    tmp_path: Path, line_end: str, has_mark: bool
) -> None:
    plain = loaded(tmp_path / "plain", ROWS)
    other = loaded(tmp_path / "other", ROWS, line_end=line_end, has_mark=has_mark)
    assert other.observations.equals(plain.observations)


def test_numbers_written_with_a_point_are_the_whole_numbers_that_they_are(tmp_path: Path) -> None:
    pointed = [
        row | {name: f"{row[name]}.0" for name in ("Value", "Rank") if row[name].isdecimal()}
        for row in ROWS
    ]
    assert pointed != ROWS
    plain, other = loaded(tmp_path / "plain", ROWS), loaded(tmp_path / "other", pointed)
    assert other.observations.equals(plain.observations)


def test_a_blank_rank_is_no_rank_and_not_0(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, edited(ROWS, 2, Rank=""))
    row = dataset.observations.filter(pl.col("metric_id") == "OF0003").row(0, named=True)
    assert (row["value"], row["published_rank"]) == (1.0, None)


@pytest.mark.parametrize(
    "text",
    [
        "NHS staff survey engagement theme sub-score\u00a0",
        "Waits, in the last column ",
        'A "named" thing\nover two lines',
        "",
    ],
)
def test_a_description_with_stray_characters_is_not_looked_at(tmp_path: Path, text: str) -> None:
    described = [row | {"Metric_description": text} for row in ROWS]
    plain, other = loaded(tmp_path / "plain", ROWS), loaded(tmp_path / "other", described)
    assert values(other) == values(plain)


@pytest.mark.parametrize(
    "text",
    [
        "Jun-25",
        "Month 3 2025",
        "Latest published if awarded post August 2023",
        "2019Q4",
        "Q3 2025/26",
        "",
    ],
)
def test_a_reporting_date_is_free_text_and_makes_no_period(tmp_path: Path, text: str) -> None:
    dataset = loaded(tmp_path, [row | {"Reporting_date": text} for row in ROWS])
    assert set(dataset.observations["period"]) == {"2025Q2"}


def test_a_quarter_is_that_of_the_nhs_year_and_not_of_the_calendar(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, [row | {"Quarter": "Q4 2025/26"} for row in ROWS])
    assert set(dataset.observations["period"]) == {"2026Q1"}


def test_units_and_descriptions_tell_no_score_from_a_value(tmp_path: Path) -> None:
    muddled = [row | {"Units": "score", "Metric_description": "A score"} for row in ROWS]
    plain, other = loaded(tmp_path / "plain", ROWS), loaded(tmp_path / "other", muddled)
    assert values(other) == values(plain)
    assert other.files[0].kinds == plain.files[0].kinds


def test_the_unit_of_a_value_is_kept_for_scores_that_hang_on_it(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, edited(edited(ROWS, 4, Units="count"), 2, Units=" % "))
    units = dict(dataset.observations.select("metric_id", "unit").drop_nulls().iter_rows())
    assert (units["OF0020"], units["OF0003"]) == ("count", "%")


def test_a_metric_without_a_row_is_no_observation_and_no_zero(tmp_path: Path) -> None:
    seen = values(loaded(tmp_path, ROWS))
    assert seen["R0A", "OF0020"] == 0.0
    assert ("R1F", "OF0020") not in seen


def test_a_score_may_stand_without_its_value(tmp_path: Path) -> None:
    seen = values(loaded(tmp_path, ROWS))
    assert seen["R0A", "OF1067"] == 2.0
    assert ("R0A", "OF0067") not in seen


def test_the_rank_of_the_segment_is_the_league_s_and_of_the_average_its_own(
    tmp_path: Path,
) -> None:
    seen = values(loaded(tmp_path, ROWS))
    assert (seen["R0A", "league_rank"], seen["R0A", "rank_by_average"]) == (2.0, 1.0)
    assert (seen["R1F", "league_rank"], seen["R1F", "rank_by_average"]) == (1.0, 2.0)


def test_the_segment_of_a_league_table_is_the_adjusted_one(tmp_path: Path) -> None:
    table = """
    trust | average | score range | segment | deficit | rank | rank range
    R0A   | 1.75    | 1.2 to 1.89 | 3       | Yes     | 2    | 1 to 11
    """
    seen = values(loaded(tmp_path, league_rows(table, trust_type=ACUTE)))
    assert seen["R0A", "adjusted_segment"] == 3.0
    assert ("R0A", "segment") not in seen
    assert (seen["R0A", "score_low"], seen["R0A", "score_high"]) == (1.2, 1.89)
    assert (seen["R0A", "rank_low"], seen["R0A", "rank_high"]) == (1.0, 11.0)


def test_quartiles_of_the_trust_type_are_no_figure_of_the_trust(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, ROWS)
    seen = values(dataset)
    assert seen["R0A", "median:OF0003"] == seen["R1F", "median:OF0003"] == 16.12
    assert seen["R0A", "OF0003"] == 1.0
    figures = open_league([tmp_path]).league.figures
    assert not [id_ for id_ in figures["metric_id"] if ":" in id_]


def test_the_first_edition_names_no_quarter_and_a_trust_type_otherwise(tmp_path: Path) -> None:
    rows = [
        row | {"Trust_type": "Non-acute hospital trust"}
        for row in data_rows("trust | OF0005\nR1A | 2.5", trust_type=MENTAL_HEALTH)
    ]
    content = written(rows, without=["Quarter"])
    dataset = load(tmp_path, {"non-acute.csv": content}, register=False)
    assert [finding.code for finding in dataset.findings] == ["quarter_assumed"]
    assert set(dataset.observations["period"]) == {"2025Q2"}
    assert len(dataset.organisations) == 205


def test_a_code_of_five_characters_is_a_trust_s(tmp_path: Path) -> None:
    rows = data_rows("trust | OF0005\nG6V2S | 2.5", trust_type=MENTAL_HEALTH)
    assert values(loaded(tmp_path, rows))["G6V2S", "OF0005"] == 2.5


@pytest.mark.parametrize(
    ("code", "quarter", "trust"),
    [
        ("RNK", Q1, "RNK"),
        ("RNK", "Q4 2025/26", "RNK"),
        ("RNK", "Q1 2026/27", "G6V2S"),
        ("RRP", Q1, "G6V2S"),
        ("TAF", Q1, "G6V2S"),
        ("RY2", "Q1 2026/27", "RWW"),
        ("RVJ", "Q1 2026/27", "RVJ"),
        ("RVJ", "Q2 2026/27", "RA7"),
        ("RY9", Q1, "RAX"),
        ("R1C", Q1, "RW1"),
        ("RAP", Q1, "RAL"),
    ],
)
def test_a_code_stands_until_its_trust_merged_and_follows_from_then_on(
    tmp_path: Path, code: str, quarter: str, trust: str
) -> None:
    rows = data_rows(f"trust | OF0005\n{code} | 2.5", quarter=quarter)
    dataset = load(tmp_path, {"data.csv": written(rows)}, register=False)
    assert set(dataset.observations["org_code"]) == {trust}
    codes = {finding.code for finding in dataset.findings}
    assert ("closed_code" in codes) is (trust != code)
