"""Look into zip archives: what they hold, and whether it can be read without harm.

Members are streamed and never unpacked onto disk, so a name can lead nowhere; one that tries to is
refused all the same, since nobody who publishes figures writes it.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

MAX_UNZIPPED_BYTES: Final = 2 * 1024**3
"""An archive whose members unpack to more than this is refused."""

MAX_RATIO: Final = 250
"""So is one with a member that unpacks to more than so many times its size."""


class UnreadableZipError(OSError):
    """An archive is broken, encrypted, harmful or too large, or has no data in it."""


def members_of(path: Path, suffixes: tuple[str, ...]) -> list[tuple[str, int]]:
    """List the data files in an archive by name, with their unzipped sizes, in order.

    Raises ``UnreadableZipError`` where any of them cannot be read, and ``OSError``.
    """
    with _opened(path) as archive:
        data = [info for info in archive.infolist() if info.filename.lower().endswith(suffixes)]
        for info in data:
            _check_name(info.filename)
        members = [info for info in data if _is_meant(info.filename)]
        check_sizes(members)
        for info in members:
            if info.flag_bits & 1:
                raise UnreadableZipError(f"{info.filename} needs a password: unzip it first")
        if not members:
            raise UnreadableZipError("the zip holds no CSV, XLSX or Parquet file")
        names = [info.filename for info in members]
        if len(set(names)) < len(names):
            raise UnreadableZipError("two of its members have one name")
        return sorted((info.filename, info.file_size) for info in members)


class MemberStream:
    """A member's bytes as they are unpacked; a broken archive raises ``UnreadableZipError``."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Read up to so many bytes, or all."""
        with _translated():
            return self._stream.read(size)


@contextlib.contextmanager
def open_member(path: Path, member: str) -> Iterator[MemberStream]:
    """Open a member as a stream."""
    with _opened(path) as archive:
        with _translated():
            stream = archive.open(member)
        with stream:
            yield MemberStream(stream)


def check_sizes(members: list[zipfile.ZipInfo]) -> None:
    """Refuse members that unpack to more than they may, before any of them is unpacked."""
    if sum(info.file_size for info in members) > MAX_UNZIPPED_BYTES:
        raise UnreadableZipError(f"the zip unpacks to more than {MAX_UNZIPPED_BYTES:,} bytes")
    for info in members:
        if info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise UnreadableZipError(
                f"{info.filename} unpacks to {info.file_size:,} bytes, more than {MAX_RATIO} times "
                "its size"
            )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with _translated():
        archive = zipfile.ZipFile(path)
    with archive:
        yield archive


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn the many errors that a broken archive raises into one."""
    try:
        yield
    except NotImplementedError as error:
        raise UnreadableZipError(f"{error}: zip it anew with common settings") from error
    except OSError:
        raise
    except Exception as error:
        raise UnreadableZipError(str(error) or "the zip is broken") from error


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    is_absolute = parts[0] == "" or parts[0].endswith(":")
    if is_absolute or ".." in parts:
        raise UnreadableZipError(f"the name of its member {name!r} leads out of the zip")
    if not name.isprintable():
        raise UnreadableZipError(f"the name of its member {name!r} cannot be printed")


def _is_meant(name: str) -> bool:
    """Say whether a member is data: what macOS and Excel leave beside each file is not."""
    base = name.rsplit("/", 1)[-1]
    return not base.startswith((".", "~$")) and not name.startswith("__MACOSX/")
