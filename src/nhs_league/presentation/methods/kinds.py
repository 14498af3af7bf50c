"""The scoring methods that a framework uses, each explained once in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from nhs_league.framework.model import Framework
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    FloorScoring,
    MatrixScoring,
    MinMaxScoring,
    PercentileScoring,
    PublishedScoring,
    RankScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
    ZScoreScoring,
)
from nhs_league.presentation.methods.words import listed, organisations, score_at
from nhs_league.presentation.text import capitalised, plural
from nhs_league.scoring.normalise import SECOND, THIRD

_EXAMPLE = 4


def methods_in_use(framework: Framework) -> Iterator[str]:
    """Explain each scoring method that a metric uses, with the number of metrics that do."""
    first: dict[str, Scoring] = {}
    counts: dict[str, int] = {}
    for metric in framework.metrics.values():
        others = () if metric.combined else metric.scoring_of_unit.values()
        of_metric = {_kind(scoring): scoring for scoring in (metric.scoring, *others)}
        for kind, scoring in of_metric.items():
            first.setdefault(kind, scoring)
            counts[kind] = counts.get(kind, 0) + 1
    for kind, scoring in sorted(first.items(), key=lambda item: -counts[item[0]]):
        yield f"{kind} ({plural(counts[kind], 'metric')}): {_explained(framework, scoring)}"


def _kind(scoring: Scoring) -> str:
    match scoring:
        case RankScoring():
            return "By rank"
        case StandardScoring(floor=None):
            return "By a standard"
        case StandardScoring():
            return "By a standard and a floor"
        case FloorScoring():
            return "By a floor"
        case BandsScoring():
            return "In bands"
        case MatrixScoring():
            return "From two other scores"
        case PublishedScoring():
            return "As published"
        case MinMaxScoring():
            return "In proportion"
        case ZScoreScoring():
            return "By distance from the average"
        case PercentileScoring():
            return "By the share that do better"
        case TargetScoring():
            return "By a target"


def _explained(framework: Framework, scoring: Scoring) -> str:
    shares = (0, SECOND, 0.5, THIRD, 1)
    best, second, middle, third, worst = (score_at(s, framework.scale) for s in shares)
    who = capitalised(organisations(framework))
    whoever = f"{who} that"
    match scoring:
        case RankScoring():
            return (
                f"{who} are put in order of their values. The best scores {best}, "
                f"the last {worst}, and those between are spread evenly by their place: four would "
                f"score {_spread(framework, 0, 1)}. Equal values share the better place. If "
                f"only one has a value, it scores {best}. How far apart two values are does not "
                "matter, only their order."
            )
        case StandardScoring(floor=None):
            return (
                f"{whoever} meet the standard score {best}, however far beyond it. The others are "
                f"put in order of their values and spread evenly from {second} to {worst}: four "
                f"would score {_spread(framework, SECOND, 1)}. If only one misses it, that one "
                f"scores {second}. A value at the standard meets it."
            )
        case StandardScoring():
            return (
                f"{whoever} meet the standard score {best}, and those that fail the floor {worst}. "
                "Those between are put in order of their values and spread evenly from "
                f"{second} to {third}; if there is only one, it scores {second}. A value at the "
                "standard meets it, and a value at the floor passes it."
            )
        case FloorScoring():
            return (
                f"{whoever} fail the floor score {worst}, however far from it. The others are put "
                f"in order of their values and spread evenly from {best} to {third}: four would "
                f"score {_spread(framework, 0, THIRD)}. If only one passes it, that one scores "
                f"{best}. A value at the floor passes it."
            )
        case _:
            return _explained_without_rank(framework, scoring, best, worst, middle)


def _explained_without_rank(
    framework: Framework, scoring: Scoring, best: str, worst: str, middle: str
) -> str:
    noun = organisations(framework)
    match scoring:
        case BandsScoring():
            return (
                "Each band of values has its score, whatever the values of others. A value at the "
                "bound of two bands is in the better one."
            )
        case MatrixScoring():
            return "The scores of two other metrics are looked up in a table, shown below."
        case PublishedScoring():
            return (
                "The data hold the score itself, as its publisher gave it, and it is used as it is."
            )
        case MinMaxScoring():
            return (
                f"The best value scores {best}, the worst {worst}, and those between in "
                "proportion to how far they are from both. Where the row of a metric states a "
                "bound, that stands for the best or the worst value, and values beyond it score "
                "as it does."
            )
        case ZScoreScoring():
            return (
                f"The average value scores {middle}. The others score by how many standard "
                "deviations, the distance at which values typically lie from their average, they "
                f"are better or worse, as far as {best} and {worst}."
            )
        case PercentileScoring():
            return (
                f"{capitalised(noun)} are scored by the share of them that do better, counting "
                "those level with them, and themselves, as half: four with different values would "
                f"score {_spread(framework, 0.5 / _EXAMPLE, 1 - 0.5 / _EXAMPLE)}."
            )
        case _:
            return (
                f"{capitalised(noun)} that meet the target score {best}, and those at the limit or "
                f"worse {worst}. Those between score in proportion, whatever the values of others."
            )


def _spread(framework: Framework, first: float, last: float) -> str:
    """List the scores of four that are spread evenly."""
    step = (last - first) / (_EXAMPLE - 1)
    shares = [first + place * step for place in range(_EXAMPLE - 1)]
    return listed([score_at(share, framework.scale) for share in (*shares, last)])
