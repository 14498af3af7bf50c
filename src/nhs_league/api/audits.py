"""An audit out of files: every quarter that they publish something for, recomputed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nhs_league.api.inputs import Inputs, checked_league, read_inputs
from nhs_league.errors import DataError, UsageError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.quarter import Quarter
from nhs_league.scoring.score_choice import ScoreSource
from nhs_league.selection import quarters_in
from nhs_league.sources.dataset import Dataset

if TYPE_CHECKING:
    from nhs_league.analysis.audit import Audit


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
        league, found = checked_league(dataset, one[1].framework, one[0], scores)
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
