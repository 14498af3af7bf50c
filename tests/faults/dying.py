"""Run the command line, and have a signal sent at a call, at an import, or after some seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, cast

from tests.unit.presentation.site_folder.support import CALLS, failing

CALLS["replace"] = (os, "replace")


class AtImport:
    """Find no module, and send a signal when one is looked for."""

    def __init__(self, name: str, send: Callable[[], None]) -> None:
        self._name, self._send = name, send

    def find_spec(self, name: str, *_where: object) -> None:
        """Send the signal at its module."""
        if name == self._name:
            self._send()


def main() -> None:
    name, point, *arguments = sys.argv[1:]

    def send() -> None:
        os.kill(os.getpid(), getattr(signal, name))

    call, _, rest = point.partition(" ")
    if call == "after":
        timer = threading.Timer(float(rest), send)
        timer.daemon = True
        timer.start()
    elif call == "import":
        sys.meta_path.insert(0, cast("Any", AtImport(rest, send)))
    else:
        number, when = rest.split()
        setattr(*CALLS[call], failing(call, int(number), send, late=when == "late"))
    sys.argv[1:] = arguments
    from nhs_league.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
