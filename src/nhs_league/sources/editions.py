"""Editions: what two published files say of one figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import polars as pl

from nhs_league.findings import MAX_OF_A_KIND, Finding, beyond_the_cap, counted
from nhs_league.sources.layout import Headers, written_header

KEY: Final = ["org_code", "metric_id", "period"]
_FIGURES: Final = ("value", "numerator", "denominator")
_TWO_ROWS: Final = ["source_file", "source_row", "source_file_first", "source_row_first"]


def has_repeats(frame: pl.DataFrame) -> bool:
    """Say whether any organisation may have a second figure for one metric and period.

    Different hashes are different keys: where all differ, no key need be compared.
    """
    return _hashes(frame).n_unique() < len(frame)


def may_be_repeats(frame: pl.DataFrame) -> pl.Series:
    """Tell the observations whose key may be another's too: their keys are worth comparing."""
    return _hashes(frame).is_duplicated()


def _hashes(frame: pl.DataFrame) -> pl.Series:
    first, second, third = (frame[name].hash(seed) for seed, name in enumerate(KEY, start=1))
    return first ^ second ^ third


def first_figures(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the first figure of each organisation, metric and period from those after it."""
    places = may_be_repeats(frame).arg_true()
    is_later = ~pl.struct(KEY).is_first_distinct() & pl.col("period").is_not_null()
    later = places.filter(frame[places].select(is_later.alias("is_later"))["is_later"])
    is_first = pl.repeat(True, len(frame), eager=True).scatter(later, False)
    return frame.filter(is_first), frame.filter(~is_first)


def one_a_row(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of the figures that two rows share, and count the ``others``.

    ``pairs`` has the columns of an observation, and those of the first of its key by ``_first``.
    """
    others = pl.len().over(_TWO_ROWS) - 1
    return pairs.with_columns(others.alias("others")).unique(
        _TWO_ROWS, keep="first", maintain_order=True
    )


def named_figure(row: Mapping[str, Any]) -> str:
    """Name the figures of a row of ``one_a_row``: ``RAA, waits and 2 more, 2025Q2``."""
    others = f" and {row['others']} more" if row["others"] else ""
    return f"{row['org_code']}, {row['metric_id']}{others}, {row['period']}"


def settle_editions(
    frame: pl.DataFrame,
    published: Collection[str],
    headers: Headers,
    *,
    leave: Collection[str] = (),
) -> tuple[pl.DataFrame, pl.DataFrame, list[Finding]]:
    """Keep one of the observations that stand in two files, one of them a published one.

    ``frame`` is under ``OBSERVATION_SCHEMA``; ``published`` names the files in a publisher's own
    layout, and ``headers`` gives all files' headers as written. Cumulative files repeat earlier
    quarters, and a league table repeats its data file: the first observation stays. Gives the
    observations left, those that were taken out, and findings: a note on those that agree, an error
    for each row that does not. Organisations to ``leave`` are not looked at.
    """
    nothing = frame.clear()
    if not published or not has_repeats(frame):
        return frame, nothing, []
    is_known = pl.col("period").is_not_null() & ~pl.col("org_code").is_in(list(leave))
    known = frame.filter(is_known).with_row_index("place")
    compared = known.filter(may_be_repeats(known))
    firsts = compared.unique(KEY, keep="first", maintain_order=True)
    later = compared.join(
        firsts, on=KEY, how="inner", suffix="_first", maintain_order="left"
    ).filter(
        pl.col("source_file") != pl.col("source_file_first"),
        pl.col("source_file").is_in(list(published))
        | pl.col("source_file_first").is_in(list(published)),
    )
    if later.is_empty():
        return frame, nothing, []
    ranks_agree = (pl.col("published_rank") == pl.col("published_rank_first")).fill_null(True)
    agree = ranks_agree & (pl.col("status") == pl.col("status_first"))
    for figure in _FIGURES:
        agree = agree & pl.col(figure).eq_missing(pl.col(f"{figure}_first"))
    later = later.with_columns(agree.alias("agrees"))
    is_later = pl.col("place").is_in(later["place"].to_list())
    kept = pl.concat([known.filter(~is_later).drop("place"), frame.filter(~is_known)])
    out = known.filter(is_later).drop("place")
    differ = later.filter(~pl.col("agrees"))
    findings = [*_repeats(later.filter("agrees")), *_disagreements(differ, headers)]
    return kept, out, findings


def _repeats(later: pl.DataFrame) -> Iterator[Finding]:
    found = later.group_by("source_file", "source_file_first", maintain_order=True).agg(
        pl.len().alias("count"), pl.col("source_row").min()
    )
    for row in found.iter_rows(named=True):
        stand = counted(row["count"], "figure", "stands", "stand")
        yield Finding(
            "note",
            "repeated_edition",
            f"{stand} in {row['source_file_first']} too, and agree",
            file=row["source_file"],
            row=row["source_row"],
        )


def _disagreements(later: pl.DataFrame, headers: Headers) -> Iterator[Finding]:
    later = one_a_row(later)
    for row in later.head(MAX_OF_A_KIND).iter_rows(named=True):
        figures = (*_FIGURES, "published_rank")
        column = next((f for f in figures if row[f] != row[f"{f}_first"]), "value")
        yield Finding(
            "error",
            "editions_disagree",
            f"{named_figure(row)} differs from "
            f"{row['source_file_first']} row {row['source_row_first']}",
            file=row["source_file"],
            row=row["source_row"],
            column=written_header(row, column, headers),
            value=_said(row, ""),
            expected=_said(row, "_first"),
        )
    yield from beyond_the_cap("editions_disagree", len(later))


def _said(row: dict[str, object], suffix: str) -> str:
    """Say what an observation states: its figure or its status, and its rank."""
    figures = [row[f"{name}{suffix}"] for name in (*_FIGURES, "published_rank")]
    value, numerator, denominator, rank = (
        None if figure is None else f"{figure:g}" for figure in figures
    )
    counts = f"{numerator} of {denominator}" if numerator is not None else None
    said = value or counts or str(row[f"status{suffix}"]).replace("_", " ")
    return said if rank is None else f"{said}, rank {rank}"
