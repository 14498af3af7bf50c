"""What every command that needs a league does first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from nhs_league.api.leagues import OpenLeague, open_league
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.options import DATA_VARIABLE
from nhs_league.errors import UsageError
from nhs_league.names import Match
from nhs_league.provenance import manifest
from nhs_league.scoring.score_choice import ScoreSource

if TYPE_CHECKING:
    from nhs_league.analysis.robustness.robustness import Robustness


@dataclass(frozen=True)
class Request:
    """The league that the shared options ask for."""

    data: Sequence[Path] = ()
    framework: str | None = None
    quarter: str | None = None
    scores: ScoreSource = "auto"
    strict: bool = False


@dataclass(frozen=True)
class SeveralRequest:
    """Several leagues: ``tables`` are the quarters, or saved tables, that are named."""

    data: Sequence[Path] = ()
    frameworks: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
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


class Findable(Protocol):
    """What organisations can be found in: a league, or several."""

    def find(self, trust: str) -> Match:
        """Find an organisation by code or name."""
        ...


def find_trust(diagnostics: Diagnostics, opened: Findable, asked: str) -> str:
    """Give the code of the organisation that is meant, and note another name that told it."""
    match = opened.find(asked)
    if match.note:
        diagnostics.note(match.note)
    return match.org_code


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


def league_title(opened: OpenLeague, said: str = "", *, whose: str = "") -> str:
    """Head a page on a league, or on one of its trusts, with framework and quarter."""
    league = opened.league
    parts = filter(None, (whose, league.framework.title, said))
    return f"{': '.join(parts)}, {league.quarter.long_label}"


def draw_ranges(
    diagnostics: Diagnostics, opened: OpenLeague, *, asked: bool, seed: int | None
) -> Robustness | None:
    """Draw the likely ranges that the user or the framework asks for; none where nobody does.

    Where only the framework asks and there is nothing to draw, a note says so. Raises
    ``UsageError`` where the user asks, and for a seed that nothing would be drawn with.
    """
    if not asked and not opened.league.framework.likely_ranges:
        if seed is not None:
            raise UsageError("--seed is for --ranges: nothing else here is left to chance")
        return None
    from nhs_league.analysis.robustness.chance import DEFAULT_SEED
    from nhs_league.analysis.robustness.robustness import Design, robustness

    design = Design(seed=DEFAULT_SEED if seed is None else seed)
    try:
        with diagnostics.progress("Drawing replicates") as report:
            return robustness(opened.league, design, report)
    except UsageError as error:
        if asked:
            raise
        diagnostics.note(f"without the likely ranges that the framework asks for: {error.message}")
        return None


def ranges_account(drawn: Robustness | None) -> dict[str, Any]:
    """Account for how likely ranges were drawn, where they were."""
    if drawn is None:
        return {}
    return {"seed": drawn.design.seed, "likely_ranges": drawn.design.stated()}


def announce_sample(diagnostics: Diagnostics, data: Sequence[Path]) -> None:
    """Say that the bundled sample is used, where no data are named."""
    if not data:
        diagnostics.note(
            f"using the bundled sample of real figures; --data or {DATA_VARIABLE} names others"
        )
