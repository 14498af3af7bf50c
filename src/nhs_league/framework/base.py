"""What every part of a framework file shares: strict, frozen, and closed to unknown fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Polarity = Literal["higher_is_better", "lower_is_better"]
Evidence = Literal["manual", "specification", "data", "inferred"]

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)]
Text = Annotated[str, Field(min_length=1)]


class FrameworkPart(BaseModel):
    """A part of a framework file: no unknown fields, no coercion, no infinities, no changes.

    Validators are built on first use, once for the whole: a part is seldom validated alone.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True
    )
