"""Every command in every format, and the same cells in all of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import Cli
from tests.functional.small import Small
from tests.workbook_cells import read_workbook

FORMATS = ("table", "csv", "json", "ndjson", "markdown", "html", "xlsx", "parquet")
SUFFIXES = {
    "table": ".txt",
    "csv": ".csv",
    "json": ".json",
    "ndjson": ".ndjson",
    "markdown": ".md",
    "html": ".html",
    "xlsx": ".xlsx",
    "parquet": ".parquet",
}
COMMANDS = ("rank", "rank --by", "explain", "validate", "frameworks", "metrics")


def arguments_of(command: str, small: Small) -> list[str]:
    match command:
        case "rank --by":
            return ["rank", *small.options, "--by", "waits"]
        case "explain":
            return ["explain", "AA4", *small.options]
        case "frameworks":
            return ["frameworks"]
        case "metrics":
            return ["metrics", "--framework", str(small.framework)]
        case _:
            return [command, *small.options]


Read = Callable[[bytes], list[dict[str, Any]]]
READERS: dict[str, Read] = {
    "csv": lambda content: pl.read_csv(content, infer_schema_length=None).to_dicts(),
    "json": lambda content: json.loads(content)["rows"],
    "ndjson": lambda content: [json.loads(line) for line in content.splitlines()],
    "parquet": lambda content: pl.read_parquet(io.BytesIO(content)).to_dicts(),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_writes_every_format_and_all_agree(
    cli: Cli, small: Small, command: str, tmp_path: Path
) -> None:
    arguments = arguments_of(command, small)
    printed = {}
    for format_ in FORMATS:
        done = cli(*arguments, "--format", format_)
        assert done.status == 0, done.narration
        path = tmp_path / f"result{SUFFIXES[format_]}"
        written = cli(*arguments, "--output", path)
        assert (written.status, written.output) == (0, b"")
        assert path.read_bytes() == done.output
        printed[format_] = done.output
    for format_ in ("table", "json", "markdown", "html"):
        assert printed[format_].endswith(b"\n")
        assert not printed[format_].endswith(b"\n\n")
    read = {format_: reader(printed[format_]) for format_, reader in READERS.items()}
    assert read["json"] == read["ndjson"] == read["parquet"]
    assert as_text(read["csv"]) == as_text(read["json"])
    assert_workbook_agrees(printed["xlsx"], json.loads(printed["json"]))
    assert cells_of_page(printed["html"].decode()) == cells_of_markdown(
        printed["markdown"].decode()
    )


def assert_workbook_agrees(content: bytes, told: dict[str, Any]) -> None:
    """Hold every cell of a workbook against the JSON format: its type, and its whole value."""
    sheets = list(read_workbook(content).items())
    assert sheets.pop()[0] == "Notes"
    parts = [part for name, part in told.items() if name not in ("meta", "rows")]
    expected = [part for part in parts if part and isinstance(part, dict | list)]
    expected = [part for part in expected if isinstance(part, dict) or isinstance(part[0], dict)]
    found = [sheet.records() for _, sheet in sheets[len(sheets) - len(expected) :]]
    rows = [row for _, sheet in sheets[: len(sheets) - len(expected)] for row in sheet.records()]
    assert typed(rows) == typed(told["rows"])
    for sheet, part in zip(found, expected, strict=True):
        is_table = isinstance(part, list)
        told_rows = part if is_table else [{"name": n, "value": part[n]} for n in part]
        assert typed(sheet) == typed(told_rows)


def typed(rows: list[dict[str, Any]]) -> list[list[tuple[str, str, str]]]:
    """Write cells with their type; a figure has the 16 digits that a workbook keeps."""

    def cell(value: Any) -> tuple[str, str]:
        match value:
            case bool() | str():
                return type(value).__name__, str(value)
            case int() | float():
                return "number", f"{value:.16G}"
            case _:
                return "str", json.dumps(value, ensure_ascii=False)

    return [
        [(name, *cell(value)) for name, value in row.items() if value not in (None, "")]
        for row in rows
    ]


def cells_of_page(page: str) -> list[list[str]]:
    """Read the cells of a page's tables, row by row."""
    rows = re.findall(r"(?s)<tr>(.*?)</tr>", page)
    cells = [re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[unescape(cell) for cell in row] for row in cells]


def cells_of_markdown(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    read = [[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in row] for row in cells]
    return [row for row in read if not set("".join(row)) <= set("-: ")]


def as_text(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Write cells without their type, which CSV does not keep."""

    def cell(value: Any) -> str:
        if isinstance(value, float | int) and not isinstance(value, bool):
            return f"{value:.12g}"
        return "" if value is None else str(value)

    return [{name: cell(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("data", ["small", "sample"])
def test_table_and_markdown_agree_with_the_data_formats(cli: Cli, small: Small, data: str) -> None:
    arguments = ["rank", *(small.options if data == "small" else ("-Q", "2025Q2", "--quiet"))]
    rows = cli(*arguments, "--format", "json").json["rows"]
    expected = [shown(row) for row in rows if row["rank"] is not None]
    assert table_rows(cli(*arguments).text) == expected
    assert markdown_rows(cli(*arguments, "--format", "markdown").text) == expected


def shown(row: dict[str, Any]) -> list[str]:
    """Say how a row of data reads in a text layout."""
    star = "*" if row["overrides"] else ""
    return [
        str(row["rank"]),
        row["org_code"],
        row["org_name"],
        f"{row['average_metric_score']:.2f}",
        str(row["segment"]),
        f"{row['adjusted_segment']}{star}",
        f"{row['metrics_scored']} of {row['metrics_expected']}",
        row["overrides"] or "",
    ]


def table_rows(text: str) -> list[list[str]]:
    found = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    return [[*cells, ""][:8] for cells in found if len(cells) >= 7 and cells[0].isdigit()]


def markdown_rows(text: str) -> list[list[str]]:
    return [row for row in cells_of_markdown(text) if row[0].isdigit()]


def test_csv_quotes_what_it_must(cli: Cli, small: Small) -> None:
    content = cli("rank", *small.options, "--format", "csv").text
    names = {row["org_code"]: row["org_name"] for row in csv.DictReader(io.StringIO(content))}
    assert names["AA5"] == "Ynys M\u00f4n, \u2018Sir\u2019, NHS Trust"


def test_names_that_look_like_markup_survive_every_format(cli: Cli, small: Small) -> None:
    names = ["Best [c] NHS Trust", "Tied [/c] NHS Trust", "Tied | Piped NHS Trust"]
    names.append("Held *back* <b> :smile: NHS Trust")
    for format_ in ("table", "csv", "ndjson"):
        text = cli("rank", *small.options, "--format", format_).text
        assert all(name in text for name in names)
    markdown = cli("rank", *small.options, "--format", "markdown").text
    assert r"Best \[c\] NHS Trust" in markdown
    assert r"Tied \| Piped NHS Trust" in markdown
    assert r"Held \*back\* \<b\> :smile: NHS Trust" in markdown
    held = cli("explain", "AA4", *small.options).text
    assert held.startswith("Held *back* <b> :smile: NHS Trust (AA4) ranks 4 of 5")


def test_json_and_ndjson_keep_letters_as_they_are_and_hold_no_infinity(
    cli: Cli, small: Small
) -> None:
    for format_ in ("json", "ndjson"):
        text = cli("rank", *small.options, "--format", format_).text
        assert "Ynys M\u00f4n" in text
        assert "NaN" not in text
        assert "Infinity" not in text


def test_json_has_one_row_a_line(cli: Cli, small: Small) -> None:
    done = cli("rank", *small.options, "--format", "json")
    assert sum('"org_code"' in line for line in done.lines) - len(
        done.json["meta"]["not_ranked"]
    ) == len(done.json["rows"])


def test_format_wins_over_the_suffix_whose_case_is_ignored_and_an_unknown_one_is_a_table(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    cli("rank", *small.options, "--format", "csv", "--output", tmp_path / "league.json")
    assert (tmp_path / "league.json").read_bytes().startswith(b"quarter,")
    cli("rank", *small.options, "--output", tmp_path / "LEAGUE.CSV")
    assert (tmp_path / "LEAGUE.CSV").read_bytes() == (tmp_path / "league.json").read_bytes()
    cli("rank", *small.options, "--output", tmp_path / "league.dat")
    assert (tmp_path / "league.dat").read_text("utf-8").startswith("Small league: acute trusts")
