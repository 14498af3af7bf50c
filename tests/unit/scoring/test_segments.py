"""Cut points and segments as expressions."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.scoring.segments import applies_expr, quartile_exprs, segment_expr
from tests.support import built, framework_of_scores

SCORES = pl.DataFrame({"score": [4.0, 1.0, None, 3.0, 2.0]})


@pytest.mark.parametrize(
    ("is_lower_better", "expected"), [(True, [1.75, 2.5, 3.25]), (False, [3.25, 2.5, 1.75])]
)
def test_cut_points_come_best_first(is_lower_better: bool, expected: list[float]) -> None:
    cuts = quartile_exprs(pl.col("score"), is_lower_better=is_lower_better)
    assert list(SCORES.select(cut.alias(str(i)) for i, cut in enumerate(cuts)).row(0)) == expected


def test_a_score_that_is_not_there_does_not_make_up_the_four() -> None:
    three = SCORES.filter(pl.col("score").ne_missing(4.0))
    cuts = quartile_exprs(pl.col("score"), is_lower_better=True)
    assert three.select(cuts[0].alias("cut"))["cut"].to_list() == [None]


def test_noise_does_not_push_a_score_over_a_cut_point() -> None:
    frame = pl.DataFrame({"score": [0.1 + 0.2, 0.3, 0.3001, None]})
    segments = frame.select(
        segment=segment_expr(pl.col("score"), [pl.lit(0.3)], is_lower_better=True)
    )
    assert segments["segment"].to_list() == [1, 1, 2, None]


@pytest.mark.parametrize("when", [{"flag": "in_deficit"}, {"metric": "a", "below": 9}])
def test_an_override_does_not_apply_without_the_column_that_it_asks_for(
    when: dict[str, object],
) -> None:
    rule = {"id": "d", "title": "D", "when": when, "not_better_than": 3}
    stated = built(framework_of_scores("a", overrides=[rule]))
    assert SCORES.select(found=applies_expr(stated.overrides[0], ["score"]))["found"].to_list() == [
        False
    ]
