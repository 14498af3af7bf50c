"""What every layout of a table comes down to: one frame of text cells, a row an observation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from nhs_league.findings import Finding

FIGURES: Final = ("value", "numerator", "denominator", "published_rank")
CELL_COLUMNS: Final = ("org_code", "metric_id", "period", *FIGURES, "status", "unit")
CELL_SCHEMA: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(CELL_COLUMNS, pl.String()),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The contract of ``LaidOutTable.frame``: cells as written, null where the file has no such one."""

DESCRIBED_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "trust_type": pl.String(),
    "trust_subtype": pl.String(),
    "region": pl.String(),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The contract of ``LaidOutTable.described``: the organisations as a file itself describes them.

One that the file says to be of two trust types stands there with both.
"""


Headers = Mapping[str, Mapping[str, str]]
"""``LaidOutTable.headers`` by file."""


@dataclass(frozen=True)
class LaidOutTable:
    """A table's cells, to be collected with those of others.

    ``headers`` gives the headers as written by the column that they fill, or by ``value@`` and the
    metric where several fill that one. ``left_out`` counts rows that are not in the frame, by
    reason; ``kinds`` counts the others by what they hold, where a layout has more than one kind.
    """

    frame: pl.LazyFrame
    headers: Mapping[str, str]
    layout: str
    findings: tuple[Finding, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    described: pl.DataFrame | None = None


def written_header(row: Mapping[str, Any], column: str, headers: Headers) -> str:
    """Give a column's name as the file of a row writes it.

    In a wide file the metric is the column, unless another holds it: see ``LaidOutTable``.
    """
    written = headers.get(row["source_file"], {})
    kind = str(row["metric_id"]).partition(":")[0]
    by_metric = written.get(f"{column}@{kind}")
    return by_metric or written.get(column, str(row["metric_id"]) if column == "value" else column)


def unknown_layout(headers: Mapping[str, str], findings: list[Finding]) -> LaidOutTable:
    """Give a table that cannot be laid out: no cells, and why."""
    return LaidOutTable(pl.LazyFrame(schema=CELL_SCHEMA), headers, "unknown", tuple(findings))
