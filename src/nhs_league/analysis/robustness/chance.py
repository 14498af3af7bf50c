"""Chance, reproducibly: every stream of random numbers is told by the seed and a name."""

from __future__ import annotations

from typing import Final

import numpy as np

DEFAULT_SEED: Final = 1


def generator(seed: int, *names: str) -> np.random.Generator:
    """Give the stream of a seed and a name, such as that of one organisation's resamples.

    Streams of different names are independent, and none depends on what else is drawn or in
    which order: the same organisation has the same resamples in whatever league it is.
    """
    words = [int.from_bytes(name.encode(), "little") for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
