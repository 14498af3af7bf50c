"""Findings on observations in the light of a framework and a quarter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from nhs_league.findings import (
    MAX_OF_A_KIND,
    Finding,
    beyond_the_cap,
    counted,
    findings_of_rows,
    in_order,
)
from nhs_league.framework.model import Framework, QuartileSegments, ThresholdSegments
from nhs_league.framework.scoring_methods import PublishedScoring
from nhs_league.names import nearest
from nhs_league.plausibility import implausible_figures
from nhs_league.quarter import Quarter, month_text
from nhs_league.scoring import columns
from nhs_league.scoring.measure import (
    framework_ids,
    measuring_ids,
    month_rows,
    quarter_figures,
    whole_quarter_rows,
)
from nhs_league.scoring.numbers import TOLERANCE
from nhs_league.scoring.pools import pool_of
from nhs_league.scoring.segments import MIN_FOR_QUARTILES, is_short_of_organisations

_PUBLISHER_ID: Final = r"^OF[0-2]\d{3}$"
"""The ids of values and scores in the Oversight Framework's own files."""


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
    is_wanted = pl.col("metric_id").is_in(framework_ids(framework))
    wanted, of_quarter = observations.filter(is_wanted), whole_quarter_rows(observations, quarter)
    whole, months = of_quarter.filter(is_wanted), month_rows(wanted, quarter)
    rows = pl.concat([whole, months])
    findings: list[Finding] = []
    findings += _numerators_above_denominators(rows, framework)
    findings += _scores_off_the_scale(whole, framework)
    findings += _overlapping_figures(whole)
    findings += _months_that_cannot_be_combined(months, framework)
    findings += _months_left_out(figures)
    findings += _periods_not_used(wanted, framework, quarter)
    findings += _incomplete_quarters(whole, months, framework, quarter)
    measured = _measured(rows, organisations, framework)
    groups = dict(measured.group_by(framework.peer_groups.column).len().iter_rows())
    findings += _metrics_without_data(rows, groups, framework, quarter)
    findings += _organisations_missing(rows, groups, framework)
    findings += _published_averages_alone(rows, measured, framework)
    findings += _impossible_results(whole, framework)
    findings += _unknown_metrics(of_quarter, framework)
    findings += implausible_figures(
        figures, _peer_groups(organisations, framework), framework, quarter
    )
    return in_order(findings)


def _measured(
    rows: pl.DataFrame, organisations: pl.DataFrame, framework: Framework
) -> pl.DataFrame:
    """Keep the organisations that have a figure or a score of any metric."""
    figures = rows.filter(pl.col("metric_id").is_in(measuring_ids(framework)))
    return organisations.join(figures.select("org_code").unique(), on="org_code", how="semi")


def _numerators_above_denominators(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    proportions = [id_ for id_, metric in framework.metrics.items() if metric.is_proportion]
    above = rows.filter(
        pl.col("metric_id").is_in(proportions),
        pl.col("numerator") > pl.col("denominator") + TOLERANCE,
    )
    yield from findings_of_rows(
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
    if framework.published is not None:
        scores.append(framework.published.average_metric_score)
        scores += framework.published.domain_scores.values()
    low, high = sorted((framework.scale.best, framework.scale.worst))
    off = rows.filter(
        pl.col("metric_id").is_in(scores),
        ~pl.col("value").is_between(low - TOLERANCE, high + TOLERANCE),
    )
    yield from findings_of_rows(
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
    yield from findings_of_rows(
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
        yield from findings_of_rows(
            "error",
            "months_not_combinable",
            months.filter(pl.col("metric_id").is_in(ids), is_reported, lacks),
            f"a month's value alone makes no quarter under basis {basis}",
            expected=expected,
        )


def _months_left_out(figures: pl.DataFrame) -> Iterator[Finding]:
    partial = figures.filter(pl.col("left_out").is_not_null(), pl.col("status") == "reported")
    yield from findings_of_rows(
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
    yield from findings_of_rows(
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
    rows: pl.DataFrame, groups: Mapping[str, int], framework: Framework, quarter: Quarter
) -> Iterator[Finding]:
    """Find metrics without a figure that are expected of a peer group that is loaded."""
    present = set(rows["metric_id"].unique().to_list())
    for metric_id, metric in framework.metrics.items():
        is_expected = metric.expected_of is None or any(groups.get(g) for g in metric.expected_of)
        if metric_id in present or metric.published_score in present or not is_expected:
            continue
        if metric.scoring.method != "matrix":
            yield Finding(
                "warning",
                "metric_without_data",
                f"{metric_id}: the data have nothing for {quarter}",
            )


def _organisations_missing(
    rows: pl.DataFrame, groups: Mapping[str, int], framework: Framework
) -> Iterator[Finding]:
    """Find peer groups that are not whole, and say what stands in for the whole."""
    expected = framework.peer_groups.expected_organisations
    for group, count in expected.items():
        if groups.get(group, 0) < count:
            yield Finding(
                "warning",
                "organisations_missing",
                f"{group}: {groups.get(group, 0)} of {count} organisations have figures; "
                f"{_stand_in(rows, framework)}",
            )
    if not is_short_of_organisations(framework, sum(groups.values())):
        codes = set(rows["org_code"].unique().to_list())
        for metric_id, metric in framework.metrics.items():
            absent = [code for code in pool_of(metric).include if code not in codes]
            if expected and absent:
                yield Finding(
                    "warning",
                    "organisations_missing",
                    f"{metric_id}: {', '.join(absent)} of its pool has no figures",
                )
    segments = framework.segments
    if isinstance(segments, QuartileSegments):
        is_by_group = segments.pool == "peer_group"
        sizes = groups if is_by_group else {"the league": sum(groups.values())}
        for group, size in sorted(sizes.items()):
            if 0 < size < MIN_FOR_QUARTILES:
                yield Finding(
                    "warning",
                    "too_few_for_quartiles",
                    f"{group}: {size} organisations are too few for quartiles, and have no segment",
                )


def _stand_in(rows: pl.DataFrame, framework: Framework) -> str:
    present = set(rows["metric_id"].unique().to_list())
    scores = {metric.published_score for metric in framework.metrics.values()}
    has_scores = bool(scores & present)
    has_segments = framework.published is not None and framework.published.segment in present
    pools = (
        "published scores stand for metrics whose pool is not whole"
        if has_scores
        else "scores in pools with them will differ from the whole"
    )
    if isinstance(framework.segments, ThresholdSegments):
        return pools
    cuts = (
        "the published segments tell the cut points"
        if has_segments
        else "cut points are those of the organisations that are there"
    )
    return f"{pools}, and {cuts}"


def _published_averages_alone(
    rows: pl.DataFrame, measured: pl.DataFrame, framework: Framework
) -> Iterator[Finding]:
    """Say of how many organisations only the published average is there."""
    if framework.published is None:
        return
    average = rows.filter(pl.col("metric_id") == framework.published.average_metric_score)
    alone = average.join(measured, on="org_code", how="anti")
    if not alone.is_empty():
        first = alone.sort("source_file", "source_row").row(0, named=True)
        count = counted(len(alone), "organisation", "has", "have")
        yield Finding(
            "warning",
            "published_average_stands",
            f"{count} a published average and no metric: it stands for them, unless scores are to "
            "be computed",
            file=first["source_file"],
            row=first["source_row"],
        )


def _impossible_results(rows: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    """Find published segments, ranks and flags that can be none."""
    published = framework.published
    last = 4
    if isinstance(framework.segments, ThresholdSegments):
        last = len(framework.segments.upper_bounds) + 1
    is_whole = pl.col("value") == pl.col("value").round()
    if published is not None:
        segments = [published.segment, published.adjusted_segment]
        segments += published.domain_segments.values()
        yield from findings_of_rows(
            "error",
            "segment_impossible",
            rows.filter(
                pl.col("metric_id").is_in([id_ for id_ in segments if id_ is not None]),
                ~(is_whole & pl.col("value").is_between(1, last)),
            ),
            "is no segment",
            column="value",
            expected=f"a whole number from 1 to {last}",
        )
        ranks = [published.league_rank, published.rank_by_average]
        yield from findings_of_rows(
            "error",
            "rank_impossible",
            rows.filter(
                pl.col("metric_id").is_in([id_ for id_ in ranks if id_ is not None]),
                ~(is_whole & (pl.col("value") >= 1)),
            ),
            "is no rank",
            column="value",
            expected="a whole number, 1 or more",
        )
    yield from findings_of_rows(
        "error",
        "not_a_flag",
        rows.filter(
            pl.col("metric_id").is_in(list(framework.flags())), ~pl.col("value").is_in([0.0, 1.0])
        ),
        "is neither raised nor not",
        column="value",
        expected="1 or 0",
    )


def _unknown_metrics(observations: pl.DataFrame, framework: Framework) -> Iterator[Finding]:
    """Find the publisher's metrics that an Oversight Framework's rules do not know."""
    if framework.published is None:
        return
    known = framework_ids(framework)
    unknown = (
        observations.filter(
            pl.col("metric_id").str.contains(_PUBLISHER_ID), ~pl.col("metric_id").is_in(known)
        )
        .group_by("source_file", "metric_id", maintain_order=True)
        .agg(pl.col("source_row").min(), pl.len().alias("count"))
        .sort("source_file", "metric_id")
    )
    for row in unknown.head(MAX_OF_A_KIND).iter_rows(named=True):
        figures = counted(row["count"], "figure", "is", "are")
        yield Finding(
            "warning",
            "unknown_metric",
            f"is no metric of {framework.id}: {figures} not used",
            file=row["source_file"],
            row=row["source_row"],
            column="metric_id",
            value=row["metric_id"],
            expected=" or ".join(nearest(row["metric_id"], known)),
        )
    yield from beyond_the_cap("unknown_metric", len(unknown))


def _peer_groups(organisations: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    group = pl.col(framework.peer_groups.column).alias(columns.PEER_GROUP)
    return organisations.select(columns.ORG_CODE, group)
