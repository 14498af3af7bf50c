"""The peak memory of this process alone."""

from __future__ import annotations

import re
import resource
from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")


def peak_gib() -> float:
    """Give the peak in GiB.

    Linux hands the peak of ``getrusage`` down to what a process starts, so its own is read where it
    is told.
    """
    if STATUS.is_file():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) / 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
