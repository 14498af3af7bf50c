"""What is hard to believe in the bundled sample: all of it, and nothing else."""

from __future__ import annotations

import pytest

import nhs_league
from nhs_league.findings import Finding
from tests.support import standings

CODES = ("rank_contradicts_values", "related_metrics_contradict", "zero_far_from_peers")
SHREWSBURY_AND_TELFORD = (
    "related_metrics_contradict",
    "RXW OF0014: 0 is perfect, while OF0013 is 59.5, in place 121 of the 123 that report both",
)
SHEFFIELD = (
    "zero_far_from_peers",
    "RHQ OF0057: zero is far from the 87 other figures of 2025Q2, from 39.21 to 97.45",
)


def implausible(framework: str, quarter: str) -> list[Finding]:
    dataset = nhs_league.load_data()
    findings = nhs_league.validate(
        dataset.observations,
        dataset.organisations,
        nhs_league.load_framework(framework).framework,
        nhs_league.Quarter.parse(quarter),
    )
    return [finding for finding in findings if finding.code in CODES]


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        # The monthly files say of RXW's twelve hours: not submitted in April and in May, and more
        # than a fifth in June. RHQ's urgent community response is 50% in the next quarter.
        ("2025Q2", [SHREWSBURY_AND_TELFORD, SHEFFIELD]),
        ("2025Q3", []),
        ("2025Q4", []),
    ],
)
def test_the_published_figures_that_are_hard_to_believe(
    quarter: str, expected: list[tuple[str, str]]
) -> None:
    findings = implausible("nof-2025-26", quarter)
    assert [(finding.code, finding.message) for finding in findings] == expected
    assert {finding.severity for finding in findings} <= {"warning"}


def test_each_is_found_where_it_stands() -> None:
    places = [(f.file, f.row, f.column, f.value) for f in implausible("nof-2025-26", "2025Q2")]
    assert places == [
        ("nof_2025_26_metrics.csv", 733, "value", "0"),
        ("nof_2025_26_metrics.csv", 1431, "value", "0"),
    ]


@pytest.mark.parametrize("quarter", ["2025Q1", "2025Q2", "2025Q3"])
def test_the_monthly_figures_have_none(quarter: str) -> None:
    assert implausible("headline-kpis", quarter) == []


def test_a_good_trust_without_anybody_over_twelve_hours_is_believed() -> None:
    """Liverpool Women's (REP) has no such wait either, and nearly nobody waits four hours there."""
    metrics = {"OF0013": 89.4, "OF0014": 0.0}
    league = nhs_league.open_league(framework="nof-2025-26", quarter="2025Q2").league
    assert {id_: standings(league)["REP"][f"value:{id_}"] for id_ in metrics} == metrics
    assert [f for f in implausible("nof-2025-26", "2025Q2") if f.message.startswith("REP")] == []
