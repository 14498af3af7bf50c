"""The scoring methods that a framework may name, one model a method.

The bounds below are written for the NHS Oversight Framework's scale, 1.00 best to 4.00 worst; on
another scale they stand at the same thirds of the way from best to worst.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nhs_league.framework.base import FrameworkPart, Identifier


class RankScoring(FrameworkPart):
    """Spread the pool by rank from best (1.00) to worst (4.00)."""

    method: Literal["rank"]


class StandardScoring(FrameworkPart):
    """Best score for meeting the standard; the others are ranked from 2.00 to 4.00.

    With a ``floor`` too, failing it scores worst and those between are ranked from 2.00 to 3.00.
    """

    method: Literal["standard"]
    standard: float
    floor: float | None = None


class FloorScoring(FrameworkPart):
    """Worst score for failing the floor; the others are ranked from 1.00 to 3.00."""

    method: Literal["floor"]
    floor: float


class Band(FrameworkPart):
    """One band: the first that holds gives the score. Exactly one bound is stated."""

    at_least: float | None = None
    at_most: float | None = None
    score: float

    @property
    def bound(self) -> float:
        """Give the stated bound."""
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None, "a framework with an unbounded band is refused when it is read"
        return bound


class BandsScoring(FrameworkPart):
    """Look the value up in bands, best first; a value in none of them scores ``otherwise``."""

    method: Literal["bands"]
    bands: Annotated[tuple[Band, ...], Field(strict=False, min_length=1)]
    otherwise: float


class MatrixScoring(FrameworkPart):
    """Combine two metrics' scores: ``scores[row score - 1][column score - 1]``."""

    method: Literal["matrix"]
    rows: Identifier
    columns: Identifier
    scores: Annotated[
        tuple[Annotated[tuple[float, ...], Field(strict=False, min_length=1)], ...],
        Field(strict=False, min_length=1),
    ]


class PublishedScoring(FrameworkPart):
    """Take the datum itself as the score."""

    method: Literal["published"]


class MinMaxScoring(FrameworkPart):
    """Spread linearly between the pool's best and worst values, or between stated goalposts.

    Values beyond a goalpost are held at it. A pool whose values are all equal scores best.
    """

    method: Literal["min_max"]
    lower: float | None = None
    upper: float | None = None


class ZScoreScoring(FrameworkPart):
    """Spread by standard deviations from the pool's mean, which scores the middle of the scale.

    ``spread`` standard deviations reach the end of the scale, and scores are held there. The
    deviation is the population's; where it is zero, everybody scores the middle.
    """

    method: Literal["z_score"]
    spread: Annotated[float, Field(gt=0)] = 3.0


class PercentileScoring(FrameworkPart):
    """Spread by mid-rank percentile, (mean rank - 0.5) / n: one organisation scores the middle."""

    method: Literal["percentile"]


class TargetScoring(FrameworkPart):
    """Best at the target or better, worst at the limit or worse, linear between them."""

    method: Literal["target"]
    target: float
    limit: float


Scoring = Annotated[
    RankScoring
    | StandardScoring
    | FloorScoring
    | BandsScoring
    | MatrixScoring
    | PublishedScoring
    | MinMaxScoring
    | ZScoreScoring
    | PercentileScoring
    | TargetScoring,
    Field(discriminator="method"),
]
