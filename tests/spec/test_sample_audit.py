"""The bundled sample audited: what follows from the values of all 205 trusts, what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl
import pytest

from nhs_league import OpenAudit, open_audit
from nhs_league.scoring.score_choice import ScoreSource
from tests import audit_oracle
from tests.spec.test_sample_league import (
    QUARTERS,
    framework_mapping,
    nof_observations,
    peer_groups,
    published,
)
from tests.support import is_same

IN_TIES = {"OF1005", "OF1048", "OF1057", "OF1082", "OF1088"}
"""Scores of ties that no published rank can break: across types, or of infections."""

ALONE = {"OF1035", "OF1046", "OF1067", "OF1069"}


@cache
def audited(scores: ScoreSource = "auto") -> OpenAudit:
    return open_audit(scores=scores)


def cells(quarter: str, *kinds: str, scores: ScoreSource = "auto") -> pl.DataFrame:
    return audited(scores).audit.cells.filter(
        pl.col("quarter") == quarter, pl.col("kind").is_in(kinds)
    )


def verdicts(quarter: str, kind: str, scores: ScoreSource = "auto") -> dict[str, int]:
    return dict(cells(quarter, kind, scores=scores).group_by("verdict").len().iter_rows())


def test_every_quarter_is_audited_and_no_figure_is_different() -> None:
    assert [str(quarter) for quarter, _ in audited().quarters] == QUARTERS
    assert not audited().audit.has_differences


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        ("2025Q2", {"equal": 198, "within_tolerance": 7}),
        ("2025Q3", {"equal": 205}),
        ("2025Q4", {"equal": 205}),
    ],
)
def test_averages_follow_but_for_seven_that_are_off_by_a_hundredth(
    quarter: str, expected: dict[str, int]
) -> None:
    assert verdicts(quarter, "average") == expected


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        ("2025Q2", {"equal": 966, "within_tolerance": 51}),
        ("2025Q3", {"equal": 1018}),
        ("2025Q4", {"equal": 1019}),
    ],
)
def test_domain_scores_follow_but_for_some_of_the_first_quarter(
    quarter: str, expected: dict[str, int]
) -> None:
    assert verdicts(quarter, "domain_score") == expected
    assert verdicts(quarter, "domain_segment") == {"equal": sum(expected.values())}


@pytest.mark.parametrize("quarter", QUARTERS)
@pytest.mark.parametrize(
    "kind", ["segment", "adjusted_segment", "override", "league_rank", "combined_score"]
)
def test_every_trusts_result_follows(quarter: str, kind: str) -> None:
    assert verdicts(quarter, kind) == {"equal": 205}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_metric_scores_follow_but_for_ties_that_cannot_be_broken(quarter: str) -> None:
    found = cells(quarter, "metric_score")
    ids = {
        verdict: set(found.filter(pl.col("verdict") == verdict)["id"])
        for verdict in found["verdict"].unique()
    }
    assert ids.keys() == {"equal", "within_tie", "on_edge", "not_computable"}
    assert ids["within_tie"] <= IN_TIES
    assert ids["not_computable"] == ALONE
    reasons = found.filter(pl.col("verdict") == "not_computable")["reason"].unique().to_list()
    assert reasons == ["published as a score, without a value"]


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        ("2025Q2", [("RHM", "OF1079", 3, 2)]),
        ("2025Q3", [("RHM", "OF1079", 3, 2), ("R1K", "OF1081", 3, 2)]),
        ("2025Q4", [("RHM", "OF1079", 3, 2)]),
    ],
)
def test_four_finance_values_are_printed_on_the_bound_of_a_band(
    quarter: str, expected: list[tuple[str, str, int, int]]
) -> None:
    found = audited().audit.cells.filter(
        pl.col("quarter") == quarter, pl.col("verdict") == "on_edge"
    )
    assert found.select("org_code", "id", "published", "recomputed").rows() == expected


@pytest.mark.parametrize("quarter", QUARTERS)
def test_ranks_by_metric_follow_but_for_the_order_in_ties(quarter: str) -> None:
    found = verdicts(quarter, "metric_rank")
    assert found.keys() == {"equal", "within_tie"}
    assert found["equal"] > 0.9 * sum(found.values())


@pytest.mark.parametrize("quarter", QUARTERS)
def test_from_values_alone_nearly_all_averages_and_segments_follow(quarter: str) -> None:
    averages = cells(quarter, "average", scores="computed")
    off = averages["difference"].abs()
    assert len(averages) == 205
    assert (off < 1e-9).sum() >= 186
    assert (off < 0.01 + 1e-9).sum() >= 203
    assert verdicts(quarter, "adjusted_segment", "computed")["equal"] >= 204


def test_the_findings_name_two_figures_that_are_hard_to_believe() -> None:
    named = {(finding.code, finding.message.partition(":")[0]) for finding in audited().findings}
    assert ("related_metrics_contradict", "RXW OF0014") in named
    assert ("zero_far_from_peers", "RHQ OF0057") in named


def segments_and_ranks(quarter: str) -> Iterator[dict[str, Any]]:
    """Read what the averages are cut and ranked to."""
    for org, row in published(quarter).items():
        for name, cell in row.items():
            if cell and (name.endswith("segment") or name == "league_rank"):
                yield {"org_code": org, "metric_id": name, "period": quarter, "value": cell}


def test_the_naive_audit_judges_every_cell_of_a_quarter_alike() -> None:
    quarter = "2025Q4"
    rows = [*nof_observations(quarter), *segments_and_ranks(quarter)]
    naive = audit_oracle.audited(rows, peer_groups(), framework_mapping("nof-2025-26"), quarter)
    found = {
        (row["kind"], row["id"], row["org_code"]): row
        for row in audited().audit.cells.filter(pl.col("quarter") == quarter).iter_rows(named=True)
    }
    assert naive.keys() == found.keys()
    wrong = [
        f"{key}: expected {cell}, got {found[key]}"
        for key, cell in naive.items()
        if found[key]["verdict"] != cell.verdict
        or (cell.recomputed is not None and not is_same(found[key]["recomputed"], cell.recomputed))
    ]
    assert wrong == []
