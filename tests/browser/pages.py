"""The sites that are looked at, and a page of every kind."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from nhs_league.cli.app import run
from nhs_league.presentation.templating import asset
from tests.conftest import REPOSITORY
from tests.functional.small import write_small

SAMPLE: Final = "sample"
SMALL: Final = "small"
PAGES: Final = {
    "first page": (SAMPLE, "index.html"),
    "league table": (SAMPLE, "tables/Acute-trust.html"),
    "trusts A to Z": (SAMPLE, "trusts.html"),
    "acute trust": (SAMPLE, "trusts/RYR.html"),
    "ambulance trust": (SAMPLE, "trusts/RX8.html"),
    "measures": (SAMPLE, "metrics.html"),
    "measure": (SAMPLE, "metrics/OF0082.html"),
    "method": (SAMPLE, "method.html"),
    "data": (SAMPLE, "data.html"),
    "league table with names to escape": (SMALL, "tables/Acute-trust.html"),
    "list with a trust that is not ranked": (SMALL, "trusts.html"),
    "trust that is held back": (SMALL, "trusts/AA4.html"),
    "trust that is not ranked": (SMALL, "trusts/AA6.html"),
    "trust without figures": (SMALL, "trusts/AZ9.html"),
}
DOCUMENTS: Final = sorted((REPOSITORY / "tests" / "golden" / "expected").glob("*.html"))
"""A page of every command that `--format html` makes one of, without its stylesheet."""

_NO_FIGURES: Final = "AZ9,Silent NHS Trust,Acute trust,London,QAA,Inner\n"


@dataclass(frozen=True)
class Sites:
    """The folders of the sites by name."""

    folders: dict[str, Path]

    def url(self, page: str) -> str:
        """Give the address of a page by its kind, in the file system."""
        name, path = PAGES[page]
        return (self.folders[name] / path).as_uri()

    def root(self, page: str) -> str:
        """Give the address of the site that a page is of."""
        return f"{self.folders[PAGES[page][0]].as_uri()}/"


def small_site(folder: Path) -> Path:
    """Build a site of the small league, with a trust that has no figures."""
    small = write_small(folder)
    with (small.folder / "organisations.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(_NO_FIGURES)
    site = folder / "site"
    assert run(["report", *small.options, "--output", str(site), "--quiet"]) == 0
    return site


def styled(document: Path, folder: Path) -> str:
    """Put the stylesheet back into a page of a command, and give its address."""
    text = document.read_text("utf-8")
    assert text.count("<style>\n</style>") == 1
    page = folder / document.name
    page.write_text(
        text.replace("<style>\n", f"<style>\n{asset('site.css')}"), encoding="utf-8", newline=""
    )
    return page.as_uri()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
