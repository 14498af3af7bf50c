"""A site built once from the bundled sample, for every test that looks at it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from nhs_league.cli.app import run

QUARTER = "2025Q3"
_PATIENCE = 300.0


def built_site(base: Path) -> Path:
    """Build the site in a folder that all workers share; the first does it, the others wait."""
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    site = shared / "site"
    try:
        (shared / "site.begun").mkdir()
    except FileExistsError:
        until = time.monotonic() + _PATIENCE
        while not site.is_dir():
            assert time.monotonic() < until, "the site was not built"
            time.sleep(0.1)
        return site
    assert run(["report", "--quarter", QUARTER, "--output", str(site), "--quiet"]) == 0
    return site
