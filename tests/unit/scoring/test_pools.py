"""Who is in a pool, and whether all of it is loaded."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.framework.model import Metric
from nhs_league.scoring.pools import Pool, pool_of
from tests.support import ACUTE, AMBULANCE, built, framework, metric

FRAME = pl.DataFrame(
    {
        "org_code": ["RX6", "R1F", "RA1", "RR9"],
        "peer_group": [AMBULANCE, ACUTE, ACUTE, None],
        "value": [1.0, 2.0, 3.0, 4.0],
    }
)


def test_a_named_pool_keeps_the_values_of_its_members() -> None:
    pool = Pool(peer_groups=(AMBULANCE,), include=("R1F",))
    members = FRAME.select(pool.members_expr(pl.col("value")))["value"].to_list()
    assert members == [1.0, 2.0, None, None]


def test_every_other_pool_keeps_all_values() -> None:
    members = FRAME.select(Pool().members_expr(pl.col("value")))["value"].to_list()
    assert members == [1.0, 2.0, 3.0, 4.0]


def test_an_expression_is_evaluated_within_each_peer_group() -> None:
    pool = Pool(within_peer_group=True)
    counts = FRAME.select(pool.over_expr(pl.col("value").sum()))["value"].to_list()
    assert counts == [1.0, 5.0, 5.0, 4.0]


def test_the_pool_of_a_metric() -> None:
    named = {"peer_groups": [AMBULANCE], "include": ["R1F"]}
    stated = [Metric.model_validate(metric(pool=pool)) for pool in ("all", "peer_group", named)]
    assert [pool_of(one) for one in stated] == [
        Pool(),
        Pool(within_peer_group=True),
        Pool((AMBULANCE,), ("R1F",)),
    ]


@pytest.mark.parametrize(
    ("pool", "loaded", "short"),
    [
        (Pool(), {ACUTE: 2, AMBULANCE: 1}, []),
        (Pool(), {ACUTE: 2}, [AMBULANCE]),
        (Pool((AMBULANCE,)), {AMBULANCE: 1}, []),
        (Pool((ACUTE,)), {ACUTE: 1, AMBULANCE: 1}, [ACUTE]),
        (Pool(within_peer_group=True), {AMBULANCE: 1}, [ACUTE]),
    ],
)
def test_a_pool_is_short_of_the_groups_with_organisations_missing(
    pool: Pool, loaded: dict[str, int], short: list[str]
) -> None:
    expected = {"expected_organisations": {ACUTE: 2, AMBULANCE: 1}}
    stated = built(framework({"a": metric()}, peer_groups=expected))
    assert pool.short_groups(stated, loaded) == short


def test_a_framework_that_expects_no_number_is_content() -> None:
    assert Pool().short_groups(built(framework({"a": metric()})), {}) == []
