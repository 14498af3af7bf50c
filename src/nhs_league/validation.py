"""Findings on observations in the light of a framework and a quarter."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from nhs_league.findings import MAX_OF_A_KIND, Finding, Severity, beyond_the_cap, in_order
from nhs_league.framework.model import Framework, QuartileSegments
from nhs_league.framework.scoring_methods import PublishedScoring
from nhs_league.quarter import Quarter, month_text
from nhs_league.scoring.measure import (
    framework_ids,
    month_rows,
    quarter_figures,
    whole_quarter_rows,
)
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.segments import MIN_FOR_QUARTILES


def validate(
    observations: pl.DataFrame,
    organisations: pl.DataFrame,
    framework: Framework,
    quarter: Quarter,
    *,
    figures: pl.DataFrame | None = None,
) -> list[Finding]:
    """Check that the quarter's observations can be scored by the framework.

    ``observations`` and ``organisations`` keep their frame contracts; ``figures`` are what
    ``scoring.measure.quarter_figures`` makes of them, where they are made already. The findings
    come in order; with an error among them the league is not to be trusted.
    """
    if figures is None:
        figures = quarter_figures(observations, framework, quarter)
    wanted = observations.filter(pl.col("metric_id").is_in(framework_ids(framework)))
    whole, months = whole_quarter_rows(wanted, quarter), month_rows(wanted, quarter)
    findings: list[Finding] = []
    findings += _numerators_above_denominators(pl.concat([whole, months]), framework)
    findings += _scores_off_the_scale(whole, framework)
    findings += _overlapping_figures(whole)
    findings += _months_that_cannot_be_combined(months, framework)
    findings += _months_left_out(figures)
    findings += _periods_not_used(wanted, framework, quarter)
    findings += _incomplete_quarters(whole, months, framework, quarter)
    findings += _metrics_without_data(pl.concat([whole, months]), framework, quarter)
    findings += _organisations_missing(pl.concat([whole, months]), organisations, framework)
    return in_order(findings)


def _each(
    severity: Severity,
    code: str,
    rows: pl.DataFrame,
    message: str,
    *,
    column: str | None = None,
    expected: str | None = None,
) -> Iterator[Finding]:
    """Make a finding of each row; braces in the texts stand for the row's columns."""
    for row in rows.head(MAX_OF_A_KIND).iter_rows(named=True):
        value = row[column] if column else None
        yield Finding(
            severity,
            code,
            f"{row['org_code']} {row['metric_id']}: {message.format(**row)}",
            file=row["source_file"],
            row=row.get("source_row"),
            column=column,
            value=f"{value:g}" if isinstance(value, float) else value,
            expected=expected.format(**row) if expected else None,
        )
    yield from beyond_the_cap(code, len(rows))


def _numerators_above_denominators(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    proportions = [id_ for id_, metric in framework.metrics.items() if metric.is_proportion]
    above = rows.filter(
        pl.col("metric_id").is_in(proportions),
        pl.col("numerator") > pl.col("denominator") + TOLERANCE,
    )
    yield from _each(
        "error",
        "numerator_above_denominator",
        above,
        "a part is larger than its whole",
        column="numerator",
        expected="at most {denominator:g}",
    )


def _scores_off_the_scale(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    metrics = framework.metrics
    scores = [id_ for id_, m in metrics.items() if isinstance(m.scoring, PublishedScoring)]
    scores += [m.published_score for m in metrics.values() if m.published_score is not None]
    low, high = sorted((framework.scale.best, framework.scale.worst))
    off = rows.filter(
        pl.col("metric_id").is_in(scores),
        ~pl.col("value").is_between(low - TOLERANCE, high + TOLERANCE),
    )
    yield from _each(
        "error",
        "score_off_scale",
        off,
        "is no score on the framework's scale",
        column="value",
        expected=f"{low:g} to {high:g}",
    )


def _overlapping_figures(whole: pl.DataFrame) -> Iterator[Finding]:
    key = ["org_code", "metric_id"]
    length = pl.col("last_month") - pl.col("first_month")
    shortest = whole.filter(length == length.min().over(key))
    yield from _each(
        "error",
        "overlapping_figures",
        shortest.filter(pl.struct(key).is_duplicated()),
        "more than one figure is in force in the quarter",
        column="period",
        expected="one figure",
    )


def _months_that_cannot_be_combined(
    months: pl.DataFrame, framework: Framework
) -> Iterator[Finding]:
    needs = {
        "sum": ("a numerator and denominator in every month", pl.col("numerator").is_null()),
        "mean": ("a denominator, by which months are weighted", pl.col("denominator").is_null()),
    }
    for basis, (expected, lacks) in needs.items():
        ids = [id_ for id_, metric in framework.metrics.items() if metric.basis == basis]
        is_reported = pl.col("status") == "reported"
        yield from _each(
            "error",
            "months_not_combinable",
            months.filter(pl.col("metric_id").is_in(ids), is_reported, lacks),
            f"a month's value alone makes no quarter under basis {basis}",
            expected=expected,
        )


def _months_left_out(figures: pl.DataFrame) -> Iterator[Finding]:
    partial = figures.filter(pl.col("left_out").is_not_null(), pl.col("status") == "reported")
    yield from _each(
        "warning", "month_left_out", partial, "the quarter's figure leaves out {left_out}"
    )


def _periods_not_used(
    wanted: pl.DataFrame, framework: Framework, quarter: Quarter
) -> Iterator[Finding]:
    """Find figures of the quarter that are neither for the whole of it nor for a month in use."""
    in_months = [id_ for id_, m in framework.metrics.items() if m.basis != "in_force"]
    first, last = pl.col("first_month"), pl.col("last_month")
    is_whole = (first <= quarter.first_month) & (last >= quarter.last_month)
    is_month = (first == last) & pl.col("metric_id").is_in(in_months)
    unused = wanted.filter(
        first <= quarter.last_month, last >= quarter.first_month, ~is_whole & ~is_month
    )
    yield from _each(
        "warning",
        "period_not_used",
        unused,
        "the period is part of the quarter and not used",
        column="period",
        expected="the whole quarter, or months of a metric that is put together from months",
    )


def _incomplete_quarters(
    whole: pl.DataFrame, months: pl.DataFrame, framework: Framework, quarter: Quarter
) -> Iterator[Finding]:
    whole_ids = set(whole["metric_id"].unique().to_list())
    found: dict[str, set[str]] = {}
    for metric_id, month in months.select("metric_id", "first_month").unique().iter_rows():
        found.setdefault(metric_id, set()).add(month_text(month))
    for metric_id in sorted(found.keys() - whole_ids):
        if metric_id in framework.metrics and (gone := set(quarter.months) - found[metric_id]):
            yield Finding(
                "warning",
                "incomplete_quarter",
                f"{metric_id}: the data have no month {', '.join(sorted(gone))} of {quarter}",
            )


def _metrics_without_data(
    rows: pl.DataFrame, framework: Framework, quarter: Quarter
) -> Iterator[Finding]:
    present = set(rows["metric_id"].unique().to_list())
    for metric_id, metric in framework.metrics.items():
        if metric_id not in present and metric.published_score not in present:
            if metric.scoring.method == "matrix":
                continue
            yield Finding(
                "warning",
                "metric_without_data",
                f"{metric_id}: the data have nothing for {quarter}",
            )


def _organisations_missing(
    rows: pl.DataFrame, organisations: pl.DataFrame, framework: Framework
) -> Iterator[Finding]:
    column = framework.peer_groups.column
    loaded = organisations.join(rows.select("org_code").unique(), on="org_code", how="semi")
    counts = dict(loaded.group_by(column).len().iter_rows())
    for group, expected in framework.peer_groups.expected_organisations.items():
        if counts.get(group, 0) < expected:
            yield Finding(
                "warning",
                "organisations_missing",
                f"{group}: {counts.get(group, 0)} of {expected} organisations have figures; "
                "pools and cut points over all of them will differ from the whole",
            )
    segments = framework.segments
    if isinstance(segments, QuartileSegments):
        is_by_group = segments.pool == "peer_group"
        sizes = counts if is_by_group else {"the league": len(loaded)}
        for group, size in sorted(sizes.items()):
            if 0 < size < MIN_FOR_QUARTILES:
                yield Finding(
                    "warning",
                    "too_few_for_quartiles",
                    f"{group}: {size} organisations are too few for quartiles, and have no segment",
                )
