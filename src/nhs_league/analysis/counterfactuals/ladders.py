"""Ladders: the levels that an organisation's score of a metric can rise to, and what each takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nhs_league.analysis.counterfactuals.levers import Lever, Versions
from nhs_league.analysis.counterfactuals.outcomes import Outcomes
from nhs_league.analysis.robustness.numbers import Floats, Integers

_NO_GAIN: Final = 1e-12


@dataclass(frozen=True)
class Ladder:
    """Steps of a lever to each better level of the own score.

    A level ``begins`` at its fewest steps, and ``numbers`` has as many as it lasts.

    ``gains`` are what each level adds to what the composite is made of, and ``points`` by how many
    score points the own scores change; both rise from level to level. ``everybodys_gains`` are N x
    levels: the others fall back.
    """

    lever: Lever
    begins: Integers
    numbers: Integers
    gains: Floats
    points: Floats
    everybodys_gains: Floats
    versions: Versions

    def __len__(self) -> int:
        return len(self.numbers)


def ladders_of(
    outcomes: Outcomes, levers: Sequence[Lever], climbed: Sequence[Versions]
) -> list[Ladder]:
    """Keep the levels of climbed levers that are better than all before.

    Of each level the last rung is kept: who goes beyond those with the same value puts them back
    without any gain of the own. Levers by which somebody would gain or lose a score have no ladder.
    """
    ladders = []
    for lever, made in zip(levers, climbed, strict=True):
        everybodys, points = gained(outcomes, lever, made)
        gains = everybodys[outcomes.row]
        held = outcomes.floors_under(made.rules)[outcomes.row]
        floors = np.broadcast_to(held, gains.shape).astype(np.float64)
        if not _has_the_same_scores(outcomes, made):
            continue
        starts, levels = _levels(gains, floors)
        if levels.size:
            ladders.append(
                Ladder(
                    lever,
                    lever.rungs[starts],
                    lever.rungs[levels],
                    gains[levels],
                    points[levels],
                    everybodys[:, levels],
                    made.at(levels),
                )
            )
    return ladders


def gained(outcomes: Outcomes, lever: Lever, made: Versions) -> tuple[Floats, Floats]:
    """Give everybody's gains by versions of a lever, and how far the own scores move in points."""
    arrays = outcomes.arrays
    gains, points = np.zeros((1, 1)), np.zeros(1)
    for id_ in lever.affected:
        own = made.scores[id_][outcomes.row]
        now = arrays.scores[outcomes.row, arrays.metric_ids.index(id_)]
        gains = gains + outcomes.gains(id_, made.scores[id_])
        points = points + np.nan_to_num(np.abs(own - now))
    return gains, points


def _has_the_same_scores(outcomes: Outcomes, made: Versions) -> bool:
    """Say whether nobody gains or loses a score, as of a matrix whose parts are ranked.

    Gains are those of averages over the same metrics.
    """
    arrays = outcomes.arrays
    return all(
        bool((np.isnan(each) == ~arrays.is_scored[:, [arrays.metric_ids.index(id_)]]).all())
        for id_, each in made.scores.items()
    )


def _levels(gains: Floats, floors: Floats) -> tuple[Integers, Integers]:
    """Find the first and the last rung of every level.

    A level gains more than all before, or is held back less.
    """
    most = np.maximum.accumulate(np.concatenate([[_NO_GAIN], gains]))[:-1]
    least = np.minimum.accumulate(np.concatenate([floors[:1], floors]))[:-1]
    is_better = (gains > most + _NO_GAIN) | ((floors < least) & (gains >= most - _NO_GAIN))
    starts = np.flatnonzero(is_better)
    ends = [*starts[1:], len(gains)]
    lasts = [
        start + int(np.flatnonzero(gains[start:end] >= gains[start] - _NO_GAIN)[-1])
        for start, end in zip(starts, ends, strict=False)
    ]
    return starts, np.array(lasts, dtype=np.int64)
