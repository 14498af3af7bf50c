"""Write a static site into its folder: whole or not at all.

The site is built in a hidden folder beside its place, ``.NAME.`` and random letters, and then
changes places with what is there. A run that is killed may leave that hidden folder; one that is
interrupted does not. No run touches the one of another, which may still be writing it, so it is
deleted by hand.

Of the old folder, what its manifest names goes and everything else stays. No path that a manifest
names is ever opened, so a forged one leads nowhere.

Every file is synced before the exchange, several at a time, so that a disk can do it in few turns;
folders are not, since file systems keep the order of changes to names.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath, PureWindowsPath

from nhs_league.errors import NhsLeagueError
from nhs_league.presentation.site_folder.exchange import discard, exchange
from nhs_league.presentation.site_folder.kept import keep_others
from nhs_league.presentation.site_folder.manifest import names_in
from nhs_league.presentation.site_folder.place import (
    check_holder,
    check_place,
    identity,
    immovable,
    place_of,
)
from nhs_league.replacing import HeldSignals, held_signals, hidden_beside, spoken
from nhs_league.sources.sites import MADE_BY, MANIFEST, parse_manifest

_WRITERS = 16
_ATTEMPTS = 100


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Check that a site may be written to a folder, before there is one to write.

    Raises ``UsageError`` for a file, for the current and the home folder and those around them,
    and for a folder that is neither empty nor a site, unless forced; ``OutputError`` for a place
    that cannot be written to.
    """
    with spoken(folder):
        check_place(folder, place_of(folder), force=force)


def write_folder(folder: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write a site, and keep what is in its folder and of no earlier site.

    Folders around it are made. A link stays, and the folder that it leads to is replaced. Raises
    what ``check_folder`` does, and ``OutputError``, with everything as it was. An interrupt leaves
    the old site or the new, and nothing beside it.
    """
    _require_sound(files)
    with spoken(folder):
        place = place_of(folder)
        with held_signals() as held, _parents(folder, place):
            for _ in range(_ATTEMPTS):
                if _is_written(folder, place, files, held, force=force):
                    return
            raise OSError(errno.EBUSY, "something else keeps changing it")


def _is_written(
    folder: Path, place: Path, files: Mapping[str, bytes], held: HeldSignals, *, force: bool
) -> bool:
    """Write a site, unless another run changes the place meanwhile: what it kept may be gone."""
    before = identity(place)
    new = hidden_beside(place)
    try:
        check_place(folder, place, force=force)
        _build(new, files, held)
        if before:
            keep_others(place, new, names_in(place))
        held.check()
        if identity(place) == before:
            _put(folder, new, place)
            return True
    except (OSError, NhsLeagueError):
        if identity(place) == before:
            raise
    finally:
        discard(new)
    return False


def _build(new: Path, files: Mapping[str, bytes], held: HeldSignals) -> None:
    for folder in sorted({(new / name).parent for name in files}):
        folder.mkdir(parents=True)
    with ThreadPoolExecutor(_WRITERS) as pool:
        for _ in pool.map(_write, [new / name for name in files], files.values()):
            held.check()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(folder: Path, new: Path, place: Path) -> None:
    try:
        if place.exists():
            exchange(new, place)
        else:
            new.rename(place)
    except OSError as error:
        if error.errno in (errno.EBUSY, errno.EXDEV):
            raise immovable(folder) from error
        raise


@contextlib.contextmanager
def _parents(folder: Path, place: Path) -> Iterator[None]:
    """Make the folders around a place, and take them back if there is nothing to put there."""
    missing = [parent for parent in place.parents if identity(parent) is None]
    if missing:
        check_holder(folder, place)
    try:
        for parent in reversed(missing):
            parent.mkdir(exist_ok=True)
        yield
    except BaseException:
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def _require_sound(files: Mapping[str, bytes]) -> None:
    """Refuse files that lead out of the folder, or that no later run could tell from others."""
    wrong = [name for name in files if not _is_inside(name)]
    if wrong:
        raise ValueError(f"not a path inside a site: {', '.join(map(repr, wrong))}")
    if parse_manifest(files.get(MANIFEST, b"")) is None:
        raise ValueError(f"{MANIFEST} must be there and say {MADE_BY}")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    is_plain = str(path) == name != "." and ".." not in path.parts
    return is_plain and "\\" not in name and not (path.root or PureWindowsPath(name).anchor)
