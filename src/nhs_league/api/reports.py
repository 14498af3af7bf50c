"""What a report is made of, out of files: a quarter, and those before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nhs_league.analysis.report import Report, report_of
from nhs_league.analysis.robustness.robustness import Design
from nhs_league.analysis.robustness.sampling import Report as Progress
from nhs_league.api.inputs import read_inputs
from nhs_league.api.leagues import OpenLeague
from nhs_league.api.quarters import checked_leagues, quarters_of
from nhs_league.quarter import Quarter
from nhs_league.scoring.score_choice import ScoreSource

_LOOKS_BACK: Final = 7
"""The quarters before the reported one that a report tells of: two years in all."""


@dataclass(frozen=True)
class OpenReport:
    """The league of the quarter that is reported, and those of the quarters before."""

    opened: OpenLeague
    earlier: tuple[OpenLeague, ...]

    def report(self, *, design: Design | None = None, progress: Progress | None = None) -> Report:
        """Work out what the report tells, as ``analysis.report.report_of`` does."""
        return report_of(
            self.opened.league,
            [one.league for one in self.earlier],
            self.opened.dataset.successions,
            design=design,
            progress=progress,
        )


def open_report(
    data: Iterable[str | Path] = (),
    framework: str | Path | None = None,
    quarter: Quarter | str | None = None,
    *,
    scores: ScoreSource = "auto",
    strict: bool = False,
) -> OpenReport:
    """Open a quarter, and those before it, of two years, that the data have.

    They are quarters that the framework of the reported one governs. Otherwise as ``open_league``:
    the findings of all of them are raised together.
    """
    inputs = read_inputs(data, framework)
    file, chosen = inputs.choose(quarter)
    earlier = [
        one
        for one in quarters_of(inputs.dataset.observations, file)
        if one < chosen and file.framework.applies_to.includes(one)
    ]
    leagues = checked_leagues(
        inputs.dataset,
        [(one, file) for one in (*earlier[-_LOOKS_BACK:], chosen)],
        scores,
        strict=strict,
    )
    return OpenReport(leagues[-1], leagues[:-1])
