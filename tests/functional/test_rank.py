"""``rank``: its columns, its ranks, and filters that apply after ranking."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Cli, Completed
from tests.functional.small import ADJUSTED, AVERAGES, RANKS, SEGMENTS, Small

COLUMNS = [
    "quarter",
    "org_code",
    "org_name",
    "peer_group",
    "region",
    "rank",
    "rank_of",
    "average_metric_score",
    "segment",
    "adjusted_segment",
    "overrides",
    "metrics_scored",
    "metrics_expected",
    "score_low",
    "score_high",
    "rank_low",
    "rank_high",
]
SAMPLE = ("rank", "--quarter", "2025Q2", "--quiet", "--format", "csv")


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def codes(done: Completed) -> list[str]:
    return [row["org_code"] for row in rows(done)]


def test_csv_has_the_documented_columns_and_one_more_a_domain(cli: Cli) -> None:
    header = cli(*SAMPLE).lines[0].split(",")
    assert header == [
        *COLUMNS,
        "domain_score_access",
        "domain_score_patient_safety",
        "domain_score_finance_and_productivity",
        "domain_score_people_and_workforce",
        "domain_score_effectiveness_and_experience",
    ]


def test_json_is_meta_and_rows_of_the_same_names(cli: Cli, small: Small) -> None:
    header = cli("rank", *small.options, "--format", "csv").lines[0].split(",")
    result = cli("rank", *small.options, "--format", "json").json
    assert {"meta", "rows"} <= result.keys()
    assert all(list(row) == header for row in result["rows"])


def test_likely_ranges_are_empty_unless_they_are_asked_for(cli: Cli, small: Small) -> None:
    for row in rows(cli("rank", *small.options, "--format", "csv")):
        assert {row[name] for name in COLUMNS[-4:]} == {""}


def test_the_small_league_is_the_one_worked_out_by_hand(cli: Cli, small: Small) -> None:
    ranked = {
        row["org_code"]: row
        for row in cli("rank", *small.options, "--format", "json").json["rows"]
        if row["rank"] is not None
    }
    assert {code: row["average_metric_score"] for code, row in ranked.items()} == AVERAGES
    assert {code: row["segment"] for code, row in ranked.items()} == SEGMENTS
    assert {code: row["adjusted_segment"] for code, row in ranked.items()} == ADJUSTED
    assert {code: row["rank"] for code, row in ranked.items()} == RANKS


def test_an_organisation_without_a_rank_comes_last_and_blank(cli: Cli, small: Small) -> None:
    acute = [
        row
        for row in rows(cli("rank", *small.options, "--format", "csv"))
        if row["peer_group"] == "Acute trust"
    ]
    assert acute[-1]["org_code"] == "AA6"
    for column in ("rank", "rank_of", "average_metric_score", "segment", "adjusted_segment"):
        assert acute[-1][column] == ""


def test_an_organisation_without_a_rank_is_named_with_the_reason(cli: Cli, small: Small) -> None:
    assert "1 of the 2 metrics needed: Unranked NHS Trust (AA6)" in cli("rank", *small.options).text
    result = cli("rank", *small.options, "--format", "json").json
    assert "1 of the 2 metrics needed" in str(result["meta"]["not_ranked"])


def test_the_default_quarter_is_the_latest_and_both_spellings_mean_the_same(cli: Cli) -> None:
    latest = rows(cli("rank", "--quiet", "--format", "csv", "--top", "1"))
    assert {row["quarter"] for row in latest} == {"2025Q4"}
    spelt = cli("rank", "--quarter", "Q1 2025/26", "--quiet", "--format", "csv")
    assert spelt.output == cli(*SAMPLE).output


@pytest.mark.parametrize("spelling", ["Acute trust", "acute trust", "acute", "ACUTE"])
def test_peer_group_may_be_shortened(cli: Cli, small: Small, spelling: str) -> None:
    kept = rows(cli("rank", *small.options, "--format", "csv", "--peer-group", spelling))
    assert len(kept) == 6
    assert {row["peer_group"] for row in kept} == {"Acute trust"}


def test_region_keeps_the_ranks_of_the_whole(cli: Cli) -> None:
    whole = {row["org_code"]: row for row in rows(cli(*SAMPLE))}
    kept = rows(cli(*SAMPLE, "--region", "London"))
    assert 0 < len(kept) < len(whole)
    assert {row["region"] for row in kept} == {"London"}
    assert all(row == whole[row["org_code"]] for row in kept)


@pytest.mark.parametrize("spelling", ["North West", "north west", "north"])
def test_region_may_be_shortened(cli: Cli, small: Small, spelling: str) -> None:
    done = cli("rank", *small.options, "--region", spelling, "--format", "csv")
    assert codes(done) == ["AA3", "AA4"]


@pytest.mark.parametrize("spelling", ["QBB", "qbb", "Outer", "out"])
def test_icb_is_given_by_code_or_name(cli: Cli, small: Small, spelling: str) -> None:
    done = cli("rank", *small.options, "--icb", spelling, "--format", "csv")
    assert codes(done) == ["AA3", "AA4"]


def test_icb_keeps_everybody_whom_the_register_puts_there(cli: Cli) -> None:
    found = codes(cli(*SAMPLE, "--icb", "North Central London"))
    with (REPOSITORY / "data/sample/organisations.csv").open(encoding="utf-8") as file:
        register = list(csv.DictReader(file))
    expected = [row["org_code"] for row in register if row["icb_code"] == "QMJ"]
    assert sorted(found) == sorted(expected)


def test_filters_combine(cli: Cli) -> None:
    kept = rows(cli(*SAMPLE, "--region", "london", "--peer-group", "ambulance"))
    assert [row["org_code"] for row in kept] == ["RRU"]


def test_filters_that_leave_nothing_say_so_and_succeed(cli: Cli, small: Small) -> None:
    done = cli(
        "rank", *small.options, "--region", "North West", "--peer-group", "ambulance", "-f", "csv"
    )
    assert done.status == 0
    assert done.lines == [cli("rank", *small.options, "-f", "csv").lines[0]]
    assert "no organisation" in done.narration


def test_top_keeps_that_many_of_each_peer_group(cli: Cli) -> None:
    kept = rows(cli(*SAMPLE, "--top", "3"))
    assert [row["rank"] for row in kept] == ["1", "2", "3"] * 3
    assert len({row["peer_group"] for row in kept}) == 3


def test_top_keeps_those_tied_with_the_last(cli: Cli, small: Small) -> None:
    acute = ("rank", *small.options, "--peer-group", "acute", "--format", "csv")
    assert codes(cli(*acute, "--top", "2")) == ["AA1", "AA2", "AA3"]
    assert codes(cli(*acute, "--top", "1")) == ["AA1"]


def test_bottom_keeps_the_last_ranked_and_those_tied_with_the_first(cli: Cli, small: Small) -> None:
    acute = ("rank", *small.options, "--peer-group", "acute", "--format", "csv")
    assert codes(cli(*acute, "--bottom", "1")) == ["AA5"]
    assert codes(cli(*acute, "--bottom", "3")) == ["AA2", "AA3", "AA4", "AA5"]


def test_more_than_there_are_keeps_all_that_are_ranked(cli: Cli, small: Small) -> None:
    acute = ("rank", *small.options, "--peer-group", "acute", "--format", "csv")
    everyone = ["AA1", "AA2", "AA3", "AA4", "AA5"]
    assert codes(cli(*acute, "--top", "99")) == everyone
    assert codes(cli(*acute, "--bottom", "99")) == everyone


def test_top_after_a_region_counts_within_it(cli: Cli, small: Small) -> None:
    done = cli("rank", *small.options, "--region", "north west", "--top", "1", "--format", "csv")
    assert codes(done) == ["AA3"]
    assert rows(done)[0]["rank"] == "2"


@pytest.mark.parametrize("by", ["waits", "WAITS", "Seen in time", "seen in time"])
def test_by_takes_a_metric_by_id_or_title(cli: Cli, small: Small, by: str) -> None:
    result = cli("rank", *small.options, "--by", by, "--format", "json").json
    acute = [row for row in result["rows"] if row["peer_group"] == "Acute trust"]
    assert [(row["org_code"], row["rank"], row["value"]) for row in acute] == [
        ("AA1", 1, 100.0),
        ("AA4", 2, 95.0),
        ("AA2", 3, 75.0),
        ("AA3", 3, 75.0),
        ("AA5", 5, 50.0),
        ("AA6", None, None),
    ]
    assert {row["by"] for row in result["rows"]} == {"waits"}
    assert {row["rank_of"] for row in acute[:-1]} == {5}


@pytest.mark.parametrize("by", ["money", "Money", "MONEY"])
def test_by_takes_a_domain_by_id_or_title(cli: Cli, small: Small, by: str) -> None:
    result = cli("rank", *small.options, "--by", by, "--format", "json").json
    acute = [row for row in result["rows"] if row["peer_group"] == "Acute trust"]
    assert [(row["org_code"], row["rank"], row["score"]) for row in acute] == [
        ("AA1", 1, 1.0),
        ("AA6", 2, 1.75),
        ("AA2", 3, 2.13),
        ("AA3", 3, 2.13),
        ("AA4", 5, 2.88),
        ("AA5", 6, 4.0),
    ]


def test_a_metric_that_is_lower_when_better_ranks_the_lowest_first(cli: Cli) -> None:
    by = rows(cli(*SAMPLE, "--by", "OF0014", "--peer-group", "acute"))
    values = [float(row["value"]) for row in by if row["rank"]]
    assert values == sorted(values)


def test_by_shows_the_quarters_numerator_and_denominator(cli: Cli, small: Small) -> None:
    text = cli("rank", *small.options, "--by", "waits", "--top", "1").text
    first = next(line for line in text.splitlines() if "AA1" in line)
    assert first.split()[-4:] == ["100.00%", "1.00", "200", "200"]


def test_an_override_is_marked_and_explained_under_the_table(cli: Cli, small: Small) -> None:
    text = cli("rank", *small.options).text
    held = next(line for line in text.splitlines() if " AA4 " in line)
    assert "3*" in held
    assert "* the trust plans a deficit: not better than segment 3 (2 organisations)." in text


def test_meta_says_what_was_ranked_by_what(cli: Cli, small: Small) -> None:
    meta: dict[str, Any] = cli("rank", *small.options, "--format", "json").json["meta"]
    assert meta["tool"] == "nhs-league"
    assert meta["command"] == "rank"
    assert meta["quarter"] == "2025Q2"
    assert meta["framework"]["id"] == "small"
    assert [file["file"] for file in meta["inputs"]] == [
        "organisations.csv",
        "plans.csv",
        "waits.csv",
    ]


def test_all_organisations_may_be_ranked_in_one_table(cli: Cli, small: Small) -> None:
    text = small.framework.read_text(encoding="utf-8")
    small.framework.write_text(
        text.replace("within: peer_group, by", "within: all, by"), encoding="utf-8"
    )
    ranked = rows(cli("rank", *small.options, "--format", "csv"))
    assert [(row["org_code"], row["rank"]) for row in ranked] == [
        ("AA1", "1"),
        ("AM1", "1"),
        ("AA2", "3"),
        ("AA3", "3"),
        ("AA4", "5"),
        ("AA5", "6"),
        ("AA6", ""),
    ]
    assert {row["rank_of"] for row in ranked} == {"6", ""}
