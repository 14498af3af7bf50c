"""``frameworks``, ``metrics``, ``schema``, ``--version`` and ``--help``."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

import pytest

from tests.conftest import REPOSITORY, Cli

COMMANDS = (
    "rank",
    "explain",
    "compare",
    "whatif",
    "history",
    "summary",
    "report",
    "validate",
    "ingest",
    "audit",
    "robustness",
    "frameworks",
    "metrics",
    "sources",
    "schema",
)
FRAMEWORKS = REPOSITORY / "configs" / "frameworks"


def test_version(cli: Cli) -> None:
    done = cli("--version")
    assert (done.status, done.text, done.narration) == (
        0,
        f"nhs-league {version('nhs-league')}\n",
        "",
    )


def test_help_lists_every_command_and_every_exit_code(cli: Cli) -> None:
    done = cli("--help")
    assert (done.status, done.narration) == (0, "")
    assert all(f"\n  {command} " in done.text for command in COMMANDS)
    words = " ".join(done.text.split())
    for code in ("0 done", "2 usage", "3 framework", "4 data", "5 cannot", "130 interrupted"):
        assert code in words


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_an_example_of_its_use(
    cli: Cli, command: str, flag: str
) -> None:
    done = cli(command, flag)
    assert (done.status, done.narration) == (0, "")
    assert done.text.startswith(f"Usage: nhs-league {command} ")
    assert max(len(line) for line in done.lines) <= 80


@pytest.mark.parametrize("command", ["rank", "explain", "validate"])
def test_the_shared_options_are_offered_by_every_command_on_data(cli: Cli, command: str) -> None:
    text = cli(command, "--help").text
    for option in (
        "-Q, --quarter",
        "-F, --framework",
        "-d, --data",
        "-f, --format",
        "-o, --output",
        "--color",
        "-q, --quiet",
        "--strict",
    ):
        assert f"  {option} " in text


def test_frameworks_lists_the_shipped_files_with_their_hashes(cli: Cli) -> None:
    rows = cli("frameworks", "--format", "json").json["rows"]
    assert {row["framework_id"]: row["sha256"] for row in rows} == {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FRAMEWORKS.glob("*.yaml")
    }


def test_metrics_are_of_every_shipped_framework_or_of_one(cli: Cli) -> None:
    every = cli("metrics", "--format", "json").json["rows"]
    one = cli("metrics", "--framework", "headline-kpis", "--format", "json").json["rows"]
    assert {row["framework_id"] for row in every} == {path.stem for path in FRAMEWORKS.glob("*")}
    assert one == [row for row in every if row["framework_id"] == "headline-kpis"]
    assert "ae_4_hours" in {row["metric_id"] for row in one}


def test_every_shipped_metric_says_what_it_means_and_how_it_is_scored(cli: Cli) -> None:
    for row in cli("metrics", "--format", "json").json["rows"]:
        assert row["title"]
        assert row["polarity"] in ("higher_is_better", "lower_is_better")
        assert row["scoring"]
        # A note stands in where not enough is known of a metric to say why it matters.
        assert (row["why"] or row["note"]).endswith("."), row["metric_id"]


def test_schema_is_json_and_nothing_else(cli: Cli) -> None:
    done = cli("schema", "framework")
    assert (done.status, done.narration) == (0, "")
    schema = json.loads(done.output)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"id", "metrics", "segments"} <= set(schema["required"])


def test_no_command_at_all_shows_the_help_and_is_a_usage_error(cli: Cli) -> None:
    done = cli()
    assert (done.status, done.output) == (2, b"")
    assert all(f"\n  {command} " in done.narration for command in COMMANDS)
    assert "error: Usage:" not in done.narration
