"""Read a publication into observations, with the account of every row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from nhs_league.findings import Finding, capped, counted
from nhs_league.observations import OBSERVATION_SCHEMA
from nhs_league.period import InvalidPeriodError, Period
from nhs_league.sources.publications.cells import SEVERITY_OF_STATUS, mended_rows
from nhs_league.sources.publications.periods import read_period, read_year_and_month
from nhs_league.sources.publications.pieces import Body, SheetBody
from nhs_league.sources.publications.plan import (
    NO_METRIC,
    NO_ORGANISATION,
    MetricPlan,
    ReadingPlan,
    is_counted,
    reason_counts,
)
from nhs_league.sources.specs.model import Publication
from nhs_league.sources.specs.selection import HeaderRow
from nhs_league.sources.tabular import ROW, ragged_row

USE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
    "metric_id": pl.String(),
    "group": pl.UInt32(),
    "rows": pl.UInt32(),
    "others": pl.String(),
}
"""The contract of ``ReadPublication.uses``: groups of rows, and the observations of each.

``others`` is the reason for leaving the group out where its organisation is not ranked.
"""

_MONTHS_SCHEMA: Final[dict[str, pl.DataType]] = {
    "first_month": pl.Int32(),
    "last_month": pl.Int32(),
}
_TOLERANCE: Final = 1e-9
"""By how much sums of fractions may be off."""

_KEYS: Final = ["org_code", "period", "first_month", "last_month"]

Rows = Body | SheetBody
"""The rows below a header, in a text or in a sheet."""


@dataclass(frozen=True)
class ReadPublication:
    """What came of a file: observations under ``OBSERVATION_SCHEMA``, and the account of its rows.

    An observation's ``source_row`` is the first of the rows that it sums up. ``uses`` is under
    ``USE_SCHEMA``; ``left_out`` counts the rows that are in none of its groups, by reason.
    """

    observations: pl.DataFrame
    uses: pl.DataFrame
    rows_in: int
    left_out: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read_publication(
    source: Publication, header: HeaderRow, plan: ReadingPlan, rows: Rows
) -> ReadPublication:
    """Read the rows below a header by the plan that a spec makes of it.

    What is wrong with them is in the findings; where those have errors, the observations are not
    to be used. Raises ``UnreadableFileError`` for a file that breaks off.
    """
    findings: list[Finding] = []
    try:
        outcomes, ragged = rows.run(lambda frame: _first_reading(plan, frame))
    except csv.Error as error:
        return nothing_read(
            [Finding("error", "csv_malformed", f"is not CSV: {error}", header.file)]
        )
    left_out = reason_counts(plan, [tally for tally, _ in outcomes])
    kept = _concatenated([kept for _, kept in outcomes], plan)
    if kept["is_irregular"].any():
        kept, dropped, found = _mended(kept, rows, plan, header)
        findings += found
        for reason, count in dropped.items():
            left_out[reason] = left_out.get(reason, 0) + count
    if ragged:
        left_out["ragged_row"] = len(ragged)
        width = len(header.headers)
        findings += [ragged_row(header.file, one.row, one.cells, width) for one in ragged]
    kept, found = _with_periods(kept, source, header)
    findings += [*found, *_missing_organisations(kept, source, header)]
    groups = _grouped(kept, plan)
    grouped = [_summed(groups, plan, at) for at in range(len(plan.conditions))]
    findings += _sum_findings(grouped, plan, source, header)
    observations = pl.concat(
        _observations(grouped[metric.condition], metric, header.file) for metric in plan.metrics
    )
    rows_in = len(kept) + sum(left_out.values())
    if rows_in == left_out.get(NO_ORGANISATION, 0):
        findings.append(
            Finding("error", "no_rows", "has a header and no rows", header.file, header.row)
        )
    uses = _uses(groups, grouped, plan, source, header.file)
    return ReadPublication(observations, uses, rows_in, left_out, capped(findings))


def _first_reading(plan: ReadingPlan, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    base = plan.base(frame)
    return [plan.tally(base), plan.kept(base)]


def _second_reading(plan: ReadingPlan, frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    base = plan.base(frame)
    return [plan.tally(base), plan.irregular(base)]


def unread_rows(rows: Rows, findings: Sequence[Finding]) -> ReadPublication:
    """Account for the rows of a file whose columns could not be found, as the findings say.

    Raises ``UnreadableFileError`` for a file that breaks off.
    """

    def count(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
        return [frame.select(pl.len().alias("rows"), pl.lit(0).alias("blank_ends"))]

    try:
        outcomes, ragged = rows.run(count)
    except csv.Error:
        return nothing_read(findings)
    rows_in = sum(int(counts["rows"].sum()) for [counts] in outcomes) + len(ragged)
    return nothing_read(findings, rows_in, {"layout_unknown": rows_in} if rows_in else {})


def nothing_read(
    findings: Sequence[Finding] = (), rows_in: int = 0, left_out: Mapping[str, int] | None = None
) -> ReadPublication:
    """Give what came out of a file that could not be read as its spec says."""
    return ReadPublication(
        pl.DataFrame(schema=OBSERVATION_SCHEMA),
        pl.DataFrame(schema=USE_SCHEMA),
        rows_in,
        dict(left_out or {}),
        tuple(findings),
    )


def _concatenated(frames: Sequence[pl.DataFrame], plan: ReadingPlan) -> pl.DataFrame:
    """Put the pieces together in the order of their rows; nothing is wrong with any status yet."""
    kept = pl.concat(frames)
    if not kept[ROW].is_sorted():
        kept = kept.sort(ROW)
    return kept.with_columns(
        pl.lit(0, pl.UInt8).alias(f"status_{at}") for at in range(len(plan.sums))
    )


def _mended(
    kept: pl.DataFrame, rows: Rows, plan: ReadingPlan, header: HeaderRow
) -> tuple[pl.DataFrame, dict[str, int], list[Finding]]:
    """Read irregular rows again, with their cells as written.

    Those that name no organisation, and have nothing or nothing that counts, are dropped, and
    counted by reason.
    """
    outcomes, _ = rows.run(lambda frame: _second_reading(plan, frame))
    irregular = pl.concat([frame for _, frame in outcomes]).sort(ROW)
    mended, findings = mended_rows(irregular, plan, header)
    is_idle = ~is_counted(plan) & ~pl.col("is_nothing")
    counts = {
        NO_ORGANISATION: int(mended["is_nothing"].sum()),
        NO_METRIC: int(mended.select(is_idle.sum()).item()),
    }
    stay = mended.filter(~pl.col("is_nothing") & is_counted(plan))
    stay = stay.with_columns(pl.lit(True).alias("is_irregular")).select(kept.columns)
    whole = pl.concat([kept.filter(~pl.col("is_irregular")), stay]).sort(ROW)
    return whole, {reason: count for reason, count in counts.items() if count}, findings


def _grouped(kept: pl.DataFrame, plan: ReadingPlan) -> pl.DataFrame:
    """Add up the rows of each organisation and period that the same metrics count.

    ``nulls_0`` and so on count the rows in which a sum has no number, of which ``null_row_0`` is
    the first; the status of a sum is the gravest of its rows.
    """
    keys = [*_KEYS, *(name for name in kept.columns if name.startswith("if_")), "kind"]
    # Keys of one value throughout, as most are, make no group.
    constant = [key for key in keys[1:] if _is_constant(kept[key])]
    sums = [
        expr
        for at in range(len(plan.sums))
        for expr in (
            pl.col(f"sum_{at}").sum(),
            pl.col(f"status_{at}").max(),
            pl.col(f"sum_{at}").null_count().alias(f"nulls_{at}"),
            pl.col(ROW).filter(pl.col(f"sum_{at}").is_null()).first().alias(f"null_row_{at}"),
        )
    ]
    return (
        kept.group_by([key for key in keys if key not in constant], maintain_order=True)
        .agg(pl.col(*constant, ROW).first(), pl.len().alias("rows"), *sums)
        .with_row_index("group")
    )


def _is_constant(column: pl.Series) -> bool:
    return column.is_empty() or bool(column.eq_missing(column[0]).all())


def _summed(groups: pl.DataFrame, plan: ReadingPlan, condition: int) -> pl.DataFrame:
    """Add up the groups of each organisation and period, for the metrics of one condition.

    A sum is null if any of its rows has no number.
    """
    places = sorted({at for m in plan.metrics if m.condition == condition for at in m.sums})
    sums = [
        expr
        for at in places
        for expr in (
            pl.when(pl.col(f"nulls_{at}").sum() == 0).then(pl.col(f"sum_{at}").sum()),
            pl.col(f"status_{at}").max(),
            pl.col(f"nulls_{at}").sum(),
            pl.col(f"null_row_{at}").min(),
        )
    ]
    return (
        groups.filter(pl.col(f"if_{condition}"))
        .group_by(_KEYS, maintain_order=True)
        .agg(pl.col(ROW).min(), pl.col("rows").sum(), *sums)
    )


def _observations(grouped: pl.DataFrame, metric: MetricPlan, file: str) -> pl.DataFrame:
    """Make the observations of a metric out of its sums."""

    def figure(at: int | None) -> pl.Expr:
        return pl.lit(None, pl.Float64) if at is None else pl.col(f"sum_{at}")

    def status(at: int | None) -> pl.Expr:
        return pl.lit(0, pl.UInt8) if at is None else pl.col(f"status_{at}")

    if metric.value is not None:
        number = status(metric.value)
    else:
        counts = status(metric.numerator)
        number = pl.when(counts > 0).then(counts).otherwise(status(metric.denominator))
    is_reported = number == 0
    return (
        grouped.filter(pl.col("org_code") != "", pl.col("period").is_not_null())
        .select(
            "org_code",
            pl.lit(metric.metric_id).alias("metric_id"),
            "period",
            "first_month",
            "last_month",
            pl.when(is_reported).then(figure(metric.value)).alias("value"),
            pl.when(is_reported).then(figure(metric.numerator)).alias("numerator"),
            figure(metric.denominator).alias("denominator"),
            number.replace_strict(
                dict(enumerate(SEVERITY_OF_STATUS)), return_dtype=pl.String
            ).alias("status"),
            pl.lit(None, pl.String).alias("unit"),
            pl.lit(None, pl.Float64).alias("published_rank"),
            pl.lit(file).alias("source_file"),
            pl.col(ROW).alias("source_row"),
        )
        .cast(OBSERVATION_SCHEMA)  # type: ignore[arg-type]
    )


def _with_periods(
    kept: pl.DataFrame, source: Publication, header: HeaderRow
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read each different text of a period once; one that is none is a finding.

    Gives the rows with ``period``, ``first_month`` and ``last_month``, null where none can be read.
    """
    columns = [name for name in kept.columns if name.startswith("period_")]
    texts = kept.select(columns).unique(maintain_order=True).rows()
    rows: list[tuple[str | int | None, ...]] = []
    problems: dict[tuple[str | None, ...], str] = {}
    for found in texts:
        try:
            period = _period([text or "" for text in found], source)
            rows.append((*found, str(period), period.first_month, period.last_month))
        except InvalidPeriodError as error:
            rows.append((*found, None, None, None))
            problems[found] = str(error)
    findings = list(_period_findings(kept, columns, problems, source, header)) if problems else []
    schema = dict.fromkeys([*columns, "period"], pl.String()) | _MONTHS_SCHEMA
    periods = pl.DataFrame(rows, schema=schema, orient="row")
    if len(periods) == 1:
        constants = [pl.lit(one).first().alias(one.name) for one in periods.select(_KEYS[1:])]
        return kept.with_columns(constants), findings
    joined = kept.join(periods, on=columns, how="left", nulls_equal=True, maintain_order="left")
    return joined, findings


def _period_findings(
    kept: pl.DataFrame,
    columns: Sequence[str],
    problems: Mapping[tuple[str | None, ...], str],
    source: Publication,
    header: HeaderRow,
) -> Iterator[Finding]:
    """Find texts that are no period, each at the first of its rows."""
    place = source.period
    written = place.column if place.column is not None else place.month
    stated = kept.group_by(columns, maintain_order=True).agg(pl.len(), pl.col(ROW).first())
    for *texts, count, row in stated.iter_rows():
        if problem := problems.get(tuple(texts)):
            message = f"{problem}: {counted(count, 'row', 'has it', 'have it')}"
            value = " ".join(text or "" for text in texts)
            yield Finding("error", "period_unreadable", message, header.file, row, written, value)


def _period(texts: Sequence[str], source: Publication) -> Period:
    """Read the period of a row; raises ``InvalidPeriodError``."""
    if source.period.column is not None:
        return read_period(texts[0], source.period.formats)
    return read_year_and_month(*texts)


def _missing_organisations(
    kept: pl.DataFrame, source: Publication, header: HeaderRow
) -> Iterator[Finding]:
    for row in kept.filter(pl.col("org_code") == "")[ROW].to_list():
        column = source.organisation.column
        yield Finding("error", "key_missing", "is blank", header.file, row, column, "")


def _sum_findings(
    grouped: Sequence[pl.DataFrame], plan: ReadingPlan, source: Publication, header: HeaderRow
) -> Iterator[Finding]:
    """Find sums that lack some of their rows, and figures in more rows than there should be."""
    for metric in plan.metrics:
        groups = grouped[metric.condition]
        for at in dict.fromkeys(metric.sums):
            partly = groups.filter(
                pl.col(f"nulls_{at}") > 0, pl.col(f"nulls_{at}") < pl.col("rows")
            )
            for row in partly.iter_rows(named=True):
                lack = counted(row[f"nulls_{at}"], "row", "has", "have")
                status = SEVERITY_OF_STATUS[row[f"status_{at}"]].replace("_", " ")
                yield Finding(
                    "warning",
                    "sum_incomplete",
                    f"{row['org_code']} {metric.metric_id}: {lack} no figure of {row['rows']}, "
                    f"so the sum is {status}",
                    header.file,
                    row[f"null_row_{at}"],
                )
        yield from _parts_above_wholes(groups, metric, source, header)
        if metric.value is not None or source.organisation.rows == "one":
            for row in groups.filter(pl.col("rows") > 1).iter_rows(named=True):
                yield Finding(
                    "error",
                    "repeated_observation",
                    f"{row['org_code']} {metric.metric_id}: {row['rows']} rows state it for one "
                    "period",
                    header.file,
                    row[ROW],
                    expected="one row for an organisation and a period",
                )


def _parts_above_wholes(
    groups: pl.DataFrame, metric: MetricPlan, source: Publication, header: HeaderRow
) -> Iterator[Finding]:
    """Find percentages whose numerator is larger than the denominator."""
    if metric.numerator is None or source.metrics[metric.metric_id].unit != "percent":
        return
    part, whole = f"sum_{metric.numerator}", f"sum_{metric.denominator}"
    for row in groups.filter(pl.col(part) > pl.col(whole) + _TOLERANCE).iter_rows(named=True):
        yield Finding(
            "error",
            "numerator_above_denominator",
            f"{row['org_code']} {metric.metric_id}: a part is larger than its whole",
            header.file,
            row[ROW],
            "numerator",
            f"{row[part]:g}",
            f"at most {row[whole]:g}",
        )


def _uses(
    groups: pl.DataFrame,
    grouped: Sequence[pl.DataFrame],
    plan: ReadingPlan,
    source: Publication,
    file: str,
) -> pl.DataFrame:
    """List groups of rows by the observations that they are part of, under ``USE_SCHEMA``."""
    place = source.organisation
    others = dict(enumerate([place.others, *(kind.reason for kind in place.kinds)]))
    groups = groups.with_columns(
        pl.lit(file).alias("source_file"),
        pl.col("kind").replace_strict(others, return_dtype=pl.String).alias("others"),
    )
    uses = []
    for at, of_condition in enumerate(grouped):
        first_rows = of_condition.select(*_KEYS, pl.col(ROW).alias("source_row"))
        pairs = groups.filter(pl.col(f"if_{at}")).join(
            first_rows, on=_KEYS, nulls_equal=True, maintain_order="left"
        )
        ids = [metric.metric_id for metric in plan.metrics if metric.condition == at]
        uses += [pairs.with_columns(pl.lit(id_).alias("metric_id")) for id_ in ids]
    return pl.concat(uses).select(*USE_SCHEMA).cast(USE_SCHEMA)  # type: ignore[arg-type]
