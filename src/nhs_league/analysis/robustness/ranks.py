"""Competition ranks in many leagues at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nhs_league.analysis.robustness.numbers import Integers


def competition_ranks(keys: Integers) -> npt.NDArray[np.signedinteger]:
    """Rank each row of keys, smallest first: 1, 2, 2, 4.

    ``keys`` has a row a league and a column an organisation, and no key below 0 or so large that
    the number of an organisation does not fit behind it in 63 bits. Key and organisation are
    sorted as one number, in 31 bits if it fits: that is several times as quick as sorting places.
    """
    count = keys.shape[1]
    bits = max(count - 1, 1).bit_length()
    fits = int(keys.max(initial=0)) < 1 << (31 - bits)
    together: npt.NDArray[np.signedinteger]
    together = np.array(keys, dtype=np.int32 if fits else np.int64, order="C")
    together <<= bits
    together |= np.arange(count, dtype=together.dtype)
    together.sort(axis=1)
    organisations = together & ((1 << bits) - 1)
    together >>= bits
    is_first = np.ones(keys.shape, dtype=bool)
    np.not_equal(together[:, 1:], together[:, :-1], out=is_first[:, 1:])
    places = np.where(is_first, np.arange(1, count + 1, dtype=together.dtype), 0)
    np.maximum.accumulate(places, axis=1, out=places)
    ranks = np.empty_like(places)
    np.put_along_axis(ranks, organisations, places, axis=1)
    return ranks
