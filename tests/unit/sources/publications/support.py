"""A small spec, and files read by it: whole, or as large ones are."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league.sources import opened
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.publications import pieces
from nhs_league.sources.reports import FileReport
from tests.unit.sources.support import Findings, found

SPEC = """\
layout: publication
id: mine
title: Mine
recognise: {columns: [Code, Month, Seen, All]}
organisation: {column: Code}
period: {column: Month, formats: ["{year}-{month}"]}
leave_out: [{reason: total, column: Code, values: [TOTAL, All of it, "-"]}]
metrics:
  waits:
    title: Seen in time
    unit: percent
    numerator: {add: [Seen]}
    denominator: {add: [All]}
"""
HEADER = "Code,Month,Seen,All,Name\n"
Figures = tuple[float | None, float | None, float | None, str]


@dataclass(frozen=True)
class Read:
    """What came of one file, whichever of its organisations are in the register."""

    dataset: Dataset
    report: FileReport

    @property
    def rows(self) -> list[dict[str, Any]]:
        """List all observations by organisation, metric and period."""
        every = pl.concat([self.dataset.observations, self.dataset.others])
        return list(every.sort("org_code", "metric_id", "period").iter_rows(named=True))

    @property
    def figures(self) -> dict[tuple[str, str, str], Figures]:
        """Give value, numerator, denominator and status by organisation, metric and period."""
        return {
            (row["org_code"], row["metric_id"], row["period"]): (
                row["value"],
                row["numerator"],
                row["denominator"],
                row["status"],
            )
            for row in self.rows
        }

    @property
    def findings(self) -> Findings:
        """List the findings, asked for by code."""
        return found(self.dataset.findings)

    @property
    def left_out(self) -> dict[str, int]:
        """Give the rows that are not used, by reason."""
        return self.report.left_out

    @property
    def unused(self) -> dict[str, int]:
        """Give the rows left out, but for those of organisations that are not ranked."""
        return {reason: n for reason, n in self.left_out.items() if reason != "other_organisation"}

    def counts(self, org: str, month: str = "2025-04", metric: str = "waits") -> Any:
        """Give one observation's numerator, denominator and status."""
        _, numerator, denominator, status = self.figures[org, metric, month]
        return numerator, denominator, status


def account_holds(report: FileReport) -> bool:
    return report.rows_in == report.rows_used + sum(report.left_out.values())


def read_file(folder: Path, content: str | bytes, spec: str = SPEC, name: str = "a.csv") -> Read:
    """Read one file by an own spec, and hold that its account adds up."""
    return read_files(folder, {name: content}, spec)


def read_files(folder: Path, files: Mapping[str, str | bytes], spec: str = SPEC) -> Read:
    folder.mkdir(exist_ok=True)
    (folder / "own.source.yaml").write_text(spec, "utf-8")
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    dataset = load_data([folder])
    assert all(map(account_holds, dataset.files)), dataset.files
    return Read(dataset, dataset.files[0])


def read_rows(folder: Path, *rows: str, spec: str = SPEC, header: str = HEADER) -> Read:
    """Read rows below a header."""
    return read_file(folder, header + "".join(f"{row}\n" for row in rows), spec)


def read_zipped(folder: Path, content: bytes, spec: str = SPEC) -> Read:
    """Read a file out of a zip."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return read_files(folder, {}, spec)


def as_large_files(monkeypatch: pytest.MonkeyPatch, size: int = 64) -> None:
    """Read files of more than so many bytes as large ones are, in blocks of about as many."""
    monkeypatch.setattr(pieces, "BLOCK_BYTES", size)
    monkeypatch.setattr(opened, "WHOLE_BYTES", size)
