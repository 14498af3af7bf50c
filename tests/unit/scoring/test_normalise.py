"""What the scoring methods share."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from nhs_league.framework.model import Scale
from nhs_league.framework.scoring_methods import MatrixScoring, RankScoring
from nhs_league.scoring import columns
from nhs_league.scoring.normalise import Rules, competition_rank_expr, rules_of, score_expr
from nhs_league.scoring.pools import Pool
from tests.support import built, framework, metric

SCALE = Scale(best=1.0, worst=4.0)


@pytest.mark.parametrize(("is_higher_better", "meets"), [(True, [1, 2]), (False, [0, 1])])
def test_a_value_at_a_bound_meets_it(is_higher_better: bool, meets: list[int]) -> None:
    rules = Rules(SCALE, Pool(), is_higher_better)
    frame = pl.DataFrame({"value": [0.2, 0.1 + 0.2, 0.4]})
    found = frame.select(rules.meets_expr(pl.col("value"), 0.3))["value"].to_list()
    assert [index for index, is_met in enumerate(found) if is_met] == meets


def test_the_order_of_ties_adds_to_their_shared_rank() -> None:
    frame = pl.DataFrame({"value": [8.0, 9.0, 8.0, None], "order": [1, None, 0, None]})
    rules = Rules(SCALE, Pool(), is_higher_better=True, tie_order="order")
    ranks = frame.select(competition_rank_expr(pl.col("value"), rules))["value"].to_list()
    assert ranks == [3, 1, 2, None]


def test_published_scores_settle_bounds_only_where_that_is_asked_for() -> None:
    stated = built(framework({"waits": metric()}))
    published = columns.published_score("waits")
    assert rules_of(stated, "waits", [published]).published_score is None
    assert rules_of(stated, "waits", [published], settle_bounds=True).published_score == published
    assert rules_of(stated, "waits", [], settle_bounds=True).published_score is None


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rules(SCALE, Pool(), is_higher_better=True).ties = "max"  # type: ignore[misc]


def test_no_value_has_no_score() -> None:
    frame = pl.DataFrame({"value": [None, None]}, schema={"value": pl.Float64})
    rules = Rules(SCALE, Pool(), is_higher_better=True)
    scores = frame.select(score=score_expr(pl.col("value"), RankScoring(method="rank"), rules))
    assert scores["score"].to_list() == [None, None]


def test_a_matrix_is_not_scored_from_values() -> None:
    matrix = MatrixScoring(method="matrix", rows="a", columns="b", scores=((1.0,),))
    with pytest.raises(TypeError, match="MatrixScoring does not score values"):
        score_expr(pl.col("value"), matrix, Rules(SCALE, Pool(), is_higher_better=True))
