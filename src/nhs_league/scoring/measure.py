"""The quarter's figures: one value for each organisation and metric, out of months or editions."""

from __future__ import annotations

from typing import Final

import polars as pl

from nhs_league.framework.model import Framework, PoolMembers
from nhs_league.quarter import Quarter
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import key_expr
from nhs_league.scoring.pools import pool_of

FIGURE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metric_id": pl.String(),
    "value": pl.Float64(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "status": pl.String(),
    "unit": pl.String(),
    "published_rank": pl.Float64(),
    "period": pl.String(),
    "left_out": pl.String(),
    "source_file": pl.String(),
    "source_files": pl.List(pl.String()),
    "source_rows": pl.List(pl.UInt32()),
}
"""The frame contract: one row for each organisation and id that the framework asks for.

``value`` is in the metric's unit and present exactly where ``status`` is ``reported``.
``left_out`` lists the months that could not be used, with their status. ``source_files`` and
``source_rows`` have one entry for each month that is used; ``source_file`` is the first.
"""

_KEY = ["metric_id", "org_code"]
_MONTH = ["period", "first_month", "last_month"]
_NO_ROW = "no_row"


def framework_ids(framework: Framework) -> list[str]:
    """List every id that the framework looks for in the data: metrics, published figures, flags."""
    ids = [*measuring_ids(framework), *framework.flags()]
    if framework.published is not None:
        ids += framework.published.ids()
    return list(dict.fromkeys(ids))


def measuring_ids(framework: Framework) -> list[str]:
    """List the ids under which the framework's metrics stand: as a value, or as a score alone."""
    scores = [metric.published_score for metric in framework.metrics.values()]
    return [*framework.metrics, *(score for score in scores if score is not None)]


def quarter_figures(
    observations: pl.DataFrame, framework: Framework, quarter: Quarter
) -> pl.DataFrame:
    """Make the quarter's figures, under ``FIGURE_SCHEMA``, out of ``OBSERVATION_SCHEMA``.

    A figure for the whole quarter, or of an edition in force throughout it, is used as it is;
    otherwise the quarter's months are put together by the metric's basis.
    """
    wanted = observations.filter(pl.col("metric_id").is_in(framework_ids(framework)))
    whole = whole_quarter_rows(wanted, quarter).join(
        _conversions(framework), on="metric_id", how="left"
    )
    figures = _whole_quarter_figures(whole)
    months = month_rows(wanted, quarter).join(_conversions(framework), on="metric_id")
    if not months.is_empty():
        is_last = pl.col("first_month") == pl.col("first_month").max().over("metric_id")
        months = months.with_columns(is_last.alias("is_last"))
        months = months.join(figures, on=_KEY, how="anti").sort("first_month")
        summed = months.filter(pl.col("basis").is_in(["sum", "mean"]))
        latest = months.filter(pl.col("basis") == "latest")
        figures = pl.concat([figures, _combined_figures(summed), _latest_figures(latest)])
    return figures.select(*FIGURE_SCHEMA).sort("metric_id", "org_code")


def whole_quarter_rows(observations: pl.DataFrame, quarter: Quarter) -> pl.DataFrame:
    """Keep observations whose period covers the whole quarter."""
    return observations.filter(
        pl.col("first_month") <= quarter.first_month, pl.col("last_month") >= quarter.last_month
    )


def month_rows(observations: pl.DataFrame, quarter: Quarter) -> pl.DataFrame:
    """Keep observations of a single month in the quarter."""
    return observations.filter(
        pl.col("first_month") == pl.col("last_month"),
        pl.col("first_month") >= quarter.first_month,
        pl.col("last_month") <= quarter.last_month,
    )


def wide_values(
    figures: pl.DataFrame, organisations: pl.DataFrame, framework: Framework
) -> pl.DataFrame:
    """Lay figures out as scoring's wide frame: one row for each organisation that has a figure.

    The columns are those of ``scoring.columns`` that the figures fill; a metric without any
    figure has a column of nulls, so that every rule finds its metric.
    """
    places = _value_columns(framework)
    name = pl.col("metric_id").replace_strict(
        {id_: name for id_, unit, name in places if unit is None},
        default=None,
        return_dtype=pl.String,
    )
    for id_, unit, other in places:
        if unit is not None:
            is_other = (pl.col("metric_id") == id_) & (pl.col("unit") == unit)
            name = pl.when(is_other).then(pl.lit(other)).otherwise(name)
    values = (
        figures.with_columns(name.alias("name"))
        .filter(pl.col("name").is_not_null())
        .pivot("name", index=columns.ORG_CODE, values="value")
    )
    group = pl.col(framework.peer_groups.column).alias(columns.PEER_GROUP)
    measured = figures.filter(pl.col("metric_id").is_in(measuring_ids(framework)))
    is_measured = pl.col(columns.ORG_CODE).is_in(measured[columns.ORG_CODE].unique().to_list())
    wide = (
        organisations.select(columns.ORG_CODE, group)
        .join(figures.select(columns.ORG_CODE).unique(), on=columns.ORG_CODE, how="semi")
        .join(values, on=columns.ORG_CODE, how="left", maintain_order="left")
        .with_columns(is_measured.alias(columns.IS_MEASURED))
    )
    orders = _tie_orders(figures, wide.select(columns.ORG_CODE, columns.PEER_GROUP), framework)
    if not orders.is_empty():
        ties = orders.pivot("name", index=columns.ORG_CODE, values="tie_order")
        wide = wide.join(ties, on=columns.ORG_CODE, how="left", maintain_order="left")
    absent = [other for _, _, other in places if other not in wide.columns]
    return wide.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)


def _tie_orders(
    figures: pl.DataFrame, peer_groups: pl.DataFrame, framework: Framework
) -> pl.DataFrame:
    """Order organisations with equal values by their published rank, where that can tell.

    Published values are rounded, so trusts that look tied may not be. Their published rank was
    taken on unrounded values within the peer group: it breaks a tie whose members, all ranked,
    are of one peer group, or that is scored within it.
    """
    within = [id_ for id_, metric in framework.metrics.items() if metric.pool == "peer_group"]
    is_member = pl.lit(True)
    for id_, metric in framework.metrics.items():
        if isinstance(metric.pool, PoolMembers):
            is_outside = pool_of(metric).members_expr(pl.lit(1)).is_null()
            is_member = is_member & ~((pl.col("metric_id") == id_) & is_outside)
    tie = ["metric_id", "unit", "key", "tied_within"]
    known = (
        figures.filter(
            pl.col("value").is_not_null(), pl.col("metric_id").is_in(list(framework.metrics))
        )
        .join(peer_groups, on=columns.ORG_CODE)
        .filter(is_member)
        .with_columns(
            key_expr(pl.col("value")).alias("key"),
            unit_apart_expr(framework).alias("unit"),
            pl.when(pl.col("metric_id").is_in(within))
            .then(columns.PEER_GROUP)
            .alias("tied_within"),
        )
        .filter(pl.struct(tie).is_duplicated())
    )
    can_tell = (pl.col("published_rank").null_count() == 0) & (
        pl.col(columns.PEER_GROUP).n_unique() == 1
    )
    return (
        known.with_columns(
            (pl.col("published_rank").rank("min").over(tie) - 1).cast(pl.Int64).alias("tie_order"),
            can_tell.over(tie).alias("can_tell"),
            pl.format("tie_order:{}", "metric_id").alias("name"),
        )
        .filter("can_tell")
        .select(columns.ORG_CODE, "name", "tie_order")
    )


def unit_apart_expr(framework: Framework) -> pl.Expr:
    """Give the unit of a figure that is scored apart from the metric's others; null for the others.

    The metric's own unit may be written in several ways, and all of them are one.
    """
    is_apart = [
        (pl.col("metric_id") == id_) & pl.col("unit").is_in(list(metric.scoring_of_unit))
        for id_, metric in framework.metrics.items()
        if metric.scoring_of_unit
    ]
    return pl.when(pl.any_horizontal(pl.lit(False), *is_apart)).then("unit")


def _value_columns(framework: Framework) -> list[tuple[str, str | None, str]]:
    """List where figures go: their id, their unit if not the metric's own, and the column."""
    places: list[tuple[str, str | None, str]] = []
    for id_, metric in framework.metrics.items():
        if metric.scoring.method != "matrix":
            places.append((id_, None, columns.value(id_)))
        places += [(id_, unit, columns.value_in_unit(id_, unit)) for unit in metric.scoring_of_unit]
        if metric.published_score is not None:
            places.append((metric.published_score, None, columns.published_score(id_)))
    if framework.published is not None:
        places += [(id_, None, columns.published_result(id_)) for id_ in framework.published.ids()]
    places += [(id_, None, columns.flag(id_)) for id_ in framework.flags()]
    return places


def _conversions(framework: Framework) -> pl.DataFrame:
    rows = [(id_, m.basis, m.per, m.divide_by) for id_, m in framework.metrics.items()]
    schema = {
        "metric_id": pl.String,
        "basis": pl.String,
        "per": pl.Float64,
        "divide_by": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _own_value_expr() -> pl.Expr:
    """Give a row's value before unit conversion: the one stated, else from its counts."""
    ratio = pl.col("per") * pl.col("numerator") / _positive("denominator")
    return pl.coalesce("value", ratio)


def _positive(name: str) -> pl.Expr:
    return pl.when(pl.col(name) > 0).then(pl.col(name))


def _whole_quarter_figures(rows: pl.DataFrame) -> pl.DataFrame:
    """Use each row as it is; of several that cover the quarter, the shortest, then the latest."""
    chosen = rows.sort(
        pl.col("last_month") - pl.col("first_month"), -pl.col("first_month"), maintain_order=True
    ).unique(_KEY, keep="first")
    return _with_status(
        chosen.with_columns(
            pl.col("per").fill_null(1.0), pl.col("divide_by").fill_null(1.0)
        ).with_columns(
            (_own_value_expr() / pl.col("divide_by")).alias("value"),
            pl.lit(None, pl.String).alias("left_out"),
            pl.concat_list("source_file").alias("source_files"),
            pl.concat_list("source_row").alias("source_rows"),
        )
    )


def _combined_figures(rows: pl.DataFrame) -> pl.DataFrame:
    """Put months together: sums of numerators over sums of denominators, or a weighted mean.

    A month without a reported figure is left out, and listed.
    """
    rows = _with_absent_months(rows)
    is_used = (pl.col("status") == "reported") & pl.col("counted").is_not_null()
    stated = pl.when(pl.col("basis") == "mean").then(pl.col("value") * pl.col("denominator"))
    counted = pl.coalesce(stated, pl.col("per") * pl.col("numerator"))
    grouped = (
        rows.with_columns(counted.alias("counted"))
        .group_by(_KEY)
        .agg(
            pl.col("counted").filter(is_used).sum().alias("counted"),
            pl.col("numerator").filter(is_used).sum(),
            pl.col("numerator").filter(is_used).null_count().alias("without_numerator"),
            pl.col("denominator").filter(is_used).sum(),
            pl.col("divide_by").first(),
            pl.when(is_used.any())
            .then(pl.lit("reported"))
            .otherwise(pl.col("status").filter(pl.col("status") != _NO_ROW).last())
            .alias("status"),
            pl.col("unit").first(),
            pl.lit(None, pl.Float64).alias("published_rank"),
            pl.col("period").filter(is_used).str.join(", ").alias("period"),
            _left_out_expr(is_used),
            pl.col("source_file").filter(is_used).first(),
            pl.col("source_file").filter(is_used).alias("source_files"),
            pl.col("source_row").filter(is_used).alias("source_rows"),
        )
    )
    value = pl.col("counted") / _positive("denominator") / pl.col("divide_by")
    return _with_status(
        grouped.with_columns(
            value.alias("value"),
            pl.when(pl.col("without_numerator") == 0).then("numerator").alias("numerator"),
        )
    )


def _with_absent_months(rows: pl.DataFrame) -> pl.DataFrame:
    """Add a row for each month that others report and an organisation has no row for."""
    months = rows.select("metric_id", "basis", "per", "divide_by", *_MONTH).unique()
    organisations = rows.select(_KEY).unique()
    expected = organisations.join(months, on="metric_id")
    absent = expected.join(rows, on=[*_KEY, "first_month"], how="anti")
    if absent.is_empty():
        return rows
    gaps = absent.with_columns(pl.lit(_NO_ROW).alias("status"))
    return pl.concat([rows, gaps], how="diagonal_relaxed").sort("first_month")


def _latest_figures(rows: pl.DataFrame) -> pl.DataFrame:
    """Take the last month of the quarter that the data has for the metric, for everybody."""
    last = rows.filter("is_last").with_columns(
        (_own_value_expr() / pl.col("divide_by")).alias("value"),
        pl.lit(None, pl.String).alias("left_out"),
        pl.concat_list("source_file").alias("source_files"),
        pl.concat_list("source_row").alias("source_rows"),
    )
    return _with_status(last)


def _left_out_expr(is_used: pl.Expr) -> pl.Expr:
    reason = pl.format("{} ({})", "period", pl.col("status").str.replace_all("_", " "))
    joined = reason.filter(~is_used).str.join(", ")
    return pl.when(joined != "").then(joined).alias("left_out")


def _with_status(figures: pl.DataFrame) -> pl.DataFrame:
    """Keep values for reported figures only; nothing over nothing is not applicable."""
    is_undefined = (pl.col("status") == "reported") & pl.col("value").is_null()
    return figures.with_columns(
        pl.when(pl.col("status") == "reported").then("value").alias("value"),
        pl.when(is_undefined).then(pl.lit("not_applicable")).otherwise("status").alias("status"),
    ).select(*FIGURE_SCHEMA)
