"""The framework model: strict, closed, frozen, and what its parts work out."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from nhs_league.framework.model import (
    Aggregate,
    AppliesTo,
    Domain,
    Framework,
    Metric,
    Override,
    PeerGroups,
    PoolMembers,
    PublishedResults,
    Ranking,
    Scale,
    ThresholdSegments,
)
from nhs_league.framework.scoring_methods import (
    Band,
    FloorScoring,
    RankScoring,
    StandardScoring,
    TargetScoring,
)
from nhs_league.quarter import Quarter

METRIC: dict[str, Any] = {
    "title": "Waits",
    "domain": "access",
    "unit": "percent",
    "polarity": "higher_is_better",
    "basis": "sum",
    "scoring": {"method": "rank"},
}

FRAMEWORK: dict[str, Any] = {
    "id": "small",
    "title": "A small framework",
    "applies_to": {"quarters": "2025Q1-"},
    "scale": {"best": 1, "worst": 4},
    "domains": {"access": "Access"},
    "metrics": {"waits": METRIC},
    "segments": {"method": "quartiles"},
}


def metric(**changes: Any) -> Metric:
    return Metric.model_validate({**METRIC, **changes})


def framework(**changes: Any) -> Framework:
    return Framework.model_validate({**FRAMEWORK, **changes})


def error_types(caught: pytest.ExceptionInfo[ValidationError]) -> list[tuple[str, str]]:
    """Give each error's last place and its type."""
    return [(str(error["loc"][-1]), error["type"]) for error in caught.value.errors()]


@pytest.mark.parametrize(
    "field", ["id", "title", "applies_to", "scale", "domains", "metrics", "segments"]
)
def test_a_framework_without_a_mandatory_field_is_refused(field: str) -> None:
    content = {name: value for name, value in FRAMEWORK.items() if name != field}
    with pytest.raises(ValidationError) as caught:
        Framework.model_validate(content)
    assert error_types(caught) == [(field, "missing")]


@pytest.mark.parametrize("field", ["title", "domain", "unit", "polarity", "basis", "scoring"])
def test_a_metric_without_a_mandatory_field_is_refused(field: str) -> None:
    content = {name: value for name, value in METRIC.items() if name != field}
    with pytest.raises(ValidationError) as caught:
        Metric.model_validate(content)
    assert error_types(caught) == [(field, "missing")]


@pytest.mark.parametrize("polarity", ["neutral", "Higher_Is_Better", "", None, True])
def test_a_polarity_is_one_of_two(polarity: object) -> None:
    with pytest.raises(ValidationError) as caught:
        metric(polarity=polarity)
    assert error_types(caught) == [("polarity", "literal_error")]


@pytest.mark.parametrize("basis", ["sum", "mean", "latest", "in_force"])
def test_every_basis_is_accepted(basis: str) -> None:
    assert metric(basis=basis).basis == basis


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("weight", "5", "float_type"),
        ("weight", True, "float_type"),
        ("weight", None, "float_type"),
        ("weight", math.nan, "finite_number"),
        ("weight", math.inf, "finite_number"),
        ("weight", 0, "greater_than"),
        ("weight", -1.5, "greater_than"),
        ("per", "100", "float_type"),
        ("per", 0, "greater_than"),
        ("per", math.inf, "finite_number"),
        ("divide_by", 0, "greater_than"),
        ("divide_by", -60, "greater_than"),
        ("decimals", 1.0, "int_type"),
        ("decimals", "1", "int_type"),
        ("decimals", -1, "greater_than_equal"),
        ("decimals", 7, "less_than_equal"),
        ("counts", "yes", "bool_type"),
        ("counts", 1, "bool_type"),
        ("title", "", "string_too_short"),
        ("title", 5, "string_type"),
        ("unit", None, "string_type"),
        ("domain", "two words", "string_pattern_mismatch"),
        ("domain", "-access", "string_pattern_mismatch"),
        ("domain", "a" * 81, "string_too_long"),
        ("expected_of", "Acute trust", "tuple_type"),
        ("weigth", 5, "extra_forbidden"),
    ],
)
def test_a_metric_field_of_the_wrong_kind_is_refused(field: str, value: object, error: str) -> None:
    with pytest.raises(ValidationError) as caught:
        metric(**{field: value})
    assert error_types(caught) == [(field, error)]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ((), "notes"),
        (("applies_to",), "quarter"),
        (("scale",), "middle"),
        (("peer_groups",), "columns"),
        (("metrics", "waits"), "weigth"),
        (("metrics", "waits", "scoring"), "standard"),
        (("metrics", "waits", "source"), "link"),
        (("aggregate",), "median"),
        (("segments",), "upper_bounds"),
        (("ranking",), "order"),
        (("published",), "ranks"),
    ],
)
def test_an_unknown_field_is_refused_everywhere(place: tuple[str, ...], field: str) -> None:
    content = deepcopy(FRAMEWORK)
    content["peer_groups"] = {}
    content["aggregate"] = {}
    content["ranking"] = {}
    content["published"] = {"average_metric_score": "ams"}
    content["metrics"]["waits"]["source"] = {"title": "A", "publisher": "B", "licence": "C"}
    Framework.model_validate(content)
    part = content
    for step in place:
        part = part[step]
    part[field] = 1
    with pytest.raises(ValidationError) as caught:
        Framework.model_validate(content)
    assert error_types(caught) == [(field, "extra_forbidden")]


@pytest.mark.parametrize("field", ["domains", "metrics"])
def test_a_framework_has_at_least_one_domain_and_one_metric(field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        framework(**{field: {}})
    assert error_types(caught) == [(field, "too_short")]


@pytest.mark.parametrize("id_", ["small", "nof-2025-26", "v1.2", "A_b", "9"])
def test_an_identifier_is_letters_digits_and_three_marks(id_: str) -> None:
    assert framework(id=id_).id == id_


@pytest.mark.parametrize("id_", ["", "two words", "../up", "a/b", ".hidden", "_x", "naïve", "a\n"])
def test_an_identifier_with_anything_else_is_refused(id_: str) -> None:
    with pytest.raises(ValidationError) as caught:
        framework(id=id_)
    assert error_types(caught) == [("id", "string_pattern_mismatch")]


def test_whole_numbers_become_floats_where_a_float_is_meant() -> None:
    scoring = metric(scoring={"method": "standard", "standard": 78, "floor": 70}).scoring
    assert isinstance(scoring, StandardScoring)
    assert (scoring.standard, scoring.floor) == (78.0, 70.0)
    assert (type(scoring.standard), type(scoring.floor)) == (float, float)
    assert type(metric(weight=20).weight) is float


def test_the_defaults_are_what_the_methodology_says() -> None:
    made = framework()
    stated = made.metrics["waits"]
    assert made.description is None
    assert made.peer_groups == PeerGroups(column="trust_type", order=(), expected_organisations={})
    assert made.aggregate == Aggregate(
        over="metrics",
        mean="arithmetic",
        missing="reweight",
        min_metrics=1,
        rounding="after_ranking",
    )
    assert made.ranking == Ranking(
        within="peer_group", by=("adjusted_segment", "average_metric_score")
    )
    assert (made.scale.decimals, made.segments.method, made.segments.evidence) == (
        2,
        "quartiles",
        None,
    )
    assert (made.overrides, made.published) == ((), None)
    assert (stated.per, stated.divide_by, stated.decimals, stated.weight) == (1.0, 1.0, 2, 1.0)
    assert (stated.counts, stated.pool, stated.scoring) == (True, "all", RankScoring(method="rank"))
    assert (stated.published_score, stated.expected_of) == (None, None)


@pytest.mark.parametrize(
    ("quarters", "included", "excluded"),
    [
        ("2025Q2", ["2025Q2"], ["2025Q1", "2025Q3"]),
        ("2025Q2-2026Q1", ["2025Q2", "2025Q4", "2026Q1"], ["2025Q1", "2026Q2"]),
        ("2025Q2-", ["2025Q2", "2030Q4"], ["2025Q1", "1999Q4"]),
        ("-2025Q2", ["2025Q2", "1999Q4"], ["2025Q3", "2030Q1"]),
        ("2025Q2-2025Q2", ["2025Q2"], ["2025Q1", "2025Q3"]),
    ],
)
def test_a_framework_governs_the_quarters_it_states(
    quarters: str, included: list[str], excluded: list[str]
) -> None:
    applies_to = AppliesTo(quarters=quarters)
    assert all(applies_to.includes(Quarter.parse(quarter)) for quarter in included)
    assert not any(applies_to.includes(Quarter.parse(quarter)) for quarter in excluded)


@pytest.mark.parametrize(
    "quarters",
    [
        "",
        "-",
        "2025",
        "2025Q5",
        "2025q1",
        "2025Q1 - 2025Q2",
        "Q1 2025/26",
        "2025Q1-2025",
        "2025Q1\n",
    ],
)
def test_another_spelling_of_the_governed_quarters_is_refused(quarters: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AppliesTo(quarters=quarters)
    assert error_types(caught) == [("quarters", "string_pattern_mismatch")]


@pytest.mark.parametrize("quarters", ["2025Q3-2025Q1", "0000Q1"])
def test_quarters_that_cannot_be_are_refused(quarters: str) -> None:
    with pytest.raises(ValidationError):
        AppliesTo(quarters=quarters)


@pytest.mark.parametrize(
    ("scale", "scores", "span", "is_lower_better"),
    [
        (Scale(best=1, worst=4), [1.0, 1.75, 2.5, 4.0], 3.0, True),
        (Scale(best=100, worst=0), [100.0, 75.0, 50.0, 0.0], -100.0, False),
        (Scale(best=-1, worst=1), [-1.0, -0.5, 0.0, 1.0], 2.0, True),
    ],
)
def test_a_scale_runs_from_best_to_worst(
    scale: Scale, scores: list[float], span: float, is_lower_better: bool
) -> None:
    assert [scale.at(share) for share in (0, 0.25, 0.5, 1)] == scores
    assert (scale.span, scale.is_lower_better) == (span, is_lower_better)


@pytest.mark.parametrize("bound", ["best", "worst"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_scale_is_finite(bound: str, value: float) -> None:
    with pytest.raises(ValidationError) as caught:
        Scale.model_validate({"best": 1, "worst": 4, bound: value})
    assert error_types(caught) == [(bound, "finite_number")]


@pytest.mark.parametrize(("decimals", "accepted"), [(-1, False), (0, True), (6, True), (7, False)])
def test_scores_are_shown_with_up_to_six_decimals(decimals: int, accepted: bool) -> None:
    content = {"best": 1, "worst": 4, "decimals": decimals}
    if accepted:
        assert Scale.model_validate(content).decimals == decimals
    else:
        with pytest.raises(ValidationError):
            Scale.model_validate(content)
    assert metric(decimals=6).decimals == 6
    assert metric(decimals=0).decimals == 0


def test_a_domain_written_as_a_title_weighs_one() -> None:
    made = framework(
        domains={
            "access": "Access",
            "finance": {"title": "Money", "weight": 2},
            "x": {"title": "X"},
        }
    )
    assert made.domain("access") == Domain(title="Access", weight=1.0)
    assert made.domain("finance") == Domain(title="Money", weight=2.0)
    assert made.domain("x") == Domain(title="X", weight=1.0)


@pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, "2"])
def test_a_domain_weighs_more_than_nothing(weight: object) -> None:
    with pytest.raises(ValidationError):
        framework(domains={"access": {"title": "Access", "weight": weight}})
    with pytest.raises(ValidationError):
        Domain.model_validate({"title": "Access", "weight": weight})


def test_only_metrics_that_count_enter_the_averages_and_their_domain() -> None:
    made = framework(
        domains={"access": "Access", "finance": "Finance"},
        metrics={
            "waits": METRIC,
            "shown": {**METRIC, "counts": False},
            "surplus": {**METRIC, "domain": "finance"},
        },
    )
    assert list(made.counted_metrics) == ["waits", "surplus"]
    assert list(made.metrics_of_domain("access")) == ["waits"]
    assert list(made.metrics_of_domain("finance")) == ["surplus"]


def test_the_flags_asked_for_are_listed_in_order() -> None:
    made = framework(
        overrides=[
            {"id": "a", "title": "A", "when": {"flag": "special_measures"}, "not_better_than": 4},
            {
                "id": "b",
                "title": "B",
                "when": {"metric": "waits", "below": 0},
                "not_better_than": 3,
            },
            {"id": "c", "title": "C", "when": {"flag": "deficit"}, "not_better_than": 3},
        ]
    )
    assert made.flags() == ("special_measures", "deficit")


@pytest.mark.parametrize(
    ("polarity", "expected"), [("higher_is_better", True), ("lower_is_better", False)]
)
def test_polarity_says_which_values_are_good(polarity: str, expected: bool) -> None:
    assert metric(polarity=polarity).is_higher_better is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"basis": "sum", "per": 100}, True),
        ({"basis": "latest", "per": 100}, True),
        ({"basis": "mean", "per": 100}, False),
        ({"basis": "in_force", "per": 100}, False),
        ({"basis": "sum", "per": 1}, False),
        ({"basis": "sum", "per": 100, "unit": "minutes"}, False),
    ],
)
def test_a_percentage_of_counts_is_a_proportion(changes: dict[str, Any], expected: bool) -> None:
    assert metric(**changes).is_proportion is expected


def test_a_pool_is_a_word_or_some_peer_groups() -> None:
    assert metric(pool="peer_group").pool == "peer_group"
    assert metric(pool={"peer_groups": ["Acute trust"]}).pool == PoolMembers(
        peer_groups=("Acute trust",), include=()
    )
    assert metric(pool={"peer_groups": ["Acute trust"], "include": ["RCX"]}).pool == PoolMembers(
        peer_groups=("Acute trust",), include=("RCX",)
    )


@pytest.mark.parametrize("pool", ["peers", "", None, {"peer_groups": []}, {"include": ["RCX"]}])
def test_another_pool_is_refused(pool: object) -> None:
    with pytest.raises(ValidationError):
        metric(pool=pool)


@pytest.mark.parametrize(
    ("scoring", "place", "error"),
    [
        ({}, "scoring", "union_tag_not_found"),
        ({"method": "median"}, "scoring", "union_tag_invalid"),
        ("rank", "scoring", "model_attributes_type"),
        ({"method": "standard"}, "standard", "missing"),
        ({"method": "standard", "standard": "78"}, "standard", "float_type"),
        ({"method": "standard", "standard": math.nan}, "standard", "finite_number"),
        ({"method": "floor"}, "floor", "missing"),
        ({"method": "floor", "floor": math.inf}, "floor", "finite_number"),
        ({"method": "rank", "standard": 78}, "standard", "extra_forbidden"),
        ({"method": "bands", "bands": [], "otherwise": 4}, "bands", "too_short"),
        ({"method": "matrix", "rows": "a", "columns": "b", "scores": []}, "scores", "too_short"),
        ({"method": "z_score", "spread": 0}, "spread", "greater_than"),
        ({"method": "target", "target": 1}, "limit", "missing"),
        ({"method": "published", "score": 1}, "score", "extra_forbidden"),
    ],
)
def test_a_scoring_that_is_not_well_formed_is_refused(
    scoring: object, place: str, error: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        metric(scoring=scoring)
    assert error_types(caught) == [(place, error)]


@pytest.mark.parametrize("field", ["weight", "per", "divide_by"])
def test_a_weight_or_a_factor_may_be_a_fraction(field: str) -> None:
    assert getattr(metric(**{field: 0.5}), field) == 0.5


def test_a_metric_may_be_scored_otherwise_by_unit() -> None:
    made = metric(scoring_of_unit={"points": {"method": "floor", "floor": 2}})
    assert made.scoring_of_unit == {"points": FloorScoring(method="floor", floor=2.0)}


@pytest.mark.parametrize(
    ("band", "bound"),
    [
        (Band(at_least=0, score=1), 0.0),
        (Band(at_least=-1.5, score=1), -1.5),
        (Band(at_most=0, score=1), 0.0),
        (Band(at_most=7, score=1), 7.0),
    ],
)
def test_a_band_has_the_bound_it_states(band: Band, bound: float) -> None:
    assert band.bound == bound


@pytest.mark.parametrize("upper_bounds", [[], ["1.9"], [math.nan], [1.9, None], 1.9])
def test_upper_bounds_are_a_list_of_numbers(upper_bounds: object) -> None:
    with pytest.raises(ValidationError):
        framework(segments={"method": "thresholds", "upper_bounds": upper_bounds})


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("not_better_than", 0, "greater_than_equal"),
        ("not_better_than", 3.0, "int_type"),
        ("not_better_than", "3", "int_type"),
        ("id", "two words", "string_pattern_mismatch"),
    ],
)
def test_an_override_field_of_the_wrong_kind_is_refused(
    field: str, value: object, error: str
) -> None:
    content = {"id": "a", "title": "A", "when": {"flag": "b"}, "not_better_than": 3, field: value}
    with pytest.raises(ValidationError) as caught:
        Override.model_validate(content)
    assert error_types(caught) == [(field, error)]


@pytest.mark.parametrize(
    ("part", "field", "value", "error"),
    [
        ("aggregate", "over", "segments", "literal_error"),
        ("aggregate", "mean", "median", "literal_error"),
        ("aggregate", "missing", "average", "literal_error"),
        ("aggregate", "rounding", "never", "literal_error"),
        ("aggregate", "min_metrics", 0, "greater_than_equal"),
        ("aggregate", "evidence", "guess", "literal_error"),
        ("peer_groups", "column", "org_name", "literal_error"),
        ("ranking", "within", "region", "literal_error"),
        ("ranking", "by", [], "too_short"),
    ],
)
def test_a_choice_outside_those_offered_is_refused(
    part: str, field: str, value: object, error: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        framework(**{part: {field: value}})
    assert error_types(caught) == [(field, error)]


@pytest.mark.parametrize("key", ["rank", "org_name", ""])
def test_an_unknown_ranking_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        framework(ranking={"by": ["segment", key]})
    assert error_types(caught) == [("1", "literal_error")]


@pytest.mark.parametrize("count", [0, -1, 1.5, "3"])
def test_a_peer_group_is_expected_to_have_one_organisation_or_more(count: object) -> None:
    with pytest.raises(ValidationError):
        framework(peer_groups={"expected_organisations": {"Acute trust": count}})
    alone = framework(peer_groups={"expected_organisations": {"Acute trust": 1}})
    assert alone.peer_groups.expected_organisations == {"Acute trust": 1}


@pytest.mark.parametrize("tolerance", [-0.01, math.nan, "0.01"])
def test_the_tolerance_of_published_results_is_a_number_not_below_zero(tolerance: object) -> None:
    with pytest.raises(ValidationError):
        framework(published={"average_metric_score": "ams", "tolerance": tolerance})


def test_one_threshold_one_segment_and_one_ranking_key_are_enough() -> None:
    made = framework(
        segments={"method": "thresholds", "upper_bounds": [2]},
        ranking={"by": ["segment"]},
        overrides=[{"id": "a", "title": "A", "when": {"flag": "b"}, "not_better_than": 1}],
        published={"average_metric_score": "ams", "tolerance": 0},
    )
    assert made.segments == ThresholdSegments(method="thresholds", upper_bounds=(2.0,))
    assert made.ranking.by == ("segment",)
    assert made.overrides[0].not_better_than == 1
    assert made.published == PublishedResults(
        average_metric_score="ams", domain_scores={}, tolerance=0.0
    )


def test_nothing_in_a_framework_can_be_reassigned() -> None:
    made = framework()
    scoring = TargetScoring(method="target", target=1, limit=0)
    for part, field, value in [
        (made, "title", "Another"),
        (made.scale, "best", 2.0),
        (made.metrics["waits"], "weight", 9.0),
        (scoring, "limit", 2.0),
    ]:
        with pytest.raises(ValidationError) as caught:
            setattr(part, field, value)
        assert error_types(caught) == [(field, "frozen_instance")]
    assert (made.title, made.scale.best, made.metrics["waits"].weight) == (
        "A small framework",
        1.0,
        1.0,
    )
