"""Declared weight against actual influence, metric by metric."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.chance import DEFAULT_SEED, check_seed
from nhs_league.analysis.robustness.numbers import Floats
from nhs_league.analysis.robustness.reweighting import (
    DEFAULT_CONCENTRATION,
    LEAST_WEIGHT,
    check_concentration,
    reweighted_places,
)
from nhs_league.analysis.robustness.sampling import Report
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.scoring import columns

INFLUENCE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "metric_id": pl.String(),
    "title": pl.String(),
    "domain": pl.String(),
    "organisations": pl.Int64(),
    "nominal_weight": pl.Float64(),
    "effective_weight": pl.Float64(),
    "squared_correlation": pl.Float64(),
    "sobol_first": pl.Float64(),
    "sobol_first_margin": pl.Float64(),
    "sobol_total": pl.Float64(),
    "sobol_total_margin": pl.Float64(),
}
"""The frame contract: one row a metric that counts.

``nominal_weight`` is its declared share of the whole; ``effective_weight`` the mean of its shares
in the averages of the ranked organisations with metrics, of which some lack one.
``squared_correlation`` is Pearson's, of the metric's scores with the composite over the
``organisations`` that have both. ``sobol_first`` and ``sobol_total`` are the shares of the variance
of the mean change of rank that its weight accounts for by itself, and with all that it does
together with other weights, each with the margin of its 95% interval.
"""

BASE_SAMPLES: Final = 1024

_SOBOL: Final = {
    "sobol_first": "S1",
    "sobol_first_margin": "S1_conf",
    "sobol_total": "ST",
    "sobol_total_margin": "ST_conf",
}


def influence(
    league: League,
    *,
    seed: int = DEFAULT_SEED,
    concentration: float = DEFAULT_CONCENTRATION,
    samples: int = BASE_SAMPLES,
    report: Report | None = None,
) -> pl.DataFrame:
    """Hold each metric's weight against its influence, under ``INFLUENCE_SCHEMA``.

    Weights vary as the source ``weights`` draws them; ``samples``, a power of 2, is the base of the
    Sobol sequence: the league is placed ``samples`` x (metrics + 2) times. Raises ``UsageError``
    where nobody is ranked, only one metric counts, a number is out of bounds, or SALib is not
    installed.
    """
    check_seed(seed)
    check_concentration(concentration)
    if samples < 1 or samples & (samples - 1):
        raise UsageError(
            f"{samples:,} base samples are not a power of 2, as Sobol's sequence needs"
        )
    arrays = LeagueArrays.of(league)
    if len(arrays.metric_ids) < 2:
        raise UsageError(
            f"{league.framework.id} has one metric that counts: it has all the influence there is"
        )
    sobol = sobol_indices(arrays, seed, concentration, samples, report)
    composites = arrays.standings[columns.COMPOSITE].to_numpy()
    effective, has_metrics = effective_weights(arrays), arrays.metrics_scored > 0
    rows = []
    for at, id_ in enumerate(arrays.metric_ids):
        metric = league.framework.metrics[id_]
        scored = arrays.is_scored[:, at]
        rows.append(
            {
                "metric_id": id_,
                "title": metric.title,
                "domain": league.framework.domain(metric.domain).title,
                "organisations": int(scored.sum()),
                "nominal_weight": float(arrays.shares[at]),
                "effective_weight": float(effective[has_metrics, at].mean()),
                "squared_correlation": _squared_correlation(
                    arrays.scores[scored, at], composites[scored]
                ),
                **{name: float(values[at]) for name, values in sobol.items()},
            }
        )
    return pl.DataFrame(rows, schema=INFLUENCE_SCHEMA)


def effective_weights(arrays: LeagueArrays) -> Floats:
    """Give each metric's share in each average after sharing again: N x metrics, 0 for none."""
    shares = np.zeros(arrays.scores.shape)
    for part_weight, at in arrays.parts:
        weights = arrays.weights[at] * arrays.is_scored[:, at]
        total = weights.sum(axis=1, keepdims=True)
        shares[:, at] = part_weight * np.divide(weights, total, where=total > 0, out=weights * 0)
    total = shares.sum(axis=1, keepdims=True)
    effective: Floats = np.divide(shares, total, where=total > 0, out=shares * 0)
    return effective


def sobol_indices(
    arrays: LeagueArrays, seed: int, concentration: float, samples: int, report: Report | None
) -> dict[str, Floats]:
    """Share out the variance of the mean change of rank among the metrics' weights.

    A Dirichlet draw is independent gamma variates, one a metric, divided by their sum: these are
    the inputs, and the model is the league. Raises ``UsageError`` without SALib.
    """
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError as error:
        raise UsageError(
            "influence needs SALib, which is not installed: pip install 'nhs-league[sensitivity]'"
        ) from error
    from scipy.special import gammaincinv

    problem = {
        "num_vars": len(arrays.metric_ids),
        "names": list(arrays.metric_ids),
        "bounds": [[0.0, 1.0]] * len(arrays.metric_ids),
    }
    shares = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    weights = np.maximum(gammaincinv(concentration * arrays.shares, shares), LEAST_WEIGHT)
    placing = reweighted_places(arrays, weights, report)
    table = arrays.standings[columns.RANK].to_numpy().astype(np.int64)
    moves = np.abs(placing.ranks.astype(np.int64) - table[:, None]).mean(axis=0)
    if np.ptp(moves) == 0:
        none = np.zeros(len(arrays.metric_ids))
        return dict.fromkeys(_SOBOL, none)
    # To SALib's analysis a seed of 0 is none.
    found = analysis.analyze(problem, moves, calc_second_order=False, seed=seed + 1)
    return {name: np.asarray(found[key]) for name, key in _SOBOL.items()}


def _squared_correlation(scores: Floats, composites: Floats) -> float | None:
    """Square Pearson's correlation; none where one of the two does not vary."""
    if len(scores) < 2 or np.ptp(scores) == 0 or np.ptp(composites) == 0:
        return None
    return float(np.corrcoef(scores, composites)[0, 1] ** 2)
