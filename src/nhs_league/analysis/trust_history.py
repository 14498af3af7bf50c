"""One organisation's standing over successive quarters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from nhs_league.analysis.rankings import ranking
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns

TRUST_HISTORY_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "framework": pl.String(),
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank": pl.Int64(),
    "rank_of": pl.Int64(),
    "average_metric_score": pl.Float64(),
    "segment": pl.Int64(),
    "adjusted_segment": pl.Int64(),
    "overrides": pl.String(),
    "metrics_scored": pl.Int64(),
    "metrics_expected": pl.Int64(),
    "not_ranked_reason": pl.String(),
}
"""The frame contract: one row a quarter, oldest first.

The figures are those of ``analysis.rankings.ranking``; a quarter that the organisation is not
ranked in has none of them and says why.
"""

NOT_IN_LEAGUE: Final = "not in the league"


def trust_history(leagues: Sequence[League], org_code: str) -> pl.DataFrame:
    """Follow one organisation through leagues, under ``TRUST_HISTORY_SCHEMA``.

    Raises ``UsageError`` if it is in none of them.
    """
    rows = pl.concat([_row(league, org_code) for league in leagues])
    if rows["not_ranked_reason"].eq_missing(NOT_IN_LEAGUE).all():
        ids = " or ".join(dict.fromkeys(league.framework.id for league in leagues))
        first, last = leagues[0].quarter, leagues[-1].quarter
        when = f"in {first}" if first == last else f"from {first} to {last}"
        raise UsageError(f"{org_code} has no figure for {ids} {when}")
    return rows


def _row(league: League, org_code: str) -> pl.DataFrame:
    is_it = pl.col(columns.ORG_CODE) == org_code
    # The name is the register's, so that a quarter without a standing has it too.
    known = league.organisations.filter(is_it).select(columns.ORG_CODE, "org_name")
    reasons = league.standings.select(columns.ORG_CODE, columns.NOT_RANKED_REASON)
    standing = ranking(league).filter(is_it).drop("org_name")
    return (
        known.join(standing, on=columns.ORG_CODE, how="left")
        .join(reasons, on=columns.ORG_CODE, how="left")
        .with_columns(
            pl.lit(str(league.quarter)).alias("quarter"),
            pl.lit(league.framework.id).alias("framework"),
            pl.when(pl.lit(standing.is_empty()))
            .then(pl.lit(NOT_IN_LEAGUE))
            .otherwise(columns.NOT_RANKED_REASON)
            .alias("not_ranked_reason"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in TRUST_HISTORY_SCHEMA.items())
    )
