"""Several leagues out of one reading of files: the quarters there are, or two to compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nhs_league.api.inputs import checked_league, of_unknown_organisations
from nhs_league.api.leagues import OpenLeague
from nhs_league.errors import DataError, UsageError
from nhs_league.findings import Finding, has_errors, in_order
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.names import Match
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import framework_ids
from nhs_league.scoring.score_choice import ScoreSource
from nhs_league.selection import (
    choose_framework,
    choose_quarter,
    choose_shared_framework,
    quarters_in,
)
from nhs_league.sources.dataset import Dataset, load_data

_Chosen = tuple[Quarter, FrameworkFile]


@dataclass(frozen=True)
class OpenQuarters:
    """Leagues of successive quarters, oldest first, and the quarters that no league is made of.

    ``left_out`` are quarters that the data have, but that none of the frameworks governs.
    """

    leagues: tuple[OpenLeague, ...]
    left_out: tuple[Quarter, ...]

    @property
    def latest(self) -> OpenLeague:
        """Give the latest league."""
        return self.leagues[-1]

    @property
    def dataset(self) -> Dataset:
        """Give the dataset that all of them are made of."""
        return self.latest.dataset

    @property
    def framework_files(self) -> tuple[FrameworkFile, ...]:
        """List the frameworks, each once, in the order of the quarters."""
        return tuple(
            {one.framework_file.sha256: one.framework_file for one in self.leagues}.values()
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """List what was found in any quarter, each finding once."""
        return tuple(in_order(dict.fromkeys(f for one in self.leagues for f in one.findings)))

    def find(self, trust: str) -> Match:
        """Find an organisation by code or name, as it stands in the latest quarter."""
        return self.latest.find(trust)


def open_quarters(
    data: Iterable[str | Path] = (),
    frameworks: Iterable[str | Path] = (),
    *,
    scores: ScoreSource = "auto",
    strict: bool = False,
) -> OpenQuarters:
    """Open every quarter in the data that a framework governs, one reading for all.

    Each quarter has the first of the ``frameworks`` that governs it and has figures in it; without
    any named, the one that the latest quarter's data call for. A framework that governs none of
    the quarters in the data is taken for all of them. Otherwise as ``open_league``.
    """
    named = tuple(load_framework(framework) for framework in frameworks)
    dataset = load_data(data)
    try:
        chosen, left_out = _chosen_quarters(dataset, named)
    except (UsageError, DataError):
        dataset.require_sound()
        raise
    return OpenQuarters(checked_leagues(dataset, chosen, scores, strict=strict), left_out)


def open_pair(
    data: Iterable[str | Path] = (),
    quarters: Sequence[Quarter | str] = (),
    frameworks: Sequence[str | Path] = (),
    *,
    scores: ScoreSource = "auto",
    strict: bool = False,
) -> tuple[OpenLeague, OpenLeague]:
    """Open two leagues to compare: two quarters by one framework, or one by two frameworks.

    Without a framework two quarters have the one that governs both and that most ids in the data
    of both are of; without a quarter two frameworks have the latest that both have figures in.
    Raises as ``open_league`` does, and ``UsageError`` for any other numbers of them, for the same
    one twice, and where the two have nothing in common.
    """
    named = tuple(load_framework(framework) for framework in frameworks)
    dataset = load_data(data)
    try:
        chosen = _chosen_pair(dataset, [str(quarter) for quarter in quarters], named)
    except (UsageError, DataError):
        dataset.require_sound()
        raise
    before, after = checked_leagues(dataset, chosen, scores, strict=strict)
    return before, after


def checked_leagues(
    dataset: Dataset, chosen: Sequence[_Chosen], scores: ScoreSource, *, strict: bool
) -> tuple[OpenLeague, ...]:
    """Check and score every quarter, side by side; all findings are raised together."""
    with ThreadPoolExecutor() as threads:
        outcomes = list(
            threads.map(
                lambda one: checked_league(dataset, one[1].framework, one[0], scores), chosen
            )
        )
    opened, findings = [], list(dataset.findings)
    for (_, file), (league, found) in zip(chosen, outcomes, strict=True):
        findings += found
        if league is not None:
            own = in_order([*dataset.findings, *found])
            opened.append(OpenLeague(league, dataset, file, tuple(own)))
    findings = in_order(dict.fromkeys(findings))
    if len(opened) < len(chosen) or has_errors(findings, strict=strict):
        raise DataError("the data cannot be used", findings)
    return tuple(opened)


def _chosen_quarters(
    dataset: Dataset, named: Sequence[FrameworkFile]
) -> tuple[list[_Chosen], tuple[Quarter, ...]]:
    """Choose the framework of each quarter; the quarters without one are listed beside."""
    observations = dataset.observations
    frameworks = named
    if not named:
        latest = choose_quarter(observations, None, None)
        frameworks = [choose_framework(observations, load_shipped_frameworks(), latest)]
    measured = {file.sha256: quarters_of(observations, file) for file in frameworks}
    every = quarters_in(observations.filter(pl.col("first_month").is_not_null()))
    chosen: list[_Chosen] = []
    for quarter in every:
        having = [file for file in frameworks if quarter in measured[file.sha256]]
        governing = [file for file in having if _governs(file, quarter, every)]
        if governing:
            chosen.append((quarter, governing[0]))
    if not chosen:
        ids = " and ".join(file.framework.id for file in frameworks)
        message = f"the data hold no observation for the metrics of {ids}"
        raise DataError(message, of_unknown_organisations(dataset))
    taken = {quarter for quarter, _ in chosen}
    return chosen, tuple(quarter for quarter in every if quarter not in taken)


def _governs(file: FrameworkFile, quarter: Quarter, every: Sequence[Quarter]) -> bool:
    """Say whether a framework governs a quarter, or none of those there are."""
    applies = file.framework.applies_to
    return applies.includes(quarter) or not any(applies.includes(each) for each in every)


def quarters_of(observations: pl.DataFrame, file: FrameworkFile) -> list[Quarter]:
    """List the quarters that the data have figures in for a framework."""
    ids = framework_ids(file.framework)
    return quarters_in(
        observations.filter(pl.col("metric_id").is_in(ids), pl.col("first_month").is_not_null())
    )


def _chosen_pair(
    dataset: Dataset, quarters: Sequence[str], named: Sequence[FrameworkFile]
) -> list[_Chosen]:
    observations = dataset.observations
    if len(quarters) == 2 and len(named) <= 1:
        asked = [
            choose_quarter(observations, named[0].framework if named else None, quarter)
            for quarter in quarters
        ]
        if asked[0] == asked[1]:
            raise UsageError(f"{asked[0]} is compared with itself: name two quarters")
        file = named[0] if named else _shared_framework(observations, asked)
        return [(quarter, file) for quarter in asked]
    if len(named) == 2 and len(quarters) <= 1:
        if named[0].sha256 == named[1].sha256:
            raise UsageError(
                f"{named[0].framework.id} is compared with itself: name two frameworks"
            )
        quarter = _shared_quarter(observations, named, quarters[0] if quarters else None)
        return [(quarter, file) for file in named]
    raise UsageError(
        "compare takes two quarters and at most one framework, or two frameworks and at most one "
        f"quarter; given: {_how_many(len(quarters), 'quarter')} and "
        f"{_how_many(len(named), 'framework')}"
    )


def _how_many(amount: int, noun: str) -> str:
    return f"{amount or 'no'} {noun}" if amount < 2 else f"{amount} {noun}s"


def _shared_framework(observations: pl.DataFrame, quarters: Sequence[Quarter]) -> FrameworkFile:
    return choose_shared_framework(observations, load_shipped_frameworks(), quarters)


def _shared_quarter(
    observations: pl.DataFrame, named: Sequence[FrameworkFile], asked: str | None
) -> Quarter:
    """Give the quarter asked for, or the latest that both frameworks have figures in."""
    if asked is not None:
        chosen = [choose_quarter(observations, file.framework, asked) for file in named]
        return chosen[0]
    having = [set(quarters_of(observations, file)) for file in named]
    shared = sorted(set.intersection(*having))
    if not shared:
        ids = " and ".join(file.framework.id for file in named)
        raise UsageError(f"the data have no quarter with figures for both {ids}")
    return shared[-1]
