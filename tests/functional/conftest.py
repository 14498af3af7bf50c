"""Data that the functional tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.small import Small, write_small


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return write_small(tmp_path / "small")
