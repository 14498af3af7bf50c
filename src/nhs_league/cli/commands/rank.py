"""``nhs-league rank``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nhs_league.analysis.rankings import filtered, ranking, ranking_by, resolve_by
from nhs_league.api import OpenLeague
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import open_session
from nhs_league.presentation.formats import Result
from nhs_league.presentation.league_tables import ranking_document, single_document
from nhs_league.presentation.text import plural
from nhs_league.provenance import manifest


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    *,
    data: Sequence[Path] | None,
    framework: str | None,
    quarter: str | None,
    strict: bool,
    peer_group: str | None,
    region: str | None,
    icb: str | None,
    top: int | None,
    bottom: int | None,
    by: str | None,
) -> None:
    """Rank, filter and write."""
    opened = open_session(
        diagnostics, data=data, framework=framework, quarter=quarter, strict=strict
    )
    whole = ranking(opened.league) if by is None else ranking_by(opened.league, by)
    table = filtered(
        whole,
        opened.dataset.organisations,
        peer_group=peer_group,
        region=region,
        icb=icb,
        top=top,
        bottom=bottom,
    )
    if table.is_empty():
        diagnostics.note("no organisation of the league is left by these filters")
    write_result(_result(opened, table, by), destination)
    unranked = int(table["rank"].null_count())
    if unranked and by is None and destination.chosen_format != "table":
        diagnostics.note(f"{plural(unranked, 'organisation')} not ranked: rows without a rank")


def _result(opened: OpenLeague, table: pl.DataFrame, by: str | None) -> Result:
    league = opened.league
    more = {"scores": "auto"}
    if by is None:
        document = ranking_document(table, league)
        unranked = league.standings.filter(
            pl.col("not_ranked_reason").is_not_null(),
            pl.col("org_code").is_in(table["org_code"].to_list()),
        ).sort("org_code")
        parts = {"not_ranked": unranked.select("org_code", "not_ranked_reason").to_dicts()}
    else:
        kind, id_ = resolve_by(league, by)
        framework = league.framework
        title = framework.metrics[id_].title if kind == "metric" else framework.domain(id_).title
        document = single_document(table, league, title)
        parts = {}
        more["by"] = id_
    meta = manifest(
        "rank",
        framework=opened.framework_file,
        quarter=league.quarter,
        files=opened.dataset.files,
        **more,
        **parts,
    )
    return Result(table, document, meta)
