"""Random frameworks and data, small and full of ties, gaps and edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.support import ACUTE, AMBULANCE, MENTAL, METRIC

GROUPS = (ACUTE, AMBULANCE, MENTAL)
SCALES = (
    {"best": 1.0, "worst": 4.0, "decimals": 2},
    {"best": 1.0, "worst": 4.0, "decimals": 0},
    {"best": 100.0, "worst": 1.0, "decimals": 1},
    {"best": 5.0, "worst": 1.0, "decimals": 3},
)
METHODS = (
    "rank",
    "standard",
    "floor",
    "standard and floor",
    "bands",
    "published",
    "min_max",
    "min_max between goalposts",
    "z_score",
    "percentile",
    "target",
)
STATUSES = ("suppressed", "not_submitted", "not_applicable")
# A coarse grid: ties are common, values at a bound too, and no two values differ by noise alone.
GRID = st.integers(-5, 5).map(lambda step: step / 4)
WEIGHTS = st.sampled_from([0.1, 0.5, 0.7, 1.0, 2.0, 3.0])


@dataclass(frozen=True)
class Case:
    """A framework, the trusts' types, and one figure or none for each metric and trust."""

    spec: dict[str, Any]
    peer_groups: dict[str, str]
    rows: list[dict[str, Any]] = field(default_factory=list)


def scorings(method: str, *, is_higher_better: bool, scale: dict[str, Any]) -> st.SearchStrategy:
    """Draw a method's parameters, in the order that the polarity asks for."""
    sign = -1 if is_higher_better else 1
    scores = st.sampled_from(_scale_points(scale))
    # From the best to the worst: the framework refuses any other order.
    two = st.lists(GRID, min_size=2, max_size=2, unique=True).map(
        lambda bounds: sorted(bounds, key=lambda bound: sign * bound)
    )
    match method:
        case "standard":
            return st.builds(lambda bound: {"method": "standard", "standard": bound}, GRID)
        case "floor":
            return st.builds(lambda bound: {"method": "floor", "floor": bound}, GRID)
        case "standard and floor":
            return two.map(
                lambda pair: {"method": "standard", "standard": pair[0], "floor": pair[1]}
            )
        case "target":
            return two.map(lambda pair: {"method": "target", "target": pair[0], "limit": pair[1]})
        case "min_max between goalposts":
            return two.map(
                lambda pair: {"method": "min_max", "lower": min(pair), "upper": max(pair)}
            )
        case "z_score":
            return st.builds(
                lambda spread: {"method": "z_score", "spread": spread},
                st.sampled_from([0.5, 1.0, 3.0]),
            )
        case "bands":
            bound = "at_least" if is_higher_better else "at_most"
            towards_worst = 1 if scale["best"] < scale["worst"] else -1
            return st.tuples(two, st.lists(scores, min_size=3, max_size=3)).map(
                lambda drawn: _bands(
                    bound, drawn[0], sorted(drawn[1], key=lambda score: towards_worst * score)
                )
            )
        case _:
            return st.just({"method": method})


def _bands(bound: str, bounds: list[float], scores: list[float]) -> dict[str, Any]:
    bands = [{bound: at, "score": score} for at, score in zip(bounds, scores, strict=False)]
    return {"method": "bands", "bands": bands, "otherwise": scores[-1]}


def _scale_points(scale: dict[str, Any]) -> list[float]:
    low, high = sorted((scale["best"], scale["worst"]))
    return [low + (high - low) * step / 4 for step in range(5)]


@st.composite
def metrics(
    draw: st.DrawFn, scale: dict[str, Any], methods: tuple[str, ...] = METHODS
) -> dict[str, Any]:
    """Draw a metric of any method in any pool."""
    is_higher_better = draw(st.booleans())
    method = draw(st.sampled_from(methods))
    pool: Any = draw(st.sampled_from(["all", "peer_group", "named"]))
    if pool == "named":
        members = draw(st.sets(st.sampled_from(GROUPS), min_size=1, max_size=2))
        pool = {
            "peer_groups": sorted(members),
            "include": draw(st.sampled_from([[], ["T0", "T1"]])),
        }
    return METRIC | {
        "polarity": "higher_is_better" if is_higher_better else "lower_is_better",
        "domain": draw(st.sampled_from(["access", "safety"])),
        "weight": draw(WEIGHTS),
        "counts": draw(st.sampled_from([True, True, True, False])),
        "pool": pool,
        "expected_of": draw(st.sampled_from([None, None, [ACUTE], [ACUTE, AMBULANCE]])),
        "scoring": draw(scorings(method, is_higher_better=is_higher_better, scale=scale)),
    }


@st.composite
def figures(
    draw: st.DrawFn, metric_id: str, metric: dict[str, Any], scale: dict[str, Any], count: int
) -> list[dict[str, Any]]:
    """Draw a metric's figure, or the reason for none, or nothing, for each of the trusts."""
    is_score = metric["scoring"]["method"] == "published"
    values = st.sampled_from(_scale_points(scale)) if is_score else GRID
    reported = values.map(lambda value: {"value": value})
    ranked = st.tuples(values, st.integers(1, 4)).map(
        lambda drawn: {"value": drawn[0], "published_rank": float(drawn[1])}
    )
    missing = st.sampled_from([None, *({"status": status} for status in STATUSES)])
    cell = draw(
        st.sampled_from(
            [reported, ranked, st.one_of(ranked, missing), st.one_of(reported, ranked, missing)]
        )
    )
    drawn = draw(st.lists(cell, min_size=count, max_size=count))
    return [
        {"org_code": f"T{index}", "metric_id": metric_id, "period": "2025Q2"} | figure
        for index, figure in enumerate(drawn)
        if figure is not None
    ]


@st.composite
def cases(
    draw: st.DrawFn,
    methods: tuple[str, ...] = METHODS,
    max_metrics: int = 5,
    scales: tuple[dict[str, Any], ...] = SCALES,
    counts: tuple[int, ...] = (1, 3, 5, 8, 12),
) -> Case:
    """Draw a whole league: framework, trusts and figures."""
    scale = draw(st.sampled_from(scales))
    count = draw(st.sampled_from(counts))
    size = draw(st.integers(1, max_metrics))
    drawn = draw(st.lists(metrics(scale, methods), min_size=size, max_size=size))
    stated = {f"m{index}": metric for index, metric in enumerate(drawn)}
    stated["m0"] = stated["m0"] | {"counts": True}
    rows = [
        row
        for metric_id, metric in stated.items()
        for row in draw(figures(metric_id, metric, scale, count))
    ]
    if draw(st.booleans()):
        scores = st.lists(st.sampled_from(_scale_points(scale)), min_size=4, max_size=4)
        rows_and_columns = draw(st.permutations(list(stated)))
        stated["combined"] = METRIC | {
            "scoring": {
                "method": "matrix",
                "rows": rows_and_columns[0],
                "columns": rows_and_columns[-1],
                "scores": [draw(scores) for _ in range(4)],
            }
        }
    towards_worst = 1 if scale["best"] < scale["worst"] else -1
    bounds = st.lists(
        st.sampled_from(_scale_points(scale)), min_size=1, max_size=3, unique=True
    ).map(lambda drawn: sorted(drawn, key=lambda bound: towards_worst * bound))
    segments = draw(
        st.one_of(
            st.builds(
                lambda pool: {"method": "quartiles", "pool": pool},
                st.sampled_from(["all", "peer_group"]),
            ),
            bounds.map(lambda upper: {"method": "thresholds", "upper_bounds": upper}),
        )
    )
    last = 4 if segments["method"] == "quartiles" else len(segments["upper_bounds"]) + 1
    overrides, flags = draw(_overrides(last, count))
    spec = {
        "id": "random",
        "title": "Random",
        "applies_to": {"quarters": "2025Q1-"},
        "scale": scale,
        "domains": {
            "access": {"title": "Access", "weight": draw(WEIGHTS)},
            "safety": "Safety",
        },
        "metrics": stated,
        "aggregate": {
            "over": draw(st.sampled_from(["metrics", "domains"])),
            "mean": draw(st.sampled_from(["arithmetic", "geometric", "harmonic"])),
            "missing": draw(st.sampled_from(["reweight", "reweight", "require_all"])),
            "min_metrics": draw(
                st.integers(
                    1, min(2, sum(metric.get("counts", True) for metric in stated.values()))
                )
            ),
            "rounding": draw(st.sampled_from(["before_ranking", "after_ranking"])),
        },
        "segments": segments,
        "overrides": overrides,
        "ranking": {
            "within": draw(st.sampled_from(["all", "peer_group"])),
            "by": draw(
                st.sampled_from(
                    [
                        ["adjusted_segment", "average_metric_score"],
                        ["average_metric_score"],
                        ["segment", "average_metric_score"],
                        ["adjusted_segment"],
                    ]
                )
            ),
        },
    }
    types = draw(st.lists(st.sampled_from(GROUPS), min_size=count, max_size=count))
    peer_groups = {f"T{index}": group for index, group in enumerate(types)}
    return Case(spec, peer_groups, [*rows, *flags])


@st.composite
def _overrides(
    draw: st.DrawFn, last: int, count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    conditions = draw(
        st.lists(
            st.one_of(
                st.just({"flag": "flagged"}),
                GRID.map(lambda bound: {"metric": "m0", "below": bound}),
                GRID.map(lambda bound: {"metric": "m0", "above": bound}),
            ),
            max_size=2,
        )
    )
    overrides = [
        {
            "id": f"rule_{index}",
            "title": "A rule",
            "when": when,
            "not_better_than": draw(st.integers(1, last)),
        }
        for index, when in enumerate(conditions)
    ]
    if {"flag": "flagged"} not in conditions:
        return overrides, []
    raised = draw(st.lists(st.sampled_from([0.0, 1.0, None]), min_size=count, max_size=count))
    return overrides, [
        {"org_code": f"T{index}", "metric_id": "flagged", "period": "2025Q2", "value": value}
        for index, value in enumerate(raised)
        if value is not None
    ]
