"""Sites to write, the trees they leave, and a way to write one that dies on the way."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nhs_league.presentation.site_folder import exchange, writing
from nhs_league.presentation.site_folder.manifest import site_manifest
from nhs_league.presentation.site_folder.writing import write_folder

ACCOUNT = {"tool": "nhs-league", "command": "report", "version": "1"}
OLD = {"index.html": b"old", "trusts/RX1.html": b"old one", "trusts/RX2.html": b"old two"}
NEW = {"index.html": b"new", "trusts/RX1.html": b"new one", "metrics/a/b.html": b"deep"}
THEIRS = {"CNAME": b"league.example", ".git/HEAD": b"ref", "trusts/notes.txt": b"mine"}

Tree = dict[str, bytes | str | None]
Fault = Callable[[], None]


def site(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {**files, "manifest.json": site_manifest(ACCOUNT, files)}


def put(root: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def tree(root: Path) -> Tree:
    """Give what a folder holds: bytes of files, targets of links, none for empty folders."""
    found: Tree = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_dir():
            if not any(path.iterdir()):
                found[name] = None
        elif stat.S_ISREG(path.lstat().st_mode):
            found[name] = path.read_bytes()
        else:
            found[name] = "special"
    return found


def old_site(root: Path) -> Path:
    """Put a site somewhere, with somebody's files in it."""
    write_folder(root, site(OLD))
    put(root, THEIRS)
    (root / "uploads").mkdir()
    (root / "current").symlink_to("trusts/RX1.html")
    return root


BEFORE: Tree = {**site(OLD), **THEIRS, "uploads": None, "current": "trusts/RX1.html"}
AFTER: Tree = {**site(NEW), **THEIRS, "uploads": None, "current": "trusts/RX1.html"}


def no_exchange(_new: bytes, _place: bytes) -> bool:
    return False


CALLS = {
    "fsync": (os, "fsync"),
    "mkdir": (os, "mkdir"),
    "link": (os, "link"),
    "symlink": (os, "symlink"),
    "rename": (os, "rename"),
    "exchange": (exchange, "_renameat2"),
    "copyfile": (shutil, "copyfile"),
    "discard": (writing, "discard"),
}


def failing(call: str, number: int, fault: Fault, *, late: bool = False) -> Callable[..., Any]:
    """Give a call that fails once, before or after it is done, when its turn comes."""
    real = getattr(*CALLS[call])
    turns = itertools.count(1)

    def fail(*arguments: Any, **options: Any) -> Any:
        is_turn = next(turns) == number
        if is_turn and not late:
            fault()
        result = real(*arguments, **options)
        if is_turn and late:
            fault()
        return result

    return fail


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Write the new site, and die at a call: folder, swap, call, number, early or late."""
    place, swap, call, number, when = sys.argv[1:]
    if swap == "renames":
        exchange._renameat2 = no_exchange
    setattr(*CALLS[call], failing(call, int(number), die, late=when == "late"))
    write_folder(Path(place), site(NEW))


if __name__ == "__main__":
    main()
