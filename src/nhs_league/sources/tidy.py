"""Lay tidy tables out as one frame of text cells: wide or long, months, quarters or editions.

``docs/data.md`` describes the layouts for the people who prepare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.tabular import ROW, TextTable

SYNONYMS: Final[dict[str, str]] = {
    "quarter": "period",
    "units": "unit",
    "rank_in_type": "published_rank",
    "score": "value",
    "mean_seconds": "value",
    "incidents": "denominator",
}
"""Headers that mean the same as one of the contract's."""

DESCRIPTIONS: Final = frozenset(
    {
        "org_name",
        "trust_type",
        "trust_subtype",
        "region",
        "icb_code",
        "icb_name",
        "survey_year",
        "source_file",
        "source_row",
    }
)
"""Headers that describe a row and hold no figure."""

FIGURES: Final = ("value", "numerator", "denominator", "published_rank")
CELL_COLUMNS: Final = ("org_code", "metric_id", "period", *FIGURES, "status", "unit")
CELL_SCHEMA: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(CELL_COLUMNS, pl.String()),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The contract of ``TidyCells.frame``: cells as written, null where the file has no such column."""


@dataclass(frozen=True)
class TidyCells:
    """A tidy table's cells, to be collected with those of others, and the headers as written."""

    frame: pl.LazyFrame
    headers: dict[str, str]
    layout: str
    findings: tuple[Finding, ...]


def is_organisations_table(table: TextTable) -> bool:
    """Say whether a table is a register of organisations."""
    known = {known_header(header) for header in table.columns}
    return known >= {"org_code", "org_name", "trust_type"} and not known & {
        "period",
        "in_force_from",
    }


def tidy_cells(table: TextTable) -> TidyCells:
    """Lay a table out under ``CELL_SCHEMA``, melting a wide one into a row a metric.

    A wide table's blank cells are no observation at all: not every organisation has every metric.
    """
    headers = {known_header(header): header for header in table.columns}
    findings = _layout_findings(table, headers) if headers else []
    if findings or not headers:
        return TidyCells(pl.LazyFrame(schema=CELL_SCHEMA), headers, "unknown", tuple(findings))
    metric_columns = _metric_columns(headers)
    frame = table.frame.lazy().rename({written: known for known, written in headers.items()})
    frame = frame.with_columns(_period_expr(headers).alias("period"))
    names = set(headers) | {"period"}
    if _is_long(headers):
        layout = "long"
        findings = [
            Finding(
                "warning",
                "unknown_column",
                "is not used",
                file=table.name,
                row=1,
                column=headers[column],
            )
            for column in metric_columns
        ]
        if "metric_id" not in headers:
            frame = frame.with_columns(pl.lit(PurePosixPath(table.name).stem).alias("metric_id"))
    else:
        layout = "wide"
        written = {column: headers[column] for column in metric_columns}
        frame = (
            frame.rename(written)
            .unpivot(
                on=list(written.values()),
                index=["org_code", "period", ROW],
                variable_name="metric_id",
                value_name="value",
            )
            .filter(pl.col("value").str.strip_chars() != "")
        )
        names = {"org_code", "period", "value"}
    absent = [
        pl.lit(None, pl.String).alias(c) for c in CELL_COLUMNS if c not in {*names, "metric_id"}
    ]
    frame = frame.with_columns(
        pl.lit(table.name).alias("source_file"), pl.col(ROW).alias("source_row"), *absent
    )
    return TidyCells(frame.select(*CELL_SCHEMA), headers, layout, tuple(findings))


def known_header(header: str) -> str:
    """Give the contract's name of a header, or the header itself where it is none of them."""
    lowered = header.lower().replace(" ", "_")
    lowered = SYNONYMS.get(lowered, lowered)
    return lowered if lowered in _KNOWN else header


_KNOWN: Final = frozenset(
    {
        *CELL_COLUMNS,
        *DESCRIPTIONS,
        "in_force_from",
        "in_force_to",
        "foundation_trust",
        "predecessor_codes",
    }
)


_ONLY_LONG: Final = frozenset({"metric_id", "denominator", "published_rank", "status", "unit"})
"""Headers that stand only beside a value or a numerator."""


def repeated_headers(table: TextTable) -> list[Finding]:
    """Find headers that mean the same as one before them."""
    findings = []
    first: dict[str, str] = {}
    for header in table.columns:
        known = known_header(header)
        if known in first:
            findings.append(
                Finding(
                    "error",
                    "duplicate_column",
                    f"means the same as column {first[known]}",
                    file=table.name,
                    row=1,
                    column=header,
                )
            )
        first.setdefault(known, header)
    return findings


def _is_long(headers: dict[str, str]) -> bool:
    return bool({"value", "numerator"} & headers.keys())


def _metric_columns(headers: dict[str, str]) -> list[str]:
    return [known for known in headers if known not in _KNOWN]


def _layout_findings(table: TextTable, headers: dict[str, str]) -> list[Finding]:
    findings = []

    def lacks(column: str, expected: str) -> None:
        findings.append(
            Finding(
                "error",
                "column_missing",
                f"has no column {column!r}",
                file=table.name,
                row=1,
                value=", ".join(table.columns),
                expected=expected,
            )
        )

    findings += repeated_headers(table)
    if "org_code" not in headers:
        lacks("org_code", "the organisation's ODS code in a column org_code")
    if "period" not in headers and not {"in_force_from", "in_force_to"} <= headers.keys():
        lacks("period", "a column period or quarter, or in_force_from and in_force_to")
    if "numerator" in headers and "denominator" not in headers:
        lacks("denominator", "a denominator beside the numerator")
    is_meant_long = bool(_ONLY_LONG & headers.keys())
    if not _is_long(headers) and (is_meant_long or not _metric_columns(headers)):
        lacks("value", "a column value, numerator and denominator, or one column a metric")
    return findings


def _period_expr(headers: dict[str, str]) -> pl.Expr:
    if "period" in headers:
        return pl.col("period").str.strip_chars()
    ends = pl.col("in_force_from", "in_force_to").str.strip_chars().replace("", None)
    return pl.concat_str(ends, separator=" to ")
