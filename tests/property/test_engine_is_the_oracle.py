"""The engine gives what the naive reference implementation gives, on any framework and data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import quarter_figures
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests import oracle
from tests.property.published_leagues import published_cases
from tests.property.settings import many
from tests.property.strategies import Case, cases
from tests.support import (
    QUARTER,
    assert_rows,
    built,
    framework,
    is_same,
    league,
    metric,
    observations,
    standings,
)


@many(100)
@given(cases())
def test_a_league_is_what_the_oracle_makes_of_it(case: Case) -> None:
    found = standings(league(case.spec, case.rows, case.peer_groups))
    expected = oracle.standings(case.rows, case.peer_groups, case.spec, QUARTER)
    assert found.keys() == expected.keys()
    assert_rows(found, expected)


@pytest.mark.parametrize("scores", SCORE_SOURCES)
@many(25)
@given(case=published_cases())
def test_a_part_of_a_published_league_is_what_the_oracle_makes_of_it(
    scores: ScoreSource, case: Case
) -> None:
    found = standings(league(case.spec, case.rows, case.peer_groups, scores))
    expected = oracle.standings(case.rows, case.peer_groups, case.spec, QUARTER, scores)
    assert found.keys() == expected.keys()
    assert_rows(found, expected)


@st.composite
def months(draw: st.DrawFn, basis: str) -> list[dict[str, Any]]:
    """Draw a few trusts' months, submitted or not, and now and then a whole quarter."""
    counts = st.tuples(st.integers(0, 40), st.sampled_from([0, 40, 60, 1000])).map(
        lambda drawn: {
            "numerator": float(min(drawn)),
            "denominator": float(drawn[1]),
        }
    )
    means = st.tuples(st.integers(0, 400), st.integers(0, 50)).map(
        lambda drawn: {"value": drawn[0] / 4, "denominator": float(drawn[1])}
    )
    figure = means if basis == "mean" else counts
    missing = st.sampled_from(
        [None, {"status": "suppressed"}, {"status": "not_submitted", "denominator": 40.0}]
    )
    rows = []
    for index in range(draw(st.integers(1, 4))):
        org = {"org_code": f"T{index}", "metric_id": "waits"}
        for month in ("2025-03", "2025-04", "2025-05", "2025-06"):
            drawn = draw(st.one_of(figure, figure, missing))
            if drawn is not None:
                rows.append(org | {"period": month} | drawn)
    if basis != "latest" and draw(st.booleans()):
        rows.append({"org_code": "T0", "metric_id": "waits", "period": "2025Q2", "value": 7.0})
    return rows


@many(40)
@given(st.data(), st.sampled_from(["sum", "mean", "latest"]))
def test_a_quarters_figures_are_what_the_oracle_makes_of_them(
    data: st.DataObject, basis: str
) -> None:
    spec = framework({"waits": metric(basis=basis, per=100, divide_by=8)})
    rows = data.draw(months(basis))
    found = quarter_figures(observations(rows), built(spec), Quarter.parse(QUARTER))
    expected = oracle.quarter_figures(rows, spec, QUARTER)
    assert found.height == len(expected)
    for figure in found.iter_rows(named=True):
        naive = expected[figure["metric_id"], figure["org_code"]]
        assert is_same(figure["value"], naive.value)
        assert figure["status"] == naive.status
        assert (figure["left_out"] is not None) == bool(naive.left_out)
