"""Standard output and output files: the only place that writes results."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nhs_league.cli.diagnostics import give_up_output
from nhs_league.errors import OutputError, UsageError
from nhs_league.presentation.format_names import BINARY, PICTURES, SUFFIXES, Format
from nhs_league.presentation.formats import Result, manifest_bytes, render_data
from nhs_league.presentation.plain import render_plain
from nhs_league.presentation.strips import CHARACTERS, in_ascii

Colour = Literal["auto", "always", "never"]

_WIDE = 400
"""The columns of a coloured table that nobody's terminal limits."""


@dataclass(frozen=True)
class Destination:
    """Where a result goes and how: ``format_`` none follows the file's suffix, else a table.

    Raises ``UsageError`` where that is a picture, and the result ``can_be_drawn`` not.
    """

    format_: Format | None = None
    path: Path | None = None
    colour: Colour = "auto"
    can_be_drawn: bool = False

    def __post_init__(self) -> None:
        if self.chosen_format in PICTURES and not self.can_be_drawn:
            raise UsageError(
                "there is no picture of this: rank draws one, and explain without --history"
            )

    @property
    def chosen_format(self) -> Format:
        """Give the format named, or the one that the file's suffix asks for."""
        if self.format_ is not None:
            return self.format_
        return SUFFIXES.get(self.path.suffix.lower(), "table") if self.path else "table"


def write_result(result: Result, destination: Destination) -> None:
    """Write a result whole or not at all.

    A file has a manifest beside it, unless its format carries one. Raises ``OutputError`` where
    it cannot be written, and ``UsageError`` for a binary format on a terminal.
    """
    format_ = destination.chosen_format
    if destination.path is None:
        if format_ in BINARY and is_terminal():
            raise UsageError(
                f"{BINARY[format_]} is not for a terminal; give --output FILE or a pipe"
            )
        write_stdout(_rendered(result, format_, destination))
        return
    files = {destination.path: _rendered(result, format_, destination)}
    if format_ != "json":
        files[Path(f"{destination.path}.manifest.json")] = manifest_bytes(result)
    _write_files(files)


def write_content(content: bytes, destination: Destination) -> None:
    """Write bytes that are final already, to a file or to standard output."""
    if destination.path is None:
        write_stdout(content)
    else:
        _write_files({destination.path: content})


def is_terminal() -> bool:
    """Say whether standard output is a terminal; ``FORCE_COLOR`` and the like have no say."""
    return sys.stdout is not None and sys.stdout.isatty()


def write_stdout(content: bytes) -> None:
    """Write bytes to standard output; a reader who has had enough is no error."""
    if sys.stdout is None:
        raise OutputError("cannot write: standard output is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        give_up_output()
    except OSError as error:
        give_up_output()
        raise OutputError(f"cannot write to standard output: {error.strerror or error}") from error


def _rendered(result: Result, format_: Format, destination: Destination) -> bytes:
    if format_ != "table":
        return render_data(result, format_)
    encoding = "utf-8"
    if destination.path is None and sys.stdout is not None:
        encoding = sys.stdout.encoding or encoding
    width, colour = _width(destination), _has_colour(destination)
    ascii_only = not _encodes_boxes(encoding)
    if width is None and not colour:
        text = render_plain(result.document(), ascii_only=ascii_only)
    else:
        from nhs_league.presentation.terminal import render_terminal

        text = render_terminal(
            result.document(), width=width or _WIDE, colour=colour, ascii_only=ascii_only
        )
    if ascii_only:
        text = in_ascii(text)
    return text.encode(encoding, "replace")


def _width(destination: Destination) -> int | None:
    """Give the columns to fit in; none where nobody is looking, so that nothing is cut short."""
    if destination.path is not None:
        return None
    if is_terminal():
        import shutil

        return shutil.get_terminal_size().columns
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) > 0 else None


def _has_colour(destination: Destination) -> bool:
    if destination.colour == "auto":
        is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return destination.path is None and is_terminal() and not is_plain
    return destination.colour == "always"


def _encodes_boxes(encoding: str) -> bool:
    try:
        f"\u2550{CHARACTERS}".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _write_files(files: dict[Path, bytes]) -> None:
    """Write every file beside its place first, and only then move them all there.

    A link stays, and what it leads to is replaced; a pipe or a device is written to as it is.
    """
    for path in [path for path in files if path.exists() and not (path.is_file() or path.is_dir())]:
        try:
            path.write_bytes(files.pop(path))
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    with contextlib.ExitStack() as stack:
        temporary = {
            path: stack.enter_context(_beside(path, content)) for path, content in files.items()
        }
        for path, written in temporary.items():
            try:
                written.replace(path.resolve())
            except OSError as error:
                raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    import tempfile

    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.resolve().parent)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        written.chmod(0o666 & ~_umask())
        yield written
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        written.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
