"""The bundled sample gives the published league tables, and what the oracle makes of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import nhs_league
from nhs_league.scoring.score_choice import ScoreSource
from tests import oracle
from tests.support import assert_rows, standings

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
NHS_QUARTERS = {"2025Q2": "Q1 2025/26", "2025Q3": "Q2 2025/26", "2025Q4": "Q3 2025/26"}
QUARTERS = list(NHS_QUARTERS)
DOMAINS = (
    "access",
    "patient_safety",
    "finance_and_productivity",
    "people_and_workforce",
    "effectiveness_and_experience",
)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float | None:
    return float(cell) if cell else None


@cache
def published(quarter: str) -> dict[str, dict[str, str]]:
    rows = read_csv(SAMPLE / "nof_2025_26_published.csv")
    return {row["org_code"]: row for row in rows if row["quarter"] == NHS_QUARTERS[quarter]}


@cache
def dataset() -> nhs_league.Dataset:
    return nhs_league.load_data()


@cache
def scored(quarter: str, scores: ScoreSource) -> dict[str, dict[str, Any]]:
    """Score the quarter as the published league tables do."""
    framework = nhs_league.load_framework("nof-2025-26").framework
    data = dataset()
    league = nhs_league.score(
        data.observations,
        data.organisations,
        framework,
        nhs_league.Quarter.parse(quarter),
        scores,
    )
    return standings(league)


@cache
def opened(quarter: str) -> dict[str, dict[str, Any]]:
    return standings(nhs_league.open_league(framework="nof-2025-26", quarter=quarter).league)


def differences(quarter: str, rows: dict[str, dict[str, Any]]) -> dict[str, float]:
    """List by how much averages differ from the published ones, in points."""
    return {
        org: abs(rows[org]["average_metric_score"] - float(row["average_metric_score"]))
        for org, row in published(quarter).items()
    }


@pytest.mark.parametrize("quarter", QUARTERS)
def test_all_205_trusts_have_their_published_result(quarter: str) -> None:
    expected = {
        org: {
            "average_metric_score": float(row["average_metric_score"]),
            "segment": int(row["segment"]),
            "overrides": "financial_deficit" if row["financial_override"] == "1" else None,
            "adjusted_segment": int(row["adjusted_segment"]),
            "rank": int(row["league_rank"]),
        }
        for org, row in published(quarter).items()
    }
    assert len(expected) == 205
    assert opened(quarter).keys() == expected.keys()
    assert_rows(opened(quarter), expected)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_domain_has_its_published_score_and_segment(quarter: str) -> None:
    expected = {
        org: {
            column: number(row[published_column])
            for id_ in DOMAINS
            for column, published_column in (
                (f"domain_score_{id_}", f"{id_}_score"),
                (f"domain_segment_{id_}", f"{id_}_segment"),
            )
        }
        for org, row in published(quarter).items()
    }
    assert_rows(opened(quarter), expected)


@pytest.mark.parametrize(("quarter", "equal"), [("2025Q2", 198), ("2025Q3", 205), ("2025Q4", 205)])
def test_the_published_metric_scores_give_the_published_averages(quarter: str, equal: int) -> None:
    found = differences(quarter, scored(quarter, "published")).values()
    assert sum(difference < 1e-9 for difference in found) == equal
    assert max(found) < 0.01 + 1e-9


@pytest.mark.parametrize("quarter", QUARTERS)
def test_values_alone_give_nearly_all_averages_and_segments(quarter: str) -> None:
    rows = scored(quarter, "computed")
    found = differences(quarter, rows).values()
    assert sum(difference < 1e-9 for difference in found) >= 186
    assert sum(difference < 0.01 + 1e-9 for difference in found) >= 203
    same = [
        org
        for org, row in published(quarter).items()
        if rows[org]["adjusted_segment"] == int(row["adjusted_segment"])
    ]
    assert len(same) >= 204


def test_the_top_and_the_bottom_of_the_first_acute_table() -> None:
    rows = opened("2025Q2")
    top = {org: rows[org]["rank"] for org in ("RP6", "RAN", "RBV", "RCX")}
    assert top == {"RP6": 1, "RAN": 2, "RBV": 3, "RCX": 134}
    assert rows["RP6"]["average_metric_score"] == 1.39
    assert rows["RCX"]["rank_of"] == 134


def test_38_trusts_changed_segment_between_the_first_two_tables() -> None:
    before, after = opened("2025Q2"), opened("2025Q3")
    changed = [
        org for org in before if before[org]["adjusted_segment"] != after[org]["adjusted_segment"]
    ]
    assert len(changed) == 38


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_oracle_makes_the_same_league_of_the_raw_file(quarter: str) -> None:
    framework = framework_mapping("nof-2025-26")
    rows = list(nof_observations(quarter))
    naive = oracle.standings(rows, peer_groups(), framework, quarter)
    assert naive.keys() == opened(quarter).keys()
    assert_rows(opened(quarter), naive)


def test_the_oracle_makes_the_same_headline_league_of_the_raw_files() -> None:
    opened_league = nhs_league.open_league(framework="headline-kpis", quarter="2025Q2").league
    rows = list(headline_observations())
    framework = framework_mapping("headline-kpis")
    naive = oracle.standings(rows, peer_groups(), framework, "2025Q2")
    assert len(naive) == 205
    assert naive.keys() == standings(opened_league).keys()
    assert_rows(standings(opened_league), naive)


def framework_mapping(framework_id: str) -> dict[str, Any]:
    text = (ROOT / "configs" / "frameworks" / f"{framework_id}.yaml").read_text("utf-8")
    mapping: dict[str, Any] = yaml.safe_load(text)
    return mapping


def peer_groups() -> dict[str, str]:
    return {row["org_code"]: row["trust_type"] for row in read_csv(SAMPLE / "organisations.csv")}


def headline_observations() -> Iterator[dict[str, Any]]:
    """Read the monthly and the yearly files that the headline framework takes its metrics from."""
    for metric_id in ("ae_4_hours", "cancer_62_days", "rtt_18_weeks"):
        for row in read_csv(SAMPLE / "monthly" / f"{metric_id}.csv"):
            yield {
                "org_code": row["org_code"],
                "metric_id": metric_id,
                "period": row["period"],
                "numerator": row["numerator"] or None,
                "denominator": number(row["denominator"]),
                "status": row["status"],
            }
    for row in read_csv(SAMPLE / "monthly" / "ambulance_category_2.csv"):
        yield {
            "org_code": row["org_code"],
            "metric_id": "ambulance_category_2",
            "period": row["period"],
            "value": row["mean_seconds"] or None,
            "denominator": number(row["incidents"]),
            "status": row["status"],
        }
    for file, metric_id, column in (
        ("inpatient_survey.csv", "inpatient_survey", "score"),
        ("staff_survey_2024.csv", "staff_engagement", "staff_engagement"),
        ("finance_plan_2025_26.csv", "planned_surplus_pct", "planned_surplus_pct"),
    ):
        for row in read_csv(SAMPLE / file):
            yield {
                "org_code": row["org_code"],
                "metric_id": metric_id,
                "period": f"{row['in_force_from']} to {row['in_force_to']}",
                "value": row[column],
            }


def nof_observations(quarter: str) -> Iterator[dict[str, Any]]:
    """Read the oversight framework's values, published scores, results and flags."""
    for row in read_csv(SAMPLE / "nof_2025_26_metrics.csv"):
        if row["quarter"] == NHS_QUARTERS[quarter]:
            yield {
                "org_code": row["org_code"],
                "metric_id": row["metric_id"],
                "period": quarter,
                "value": row["value"],
                "unit": row["units"],
                "published_rank": number(row["rank_in_type"]),
            }
    for org, row in published(quarter).items():
        for name, cell in row.items():
            if cell and (name.endswith("_score") or name == "financial_override"):
                yield {"org_code": org, "metric_id": name, "period": quarter, "value": cell}
