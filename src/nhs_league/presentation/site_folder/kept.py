"""What a new site keeps of the folder it replaces: everything that the old site did not write."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Container, Iterator, Sequence
from pathlib import Path, PurePosixPath


def keep_others(old: Path, new: Path, named: Container[str]) -> None:
    """Give a new folder the files of an old one that are not ``named``, and its empty folders.

    The old folder is only read: files are linked, or copied where they cannot be. A file that
    the new folder has already stands. Raises ``OSError``, whose text names what cannot be kept.
    """
    made: list[PurePosixPath] = []
    for name in _others(old, named, PurePosixPath()):
        with _naming(name):
            if _is_folder(old / name):
                made += _make_folders(new, [name, *name.parents])
            else:
                made += _make_folders(new, name.parents)
                _keep_file(old / name, new / name)
    for name in reversed(made):
        shutil.copystat(old / name, new / name)


def _others(old: Path, named: Container[str], at: PurePosixPath) -> Iterator[PurePosixPath]:
    with _naming(at):
        entries = sorted((old / at).iterdir())
    if at.name and not entries:
        yield at
    for path in entries:
        name = at / path.name
        if not _is_folder(path):
            if str(name) not in named:
                yield name
            continue
        with _naming(name):
            _require_movable(path)
        yield from _others(old, named, name)


@contextlib.contextmanager
def _naming(name: PurePosixPath) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"{name} cannot be kept: {error.strerror}") from error


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _require_movable(folder: Path) -> None:
    """Refuse a mount point: what is mounted would go with the old folder, and be deleted."""
    if os.path.ismount(folder):
        raise OSError(errno.EBUSY, "it is a mount point")


def _make_folders(new: Path, names: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Make the folders that are missing, and give their names, outer ones first."""
    made = []
    for name in reversed(names):
        if (new / name).is_file():
            raise OSError(errno.EEXIST, f"the new site needs {name} for a file")
        if not (new / name).exists():
            (new / name).mkdir()
            made.append(name)
    return made


def _keep_file(path: Path, target: Path) -> None:
    if target.is_dir():
        raise OSError(errno.EISDIR, "the new site needs a folder of that name")
    if target.exists():
        return
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno == errno.EXDEV:  # it would go with the old folder, and be deleted
            raise OSError(error.errno, "it is mounted from elsewhere") from error
        if not path.is_file():  # a pipe has no copy
            raise
        _copy(path, target)


def _copy(path: Path, target: Path) -> None:
    shutil.copy2(path, target)
    if os.name == "posix":  # elsewhere only a file open for writing can be synced
        with target.open("rb") as copied:
            os.fsync(copied.fileno())
