"""Doubt about weights: how the table would look to people who weigh its parts otherwise."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np

from nhs_league.analysis.robustness.arrays import LeagueArrays, Placing
from nhs_league.analysis.robustness.chance import generator
from nhs_league.analysis.robustness.numbers import Floats
from nhs_league.analysis.robustness.sampling import Report, blocks, placed
from nhs_league.errors import UsageError

Weights: TypeAlias = Literal["declared", "uniform"]

DEFAULT_CONCENTRATION: Final = 100.0
MIN_CONCENTRATION: Final = 1.0
MAX_CONCENTRATION: Final = 1e6

LEAST_WEIGHT: Final = 1e-300
"""A weight too small to be told from nothing would leave an organisation of one metric unranked."""


def check_concentration(concentration: float) -> None:
    """See that weights can be drawn with a concentration. Raises ``UsageError``."""
    if not MIN_CONCENTRATION <= concentration <= MAX_CONCENTRATION:
        raise UsageError(
            f"a concentration of {concentration:g} is not between {MIN_CONCENTRATION:,g} and "
            f"{MAX_CONCENTRATION:,.0f}"
        )


def reweighted_places(arrays: LeagueArrays, weights: Floats, report: Report | None) -> Placing:
    """Place the league under each row of weights; its quartiles are cut anew each time."""
    composites = np.empty((len(arrays), len(weights)))
    each = blocks(len(weights), len(arrays))
    for done, block in enumerate(each, start=1):
        composites[:, block] = arrays.reweighted(weights[block], parts_follow=True)
        if report is not None:
            report(done / len(each))
    return placed(arrays, composites, arrays.floor()[:, None], hold_cuts=False)


def weights_drawn(
    arrays: LeagueArrays, replicates: int, seed: int, weights: Weights, concentration: float
) -> Floats:
    """Draw the metrics' weights from a Dirichlet distribution: replicates x metrics.

    ``declared`` weights are its mean, the more closely the higher the concentration: a share w of
    the whole varies with the variance w (1 - w) / (concentration + 1). ``uniform`` takes every
    division of the whole as equally likely.
    """
    shares = arrays.shares
    parameters = shares * concentration if weights == "declared" else np.ones_like(shares)
    drawn = generator(seed, "weights", weights).dirichlet(parameters, replicates)
    return np.maximum(drawn, LEAST_WEIGHT)
