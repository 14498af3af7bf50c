"""Which quarter and which framework are meant, where nobody says."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league import DataError, Observation, Quarter, UsageError, observations_frame
from nhs_league.framework.catalogue import FrameworkFile, load_framework, parse_framework
from nhs_league.selection import choose_framework, choose_quarter, quarters_in
from tests.functional.small import FRAMEWORK


def observed(*periods: str, metric_id: str = "waits") -> pl.DataFrame:
    return observations_frame(
        Observation(org_code="AA1", metric_id=metric_id, period=period, value=1.0)
        for period in periods
    )


def small(id_: str = "small", quarters: str = "2025Q1-") -> FrameworkFile:
    text = FRAMEWORK.replace("id: small", f"id: {id_}", 1).replace("2025Q1-", quarters, 1)
    return parse_framework(text.encode(), f"{id_}.yaml")


def test_quarters_are_those_with_a_month_or_a_quarter_oldest_first() -> None:
    observations = observed("2025-08", "2025Q2", "2025-01", "2024Q1 to 2025Q4")
    assert quarters_in(observations) == [Quarter(2025, 1), Quarter(2025, 2), Quarter(2025, 3)]


def test_an_edition_makes_a_quarter_where_there_is_nothing_else() -> None:
    assert quarters_in(observed("2024Q3 to 2025Q2")) == [Quarter(2024, 3)]


def test_quarters_may_be_of_some_metrics_alone() -> None:
    observations = observed("2025Q2").vstack(observed("2025Q3", metric_id="other"))
    waits = observations.filter(pl.col("metric_id") == "waits")
    assert quarters_in(waits) == [Quarter(2025, 2)]
    assert quarters_in(observations.clear()) == []


def test_the_latest_quarter_is_taken_by_default() -> None:
    assert choose_quarter(observed("2025Q1", "2025-07"), None, None) == Quarter(2025, 3)


def test_the_latest_quarter_is_of_the_frameworks_metrics() -> None:
    observations = observed("2025Q2").vstack(observed("2025Q4", metric_id="other"))
    assert choose_quarter(observations, small().framework, None) == Quarter(2025, 2)


@pytest.mark.parametrize("asked", ["2025Q2", "Q1 2025/26", "2025-Q2", "2025/26 Q1"])
def test_any_spelling_is_read(asked: str) -> None:
    assert choose_quarter(observed("2025Q2"), None, asked) == Quarter(2025, 2)


def test_a_quarter_inside_an_edition_has_data() -> None:
    assert choose_quarter(observed("2024Q3 to 2025Q2"), None, "2025Q1") == Quarter(2025, 1)


def test_a_quarter_without_data_lists_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        choose_quarter(observed("2025Q1", "2025Q2"), None, "2019Q4")
    assert caught.value.message == (
        "the data have nothing for 2019Q4, October to December 2019 (Q3 2019/20); "
        "they have 2025Q1 (Q4 2024/25), 2025Q2 (Q1 2025/26)"
    )


def test_no_data_at_all_is_a_data_error() -> None:
    with pytest.raises(DataError, match=r"no observation$"):
        choose_quarter(observed(), None, None)
    with pytest.raises(DataError, match="no observation for the metrics of small"):
        choose_quarter(observed("2025Q2", metric_id="other"), small().framework, None)


@pytest.mark.parametrize(
    ("count", "listed"), [(5, "m0, m1, m2, m3, m4"), (7, "m0, m1, m2, m3, m4 and 2 more")]
)
def test_metrics_that_no_framework_asks_for_are_named(count: int, listed: str) -> None:
    there = pl.concat(observed("2025Q2", metric_id=f"m{number}") for number in range(count))
    with pytest.raises(DataError) as caught:
        choose_quarter(there, small().framework, None)
    assert caught.value.message == (
        f"the data hold no observation for the metrics of small; they have {listed}"
    )


def test_the_framework_that_governs_the_quarter_is_taken() -> None:
    old, new = small("old", "2024Q1-2024Q4"), small("new", "2025Q1-")
    chosen = choose_framework(observed("2025Q2"), [old, new], Quarter(2025, 2))
    assert chosen.framework.id == "new"


def test_the_framework_with_most_of_its_metrics_in_the_data_is_taken() -> None:
    headline, ours = load_framework("headline-kpis"), small()
    observations = observed("2025Q2").vstack(observed("2025Q2", metric_id="ae_4_hours"))
    observations = observations.vstack(observed("2025Q2", metric_id="surplus"))
    for files in ([headline, ours], [ours, headline]):
        assert choose_framework(observations, files, Quarter(2025, 2)).framework.id == "small"


def test_figures_of_another_quarter_do_not_count() -> None:
    headline, ours = load_framework("headline-kpis"), small()
    observations = observed("2025Q1").vstack(observed("2025Q2", metric_id="ae_4_hours"))
    observations = observations.vstack(observed("2025Q1", metric_id="surplus"))
    chosen = choose_framework(observations, [ours, headline], Quarter(2025, 2))
    assert chosen.framework.id == "headline-kpis"


@pytest.mark.parametrize("metric_id", ["waits", "other"])
def test_no_framework_that_fits_is_a_usage_error(metric_id: str) -> None:
    files = [small("old", "2024Q1-2024Q4")] if metric_id == "waits" else [small()]
    with pytest.raises(UsageError, match="name one with --framework"):
        choose_framework(observed("2025Q2", metric_id=metric_id), files, Quarter(2025, 2))
