"""Shares of a move: what each cause adds to it, averaged over every order of the causes."""

from __future__ import annotations

from itertools import product
from math import factorial
from typing import TypeAlias

import numpy as np

from nhs_league.analysis.robustness.numbers import Floats

State: TypeAlias = tuple[bool, ...]
"""Which causes have come to pass."""


def states(causes: int) -> list[State]:
    """List every combination of causes, from none to all."""
    return [tuple(state) for state in product((False, True), repeat=causes)]


def shapley_values(outcomes: dict[State, Floats]) -> Floats:
    """Share the way from no cause to all among the causes: causes x organisations.

    ``outcomes`` has for every state an outcome by organisation. A cause has the mean of what it
    adds over all orders in which the causes can come to pass (L. S. Shapley, A value for n-person
    games, 1953); the shares add up to the whole.
    """
    every = list(outcomes)
    causes = len(every[0])
    shares = np.zeros((causes, len(outcomes[every[0]])))
    for state in every:
        before = sum(state)
        weight = (
            factorial(before) * factorial(causes - before - 1) / factorial(causes)
            if (before < causes)
            else 0.0
        )
        for cause in range(causes):
            if not state[cause]:
                after = (*state[:cause], True, *state[cause + 1 :])
                shares[cause] += weight * (outcomes[after] - outcomes[state])
    return shares
