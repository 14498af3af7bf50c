"""The two sides of a comparison: what a league or a saved table says of each organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from nhs_league.framework.model import Framework
from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.scoring.segments import applies_expr

SIDE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank": pl.Int64(),
    "average": pl.Float64(),
    "segment": pl.Int64(),
    "adjusted_segment": pl.Int64(),
    "overrides": pl.String(),
    "floor": pl.Int64(),
    "score_low": pl.Float64(),
    "score_high": pl.Float64(),
}
"""The frame contract: one row an organisation, ``org_code`` unique, no rank where it is not ranked.

``floor`` is the best segment that its overrides allow, 0 for any; ``score_low`` and ``score_high``
are the likely range of the average, null where none is known.
"""

PAIR_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    **{
        f"{name}{end}": dtype
        for name, dtype in list(SIDE_SCHEMA.items())[3:]
        for end in ("_from", "_to")
    },
}
"""The frame contract: one row an organisation of either side, named as on the later one."""


def side_of_league(league: League) -> pl.DataFrame:
    """Lay a league out under ``SIDE_SCHEMA``, with the likely ranges that its data publish."""
    standings = league.standings
    names = league.organisations.select(columns.ORG_CODE, "org_name")
    low, high = _published_range_exprs(league.framework, standings)
    return (
        standings.with_columns(
            pl.col(columns.AVERAGE).alias("average"),
            floor_expr(league.framework, standings.columns).alias("floor"),
            low.alias("score_low"),
            high.alias("score_high"),
        )
        .join(names, on=columns.ORG_CODE, how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in SIDE_SCHEMA.items())
    )


def floor_expr(framework: Framework, available: list[str]) -> pl.Expr:
    """Give the best segment that the overrides which apply allow; 0 where none applies."""
    floors = [
        pl.when(applies_expr(rule, available)).then(rule.not_better_than)
        for rule in framework.overrides
    ]
    return pl.max_horizontal(pl.lit(0), *floors)


def _published_range_exprs(
    framework: Framework, standings: pl.DataFrame
) -> tuple[pl.Expr, pl.Expr]:
    ids = framework.published.score_range if framework.published else None
    names = [columns.published_result(id_) for id_ in ids or ()]
    if not names or not set(names) <= set(standings.columns):
        return pl.lit(None), pl.lit(None)
    return pl.col(names[0]), pl.col(names[1])


def paired(before: pl.DataFrame, after: pl.DataFrame, followed: Mapping[str, str]) -> pl.DataFrame:
    """Put two sides under ``SIDE_SCHEMA`` beside each other, under ``PAIR_SCHEMA``.

    ``followed`` gives for codes of the first side the codes of the second that they stand for.
    """
    figures = list(SIDE_SCHEMA)[3:]
    first = before.with_columns(
        pl.col("org_code").replace(dict(followed)),
    ).rename({name: f"{name}_from" for name in figures})
    second = after.rename({name: f"{name}_to" for name in figures})
    joined = first.join(
        second,
        on="org_code",
        how="full",
        coalesce=True,
        suffix="_later",
        maintain_order="right_left",
    )
    return joined.with_columns(
        pl.coalesce(f"{name}_later", name).alias(name) for name in ("org_name", "peer_group")
    ).select(*PAIR_SCHEMA)
