"""What the tests of faults share: the small league, and a folder that nothing else is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.small import Small, write_small


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return write_small(tmp_path_factory.mktemp("small") / "small")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "here"
    path.mkdir()
    return path
