"""Chance, reproducibly: every stream of random numbers is told by the seed and a name."""

from __future__ import annotations

from typing import Final

import numpy as np

from nhs_league.errors import UsageError

DEFAULT_SEED: Final = 1


def generator(seed: int, *names: str) -> np.random.Generator:
    """Give the stream of a seed and a name, such as that of one organisation's resamples.

    Streams of different names are independent, and none depends on what else is drawn or in
    which order: the same organisation has the same resamples in whatever league it is.
    """
    spelled = tuple("\0".join(names).encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=spelled)))


def check_seed(seed: int) -> None:
    """See that a number can be a seed. Raises ``UsageError``."""
    if seed < 0:
        raise UsageError(f"the seed {seed} is below 0")
