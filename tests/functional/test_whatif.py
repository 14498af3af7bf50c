"""``whatif``: leagues with changes, what would be enough for a target, and what is refused.

Figures are worked out by hand in the small league, or are those that ``rank`` gives of files in
which the change is made.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league import OpenLeague, open_league
from nhs_league.analysis.counterfactuals.changes import ValueChange
from nhs_league.analysis.counterfactuals.whatif import what_if
from nhs_league.presentation.text import rounded
from tests.conftest import REPOSITORY, Cli, CliProcess, Completed
from tests.functional.small import ADJUSTED, FRAMEWORK, RANKS, SURPLUS, WAITS, Small, write_csv

COLUMNS = (
    "org_code,org_name,peer_group,rank_from,rank_to,average_from,average_to,segment_from,"
    "segment_to,adjusted_segment_from,adjusted_segment_to,passing"
)
MOVES_COLUMNS = (
    "answer,kind,metric_id,title,unit,is_enough,value_from,value_to,numerator_from,numerator_to,"
    "denominator,score_from,score_to,points,points_in_all,rank,average_metric_score,"
    "adjusted_segment"
)
HEADLINE_KPIS = ("--framework", "headline-kpis", "--quarter", "2025Q2")
MOVED = re.compile(r"\((\w+)\) from -?[\d.]+\S*(?: out of 10)? to (-?[\d.]+\d|\d+)")
SAMPLE = REPOSITORY / "data" / "sample"
FORMATS = {
    "table": ".txt",
    "csv": ".csv",
    "json": ".json",
    "ndjson": ".ndjson",
    "markdown": ".md",
    "parquet": ".parquet",
}
Place = tuple[int, float, int, int]


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def refusal(done: Completed) -> str:
    """Give the one message of a refused command, which printed nothing."""
    assert (done.status, done.output) == (2, b"")
    errors = [line for line in done.narration.splitlines() if line.startswith("nhs-league: error:")]
    assert len(errors) == 1
    assert "Traceback" not in done.narration
    return errors[0].removeprefix("nhs-league: error: ")


def ranked(done: Completed) -> dict[str, Place]:
    """Read a table of ``rank``."""
    return {
        row["org_code"]: place(row, "rank", "average_metric_score", "segment", "adjusted_segment")
        for row in rows(done)
        if row["rank"]
    }


def told(before: Mapping[str, Place], done: Completed) -> dict[str, Place]:
    """Put what ``whatif`` says of those who move into the table as it stands."""
    places = dict(before)
    for row in rows(done):
        was = place(row, "rank_from", "average_from", "segment_from", "adjusted_segment_from")
        assert was == before[row["org_code"]]
        if row["rank_to"]:
            places[row["org_code"]] = place(
                row, "rank_to", "average_to", "segment_to", "adjusted_segment_to"
            )
        else:
            del places[row["org_code"]]
    return places


def place(row: Mapping[str, str], rank: str, average: str, segment: str, adjusted: str) -> Place:
    """Read a place; averages are rounded as ``rank`` gives them."""
    return int(row[rank]), rounded(float(row[average]), 2), int(row[segment]), int(row[adjusted])


def write_figures(
    small: Small,
    waits: Mapping[str, int] | None = None,
    surplus: Mapping[str, str] | None = None,
) -> None:
    """Write the small league's data with other figures; the quarter's 200 people stay."""
    shares = (("2025-04", 0.5, 100), ("2025-05", 0.25, 50), ("2025-06", 0.25, 50))
    counts = {**WAITS, **(waits or {})}
    months = [
        (code, month, part * share, whole)
        for month, share, whole in shares
        for code, part in counts.items()
    ]
    write_csv(
        small.folder / "waits.csv", ("org_code", "period", "numerator", "denominator"), months
    )
    plans = [
        (code, "2025Q1", "2025Q4", value) for code, value in {**SURPLUS, **(surplus or {})}.items()
    ]
    header = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", header, plans)


def write_framework(small: Small, *changes: tuple[str, str]) -> None:
    """Write the small league's framework with other text in some places."""
    text = FRAMEWORK
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    small.framework.write_text(text, encoding="utf-8")


def without_metric(metric_id: str, until: str) -> tuple[str, str]:
    """Give the change of the framework's text that takes a metric out."""
    start = FRAMEWORK.index(f"  {metric_id}:\n")
    return FRAMEWORK[start : FRAMEWORK.index(until, start)], ""


def write_scenario(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- Changes, against the league ranked of changed files -----------------------------------------


@pytest.mark.parametrize(
    ("trust", "settings", "figures"),
    [
        # AA4 without a deficit; AA4 among the slowest; nothing but a few people more.
        ("AA4", ["surplus=0"], ({}, {"AA4": "0"})),
        ("AA4", ["waits=50"], ({"AA4": 100}, {})),
        ("AA3", ["waits=80%"], ({"AA3": 160}, {})),
        # The best and the worst of a pool stretch it, or let go of it.
        ("AA5", ["surplus=8", "waits = 100"], ({"AA5": 200}, {"AA5": "8"})),
        ("AA1", ["waits=0", "surplus=-10"], ({"AA1": 0}, {"AA1": "-10"})),
        ("AA1", ["waits=75", "surplus=1"], ({"AA1": 150}, {"AA1": "1"})),
        ("AA5", ["waits=75", "surplus=1.0"], ({"AA5": 150}, {"AA5": "1"})),
        # A deficit that begins holds back.
        ("AA2", ["surplus=-0.01"], ({}, {"AA2": "-0.01"})),
        # The pool of the ambulance trusts is another.
        ("AM1", ["waits=10"], ({"AM1": 20}, {})),
        # Nothing changes.
        ("AA2", ["waits=75"], ({}, {})),
    ],
)
def test_values_make_the_league_that_changed_files_make(
    cli: Cli,
    small: Small,
    trust: str,
    settings: list[str],
    figures: tuple[Mapping[str, int], Mapping[str, str]],
) -> None:
    before = ranked(cli("rank", *small.options, "--format", "csv"))
    asked = [part for setting in settings for part in ("--set", setting)]
    found = told(before, cli("whatif", trust, *asked, *small.options, "--format", "csv"))
    write_figures(small, *figures)
    assert found == ranked(cli("rank", *small.options, "--format", "csv"))


WITHOUT_OVERRIDE = (FRAMEWORK[FRAMEWORK.index("overrides:") : FRAMEWORK.index("ranking:")], "")


@pytest.mark.parametrize(
    ("setting", "change"),
    [
        ("weight.waits=3", ("per: 100\n    weight: 1", "per: 100\n    weight: 3")),
        ("weight.surplus=2.5", ("in_force\n    weight: 1", "in_force\n    weight: 2.5")),
        # Only the override of AA4 makes a difference: AA5 is in segment 4 without it too.
        ("override=off", WITHOUT_OVERRIDE),
        ("override.deficit=off", WITHOUT_OVERRIDE),
    ],
)
def test_weights_and_overrides_make_the_league_that_a_changed_framework_makes(
    cli: Cli, small: Small, setting: str, change: tuple[str, str]
) -> None:
    before = ranked(cli("rank", *small.options, "--format", "csv"))
    found = told(before, cli("whatif", "AA4", "--set", setting, *small.options, "--format", "csv"))
    write_framework(small, change)
    assert found == ranked(cli("rank", *small.options, "--format", "csv"))


def test_a_metric_left_out_makes_the_league_of_a_framework_without_it(
    cli: Cli, small: Small
) -> None:
    one = ("min_metrics: 2", "min_metrics: 1")
    write_framework(small, one)
    before = ranked(cli("rank", *small.options, "--format", "csv"))
    done = cli("whatif", "AA4", "--drop", "waits", *small.options, "--format", "csv")
    found = told(before, done)
    write_framework(small, one, without_metric("waits", "  surplus:"), ("access: Access, ", ""))
    assert found == ranked(cli("rank", *small.options, "--format", "csv"))


def test_who_has_too_few_metrics_left_has_no_rank(cli: Cli, small: Small) -> None:
    write_framework(small, ("min_metrics: 2", "min_metrics: 1"))
    before = ranked(cli("rank", *small.options, "--format", "csv"))
    assert "AA6" in before
    # AA6 has a surplus only; the others are left with their waits.
    done = cli("whatif", "AA1", "--drop", "surplus", *small.options, "--format", "csv")
    found = told(before, done)
    assert "AA6" not in found
    # AA4's deficit holds it back still: a metric that is left out counts no more, and no less is
    # known of it.
    assert {code: rank for code, (rank, *_) in found.items()} == {**RANKS, "AA1": 1}
    text = cli("whatif", "AA1", "--drop", "surplus", *small.options).text
    assert "(AA1) would still rank 1 of 5 acute trusts for" in text
    counts = ("in_force\n", "in_force\n    counts: false\n")
    write_framework(small, ("min_metrics: 2", "min_metrics: 1"), counts)
    assert found == ranked(cli("rank", *small.options, "--format", "csv"))


def test_a_trust_that_loses_its_rank_is_said_to(cli: Cli, small: Small) -> None:
    done = cli("whatif", "AA4", "--drop", "waits", *small.options)
    assert done.status == 0
    assert "(AA4) would not be ranked any more: it would have too few metrics." in done.text
    assert "1 to none   AA1" in done.text
    asked = cli("whatif", "AA4", "--drop", "waits", "--target-rank", "1", *small.options)
    assert asked.status in (0, 2)
    assert "Traceback" not in asked.narration
    assert "nan" not in asked.text.lower()


def test_an_override_can_be_applied_to_who_has_none(cli: Cli, small: Small) -> None:
    done = cli("whatif", "AA1", "--set", "override.deficit=on", *small.options, "--format", "csv")
    # Segment 3 with the best average: behind AA2 and AA3, ahead of AA4.
    assert [(row["org_code"], row["rank_to"], row["passing"]) for row in rows(done)] == [
        ("AA1", "3", ""),
        ("AA2", "1", "overtakes"),
        ("AA3", "1", "overtakes"),
    ]
    assert rows(done)[0]["adjusted_segment_to"] == "3"


def test_a_scenario_makes_the_league_that_changed_files_make(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    before = ranked(cli("rank", *small.options, "--format", "csv"))
    scenario = write_scenario(
        tmp_path / "two.yaml",
        "title: Two recover\n"
        "trusts:\n"
        "  AA5:\n"
        "    values: {waits: 90, surplus: 2}\n"
        "  'Held *back* <b> :smile: NHS Trust':\n"
        "    values: {waits: 99}\n"
        "    overrides: off\n"
        "weights: {waits: 2}\n",
    )
    for beside in ([], ["--set", "surplus=3"]):
        done = cli("whatif", "AA1", "--scenario", scenario, *beside, *small.options, "-f", "csv")
        found = told(before, done)
        # A surplus that would hold nobody back stands in for the override that is lifted.
        weights = ("per: 100\n    weight: 1", "per: 100\n    weight: 2")
        other = Small(tmp_path / f"other{len(beside)}", tmp_path / "other.yaml")
        shutil.copytree(small.folder, other.folder)
        write_figures(
            other,
            {"AA5": 180, "AA4": 198},
            {"AA5": "2", **({"AA1": "3"} if beside else {})},
        )
        write_framework(other, weights, WITHOUT_OVERRIDE)
        assert found == ranked(cli("rank", *other.options, "--format", "csv"))


def test_the_sample_with_a_trusts_counts_changed_is_ranked_as_told(
    cli: Cli, tmp_path: Path
) -> None:
    options = ("--quiet", "--format", "csv", "--framework", "headline-kpis", "-Q", "2025Q2")
    before = ranked(cli("rank", *options))
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE, folder)
    # April to June: 14,595 of 23,586 within four hours, and of 27,265 waiting 15,619 in June.
    replace_row(folder / "monthly" / "ae_4_hours.csv", "RCX,2025-06,4844", "RCX,2025-06,6844")
    replace_row(folder / "monthly" / "rtt_18_weeks.csv", "RCX,2025-06,15619", "RCX,2025-06,19000")
    settings = (f"ae_4_hours={100 * 16_595 / 23_586!r}", f"rtt_18_weeks={100 * 19_000 / 27_265!r}")
    asked = [part for setting in settings for part in ("--set", setting)]
    found = told(before, cli("whatif", "RCX", *asked, *options))
    assert found == ranked(cli("rank", *options, "--data", folder))
    assert found != before


def replace_row(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- What is printed ------------------------------------------------------------------------------


def test_the_text_says_where_it_would_stand_and_whom_it_would_pass(cli: Cli, small: Small) -> None:
    done = cli("whatif", "AA4", "--set", "surplus=0", *small.options)
    # By hand: 4 to -4 per cent is 1.00 to 4.00, so 0 is 2.50; (1.30 + 2.50) / 2 = 1.90.
    assert done.lines[0] == (
        "Held *back* <b> :smile: NHS Trust (AA4) would rank 2 of 5 acute trusts instead of 4 for "
        "April to June 2025 (Q1 2025/26); segment 3 to 2, average 2.09 to 1.90."
    )
    assert "- AA4: Planned surplus (surplus) is 0.00%" in done.lines
    assert "AA4    Planned surplus (surplus)   -1.00 to 0.00   2.88 to 2.50        0" in done.lines
    assert "AA4 would pass 2 organisations: AA2, AA3." in done.lines
    assert "2 to 3   AA2    Tied [/c] NHS Trust         2.31         2   passed" in done.lines
    assert done.narration == ""


def test_other_trusts_whose_scores_change_are_counted(cli: Cli, small: Small) -> None:
    # AA5 at 75 per cent makes 75 the least of the pool: AA2, AA3 and AA4 are scored anew, AA1 is
    # the best still.
    done = cli("whatif", "AA5", "--set", "waits=75", *small.options, "--format", "json")
    (value,) = done.json["values"]
    assert (value["score_from"], value["score_to"], value["others_rescored"]) == (4.0, 4.0, 3)
    assert (value["value_from"], value["value_to"]) == (50.0, 75.0)


def test_a_change_to_what_is_so_already_changes_nothing(cli: Cli, small: Small) -> None:
    done = cli("whatif", "AA2", "--set", "waits=75", *small.options)
    assert "would still rank 2 of 5 acute trusts" in done.text
    assert "the same segment, 2, the same average, 2.31." in done.text
    assert done.lines[-1] == "Nobody else's rank, average or segment would change."
    as_csv = rows(cli("whatif", "AA2", "--set", "waits=75", *small.options, "--format", "csv"))
    assert [row["org_code"] for row in as_csv] == ["AA2"]


def test_columns_are_the_documented_ones_and_the_trust_comes_first(cli: Cli, small: Small) -> None:
    done = cli("whatif", "AA4", "--set", "surplus=0", *small.options, "--format", "csv")
    assert done.lines[0] == COLUMNS
    assert [row["org_code"] for row in rows(done)] == ["AA4", "AA2", "AA3"]
    target = cli("whatif", "AA2", "--target-segment", "1", *small.options, "--format", "csv")
    assert target.lines[0] == MOVES_COLUMNS
    met = cli("whatif", "AA1", "--target-segment", "1", *small.options, "--format", "csv")
    assert met.lines == [MOVES_COLUMNS]


ASKED = (["--set", "surplus=0", "--set", "waits=96.5"], ["--target-segment", "1"])


@pytest.mark.parametrize("asked", ASKED)
def test_every_format_has_the_same_cells(cli: Cli, small: Small, asked: list[str]) -> None:
    arguments = ["whatif", "AA4", *asked, *small.options, "--format"]
    expected = cli(*arguments, "json").json["rows"]
    assert expected
    assert [json.loads(line) for line in cli(*arguments, "ndjson").lines] == expected
    parquet = pl.read_parquet(io.BytesIO(cli(*arguments, "parquet").output))
    assert parquet.to_dicts() == expected
    read = pl.read_csv(cli(*arguments, "csv").output, schema_overrides=parquet.schema)
    assert read.to_dicts() == expected
    markdown = cli(*arguments, "markdown").text
    assert "\n\nHeld \\*back\\* \\<b\\> :smile: NHS Trust (AA4) " in markdown
    assert "| ---: |" in markdown
    for format_ in ("table", "markdown", "json"):
        output = cli(*arguments, format_).output
        assert output.endswith(b"\n")
        assert not output.endswith(b"\n\n")


@pytest.mark.parametrize(
    ("asked", "formats"), [(ASKED[0], ("csv", "json")), (ASKED[1], tuple(FORMATS))]
)
def test_files_hold_what_is_printed_and_a_manifest_says_what_was_asked(
    cli: Cli, small: Small, asked: list[str], formats: tuple[str, ...]
) -> None:
    tmp_path = small.folder.parent
    scenario = write_scenario(
        tmp_path / "more.yaml", "title: More\ntrusts: {AA5: {values: {waits: 60}}}\n"
    )
    arguments = ["whatif", "AA4", *asked, "--scenario", str(scenario), *small.options]
    for format_ in formats:
        path = tmp_path / f"answer{FORMATS[format_]}"
        written = cli(*arguments, "--output", path)
        assert (written.status, written.output) == (0, b"")
        assert path.read_bytes() == cli(*arguments, "--format", format_).output
    manifest = json.loads((tmp_path / "answer.csv.manifest.json").read_bytes())
    assert manifest == json.loads((tmp_path / "answer.json").read_bytes())["meta"]
    assert (manifest["command"], manifest["trust"], manifest["quarter"]) == (
        "whatif",
        "AA4",
        "2025Q2",
    )
    assert manifest["scenario"] == {
        "title": "More",
        "file": "more.yaml",
        "sha256": hashlib.sha256(scenario.read_bytes()).hexdigest(),
    }
    last = {"kind": "value", "org_code": "AA5", "metric_id": "waits", "value": 60.0}
    assert manifest["changes"][-1] == last
    assert len(manifest["changes"]) == (3 if "--set" in asked else 1)
    assert manifest.get("target") == (None if "--set" in asked else {"segment": 1, "rank": None})


def test_every_kind_of_change_is_in_the_manifest(cli: Cli, small: Small) -> None:
    write_framework(small, ("min_metrics: 2", "min_metrics: 1"))
    done = cli(
        *("whatif", "AA4", "--set", "waits=80%", "--set", "override=off"),
        *("--set", "weight.waits=30", "--drop", "surplus", *small.options, "--format", "json"),
    )
    assert done.json["meta"]["changes"] == [
        {"kind": "value", "org_code": "AA4", "metric_id": "waits", "value": 80.0},
        {"kind": "override", "org_code": "AA4", "override_id": None, "applies": False},
        {"kind": "weight", "metric_id": "waits", "weight": 30.0},
        {"kind": "drop", "metric_id": "surplus"},
    ]


def test_processes_with_other_hash_seeds_print_the_same_bytes(
    cli_process: CliProcess, small: Small
) -> None:
    # A target beside changes reads the changes and searches.
    arguments = ("whatif", "AA4", *ASKED[0][:2], *ASKED[1], *small.options, "--format", "json")
    outputs = {cli_process(*arguments, env={"PYTHONHASHSEED": seed}).output for seed in ("1", "2")}
    assert len(outputs) == 1
    assert outputs != {b""}


@pytest.mark.parametrize(
    "arguments",
    [
        ["RCX", "--set", "ae_4_hours=75", "--drop", "rtt_18_weeks"],
        ["RCX", "--target-rank", "60"],
    ],
)
def test_nothing_is_wider_than_the_terminal_or_cut_short(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli("whatif", *arguments, *HEADLINE_KPIS)
    assert done.status == 0
    assert max(map(len, done.lines)) <= 80
    assert "\u2026" not in done.text


def test_notes_go_to_standard_error_and_quiet_silences_them(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    scenario = write_scenario(
        tmp_path / "named.yaml", "title: Named\ntrusts: {ynys: {values: {waits: 60}}}\n"
    )
    arguments = ("whatif", "best", "--scenario", str(scenario), *small.options)
    done = cli(*arguments)
    assert "nhs-league: note: 'best' is taken to mean Best [c] NHS Trust (AA1)" in done.narration
    assert "nhs-league: note: 'ynys' is taken to mean" in done.narration
    assert "note" not in done.text
    quiet = cli(*arguments, "--quiet")
    assert (quiet.output, quiet.narration) == (done.output, "")


# --- Targets --------------------------------------------------------------------------------------


def answers(done: Completed) -> list[list[dict[str, Any]]]:
    """Group the rows of JSON by answer, those that are enough."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in done.json["rows"]:
        if row["is_enough"]:
            found.setdefault(row["answer"], []).append(row)
    return list(found.values())


def test_the_least_change_of_each_metric_is_worked_out_by_hand(cli: Cli, small: Small) -> None:
    # AA2 has 2.50 and 2.125; 1.75 on average is 3.50 together. A surplus of 4 is 1.00, and of 3.99
    # 1.00375. Waits of 1.375 are 93.75 of 100, which is 187.5 of 200: 188.
    done = cli("whatif", "AA2", "--target-segment", "1", *small.options, "--format", "json")
    found = [
        [(move["metric_id"], move["value_to"], move["numerator_to"]) for move in answer]
        for answer in answers(done)
    ]
    assert found[:2] == [[("surplus", 4.0, None)], [("waits", 94.0, 188.0)]]
    assert [answer[0]["points_in_all"] for answer in answers(done)][:2] == pytest.approx(
        [1.125, 1.14]
    )
    assert done.json["summary"]["verdict"] == "within_reach"
    assert done.json["summary"]["without_override"] is None
    text = cli("whatif", "AA2", "--target-segment", "1", *small.options).text
    assert (
        "- Seen in time (waits) from 75.00% to 94.00%, 38 more of 200 a quarter: rank 2, "
        "segment 1, with an average of 1.74"
    ) in text
    assert (
        "- Planned surplus (surplus) from 1.00% to 4.00%: rank 2, segment 1, with an average of "
        "1.75"
    ) in text


CASES = [
    (code, target, goal)
    for code, rank in RANKS.items()
    for target, now in (("--target-segment", ADJUSTED[code]), ("--target-rank", rank))
    for goal in range(1, now)
]


def test_every_answer_reaches_the_target_and_one_step_less_does_not(cli: Cli, small: Small) -> None:
    opened = open_league([small.folder], small.framework)
    enough = 0
    for code, target, goal in CASES:
        done = cli("whatif", code, target, str(goal), *small.options, "--format", "json")
        assert done.status == 0
        assert_answers_are_least(opened, code, target, goal, answers(done))
        enough += len(answers(done))
    assert enough > 20


def assert_answers_are_least(
    opened: OpenLeague,
    code: str,
    target: str,
    goal: int,
    found: Iterable[list[dict[str, Any]]],
) -> None:
    """See that answers reach a target, as they say, and that one step less does not."""
    name = "adjusted_segment" if target == "--target-segment" else "rank"
    for answer in found:
        values = {move["metric_id"]: move["value_to"] for move in answer}
        reached = placed(opened, code, values)
        assert reached[f"{name}_to"] <= goal, (code, target, goal, values)
        assert reached["rank_to"] == answer[0]["rank"]
        assert reached["adjusted_segment_to"] == answer[0]["adjusted_segment"]
        assert reached["average_to"] == pytest.approx(answer[0]["average_metric_score"], abs=1e-9)
        for move in answer:
            less = {**values, move["metric_id"]: one_step_less(opened, move)}
            short = placed(opened, code, less)
            assert short[f"{name}_to"] > goal, (code, target, goal, values, less)


def placed(opened: OpenLeague, code: str, values: Mapping[str, float]) -> dict[str, Any]:
    changes = [ValueChange(code, metric_id, value) for metric_id, value in values.items()]
    return what_if(opened.league, code, changes).place(code)


def one_step_less(opened: OpenLeague, move: Mapping[str, Any]) -> float:
    """Give the value one step before an answer's: counted, or in the last decimal place.

    It is the value as it is where the answer is the first step.
    """
    metric = opened.league.framework.metrics[move["metric_id"]]
    was, now = float(move["value_from"]), float(move["value_to"])
    sign = 1 if metric.is_higher_better else -1
    if move["numerator_to"] is None:
        less = round(now - sign * 10.0**-metric.decimals, metric.decimals)
    else:
        step = 0.5 if move["metric_id"] == "cancer_62_days" else 1.0
        less = 100 * (float(move["numerator_to"]) - sign * step) / float(move["denominator"])
    return max(less, was) if sign > 0 else min(less, was)


def test_on_the_sample_each_combination_reaches_the_rank_and_one_step_less_does_not(
    cli: Cli,
) -> None:
    opened = open_league(framework="headline-kpis", quarter="2025Q2")
    done = cli("whatif", "RCX", "--target-rank", "60", *HEADLINE_KPIS, "--format", "json")
    found = answers(done)
    assert [answer[0]["kind"] for answer in found] == ["combination"] * 5
    # In the order of what is shown; where that is the same fewer metrics come first.
    points = [(round(answer[0]["points_in_all"], 2), len(answer)) for answer in found]
    assert points == sorted(points)
    assert_answers_are_least(opened, "RCX", "--target-rank", 60, found)
    for answer in found:
        assert sum(move["points"] for move in answer) == pytest.approx(answer[0]["points_in_all"])
        for move in answer:
            if move["denominator"] is not None:
                share = 100 * move["numerator_to"] / move["denominator"]
                assert move["value_to"] == pytest.approx(share, abs=1e-9)
    assert_counts_are_those_of_the_files(found)
    settings = [f"{move['metric_id']}={move['value_to']!r}" for move in found[0]]
    asked = [part for setting in settings for part in ("--set", setting)]
    own = rows(cli("whatif", "RCX", *asked, *HEADLINE_KPIS, "--format", "csv"))[0]
    assert own["rank_to"] == str(found[0][0]["rank"])


def assert_counts_are_those_of_the_files(found: Iterable[list[dict[str, Any]]]) -> None:
    counts = {
        move["metric_id"]: (move["numerator_from"], move["denominator"])
        for answer in found
        for move in answer
    }
    # April, May and June added up; of the waiting list June alone.
    assert counts["ae_4_hours"] == (4795 + 4956 + 4844, 7816 + 7959 + 7811)
    assert counts["cancer_62_days"] == (62.5 + 53 + 55.5, 105 + 108 + 104)
    assert counts["rtt_18_weeks"] == (15619, 27265)
    assert counts["inpatient_survey"] == (None, None)


def test_counts_of_the_sample_are_said_as_patients(cli: Cli) -> None:
    text = cli("whatif", "RCX", "--target-rank", "60", *HEADLINE_KPIS).text
    # 78 per cent of 23,586 is 18,397.08: 18,398, and 14,595 are seen in time. It is 78.004 per
    # cent, and 78.01 is enough for certain.
    assert "from 61.88% to 78.01%, 3,803 more patients seen within four hours a quarter" in text
    assert "more patients waiting 18 weeks or less at the quarter's end" in text


def test_the_values_that_are_printed_are_enough_too(cli: Cli) -> None:
    opened = open_league(framework="headline-kpis", quarter="2025Q2")
    lines = cli("whatif", "R1K", "--target-rank", "70", *HEADLINE_KPIS).lines
    printed = [
        {metric_id: float(value) for metric_id, value in MOVED.findall(line)}
        for line in lines
        if line.startswith("- ") and " from " in line
    ]
    assert len(printed) > 4
    for values in printed:
        assert placed(opened, "R1K", values)["rank_to"] <= 70, values


def test_a_target_that_an_override_bars(cli: Cli) -> None:
    arguments = ("whatif", "RQM", "--target-segment", "1", "--quarter", "2025Q2")
    done = cli(*arguments, "--framework", "nof-2025-26", "--quiet")
    assert done.status == 0
    assert "Segment 1 is barred by the override; without it the target would be met." in done.text
    assert "costs 20 places" in done.text
    assert "rank 8, segment 1, with an average of 1.68." in done.text
    lifted = cli(*arguments[:2], "--set", "override=off", *arguments[4:], "--format", "csv")
    assert (rows(lifted)[0]["rank_from"], rows(lifted)[0]["rank_to"]) == ("28", "8")
    summary = cli(*arguments, "--format", "json").json["summary"]
    assert summary["verdict"] == "barred_by_override"
    assert summary["standing"]["rank"] == 28
    assert summary["without_override"]["adjusted_segment"] == 1


def test_beside_an_override_that_bars_it_more_can_be_needed(cli: Cli, small: Small) -> None:
    # No surplus is a way out of this override: what is left is what a trust without it needs.
    write_framework(small, ("below: 0", "below: 200"))
    done = cli("whatif", "AA2", "--target-segment", "1", *small.options, "--format", "json")
    assert done.json["summary"]["verdict"] == "barred_by_override"
    assert [(answer[0]["metric_id"], answer[0]["value_to"]) for answer in answers(done)][:2] == [
        ("surplus", 4.0),
        ("waits", 94.0),
    ]
    text = cli("whatif", "AA2", "--target-segment", "1", *small.options).text
    assert "is barred by the override; what it would take beside lifting it follows." in text


def test_an_override_that_is_applied_by_hand_is_not_lifted_by_a_value(
    cli: Cli, small: Small
) -> None:
    # A surplus of 4 has no deficit to make good: the override holds whatever the surplus is.
    arguments = ("whatif", "AA1", "--set", "override=on", *small.options)
    kept = rows(cli(*arguments, "--set", "surplus=5", "--format", "csv"))[0]
    assert kept["adjusted_segment_to"] == "3"
    done = cli(*arguments, "--target-segment", "1", "--format", "json")
    assert done.json["summary"]["verdict"] == "barred_by_override"
    assert done.json["rows"] == []


def test_a_target_out_of_reach(cli: Cli, small: Small) -> None:
    done = cli("whatif", "RCX", "--target-segment", "2", "--quarter", "2025Q2", "--quiet")
    assert done.status == 0
    assert "Segment 2 is out of reach by up to three metrics" in done.text
    # No average is better than 1.00. AA1's 4 per cent is passed by as much as 4 is beyond -4.
    write_framework(small, ("upper_bounds: [1.75", "upper_bounds: [0.5"))
    text = cli("whatif", "AA2", "--target-segment", "1", *small.options).text
    assert (
        "Segment 1 is out of reach by up to three metrics: the best value of every one of its "
        "metrics would lead to rank 1, segment 2, with an average of 1.00."
    ) in text
    done = cli("whatif", "AA2", "--target-segment", "1", *small.options, "--format", "json")
    assert done.status == 0
    assert [row["is_enough"] for row in done.json["rows"]] == [False, False]
    assert done.json["summary"]["at_best"] == {"rank": 1, "average": 1.0, "adjusted_segment": 2}


@pytest.mark.parametrize(
    ("trust", "target", "sentence"),
    [
        ("AA1", ["--target-segment", "1"], "ranks 1, in segment 1: segment 1 is met already."),
        ("AA3", ["--target-rank", "2"], "rank 2 among acute trusts is met already."),
        ("AM1", ["--target-rank", "1"], "rank 1 among ambulance trusts is met already."),
        ("AA4", ["--target-segment", "4"], "segment 4 is met already."),
    ],
)
def test_a_target_that_is_met(
    cli: Cli, small: Small, trust: str, target: list[str], sentence: str
) -> None:
    done = cli("whatif", trust, *target, *small.options)
    assert done.status == 0
    assert done.lines[0].endswith(sentence)
    as_json = cli("whatif", trust, *target, *small.options, "--format", "json").json
    assert (as_json["rows"], as_json["summary"]["verdict"]) == ([], "already_met")


def test_a_target_beside_changes_is_searched_after_them(cli: Cli, small: Small) -> None:
    arguments = ("whatif", "AA2", "--target-segment", "1", *small.options)
    # A surplus of 2 is 1.75, which leaves 1.75 to the waits: 87.5 per cent, 175 of 200.
    done = cli(*arguments, "--set", "surplus=2", "--format", "json")
    found = {answer[0]["metric_id"]: answer[0] for answer in answers(done) if len(answer) == 1}
    assert (found["waits"]["value_to"], found["waits"]["numerator_to"]) == (87.5, 175.0)
    assert (found["surplus"]["value_from"], found["surplus"]["value_to"]) == (2.0, 4.0)
    assert done.json["summary"]["standing"]["average"] == 2.13
    text = cli(*arguments, "--set", "surplus=2").text
    assert "- AA2: Planned surplus (surplus) is 2.00%" in text
    met = cli(*arguments, "--set", "surplus=4")
    assert met.lines[0].endswith("segment 1 is met already.")
    barred = cli("whatif", "AA4", "--target-segment", "2", "--set", "override=off", *small.options)
    assert "segment 2 is met already." in barred.text


def test_what_the_override_alone_costs(cli: Cli, small: Small) -> None:
    text = cli("whatif", "AA4", "--target-segment", "1", *small.options).text
    # In segment 2 its 2.09 is ahead of 2.31, twice.
    assert "The override alone costs 2 places: " in text
    assert "rank 2, segment 2, with an average of 2.09." in text
    assert "costs nothing" in cli("whatif", "AA5", "--target-rank", "1", *small.options).text
    write_framework(
        small, ("by: [adjusted_segment, average_metric_score]", "by: [average_metric_score]")
    )
    text = cli("whatif", "AA4", "--target-segment", "1", *small.options).text
    assert "0 places" not in text


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ([], ["nothing is asked", "--set", "--scenario", "--target-rank"]),
        (
            ["--target-rank", "1", "--target-segment", "1"],
            ["--target-segment and --target-rank exclude each other"],
        ),
        (["--target-rank", "6"], ["there is no rank 6: ranks are 1 to 5"]),
        (["--target-segment", "5"], ["there is no segment 5: segments are 1 to 4"]),
        (["--target-rank", "0"], ["--target-rank"]),
        (["--target-segment", "-1"], ["--target-segment"]),
        (["--target-segment", "two"], ["--target-segment"]),
        (["--set", "waits"], ["'waits' is not KEY=VALUE"]),
        (["--set", "=3"], ["'=3' is not KEY=VALUE"]),
        (["--set", "waits="], ["'waits=' is not KEY=VALUE"]),
        (["--set", ""], ["'' is not KEY=VALUE"]),
        (["--set", "waits=many"], ["'many' is no number"]),
        (["--set", "waits=80%%"], ["'80%%' is no number"]),
        (["--set", "waits=%"], ["'%' is no number"]),
        (["--set", "waits=nan"], ["nan"]),
        (["--set", "surplus=-inf"], ["-inf"]),
        (["--set", "waits=1e400"], ["inf"]),
        (["--set", "weight.waits=nan"], ["nan"]),
        (["--set", "weight.waits=inf"], ["inf"]),
        (["--set", "weight.waits=0"], ["the weight 0 is not above 0; drop waits to leave it out"]),
        (["--set", "weight.waits=-1"], ["the weight -1 is not above 0"]),
        (["--set", "weight.wait=1"], ["there is no metric 'wait' in small; did you mean waits?"]),
        (["--set", "waits=100.1"], ["100.1 is outside the range of waits, which is 0 to 100"]),
        (["--set", "waits=-0.1"], ["-0.1 is outside the range of waits"]),
        (["--set", "surplus=100.5"], ["surplus, which is at most 100"]),
        (["--set", "Waits=80"], ["there is no metric 'Waits'", "did you mean waits"]),
        (["--drop", "wait"], ["there is no metric 'wait' in small; did you mean waits?"]),
        (["--drop", "waits", "--drop", "surplus"], ["no metric would be left"]),
        (["--set", "override=maybe"], ["an override is on or off"]),
        (["--set", "override=1"], ["an override is on or off"]),
        (["--set", "override=off"], ["no override holds AA1 that could be lifted"]),
        (["--set", "override.debt=on"], ["there is no override 'debt'; small has deficit"]),
        (["--set", "waits=80", "--set", "waits=90"], ["waits of AA1 is changed twice"]),
        (["--set", "waits=80", "--set", "waits=80"], ["waits of AA1 is changed twice"]),
        (["--drop", "waits", "--set", "weight.waits=2"], ["waits is changed twice"]),
        (["--drop", "waits", "--drop", "waits"], ["waits is changed twice"]),
    ],
)
def test_what_cannot_be_asked_is_refused(
    cli: Cli, small: Small, arguments: list[str], parts: list[str]
) -> None:
    said = refusal(cli("whatif", "AA1", *arguments, *small.options))
    for part in parts:
        assert part in said


@pytest.mark.parametrize(
    ("trust", "arguments", "parts"),
    [
        ("AA6", ["--set", "surplus=1"], ["AA6 is not ranked", "1 of the 2 metrics needed"]),
        ("AA6", ["--target-rank", "1"], ["AA6 is not ranked"]),
        ("ZZ9", ["--set", "surplus=1"], ["there is no trust 'ZZ9'"]),
        ("tied", ["--set", "surplus=1"], ["'tied' could be 2 trusts", "give the code"]),
        ("AA4", ["--set", "override=on"], ["the override deficit holds AA4 already"]),
        (
            "AA4",
            ["--set", "override=off", "--set", "override.deficit=off"],
            ["override", "twice"],
        ),
    ],
)
def test_who_cannot_be_changed_so_is_refused(
    cli: Cli, small: Small, trust: str, arguments: list[str], parts: list[str]
) -> None:
    said = refusal(cli("whatif", trust, *arguments, *small.options))
    for part in parts:
        assert part in said


def test_a_trust_without_the_metric_is_refused(cli: Cli, small: Small) -> None:
    write_framework(small, ("min_metrics: 2", "min_metrics: 1"))
    said = refusal(cli("whatif", "AA6", "--set", "waits=80", *small.options))
    assert said == "AA6 has no value of waits in 2025Q2"


def test_a_framework_without_overrides_says_so(cli: Cli, small: Small) -> None:
    write_framework(small, WITHOUT_OVERRIDE)
    said = refusal(cli("whatif", "AA4", "--set", "override=off", *small.options))
    assert said == "small has no override"


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_no_number_is_refused_where_the_unit_has_no_range(
    cli: Cli, small: Small, text: str
) -> None:
    write_framework(small, ("unit: percent", "unit: score"))
    assert text in refusal(cli("whatif", "AA4", "--set", f"waits={text}", *small.options))


def test_one_message_has_every_problem(cli: Cli, small: Small) -> None:
    settings = ("waits=101", "surplus=much", "foo", "weight.surplus=0", "override=perhaps", "x=1")
    asked = [part for setting in settings for part in ("--set", setting)]
    said = refusal(cli("whatif", "AA1", *asked, "--drop", "zz", *small.options))
    for part in ("101", "'much'", "'foo'", "the weight 0", "on or off", "'x'", "'zz'"):
        assert part in said
    assert said.count(";") >= 6


# --- Scenario files -------------------------------------------------------------------------------


def test_3_is_a_scenario_with_all_its_problems_and_their_lines(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    text = (
        "title: Wrong\n"
        "trusts:\n"
        "  AA4:\n"
        "    values: {surplus: 101}\n"
        "    overrides:\n"
        "      deficits: on\n"
        "  AA1:\n"
        "    overrides: off\n"
        "  ZZZ:\n"
        "    values: {waits: 3}\n"
        "  AA6:\n"
        "    values: {waits: 4}\n"
        "weights: {wait: 3}\n"
        "drop: [foo]\n"
    )
    scenario = write_scenario(tmp_path / "wrong.yaml", text)
    done = cli("whatif", "AA4", "--scenario", scenario, *small.options)
    assert (done.status, done.output) == (3, b"")
    assert "nhs-league: error: the scenario wrong.yaml has 7 problems" in done.narration
    for line, column, message in (
        (4, "trusts.AA4.values.surplus", "101 is outside the range of surplus"),
        (6, "trusts.AA4.overrides.deficits", "there is no override 'deficits'"),
        (8, "trusts.AA1.overrides", "no override holds AA1"),
        (9, "trusts.ZZZ", "there is no trust 'ZZZ'"),
        (12, "trusts.AA6.values.waits", "AA6 has no value of waits"),
        (13, "weights.wait", "there is no metric 'wait'"),
        (14, "drop.0", "there is no metric 'foo'"),
    ):
        assert f"wrong.yaml line {line}, {column}: {message}" in done.narration


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["line 1"]),
        ("[1, 2]\n", ["line 1", "a scenario file is a mapping"]),
        ("title: x\n  foo: [\n", ["line 2", "not YAML"]),
        ("title: x\n", ["nothing is changed: state trusts, weights or drop"]),
        ("trusts: {AA4: {values: {waits: 50}}}\n", ["the field 'title' is missing"]),
        ("title: x\nmore: 1\n", ["line 2", "unknown field 'more'"]),
        ("title: x\ntrusts: {AA4: {}}\n", ["line 2, trusts.AA4: nothing is changed"]),
        ("title: x\ntrusts: {AA4: {values: {waits: some}}}\n", ["found 'some'"]),
        ("title: x\ntrusts: {AA4: {values: {waits: .nan}}}\n", ["trusts.AA4.values.waits"]),
        ("title: x\nweights: {waits: 0}\n", ["weights.waits"]),
        (
            "title: x\ntrusts:\n  AA4:\n    values: {waits: 50,\n      waits: 51}\n",
            ["line 5", "duplicate key 'waits'"],
        ),
        ("title: x\ntrusts: {AA4: {overrides: maybe}}\n", ["'on' or 'off'", "found 'maybe'"]),
        ("title: x\ndrop: [waits, surplus]\n", ["no metric would be left"]),
        (
            "title: x\ntrusts:\n  AA4: {values: {waits: 50}}\n  held: {values: {waits: 40}}\n",
            ["line 4, trusts.held.values.waits: waits of AA4 is changed twice"],
        ),
    ],
)
def test_3_is_a_scenario_that_breaks_the_rules(
    cli: Cli, small: Small, tmp_path: Path, text: str, parts: list[str]
) -> None:
    scenario = write_scenario(tmp_path / "wrong.yaml", text)
    done = cli("whatif", "AA4", "--scenario", scenario, *small.options)
    assert (done.status, done.output) == (3, b"")
    assert "nhs-league: error: the scenario wrong.yaml has " in done.narration
    for part in parts:
        assert part in done.narration


def test_3_is_a_scenario_that_is_not_there(cli: Cli, small: Small, tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "none.yaml", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        done = cli("whatif", "AA4", "--scenario", path, *small.options)
        assert (done.status, done.output) == (3, b"")
        assert reason in done.narration


def test_a_trust_without_changes_hides_no_other_problem(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    scenario = write_scenario(
        tmp_path / "wrong.yaml",
        "title: x\ntrusts:\n  AA2: {}\n  AA4:\n    values: {wait: 3}\n",
    )
    done = cli("whatif", "AA4", "--scenario", scenario, *small.options)
    assert done.status == 3
    assert "line 3, trusts.AA2: nothing is changed" in done.narration
    assert "line 5, trusts.AA4.values.wait: there is no metric 'wait'" in done.narration


@pytest.mark.parametrize(
    ("text", "beside", "message"),
    [
        ("trusts: {AA4: {values: {waits: 50}}}", "--set=waits=51", "waits of AA4 is changed twice"),
        ("weights: {waits: 2}", "--set=weight.waits=3", "waits is changed twice"),
        ("drop: [waits]", "--drop=waits", "waits is changed twice"),
        ("drop: [waits]", "--drop=surplus", "no metric would be left"),
        ("trusts: {AA4: {overrides: off}}", "--set=override=off", "of AA4 is changed twice"),
    ],
)
def test_the_same_in_the_scenario_and_beside_it_is_refused(
    cli: Cli, small: Small, text: str, beside: str, message: str
) -> None:
    scenario = write_scenario(small.folder.parent / "one.yaml", f"title: One\n{text}\n")
    done = cli("whatif", "AA4", "--scenario", scenario, beside, *small.options)
    assert message in refusal(done)


def test_a_scenario_can_leave_the_trust_in_question_alone(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    scenario = write_scenario(
        tmp_path / "other.yaml", "title: Other\ntrusts: {AA4: {overrides: {deficit: off}}}\n"
    )
    done = cli("whatif", "AA2", "--scenario", scenario, *small.options)
    assert "(AA2) would rank 3 of 5 acute trusts instead of 2" in done.lines[0]
    assert "AA2 would be passed by one organisation, AA4." in done.lines
    assert "- AA4: the override deficit is lifted" in done.lines
