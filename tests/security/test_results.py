"""What results tell of the machine that they were made on, and where they go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.functional.small import Small, write_small


@pytest.fixture
def league(tmp_path: Path) -> Small:
    folder = tmp_path / "of-a-user"
    folder.mkdir()
    return write_small(folder)


@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson", "md", "html", "txt"])
def test_no_result_nor_its_account_tells_where_the_files_are(
    cli: Cli, league: Small, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"league.{suffix}"
    assert cli("rank", *league.options, "--output", out).status == 0
    written = [path for path in tmp_path.iterdir() if path.is_file()]
    assert len(written) == (1 if suffix == "json" else 2)
    for path in written:
        assert "of-a-user" not in path.read_text("utf-8"), path.name


def test_a_page_to_download_does_not_tell_either(cli: Cli, league: Small, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert cli("report", *league.options, "--output", site).status == 0
    told = [
        path.name
        for path in site.rglob("*")
        if path.is_file() and b"of-a-user" in path.read_bytes()
    ]
    assert told == []


@pytest.mark.parametrize("name", ["$(touch x).csv", "`x`;&|.csv", "-o.csv", "a\nb.csv", "Môn.csv"])
def test_a_name_of_odd_signs_is_only_a_name(
    cli: Cli, league: Small, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert cli("rank", *league.options, "--output", folder / name).status == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted([name, f"{name}.manifest.json"])


def test_an_address_is_a_path_that_is_not_there(cli: Cli) -> None:
    done = cli("validate", "https://example.org/a.csv")
    assert done.status == 4
    assert "No such file" in done.narration


@pytest.mark.parametrize("name", ["data/waits.csv", "small.yaml"])
def test_a_result_never_takes_the_place_of_what_it_was_made_of(
    cli: Cli, league: Small, name: str
) -> None:
    read = league.folder.parent / name
    before = read.read_bytes()
    done = cli("rank", *league.options, "--output", read)
    assert done.status == 2
    assert f"{name.rpartition('/')[2]} is one of the files that were read" in done.narration
    assert read.read_bytes() == before
    assert not Path(f"{read}.manifest.json").exists()


def test_a_result_takes_the_place_of_an_older_one(cli: Cli, league: Small, tmp_path: Path) -> None:
    out = tmp_path / "league.csv"
    for _ in range(2):
        assert cli("rank", *league.options, "--output", out).status == 0
