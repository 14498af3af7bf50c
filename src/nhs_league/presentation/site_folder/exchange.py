"""Put a folder in another's place: in one step where the system can, else in two."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

_CURRENT_FOLDER = -100  # AT_FDCWD, of which an absolute path takes no notice
_EXCHANGE = 2  # RENAME_EXCHANGE


def exchange(new: Path, place: Path) -> None:
    """Let a new folder take a place, and move what was there aside, for ``discard``.

    Raises ``OSError`` with both as they were. Where the system cannot exchange them, there is a
    moment when the place is empty; an interrupt in it puts the old folder back.
    """
    if _renameat2(os.fsencode(new), os.fsencode(place)):
        return
    try:
        place.rename(_aside(new))
        new.rename(place)
    except BaseException:
        with contextlib.suppress(OSError):
            _aside(new).rename(place)
        raise


def discard(new: Path) -> None:
    """Delete what a new folder replaced or, where it replaced nothing, the new folder itself.

    What cannot be deleted stays beside the place, and harms nobody.
    """
    # After an exchange the old folder has the new one's name. After two renames that name is
    # free. Where it is not, an old folder that is still aside may be the only copy.
    _delete(new if os.path.lexists(new) else _aside(new))


def _renameat2(new: bytes, place: bytes) -> bool:
    """Say whether Linux exchanged two paths; why it did not, plain renames will say."""
    try:
        import ctypes

        call = ctypes.CDLL(None).renameat2
    except (ImportError, OSError, TypeError, AttributeError):
        return False
    return bool(call(_CURRENT_FOLDER, new, _CURRENT_FOLDER, place, _EXCHANGE) == 0)


def _aside(new: Path) -> Path:
    return new.with_name(f"{new.name}.old")


def _delete(folder: Path) -> None:
    for path, _, _ in os.walk(folder):
        if not os.access(path, os.W_OK | os.X_OK):  # else nothing in it could be deleted
            with contextlib.suppress(OSError):
                Path(path).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
