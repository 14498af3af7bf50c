"""Find the files that a caller names: a file, a folder, a glob, or a zip of files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from nhs_league.errors import DataError
from nhs_league.findings import Finding, printable
from nhs_league.sources.sites import sites_among

TABLE_SUFFIXES: Final = (".csv", ".xlsx", ".parquet")
"""The files that hold data; a file that is named itself may have any other, and is read as CSV."""

BLOCK_BYTES: Final = 16 * 1024**2
"""A large file is read in blocks of about so many bytes.

For larger ones the system would map and clear new memory every time, which takes longer than
reading them.
"""

_SPEC_SUFFIXES: Final = (".source.yaml", ".source.yml")
_GLOB_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True)
class RawFile:
    """A file's bytes under the name by which results speak of it."""

    name: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Give the SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


class ByteStream(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Read up to so many bytes, or all."""
        ...


@dataclass(frozen=True)
class DataFile:
    """A file that is not read yet, or a zip's member, with its size in bytes once unzipped."""

    name: str
    path: Path
    size: int
    member: str | None = None

    @property
    def place(self) -> str:
        """Give the whole path, for messages about a file that cannot be read."""
        path = self.path.as_posix()
        return printable(path if self.member is None else f"{path}/{self.member}")

    @property
    def suffix(self) -> str:
        """Give the kind of file that the name tells, in lower case."""
        return Path(self.member or self.path).suffix.lower()

    @property
    def is_spec(self) -> bool:
        """Say whether the file is a source spec and no data."""
        return self.member is None and self.path.name.lower().endswith(_SPEC_SUFFIXES)

    @contextlib.contextmanager
    def open(self) -> Iterator[ByteStream]:
        """Open it as a stream of bytes; raises ``UnreadableFileError``, then and in reading."""
        with readable(self.place), contextlib.ExitStack() as stack:
            if self.member is None:
                yield stack.enter_context(self.path.open("rb"))
            else:
                from nhs_league.sources.zips import open_member

                yield stack.enter_context(open_member(self.path, self.member))

    def sha256(self) -> str:
        """Hash it block by block; raises ``UnreadableFileError``."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def read(self) -> bytes:
        """Read all of it; raises ``UnreadableFileError``."""
        if self.member is None:
            with readable(self.place):
                return self.path.read_bytes()
        with self.open() as stream:
            return stream.read()


class UnreadableFileError(Exception):
    """A file that was found cannot be read."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@contextlib.contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into ``UnreadableFileError``."""
    try:
        yield
    except OSError as error:
        raise unreadable_file(name, _reason(error)) from error


def find_files(paths: Iterable[str | Path]) -> list[DataFile]:
    """Find the data files and source specs that paths lead to, in the order given, then by name.

    A folder is searched through, past the sites in it that ``report`` wrote, and its files are
    named from inside it; a zip's members are named ``archive.zip/member.csv``. Raises ``DataError``
    with every path that leads nowhere and every zip that cannot be read.
    """
    found: list[tuple[str, str, Path]] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            found += list(_expand(path))
        except OSError as error:
            findings.append(unreadable_file(printable(str(path)), _reason(error)).finding)
    found = list(dict.fromkeys(found))
    short_names = Counter(short for short, _, _ in found)
    files: list[DataFile] = []
    for short, full, path in found:
        name = printable(short if short_names[short] == 1 else full)
        try:
            with readable(printable(full)):
                files += _data_files(name, path)
        except UnreadableFileError as error:
            findings.append(error.finding)
    if findings:
        raise unreadable_files(findings)
    return files


def read_files(paths: Iterable[str | Path]) -> list[RawFile]:
    """Find files and read them whole; raises ``DataError`` with all that cannot be."""
    read, findings = [], []
    for file in find_files(paths):
        try:
            read.append(RawFile(file.name, file.read()))
        except UnreadableFileError as error:
            findings.append(error.finding)
    if findings:
        raise unreadable_files(findings)
    return read


def unreadable_file(name: str, reason: str) -> UnreadableFileError:
    """Make the error of a file that was found and cannot be read."""
    finding = Finding("error", "file_unreadable", f"cannot be read: {reason}", file=name)
    return UnreadableFileError(finding)


def unreadable_files(findings: Iterable[Finding]) -> DataError:
    """Make the error of files that cannot be read."""
    return DataError("some data files cannot be read", findings)


def _data_files(name: str, path: Path) -> list[DataFile]:
    if path.suffix.lower() != ".zip":
        status = path.stat()
        if stat.S_ISCHR(status.st_mode):
            raise OSError("it is a device, which may have no end")
        return [DataFile(name, path, status.st_size)]
    from nhs_league.sources.zips import members_of

    return [
        DataFile(f"{name}/{member}", path, size, member)
        for member, size in members_of(path, TABLE_SUFFIXES)
    ]


def _expand(path: str | Path) -> Iterator[tuple[str, str, Path]]:
    """Yield a short name, a full name and the path of every file behind one argument."""
    given = Path(path)
    if given.is_dir():
        paths = list(_inside(given))
        sites = sites_among(paths, given)
        inside = sorted(
            file
            for file in paths
            if _is_meant(file, given) and not any(map(file.is_relative_to, sites))
        )
        if not inside:
            raise FileNotFoundError("the folder holds no CSV, XLSX, Parquet or zip file")
        for file in inside:
            if file.exists() and not file.is_file():
                raise OSError(f"{printable(file.relative_to(given).as_posix())} leads to no file")
            yield file.relative_to(given).as_posix(), file.as_posix(), file
    elif not given.exists() and _GLOB_CHARACTERS & set(str(path)):
        import glob

        matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True))
        if not matches:
            raise FileNotFoundError("no file matches this pattern")
        for match in matches:
            yield from _expand(match)
    else:
        yield given.name, given.as_posix(), given


def _inside(folder: Path) -> Iterator[Path]:
    """Yield all that a folder and those in it hold. Raises ``OSError`` where one cannot be read."""

    def refuse(error: OSError) -> None:
        inside = Path(error.filename).relative_to(folder).as_posix()
        where = "" if inside == "." else f"{printable(inside)}: "
        raise OSError(error.errno, f"{where}{error.strerror}") from error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        yield from (Path(parent, name) for name in (*folders, *names))
        folders[:] = [name for name in folders if not name.startswith(".")]


def _is_data(path: Path) -> bool:
    return path.name.lower().endswith((*TABLE_SUFFIXES, ".zip"))


def _is_meant(path: Path, folder: Path) -> bool:
    """Say whether a folder's file is to be read: hidden files are not, a broken link is.

    Excel's lock files, whose names begin with ``~$``, are no workbooks.
    """
    is_known = _is_data(path) or path.name.lower().endswith(_SPEC_SUFFIXES)
    if not is_known or path.name.startswith("~$"):
        return False
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not is_hidden and (path.is_file() or path.is_symlink())


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
