"""Turn text cells into observations, and everything wrong with them into findings.

Nearly all rows are plainly reported figures, and are read as such. The others are read closely:
every check is an expression over them all, and only rows that fail one are looked at one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from nhs_league.findings import MAX_OF_A_KIND, Finding, Severity, beyond_the_cap
from nhs_league.observations import OBSERVATION_SCHEMA, STATUSES
from nhs_league.period import InvalidPeriodError, Period
from nhs_league.sources.cells import number_checks, with_numbers
from nhs_league.sources.editions import KEY, has_repeats, may_be_repeats, named_figure, one_a_row
from nhs_league.sources.layout import FIGURES, Headers, written_header

_OF_THE_ROW = frozenset({"org_code", "period"})
"""Cells that all observations of a row share."""


@dataclass(frozen=True)
class _Check:
    """One thing that can be wrong with a row: where ``failing`` holds, it is."""

    failing: pl.Expr
    severity: Severity
    code: str
    message: str
    column: str
    expected: str | None = None


def observations_from_cells(
    cells: pl.DataFrame, headers: Headers
) -> tuple[pl.DataFrame, list[Finding]]:
    """Read cells under ``CELL_SCHEMA`` into a frame under ``OBSERVATION_SCHEMA``.

    ``headers`` gives for each file the headers as written, for the findings. The frame holds
    every row; where the findings have errors it is not to be used.
    """
    periods, problems = _read_periods(cells["period"])
    frame = cells.select(
        *(_plain_number_expr(cells[column]) for column in FIGURES),
        "unit",
        "source_file",
        "source_row",
    ).hstack(
        [
            *(_stripped(cells[column]) for column in ("org_code", "metric_id")),
            *_columns_of_periods(cells["period"], periods),
            pl.repeat("reported", len(cells), eager=True).alias("status"),
        ]
    )[list(OBSERVATION_SCHEMA)]
    places = _rows_to_look_at(cells, frame)
    if places.is_empty():
        return frame, []
    read = _read_closely(cells[places], frame[places].select("period", "first_month", "last_month"))
    findings = list(_failed_checks(read, _checks(problems, read.columns), headers))
    stated = [name for name in FIGURES if not _is_absent(cells[name])]
    for name in (*stated, "status"):
        column = frame[name].rechunk().scatter(places, read[name])
        frame.replace_column(frame.get_column_index(name), column)
    return frame, findings


def _read_closely(cells: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Read cells that may hold anything: what ``with_numbers`` says, and the statuses."""
    read = with_numbers(cells, FIGURES).rename({"period": "cell:period"}).hstack(periods)
    return read.with_columns(
        pl.col("org_code", "metric_id").fill_null("").str.strip_chars(),
        pl.col("status").alias("cell:status"),
        _status_expr(read.columns).alias("status"),
    )


def _rows_to_look_at(cells: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Find the rows that are not plainly reported figures: whatever is wrong is in one of them.

    A row that is looked at closely without need is read as it was.
    """
    reasons = [frame[column] == "" for column in ("org_code", "metric_id")]
    reasons.append(frame["first_month"].is_null())
    if not _is_absent(cells["status"]):
        reasons.append(cells["status"].fill_null("reported") != "reported")
    reasons.append(frame["value"].is_null() & frame["numerator"].is_null())
    reasons.append(frame["numerator"].is_not_null() & frame["denominator"].is_null())
    reasons += [frame[column] < 0 for column in ("numerator", "denominator")]
    reasons.append(frame["published_rank"] < 1)
    for column in FIGURES:
        reasons.append(cells[column].is_not_null() & ~frame[column].is_finite().fill_null(False))
    return pl.select(pl.any_horizontal(reasons).arg_true()).to_series()


def _is_absent(texts: pl.Series) -> bool:
    return texts.null_count() == len(texts)


def _plain_number_expr(texts: pl.Series) -> pl.Expr:
    if _is_absent(texts):
        return pl.lit(None, pl.Float64).alias(texts.name)
    return pl.col(texts.name).cast(pl.Float64, strict=False)


def _read_periods(texts: pl.Series) -> tuple[pl.DataFrame, dict[str, str]]:
    """Read each different text once: those that are periods as a frame, the others with why not."""
    rows: list[tuple[str, str, int, int]] = []
    problems: dict[str, str] = {}
    for text in texts.unique().drop_nulls().to_list():
        try:
            period = Period.parse(text)
            rows.append((text, str(period), period.first_month, period.last_month))
        except InvalidPeriodError as error:
            problems[text] = str(error)
    schema = {
        "cell:period": pl.String,
        "period": pl.String,
        "first_month": pl.Int32,
        "last_month": pl.Int32,
    }
    return pl.DataFrame(rows, schema=schema, orient="row"), problems


def _columns_of_periods(texts: pl.Series, periods: pl.DataFrame) -> list[pl.Series]:
    """Give each text its period and months, null where it is no period."""
    places = texts.cast(pl.Enum(periods["cell:period"]), strict=False).to_physical().rechunk()
    return [periods[name].gather(places) for name in ("period", "first_month", "last_month")]


def _stripped(texts: pl.Series) -> pl.Series:
    """Take the space from around texts, of which few differ and hardly any has some."""
    texts = texts.fill_null("")
    different = texts.unique()
    return texts if (different.str.strip_chars() == different).all() else texts.str.strip_chars()


def _has_figure_expr() -> pl.Expr:
    return pl.col("value").is_not_null() | pl.col("numerator").is_not_null()


def _status_expr(available: Sequence[str]) -> pl.Expr:
    """Decide each row's status: the one stated, else a mark's, else whether a figure is there.

    A numerator that is blank was not submitted, whatever its denominator.
    """
    stated = pl.col("status").str.strip_chars().str.to_lowercase().replace("", None)
    reported = pl.when(_has_figure_expr()).then(pl.lit("reported"))
    marks = ("mark:value", "mark:numerator", "mark:denominator")
    marked = [pl.col(mark) for mark in marks if mark in available]
    return pl.coalesce(stated, reported, *marked, pl.lit("not_submitted"))


def _checks(period_problems: dict[str, str], available: Sequence[str]) -> Iterator[_Check]:
    for column in FIGURES:
        if f"is_text:{column}" in available:
            for check in number_checks(column, is_count=column != "value"):
                yield _Check(
                    check.failing,
                    check.severity,
                    check.code,
                    check.message,
                    column,
                    check.expected,
                )
    for column in ("org_code", "metric_id"):
        yield _Check(pl.col(column) == "", "error", "key_missing", "is blank", column)
    blank = pl.col("cell:period").fill_null("") == ""
    yield _Check(blank, "error", "key_missing", "is blank", "period")
    for text, problem in sorted(period_problems.items()):
        if text:
            failing = pl.col("cell:period") == text
            yield _Check(failing, "error", "period_unreadable", problem, "period")
    status, has_figure = pl.col("status"), _has_figure_expr()
    yield _Check(
        ~status.is_in(STATUSES),
        "error",
        "status_unknown",
        "is not a status",
        "status",
        ", ".join(STATUSES),
    )
    yield _Check(
        (status == "reported")
        & ~has_figure
        & ~_is_text("value", available)
        & ~_is_text("numerator", available),
        "error",
        "figure_missing",
        "says reported where there is no figure",
        "status",
    )
    yield _Check(
        (status != "reported") & has_figure,
        "error",
        "figure_not_expected",
        "says that there is no figure where there is one",
        "status",
    )
    yield from _mark_checks(available)
    for column in ("numerator", "denominator"):
        yield _Check(
            pl.col(column) < 0,
            "error",
            "negative_count",
            "is below zero",
            column,
            "a count of 0 or more",
        )
    yield _Check(
        pl.col("numerator").is_not_null()
        & pl.col("denominator").is_null()
        & ~_is_text("denominator", available),
        "error",
        "denominator_missing",
        "is missing beside its numerator",
        "denominator",
        "a number",
    )
    yield _Check(
        pl.col("published_rank") < 1,
        "error",
        "rank_impossible",
        "is no rank",
        "published_rank",
        "1 or more",
    )


def _mark_checks(available: Sequence[str]) -> Iterator[_Check]:
    """Find marks that give another reason for the missing figure than the status does."""
    is_stated = pl.col("cell:status").str.strip_chars() != ""
    is_reason = pl.col("status").is_in(STATUSES) & (pl.col("status") != "reported")
    for column in FIGURES[:3]:
        if f"mark:{column}" in available:
            yield _Check(
                is_stated & is_reason & (pl.col(f"mark:{column}") != pl.col("status")),
                "error",
                "mark_contradicts_status",
                "is a mark for another reason than the status gives",
                column,
            )


def _is_text(column: str, available: Sequence[str]) -> pl.Expr:
    name = f"is_text:{column}"
    return pl.col(name) if name in available else pl.lit(False)


def _failed_checks(
    read: pl.DataFrame, checks: Iterator[_Check], headers: Headers
) -> Iterator[Finding]:
    listed = list(checks)
    failed = read.select(
        check.failing.any().alias(str(index)) for index, check in enumerate(listed)
    ).row(0)
    counts: Counter[str] = Counter()
    for check, has_failed in zip(listed, failed, strict=True):
        if not has_failed:
            continue
        rows = read.filter(check.failing.fill_null(False))
        if check.column in _OF_THE_ROW:
            rows = rows.unique(["source_file", "source_row"], keep="first", maintain_order=True)
        left = max(0, MAX_OF_A_KIND - counts[check.code])
        counts[check.code] += len(rows)
        cell = f"cell:{check.column}" if f"cell:{check.column}" in read.columns else check.column
        for row in rows.head(left).iter_rows(named=True):
            yield Finding(
                check.severity,
                check.code,
                check.message,
                file=row["source_file"],
                row=row["source_row"],
                column=written_header(row, check.column, headers),
                value=row[cell] or "",
                expected=check.expected,
            )
    for code, count in counts.items():
        yield from beyond_the_cap(code, count)


def repeated_observations(frame: pl.DataFrame, *, leave: Collection[str] = ()) -> Iterator[Finding]:
    """Find organisations with a second figure for one metric and period: a finding a row.

    Organisations to ``leave`` are not looked at.
    """
    if not has_repeats(frame):
        return
    frame = frame.filter(may_be_repeats(frame)).filter(
        pl.col("period").is_not_null(), ~pl.col("org_code").is_in(list(leave))
    )
    is_first = pl.struct(KEY).is_first_distinct()
    repeated = frame.filter(~is_first)
    if repeated.is_empty():
        return
    firsts = frame.filter(is_first)
    rows = one_a_row(
        repeated.join(firsts, on=KEY, how="left", suffix="_first", maintain_order="left")
    )
    for row in rows.head(MAX_OF_A_KIND).iter_rows(named=True):
        is_same = row["source_file_first"] == row["source_file"]
        same = "" if is_same else f"{row['source_file_first']} "
        yield Finding(
            "error",
            "repeated_observation",
            f"{named_figure(row)} stands a second time: first in {same}row "
            f"{row['source_row_first']}",
            file=row["source_file"],
            row=row["source_row"],
            expected="one observation",
        )
    yield from beyond_the_cap("repeated_observation", len(rows))
