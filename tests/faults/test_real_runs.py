"""Real runs that end before their time: every kind of output, at points and at random."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.faults.support import (
    OUTPUTS,
    arguments_for,
    hidden,
    posix_only,
    put_old,
    run_module,
    tree,
    visible,
)
from tests.functional.small import Small

pytestmark = posix_only

# One point for each output; tests.faults.test_signals goes through all of them.
POINTS = dict(
    zip(
        OUTPUTS,
        (
            "fsync 1 early",
            "replace 1 early",
            "replace 1 late",
            "fsync 2 late",
            "replace 2 early",
            "rename 1 late",
            "replace 2 late",
            "fsync 2 early",
            "rename 1 early",
            "replace 1 late",
            "replace 1 early",
            "fsync 1 late",
            "fsync 20 late",
        ),
        strict=True,
    )
)


def written(cli: Cli, output: str, small: Small, folder: Path) -> dict[str, bytes]:
    """Write an output undisturbed, and give its files."""
    folder.mkdir(exist_ok=True)
    done = cli(*arguments_for(output, small, folder))
    assert done.status == 0, done.narration
    return visible(tree(folder))


def assert_old_or_new(
    found: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    """See that no file is in between, and no account beside the file of another run."""
    wrong = {name for name in found if found[name] not in (old[name], new[name])}
    assert wrong == set()
    for name in found.keys() & {f"{other}.manifest.json" for other in found}:
        file = name.removesuffix(".manifest.json")
        assert (found[name] == new[name]) == (found[file] == new[file])
    gone = old.keys() - found.keys()
    assert all(name.endswith(".manifest.json") for name in gone)
    assert len({found[name] == new[name] for name in found if name.startswith("site/trusts")}) < 2


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_killed_run_leaves_old_or_new_and_the_next_is_fine(
    cli: Cli, small: Small, output: str, folder: Path, tmp_path: Path
) -> None:
    new = written(cli, output, small, tmp_path / "undisturbed")
    old = put_old(folder, new)
    arguments = arguments_for(output, small, folder)
    done = run_module("tests.faults.dying", "SIGKILL", POINTS[output], *arguments)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    left = tree(folder)
    assert_old_or_new(visible(left), old, new)
    assert written(cli, output, small, folder) == new
    assert hidden(tree(folder)) == hidden(left), "what another run may be writing is let alone"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM"])
@pytest.mark.parametrize("output", ["csv", "site"])
def test_a_run_that_is_stopped_at_random_leaves_old_or_new(
    cli: Cli, small: Small, output: str, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    new = written(cli, output, small, tmp_path / "undisturbed")
    old = put_old(folder, new)
    seconds = random.Random(f"{output} {name}").uniform(0.0, 0.8)
    done = run_module(
        "tests.faults.dying", name, f"after {seconds}", *arguments_for(output, small, folder)
    )
    stopped = 130 if name == "SIGINT" else -getattr(signal, name)
    assert done.returncode in (0, stopped), done.stderr.decode()
    assert (done.stdout, done.stderr) == (b"", b"")
    left = tree(folder)
    assert_old_or_new(visible(left), old, new)
    assert name == "SIGKILL" or hidden(left) == set()


def test_an_interrupt_while_the_tool_starts_shows_no_traceback(small: Small, folder: Path) -> None:
    done = run_module(
        "tests.faults.dying", "SIGINT", "import typer", *arguments_for("csv", small, folder)
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
    assert tree(folder) == {}
