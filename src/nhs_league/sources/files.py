"""Find the files that a caller names: a file, a folder, a glob, or a zip of CSV files."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nhs_league.errors import DataError
from nhs_league.findings import Finding

if TYPE_CHECKING:
    from zipfile import ZipFile

MAX_UNZIPPED_BYTES: Final = 2 * 1024**3
"""A zip whose members unpack to more than this is refused."""

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


def read_files(paths: Iterable[str | Path]) -> list[RawFile]:
    """Read every CSV file that the paths lead to, in the order given, then by name.

    A folder is searched through and its files are named from inside it; a zip's members are
    named ``archive.zip/member.csv``. Raises ``DataError`` with every path that leads nowhere or
    cannot be read.
    """
    found: list[tuple[str, str, Path]] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            found += list(_expand(path))
        except OSError as error:
            findings.append(_unreadable(str(path), error))
    found = list(dict.fromkeys(found))
    short_names = Counter(short for short, _, _ in found)
    files: list[RawFile] = []
    for short, full, path in found:
        name = short if short_names[short] == 1 else full
        try:
            content = path.read_bytes()
            files += (
                _unzip(name, content) if path.suffix.lower() == ".zip" else [RawFile(name, content)]
            )
        except (OSError, _UnreadableZipError) as error:
            findings.append(_unreadable(full, error))
    if findings:
        raise DataError("some data files cannot be read", findings)
    return files


def _expand(path: str | Path) -> Iterator[tuple[str, str, Path]]:
    """Yield a short name, a full name and the path of every file behind one argument."""
    given = Path(path)
    if given.is_dir():
        inside = sorted(
            p
            for p in given.rglob("*")
            if p.suffix.lower() in (".csv", ".zip") and _is_meant(p, given)
        )
        if not inside:
            raise FileNotFoundError("the folder holds no CSV or zip file")
        for file in inside:
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


class _UnreadableZipError(Exception):
    """A zip is broken, encrypted, empty of CSV files or too large."""


def _unzip(name: str, content: bytes) -> list[RawFile]:
    import zipfile

    try:
        return _members(name, zipfile.ZipFile(io.BytesIO(content)))
    except _UnreadableZipError:
        raise
    except Exception as error:
        raise _UnreadableZipError(str(error)) from error


def _members(name: str, archive: ZipFile) -> list[RawFile]:
    with archive:
        members = sorted(
            (info for info in archive.infolist() if _is_member_meant(info.filename)),
            key=lambda info: info.filename,
        )
        if not members:
            raise _UnreadableZipError("the zip holds no CSV file")
        names = [info.filename for info in members]
        if len(set(names)) < len(names):
            raise _UnreadableZipError("two of its members have one name")
        if sum(info.file_size for info in members) > MAX_UNZIPPED_BYTES:
            raise _UnreadableZipError(f"the zip unpacks to more than {MAX_UNZIPPED_BYTES:,} bytes")
        return [RawFile(f"{name}/{info.filename}", archive.read(info)) for info in members]


def _is_meant(path: Path, folder: Path) -> bool:
    """Say whether a folder's file is data: hidden files are not, a broken link is."""
    if path.suffix.lower() not in (".csv", ".zip"):
        return False
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not is_hidden and (path.is_file() or path.is_symlink())


def _is_member_meant(name: str) -> bool:
    """Say whether a zip's member is data: what macOS adds beside each file is not."""
    base = name.rsplit("/", 1)[-1].lower()
    return base.endswith(".csv") and not base.startswith(".") and not name.startswith("__MACOSX/")


def _unreadable(name: str, error: Exception) -> Finding:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Finding("error", "file_unreadable", f"cannot be read: {reason}", file=name)
