"""How sure a rank is: likely ranges, chances, and which pairs a league can tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import polars as pl

from nhs_league.analysis.rankings import in_league_order
from nhs_league.analysis.robustness.arrays import NO_SEGMENT, LeagueArrays, Placing
from nhs_league.analysis.robustness.chance import DEFAULT_SEED, check_seed
from nhs_league.analysis.robustness.chances import (
    last_shares,
    rank_ends,
    score_ends,
    segment_shares,
    separable_pairs,
)
from nhs_league.analysis.robustness.intervals import TAIL, Interval, tail_shares
from nhs_league.analysis.robustness.numbers import Booleans, Integers, rounded
from nhs_league.analysis.robustness.redrawing import is_redrawn, redrawn_places
from nhs_league.analysis.robustness.resampling import MIN_TO_RESAMPLE, resampled_places
from nhs_league.analysis.robustness.reweighting import (
    DEFAULT_CONCENTRATION,
    Weights,
    check_concentration,
    reweighted_places,
    weights_drawn,
)
from nhs_league.analysis.robustness.sampling import (
    DEFAULT_REPLICATES,
    Report,
    check_replicates,
)
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns

Source: TypeAlias = Literal["metrics", "data", "weights"]

SEPARABLE: Final = 1 - TAIL
"""Two organisations are told apart where one is ahead in this share of the replicates."""

NO_RANGE: Final[dict[Source, str]] = {
    "metrics": f"resampling needs at least {MIN_TO_RESAMPLE} metrics",
    "data": "no sampling error is known: that takes a proportion with numerator and denominator",
    "weights": "none of its metrics is in the data",
}
"""Why a source tells nothing of an organisation."""

ALL_ORGANISATIONS: Final = "all organisations"
"""Stands for the peer group where all organisations are ranked together."""

RANGE_COLUMNS: Final = (
    "org_code",
    "org_name",
    "peer_group",
    "rank",
    "rank_low",
    "rank_high",
    "average_metric_score",
    "score_low",
    "score_high",
    "p_segment_1",
    "p_segment_2",
    "p_segment_3",
    "p_segment_4",
    "p_first",
    "p_last",
    "expected_rank",
)
"""The columns of ``Robustness.ranges``; a framework's further segments follow ``p_segment_4``."""

_FIRST_SHARE: Final = RANGE_COLUMNS.index("p_segment_1")
_STATED_SEGMENTS: Final = 4

SEPARABILITY_SCHEMA: Final[dict[str, pl.DataType]] = {
    "peer_group": pl.String(),
    "organisations": pl.Int64(),
    "pairs": pl.Int64(),
    "separable_pairs": pl.Int64(),
    "quarter": pl.Int64(),
    "possible_top_quarter": pl.Int64(),
    "possible_bottom_quarter": pl.Int64(),
}
"""The frame contract: one row a group that is ranked by itself.

``quarter`` is the number of ranks in the best or last quarter; an organisation is possible there
if its likely range reaches it.
"""

PAIR_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "other_code": pl.String(),
    "other_name": pl.String(),
    "other_rank": pl.Int64(),
    "p_ahead": pl.Float64(),
    "p_behind": pl.Float64(),
    "is_separable": pl.Boolean(),
}
"""The frame contract: one row a pair. What is left of ``p_ahead`` and ``p_behind`` is level."""


@dataclass(frozen=True)
class Design:
    """How replicates are made, and how ranges are read out of them."""

    source: Source = "metrics"
    replicates: int = DEFAULT_REPLICATES
    seed: int = DEFAULT_SEED
    interval: Interval = "percentile"
    weights: Weights = "declared"
    concentration: float = DEFAULT_CONCENTRATION

    def check(self) -> None:
        """See that the parts fit together. Raises ``UsageError``."""
        check_seed(self.seed)
        if self.interval != "percentile" and self.source != "metrics":
            raise UsageError(
                f"the {self.interval} interval makes up for resampling few metrics: it is for the "
                "source metrics"
            )
        if self.source != "weights" and self.weights != "declared":
            raise UsageError(f"{self.weights} weights are for the source weights")
        has_own = self.concentration != DEFAULT_CONCENTRATION
        if has_own and (self.source != "weights" or self.weights != "declared"):
            raise UsageError(
                "a concentration is for the source weights, with weights around the declared ones"
            )
        check_concentration(self.concentration)

    def stated(self) -> dict[str, Any]:
        """State all of it by name, for a manifest."""
        is_declared = self.weights == "declared"
        of_weights = {
            "weights": self.weights,
            "concentration": self.concentration if is_declared else None,
        }
        return {
            "source": self.source,
            "replicates": self.replicates,
            "interval": self.interval,
            **(of_weights if self.source == "weights" else {}),
        }


@dataclass(frozen=True)
class Robustness:
    """The replicates of a league, and what they tell.

    ``arrays`` has the ranked organisations in the order of the rows of ``placing``. ``has_range``
    says of which of them the source tells anything: one metric resampled stays the same, values of
    which no sampling error is known are not redrawn, redrawn ones may leave too few scores for a
    rank, and an average that is published without its metrics cannot be weighed otherwise. Those
    organisations take part, but have no range.
    """

    league: League
    design: Design
    arrays: LeagueArrays
    placing: Placing = field(repr=False)
    has_range: Booleans = field(repr=False)

    def without_range(self) -> list[str]:
        """List the ranked organisations of which the source tells nothing."""
        return [self.arrays.org_codes[row] for row in np.flatnonzero(~self.has_range)]

    @cached_property
    def ranges(self) -> pl.DataFrame:
        """What is known of each organisation, under ``RANGE_COLUMNS``, in the table's order.

        Ends of score ranges are rounded as averages are; chances and the expected rank are
        shares and means of the replicates. They are null for an organisation that is not ranked,
        and for one of which the source tells nothing.
        """
        names = self.league.organisations.select(columns.ORG_CODE, "org_name")
        standing = pl.col(columns.RANK).cast(pl.Int64)
        known = self.league.standings.select(
            columns.ORG_CODE, columns.PEER_GROUP, standing, columns.AVERAGE
        )
        for more in (names, self._told()):
            known = known.join(more, on=columns.ORG_CODE, how="left", maintain_order="left")
        shares = [name for name in known.columns if name.startswith("p_segment_")]
        return in_league_order(self.league, known).select(
            *RANGE_COLUMNS[:_FIRST_SHARE], *shares, *RANGE_COLUMNS[-3:]
        )

    def _told(self) -> pl.DataFrame:
        """Lay out what the replicates tell of those of which they tell anything."""
        placing, decimals = self.placing, self.league.framework.scale.decimals
        metrics = np.maximum(self.arrays.metrics_scored, MIN_TO_RESAMPLE)
        tails = tail_shares(self.design.interval, metrics)
        rank_low, rank_high = rank_ends(placing.ranks, tails)
        score_low, score_high = score_ends(placing.averages, tails)
        segments = int(self.arrays.cut_points.shape[1]) + 1
        shares = segment_shares(placing, segments)
        told = {
            columns.ORG_CODE: self.arrays.org_codes,
            "rank_low": rank_low,
            "rank_high": rank_high,
            "score_low": rounded(score_low, decimals),
            "score_high": rounded(score_high, decimals),
            "p_first": (placing.ranks == 1).mean(axis=1),
            "p_last": last_shares(placing, self.arrays.groups),
            "expected_rank": placing.ranks.mean(axis=1),
        }
        has_segment = pl.Series((placing.segments != NO_SEGMENT).all(axis=1))
        absent = pl.lit(None, pl.Float64)
        return (
            pl.DataFrame(told)
            .with_columns(
                pl.when(has_segment).then(pl.Series(shares[:, at - 1])).alias(f"p_segment_{at}")
                if at <= segments
                else absent.alias(f"p_segment_{at}")
                for at in range(1, max(segments, _STATED_SEGMENTS) + 1)
            )
            .filter(pl.Series(self.has_range))
        )

    def range_of(self, org_code: str) -> dict[str, Any] | None:
        """Give an organisation's row of ``ranges``; none where it has no range."""
        row = self.ranges.row(by_predicate=pl.col(columns.ORG_CODE) == org_code, named=True)
        return None if row["rank_low"] is None else row

    @cached_property
    def separability(self) -> pl.DataFrame:
        """How many pairs are told apart, group by group, under ``SEPARABILITY_SCHEMA``."""
        groups = [rows[self.has_range[rows]] for rows in self.arrays.groups]
        counted = [self._separability_of(rows) for rows in groups if len(rows)]
        return pl.DataFrame(counted, schema=SEPARABILITY_SCHEMA, orient="row")

    def _separability_of(self, group: Integers) -> tuple[Any, ...]:
        within = self.league.framework.ranking.within == "peer_group"
        first = self.arrays.standings.row(int(group[0]), named=True)
        separable = separable_pairs(self.placing.ranks[group], SEPARABLE)
        codes = [self.arrays.org_codes[row] for row in group]
        likely = self.ranges.filter(pl.col(columns.ORG_CODE).is_in(codes))
        ranked = int(first[columns.RANK_OF])
        quarter = ranked // 4
        return (
            first[columns.PEER_GROUP] if within else ALL_ORGANISATIONS,
            len(group),
            len(group) * (len(group) - 1) // 2,
            separable,
            quarter,
            int((likely["rank_low"] <= quarter).sum()),
            int((likely["rank_high"] > ranked - quarter).sum()),
        )

    def pairs(self, org_code: str) -> pl.DataFrame:
        """Say how sure it is who is ahead of an organisation and behind it, under ``PAIR_SCHEMA``.

        One row for every other organisation that is ranked with it, in the order of the table.
        Raises ``UsageError`` where it is not ranked, or the source tells nothing of it.
        """
        row = self.row_of(org_code)
        group = next(rows for rows in self.arrays.groups if row in rows)
        others = group[(group != row) & self.has_range[group]]
        own, ranks = self.placing.ranks[row], self.placing.ranks[others]
        p_ahead, p_behind = (own < ranks).mean(axis=1), (own > ranks).mean(axis=1)
        told = pl.DataFrame(
            {
                "org_code": [org_code] * len(others),
                "other_code": [self.arrays.org_codes[other] for other in others],
                "p_ahead": p_ahead,
                "p_behind": p_behind,
                "is_separable": np.maximum(p_ahead, p_behind) >= SEPARABLE,
            },
            schema_overrides={"org_code": pl.String, "other_code": pl.String},
        )
        known = self.ranges.select(other_code="org_code", other_name="org_name", other_rank="rank")
        return known.join(told, on="other_code", maintain_order="left").select(*PAIR_SCHEMA)

    def row_of(self, org_code: str) -> int:
        """Give the row of an organisation that has a range.

        Raises ``UsageError`` where it is not ranked, or the source tells nothing of it.
        """
        if org_code not in self.arrays.org_codes:
            raise UsageError(
                f"{org_code} is not ranked for {self.league.framework.id} in "
                f"{self.league.quarter.long_label}: there is no rank to be sure of"
            )
        row = self.arrays.org_codes.index(org_code)
        if not self.has_range[row]:
            raise UsageError(f"{org_code} has no likely range: {NO_RANGE[self.design.source]}")
        return row


def robustness(
    league: League, design: Design | None = None, report: Report | None = None
) -> Robustness:
    """Draw replicates of a league from one source of doubt.

    Raises ``UsageError`` where the design does not hold together, nobody is ranked, the source
    knows nothing of this league, or the replicates are too few or too many.
    """
    design = design or Design()
    design.check()
    arrays = LeagueArrays.of(league)
    check_replicates(design.replicates, len(arrays))
    has_range = _has_range(league, arrays, design.source)
    if not has_range.any():
        raise UsageError(f"no likely range can be told, because {NO_RANGE[design.source]}")
    placing = _placing(league, arrays, design, report)
    is_always_ranked = (placing.ranks > 0).all(axis=1)
    return Robustness(league, design, arrays, placing, has_range & is_always_ranked)


def _has_range(league: League, arrays: LeagueArrays, source: Source) -> Booleans:
    match source:
        case "metrics":
            return arrays.metrics_scored >= MIN_TO_RESAMPLE
        case "data":
            return is_redrawn(league, arrays)
        case "weights":
            return arrays.metrics_scored >= 1


def _placing(
    league: League, arrays: LeagueArrays, design: Design, report: Report | None
) -> Placing:
    match design.source:
        case "metrics":
            return resampled_places(arrays, design.replicates, design.seed, report)
        case "data":
            return redrawn_places(league, arrays, design.replicates, design.seed, report)
        case "weights":
            drawn = weights_drawn(
                arrays, design.replicates, design.seed, design.weights, design.concentration
            )
            return reweighted_places(arrays, drawn, report)
