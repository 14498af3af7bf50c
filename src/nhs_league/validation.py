"""Findings on observations in the light of a framework and a quarter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from nhs_league.findings import MAX_OF_A_KIND, Finding, beyond_the_cap, in_order
from nhs_league.framework.model import Framework
from nhs_league.framework.scoring_methods import PublishedScoring
from nhs_league.quarter import Quarter, month_text
from nhs_league.scoring.measure import (
    framework_ids,
    month_rows,
    quarter_figures,
    whole_quarter_rows,
)
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.segments import MIN_FOR_QUARTILES, has_quartiles


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


def _subject(row: dict[str, Any]) -> str:
    return f"{row['org_code']} {row['metric_id']}"


def _numerators_above_denominators(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    proportions = [id_ for id_, metric in framework.metrics.items() if metric.is_proportion]
    above = rows.filter(
        pl.col("metric_id").is_in(proportions),
        pl.col("numerator") > pl.col("denominator") + TOLERANCE,
    )
    for row in above.head(MAX_OF_A_KIND).iter_rows(named=True):
        yield Finding(
            "error",
            "numerator_above_denominator",
            f"{_subject(row)}: a part is larger than its whole",
            file=row["source_file"],
            row=row["source_row"],
            column="numerator",
            value=f"{row['numerator']:g}",
            expected=f"at most {row['denominator']:g}",
        )
    yield from beyond_the_cap("numerator_above_denominator", len(above))


def _scores_off_the_scale(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    scores = [
        id_ for id_, m in framework.metrics.items() if isinstance(m.scoring, PublishedScoring)
    ]
    scores += [
        m.published_score for m in framework.metrics.values() if m.published_score is not None
    ]
    low, high = sorted((framework.scale.best, framework.scale.worst))
    off = rows.filter(
        pl.col("metric_id").is_in(scores),
        ~pl.col("value").is_between(low - TOLERANCE, high + TOLERANCE),
    )
    for row in off.head(MAX_OF_A_KIND).iter_rows(named=True):
        yield Finding(
            "error",
            "score_off_scale",
            f"{_subject(row)}: is no score on the framework's scale",
            file=row["source_file"],
            row=row["source_row"],
            column="value",
            value=f"{row['value']:g}",
            expected=f"{low:g} to {high:g}",
        )
    yield from beyond_the_cap("score_off_scale", len(off))


def _overlapping_figures(whole: pl.DataFrame) -> Iterator[Finding]:
    key = ["org_code", "metric_id"]
    shortest = pl.col("last_month") - pl.col("first_month")
    rival = whole.filter(shortest == shortest.min().over(key)).filter(
        pl.struct(key).is_duplicated()
    )
    for row in rival.head(MAX_OF_A_KIND).iter_rows(named=True):
        yield Finding(
            "error",
            "overlapping_figures",
            f"{_subject(row)}: more than one figure is in force in the quarter",
            file=row["source_file"],
            row=row["source_row"],
            column="period",
            value=row["period"],
            expected="one figure",
        )
    yield from beyond_the_cap("overlapping_figures", len(rival))


def _months_that_cannot_be_combined(
    months: pl.DataFrame, framework: Framework
) -> Iterator[Finding]:
    needs = {
        "sum": ("a numerator and denominator in every month", pl.col("numerator").is_null()),
        "mean": ("a denominator, by which months are weighted", pl.col("denominator").is_null()),
    }
    for basis, (expected, lacks) in needs.items():
        ids = [id_ for id_, metric in framework.metrics.items() if metric.basis == basis]
        unusable = months.filter(
            pl.col("metric_id").is_in(ids), pl.col("status") == "reported", lacks
        )
        for row in unusable.head(MAX_OF_A_KIND).iter_rows(named=True):
            yield Finding(
                "error",
                "months_not_combinable",
                f"{_subject(row)}: a month's value alone makes no quarter under basis {basis}",
                file=row["source_file"],
                row=row["source_row"],
                expected=expected,
            )
        yield from beyond_the_cap("months_not_combinable", len(unusable))


def _months_left_out(figures: pl.DataFrame) -> Iterator[Finding]:
    partial = figures.filter(pl.col("left_out").is_not_null(), pl.col("status") == "reported")
    for row in partial.head(MAX_OF_A_KIND).iter_rows(named=True):
        yield Finding(
            "warning",
            "month_left_out",
            f"{_subject(row)}: the quarter's figure leaves out {row['left_out']}",
            file=row["source_file"],
        )
    yield from beyond_the_cap("month_left_out", len(partial))


def _periods_not_used(
    wanted: pl.DataFrame, framework: Framework, quarter: Quarter
) -> Iterator[Finding]:
    """Find figures of the quarter that are neither for the whole of it nor for a month in use."""
    in_months = [id_ for id_, m in framework.metrics.items() if m.basis != "in_force"]
    is_whole = (pl.col("first_month") <= quarter.first_month) & (
        pl.col("last_month") >= quarter.last_month
    )
    is_month = (pl.col("first_month") == pl.col("last_month")) & pl.col("metric_id").is_in(
        in_months
    )
    unused = wanted.filter(
        pl.col("first_month") <= quarter.last_month,
        pl.col("last_month") >= quarter.first_month,
        ~is_whole & ~is_month,
    )
    for row in unused.head(MAX_OF_A_KIND).iter_rows(named=True):
        yield Finding(
            "warning",
            "period_not_used",
            f"{_subject(row)}: the period is part of the quarter and not used",
            file=row["source_file"],
            row=row["source_row"],
            column="period",
            value=row["period"],
            expected="the whole quarter, or months of a metric that is put together from months",
        )
    yield from beyond_the_cap("period_not_used", len(unused))


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
    if has_quartiles(framework):
        sizes = (
            counts
            if getattr(segments, "pool", "all") == "peer_group"
            else {"the league": len(loaded)}
        )
        for group, size in sorted(sizes.items()):
            if 0 < size < MIN_FOR_QUARTILES:
                yield Finding(
                    "warning",
                    "too_few_for_quartiles",
                    f"{group}: {size} organisations are too few for quartiles, and have no segment",
                )
