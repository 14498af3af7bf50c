"""What files and folders share that take the place of others: whole, or as it was."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nhs_league.errors import OutputError

# An interrupt comes last: it is the one that raises where it is told again.
_HELD = ("SIGHUP", "SIGTERM", "SIGINT")


@dataclass
class HeldSignals:
    """The signals that came while they were held back."""

    came: list[int] = field(default_factory=list)

    def check(self) -> None:
        """Give up, if one came: from here everything can be left as it was."""
        if self.came:
            raise KeyboardInterrupt


@contextlib.contextmanager
def held_signals() -> Iterator[HeldSignals]:
    """Hold back what would end the run, so that it ends before or after this and not within.

    Ctrl-C anywhere would leave hidden files, as it may come while they are being deleted. What
    came is told again at the end. Who ignores a signal goes on ignoring it, and only the main
    thread can hold any.
    """
    held = HeldSignals()
    handlers = _handlers() if threading.current_thread() is threading.main_thread() else {}
    try:
        for number in handlers:
            signal.signal(number, lambda came, _frame: held.came.append(came))
        yield held
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in held.came:
            signal.raise_signal(number)


def _handlers() -> dict[int, Any]:
    numbers = [getattr(signal, name) for name in _HELD if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    # A handler that is none of Python's could not be put back.
    return {
        number: handler
        for number, handler in handlers.items()
        if handler not in (None, signal.SIG_IGN)
    }


@contextlib.contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Say in one sentence what the system had against a place."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def hidden_beside(place: Path) -> Path:
    """Name what is written beside a place first: hidden, and like nothing of another run."""
    return place.parent / f".{place.name[:32]}.{os.urandom(8).hex()}"
