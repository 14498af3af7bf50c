"""``nhs-league history``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from nhs_league.analysis.history import History, history
from nhs_league.api.quarters import OpenQuarters, open_quarters
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.quarters_notes import find_in_quarters, note_quarters
from nhs_league.cli.session import Filters, SeveralRequest, announce_sample
from nhs_league.errors import UsageError
from nhs_league.presentation.document import Document
from nhs_league.presentation.formats import Result
from nhs_league.presentation.histories import history_document, trust_history_document
from nhs_league.provenance import manifest


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: SeveralRequest,
    trusts: tuple[str, ...],
    filters: Filters,
) -> None:
    """Lay every quarter in the data side by side, filter and write."""
    _check(trusts, filters)
    announce_sample(diagnostics, request.data)
    opened = open_quarters(
        request.data, request.frameworks, scores=request.scores, strict=request.strict
    )
    diagnostics.warnings(opened.findings)
    note_quarters(diagnostics, opened)
    if len(opened.leagues) == 1:
        diagnostics.note(f"{opened.latest.league.quarter} is the only quarter: it shows no history")
    found = [find_in_quarters(diagnostics, opened, trust) for trust in trusts]
    whole = history([each.league for each in opened.leagues])
    table = whole.of(found) if found else whole.part(**filters)
    if table.is_empty() and whole.has_ranked:
        diagnostics.note("no organisation of these leagues is left by these filters")
    document = partial(trust_history_document, whole, table)
    if not found:
        among = whole.part(**filters | {"top": None, "bottom": None})
        document = partial(history_document, whole, table, among)
    write_result(_result(opened, request, whole, table, document), destination)


def _check(trusts: tuple[str, ...], filters: Filters) -> None:
    """See that what is asked for fits together, before anything is read."""
    if trusts and any(value is not None for value in filters.values()):
        raise UsageError("TRUST and filters exclude each other")
    if filters["top"] is not None and filters["bottom"] is not None:
        raise UsageError("--top and --bottom exclude each other")


def _result(
    opened: OpenQuarters,
    request: SeveralRequest,
    whole: History,
    table: pl.DataFrame,
    document: Callable[[], Document],
) -> Result:
    def parts() -> dict[str, Any]:
        is_shown = pl.col("org_code").is_in(table["org_code"].to_list())
        return {
            "quarters": whole.quarters.filter(is_shown).to_dicts(),
            "left_out": [str(quarter) for quarter in opened.left_out],
        }

    meta = manifest(
        "history",
        frameworks=opened.framework_files,
        files=opened.dataset.files,
        quarters=list(whole.quarter_names),
        scores=request.scores,
    )
    names = whole.quarter_names
    return Result(
        table,
        document,
        meta,
        parts,
        title=f"Ranks from {names[0]} to {names[-1]}",
        tables=lambda: {"Organisations": table},
    )
