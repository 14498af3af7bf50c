"""A naive reference implementation of the methodology, to hold the engine against.

Loops over dictionaries, written from the methodology and nothing else: a framework is the plain
mapping that its YAML file states, an observation is a mapping with the fields of ``Observation``.
Numbers are exact fractions, except where a root, a logarithm or an exponential has to be taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

Spec = Mapping[str, Any]
Scores = dict[str, Fraction]

TOLERANCE = Fraction(1, 10**9)
WORST_KEY = Fraction(10**12)
"""Stands for a segment that is not there: it is ranked last."""

RESULTS = (
    "average_metric_score",
    "rank_by_average",
    "segment",
    "adjusted_segment",
    "league_rank",
)
DOMAIN_RESULTS = ("domain_scores", "domain_segments")
"""What a framework's ``published`` may name, one id each or one a domain."""


@dataclass(frozen=True)
class Figure:
    """The quarter's figure of one organisation for one id."""

    value: Fraction | None
    status: str
    unit: str | None = None
    published_rank: float | None = None
    left_out: tuple[str, ...] = ()


Figures = dict[tuple[str, str], Figure]
Number = TypeVar("Number", Fraction, Fraction | float)


def exact(number: float | str | Fraction) -> Fraction:
    """Take a number for the decimal that it is written as, not for its binary neighbour."""
    return number if isinstance(number, Fraction) else Fraction(str(number))


def maybe_exact(number: float | str | None) -> Fraction | None:
    return None if number is None else exact(number)


# The quarter's value


def months_of(period: str) -> tuple[int, int]:
    """Count the first and the last month of 2025-04, 2025Q2 or 2025Q2 to 2026Q1 from year 0."""
    first, _, last = period.partition(" to ")
    return _months(first)[0], _months(last or first)[1]


def _months(text: str) -> tuple[int, int]:
    if "Q" in text:
        year, number = text.split("Q")
        start = 12 * int(year) + 3 * (int(number) - 1)
        return start, start + 2
    year, month = text.split("-")
    return 12 * int(year) + int(month) - 1, 12 * int(year) + int(month) - 1


def quarter_figures(observations: Iterable[Spec], framework: Spec, quarter: str) -> Figures:
    """Make one figure for each organisation and id out of whole-quarter rows or of months."""
    first, last = months_of(quarter)
    whole: dict[tuple[str, str], list[Spec]] = {}
    monthly: dict[tuple[str, str], list[Spec]] = {}
    for row in observations:
        key = (row["metric_id"], row["org_code"])
        start, end = months_of(row["period"])
        if start <= first and last <= end:
            whole.setdefault(key, []).append(row)
        elif start == end and first <= start <= last:
            monthly.setdefault(key, []).append(row)

    figures: Figures = {}
    for key, rows in whole.items():
        figures[key] = _stated_figure(min(rows, key=_length_then_newest), _metric(framework, key))
    for key, rows in monthly.items():
        metric = _metric(framework, key)
        if key in whole or not metric:
            continue
        of_all = [
            row
            for other, own in monthly.items()
            if other[0] == key[0] and other not in whole
            for row in own
        ]
        own_rows = sorted(rows, key=_start)
        if metric["basis"] in ("sum", "mean"):
            periods = {row["period"] for row in of_all}
            figures[key] = _combined_figure(own_rows, metric, periods)
        elif metric["basis"] == "latest" and _start(own_rows[-1]) == max(map(_start, of_all)):
            figures[key] = _stated_figure(own_rows[-1], metric)
    return figures


def _metric(framework: Spec, key: tuple[str, str]) -> Spec:
    found: Spec = framework["metrics"].get(key[0], {})
    return found


def _start(row: Spec) -> int:
    return months_of(row["period"])[0]


def _length_then_newest(row: Spec) -> tuple[int, int]:
    first, last = months_of(row["period"])
    return last - first, -first


def _status(row: Spec) -> str:
    return row.get("status") or "reported"


def _row_value(row: Spec, metric: Spec) -> Fraction | None:
    """Give a row's value before unit conversion: the one stated, else from its counts."""
    if row.get("value") is not None:
        return exact(row["value"])
    numerator, denominator = row.get("numerator"), row.get("denominator")
    if numerator is None or not denominator:
        return None
    return exact(metric.get("per", 1)) * exact(numerator) / exact(denominator)


def _stated_figure(row: Spec, metric: Spec) -> Figure:
    status, value = _status(row), None
    if status == "reported":
        value = _row_value(row, metric)
        if value is None:
            status = "not_applicable"
        else:
            value /= exact(metric.get("divide_by", 1))
    return Figure(value, status, row.get("unit"), row.get("published_rank"))


def _combined_figure(rows: list[Spec], metric: Spec, periods: set[str]) -> Figure:
    """Put months together; one that is not reported, or that only others have, is left out."""
    reported = [row for row in rows if _status(row) == "reported"]
    left_out = tuple(sorted(periods - {row["period"] for row in reported}))
    unit = rows[0].get("unit")
    if not reported:
        return Figure(None, _status(rows[-1]), unit, left_out=left_out)
    above = below = Fraction(0)
    for row in reported:
        numerator, denominator = row.get("numerator"), maybe_exact(row.get("denominator"))
        if not denominator:
            continue
        if metric["basis"] == "mean" and row.get("value") is not None:
            above += exact(row["value"]) * denominator
            below += denominator
        elif numerator is not None:
            above += exact(metric.get("per", 1)) * exact(numerator)
            below += denominator
    if not below:
        return Figure(None, "not_applicable", unit, left_out=left_out)
    value = above / below / exact(metric.get("divide_by", 1))
    return Figure(value, "reported", unit, left_out=left_out)


# Metric scores


@dataclass(frozen=True)
class Chosen:
    """The score that stands, and whether it is the published one."""

    score: Fraction
    is_published: bool = False


def chosen_scores(
    framework: Spec, figures: Figures, peer_groups: Mapping[str, str], source: str = "auto"
) -> dict[str, dict[str, Chosen]]:
    """Score every metric; an organisation without a score is not in the metric's scores.

    A matrix comes after the metrics that it combines.
    """
    chosen: dict[str, dict[str, Chosen]] = {}
    is_matrix = {
        id_: metric["scoring"]["method"] == "matrix" for id_, metric in framework["metrics"].items()
    }
    for metric_id in sorted(is_matrix, key=lambda id_: is_matrix[id_]):
        scores = computed_scores(
            metric_id, framework, figures, peer_groups=peer_groups, chosen=chosen, source=source
        )
        chosen[metric_id] = {org: Chosen(score) for org, score in scores.items()}
        chosen[metric_id] |= _published_that_stand(
            metric_id, scores, framework, figures, peer_groups=peer_groups, source=source
        )
    return chosen


def computed_scores(
    metric_id: str,
    framework: Spec,
    figures: Figures,
    *,
    peer_groups: Mapping[str, str],
    chosen: Mapping[str, Mapping[str, Chosen]],
    source: str,
) -> Scores:
    """Score a metric from its values, or by a matrix from the scores that are chosen already."""
    metric = framework["metrics"][metric_id]
    if metric["scoring"]["method"] == "matrix":
        parts = {id_: {org: one.score for org, one in part.items()} for id_, part in chosen.items()}
        return combined_scores(metric["scoring"], parts)
    reported = {
        org: figure
        for (id_, org), figure in figures.items()
        if id_ == metric_id and figure.value is not None and org in peer_groups
    }
    # Only under auto does a published score tell on which side of a bound a value was.
    settling = published_scores(metric, figures, peer_groups) if source == "auto" else {}
    scores: Scores = {}
    units = metric.get("scoring_of_unit", {})
    for unit, scoring in [(None, metric["scoring"]), *units.items()]:
        stated_in_it = {
            org: figure
            for org, figure in reported.items()
            if (figure.unit if figure.unit in units else None) == unit
        }
        for pool in pools(metric, stated_in_it, peer_groups):
            scores |= score_pool(
                scoring, metric, pool, peer_groups, framework=framework, settling=settling
            )
    return scores


def pools(
    metric: Spec, figures: Mapping[str, Figure], peer_groups: Mapping[str, str]
) -> Iterator[dict[str, Figure]]:
    """Divide those that report a metric into the pools that it is scored in."""
    pool = metric.get("pool", "all")
    if pool == "all":
        yield dict(figures)
    elif pool == "peer_group":
        for group in sorted({peer_groups[org] for org in figures}):
            yield {org: figure for org, figure in figures.items() if peer_groups[org] == group}
    else:
        yield {
            org: figure
            for org, figure in figures.items()
            if peer_groups[org] in pool["peer_groups"] or org in pool.get("include", ())
        }


def score_pool(
    scoring: Spec,
    metric: Spec,
    pool: Mapping[str, Figure],
    peer_groups: Mapping[str, str],
    *,
    framework: Spec,
    settling: Mapping[str, Fraction],
    shared_rank: str = "best",
) -> Scores:
    """Score the members of one pool by the method that the framework names.

    ``settling`` are published scores: a value printed on a standard or a floor was on the side of
    it that its published score says. Those who share a value share its best rank, or its worst.
    """
    if not pool:
        return {}
    sign = -1 if metric["polarity"] == "higher_is_better" else 1
    values = {org: figure.value for org, figure in pool.items() if figure.value is not None}
    # Turned so that less is better, whatever the polarity.
    costs = {org: sign * value for org, value in values.items()}
    best, worst = exact(framework["scale"]["best"]), exact(framework["scale"]["worst"])

    def cost_of(bound: float) -> Fraction:
        return sign * exact(bound)

    def at(share: Fraction | int) -> Fraction:
        return best + (worst - best) * min(max(share, 0), 1)

    def spread(some: Scores, first: Fraction, last: Fraction) -> Scores:
        steps = max(len(some) - 1, 1)
        return {
            org: at(first) + (at(last) - at(first)) * (place - 1) / steps
            for org, place in places(some).items()
        }

    def places(some: Scores) -> dict[str, int]:
        """Rank by competition; a tie within one peer group is broken by the published ranks."""
        alike: dict[Fraction, list[str]] = {}
        for org, cost in some.items():
            alike.setdefault(cost, []).append(org)
        found, better = {}, 0
        for _, tied in sorted(alike.items()):
            ranks = [pool[org].published_rank for org in tied]
            known = [rank for rank in ranks if rank is not None]
            is_told = len(known) == len(tied) and len({peer_groups[org] for org in tied}) == 1
            shared = len(tied) - 1 if shared_rank == "worst" else 0
            for org, rank in zip(tied, ranks, strict=True):
                ahead = sum(1 for other in known if rank is not None and other < rank)
                found[org] = 1 + better + (ahead if is_told else shared)
            better += len(tied)
        return found

    def meets(cost: Fraction, bound: float) -> bool:
        return cost <= cost_of(bound) + TOLERANCE

    def met_standard(org: str, standard: float) -> bool:
        if org in settling and abs(costs[org] - cost_of(standard)) <= TOLERANCE:
            return settling[org] == best
        return meets(costs[org], standard)

    def failed_floor(org: str, floor: float) -> bool:
        if org in settling and abs(costs[org] - cost_of(floor)) <= TOLERANCE:
            return settling[org] == worst
        return not meets(costs[org], floor)

    zero, third, two_thirds, one = (Fraction(n, 3) for n in range(4))
    match scoring["method"]:
        case "rank":
            return spread(costs, zero, one)
        case "standard" | "floor":
            standard, floor = scoring.get("standard"), scoring.get("floor")
            met = {org for org in costs if standard is not None and met_standard(org, standard)}
            failed = {org for org in costs if floor is not None and failed_floor(org, floor)}
            between = {org: cost for org, cost in costs.items() if org not in met | failed}
            first = zero if standard is None else third
            last = one if floor is None else two_thirds
            return (
                dict.fromkeys(met, best)
                | dict.fromkeys(failed, worst)
                | spread(between, first, last)
            )
        case "bands":
            return {org: _banded(scoring, cost, meets) for org, cost in costs.items()}
        case "published":
            return values
        case "min_max":
            return {org: at(_min_max_share(scoring, org, costs, sign)) for org in costs}
        case "z_score":
            return {org: at(_z_score_share(scoring, org, costs)) for org in costs}
        case "percentile":
            return {org: at(_percentile_share(org, costs)) for org in costs}
        case "target":
            target, limit = cost_of(scoring["target"]), cost_of(scoring["limit"])
            return {org: at((cost - target) / (limit - target)) for org, cost in costs.items()}
        case method:
            raise ValueError(method)


def _banded(scoring: Spec, cost: Fraction, meets: Callable[[Fraction, float], bool]) -> Fraction:
    for band in scoring["bands"]:
        bound = band["at_least"] if band.get("at_least") is not None else band["at_most"]
        if meets(cost, bound):
            return exact(band["score"])
    return exact(scoring["otherwise"])


def _min_max_share(scoring: Spec, org: str, costs: Scores, sign: int) -> Fraction | int:
    stated = [scoring.get("upper"), scoring.get("lower")][::-sign]
    best, worst = (None if bound is None else sign * exact(bound) for bound in stated)
    cheapest = min(costs.values()) if best is None else best
    dearest = max(costs.values()) if worst is None else worst
    if cheapest < dearest:
        return (costs[org] - cheapest) / (dearest - cheapest)
    # All are equal, or all lie beyond the one goalpost that is stated and are held at it.
    return 1 if worst is not None and costs[org] > worst else 0


def _z_score_share(scoring: Spec, org: str, costs: Scores) -> Fraction:
    mean = sum(costs.values(), Fraction(0)) / len(costs)
    variance = sum(((cost - mean) ** 2 for cost in costs.values()), Fraction(0)) / len(costs)
    if variance == 0:
        return Fraction(1, 2)
    deviations = (costs[org] - mean) / Fraction(math.sqrt(variance))
    return Fraction(1, 2) + deviations / (2 * exact(scoring.get("spread", 3)))


def _percentile_share(org: str, costs: Scores) -> Fraction:
    better = sum(1 for cost in costs.values() if cost < costs[org])
    tied = sum(1 for cost in costs.values() if cost == costs[org])
    mean_rank = better + Fraction(tied + 1, 2)
    return (mean_rank - Fraction(1, 2)) / len(costs)


def combined_scores(scoring: Spec, scores: Mapping[str, Scores]) -> Scores:
    table, combined = scoring["scores"], {}
    for org, row in scores[scoring["rows"]].items():
        column = scores[scoring["columns"]].get(org)
        if column is None or row.denominator != 1 or column.denominator != 1:
            continue
        if 1 <= row <= len(table) and 1 <= column <= len(table[0]):
            combined[org] = exact(table[int(row) - 1][int(column) - 1])
    return combined


# Published scores


def published_scores(metric: Spec, figures: Figures, peer_groups: Mapping[str, str]) -> Scores:
    """Give a metric's scores as they are printed."""
    return {
        org: figure.value
        for (id_, org), figure in figures.items()
        if id_ == metric.get("published_score") and figure.value is not None and org in peer_groups
    }


def _published_that_stand(
    metric_id: str,
    computed: Scores,
    framework: Spec,
    figures: Figures,
    *,
    peer_groups: Mapping[str, str],
    source: str,
) -> dict[str, Chosen]:
    """Take the published score where it is forced, or where the computed one is not its origin.

    A score among others of whom some are missing cannot be computed: it stands as it is printed.
    """
    metric = framework["metrics"][metric_id]
    published = published_scores(metric, figures, peer_groups)
    decimals = framework["scale"].get("decimals", 2)
    unrounded = _unrounded(metric_id, published, framework, figures, peer_groups)
    loaded = loaded_organisations(framework, figures, peer_groups)
    standing = {}
    for org, score in published.items():
        agrees = org in computed and _could_round_to(computed[org], score, decimals)
        if hangs_on_others(metric) and not is_whole(metric, peer_groups[org], framework, loaded):
            standing[org] = Chosen(score, is_published=True)
        elif source == "published" or (source == "auto" and not agrees):
            standing[org] = Chosen(unrounded.get(org, score), is_published=True)
    return standing


def hangs_on_others(metric: Spec) -> bool:
    """Say whether another organisation's value can move the score."""
    scoring = metric["scoring"]
    if scoring["method"] == "min_max":
        return scoring.get("lower") is None or scoring.get("upper") is None
    return scoring["method"] not in ("bands", "matrix", "published", "target")


def _unrounded(
    metric_id: str,
    published: Scores,
    framework: Spec,
    figures: Figures,
    peer_groups: Mapping[str, str],
) -> Scores:
    """Recover the exact scores from the grids of those that are ranked together."""
    metric, found = framework["metrics"][metric_id], {}
    units, decimals = metric.get("scoring_of_unit", {}), framework["scale"].get("decimals", 2)
    ranked = {
        org: Figure(score, "reported")
        for org, score in published.items()
        if (metric_id, org) not in figures or figures[metric_id, org].unit not in units
    }
    for pool in pools(metric, ranked, peer_groups):
        members = {org: published[org] for org in pool}
        found.update(_on_grid(members, metric["scoring"], framework["scale"], decimals))
    return found


def loaded_organisations(
    framework: Spec, figures: Figures, peer_groups: Mapping[str, str]
) -> dict[str, str]:
    """Give the organisations of which a metric or its score is loaded, with their peer groups.

    One of which only a flag or a published result is loaded is not among them.
    """
    ids = {
        *framework["metrics"],
        *(m.get("published_score") for m in framework["metrics"].values()),
    }
    return {org: peer_groups[org] for id_, org in figures if id_ in ids and org in peer_groups}


def is_whole(metric: Spec, group: str, framework: Spec, loaded: Mapping[str, str]) -> bool:
    """Say whether nobody is missing of the pool that an organisation of the group is scored in."""
    expected, pool = _expected_organisations(framework), metric.get("pool", "all")
    groups, included = set(expected), set[str]()
    if pool == "peer_group":
        groups = {group}
    elif pool != "all":
        groups, included = set(pool["peer_groups"]), set(pool.get("include", ()))
    there = list(loaded.values())
    has_groups = all(there.count(one) >= expected.get(one, 0) for one in groups)
    return has_groups and (not expected or included <= set(loaded))


def is_short(framework: Spec, count: int) -> bool:
    """Say whether fewer organisations are there than the framework expects."""
    return count < sum(_expected_organisations(framework).values())


def _expected_organisations(framework: Spec) -> Mapping[str, int]:
    expected: Mapping[str, int] = framework.get("peer_groups", {}).get("expected_organisations", {})
    return expected


def _could_round_to(score: Fraction, published: Fraction, decimals: int) -> bool:
    return abs(score - published) <= Fraction(1, 2 * 10**decimals) + TOLERANCE


def _on_grid(published: Scores, scoring: Spec, scale: Spec, decimals: int) -> Scores:
    """Find each score's place on the grid of the ranks, and so its unrounded value."""
    grids = {
        ("rank", False): (0, 3, ()),
        ("standard", False): (1, 3, (0,)),
        ("standard", True): (1, 2, (0, 3)),
        ("floor", True): (0, 2, (3,)),
    }
    grid = grids.get((scoring["method"], scoring.get("floor") is not None))
    if grid is None:
        return {}
    best, worst = exact(scale["best"]), exact(scale["worst"])
    low, high = (best + (worst - best) * Fraction(third, 3) for third in grid[:2])
    fixed = {best + (worst - best) * Fraction(third, 3) for third in grid[2]}
    ranked = {org: score for org, score in published.items() if score not in fixed}
    steps = max(len(ranked) - 1, 1)
    found = {}
    for org, score in ranked.items():
        rank = 1 + round((score - low) * steps / (high - low))
        candidate = low + (rank - 1) * (high - low) / steps
        if _could_round_to(candidate, score, decimals):
            found[org] = candidate
    return found


def _published_if_close(
    computed: Fraction | None, result_id: str | None, org: str, framework: Spec, figures: Figures
) -> Fraction | None:
    """Use the published figure where the recomputed one is within the tolerance of it."""
    figure = figures.get((result_id or "", org))
    if computed is None or figure is None or figure.value is None:
        return computed
    tolerance = exact(framework["published"].get("tolerance", 0.01))
    return figure.value if abs(computed - figure.value) <= tolerance + TOLERANCE else computed


# Means and rounding


def weighted_mean(scores: Iterable[tuple[Fraction, Any]], kind: str) -> Fraction | None:
    """Take the weighted mean of the scores that are there."""
    pairs = [(score, exact(weight)) for score, weight in scores]
    if not pairs:
        return None
    total = sum((weight for _, weight in pairs), Fraction(0))
    if kind == "geometric":
        logs = sum(float(weight) * math.log(score) for score, weight in pairs)
        return Fraction(math.exp(logs / float(total)))
    if kind == "harmonic":
        return total / sum((weight / score for score, weight in pairs), Fraction(0))
    return sum((weight * score for score, weight in pairs), Fraction(0)) / total


def rounded(number: Fraction | None, decimals: int) -> Fraction | None:
    """Round half away from zero; what is within the tolerance of a half is the half."""
    if number is None:
        return None
    unit = 10**decimals
    size = math.floor((abs(number) + TOLERANCE) * unit + Fraction(1, 2))
    return Fraction(size if number >= 0 else -size, unit)


def quartiles(numbers: Iterable[Fraction]) -> list[Fraction] | None:
    """Cut at the quartiles by linear interpolation; fewer than four numbers have none."""
    ordered = sorted(numbers)
    if len(ordered) < 4:
        return None
    cuts = []
    for share in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
        place = (len(ordered) - 1) * share
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        cuts.append(ordered[below] + (ordered[above] - ordered[below]) * (place - below))
    return cuts


# The league


def standings(
    observations: Iterable[Spec],
    peer_groups: Mapping[str, str],
    framework: Spec,
    quarter: str,
    source: str = "auto",
) -> dict[str, dict[str, Any]]:
    """Score and rank; the result has the names of the standings' columns."""
    figures = quarter_figures(observations, framework, quarter)
    overrides = framework.get("overrides", ())
    published = framework.get("published") or {}
    asked = {*framework["metrics"], *(rule["when"].get("flag") for rule in overrides)}
    asked |= {metric.get("published_score") for metric in framework["metrics"].values()}
    asked |= {published.get(name) for name in RESULTS}
    asked |= {id_ for name in DOMAIN_RESULTS for id_ in published.get(name, {}).values()}
    present = {org for id_, org in figures if id_ in asked}
    groups = {org: group for org, group in peer_groups.items() if org in present}
    chosen = chosen_scores(framework, figures, groups, source)
    rows = {org: _scored_row(org, groups[org], framework, chosen) for org in groups}
    for org, row in rows.items():
        if source != "computed":
            _let_published_average_stand(row, org, framework, figures)
        if source == "auto":
            _use_published_results(row, org, framework, figures)
    loaded = len(loaded_organisations(framework, figures, groups))
    _add_domain_segments(rows, framework, figures, loaded)
    _add_segments(rows, framework, figures)
    for org, row in rows.items():
        applying = [rule for rule in overrides if _applies(rule, org, framework, figures)]
        row["overrides"] = ";".join(rule["id"] for rule in applying) or None
        row["adjusted_segment"] = row["segment"]
        if row["segment"] is not None:
            held = [rule["not_better_than"] for rule in applying]
            row["adjusted_segment"] = max([row["segment"], *held])
    _add_ranks(rows, framework)
    return rows


def published_result(result_id: str | None, org: str, figures: Figures) -> Fraction | None:
    """Give a published figure; none where there is none."""
    figure = figures.get((result_id or "", org))
    return None if figure is None else figure.value


def _let_published_average_stand(
    row: dict[str, Any], org: str, framework: Spec, figures: Figures
) -> None:
    """Take the published average of an organisation of which no metric is scored."""
    result_id = (framework.get("published") or {}).get("average_metric_score")
    average = published_result(result_id, org, figures)
    if row["metrics_scored"] == 0 and average is not None:
        row["composite"] = average
        row["average_metric_score"] = rounded(average, framework["scale"].get("decimals", 2))
        row["average_is_published"] = True


def _use_published_results(
    row: dict[str, Any], org: str, framework: Spec, figures: Figures
) -> None:
    published = framework.get("published") or {}
    ids = {f"domain_score_{id_}": of for id_, of in published.get("domain_scores", {}).items()}
    for name in ids.keys() & row.keys():
        row[name] = _published_if_close(row[name], ids[name], org, framework, figures)
    result_id, computed = published.get("average_metric_score"), row["average_metric_score"]
    row["average_metric_score"] = _published_if_close(computed, result_id, org, framework, figures)
    row["average_is_published"] |= row["average_metric_score"] != computed


def _counted(framework: Spec) -> dict[str, Spec]:
    return {id_: m for id_, m in framework["metrics"].items() if m.get("counts", True)}


def _scored_row(
    org: str, group: str, framework: Spec, chosen: Mapping[str, Mapping[str, Chosen]]
) -> dict[str, Any]:
    rule = framework.get("aggregate", {})
    kind, decimals = rule.get("mean", "arithmetic"), framework["scale"].get("decimals", 2)
    counted = _counted(framework)
    own = {id_: chosen[id_][org].score for id_ in counted if org in chosen[id_]}
    row: dict[str, Any] = {"peer_group": group}
    for id_, metric in framework["metrics"].items():
        one = chosen[id_].get(org)
        row[f"score:{id_}"] = None if one is None else one.score
        if chosen[id_] and metric.get("published_score") is not None:
            row[f"score_is_published:{id_}"] = one is not None and one.is_published

    domain_means = {}
    for domain in framework["domains"]:
        members = [id_ for id_ in counted if counted[id_]["domain"] == domain]
        if not members:
            continue
        pairs = [(own[id_], counted[id_].get("weight", 1)) for id_ in members if id_ in own]
        mean = weighted_mean(pairs, kind)
        row[f"domain_score_{domain}"] = rounded(mean, decimals)
        if mean is not None:
            domain_means[domain] = mean

    if rule.get("over", "metrics") == "metrics":
        pairs = [(score, counted[id_].get("weight", 1)) for id_, score in own.items()]
    else:
        pairs = [
            (mean, _domain_weight(framework["domains"][domain]))
            for domain, mean in domain_means.items()
        ]
    expected = [
        id_
        for id_, metric in counted.items()
        if metric.get("expected_of") is None or group in metric["expected_of"]
    ]
    lacks = [id_ for id_ in expected if id_ not in own]
    is_ranked = len(own) >= rule.get("min_metrics", 1)
    if rule.get("missing", "reweight") == "require_all" and lacks:
        is_ranked = False
    row["metrics_scored"] = len(own)
    row["metrics_expected"] = len({*expected, *own})
    row["composite"] = weighted_mean(pairs, kind) if is_ranked else None
    row["average_metric_score"] = rounded(row["composite"], decimals)
    row["average_is_published"] = False
    return row


def _domain_weight(domain: Any) -> Any:
    return domain.get("weight", 1) if isinstance(domain, Mapping) else 1


def _badness(framework: Spec, number: Number) -> Number:
    """Turn a score so that less is better, whatever the scale; and back again."""
    scale = framework["scale"]
    return number if scale["best"] < scale["worst"] else -number


def _key(framework: Spec, row: Spec) -> Fraction | None:
    """Give what is cut into segments and ranked: the rounded average, or the composite."""
    rule = framework.get("aggregate", {})
    composite, average = row["composite"], row["average_metric_score"]
    if composite is None:
        return None
    # A logarithm or a root leaves noise, which must not part what is equal.
    is_rounded = rule.get("rounding", "after_ranking") == "before_ranking"
    key: Fraction = average if is_rounded else round(composite, 9)
    return _badness(framework, key)


def _segment(number: Fraction, cuts: Sequence[Fraction | float] | None) -> int | None:
    if cuts is None:
        return None
    return 1 + sum(1 for cut in cuts if number > cut + TOLERANCE)


def told_cuts(
    score_id: str | None,
    segment_id: str | None,
    organisations: Iterable[str],
    framework: Spec,
    figures: Figures,
) -> list[Fraction | float] | None:
    """Tell cut points by published segments: the worst score in each segment or a better one.

    Everybody is beyond a cut point of which no score tells. None without scores or segments.
    """
    scores = {org: published_result(score_id, org, figures) for org in organisations}
    segments = {org: published_result(segment_id, org, figures) for org in scores}
    if set(scores.values()) <= {None} or set(segments.values()) <= {None}:
        return None
    cuts: list[Fraction | float] = []
    for place in (1, 2, 3):
        within = [
            _badness(framework, score)
            for org, score in scores.items()
            if score is not None and (segment := segments[org]) is not None and segment <= place
        ]
        cuts.append(max(within, default=-math.inf))
    return cuts


def _add_domain_segments(
    rows: Mapping[str, dict[str, Any]], framework: Spec, figures: Figures, loaded: int
) -> None:
    published = framework.get("published") or {}
    score_ids, segment_ids = (published.get(name, {}) for name in DOMAIN_RESULTS)
    for domain in framework["domains"]:
        name = f"domain_score_{domain}"
        have = {
            org: _badness(framework, row[name])
            for org, row in rows.items()
            if row.get(name) is not None
        }
        cuts: Sequence[Fraction | float] | None = quartiles(have.values())
        if is_short(framework, loaded):
            told = told_cuts(
                score_ids.get(domain), segment_ids.get(domain), rows, framework, figures
            )
            cuts = cuts if told is None else told
        for org, row in rows.items():
            if name in row:
                row[f"domain_segment_{domain}"] = _segment(have[org], cuts) if org in have else None


def _add_segments(rows: Mapping[str, dict[str, Any]], framework: Spec, figures: Figures) -> None:
    rule, published = framework["segments"], framework.get("published") or {}
    keys = {org: _key(framework, row) for org, row in rows.items()}
    ranked = {org: key for org, key in keys.items() if key is not None}
    told = None
    is_pooled = rule["method"] == "quartiles" and rule.get("pool", "all") == "all"
    if is_pooled and is_short(framework, len(ranked)):
        ids = published.get("average_metric_score"), published.get("segment")
        told = told_cuts(*ids, rows, framework, figures)
    for org, row in rows.items():
        cuts: Sequence[Fraction | float] | None = told
        if rule["method"] == "thresholds":
            cuts = [_badness(framework, exact(bound)) for bound in rule["upper_bounds"]]
        elif told is None:
            cuts = quartiles(
                key
                for other, key in ranked.items()
                if is_pooled or rows[other]["peer_group"] == row["peer_group"]
            )
        row["segment"] = _segment(ranked[org], cuts) if org in ranked else None
        row["cuts_are_published"] = told is not None
        for place, cut in enumerate(cuts or (), start=1):
            row[f"cut_point:{place}"] = _badness(framework, cut)


def _applies(rule: Spec, org: str, framework: Spec, figures: Figures) -> bool:
    when = rule["when"]
    figure = figures.get((when.get("flag") or when["metric"], org))
    if figure is None or figure.value is None:
        return False
    if when.get("flag") is not None:
        return figure.value == 1
    if figure.unit in framework["metrics"][when["metric"]].get("scoring_of_unit", {}):
        return False
    if when.get("below") is not None:
        return figure.value < exact(when["below"]) - TOLERANCE
    return figure.value > exact(when["above"]) + TOLERANCE


def _add_ranks(rows: Mapping[str, dict[str, Any]], framework: Spec) -> None:
    rule = framework.get("ranking", {})
    by = rule.get("by", ("adjusted_segment", "average_metric_score"))
    keys: dict[str, tuple[Fraction, ...]] = {}
    for org, row in rows.items():
        average = _key(framework, row)
        if average is None:
            continue
        keys[org] = tuple(
            average
            if name == "average_metric_score"
            else (WORST_KEY if row[name] is None else Fraction(row[name]))
            for name in by
        )
    for org, row in rows.items():
        rivals = [
            other
            for other in keys
            if rule.get("within", "peer_group") == "all"
            or rows[other]["peer_group"] == row["peer_group"]
        ]
        row["rank"] = row["rank_of"] = None
        if org in keys:
            row["rank"] = 1 + sum(1 for other in rivals if keys[other] < keys[org])
            row["rank_of"] = len(rivals)
