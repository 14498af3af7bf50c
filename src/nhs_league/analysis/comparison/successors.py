"""Organisations that became part of another between two tables, and which rows they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.league import League
from nhs_league.scoring import columns
from nhs_league.successions import last_successors


@dataclass(frozen=True)
class Merger:
    """One organisation of the earlier table that is part of another in the later one.

    ``succeeded_on`` is an ISO date. ``rank`` is its last one, null where it was not ranked. Where
    it ``is_followed``, its row in the earlier table is compared with that of its successor.
    """

    org_code: str
    org_name: str
    successor_code: str
    successor_name: str
    succeeded_on: str
    rank: int | None
    is_followed: bool


NO_MERGERS: Final[tuple[Merger, ...]] = ()


def mergers_between(before: League, after: League, successions: pl.DataFrame) -> tuple[Merger, ...]:
    """List the organisations of the earlier league whose successors stand in the later one.

    ``successions`` is under ``SUCCESSION_SCHEMA``. A successor is compared with the one that it
    followed if it was not in the earlier league itself and followed no other: of several that
    merged none is the same organisation as what became of them. The leagues may be given in either
    order of time.
    """
    earlier, later = sorted((before, after), key=lambda league: league.quarter)
    earlier_codes, later_codes = (
        set(league.standings[columns.ORG_CODE]) for league in (earlier, later)
    )
    closed = successions.filter(pl.col("from_month") <= later.quarter.first_month)
    successor_of = {
        code: successor
        for code, successor in sorted(last_successors(closed).items())
        if code in earlier_codes - later_codes and successor in later_codes
    }
    successors = list(successor_of.values())
    days = closed.select("org_code", pl.col("succeeded_on").dt.to_string("%Y-%m-%d"))
    closed_on = dict(days.iter_rows())
    ranks = dict(earlier.standings.select(columns.ORG_CODE, columns.RANK).iter_rows())
    names = _names(earlier) | _names(later)
    return tuple(
        Merger(
            org_code=code,
            org_name=names[code],
            successor_code=successor,
            successor_name=names[successor],
            succeeded_on=closed_on[code],
            rank=ranks[code],
            is_followed=successor not in earlier_codes and successors.count(successor) == 1,
        )
        for code, successor in successor_of.items()
    )


def followed_codes(mergers: tuple[Merger, ...], before: League, after: League) -> dict[str, str]:
    """Give for the codes of ``before`` that are followed the codes of ``after``."""
    pairs = [(one.org_code, one.successor_code) for one in mergers if one.is_followed]
    if after.quarter < before.quarter:
        return {later: earlier for earlier, later in pairs}
    return dict(pairs)


def _names(league: League) -> dict[str, str]:
    return dict(league.organisations.select(columns.ORG_CODE, "org_name").iter_rows())
