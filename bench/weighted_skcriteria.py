"""The yardstick of weighted_engine.py in scikit-criteria: its weighted sum model, and its ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
import skcriteria
from skcriteria.agg.simple import WeightedSumModel
from skcriteria.preprocessing.scalers import MinMaxScaler
from synthetic import (
    METRICS,
    WEIGHTS,
    organisations_asked,
    print_timed,
    weighted_digest,
    weighted_matrix,
)


def score(matrix: np.ndarray) -> Any:
    problem = skcriteria.mkdm(matrix, [max] * METRICS, weights=WEIGHTS / WEIGHTS.sum())
    return WeightedSumModel().evaluate(MinMaxScaler(target="matrix").transform(problem))


def digest(result: Any) -> list[Any]:
    return weighted_digest(np.asarray(result.e_.score), np.asarray(result.rank_))


if __name__ == "__main__":
    given = weighted_matrix(organisations_asked())
    print_timed(lambda: score(given), digest)
