"""Successions: which organisation took over from one that closed, and from when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from nhs_league.findings import MAX_OF_A_KIND, Finding, beyond_the_cap, counted
from nhs_league.organisations import Code, Text
from nhs_league.quarter import MONTH_NAMES, Quarter

SUCCESSION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "successor_code": pl.String(),
    "succeeded_on": pl.Date(),
    "from_month": pl.Int32(),
}
"""The frame contract: one row a closed organisation, ``org_code`` unique, only ``org_name`` null.

``from_month`` is the first whole month of the successor, counted from year 0. A successor may
close in its turn; no organisation comes after itself.
"""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Succession(BaseModel):
    """One organisation that closed, and the one that its figures belong to since."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    org_code: Code
    org_name: Text | None = None
    successor_code: Code
    succeeded_on: Annotated[date, Field(strict=True)]

    @field_validator("successor_code")
    @classmethod
    def _is_another(cls, code: str, info: ValidationInfo) -> str:
        if code == info.data.get("org_code"):
            raise ValueError("an organisation cannot succeed itself")
        return code

    @field_validator("succeeded_on", mode="before")
    @classmethod
    def _read_date(cls, given: Any) -> Any:
        # Pydantic would take a run of digits for the seconds since 1970.
        if not isinstance(given, str):
            return given
        if not _ISO_DATE.fullmatch(given):
            raise ValueError("is not an ISO date")
        return date.fromisoformat(given)

    @property
    def from_month(self) -> int:
        """Count the first whole month of the successor from year 0: ``12 * year + month - 1``."""
        day = self.succeeded_on
        return 12 * day.year + day.month - 1 + (day.day > 1)


def successions_frame(successions: Iterable[Succession]) -> pl.DataFrame:
    """Lay successions out as a frame under ``SUCCESSION_SCHEMA``.

    Raises ``ValueError`` where an organisation closes twice, or comes after itself in the end.
    """
    listed = list(successions)
    successors = {succession.org_code: succession.successor_code for succession in listed}
    if len(successors) < len(listed):
        raise ValueError("an organisation closes twice")
    for cycle in succession_cycles(successors):
        raise ValueError(f"{cycle_text(cycle)} is a circle")
    rows = [{**s.model_dump(), "from_month": s.from_month} for s in listed]
    return pl.DataFrame(rows, schema=SUCCESSION_SCHEMA)


def succession_cycles(successors: Mapping[str, str]) -> list[tuple[str, ...]]:
    """List the circles among successors by code, each from the first of its codes that is given."""
    cycles: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for start in successors:
        path: dict[str, None] = {}
        code = start
        while code in successors and code not in seen:
            seen.add(code)
            path[code] = None
            code = successors[code]
        if code in path:
            codes = list(path)
            cycles.append(_from_the_first(codes[codes.index(code) :], successors))
    return cycles


def _from_the_first(cycle: list[str], successors: Mapping[str, str]) -> tuple[str, ...]:
    """Turn a circle so that it begins where the successions do."""
    first = next(code for code in successors if code in cycle)
    at = cycle.index(first)
    return (*cycle[at:], *cycle[:at])


def cycle_text(cycle: tuple[str, ...]) -> str:
    """Write a circle as ``RAA to RBB to RAA``."""
    return " to ".join((*cycle, cycle[0]))


def date_label(day: date) -> str:
    """Write a date as ``1 November 2024``."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def successor_at(successions: pl.DataFrame, org_code: str, month: int) -> tuple[str, date] | None:
    """Find the organisation that stands for a code in a month, and the date the code closed on.

    ``successions`` is under ``SUCCESSION_SCHEMA``; the month is counted from year 0. A successor
    that has closed by then is followed in its turn. None if the code still stands or is unknown.
    """
    closed = successions.filter(pl.col("from_month") <= month)
    dates: dict[str, date] = dict(closed.select("org_code", "succeeded_on").iter_rows())
    if org_code not in dates:
        return None
    return last_successors(closed)[org_code], dates[org_code]


def last_successors(closed: pl.DataFrame) -> dict[str, str]:
    """Follow each closed organisation to the one that still stands, by way of others.

    ``closed`` is under ``SUCCESSION_SCHEMA``: the successions that have come to pass.
    """
    successors: dict[str, str] = dict(closed.select("org_code", "successor_code").iter_rows())
    last = {}
    for code in successors:
        successor = code
        while successor in successors:
            successor = successors[successor]
        last[code] = successor
    return last


def successions_leading_to(org_codes: Iterable[str], successions: pl.DataFrame) -> pl.DataFrame:
    """Keep the successions that lead to one of these codes, at once or by way of others."""
    wanted = set(org_codes)
    while True:
        kept = successions.filter(pl.col("successor_code").is_in(list(wanted)))
        closed = set(kept["org_code"])
        if closed <= wanted:
            return kept
        wanted |= closed


def follow_successors(
    observations: pl.DataFrame, successions: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give each closed organisation's observations to its successor, and say so in findings.

    The frames are under ``OBSERVATION_SCHEMA`` and ``SUCCESSION_SCHEMA``. An organisation is closed
    for an observation whose period begins in the successor's first whole month or later. That a
    successor has figures of its own beside them in one quarter is an error: it stands under two
    codes.
    """
    # Every command comes through here, and nearly all data have nothing to follow: a closing that
    # is still to come for all of them is not even looked for.
    due = successions.filter(pl.col("from_month") <= pl.lit(observations["first_month"].max()))
    if due.is_empty():
        return observations, []
    is_listed = observations["org_code"].is_in(due["org_code"].to_list())
    if not is_listed.any():
        return observations, []
    keys = observations.select("org_code", "first_month").filter(is_listed).unique()
    followed = _followed(keys, due)
    if followed.is_empty():
        return observations, []
    marked = observations.join(
        followed, on=["org_code", "first_month"], how="left", maintain_order="left"
    )
    findings = [*_closed_codes(marked, successions), *_two_codes(marked)]
    return marked.with_columns(_now()).select(observations.columns), findings


def _now() -> pl.Expr:
    """Name the organisation that an observation belongs to now."""
    return pl.coalesce("successor", "org_code").alias("org_code")


def _followed(keys: pl.DataFrame, successions: pl.DataFrame) -> pl.DataFrame:
    """Find who stands for each code in each first month: ``successor``, where it is another."""
    keys = keys.with_columns(pl.col("org_code").alias("successor"))
    steps = successions.select(
        pl.col("org_code").alias("successor"), pl.col("successor_code").alias("next"), "from_month"
    )
    is_closed = pl.col("first_month") >= pl.col("from_month")
    # No chain of successors is longer than there are successions.
    for _ in range(len(successions)):
        stepped = keys.join(steps, on="successor", how="left")
        if not stepped.select(is_closed.any()).item():
            break
        keys = stepped.select(
            "org_code",
            "first_month",
            pl.when(is_closed).then("next").otherwise("successor").alias("successor"),
        )
    return keys.filter(pl.col("successor") != pl.col("org_code"))


def _closed_codes(marked: pl.DataFrame, successions: pl.DataFrame) -> Iterator[Finding]:
    """Say of each file and closed code where its observations went."""
    found = (
        marked.filter(pl.col("successor").is_not_null())
        .group_by("source_file", "org_code", maintain_order=True)
        .agg(
            pl.col("source_row").min(),
            pl.len().alias("count"),
            pl.col("successor").unique(maintain_order=True),
        )
        .join(
            successions.select("org_code", "succeeded_on"),
            on="org_code",
            how="left",
            maintain_order="left",
        )
    )
    for row in found.head(MAX_OF_A_KIND).iter_rows(named=True):
        follow = counted(row["count"], "observation", "follows", "follow")
        yield Finding(
            "note",
            "closed_code",
            f"closed on {date_label(row['succeeded_on'])}: "
            f"its {follow} {_listed(row['successor'])}",
            file=row["source_file"],
            row=row["source_row"],
            column="org_code",
            value=row["org_code"],
        )
    yield from beyond_the_cap("closed_code", len(found))


def _two_codes(marked: pl.DataFrame) -> Iterator[Finding]:
    """Find organisations that have figures under two codes in one quarter or one longer period."""
    successors = marked["successor"].drop_nulls().unique().to_list()
    rows = marked.filter(_now().is_in(successors) & pl.col("first_month").is_not_null())
    is_closed = pl.col("successor").is_not_null()
    found = (
        rows.with_columns(_now().alias("now"), _span(rows["first_month"]))
        .sort("source_file", "source_row", nulls_last=True, maintain_order=True)
        .group_by("now", "span", maintain_order=True)
        .agg(
            pl.col("org_code").filter(is_closed).unique().sort().alias("closed"),
            (~is_closed).any().alias("has_own"),
            pl.col("source_file", "source_row", "org_code").filter(is_closed).first(),
        )
        .filter(pl.col("closed").list.len() + pl.col("has_own").cast(pl.UInt32) > 1)
    )
    for row in found.head(MAX_OF_A_KIND).iter_rows(named=True):
        codes = row["closed"] + [row["now"]] * row["has_own"]
        number = "two" if len(codes) == 2 else len(codes)
        yield Finding(
            "error",
            "two_codes",
            f"{row['now']} stands under {number} codes in {row['span']}: {_listed(codes)}",
            file=row["source_file"],
            row=row["source_row"],
            column="org_code",
            value=row["org_code"],
            expected="one code",
        )
    yield from beyond_the_cap("two_codes", len(found))


def _span(first_months: pl.Series) -> pl.Expr:
    """Name what an observation is compared within: its quarter, or a longer period as it is."""
    months = first_months.unique().to_list()
    quarters = [str(Quarter.of_month(month)) for month in months]
    of_month = pl.col("first_month").replace_strict(months, quarters, return_dtype=pl.String)
    is_short = pl.col("last_month") - pl.col("first_month") <= 2
    return pl.when(is_short).then(of_month).otherwise("period").alias("span")


def _listed(codes: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(codes[:-1]), codes[-1])))
