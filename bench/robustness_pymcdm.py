"""Weigh the synthetic league 10,000 ways, in turn with pymcdm on the same draws of weights.

    python bench/robustness_pymcdm.py [RUNS]

pymcdm takes one vector of weights a call. Its quickest method is SPOTIS, unvalidated: of scores
between fixed bounds it gives the weighted mean, moved from 1 to 4 onto 0 to 1, without normalising
each metric by itself as the weighted sum (WSM) does. The framework ranks by the average alone and
cuts at stated averages, as pymcdm cuts nothing.
"""

from __future__ import annotations

import json
import statistics
import sys

import numpy as np
from pymcdm.methods import SPOTIS
from robustness_league import league, timed
from robustness_numpy import METRICS, REPLICATES

from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.reweighting import reweighted_places, weights_drawn
from nhs_league.analysis.robustness.sampling import blocks

BEST, WORST = 1.0, 4.0
RULES = {
    "aggregate": {"rounding": "after_ranking"},
    "segments": {"method": "thresholds", "upper_bounds": [2.0, 2.5, 3.0]},
    "overrides": [],
    "ranking": {"within": "all", "by": ["average_metric_score"]},
}


def main(runs: int) -> None:
    arrays = LeagueArrays.of(league(**RULES))
    weights = weights_drawn(arrays, REPLICATES, 1, "uniform", 100.0)
    each = blocks(REPLICATES, len(arrays))
    method = SPOTIS(np.array([[BEST, WORST]] * METRICS))
    is_cost = np.full(METRICS, -1)

    def our_scores() -> np.ndarray:
        return np.hstack([arrays.reweighted(weights[block], parts_follow=True) for block in each])

    def their_scores() -> list[np.ndarray]:
        return [method(arrays.scores, row, is_cost, validation=False) for row in weights]

    def our_ranks() -> np.ndarray:
        return reweighted_places(arrays, weights, None).ranks

    def their_ranks() -> list[np.ndarray]:
        return [method.rank(scores) for scores in their_scores()]

    works = [our_scores, their_scores, our_ranks, their_ranks]
    seconds: dict[str, list[float]] = {work.__name__: [] for work in works}
    for _ in range(runs + 1):
        results = []
        for work in works:
            result, took = timed(work)
            results.append(np.asarray(result))
            seconds[work.__name__].append(took)
        scores, shares, ranks, places = results
        np.testing.assert_allclose(scores, BEST + (WORST - BEST) * shares.T, rtol=1e-12)
        np.testing.assert_array_equal(ranks, places.T)
    print(json.dumps({name: statistics.median(took[1:]) for name, took in seconds.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)
