"""How a metric is scored, in sentences whose numbers are those of the framework's own scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nhs_league.framework.model import Framework, Metric, PoolMembers
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
from nhs_league.presentation.methods.words import (
    Values,
    listed,
    organisations,
    plain,
    pool_members,
    same_group,
    score_at,
    score_text,
)
from nhs_league.presentation.text import capitalised
from nhs_league.scoring.normalise import SECOND, THIRD
from nhs_league.scoring.pools import is_scored_among_others


def direction(metric: Metric) -> str:
    """Say whether high or low values of a metric are good."""
    return "higher is better" if metric.is_higher_better else "lower is better"


def standard_phrase(metric: Metric) -> str | None:
    """Say which values meet a standard or a target, or pass a floor; none for other methods."""
    values = Values(metric.is_higher_better, metric.unit)
    match metric.scoring:
        case StandardScoring(standard=bound) | TargetScoring(target=bound):
            return values.or_better(bound)
        case FloorScoring(floor=bound):
            return values.or_better(bound)
        case _:
            return None


def scoring_sentence(framework: Framework, metric: Metric) -> str:
    """Say in plain sentences how a metric's value becomes its score."""
    first, *others = _rules(framework, metric)
    sentences = [_sentence(first)]
    sentences += [f"For values given {rule.values.given}: {_sentence(rule)}" for rule in others]
    if isinstance(metric.pool, PoolMembers) and not metric.combined:
        members = pool_members(framework, metric.pool)
        are_named = members in sentences[0]
        sentences.append(f"{'No others' if are_named else f'Only {members}'} are scored by it.")
    return " ".join(sentences)


def scoring_in_short(framework: Framework, metric: Metric) -> str:
    """Say how a metric is scored in the few words that a cell holds."""
    first, *others = _rules(framework, metric)
    text = "; ".join([_short(first), *(f"given {r.values.given}: {_short(r)}" for r in others)])
    if metric.combined:
        return text
    if isinstance(metric.pool, PoolMembers):
        return f"{text}; only {pool_members(framework, metric.pool)}"
    if metric.pool == "peer_group" and any(rule.is_among_others for rule in (first, *others)):
        return f"{text}; among {organisations(framework)} {same_group(framework)}"
    return text


@dataclass(frozen=True)
class _Rule:
    """One rule of a metric, for the values in one unit."""

    framework: Framework
    metric: Metric
    scoring: Scoring
    unit: str

    @property
    def values(self) -> Values:
        return Values(self.metric.is_higher_better, self.unit)

    @property
    def best(self) -> str:
        return self.at(0)

    @property
    def worst(self) -> str:
        return self.at(1)

    @property
    def who(self) -> str:
        """Begin a sentence with whom it is about."""
        return capitalised(organisations(self.framework))

    @property
    def among(self) -> str:
        """Say among whom values are compared."""
        noun, pool = organisations(self.framework), self.metric.pool
        whom = f"all {noun}"
        if pool == "peer_group":
            whom = f"{noun} {same_group(self.framework)}"
        elif isinstance(pool, PoolMembers):
            whom = pool_members(self.framework, pool)
        has_units = bool(self.metric.scoring_of_unit)
        return f"{whom} with a value that this rule is for" if has_units else f"{whom} with a value"

    @property
    def among_the_rest(self) -> str:
        """Say among whom those are ranked who have no fixed score."""
        is_own = self.metric.pool == "peer_group"
        return f"among those {same_group(self.framework)}" if is_own else "among themselves"

    @property
    def is_among_others(self) -> bool:
        """Say whether a score hangs on the values of others."""
        return is_scored_among_others(self.metric.model_copy(update={"scoring": self.scoring}))

    def score(self, score: float) -> str:
        return score_text(score, self.framework.scale)

    def at(self, share: float) -> str:
        """Write the score that is a share of the way from best to worst."""
        return score_at(share, self.framework.scale)

    def title(self, metric_id: str) -> str:
        """Name another metric of the framework."""
        return f"{self.framework.metrics[metric_id].title} ({metric_id})"


def _rules(framework: Framework, metric: Metric) -> Iterator[_Rule]:
    """Yield a metric's rule, then those of other units; a matrix is scored from no value."""
    yield _Rule(framework, metric, metric.scoring, metric.unit)
    if not metric.combined:
        for unit, scoring in metric.scoring_of_unit.items():
            yield _Rule(framework, metric, scoring, unit)


def _sentence(rule: _Rule) -> str:
    match rule.scoring:
        case RankScoring():
            return (
                f"{rule.who} are ranked by their value, the {rule.values.best} first, among "
                f"{rule.among}, and spread evenly from {rule.best}, the best, to {rule.worst}, "
                "the worst."
            )
        case StandardScoring(standard=standard, floor=floor):
            return _standard_sentence(rule, standard, floor)
        case FloorScoring(floor=floor):
            return (
                f"{rule.who} with {rule.values.worse(floor)}, the floor, score {rule.worst}, the "
                f"worst. The others are ranked {rule.among_the_rest} by their value and spread "
                f"evenly from {rule.best}, the best, to {rule.at(THIRD)}."
            )
        case BandsScoring() as bands:
            return capitalised("; ".join(_bands(rule, bands))) + "."
        case MatrixScoring() as matrix:
            return _matrix_sentence(rule, matrix)
        case PublishedScoring():
            return (
                "The data give the score itself, which is used as it is: "
                f"{rule.best} is the best and {rule.worst} the worst."
            )
        case MinMaxScoring(lower=lower, upper=upper):
            return _min_max_sentence(rule, lower, upper)
        case ZScoreScoring(spread=spread):
            return _z_score_sentence(rule, spread)
        case PercentileScoring():
            return _percentile_sentence(rule)
        case TargetScoring(target=target, limit=limit):
            return (
                f"{rule.who} with {rule.values.or_better(target)}, the target, score {rule.best}, "
                f"the best; with {rule.values.or_worse(limit)}, the limit, {rule.worst}, the "
                f"worst. {_halfway(rule, target, limit)}"
            )


def _standard_sentence(rule: _Rule, standard: float, floor: float | None) -> str:
    met = (
        f"{rule.who} that meet the standard of {rule.values.or_better(standard)} score "
        f"{rule.best}, the best"
    )
    if floor is None:
        return (
            f"{met}. The others are ranked {rule.among_the_rest} by their value and spread evenly "
            f"from {rule.at(SECOND)} to {rule.worst}, the worst."
        )
    return (
        f"{met}; those with {rule.values.worse(floor)}, the floor, score {rule.worst}, the worst. "
        f"Those between are ranked {rule.among_the_rest} by their value and spread evenly from "
        f"{rule.at(SECOND)} to {rule.at(THIRD)}."
    )


def _bands(rule: _Rule, scoring: BandsScoring) -> Iterator[str]:
    """Name each band with its score, so that no value is in two."""
    previous: float | None = None
    for band in scoring.bands:
        values = rule.values.or_better(band.bound)
        if previous is not None:
            values = f"{rule.values.worse(previous)} and {rule.values.as_far_as(band.bound)}"
        yield f"{values} scores {rule.score(band.score)}"
        previous = band.bound
    yield f"{rule.values.worse(scoring.bands[-1].bound)} scores {rule.score(scoring.otherwise)}"


def _matrix_sentence(rule: _Rule, scoring: MatrixScoring) -> str:
    rows = "; ".join(
        f"where the first is {index}, {_matrix_row(rule, row)}"
        for index, row in enumerate(scoring.scores, start=1)
    )
    return (
        f"The scores of {rule.title(scoring.rows)}, the first, and of "
        f"{rule.title(scoring.columns)}, the second, are looked up in a table: {rows}. Without "
        "both of them, or with one that is not in the table, there is no score."
    )


def _matrix_row(rule: _Rule, row: Sequence[float]) -> str:
    """Say which scores of the second metric give which score: ``1.00 if the second is 1 or 2``."""
    of_score: dict[float, list[str]] = {}
    for column, score in enumerate(row, start=1):
        of_score.setdefault(score, []).append(str(column))
    if len(of_score) == 1:
        return f"{rule.score(row[0])} whatever the second is"
    return listed(
        [f"{rule.score(score)} if the second is {_either(of)}" for score, of in of_score.items()]
    )


def _either(parts: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _min_max_sentence(rule: _Rule, lower: float | None, upper: float | None) -> str:
    values = rule.values
    best, worst = (upper, lower) if rule.metric.is_higher_better else (lower, upper)
    if best is not None and worst is not None:
        return (
            f"{capitalised(values.or_better(best))} scores {rule.best}, the best, and "
            f"{values.or_worse(worst)} scores {rule.worst}, the worst. "
            f"{_halfway(rule, best, worst)}"
        )
    if best is not None:
        return (
            f"{capitalised(values.or_better(best))} scores {rule.best}, the best. The "
            f"{values.worst} value among {rule.among}, if it is {values.worse(best)}, scores "
            f"{rule.worst}, the worst, and values between score in proportion."
        )
    if worst is not None:
        return (
            f"{capitalised(values.worse(worst))} scores {rule.worst}, the worst. The "
            f"{values.best} value among {rule.among}, if it is {values.or_better(worst)}, scores "
            f"{rule.best}, the best, and values from there to {values.text(worst)} score in "
            f"proportion, the nearer to {values.text(worst)} the nearer to {rule.worst}."
        )
    return (
        f"The {values.best} value among {rule.among} scores {rule.best}, the best, and the "
        f"{values.worst} {rule.worst}, the worst; values between score in proportion, so that one "
        f"halfway scores {rule.at(0.5)}. If all values are equal, all score {rule.best}."
    )


def _halfway(rule: _Rule, best: float, worst: float) -> str:
    middle = rule.values.text((best + worst) / 2)
    return f"Values between score in proportion, so that {middle}, halfway, scores {rule.at(0.5)}."


def _z_score_sentence(rule: _Rule, spread: float) -> str:
    noun = "standard deviation" if spread == 1 else "standard deviations"
    return (
        f"The average value among {rule.among} scores {rule.at(0.5)}, the middle. A value that is "
        f"better by {plain(spread)} {noun} or more scores {rule.best}, the best, and one that is "
        f"worse by as much {rule.worst}, the worst; values between score in proportion. A standard "
        "deviation says how far values typically lie from their average; where all are equal, "
        f"all score {rule.at(0.5)}."
    )


def _percentile_sentence(rule: _Rule) -> str:
    return (
        f"{rule.who} are scored by the share of {rule.among} that do better than they do, counting "
        "those level with them, and themselves, as half: of ten with different values the best "
        f"scores {rule.at(0.05)} and the worst {rule.at(0.95)}, and one alone scores "
        f"{rule.at(0.5)}, the middle."
    )


def _short(rule: _Rule) -> str:
    values, best, worst = rule.values, rule.best, rule.worst
    match rule.scoring:
        case RankScoring():
            return f"ranked from {best} to {worst}"
        case StandardScoring(standard=standard, floor=floor):
            return _short_standard(rule, standard, floor)
        case FloorScoring(floor=floor):
            return (
                f"{worst} for {values.worse(floor)}, the floor; otherwise ranked from {best} to "
                f"{rule.at(THIRD)}"
            )
        case BandsScoring() as scoring:
            return ", ".join(_short_bands(rule, scoring))
        case MatrixScoring(rows=rows, columns=columns):
            return f"from the scores of {rows} and {columns}, by a table"
        case PublishedScoring():
            return "the score as published"
        case MinMaxScoring(lower=lower, upper=upper):
            return _short_min_max(rule, lower, upper)
        case ZScoreScoring(spread=spread):
            return (
                f"by distance from the average value: {rule.at(0.5)} at it, {best} and {worst} "
                f"from {plain(spread)} standard deviations better or worse"
            )
        case PercentileScoring():
            return f"by the share that do better, between {best} and {worst}"
        case TargetScoring(target=target, limit=limit):
            return (
                f"target {values.or_better(target)}: {best} if met; {worst} for "
                f"{values.or_worse(limit)}; in proportion between"
            )


def _short_standard(rule: _Rule, standard: float, floor: float | None) -> str:
    met = f"standard {rule.values.or_better(standard)}: {rule.best} if met"
    if floor is None:
        return f"{met}, otherwise ranked from {rule.at(SECOND)} to {rule.worst}"
    return (
        f"{met}; {rule.worst} for {rule.values.worse(floor)}, the floor; between, ranked from "
        f"{rule.at(SECOND)} to {rule.at(THIRD)}"
    )


def _short_bands(rule: _Rule, scoring: BandsScoring) -> Iterator[str]:
    first, *others = scoring.bands
    yield f"{rule.score(first.score)} for {rule.values.or_better(first.bound)}"
    for band in others:
        yield f"{rule.score(band.score)} {rule.values.as_far_as(band.bound)}"
    yield f"otherwise {rule.score(scoring.otherwise)}"


def _short_min_max(rule: _Rule, lower: float | None, upper: float | None) -> str:
    values = rule.values
    best, worst = (upper, lower) if rule.metric.is_higher_better else (lower, upper)
    if best is None:
        at_best = f"the {values.best} value"
        at_best += "" if worst is None else f" of {values.or_better(worst)}"
    else:
        at_best = values.or_better(best)
    if worst is None:
        at_worst = f"the {values.worst} value"
        at_worst += "" if best is None else f" of {values.worse(best)}"
    else:
        at_worst = values.or_worse(worst) if best is not None else values.worse(worst)
    return f"in proportion from {rule.best} for {at_best} to {rule.worst} for {at_worst}"
