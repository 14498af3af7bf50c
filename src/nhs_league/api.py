"""Everything that the commands do, as functions: see ``docs/api.md``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhs_league.errors import DataError, UsageError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.framework.model import Framework
from nhs_league.league import League, score_figures
from nhs_league.names import Match, find_organisation
from nhs_league.quarter import InvalidQuarterError, Quarter
from nhs_league.scoring.measure import quarter_figures
from nhs_league.scoring.score_choice import ScoreSource
from nhs_league.selection import choose_framework, choose_quarter, quarters_in
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.validation import validate

if TYPE_CHECKING:
    from nhs_league.analysis.audit import Audit
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


@dataclass(frozen=True)
class Inputs:
    """What is read before anything is chosen: the data, and the frameworks to choose from."""

    dataset: Dataset
    frameworks: tuple[FrameworkFile, ...]
    is_named: bool

    def framework_of(self, quarter: Quarter) -> FrameworkFile:
        """Give the framework that is named, else the one that the quarter's data call for.

        Raises ``UsageError`` where no framework fits.
        """
        if self.is_named:
            return self.frameworks[0]
        return choose_framework(self.dataset.observations, self.frameworks, quarter)

    def choose(self, quarter: Quarter | str | None) -> tuple[FrameworkFile, Quarter]:
        """Choose framework and quarter: those named, else those that the data call for.

        Raises ``UsageError`` or ``DataError`` where the data have nothing for them, and instead
        ``DataError`` with all findings where the data are not sound.
        """
        asked = None if quarter is None else str(quarter)
        named = self.frameworks[0].framework if self.is_named else None
        try:
            chosen = choose_quarter(self.dataset.observations, named, asked)
            return self.framework_of(chosen), chosen
        except InvalidQuarterError:
            raise
        except (UsageError, DataError):
            # What is wrong with the files may be why nothing in them fits, and is said instead.
            self.dataset.require_sound()
            raise


def read_inputs(data: Iterable[str | Path], framework: str | Path | None) -> Inputs:
    """Read data and frameworks, side by side.

    Raises ``DataError`` for a path that cannot be read, ``UsageError`` or ``FrameworkError`` for
    a framework that is named and unknown or invalid.
    """
    with ThreadPoolExecutor(1) as thread:
        frameworks = thread.submit(
            lambda: (
                tuple(load_shipped_frameworks())
                if framework is None
                else (load_framework(framework),)
            )
        )
        dataset = load_data(data)
        return Inputs(dataset, frameworks.result(), framework is not None)


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
    inputs = read_inputs(data, framework)
    file, chosen = inputs.choose(quarter)
    league, checked = _checked_league(inputs.dataset, file.framework, chosen, scores)
    findings = in_order([*inputs.dataset.findings, *checked])
    if league is None or has_errors(findings, strict=strict):
        raise DataError("the data cannot be used", findings)
    return OpenLeague(league, inputs.dataset, file, tuple(findings))


def _checked_league(
    dataset: Dataset, framework: Framework, quarter: Quarter, scores: ScoreSource
) -> tuple[League | None, list[Finding]]:
    """Check a quarter's data and score them; unsound data are not scored."""
    figures = quarter_figures(dataset.observations, framework, quarter)
    findings = validate(
        dataset.observations, dataset.organisations, framework, quarter, figures=figures
    )
    if has_errors([*dataset.findings, *findings]):
        return None, findings
    return score_figures(figures, dataset.organisations, framework, quarter, scores), findings


@dataclass(frozen=True)
class OpenAudit:
    """An audit with the files that it was made from and what was found on the way.

    ``quarters`` are those audited, each with the framework that it was audited by.
    """

    audit: Audit
    quarters: tuple[tuple[Quarter, FrameworkFile], ...]
    dataset: Dataset
    findings: tuple[Finding, ...]


def open_audit(
    data: Iterable[str | Path] = (),
    framework: str | Path | None = None,
    quarter: Quarter | str | None = None,
    *,
    scores: ScoreSource = "auto",
    tolerance: float = 0.01,
    strict: bool = False,
) -> OpenAudit:
    """Load data and hold everything that they publish against what follows from them.

    Takes what ``open_league`` takes; without a quarter, every quarter with published results is
    audited. Raises as ``open_league`` does, and ``UsageError`` where nothing is published.
    """
    from nhs_league.analysis.audit import audit, together

    inputs = read_inputs(data, framework)
    dataset = inputs.dataset
    asked = None if quarter is None else Quarter.parse(str(quarter))
    chosen = _published_quarters(inputs, asked)
    if not chosen:
        dataset.require_sound()
        when = "" if asked is None else f" for {asked}, {asked.long_label}"
        raise UsageError(f"the data publish no scores or results{when}: there is nothing to audit")

    def audited(one: tuple[Quarter, FrameworkFile]) -> tuple[Audit | None, list[Finding]]:
        league, found = _checked_league(dataset, one[1].framework, one[0], scores)
        return (audit(league, dataset.observations, tolerance) if league else None), found

    # No quarter waits for another, and the engine leaves Python free while it works.
    with ThreadPoolExecutor() as threads:
        outcomes = list(threads.map(audited, chosen))
    # Much that is found in one quarter is found in the next in the same words.
    found = [finding for _, of_quarter in outcomes for finding in of_quarter]
    findings = in_order(dict.fromkeys([*dataset.findings, *found]))
    audits = [made for made, _ in outcomes if made is not None]
    if len(audits) < len(chosen) or has_errors(findings, strict=strict):
        raise DataError("the data cannot be used", findings)
    return OpenAudit(together(audits), tuple(chosen), dataset, tuple(findings))


def _published_quarters(
    inputs: Inputs, asked: Quarter | None
) -> list[tuple[Quarter, FrameworkFile]]:
    """List the quarters, or the one asked for, that the data publish something for."""
    from nhs_league.analysis.audit import publishes_results

    observations = inputs.dataset.observations
    found = []
    for quarter in quarters_in(observations):
        if asked in (None, quarter):
            with contextlib.suppress(UsageError):
                file = inputs.framework_of(quarter)
                if publishes_results(observations, file.framework, quarter):
                    found.append((quarter, file))
    return found
