"""Lay tidy tables out as one frame of text cells: wide or long, months, quarters or editions.

``docs/data.md`` describes the layouts for the people who prepare them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import polars as pl

from nhs_league.findings import Finding
from nhs_league.period import PERIOD_FORMS, InvalidPeriodError, Period
from nhs_league.sources.layout import (
    CELL_COLUMNS,
    CELL_SCHEMA,
    LaidOutTable,
    unknown_layout,
)
from nhs_league.sources.specs.model import Tidy
from nhs_league.sources.tabular import ROW, TextTable


@dataclass(frozen=True)
class TidyHeaders:
    """What the headers of tidy tables are read as: see ``tidy_headers``.

    ``columns`` gives the column of ``CELL_SCHEMA``, or an end of the time in force, that a header
    in small letters fills; ``not_used`` are headers that describe a row and hold no figure.
    """

    columns: Mapping[str, str]
    not_used: frozenset[str]

    def known(self, header: str) -> str:
        """Give the column that a header fills, or the header itself where it fills none."""
        lowered = header.lower().replace(" ", "_")
        if lowered in self.not_used:
            return lowered
        return self.columns.get(lowered, header)

    def is_known(self, name: str) -> bool:
        """Say whether a name that ``known`` gave is that of no metric."""
        return name in self.not_used or name in self.columns.values()


def tidy_headers(spec: Tidy) -> TidyHeaders:
    """Give the headers that a spec of tidy tables names."""
    columns = {
        written.lower().replace(" ", "_"): str(column)
        for column, names in spec.columns.items()
        for written in names
    }
    return TidyHeaders(columns, frozenset(name.lower().replace(" ", "_") for name in spec.not_used))


def is_organisations_table(table: TextTable, tidy: TidyHeaders) -> bool:
    """Say whether a table is a register of organisations."""
    known = {tidy.known(header) for header in table.columns}
    return known >= {"org_code", "org_name", "trust_type"} and not known & {
        "period",
        "in_force_from",
    }


def tidy_cells(table: TextTable, tidy: TidyHeaders) -> LaidOutTable:
    """Lay a table out under ``CELL_SCHEMA``, melting a wide one into a row a metric.

    A wide table's blank cells are no observation at all: not every organisation has every metric.
    """
    headers = {tidy.known(header): header for header in table.columns}
    findings = _layout_findings(table, headers, tidy) if headers else []
    if findings or not headers:
        return unknown_layout(headers, findings)
    metric_columns = _metric_columns(headers, tidy)
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
    return LaidOutTable(frame.select(*CELL_SCHEMA), headers, layout, tuple(findings))


_ONLY_LONG: Final = frozenset({"metric_id", "denominator", "published_rank", "status", "unit"})
"""Headers that stand only beside a value or a numerator."""


def repeated_headers(table: TextTable, known_as: Callable[[str], str]) -> list[Finding]:
    """Find headers that mean the same as one before them."""
    findings = []
    first: dict[str, str] = {}
    for header in table.columns:
        known = known_as(header)
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


def _metric_columns(headers: dict[str, str], tidy: TidyHeaders) -> list[str]:
    return [known for known in headers if not tidy.is_known(known)]


def _layout_findings(table: TextTable, headers: dict[str, str], tidy: TidyHeaders) -> list[Finding]:
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

    findings += repeated_headers(table, tidy.known)
    if "org_code" not in headers:
        lacks("org_code", "the organisation's ODS code in a column org_code")
    if "period" not in headers and not {"in_force_from", "in_force_to"} <= headers.keys():
        lacks("period", "a column period or quarter, or in_force_from and in_force_to")
    if "numerator" in headers and "denominator" not in headers:
        lacks("denominator", "a denominator beside the numerator")
    is_meant_long = bool(_ONLY_LONG & headers.keys())
    if not _is_long(headers) and (is_meant_long or not _metric_columns(headers, tidy)):
        lacks("value", "a column value, numerator and denominator, or one column a metric")
    if not findings and not _is_long(headers) and "period" in headers:
        findings += _foreign_periods(table, headers["period"])
    return findings


def _foreign_periods(table: TextTable, column: str) -> list[Finding]:
    """Find a table whose columns could be metrics, and whose periods are none: it is another's."""
    cells = table.frame.filter(pl.col(column).str.strip_chars() != "")
    if cells.is_empty() or any(_is_period(text) for text in cells[column].unique().to_list()):
        return []
    return [
        Finding(
            "error",
            "layout_unknown",
            "is in no layout that is known, and no cell of this column is a period",
            table.name,
            cells[ROW][0],
            column,
            cells[column][0],
            PERIOD_FORMS,
        )
    ]


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except InvalidPeriodError:
        return False
    return True


def _period_expr(headers: dict[str, str]) -> pl.Expr:
    if "period" in headers:
        return pl.col("period").str.strip_chars()
    ends = pl.col("in_force_from", "in_force_to").str.strip_chars().replace("", None)
    return pl.concat_str(ends, separator=" to ")
