"""The framework of 2026/27: what is known of it, held on small leagues by the shipped file."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from nhs_league import Observation, Quarter, UsageError, observations_frame
from nhs_league.framework.catalogue import load_framework, load_shipped_frameworks
from nhs_league.resources import configs_directory
from nhs_league.selection import choose_framework
from tests.support import check_table

FRAMEWORK = load_framework("nof-2026-27").framework
DOMAINS = {
    "access": "Access to services",
    "patient_safety": "Patient safety",
    "finance_productivity_and_innovation": "Finance, productivity and innovation",
    "people": "People",
    "experience_of_care": "Experience of care",
    "effectiveness_of_care_and_population_health": "Effectiveness of care and population health",
}
INFECTIONS = {"OF0020", "OF0048", "OF0088"}
STATED_IN_THE_DATA = {
    "OF0017",
    "OF0047",
    "OF0061",
    "OF0084",
    "OF0086",
    "OF0094",
    "OF2080",
    "OF2108",
    "OF2207",
    "OF2208",
}
RULE = ("polarity", "unit", "pool", "weight", "counts", "scoring", "scoring_of_unit", "expected_of")
CHANGED = {
    "OF0017": {"scoring"},
    "OF0048": {"scoring_of_unit"},
    "OF0086": {"scoring", "unit"},
    "OF0088": {"scoring_of_unit"},
}


def shipped(framework_id: str) -> dict[str, Any]:
    path = configs_directory() / "frameworks" / f"{framework_id}.yaml"
    spec: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return spec


def check(table: str) -> None:
    """Hold a table against the shipped file, but for the results that were published.

    Their ids are the names of the standings' own columns, which a table states as expected.
    """
    spec = shipped("nof-2026-27")
    del spec["published"]
    check_table(spec, table)


def as_of_2026_27(metric_id: str) -> str:
    """Turn the id of a score of 2025/26 into that of 2026/27; the ids of values stay."""
    return metric_id.replace("OF1", "OF2")


@pytest.mark.parametrize(
    ("quarter", "framework_id"),
    [
        ("2025Q2", "nof-2025-26"),
        ("2026Q1", "nof-2025-26"),
        ("2026Q2", "nof-2026-27"),
        ("2027Q1", "nof-2026-27"),
    ],
)
def test_each_year_is_governed_by_its_own_framework(quarter: str, framework_id: str) -> None:
    observations = observations_frame(
        Observation(org_code="AA", metric_id=metric_id, period=quarter, value=1.0)
        for metric_id in ("OF0003", "OF0017", "OF0061")
    )
    chosen = choose_framework(observations, load_shipped_frameworks(), Quarter.parse(quarter))
    assert chosen.framework.id == framework_id


def test_no_framework_is_shipped_for_the_year_after() -> None:
    observations = observations_frame(
        [Observation(org_code="AA", metric_id="OF0003", period="2027Q2", value=1.0)]
    )
    with pytest.raises(UsageError, match="no shipped framework has metrics in these data"):
        choose_framework(observations, load_shipped_frameworks(), Quarter(2027, 2))


def test_the_six_domains_all_have_metrics_and_published_results() -> None:
    assert dict(FRAMEWORK.domains) == DOMAINS
    assert all(FRAMEWORK.metrics_of_domain(domain) for domain in DOMAINS)
    assert FRAMEWORK.published is not None
    assert FRAMEWORK.published.domain_scores == {id_: f"{id_}_score" for id_ in DOMAINS}
    assert FRAMEWORK.published.domain_segments == {id_: f"{id_}_segment" for id_ in DOMAINS}


def test_202_organisations_make_the_league_whole() -> None:
    assert FRAMEWORK.peer_groups.expected_organisations == {
        "Acute trust": 134,
        "Mental health and community trust": 58,
        "Ambulance trust": 10,
    }


def test_no_id_stands_twice_and_every_score_is_one_of_2026_27() -> None:
    scores = {id_: metric.published_score or id_ for id_, metric in FRAMEWORK.metrics.items()}
    assert all(score.startswith("OF2") for score in scores.values())
    assert len(set(scores.values())) == len(scores)
    values = scores.keys() - set(scores.values())
    assert all(id_.startswith("OF0") and scores[id_][3:] == id_[3:] for id_ in values)


def test_every_rule_says_how_it_is_known() -> None:
    evidence = {id_: metric.evidence for id_, metric in FRAMEWORK.metrics.items()}
    assert {id_ for id_, known in evidence.items() if known == "data"} == STATED_IN_THE_DATA
    assert {known for known in evidence.values() if known != "data"} == {"inferred"}
    parts = (FRAMEWORK.aggregate, FRAMEWORK.segments, *FRAMEWORK.overrides, FRAMEWORK.ranking)
    assert [part.evidence for part in parts] == ["inferred", "data", "data", "data"]


def test_a_metric_whose_meaning_is_not_known_says_so() -> None:
    unknown = [metric for metric in FRAMEWORK.metrics.values() if metric.why is None]
    assert len(unknown) == 11
    assert all(metric.note and "inferred" in metric.note for metric in unknown)


def test_the_metrics_of_2025_26_keep_their_rules_but_for_those_that_changed() -> None:
    for old_id, old in load_framework("nof-2025-26").framework.metrics.items():
        id_ = as_of_2026_27(old_id)
        assert id_ in FRAMEWORK.metrics
        metric = FRAMEWORK.metrics[id_]
        assert metric.published_score == (
            as_of_2026_27(old.published_score) if old.published_score else None
        )
        changed = {field for field in RULE if getattr(metric, field) != getattr(old, field)}
        assert changed == CHANGED.get(id_, set()), id_


def test_three_infections_weigh_as_one_metric() -> None:
    assert {id_: metric.weight for id_, metric in FRAMEWORK.metrics.items()} == {
        id_: 1 if id_ in INFECTIONS else 3 for id_ in FRAMEWORK.metrics
    }
    check(
        """
        trust | type        | OF0020 | OF0048 | OF0088 | OF2067 | composite
        R01   | Acute trust | 0      | 0.9    | 1      | 3      | 2
        """
    )


def test_segments_are_cut_at_the_same_thresholds_for_every_type() -> None:
    # The average is (2.00 + the other score) / 2, and is rounded before it is cut.
    check(
        """
        trust | type                              | OF2015 | OF2096 | average | segment
        R01   | Acute trust                       | 2.00   | 1.84   | 1.92    | 1
        R02   | Acute trust                       | 2.00   | 1.848  | 1.92    | 1
        R03   | Ambulance trust                   | 2.00   | 1.85   | 1.93    | 2
        R04   | Mental health and community trust | 2.00   | 1.86   | 1.93    | 2
        R05   | Ambulance trust                   | 2.00   | 2.64   | 2.32    | 2
        R06   | Acute trust                       | 2.00   | 2.66   | 2.33    | 3
        R07   | Mental health and community trust | 2.00   | 3.54   | 2.77    | 3
        R08   | Acute trust                       | 2.00   | 3.56   | 2.78    | 4
        """
    )


def test_one_trust_alone_has_a_segment() -> None:
    check("trust | type | OF2067 | segment\n R01 | Acute trust | 2 | 2")


def test_a_trust_in_deficit_is_not_better_than_segment_3() -> None:
    check(
        """
        trust | type            | OF2015 | financial_override | segment | adjusted | rank
        R01   | Acute trust     | 1.20   | 1                  | 1       | 3        | 3
        R02   | Acute trust     | 1.30   | 0                  | 1       | 1        | 1
        R03   | Acute trust     | 2.10   | -                  | 2       | 2        | 2
        R04   | Acute trust     | 2.50   | 0                  | 3       | 3        | 4
        R05   | Acute trust     | 3.00   | 1                  | 4       | 4        | 5
        R06   | Ambulance trust | 2.20   | 1                  | 2       | 3        | 1
        """
    )


@pytest.mark.parametrize(
    ("bank", "scores"),
    [(1, (1, 1, 2, 3)), (2, (2, 2, 3, 4)), (3, (2, 3, 3, 4)), (4, (2, 3, 4, 4))],
)
def test_bank_and_agency_staffing_are_combined_and_count_as_one(
    bank: int, scores: tuple[int, ...]
) -> None:
    rows = [
        f"R0{agency} | Acute trust | {bank} | {agency} | {score} | 1 | {score}"
        for agency, score in enumerate(scores, start=1)
    ]
    header = "trust | type | OF2207 | OF2208 | OF2108 score | metrics_scored | average"
    check("\n".join([header, *rows]))


def test_temporary_staffing_without_one_of_its_parts_is_not_scored() -> None:
    check(
        """
        trust | type        | OF2207 | OF2208 | OF2067 | OF2108 score | average
        R01   | Acute trust | 1      | -      | 2      | -            | 2
        R02   | Acute trust | -      | 4      | 2      | -            | 2
        """
    )


def test_combined_finance_has_the_bands_and_the_matrix_of_2025_26() -> None:
    check(
        """
        trust | type        | OF0079 | OF0081 | OF0079 score | OF0081 score | OF2080 score | average
        R01   | Acute trust | 0      | 0      | 1            | 1            | 1            | 1
        R02   | Acute trust | 0.4    | -0.8   | 1            | 3            | 2            | 2
        R03   | Acute trust | -1.5   | -0.5   | 3            | 2            | 3            | 3
        R04   | Acute trust | -9     | 0.1    | 4            | 1            | 2            | 2
        R05   | Acute trust | -1     | -2     | 2            | 4            | 4            | 4
        """
    )


def test_the_category_2_standard_is_25_minutes() -> None:
    # R1F is an acute trust that runs an ambulance service; another acute trust is in no pool.
    check(
        """
        trust | type            | OF0017 | OF0017 score
        R01   | Ambulance trust | 24     | 1
        R02   | Ambulance trust | 25     | 1
        R03   | Ambulance trust | 25.1   | 2
        R1F   | Acute trust     | 29     | 3
        R05   | Ambulance trust | 30     | 4
        R06   | Acute trust     | 20     | -
        """
    )


def test_the_cost_index_has_a_standard_of_100() -> None:
    check(
        """
        trust | type                              | OF0086 | OF0086 score
        R01   | Mental health and community trust | 92     | 1
        R02   | Ambulance trust                   | 100    | 1
        R03   | Ambulance trust                   | 100.5  | 2
        R04   | Mental health and community trust | 104    | 3
        R05   | Mental health and community trust | 120    | 4
        R06   | Acute trust                       | 90     | -
        """
    )


def test_only_100_per_cent_meets_the_standard_of_of0094() -> None:
    check(
        """
        trust | type            | OF0094 | OF0094 score
        R01   | Acute trust     | 100    | 1
        R02   | Ambulance trust | 100    | 1
        R03   | Ambulance trust | 99.9   | 2
        R04   | Acute trust     | 97     | 3
        R05   | Acute trust     | 60     | 4
        """
    )


@pytest.mark.parametrize("metric_id", ["OF0047", "OF0061", "OF0084"])
def test_the_staff_survey_is_ranked_within_the_type(metric_id: str) -> None:
    check(
        f"""
        trust | type            | {metric_id} | {metric_id} score
        R01   | Acute trust     | 7.1         | 1
        R02   | Acute trust     | 6.9         | 2.5
        R03   | Acute trust     | 6.5         | 4
        R04   | Ambulance trust | 6.4         | 1
        R05   | Ambulance trust | 6.0         | 4
        """
    )


@pytest.mark.parametrize("metric_id", ["OF0048", "OF0088"])
def test_the_units_of_an_infection_make_no_difference(metric_id: str) -> None:
    check(
        f"""
        trust | type        | {metric_id} | {metric_id} score
        R01   | Acute trust | 0.8 count   | 1
        R02   | Acute trust | 1 rate      | 1
        R03   | Acute trust | 1.1         | 2
        R04   | Acute trust | 1.2 count   | 3
        R05   | Acute trust | 1.9 %       | 4
        """
    )


def test_an_infection_that_is_a_count_has_its_published_score() -> None:
    check(
        """
        trust | type        | OF0048  | OF2048 | OF0048 score
        R01   | Acute trust | 0 count | 1.00   | 1
        R02   | Acute trust | 1 count | 2.00   | 2
        """
    )


@pytest.mark.parametrize("published", ["1.00", "2.37", "4.00"])
def test_a_metric_whose_rule_is_not_known_is_scored_as_published(published: str) -> None:
    ids = ["OF2004", "OF2015", "OF2029", "OF2096", "OF2101", "OF2102", "OF2120"]
    header = " | ".join(["trust", "type", *ids, "average", "metrics_scored"])
    row = " | ".join(["R01", "Ambulance trust", *[published] * len(ids), published, str(len(ids))])
    check(f"{header}\n{row}")
