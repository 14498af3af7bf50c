"""``explain --history``: one trust over the quarters, and control charts of its months."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from nhs_league.analysis.control_charts import CONTROL_SCHEMA
from nhs_league.analysis.trust_history import TRUST_HISTORY_SCHEMA
from nhs_league.quarter import month_text
from tests.conftest import Cli, CliProcess
from tests.functional.small import FRAMEWORK, ORGANISATIONS, SURPLUS, Small, write_csv

SAMPLE = ("--framework", "headline-kpis")
DELAY = """\
  delay:
    title: Mean delay of an answer
    domain: access
    unit: minutes
    polarity: lower_is_better
    basis: mean
    divide_by: 60
    pool: all
    scoring: {method: standard, standard: 20}
  calls:
    title: Calls answered
    domain: access
    unit: count
    polarity: higher_is_better
    basis: latest
    decimals: 0
    pool: all
    scoring: {method: rank}
"""
MONTHS = tuple(month_text(12 * 2025 + at) for at in range(15))

# Seen in time of 200: AA1 has no June, and one good month among 13 steady ones.
WAITS = (140, 141, 140, 141, 140, None, 141, 140, 141, 140, 141, 140, 163, 139, 140)
LEAST = "\u2581"
RISING = tuple(600 + 60 * at for at in range(15))


@pytest.fixture
def monthly(tmp_path: Path) -> Small:
    """Write the small league with 15 months of two metrics, and too few of a third."""
    data = tmp_path / "data"
    data.mkdir()
    framework = tmp_path / "small.yaml"
    framework.write_text(FRAMEWORK.replace("  surplus:\n", f"{DELAY}  surplus:\n"), "utf-8")
    header = ("org_code", "org_name", "trust_type", "region", "icb_code", "icb_name")
    write_csv(data / "organisations.csv", header, ORGANISATIONS)
    write_csv(data / "waits.csv", ("org_code", "period", "numerator", "denominator"), waits())
    delays = [
        (code, month, RISING[at] + place, 50)
        for at, month in enumerate(MONTHS)
        for place, (code, *_) in enumerate(ORGANISATIONS)
    ]
    write_csv(data / "delay.csv", ("org_code", "period", "value", "denominator"), delays)
    calls = [(code, month, 7) for month in MONTHS[-5:] for code, *_ in ORGANISATIONS]
    write_csv(data / "calls.csv", ("org_code", "period", "value"), calls)
    plans = [(code, "2025Q1", "2026Q1", value) for code, value in SURPLUS.items()]
    write_csv(data / "plans.csv", ("org_code", "in_force_from", "in_force_to", "surplus"), plans)
    return Small(data, framework)


def waits() -> Iterable[tuple[str, str, int, int]]:
    """Give AA1 its months and the others theirs; AA6 reports from October 2025 on."""
    for place, (code, *_) in enumerate(ORGANISATIONS):
        for at, month in enumerate(MONTHS):
            part = WAITS[at] if code == "AA1" else 150 + 2 * place
            if part is not None and not (code == "AA6" and at < 9):
                yield code, month, part, 200


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("framework_id", ["headline-kpis", "nof-2025-26"])
@pytest.mark.parametrize("trust", ["RJ6", "RX7", "RNK"])
def test_the_figures_of_each_quarter_are_those_of_its_table(
    cli: Cli, framework_id: str, trust: str
) -> None:
    options = ("--framework", framework_id, "--format", "csv")
    history = rows(cli("explain", trust, "--history", *options).text)
    assert len(history) == 3
    for row in history:
        table = rows(cli("rank", "--quarter", row["quarter"], *options).text)
        (ranked,) = [each for each in table if each["org_code"] == trust]
        shared = [name for name in TRUST_HISTORY_SCHEMA if name in ranked]
        assert len(shared) == len(TRUST_HISTORY_SCHEMA) - 2
        assert {name: row[name] for name in shared} == {name: ranked[name] for name in shared}
        assert row["framework"] == framework_id
        assert (row["rank"] == "") == (row["not_ranked_reason"] != "")


def test_the_answer_comes_first_and_eight_months_make_no_chart(cli: Cli) -> None:
    done = cli("explain", "RJ6", "--history", *SAMPLE)
    assert done.status == 0, done.narration
    assert done.lines[0] == (
        "Croydon Health Services NHS Trust (RJ6) over 3 quarters: rank 14 of 130, 47 of 134, "
        "99 of 134 acute trusts; segment 1, 3, 3."
    )
    assert (
        "8 monthly points; a control chart takes at least 12: "
        "ae_4_hours, cancer_62_days, rtt_18_weeks.\n" in done.text
    )
    assert (
        "note: 2025Q4 is left out: the data have no figures for headline-kpis there\n"
        in done.narration
    )
    parts = cli("explain", "RJ6", "--history", *SAMPLE, "--format", "json").json
    assert parts["control_charts"] == []
    assert {"metric_id": "ae_4_hours", "points": 8} in parts["too_few_points"]
    assert parts["left_out"] == ["2025Q4"]
    meta = parts["meta"]
    assert (meta["command"], meta["history"], meta["scores"]) == ("explain", True, "auto")
    assert meta["quarters"] == ["2025Q1", "2025Q2", "2025Q3"]
    assert [file["id"] for file in meta["frameworks"]] == ["headline-kpis"]


def test_without_monthly_figures_the_page_says_so(cli: Cli) -> None:
    done = cli("explain", "RJ6", "--history")
    assert "The data have no monthly figures of this trust" in done.text
    assert "note: 2025Q1 is left out: nof-2025-26 does not govern it\n" in done.narration


def test_a_quarter_without_a_rank_is_a_gap_and_says_why(cli: Cli) -> None:
    done = cli("explain", "RX7", "--history", *SAMPLE)
    assert "rank -, 2, 2 of 10 ambulance trusts; segment -, 1, 1." in done.lines[0]
    (row,) = [line for line in done.lines if line.startswith("2025Q1")]
    assert row.endswith("2 of the 3 metrics needed")
    (drawn,) = [line for line in done.lines if line.startswith("Average")]
    assert "\u00b7\u2584\u2584" in drawn


def test_a_trust_that_a_quarter_lacks_is_not_in_its_league(cli: Cli, monthly: Small) -> None:
    without = [row for row in waits() if not (row[0] == "AA2" and row[1] < "2025-07")]
    write_csv(
        monthly.folder / "waits.csv", ("org_code", "period", "numerator", "denominator"), without
    )
    for name, header in (("delay", "value,denominator"), ("calls", "value"), ("plans", "")):
        path = monthly.folder / f"{name}.csv"
        kept = [line for line in path.read_text("utf-8").splitlines() if "AA2" not in line]
        path.write_text("\n".join(kept) + "\n", "utf-8")
        assert header in kept[0]
    done = cli("explain", "AA2", "--history", *monthly.options, "--format", "csv")
    found = [(row["quarter"], row["not_ranked_reason"]) for row in rows(done.text)]
    assert found[:3] == [
        ("2025Q1", "not in the league"),
        ("2025Q2", "not in the league"),
        ("2025Q3", "1 of the 2 metrics needed"),
    ]
    assert {row["org_name"] for row in rows(done.text)} == {"Tied [/c] NHS Trust"}
    text = cli("explain", "AA2", "--history", *monthly.options).text
    assert "over 5 quarters: not ranked in any." in text


def test_a_trust_of_the_register_without_any_figure_is_a_usage_error(
    cli: Cli, monthly: Small
) -> None:
    register = monthly.folder / "organisations.csv"
    register.write_text(
        register.read_text("utf-8") + "AA9,Silent NHS Trust,Acute trust,London,QAA,Inner\n", "utf-8"
    )
    done = cli("explain", "silent", "--history", *monthly.options)
    assert (done.status, done.output) == (2, b"")
    assert "AA9 has no figure for small from 2025Q1 to 2026Q1" in done.narration


def test_a_quarter_ends_the_history_and_the_charts(cli: Cli, monthly: Small) -> None:
    options = ("--history", *monthly.options, "--quarter", "Q3 2025/26", "--format", "json")
    result = cli("explain", "AA1", *options).json
    assert [row["quarter"] for row in result["rows"]] == ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]
    # Eleven months of waits, without June; twelve of delays.
    assert result["too_few_points"] == [
        {"metric_id": "waits", "points": 11},
        {"metric_id": "calls", "points": 2},
    ]
    assert [chart["metric_id"] for chart in result["charts"]] == ["delay"]
    assert result["charts"][0]["last_period"] == "2025-12"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ranges",), "--history and --ranges exclude each other: likely ranges are of one"),
        (("--seed", "3"), "--history and --seed exclude each other: likely ranges are of one"),
        (("--quarter", "2024Q4"), "the history has no 2024Q4, October to December 2024 (Q3 2024"),
        (("--quarter", "2024Q4"), "it has 2025Q1 (Q4 2024/25), 2025Q2 (Q1 2025/26), 2025Q3 "),
        (("--quarter", "2025Q4"), "the history has no 2025Q4"),
        (("--quarter", "soon"), "'soon' is not a quarter"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    cli: Cli, options: tuple[str, ...], message: str
) -> None:
    done = cli("explain", "RJ6", "--history", *SAMPLE, *options)
    assert (done.status, done.output) == (2, b"")
    assert message in done.narration


def test_unsound_data_and_unknown_frameworks_have_their_exit_codes(
    cli: Cli, monthly: Small, tmp_path: Path
) -> None:
    unknown = cli("explain", "AA1", "--history", "--framework", "nosuch")
    assert (unknown.status, unknown.output) == (2, b"")
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\n", "utf-8")
    assert cli("explain", "AA1", "--history", "--framework", broken).status == 3
    (monthly.folder / "waits.csv").write_text("org_code,period,waits\nAA1,2025-01,x\n", "utf-8")
    assert cli("explain", "AA1", "--history", *monthly.options).status == 4


def test_a_closed_code_is_followed_with_a_note(cli: Cli) -> None:
    done = cli("explain", "RY9", "--history", "--format", "csv")
    assert {row["org_code"] for row in rows(done.text)} == {"RAX"}
    assert "note: RY9 closed on 1 November 2024 and is now part of" in done.narration


def merged(small: Small) -> None:
    """Give the small league two quarters, and let AA2 become part of AA1 between them."""
    successions = [("AA2", "Tied [/c] NHS Trust", "AA1", "2025-07-01")]
    header = ("org_code", "org_name", "successor_code", "succeeded_on")
    write_csv(small.folder / "successions.csv", header, successions)
    months = [
        (code, month, 90 - place, 100)
        for month in ("2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09")
        for place, (code, *_) in enumerate(ORGANISATIONS)
        if not (code == "AA2" and month > "2025-06")
    ]
    header = ("org_code", "period", "numerator", "denominator")
    write_csv(small.folder / "waits.csv", header, months)
    plans = [
        (code, "2025Q2", "2025Q2" if code == "AA2" else "2025Q3", value)
        for code, value in SURPLUS.items()
    ]
    header = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", header, plans)


@pytest.mark.parametrize("asked", ["AA2", " aa2 "])
def test_a_closed_code_that_stands_in_a_quarter_is_meant_literally(
    cli: Cli, small: Small, asked: str
) -> None:
    merged(small)
    note = (
        "note: AA2 closed on 1 July 2025 and is now part of Best [c] NHS Trust (AA1); these are "
        "the quarters of AA2 itself\n"
    )
    done = cli("explain", asked, "--history", *small.options, "--format", "csv")
    assert note in done.narration
    found = [(row["quarter"], row["org_code"], row["not_ranked_reason"]) for row in rows(done.text)]
    assert found == [("2025Q2", "AA2", ""), ("2025Q3", "AA2", "not in the league")]
    done = cli("history", asked, "aa1", *small.options, "--format", "csv")
    assert note in done.narration
    assert sorted((row["org_code"], row["quarters"]) for row in rows(done.text)) == [
        ("AA1", "2"),
        ("AA2", "1"),
    ]
    done = cli("explain", "Tied [/c]", "--history", *small.options, "--format", "csv")
    assert {row["org_code"] for row in rows(done.text)} == {"AA1"}, "a name is followed"


@pytest.mark.parametrize("command", [("explain", "AA1", "--history"), ("history",)])
def test_a_framework_that_governs_no_quarter_ranks_them_all_the_same(
    cli: Cli, small: Small, command: tuple[str, ...]
) -> None:
    merged(small)
    text = small.framework.read_text("utf-8")
    small.framework.write_text(text.replace('"2025Q1-"', '"2027Q1-"'), "utf-8")
    header = ("org_code", "period", "other")
    write_csv(small.folder / "other.csv", header, [("AA1", "2025-10", 1), ("AA1", "2026-01", 1)])
    done = cli(*command, *small.options)
    assert (
        "note: small does not govern 2025Q2 and 2025Q3, which are ranked by it all the same\n"
        in done.narration
    )
    assert (
        "note: 2025Q4 and 2026Q1 are left out: the data have no figures for small there\n"
        in done.narration
    )
    assert "does not govern it" not in done.narration


def test_a_trust_that_is_never_ranked_has_neither_stars_nor_legends(cli: Cli, small: Small) -> None:
    plans = [(code, "2025Q1", "2025Q4", value) for code, value in SURPLUS.items()]
    plans = [plan for plan in plans if plan[0] != "AA6"] + [("AA6", "2025Q1", "2025Q4", "-1")]
    header = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", header, plans)
    text = cli("explain", "AA6", "--history", *small.options).text
    assert "not ranked in any." in text
    assert "1 of the 2 metrics needed" in text
    assert "*" not in text
    assert "Average:" not in text


def test_the_charts_are_those_worked_out_by_hand(cli: Cli, monthly: Small) -> None:
    result = cli("explain", "AA1", "--history", *monthly.options, "--format", "json").json
    points = [row for row in result["control_charts"] if row["metric_id"] == "waits"]
    # 14 months that add up to 1987 of 2800; eleven changes of half a point, one of 11.5, one of 12.
    assert [tuple(point) for point in points] == [tuple(CONTROL_SCHEMA)] * 14
    assert [point["period"] for point in points] == [m for m in MONTHS if m != "2025-06"]
    assert points[0]["value"] == 70.0
    assert points[0]["mean"] == pytest.approx(1987 / 28)
    assert points[0]["upper_limit"] == pytest.approx(1987 / 28 + 2.66 * 29 / 13)
    special = {p["period"]: (p["rules"], p["direction"]) for p in points if p["cause"] == "special"}
    assert special["2026-01"] == ("outside_limits", "improvement")
    assert points[5]["source_file"] == "waits.csv"
    assert (points[5]["numerator"], points[5]["denominator"]) == (141.0, 200.0)
    assert result["missing_months"] == [{"metric_id": "waits", "period": "2025-06", "status": None}]
    assert result["too_few_points"] == [{"metric_id": "calls", "points": 5}]


def test_the_verdicts_are_of_the_latest_month(cli: Cli, monthly: Small) -> None:
    result = cli("explain", "AA1", "--history", *monthly.options, "--format", "json").json
    waits_chart, delay = result["charts"]
    assert (waits_chart["variation"], waits_chart["assurance"]) == ("common_cause", None)
    # A steady rise from 10 to 24 minutes: mean 17, limits 2.66 on either side.
    assert delay["mean"] == pytest.approx(17)
    assert delay["upper_limit"] == pytest.approx(19.66)
    assert (delay["variation"], delay["rules"]) == (
        "concern",
        "outside_limits;shift;trend;two_of_three",
    )
    assert (delay["standard"], delay["assurance"]) == (20.0, "consistently_passed")


def test_the_page_tells_the_charts_in_80_columns(
    cli: Cli, monthly: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli("explain", "AA1", "--history", *monthly.options)
    assert done.status == 0, done.narration
    assert max(map(len, done.lines)) <= 80
    flowing = " ".join(done.text.split())
    for text in (
        "Best [c] NHS Trust (AA1) over 5 quarters: rank ",
        "waits, January 2026: 81.50%, above the upper limit 76.90%",
        "(improvement)",
        "standard 20 minutes:",
        "consistently passed",
        "common cause",
        "special cause,",
        f"waits {5 * LEAST}\u00b7{6 * LEAST}\u2588{2 * LEAST} 69.50% 81.50% higher",
        "delay, January 2025 to March 2026: 10.00 to 24.00 minutes, a trend: 15 months that each "
        "rise (concern)",
        "waits: June 2025 (no row); the months beside are taken as successive",
        "5 monthly points; a control chart takes at least 12: calls.",
        "NHS England's Making Data Count",
    ):
        assert text in flowing, text


def test_drawings_are_left_out_of_markdown_and_ascii_where_that_is_all_there_is(
    cli: Cli, cli_process: CliProcess, monthly: Small
) -> None:
    arguments = ("explain", "AA1", "--history", *monthly.options)
    markdown = cli(*arguments, "--format", "markdown").text
    assert not set("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588") & set(markdown)
    assert "| Figure | Best | Worst |" in markdown
    assert "the best and the worst" in markdown
    assert "Where rank and average are drawn, the higher, the better" in markdown
    done = cli_process(*arguments, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    (line,) = [line for line in done.lines if line.startswith("delay  ")]
    assert " __,,--~==++**## " in line
    assert "?" not in done.text


def test_every_format_has_the_same_quarters(cli: Cli, monthly: Small, tmp_path: Path) -> None:
    arguments = ("explain", "AA1", "--history", *monthly.options)
    result = cli(*arguments, "--format", "json").json
    lines = cli(*arguments, "--format", "ndjson").lines
    assert [json.loads(line) for line in lines] == result["rows"]
    assert list(result["rows"][0]) == list(TRUST_HISTORY_SCHEMA)
    path = tmp_path / "history.parquet"
    assert cli(*arguments, "--output", path).status == 0
    frame = pl.read_parquet(path)
    assert dict(frame.schema) == TRUST_HISTORY_SCHEMA
    assert frame.to_dicts() == result["rows"]
    assert cli(*arguments, "--format", "json").json == result


def test_a_long_history_is_told_from_end_to_end(cli: Cli, small: Small) -> None:
    plans = [(code, "2025Q1", "2026Q4", value) for code, value in SURPLUS.items()]
    header = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", header, plans)
    months = [
        (
            code,
            f"{year}-{month:02d}",
            90 - place - (30 if (code, year) == ("AA1", 2026) else 0),
            100,
        )
        for year in (2025, 2026)
        for month in range(1, 13)
        for place, (code, *_) in enumerate(ORGANISATIONS)
    ]
    write_csv(
        small.folder / "waits.csv", ("org_code", "period", "numerator", "denominator"), months
    )
    # AA4 and AA5 are held behind AA1 by their deficits.
    done = cli("explain", "AA1", "--history", *small.options)
    assert done.lines[0] == (
        "Best [c] NHS Trust (AA1) over 8 quarters: rank 1 of 6 in 2025Q1, 4 of 6 acute trusts in "
        "2026Q4; at best 1 of 6 (2025Q1), at worst 4 of 6 (2026Q1)."
    )
