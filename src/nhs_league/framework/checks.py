"""What must hold across the parts of a framework that are each well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nhs_league.framework.model import Framework, Metric, PoolMembers, ThresholdSegments
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    MatrixScoring,
    MinMaxScoring,
    PublishedScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
)

MAX_SEGMENTS: Final = 100

Location = tuple[str | int, ...]
Problem = tuple[Location, str]


def framework_problems(framework: Framework) -> Iterator[Problem]:
    """Yield every contradiction between the parts, with the place in the file that states it."""
    yield from _scale_problems(framework)
    for metric_id, metric in framework.metrics.items():
        place: Location = ("metrics", metric_id)
        yield from _metric_problems(framework, metric, place)
        for problem_place, text in _scoring_problems(framework, metric, metric.scoring):
            yield (*place, "scoring", *problem_place), text
        for unit, scoring in metric.scoring_of_unit.items():
            for problem_place, text in _scoring_problems(framework, metric, scoring):
                yield (*place, "scoring_of_unit", unit, *problem_place), text
    yield from _related_problems(framework)
    yield from _aggregate_problems(framework)
    yield from _segment_problems(framework)
    yield from _override_problems(framework)
    yield from _ranking_problems(framework)
    yield from _published_problems(framework)


def _scale_problems(framework: Framework) -> Iterator[Problem]:
    scale = framework.scale
    if scale.best == scale.worst:
        yield ("scale", "worst"), "best and worst are the same score"
    if framework.aggregate.mean != "arithmetic" and min(scale.best, scale.worst) <= 0:
        yield (
            ("aggregate", "mean"),
            f"a {framework.aggregate.mean} mean needs a scale above zero at both ends",
        )


def _metric_problems(framework: Framework, metric: Metric, place: Location) -> Iterator[Problem]:
    if metric.domain not in framework.domains:
        known = ", ".join(framework.domains)
        yield (*place, "domain"), f"there is no domain {metric.domain!r}; expected one of {known}"
    rival = framework.metrics.get(metric.published_score or "")
    if rival is not None and not isinstance(rival.scoring, MatrixScoring):
        yield (*place, "published_score"), f"{metric.published_score!r} is a metric of its own"
    groups = set(framework.peer_groups.order) | set(framework.peer_groups.expected_organisations)
    if groups and isinstance(metric.pool, PoolMembers):
        for index, group in enumerate(metric.pool.peer_groups):
            if group not in groups:
                yield (*place, "pool", "peer_groups", index), f"there is no peer group {group!r}"
    for index, group in enumerate(metric.expected_of or ()):
        if groups and group not in groups:
            yield (*place, "expected_of", index), f"there is no peer group {group!r}"


def _scoring_problems(framework: Framework, metric: Metric, scoring: Scoring) -> Iterator[Problem]:
    match scoring:
        case StandardScoring(standard=standard, floor=float(floor)):
            if (floor >= standard) if metric.is_higher_better else (floor <= standard):
                yield (
                    ("floor",),
                    f"the floor {floor:g} is not worse than the standard {standard:g} "
                    f"under polarity {metric.polarity}",
                )
        case TargetScoring(target=target, limit=limit):
            if (limit >= target) if metric.is_higher_better else (limit <= target):
                yield (
                    ("limit",),
                    f"the limit {limit:g} is not worse than the target {target:g} "
                    f"under polarity {metric.polarity}",
                )
        case MinMaxScoring(lower=float(lower), upper=float(upper)) if lower >= upper:
            yield ("upper",), f"the upper goalpost {upper:g} is not above the lower {lower:g}"
        case BandsScoring():
            yield from _band_problems(framework, metric, scoring)
        case MatrixScoring():
            yield from _matrix_problems(framework, scoring)
        case PublishedScoring() if metric.published_score is not None:
            yield (
                ("method",),
                "a published score is its own datum: leave published_score out",
            )


def _band_problems(
    framework: Framework, metric: Metric, scoring: BandsScoring
) -> Iterator[Problem]:
    wanted = "at_least" if metric.is_higher_better else "at_most"
    previous: float | None = None
    for index, band in enumerate(scoring.bands):
        if (band.at_least is None) == (band.at_most is None):
            yield ("bands", index), "a band states exactly one of at_least and at_most"
            continue
        if getattr(band, wanted) is None:
            yield (
                ("bands", index),
                f"under polarity {metric.polarity} a band states {wanted}, best band first",
            )
            continue
        if previous is not None and (
            band.bound >= previous if metric.is_higher_better else band.bound <= previous
        ):
            yield (
                ("bands", index),
                f"{wanted} {band.bound:g} can never be reached after {previous:g}",
            )
        previous = band.bound
    scores = [band.score for band in scoring.bands] + [scoring.otherwise]
    for index, score in enumerate(scores):
        at = ("bands", index, "score") if index < len(scoring.bands) else ("otherwise",)
        yield from _score_problems(framework, score, at)
        if index and (score - scores[index - 1]) * framework.scale.span < 0:
            yield at, f"score {score:g} is better than the {scores[index - 1]:g} of a better band"


def _matrix_problems(framework: Framework, scoring: MatrixScoring) -> Iterator[Problem]:
    for side in ("rows", "columns"):
        part = framework.metrics.get(getattr(scoring, side))
        if part is None:
            yield (side,), f"there is no metric {getattr(scoring, side)!r} in this framework"
        elif isinstance(part.scoring, MatrixScoring):
            yield (side,), "a matrix combines metrics that are scored by other methods"
    for index, row in enumerate(scoring.scores):
        if len(row) != len(scoring.scores[0]):
            yield (
                ("scores", index),
                f"{len(row)} scores where the first row has {len(scoring.scores[0])}",
            )
        for column, score in enumerate(row):
            yield from _score_problems(framework, score, ("scores", index, column))


def _score_problems(framework: Framework, score: float, at: Location) -> Iterator[Problem]:
    low, high = sorted((framework.scale.best, framework.scale.worst))
    if not low <= score <= high:
        yield at, f"score {score:g} is off the scale, which runs from {low:g} to {high:g}"


def _related_problems(framework: Framework) -> Iterator[Problem]:
    seen: set[frozenset[str]] = set()
    for index, pair in enumerate(framework.related_metrics):
        place: Location = ("related_metrics", index)
        for side, metric_id in enumerate(pair):
            if metric_id not in framework.metrics:
                yield (*place, side), f"there is no metric {metric_id!r} in this framework"
        if len(set(pair)) == 1:
            yield place, f"{pair[0]!r} cannot be related to itself"
        elif frozenset(pair) in seen:
            yield place, f"{pair[0]!r} and {pair[1]!r} are related twice"
        seen.add(frozenset(pair))


def _aggregate_problems(framework: Framework) -> Iterator[Problem]:
    counted = len(framework.counted_metrics)
    if not counted:
        yield ("metrics",), "no metric counts towards the average"
    elif framework.aggregate.min_metrics > counted:
        yield (
            ("aggregate", "min_metrics"),
            f"{framework.aggregate.min_metrics} metrics are asked for; only {counted} can count",
        )


def _segment_problems(framework: Framework) -> Iterator[Problem]:
    segments = framework.segments
    if isinstance(segments, ThresholdSegments):
        bounds = segments.upper_bounds
        if len(bounds) >= MAX_SEGMENTS:
            yield (
                ("segments", "upper_bounds"),
                f"{len(bounds)} bounds make {len(bounds) + 1} segments; at most {MAX_SEGMENTS} "
                "are kept apart",
            )
        for index in range(1, len(bounds)):
            if (bounds[index] - bounds[index - 1]) * framework.scale.span <= 0:
                yield (
                    ("segments", "upper_bounds", index),
                    f"{bounds[index]:g} is not worse than {bounds[index - 1]:g} before it",
                )


def _override_problems(framework: Framework) -> Iterator[Problem]:
    segments = framework.segments
    last = len(segments.upper_bounds) + 1 if isinstance(segments, ThresholdSegments) else 4
    seen: set[str] = set()
    for index, rule in enumerate(framework.overrides):
        place: Location = ("overrides", index)
        if rule.id in seen:
            yield (*place, "id"), f"override {rule.id!r} is stated twice"
        seen.add(rule.id)
        if rule.domain is not None and rule.domain not in framework.domains:
            yield (*place, "domain"), f"there is no domain {rule.domain!r}"
        if rule.not_better_than > last:
            yield (*place, "not_better_than"), f"there are only {last} segments"
        when = rule.when
        if (when.metric is None) == (when.flag is None):
            yield (*place, "when"), "an override asks for exactly one of metric and flag"
        elif when.metric is not None:
            if when.metric not in framework.metrics:
                yield (
                    (*place, "when", "metric"),
                    f"there is no metric {when.metric!r} in this framework",
                )
            if (when.below is None) == (when.above is None):
                yield (
                    (*place, "when"),
                    "an override on a metric states exactly one of below and above",
                )
        elif when.below is not None or when.above is not None:
            yield (*place, "when"), "a flag is raised or not: leave below and above out"


def _ranking_problems(framework: Framework) -> Iterator[Problem]:
    keys = framework.ranking.by
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield ("ranking", "by", index), f"{key!r} stands twice"


def _published_problems(framework: Framework) -> Iterator[Problem]:
    published = framework.published
    if published is None:
        return
    if framework.aggregate.rounding != "before_ranking":
        yield (
            ("aggregate", "rounding"),
            "published averages are rounded: state before_ranking where they may be used",
        )
    for part in ("domain_scores", "domain_segments"):
        for domain_id in getattr(published, part):
            if domain_id not in framework.domains:
                yield ("published", part, domain_id), f"there is no domain {domain_id!r}"
