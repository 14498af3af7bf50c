"""Standard output and output files: the only place that writes results."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nhs_league.cli.diagnostics import give_up_output
from nhs_league.errors import OutputError, UsageError
from nhs_league.presentation.format_names import BINARY, PICTURES, SUFFIXES, Format
from nhs_league.presentation.formats import Result, manifest_bytes, render_data
from nhs_league.presentation.plain import render_plain
from nhs_league.presentation.strips import CHARACTERS, in_ascii
from nhs_league.replacing import HeldSignals, held_signals, hidden_beside, spoken

Colour = Literal["auto", "always", "never"]

_WIDE = 400
"""The columns of a coloured table that nobody's terminal limits."""

_ATTEMPTS = 100
"""How often a file and its account are written again that another run writes, too."""


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

    A file has a manifest beside it, unless its format carries one; a pipe has none. Raises
    ``OutputError`` where it cannot be written, and ``UsageError`` for a binary format on a
    terminal, and where it would take the place of what it was made of.
    """
    format_ = destination.chosen_format
    if destination.path is None:
        if format_ in BINARY and is_terminal():
            raise UsageError(
                f"{BINARY[format_]} is not for a terminal; give --output FILE or a pipe"
            )
        write_stdout(_rendered(result, format_, destination))
        return
    _spare_inputs(destination.path, result.meta)
    account = None if format_ == "json" else manifest_bytes(result)
    _write_file(destination.path, _rendered(result, format_, destination), account)


def write_content(content: bytes, destination: Destination) -> None:
    """Write bytes that are final already, to a file or to standard output."""
    if destination.path is None:
        write_stdout(content)
    else:
        _write_file(destination.path, content)


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


def _spare_inputs(path: Path, account: Mapping[str, Any]) -> None:
    """See that no file is lost that a result was made of. Raises ``UsageError``."""
    if _is_stream(path) or not path.is_file():
        return
    stated = [account.get("framework"), *account.get("frameworks", ()), *account.get("inputs", ())]
    with contextlib.suppress(OSError), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if any(each and each.get("sha256") == digest for each in stated):
            raise UsageError(f"{path} is one of the files that were read: write to another")


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


def _write_file(path: Path, content: bytes, account: bytes | None = None) -> None:
    """Write a file and its account, and see that both are of this run.

    A link stays, and what it leads to is replaced; a pipe or a device is written to as it is, and
    has no account.
    """
    if _is_stream(path):
        with spoken(path):
            path.write_bytes(content)
        return
    beside = Path(f"{path}.manifest.json")
    if account is not None and _is_stream(beside):
        with spoken(beside):
            beside.write_bytes(account)
        account = None
    files = {path: content} if account is None else {path: content, beside: account}
    for _ in range(_ATTEMPTS):
        with held_signals() as held:
            _put(files, held)
        if account is None or not any(_is_overtaken(*file) for file in files.items()):
            return
    raise OutputError(f"cannot write {path}: something else keeps writing it")


def _put(files: Mapping[Path, bytes], held: HeldSignals) -> None:
    """Write a file, and its account if it has one, beside their places, and then move them there.

    The old account goes before the file does: a run that is killed may leave none, but never that
    of another file.
    """
    with contextlib.ExitStack() as stack:
        written = {
            path: stack.enter_context(_beside(path, content)) for path, content in files.items()
        }
        held.check()
        path, *accounts = files
        with contextlib.ExitStack() as old:
            for account in accounts:
                old.enter_context(_without(account))
            _move(written[path], path)
        for account in accounts:
            _move(written[account], account)


def _move(new: Path, path: Path) -> None:
    with spoken(path):
        new.replace(path.resolve())


@contextlib.contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    with spoken(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
    new = hidden_beside(path.resolve())
    try:
        with spoken(path), new.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield new
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


@contextlib.contextmanager
def _without(account: Path) -> Iterator[None]:
    """Take an old account away, and put it back where the new file cannot be put."""
    place = account.resolve()
    old = hidden_beside(place)
    with spoken(account), contextlib.suppress(FileNotFoundError):
        place.rename(old)
    try:
        yield
    except OutputError:
        with contextlib.suppress(OSError):
            old.rename(place)
        raise
    finally:
        with contextlib.suppress(OSError):
            old.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    """Say whether a path leads to a pipe or a device. Raises ``OutputError`` for no sound path."""
    with spoken(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _is_overtaken(path: Path, content: bytes) -> bool:
    """Say whether another run has put its own there: its file might stand beside our account."""
    try:
        return path.read_bytes() != content
    except OSError:
        return False
