"""Every documented exit code, each by a real cause, and what is said beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli, CliProcess, Completed, process_environment
from tests.functional.small import FRAMEWORK, Small

BROKEN_FRAMEWORK = (
    FRAMEWORK.replace("unit: percent", "unti: percent", 1)
    .replace("weight: 1", "weight: heavy", 1)
    .replace("not_better_than: 3", "not_better_than: third", 1)
)
INCOHERENT_FRAMEWORK = FRAMEWORK.replace("domain: money", "domain: wealth", 1).replace(
    "when: {metric: surplus, below: 0}", "when: {metric: surplsu, below: 0}", 1
)


def assert_usage_error(done: Completed, *parts: str) -> None:
    assert (done.status, done.output) == (2, b"")
    errors = [line for line in done.narration.splitlines() if line.startswith("nhs-league: error:")]
    assert len(errors) == 1
    for part in parts:
        assert part in done.narration


def test_0_is_done(cli: Cli, small: Small) -> None:
    assert cli("rank", *small.options).status == 0


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["ranks"], ["No such command 'ranks'"]),
        (["rank", "--topp", "3"], ["No such option: --topp"]),
        (["rank", "--top", "0"], ["--top"]),
        (["rank", "--top", "three"], ["--top", "integer"]),
        (["rank", "--format", "xls"], ["xls", "parquet"]),
        (["rank", "--color", "sometimes"], ["--color", "never"]),
        (["explain"], ["TRUST"]),
        (["explain", "RCX", "RDZ"], ["RDZ"]),
        (["schema"], ["framework"]),
        (["schema", "table"], ["table"]),
    ],
)
def test_2_is_a_command_line_that_cannot_be_read(
    cli: Cli, arguments: list[str], parts: list[str]
) -> None:
    done = cli(*arguments)
    assert_usage_error(done, *parts)
    assert done.narration.startswith("nhs-league: error:")
    assert "--help' for help." in done.narration


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--quarter", "2019Q1"], ["2019Q1", "2025Q2 (Q1 2025/26)"]),
        (["--quarter", "banana"], ["'banana'", "2025Q2", "Q1 2025/26"]),
        (
            ["--quarter", "Q1 2025"],
            ["write 2025Q1 for January to March 2025", "'Q1 2025/26' for April to June 2025"],
        ),
        (["--quarter", "Q5 2025/26"], ["no quarter 5"]),
        (["--by", "wait"], ["neither a metric nor a domain of small", "waits"]),
        (["--region", "Londn"], ["no region 'Londn'", "London"]),
        (["--icb", "Otter"], ["no integrated care board 'Otter'", "Outer"]),
        (["--peer-group", "ambulence"], ["no peer group 'ambulence'", "Ambulance trust"]),
        (["--top", "1", "--bottom", "1"], ["--top and --bottom"]),
    ],
)
def test_2_is_something_that_does_not_exist_with_the_nearest_there_is(
    cli: Cli, small: Small, options: list[str], parts: list[str]
) -> None:
    assert_usage_error(cli("rank", *small.options, *options), *parts)


def test_2_is_an_unknown_framework_with_the_nearest(cli: Cli) -> None:
    done = cli("metrics", "--framework", "headline-kpi")
    assert_usage_error(done, "no framework 'headline-kpi'", "headline-kpis", "its path")


def test_2_is_an_ambiguous_region_with_those_it_could_be(cli: Cli) -> None:
    done = cli("rank", "--region", "north")
    assert_usage_error(done, "North East and Yorkshire or North West")


def test_2_is_data_that_no_shipped_framework_governs(cli: Cli, small: Small) -> None:
    done = cli("rank", "--data", small.folder)
    assert_usage_error(done, "no shipped framework", "--framework")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (BROKEN_FRAMEWORK, ["unti: percent", "weight: heavy", "not_better_than: third"]),
        (INCOHERENT_FRAMEWORK, ["domain: wealth", "metric: surplsu"]),
    ],
)
def test_3_is_a_framework_file_with_all_its_problems_and_their_lines(
    cli: Cli, small: Small, text: str, wrong: list[str]
) -> None:
    small.framework.write_text(text, "utf-8")
    done = cli("rank", *small.options)
    assert (done.status, done.output) == (3, b"")
    assert "nhs-league: error: the framework small.yaml has" in done.narration
    for part in wrong:
        row = next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)
        assert f"small.yaml line {row}, " in done.narration, part


@pytest.mark.parametrize("arguments", [["rank"], ["metrics"], ["validate"], ["explain", "RCX"]])
def test_3_is_a_framework_file_that_is_not_there(
    cli: Cli, arguments: list[str], tmp_path: Path
) -> None:
    done = cli(*arguments, "--framework", tmp_path / "none.yaml")
    assert (done.status, done.output) == (3, b"")
    assert "none.yaml: No such file" in done.narration


@pytest.mark.parametrize("arguments", [["rank"], ["validate"], ["explain", "RCX"]])
def test_4_is_a_data_file_that_is_not_there(cli: Cli, arguments: list[str], tmp_path: Path) -> None:
    done = cli(*arguments, "--data", tmp_path / "none.csv", "--data", tmp_path / "nor.csv")
    assert (done.status, done.output) == (4, b"")
    assert "none.csv: cannot be read: No such file" in done.narration
    assert "nor.csv: cannot be read: No such file" in done.narration


def test_4_is_data_in_error_with_file_row_column_and_value(cli: Cli, small: Small) -> None:
    path = small.folder / "waits.csv"
    text = path.read_text("utf-8")
    text = text.replace("AA2,2025-04,75.0,100", "AA2,2025-04,many,100")
    path.write_text(text.replace("AA3,2025-05,37.5,50", "AA3,2025-05,87.5,50"), "utf-8")
    for command in (["rank"], ["explain", "AA1"]):
        done = cli(*command, *small.options)
        assert (done.status, done.output) == (4, b"")
        assert "nhs-league: error: the data cannot be used" in done.narration
        assert "waits.csv row 3, column numerator" in done.narration
        assert "(found 'many'; expected a number" in done.narration
        assert "waits.csv row 10, column numerator" in done.narration
        assert "(found '87.5'; expected at most 50)" in done.narration


def test_4_lists_errors_up_to_a_cap_and_says_how_many_more(cli: Cli, small: Small) -> None:
    path = small.folder / "waits.csv"
    rows = "".join(f"AA1,2024-{month:02d},junk,1\n" for month in range(1, 13))
    rows += "".join(f"AA2,2024-{month:02d},junk,1\n" for month in range(1, 13))
    path.write_text(path.read_text("utf-8") + rows, "utf-8")
    done = cli("rank", *small.options)
    assert done.status == 4
    assert done.narration.count("  error: waits.csv") == 20
    assert "and 4 more; `nhs-league validate` lists them all" in done.narration


@pytest.mark.parametrize("arguments", [["rank"], ["explain", "AA2"], ["validate"]])
def test_4_is_a_warning_under_strict(cli: Cli, small: Small, arguments: list[str]) -> None:
    path = small.folder / "waits.csv"
    path.write_text(path.read_text("utf-8").replace("AA5,2025-04", "ZZ9,2025-04"), "utf-8")
    lenient = cli(*arguments, *small.options)
    assert lenient.status == 0
    strict = cli(*arguments, *small.options, "--strict")
    assert strict.status == 4
    assert "column org_code" in strict.narration + strict.text


def test_5_is_a_place_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    for arguments in (["rank"], ["metrics"], ["schema", "framework"]):
        done = cli(*arguments, "--output", tmp_path / "missing" / "result")
        assert (done.status, done.output) == (5, b"")
        assert "cannot write" in done.narration


@pytest.mark.parametrize("command", ["rank", "explain", "validate", "catalogues"])
def test_130_is_an_interruption(
    cli: Cli, small: Small, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    name = f"nhs_league.cli.commands.{command}"
    monkeypatch.setattr(f"{name}.write_result", interrupted)
    arguments = {
        "explain": ["explain", "AA1", *small.options],
        "catalogues": ["frameworks"],
    }.get(command, [command, *small.options])
    done = cli(*arguments)
    assert (done.status, done.output) == (130, b"")
    assert "Traceback" not in done.narration


def test_1_is_a_bug_with_its_traceback() -> None:
    program = (
        "import nhs_league.cli.commands.catalogues as catalogues\n"
        "from nhs_league.cli.app import main\n"
        "import sys\n"
        "catalogues.load_shipped_frameworks = lambda: 1 / 0\n"
        "sys.argv = ['nhs-league', 'frameworks']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        env=process_environment(),
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_process_exits_with_the_code(cli_process: CliProcess, tmp_path: Path) -> None:
    assert cli_process("--version").status == 0
    assert cli_process("rank", "--nope").status == 2
    assert cli_process("schema", "framework", "-o", tmp_path / "no" / "a.json").status == 5
