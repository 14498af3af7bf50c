"""Do the published tables follow from the published data? Every figure recomputed, cell by cell.

Each figure is recomputed from those before it: metric scores from values, averages and domain
scores from metric scores, segments from averages, ranks from segments and averages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.analysis.audit_cells import recomputed_cells
from nhs_league.analysis.audit_trails import with_trails
from nhs_league.framework.model import Framework
from nhs_league.league import League
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import whole_quarter_rows
from nhs_league.scoring.numbers import TOLERANCE, key_expr

AUDIT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "kind": pl.String(),
    "org_code": pl.String(),
    "org_name": pl.String(),
    "id": pl.String(),
    "published": pl.Float64(),
    "recomputed": pl.Float64(),
    "difference": pl.Float64(),
    "verdict": pl.String(),
    "reason": pl.String(),
    "trail": pl.String(),
    "source_file": pl.String(),
    "source_row": pl.UInt32(),
}
"""The frame contract: one row a published figure; ``id`` is what it is published under.

``difference`` is recomputed less published. ``reason`` says why a figure is not computable, and
``trail`` how one that is not equal was come by.
"""

KINDS: Final = {
    "metric_score": "Metric scores",
    "combined_score": "Combined scores",
    "metric_rank": "Ranks by metric",
    "median": "Medians",
    "lower_quartile": "Lower quartiles",
    "upper_quartile": "Upper quartiles",
    "domain_score": "Domain scores",
    "domain_segment": "Domain segments",
    "average": "Averages",
    "segment": "Unadjusted segments",
    "override": "Overrides",
    "adjusted_segment": "Adjusted segments",
    "league_rank": "League ranks",
    "rank_by_average": "Ranks by average",
}
"""The kinds of figures, in the order that they follow from each other, and their names."""

VERDICTS: Final = (
    "equal",
    "within_tolerance",
    "within_tie",
    "on_edge",
    "different",
    "not_computable",
)
"""What a cell can be.

``within_tolerance``: off by no more than the tolerance. ``within_tie``: another order among values
that are printed alike gives the published figure. ``on_edge``: so does the other side of a bound
that the value is printed on.
"""

AGREEMENT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "kind": pl.String(),
    "cells": pl.Int64(),
    **dict.fromkeys(VERDICTS, pl.Int64()),
}
"""The frame contract: one row a quarter and kind, counting its cells by verdict."""

REASON_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "kind": pl.String(),
    "id": pl.String(),
    "cells": pl.Int64(),
    "reason": pl.String(),
}
"""The frame contract: one row a quarter, kind, id and reason for cells that are not computable."""


@dataclass(frozen=True)
class Audit:
    """Every published figure of one quarter or more beside the recomputed one.

    ``cells`` is under ``AUDIT_SCHEMA``, ``tolerance`` in the figures' own units.
    """

    cells: pl.DataFrame
    tolerance: float

    @property
    def has_differences(self) -> bool:
        """Say whether any figure differs beyond the tolerance, and beyond what rounding hides."""
        return bool((self.cells["verdict"] == "different").any())

    def agreement(self) -> pl.DataFrame:
        """Count cells by quarter, kind and verdict, under ``AGREEMENT_SCHEMA``."""
        counts = [(pl.col("verdict") == verdict).sum().alias(verdict) for verdict in VERDICTS]
        counted = self.cells.group_by("quarter", "kind").agg(pl.len().alias("cells"), *counts)
        ordered = counted.sort("quarter", _kind_order_expr()).select(*AGREEMENT_SCHEMA)
        return ordered.cast(AGREEMENT_SCHEMA)  # type: ignore[arg-type]

    def disagreements(self) -> pl.DataFrame:
        """List the cells that are neither equal nor without a recomputed figure."""
        return self.cells.filter(~pl.col("verdict").is_in(["equal", "not_computable"]))

    def reasons(self) -> pl.DataFrame:
        """Count the cells that are not computable by why they are not, under ``REASON_SCHEMA``."""
        return (
            self.cells.filter(pl.col("verdict") == "not_computable")
            .group_by("quarter", "kind", "id", "reason", maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias("cells"))
            .select(*REASON_SCHEMA)
        )


def audit(league: League, observations: pl.DataFrame, tolerance: float = 0.01) -> Audit:
    """Set every figure that the data publish for the league's quarter beside the recomputed one.

    ``observations`` are those that the league was scored from, under ``OBSERVATION_SCHEMA``. A
    figure is equal if it is the recomputed one's rounding, and within ``tolerance`` if it is off by
    no more. What a ``League`` scored under ``auto`` takes from the publication is not taken here:
    metric scores are held as computed from values, averages and domain scores as their means.
    """
    published = _published_figures(league, observations)
    cells = recomputed_cells(league, published)
    cells = _with_verdicts(cells, tolerance)
    names = league.organisations.select("org_code", "org_name")
    cells = (
        with_trails(cells, league)
        .join(names, on="org_code", how="left", maintain_order="left")
        .with_columns(
            pl.lit(str(league.quarter)).alias("quarter"),
            key_expr(pl.col("recomputed") - pl.col("published")).alias("difference"),
        )
        .sort(_kind_order_expr(), "id", "org_code")
    )
    return Audit(cells.select(*AUDIT_SCHEMA).cast(AUDIT_SCHEMA), tolerance)  # type: ignore[arg-type]


def _kind_order_expr() -> pl.Expr:
    order = {kind: place for place, kind in enumerate(KINDS)}
    return pl.col("kind").replace_strict(order, return_dtype=pl.Int64)


def together(audits: Iterable[Audit]) -> Audit:
    """Put the audits of several quarters together, in their order."""
    listed = list(audits)
    return Audit(pl.concat([each.cells for each in listed]), max(a.tolerance for a in listed))


def publishes_results(observations: pl.DataFrame, framework: Framework, quarter: Quarter) -> bool:
    """Say whether the data publish scores or results for the quarter that can be audited."""
    ids = [m.published_score for m in framework.metrics.values() if m.published_score is not None]
    ids += framework.published.ids() if framework.published is not None else ()
    rows = whole_quarter_rows(observations, quarter)
    return bool(rows["metric_id"].is_in(ids).any())


def _published_figures(league: League, observations: pl.DataFrame) -> pl.DataFrame:
    """Give the quarter's reported figures: one row an organisation and id."""
    return (
        whole_quarter_rows(observations, league.quarter)
        .filter(pl.col("status") == "reported", pl.col("value").is_not_null())
        .join(league.standings.select("org_code"), on="org_code", how="semi")
        .sort(pl.col("last_month") - pl.col("first_month"), maintain_order=True)
        .unique(["org_code", "metric_id"], keep="first", maintain_order=True)
        .select("org_code", "metric_id", "value", "published_rank", "source_file", "source_row")
    )


def _with_verdicts(cells: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    """Judge cells under ``audit_cells.CELL_SCHEMA``."""
    published = pl.col("published")
    off = (pl.col("recomputed") - published).abs()
    is_between = (published >= pl.col("lowest") - TOLERANCE) & (
        published <= pl.col("highest") + TOLERANCE
    )
    verdict = (
        pl.when(pl.col("reason").is_not_null() | pl.col("recomputed").is_null())
        .then(pl.lit("not_computable"))
        .when(off <= TOLERANCE)
        .then(pl.lit("equal"))
        .when(is_between & pl.col("is_on_edge").fill_null(False))
        .then(pl.lit("on_edge"))
        .when(is_between)
        .then(pl.lit("within_tie"))
        .when(pl.col("is_rounded") & (off <= tolerance + TOLERANCE))
        .then(pl.lit("within_tolerance"))
        .otherwise(pl.lit("different"))
    )
    return cells.with_columns(verdict.alias("verdict"))
