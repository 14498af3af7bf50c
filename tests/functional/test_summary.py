"""``summary``: what it prints, what it notes, and what it refuses."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from scipy import stats

from tests.conftest import Cli, CliProcess, Completed
from tests.functional.small import Small

COLUMNS = (
    "place_code,place,organisations,ranked,segment_1,segment_2,segment_3,segment_4,mean_average,"
    "mean_low,mean_high,difference,holding_back,domain_score_access,domain_score_patient_safety,"
    "domain_score_finance_and_productivity,domain_score_people_and_workforce,"
    "domain_score_effectiveness_and_experience"
)
PLACES = ("region", "icb", "subtype")
Q2 = ("--quarter", "2025Q2")


def rows(done: Completed) -> list[dict[str, str]]:
    assert done.status == 0, done.narration
    return list(csv.DictReader(io.StringIO(done.text)))


def refusal(done: Completed) -> str:
    assert (done.status, done.output) == (2, b"")
    return done.narration


@pytest.mark.parametrize(("by", "count"), [("region", 7), ("icb", 42), ("subtype", 10)])
def test_csv_has_the_documented_columns_and_a_row_a_place(cli: Cli, by: str, count: int) -> None:
    done = cli("summary", "--by", by, *Q2, "--format", "csv")
    assert done.lines[0] == COLUMNS
    found = rows(done)
    assert len(found) == count
    assert sum(int(row["ranked"]) for row in found) == 205
    assert "using the bundled sample" in done.narration


def test_region_is_the_default(cli: Cli) -> None:
    assert cli("summary", "--format", "csv").output == (
        cli("summary", "--by", "region", "--format", "csv").output
    )


def test_segments_are_those_of_rank(cli: Cli) -> None:
    ranked = rows(cli("rank", *Q2, "--format", "csv"))
    for found in rows(cli("summary", *Q2, "--format", "csv")):
        own = [row for row in ranked if row["region"] == found["place"]]
        assert int(found["organisations"]) == len(own)
        for segment in "1234":
            count = sum(row["adjusted_segment"] == segment for row in own)
            assert int(found[f"segment_{segment}"]) == count
        mean = sum(float(row["average_metric_score"]) for row in own) / len(own)
        assert float(found["mean_average"]) == pytest.approx(mean)


def test_the_sentence_is_the_analysis_of_variance_of_what_rank_prints(cli: Cli) -> None:
    by_region: dict[str, list[float]] = {}
    for row in rows(cli("rank", *Q2, "--peer-group", "Acute trust", "--format", "csv")):
        by_region.setdefault(row["region"], []).append(float(row["average_metric_score"]))
    tested = stats.f_oneway(*by_region.values())
    n, k = sum(map(len, by_region.values())), len(by_region)
    share = tested.statistic * (k - 1) / (tested.statistic * (k - 1) + n - k)
    done = cli("summary", *Q2, "--peer-group", "acute", "--format", "json")
    (variation,) = done.json["variation"]
    assert variation["adjusted_for"] is None
    assert variation["share"] == pytest.approx(share)
    assert variation["p_value"] == pytest.approx(tested.pvalue, rel=1e-6)
    text = cli("summary", *Q2, "--peer-group", "acute").text
    assert text.startswith(
        f"A trust's region explains {100 * share:.1f}% of the differences between the averages of "
        f"acute trusts; chance alone would make it {100 * (k - 1) / (n - 1):.1f}% (p "
    )
    assert done.json["meta"]["verdict"] in text


def test_the_account_says_what_was_asked(cli: Cli) -> None:
    meta = cli("summary", "--by", "icb", "--peer-group", "amb", "--format", "json").json["meta"]
    assert (meta["command"], meta["by"], meta["peer_group"]) == (
        "summary",
        "icb",
        "Ambulance trust",
    )
    assert (meta["quarter"], meta["framework"]["id"]) == ("2025Q4", "nof-2025-26")


def test_peer_groups_are_taken_off_where_there_are_several(cli: Cli) -> None:
    done = cli("summary", "--by", "icb", "--format", "json")
    assert [row["adjusted_for"] for row in done.json["variation"]] == [None, "peer_group"]
    text = cli("summary", "--by", "icb").text
    assert "the averages of trusts of the same peer group" in text
    assert "Without regard to peer groups it explains" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--by", "icb"),
            "Whether averages differ by integrated care board cannot be told from these trusts.",
        ),
        (
            ("--by", "subtype", "--peer-group", "mental"),
            "Whether averages differ by kind of trust cannot be told from these trusts.",
        ),
        (
            ("--by", "region"),
            "Averages differ by region: to that extent there is a postcode lottery.",
        ),
        (("--by", "subtype"), "Averages differ by kind of trust."),
    ],
)
def test_no_more_is_said_than_the_test_shows(
    cli: Cli, options: tuple[str, ...], sentence: str
) -> None:
    result = cli("summary", *options, *Q2, "--format", "json").json
    p_value = result["variation"][-1]["p_value"]
    assert result["meta"]["verdict"].endswith(sentence), result["meta"]["verdict"]
    assert (p_value < 0.05) == sentence.startswith("Averages differ")


def test_ranges_end_where_the_scale_does(cli: Cli) -> None:
    found = rows(cli("summary", *Q2, "--by", "icb", "--peer-group", "mental", "--format", "csv"))
    ranged = [row for row in found if row["mean_low"]]
    assert ranged
    for row in ranged:
        low, mean, high = (float(row[f"mean_{name}"]) for name in ("low", "average", "high"))
        assert 1 <= low <= mean <= high <= 4
    assert min(float(row["mean_low"]) for row in ranged) == 1


@pytest.mark.parametrize("by", PLACES)
def test_it_fits_eighty_columns(cli_process: CliProcess, by: str) -> None:
    done = cli_process("summary", "--by", by, env={"COLUMNS": "80"})
    assert done.status == 0
    assert max(len(line) for line in done.lines) <= 80
    for header in ("Trusts", "Segments", "Mean", "Likely range", "Held back by"):
        assert header in done.text
    if by == "icb":
        assert "Gloucestershire" in done.text, "no name is broken"
        assert "Nottinghamshire" in done.text


def test_a_wide_terminal_has_the_difference(cli_process: CliProcess) -> None:
    assert " Difference " in cli_process("summary", env={"COLUMNS": "130"}).text


def test_every_format_is_written(cli: Cli, tmp_path: Path) -> None:
    for name in ("s.csv", "s.json", "s.md", "s.parquet", "s.txt"):
        assert cli("summary", "--output", tmp_path / name).output == b""
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--peer-group", "Ambulence"), "did you mean Ambulance trust"),
        (("--by", "county"), "'county' is not one of"),
        (
            ("-F", "headline-kpis", *Q2, "--peer-group", "mental"),
            "no organisation of the peer group 'Mental health and community trust' is ranked",
        ),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, options: tuple[str, ...], problem: str) -> None:
    assert problem in " ".join(refusal(cli("summary", *options)).split())


def test_a_small_league_by_hand(cli: Cli, small: Small) -> None:
    # Averages: London 1.00 2.31 4.00 and the ambulance trust's 1.00; North West 2.31 2.09.
    found = {row["place"]: row for row in rows(cli("summary", *small.options, "--format", "csv"))}
    assert list(found) == ["London", "North West"]
    assert (found["London"]["organisations"], found["London"]["ranked"]) == ("5", "4")
    assert float(found["London"]["mean_average"]) == pytest.approx(8.31 / 4)
    assert float(found["North West"]["mean_average"]) == pytest.approx(2.2)
    # Beside the acute trusts' mean of 2.342 and the ambulance trust's own.
    off = (8.31 - 1 - 3 * 2.342) / 4
    assert float(found["London"]["difference"]) == pytest.approx(off)
    assert "4 of 5" in cli("summary", *small.options).text


def test_the_register_may_have_no_places(cli: Cli, small: Small) -> None:
    done = cli("summary", *small.options, "--by", "subtype")
    assert done.status == 0, done.narration
    assert "There is no subtype among all trusts" in done.text
    assert "6 trusts without a stated subtype: counted, but not compared." in done.text


def test_the_bytes_do_not_depend_on_threads(cli_process: CliProcess) -> None:
    asked = ("summary", "--by", "icb", "--format", "json")
    first, second = (
        cli_process(*asked, env={"POLARS_MAX_THREADS": count, "OPENBLAS_NUM_THREADS": count})
        for count in ("1", "2")
    )
    assert first.status == 0
    assert first.output == second.output
