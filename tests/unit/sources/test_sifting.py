"""Large long tables: what is kept of them for one quarter, and the account of the rest."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

import nhs_league
from nhs_league.api.leagues import open_league
from nhs_league.errors import DataError, UsageError
from nhs_league.sources import opened, parquet
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.publications import pieces
from nhs_league.sources.sifting import Asked
from tests.unit.sources.support import REGISTER, found

Q2 = Asked(frozenset({"waits"}), 12 * 2025 + 3, 12 * 2025 + 5)
TABLE = (
    "org_code,metric_id,period,numerator,denominator\n"
    "RAA,waits,2025-03,1,2\n"
    "RAA,waits,2025-04,3,4\n"
    "RAA,beds,2025-04,5,6\n"
    "RBB,waits,2025-05,7,8\n"
)


@pytest.fixture(autouse=True)
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "LARGE_BYTES", 0)
    monkeypatch.setattr(parquet, "LARGE_ROWS", 0)
    monkeypatch.setattr(parquet, "PIECE_ROWS", 2)
    monkeypatch.setattr(opened, "WHOLE_BYTES", 0)
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 60)


def load(folder: Path, content: bytes | str, name: str = "a.csv", asked: Asked = Q2) -> Dataset:
    (folder / "register.csv").write_text(REGISTER)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_data([folder], asked=lambda: asked)


def figures(dataset: Dataset) -> list[tuple[object, ...]]:
    columns = ("org_code", "metric_id", "period", "numerator", "source_row")
    return dataset.observations.select(columns).rows()


def account(dataset: Dataset) -> tuple[int, int, dict[str, int]]:
    report = dataset.files[0]
    return report.rows_in, report.rows_used, report.left_out


def test_the_rows_of_the_quarter_and_its_metrics_are_kept(tmp_path: Path) -> None:
    dataset = load(tmp_path, TABLE)
    assert figures(dataset) == [
        ("RAA", "waits", "2025-04", 3.0, 3),
        ("RBB", "waits", "2025-05", 7.0, 5),
    ]
    assert account(dataset) == (4, 2, {"not_asked_for": 2})
    [note] = [one for one in dataset.findings if one.code == "not_asked_for"]
    assert (note.severity, note.file, note.message) == (
        "note",
        "a.csv",
        "2 rows are of other quarters or metrics, in order and not kept, as the file is large",
    )


def test_all_metrics_are_kept_where_all_are_asked_for(tmp_path: Path) -> None:
    dataset = load(tmp_path, TABLE, asked=Asked(None, Q2.first_month, Q2.last_month))
    assert [row[1] for row in figures(dataset)] == ["waits", "beds", "waits"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (TABLE.replace("RAA,waits,2025-03,1,2", "RAA,waits,2025-03,-1,2"), 2),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,beds,2025-04,five,6"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,beds,2025-44,5,6"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", ",beds,2025-04,5,6"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,,2025-04,5,6"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,beds,2025-04,5,"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,beds,2025-04,5"), 4),
        (TABLE.replace("RAA,beds,2025-04,5,6", "RAA,beds,2025-04,5,6,7"), 4),
    ],
)
def test_what_is_wrong_is_found_in_rows_that_nobody_asked_for(
    tmp_path: Path, table: str, row: int
) -> None:
    [error] = [one for one in load(tmp_path, table).findings if one.severity == "error"]
    assert (error.file, error.row) == ("a.csv", row)


def test_a_second_figure_among_the_rows_asked_for_is_found(tmp_path: Path) -> None:
    dataset = load(tmp_path, TABLE + "RAA,waits,2025-04,3,4\n")
    assert found(dataset.findings).errors() == ["repeated_observation"]


def test_a_quote_that_is_never_closed_is_no_csv(tmp_path: Path) -> None:
    dataset = load(tmp_path, TABLE + '"RAA,waits,2025-04,3,4\n')
    assert found(dataset.findings).errors() == ["csv_malformed"]


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "a.parquet"])
def test_however_it_is_packed_the_figures_are_the_same(tmp_path: Path, name: str) -> None:
    (tmp_path / "register.csv").write_text(REGISTER)
    match name:
        case "a.zip":
            with zipfile.ZipFile(tmp_path / name, "w") as archive:
                archive.writestr("a.csv", "\ufeff" + TABLE.replace("\n", "\r\n"))
        case "a.parquet":
            (tmp_path / "table").write_text(TABLE)
            pl.read_csv(tmp_path / "table").write_parquet(tmp_path / name)
            (tmp_path / "table").unlink()
        case _:
            (tmp_path / name).write_text(TABLE)
    dataset = load_data([tmp_path], asked=lambda: Q2)
    assert [row[-1] for row in figures(dataset)] == [3, 5]
    assert account(dataset) == (4, 2, {"not_asked_for": 2})


@pytest.mark.parametrize(
    "table",
    [
        "org_code,period,waits,beds\nRAA,2025-03,1,2\nRAA,2025-04,3,4\n",
        "org_code,in_force_from,in_force_to,metric_id,value\nRAA,2025Q1,2025Q2,waits,3\n",
        "org_code,period,Period,metric_id,value\nRAA,2025-04,2025-04,waits,3\n",
    ],
)
def test_a_table_of_another_kind_is_read_whole(tmp_path: Path, table: str) -> None:
    codes = found(load(tmp_path, table).findings)
    assert "not_asked_for" not in str(codes)


SPEC = """
id: mine
title: Mine
applies_to: {quarters: "2025Q1-"}
scale: {best: 1, worst: 4}
domains: {all: All}
metrics:
  waits:
    title: Waits
    domain: all
    unit: percent
    polarity: higher_is_better
    basis: sum
    scoring: {method: rank}
segments: {method: quartiles}
"""


def test_a_league_of_a_large_table_is_that_of_its_quarter(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SPEC)
    load(tmp_path, TABLE + "RBB,waits,2025-06,0,8\nRBB,waits,2025-03,8,8\n")
    opened_league = open_league([tmp_path], tmp_path / "mine.yaml", "2025Q2")
    ranks = nhs_league.ranking(opened_league.league).select("org_code", "rank").rows()
    assert ranks == [("RAA", 1), ("RBB", 2)]
    why = opened_league.explain("RBB")
    assert why.metrics.select("value", "source_rows").rows() == [(0.4375, "5, 6")]


def test_the_quarters_of_a_large_table_are_listed_where_it_lacks_the_one_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.yaml").write_text(SPEC)
    load(tmp_path, TABLE)
    with pytest.raises(UsageError, match=r"they have 2025Q1 .*, 2025Q2 "):
        open_league([tmp_path], tmp_path / "mine.yaml", "2025Q4")


def test_what_is_wrong_with_a_large_table_stops_a_league(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SPEC)
    load(tmp_path, TABLE.replace("2025-03,1,2", "2025-03,1,-2"))
    with pytest.raises(DataError) as caught:
        open_league([tmp_path], tmp_path / "mine.yaml", "2025Q2")
    assert [finding.row for finding in caught.value.findings if finding.severity == "error"] == [2]
