"""Output files: whole or not at all, with the account of where they came from."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.conftest import Cli, CliProcess, Completed
from tests.functional.small import Small


def manifest_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.manifest.json")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".md", ".html", ".xlsx", ".parquet", ".txt"])
def test_a_file_has_a_manifest_beside_it(
    cli: Cli, small: Small, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"league{suffix}"
    assert cli("rank", *small.options, "--output", path).status == 0
    manifest = json.loads(manifest_of(path).read_bytes())
    assert manifest["framework"]["sha256"] == sha256(small.framework)
    assert {file["file"]: file["sha256"] for file in manifest["inputs"]} == {
        file.name: sha256(file) for file in small.folder.iterdir()
    }
    assert manifest["quarter"] == "2025Q2"
    assert manifest["version"]
    assert "seed" in manifest


def test_json_carries_its_manifest_inside(cli: Cli, small: Small, tmp_path: Path) -> None:
    cli("rank", *small.options, "--output", tmp_path / "league.json")
    cli("rank", *small.options, "--output", tmp_path / "league.csv")
    assert not manifest_of(tmp_path / "league.json").exists()
    inside = json.loads((tmp_path / "league.json").read_bytes())["meta"]
    assert inside == json.loads(manifest_of(tmp_path / "league.csv").read_bytes())


@pytest.mark.parametrize("name", ["a.json", "a.parquet", "a.xlsx", "a.html"])
def test_two_runs_write_the_same_bytes(cli: Cli, name: str, tmp_path: Path) -> None:
    arguments = ("rank", "--quarter", "2025Q2", "--output")
    first, second = tmp_path / "first" / name, tmp_path / "second" / name
    for path in (first, second):
        path.parent.mkdir()
        assert cli(*arguments, path).status == 0
    names = sorted(file.name for file in first.parent.iterdir())
    assert names == sorted(file.name for file in second.parent.iterdir())
    for file in names:
        assert (first.parent / file).read_bytes() == (second.parent / file).read_bytes()


def test_processes_with_other_hash_seeds_write_the_same_bytes(
    cli_process: CliProcess, small: Small
) -> None:
    outputs = {
        cli_process("rank", *small.options, "-f", "json", env={"PYTHONHASHSEED": seed}).output
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_file_is_replaced_and_keeps_to_the_umask(cli: Cli, small: Small, tmp_path: Path) -> None:
    path = tmp_path / "league.csv"
    path.write_text("old")
    old_mask = os.umask(0o027)
    try:
        cli("rank", *small.options, "--output", path)
    finally:
        os.umask(old_mask)
    assert path.read_text("utf-8").startswith("quarter,")
    assert path.stat().st_mode & 0o777 == 0o640


def assert_cannot_write(done: Completed, folder: Path, left: list[str]) -> None:
    assert done.status == 5
    assert done.output == b""
    assert "nhs-league: error: cannot write" in done.narration
    assert sorted(path.name for path in folder.iterdir()) == left


def test_a_missing_folder_is_no_place_to_write(cli: Cli, small: Small, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    done = cli("rank", *small.options, "--output", tmp_path / "here" / "missing" / "league.csv")
    assert_cannot_write(done, tmp_path / "here", [])


def test_a_folder_is_no_file_to_write(cli: Cli, small: Small, tmp_path: Path) -> None:
    (tmp_path / "here" / "league.csv").mkdir(parents=True)
    done = cli("rank", *small.options, "--output", tmp_path / "here" / "league.csv")
    assert_cannot_write(done, tmp_path / "here", ["league.csv"])


def test_nothing_is_written_where_the_manifest_cannot_be(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    (folder / "league.csv.manifest.json").mkdir(parents=True)
    done = cli("rank", *small.options, "--output", folder / "league.csv")
    assert_cannot_write(done, folder, ["league.csv.manifest.json"])


def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(
    cli: Cli, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "league.csv").write_text("old")

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    done = cli("rank", *small.options, "--output", folder / "league.csv")
    assert_cannot_write(done, folder, ["league.csv"])
    assert (folder / "league.csv").read_text() == "old"
    assert "No space left on device" in done.narration


def test_schema_is_written_without_a_manifest(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "framework.schema.json"
    assert cli("schema", "framework", "--output", path).status == 0
    assert path.read_bytes() == cli("schema", "framework").output
    assert [file.name for file in tmp_path.iterdir()] == ["framework.schema.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_written_to_and_not_replaced(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = cli("rank", *small.options, "--format", "csv", "--output", pipe)
        assert pipe.is_fifo()
        assert done.status == 0
        assert os.read(reader, 1_000_000).startswith(b"quarter,")
    finally:
        os.close(reader)


def test_a_link_keeps_its_place_and_its_target_is_written(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    assert cli("rank", *small.options, "--output", link).status == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("quarter,")
