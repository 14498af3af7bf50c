"""``robustness`` and ``rank --ranges``: what they print, and what they refuse."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli, CliProcess, Completed
from tests.functional.conftest import Sample
from tests.functional.printed import write_printed
from tests.functional.small import AVERAGES, RANKS, Small

COLUMNS = (
    "org_code,org_name,peer_group,rank,rank_low,rank_high,average_metric_score,score_low,score_high,"
    "p_segment_1,p_segment_2,p_segment_3,p_segment_4,p_first,p_last,expected_rank"
)
FEW = ("--replicates", "200", "--quiet")
SAMPLE = ("robustness", "--quarter", "2025Q2", *FEW)


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def refusal(done: Completed) -> str:
    assert (done.status, done.output) == (2, b"")
    return done.narration


def test_csv_has_the_documented_columns_in_the_order_of_the_league(
    cli: Cli, sample: Sample
) -> None:
    ranges = sample("--format", "csv")
    ranking = rows(cli("rank", "--quarter", "2025Q2", "--quiet", "--format", "csv"))
    assert ranges.lines[0] == COLUMNS
    for name in ("org_code", "org_name", "peer_group", "rank", "average_metric_score"):
        assert [row[name] for row in rows(ranges)] == [row[name] for row in ranking]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--source", "metrics"], "Doubt about metrics"),
        (["--source", "weights"], "Doubt about weights"),
        (["--source", "weights", "--weights", "uniform"], "every division of the whole weight"),
        (["--source", "data", "--framework", "headline-kpis"], "Doubt about data"),
    ],
)
def test_every_output_names_its_source_of_doubt(
    sample: Sample, options: list[str], named: str
) -> None:
    assert named in sample(*options).text
    assert sample(*options, "--format", "json").json["meta"]["source"] == options[1]


def test_the_account_states_how_replicates_were_made(sample: Sample) -> None:
    meta = sample("--seed", "7", "--interval", "expanded", "--format", "json").json["meta"]
    stated = {name: meta[name] for name in ("seed", "replicates", "interval", "view")}
    assert stated == {"seed": 7, "replicates": 200, "interval": "expanded", "view": "ranges"}
    assert "concentration" not in meta
    drawn = sample("--source", "weights", "--concentration", "50", "--format", "json").json
    assert (drawn["meta"]["weights"], drawn["meta"]["concentration"]) == ("declared", 50.0)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(cli: Cli) -> None:
    first, second, other = (
        cli(*SAMPLE, "--seed", seed, "--format", "json").output for seed in ("1", "1", "2")
    )
    assert first == second != other
    assert cli(*SAMPLE, "--format", "json").output == first


def test_the_bytes_do_not_depend_on_threads(cli_process: CliProcess) -> None:
    asked = (*SAMPLE, "--source", "weights", "--format", "csv")
    first, second = (
        cli_process(*asked, env={"POLARS_MAX_THREADS": count, "OPENBLAS_NUM_THREADS": count})
        for count in ("1", "2")
    )
    assert first.status == 0
    assert first.output == second.output


def test_one_trust_is_told_in_the_figures_of_its_row(sample: Sample) -> None:
    (row,) = rows(sample("RCX", "--format", "csv"))
    text = sample("RCX").text
    assert f"ranks {row['rank']} of 134 acute trusts" in text
    assert f"likely between {row['rank_low']} and {row['rank_high']}" in text
    low, high = (f"{float(row[name]):.2f}" for name in ("score_low", "score_high"))
    assert f"Its average is {row['average_metric_score']}, likely between {low} and {high}" in text
    assert f"segment 4 in {100 * float(row['p_segment_4']):.1f}%" in text


def test_a_trust_is_told_apart_as_the_pairs_say(sample: Sample) -> None:
    pairs = sample("RCX", "--format", "json").json["pairs"]
    assert len(pairs) == 133
    sure = [pair for pair in pairs if max(pair["p_ahead"], pair["p_behind"]) >= 0.975]
    assert [pair for pair in pairs if pair["is_separable"]] == sure
    ahead = sum(pair["p_ahead"] >= 0.975 for pair in pairs)
    said = f"it is ahead of {ahead} and behind {len(sure) - ahead} in at least 97.5%"
    assert said in sample("RCX").text
    assert f"the other {133 - len(sure)}." in sample("RCX").text


def test_two_trusts_are_compared(sample: Sample) -> None:
    text = sample("RCX", "RP6").text
    assert "RCX is ahead of RP6 in 0.0% of the replicates, behind it in 100.0%" in text
    assert "RP6 is ahead of RCX." in text
    close = sample("RP6", "RAN").text
    assert "they cannot be told apart" in close
    codes = [row["org_code"] for row in rows(sample("RCX", "RP6", "--format", "csv"))]
    assert codes == ["RP6", "RCX"]


def test_trusts_of_different_tables_have_no_order(sample: Sample) -> None:
    text = sample("RCX", "RX7").text
    assert "RCX and RX7 are ranked in different tables: there is no order between them" in text


def test_a_name_is_found_and_announced(cli: Cli) -> None:
    done = cli("robustness", "Moorfields", "--quarter", "2025Q2", "--replicates", "100")
    assert "'Moorfields' is taken to mean Moorfields Eye Hospital" in done.narration
    assert done.text.startswith("Moorfields Eye Hospital NHS Foundation Trust (RP6) ranks 1 of 134")


def test_filters_apply_after_drawing(sample: Sample) -> None:
    whole = {row["org_code"]: row for row in rows(sample("--format", "csv"))}
    some = rows(sample("--format", "csv", "--region", "London", "--top", "2"))
    assert 0 < len(some) < 10
    assert all(whole[row["org_code"]] == row for row in some)
    text = sample("--peer-group", "ambulance").text
    assert "Ambulance trusts: in" in text
    assert "Acute trusts: in" not in text


def test_the_table_is_counted_in_pairs_and_quarters(sample: Sample) -> None:
    done = sample("--format", "json").json
    acute = next(row for row in done["separability"] if row["peer_group"] == "Acute trust")
    of_acute = [row for row in done["rows"] if row["peer_group"] == "Acute trust"]
    assert acute["pairs"] == 134 * 133 // 2
    assert acute["possible_top_quarter"] == sum(row["rank_low"] <= 33 for row in of_acute)
    assert acute["possible_bottom_quarter"] == sum(row["rank_high"] > 134 - 33 for row in of_acute)
    text = sample("--peer-group", "acute").text
    assert f"in {acute['separable_pairs']:,} of 8,911 pairs" in text
    assert f"{acute['possible_top_quarter']} of 134 could be in the best quarter" in text


@pytest.mark.parametrize("arguments", [SAMPLE, (*SAMPLE, "RCX"), (*SAMPLE, "--source", "weights")])
def test_nothing_is_wider_than_the_terminal_or_cut_short(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*arguments)
    assert max(map(len, done.lines)) <= 80
    assert "\u2026" not in done.text
    table = cli(*SAMPLE, "--format", "csv")
    if "RCX" not in arguments and "weights" not in arguments:
        for row in rows(table):
            low, high = (f"{float(row[name]):.2f}" for name in ("score_low", "score_high"))
            assert f"{row['rank_low']} to {row['rank_high']} " in done.text
            assert f"{low} to {high}" in done.text


def test_strips_show_where_the_ranks_lie(sample: Sample) -> None:
    lines = sample("--peer-group", "ambulance").lines
    (header,) = [line for line in lines if "Likely rank" in line]
    start = header.index("1  ")
    width = header.index("10", start) + 2 - start
    for row in rows(sample("--peer-group", "ambulance", "--format", "csv")):
        (line,) = [line for line in lines if f" {row['org_code']} " in line]
        strip = line[start : start + width]
        places = [
            round((int(row[name]) - 1) * (width - 1) / 9)
            for name in ("rank_low", "rank", "rank_high")
        ]
        assert strip[places[1]] == "\u25cf"
        drawn = [at for at, character in enumerate(strip) if character != "\u00b7"]
        assert (drawn[0], drawn[-1]) == (min(places), max(places))


def test_strips_are_drawn_in_ascii_where_that_is_all_there_is(cli_process: CliProcess) -> None:
    done = cli_process(
        *SAMPLE, "--peer-group", "ambulance", env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    )
    (line,) = [line for line in done.lines if " RX7 " in line]
    assert "o---" in line
    assert "?" not in done.text


def test_markdown_has_the_figures_without_the_drawing(sample: Sample) -> None:
    done = sample("--peer-group", "ambulance", "--format", "markdown")
    assert "| Rank | Code | Organisation | Likely rank | Average | Likely range |" in done.text
    assert "\u25cf" not in done.text


def test_data_lists_what_is_not_redrawn_and_why(cli: Cli) -> None:
    options = ("--source", "data", "--framework", "headline-kpis")
    done = cli(*SAMPLE, *options)
    assert "(staff_engagement): redrawn for 0 of 203 organisations; not a proportion" in done.text
    assert "(ae_4_hours): redrawn for 123 of 123 organisations" in done.text
    assert "Ranked, but without a likely range, because no sampling error is known" in done.text
    narrated = cli(*SAMPLE[:-1], *options, "--format", "csv").narration
    assert (
        "note: no sampling error is known for ambulance_category_2, inpatient_survey, "
        "staff_engagement, planned_surplus_pct\n"
    ) in narrated
    table = rows(cli(*SAMPLE, *options, "--format", "csv"))
    ambulance = [row for row in table if row["peer_group"] == "Ambulance trust" and row["rank"]]
    without = [row["org_code"] for row in ambulance if not row["rank_low"]]
    assert without
    assert cli(*SAMPLE, *options, "--format", "json").json["without_range"] == sorted(
        (row["org_code"] for row in table if row["rank"] and not row["rank_low"]),
        key=[row["org_code"] for row in sorted(table, key=lambda row: row["org_code"])].index,
    )


def test_without_counts_the_source_data_is_refused(sample: Sample) -> None:
    said = refusal(sample("--source", "data"))
    assert "no sampling error is known" in said
    assert "numerator and denominator" in said


def test_leave_one_out_says_what_finance_does(cli: Cli) -> None:
    table = cli(*SAMPLE[:3], "--quiet", "--view", "leave-one-out", "--format", "json").json["rows"]
    finance = next(row for row in table if row["kind"] == "domain_and_overrides")
    text = cli(*SAMPLE[:3], "--quiet", "--view", "leave-one-out").text
    assert (
        "Without the metrics of Finance and productivity and the override financial_deficit, "
        f"{finance['segments_changed']} of 205 organisations would be in another segment "
        f"({finance['segments_better']} better, {finance['segments_worse']} worse)"
    ) in text
    assert finance["segments_changed"] > 50
    for row in table:
        assert f"({row['id']})" in text
        assert f"{row['spearman']:.3f}" in text


def test_influence_is_side_by_side_with_the_weight(cli: Cli) -> None:
    options = ("robustness", "--quarter", "2025Q2", "--framework", "headline-kpis", "--quiet")
    table = rows(cli(*options, "--view", "influence", "--format", "csv"))
    assert table[0]["metric_id"] == "ae_4_hours"
    weights = {row["metric_id"]: float(row["nominal_weight"]) for row in table}
    assert weights["ae_4_hours"] == pytest.approx(20 / 120)
    text = cli(*options, "--view", "influence").text
    for row in table:
        (line,) = [line for line in text.splitlines() if f"({row['metric_id']})" in line]
        assert f"{100 * float(row['nominal_weight']):.1f}%" in line
        assert f"{float(row['squared_correlation']):.2f}" in line


def test_influence_without_its_library_says_how_to_get_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "SALib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    said = refusal(cli("robustness", "--quarter", "2025Q2", "--view", "influence", "--quiet"))
    assert "pip install 'nhs-league[sensitivity]'" in said


def test_rank_has_the_ranges_that_robustness_draws(cli: Cli) -> None:
    whole = ("--quarter", "2025Q2", "--quiet", "--format", "csv")
    ranking = rows(cli("rank", *whole, "--ranges"))
    ranges = rows(cli("robustness", *whole))
    names = ("score_low", "score_high", "rank_low", "rank_high")
    assert [[row[name] for name in names] for row in ranking] == [
        [row[name] for name in names] for row in ranges
    ]
    assert not any(row[name] for row in rows(cli("rank", *whole)) for name in names)


def test_rank_accounts_for_its_ranges(cli: Cli) -> None:
    with_ranges = ("rank", "--quarter", "2025Q2", "--quiet", "--ranges", "--seed", "3")
    meta = cli(*with_ranges, "--format", "json").json["meta"]
    assert meta["seed"] == 3
    assert meta["likely_ranges"]["source"] == "metrics"
    assert "Likely rank" in cli(*with_ranges, "--top", "1").text
    assert (
        cli("rank", "--quarter", "2025Q2", "--quiet", "--format", "json").json["meta"]["seed"]
        is None
    )


def test_a_framework_may_ask_for_ranges(cli: Cli, small: Small) -> None:
    assert not any(row["rank_low"] for row in rows(cli("rank", *small.options, "--format", "csv")))
    text = small.framework.read_text(encoding="utf-8")
    small.framework.write_text(f"{text}likely_ranges: true\n", encoding="utf-8")
    asked = rows(cli("rank", *small.options, "--format", "csv"))
    assert {row["org_code"] for row in asked if row["rank_low"]} == set(RANKS)
    assert cli("rank", *small.options, "--by", "waits", "--format", "csv").status == 0


def test_an_unranked_organisation_has_a_row_without_figures(cli: Cli, small: Small) -> None:
    table = {row["org_code"]: row for row in rows(_of_small(cli, small, "--format", "csv"))}
    assert {code: row["rank"] for code, row in table.items() if row["rank"]} == {
        code: str(rank) for code, rank in RANKS.items()
    }
    assert {code: float(table[code]["average_metric_score"]) for code in AVERAGES} == AVERAGES
    nothing = COLUMNS.split(",")[3:]
    assert all(table["AA6"][name] == "" for name in nothing)
    assert "Not ranked: 1 organisation." in _of_small(cli, small).text


def test_names_are_text(cli: Cli, small: Small) -> None:
    assert "Best [c] NHS Trust" in _of_small(cli, small).text
    assert "Held *back* <b> :smile: NHS Trust" in _of_small(cli, small, "AA4").text


def test_a_trust_without_a_rank_or_unknown_is_refused(cli: Cli, small: Small) -> None:
    assert "AA6 is not ranked" in refusal(_of_small(cli, small, "AA6"))
    assert "there is no trust 'ZZ9'" in refusal(_of_small(cli, small, "ZZ9"))


def test_a_trust_alone_in_its_table_is_first_and_last(cli: Cli, small: Small) -> None:
    (row,) = rows(_of_small(cli, small, "AM1", "--format", "csv"))
    assert (row["rank_low"], row["rank_high"], row["p_first"], row["p_last"]) == (
        "1",
        "1",
        "1.0",
        "1.0",
    )
    assert "Of 0 other ambulance trusts" in _of_small(cli, small, "AM1").text


def test_one_metric_says_nothing_of_how_sure_ranks_are(cli: Cli, small: Small) -> None:
    framework = small.framework.read_text(encoding="utf-8").replace(
        "min_metrics: 2", "min_metrics: 1"
    )
    part = framework.index("  surplus:"), framework.index("aggregate:")
    framework = framework[: part[0]] + framework[part[1] :]
    override = framework.index("overrides:"), framework.index("ranking:")
    framework = framework[: override[0]] + framework[override[1] :]
    small.framework.write_text(framework.replace(", money: Money", ""), encoding="utf-8")
    assert "resampling needs at least 2 metrics" in refusal(_of_small(cli, small))
    said = refusal(cli("robustness", *small.options, "--view", "influence"))
    assert "one metric that counts" in said
    (row,) = [
        row
        for row in cli(
            "robustness", *small.options, "--view", "leave-one-out", "--format", "json"
        ).json["rows"]
        if row["kind"] == "metric"
    ]
    assert (row["spearman"], row["not_ranked"]) == (None, 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--replicates", "1"], "a 95% range takes at least 100 replicates, and not 1"),
        (["--replicates", "10000000"], "too many: at most 100,000"),
        (["--replicates", "many"], "Invalid value for '--replicates'"),
        (["--seed", "x"], "Invalid value for '--seed'"),
        (["--seed", "-1"], "Invalid value for '--seed'"),
        (["--seed", "1.5"], "Invalid value for '--seed'"),
        (["--source", "luck"], "Invalid value for '--source'"),
        (["--concentration", "0", "--source", "weights"], "not between 1 and 1,000,000"),
        (["--concentration", "nan", "--source", "weights"], "not between 1 and 1,000,000"),
        (["--concentration", "5"], "a concentration is for the source weights"),
        (["--weights", "uniform"], "uniform weights are for the source weights"),
        (["--interval", "expanded", "--source", "weights"], "it is for the source metrics"),
        (["RCX", "--top", "3"], "TRUST and filters exclude each other"),
        (["RCX", "--view", "influence"], "leave TRUST and filters out"),
        (["--view", "leave-one-out", "--region", "London"], "leave TRUST and filters out"),
        (["--view", "leave-one-out", "--replicates", "500"], "takes no --replicates"),
        (["--view", "influence", "--source", "data"], "takes no --source"),
        (["--view", "influence", "--concentration", "0.5"], "not between 1 and 1,000,000"),
        (["--peer-group", "dental"], "there is no peer group 'dental'"),
    ],
)
def test_what_does_not_fit_together_is_refused(cli: Cli, options: list[str], message: str) -> None:
    assert message in refusal(cli("robustness", "--quarter", "2025Q2", "--quiet", *options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", "3"], "--seed is for --ranges"),
        (["--ranges", "--by", "OF0013"], "--by excludes --ranges and --seed"),
        (["--seed", "3", "--by", "OF0013"], "--by excludes --ranges and --seed"),
    ],
)
def test_rank_refuses_what_has_no_ranges(cli: Cli, options: list[str], message: str) -> None:
    assert message in refusal(cli("rank", "--quarter", "2025Q2", "--quiet", *options))


def _of_small(cli: Cli, small: Small, *more: str) -> Completed:
    return cli("robustness", *small.options, "--replicates", "100", *more)


def test_explain_gives_the_ranges_that_robustness_draws(cli: Cli) -> None:
    asked = ("explain", "RX8", "--quarter", "2025Q2", "--quiet")
    (row,) = rows(cli("robustness", *asked[1:], "--format", "csv"))
    low, high = (f"{float(row[name]):.2f}" for name in ("score_low", "score_high"))
    assert (
        f"Likely ranges, from resampling its metrics: the average from {low} to {high} and the "
        f"rank from {row['rank_low']} to {row['rank_high']}."
    ) in cli(*asked, "--ranges").text
    assert "resampling" not in cli(*asked).text
    drawn = cli(*asked, "--ranges", "--format", "json").json
    assert drawn["summary"]["rank_high"] == int(row["rank_high"])
    assert (drawn["meta"]["seed"], drawn["meta"]["likely_ranges"]["replicates"]) == (1, 10_000)
    summary = cli(*asked, "--format", "json").json["summary"]
    assert (summary["rank_low"], summary["score_low"]) == (None, None)
    assert "--seed is for --ranges" in refusal(cli(*asked, "--seed", "3"))


def test_explain_says_nothing_of_ranges_where_there_is_none(cli: Cli, small: Small) -> None:
    done = cli("explain", "AA6", *small.options, "--ranges")
    assert done.status == 0
    assert "Likely ranges" not in done.text


def test_where_all_are_ranked_in_one_table_all_are_counted_together(cli: Cli, small: Small) -> None:
    text = small.framework.read_text(encoding="utf-8")
    small.framework.write_text(
        text.replace("within: peer_group, by", "within: all, by"), encoding="utf-8"
    )
    (row,) = _of_small(cli, small, "--format", "json").json["separability"]
    assert (row["peer_group"], row["organisations"], row["pairs"]) == ("all organisations", 6, 15)
    printed = _of_small(cli, small).text
    assert "Small league: organisations, April to June 2025" in printed
    assert "Organisations: in" in printed
    pair = _of_small(cli, small, "AA1", "AM1").text
    assert "(AM1) ranks 1 of 6 organisations for" in pair
    assert "AA1 is ahead of AM1" in pair
    assert "ranks 1 of 6 organisations" in cli("explain", "AM1", *small.options).text


def test_a_part_of_a_league_keeps_the_cut_points_that_are_published(
    cli: Cli, tmp_path: Path
) -> None:
    printed = write_printed(tmp_path)
    text = printed.framework.read_text(encoding="utf-8")
    assert "Acute: 4" in text
    printed.framework.write_text(text.replace("Acute: 4", "Acute: 5"), encoding="utf-8")
    asked = ("robustness", *printed.options, "--quiet")
    swayed = cli(*asked, "--view", "leave-one-out").text
    assert "The cut points are told by the published segments" in swayed
    weighed = cli(*asked, "--source", "weights", "--replicates", "100").text
    assert "at the cut points that the published segments tell" in weighed
    assert "published segments" not in cli(*asked, "--replicates", "100").text


def test_filters_that_leave_nobody_are_noted(cli: Cli, small: Small) -> None:
    done = _of_small(cli, small, "--region", "London", "--icb", "QBB", "--format", "csv")
    assert done.lines == [COLUMNS]
    assert "no organisation of the league is left by these filters" in done.narration


def test_a_framework_that_asks_for_what_nobody_has_ranks_all_the_same(
    cli: Cli, small: Small
) -> None:
    text = small.framework.read_text(encoding="utf-8")
    one_metric = text[: text.index("  surplus:")] + text[text.index("aggregate:") :]
    one_metric = (
        one_metric[: one_metric.index("overrides:")] + (one_metric[one_metric.index("ranking:") :])
    )
    small.framework.write_text(
        one_metric.replace("min_metrics: 2", "min_metrics: 1").replace(", money: Money", "")
        + "likely_ranges: true\n",
        encoding="utf-8",
    )
    done = cli("rank", *small.options, "--format", "csv")
    assert [row["rank_low"] for row in rows(done)] == [""] * len(rows(done))
    assert "note: without the likely ranges that the framework asks for" in done.narration
    asked = refusal(cli("rank", *small.options, "--ranges"))
    assert "resampling needs at least 2 metrics" in asked
