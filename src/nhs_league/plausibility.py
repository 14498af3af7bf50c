"""Findings on figures that are well formed and hard to believe, each held beside its peers'.

They are warnings: a strange figure may be true, and is worth a look before the table is believed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from nhs_league.findings import Finding, findings_of_rows
from nhs_league.framework.model import Framework, Metric
from nhs_league.quarter import Quarter
from nhs_league.scoring import columns
from nhs_league.scoring.numbers import TOLERANCE, key_expr

FEWEST_RELATED: Final = 20
"""Organisations that report both of two related metrics before the worst of them are judged."""
WORST_SHARE: Final = 1 / 4
UNUSUAL_SHARE: Final = 1 / 10
"""A perfect figure is unusual among the worst if one of them has it, or at most this share."""

MOST_ZEROS: Final = 2
RARE_SHARE: Final = 1 / 10
"""Zeros are rare if they are no more than ``MOST_ZEROS`` and no more than this share."""
NEAR_ZERO: Final = 1 / 4
"""Zero is far if no other figure is below this share of their median."""

_KEPT = [columns.ORG_CODE, "metric_id", "value", "unit", "published_rank", "source_file"]
_POOL = ["metric_id", "unit"]
_RANKED_POOL = [*_POOL, columns.PEER_GROUP]
_GRADED: Final = frozenset({"bands", "matrix", "published"})


def implausible_figures(
    figures: pl.DataFrame, peer_groups: pl.DataFrame, framework: Framework, quarter: Quarter
) -> list[Finding]:
    """List the figures that contradict their rank, a related figure, or all of their peers.

    ``figures`` are the quarter's, under ``scoring.measure.FIGURE_SCHEMA``; ``peer_groups`` has
    ``org_code`` and ``peer_group``, one row an organisation.
    """
    reported = (
        figures.filter(pl.col("value").is_not_null())
        .select(*_KEPT, pl.col("source_rows").list.first().alias("source_row"))
        .join(_rules(framework), on="metric_id")
        .with_columns(
            # Low is good, whatever the polarity.
            (pl.col("sign") * key_expr(pl.col("value"))).alias("badness"),
            pl.col("unit").is_in(pl.col("other_units")).fill_null(value=False).alias("is_other"),
        )
    )
    in_own_unit = reported.filter(~pl.col("is_other"))
    return [
        *_ranks_that_contradict_values(reported, peer_groups),
        *_related_metrics_that_contradict(in_own_unit, framework),
        *_zeros_far_from_peers(in_own_unit, quarter),
    ]


def _rules(framework: Framework) -> pl.DataFrame:
    """Lay out what the rules ask of each metric, one row a metric.

    ``perfect`` is the value that cannot be bettered, if there is one; ``other_units`` are those
    that are scored in a way of their own; a graded metric tells nothing but a few grades apart.
    """
    rows = [
        (
            id_,
            -1.0 if metric.is_higher_better else 1.0,
            _perfect_value(metric),
            metric.unit == "percent",
            metric.scoring.method in _GRADED,
            list(metric.scoring_of_unit),
        )
        for id_, metric in framework.metrics.items()
    ]
    schema = {
        "metric_id": pl.String(),
        "sign": pl.Float64(),
        "perfect": pl.Float64(),
        "is_percent": pl.Boolean(),
        "is_graded": pl.Boolean(),
        "other_units": pl.List(pl.String),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _perfect_value(metric: Metric) -> float | None:
    if not metric.is_higher_better:
        return 0.0
    return 100.0 if metric.unit == "percent" else None


def _ranks_that_contradict_values(
    reported: pl.DataFrame, peer_groups: pl.DataFrame
) -> Iterator[Finding]:
    """Find published ranks that the printed values rule out, naming as few as explain it."""
    ranked = (
        reported.filter(pl.col("published_rank").is_not_null())
        .join(peer_groups.drop_nulls(), on=columns.ORG_CODE)
        .sort("badness", "published_rank")
    )
    disordered = _pools_in_disorder(ranked)
    if disordered.is_empty():
        return
    pools = _with_possible_ranks(ranked, disordered).partition_by(_RANKED_POOL)
    yield from findings_of_rows(
        "warning",
        "rank_contradicts_values",
        pl.concat(pool.filter(_impossible_ranks(pool)) for pool in pools).sort(
            *_RANKED_POOL, columns.ORG_CODE
        ),
        "the value {value:g} cannot have this published rank in the group {peer_group!r}",
        column="published_rank",
        expected="{possible}",
    )


def _pools_in_disorder(ranked: pl.DataFrame) -> pl.DataFrame:
    """List the pools in which some rank is impossible, and whether each pool ``is_whole``.

    ``ranked`` is in the order of badness, then rank. Of competition ranks the last and those that
    share it end where the rows do, unless better peers are not loaded: then ranks tell their order
    alone.
    """
    rank, badness = pl.col("published_rank"), pl.col("badness")
    is_last = rank == rank.max()
    is_whole = (rank.max() + is_last.sum() - 1 - pl.len()).abs() < TOLERANCE
    # Neighbours tell: if no value's worst rank reaches the next value's best, none passes another.
    is_inverted = (badness != badness.shift(1)) & (rank <= rank.shift(1))
    is_off = ~rank.is_between(badness.rank("min"), badness.rank("max"))
    pools = ranked.group_by(_RANKED_POOL).agg(
        is_whole.alias("is_whole"),
        is_inverted.any().alias("is_inverted"),
        is_off.any().alias("is_off"),
    )
    return pools.filter(pl.col("is_inverted") | (pl.col("is_whole") & pl.col("is_off")))


def _with_possible_ranks(ranked: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """Keep the pools' rows, with the first and the last rank that each value allows."""
    first, last = pl.col("first"), pl.col("last")
    one_or_more = pl.when(first == last).then(pl.format("{}", first))
    return (
        ranked.join(pools, on=_RANKED_POOL, nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("badness").rank("min").over(_RANKED_POOL).alias("first"),
            pl.col("badness").rank("max").over(_RANKED_POOL).alias("last"),
        )
        .with_columns(
            pl.when("is_whole")
            .then(one_or_more.otherwise(pl.format("{} to {}", first, last)))
            .otherwise(pl.lit("ranks in the order of the values"))
            .alias("possible")
        )
    )


def _impossible_ranks(pool: pl.DataFrame) -> pl.Series:
    """Say which rows of one pool, in the order of badness, have a rank that cannot be."""
    firsts, ranks = pool["first"].to_list(), pool["published_rank"].to_list()
    # Equal values may come in any order; of unequal ones the worse must have the higher rank.
    places = enumerate(zip(firsts, ranks, strict=True))
    suspects = _not_in_every_longest_chain([(rank, -first, at) for at, (first, rank) in places])
    if pool["is_whole"][0]:
        is_off = pool.select(~pl.col("published_rank").is_between("first", "last")).to_series()
        suspects = [suspect and off for suspect, off in zip(suspects, is_off, strict=True)]
        suspects = _with_ranks_off(firsts, ranks, suspects)
    return pl.Series(suspects, dtype=pl.Boolean)


def _not_in_every_longest_chain(keys: Sequence[tuple[Any, ...]]) -> list[bool]:
    """Say which of distinct keys some longest rising sequence does without.

    What is left out of one are as few rows as put the others in order; where several choices are
    as good, all are suspect.
    """
    to_here = _longest_chains(keys)
    mirrored = [tuple(-part for part in key) for key in reversed(keys)]
    from_here = _longest_chains(mirrored)[::-1]
    longest = max(to_here)
    on_one = [a if a + b - 1 == longest else 0 for a, b in zip(to_here, from_here, strict=True)]
    alternatives = Counter(on_one)
    return [place == 0 or alternatives[place] > 1 for place in on_one]


def _longest_chains(keys: Sequence[tuple[Any, ...]]) -> list[int]:
    """Give the length of the longest rising sequence that ends at each key."""
    lowest_ends: list[tuple[Any, ...]] = []
    lengths = []
    for key in keys:
        at = bisect_left(lowest_ends, key)
        lowest_ends[at : at + 1] = [key]
        lengths.append(at + 1)
    return lengths


def _with_ranks_off(
    firsts: Sequence[int], ranks: Sequence[float], suspects: Sequence[bool]
) -> list[bool]:
    """Add the ranks that are off wherever the suspects belong, whose values may be wrong."""
    trusted = [first for first, suspect in zip(firsts, suspects, strict=True) if not suspect]
    anywhere = len(firsts) - len(trusted)
    return [
        suspect or not bisect_left(trusted, first) < rank <= bisect_right(trusted, first) + anywhere
        for first, rank, suspect in zip(firsts, ranks, suspects, strict=True)
    ]


def _related_metrics_that_contradict(
    in_own_unit: pl.DataFrame, framework: Framework
) -> Iterator[Finding]:
    """Find a perfect figure of an organisation that is among the worst by the related metric."""
    if not framework.related_metrics:
        return
    pairs = [way for pair in framework.related_metrics for way in (pair, pair[::-1])]
    relations = pl.DataFrame(pairs, schema=["metric_id", "related_id"], orient="row")
    related = in_own_unit.select(
        columns.ORG_CODE,
        pl.col("metric_id").alias("related_id"),
        pl.col("value").alias("related_value"),
        pl.col("badness").alias("related_badness"),
    )
    is_best = pl.col("badness") == pl.col("badness").min()
    as_bad = pl.col("related_badness").rank("max", descending=True)
    both = (
        in_own_unit.join(relations.with_row_index("relation"), on="metric_id")
        .join(related, on=[columns.ORG_CODE, "related_id"])
        .with_columns(
            pl.len().over("relation").alias("of"),
            pl.col("related_badness").rank("min").over("relation").alias("place"),
            as_bad.over("relation").alias("as_bad"),
            (is_best.over("relation") & (pl.col("value") == pl.col("perfect"))).alias("is_perfect"),
        )
        .filter(
            pl.col("as_bad") <= WORST_SHARE * pl.col("of"),
            pl.col("of") >= FEWEST_RELATED,
        )
    )
    is_unusual = pl.col("is_perfect").sum() <= (UNUSUAL_SHARE * pl.len()).clip(lower_bound=1)
    yield from findings_of_rows(
        "warning",
        "related_metrics_contradict",
        both.filter("is_perfect", is_unusual.over("relation")).sort("relation", columns.ORG_CODE),
        "{value:g} is perfect, while {related_id} is {related_value:g}, "
        "in place {place} of the {of} that report both",
        column="value",
        expected="a figure that fits {related_id}, or none",
    )


def _zeros_far_from_peers(in_own_unit: pl.DataFrame, quarter: Quarter) -> Iterator[Finding]:
    """Find a zero that stands alone: a missing return, perhaps, that was published as a number.

    Nothing is said of grades; of counts, which have zero for a neighbour, and so of any whole
    numbers but percentages; nor of metrics that go below zero.
    """
    value = pl.col("value")
    others = value.filter(value != 0)
    zeros = pl.len() - others.len()
    is_rare = zeros.is_between(1, MOST_ZEROS) & (zeros <= RARE_SHARE * pl.len())
    is_far = (others.min() > 0) & (others.min() >= NEAR_ZERO * others.median())
    is_measure = pl.col("is_percent").first() | (value != value.round()).any()
    pools = (
        in_own_unit.filter(~pl.col("is_graded"))
        .group_by(_POOL)
        .agg(
            others.len().alias("others"),
            others.min().alias("lowest"),
            others.max().alias("highest"),
            (is_rare & is_far & is_measure).alias("stands_alone"),
        )
        .filter("stands_alone")
    )
    alone = in_own_unit.filter(value == 0).join(pools, on=_POOL, nulls_equal=True)
    yield from findings_of_rows(
        "warning",
        "zero_far_from_peers",
        alone.sort(*_POOL, columns.ORG_CODE),
        f"zero is far from the {{others}} other figures of {quarter}, "
        "from {lowest:g} to {highest:g}",
        column="value",
        expected="a figure near its peers', or none",
    )
