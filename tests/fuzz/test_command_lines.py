"""Command lines made of the real commands and options: each ends with a documented exit code."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import pytest
import typer
from hypothesis import example
from hypothesis import strategies as st

from nhs_league.cli.app import app, run
from nhs_league.cli.diagnostics import ExitCode
from nhs_league.cli.options import DATA_VARIABLE
from tests.functional.small import write_small
from tests.fuzz.properties import no_panic
from tests.fuzz.seeds import OWN_SPEC, OWN_TABLE, SCENARIO, saved_tables, workbooks
from tests.fuzz.settings import fuzzed

_STATUSES: Final = {int(code) for code in ExitCode} - {ExitCode.BUG, ExitCode.INTERRUPTED}
_COMMANDS: Final[dict[str, Any]] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
_CALLBACKS: Final = {
    str(one.callback.__name__): get_type_hints(one.callback)
    for one in app.registered_commands
    if one.callback is not None
}

# Values by the option's metavar, most of them good ones; names of files are in the made folder.
_ODD: Final = (
    "", " ", "-", "--", "-1", "0", "1e309", "nan", "\u0663", "2019Q1", "2025Q2", "none.csv", ".",
    "..",
    "/", "x" * 300, "a\nb", "\x1b[31m", "\udcff", "*.csv", "[", "=1", "a=b=c", "override=off", "~",
)  # fmt: skip
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "QUARTER": ("2025Q2", "Q1 2025/26", "2025Q3", "Q1 2025"),
    "ID|PATH": ("small.yaml", "small.yaml", "headline-kpis", "small", "none.yaml", "data"),
    "PATH": ("data", "data", "data/waits.csv", "own", "book.xlsx", "none", "data/*.csv", "empty"),
    "TRUST": ("AA1", "aa4", "Tied", "AM1", "AA6", "Best [c] NHS Trust", "ZZ9"),
    "FILE": (
        "out.csv",
        "out.json",
        "out.txt",
        "out",
        "none/out.csv",
        "data",
        "out.xlsx",
        "out.html",
    ),
    "DIR": ("site", "data", "none/site"),
    "FROM TO": ("2025Q2", "2025Q1", "a.csv", "b.csv", "data"),
    "METRIC": ("waits", "surplus", "wait"),
    "METRIC|DOMAIN": ("waits", "Access", "money"),
    "KEY=VALUE": (
        "waits=50",
        "surplus=-1",
        "override=off",
        "override.deficit=on",
        "weight.waits=3",
    ),
    "NAME": ("Acute trust", "London", "acute", "North"),
    "CODE|NAME": ("QAA", "Inner", "er"),
    "N": ("1", "2", "100", "1000000"),
    "X": ("0", "0.01", "1"),
    "segment-changes|significant|TRUST": ("significant", "segment-changes", "AA1"),
}
_FILE_VALUES: Final = {"--scenario": ("scenario.yaml", "scenario.yaml", "small.yaml", "none.yaml")}
_SLOW: Final = {"--replicates": ("100", "99", "101"), "--scenarios": ("16", "1")}
_NEVER: Final = {"--install-completion", "--show-completion"}


def _choices(hint: Any) -> tuple[str, ...]:
    """List the words that a type allows, where it allows few."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(choice for part in get_args(hint) for choice in _choices(part))


def _values(command: str, parameter: Any) -> st.SearchStrategy[str]:
    option = parameter.opts[0]
    known = _SLOW.get(option) or _FILE_VALUES.get(option)
    known = known or _choices(_CALLBACKS[command][parameter.name])
    known = known or _VALUES.get(str(parameter.metavar), ("1", "0.5"))
    if option in _SLOW:
        return st.sampled_from(known)
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(_ODD))


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Draw a command with some of its options and arguments, most of them as they should be."""
    name = draw(st.sampled_from(sorted(_COMMANDS)))
    parameters = [one for one in _COMMANDS[name].params if not _NEVER & set(one.opts)]
    options = [one for one in parameters if one.param_type_name == "option"]
    words: list[str] = []
    has_small = draw(st.sampled_from([True, True, False]))
    if has_small:
        named = {option for one in options for option in one.opts}
        words += [word for option, value in _SMALL if option in named for word in (option, value)]
    for one in draw(st.lists(st.sampled_from(options), max_size=4)) if options else []:
        word = draw(st.sampled_from([*one.opts, *one.secondary_opts]))
        words += [word] if one.is_flag else [word, draw(_values(name, one))]
    for one in parameters:
        if one.param_type_name == "argument":
            words += draw(st.lists(_values(name, one), max_size=2 if one.nargs != 1 else 1))
    words = draw(st.one_of(st.just(words), st.just(words), st.permutations(words)))
    return [name, *words]


_SMALL: Final = (("--data", "data"), ("--framework", "small.yaml"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "here"
    write_small(folder)
    (folder / "own").mkdir()
    (folder / "own" / "own.source.yaml").write_bytes(OWN_SPEC)
    (folder / "own" / "own.csv").write_bytes(OWN_TABLE)
    (folder / "empty").mkdir()
    (folder / "scenario.yaml").write_bytes(SCENARIO)
    (folder / "book.xlsx").write_bytes(workbooks()["tidy.xlsx"])
    for name, content in saved_tables().items():
        (folder / name).write_bytes(content)
    return folder


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Work in a folder, with a standard output and a standard error of its own."""
    streams = tuple(io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv(DATA_VARIABLE, "data")
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(contextlib.redirect_stdout(streams[0]))
        stack.enter_context(contextlib.redirect_stderr(streams[1]))
        yield streams


def _contents(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def _restore(folder: Path, before: dict[str, bytes | None]) -> None:
    for name in sorted(_contents(folder).keys() - before.keys(), reverse=True):
        path = folder / name
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    for name, content in before.items():
        if content is not None:
            (folder / name).write_bytes(content)


def _check_narration(text: str) -> None:
    """Hold that standard error has notes, warnings and errors, each on its lines, and no more."""
    for line in text.splitlines():
        assert line.startswith(("nhs-league: ", "  ", "Usage: nhs-league", "Try 'nhs-league")), line
        assert line.isprintable(), repr(line)


@example(words=["schema"])
@example(words=["ingest", "--output", "\x1b[31m\n"])
@fuzzed(40, words=command_lines())
def test_command_lines(made: Path, words: list[str]) -> None:
    before = _contents(made)
    try:
        with _in_folder(made) as (output, narration), no_panic():
            status = run(words)
        text, result = narration.buffer.getvalue().decode(), output.buffer.getvalue()
        assert status in _STATUSES, text
        _check_narration(text)
        after = _contents(made)
        written = {name for name in after if after[name] != before.get(name, b"\0")}
        assert before.keys() <= after.keys()
        assert not any(Path(name).name.startswith(".") for name in after)
        if status in (ExitCode.USAGE, ExitCode.FRAMEWORK, ExitCode.OUTPUT):
            assert not written, written
            assert not result
        if status not in (ExitCode.DONE, ExitCode.DIFFERENT):
            assert text or result or written
        for name in written:
            if name.endswith(".json"):
                json.loads(after[name] or b"")
    finally:
        _restore(made, before)
