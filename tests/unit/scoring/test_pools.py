"""Who is in a pool, and whether all of it is loaded."""

from __future__ import annotations

import dataclasses
from typing import Any

import polars as pl
import pytest

from nhs_league.framework.model import Framework, Metric
from nhs_league.scoring import columns
from nhs_league.scoring.pools import (
    Loaded,
    Pool,
    is_scored_among_others,
    loaded_organisations,
    pool_of,
)
from tests.support import ACUTE, AMBULANCE, built, framework, metric, score_metric

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


def test_an_expression_is_evaluated_within_each_league_of_a_frame_that_holds_several() -> None:
    several = FRAME.with_columns(league=pl.Series([1, 1, 2, 2]))
    counted = pl.col("value").count()
    of_all = Pool(leagues="league").over_expr(counted)
    of_groups = Pool(leagues="league", within_peer_group=True).over_expr(counted)
    found = several.with_columns(all=of_all, group=of_groups)
    assert found["all"].to_list() == [2, 2, 2, 2]
    assert found["group"].to_list() == [1, 1, 1, 1]


def test_the_pool_of_a_metric() -> None:
    named = {"peer_groups": [AMBULANCE], "include": ["R1F"]}
    stated = [Metric.model_validate(metric(pool=pool)) for pool in ("all", "peer_group", named)]
    assert [pool_of(one) for one in stated] == [
        Pool(),
        Pool(within_peer_group=True),
        Pool((AMBULANCE,), ("R1F",)),
    ]


@pytest.mark.parametrize("one", [Pool(), Loaded({}, frozenset())])
def test_pools_and_what_is_loaded_cannot_be_changed(one: Pool | Loaded) -> None:
    for field in dataclasses.fields(one):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field.name, None)


EXPECTED = {"expected_organisations": {ACUTE: 2, AMBULANCE: 1}}
CONTENT = framework({"a": metric()})


def expecting(**metrics: dict[str, Any]) -> Framework:
    """Build a framework that expects two acute trusts and one ambulance trust."""
    return built(framework(metrics or {"a": metric()}, peer_groups=EXPECTED))


def loaded(groups: dict[str, int], *included: str) -> Loaded:
    return Loaded(groups, frozenset(included))


@pytest.mark.parametrize(
    ("pool", "groups", "short"),
    [
        (Pool(), {ACUTE: 2, AMBULANCE: 1}, []),
        (Pool(), {ACUTE: 2}, [AMBULANCE]),
        (Pool(), {}, [ACUTE, AMBULANCE]),
        (Pool((AMBULANCE,)), {AMBULANCE: 1}, []),
        (Pool((AMBULANCE,)), {AMBULANCE: 2}, []),
        (Pool((ACUTE,)), {ACUTE: 1, AMBULANCE: 1}, [ACUTE]),
        (Pool(within_peer_group=True), {AMBULANCE: 1}, [ACUTE]),
    ],
)
def test_a_pool_is_short_of_the_groups_with_organisations_missing(
    pool: Pool, groups: dict[str, int], short: list[str]
) -> None:
    assert pool.short_groups(expecting(), loaded(groups)) == short


def test_a_framework_that_expects_no_number_is_content() -> None:
    pool = Pool((AMBULANCE,), ("R1F",))
    nobody = loaded({})
    assert pool.short_groups(built(CONTENT), nobody) == []
    assert pool.absent_members(built(CONTENT), nobody) == []
    assert pool.whole_expr(built(CONTENT), nobody) is None


@pytest.mark.parametrize(
    ("include", "included", "absent"),
    [
        ((), (), []),
        (("R1F",), ("R1F",), []),
        (("R1F",), (), ["R1F"]),
        (("R1F", "RA1"), ("RA1",), ["R1F"]),
    ],
)
def test_a_pool_lacks_the_members_of_other_groups_that_are_not_there(
    include: tuple[str, ...], included: tuple[str, ...], absent: list[str]
) -> None:
    pool = Pool((AMBULANCE,), include)
    assert pool.absent_members(expecting(), loaded({AMBULANCE: 1}, *included)) == absent


@pytest.mark.parametrize(
    ("pool", "there", "lacking"),
    [
        (Pool(), loaded({ACUTE: 2, AMBULANCE: 1}), None),
        (
            Pool(),
            loaded({ACUTE: 1}),
            "1 of 2 organisations of the type Acute and 1 of 1 organisations of the type Ambulance",
        ),
        (Pool(), loaded({AMBULANCE: 1}), "2 of 2 organisations of the type Acute"),
        (Pool(within_peer_group=True), loaded({ACUTE: 1, AMBULANCE: 1}), None),
        (
            Pool(within_peer_group=True),
            loaded({ACUTE: 1}),
            "1 of 1 organisations of the type Ambulance",
        ),
        (
            Pool((AMBULANCE,), ("R1F", "RA1")),
            loaded({}),
            "1 of 1 organisations of the type Ambulance and its member R1F and RA1",
        ),
        (Pool((AMBULANCE,), ("R1F",)), loaded({AMBULANCE: 1}), "its member R1F"),
    ],
)
def test_what_the_pool_of_an_ambulance_trust_lacks(
    pool: Pool, there: Loaded, lacking: str | None
) -> None:
    assert pool.lacking(expecting(), there, AMBULANCE) == lacking


def test_a_group_that_is_a_pool_of_its_own_lacks_nothing_where_another_is_short() -> None:
    pool = Pool(within_peer_group=True)
    assert pool.lacking(expecting(), loaded({ACUTE: 2}), ACUTE) is None
    assert pool.lacking(expecting(), loaded({AMBULANCE: 1}), AMBULANCE) is None


def is_whole(pool: Pool, there: Loaded) -> list[bool | None] | None:
    """Say of each organisation of ``FRAME`` whether its pool is whole; none if all are."""
    expr = pool.whole_expr(expecting(), there)
    return None if expr is None else FRAME.with_columns(expr.alias("whole"))["whole"].to_list()


def test_a_pool_that_is_whole_needs_nothing_said_of_it() -> None:
    everybody = loaded({ACUTE: 2, AMBULANCE: 1}, "R1F")
    for pool in (Pool(), Pool(within_peer_group=True), Pool((AMBULANCE,), ("R1F",))):
        assert is_whole(pool, everybody) is None


def test_a_pool_of_all_is_whole_for_nobody_once_one_is_missing() -> None:
    assert is_whole(Pool(), loaded({ACUTE: 1, AMBULANCE: 1})) == [False] * 4


def test_a_peer_group_that_is_short_leaves_the_others_whole() -> None:
    there = loaded({ACUTE: 1, AMBULANCE: 1})
    assert is_whole(Pool(within_peer_group=True), there) == [True, False, False, None]


def test_a_named_pool_is_whole_for_nobody_without_a_member_of_another_group() -> None:
    pool = Pool((AMBULANCE,), ("R1F",))
    assert is_whole(pool, loaded({AMBULANCE: 1})) == [False] * 4
    assert is_whole(pool, loaded({}, "R1F")) == [False] * 4
    assert is_whole(pool, loaded({AMBULANCE: 1}, "R1F")) is None


BANDS = [{"at_least": 0, "score": 1}]
NAMED = {"peer_groups": [AMBULANCE], "include": ["R1F"]}
WIDE = pl.DataFrame(
    {
        "org_code": ["RX6", "R1F", "RA1", "RA2"],
        "peer_group": [AMBULANCE, ACUTE, ACUTE, ACUTE],
        columns.IS_MEASURED: [True, True, True, False],
    }
)


def test_organisations_are_loaded_that_any_metric_measures() -> None:
    stated = expecting(a=metric(pool=NAMED))
    assert loaded_organisations(WIDE, stated) == loaded({ACUTE: 2, AMBULANCE: 1}, "R1F")


def test_an_included_organisation_that_nothing_measures_is_not_loaded() -> None:
    silent = WIDE.filter(pl.col("org_code") != "R1F")
    stated = expecting(a=metric(pool=NAMED))
    assert loaded_organisations(silent, stated) == loaded({ACUTE: 1, AMBULANCE: 1})


def test_published_results_alone_load_nobody() -> None:
    results = WIDE.with_columns(pl.lit(False).alias(columns.IS_MEASURED))
    assert loaded_organisations(results, expecting(a=metric(pool=NAMED))) == loaded({})


def test_values_of_one_s_own_load_everybody() -> None:
    values = WIDE.drop(columns.IS_MEASURED)
    stated = expecting(a=metric(pool=NAMED))
    assert loaded_organisations(values, stated) == loaded({ACUTE: 3, AMBULANCE: 1}, "R1F")


def test_a_framework_that_expects_no_number_counts_nobody() -> None:
    assert loaded_organisations(WIDE, built(CONTENT)) == loaded({})


def test_those_loaded_are_counted_over_all_groups() -> None:
    assert loaded({ACUTE: 2, AMBULANCE: 1}).count == 3
    assert loaded({}).count == 0


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (metric(scoring={"method": "rank"}), True),
        (metric(scoring={"method": "percentile"}), True),
        (metric(scoring={"method": "min_max"}), True),
        (metric(scoring={"method": "z_score"}), True),
        (metric(scoring={"method": "standard", "standard": 78}), True),
        (metric(scoring={"method": "floor", "floor": 70}), True),
        (metric(scoring={"method": "target", "target": 78, "limit": 0}), False),
        (metric(scoring={"method": "bands", "bands": BANDS, "otherwise": 4}), False),
        (metric(scoring={"method": "matrix", "rows": "a", "columns": "b", "scores": [[1]]}), False),
        (score_metric(), False),
    ],
)
def test_a_score_hangs_on_others_unless_its_rule_is_for_one_alone(
    stated: dict[str, Any], expected: bool
) -> None:
    assert is_scored_among_others(Metric.model_validate(stated)) is expected
