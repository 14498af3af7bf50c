"""Where a site may go, and where it must not."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from nhs_league.errors import OutputError, UsageError
from nhs_league.sources.sites import is_site


def place_of(folder: Path) -> Path:
    """Give where a site goes: past every link."""
    if folder.is_symlink() and not folder.exists():
        raise OutputError(f"cannot write {folder}: it is a link that leads nowhere")
    try:
        return folder.resolve()
    except RuntimeError as error:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def check_place(folder: Path, place: Path, *, force: bool) -> None:
    """Refuse a place that a site must not take, or cannot."""
    if identity(place) is not None:
        _check_is_free(folder, place, force=force)
    check_holder(folder, place)


def check_holder(folder: Path, place: Path) -> None:
    """Refuse a place beside or below which nothing can be written."""
    holder = next((parent for parent in place.parents if identity(parent)), place)
    if not holder.is_dir():
        raise OutputError(f"cannot write {folder}: {holder} is a file")
    if not os.access(holder, os.W_OK | os.X_OK):
        raise OutputError(
            f"cannot write {folder}: the folder that holds it, {holder}, cannot be written to"
        )


def immovable(folder: Path) -> OutputError:
    """Give the error for a folder that cannot change places with another."""
    return OutputError(f"cannot replace {folder}: it is a mount point; name a folder inside it")


def identity(place: Path) -> tuple[int, int, int] | None:
    """Give what tells a folder from another that takes its place; none where there is none."""
    try:
        found = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _check_is_free(folder: Path, place: Path, *, force: bool) -> None:
    if not place.is_dir():
        raise UsageError(f"{folder} is a file; name a folder")
    if any(_is_same(place, used) for used in _used_folders()):
        raise UsageError(
            f"cannot replace {folder}: it is, or holds, the current folder or your home folder;"
            " name another folder"
        )
    if os.path.ismount(place):
        raise immovable(folder)
    if any(place.iterdir()) and not (is_site(place) or force):
        raise UsageError(
            f"{folder} is not empty and no site of this tool; name another folder, or give --force"
            " to keep its files and write the site among them"
        )


def _used_folders() -> Iterator[Path]:
    """Yield the current folder, the home folder and those around them.

    Not even an empty one may go: whoever is in it would be left in a folder that is deleted.
    """
    for find in (Path.cwd, Path.home):
        try:
            used = find().resolve()
        except (OSError, RuntimeError):
            continue
        yield from (used, *used.parents)


def _is_same(place: Path, other: Path) -> bool:
    try:
        return place.samefile(other)
    except OSError:
        return False
