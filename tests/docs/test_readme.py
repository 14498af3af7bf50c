"""The README and every other page show what is so.

In their ``console`` blocks a line ``$ command`` is run by bash, all of a page in one temporary
folder and in order, and the lines up to the next command are its standard output, exactly; to
standard error nothing goes, so that nothing is on the screen that the page leaves out. The folder
holds the files that the pages say to save. A page begins with ``export
COLUMNS=96``, which holds for all its commands, as it does in a reader's shell. Commands that begin
with ``make`` or ``pip`` are listed and not run: they would set up an environment of their own. What
cannot be run is no ``console`` block. ``pytest tests/docs/test_readme.py --update-golden`` writes
the true output into the pages.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, ROOT, blocks, read, save_examples

WIDTH = "export COLUMNS=96"
LISTED = ("make", "pip")
Step = tuple[str, str]


def steps_of(text: str) -> list[Step]:
    """Split a console block into commands, each with the output that is shown under it."""
    assert text.startswith("$ ")
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def console_texts(page: Path) -> list[str]:
    return [block.text for block in blocks(page) if block.language == "console"]


def commands(page: Path) -> list[str]:
    return [command for text in console_texts(page) for command, _ in steps_of(text)]


CONSOLES = [page for page in PAGES if console_texts(page)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the folder to run in, and an ``nhs-league`` on the path that is this interpreter's."""
    here = tmp_path / "here"
    programs = tmp_path / "bin"
    here.mkdir()
    programs.mkdir()
    save_examples(here)
    program = programs / "nhs-league"
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m nhs_league "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return here


def output_of(command: str, folder: Path) -> str:
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"{WIDTH}\n{command}"],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", "LC_ALL": "C"},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.stderr.decode("utf-8") == "", f"{command} says more than the page shows"
    return done.stdout.decode("utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("page", CONSOLES, ids=lambda page: page.name)
def test_every_command_prints_what_the_page_shows(
    folder: Path, page: Path, request: pytest.FixtureRequest
) -> None:
    shown = read(page)
    true = shown
    for text in console_texts(page):
        steps = steps_of(text)
        ran = "".join(
            f"$ {command}\n{output if command.startswith(LISTED) else output_of(command, folder)}"
            for command, output in steps
        )
        true = true.replace(f"```console\n{text}```", f"```console\n{ran}```")
    if request.config.getoption("--update-golden"):
        page.write_text(true, encoding="utf-8")
    else:
        assert true == shown


@pytest.mark.parametrize("page", CONSOLES, ids=lambda page: page.name)
def test_a_page_says_how_wide_its_output_is_and_shows_some_of_every_command(page: Path) -> None:
    ran = [command for command in commands(page) if not command.startswith(LISTED)]
    assert ran[0] == WIDTH
    steps = [step for text in console_texts(page) for step in steps_of(text)]
    assert [
        command
        for command, output in steps
        if not output
        and command != WIDTH
        and not command.startswith(LISTED)
        and "--output " not in command
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_outside_console_blocks_are_not_shown_as_if_run(page: Path) -> None:
    others = [block for block in blocks(page) if block.language not in ("console", "text")]
    assert [block.text for block in others if re.search(r"^\$ ", block.text, re.MULTILINE)] == []


def test_listed_commands_are_those_of_the_makefile_and_the_package() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), flags=re.MULTILINE))
    every = [command for page in CONSOLES for command in commands(page)]
    listed = [shlex.split(command) for command in every if command.startswith(LISTED)]
    assert {words[1] for words in listed if words[0] == "make"} <= targets
    assert all(words[:2] == ["pip", "install"] for words in listed if words[0] == "pip")
    assert commands(README)[:2] == ["make demo", "make test"]


def test_python_example_prints_what_its_comment_says(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = [block.text for block in blocks(README) if block.language == "python"]
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip() == example.rstrip().rpartition("# ")[2]


def test_every_command_and_exit_code_is_named() -> None:
    from nhs_league.cli.app import app
    from nhs_league.cli.diagnostics import ExitCode

    text = read(README)
    names = [info.name or info.callback.__name__ for info in app.registered_commands]
    assert [name for name in names if f"`{name}" not in text] == []
    table = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for code in ExitCode:
        assert re.search(rf"\b{int(code)} \w", text)
        assert f"| {int(code)} |" in table
