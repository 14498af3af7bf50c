"""A progress bar shows once it takes a while, on a terminal, and leaves nothing behind."""

from __future__ import annotations

import io
import sys

import pytest

from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.presentation import progress
from nhs_league.presentation.progress import ProgressBar


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_quick_work_shows_nothing(terminal: Terminal) -> None:
    with ProgressBar(terminal, "Drawing [replicates]") as bar:
        for share in (0.0, 0.5, 1.0):
            bar.report(share)
    assert terminal.getvalue() == ""


def test_slow_work_shows_how_far_it_is(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with ProgressBar(terminal, "Drawing [replicates]") as bar:
        bar.report(0.25)
        bar.report(1.0)
    assert "Drawing [replicates]" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_a_bar_that_was_shown_is_taken_away_when_work_fails(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)

    def fail(share: float) -> None:
        raise ValueError(f"broken at {share}")

    def work() -> None:
        with ProgressBar(terminal, "Drawing") as bar:
            bar.report(0.5)
            fail(0.5)

    with pytest.raises(ValueError, match="broken"):
        work()
    # The line is erased and the cursor, which was hidden, is back.
    assert terminal.getvalue().endswith("\x1b[2K")
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


@pytest.mark.parametrize(
    ("stream", "is_quiet", "shows"),
    [
        (Terminal(), False, True),
        (Terminal(), True, False),
        (io.StringIO(), False, False),
        (None, False, False),
    ],
    ids=["terminal", "quiet", "pipe", "closed"],
)
def test_progress_is_for_somebody_who_looks(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None, is_quiet: bool, shows: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with Diagnostics(is_quiet).progress("Drawing") as report:
        assert (report is not None) == shows
