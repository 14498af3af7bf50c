"""Explanations, recomputed from the league by other means."""

from __future__ import annotations

import statistics

import polars as pl
import pytest

from nhs_league import OpenLeague, UsageError, explain
from nhs_league.analysis.explain import EXPLANATION_SCHEMA
from nhs_league.framework.scoring_methods import StandardScoring

CODES = ("RCX", "RBV", "RP6", "RAX", "RX7", "RLY", "R1F", "G6V2S")


def values_of(
    opened: OpenLeague, metric_id: str, codes: list[str] | None = None
) -> dict[str, float]:
    """Read the figures of a metric straight from the observations."""
    observed = opened.dataset.observations.filter(
        pl.col("metric_id") == metric_id,
        pl.col("period") == "2025Q2",
        pl.col("value").is_not_null(),
    )
    values = dict(observed.select("org_code", "value").iter_rows())
    return values if codes is None else {code: values[code] for code in codes if code in values}


def peers_of(opened: OpenLeague, code: str) -> list[str]:
    organisations = opened.dataset.organisations
    group = organisations.filter(pl.col("org_code") == code)["trust_type"].item()
    return organisations.filter(pl.col("trust_type") == group)["org_code"].to_list()


@pytest.mark.parametrize("code", CODES)
def test_contributions_add_up_to_the_composite(sample_league: OpenLeague, code: str) -> None:
    explanation = explain(sample_league.league, code)
    contributions = explanation.metrics["contribution"].drop_nulls().to_list()
    assert len(contributions) == explanation.metrics_scored
    assert sum(contributions) == pytest.approx(explanation.composite, abs=1e-9)
    assert explanation.composite == pytest.approx(explanation.average_metric_score, abs=0.0151)


def test_every_trusts_contributions_add_up_in_the_other_framework_too() -> None:
    from nhs_league import open_league

    league = open_league(framework="headline-kpis", quarter="2025Q2").league
    ranked = league.standings.filter(pl.col("rank").is_not_null())["org_code"].to_list()
    for code in ranked[::10]:
        explanation = explain(league, code)
        total = sum(explanation.metrics["contribution"].drop_nulls().to_list())
        assert total == pytest.approx(explanation.composite, abs=1e-9)


@pytest.mark.parametrize("code", CODES)
def test_effective_weights_share_one_out(sample_league: OpenLeague, code: str) -> None:
    metrics = explain(sample_league.league, code).metrics
    scored = metrics.filter(pl.col("contribution").is_not_null())
    assert scored["effective_weight"].sum() == pytest.approx(1)
    total = scored["weight"].sum()
    for row in scored.iter_rows(named=True):
        assert row["effective_weight"] == pytest.approx(row["weight"] / total)
        assert row["contribution"] == pytest.approx(row["effective_weight"] * row["score"])


@pytest.mark.parametrize("code", ["RCX", "RLY", "RX7"])
@pytest.mark.parametrize("metric_id", ["OF0082", "OF0084", "OF0079", "OF0081"])
def test_peers_median_is_the_median_of_the_peer_group(
    sample_league: OpenLeague, code: str, metric_id: str
) -> None:
    row = explain(sample_league.league, code).metrics.row(
        by_predicate=pl.col("metric_id") == metric_id, named=True
    )
    peers = values_of(sample_league, metric_id, peers_of(sample_league, code))
    assert row["peers_median"] == pytest.approx(statistics.median(peers.values()))
    assert row["value"] == peers[code]


@pytest.mark.parametrize("metric_id", ["OF0013", "OF0014", "OF0082"])
@pytest.mark.parametrize("code", ["RCX", "RJ1", "RTF"])
def test_place_is_counted_by_hand_over_everybody_who_reports(
    sample_league: OpenLeague, code: str, metric_id: str
) -> None:
    """Ties may be broken by the published rank, so the place is among those that share a value."""
    row = explain(sample_league.league, code).metrics.row(
        by_predicate=pl.col("metric_id") == metric_id, named=True
    )
    values = values_of(sample_league, metric_id)
    is_higher_better = sample_league.league.framework.metrics[metric_id].is_higher_better
    own = values[code]
    better = sum(v > own if is_higher_better else v < own for v in values.values())
    equal = sum(v == own for v in values.values())
    assert better + 1 <= row["place"] <= better + equal
    assert row["place_of"] == len(values)


def test_place_within_the_peer_group_counts_peers_alone(sample_league: OpenLeague) -> None:
    row = explain(sample_league.league, "RCX").metrics.row(
        by_predicate=pl.col("metric_id") == "OF0084", named=True
    )
    peers = values_of(sample_league, "OF0084", peers_of(sample_league, "RCX"))
    assert row["place_of"] == len(peers) == 134


def test_rows_keep_their_contract(sample_league: OpenLeague) -> None:
    explanation = explain(sample_league.league, "RCX")
    assert dict(explanation.rows().schema) == EXPLANATION_SCHEMA
    assert explanation.rows()["metric_id"].to_list() == list(sample_league.league.framework.metrics)


def test_the_standard_is_the_frameworks(sample_league: OpenLeague) -> None:
    metrics = sample_league.league.framework.metrics
    rows = explain(sample_league.league, "RCX").metrics
    for row in rows.iter_rows(named=True):
        scoring = metrics[row["metric_id"]].scoring
        if isinstance(scoring, StandardScoring):
            assert row["standard"] == scoring.standard


def test_a_metric_of_others_is_not_applicable_and_never_missing(
    sample_league: OpenLeague,
) -> None:
    explanation = explain(sample_league.league, "RX7")
    statuses = dict(explanation.metrics.select("metric_id", "status").iter_rows())
    assert statuses["OF0003"] == "not_applicable"
    assert "OF0003" not in explanation.missing()["metric_id"].to_list()


def test_missing_and_scored_metrics_are_all_that_are_expected(sample_league: OpenLeague) -> None:
    for code in CODES:
        explanation = explain(sample_league.league, code)
        assert (
            explanation.metrics_scored + len(explanation.missing()) == explanation.metrics_expected
        )


def test_a_missing_metric_has_no_number_anywhere(sample_league: OpenLeague) -> None:
    missing = explain(sample_league.league, "RCX").missing()
    assert not missing.is_empty()
    for column in ("value", "score", "effective_weight", "contribution", "place", "cost"):
        assert missing[column].null_count() == len(missing)


def test_the_gap_leads_to_the_cut_point_of_the_next_segment(sample_league: OpenLeague) -> None:
    explanation = explain(sample_league.league, "RCX")
    averages = sample_league.league.standings["average_metric_score"].drop_nulls().to_list()
    third_quartile = statistics.quantiles(averages, n=4, method="inclusive")[2]
    assert explanation.gap is not None
    assert explanation.gap.segment == 3
    assert explanation.gap.cut_point == pytest.approx(third_quartile)
    assert explanation.gap.points == pytest.approx(
        explanation.average_metric_score - third_quartile
    )
    assert explain(sample_league.league, "RBV").gap is None


def test_overrides_are_the_rules_that_apply(sample_league: OpenLeague) -> None:
    league = sample_league.league
    flagged = league.standings.filter(pl.col("overrides").is_not_null())["org_code"].to_list()
    assert [rule.id for rule in explain(league, flagged[0]).overrides] == ["financial_deficit"]
    free = league.standings.filter(pl.col("overrides").is_null())["org_code"].to_list()
    assert explain(league, free[0]).overrides == ()


def test_an_organisation_outside_the_league_is_a_usage_error(sample_league: OpenLeague) -> None:
    with pytest.raises(UsageError, match="ZZ9 has no figure for nof-2025-26 in April to June"):
        explain(sample_league.league, "ZZ9")
