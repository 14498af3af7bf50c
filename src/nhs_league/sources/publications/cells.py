"""Look at the cells that are no plain counts: marks, separators, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from nhs_league.findings import MAX_OF_A_KIND, Finding, Severity, beyond_the_cap
from nhs_league.sources.cells import number_checks, with_numbers
from nhs_league.sources.publications.plan import ReadingPlan, sum_expr
from nhs_league.sources.specs.selection import HeaderRow
from nhs_league.sources.tabular import ROW

SEVERITY_OF_STATUS: Final = ("reported", "not_applicable", "not_submitted", "suppressed")
"""Statuses by what they do to a sum: the last among its cells is the sum's own."""

_COUNT: Final = "a count of 0 or more"

_Problem = tuple[int, pl.Expr, Severity, str, str, str | None]


def mended_rows(
    irregular: pl.DataFrame, plan: ReadingPlan, header: HeaderRow
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read the cells of irregular rows one way or another, and add the rows up.

    Gives the rows as ``ReadingPlan.kept`` does, each sum null where a cell has no number, with
    ``status_0`` and so on beside it: places in ``SEVERITY_OF_STATUS``. ``is_nothing`` says that a
    row names no organisation and has no figure.
    """
    columns = [f"figure_{place}" for place in plan.figure_columns]
    read = with_numbers(irregular, columns)
    read = read.with_columns(
        pl.lit(None, pl.String).alias(f"mark:{column}")
        for column in columns
        if f"mark:{column}" not in read.columns
    )
    sums = [
        expr
        for at, one in enumerate(plan.sums)
        for expr in (
            sum_expr(one, "figure_").alias(f"sum_{at}"),
            pl.max_horizontal(_status(place) for place in one.columns).alias(f"status_{at}"),
        )
    ]
    has_cell = pl.any_horizontal(
        pl.col(f"cell:{column}").fill_null("").str.strip_chars() != "" for column in columns
    )
    is_nothing = (pl.col("org_code") == "") & ~has_cell
    mended = read.with_columns(*sums, is_nothing.alias("is_nothing"))
    keys = [name for name in irregular.columns if not name.startswith("figure_")]
    findings = list(_cell_findings(mended.filter(~pl.col("is_nothing")), plan, header))
    return mended.select(*keys, "^sum_.*$", "^status_.*$", "is_nothing"), findings


def _status(place: int) -> pl.Expr:
    """Give a cell's status as a place in ``SEVERITY_OF_STATUS``; a blank was not submitted."""
    number, mark = pl.col(f"figure_{place}"), pl.col(f"mark:figure_{place}")
    places = {status: at for at, status in enumerate(SEVERITY_OF_STATUS)}
    stated = mark.replace_strict(places, default=places["not_submitted"], return_dtype=pl.UInt8)
    return pl.when(number.is_not_null()).then(pl.lit(0, pl.UInt8)).otherwise(stated)


def _cell_findings(rows: pl.DataFrame, plan: ReadingPlan, header: HeaderRow) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for place, failing, severity, code, message, expected in _problems(plan, rows.columns):
        wrong = rows.filter(failing.fill_null(False))
        left = max(0, MAX_OF_A_KIND - counts.get(code, 0))
        counts[code] = counts.get(code, 0) + len(wrong)
        for row in wrong.head(left).iter_rows(named=True):
            written = row[f"cell:figure_{place}"]
            yield Finding(
                severity,
                code,
                message,
                header.file,
                row[ROW],
                header.headers[place],
                written or "",
                expected,
            )
    for code, count in counts.items():
        yield from beyond_the_cap(code, count)


def _problems(plan: ReadingPlan, available: Sequence[str]) -> Iterator[_Problem]:
    """List what can be wrong with each cell, in rows whose metrics count it."""
    for place in plan.figure_columns:
        name = f"figure_{place}"
        counts = pl.any_horizontal(pl.col(f"if_{at}") for at in plan.conditions_of(place))
        is_count = place in plan.count_columns
        if f"is_text:{name}" in available:
            for check in number_checks(name, is_count=is_count):
                failing = counts & check.failing
                expected = check.expected or (_COUNT if check.severity == "error" else None)
                yield place, failing, check.severity, check.code, check.message, expected
        if is_count:
            below = counts & (pl.col(name) < 0)
            yield place, below, "error", "negative_count", "is below zero", _COUNT
    for at, one in enumerate(plan.sums):
        if one.subtract:
            counts = pl.any_horizontal(
                pl.col(f"if_{metric.condition}") for metric in plan.metrics if at in metric.sums
            )
            below = counts & (pl.col(f"sum_{at}") < 0)
            message = "is more than there is to subtract it from"
            yield one.subtract[0], below, "error", "negative_count", message, None
