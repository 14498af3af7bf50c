"""``--data``: files, folders, globs, zips, several of them, and the variable instead."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.functional.small import Small

NOTE = "nhs-league: note: using the bundled sample of real figures"


def table(cli: Cli, small: Small, *data: str | Path) -> bytes:
    options = [option for path in data for option in ("--data", str(path))]
    done = cli("rank", "--framework", small.framework, *options, "--format", "csv")
    assert done.status == 0, done.narration
    assert NOTE not in done.narration
    return done.output


def test_files_folders_globs_and_zips_lead_to_the_same_table(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    files = sorted(small.folder.iterdir())
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in files:
            zipped.write(file, f"inside/{file.name}")
    folder = table(cli, small, small.folder)
    assert table(cli, small, *files) == folder
    assert table(cli, small, *reversed(files)) == folder
    assert table(cli, small, f"{small.folder}/*.csv") == folder
    assert table(cli, small, archive) == folder


def test_a_register_and_a_zip_may_stand_beside_each_other(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    folder = table(cli, small, small.folder)
    archive = tmp_path / "figures.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name in ("waits.csv", "plans.csv"):
            zipped.write(small.folder / name, name)
    assert table(cli, small, archive, small.folder / "organisations.csv") == folder


def test_zip_members_are_named_in_explanations(cli: Cli, small: Small, tmp_path: Path) -> None:
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in sorted(small.folder.iterdir()):
            zipped.write(file, file.name)
    done = cli("explain", "AA4", "--framework", small.framework, "--data", archive)
    assert "data.zip/waits.csv rows 5, 11, 17" in done.text


def test_the_variable_names_data_where_no_option_does(
    cli: Cli, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = table(cli, small, small.folder)
    monkeypatch.setenv("NHS_LEAGUE_DATA", str(small.folder))
    assert table(cli, small) == expected
    monkeypatch.setenv("NHS_LEAGUE_DATA", "/nonexistent")
    assert table(cli, small, small.folder) == expected


def test_the_variable_may_hold_a_path_with_a_space(
    cli: Cli, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = table(cli, small, small.folder)
    spaced = small.folder.with_name("our data")
    small.folder.rename(spaced)
    monkeypatch.setenv("NHS_LEAGUE_DATA", str(spaced))
    assert table(cli, small) == expected


def test_a_file_of_the_same_name_twice_is_told_apart(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (small.folder / "plans.csv").rename(other / "waits.csv")
    result = cli("rank", *small.options, "--data", other, "--format", "json").json
    names = [file["file"] for file in result["meta"]["inputs"]]
    assert len(names) == len(set(names)) == 3


@pytest.mark.parametrize("arguments", [["rank"], ["explain", "RCX"], ["validate"]])
def test_the_bundled_sample_is_announced_once(cli: Cli, arguments: list[str]) -> None:
    done = cli(*arguments, "--format", "csv")
    assert done.narration.count(NOTE) == 1
    assert cli(*arguments, "--format", "csv", "--quiet").narration == ""


def test_a_wide_file_alone_uses_the_bundled_register(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    path = tmp_path / "values.csv"
    path.write_text("org_code,quarter,waits,surplus\nRCX,2025Q2,60,1\nRBV,2025Q2,90,2\n", "utf-8")
    done = cli("rank", "--framework", small.framework, "--data", path, "--format", "json")
    assert [row["org_name"] for row in done.json["rows"]] == [
        "The Christie NHS Foundation Trust",
        "The Queen Elizabeth Hospital, King's Lynn, NHS Foundation Trust",
    ]
