"""What every command that needs a league does first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nhs_league.api import OpenLeague, open_league
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.options import DATA_VARIABLE


def open_session(
    diagnostics: Diagnostics,
    *,
    data: Sequence[Path] | None,
    framework: str | None,
    quarter: str | None,
    strict: bool,
) -> OpenLeague:
    """Open the league that the shared options ask for, and narrate what is notable about it."""
    announce_sample(diagnostics, data)
    opened = open_league(data or (), framework, quarter, strict=strict)
    diagnostics.warnings(opened.findings)
    return opened


def announce_sample(diagnostics: Diagnostics, data: Sequence[Path] | None) -> None:
    """Say that the bundled sample is used, where no data are named."""
    if not data:
        diagnostics.note(
            f"using the bundled sample of real figures; --data or {DATA_VARIABLE} names others"
        )
