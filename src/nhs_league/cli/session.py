"""What every command that needs a league does first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from nhs_league.api import OpenLeague, open_league
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.options import DATA_VARIABLE
from nhs_league.provenance import manifest
from nhs_league.scoring.score_choice import ScoreSource


@dataclass(frozen=True)
class Request:
    """The league that the shared options ask for."""

    data: Sequence[Path] = ()
    framework: str | None = None
    quarter: str | None = None
    scores: ScoreSource = "auto"
    strict: bool = False


class Filters(TypedDict):
    """Which part of the table is shown; they apply after ranking."""

    peer_group: str | None
    region: str | None
    icb: str | None
    top: int | None
    bottom: int | None


def open_session(diagnostics: Diagnostics, request: Request) -> OpenLeague:
    """Open the league that is asked for, and narrate what is notable about it."""
    announce_sample(diagnostics, request.data)
    opened = open_league(
        request.data,
        request.framework,
        request.quarter,
        scores=request.scores,
        strict=request.strict,
    )
    diagnostics.warnings(opened.findings)
    return opened


def league_manifest(command: str, opened: OpenLeague, request: Request, **more: Any) -> Any:
    """Account for a result that was drawn from a league."""
    return manifest(
        command,
        framework=opened.framework_file,
        quarter=opened.league.quarter,
        files=opened.dataset.files,
        scores=request.scores,
        **more,
    )


def announce_sample(diagnostics: Diagnostics, data: Sequence[Path]) -> None:
    """Say that the bundled sample is used, where no data are named."""
    if not data:
        diagnostics.note(
            f"using the bundled sample of real figures; --data or {DATA_VARIABLE} names others"
        )
