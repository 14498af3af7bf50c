"""Which quarter and which framework are meant, where the user names neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from nhs_league.errors import DataError, UsageError
from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.framework.model import Framework
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import framework_ids, month_rows, whole_quarter_rows

# How many metrics a message names; more would hide what it says.
_NAMED = 5


def quarters_in(observations: pl.DataFrame) -> list[Quarter]:
    """List the quarters that the data have a month or a quarter of, oldest first.

    An edition in force for longer makes no quarter by itself, unless there is nothing else.
    """
    lasts = observations.filter(pl.col("last_month") - pl.col("first_month") <= 2)["last_month"]
    if lasts.is_empty():
        lasts = observations["first_month"]
    return sorted({Quarter.of_month(month) for month in lasts.unique().to_list()})


def choose_quarter(
    observations: pl.DataFrame, framework: Framework | None, asked: str | None
) -> Quarter:
    """Read the quarter asked for and see that the data have it; by default, take the latest.

    Raises ``InvalidQuarterError`` for what is no quarter, ``UsageError`` with the quarters there
    are for one without data, and ``DataError`` where there are no data at all.
    """
    quarter = Quarter.parse(asked) if asked is not None else None
    wanted = observations.filter(pl.col("first_month").is_not_null())
    if framework is not None:
        wanted = wanted.filter(pl.col("metric_id").is_in(framework_ids(framework)))
    if wanted.is_empty():
        purpose = f" for the metrics of {framework.id}" if framework else ""
        raise DataError(f"the data hold no observation{purpose}{_metrics_there(observations)}")
    if quarter is None:
        return quarters_in(wanted)[-1]
    if whole_quarter_rows(wanted, quarter).is_empty() and month_rows(wanted, quarter).is_empty():
        listed = ", ".join(f"{q} ({q.nhs_label})" for q in quarters_in(wanted))
        raise UsageError(
            f"the data have nothing for {quarter}, {quarter.long_label}; they have {listed}"
        )
    return quarter


def _metrics_there(observations: pl.DataFrame) -> str:
    """Name the first few metrics that the data do have: one may be the one that is misspelt."""
    ids = observations["metric_id"].unique().sort().to_list()
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"; they have {', '.join(ids[:_NAMED])}{more}" if ids else ""


def choose_framework(
    observations: pl.DataFrame, frameworks: Iterable[FrameworkFile], quarter: Quarter
) -> FrameworkFile:
    """Take the framework that governs the quarter and that most ids in the data are of.

    Ids are metrics', published scores' and published results'. Raises ``UsageError`` where none
    does.
    """
    measured = _measured_ids(observations, quarter)
    candidates = [
        (len(measured.intersection(framework_ids(file.framework))), file)
        for file in frameworks
        if file.framework.applies_to.includes(quarter)
    ]
    best = max(candidates, key=lambda candidate: candidate[0], default=None)
    if best is None or best[0] == 0:
        raise UsageError(
            f"no shipped framework has metrics in these data for {quarter}; "
            "name one with --framework"
        )
    return best[1]


def choose_shared_framework(
    observations: pl.DataFrame, frameworks: Iterable[FrameworkFile], quarters: Sequence[Quarter]
) -> FrameworkFile:
    """Take the framework that governs all of the quarters and that most ids common to them are of.

    Raises ``UsageError`` where none does.
    """
    common = set.intersection(*(_measured_ids(observations, quarter) for quarter in quarters))
    candidates = [
        (len(common.intersection(framework_ids(file.framework))), file)
        for file in frameworks
        if all(file.framework.applies_to.includes(quarter) for quarter in quarters)
    ]
    best = max(candidates, key=lambda candidate: candidate[0], default=None)
    if best is None or best[0] == 0:
        listed = " and ".join(str(quarter) for quarter in quarters)
        raise UsageError(
            f"no shipped framework governs both {listed} and has metrics in the data of both; "
            "name one with --framework"
        )
    return best[1]


def _measured_ids(observations: pl.DataFrame, quarter: Quarter) -> set[str]:
    """List the ids that the data have a figure of for the quarter or one of its months."""
    whole = whole_quarter_rows(observations, quarter)["metric_id"]
    months = month_rows(observations, quarter)["metric_id"]
    return set(pl.concat([whole, months]).unique().to_list())
