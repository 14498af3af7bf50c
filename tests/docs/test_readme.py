"""The README and the page on sources show what is so.

In their ``console`` blocks a line ``$ command`` is run by bash, all of a page in one temporary
folder and in order, and the lines up to the next command are its standard output, exactly. The
folder holds the examples of ``docs/frameworks.md`` and ``docs/sources.md``; the terminal is 96
columns wide. Commands that begin with ``make`` or ``pip`` are listed and not run: they would set up
an environment of their own. ``pytest tests/docs/test_readme.py --update-golden`` writes the true
output into the pages.
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

from tests.docs.pages import README, ROOT, SOURCES, blocks, read, save_examples

WIDTH = 96
LISTED = ("make", "pip")
Step = tuple[str, str]


def steps_of(text: str) -> list[Step]:
    """Split a console block into commands, each with the output that is shown under it."""
    assert text.startswith("$ ")
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def console_texts(page: Path) -> list[str]:
    return [block.text for block in blocks(page) if block.language == "console"]


def commands() -> list[str]:
    return [command for text in console_texts(README) for command, _ in steps_of(text)]


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
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": str(WIDTH), "PYTHONUTF8": "1", "LC_ALL": "C"},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert "Traceback" not in done.stderr.decode("utf-8")
    return done.stdout.decode("utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("page", [README, SOURCES], ids=lambda page: page.name)
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


def test_listed_commands_are_those_of_the_makefile_and_the_package() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), flags=re.MULTILINE))
    listed = [shlex.split(command) for command in commands() if command.startswith(LISTED)]
    assert {words[1] for words in listed if words[0] == "make"} <= targets
    assert all(words[:2] == ["pip", "install"] for words in listed if words[0] == "pip")
    assert commands()[:2] == ["make demo", "make test"]


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
