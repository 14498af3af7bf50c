"""A league small enough to be audited by hand, with a printed figure of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nhs_league import Audit, audit
from nhs_league.scoring.score_choice import ScoreSource
from tests.support import (
    framework,
    league,
    metric,
    observation,
    observations,
    peer_groups_of,
    read_table,
    score_metric,
    table_observations,
)

Cells = dict[tuple[str, str, str], dict[str, Any]]

BANDS = [{"at_least": 0, "score": 1}, {"at_least": -1, "score": 2}]
RESULTS: dict[str, Any] = {
    "average_metric_score": "average_printed",
    "rank_by_average": "place",
    "segment": "segment_printed",
    "adjusted_segment": "adjusted_printed",
    "league_rank": "rank_printed",
    "domain_scores": {"access": "access_printed", "safety": "safety_printed"},
    "domain_segments": {"access": "access_placed", "safety": "safety_placed"},
}
METRICS = {
    "waits": metric(published_score="waits_score"),
    "urgent": metric(
        scoring={"method": "standard", "standard": 75, "floor": 50}, published_score="urgent_score"
    ),
    "plan": metric(
        domain="safety",
        counts=False,
        scoring={"method": "bands", "bands": BANDS, "otherwise": 4},
        published_score="plan_score",
    ),
    "variance": metric(
        domain="safety",
        counts=False,
        scoring={"method": "bands", "bands": BANDS, "otherwise": 4},
        published_score="variance_score",
    ),
    "finance": metric(
        domain="safety",
        scoring={
            "method": "matrix",
            "rows": "plan",
            "columns": "variance",
            "scores": [[1, 1, 2, 3], [2, 2, 3, 4], [2, 3, 3, 4], [2, 4, 4, 4]],
        },
        published_score="finance",
    ),
    "survey": score_metric(domain="safety"),
}
DEFICIT = {"id": "deficit", "title": "D", "when": {"flag": "in_deficit"}, "not_better_than": 3}


def publishing(expected: int = 4, **changes: Any) -> dict[str, Any]:
    """State a framework of every kind of figure, of so many acute trusts."""
    stated: dict[str, Any] = {
        "peer_groups": {"expected_organisations": {"Acute": expected}},
        "aggregate": {"rounding": "before_ranking"},
        "overrides": [DEFICIT],
        "published": RESULTS,
    }
    return framework(METRICS) | stated | changes


# By hand: the scores of BB are 2, 2, 2 and 2, of CC 3, 3, 2 and 3. The quartiles of 1, 2, 2.75 and
# 4 are 1.75, 2.375 and 3.0625; the deficit holds BB back to segment 3, before CC by its average.
VALUES = """
    trust | waits | urgent | plan | variance | survey | in_deficit
    AA    | 90 #1 | 80 #1  | 1    | 0        | 1      | 0
    BB    | 80 #2 | 70 #2  | -1   | 0        | 2      | 1
    CC    | 70 #3 | 60 #3  | -0.5 | -0.5     | 3      | 0
    DD    | 60 #4 | 40 #4  | -3   | -2       | 4      | 0
    """
SCORES = """
    trust | waits_score | urgent_score | plan_score | variance_score | finance
    AA    | 1.00        | 1.00         | 1          | 1              | 1
    BB    | 2.00        | 2.00         | 2          | 1              | 2
    CC    | 3.00        | 3.00         | 2          | 2              | 2
    DD    | 4.00        | 4.00         | 4          | 4              | 4
    """
DOMAINS = """
    trust | access_printed | access_placed | safety_printed | safety_placed
    AA    | 1.00           | 1             | 1.00           | 1
    BB    | 2.00           | 2             | 2.00           | 2
    CC    | 3.00           | 3             | 2.50           | 3
    DD    | 4.00           | 4             | 4.00           | 4
    """
SUMMARY = """
    trust | average_printed | place | segment_printed | adjusted_printed | rank_printed
    AA    | 1.00            | 1     | 1               | 1                | 1
    BB    | 2.00            | 2     | 2               | 3                | 2
    CC    | 2.75            | 3     | 3               | 3                | 3
    DD    | 4.00            | 4     | 4               | 4                | 4
    """
QUARTILES = {"lower_quartile:waits": "67.5", "median:waits": "75", "upper_quartile:waits": "82.5"}
# The kind of each id that is published.
KIND_OF = {
    "waits_score": "metric_score",
    "urgent_score": "metric_score",
    "plan_score": "metric_score",
    "variance_score": "metric_score",
    "survey": "metric_score",
    "finance": "combined_score",
    "waits": "metric_rank",
    "urgent": "metric_rank",
    **{id_: id_.partition(":")[0] for id_ in QUARTILES},
    "access_printed": "domain_score",
    "safety_printed": "domain_score",
    "access_placed": "domain_segment",
    "safety_placed": "domain_segment",
    "average_printed": "average",
    "segment_printed": "segment",
    "in_deficit": "override",
    "adjusted_printed": "adjusted_segment",
    "rank_printed": "league_rank",
    "place": "rank_by_average",
}


def stated_rows(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List all that is published of the four trusts, each in a row of one file."""
    rows = [
        row
        for table in (VALUES, SCORES, DOMAINS, SUMMARY)
        for row in table_observations(spec, read_table(table))
    ]
    rows += [
        observation(org, id_, cell)
        for id_, cell in QUARTILES.items()
        for org in ("AA", "BB", "CC", "DD")
    ]
    return [
        row | {"source_file": "tables.csv", "source_row": line}
        for line, row in enumerate(rows, start=2)
    ]


def changed(
    rows: Iterable[Mapping[str, Any]], org: str, id_: str, **figures: Any
) -> list[dict[str, Any]]:
    """Change one published figure, or leave it out."""
    is_it = [row["org_code"] == org and row["metric_id"] == id_ for row in rows]
    assert sum(is_it) == 1, f"{org} {id_}"
    return [
        dict(row) | (figures if found else {})
        for row, found in zip(rows, is_it, strict=True)
        if figures or not found
    ]


def audited(
    spec: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    scores: ScoreSource = "auto",
    tolerance: float = 0.01,
    *,
    groups: Mapping[str, str] | None = None,
) -> Audit:
    listed = list(rows)
    of_rows = dict.fromkeys((row["org_code"] for row in listed), "Acute")
    scored = league(spec, listed, of_rows if groups is None else groups, scores)
    return audit(scored, observations(listed), tolerance)


def cells(found: Audit) -> Cells:
    return {
        (row["kind"], row["id"], row["org_code"]): row for row in found.cells.iter_rows(named=True)
    }


def audited_table(
    spec: Mapping[str, Any],
    table: str,
    scores: ScoreSource = "auto",
    tolerance: float = 0.01,
) -> Cells:
    """Audit a table of trusts, whose columns are all what is published."""
    rows = read_table(table)
    groups = peer_groups_of(rows)
    return cells(audited(spec, table_observations(spec, rows), scores, tolerance, groups=groups))


def verdicts(of: Cells, kind: str) -> dict[str, str]:
    return {org: row["verdict"] for (found, _, org), row in of.items() if found == kind}


def reasons(of: Cells, kind: str) -> dict[str, str | None]:
    return {org: row["reason"] for (found, _, org), row in of.items() if found == kind}


SOME = """
    trust | waits | average_printed | place | segment_printed | adjusted_printed | rank_printed
    AA    | 90    | 1.00            | 1     | {0}             | {0}              | 1
    BB    | 80    | 2.00            | 2     | {1}             | {1}              | 2
    CC    | 70    | 3.00            | 3     | {2}             | {2}              | 3
    DD    | 60    | 4.00            | 4     | {3}             | {3}              | 4
    """


def of_waits(expected: int, **changes: Any) -> dict[str, Any]:
    stated = {"metrics": {"waits": METRICS["waits"]}, "overrides": []}
    return publishing(expected, **(stated | changes))
