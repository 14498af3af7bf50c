"""Everything that the commands do, as functions: see ``docs/api.md``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhs_league.errors import DataError, UsageError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.league import League, ScoreSource, score_figures
from nhs_league.names import Match, find_organisation
from nhs_league.quarter import InvalidQuarterError, Quarter
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
    """Choose the framework and the quarter: those named, else those that the data call for.

    Raises ``UsageError`` or ``DataError`` where the data have nothing for them, and instead
    ``DataError`` with all findings where the data are not sound.
    """
    asked = None if quarter is None else str(quarter)
    observations = dataset.observations
    named = None if framework is None else load_framework(framework)
    try:
        chosen = choose_quarter(observations, named.framework if named else None, asked)
        return named or choose_framework(observations, load_shipped_frameworks(), chosen), chosen
    except InvalidQuarterError:
        raise
    except (UsageError, DataError):
        # What is wrong with the files may be why nothing in them fits, and is said instead.
        dataset.require_sound()
        raise
