"""What a source spec's parts must be to each other."""

from __future__ import annotations

from collections.abc import Iterator

from nhs_league.framework.yaml_models import Problem
from nhs_league.framework.yaml_reader import Location
from nhs_league.sources.specs.model import (
    Bands,
    PeriodPlace,
    Publication,
    Quantity,
    Source,
    SourceMetric,
    parts_of,
)


def source_problems(source: Source) -> Iterator[Problem]:
    """Yield every contradiction in a spec, with its place in the file."""
    if isinstance(source, Publication):
        yield from _period_problems(source.period)
        for id_, metric in source.metrics.items():
            yield from _metric_problems(("metrics", id_), metric)
    elif "org_code" not in source.columns or "period" not in source.columns:
        yield ("columns",), "org_code and period are needed"


def _period_problems(period: PeriodPlace) -> Iterator[Problem]:
    in_one = period.column is not None
    in_two = period.year is not None or period.month is not None
    place: Location = ("period",)
    if in_one == in_two:
        yield place, "state either a column with formats, or a year and a month"
    elif in_two and (period.year is None or period.month is None):
        yield place, "a year needs a month, and a month a year"
    elif in_two and period.formats:
        yield (*place, "formats"), "formats are for a period in one column"
    elif in_one and not period.formats:
        yield place, "a column needs formats"
    for at, pattern in enumerate(period.formats):
        parts = set(parts_of(pattern))
        if not ({"year", "month"} <= parts or parts == {"quarter"}):
            yield (
                (*place, "formats", at),
                f"{pattern!r} names no period: it needs {{year}} and {{month}}, or {{quarter}}",
            )


def _metric_problems(place: Location, metric: SourceMetric) -> Iterator[Problem]:
    if metric.value is None and metric.numerator is None:
        yield place, "state a numerator and denominator, or a value"
    if metric.value is not None and metric.numerator is not None:
        yield (*place, "value"), "a numerator stands already: a metric has one or the other"
    if metric.numerator is not None and metric.denominator is None:
        yield (*place, "numerator"), "a numerator needs its denominator"
    for name, quantity in (("numerator", metric.numerator), ("denominator", metric.denominator)):
        if quantity is not None:
            yield from _quantity_problems((*place, name), quantity)


def _quantity_problems(place: Location, quantity: Quantity) -> Iterator[Problem]:
    named: set[str] = set()
    for part, terms in (("add", quantity.add), ("subtract", quantity.subtract)):
        for at, term in enumerate(terms):
            here: Location = (*place, part, at)
            if isinstance(term, Bands):
                yield from _band_problems(here, term)
            elif term.casefold() in named:
                yield here, f"the column {term!r} is counted twice"
            else:
                named.add(term.casefold())


def _band_problems(place: Location, term: Bands) -> Iterator[Problem]:
    if term.at_least is not None and term.below is not None and term.at_least >= term.below:
        yield place, f"no band begins at {term.at_least} and ends by {term.below}"
    yield from (
        ((*place, "bands", at), f"{pattern!r} has no {{from}}")
        for at, pattern in enumerate(term.bands)
        if "from" not in parts_of(pattern)
    )
