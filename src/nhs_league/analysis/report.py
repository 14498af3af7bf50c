"""All that a report tells of a league: ranks, how sure they are, and what moved since before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from nhs_league.analysis.comparison.comparison import Comparison, compare_quarters
from nhs_league.analysis.comparison.successors import followed_codes, mergers_between
from nhs_league.analysis.explain import Explanation, explanations
from nhs_league.analysis.rankings import ranking
from nhs_league.analysis.robustness.robustness import Design, Robustness, robustness
from nhs_league.analysis.robustness.sampling import Report as Progress
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns


@dataclass(frozen=True)
class Report:
    """A league with what its pages tell beside it.

    ``earlier`` are leagues of earlier quarters by the same framework, oldest first; the last of
    them is what the league is compared with. ``drawn`` has the likely ranges and ``comparison``
    what moved; either is none where it cannot be told, and ``notes`` then say why.
    ``former_codes`` has for each of the earlier leagues the codes that organisations had then, by
    those that they have now, of those that changed it. ``design`` says how replicates are drawn.
    """

    league: League
    earlier: tuple[League, ...]
    former_codes: tuple[Mapping[str, str], ...]
    drawn: Robustness | None
    comparison: Comparison | None
    notes: tuple[str, ...]
    design: Design

    @property
    def leagues(self) -> tuple[League, ...]:
        """List the quarters, oldest first, up to the one that is reported."""
        return (*self.earlier, self.league)

    def table(self) -> pl.DataFrame:
        """Lay the league out as ``rank --ranges`` does, under ``RANKING_COLUMNS``."""
        return ranking(self.league, self.drawn.ranges if self.drawn else None)

    def explanations(self) -> Iterator[Explanation]:
        """Explain every organisation that has a figure, by code."""
        return explanations(self.league, self.league.standings[columns.ORG_CODE].sort().to_list())

    def earlier_explanations(self) -> dict[str, Explanation]:
        """Explain the quarter before, under the codes that organisations have now."""
        if self.comparison is None:
            return {}
        before = self.earlier[-1]
        now = {then: code for code, then in self.former_codes[-1].items()}
        codes = before.standings[columns.ORG_CODE].to_list()
        return {now.get(each.org_code, each.org_code): each for each in explanations(before, codes)}


def report_of(
    league: League,
    earlier: Sequence[League] = (),
    successions: pl.DataFrame | None = None,
    *,
    design: Design | None = None,
    progress: Progress | None = None,
) -> Report:
    """Work out what a report tells.

    ``earlier`` are the quarters before by the same framework, oldest first, and ``successions``
    tell who became part of whom. A league whose ranges cannot be drawn, or that cannot be
    compared with the quarter before, is reported without, and a note says why.
    """
    notes: list[str] = []
    design = design or Design()
    design.check()
    drawn, comparison = None, None
    try:
        drawn = robustness(league, design, progress)
    except UsageError as error:
        notes.append(f"There are no likely ranges: {error.message}.")
    if earlier:
        try:
            comparison = compare_quarters(
                earlier[-1],
                league,
                successions,
                replicates=design.replicates,
                seed=design.seed,
            )
        except UsageError as error:
            notes.append(f"There is no comparison with {earlier[-1].quarter}: {error.message}.")
    codes = tuple(_former_codes(before, league, successions) for before in earlier)
    return Report(league, tuple(earlier), codes, drawn, comparison, tuple(notes), design)


def _former_codes(
    before: League, league: League, successions: pl.DataFrame | None
) -> Mapping[str, str]:
    if successions is None:
        return {}
    followed = followed_codes(mergers_between(before, league, successions), before, league)
    return {now: then for then, now in followed.items()}
