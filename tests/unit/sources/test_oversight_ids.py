"""Metric_IDs of the Oversight Framework: what each says that its row holds."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.sources.oversight_ids import (
    DOMAIN_NAMES,
    FLAGS,
    RESULTS,
    domain_result_expr,
    kind_expr,
)

DOMAINS_2025_26 = {
    "00": "access",
    "02": "patient_safety",
    "03": "finance_and_productivity",
    "04": "people_and_workforce",
    "05": "effectiveness_and_experience",
}


def read(metric_id: str, domain: str = "") -> tuple[str | None, str | None]:
    """Give the kind of a row, and the result that it holds."""
    frame = pl.DataFrame({"metric_id": [metric_id], "domain": [domain]})
    frame = frame.with_columns(kind_expr("metric_id").alias("kind"))
    kind, result = frame.select("kind", domain_result_expr().alias("result")).row(0)
    return kind, result


@pytest.mark.parametrize(
    ("metric_id", "kind"),
    [
        ("OF0003", "value"),
        ("OF0120", "value"),
        ("OF1003", "metric_score"),
        ("OF1080", "metric_score"),
        ("OF2003", "metric_score"),
        ("OF2207", "metric_score"),
        ("OF4000", "domain_score"),
        ("OF4204", "domain_score"),
        ("OF4105", "domain_segment"),
        ("OF4300", "domain_segment"),
        ("OF5000", "summary"),
        ("OF5002", "summary"),
        ("OF5003", "summary"),
        ("OF5005", "summary"),
        ("OF5200", "summary"),
        ("OF5202", "summary"),
        ("OF5203", "summary"),
        ("OF5004", "flag"),
        ("OF5007", "flag"),
        ("OF5204", "flag"),
    ],
)
def test_an_id_of_either_year_says_what_its_row_holds(metric_id: str, kind: str) -> None:
    assert read(metric_id)[0] == kind


@pytest.mark.parametrize(
    "metric_id",
    [
        "",
        "OF3003",
        "OF6000",
        "OF5001",
        "OF5006",
        "OF5201",
        "OF5300",
        "OF4400",
        "OF003",
        "OF00003",
        "of0003",
        "OF0003a",
        "OF0003\n",
        "XOF0003",
        "ae_4_hours",
        "OF0",
    ],
)
def test_an_id_that_no_edition_has_holds_nothing_known(metric_id: str) -> None:
    assert read(metric_id) == (None, None)


@pytest.mark.parametrize(("metric_id", "result"), list(RESULTS.items()))
def test_a_summary_row_is_named_by_its_result(metric_id: str, result: str) -> None:
    assert read(metric_id, "Summary")[1] == result


def test_a_year_s_summary_rows_hold_the_same_results_under_the_same_last_digits() -> None:
    for metric_id, result in RESULTS.items():
        if metric_id.startswith("OF52"):
            assert RESULTS[metric_id.replace("OF52", "OF50")] == result


def test_flags_are_summary_rows() -> None:
    assert {RESULTS[metric_id] for metric_id in FLAGS} == {"financial_override", "recovery_support"}


@pytest.mark.parametrize(("suffix", "domain"), list(DOMAINS_2025_26.items()))
def test_a_domain_of_2025_26_is_known_by_its_number(suffix: str, domain: str) -> None:
    for name in ("", "People", "Another domain"):
        assert read(f"OF40{suffix}", name) == ("domain_score", f"{domain}_score")
        assert read(f"OF41{suffix}", name) == ("domain_segment", f"{domain}_segment")


@pytest.mark.parametrize("suffix", ["01", "06", "10", "99"])
def test_a_number_that_no_domain_of_2025_26_has_holds_no_result(suffix: str) -> None:
    assert read(f"OF40{suffix}", "People") == ("domain_score", None)
    assert read(f"OF41{suffix}", "Access to services") == ("domain_segment", None)


@pytest.mark.parametrize(("name", "domain"), list(DOMAIN_NAMES.items()))
def test_a_domain_of_2026_27_is_known_by_its_name(name: str, domain: str) -> None:
    for suffix in ("00", "01", "17"):
        assert read(f"OF42{suffix}", name) == ("domain_score", f"{domain}_score")
        assert read(f"OF43{suffix}", name) == ("domain_segment", f"{domain}_segment")
    assert read("OF4200", name.upper())[1] == f"{domain}_score"
    assert read("OF4200", name.replace(" ", "\u00a0"))[1] == f"{domain}_score"


@pytest.mark.parametrize("name", ["", "Peeple", "People and workforce", "Finance and productivity"])
def test_a_name_that_no_domain_of_2026_27_has_holds_no_result(name: str) -> None:
    assert read("OF4203", name) == ("domain_score", None)


@pytest.mark.parametrize("metric_id", ["OF0003", "OF1003", "OF2003"])
def test_a_value_or_score_of_any_domain_holds_no_result(metric_id: str) -> None:
    assert read(metric_id, "People")[1] is None


def test_the_domains_are_those_of_the_shipped_frameworks() -> None:
    from nhs_league.framework.catalogue import load_framework

    first, second = (load_framework(id_).framework for id_ in ("nof-2025-26", "nof-2026-27"))
    assert set(first.domains) == set(DOMAINS_2025_26.values())
    titles = {second.domain(domain).title: domain for domain in second.domains}
    assert titles == DOMAIN_NAMES
    for framework in (first, second):
        assert framework.published is not None
        assert set(framework.published.domain_scores.values()) == {
            f"{domain}_score" for domain in framework.domains
        }
        assert set(framework.published.domain_segments.values()) == {
            f"{domain}_segment" for domain in framework.domains
        }
