"""The plan by which a publication's rows are read: which count, and what they add up to.

The frames that it takes have text columns named by their places, ``0``, ``1`` and so on.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.specs.model import Publication, Quantity, Rule, SourceMetric
from nhs_league.sources.specs.selection import HeaderRow, Selection, Sum
from nhs_league.sources.tabular import ROW

NO_ORGANISATION: Final = "no_organisation"
"""The reason for rows that name no organisation and have no figure: blank ones and remarks."""

NO_METRIC: Final = "other_figures"
"""The reason for rows that no metric counts."""

_KEYS: Final = (ROW, "org_code", "^period_.*$", "kind")

Condition = tuple[tuple[int, str], ...]
"""Places of columns with the patterns of what they may hold, all of which must hold."""


@dataclass(frozen=True)
class MetricPlan:
    """A metric, by the places of its condition and of its sums in the plan's lists."""

    metric_id: str
    condition: int
    numerator: int | None
    denominator: int | None
    value: int | None

    @property
    def sums(self) -> list[int]:
        """List the places of its sums."""
        return [at for at in (self.numerator, self.denominator, self.value) if at is not None]


@dataclass(frozen=True)
class ReadingPlan:
    """Where everything stands that a spec names, in a file with given headers.

    ``reasons`` are those for rows that do not count, each with its condition and whether rows are
    left out where it holds or where it does not; ``kinds`` are conditions of other organisations.
    """

    organisation: int
    period: tuple[int, ...]
    sums: tuple[Sum, ...]
    conditions: tuple[Condition, ...]
    reasons: tuple[tuple[str, Condition, bool], ...]
    kinds: tuple[Condition, ...]
    metrics: tuple[MetricPlan, ...]
    last: int

    @property
    def reason_names(self) -> list[str]:
        """List the reasons by the number of ``class`` less one."""
        return [*(reason for reason, _, _ in self.reasons), NO_METRIC]

    @property
    def figure_columns(self) -> list[int]:
        """List the places of all columns that hold figures."""
        return sorted({place for one in self.sums for place in one.columns})

    @property
    def columns(self) -> set[int]:
        """Give the places of all columns that are read."""
        conditions = [*self.conditions, *self.kinds, *(rule for _, rule, _ in self.reasons)]
        rules = {place for condition in conditions for place, _ in condition}
        return {self.organisation, *self.period, *rules, *self.figure_columns}

    @property
    def count_columns(self) -> list[int]:
        """List the places of the columns that hold counts, which a value may stand in too."""
        counts = {at for m in self.metrics for at in (m.numerator, m.denominator) if at is not None}
        return sorted({place for at in counts for place in self.sums[at].columns})

    def conditions_of(self, column: int) -> list[int]:
        """List the conditions of the metrics that count a column."""
        return sorted(
            {
                metric.condition
                for metric in self.metrics
                if any(column in self.sums[at].columns for at in metric.sums)
            }
        )

    def base(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Give each row its ``class``, of which 0 counts and the others are reasons."""
        return frame.with_columns(self._class_expr())

    def tally(self, base: pl.LazyFrame) -> pl.LazyFrame:
        """Count the rows of each class, and those of them with nothing in their last cell."""
        return base.group_by("class").agg(
            pl.len().alias("rows"), _is_blank(self.last).sum().alias("blank_ends")
        )

    def kept(self, base: pl.LazyFrame) -> pl.LazyFrame:
        """Keep the rows that count, with their sums: a row each, in their order.

        ``org_code`` and ``period_0`` are text, the latter as written; ``kind`` is the place, from
        1, of the organisation's kind among those that the spec names, or 0; ``if_0`` and so on say
        whose metrics the row is for; ``sum_0`` and so on are null where a cell holds no plain
        number; ``is_irregular`` says that one does not, or that a count is below zero.
        """
        return self._summed(base).select(
            *_KEYS, "^if_.*$", "^sum_.*$", self._is_irregular().alias("is_irregular")
        )

    def irregular(self, base: pl.LazyFrame) -> pl.LazyFrame:
        """Keep the rows that ``kept`` calls irregular, with their cells of figures as written."""
        cells = [pl.col(str(place)).alias(f"figure_{place}") for place in self.figure_columns]
        irregular = self._summed(base).filter(self._is_irregular())
        return irregular.select(*_KEYS, "^if_.*$", *cells)

    def _summed(self, base: pl.LazyFrame) -> pl.LazyFrame:
        numbers = [_number(place) for place in self.figure_columns]
        sums = [sum_expr(one, "number_").alias(f"sum_{at}") for at, one in enumerate(self.sums)]
        conditions = [_holds(one).alias(f"if_{at}") for at, one in enumerate(self.conditions)]
        keys = [_text(self.organisation).alias("org_code"), self._kind_expr()]
        keys += [pl.col(str(place)).alias(f"period_{at}") for at, place in enumerate(self.period)]
        counted = base.filter(pl.col("class") == 0)
        return counted.with_columns(*keys, *numbers, *conditions).with_columns(sums)

    def _is_irregular(self) -> pl.Expr:
        counts = set(self.count_columns)
        is_irregular = pl.col("org_code") == ""
        for at in range(len(self.conditions)):
            places = sorted({place for m in self.metrics if m.condition == at for place in m.sums})
            columns = {column for place in places for column in self.sums[place].columns}
            wrong = [~pl.col(f"sum_{place}").is_finite() for place in places]
            wrong += [pl.col(f"sum_{place}") < 0 for place in places if self.sums[place].subtract]
            wrong += [pl.col(f"number_{column}") < 0 for column in sorted(columns & counts)]
            is_wrong = pl.any_horizontal(wrong).fill_null(True)
            is_irregular = is_irregular | (pl.col(f"if_{at}") & is_wrong)
        return is_irregular

    def _kind_expr(self) -> pl.Expr:
        number = pl.lit(0, pl.UInt8)
        for at in range(len(self.kinds), 0, -1):
            number = _numbered(_holds(self.kinds[at - 1]), at, number)
        return number.alias("kind")

    def _class_expr(self) -> pl.Expr:
        """Give the number of the reason why a row does not count; 0 where it does."""
        any_metric = pl.any_horizontal(_holds(condition) for condition in self.conditions)
        number = _numbered(~any_metric, len(self.reasons) + 1, pl.lit(0, pl.UInt8))
        rules = [*enumerate(self.reasons, start=1)][::-1]
        for at, (_, condition, is_left_out) in rules:
            if not is_left_out:
                number = _numbered(~_holds(condition), at, number)
        # Whether a row without an organisation has a figure is told once the figures are read.
        number = _numbered(_text(self.organisation) == "", 0, number)
        for at, (_, condition, is_left_out) in rules:
            if is_left_out:
                number = _numbered(_holds(condition), at, number)
        return number.alias("class")


def reading_plan(source: Publication, header: HeaderRow) -> tuple[ReadingPlan, list[Finding]]:
    """Find all that a spec names among the headers; what cannot be found is in the findings."""
    selection = Selection(header, source)
    period = source.period
    named = [period.column] if period.column is not None else [period.year, period.month]
    sums: list[Sum] = []
    conditions: list[Condition] = []
    metrics = [
        _metric_plan(id_, metric, selection, sums, conditions)
        for id_, metric in source.metrics.items()
    ]
    reasons = [(rule.reason, _condition([rule], selection), True) for rule in source.leave_out]
    reasons += [(rule.otherwise, _condition([rule], selection), False) for rule in source.keep]
    plan = ReadingPlan(
        selection.column(source.organisation.column),
        tuple(selection.column(name) for name in named if name is not None),
        tuple(sums),
        tuple(conditions),
        tuple(reasons),
        tuple(_condition([kind], selection) for kind in source.organisation.kinds),
        tuple(metrics),
        len(header.headers) - 1,
    )
    return plan, selection.findings


def _metric_plan(
    id_: str,
    metric: SourceMetric,
    selection: Selection,
    sums: list[Sum],
    conditions: list[Condition],
) -> MetricPlan:
    def place_of(quantity: Quantity | None) -> int | None:
        return None if quantity is None else _place(selection.quantity(quantity), sums)

    value = None
    if metric.value is not None:
        value = _place(Sum((selection.column(metric.value),)), sums)
    return MetricPlan(
        id_,
        _place(_condition(metric.where, selection), conditions),
        place_of(metric.numerator),
        place_of(metric.denominator),
        value,
    )


def _place(item: object, items: list) -> int:  # type: ignore[type-arg]
    """Give the place of an item in a list, and add it where it is not there."""
    if item not in items:
        items.append(item)
    return items.index(item)


def _condition(rules: Iterable[Rule], selection: Selection) -> Condition:
    return tuple((selection.column(rule.column), _pattern(rule.values)) for rule in rules)


def _pattern(values: Iterable[str]) -> str:
    """Give a pattern that is met by any of the values, whatever their capitals and spaces."""
    options = (r"\s+".join(map(re.escape, value.split())) for value in values)
    return rf"(?i)^\s*(?:{'|'.join(options)})\s*$"


def _number(place: int) -> pl.Expr:
    return pl.col(str(place)).cast(pl.Float64, strict=False).alias(f"number_{place}")


def sum_expr(one: Sum, prefix: str) -> pl.Expr:
    """Add columns up in their order, so that the last bits are the same in every run.

    They are named by their places after a prefix.
    """
    total = functools.reduce(operator.add, (pl.col(f"{prefix}{place}") for place in one.add))
    taken = [pl.col(f"{prefix}{place}") for place in one.subtract]
    return functools.reduce(operator.sub, taken, total)


def _text(place: int) -> pl.Expr:
    return pl.col(str(place)).fill_null("").str.strip_chars()


def _is_blank(place: int) -> pl.Expr:
    return pl.col(str(place)).is_null() | (pl.col(str(place)) == "")


def _holds(condition: Condition) -> pl.Expr:
    return pl.all_horizontal(
        pl.lit(True),
        *(pl.col(str(place)).fill_null("").str.contains(pattern) for place, pattern in condition),
    )


def _numbered(holds: pl.Expr, number: int, otherwise: pl.Expr) -> pl.Expr:
    return pl.when(holds).then(pl.lit(number, pl.UInt8)).otherwise(otherwise)


def is_counted(plan: ReadingPlan) -> pl.Expr:
    """Say whether any metric counts a row that was kept."""
    return pl.any_horizontal(pl.col(f"if_{at}") for at in range(len(plan.conditions)))


def reason_counts(plan: ReadingPlan, tallies: Sequence[pl.DataFrame]) -> dict[str, int]:
    """Count the rows that do not count, by reason."""
    counts: dict[str, int] = {}
    names = plan.reason_names
    for number, rows, _ in pl.concat(tallies).sort("class").iter_rows():
        if number:
            reason = names[number - 1]
            counts[reason] = counts.get(reason, 0) + int(rows)
    return counts
