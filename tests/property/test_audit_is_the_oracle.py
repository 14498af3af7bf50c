"""The audit judges every cell as the naive one does, on random leagues with printed figures."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league import audit
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests import audit_oracle, oracle
from tests.property.published_leagues import honest_cases, published_cases
from tests.property.settings import many
from tests.property.strategies import Case
from tests.support import QUARTER, is_same, league, observations

OFF = (Fraction(0), Fraction(0), Fraction(1, 100), Fraction(1, 10))


@st.composite
def audited_cases(draw: st.DrawFn) -> Case:
    """Draw a published league with quartiles of its values too, right ones and others."""
    case = draw(published_cases())
    rows: list[dict[str, Any]] = []
    for metric_id in case.spec["metrics"]:
        values = {
            row["org_code"]: oracle.exact(row["value"])
            for row in case.rows
            if row["metric_id"] == metric_id and "value" in row
        }
        kind = draw(st.sampled_from([None, *audit_oracle.QUARTILES]))
        off = draw(st.lists(st.sampled_from(OFF), min_size=len(values), max_size=len(values)))
        if kind is not None:
            quartiles = _quartiles_by_group(kind, values, case.peer_groups)
            for org, by in zip(values, off, strict=True):
                printed = oracle.rounded(quartiles[org] + by, 2)
                rows.append(
                    {
                        "org_code": org,
                        "metric_id": f"{kind}:{metric_id}",
                        "period": QUARTER,
                        "value": float(printed or 0),
                    }
                )
    return Case(case.spec, case.peer_groups, [*case.rows, *rows])


def _quartiles_by_group(
    kind: str, values: Mapping[str, Fraction], peer_groups: Mapping[str, str]
) -> dict[str, Fraction]:
    share = audit_oracle.QUARTILES[kind]
    return {
        org: audit_oracle.quantile(
            [value for other, value in values.items() if peer_groups[other] == peer_groups[org]],
            share,
        )
        for org in values
    }


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(15)
@given(case=audited_cases(), tolerance=st.sampled_from([0.0, 0.01, 0.1]))
def test_every_cell_has_the_naive_verdict(
    scores: ScoreSource, case: Case, tolerance: float
) -> None:
    hold_the_naive_verdicts(case, scores, tolerance)


def hold_the_naive_verdicts(case: Case, scores: ScoreSource, tolerance: float) -> None:
    scored = league(case.spec, case.rows, case.peer_groups, scores)
    found = audit(scored, observations(case.rows), tolerance)
    cells = {
        (row["kind"], row["id"], row["org_code"]): row for row in found.cells.iter_rows(named=True)
    }
    naive = audit_oracle.audited(
        case.rows, case.peer_groups, case.spec, QUARTER, scores, tolerance=tolerance
    )
    assert cells.keys() == naive.keys()
    wrong = [
        f"{key}: expected {cell}, got {cells[key]}"
        for key, cell in naive.items()
        if cells[key]["verdict"] != cell.verdict
        or (cell.recomputed is not None and not is_same(cells[key]["recomputed"], cell.recomputed))
    ]
    assert not wrong, "\n".join(wrong)
    assert found.has_differences == any(cell.verdict == "different" for cell in naive.values())


@many(15)
@given(case=honest_cases())
def test_an_honest_publishers_tables_follow_from_their_data(case: Case) -> None:
    """Rounding alone makes no difference: it is a tie or an edge, and moves no result."""
    hold_the_naive_verdicts(case, "auto", 0.0)
    scored = league(case.spec, case.rows, case.peer_groups)
    verdicts = audit(scored, observations(case.rows), 0.0).cells.select("kind", "verdict").rows()
    hidden = {verdict for kind, verdict in verdicts if kind in ("metric_score", "metric_rank")}
    assert hidden <= {"equal", "within_tie", "on_edge"}
    assert {
        verdict for kind, verdict in verdicts if kind not in ("metric_score", "metric_rank")
    } == {"equal"}
