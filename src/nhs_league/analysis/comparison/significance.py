"""When the change of an average is significant: a stated change, a test, or likely ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from nhs_league.framework.model import Framework
from nhs_league.scoring.numbers import TOLERANCE

MAX_P_VALUE: Final = 0.05
"""A change is significant if so large a one has a smaller probability without any change."""


@dataclass(frozen=True)
class Significance:
    """The rule in use: at least a ``threshold``; else the test, and where it has none the ranges.

    ``has_test`` says whether the paired bootstrap is drawn, ``has_ranges`` whether likely ranges of
    the average are there to tell. Averages are shown with ``decimals``.
    """

    threshold: float | None = None
    has_test: bool = False
    has_ranges: bool = False
    decimals: int = 2

    @property
    def is_known(self) -> bool:
        """Say whether anything tells a significant change from another."""
        return self.threshold is not None or self.has_test or self.has_ranges

    @property
    def threshold_text(self) -> str:
        """Write the threshold as averages are shown, or with as many decimals as it has."""
        threshold = self.threshold or 0.0
        if round(threshold, self.decimals) == threshold:
            return f"{threshold:.{self.decimals}f}"
        return f"{threshold:g}"

    def expr(self) -> pl.Expr:
        """Say over pairs with a ``p_value`` which changes are significant.

        Null where there is no change of average, and where neither a test nor a range tells.
        """
        change = pl.col("average_to") - pl.col("average_from")
        if self.threshold is not None:
            return change.abs() >= self.threshold - TOLERANCE
        if not self.is_known:
            return pl.lit(None, pl.Boolean)
        is_apart = (pl.col("score_low_to") > pl.col("score_high_from") + TOLERANCE) | (
            pl.col("score_high_to") < pl.col("score_low_from") - TOLERANCE
        )
        told = pl.coalesce(pl.col("p_value") < MAX_P_VALUE, is_apart)
        return pl.when(change.is_not_null()).then(told)

    def in_words(self) -> str:
        """State the rule in a clause."""
        if self.threshold is not None:
            return f"a change of the average by {self.threshold_text} or more"
        ranges = "likely ranges of the average that do not overlap"
        if self.has_test:
            return (
                f"a probability below {MAX_P_VALUE:g} of so large a change of average without any, "
                f"by a paired bootstrap over the metrics; without two metrics in common, {ranges}"
            )
        return ranges if self.has_ranges else "not known: the tables have no likely ranges"


def significance_of_quarters(framework: Framework) -> Significance:
    """Give the rule between two quarters: the framework's own, else the paired bootstrap."""
    if framework.movement is not None:
        return Significance(
            threshold=framework.movement.significant_change, decimals=framework.scale.decimals
        )
    return Significance(has_test=True, has_ranges=True)


def significance_of_methods(before: Framework, after: Framework) -> Significance:
    """Give the rule between two methods: a stated change, where both score on the same scale.

    Nothing is left to chance there: the same figures are scored twice. The change that the second
    framework states, or else the first, says how large a difference is, and not how likely.
    """
    has_same_scale = (before.scale.best, before.scale.worst) == (
        after.scale.best,
        after.scale.worst,
    )
    stated = after.movement or before.movement
    if stated is None or not has_same_scale:
        return Significance()
    decimals = max(before.scale.decimals, after.scale.decimals)
    return Significance(threshold=stated.significant_change, decimals=decimals)
