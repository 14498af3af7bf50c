"""Results in the formats for programs."""

from __future__ import annotations

import io
import json
from typing import Any, get_args

import polars as pl
import pytest

from nhs_league.presentation.document import Paragraph
from nhs_league.presentation.format_names import SUFFIXES, Format
from nhs_league.presentation.formats import Result, manifest_bytes, render_data

ROWS = pl.DataFrame(
    {
        "name": ["a,b", 'say "so"', "two\nlines", "Môn", None],
        "rank": pl.Series([1, 2, None, 4, 5], dtype=pl.Int64),
        "score": [1.5, 0.1 + 0.2, None, -0.0, 1e-9],
    }
)
RESULT = Result(
    ROWS,
    lambda: [Paragraph("Done.")],
    {"tool": "nhs-league"},
    lambda: {"summary": {"rank": 1}},
)


def test_json_has_meta_parts_and_rows_in_that_order() -> None:
    read = json.loads(render_data(RESULT, "json"))
    assert list(read) == ["meta", "summary", "rows"]
    assert read["meta"] == {"tool": "nhs-league"}
    assert read["rows"] == ROWS.to_dicts()


def test_json_without_rows_is_still_json() -> None:
    empty = Result(ROWS.clear(), list, {})
    assert json.loads(render_data(empty, "json")) == {"meta": {}, "rows": []}
    assert render_data(empty, "ndjson") == b""
    assert render_data(empty, "csv") == b"name,rank,score\n"


def test_ndjson_has_one_row_a_line_and_nothing_else() -> None:
    lines = render_data(RESULT, "ndjson").decode().splitlines()
    assert [json.loads(line) for line in lines] == ROWS.to_dicts()


def test_csv_reads_back() -> None:
    read = pl.read_csv(render_data(RESULT, "csv"), schema=ROWS.schema)
    assert read.to_dicts() == ROWS.to_dicts()


def test_parquet_reads_back() -> None:
    read = pl.read_parquet(io.BytesIO(render_data(RESULT, "parquet")))
    assert read.equals(ROWS)


@pytest.mark.parametrize("format_", ["json", "ndjson"])
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_json_cannot_hold_is_refused(format_: str, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render_data(Result(pl.DataFrame({"score": [value]}), list, {}), format_)  # type: ignore[arg-type]


def test_a_table_is_rendered_elsewhere() -> None:
    with pytest.raises(ValueError, match="terminal"):
        render_data(RESULT, "table")


def test_a_manifest_is_json_that_ends_its_line() -> None:
    assert manifest_bytes(RESULT) == b'{\n  "tool": "nhs-league"\n}\n'


def test_every_format_has_a_suffix_and_every_suffix_a_format() -> None:
    assert set(SUFFIXES.values()) == set(get_args(Format))
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_rows_alone_need_no_document_and_no_parts(format_: Format) -> None:
    def never() -> Any:
        raise AssertionError("asked for in vain")

    assert render_data(Result(ROWS, never, {}, never), format_)
