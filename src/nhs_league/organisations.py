"""Organisations: the NHS trusts that a league ranks, by their ODS codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}$")]
"""An ODS code."""

ORGANISATION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "trust_type": pl.String(),
    "trust_subtype": pl.String(),
    "region": pl.String(),
    "icb_code": pl.String(),
    "icb_name": pl.String(),
    "foundation_trust": pl.Boolean(),
    "predecessor_codes": pl.List(pl.String()),
    "towns": pl.List(pl.String()),
}
"""The frame contract: one row an organisation, ``org_code`` unique, the first three never null."""


class Organisation(BaseModel):
    """One NHS trust. Its code usually has three characters, but ``G6V2S`` has five.

    ``towns`` are the towns, cities and districts by whose names people look for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    org_code: Code
    org_name: Text
    trust_type: Text
    trust_subtype: Text | None = None
    region: Text | None = None
    icb_code: Text | None = None
    icb_name: Text | None = None
    foundation_trust: bool | None = None
    predecessor_codes: tuple[Text, ...] = ()
    towns: tuple[Text, ...] = ()


def organisations_frame(organisations: Iterable[Organisation]) -> pl.DataFrame:
    """Lay organisations out as a frame under ``ORGANISATION_SCHEMA``."""
    rows = [organisation.model_dump() for organisation in organisations]
    return pl.DataFrame(rows, schema=ORGANISATION_SCHEMA)
