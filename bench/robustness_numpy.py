"""The yardstick of robustness_engine.py: the same bootstrap written straight in NumPy.

    python bench/robustness_numpy.py [--check]

It goes as far as the ends of the ranges, and leaves out chances and expected ranks. With
``--check`` it is given the engine's own draws, and has to come to the very same ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

import numpy as np

ORGANISATIONS: Final = 205
METRICS: Final = 30
REPLICATES: Final = 10_000
GROUP_SIZES: Final = (134, 61, 10)
HELD_BELOW: Final = 1.5
NOT_BETTER_THAN: Final = 3
ENDS: Final = ("score_low", "score_high", "rank_low", "rank_high")
TAILS: Final = (2.5, 97.5)

Draw = Callable[[int], np.ndarray]
"""Gives the metrics that each replicate has of the organisation in a row: metrics x replicates."""


def ends_of_ranges(
    scores: np.ndarray, weights: np.ndarray, cuts: np.ndarray, groups: np.ndarray, draw: Draw
) -> dict[str, np.ndarray]:
    """Resample, average, cut, hold back and rank, and take percentiles: a replicate a column."""
    averages = np.empty((len(scores), REPLICATES))
    for row, own in enumerate(scores):
        drawn = draw(row)
        averages[row] = (weights * own)[drawn].sum(axis=0) / weights[drawn].sum(axis=0)
    averages = np.round(averages, 2)
    segments = 1 + sum((averages > cut).astype(np.int64) for cut in cuts)
    is_held = scores[:, 0] < HELD_BELOW
    segments[is_held] = np.maximum(segments[is_held], NOT_BETTER_THAN)
    keys = segments * 100 + averages
    ranks = np.empty(keys.shape, dtype=np.int64)
    for group in np.unique(groups):
        ranks[groups == group] = competition_ranks(keys[groups == group].T).T
    score_ends = np.round(np.percentile(averages, TAILS, axis=1), 2)
    rank_ends = np.percentile(ranks, TAILS, axis=1, method="inverted_cdf")
    return dict(zip(ENDS, (*score_ends, *rank_ends), strict=True))


def competition_ranks(keys: np.ndarray) -> np.ndarray:
    """Rank each row, smallest first: 1, 2, 2, 4. This is quicker than scipy.stats.rankdata."""
    order = np.argsort(keys, axis=1)
    in_order = np.take_along_axis(keys, order, axis=1)
    is_first = np.ones(keys.shape, dtype=bool)
    is_first[:, 1:] = in_order[:, 1:] != in_order[:, :-1]
    places = np.where(is_first, np.arange(1, keys.shape[1] + 1), 0)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, order, np.maximum.accumulate(places, axis=1), axis=1)
    return ranks


def plain_draws() -> Draw:
    chance = np.random.default_rng(1)
    return lambda _: chance.integers(0, METRICS, size=(METRICS, REPLICATES), dtype=np.uint16)


def ends_of_noise() -> dict[str, np.ndarray]:
    """Draw ranges for scores of pure chance: what a process does that needs no league."""
    scores = np.random.default_rng(2).uniform(1.0, 4.0, (ORGANISATIONS, METRICS))
    cuts = np.quantile(scores.mean(axis=1), (0.25, 0.5, 0.75))
    groups = np.repeat(np.arange(len(GROUP_SIZES)), GROUP_SIZES)
    return ends_of_ranges(scores, np.ones(METRICS), cuts, groups, plain_draws())


def main(*, is_check: bool) -> None:
    from robustness_league import league, print_ranges, timed

    from nhs_league.analysis.robustness.resampling import metrics_drawn
    from nhs_league.analysis.robustness.robustness import Design, robustness

    scored = league()
    standings = scored.standings
    figures = (
        standings.select(f"score:m{index}" for index in range(METRICS)).to_numpy(),
        np.array([metric.weight for metric in scored.framework.metrics.values()]),
        standings.select("cut_point:1", "cut_point:2", "cut_point:3").to_numpy()[0],
        standings["peer_group"].to_numpy(),
    )
    if not is_check:
        draw = plain_draws()
        print_ranges(*timed(lambda: ends_of_ranges(*figures, draw)))
        return
    design, codes = Design(replicates=REPLICATES), standings["org_code"]
    found = ends_of_ranges(
        *figures, lambda row: metrics_drawn(design.seed, codes[row], METRICS, REPLICATES)
    )
    ranges = robustness(scored, design).ranges.sort("org_code")
    for name in ENDS:
        np.testing.assert_array_equal(ranges[name].to_numpy(), found[name], err_msg=name)


if __name__ == "__main__":
    main(is_check="--check" in sys.argv)
