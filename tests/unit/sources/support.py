"""Small files for the readers, and findings cut down to what a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.cells import with_numbers
from nhs_league.sources.check_cells import observations_from_cells, repeated_observations
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.files import RawFile
from nhs_league.sources.layout import Headers, LaidOutTable
from nhs_league.sources.specs.catalogue import load_sources
from nhs_league.sources.tabular import TextTable, read_text_table
from nhs_league.sources.tidy import tidy_cells, tidy_headers

Place = tuple[str | None, int | None, str | None, str | None]

TIDY = tidy_headers(load_sources().tidy)
"""The headers that the shipped spec of tidy tables names."""

REGISTER = (
    "org_code,org_name,trust_type\n"
    "RAA,Alder Trust,Acute trust\n"
    "RBB,Birch Trust,Acute trust\n"
    "RCC,Cedar Trust,Ambulance trust\n"
)
"""A register of three trusts, so that a test need not know the sample."""


def table_of(content: str | bytes, name: str = "a.csv") -> TextTable:
    return read_text_table(RawFile(name, _bytes(content)))


def cells_of(content: str | bytes, name: str = "a.csv") -> LaidOutTable:
    return tidy_cells(table_of(content, name), TIDY)


READINGS: Mapping[str, pl.DataType] = {
    "cell": pl.String(),
    "mark": pl.String(),
    "has_thousands": pl.Boolean(),
    "has_percent": pl.Boolean(),
    "is_text": pl.Boolean(),
}


def parse_numbers(texts: Iterable[str | None]) -> pl.DataFrame:
    """Read cells: ``number``, and what ``with_numbers`` says of them; no word means no."""
    frame = pl.DataFrame({"number": list(texts)}, schema={"number": pl.String})
    read = with_numbers(frame, ["number"]).rename(lambda name: name.removesuffix(":number"))
    absent = [name for name in READINGS if name not in read.columns]
    read = read.with_columns(pl.lit(None, READINGS[name]).alias(name) for name in absent)
    return read.with_columns(pl.col(pl.Boolean).fill_null(False))


def cells_frame(cells: LaidOutTable) -> pl.DataFrame:
    return cells.frame.collect()


def checked(content: str | bytes, name: str = "a.csv") -> tuple[list[dict[str, object]], Findings]:
    """Read one file into observations, as rows, and the findings on its cells and on repeats."""
    cells = cells_of(content, name)
    headers: Headers = {name: cells.headers} if cells.layout == "long" else {}
    frame, findings = observations_from_cells(cells_frame(cells), headers)
    return list(frame.iter_rows(named=True)), Findings(
        [*cells.findings, *findings, *repeated_observations(frame)]
    )


def load(folder: Path, files: Mapping[str, str | bytes], *, register: bool = True) -> Dataset:
    """Load files from a folder, beside ``REGISTER`` unless there is to be none."""
    given = {"organisations.csv": REGISTER, **files} if register else files
    for name, content in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(content))
    return load_data([folder])


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


class Findings(list[Finding]):
    """Findings, asked for by code."""

    def codes(self) -> list[tuple[str, str]]:
        return [(finding.severity, finding.code) for finding in self]

    def errors(self) -> list[str]:
        return [finding.code for finding in self if finding.severity == "error"]

    def of(self, code: str) -> list[Finding]:
        return [finding for finding in self if finding.code == code]

    def places(self, code: str) -> list[Place]:
        return [(f.file, f.row, f.column, f.value) for f in self.of(code)]


def found(findings: Iterable[Finding]) -> Findings:
    return Findings(findings)
