"""Whether an average has moved: a paired bootstrap over the metrics of two quarters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.chance import DEFAULT_SEED, check_seed
from nhs_league.analysis.robustness.intervals import tail_shares, two_sided
from nhs_league.analysis.robustness.numbers import Floats, Integers
from nhs_league.analysis.robustness.resampling import (
    MIN_TO_RESAMPLE,
    composite_of_drawn,
    mean_of_drawn,
    metrics_drawn,
)
from nhs_league.analysis.robustness.sampling import (
    DEFAULT_REPLICATES,
    check_replicates,
    side_by_side,
)
from nhs_league.league import League
from nhs_league.scoring import columns

MOVEMENT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "org_code": pl.String(),
    "metrics_common": pl.Int64(),
    "average_from": pl.Float64(),
    "average_to": pl.Float64(),
    "difference": pl.Float64(),
    "difference_low": pl.Float64(),
    "difference_high": pl.Float64(),
    "p_value": pl.Float64(),
}
"""The frame contract: one row an organisation that is ranked in both leagues, by its later code.

``average_from`` and ``average_to`` are taken over the ``metrics_common`` to both, and unrounded;
``difference`` is the second less the first, with its 95% range. ``p_value`` is the two-sided
probability of no change; it is below 0.05 where the range is on one side of nothing. All are null
for fewer than 2 metrics in common.
"""

_FIGURES: Final = list(MOVEMENT_SCHEMA)[2:]

_Side: TypeAlias = tuple[LeagueArrays, int, Integers]
"""A league, the row of an organisation in it, and the metrics that are common to both."""
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


def movement(
    before: League,
    after: League,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    followed: Mapping[str, str] = _NOBODY,
) -> pl.DataFrame:
    """Test each organisation's change of average between two leagues, under ``MOVEMENT_SCHEMA``.

    The metrics that both quarters have a score of are resampled together, the same ones in both:
    what is common to the two quarters, such as a metric that the organisation is always good at,
    makes no difference. The probability is told by the share of replicates on the other side of no
    change or at it, the observed change counted as one of them, as the ``expanded`` interval tells
    ranges: so both hold for few metrics. ``followed`` gives
    for a code of ``before`` the code of ``after`` that it is compared as, as that of a successor.
    Raises ``UsageError`` as ``robustness`` does.
    """
    check_seed(seed)
    first, second = LeagueArrays.of(before), LeagueArrays.of(after)
    check_replicates(replicates, max(len(first), len(second)))
    codes, earlier = _paired(first.org_codes, second.org_codes, followed)
    shared = [id_ for id_ in first.metric_ids if id_ in second.metric_ids]
    at = [_places(arrays.metric_ids, shared) for arrays in (first, second)]
    rows = [_places(first.org_codes, earlier), _places(second.org_codes, codes)]
    figures = np.full((len(codes), len(_FIGURES)), np.nan)
    common = np.zeros(len(codes), dtype=np.int64)

    def compare(place: int) -> None:
        row, other = rows[0][place], rows[1][place]
        is_common = first.is_scored[row, at[0]] & second.is_scored[other, at[1]]
        common[place] = is_common.sum()
        if common[place] >= MIN_TO_RESAMPLE:
            drawn = metrics_drawn(seed, codes[place], int(common[place]), replicates)
            every = np.arange(common[place], dtype=np.uint16)[:, None]
            one: _Side = (first, int(row), at[0][is_common])
            two: _Side = (second, int(other), at[1][is_common])
            low, high = (float(composite_of_drawn(*side, every)[0]) for side in (one, two))
            differences = _differences(one, two, drawn)
            tail = float(tails[common[place]])
            figures[place] = low, high, *_told(high - low, differences, tail)

    most = min(len(first.metric_ids), len(second.metric_ids))
    tails = np.append([np.nan] * MIN_TO_RESAMPLE, tail_shares("expanded", np.arange(2, most + 1)))
    side_by_side(compare, len(codes), None)
    is_told = common >= MIN_TO_RESAMPLE
    figures[is_told, -1] = two_sided(figures[is_told, -1], common[is_told])
    values = {name: figures[:, column] for column, name in enumerate(_FIGURES)}
    return pl.DataFrame(
        {columns.ORG_CODE: codes, "metrics_common": common} | values, schema=MOVEMENT_SCHEMA
    ).with_columns(pl.col(_FIGURES).fill_nan(None))


def _paired(
    before: tuple[str, ...], after: tuple[str, ...], followed: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """List the later codes of those in both leagues, in order, and beside them the earlier ones."""
    earlier_of = {code: followed.get(code, code) for code in before}
    of_later = {later: earlier for earlier, later in earlier_of.items()}
    codes = sorted(code for code in after if code in of_later)
    return codes, [of_later[code] for code in codes]


def _differences(before: _Side, after: _Side, drawn: npt.NDArray[np.uint16]) -> Floats:
    """Give the difference of the averages over the metrics drawn, a replicate each."""
    (first, row, metrics), (second, other, others) = before, after
    weights, of_others = first.weights[metrics], second.weights[others]
    is_one_mean = all(
        each.framework.aggregate.over == "metrics" and each.framework.aggregate.mean == "arithmetic"
        for each in (first, second)
    )
    if is_one_mean and np.array_equal(weights, of_others):
        # The difference of two means with the same weights is the mean of the differences.
        return mean_of_drawn(
            weights, second.scores[other, others] - first.scores[row, metrics], drawn
        )
    one, two = (composite_of_drawn(*side, drawn) for side in (before, after))
    return two - one


def _told(difference: float, differences: Floats, tail: float) -> tuple[float, ...]:
    """Give a difference with its range, and the share of replicates on the other side of none.

    ``tail`` is the share beyond each end of the range.
    """
    # Differences of numbers that are equal but for their last bits are none.
    differences = np.round(differences, 9)
    low, high = np.quantile(differences, (tail, 1 - tail))
    beyond = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    share = (beyond + 1) / (len(differences) + 1)
    return float(np.round(difference, 9)), float(low), float(high), share


def _places(among: tuple[str, ...], wanted: list[str]) -> Integers:
    place_of = {name: place for place, name in enumerate(among)}
    return np.array([place_of[name] for name in wanted], dtype=np.int64)
