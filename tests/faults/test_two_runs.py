"""Two runs that write one output: it is that of one of them, with its own account."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from nhs_league.cli import output as writer
from nhs_league.errors import OutputError
from tests.conftest import COMMAND, Cli, process_environment
from tests.faults.support import arguments_for, posix_only, tree
from tests.functional.small import Small


def test_runs_at_once_leave_one_file_with_its_own_account(folder: Path) -> None:
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            for _ in range(15):
                writer._write_file(folder / "a.csv", b"%d" % number, b"of %d" % number)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    left = tree(folder)
    assert set(left) == {"a.csv", "a.csv.manifest.json"}
    assert left["a.csv.manifest.json"] == b"of " + left["a.csv"]


@pytest.mark.parametrize("turn", [1, 2])
def test_a_run_that_another_overtakes_writes_both_again(
    folder: Path, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, turns = writer._move, []

    def overtaken(new: Path, path: Path) -> None:
        real(new, path)
        turns.append(path)
        if len(turns) == turn:
            (folder / "a.csv").write_bytes(b"theirs")

    monkeypatch.setattr(writer, "_move", overtaken)
    writer._write_file(folder / "a.csv", b"ours", b"of ours")
    assert tree(folder) == {"a.csv": b"ours", "a.csv.manifest.json": b"of ours"}
    assert len(turns) == 4


def test_a_file_that_never_rests_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writer._move

    def disturbed(new: Path, path: Path) -> None:
        real(new, path)
        (folder / "a.csv").write_bytes(b"theirs")

    monkeypatch.setattr(writer, "_move", disturbed)
    monkeypatch.setattr(writer, "_ATTEMPTS", 3)
    with pytest.raises(OutputError, match="something else keeps writing it"):
        writer._write_file(folder / "a.csv", b"ours", b"of ours")


def test_a_file_that_somebody_takes_at_once_is_not_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, turns = writer._move, []

    def taken(new: Path, path: Path) -> None:
        real(new, path)
        turns.append(path)
        path.unlink()

    monkeypatch.setattr(writer, "_move", taken)
    writer._write_file(folder / "a.csv", b"ours", b"of ours")
    assert len(turns) == 2
    assert tree(folder) == {}


@posix_only
@pytest.mark.parametrize("output", ["csv", "site"])
def test_two_processes_leave_one_output_whole(
    cli: Cli, small: Small, output: str, folder: Path, tmp_path: Path
) -> None:
    more = {"csv": ["--top", "1"], "site": ["--seed", "7"]}[output]
    lines = [[], more]
    whole = []
    for number, line in enumerate(lines):
        apart = tmp_path / str(number)
        apart.mkdir()
        assert cli(*arguments_for(output, small, apart), *line).status == 0
        whole.append(tree(apart))
    runs = [
        subprocess.Popen(
            [*COMMAND, *arguments_for(output, small, folder), *line], env=process_environment()
        )
        for line in lines
    ]
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    assert whole[0] != whole[1]
    assert tree(folder) in whole
