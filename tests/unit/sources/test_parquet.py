"""Parquet files: tidy tables like any other, and what cannot be one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league.errors import DataError
from nhs_league.sources import parquet
from nhs_league.sources.dataset import Dataset, load_data
from tests.unit.sources.support import found

ROW = {"org_code": "RCX", "period": "2025-04", "waits": 12.5}


def load(folder: Path, frame: pl.DataFrame) -> Dataset:
    frame.write_parquet(folder / "a.parquet")
    return load_data([folder])


def test_a_table_is_read_as_the_same_in_csv_would_be(tmp_path: Path) -> None:
    dataset = load(tmp_path, pl.DataFrame([ROW, ROW | {"org_code": "RGT", "waits": None}]))
    assert dataset.observations.select("org_code", "metric_id", "value", "source_row").rows() == [
        ("RCX", "waits", 12.5, 2)
    ]
    (report,) = dataset.files
    assert (report.encoding, report.left_out) == ("parquet", {"no_figure": 1})


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pl.DataFrame([ROW]).clear(), "no_rows"),
        (pl.DataFrame(), "header_missing"),
        (pl.DataFrame([ROW | {"": 1}]), "unnamed_column"),
        (pl.DataFrame([ROW | {"more": [1, 2]}]), "not_text"),
        (pl.DataFrame([ROW | {"\0row": 1}]), "not_text"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, frame: pl.DataFrame, code: str) -> None:
    assert found(load(tmp_path, frame).findings).errors() == [code]


@pytest.mark.parametrize("value", [timedelta(days=1), b"\xff"])
def test_what_is_no_text_cannot_be_read(tmp_path: Path, value: Any) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, pl.DataFrame([ROW | {"more": value}]))
    assert [finding.code for finding in caught.value.findings] == ["file_unreadable"]


def test_what_is_no_parquet_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"org_code,period,waits\n")
    with pytest.raises(DataError, match="cannot be read"):
        load_data([tmp_path])


def test_a_small_file_of_more_cells_than_memory_holds_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MAX_CELLS", 1000)
    rows = 10**6
    load(tmp_path, pl.DataFrame([ROW] * 100))
    with pytest.raises(DataError) as caught:
        load(tmp_path, pl.select(pl.repeat("RCX", rows).alias("org_code")))
    (finding,) = caught.value.findings
    assert (finding.file, finding.code) == ("a.parquet", "file_unreadable")
    assert "unpack to 1,000,000 cells" in finding.message
