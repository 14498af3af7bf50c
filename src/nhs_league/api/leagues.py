"""A league out of files: loaded, chosen, checked, scored and ranked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhs_league.api.inputs import checked_league, read_inputs
from nhs_league.errors import DataError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.league import League
from nhs_league.names import Match, find_organisation
from nhs_league.quarter import Quarter
from nhs_league.scoring.score_choice import ScoreSource
from nhs_league.sources.dataset import Dataset

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
        """Find an organisation by code or name; a closed one is followed to its successor."""
        return find_organisation(
            trust,
            self.dataset.organisations,
            successions=self.dataset.successions,
            quarter=self.league.quarter,
        )

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
    id of a shipped one or a path; ``quarter`` is in any spelling; ``scores`` as in
    ``league.score``. Raises ``UsageError``, ``FrameworkError``, or ``DataError`` with all findings
    if any is an error (with ``strict``, a warning).
    """
    inputs = read_inputs(data, framework, quarter)
    file, chosen = inputs.choose(quarter)
    league, checked = checked_league(inputs.dataset, file.framework, chosen, scores)
    findings = in_order([*inputs.dataset.findings, *checked])
    if league is None or has_errors(findings, strict=strict):
        raise DataError("the data cannot be used", findings)
    return OpenLeague(league, inputs.dataset, file, tuple(findings))
