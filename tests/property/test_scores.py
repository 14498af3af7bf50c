"""What must hold of every score: its bounds, its direction, and that nothing is no number."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.league import score_values
from nhs_league.scoring.numbers import rounded_expr
from tests import oracle
from tests.property.settings import many
from tests.property.strategies import METHODS, Case, cases, scorings
from tests.support import ACUTE, built, framework, league, metric, standings

SCALE = {"best": 1.0, "worst": 4.0, "decimals": 2}
VALUED = tuple(method for method in METHODS if method != "published")


@many(20)
@given(cases())
def test_scores_and_averages_stay_on_the_scale(case: Case) -> None:
    low, high = sorted((case.spec["scale"]["best"], case.spec["scale"]["worst"]))
    for row in standings(league(case.spec, case.rows, case.peer_groups)).values():
        for name, figure in row.items():
            is_score = name.startswith(("score:", "domain_score_", "domain_mean"))
            if figure is not None and (is_score or name in ("composite", "average_metric_score")):
                assert low - 1e-9 <= figure <= high + 1e-9


@many(20)
@given(cases())
def test_a_score_is_there_only_where_a_value_is(case: Case) -> None:
    has_value = {(row["org_code"], row["metric_id"]) for row in case.rows if "value" in row}
    for org, row in standings(league(case.spec, case.rows, case.peer_groups)).items():
        for id_, stated in case.spec["metrics"].items():
            if stated["scoring"]["method"] != "matrix" and (org, id_) not in has_value:
                assert row[f"value:{id_}"] is None
                assert row[f"score:{id_}"] is None


@many(20)
@given(cases())
def test_who_has_no_score_that_counts_is_not_ranked(case: Case) -> None:
    for row in standings(league(case.spec, case.rows, case.peer_groups)).values():
        results = [row[name] for name in ("composite", "average_metric_score", "rank", "rank_of")]
        if row["metrics_scored"] == 0:
            assert results == [None] * 4
        assert len({result is None for result in results}) == 1
        assert (row["composite"] is None) == (row["not_ranked_reason"] is not None)


@st.composite
def improvements(draw: st.DrawFn) -> tuple[dict[str, Any], list[float], float]:
    """Draw a metric, its values, and a better value for the first trust."""
    is_higher_better = draw(st.booleans())
    method = draw(st.sampled_from(VALUED))
    stated = metric(
        polarity="higher_is_better" if is_higher_better else "lower_is_better",
        scoring=draw(scorings(method, is_higher_better=is_higher_better, scale=SCALE)),
    )
    grid = st.integers(-8, 8).map(lambda step: step / 4)
    values = draw(st.lists(grid, min_size=1, max_size=8))
    step = draw(st.integers(1, 12)) / 4
    return stated, values, values[0] + (step if is_higher_better else -step)


def score_of_first(stated: dict[str, Any], values: list[float]) -> float:
    frame = pl.DataFrame(
        {
            "org_code": [f"T{index}" for index in range(len(values))],
            "peer_group": ACUTE,
            "value:waits": values,
        }
    )
    score: float = score_values(frame, built(framework({"waits": stated})))["score:waits"][0]
    return score


@many(60)
@given(improvements())
def test_a_better_value_never_worsens_its_own_score(
    drawn: tuple[dict[str, Any], list[float], float],
) -> None:
    stated, values, better = drawn
    before = score_of_first(stated, values)
    after = score_of_first(stated, [better, *values[1:]])
    assert after <= before + 1e-9


@many(60)
@given(st.floats(-1000, 1000, allow_nan=False), st.integers(0, 4))
def test_rounding_twice_is_rounding_once(number: float, decimals: int) -> None:
    frame = pl.DataFrame({"number": [number]})
    once = frame.select(rounded_expr(pl.col("number"), decimals))
    assert once.select(rounded_expr(pl.col("number"), decimals)).item() == once.item()


@many(60)
@given(st.integers(-100_000, 100_000), st.integers(0, 3), st.integers(-3, 3))
def test_a_half_is_rounded_away_from_zero_through_noise(
    whole: int, decimals: int, noise: int
) -> None:
    half = oracle.Fraction(2 * whole + 1, 2 * 10**decimals)
    frame = pl.DataFrame({"number": [float(half) * (1 + noise * 2**-52)]})
    away = whole + 1 if whole >= 0 else whole
    found = frame.select(rounded_expr(pl.col("number"), decimals)).item()
    assert found == float(oracle.Fraction(away, 10**decimals))


GRIDS = {
    "rank": ({"method": "rank"}, 1, 4, 300),
    "standard": ({"method": "standard", "standard": 0}, 2, 4, 200),
    "floor": ({"method": "floor", "floor": 0}, 1, 3, 200),
    "standard and floor": ({"method": "standard", "standard": 0, "floor": -9}, 2, 3, 100),
}


@pytest.mark.parametrize("method", GRIDS)
@many(12)
@given(data=st.data())
def test_a_published_score_gives_back_its_exact_value(method: str, data: st.DataObject) -> None:
    # Two decimals tell the ranks apart while a step is more than a hundredth.
    scoring, low, high, most = GRIDS[method]
    count = data.draw(st.one_of(st.just(most), st.integers(1, most)))
    ranks = data.draw(
        st.one_of(
            st.just(list(range(1, count + 1))),
            st.lists(st.integers(1, count), min_size=count, max_size=count),
        )
    )
    steps = max(count - 1, 1)
    exact = [oracle.Fraction(low * steps + (high - low) * (rank - 1), steps) for rank in ranks]
    published = [float(oracle.rounded(score, 2) or 0) for score in exact]
    frame = pl.DataFrame(
        {
            "org_code": [f"T{index}" for index in range(count)],
            "peer_group": ACUTE,
            "value:waits": None,
            "published_score:waits": published,
        },
        schema_overrides={"value:waits": pl.Float64},
    )
    spec = framework({"waits": metric(scoring=scoring, published_score="waits_published")})
    found = score_values(frame, built(spec))["score:waits"].to_list()
    assert found == pytest.approx([float(score) for score in exact], abs=1e-9)
