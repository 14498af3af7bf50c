"""Help, version and completion start quickly: they load nothing that they do not need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import process_environment

DRAWING = {"altair", "vl_convert", "jinja2"}
HEAVY = {"polars", "numpy", "pydantic", "yaml", "rich.table", "rapidfuzz", "xlsxwriter"} | DRAWING
PROGRAM = """
import json, sys
from nhs_league.cli.app import run
try:
    status = run({arguments!r})
except SystemExit as exit:
    status = exit.code
sys.stderr.write(json.dumps({{"status": status, "modules": sorted(sys.modules)}}))
"""


def modules_after(arguments: list[str], **environment: str) -> tuple[set[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=arguments)],
        capture_output=True,
        check=True,
        env=process_environment(environment),
        text=True,
    )
    account = json.loads(done.stderr)
    assert account["status"] in (0, None)
    return set(account["modules"]), done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["rank", "--help"], ["explain", "--help"], ["schema", "-h"], ["--version"]],
)
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    modules, output = modules_after(arguments)
    assert output
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nhs-league ra", "rank"),
        ("nhs-league explain RC", "RCX"),
        ("nhs-league rank --framework nof", "nof-2025-26"),
    ],
)
def test_completion_answers_and_loads_nothing_heavy(words: str, expected: str) -> None:
    modules, output = modules_after(
        [],
        _NHS_LEAGUE_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert expected in output.split()
    assert modules & HEAVY == set()


def test_the_package_loads_its_engine_on_first_use() -> None:
    program = (
        "import sys, nhs_league\n"
        "assert 'polars' not in sys.modules\n"
        "nhs_league.Quarter\n"
        "assert 'polars' not in sys.modules\n"
        "nhs_league.open_league\n"
        "assert 'polars' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=process_environment())


def test_a_table_on_a_pipe_needs_no_rich() -> None:
    modules, output = modules_after(["frameworks"])
    assert "headline-kpis" in output
    assert "rich.table" not in modules


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["rank"], {"numpy", "scipy", "SALib", "xlsxwriter"} | DRAWING),
        (["rank", "--format", "csv"], DRAWING),
        (["explain", "RCX", "--format", "json"], DRAWING),
        (["robustness", "--replicates", "100"], {"scipy", "SALib", "pandas"}),
    ],
)
def test_a_command_loads_no_library_that_it_has_no_use_for(
    arguments: list[str], absent: set[str]
) -> None:
    modules, output = modules_after([*arguments, "--quarter", "2025Q2", "--quiet"])
    assert output
    assert modules & absent == set()
