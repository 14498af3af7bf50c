"""Who is consistently high or low: leagues of successive quarters, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.analysis.rankings import filtered, in_league_order, ranking_by
from nhs_league.errors import UsageError
from nhs_league.league import League, cut_points
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import key_expr
from nhs_league.scoring.ranking import with_competition_rank

QUARTER_SCHEMA: Final[dict[str, pl.DataType]] = {
    "quarter": pl.String(),
    "framework": pl.String(),
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "rank": pl.Int64(),
    "rank_of": pl.Int64(),
    "average_metric_score": pl.Float64(),
    "segment": pl.Int64(),
    "adjusted_segment": pl.Int64(),
    "overrides": pl.String(),
    "metrics_scored": pl.Int64(),
    "metrics_best_quarter": pl.Int64(),
    "metrics_worst_quarter": pl.Int64(),
}
"""The frame contract: one row a quarter and organisation of its league, oldest quarter first.

``metrics_best_quarter`` and ``metrics_worst_quarter`` count the metrics on which it is among the
best and the worst 25% of its peer group in that quarter, as ``metric_places`` has them.
"""

HISTORY_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "org_name": pl.String(),
    "peer_group": pl.String(),
    "region": pl.String(),
    "quarters": pl.Int64(),
    "best_rank": pl.Int64(),
    "worst_rank": pl.Int64(),
    "mean_place": pl.Float64(),
    "mean_average": pl.Float64(),
    "quarters_in_best_segment": pl.Int64(),
    "quarters_in_worst_segment": pl.Int64(),
    "metrics_best_quarter": pl.Int64(),
    "metrics_worst_quarter": pl.Int64(),
    "metric_quarters": pl.Int64(),
    "longest_run_segment": pl.Int64(),
    "longest_run": pl.Int64(),
    "longest_run_from": pl.String(),
}
"""The frame contract: one row an organisation, followed by three columns a quarter.

``quarters`` counts those in which it is ranked. ``mean_place`` is the mean over them of
``(rank - 1) / (rank_of - 1)``, from 0 (first throughout) to 1 (last throughout); null where nobody
is ranked beside it. ``mean_average`` is null where the quarters' scales differ. Segments are
adjusted ones. ``metric_quarters`` adds up the metrics scored. The longest run is of successive
quarters in one segment, the latest of several as long. For each quarter follow ``rank_<quarter>``,
``average_<quarter>`` and ``adjusted_segment_<quarter>``.
"""

METRIC_PLACE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metric_id": pl.String(),
    "is_best_quarter": pl.Boolean(),
    "is_worst_quarter": pl.Boolean(),
}
"""The frame contract: one row an organisation and metric that counts and that it has a score of."""

_OF_QUARTER: Final = {
    "rank": columns.RANK,
    "average": columns.AVERAGE,
    "adjusted_segment": columns.ADJUSTED_SEGMENT,
}
_QUARTER_SHARE: Final = 4
"""Peers are cut in four: the best and the worst quarter are 25% of them each."""


@dataclass(frozen=True)
class History:
    """Leagues of successive quarters, oldest first, and what they have in common.

    ``rows`` is under ``HISTORY_SCHEMA``, by peer group and most consistently high first;
    ``quarters`` is under ``QUARTER_SCHEMA``.
    """

    leagues: tuple[League, ...]
    rows: pl.DataFrame
    quarters: pl.DataFrame

    @property
    def latest(self) -> League:
        """Give the latest league."""
        return self.leagues[-1]

    @property
    def quarter_names(self) -> tuple[str, ...]:
        """Name the quarters, oldest first."""
        return tuple(str(league.quarter) for league in self.leagues)

    @property
    def has_ranked(self) -> bool:
        """Say whether anybody is ranked in any of the quarters."""
        return bool((self.rows["quarters"] > 0).any())

    def part(
        self,
        *,
        peer_group: str | None = None,
        region: str | None = None,
        icb: str | None = None,
        top: int | None = None,
        bottom: int | None = None,
    ) -> pl.DataFrame:
        """Keep some of the rows; what they say stays that of the whole.

        ``top`` and ``bottom`` keep that many of each peer group by ``mean_place``, and those that
        share the place of the last. Otherwise as ``analysis.rankings.filtered``.
        """
        kept = filtered(
            _with_standing(self.rows, [_place_key()], within=columns.PEER_GROUP),
            self.latest.organisations,
            peer_group=peer_group,
            region=region,
            icb=icb,
            top=top,
            bottom=bottom,
        )
        return kept.select(self.rows.columns)

    def of(self, org_codes: Sequence[str]) -> pl.DataFrame:
        """Keep the rows of some organisations. Raises ``UsageError`` for one that has none."""
        absent = sorted(set(org_codes) - set(self.rows["org_code"]))
        if absent:
            quarters = listed(self.quarter_names)
            raise UsageError(f"{', '.join(absent)}: in no league of {quarters}")
        return self.rows.filter(pl.col("org_code").is_in(list(org_codes)))


def history(leagues: Sequence[League]) -> History:
    """Lay leagues of successive quarters side by side.

    Every organisation of any of them has a row, under the code that it had: one that has merged
    into another is not followed. Raises ``UsageError`` where there is no league, or they are not
    in the order of their quarters, one each.
    """
    quarters = [league.quarter for league in leagues]
    if not quarters or quarters != sorted(set(quarters)):
        raise UsageError("a history takes one league a quarter, oldest first")
    long = pl.concat([_quarter_rows(league) for league in leagues])
    rows = long.group_by("org_code", maintain_order=True).agg(*_summed_exprs(leagues))
    rows = rows.join(_longest_runs(long, leagues), on="org_code", how="left", maintain_order="left")
    names = leagues[-1].organisations.select("org_code", "region")
    rows = rows.join(names, on="org_code", how="left", maintain_order="left")
    rows = rows.select(*HISTORY_SCHEMA).cast(pl.Schema(HISTORY_SCHEMA))
    for league in leagues:
        rows = rows.join(
            _of_quarter(long, league), on="org_code", how="left", maintain_order="left"
        )
    return History(tuple(leagues), _most_consistent_first(rows, leagues[-1]), long)


def listed(names: Sequence[str]) -> str:
    """Write names as ``2025Q2, 2025Q3 and 2025Q4``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def metric_places(league: League) -> pl.DataFrame:
    """Say on which metrics each organisation is among the best or worst 25% of its peers.

    Peers are those of the peer group that have a score of the metric; they are compared as
    ``ranking_by`` ranks them, or on their scores where none has a value. One is among the best
    where at most a quarter of them, itself counted, do as well or better, and among the worst
    where at most a quarter do as badly or worse: a tie that reaches beyond the quarter is not in
    it, and of fewer than 4 peers nobody is. Laid out under ``METRIC_PLACE_SCHEMA``.
    """
    frames = [_metric_places(league, metric_id) for metric_id in league.framework.counted_metrics]
    return pl.concat([pl.DataFrame(schema=METRIC_PLACE_SCHEMA), *frames])


def _metric_places(league: League, metric_id: str) -> pl.DataFrame:
    peers = ranking_by(league, metric_id).filter(pl.col("score").is_not_null())
    on = pl.col("rank")
    if not peers["rank"].count():
        on = key_expr(pl.col("score")) * (1 if league.framework.scale.is_lower_better else -1)
    # An organisation with a score but no value in the metric's unit is not compared.
    count, as_good, as_bad = (
        each.over("peer_group").cast(pl.Int64)
        for each in (on.count(), on.rank("max"), on.rank("max", descending=True))
    )
    return peers.select(
        "org_code",
        pl.lit(metric_id).alias("metric_id"),
        *(
            (place * _QUARTER_SHARE <= count).fill_null(False).alias(name)
            for name, place in (("is_best_quarter", as_good), ("is_worst_quarter", as_bad))
        ),
    )


def _quarter_rows(league: League) -> pl.DataFrame:
    """Lay one league out under ``QUARTER_SCHEMA``."""
    counts = (
        metric_places(league)
        .group_by("org_code")
        .agg(
            pl.col("is_best_quarter").sum().alias("metrics_best_quarter"),
            pl.col("is_worst_quarter").sum().alias("metrics_worst_quarter"),
        )
    )
    names = league.organisations.select("org_code", "org_name")
    frame = (
        in_league_order(league, league.standings)
        .join(names, on="org_code", how="left", maintain_order="left")
        .join(counts, on="org_code", how="left", maintain_order="left")
        .with_columns(
            pl.lit(str(league.quarter)).alias("quarter"),
            pl.lit(league.framework.id).alias("framework"),
            pl.col("metrics_best_quarter", "metrics_worst_quarter").fill_null(0),
        )
    )
    return frame.select(*QUARTER_SCHEMA).cast(pl.Schema(QUARTER_SCHEMA))


def _summed_exprs(leagues: Sequence[League]) -> list[pl.Expr]:
    """Sum an organisation's quarters up, in the columns of ``HISTORY_SCHEMA``."""
    worst = {str(league.quarter): len(cut_points(league.framework)) + 1 for league in leagues}
    last_segment = pl.col("quarter").replace_strict(worst, return_dtype=pl.Int64)
    others = pl.col("rank_of") - 1
    place = pl.when(others > 0).then((pl.col("rank") - 1) / others)
    scales = {(league.framework.scale.best, league.framework.scale.worst) for league in leagues}
    average = pl.col("average_metric_score") if len(scales) == 1 else pl.lit(None, pl.Float64)
    return [
        pl.col("org_name", "peer_group").last(),
        pl.col("rank").count().alias("quarters"),
        pl.col("rank").min().alias("best_rank"),
        pl.col("rank").max().alias("worst_rank"),
        place.mean().alias("mean_place"),
        average.mean().alias("mean_average"),
        (pl.col("adjusted_segment") == 1).sum().alias("quarters_in_best_segment"),
        (pl.col("adjusted_segment") == last_segment).sum().alias("quarters_in_worst_segment"),
        pl.col("metrics_best_quarter", "metrics_worst_quarter").sum(),
        pl.col("metrics_scored").sum().alias("metric_quarters"),
    ]


def _longest_runs(long: pl.DataFrame, leagues: Sequence[League]) -> pl.DataFrame:
    """Find each organisation's longest run of successive calendar quarters in one segment.

    A quarter without a league, or in which it is not ranked, ends a run.
    """
    places = {
        str(league.quarter): 4 * league.quarter.year + league.quarter.number for league in leagues
    }
    known = (
        long.filter(pl.col("adjusted_segment").is_not_null())
        .with_columns(pl.col("quarter").replace_strict(places, return_dtype=pl.Int64).alias("at"))
        .sort("org_code", "at")
    )
    goes_on = (pl.col("at").diff() == 1) & (pl.col("adjusted_segment").diff() == 0)
    begins = ~goes_on.over("org_code").fill_null(False)
    return (
        known.with_columns(begins.cum_sum().over("org_code").alias("run"))
        .group_by("org_code", "run", maintain_order=True)
        .agg(
            pl.col("adjusted_segment").first().alias("longest_run_segment"),
            pl.len().alias("longest_run"),
            pl.col("quarter").first().alias("longest_run_from"),
        )
        .sort("org_code", "longest_run", "run")
        .group_by("org_code", maintain_order=True)
        .last()
        .drop("run")
    )


def _of_quarter(long: pl.DataFrame, league: League) -> pl.DataFrame:
    """Give the three columns of a quarter."""
    quarter = str(league.quarter)
    return long.filter(pl.col("quarter") == quarter).select(
        "org_code", *(pl.col(name).alias(f"{kind}_{quarter}") for kind, name in _OF_QUARTER.items())
    )


def _most_consistent_first(rows: pl.DataFrame, latest: League) -> pl.DataFrame:
    """Sort by peer group, then mean place, then mean average; those never ranked come last."""
    framework = latest.framework
    sign = 1 if framework.scale.is_lower_better else -1
    keys = [_place_key(), key_expr(pl.col("mean_average")) * sign]
    within = columns.PEER_GROUP if framework.ranking.within == "peer_group" else None
    ordered = in_league_order(latest, _with_standing(rows, keys, within=within))
    return ordered.select(rows.columns)


def _place_key() -> pl.Expr:
    return key_expr(pl.col("mean_place"))


def _with_standing(
    rows: pl.DataFrame, keys: Sequence[pl.Expr], *, within: str | None
) -> pl.DataFrame:
    """Add the competition rank on these keys; one that was never ranked has none."""
    is_ranked = pl.when(pl.col("quarters") > 0).then(0)
    return with_competition_rank(rows, [*keys, is_ranked], within=within, name="rank")
