"""Sifting a long table finds what reading all of it finds, and keeps what a quarter is made of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.sources import opened, parquet
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.publications import pieces
from nhs_league.sources.sifting import Asked
from tests.property.settings import many
from tests.unit.sources.support import REGISTER

COLUMNS = ("org_code", "metric_id", "period", "value", "numerator", "denominator", "status")
APRIL, JUNE = 12 * 2025 + 3, 12 * 2025 + 5
OF_NO_INTEREST = {"repeated_observation", "unknown_organisation", "no_rows"}
"""What is not looked for among the rows that are not asked for."""

numbers = st.sampled_from(
    [
        "",
        "12",
        "12.5",
        "0",
        "-1",
        "1e400",
        "nan",
        "inf",
        "abc",
        " ",
        "*",
        "[x]",
        "n/a",
        "1,234",
        "75%",
    ]
)
rows = st.fixed_dictionaries(
    {
        "org_code": st.sampled_from(["RAA", "RBB", " RCC ", "", " ", "\u00a0", "RZZ"]),
        "metric_id": st.sampled_from(["waits", "waits ", "others", "", " "]),
        "period": st.sampled_from(
            ["2025-04", " 2025-05", "2025Q2", "2025-03", "2024Q1", "2025Q1 to 2025Q3", "soon", ""]
        ),
        "value": numbers,
        "numerator": numbers,
        "denominator": numbers,
        "status": st.sampled_from(["", "reported", "suppressed", "late", "not_applicable"]),
    }
)
tables = st.tuples(
    st.sets(st.sampled_from(["value", "denominator", "status"])),
    st.lists(rows, min_size=1, max_size=12),
).map(lambda drawn: [{k: v for k, v in row.items() if k not in drawn[0]} for row in drawn[1]])


def as_csv(table: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def load(folder: Path, asked: Asked | None) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        if asked is not None:
            patch.setattr(opened, "LARGE_BYTES", 0)
            patch.setattr(parquet, "LARGE_ROWS", 0)
            patch.setattr(parquet, "PIECE_ROWS", 3)
            patch.setattr(opened, "WHOLE_BYTES", 0)
            patch.setattr(pieces, "BLOCK_BYTES", 90)
        return load_data([folder], asked=None if asked is None else lambda: asked)


def problems(dataset: Dataset) -> set[tuple[object, ...]]:
    return {
        (finding.code, finding.row, finding.column, finding.value)
        for finding in dataset.findings
        if finding.severity != "note" and finding.code not in OF_NO_INTEREST
    }


def of_quarter(dataset: Dataset, ids: Iterable[str] | None) -> pl.DataFrame:
    has_part = (pl.col("first_month") <= JUNE) & (pl.col("last_month") >= APRIL)
    is_asked = has_part & (pl.lit(True) if ids is None else pl.col("metric_id").is_in(list(ids)))
    return dataset.observations.filter(is_asked).sort("source_row")


@many(60)
@given(table=tables, ids=st.sampled_from([None, frozenset({"waits"})]), is_parquet=st.booleans())
def test_a_sifted_table_is_as_sound_as_the_whole(
    table: list[dict[str, str]], ids: frozenset[str] | None, is_parquet: bool
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "register.csv").write_text(REGISTER)
        if is_parquet:
            pl.read_csv(io.StringIO(as_csv(table)), infer_schema=False).write_parquet(
                folder / "a.parquet"
            )
        else:
            (folder / "a.csv").write_text(as_csv(table))
        whole, sifted = load(folder, None), load(folder, Asked(ids, APRIL, JUNE))
    assert problems(sifted) == problems(whole)
    assert of_quarter(sifted, ids).equals(of_quarter(whole, ids))
    for dataset in (whole, sifted):
        [report] = [one for one in dataset.files if one.name.startswith("a.")]
        assert report.rows_in == len(table)
        assert report.rows_in == report.rows_used + sum(report.left_out.values())
