"""The words for a framework's organisations, pools, values and scores, for its method in prose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nhs_league.framework.model import Framework, PoolMembers, Scale
from nhs_league.presentation.text import group_noun, number, quantity
from nhs_league.scoring.numbers import TOLERANCE

_MAX_DECIMALS: Final = 8
_KINDS_OF_NUMBER: Final = ("count", "index", "number", "rate", "ratio", "score")
"""Units that name no measure: ``1 or less`` reads better than ``1 rate or less``."""
_SAME: Final = {
    "trust_type": "of the same type",
    "trust_subtype": "of the same subtype",
    "region": "in the same region",
    "icb_code": "in the same integrated care board",
}


def organisations(framework: Framework) -> str:
    """Name the organisations as the peer groups do, where all do so alike: ``trusts``."""
    groups = [*framework.peer_groups.order, *framework.peer_groups.expected_organisations]
    for metric in framework.metrics.values():
        groups += metric.pool.peer_groups if isinstance(metric.pool, PoolMembers) else ()
        groups += metric.expected_of or ()
    nouns = {_last_noun(group) for group in groups}
    return nouns.pop() if len(nouns) == 1 else "organisations"


def organisation(framework: Framework) -> str:
    """Name one of the organisations."""
    noun = organisations(framework)
    return "organisation" if noun.endswith("ies") else noun.removesuffix("s")


def same_group(framework: Framework) -> str:
    """Say what the organisations of one peer group share: ``of the same type``."""
    return _SAME[framework.peer_groups.column]


def pool_members(framework: Framework, pool: PoolMembers) -> str:
    """Name the members of a pool of some peer groups and perhaps some other organisations."""
    others = [f"the {organisation(framework)} {code}" for code in pool.include]
    return listed([*map(group_noun, pool.peer_groups), *others])


def listed(parts: Sequence[str]) -> str:
    """Join parts as a sentence does: ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def a_or_an(noun: str) -> str:
    """Put the article before a noun."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def plain(value: float) -> str:
    """Write a number with the decimals that it needs, and no more."""
    return number(value, _decimals_of(value))


def score_text(score: float, scale: Scale) -> str:
    """Write a score that the framework states; with more decimals where it would be another one."""
    needed = _decimals_of(score)
    return number(score, max(scale.decimals, 2 if needed == _MAX_DECIMALS else needed))


def score_at(share: float, scale: Scale) -> str:
    """Write the score that is a share of the way from best to worst, rounded as scores are."""
    if share in (0, 1):
        return score_text(scale.worst if share else scale.best, scale)
    score = scale.at(share)
    return number(score, max(scale.decimals, min(2, _decimals_of(score))))


@dataclass(frozen=True)
class Values:
    """The words for values in a unit, of which the high or the low ones are good."""

    is_higher_better: bool
    unit: str

    @property
    def best(self) -> str:
        """Name the best value."""
        return "highest" if self.is_higher_better else "lowest"

    @property
    def worst(self) -> str:
        """Name the worst value."""
        return "lowest" if self.is_higher_better else "highest"

    def text(self, value: float) -> str:
        """Write a value with its unit, in the singular for one."""
        unit = None if self.unit in _KINDS_OF_NUMBER else self.unit
        if value == 1 and unit is not None and _is_plural(unit):
            unit = unit[:-1]
        return quantity(value, unit, _decimals_of(value))

    @property
    def given(self) -> str:
        """Say in which unit values are given: ``in minutes``, ``as a count``."""
        if self.unit in _KINDS_OF_NUMBER:
            return f"as {a_or_an(self.unit)}"
        return f"in {self.unit}"

    def or_better(self, bound: float) -> str:
        """Name the values at a bound or better: ``78% or more``."""
        return f"{self.text(bound)} or {'more' if self.is_higher_better else 'less'}"

    def or_worse(self, bound: float) -> str:
        """Name the values at a bound or worse."""
        return f"{self.text(bound)} or {'less' if self.is_higher_better else 'more'}"

    def worse(self, bound: float) -> str:
        """Name the values worse than a bound: ``less than 78%``."""
        return f"{'less' if self.is_higher_better else 'more'} than {self.text(bound)}"

    def as_far_as(self, bound: float) -> str:
        """Name the end of a band: ``down to 70%``."""
        return f"{'down' if self.is_higher_better else 'up'} to {self.text(bound)}"


def _last_noun(peer_group: str) -> str:
    noun = group_noun(peer_group)
    return "organisations" if noun.startswith("organisations ") else noun.split()[-1]


def _is_plural(unit: str) -> bool:
    return len(unit) > 3 and unit.endswith("s") and unit[-2:] not in ("ss", "us", "is")


def _decimals_of(value: float) -> int:
    """Count the decimals that a number needs; a fraction without an end needs the most."""
    enough = (d for d in range(_MAX_DECIMALS) if abs(round(value, d) - value) <= TOLERANCE)
    return next(enough, _MAX_DECIMALS)
