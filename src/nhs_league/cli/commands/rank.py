"""``nhs-league rank``."""

from __future__ import annotations

from typing import Any, TypedDict

import polars as pl

from nhs_league.analysis.rankings import filtered, ranking, ranking_by, resolve_by
from nhs_league.api import OpenLeague
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import Request, league_manifest, open_session
from nhs_league.presentation.formats import Result
from nhs_league.presentation.league_tables import ranking_document, single_document
from nhs_league.presentation.text import plural


class Filters(TypedDict):
    """Which part of the table is shown; they apply after ranking."""

    peer_group: str | None
    region: str | None
    icb: str | None
    top: int | None
    bottom: int | None


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    by: str | None,
    filters: Filters,
) -> None:
    """Rank, filter and write."""
    opened = open_session(diagnostics, request)
    whole = ranking(opened.league) if by is None else ranking_by(opened.league, by)
    table = filtered(whole, opened.dataset.organisations, **filters)
    if table.is_empty():
        diagnostics.note("no organisation of the league is left by these filters")
    write_result(_result(opened, request, table, by), destination)
    unranked = int(table["rank"].null_count())
    if unranked and by is None and destination.chosen_format != "table":
        diagnostics.note(f"{plural(unranked, 'organisation')} not ranked: rows without a rank")


def _result(opened: OpenLeague, request: Request, table: pl.DataFrame, by: str | None) -> Result:
    league = opened.league
    more: dict[str, Any]
    if by is None:
        document = ranking_document(table, league)
        unranked = league.standings.filter(
            pl.col("not_ranked_reason").is_not_null(),
            pl.col("org_code").is_in(table["org_code"].to_list()),
        ).sort("org_code")
        more = {"not_ranked": unranked.select("org_code", "not_ranked_reason").to_dicts()}
    else:
        kind, id_ = resolve_by(league, by)
        framework = league.framework
        title = framework.metrics[id_].title if kind == "metric" else framework.domain(id_).title
        document = single_document(table, league, title)
        more = {"by": id_}
    return Result(table, document, league_manifest("rank", opened, request, **more))
