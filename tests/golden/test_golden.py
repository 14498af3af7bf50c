"""One file a format, byte for byte; ``--update-golden`` rewrites them, and the diff is read."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import polars as pl
import pytest
import yaml

from tests.conftest import REPOSITORY, Cli
from tests.functional.printed import printed_rows, write_printed
from tests.functional.small import Small
from tests.functional.test_formats import assert_workbook_agrees
from tests.printed_league import changed

EXPECTED = Path(__file__).resolve().parent / "expected"
SCHEMAS = REPOSITORY / "configs" / "schema"
SCHEMA = SCHEMAS / "framework.schema.json"

RANK = ("rank", "--quarter", "2025Q2", "--top", "3")
EXPLAIN = ("explain", "RCX", "--quarter", "2025Q2")
ROBUSTNESS = ("robustness", "--quarter", "2025Q2", "--top", "3", "--replicates", "400")
COMPARE = ("compare", "2025Q2", "2025Q3", "--only", "segment-changes", "--replicates", "400")
WHATIF = ("whatif", "RCX", "--quarter", "2025Q2", "--framework", "headline-kpis")
CHANGE = (*WHATIF, "--set", "ae_4_hours=70", "--drop", "staff_engagement")
TARGET = (*WHATIF, "--target-rank", "100")
HISTORY = ("history", "--top", "2")
FOLLOWED = ("explain", "RJ6", "--history", "--framework", "headline-kpis")
SUMMARY = ("summary", "--quarter", "2025Q2")
COMMANDS = {
    "rank": RANK,
    "explain": EXPLAIN,
    "robustness": ROBUSTNESS,
    "compare": COMPARE,
    "whatif": CHANGE,
    "target": TARGET,
    "history": HISTORY,
    "explain-history": FOLLOWED,
    "summary": SUMMARY,
}
SUFFIXES = {
    "table": "txt",
    "csv": "csv",
    "json": "json",
    "ndjson": "ndjson",
    "markdown": "md",
    "html": "html",
}


def hold(path: Path, content: bytes, request: pytest.FixtureRequest) -> None:
    """Compare with a golden file, or rewrite it where that is asked for."""
    if request.config.getoption("--update-golden"):
        path.write_bytes(content)
    assert path.is_file(), f"no golden file {path.name}: run `make golden` and read the diff"
    assert content.decode("utf-8") == path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("format_", SUFFIXES)
@pytest.mark.parametrize("name", COMMANDS)
def test_format(cli: Cli, request: pytest.FixtureRequest, name: str, format_: str) -> None:
    done = cli(*COMMANDS[name], "--format", format_)
    assert done.status == 0, done.narration
    hold(EXPECTED / f"{name}.{SUFFIXES[format_]}", without_stylesheet(done.output), request)


def without_stylesheet(content: bytes) -> bytes:
    """Leave out of a page what is a file of its own."""
    return re.sub(rb"(?s)(?<=<style>\n).*?(?=</style>)", b"", content)


@pytest.mark.parametrize("name", COMMANDS)
def test_table_at_eighty_columns(
    cli: Cli, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*COMMANDS[name])
    hold(EXPECTED / f"{name}-80-columns.txt", done.output, request)


@pytest.fixture
def mistaken(tmp_path: Path) -> Small:
    """Write a small league that has a figure of every verdict."""
    rows = changed(printed_rows(), "BB", "plan_score", value=4)
    rows = changed(rows, "BB", "median:waits", value=75.01)
    rows = changed(rows, "CC", "urgent", value=70)
    rows = changed(rows, "CC", "average_printed", value=2.8)
    for org in ("AA", "BB", "CC", "DD"):
        rows = changed(rows, org, "lower_quartile:waits", value=67.49)
    return write_printed(tmp_path, rows)


@pytest.mark.parametrize("format_", SUFFIXES)
def test_format_of_an_audit(
    cli: Cli, request: pytest.FixtureRequest, mistaken: Small, format_: str
) -> None:
    done = cli("audit", *mistaken.options, "--format", format_)
    assert done.status == 6, done.narration
    hold(EXPECTED / f"audit.{SUFFIXES[format_]}", without_stylesheet(done.output), request)


def test_audit_at_eighty_columns(
    cli: Cli, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, mistaken: Small
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli("audit", *mistaken.options)
    hold(EXPECTED / "audit-80-columns.txt", done.output, request)


def test_parquet_of_an_audit_holds_the_golden_rows(cli: Cli, mistaken: Small) -> None:
    frame = pl.read_parquet(io.BytesIO(cli("audit", *mistaken.options, "-f", "parquet").output))
    golden = json.loads((EXPECTED / "audit.json").read_bytes())
    assert frame.to_dicts() == golden["rows"]


def test_manifest(cli: Cli, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    cli(*RANK, "--output", tmp_path / "rank.csv")
    hold(
        EXPECTED / "rank.csv.manifest.json",
        (tmp_path / "rank.csv.manifest.json").read_bytes(),
        request,
    )


@pytest.mark.parametrize(
    "arguments", [RANK, EXPLAIN, ROBUSTNESS], ids=["rank", "explain", "robustness"]
)
def test_parquet_holds_the_golden_rows(cli: Cli, arguments: tuple[str, ...]) -> None:
    """Parquet's bytes are its writer's affair; its rows are those of the golden JSON."""
    frame = pl.read_parquet(io.BytesIO(cli(*arguments, "--format", "parquet").output))
    golden = json.loads((EXPECTED / f"{arguments[0]}.json").read_bytes())
    assert frame.to_dicts() == golden["rows"]


@pytest.mark.parametrize("name", COMMANDS)
def test_workbook_holds_the_golden_figures(cli: Cli, name: str) -> None:
    """A workbook's bytes are its writer's affair too; its cells are those of the golden JSON."""
    golden = json.loads((EXPECTED / f"{name}.json").read_bytes())
    assert_workbook_agrees(cli(*COMMANDS[name], "--format", "xlsx").output, golden)


@pytest.mark.parametrize("kind", ["framework", "scenario"])
def test_schema_is_the_one_in_the_repository(
    cli: Cli, request: pytest.FixtureRequest, kind: str
) -> None:
    hold(SCHEMAS / f"{kind}.schema.json", cli("schema", kind).output, request)


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "configs" / "frameworks").glob("*.yaml")), ids=lambda p: p.stem
)
def test_shipped_framework_is_valid_by_the_schema(path: Path) -> None:
    schema = json.loads(SCHEMA.read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    errors = [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator.iter_errors(yaml.safe_load(path.read_text("utf-8")))
    ]
    assert errors == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("metrics", "ae_4_hours", "polarity"), "up"),
        (("metrics", "ae_4_hours", "unti"), "percent"),
        (("metrics", "ae_4_hours", "scoring"), {"method": "guess"}),
        (("segments", "method"), "halves"),
        (("scale", "decimals"), "two"),
    ],
)
def test_schema_refuses_what_the_reader_refuses(place: tuple[str, ...], value: object) -> None:
    path = REPOSITORY / "configs" / "frameworks" / "headline-kpis.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    part = document
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    assert not validator.is_valid(document)


def test_every_shipped_framework_names_the_schema_for_editors() -> None:
    for path in (REPOSITORY / "configs" / "frameworks").glob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == SCHEMA


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("robustness-trust", ("RX8", "--replicates", "400")),
        ("robustness-pair", ("RX8", "RX7", "--replicates", "400")),
        ("robustness-leave-one-out", ("--view", "leave-one-out")),
        ("robustness-influence", ("--view", "influence", "--framework", "headline-kpis")),
        (
            "robustness-data",
            (
                "--source",
                "data",
                "--framework",
                "headline-kpis",
                "--top",
                "2",
                "--replicates",
                "400",
            ),
        ),
    ],
)
def test_what_robustness_says_at_eighty_columns(
    cli: Cli,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli("robustness", "--quarter", "2025Q2", *arguments)
    assert done.status == 0, done.narration
    hold(EXPECTED / f"{name}-80-columns.txt", done.output, request)
