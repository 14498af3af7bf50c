"""Send a signal at every step of writing a file or a site, each time in a process of its own.

A process is forked for each step, so that hundreds take seconds. It prints what each came to.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from nhs_league.cli import output
from nhs_league.presentation.site_folder import exchange, writing
from tests.unit.presentation.site_folder.support import (
    NEW,
    OLD,
    THEIRS,
    Tree,
    no_exchange,
    put,
    site,
    tree,
)

WRITERS = ("cli/output.py", "nhs_league/replacing.py", "site_folder/")
NOT_REACHED = 99

Write = Callable[[Path, bool], None]


def write_pair(folder: Path, is_new: bool) -> None:
    content, account = (b"new", b"of the new") if is_new else (b"old", b"of the old")
    output._write_file(folder / "league.csv", content, account)


def write_alone(folder: Path, is_new: bool) -> None:
    output._write_file(folder / "league.json", b"new" if is_new else b"old")


def write_site(folder: Path, is_new: bool) -> None:
    if not is_new:
        put(folder / "site", THEIRS)
    writing.write_folder(folder / "site", site(NEW if is_new else OLD), force=True)


WRITES: dict[str, Write] = {"pair": write_pair, "alone": write_alone, "site": write_site}


def at_step(step: int, number: int, kind: str) -> Callable[..., Any]:
    """Give a tracer that sends a signal at a step: a line, or an instruction."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal steps
        if not any(part in frame.f_code.co_filename for part in WRITERS):
            return None
        frame.f_trace_opcodes = kind == "opcode"
        if event == kind:
            steps += 1
            if steps == step:
                os.kill(os.getpid(), number)
        return trace

    return trace


def main() -> None:
    """Try every step: the folder to write in, what to write, the signal, and how fine steps are."""
    folder, what, name, kind, swap = Path(sys.argv[1]), *sys.argv[2:]
    if swap == "renames":
        exchange._renameat2 = no_exchange
    write, number = WRITES[what], getattr(signal, name)
    # Only a machine that fails needs a sync; it and threads take most of the time.
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]
    writing._WRITERS = 1
    fresh(folder, write)
    for step in range(1, 100_000):
        trace = at_step(step, number, kind)
        status = status_of(functools.partial(in_child, write, folder, trace))
        if status == NOT_REACHED:
            return
        left = tree(folder)
        if number == signal.SIGKILL:
            write(folder, True)
        shown(step, status, left, tree(folder))
        fresh(folder, write)


def fresh(folder: Path, write: Write) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write(folder, False)


def in_child(write: Write, folder: Path, trace: Callable[..., Any]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    came = trace.__closure__ or ()
    try:
        sys.settrace(trace)
        write(folder, True)
        sys.settrace(None)
    except KeyboardInterrupt:
        sys.settrace(None)
        os._exit(130)
    step, steps = (
        cell.cell_contents
        for cell, free in zip(came, trace.__code__.co_freevars, strict=True)
        if free in {"step", "steps"}
    )
    os._exit(0 if steps >= step else NOT_REACHED)


def status_of(run: Callable[[], None]) -> int:
    """Run in a process of its own, and give the exit code, or the signal below nought."""
    child = os.fork()
    if not child:
        try:
            run()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def shown(step: int, status: int, left: Tree, after: Tree) -> None:
    def plain(found: Tree) -> dict[str, str | None]:
        return {
            name: content.decode() if isinstance(content, bytes) else content
            for name, content in found.items()
        }

    line = {"step": step, "status": status, "left": plain(left), "after": plain(after)}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()  # a child would flush it again


if __name__ == "__main__":
    main()
