"""Observations: one organisation, one metric, one period, and a figure or the reason for none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal, get_args

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nhs_league.period import Period

Status = Literal["reported", "suppressed", "not_submitted", "not_applicable"]
STATUSES: Final[tuple[str, ...]] = get_args(Status)

OBSERVATION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metric_id": pl.String(),
    "period": pl.String(),
    "first_month": pl.Int32(),
    "last_month": pl.Int32(),
    "value": pl.Float64(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "status": pl.String(),
    "unit": pl.String(),
    "published_rank": pl.Float64(),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The frame contract: one row an observation; months are counted from year 0.

``status`` is one of ``STATUSES`` and never null; a figure is present exactly where it is
``reported``, but that a denominator may stand beside a numerator that was not submitted.
``source_row`` counts as a spreadsheet does: the header is row 1.
"""

Figure = Annotated[float, Field(allow_inf_nan=False)]


class Observation(BaseModel):
    """One observation, for callers who build their own; ``observations_frame`` takes many.

    Raises ``pydantic.ValidationError`` where the figures contradict the status or each other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    org_code: Annotated[str, Field(min_length=1)]
    metric_id: Annotated[str, Field(min_length=1)]
    period: str
    value: Figure | None = None
    numerator: Annotated[Figure, Field(ge=0)] | None = None
    denominator: Annotated[Figure, Field(ge=0)] | None = None
    status: Status = "reported"
    unit: str | None = None
    published_rank: Annotated[Figure, Field(ge=1)] | None = None
    source_file: str | None = None
    source_row: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Observation:
        Period.parse(self.period)
        if self.numerator is not None and self.denominator is None:
            raise ValueError("a numerator needs its denominator")
        has_figure = self.value is not None or self.numerator is not None
        if self.status == "reported" and not has_figure:
            raise ValueError("a reported observation needs a value, or a numerator and denominator")
        if self.status != "reported" and has_figure:
            raise ValueError(f"an observation that is {self.status} has no figure")
        return self


def observations_frame(observations: Iterable[Observation]) -> pl.DataFrame:
    """Lay observations out as a frame under ``OBSERVATION_SCHEMA``."""
    rows = []
    for observation in observations:
        period = Period.parse(observation.period)
        rows.append(
            observation.model_dump()
            | {
                "period": str(period),
                "first_month": period.first_month,
                "last_month": period.last_month,
            }
        )
    return pl.DataFrame(rows, schema=OBSERVATION_SCHEMA)
