"""The shipped files: found in a checkout, and in a wheel that carries them inside."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhs_league import resources
from nhs_league.resources import configs_directory, sample_directory

PROJECT = Path(__file__).parents[2]


def test_a_checkout_has_configuration_and_sample_at_its_top() -> None:
    assert configs_directory() == PROJECT / "configs"
    assert sample_directory() == PROJECT / "data" / "sample"


def test_what_is_found_holds_what_is_asked_for() -> None:
    assert list((configs_directory() / "frameworks").glob("*.yaml"))
    assert (sample_directory() / "organisations.csv").is_file()


def test_a_wheel_has_them_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "nhs_league"
    for name in ("configs", "data/sample"):
        (package / "_shipped" / name).mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert configs_directory() == package / "_shipped" / "configs"
    assert sample_directory() == package / "_shipped" / "data" / "sample"


def test_the_folders_do_not_depend_on_where_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sample_directory()
    monkeypatch.chdir(tmp_path)
    assert sample_directory() == before
    assert before.is_absolute()
