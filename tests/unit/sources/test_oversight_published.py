"""The published files of 2025/26: every row is read as the csv module reads it, and in any form."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league import open_league
from nhs_league.sources.dataset import Dataset, load_data
from tests.official_files import MENTAL_HEALTH, Q1, Q2, Q3, written

PROJECT = Path(__file__).parents[3]
FOLDER = PROJECT.parent / "shared" / "official" / "nof"
FILES = {path.name: path for path in sorted(FOLDER.glob("*.csv"))}
AMBULANCE_DATA, MENTAL_HEALTH_DATA = (
    f"nhs-oversight-framework-{trust_type}-trust-data-q3-25-26.csv"
    for trust_type in ("ambulance", "mental-health-and-community")
)

pytestmark = pytest.mark.skipif(
    not {AMBULANCE_DATA, MENTAL_HEALTH_DATA} <= FILES.keys(),
    reason="the Oversight Framework's own files are not beside the project",
)

QUARTERS = {Q1: "2025Q2", Q2: "2025Q3", Q3: "2025Q4"}
DOMAINS = {
    "0": "access",
    "2": "patient_safety",
    "3": "finance_and_productivity",
    "4": "people_and_workforce",
    "5": "effectiveness_and_experience",
}
SUMMARY = {
    "OF5000": ("adjusted_segment", "league_rank"),
    "OF5002": ("average_metric_score", "rank_by_average"),
    "OF5003": ("segment", None),
    "OF5004": ("financial_override", None),
    "OF5005": ("final_segment", None),
    "OF5007": ("recovery_support", None),
}

Key = tuple[str, str, str]
Figures = tuple[float, float | None, str | None, str, int]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a file with the standard library."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def expected(row: dict[str, str], file: str, number: int) -> Iterator[tuple[Key, Figures]]:
    """Say what a row states: its figure, and a figure for its rank or its quartiles."""
    trust, quarter, id_ = row["Trust_code"], QUARTERS[row["Quarter"]], row["Metric_ID"]
    rank = float(row["Rank"]) if row["Rank"] else None

    def states(name: str, cell: str, place: float | None = None, unit: str | None = None) -> Any:
        return (trust, name, quarter), (float(cell), place, unit, file, number)

    if id_ in SUMMARY:
        name, ranked = SUMMARY[id_]
        yield states(name, row["Value"], None, row["Units"])
        if ranked:
            yield states(ranked, row["Rank"])
        return
    family = {"OF40": "score", "OF41": "segment"}.get(id_[:4])
    name = id_ if family is None else f"{DOMAINS[id_[-1]]}_{family}"
    yield states(name, row["Value"], rank, row["Units"])
    if id_.startswith("OF0"):
        yield states(f"median:{id_}", row["Median_value"])
        yield states(f"lower_quartile:{id_}", row["Lower_quartile"])
        yield states(f"upper_quartile:{id_}", row["Upper_quartile"])


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_data([FOLDER])


def figures(dataset: Dataset) -> pl.DataFrame:
    """Give the observations without their places, in one order."""
    return dataset.observations.drop("source_file", "source_row").sort(
        "org_code", "metric_id", "period"
    )


def test_every_row_is_used_and_nothing_is_wrong(dataset: Dataset) -> None:
    reports = {report.name: report for report in dataset.files}
    assert list(reports) == list(FILES)
    for name, path in FILES.items():
        report = reports[name]
        count = len(read_rows(path))
        assert (report.rows_in, report.rows_used, report.left_out) == (count, count, {})
        assert sum(report.kinds.values()) == count
        assert (report.layout, report.periods) == ("oversight data", tuple(QUARTERS.values()))
    assert [reports[name].rows_in for name in (AMBULANCE_DATA, MENTAL_HEALTH_DATA)] == [1033, 6639]
    assert [report.organisations for report in dataset.files] == [10, 61]
    assert [(finding.severity, finding.code) for finding in dataset.findings] == [
        ("note", "byte_order_mark"),
        ("note", "byte_order_mark"),
        ("note", "crlf_line_endings"),
    ]


def test_every_observation_is_what_the_row_that_it_names_states(dataset: Dataset) -> None:
    stated = {
        key: seen
        for name, path in FILES.items()
        for number, row in enumerate(read_rows(path), start=2)
        for key, seen in expected(row, name, number)
    }
    observed = {
        (row["org_code"], row["metric_id"], row["period"]): (
            row["value"],
            row["published_rank"],
            row["unit"],
            row["source_file"],
            row["source_row"],
        )
        for row in dataset.observations.iter_rows(named=True)
    }
    assert len(observed) == len(dataset.observations)
    assert observed == stated
    assert set(dataset.observations["status"]) == {"reported"}


def test_every_trust_is_that_of_the_register(dataset: Dataset) -> None:
    described = {
        row["Trust_code"]: (
            row["Trust_type"],
            row["Trust_subtype"],
            "East of England" if row["Region"] == "East" else row["Region"],
        )
        for path in FILES.values()
        for row in read_rows(path)
    }
    columns = ("org_code", "trust_type", "trust_subtype", "region")
    registered = {code: cells for code, *cells in dataset.organisations.select(columns).iter_rows()}
    assert len(registered) == 205
    assert {code: tuple(registered[code]) for code in described} == described


def test_the_bundled_sample_states_the_same_figures(dataset: Dataset) -> None:
    sample = load_data().observations
    key = ["org_code", "metric_id", "period"]
    both = dataset.observations.join(sample, on=key, suffix="_sample")
    assert (both["value"] == both["value_sample"]).all()
    is_measured = both["metric_id"].str.contains(r"^OF0")
    of_value = both.filter(is_measured)
    assert of_value["published_rank"].equals(of_value["published_rank_sample"], null_equal=True)
    shared = set(both["metric_id"])
    assert {"OF0017", "OF1017", "access_score", "league_rank", "financial_override"} <= shared
    missing = dataset.observations.filter(
        pl.col("metric_id").str.contains(r"^OF[01]|^average_metric_score$|^league_rank$|^segment$")
    ).join(sample, on=key, how="anti")
    assert missing.is_empty()


@pytest.mark.parametrize("quarter", QUARTERS.values())
def test_the_published_league_follows_from_two_of_its_three_files(quarter: str) -> None:
    opened = open_league([FOLDER], quarter=quarter)
    published = opened.dataset.observations.filter(pl.col("period") == quarter)
    for result, column in (
        ("league_rank", "rank"),
        ("adjusted_segment", "adjusted_segment"),
        ("segment", "segment"),
        ("average_metric_score", "average_metric_score"),
    ):
        stated = published.filter(pl.col("metric_id") == result).select("org_code", "value")
        both = opened.league.standings.join(stated, on="org_code")
        assert len(both) == 71
        assert both[column].cast(pl.Float64).to_list() == both["value"].to_list(), result


def test_a_folder_a_glob_a_zip_and_both_files_give_the_same(
    dataset: Dataset, tmp_path: Path
) -> None:
    archive = tmp_path / "published.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, path in FILES.items():
            zipped.write(path, name)
    paths = list(FILES.values())
    whole = figures(dataset)
    for data in ([f"{FOLDER}/*.csv"], [archive], paths, paths[::-1]):
        again = load_data(data)
        assert figures(again).equals(whole)
        assert again.organisations.equals(dataset.organisations)
        assert sum(report.rows_used for report in again.files) == 7672


def test_line_ends_and_the_byte_order_mark_change_nothing(dataset: Dataset, tmp_path: Path) -> None:
    contents = {name: path.read_bytes() for name, path in FILES.items()}
    plain = {
        name: content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        for name, content in contents.items()
    }
    windows = {name: content.replace(b"\n", b"\r\n") for name, content in plain.items()}
    marked = {name: b"\xef\xbb\xbf" + content for name, content in windows.items()}
    for number, variant in enumerate((plain, windows, marked)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, content in variant.items():
            assert content != contents[name] or variant is marked
            (folder / name).write_bytes(content)
        again = load_data([folder])
        assert again.observations.equals(dataset.observations)
        assert {finding.severity for finding in again.findings} <= {"note"}


def test_every_cell_in_quotes_changes_nothing(dataset: Dataset, tmp_path: Path) -> None:
    for name, path in FILES.items():
        text = io.StringIO(newline="")
        rows = read_rows(path)
        writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        (tmp_path / name).write_text(text.getvalue(), encoding="utf-8", newline="")
    assert load_data([tmp_path]).observations.equals(dataset.observations)


def test_without_quarters_the_first_is_read_as_the_first_edition_was(
    dataset: Dataset, tmp_path: Path
) -> None:
    rows = [row for row in read_rows(FILES[MENTAL_HEALTH_DATA]) if row["Quarter"] == Q1]
    rows = [row | {"Trust_type": "Non-acute hospital trust"} for row in rows]
    (tmp_path / "non-acute.csv").write_bytes(written(rows, without=["Quarter"]))
    first = load_data([tmp_path])
    codes = {row["Trust_code"] for row in rows}
    same = figures(dataset).filter(
        pl.col("org_code").is_in(list(codes)), pl.col("period") == "2025Q2"
    )
    assert figures(first).equals(same)
    assert [finding.code for finding in first.findings] == ["quarter_assumed"]
    types = first.organisations.filter(pl.col("org_code").is_in(list(codes)))["trust_type"]
    assert set(types) == {MENTAL_HEALTH}


def test_a_quarter_s_own_files_beside_the_cumulative_ones_are_repeats(
    dataset: Dataset, tmp_path: Path
) -> None:
    rows = [row for row in read_rows(FILES[AMBULANCE_DATA]) if row["Quarter"] == Q1]
    earlier = tmp_path / "ambulance-q1.csv"
    earlier.write_bytes(written(rows))
    again = load_data([FOLDER, earlier])
    assert figures(again).equals(figures(dataset))
    assert again.files[-1].left_out == {"repeated_edition": len(rows)}
    revised = [rows[0] | {"Value": "99.9"}, *rows[1:]]
    earlier.write_bytes(written(revised))
    (error,) = (f for f in load_data([FOLDER, earlier]).findings if f.severity == "error")
    assert (error.code, error.file, error.row) == ("editions_disagree", "ambulance-q1.csv", 2)
    assert (error.column, error.value) == ("Value", "99.9, rank 7")
