"""What a site is built from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from nhs_league.analysis.rankings import ranking
from nhs_league.analysis.report import Report
from nhs_league.findings import Finding
from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.framework.model import Framework
from nhs_league.league import League
from nhs_league.presentation.league_tables import ranked_noun
from nhs_league.presentation.site.paths import Paths
from nhs_league.presentation.text import NOTHING, capitalised
from nhs_league.provenance import manifest
from nhs_league.scoring import columns
from nhs_league.sources.reports import FileReport

Row = Mapping[str, Any]

_OPEN_LICENCES = ("OGL", "Open Government Licence")
EVERYBODY = "All organisations"
"""The group where all organisations are ranked together."""


@dataclass(frozen=True)
class Group:
    """What is ranked together: its rows of the table, in order, and its name in a sentence."""

    name: str
    noun: str
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Give its name in the plural, for a heading."""
        return capitalised(self.noun)

    @property
    def ranked(self) -> list[Row]:
        """List the rows that have a rank."""
        return [row for row in self.rows if row["rank"] is not None]


@dataclass(frozen=True)
class SiteSource:
    """A report, and where it came from."""

    report: Report
    framework_file: FrameworkFile
    files: Sequence[FileReport]
    findings: Sequence[Finding]

    @property
    def league(self) -> League:
        """Give the league that is reported."""
        return self.report.league

    @property
    def framework(self) -> Framework:
        """Give the framework of the league."""
        return self.league.framework

    @property
    def is_public_information(self) -> bool:
        """Say whether any metric is stated to be under the Open Government Licence."""
        return any(
            metric.source is not None and metric.source.licence.startswith(_OPEN_LICENCES)
            for metric in self.framework.metrics.values()
        )

    @cached_property
    def account(self) -> Mapping[str, Any]:
        """Account for the site, as its manifest does."""
        design = self.report.design
        return manifest(
            "report",
            framework=self.framework_file,
            quarter=self.league.quarter,
            files=self.files,
            seed=design.seed if self.report.drawn or self.report.comparison else None,
            quarters=[str(league.quarter) for league in self.report.leagues],
            scores=self.league.scores,
            likely_ranges=design.stated() if self.report.drawn else None,
        )

    @cached_property
    def table(self) -> pl.DataFrame:
        """Lay the league out, with likely ranges."""
        return self.report.table()

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """List what is ranked together, in the framework's order."""
        if self.framework.ranking.within == "all":
            return (Group(EVERYBODY, ranked_noun(self.league), tuple(self.table.to_dicts())),)
        return tuple(
            Group(
                str(name or NOTHING),
                ranked_noun(self.league, str(name or NOTHING)),
                tuple(rows.to_dicts()),
            )
            for (name,), rows in self.table.group_by("peer_group", maintain_order=True)
        )

    @cached_property
    def group_of(self) -> Mapping[str, Group]:
        """Find an organisation's group."""
        return {row["org_code"]: group for group in self.groups for row in group.rows}

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Find an organisation's row of the table."""
        return {row["org_code"]: row for row in self.table.to_dicts()}

    @cached_property
    def organisations(self) -> Mapping[str, Row]:
        """Find what is known of an organisation, whether it has figures or not."""
        return {row["org_code"]: row for row in self.league.organisations.to_dicts()}

    @cached_property
    def without_figures(self) -> tuple[Row, ...]:
        """List the organisations of the register that have no figure for the quarter."""
        return tuple(row for code, row in self.organisations.items() if code not in self.rows)

    @cached_property
    def standings(self) -> Mapping[str, Row]:
        """Find an organisation's standing, with every score."""
        return {row[columns.ORG_CODE]: row for row in self.league.standings.to_dicts()}

    @cached_property
    def earlier_rows(self) -> tuple[Mapping[str, Row], ...]:
        """Find an organisation's row in each of the earlier quarters, oldest first."""
        return tuple(
            {row["org_code"]: row for row in ranking(league).to_dicts()}
            for league in self.report.earlier
        )

    @cached_property
    def changes(self) -> Mapping[str, Row]:
        """Find what became of an organisation since the quarter before."""
        comparison = self.report.comparison
        rows = comparison.changes.to_dicts() if comparison else []
        return {row["org_code"]: row for row in rows}

    @cached_property
    def paths(self) -> Paths:
        """Say where the pages stand."""
        return Paths.of(self.league, [group.name for group in self.groups])

    def history_of(self, org_code: str) -> Iterator[tuple[League, Row | None]]:
        """Follow an organisation's row through the quarters, oldest first."""
        report = self.report
        for league, codes, rows in zip(
            report.earlier, report.former_codes, self.earlier_rows, strict=True
        ):
            yield league, rows.get(codes.get(org_code, org_code))
        yield self.league, self.rows.get(org_code)
