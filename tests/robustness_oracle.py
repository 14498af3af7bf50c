"""Naive robustness: replicates of a league taken one by one, in loops over plain numbers.

Only draws of random numbers are the engine's own. What a replicate is made of, where it places
each organisation, and what all replicates tell is worked out here anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from nhs_league.analysis.robustness.arrays import LeagueArrays
from nhs_league.analysis.robustness.redrawing import redrawn_metrics, streams_of, values_of
from nhs_league.analysis.robustness.resampling import metrics_drawn
from nhs_league.framework.model import Framework, QuartileSegments, ThresholdSegments
from nhs_league.league import League
from tests import oracle
from tests.support import (
    QUARTER,
    assert_rows,
    framework,
    league,
    peer_groups_of,
    read_table,
    score_metric,
    standings,
    table_observations,
)

TAIL = Fraction(1, 40)
NO_SEGMENT_KEY = 10**6
"""Stands for a segment that is not there: it is ranked last."""

TABLE = """
trust | type   | a   | b   | c   | d   | deficit
AA    | Acute  | 1   | 1.5 | 2   | 1   | 1
BB    | Acute  | 1.5 | 1   | 1   | 3   | 0
CC    | Acute  | 2   | 4   | 2.5 | 2   | 0
DD    | Acute  | 3   | 3   | 3   | 3   | 0
EE    | Acute  | 4   | 2   | -   | 1   | 1
FF    | Acute  | 2.5 | -   | -   | 1.5 | 0
GG    | Mental | 1   | 4   | 1   | 4   | 0
HH    | Mental | 2   | 2   | 2   | 2   | 0
JJ    | Mental | 3   | 1   | 3   | 3.5 | 0
KK    | Mental | -   | 2   | -   | -   | 0
"""
METRICS = {
    "a": score_metric(weight=2.0),
    "b": score_metric(),
    "c": score_metric(domain="safety", weight=0.5),
    "d": score_metric(domain="safety", weight=3.0),
}
DOMAINS = {"access": {"title": "Access", "weight": 3.0}, "safety": "Safety"}
DEFICIT = {
    "id": "deficit",
    "title": "Deficit",
    "when": {"flag": "deficit"},
    "not_better_than": 3,
}


def weighed(**changes: Any) -> dict[str, Any]:
    """State a framework of four metrics in two domains, all of other weights."""
    return framework(METRICS, **({"domains": DOMAINS, "overrides": [DEFICIT]} | changes))


Row = Mapping[str, Any]
Scored = tuple[str, float]
"""A metric and its score."""


@dataclass(frozen=True)
class Place:
    """Where an organisation stands in one replicate: nothing where it is not ranked."""

    average: Fraction | None
    segment: int | None
    rank: int | None


Replicate = dict[str, Place]


def league_of(spec: Mapping[str, Any], table: str) -> League:
    """Score a table of trusts in plain text."""
    rows = read_table(table)
    return league(spec, table_observations(spec, rows), peer_groups_of(rows))


def ranked_rows(table: League) -> dict[str, dict[str, Any]]:
    """Give the standings of the organisations that are ranked."""
    return {org: row for org, row in standings(table).items() if row["rank"] is not None}


def own_scores(framework: Framework, row: Row) -> list[Scored]:
    """List the metrics that count and that an organisation has, in the framework's order."""
    ids = [id_ for id_, metric in framework.metrics.items() if metric.counts]
    return [(id_, row[f"score:{id_}"]) for id_ in ids if row[f"score:{id_}"] is not None]


def weighted_mean(pairs: Sequence[tuple[float, float]], kind: str) -> float | None:
    """Take the weighted mean of the scores that weigh anything."""
    pairs = [(score, weight) for score, weight in pairs if weight > 0]
    if not pairs:
        return None
    total = math.fsum(weight for _, weight in pairs)
    if kind == "geometric":
        return math.exp(math.fsum(weight * math.log(score) for score, weight in pairs) / total)
    if kind == "harmonic":
        return total / math.fsum(weight / score for score, weight in pairs)
    return math.fsum(weight * score for score, weight in pairs) / total


def composite(
    framework: Framework,
    drawn: Iterable[Scored],
    weights: Mapping[str, float] | None = None,
    domain_weights: Mapping[str, float] | None = None,
) -> float | None:
    """Take the framework's mean of scores, of which one may come several times."""
    metrics, rule, drawn = framework.metrics, framework.aggregate, list(drawn)

    def weight(id_: str) -> float:
        return metrics[id_].weight if weights is None else weights[id_]

    if rule.over == "metrics":
        return weighted_mean([(score, weight(id_)) for id_, score in drawn], rule.mean)
    means = []
    for domain in framework.domains:
        members = [(id_, score) for id_, score in drawn if metrics[id_].domain == domain]
        mean = weighted_mean([(score, weight(id_)) for id_, score in members], rule.mean)
        if mean is not None:
            stated = framework.domain(domain).weight
            means.append((mean, stated if domain_weights is None else domain_weights[domain]))
    return weighted_mean(means, rule.mean)


def ranked_average(framework: Framework, row: Row, value: float | None) -> Fraction | None:
    """Round a composite as the framework does before it ranks, and shift it to what is printed."""
    if row["metrics_scored"] == 0:
        return Fraction(row["average_metric_score"])
    if value is None:
        return None
    if framework.aggregate.rounding == "after_ranking":
        return round(Fraction(value), 9)
    decimals = framework.scale.decimals
    average = oracle.rounded(Fraction(value), decimals)
    own = oracle.rounded(Fraction(row["composite"]), decimals)
    shift = Fraction(row["average_metric_score"]) - own
    return round(average + shift, decimals)


def floor_of(framework: Framework, row: Row) -> int:
    """Give the best segment that the overrides named in a row allow."""
    named = (row["overrides"] or "").split(";")
    return max(
        (rule.not_better_than for rule in framework.overrides if rule.id in named), default=1
    )


def groups_of(framework: Framework, rows: Mapping[str, Row], *, within: bool) -> list[list[str]]:
    """List the codes of each peer group, or of all together."""
    if not within:
        return [list(rows)]
    names = dict.fromkeys(row["peer_group"] for row in rows.values())
    return [[org for org, row in rows.items() if row["peer_group"] == name] for name in names]


def ranking_groups(table: League) -> list[list[str]]:
    """List the codes of the organisations that are ranked together."""
    within = table.framework.ranking.within == "peer_group"
    return groups_of(table.framework, ranked_rows(table), within=within)


def cuts_of(
    framework: Framework,
    rows: Mapping[str, Row],
    averages: Mapping[str, Fraction | None],
    *,
    hold_cuts: bool,
) -> dict[str, list[Any] | None]:
    """Give each organisation's cut points, turned so that less is better; none without any."""
    segments = framework.segments
    is_published = any(row["cuts_are_published"] for row in rows.values())
    if hold_cuts or is_published or isinstance(segments, ThresholdSegments):
        count = len(segments.upper_bounds) if isinstance(segments, ThresholdSegments) else 3
        names = [f"cut_point:{place}" for place in range(1, count + 1)]
        return {
            org: None
            if any(row[name] is None for name in names)
            else [_turned(framework, row[name]) for name in names]
            for org, row in rows.items()
        }
    assert isinstance(segments, QuartileSegments)
    cuts: dict[str, list[Any] | None] = {}
    for codes in groups_of(framework, rows, within=segments.pool == "peer_group"):
        pool = [_turned(framework, averages[org]) for org in codes if averages[org] is not None]
        cuts |= dict.fromkeys(codes, oracle.quartiles(pool))
    return cuts


def placed(
    framework: Framework,
    rows: Mapping[str, Row],
    averages: Mapping[str, Fraction | None],
    *,
    hold_cuts: bool,
    floors: Mapping[str, int] | None = None,
) -> Replicate:
    """Cut averages into segments, hold back whom overrides hold back, and rank."""
    cuts = cuts_of(framework, rows, averages, hold_cuts=hold_cuts)
    keys: dict[str, tuple[Any, ...]] = {}
    adjusted: dict[str, int | None] = {}
    for org, row in rows.items():
        average, own = averages[org], cuts[org]
        if average is None:
            continue
        badness = _turned(framework, average)
        segment = adjusted[org] = None
        if own is not None:
            segment = 1 + sum(1 for cut in own if badness > cut + oracle.TOLERANCE)
            floor = floor_of(framework, row) if floors is None else floors[org]
            adjusted[org] = max(segment, floor)
        key = {
            "average_metric_score": badness,
            "segment": segment or NO_SEGMENT_KEY,
            "adjusted_segment": adjusted[org] or NO_SEGMENT_KEY,
        }
        keys[org] = tuple(key[name] for name in framework.ranking.by)
    ranks: dict[str, int] = {}
    for codes in groups_of(framework, rows, within=framework.ranking.within == "peer_group"):
        ordered = sorted(keys[org] for org in codes if org in keys)
        ranks |= {org: 1 + ordered.index(keys[org]) for org in codes if org in keys}
    return {org: Place(averages[org], adjusted.get(org), ranks.get(org)) for org in rows}


def _turned(framework: Framework, number: Any) -> Any:
    if isinstance(number, float) and math.isfinite(number):
        number = Fraction(number)
    return number if framework.scale.best < framework.scale.worst else -number


def draws(table: League, seed: int, replicates: int) -> dict[str, Any]:
    """Draw each ranked organisation's metrics."""
    return {
        org: metrics_drawn(seed, org, len(own_scores(table.framework, row)), replicates)
        for org, row in ranked_rows(table).items()
        if row["metrics_scored"]
    }


def resampled(table: League, drawn: Mapping[str, Any], replicates: int) -> list[Replicate]:
    """Place the replicates of resampled metrics; ``drawn`` says which each organisation has."""
    framework, rows = table.framework, ranked_rows(table)
    scores = {org: own_scores(framework, row) for org, row in rows.items()}
    made = []
    for replicate in range(replicates):
        averages = {}
        for org, row in rows.items():
            which = [int(each[replicate]) for each in drawn[org]] if scores[org] else []
            value = composite(framework, [scores[org][place] for place in which])
            averages[org] = ranked_average(framework, row, value)
        made.append(placed(framework, rows, averages, hold_cuts=True))
    return made


def drawn_of(table: League, replicates: int, seed: int) -> dict[tuple[str, str], list[float]]:
    """Give the values drawn of each metric and organisation, where there are any."""
    codes = table.standings["org_code"].to_list()
    drawn = {}
    for one in redrawn_metrics(table):
        values = values_of(one, streams_of(one, table, seed), replicates)
        for org, row in zip(codes, values.tolist(), strict=True):
            if row[0] == row[0]:
                drawn[one.metric_id, org] = row
    return drawn


def rows_of_replicate(
    spec: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    drawn: Mapping[tuple[str, str], list[float]],
    at: int,
) -> list[dict[str, Any]]:
    """State what would have been observed, without counts and without the known order of ties."""
    stated = []
    for row in rows:
        key = row["metric_id"], row["org_code"]
        if key in drawn:
            kept = {name: row[name] for name in ("metric_id", "org_code", "period")}
            divided_by = oracle.exact(spec["metrics"][key[0]].get("divide_by", 1))
            stated.append(kept | {"value": oracle.exact(drawn[key][at]) * divided_by})
        else:
            stated.append(dict(row))
    return stated


def redrawn(
    table: League,
    spec: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    groups: Mapping[str, str],
    *,
    replicates: int,
    seed: int,
) -> list[Replicate]:
    """Score every replicate of redrawn values by the oracle, as a league of its own."""
    drawn, made, key = drawn_of(table, replicates, seed), [], key_column(table)
    for at in range(replicates):
        stated = rows_of_replicate(spec, rows, drawn, at)
        naive = oracle.standings(stated, groups, spec, QUARTER, "computed")
        made.append(
            {
                org: Place(naive[org][key], naive[org]["adjusted_segment"], naive[org]["rank"])
                for org in ranked_rows(table)
            }
        )
    return made


def key_column(table: League) -> str:
    """Name the column of the average that is ranked, rounded or not."""
    is_rounded = table.framework.aggregate.rounding == "before_ranking"
    return "average_metric_score" if is_rounded else "composite"


def percentile(numbers: Iterable[Fraction], share: Fraction) -> Fraction:
    """Take a percentile by linear interpolation between the nearest two."""
    ordered = sorted(numbers)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def smallest_reached(ranks: Iterable[int], share: Fraction) -> int:
    """Take the smallest rank that at least a share of the replicates does not exceed."""
    ordered = sorted(ranks)
    return next(
        rank
        for place, rank in enumerate(ordered, start=1)
        if Fraction(place, len(ordered)) >= share
    )


def ranges(
    table: League,
    replicates: Sequence[Replicate],
    *,
    least_metrics: int,
    tails: Mapping[str, Fraction] | None = None,
) -> dict[str, dict[str, Any]]:
    """Say what replicates tell of each organisation, by code and column."""
    standing, groups = standings(table), ranking_groups(table)
    last = last_segment(table.framework)
    told = {
        org: dict.fromkeys(_columns(last)) | {name: row[name] for name in _STANDING}
        for org, row in standing.items()
    }
    for codes in groups:
        last_ranks = [max(replicate[org].rank or 0 for org in codes) for replicate in replicates]
        for org in codes:
            if standing[org]["metrics_scored"] >= least_metrics:
                tail = TAIL if tails is None else tails[org]
                told[org] |= _told(table, replicates, org, tail, last_ranks)
    return told


_STANDING = ("rank", "average_metric_score", "peer_group")


def last_segment(framework: Framework) -> int:
    segments = framework.segments
    return len(segments.upper_bounds) + 1 if isinstance(segments, ThresholdSegments) else 4


def _columns(last: int) -> list[str]:
    shares = [f"p_segment_{segment}" for segment in range(1, max(last, 4) + 1)]
    ends = ["rank_low", "rank_high", "score_low", "score_high"]
    return [*ends, *shares, "p_first", "p_last", "expected_rank"]


def _told(
    table: League,
    replicates: Sequence[Replicate],
    org: str,
    tail: Fraction,
    last_ranks: Sequence[int],
) -> dict[str, Any]:
    own, count = [replicate[org] for replicate in replicates], len(replicates)
    decimals = table.framework.scale.decimals
    ranks = [place.rank for place in own]
    averages = [place.average for place in own]
    is_last = [rank == last_rank for rank, last_rank in zip(ranks, last_ranks, strict=True)]
    told = {
        "rank_low": smallest_reached(ranks, tail),
        "rank_high": smallest_reached(ranks, 1 - tail),
        "score_low": oracle.rounded(percentile(averages, tail), decimals),
        "score_high": oracle.rounded(percentile(averages, 1 - tail), decimals),
        "p_first": Fraction(ranks.count(1), count),
        "p_last": Fraction(sum(is_last), count),
        "expected_rank": Fraction(sum(ranks), count),
    }
    if all(place.segment is not None for place in own):
        of_each = [place.segment for place in own]
        told |= {
            f"p_segment_{segment}": Fraction(of_each.count(segment), count)
            for segment in range(1, last_segment(table.framework) + 1)
        }
    return told


def assert_is_the_table(table: League) -> None:
    """Hold that a league's own scores and weights, as arrays, give the league's own table."""
    rows = ranked_rows(table)
    if not rows:
        return
    arrays = LeagueArrays.of(table)
    averages = arrays.ranked_averages(arrays.reweighted(arrays.weights[None]))
    key = key_column(table)
    expected = {
        org: {"key": row[key], "segment": row["adjusted_segment"] or 0, "rank": row["rank"]}
        for org, row in rows.items()
    }
    assert set(arrays.org_codes) == expected.keys()
    for hold_cuts in (True, False):
        placing = arrays.place(averages, arrays.floor()[:, None], hold_cuts=hold_cuts)
        found = {
            org: {
                "key": float(placing.averages[at, 0]),
                "segment": int(placing.segments[at, 0]),
                "rank": int(placing.ranks[at, 0]),
            }
            for at, org in enumerate(arrays.org_codes)
        }
        assert_rows(found, expected)


def assert_replicates(found: Any, org_codes: Sequence[str], expected: Sequence[Replicate]) -> None:
    """Hold that arrays of averages, segments and ranks are the naive replicates, one by one."""
    wrong = []
    for at, replicate in enumerate(expected):
        for row, org in enumerate(org_codes):
            place = replicate[org]
            average, rank = found.averages[row, at], int(found.ranks[row, at])
            same = (
                math.isnan(average)
                if place.average is None
                else math.isclose(average, place.average, rel_tol=1e-9, abs_tol=2e-9)
            )
            segment = int(found.segments[row, at])
            if not same or segment != (place.segment or 0) or rank != (place.rank or 0):
                wrong.append(f"{at} {org}: {place}, got {average} {segment} {rank}")
    assert not wrong, "\n".join(wrong[:20])
