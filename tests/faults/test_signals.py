"""A signal at every step of writing: the old output or the new, whole."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support import posix_only, run_module
from tests.unit.presentation.site_folder.support import NEW, OLD, THEIRS, site

pytestmark = posix_only

Files = dict[str, str]


def as_text(files: dict[str, bytes], below: str = "site/") -> Files:
    return {f"{below}{name}": content.decode() for name, content in files.items()}


BEFORE = {
    "pair": {"league.csv": "old", "league.csv.manifest.json": "of the old"},
    "alone": {"league.json": "old"},
    "site": as_text({**site(OLD), **THEIRS}),
}
AFTER = {
    "pair": {"league.csv": "new", "league.csv.manifest.json": "of the new"},
    "alone": {"league.json": "new"},
    "site": as_text({**site(NEW), **THEIRS}),
}
WITHOUT_ACCOUNT = ({"league.csv": "old"}, {"league.csv": "new"})
WAYS = [("pair", "exchange"), ("alone", "exchange"), ("site", "exchange"), ("site", "renames")]


def steps(folder: Path, what: str, name: str, swap: str, kind: str = "line") -> list[Any]:
    """Send a signal at every step, and give what each came to."""
    done = run_module("tests.faults.every_step", folder, what, name, kind, swap)
    assert done.returncode == 0, done.stderr.decode()
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tried) > 30
    return tried


def shown(files: Files) -> Files:
    return {name: text for name, text in files.items() if not name.startswith(".")}


@pytest.mark.parametrize(("what", "swap"), WAYS)
def test_a_run_killed_at_any_step_leaves_old_or_new_and_the_next_is_fine(
    what: str, swap: str, folder: Path
) -> None:
    tried = steps(folder, what, "SIGKILL", swap)
    allowed = [BEFORE[what], AFTER[what], *(WITHOUT_ACCOUNT if what == "pair" else ())]
    if swap == "renames":  # where folders cannot be exchanged, there is a moment between two
        allowed.append({})
    assert {step["status"] for step in tried} == {-signal.SIGKILL}
    assert [step for step in tried if shown(step["left"]) not in allowed] == []
    assert [
        step for step in tried if shown(step["after"]) != AFTER[what] and swap == "exchange"
    ] == []
    assert shown(tried[0]["left"]) == BEFORE[what]
    assert shown(tried[-1]["left"]) == AFTER[what]
    for step in tried:
        left = step["left"].keys() - shown(step["left"]).keys()
        assert all(name.startswith((".league.", ".site.")) for name in left)
        assert left <= step["after"].keys(), "what another run may still be writing is let alone"


@pytest.mark.parametrize(
    ("what", "swap", "name"),
    [*((*way, "SIGINT") for way in WAYS), (*WAYS[0], "SIGTERM"), (*WAYS[0], "SIGHUP")],
)
def test_a_run_interrupted_at_any_step_leaves_old_or_new_and_nothing_beside_it(
    what: str, swap: str, name: str, folder: Path
) -> None:
    tried = steps(folder, what, name, swap)
    status = 130 if name == "SIGINT" else -getattr(signal, name)
    assert {step["status"] for step in tried} == {status}
    assert [step for step in tried if step["left"] not in (BEFORE[what], AFTER[what])] == []
    assert tried[0]["left"] == BEFORE[what]
    assert tried[-1]["left"] == AFTER[what]


def test_an_interrupt_between_any_two_instructions_leaves_old_or_new(folder: Path) -> None:
    tried = steps(folder, "pair", "SIGINT", "exchange", "opcode")
    assert len(tried) > 300
    assert [step for step in tried if step["left"] not in (BEFORE["pair"], AFTER["pair"])] == []
