"""``nhs-league rank``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from nhs_league.analysis.rankings import filtered, ranking, ranking_by, resolve_by
from nhs_league.api.leagues import OpenLeague
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import (
    Filters,
    Request,
    draw_ranges,
    league_manifest,
    league_title,
    open_session,
    ranges_account,
)
from nhs_league.errors import UsageError
from nhs_league.presentation.document import Document
from nhs_league.presentation.format_names import FOR_READING
from nhs_league.presentation.formats import Result
from nhs_league.presentation.league_tables import (
    ranking_document,
    sheets_of_ranking,
    single_document,
)
from nhs_league.presentation.text import plural

if TYPE_CHECKING:
    from nhs_league.analysis.robustness.robustness import Robustness
    from nhs_league.league import League
    from nhs_league.presentation.charts.drawing import Picture


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    by: str | None,
    filters: Filters,
    *,
    ranges: bool,
    seed: int | None,
) -> None:
    """Rank, filter and write; with likely ranges, where they or the framework ask for them."""
    if by is not None and (ranges or seed is not None):
        raise UsageError(
            "likely ranges are of the whole ranking: --by excludes --ranges and --seed"
        )
    opened = open_session(diagnostics, request)
    drawn = None
    if by is None:
        drawn = draw_ranges(diagnostics, opened, asked=ranges, seed=seed)
    if by is not None:
        whole = ranking_by(opened.league, by)
    else:
        whole = ranking(opened.league, drawn.ranges if drawn else None)
    table = filtered(whole, opened.dataset.organisations, **filters)
    if table.is_empty():
        diagnostics.note("no organisation of the league is left by these filters")
    write_result(_result(opened, request, table, by, drawn), destination)
    unranked = int(table["rank"].null_count())
    if unranked and by is None and destination.chosen_format not in FOR_READING:
        diagnostics.note(f"{plural(unranked, 'organisation')} not ranked: rows without a rank")


def _result(
    opened: OpenLeague,
    request: Request,
    table: pl.DataFrame,
    by: str | None,
    drawn: Robustness | None,
) -> Result:
    league = opened.league
    more: dict[str, Any]
    document: Callable[[], Document]
    if by is None:
        document = partial(ranking_document, table, league)
        unranked = league.standings.filter(
            pl.col("not_ranked_reason").is_not_null(),
            pl.col("org_code").is_in(table["org_code"].to_list()),
        ).sort("org_code")
        said = "league table"
        more = {"not_ranked": unranked.select("org_code", "not_ranked_reason").to_dicts()}
    else:
        kind, id_ = resolve_by(league, by)
        framework = league.framework
        said = framework.metrics[id_].title if kind == "metric" else framework.domain(id_).title
        document = partial(single_document, table, league, said)
        more = {"by": id_}
    more |= ranges_account(drawn)
    title = league_title(opened, said)
    return Result(
        table,
        document,
        league_manifest("rank", opened, request, **more),
        title=title,
        tables=lambda: sheets_of_ranking(table, league),
        picture=lambda: _picture(table, league, title, is_single=by is not None),
    )


def _picture(table: pl.DataFrame, league: League, title: str, *, is_single: bool) -> Picture:
    from nhs_league.presentation.pictures import ranking_picture, single_picture

    draw = single_picture if is_single else ranking_picture
    return draw(table, league, title)
