"""Published ranks against printed values, held to what trying every way of mending them tells."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nhs_league.plausibility import implausible_figures
from nhs_league.quarter import Quarter
from nhs_league.scoring.measure import quarter_figures
from tests.property.settings import many
from tests.support import ACUTE, QUARTER, built, framework, metric, observations

Row = tuple[int, float]
"""A printed value, of which low is good, and its published rank."""

POLARITIES = ("lower_is_better", "higher_is_better")


def engine(rows: list[Row], polarity: str = "lower_is_better") -> set[int]:
    """Say which rows the rule names."""
    spec = built(framework({"waits": metric(polarity=polarity)}))
    sign = 1 if polarity == "lower_is_better" else -1
    stated = observations(
        {
            "org_code": f"T{index}",
            "metric_id": "waits",
            "period": QUARTER,
            "value": sign * value,
            "published_rank": rank,
        }
        for index, (value, rank) in enumerate(rows)
    )
    quarter = Quarter.parse(QUARTER)
    groups = stated.select("org_code", pl.lit(ACUTE).alias("peer_group"))
    findings = implausible_figures(quarter_figures(stated, spec, quarter), groups, spec, quarter)
    ranks = [finding for finding in findings if finding.code == "rank_contradicts_values"]
    return {int(finding.message.split()[0].removeprefix("T")) for finding in ranks}


def oracle(rows: list[Row]) -> set[int]:
    """Name the same rows by trying every set of rows that could be left out."""
    best: list[set[int]] = []
    for left_out in range(len(rows) + 1):
        best = [
            set(chosen)
            for chosen in combinations(range(len(rows)), left_out)
            if is_in_order([row for index, row in enumerate(rows) if index not in chosen])
        ]
        if best:
            break
    suspects = set().union(*best)
    ranks = [rank for _, rank in rows]
    if max(ranks) + ranks.count(max(ranks)) - 1 != len(rows):
        return suspects
    everybody = set(range(len(rows)))
    suspects = {index for index in suspects if not is_possible(rows, index, everybody, 0)}
    trusted = everybody - suspects
    return suspects | {
        index for index in trusted if not is_possible(rows, index, trusted, len(suspects))
    }


def is_in_order(rows: list[Row]) -> bool:
    return all(a[1] < b[1] for a in rows for b in rows if a[0] < b[0])


def is_possible(rows: list[Row], index: int, among: set[int], more: int) -> bool:
    """Say whether a rank has its value's place among some rows, and more of unknown value."""
    value, rank = rows[index]
    better = sum(rows[other][0] < value for other in among)
    equal = sum(rows[other][0] == value for other in among)
    return better + 1 <= rank <= better + equal + more


def ranked(exact: list[int]) -> list[float]:
    """Give the competition ranks of exact values."""
    return [1.0 + sum(other < value for other in exact) for value in exact]


FEW_VALUES = st.integers(0, 4)
EXACT = st.lists(st.integers(0, 60), min_size=2, max_size=30)


@many(100)
@given(
    st.lists(st.tuples(FEW_VALUES, st.integers(1, 8).map(float)), min_size=1, max_size=7),
    st.sampled_from(POLARITIES),
)
def test_any_ranks_are_judged_as_the_oracle_judges_them(rows: list[Row], polarity: str) -> None:
    assert engine(rows, polarity) == oracle(rows)


@many(100)
@given(st.lists(FEW_VALUES, min_size=2, max_size=7), st.data())
def test_ranks_with_one_or_two_changed_are_judged_as_the_oracle_judges_them(
    printed: list[int], data: st.DataObject
) -> None:
    """Most pools are whole here, as every rank but a few is right."""
    ranks = ranked(printed)
    for _ in range(data.draw(st.integers(0, 2))):
        index = data.draw(st.integers(0, len(ranks) - 1))
        ranks[index] = float(data.draw(st.integers(1, len(ranks))))
    rows = list(zip(printed, ranks, strict=True))
    assert engine(rows) == oracle(rows)


@many(60)
@given(EXACT, st.data())
def test_right_ranks_of_unrounded_values_are_possible_whoever_is_loaded(
    exact: list[int], data: st.DataObject
) -> None:
    rows = list(zip([value // 10 for value in exact], ranked(exact), strict=True))
    loaded = data.draw(st.lists(st.sampled_from(range(len(rows))), min_size=1, unique=True))
    assert engine([rows[index] for index in loaded]) == set()


@many(40)
@given(st.integers(2, 60), st.data())
def test_one_wrong_rank_is_named_with_at_most_one_other(count: int, data: st.DataObject) -> None:
    ranks = [float(rank) for rank in range(1, count + 1)]
    wrong = data.draw(st.integers(0, count - 1))
    ranks[wrong] = float(data.draw(st.integers(1, count)))
    assume(ranks[wrong] != wrong + 1)
    named = engine(list(enumerate(ranks)))
    assert wrong in named
    assert len(named) <= 2


@many(40)
@given(st.integers(2, 60), st.data())
def test_two_swapped_ranks_are_named_and_nobody_else(count: int, data: st.DataObject) -> None:
    ranks = [float(rank) for rank in range(1, count + 1)]
    one, other = data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True))
    ranks[one], ranks[other] = ranks[other], ranks[one]
    assert engine(list(enumerate(ranks))) == {one, other}


@pytest.mark.parametrize("polarity", POLARITIES)
def test_the_rows_order_is_of_no_account(polarity: str) -> None:
    rows: list[Row] = [(1, 1.0), (2, 5.0), (3, 3.0), (4, 4.0), (5, 2.0)]
    assert engine(rows, polarity) == {1, 4}
    assert engine(rows[::-1], polarity) == {0, 3}
