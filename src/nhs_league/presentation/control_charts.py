"""Control charts of monthly figures, as documents: limits, verdicts, months that stand out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from nhs_league.analysis.control_charts import MIN_POINTS, RUN, ControlCharts
from nhs_league.framework.model import Framework
from nhs_league.period import Period
from nhs_league.presentation.document import Block, Column, Heading, Items, Paragraph, Table
from nhs_league.presentation.strips import own_heights, sparkline
from nhs_league.presentation.text import plural, quantity, span

_LISTED: Final = 6
"""So many months without a figure are told one by one within a sentence."""
_DRAWN: Final = 36
"""So many months of a chart are drawn, the latest: three years fit 80 columns."""
_ASSURANCE: Final = {
    "consistently_passed": "consistently passed",
    "hit_and_miss": "hit and miss",
    "consistently_failed": "consistently failed",
}
_RULE_NAMES: Final = {
    "outside_limits": "outside the limits",
    "shift": "shift",
    "trend": "trend",
    "two_of_three": "two of three",
}

_Row = dict[str, Any]


def control_chart_blocks(charts: ControlCharts, framework: Framework) -> Iterator[Block]:
    """Lay out the charts, and say which metrics have too few months for one."""
    yield from _charted(charts, framework)
    yield from _too_few(charts)


def _charted(charts: ControlCharts, framework: Framework) -> Iterator[Block]:
    if charts.charts.is_empty():
        return
    rows = charts.charts.rows(named=True)
    yield _verdict_table(rows, framework)
    yield _chart_drawings(rows, charts, framework)
    special = list(_special_points(rows, charts, framework))
    if special:
        yield Heading("Months of special cause")
        yield Items(special)
    gaps = list(_gaps(charts))
    if gaps:
        yield Heading("Months without a figure")
        yield Items(gaps)
    yield Heading("How to read the charts")
    yield Items(list(_chart_notes(rows)))


def _verdict_table(rows: Sequence[_Row], framework: Framework) -> Table:
    return Table(
        "Control charts: the latest month beside the trust's own months",
        [
            Column("Metric"),
            Column("Latest", "right"),
            Column("Mean", "right"),
            Column("Limits", "right"),
            Column("Variation"),
        ],
        [
            (
                _chart_cell(row, framework),
                _figure(row["latest"], row, framework),
                _figure(row["mean"], row, framework),
                span(row["lower_limit"], row["upper_limit"], _decimals(row, framework)),
                _variation(row),
            )
            for row in rows
        ],
    )


def _chart_cell(row: _Row, framework: Framework) -> str:
    lines = [
        f"{row['title']} ({row['metric_id']})",
        f"{row['points']} months to {_month(row['last_period'])}",
    ]
    if row["assurance"] is not None:
        standard = row["standard"]
        decimals = 0 if standard == round(standard) else _decimals(row, framework)
        held_to = quantity(standard, row["unit"], decimals)
        lines.append(f"standard {held_to}: {_ASSURANCE[row['assurance']]}")
    return "\n".join(lines)


def _variation(row: _Row) -> str:
    if row["variation"] == "common_cause":
        return "common cause"
    names = [_RULE_NAMES[rule] for rule in row["rules"].split(";")]
    return f"special cause, {row['variation']}: {', '.join(names)}"


def _chart_drawings(rows: Sequence[_Row], charts: ControlCharts, framework: Framework) -> Table:
    """Draw each chart's values, of which a high one is drawn high whatever it means."""
    lines = []
    for row in rows:
        series = _series(charts, row)[-_DRAWN:]
        values = [value for value in series if value is not None]
        ends = (end(values, default=None) for end in (min, max))
        lowest, highest = (_figure(end, row, framework) for end in ends)
        wanted = "higher" if framework.metrics[row["metric_id"]].is_higher_better else "lower"
        lines.append((row["metric_id"], sparkline(own_heights(series)), lowest, highest, wanted))
    return Table(
        f"Up to the last {_DRAWN} months: the least and the greatest",
        [
            Column("Metric", whole=True),
            Column("Months", whole=True, is_drawing=True),
            Column("Least", "right"),
            Column("Greatest", "right"),
            Column("Better"),
        ],
        lines,
    )


def _series(charts: ControlCharts, chart: _Row) -> list[float | None]:
    """List a chart's figures month by month, with the months that it has none for."""
    gaps = charts.missing.filter(pl.col("metric_id") == chart["metric_id"]).select("period")
    every = pl.concat([_points(charts, chart).select("period", "value"), gaps], how="diagonal")
    return every.sort("period")["value"].to_list()


def _special_points(
    rows: Sequence[_Row], charts: ControlCharts, framework: Framework
) -> Iterator[str]:
    """Tell each run of special cause in a line: shifts and trends first, then single months."""
    for chart in rows:
        points = _points(charts, chart).with_row_index("at")
        rules = pl.col("rules").fill_null("").str.split(";")
        points = points.with_columns(rules.alias("rules"))
        for told in (_lasting(points), _passing(points)):
            for run in sorted(told, key=lambda run: run.points["at"][0]):
                yield f"{chart['metric_id']}, {_run(run, chart, framework)}"


@dataclass(frozen=True)
class _Run:
    """Successive points that are special by one rule, ``way`` 1 for high or rising, or -1."""

    rule: str
    way: int
    points: pl.DataFrame


def _lasting(points: pl.DataFrame) -> Iterator[_Run]:
    """Find the shifts, each on one side of the mean, and the trends, each in one way."""
    for way in (1, -1):
        is_shift = _has("shift") & (pl.col("side") == way)
        yield from _runs_of("shift", way, points.filter(is_shift))
        named = "rising" if way > 0 else "falling"
        is_trend = pl.col("trend").is_in([named, "turning"])
        # A trend that follows another at once begins with a step that is not its own.
        begins = pl.col("step").fill_null(0) != way
        yield from _runs_of("trend", way, points.filter(is_trend), begins=begins)


def _passing(points: pl.DataFrame) -> Iterator[_Run]:
    """Find the months beyond a limit, and those close to it of which no other line tells.

    The third of three may lie between the two that are close to the limit.
    """
    for way in (1, -1):
        on_side = points.filter(pl.col("side") == way)
        yield from _runs_of("outside_limits", way, on_side.filter(_has("outside_limits")))
        for run in _runs_of("two_of_three", way, on_side.filter(_has("two_of_three")), reach=2):
            # Beyond a limit is also close to it: once is enough.
            if not run.points.select(_has("outside_limits").all()).item():
                yield run


def _has(rule: str) -> pl.Expr:
    return pl.col("rules").list.contains(rule)


def _runs_of(
    rule: str,
    way: int,
    points: pl.DataFrame,
    *,
    reach: int = 1,
    begins: pl.Expr | None = None,
) -> Iterator[_Run]:
    """Split points where one does not follow the last within ``reach``, or where a run begins."""
    is_apart = (pl.col("at").cast(pl.Int64).diff() > reach).fill_null(True)
    is_first = is_apart if begins is None else is_apart | begins
    for _, run in points.group_by(is_first.cum_sum(), maintain_order=True):
        yield _Run(rule, way, run)


def _run(run: _Run, chart: _Row, framework: Framework) -> str:
    periods = run.points["period"]
    months = _month(periods[0])
    if len(periods) > 1:
        months = f"{months} to {_month(periods[-1])}"
    is_better = framework.metrics[chart["metric_id"]].is_higher_better == (run.way > 0)
    direction = "improvement" if is_better else "concern"
    extent = _extent(run.points, chart, framework)
    return f"{months}: {extent}, {_reason(run, chart, framework)} ({direction})"


def _extent(run: pl.DataFrame, chart: _Row, framework: Framework) -> str:
    """Write the least and the greatest figure of a run, or the one that there is."""
    least, greatest = run["value"].min(), run["value"].max()
    low, high = (_figure(end, chart, framework) for end in (least, greatest))
    top = _quantity(greatest, chart, framework)
    return top if low == high else f"{low} to {top}"


def _reason(run: _Run, chart: _Row, framework: Framework) -> str:
    is_high, count = run.way > 0, len(run.points)
    limit = chart["upper_limit"] if is_high else chart["lower_limit"]
    near = f"the {'upper' if is_high else 'lower'} limit {_quantity(limit, chart, framework)}"
    side = "above" if is_high else "below"
    match run.rule:
        case "outside_limits":
            return f"{side} {near}"
        case "shift":
            mean = _quantity(chart["mean"], chart, framework)
            return f"a shift: {count} months running {side} the mean {mean}"
        case "trend":
            return f"a trend: {count} months that each {'rise' if is_high else 'fall'}"
        case _:
            return f"two of three close to {near}"


def _gaps(charts: ControlCharts) -> Iterator[str]:
    for (metric_id,), rows in charts.missing.group_by("metric_id", maintain_order=True):
        months = [
            f"{_month(period)} ({(status or 'no row').replace('_', ' ')})"
            for period, status in rows.select("period", "status").iter_rows()
        ]
        if len(months) > _LISTED:
            months = [f"{len(months)} months, the first {months[0]}, the last {months[-1]}"]
        yield f"{metric_id}: {', '.join(months)}; the months beside are taken as successive"


def _chart_notes(rows: Sequence[_Row]) -> Iterator[str]:
    yield ("Where months are drawn, the higher, the greater; a dot is a month without a figure.")
    yield (
        "Limits: the mean of all the months shown, plus and minus 2.66 times the average change "
        "from one to the next (an XmR chart). A stable service stays between them by chance alone: "
        "common cause variation, which no single month's story explains."
    )
    yield (
        "Special cause, a change worth asking about: a month outside the limits; a shift, "
        f"{RUN} months or more on one side of the mean; a trend, {RUN} months or more that each "
        "rise or each fall; or two of three months in the outer third of one side. It is an "
        "improvement or a concern by which way is better; one that is both counts as improvement."
    )
    if any(row["assurance"] is not None for row in rows):
        yield (
            "Standard: consistently passed or failed where it lies beyond the limits; hit and miss "
            "where it lies within them, so that chance decides. That is what to expect as long as "
            "the variation is common cause."
        )
    yield (
        "The rules are those of NHS England's Making Data Count, with the numbers of the NHS-R "
        "community's NHSRplotthedots."
    )


def _too_few(charts: ControlCharts) -> Iterator[Paragraph]:
    if charts.too_few.is_empty():
        if charts.charts.is_empty():
            yield Paragraph(
                "The data have no monthly figures of this trust for the framework's metrics, and "
                "so nothing for a control chart."
            )
        return
    points = charts.too_few["points"]
    needs = f"a control chart takes at least {MIN_POINTS}"
    if points.n_unique() == 1:
        ids = ", ".join(charts.too_few["metric_id"])
        yield Paragraph(f"{plural(points[0], 'monthly point')}; {needs}: {ids}.")
        return
    listed = [
        f"{id_} has {n}" for id_, n in charts.too_few.select("metric_id", "points").iter_rows()
    ]
    yield Paragraph(f"Too few monthly points, as {needs}: {', '.join(listed)}.")


def _points(charts: ControlCharts, chart: _Row) -> pl.DataFrame:
    return charts.points.filter(pl.col("metric_id") == chart["metric_id"])


def _month(period: str) -> str:
    return Period.parse(period).label


def _decimals(row: _Row, framework: Framework) -> int:
    return framework.metrics[row["metric_id"]].decimals


def _figure(value: Any, row: _Row, framework: Framework) -> str:
    """Write a value for a narrow column; only a percentage has its unit."""
    unit = row["unit"] if row["unit"] in ("percent", "%") else None
    return quantity(value, unit, _decimals(row, framework))


def _quantity(value: Any, row: _Row, framework: Framework) -> str:
    return quantity(value, row["unit"], _decimals(row, framework))
