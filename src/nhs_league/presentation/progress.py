"""A progress bar for work that takes longer than a second."""

from __future__ import annotations

import time
from types import TracebackType
from typing import IO, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

PATIENCE: Final = 1.0
"""The seconds after which a bar is shown."""


class ProgressBar:
    """Shows how much is done once it takes a while, and leaves nothing behind."""

    def __init__(self, stream: IO[str], label: str) -> None:
        self._began = time.monotonic()
        self._label = label
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=Console(file=stream, markup=False, emoji=False, highlight=False),
            transient=True,
        )

    def report(self, share: float) -> None:
        """Take note that a share of the work, from 0 to 1, is done."""
        if not self._progress.tasks:
            if time.monotonic() - self._began < PATIENCE:
                return
            self._progress.start()
            self._progress.add_task(self._label, total=1.0)
        self._progress.update(self._progress.tasks[0].id, completed=share)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress.tasks:
            self._progress.stop()
