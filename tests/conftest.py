"""Fixtures that every test can ask for: the command line in process and as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

# Typer reads some of these when it is imported, so they go before anything imports the app.
for _name in (
    "COLUMNS",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "LINES",
    "NHS_LEAGUE_DATA",
    "NO_COLOR",
    "PYTHONIOENCODING",
    "TERMINAL_WIDTH",
):
    os.environ.pop(_name, None)

REPOSITORY = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "nhs_league")


@dataclass(frozen=True)
class Completed:
    """What a run of the command line came to."""

    status: int
    output: bytes
    narration: str

    @property
    def text(self) -> str:
        """Give standard output as text."""
        return self.output.decode("utf-8")

    @property
    def lines(self) -> list[str]:
        """Give standard output line by line."""
        return self.text.splitlines()

    @property
    def json(self) -> Any:
        """Give standard output as the JSON that it is."""
        return json.loads(self.output)


class Cli(Protocol):
    """Run the command line in this process."""

    def __call__(self, *arguments: str | Path) -> Completed: ...


class CliProcess(Protocol):
    """Run the command line in a process of its own."""

    def __call__(
        self, *arguments: str | Path, env: Mapping[str, str] | None = None
    ) -> Completed: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="Rewrite the golden files, then read the diff."
    )


def process_environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment of a process that the tests start: UTF-8 unless the test says other."""
    return {**os.environ, "PYTHONUTF8": "1", **(changes or {})}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a site of the bundled sample, built once for all tests."""
    from tests.built_site import built_site

    return built_site(tmp_path_factory.getbasetemp())


@pytest.fixture
def cli(capsysbinary: pytest.CaptureFixture[bytes]) -> Cli:
    from nhs_league.cli.app import run

    def run_in_process(*arguments: str | Path) -> Completed:
        capsysbinary.readouterr()
        status = run([str(argument) for argument in arguments])
        output, narration = capsysbinary.readouterr()
        return Completed(int(status), output, narration.decode("utf-8"))

    return run_in_process


@pytest.fixture
def cli_process() -> CliProcess:
    def run_process(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Completed:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            capture_output=True,
            check=False,
            env=process_environment(env),
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        return Completed(done.returncode, done.stdout, done.stderr.decode("utf-8"))

    return run_process


@pytest.fixture(scope="session")
def sample_league() -> Any:
    """Open the bundled sample's league of April to June 2025 once for all tests that only read."""
    from nhs_league import open_league

    return open_league(quarter="2025Q2")
