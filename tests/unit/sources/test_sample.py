"""The bundled sample: every figure is the one in the row that it names, read a second way."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from nhs_league.findings import has_errors
from nhs_league.resources import sample_directory
from nhs_league.sources.dataset import Dataset, load_data

PROJECT = Path(__file__).parents[3]
FACTS = PROJECT.parent / "shared" / "facts"
SAMPLE = PROJECT / "data" / "sample"
FILES = sorted(path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*.csv"))
SUCCESSIONS = "successions.csv"
OBSERVED = [name for name in FILES if name not in ("organisations.csv", SUCCESSIONS)]
PERIODS = ("period", "quarter")

NHS_QUARTERS = {"Q1 2025/26": "2025Q2", "Q2 2025/26": "2025Q3", "Q3 2025/26": "2025Q4"}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_data()


@pytest.fixture(scope="module")
def written() -> dict[str, dict[int, dict[str, str]]]:
    """Read each file with the standard library: its rows by their number in a spreadsheet."""
    rows: dict[str, dict[int, dict[str, str]]] = {}
    for name in FILES:
        with (SAMPLE / name).open(newline="", encoding="utf-8") as file:
            rows[name] = dict(enumerate(csv.DictReader(file), start=2))
    return rows


def figure(text: str | None) -> float | None:
    return float(text) if text else None


def expected_period(row: dict[str, str]) -> str:
    for header in PERIODS:
        if header in row:
            return NHS_QUARTERS.get(row[header], row[header])
    return f"{row['in_force_from']} to {row['in_force_to']}"


def test_the_bundled_sample_is_the_one_in_the_project() -> None:
    assert sample_directory() == SAMPLE
    assert len(FILES) == 16


@pytest.mark.parametrize("name", OBSERVED)
def test_every_observation_is_what_stands_in_the_row_that_it_names(
    dataset: Dataset, written: dict[str, dict[int, dict[str, str]]], name: str
) -> None:
    observations = dataset.observations.filter(pl.col("source_file") == name)
    assert not observations.is_empty()
    for seen in observations.iter_rows(named=True):
        row = written[name][seen["source_row"]]
        assert (seen["org_code"], seen["period"]) == (row["org_code"], expected_period(row))
        value = row.get("value", row.get("score", row.get("mean_seconds")))
        if seen["metric_id"] in row:
            value = row[seen["metric_id"]]
        else:
            assert seen["metric_id"] == row.get("metric_id", Path(name).stem)
        counts = (row.get("numerator"), row.get("denominator", row.get("incidents")))
        figures = [figure(text) for text in (value, *counts, row.get("rank_in_type"))]
        assert [
            seen[column] for column in ("value", "numerator", "denominator", "published_rank")
        ] == figures
        has_figure = bool(value or row.get("numerator"))
        assert seen["status"] == ("reported" if has_figure else "not_submitted")
        assert seen["status"] == row.get("status", seen["status"])
        assert seen["unit"] == (row.get("units") or None)


@pytest.mark.parametrize("name", OBSERVED)
def test_every_figure_of_the_sample_becomes_an_observation(
    dataset: Dataset, written: dict[str, dict[int, dict[str, str]]], name: str
) -> None:
    (report,) = (report for report in dataset.files if report.name == name)
    rows = written[name]
    assert (report.rows_in, report.rows_used, report.left_out) == (len(rows), len(rows), {})
    expected = len(rows)
    if report.layout == "wide":
        keys = {"org_code", "trust_type", *PERIODS, "in_force_from", "in_force_to"}
        expected = sum(
            bool(cell)
            for row in rows.values()
            for header, cell in row.items()
            if header not in keys
        )
    assert report.observations == expected
    assert report.organisations == len({row["org_code"] for row in rows.values()})


def test_every_file_is_reported_and_nothing_is_found(dataset: Dataset) -> None:
    assert [report.name for report in dataset.files] == FILES
    assert {report.encoding for report in dataset.files} == {"utf-8"}
    assert not has_errors(dataset.findings, strict=True)
    assert dataset.findings == ()


def test_the_register_has_the_205_trusts_as_written(
    dataset: Dataset, written: dict[str, dict[int, dict[str, str]]]
) -> None:
    rows = [dict(row) for row in written["organisations.csv"].values()]
    assert dataset.organisations["org_code"].to_list() == [row["org_code"] for row in rows]
    assert dataset.organisations["org_code"].n_unique() == 205
    for seen, row in zip(dataset.organisations.iter_rows(named=True), rows, strict=True):
        others = {"foundation_trust", "predecessor_codes", "towns"}
        as_written = {k: v for k, v in row.items() if k not in others}
        assert {name: seen[name] or "" for name in as_written} == as_written
        assert seen["foundation_trust"] is (row["foundation_trust"] == "Y")
        assert " ".join(seen["predecessor_codes"]) == row["predecessor_codes"]
        assert ";".join(seen["towns"]) == row["towns"]


def test_the_successions_are_as_written(
    dataset: Dataset, written: dict[str, dict[int, dict[str, str]]]
) -> None:
    (report,) = (report for report in dataset.files if report.name == SUCCESSIONS)
    assert (report.layout, report.rows_in, report.rows_used) == ("successions", 8, 8)
    for seen, row in zip(
        dataset.successions.iter_rows(named=True), written[SUCCESSIONS].values(), strict=True
    ):
        assert {name: str(seen[name]) for name in row} == row


def test_no_succession_touches_a_figure_of_the_sample(
    dataset: Dataset, written: dict[str, dict[int, dict[str, str]]]
) -> None:
    codes = {row["org_code"] for name in OBSERVED for row in written[name].values()}
    assert set(dataset.observations["org_code"]) == codes


def test_the_register_has_the_three_trust_types_and_the_long_code(dataset: Dataset) -> None:
    types = dict(dataset.organisations.group_by("trust_type").len().iter_rows())
    assert types == {
        "Acute trust": 134,
        "Mental health and community trust": 61,
        "Ambulance trust": 10,
    }
    assert "G6V2S" in dataset.organisations["org_code"]


def test_statuses_in_the_sample_are_reported_and_not_submitted(dataset: Dataset) -> None:
    assert set(dataset.observations["status"]) == {"reported", "not_submitted"}
    silent = dataset.observations.filter(pl.col("status") == "not_submitted")
    assert silent.filter(
        pl.col("value").is_not_null() | pl.col("numerator").is_not_null()
    ).is_empty()
    assert silent["source_file"].str.starts_with("monthly/").all()


def test_half_patients_are_kept(dataset: Dataset) -> None:
    halves = dataset.observations.filter(
        pl.col("metric_id") == "cancer_62_days", pl.col("numerator") % 1 == 0.5
    )
    assert not halves.is_empty()
    seen = dataset.observations.filter(
        pl.col("metric_id") == "cancer_62_days",
        pl.col("org_code") == "R0A",
        pl.col("period") == "2025-01",
    )
    assert seen.select("numerator", "denominator").row(0) == (289.5, 481.5)


def test_loading_twice_gives_the_same_frames(dataset: Dataset) -> None:
    again = load_data()
    assert again.observations.equals(dataset.observations)
    assert again.organisations.equals(dataset.organisations)
    assert again.files == dataset.files


@pytest.mark.parametrize("name", FILES)
def test_the_readme_lists_the_file(name: str) -> None:
    assert f"| `{name}` |" in (SAMPLE / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_no_file_that_is_not_there() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    listed = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(listed) == FILES


def test_the_readme_names_every_column_that_holds_a_figure(
    written: dict[str, dict[int, dict[str, str]]],
) -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    lines = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    for name in FILES:
        if name == "nof_2025_26_published.csv":
            continue
        for header in written[name][2]:
            assert f"`{header}`" in lines[name], (name, header)


def test_the_readme_carries_the_licence() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    attribution = "Contains public sector information licensed under the Open Government Licence"
    assert attribution in text


@pytest.mark.skipif(not FACTS.is_dir(), reason="the published facts are not beside the project")
@pytest.mark.parametrize("name", [name for name in FILES if name != SUCCESSIONS])
def test_the_sample_has_the_published_facts_and_no_others(
    written: dict[str, dict[int, dict[str, str]]], name: str
) -> None:
    with (FACTS / name).open(newline="", encoding="utf-8") as file:
        facts = list(csv.DictReader(file))
    rows = [
        # The sample states the status that the facts leave to a blank numerator, and adds towns.
        {header: cell for header, cell in row.items() if header not in ("status", "towns")}
        for row in written[name].values()
    ]
    assert list(map(comparable, rows)) == list(map(comparable, facts))


def comparable(row: dict[str, str]) -> dict[str, str | float]:
    """Take a whole number with a decimal point for the same number without."""
    cells: dict[str, str | float] = {}
    for header, cell in row.items():
        try:
            cells[header] = float(cell)
        except ValueError:
            cells[header] = cell
    return cells
