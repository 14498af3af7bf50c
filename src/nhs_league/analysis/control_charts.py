"""Statistical process control: what is unusual in a trust's monthly figures, and what is not.

XmR charts, as NHS England's Making Data Count draws them: limits at 2.66 average moving ranges
from the mean, and four rules for special cause variation. The rules' numbers are those of
NHSRplotthedots, the NHS-R community's package for that programme; where it and NHS England's own
tools differ, NHS England's are followed: every moving range counts towards the limits, a point
outside the limits counts as one near them, and of an improvement and a concern at once the
improvement is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.analysis.explain import standard_of
from nhs_league.framework.model import Framework
from nhs_league.scoring.measure import unit_apart_expr
from nhs_league.scoring.numbers import TOLERANCE

MIN_POINTS: Final = 12
"""Fewer points give trial limits only, says NHSRplotthedots; no chart is drawn of them."""
LIMIT_FACTOR: Final = 2.66
"""Average moving ranges from the mean to a limit: 3 / 1.128, as it is rounded everywhere."""
NEAR_FACTOR: Final = LIMIT_FACTOR * 2 / 3
"""Where the outer third begins, at two of the three standard deviations."""
RUN: Final = 7
"""The points that make a shift, and those that make a trend."""

RULES: Final = ("outside_limits", "shift", "trend", "two_of_three")

CONTROL_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    "period": pl.String(),
    "value": pl.Float64(),
    "mean": pl.Float64(),
    "lower_limit": pl.Float64(),
    "upper_limit": pl.Float64(),
    "rules": pl.String(),
    "cause": pl.String(),
    "direction": pl.String(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The frame contract: one row a metric and month, in the framework's order and then the calendar's.

``rules`` joins the ``RULES`` that the point is part of by ``;`` and is null for none; ``cause`` is
``common`` or ``special``; ``direction`` is ``improvement`` or ``concern`` where it is special.
Values, mean and limits are in the metric's unit, unrounded.
"""

CHART_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "unit": pl.String(),
    "points": pl.Int64(),
    "first_period": pl.String(),
    "last_period": pl.String(),
    "latest": pl.Float64(),
    "mean": pl.Float64(),
    "lower_limit": pl.Float64(),
    "upper_limit": pl.Float64(),
    "variation": pl.String(),
    "rules": pl.String(),
    "standard": pl.Float64(),
    "assurance": pl.String(),
}
"""The frame contract: one row a chart, with its latest point.

``variation`` is ``common_cause``, ``improvement`` or ``concern``; ``assurance`` is
``consistently_passed``, ``hit_and_miss`` or ``consistently_failed``, null without a standard.
"""

TOO_FEW_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "points": pl.Int64(),
}
"""The frame contract: one row a metric with monthly figures, but too few for a chart."""

MISSING_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "period": pl.String(),
    "status": pl.String(),
}
"""The frame contract: one row a month that a chart has no point for, with the figure's status.

``status`` is null where the data have no row, and ``other_unit`` for a figure in another unit than
the latest month's.
"""

_METRIC: Final = "metric_id"


@dataclass(frozen=True)
class ControlCharts:
    """The control charts of one organisation.

    ``points`` is under ``CONTROL_SCHEMA`` and has, for the page, ``trend``: ``rising``,
    ``falling`` or ``turning`` for points of a trend; ``side``, -1 below the mean, 0 on it and 1
    above it; and ``step``, the same for the change from the point before. ``charts``, ``too_few``
    and ``missing`` are under ``CHART_SCHEMA``, ``TOO_FEW_SCHEMA`` and ``MISSING_SCHEMA``.
    """

    points: pl.DataFrame
    charts: pl.DataFrame
    too_few: pl.DataFrame
    missing: pl.DataFrame

    def rows(self) -> pl.DataFrame:
        """Give the points under ``CONTROL_SCHEMA`` exactly."""
        return self.points.select(*CONTROL_SCHEMA)


def control_chart(
    values: Iterable[float] | pl.Series, *, is_higher_better: bool = True
) -> pl.DataFrame:
    """Chart one series of figures in the order of time, one row a figure.

    Gives ``value``, ``mean``, ``lower_limit``, ``upper_limit``, ``rules``, ``cause``, ``direction``
    and ``trend`` as ``control_charts`` does; limits from fewer than ``MIN_POINTS`` are trial ones.
    Raises ``ValueError`` for fewer than two figures, which have no moving range, and for one that
    is missing or not a number.
    """
    series = pl.Series("value", values, dtype=pl.Float64)
    if len(series) < 2 or not series.is_finite().fill_null(False).all():
        raise ValueError("a control chart takes two figures or more, none of them missing")
    frame = series.to_frame().with_columns(
        pl.lit("").alias(_METRIC), pl.lit(is_higher_better).alias("is_higher_better")
    )
    limits = ("mean", "lower_limit", "upper_limit")
    return _charted(frame).select("value", *limits, "rules", "cause", "direction", "trend")


def control_charts(
    observations: pl.DataFrame,
    framework: Framework,
    org_code: str,
    *,
    last_month: int | None = None,
) -> ControlCharts:
    """Chart every metric of the framework that an organisation has ``MIN_POINTS`` months of.

    ``observations`` are under ``OBSERVATION_SCHEMA``; only those of a single month count, and none
    after ``last_month``, counted from year 0. A month without a figure breaks no run: its
    neighbours are taken as successive.
    """
    months = _months(observations, framework, org_code, last_month)
    points = months.filter("is_point")
    counts = points.group_by(_METRIC, "title", "order").agg(pl.len().cast(pl.Int64).alias("points"))
    too_few = counts.filter(pl.col("points") < MIN_POINTS).sort("order").select(*TOO_FEW_SCHEMA)
    enough = counts.filter(pl.col("points") >= MIN_POINTS)
    charted = _charted(points.join(enough, on=_METRIC, how="semi").sort("order", "first_month"))
    missing = _missing(months.join(enough, on=_METRIC, how="semi"))
    return ControlCharts(
        charted.select(*CONTROL_SCHEMA, "trend", "side", "step"),
        _charts(charted, framework),
        too_few,
        missing,
    )


def _months(
    observations: pl.DataFrame, framework: Framework, org_code: str, last_month: int | None
) -> pl.DataFrame:
    """Give the organisation's monthly rows, each with its value and whether it is a point."""
    is_early = pl.lit(True) if last_month is None else pl.col("last_month") <= last_month
    rows = (
        observations.filter(
            pl.col("org_code") == org_code,
            pl.col("first_month") == pl.col("last_month"),
            is_early,
        )
        .join(_metrics(framework), on=_METRIC)
        .sort("order", "first_month")
        .with_columns(unit_apart_expr(framework).alias("unit_apart"), _value_expr().alias("value"))
    )
    has_figure = (pl.col("status") == "reported") & pl.col("value").is_not_null()
    chart_unit = pl.col("unit_apart").filter(has_figure).last().over(_METRIC)
    is_own_unit = pl.col("unit_apart").eq_missing(chart_unit)
    undefined = pl.when(pl.col("status") == "reported", pl.col("value").is_null())
    return rows.with_columns(
        (has_figure & is_own_unit).alias("is_point"),
        pl.coalesce(chart_unit, "metric_unit").alias("unit"),
        undefined.then(pl.lit("not_applicable"))
        .when(has_figure & ~is_own_unit)
        .then(pl.lit("other_unit"))
        .otherwise("status")
        .alias("status"),
    )


def _metrics(framework: Framework) -> pl.DataFrame:
    """State what a month's value is made by, for each metric in the framework's order."""
    rows = [
        (at, id_, m.title, m.unit, m.per, m.divide_by, m.is_higher_better)
        for at, (id_, m) in enumerate(framework.metrics.items())
    ]
    schema = {
        "order": pl.Int64,
        _METRIC: pl.String,
        "title": pl.String,
        "metric_unit": pl.String,
        "per": pl.Float64,
        "divide_by": pl.Float64,
        "is_higher_better": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _value_expr() -> pl.Expr:
    """Give a month's value in the metric's unit: the one stated, else from its counts."""
    denominator = pl.when(pl.col("denominator") > 0).then("denominator")
    ratio = pl.col("per") * pl.col("numerator") / denominator
    return pl.coalesce("value", ratio) / pl.col("divide_by")


def _charted(points: pl.DataFrame) -> pl.DataFrame:
    """Add limits, rules, cause and direction to points that are in order within each metric."""
    return _with_causes(_with_rules(_with_limits(points)))


def _with_limits(points: pl.DataFrame) -> pl.DataFrame:
    """Add the mean and the natural process limits, and where each point is beside them.

    ``side`` is -1 below the mean, 1 above it and 0 on it; ``step`` the same for the change from
    the point before. What differs by arithmetic noise alone is equal.
    """
    largest = pl.max_horizontal(pl.lit(1.0), pl.col("value").abs().max().over(_METRIC))
    change = pl.col("value").diff().over(_METRIC)
    points = points.with_columns(
        (TOLERANCE * largest).alias("noise"), pl.col("value").mean().over(_METRIC).alias("mean")
    ).with_columns(
        _sign_expr(pl.col("value") - pl.col("mean")).alias("side"), _sign_expr(change).alias("step")
    )
    moving_range = pl.when(pl.col("step") == 0).then(0.0).otherwise(change.abs())
    return points.with_columns(
        moving_range.mean().over(_METRIC).alias("average_range")
    ).with_columns(
        (pl.col("mean") - LIMIT_FACTOR * pl.col("average_range")).alias("lower_limit"),
        (pl.col("mean") + LIMIT_FACTOR * pl.col("average_range")).alias("upper_limit"),
    )


def _sign_expr(difference: pl.Expr) -> pl.Expr:
    return (
        pl.when(difference.abs() > pl.col("noise"))
        .then(difference.sign())
        .otherwise(pl.when(difference.is_not_null()).then(0.0))
    )


def _with_rules(points: pl.DataFrame) -> pl.DataFrame:
    """Add one column a rule, and ``rising`` and ``falling`` for the two kinds of trend."""
    points = points.with_columns(
        _is_beyond_expr(LIMIT_FACTOR).alias("outside_limits"),
        _is_beyond_expr(NEAR_FACTOR).alias("is_near_limit"),
        _run_length_expr("side").alias("same_side"),
        _run_length_expr("step").alias("same_step"),
    )
    return points.with_columns(
        ((pl.col("side") != 0) & (pl.col("same_side") >= RUN)).alias("shift"),
        _trend_expr(1).alias("rising"),
        _trend_expr(-1).alias("falling"),
        _two_of_three_expr().alias("two_of_three"),
    ).with_columns((pl.col("rising") | pl.col("falling")).alias("trend"))


def _is_beyond_expr(factor: float) -> pl.Expr:
    """Say whether a point is further from the mean than so many average moving ranges."""
    distance = (pl.col("value") - pl.col("mean")).abs()
    return distance > factor * pl.col("average_range") + pl.col("noise")


def _run_length_expr(name: str) -> pl.Expr:
    """Count the successive points that have the same in a column, for each of them."""
    return pl.len().over(_METRIC, pl.col(name).rle_id().over(_METRIC))


def _trend_expr(step: int) -> pl.Expr:
    """Say whether a point is one of ``RUN`` that each rise, or each fall; an equal one ends it.

    So many points have one step fewer between them, and the first is where the first step starts.
    """
    arrives = (pl.col("step") == step).fill_null(False) & (pl.col("same_step") >= RUN - 1)
    return arrives | arrives.shift(-1, fill_value=False).over(_METRIC)


def _two_of_three_expr() -> pl.Expr:
    """Say whether a point is one of two in the outer third, of three on one side of the mean.

    The third of them may be anywhere on that side and is itself not marked.
    """
    is_one_sided = pl.col("side").rolling_sum(3).over(_METRIC).abs() == 3
    near = pl.col("is_near_limit").cast(pl.Int64).rolling_sum(3).over(_METRIC) >= 2
    ends = (is_one_sided & near).fill_null(False)
    within = [ends.shift(-later, fill_value=False).over(_METRIC) for later in (1, 2)]
    return pl.col("is_near_limit") & pl.any_horizontal(ends, *within)


def _with_causes(points: pl.DataFrame) -> pl.DataFrame:
    """Name the rules of each point, its cause, and by the metric's polarity its direction."""
    by_side = pl.any_horizontal("outside_limits", "shift", "two_of_three")
    is_high = (by_side & (pl.col("side") > 0)) | pl.col("rising")
    is_low = (by_side & (pl.col("side") < 0)) | pl.col("falling")
    is_special = is_high | is_low
    is_better = pl.when("is_higher_better").then(is_high).otherwise(is_low)
    names = [pl.when(rule).then(pl.lit(rule)) for rule in RULES]
    return points.with_columns(
        pl.when(is_special)
        .then(pl.concat_str(names, separator=";", ignore_nulls=True))
        .alias("rules"),
        pl.when(is_special).then(pl.lit("special")).otherwise(pl.lit("common")).alias("cause"),
        pl.when(is_better)
        .then(pl.lit("improvement"))
        .when(is_special)
        .then(pl.lit("concern"))
        .alias("direction"),
        pl.when(pl.col("rising") & pl.col("falling"))
        .then(pl.lit("turning"))
        .when("rising")
        .then(pl.lit("rising"))
        .when("falling")
        .then(pl.lit("falling"))
        .alias("trend"),
    )


def _charts(charted: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """Sum each chart up by its latest point, and by where its standard is beside the limits."""
    held = {id_: standard_of(metric.scoring) for id_, metric in framework.metrics.items()}
    standards = pl.DataFrame(
        {_METRIC: list(held), "standard": list(held.values())},
        schema={_METRIC: pl.String, "standard": pl.Float64},
    )
    charts = charted.group_by(_METRIC, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("points"),
        pl.col("period").first().alias("first_period"),
        pl.col("period").last().alias("last_period"),
        pl.col("value").last().alias("latest"),
        pl.col("direction").last().fill_null("common_cause").alias("variation"),
        pl.col("title", "unit", "mean", "lower_limit", "upper_limit", "rules").last(),
        pl.col("unit_apart", "is_higher_better", "noise").last(),
    )
    # The framework states a standard for the metric's own unit.
    standard = pl.when(pl.col("unit_apart").is_null()).then("standard")
    return (
        charts.join(standards, on=_METRIC, how="left", maintain_order="left")
        .with_columns(standard.alias("standard"))
        .with_columns(_assurance_expr().alias("assurance"))
        .select(*CHART_SCHEMA)
    )


def _assurance_expr() -> pl.Expr:
    """Say whether a standard beyond a limit is always met or never; within them it is by chance."""
    standard, noise = pl.col("standard"), pl.col("noise")
    is_above = standard > pl.col("upper_limit") + noise
    is_below = standard < pl.col("lower_limit") - noise
    passed = pl.when("is_higher_better").then(is_below).otherwise(is_above)
    return (
        pl.when(standard.is_null())
        .then(None)
        .when(passed)
        .then(pl.lit("consistently_passed"))
        .when(is_above | is_below)
        .then(pl.lit("consistently_failed"))
        .otherwise(pl.lit("hit_and_miss"))
    )


def _missing(months: pl.DataFrame) -> pl.DataFrame:
    """List the months from a chart's first point to its last row that it has no point for."""
    first = pl.col("first_month").filter("is_point").min()
    every = (
        months.group_by(_METRIC, "order")
        .agg(pl.int_ranges(first, pl.col("first_month").max() + 1).alias("first_month"))
        .explode("first_month")
        .with_columns(pl.col("first_month").cast(pl.Int32))
    )
    rows = months.select(_METRIC, "first_month", "status", "is_point")
    absent = (
        every.join(rows, on=[_METRIC, "first_month"], how="left")
        .filter(~pl.col("is_point").fill_null(False))
        .sort("order", "first_month")
    )
    return absent.with_columns(_month_text_expr("first_month").alias("period")).select(
        *MISSING_SCHEMA
    )


def _month_text_expr(name: str) -> pl.Expr:
    """Write a month counted from year 0 as ``quarter.month_text`` does."""
    year, month = (pl.col(name) // 12).cast(pl.String), (pl.col(name) % 12 + 1).cast(pl.String)
    return pl.format("{}-{}", year.str.zfill(4), month.str.zfill(2))
