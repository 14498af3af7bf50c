"""The yardstick of weighted_engine.py in pymcdm: the weighted sum model, and its ranks."""

from __future__ import annotations

import numpy as np
from pymcdm.methods import WSM
from pymcdm.normalizations import minmax_normalization
from synthetic import (
    METRICS,
    WEIGHTS,
    organisations_asked,
    print_timed,
    weighted_digest,
    weighted_matrix,
)


def score(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    method = WSM(minmax_normalization)
    sums = method(matrix, WEIGHTS / WEIGHTS.sum(), np.ones(METRICS), validation=False)
    return sums, method.rank(sums)


if __name__ == "__main__":
    given = weighted_matrix(organisations_asked())
    print_timed(lambda: score(given), lambda result: weighted_digest(*result))
