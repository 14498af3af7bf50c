"""Everything that the commands do, as functions: see ``docs/api.md``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhs_league.errors import DataError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.league import League, ScoreSource, score_figures
from nhs_league.names import Match, find_organisation
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import quarter_figures
from nhs_league.selection import choose_framework, choose_quarter
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.validation import validate

if TYPE_CHECKING:
    from nhs_league.analysis.explain import Explanation


@dataclass(frozen=True)
class OpenLeague:
    """A league with the files it was made from and what was found on the way."""

    league: League
    dataset: Dataset
    framework_file: FrameworkFile
    findings: tuple[Finding, ...]

    def find(self, trust: str) -> Match:
        """Find an organisation of the league's register by code or name."""
        return find_organisation(trust, self.dataset.organisations)

    def explain(self, trust: str) -> Explanation:
        """Explain the rank of an organisation, found by code or name."""
        from nhs_league.analysis.explain import explain

        return explain(self.league, self.find(trust).org_code)


def open_league(
    data: Iterable[str | Path] = (),
    framework: str | Path | None = None,
    quarter: Quarter | str | None = None,
    *,
    scores: ScoreSource = "auto",
    strict: bool = False,
) -> OpenLeague:
    """Load data, choose framework and quarter where none is named, check, score and rank.

    ``data`` are files, folders, globs or zips (default: the bundled sample); ``framework`` is the
    id of a shipped one or a path; ``quarter`` is in any spelling. Raises ``UsageError``,
    ``FrameworkError``, or ``DataError`` with all findings if any is an error (with ``strict``, a
    warning).
    """
    dataset = load_data(data)
    file, chosen = choose(dataset, framework, quarter)
    figures = quarter_figures(dataset.observations, file.framework, chosen)
    checked = validate(
        dataset.observations, dataset.organisations, file.framework, chosen, figures=figures
    )
    findings = in_order([*dataset.findings, *checked])
    if has_errors(findings, strict=strict):
        raise DataError("the data cannot be used", findings)
    league = score_figures(figures, dataset.organisations, file.framework, chosen, scores)
    return OpenLeague(league, dataset, file, tuple(findings))


def choose(
    dataset: Dataset, framework: str | Path | None, quarter: Quarter | str | None
) -> tuple[FrameworkFile, Quarter]:
    """Choose the framework and the quarter: those named, else those that the data call for."""
    asked = None if quarter is None else str(quarter)
    if framework is not None:
        file = load_framework(framework)
        return file, choose_quarter(dataset.observations, file.framework, asked)
    dataset.require_sound()
    shipped = list(load_shipped_frameworks())
    chosen = choose_quarter(dataset.observations, None, asked)
    return choose_framework(dataset.observations, shipped, chosen), chosen
