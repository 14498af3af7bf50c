"""A wheel has no repository around it: it carries the frameworks, the schema and the sample."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, process_environment

pytest.importorskip("hatchling")

FOLDERS = ("src", "configs", "data/sample")
FILES = ("pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("repository")
    for folder in FOLDERS:
        shutil.copytree(
            REPOSITORY / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in FILES:
        shutil.copy(REPOSITORY / file, copy / file)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
        capture_output=True,
        check=True,
        cwd=copy,
        env=process_environment(),
    )
    (built,) = (copy / "dist").glob("*.whl")
    return built


def test_the_wheel_carries_all_that_the_repository_ships(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("configs", "data/sample"):
        for file in (REPOSITORY / folder).rglob("*"):
            if file.is_file():
                shipped = f"nhs_league/_shipped/{file.relative_to(REPOSITORY).as_posix()}"
                assert shipped in names
    for file in (REPOSITORY / "src" / "nhs_league").rglob("*.py"):
        assert f"nhs_league/{file.relative_to(REPOSITORY / 'src/nhs_league').as_posix()}" in names
    for folder in ("assets", "templates"):
        for file in (REPOSITORY / "src" / "nhs_league" / "presentation" / folder).iterdir():
            assert f"nhs_league/presentation/{folder}/{file.name}" in names
    assert "nhs_league/py.typed" in names


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top.split("-")[0] for top in tops} == {"nhs_league"}
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".pyc")]


def test_the_wheel_alone_ranks_the_sample(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        "import nhs_league, sys\n"
        f"assert nhs_league.__file__.startswith({str(tmp_path)!r})\n"
        "from nhs_league.resources import configs_directory, sample_directory\n"
        f"assert str(configs_directory()).startswith({str(tmp_path)!r})\n"
        f"assert str(sample_directory()).startswith({str(tmp_path)!r})\n"
        "assert nhs_league.open_league(quarter='2025Q2').explain('RCX').rank == 134\n"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=tmp_path,
        env=process_environment({"PYTHONPATH": str(tmp_path)}),
    )
