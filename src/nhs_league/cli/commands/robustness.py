"""``nhs-league robustness``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import polars as pl

from nhs_league.analysis.rankings import filtered
from nhs_league.analysis.robustness.influence import BASE_SAMPLES, influence
from nhs_league.analysis.robustness.leave_one_out import leave_one_out
from nhs_league.analysis.robustness.redrawing import SAMPLING_SCHEMA, sampling_errors
from nhs_league.analysis.robustness.robustness import Design, Robustness, robustness
from nhs_league.api.leagues import OpenLeague
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import (
    Filters,
    Request,
    find_trust,
    league_manifest,
    league_title,
    open_session,
)
from nhs_league.errors import UsageError
from nhs_league.presentation.document import Document
from nhs_league.presentation.formats import Result
from nhs_league.presentation.likely_ranges import (
    comparison_document,
    ranges_document,
    trust_document,
)
from nhs_league.presentation.sway import influence_document, leave_one_out_document

View = Literal["ranges", "leave-one-out", "influence"]


_USUAL: Final = asdict(Design())
_TAKEN: Final = {"leave-one-out": (), "influence": ("seed", "concentration")}
"""The parts of a design that a view other than the ranges is swayed by."""


@dataclass(frozen=True)
class Scope:
    """What is asked, and of which organisations."""

    view: View
    trusts: tuple[str, ...]
    filters: Filters

    def check(self, design: Design) -> None:
        """See that the parts fit together, and with the design. Raises ``UsageError``."""
        is_filtered = any(value is not None for value in self.filters.values())
        if self.trusts and is_filtered:
            raise UsageError("TRUST and filters exclude each other")
        if self.view != "ranges" and (self.trusts or is_filtered):
            raise UsageError(
                f"the view {self.view} is of the whole league: leave TRUST and filters out"
            )
        if self.view == "ranges":
            design.check()
            return
        taken = _TAKEN[self.view]
        stated = [name for name, value in asdict(design).items() if value != _USUAL[name]]
        if surplus := [f"--{name}" for name in stated if name not in taken]:
            raise UsageError(f"the view {self.view} takes no {', '.join(surplus)}")


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    design: Design,
    scope: Scope,
) -> None:
    """Say how sure ranks are, or what sways them, and write it."""
    scope.check(design)
    opened = open_session(diagnostics, request)
    match scope.view:
        case "ranges":
            result = _ranges(diagnostics, opened, request, design, scope)
        case "leave-one-out":
            result = _leave_one_out(opened, request)
        case "influence":
            result = _influence(diagnostics, opened, request, design)
    write_result(result, destination)


def _ranges(
    diagnostics: Diagnostics,
    opened: OpenLeague,
    request: Request,
    design: Design,
    scope: Scope,
) -> Result:
    found = [find_trust(diagnostics, opened, trust) for trust in scope.trusts]
    codes = list(dict.fromkeys(found))
    with diagnostics.progress("Drawing replicates") as report:
        drawn = robustness(opened.league, design, report)
    for code in codes:
        drawn.row_of(code)
    errors = pl.DataFrame(schema=SAMPLING_SCHEMA)
    if design.source == "data":
        errors = sampling_errors(opened.league)
        unknown = errors.filter(pl.col("redrawn") == 0)["metric_id"]
        if len(unknown):
            diagnostics.note(f"no sampling error is known for {', '.join(unknown)}")
    table = _shown(drawn, opened, codes, scope.filters)
    if table.is_empty():
        diagnostics.note("no organisation of the league is left by these filters")

    def parts() -> dict[str, Any]:
        # Pairs are counted for the whole table, or listed for the trusts that are named.
        return {
            "separability": [] if codes else drawn.separability.to_dicts(),
            "without_range": drawn.without_range(),
            "sampling_errors": errors.to_dicts(),
            "pairs": [pair for code in codes for pair in drawn.pairs(code).to_dicts()],
        }

    meta = _account(opened, request, "ranges", design.seed, design.stated())
    return Result(
        table,
        lambda: _ranges_document(drawn, table, codes, errors),
        meta,
        parts,
        title=league_title(opened, "how sure ranks are"),
        tables=lambda: {"Likely ranges": table},
    )


def _ranges_document(
    drawn: Robustness, table: pl.DataFrame, codes: Sequence[str], errors: pl.DataFrame
) -> Document:
    if not codes:
        return ranges_document(drawn, table, errors)
    if len(codes) == 1:
        return trust_document(drawn, codes[0], errors)
    return comparison_document(drawn, codes, errors)


def _shown(
    drawn: Robustness, opened: OpenLeague, codes: Sequence[str], filters: Filters
) -> pl.DataFrame:
    """Keep the organisations that are asked for, in the order of the table."""
    if codes:
        return drawn.ranges.filter(pl.col("org_code").is_in(codes))
    organisations = opened.dataset.organisations
    regions = organisations.select("org_code", "region")
    table = drawn.ranges.join(regions, on="org_code", how="left", maintain_order="left")
    return filtered(table, organisations, **filters).drop("region")


def _leave_one_out(opened: OpenLeague, request: Request) -> Result:
    table = leave_one_out(opened.league)
    meta = _account(opened, request, "leave-one-out", None, {})
    title = league_title(opened, "what sways the table")
    return Result(table, lambda: leave_one_out_document(table, opened.league), meta, title=title)


def _influence(
    diagnostics: Diagnostics, opened: OpenLeague, request: Request, design: Design
) -> Result:
    stated = {"concentration": design.concentration, "samples": BASE_SAMPLES}
    with diagnostics.progress("Weighing metrics") as report:
        table = influence(
            opened.league, seed=design.seed, concentration=design.concentration, report=report
        )
    meta = _account(opened, request, "influence", design.seed, stated)
    title = league_title(opened, "weights beside influence")
    return Result(
        table, lambda: influence_document(table, opened.league, design), meta, title=title
    )


def _account(
    opened: OpenLeague, request: Request, view: View, seed: int | None, stated: dict[str, Any]
) -> Any:
    return league_manifest("robustness", opened, request, seed=seed, view=view, **stated)
