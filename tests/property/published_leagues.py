"""Random leagues with what their publisher prints of them: scores, results, and rounded values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tests import oracle
from tests.property.strategies import GRID, GROUPS, SCALES, Case, cases
from tests.support import METRIC, QUARTER

PRINTED_SCALES = tuple(scale for scale in SCALES if scale["decimals"])
"""A score without decimals lies half way between two places of some grids, and tells neither."""

PRINTED = ("as it is", "as it is", "as it is", "off by a digit", "best", "worst", "not")
"""How a publisher prints a figure that it has: mostly rounded, sometimes another."""

RESULTS = {
    "average_metric_score": "published_average",
    "rank_by_average": "published_rank_by_average",
    "segment": "published_segment",
    "adjusted_segment": "published_adjusted_segment",
    "league_rank": "published_league_rank",
    "domain_scores": {"access": "published_access"},
    "domain_segments": {"access": "published_access_segment"},
}


@st.composite
def published_cases(draw: st.DrawFn) -> Case:
    """Draw a league with its publisher's own scores and results, of which a part may be missing.

    The figures printed are those of the whole league, or a little off them; of some trusts only
    the results are there, and of some nothing.
    """
    case = draw(cases(scales=PRINTED_SCALES, counts=(5, 8, 12), max_metrics=4))
    groups, there = case.peer_groups, sorted(set(case.peer_groups.values()))
    metrics = {
        id_: _within(metric, there) | draw(_other_unit(metric))
        for id_, metric in case.spec["metrics"].items()
    }
    rows = [row | draw(_units(metrics.get(row["metric_id"], {}))) for row in case.rows]
    for id_, metric in metrics.items():
        if metric["scoring"]["method"] != "published" and draw(
            st.sampled_from([True, True, False])
        ):
            is_combined = metric["scoring"]["method"] == "matrix"
            metric["published_score"] = id_ if is_combined else f"{id_}_published"
    of_all = {"method": "quartiles", "pool": "all"}
    segments = draw(st.sampled_from([of_all, of_all, case.spec["segments"]]))
    spec = case.spec | {"metrics": metrics, "segments": segments}
    whole = oracle.standings(rows, groups, spec, QUARTER, "computed")
    scores = [
        row
        for id_, metric in metrics.items()
        if "published_score" in metric
        for row in draw(_printed(metric["published_score"], f"score:{id_}", whole, spec))
    ]
    counts = {group: list(groups.values()).count(group) for group in there}
    expected = draw(
        st.sampled_from([{}, counts, counts, counts | {there[0]: counts[there[0]] + 1}])
    )
    spec |= {
        "peer_groups": {"expected_organisations": expected},
        "aggregate": spec["aggregate"] | {"rounding": "before_ranking"},
        "published": RESULTS | {"tolerance": draw(st.sampled_from([0.01, 0.5]))},
    }
    results = [
        row
        for result_id, name in (
            ("published_average", "average_metric_score"),
            ("published_rank_by_average", "rank"),
            ("published_segment", "segment"),
            ("published_adjusted_segment", "adjusted_segment"),
            ("published_league_rank", "rank"),
            ("published_access", "domain_score_access"),
            ("published_access_segment", "domain_segment_access"),
        )
        for row in draw(_printed(result_id, name, whole, spec))
    ]
    anyone = st.sets(st.sampled_from(sorted(groups)), max_size=3)
    without_metrics, without_anything = draw(anyone), draw(st.one_of(st.just(set()), anyone))
    measured = [row for row in [*rows, *scores] if row["org_code"] not in without_metrics]
    return Case(
        spec,
        groups,
        [row for row in [*measured, *results] if row["org_code"] not in without_anything],
    )


def _within(metric: dict[str, Any], there: list[str]) -> dict[str, Any]:
    """Name none but peer groups that are there: a pool of others could never be whole."""
    pool, expected_of = metric.get("pool"), metric.get("expected_of")
    if isinstance(pool, dict):
        named = [group for group in pool["peer_groups"] if group in there] or there[:1]
        metric = metric | {"pool": pool | {"peer_groups": named}}
    if expected_of is not None:
        metric = metric | {"expected_of": [group for group in expected_of if group in there]}
    return dict(metric)


def _other_unit(metric: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Let a metric be stated in another unit, which is scored among its own."""
    if metric["scoring"]["method"] in ("matrix", "published"):
        return st.just({})
    return st.sampled_from([{}, {}, {"scoring_of_unit": {"count": {"method": "rank"}}}])


def _units(metric: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "scoring_of_unit" not in metric:
        return st.just({})
    return st.sampled_from([{}, {"unit": "rate"}, {"unit": "count"}])


@st.composite
def _printed(
    draw: st.DrawFn,
    result_id: str,
    name: str,
    whole: Mapping[str, Mapping[str, Any]],
    spec: dict[str, Any],
) -> list[dict[str, Any]]:
    """Print a column of the whole league's standings, every figure in its own way."""
    scale, is_whole = spec["scale"], name == "rank" or "segment" in name
    decimals = 0 if is_whole else scale["decimals"]
    last = len(whole) if name == "rank" else 4
    ends = (1, last) if is_whole else (scale["best"], scale["worst"])
    best, worst = (oracle.exact(end) for end in ends)
    digit = Fraction(1 if best < worst else -1, 10**decimals)
    ways = draw(st.lists(st.sampled_from(PRINTED), min_size=len(whole), max_size=len(whole)))
    rows = []
    for way, (org, standing) in zip(ways, whole.items(), strict=True):
        figure = oracle.rounded(standing.get(name), decimals)
        if way in ("best", "worst"):
            figure = best if way == "best" else worst
        elif way == "off by a digit" and figure is not None:
            figure = min(max(figure + digit, min(best, worst)), max(best, worst))
        if way != "not" and figure is not None:
            rows.append(_row(org, result_id, figure))
    return rows


HONEST_SCORINGS: tuple[dict[str, Any], ...] = (
    {"method": "rank"},
    {"method": "standard", "standard": 0.25},
    {"method": "floor", "floor": -0.5},
    {"method": "standard", "standard": 0.25, "floor": -0.5},
    {
        "method": "bands",
        "bands": [{"at_least": 0.5, "score": 1}, {"at_least": 0, "score": 2}],
        "otherwise": 4,
    },
)
HIDDEN = st.sampled_from([Fraction(-4, 1000), Fraction(0), Fraction(4, 1000)])
"""What a value that is printed with two decimals may be off by."""

Values = Mapping[str, Mapping[str, Fraction]]


@st.composite
def honest_cases(draw: st.DrawFn) -> Case:
    """Draw a whole league as an honest publisher prints it: scored on values that it then rounds.

    Values that are printed alike, or on a bound, need not have been so when they were scored;
    printed ranks may tell.
    """
    count = draw(st.sampled_from([5, 8, 12]))
    orgs = [f"T{index}" for index in range(count)]
    types = draw(st.lists(st.sampled_from(GROUPS[:2]), min_size=count, max_size=count))
    groups = dict(zip(orgs, types, strict=True))
    metrics = draw(st.lists(_honest_metrics(), min_size=1, max_size=3))
    spec = _honest_spec({f"m{index}": metric for index, metric in enumerate(metrics)}, types)
    value = st.tuples(GRID, HIDDEN).map(lambda drawn: oracle.exact(drawn[0]) + drawn[1])
    values = {
        id_: dict(zip(orgs, draw(st.lists(value, min_size=count, max_size=count)), strict=True))
        for id_ in spec["metrics"]
    }
    raised = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    flags = [_row(org, "flagged", int(flag)) for org, flag in zip(orgs, raised, strict=True)]
    with_ranks = draw(st.sets(st.sampled_from(sorted(values))))
    rows = [*flags, *_printed_values(values, groups, with_ranks)]
    scored_on = [_row(org, id_, by) for id_, of in values.items() for org, by in of.items()]
    standings = oracle.standings([*flags, *scored_on], groups, spec, QUARTER, "computed")
    return Case(spec, groups, [*rows, *_printed_results(standings, spec)])


@st.composite
def _honest_metrics(draw: st.DrawFn) -> dict[str, Any]:
    return METRIC | {
        "pool": draw(st.sampled_from(["all", "peer_group"])),
        "domain": draw(st.sampled_from(["access", "safety"])),
        "scoring": draw(st.sampled_from(HONEST_SCORINGS)),
    }


def _honest_spec(metrics: Mapping[str, Mapping[str, Any]], types: list[str]) -> dict[str, Any]:
    rule = {"id": "deficit", "title": "D", "when": {"flag": "flagged"}, "not_better_than": 3}
    return {
        "id": "honest",
        "title": "Honest",
        "applies_to": {"quarters": "2025Q1-"},
        "scale": SCALES[0],
        "peer_groups": {"expected_organisations": {one: types.count(one) for one in types}},
        "domains": {"access": "Access", "safety": "Safety"},
        "metrics": {
            id_: {**metric, "published_score": f"{id_}_published"}
            for id_, metric in metrics.items()
        },
        "aggregate": {"rounding": "before_ranking"},
        "segments": {"method": "quartiles", "pool": "all"},
        "overrides": [rule],
        "published": RESULTS,
    }


def _printed_values(
    values: Values, groups: Mapping[str, str], with_ranks: set[str]
) -> list[dict[str, Any]]:
    """Round values to two decimals; the ranks beside them are of what they were, by type."""
    rows = []
    for id_, of in values.items():
        for org, exact in of.items():
            better = [1 for one in of if groups[one] == groups[org] and of[one] > exact]
            rank = {"published_rank": 1.0 + len(better)} if id_ in with_ranks else {}
            rows.append(_row(org, id_, oracle.rounded(exact, 2)) | rank)
    return rows


def _printed_results(
    standings: Mapping[str, Mapping[str, Any]], spec: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = []
    for org, row in standings.items():
        peers = [one for one in standings.values() if one["peer_group"] == row["peer_group"]]
        average = row["average_metric_score"]
        figures = {f"{id_}_published": row[f"score:{id_}"] for id_ in spec["metrics"]} | {
            "published_average": average,
            "published_rank_by_average": 1
            + sum(one["average_metric_score"] < average for one in peers),
            "published_segment": row["segment"],
            "published_adjusted_segment": row["adjusted_segment"],
            "published_league_rank": row["rank"],
            "published_access": row.get("domain_score_access"),
            "published_access_segment": row.get("domain_segment_access"),
        }
        rows += [
            _row(org, id_, oracle.rounded(Fraction(figure), 2))
            for id_, figure in figures.items()
            if figure is not None
        ]
    return rows


def _row(org: str, id_: str, value: Fraction | int | None) -> dict[str, Any]:
    return {"org_code": org, "metric_id": id_, "period": QUARTER, "value": float(value or 0)}
