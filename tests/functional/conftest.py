"""Data that the functional tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tests.conftest import Cli, Completed
from tests.functional.small import Small, write_small


class Sample(Protocol):
    """Run a module's command on the sample; what was run already is remembered."""

    def __call__(self, *options: str) -> Completed: ...


@pytest.fixture(scope="module")
def remembered() -> dict[tuple[str, ...], Completed]:
    return {}


@pytest.fixture
def sample(
    request: pytest.FixtureRequest, cli: Cli, remembered: dict[tuple[str, ...], Completed]
) -> Sample:
    """Run what the module's ``SAMPLE`` begins with, and the options."""

    def run(*options: str) -> Completed:
        if options not in remembered:
            remembered[options] = cli(*request.module.SAMPLE, *options)
        return remembered[options]

    return run


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return write_small(tmp_path / "small")
