"""``history``: what it prints, what it notes, and what it refuses."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.conftest import Cli, CliProcess, Completed
from tests.functional.small import Small

NOTE = "2025Q1 is left out: nof-2025-26 does not govern it"
COLUMNS = (
    "org_code,org_name,peer_group,region,quarters,best_rank,worst_rank,mean_place,mean_average,"
    "quarters_in_best_segment,quarters_in_worst_segment,metrics_best_quarter,"
    "metrics_worst_quarter,metric_quarters,longest_run_segment,longest_run,longest_run_from,"
    "rank_2025Q2,average_2025Q2,adjusted_segment_2025Q2,"
    "rank_2025Q3,average_2025Q3,adjusted_segment_2025Q3,"
    "rank_2025Q4,average_2025Q4,adjusted_segment_2025Q4"
)


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def refusal(done: Completed) -> str:
    assert (done.status, done.output) == (2, b"")
    return done.narration


def test_csv_has_the_documented_columns_and_every_trust(cli: Cli) -> None:
    done = cli("history", "--format", "csv")
    assert done.lines[0] == COLUMNS
    assert len(rows(done)) == 205
    assert NOTE in done.narration
    assert "using the bundled sample" in done.narration


def test_ranks_are_those_of_rank(cli: Cli) -> None:
    found = {row["org_code"]: row for row in rows(cli("history", "--format", "csv"))}
    for quarter in ("2025Q2", "2025Q4"):
        for row in rows(cli("rank", "--quarter", quarter, "--format", "csv")):
            own = found[row["org_code"]]
            assert own[f"rank_{quarter}"] == row["rank"]
            assert own[f"average_{quarter}"] == row["average_metric_score"]
            assert own[f"adjusted_segment_{quarter}"] == row["adjusted_segment"]


def test_another_framework_has_other_quarters(cli: Cli) -> None:
    done = cli("history", "-F", "headline-kpis", "--format", "json", "--top", "1")
    assert done.json["meta"]["quarters"] == ["2025Q1", "2025Q2", "2025Q3"]
    assert done.json["left_out"] == ["2025Q4"]
    assert "2025Q4 is left out: the data have no figures for headline-kpis there" in done.narration


def test_two_frameworks_leave_no_quarter_out(cli: Cli) -> None:
    done = cli("history", "-F", "nof-2025-26", "-F", "headline-kpis", "RGM", "--format", "json")
    stated = [framework["id"] for framework in done.json["meta"]["frameworks"]]
    assert stated == ["headline-kpis", "nof-2025-26"]
    assert done.json["left_out"] == []
    assert "left out" not in done.narration
    assert "does not govern" not in done.narration
    quarters = [(row["quarter"], row["framework"]) for row in done.json["quarters"]]
    assert quarters[0] == ("2025Q1", "headline-kpis")
    assert [framework for _, framework in quarters[1:]] == ["nof-2025-26"] * 3


def test_json_has_the_quarters_of_the_rows_that_are_shown(cli: Cli) -> None:
    done = cli("history", "--bottom", "1", "--format", "json")
    shown = [row["org_code"] for row in done.json["rows"]]
    assert len(shown) == 3
    assert [row["quarter"] for row in done.json["quarters"]] == sorted(
        ["2025Q2", "2025Q3", "2025Q4"] * 3
    )
    assert {row["org_code"] for row in done.json["quarters"]} == set(shown)
    assert done.json["meta"]["command"] == "history"


def test_the_default_view_says_who_never_moved(cli: Cli) -> None:
    found = rows(cli("history", "--format", "csv"))
    best, worst = (
        sum(row[f"quarters_in_{which}_segment"] == "3" for row in found)
        for which in ("best", "worst")
    )
    text = cli("history").text
    assert f"In the best segment (1) in all 3 quarters: {best} (" in text
    assert f"In the worst segment (4) in all 3 quarters: {worst} (" in text
    assert text.startswith("3 quarters: 2025Q2 (Q1 2025/26), 2025Q3 (Q2 2025/26) and 2025Q4")


def test_a_part_says_of_which_part(cli: Cli) -> None:
    text = cli("history", "--peer-group", "ambulance", "--bottom", "1").text
    assert (
        "In the worst segment (4) in all 3 quarters: 2 of the 10 ranked in all 3 quarters: " in text
    )
    assert "ambulance trusts, 2025Q2 to 2025Q4, 1 of 10" in text


def test_a_trust_is_told_in_words_and_quarter_by_quarter(cli: Cli) -> None:
    done = cli("history", "royal papworth", "RCX")
    assert "'royal papworth' is taken to mean Royal Papworth Hospital" in done.narration
    (row,) = rows(cli("history", "RCX", "--format", "csv"))
    assert (
        f"is ranked in 3 of 3 quarters, among acute trusts: between {row['best_rank']} and "
        f"{row['worst_rank']}. It is in segment 4 in all 3."
    ) in done.text
    assert (
        f"on {row['metrics_best_quarter']} of {row['metric_quarters']} metric scores and among "
        f"the worst 25% on {row['metrics_worst_quarter']}."
    ) in done.text
    assert f"{row['rank_2025Q4']} of 134" in done.text
    assert "* " in done.text
    assert "not better than segment 3" in done.text


@pytest.mark.parametrize("options", [(), ("--top", "3"), ("RCX", "RGM"), ("-F", "headline-kpis")])
def test_it_fits_eighty_columns(cli_process: CliProcess, options: tuple[str, ...]) -> None:
    done = cli_process("history", *options, env={"COLUMNS": "80"})
    assert done.status == 0
    assert max(len(line) for line in done.lines) <= 80
    assert "2025Q3" in done.text
    for header in ("Average", "Segments" if "RCX" not in options else "Metrics"):
        assert header in done.text, "no header is cut short"


def test_a_wide_terminal_has_every_column(cli_process: CliProcess) -> None:
    done = cli_process("history", "--top", "1", env={"COLUMNS": "140"})
    header = next(line for line in done.lines if line.split()[:1] == ["Code"])
    assert "Metrics" in header
    assert "Longest run" in header


def test_every_format_is_written(cli: Cli, tmp_path: Path) -> None:
    for name in ("h.csv", "h.json", "h.md", "h.parquet", "h.txt"):
        assert cli("history", "--top", "1", "--output", tmp_path / name).output == b""
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--top", "1", "--bottom", "1"), "--top and --bottom exclude each other"),
        (("RCX", "--region", "London"), "TRUST and filters exclude each other"),
        (("RCX", "--top", "1"), "TRUST and filters exclude each other"),
        (("--peer-group", "Ambulence"), "did you mean Ambulance trust"),
        (("Nowhere Hospital",), "there is no trust 'Nowhere Hospital'"),
        (("-F", "nonsense"), "nonsense"),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, options: tuple[str, ...], problem: str) -> None:
    assert problem in refusal(cli("history", *options))


def test_a_quarter_that_no_named_framework_governs_is_governed_by_none(
    cli: Cli, small: Small
) -> None:
    late = small.framework.with_name("late.yaml")
    text = small.framework.read_text("utf-8")
    late.write_text(text.replace("id: small", "id: late").replace("2025Q1-", "2025Q2-"), "utf-8")
    later = text.replace("id: small", "id: later").replace("2025Q1-", "2025Q3-")
    small.framework.write_text(later, "utf-8")
    waits = small.folder / "waits.csv"
    months = [
        f"{code},{month},1,2"
        for code in ("AA1", "AA2", "AA3")
        for month in ("2025-01", "2025-07", "2025-08", "2025-09")
    ]
    waits.write_text(waits.read_text("utf-8") + "\n".join(months) + "\n", "utf-8")
    done = cli("history", *small.options, "-F", late)
    assert "2025Q1 is left out: none of late and later governs it" in done.narration


def test_nobody_ranked_is_not_the_filters_doing(cli: Cli, small: Small) -> None:
    # One metric each, where two are needed.
    header = "org_code,in_force_from,in_force_to,surplus\n"
    plans = small.folder / "plans.csv"
    plans.write_text(f"{header}AA6,2025Q1,2025Q4,1\n", "utf-8")
    done = cli("history", *small.options, "--top", "3")
    assert "Nobody is ranked in these quarters." in done.text
    assert "filters" not in done.narration


def test_filters_may_leave_nobody(cli: Cli) -> None:
    done = cli("history", "--region", "London", "--icb", "Norfolk and Waveney")
    assert done.status == 0
    assert "no organisation of these leagues is left by these filters" in done.narration


def test_one_quarter_shows_no_history(cli: Cli, small: Small) -> None:
    # Its plans are in force all year, but monthly figures are of one quarter.
    done = cli("history", *small.options)
    assert done.status == 0, done.narration
    assert "2025Q2 is the only quarter: it shows no history" in done.narration
    assert "One quarter shows no history." in done.text
    assert "Not ranked in any of these quarters: Unranked NHS Trust (AA6)." in done.text
    found = rows(cli("history", *small.options, "--format", "csv"))
    assert [row["org_code"] for row in found] == ["AA1", "AA2", "AA3", "AA4", "AA5", "AA6", "AM1"]
    text = cli("history", *small.options, "AM1", "AA6").text
    assert (
        "(AM1) is ranked in 1 of 1 quarter, among ambulance trusts: 1. It is in segment 1." in text
    )
    assert "(AA6) is not ranked in any of these quarters." in text


def test_the_bytes_do_not_depend_on_threads(cli_process: CliProcess) -> None:
    first, second = (
        cli_process("history", "--format", "json", env={"POLARS_MAX_THREADS": count})
        for count in ("1", "2")
    )
    assert first.status == 0
    assert first.output == second.output
