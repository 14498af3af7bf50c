"""Standard error and exit codes: the only place that narrates."""

from __future__ import annotations

import contextlib
import enum
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from nhs_league.errors import (
    DataError,
    FrameworkError,
    NhsLeagueError,
    OutputError,
    ScenarioError,
    SourceError,
    UsageError,
)
from nhs_league.findings import Finding, printable

MAX_LISTED = 20


class ExitCode(enum.IntEnum):
    """What the exit code of every command means."""

    DONE = 0
    BUG = 1
    USAGE = 2
    FRAMEWORK = 3
    DATA = 4
    OUTPUT = 5
    DIFFERENT = 6
    INTERRUPTED = 130


_EXIT_CODES: tuple[tuple[type[NhsLeagueError], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (FrameworkError, ExitCode.FRAMEWORK),
    (ScenarioError, ExitCode.FRAMEWORK),
    (SourceError, ExitCode.FRAMEWORK),
    (DataError, ExitCode.DATA),
    (OutputError, ExitCode.OUTPUT),
)


def exit_code_of(error: NhsLeagueError) -> ExitCode:
    """Map an error to the exit code that its kind is documented to have."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), ExitCode.BUG)


@dataclass(frozen=True)
class Diagnostics:
    """Narration on standard error; ``is_quiet`` leaves only errors."""

    is_quiet: bool = False

    def note(self, message: str) -> None:
        """Say what the user may want to know."""
        if not self.is_quiet:
            _write(f"nhs-league: note: {printable(message)}")

    def warning(self, message: str) -> None:
        """Say what may make the result other than expected."""
        if not self.is_quiet:
            _write(f"nhs-league: warning: {printable(message)}")

    @contextlib.contextmanager
    def progress(self, label: str) -> Iterator[Callable[[float], None] | None]:
        """Give what to report progress to; none where nobody would see it."""
        if self.is_quiet or sys.stderr is None or not sys.stderr.isatty():
            yield None
            return
        from nhs_league.presentation.progress import ProgressBar

        with ProgressBar(sys.stderr, label) as bar:
            yield bar.report

    def warnings(self, findings: Iterable[Finding]) -> None:
        """Give the warnings among findings, up to a cap, and say how many more there are."""
        texts = [str(finding) for finding in findings if finding.severity == "warning"]
        for text in texts[:MAX_LISTED]:
            self.warning(text)
        if len(texts) > MAX_LISTED:
            self.warning(f"{len(texts) - MAX_LISTED} more; `nhs-league validate` lists them all")


def report_error(error: NhsLeagueError) -> ExitCode:
    """Say what is wrong and where, all of it, and give the exit code."""
    _write(f"nhs-league: error: {printable(error.message)}")
    findings = [finding for finding in error.findings if finding.severity != "note"]
    for finding in findings[:MAX_LISTED]:
        _write(f"  {finding.severity}: {finding}")
    if len(findings) > MAX_LISTED:
        _write(f"  and {len(findings) - MAX_LISTED} more; `nhs-league validate` lists them all")
    return exit_code_of(error)


def report_usage(message: str, usage: str | None, hint: str | None) -> ExitCode:
    """Say how a command is used, and what was wrong."""
    _write(f"nhs-league: error: {printable(message)}")
    for text in (usage, hint):
        if text:
            _write(text)
    return ExitCode.USAGE


def report_bug() -> ExitCode:
    """Show the traceback of an error that nobody foresaw, and give the exit code."""
    import traceback

    _write(traceback.format_exc().rstrip())
    return ExitCode.BUG


def report_lost_output(error: OSError) -> ExitCode:
    """Say that standard output cannot be written; a reader who has had enough is no error."""
    give_up_output()
    if isinstance(error, BrokenPipeError):
        return ExitCode.DONE
    return report_error(OutputError(f"cannot write: {error.strerror or error}"))


def give_up_output() -> None:
    """Send what is still to be flushed nowhere: Python would flush it on exit, and complain."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(status: int) -> NoReturn:
    """End the process at once.

    Everything is written by then; tearing down the interpreter and the engine's threads takes a
    tenth of a second that nobody gains by.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(status)


def _write(text: str) -> None:
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    with contextlib.suppress(OSError, ValueError):
        print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)  # noqa: T201 - the only stderr
