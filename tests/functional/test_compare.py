"""``compare``: what it prints of quarters, methods and saved tables, and what it refuses."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import pytest

from tests.conftest import Cli, CliProcess, Completed
from tests.functional.conftest import Sample
from tests.functional.small import ORGANISATIONS, SURPLUS, WAITS, Small, write_csv

COLUMNS = (
    "org_code,org_name,peer_group,rank_from,rank_to,average_from,average_to,"
    "adjusted_segment_from,adjusted_segment_to,change_class,p_value,due_to_own_metrics,"
    "due_to_others,due_to_override,due_to_metric_set,due_to_method"
)
NUMBER = "[0-9]+[.][0-9]"
PARTS = COLUMNS.split(",")[11:]
FEW = ("--replicates", "200", "--quiet")
QUARTERS = ("compare", "2025Q2", "2025Q3", "--framework", "nof-2025-26", *FEW)
SAMPLE = QUARTERS
METHODS = (
    *("compare", "--quarter", "2025Q2", "--quiet"),
    *("--framework", "nof-2025-26", "--framework", "headline-kpis"),
)


@pytest.fixture
def two_quarters(small: Small) -> Small:
    """Add a third quarter of 2025 to the small league."""
    write_waits(small, {**WAITS, "AA1": 120, "AA5": 190})
    return small


def write_waits(small: Small, waits: dict[str, int]) -> None:
    months = [
        (code, f"2025-{month:02d}", part / 4, 50)
        for month in (7, 8, 9)
        for code, part in waits.items()
    ]
    header = ("org_code", "period", "numerator", "denominator")
    later = small.folder / "later"
    later.mkdir(exist_ok=True)
    write_csv(later / "waits.csv", header, months)


def of_small(cli: Cli, small: Small, *options: str) -> Completed:
    return cli("compare", "2025Q2", "2025Q3", *small.options, "--replicates", "100", *options)


def save(cli: Cli, folder: Path, name: str, *options: str) -> Path:
    path = folder / name
    done = cli("rank", "--framework", "nof-2025-26", "--quiet", "--output", path, *options)
    assert done.status == 0, done.narration
    return path


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def refusal(done: Completed, status: int = 2) -> str:
    assert (done.status, done.output) == (status, b"")
    return done.narration


def test_csv_has_the_documented_columns_and_every_trust(sample: Sample) -> None:
    done = sample("--format", "csv")
    assert done.lines[0] == COLUMNS
    table = rows(done)
    assert len(table) == len({row["org_code"] for row in table}) == 205
    groups = list(dict.fromkeys(row["peer_group"] for row in table))
    assert groups == ["Acute trust", "Mental health and community trust", "Ambulance trust"]
    for group in groups:
        moves = [
            abs(int(row["rank_to"]) - int(row["rank_from"]))
            for row in table
            if row["peer_group"] == group
        ]
        assert moves == sorted(moves, reverse=True)
    for row in table:
        moved = int(row["rank_to"]) - int(row["rank_from"])
        assert sum(float(row[name]) for name in PARTS) == pytest.approx(moved, abs=1e-9)


def test_the_first_sentence_counts_what_changed(sample: Sample) -> None:
    assert sample().lines[0].startswith("NHS Oversight Framework 2025/26, from April to June 2025")
    assert (
        ": of 205 organisations ranked in both, 188 changed rank and 38 their adjusted segment: 6 "
        "by an override set or lifted (4 better, 2 worse), 8 with a significant change of average "
        "(4 better, 4 worse), 24 without one"
    ) in sample().text
    assert "24 of 38 changes of segment are no more than a small step over a cut" in sample().text
    assert "6 more have a significant change of average without a change" in sample().text


def test_json_has_counts_details_and_an_account(sample: Sample) -> None:
    done = sample("--format", "json", "--seed", "4").json
    assert done["summary"]["segment_changed"] == 38
    assert (done["metrics"], done["mergers"], done["framework_changes"]) == ([], [], [])
    meta = done["meta"]
    stated = {name: meta[name] for name in ("quarters", "seed", "replicates", "scores", "form")}
    assert stated == {
        "quarters": ["2025Q2", "2025Q3"],
        "seed": 4,
        "replicates": 200,
        "scores": "auto",
        "form": "quarters",
    }
    assert meta["significance"] == "a change of the average by 0.30 or more"
    assert [file["id"] for file in meta["frameworks"]] == ["nof-2025-26"]
    by_code = {row["org_code"]: row for row in done["details"]}
    assert by_code["R1K"]["overrides_to"] == "financial_deficit"
    assert (by_code["R1K"]["segment_to"], by_code["R1K"]["is_significant"]) == (1, False)
    assert [row["org_code"] for row in done["rows"]] == [row["org_code"] for row in done["details"]]


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson", "markdown", "table"])
def test_every_format_has_every_mover(sample: Sample, format_: str) -> None:
    moved = [row["org_code"] for row in rows(sample("--format", "csv"))[:20]]
    text = sample("--format", format_).text
    assert all(code in text for code in moved)


def test_the_same_seed_gives_the_same_bytes(cli: Cli) -> None:
    first, second = (cli(*QUARTERS, "--format", "json").output for _ in range(2))
    assert first == second


def test_quarters_may_be_written_as_the_nhs_does(cli: Cli, sample: Sample) -> None:
    asked = ("compare", "Q1 2025/26", "2025/26 Q2", *QUARTERS[3:], "--format", "csv")
    assert cli(*asked).output == sample("--format", "csv").output


@pytest.mark.parametrize(
    "arguments", [QUARTERS, (*QUARTERS, "--only", "RHQ"), METHODS, (*METHODS, "--only", "RHQ")]
)
def test_nothing_is_wider_than_the_terminal_or_cut_short(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*arguments)
    assert done.status == 0
    assert max(map(len, done.lines)) <= 80
    assert "\u2026" not in done.text


def test_text_and_csv_agree(sample: Sample) -> None:
    lines = sample().lines
    for row in rows(sample("--format", "csv")):
        if row["rank_from"] == row["rank_to"]:
            continue
        (line,) = [line for line in lines if f"   {row['org_code']}   " in line]
        assert f"{row['rank_from']} to {row['rank_to']} " in line
        if row["adjusted_segment_from"] != row["adjusted_segment_to"]:
            assert f"{row['adjusted_segment_from']} to {row['adjusted_segment_to']}" in line
        for name, column in (("own", "due_to_own_metrics"), ("others", "due_to_others")):
            if abs(float(row[column])) > 0.06:
                assert re.search(rf"\b{name} [+-]{NUMBER}", line), line


def test_only_changes_of_segment_significant_ones_or_trusts(cli: Cli, sample: Sample) -> None:
    whole = {row["org_code"]: row for row in rows(sample("--format", "csv"))}
    segments = rows(sample("--only", "segment-changes", "--format", "csv"))
    assert len(segments) == 38
    assert {row["change_class"] for row in segments} == {
        "significant",
        "override",
        "not_significant",
    }
    significant = rows(sample("--only", "significant", "--format", "csv"))
    assert len(significant) == 14
    both = rows(sample(*("--only", "significant", "--only", "segment-changes"), "--format", "csv"))
    assert len(both) == 44
    some = rows(sample("--only", "rp6", "--only", "significant", "--format", "csv"))
    assert len(some) == 15
    assert all(whole[row["org_code"]] == row for row in (*both, *some))
    assert "Shown: 38 organisations of 205." in sample("--only", "segment-changes").text
    named = cli(*QUARTERS[:-1], "--only", "Moorfields", "--format", "csv")
    assert "'Moorfields' is taken to mean Moorfields Eye Hospital" in named.narration
    assert [row["org_code"] for row in rows(named)] == ["RP6"]


def test_a_trust_is_told_in_the_figures_of_its_row(sample: Sample) -> None:
    (row,) = rows(sample("--only", "RHQ", "--format", "csv"))
    text = sample("--only", "RHQ").text
    assert text.startswith(
        "Sheffield Teaching Hospitals NHS Foundation Trust (RHQ) rose 64 places, from 92 to 28. "
    )
    own = f"{abs(float(row['due_to_own_metrics'])):.1f}"
    assert f"Its own metrics took it {own} places up" in text
    assert f"from 2.54 to 2.33 (not significant, p = {float(row['p_value']):.3f})" in text
    assert "went from 3 to 2, because an override was set or lifted" in text
    metrics = sample("--only", "RHQ", "--format", "json").json["metrics"]
    assert metrics[0]["metric_id"] == "OF0085"
    sizes = [abs(metric["contribution_change"]) for metric in metrics]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(metric["contribution_change"] for metric in metrics) == pytest.approx(
        -0.21, abs=0.01
    )
    assert "Implied productivity level (OF0085)" in text


def test_a_check_exits_with_6_where_anything_shown_has_changed(
    cli: Cli, two_quarters: Small
) -> None:
    assert of_small(cli, two_quarters, "--check", "--format", "csv").status == 6
    still = of_small(cli, two_quarters, "--check", "--only", "AM1", "--format", "csv")
    assert (still.status, len(still.lines)) == (0, 2)
    assert of_small(cli, two_quarters, "--check", "--only", "AA1").status == 6
    assert of_small(cli, two_quarters, "--only", "AA1").status == 0


def test_names_are_text_and_who_has_not_moved_is_summed_up(cli: Cli, two_quarters: Small) -> None:
    text = of_small(cli, two_quarters).text
    assert "Best [c] NHS Trust" in text
    assert "1 ambulance trust has the same rank, average and segment in both." in text
    assert "Not ranked in either: 1 acute trust." in text
    alone = of_small(cli, two_quarters, "--only", "AA6")
    assert "Unranked NHS Trust (AA6) is not ranked in either table." in alone.text


def test_trusts_are_told_whatever_became_of_them(cli: Cli, small: Small) -> None:
    write_waits(small, {code: part for code, part in WAITS.items() if code != "AA3"} | {"AA6": 200})
    said = {
        "AA1": "Best [c] NHS Trust (AA1) kept rank 1. Its average stayed at 1.00. Its adjusted "
        "segment stayed at 1.",
        "AA3": "Tied | Piped NHS Trust (AA3) ranked 2 in the first table and is not ranked in the "
        "second.",
        "AA6": "Unranked NHS Trust (AA6) ranks 2 in the second table and is not ranked in the "
        "first.",
    }
    for code, text in said.items():
        assert of_small(cli, small, "--only", code).lines[0] == text


def test_one_that_went_down_is_told_so(cli: Cli, two_quarters: Small) -> None:
    # With its own figures alone it would still be first, and with the others' alone too: of the two
    # places that both together make, each has one.
    first = of_small(cli, two_quarters, "--only", "AA1").lines[0]
    assert first.startswith("Best [c] NHS Trust (AA1) fell 2 places, from 1 to 3. ")
    assert "Its own metrics took it 1.0 places down and the others took it 1.0 places down" in first
    (text,) = [
        row["change_class"]
        for row in rows(of_small(cli, two_quarters, "--only", "AA1", "--format", "csv"))
    ]
    assert text == "not_significant"
    assert "from 1 to 2, without a significant change of its average." in first


def test_words_of_only_are_read_in_any_case(sample: Sample) -> None:
    asked = sample("--only", "segment-changes", "--format", "csv").output
    for word in ("Segment-Changes", "SEGMENT_CHANGES"):
        assert sample("--only", word, "--format", "csv").output == asked


def test_a_scale_without_decimals_has_averages_without(cli: Cli, two_quarters: Small) -> None:
    text = two_quarters.framework.read_text(encoding="utf-8")
    stated = text.replace("decimals: 2", "decimals: 0") + "movement: {significant_change: 1.0}\n"
    two_quarters.framework.write_text(stated, encoding="utf-8")
    shown = of_small(cli, two_quarters).text
    assert "* significant: a change of the average by 1 or more." in shown
    assert not re.search("[0-9][.]0 to", shown)
    assert re.search("[0-9] to [0-9][*]", shown)


def test_a_quarter_that_a_framework_does_not_govern_is_noted(cli: Cli, two_quarters: Small) -> None:
    text = two_quarters.framework.read_text(encoding="utf-8")
    stated = text.replace('"2025Q1-"', '"2025Q3-"')
    two_quarters.framework.write_text(stated, encoding="utf-8")
    said = of_small(cli, two_quarters).narration
    assert "note: small does not govern 2025Q2, which is ranked by it all the same" in said
    assert "govern 2025Q3" not in said


def test_a_later_quarter_than_that_of_both_frameworks_is_noted(cli: Cli) -> None:
    done = cli("compare", "-F", "nof-2025-26", "-F", "headline-kpis", "--format", "csv")
    assert "note: 2025Q3 is the latest quarter with figures for both frameworks; the data" in (
        done.narration
    )
    said = cli("compare", "-Q", "2025Q2", *METHODS[4:], "--format", "csv").narration
    assert "latest quarter" not in said
    assert "Default: the latest that both frameworks" in " ".join(
        cli("compare", "--help").text.split()
    )


def test_nothing_left_is_said(cli: Cli, two_quarters: Small) -> None:
    write_waits(two_quarters, WAITS)
    done = of_small(cli, two_quarters, "--only", "segment-changes", "--check", "--format", "csv")
    assert done.status == 0
    assert done.lines == [COLUMNS]
    assert "no organisation is left by --only" in done.narration


def write_merger(small: Small, *, stands_before: bool) -> None:
    """Let AA2 become part of AA7 on the first of July."""
    write_csv(
        small.folder / "organisations.csv",
        ("org_code", "org_name", "trust_type", "region", "icb_code", "icb_name"),
        (*ORGANISATIONS, ("AA7", "New NHS Trust", "Acute trust", "London", "QAA", "Inner")),
    )
    successions = [("AA2", "Tied [/c] NHS Trust", "AA7", "2025-07-01")]
    header = ("org_code", "org_name", "successor_code", "succeeded_on")
    write_csv(small.folder / "successions.csv", header, successions)
    plans = [(code, "2025Q1", "2025Q2", value) for code, value in SURPLUS.items()]
    later = {code: value for code, value in SURPLUS.items() if code != "AA2"} | {"AA7": "2"}
    plans += [(code, "2025Q3", "2025Q4", value) for code, value in later.items()]
    if stands_before:
        plans.append(("AA7", "2025Q2", "2025Q2", "3"))
        months = [("AA7", f"2025-{month:02d}", 40, 50) for month in (4, 5, 6)]
        waits = ("org_code", "period", "numerator", "denominator")
        (small.folder / "new").mkdir()
        write_csv(small.folder / "new" / "waits.csv", waits, months)
    header = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", header, plans)
    write_waits(small, {**{c: w for c, w in WAITS.items() if c != "AA2"}, "AA7": 180})


def test_a_merger_is_followed_and_said(cli: Cli, small: Small) -> None:
    write_merger(small, stands_before=False)
    done = of_small(cli, small)
    said = (
        "Tied [/c] NHS Trust (AA2, rank 2) became part of New NHS Trust (AA7) on 1 July 2025; "
        "the two are compared as one"
    )
    assert said in done.text
    assert f"note: {said}" in done.narration
    table = {row["org_code"]: row for row in rows(of_small(cli, small, "--format", "csv"))}
    assert "AA2" not in table
    assert table["AA7"]["rank_from"] == "2"
    (merger,) = of_small(cli, small, "--format", "json").json["mergers"]
    assert (merger["sentence"], merger["rank"], merger["is_followed"]) == (f"{said}.", 2, True)
    named = of_small(cli, small, "--only", "AA2", "--format", "json")
    assert "AA2 closed on 1 July 2025 and is now part of New NHS Trust (AA7)" in named.narration
    assert [row["org_code"] for row in named.json["rows"]] == ["AA7"]
    assert {metric["presence"] for metric in named.json["metrics"]} == {"both"}


def test_one_that_joined_a_standing_trust_keeps_its_row(cli: Cli, small: Small) -> None:
    write_merger(small, stands_before=True)
    table = {row["org_code"]: row for row in rows(of_small(cli, small, "--format", "csv"))}
    assert (table["AA2"]["rank_from"] != "", table["AA2"]["rank_to"]) == (True, "")
    assert table["AA7"]["rank_from"] != ""
    assert "on 1 July 2025; its row stands by itself" in of_small(cli, small).text
    alone = of_small(cli, small, "--only", "AA2", "--check")
    assert alone.status == 6
    assert "is not ranked in the second" in alone.text


def test_two_methods_say_who_moved_then_what_differs_then_all_movers(cli: Cli) -> None:
    done = cli(*METHODS)
    text = done.text
    assert text.startswith("April to June 2025 (Q1 2025/26), from nof-2025-26 to headline-kpis: of")
    rules = text.index("The rules of nof-2025-26 and headline-kpis have 73 differences.")
    assert rules < text.index("Acute trusts: nof-2025-26 to headline-kpis")
    assert "1 override of headline-kpis alone: the trust plans a deficit: not better" in text
    (metrics,) = [line for line in done.lines if "31 metrics of nof-2025-26 alone: " in line]
    assert metrics.count("(weight ") == 6
    assert metrics.endswith("; and 25 more, which the JSON format lists")
    assert "organisations ranked in nof-2025-26 only." in done.text
    found = cli(*METHODS, "--format", "json").json
    assert len(found["framework_changes"]) == 73
    assert {row["p_value"] for row in found["rows"]} == {None}
    assert [file["id"] for file in found["meta"]["frameworks"]] == ["nof-2025-26", "headline-kpis"]
    assert found["meta"]["seed"] is None
    for row in found["rows"]:
        if row["rank_from"] is not None and row["rank_to"] is not None:
            moved = row["rank_to"] - row["rank_from"]
            assert sum(row[name] or 0 for name in PARTS) == pytest.approx(moved, abs=1e-9)


def test_the_same_rules_under_two_names(cli: Cli, small: Small) -> None:
    text = small.framework.read_text(encoding="utf-8")
    other = small.framework.with_name("other.yaml")
    other.write_text(text.replace("id: small", "id: other"), encoding="utf-8")
    done = cli("compare", "2025Q2", *small.options, "--framework", other, "--check")
    assert done.status == 0
    assert done.lines[0].endswith(": nothing has changed for the 6 organisations ranked in both.")
    assert "The two frameworks, small and other, have the same rules." in done.lines
    assert "Class: " not in done.text
    assert "significant" not in done.text


def test_frameworks_of_one_id_are_named_by_their_files(cli: Cli, small: Small) -> None:
    text = small.framework.read_text(encoding="utf-8")
    other = small.framework.with_name("other.yaml")
    other.write_text(text.replace("weight: 1\n", "weight: 2\n", 1), encoding="utf-8")
    done = cli("compare", *small.options, "--framework", other)
    assert "The rules of small.yaml and other.yaml have 1 difference." in done.lines
    assert "n.s." not in done.text.split("- Rank 1")[0]


def test_a_framework_of_another_weight_moves_by_method_alone(cli: Cli, small: Small) -> None:
    text = small.framework.read_text(encoding="utf-8")
    other = small.framework.with_name("other.yaml")
    other.write_text(text.replace("weight: 1\n", "weight: 5\n", 1), encoding="utf-8")
    found = cli("compare", *small.options, "--framework", other, "--format", "json").json
    assert [
        (change["id"], change["field"], change["before"], change["after"])
        for change in found["framework_changes"]
    ] == [("waits", "weight", "1", "5")]
    for row in found["rows"]:
        if row["rank_to"] is not None:
            assert row["due_to_method"] == row["rank_to"] - row["rank_from"]


def test_saved_tables_are_compared(cli: Cli, tmp_path: Path, sample: Sample) -> None:
    first = save(cli, tmp_path, "a.csv", "--quarter", "2025Q2")
    second = save(cli, tmp_path, "b.csv", "--quarter", "2025Q3")
    done = cli("compare", first, second, "--format", "json")
    assert done.narration == ""
    assert done.json["meta"]["inputs"] == [
        {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in (first, second)
    ]
    assert done.json["meta"]["quarters"] == ["2025Q2", "2025Q3"]
    assert done.json["summary"]["segment_changed"] == 38
    for row in done.json["rows"]:
        moved = row["rank_to"] - row["rank_from"]
        assert sum(row[name] or 0 for name in PARTS) == pytest.approx(moved, abs=1e-9)
    table = [
        [row[name] for name in COLUMNS.split(",")[:9]]
        for row in rows(cli("compare", first, second, "--format", "csv"))
    ]
    assert table == [
        [row[name] for name in COLUMNS.split(",")[:9]] for row in rows(sample("--format", "csv"))
    ]
    assert cli("compare", first, second, "--check").status == 6
    assert cli("compare", first, first, "--check").status == 0
    named = cli("compare", first, second, "--only", "Moorfields", "--check")
    assert "Moorfields Eye Hospital NHS Foundation Trust (RP6) " in named.text


def test_saved_tables_of_two_frameworks_moved_by_method(
    cli: Cli, tmp_path: Path, small: Small
) -> None:
    other = small.framework.with_name("other.yaml")
    text = small.framework.read_text(encoding="utf-8")
    other.write_text(text.replace("not_better_than: 3", "not_better_than: 1"), encoding="utf-8")
    paths = []
    for framework in (small.framework, other):
        paths.append(tmp_path / f"{framework.stem}.csv")
        asked = ("--data", small.folder, "--framework", framework, "--output", paths[-1])
        assert cli("rank", *asked).status == 0
    found = cli("compare", *paths, "--format", "json").json
    moved = [row for row in found["rows"] if row["rank_to"] is not None]
    assert any(row["due_to_method"] for row in moved)
    assert all(row["due_to_method"] == row["rank_to"] - row["rank_from"] for row in moved)
    Path(f"{paths[0]}.manifest.json").write_text("not a manifest", encoding="utf-8")
    without = cli("compare", *paths, "--format", "json").json
    assert all(row["due_to_method"] is None for row in without["rows"])


def test_saved_tables_ignore_data_of_the_environment(
    cli: Cli, tmp_path: Path, cli_process: CliProcess
) -> None:
    path = save(cli, tmp_path, "a.csv", "--quarter", "2025Q2")
    done = cli_process("compare", path, path, env={"NHS_LEAGUE_DATA": str(tmp_path / "nowhere")})
    assert (done.status, done.narration) == (0, "")


def test_a_table_that_another_program_wrote_is_read(cli: Cli, tmp_path: Path) -> None:
    path = save(cli, tmp_path, "a.csv", "--quarter", "2025Q2", "--top", "3")
    table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    other = tmp_path / "other.csv"
    names = ("org_code", "rank", "average_metric_score", "adjusted_segment", "segment")
    with other.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=("peer_group", "org_name", *names))
        writer.writeheader()
        for row in table:
            kept = {name: row[name] for name in (*names, "peer_group", "org_name")}
            writer.writerow(kept | {"rank": f"{row['rank']}.0"})
    done = cli("compare", path, other, "--check")
    assert (done.status, done.narration) == (0, "")


BROKEN = """\
org_code,org_name,peer_group,rank,average_metric_score,adjusted_segment
AA1,One,Acute,1,1.5,1
AA1,Again,Acute,2,two,2
,Three,Acute,0,2.5,1.5
AA4,Four,Acute,4,,nan
AA5,Five,Acute,,2.5,2
"""


def test_all_that_is_wrong_with_a_saved_table_is_said_at_once(cli: Cli, tmp_path: Path) -> None:
    broken, short = tmp_path / "broken.csv", tmp_path / "short.csv"
    broken.write_text(BROKEN, encoding="utf-8")
    short.write_text("org_code,rank\nAA1,1\n", encoding="utf-8")
    said = refusal(cli("compare", broken, short), 4)
    for expected in (
        "broken.csv row 3, column org_code: has a row already, row 2 (found 'AA1')",
        "broken.csv row 3, column average_metric_score: is not a number (found 'two'; expected a "
        "number)",
        "broken.csv row 4, column org_code: the cell is blank",
        "broken.csv row 4, column rank: is not a whole number from 1 on (found '0'",
        "broken.csv row 4, column adjusted_segment: is not a whole number from 1 on (found '1.5'",
        "broken.csv row 5, column average_metric_score: the cell is blank, and rank is not",
        "broken.csv row 6, column rank: the cell is blank, and average_metric_score is not",
        "broken.csv row 5, column adjusted_segment: is not a whole number from 1 on (found 'nan'",
        "short.csv row 1: there is no column org_name",
        "short.csv row 1: there is no column average_metric_score",
    ):
        assert expected in said


def test_a_saved_table_that_cannot_be_read_is_bad_data(cli: Cli, tmp_path: Path) -> None:
    said = refusal(cli("compare", tmp_path / "nowhere.csv", tmp_path / "either.csv"), 4)
    assert said.count("cannot be read: No such file or directory") == 2
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\x00\x01")
    assert "not a text file" in refusal(cli("compare", binary, binary), 4)
    assert "cannot be read" in refusal(cli("compare", tmp_path, tmp_path), 4)


def test_a_folder_is_no_quarter(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Sample
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("t", "2025Q2"):
        (tmp_path / name).mkdir()
    said = refusal(cli("compare", "t", "A.csv"), 4)
    assert "t: cannot be read: it is a folder (expected a table saved by" in said
    assert cli(*QUARTERS, "--format", "csv").output == sample("--format", "csv").output


def write_table(path: Path, *lines: str) -> Path:
    header = "quarter,org_code,org_name,peer_group,rank,rank_of,average_metric_score"
    rows_ = "".join(f"{line}\n" for line in lines)
    path.write_text(f"{header},adjusted_segment\n{rows_}", encoding="utf-8")
    return path


def test_what_no_league_table_has_is_refused(cli: Cli, tmp_path: Path) -> None:
    mixed = write_table(
        tmp_path / "mixed.csv",
        "2025Q2,AA1,One,Acute trust,1,3,1.5,1",
        "2025Q3,AA2,Two,Acute trust,4,3,2.5,2",
        "2025Q2,aa1,Again,Acute trust,3,3,2.5,2",
    )
    semicolons = tmp_path / "semicolons.csv"
    semicolons.write_text(mixed.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    said = refusal(cli("compare", mixed, semicolons), 4)
    for expected in (
        "mixed.csv row 3, column quarter: is another quarter than that of the rows above (found "
        "'2025Q3'; expected 2025Q2 throughout) [mixed_quarters]",
        "mixed.csv row 3, column rank: is above the number of those ranked (found '4'; expected at "
        "most 3, the rank_of of the row) [rank_impossible]",
        "mixed.csv row 4, column org_code: has a row already, row 2 (found 'AA1')",
        "semicolons.csv row 1: the header is a single cell: separated by semicolons?",
    ):
        assert expected in said
    assert "there is no column" not in said


def test_codes_in_small_letters_are_the_same(cli: Cli, tmp_path: Path) -> None:
    line = "2025Q2,AA1,One,Acute trust,1,1,1.5,1"
    first = write_table(tmp_path / "first.csv", line)
    second = write_table(tmp_path / "second.csv", line.replace("AA1", "aa1"))
    assert cli("compare", first, second, "--check").status == 0


def test_tables_that_are_cut_say_so(cli: Cli, tmp_path: Path) -> None:
    whole = save(cli, tmp_path, "r.csv", "--quarter", "2025Q2")
    top = save(cli, tmp_path, "s_top.csv", "--quarter", "2025Q3", "--top", "5")
    text = cli("compare", whole, top).text
    assert re.search("[0-9]+ organisations stand in r.csv only[.]", text)
    assert "ranked in r.csv only" not in text
    note = "s_top.csv holds 5 of 10 ambulance trusts: what moves are due to cannot be told."
    assert f"- {note}" in text
    found = cli("compare", whole, top, "--format", "json").json
    assert note in found["notes"]
    assert {row[name] for row in found["rows"] for name in PARTS} == {None}
    acute = save(cli, tmp_path, "s.csv", "--quarter", "2025Q3", "--peer-group", "Acute trust")
    table = rows(cli("compare", whole, acute, "--format", "csv"))
    assert all(row["due_to_own_metrics"] for row in table if row["rank_to"])
    missing = cli("compare", whole, acute, "--only", "RX7")
    assert "(RX7) stands with rank 1 in the first table only." in missing.text
    assert "71 organisations stand in r.csv only." in missing.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "compare takes two quarters and at most one framework"),
        (["2025Q1"], "compare takes two quarters"),
        (["2025Q1", "2025Q2", "2025Q3"], "compare takes two quarters"),
        (["2025Q2", "2025Q2"], "2025Q2 is compared with itself"),
        (["2025Q2", "Q1 2025/26"], "2025Q2 is compared with itself"),
        (["2025Q2", "soon"], "'soon' is not a quarter"),
        (["2025Q2", "2031Q1"], "the data have nothing for 2031Q1"),
        (["2025Q2", "2025Q3", "--quarter", "2025Q2"], "--quarter is for two frameworks"),
        (
            ["2025Q2", "2025Q3", "-F", "nof-2025-26", "-F", "headline-kpis"],
            "given: 2 quarters and 2 frameworks",
        ),
        (["-F", "nof-2025-26"], "given: no quarter and 1 framework"),
        (["2025Q2", "2025Q3", "--only", "segment-change"], "did you mean segment-changes?"),
        (["2025Q2", "2025Q3", "--only", "Signficant"], "did you mean significant?"),
        (["-F", "nof-2025-26", "-F", "nof-2025-26"], "compared with itself"),
        (["-F", "nof-2025-26", "-F", "headline-kpis", "--seed", "1"], "leave out --seed"),
        (["2025Q2", "2025Q3", "--only", "zzzz"], "there is no trust 'zzzz'"),
        (["2025Q2", "2025Q3", "--only", "royal"], "give the code"),
        (["2025Q2", "2025Q3", "--replicates", "5"], "at least 100 replicates"),
        (["2025Q2", "table.csv"], "table.csv is a saved table and 2025Q2 a quarter"),
        (["one.csv"], "compare takes two saved tables, and not 1"),
        (["a.csv", "b.csv", "-F", "nof-2025-26"], "leave out --framework"),
        (["a.csv", "b.csv", "-Q", "2025Q2", "--seed", "1"], "leave out --quarter and --seed"),
        (["a.csv", "b.csv", "-d", "data", "--replicates", "500"], "--data and --replicates"),
        (["a.csv", "./b", "--scores", "computed"], "leave out --scores"),
        (
            ["a.csv", "b.csv", "-Q", "2025Q2", "-F", "nof-2025-26", "--seed", "1"],
            "leave out --framework, --quarter and --seed",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(cli: Cli, arguments: list[str], said: str) -> None:
    assert said in refusal(cli("compare", *arguments))


def test_quarters_that_rank_nobody_in_common_are_refused(cli: Cli, small: Small) -> None:
    write_waits(small, {"AA6": 10})
    (small.folder / "plans.csv").write_text(
        "org_code,in_force_from,in_force_to,surplus\nAA1,2025Q1,2025Q2,1\nAA2,2025Q1,2025Q2,2\n",
        encoding="utf-8",
    )
    said = refusal(of_small(cli, small))
    assert "there is nothing to compare: small ranks no organisation in July to September" in said


def test_unknown_in_saved_tables_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = save(cli, tmp_path, "a.csv", "--quarter", "2025Q2", "--top", "2")
    assert "there is no trust 'ZZZ'" in refusal(cli("compare", path, path, "--only", "ZZZ"))


def test_a_file_has_a_manifest_beside_it(cli: Cli, tmp_path: Path, two_quarters: Small) -> None:
    path = tmp_path / "moved.csv"
    done = of_small(cli, two_quarters, "--output", str(path))
    assert (done.status, done.output) == (0, b"")
    assert path.read_text(encoding="utf-8").splitlines()[0] == COLUMNS
    account = json.loads(Path(f"{path}.manifest.json").read_text(encoding="utf-8"))
    assert account["command"] == "compare"
    assert account["seed"] == 1
