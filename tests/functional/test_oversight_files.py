"""The Oversight Framework's own files through the command line: what is ranked, what is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, Completed
from tests.functional.small import write_csv
from tests.official_files import (
    ACUTE,
    AMBULANCE,
    MENTAL_HEALTH,
    Q1,
    Q2,
    Row,
    data_rows,
    edited,
    league_rows,
    written,
)

# By hand: an average is that of a trust's three scores. XA1's deficit holds it back from segment 1
# to 3, so that XA2 comes first. The rows of a metric are four: OF1017 begins in row 6, and so on.
DATA = data_rows(
    """
    trust | OF0017   | OF1017  | OF1082  | OF1086
    XA1   | 25.0 #1  | 1.00 #1 | 1.50 #1 | 2.00 #1
    XA2   | 29.5 #2  | 1.00 #1 | 2.00 #2 | 3.30 #4
    XA3   | 31.25 #3 | 2.50 #3 | 3.00 #3 | 2.00 #1
    XA4   | 40.0 #4  | 4.00 #4 | 3.50 #4 | 3.00 #3
    """
) + data_rows(
    """
    trust | OF4000  | OF4100 | OF5000 | OF5002  | OF5003 | OF5004
    XA1   | 1.00 #1 | 1      | 3 #2   | 1.50 #1 | 1      | 1
    XA2   | 1.00 #1 | 1      | 2 #1   | 2.10 #2 | 2      | 0
    XA3   | 2.50 #3 | 3      | 3 #3   | 2.50 #3 | 3      | 0
    XA4   | 4.00 #4 | 4      | 4 #4   | 3.50 #4 | 4      | 0
    """
)
TABLE = league_rows(
    """
    trust | average | score range | segment | deficit | rank | rank range
    XA1   | 1.5     | 1.0 to 2.0  | 3       | Yes     | 2    | 1 to 3
    XA2   | 2.1     | 1.0 to 3.3  | 2       | No      | 1    | 1 to 3
    XA3   | 2.5     | 2.0 to 3.0  | 3       | No      | 3    | 1 to 4
    XA4   | 3.5     | 3.0 to 4.0  | 4       | No      | 4    | 3 to 4
    """
)
STANDINGS = [
    ("XA2", 1, 2.10, 2, 2),
    ("XA1", 2, 1.50, 1, 3),
    ("XA3", 3, 2.50, 3, 3),
    ("XA4", 4, 3.50, 4, 4),
]
REGISTER = tuple((code, f"{code} NHS Trust", AMBULANCE) for code in ("XA1", "XA2", "XA3", "XA4"))
BOTH = {"data.csv": written(DATA, line_end="\r\n", has_mark=True), "table.csv": written(TABLE)}


def saved(folder: Path, files: Mapping[str, bytes], register: Any = REGISTER) -> Path:
    """Write files beside a register of four ambulance trusts, or another one, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    if register:
        write_csv(folder / "organisations.csv", ("org_code", "org_name", "trust_type"), register)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def standings(done: Completed) -> list[tuple[Any, ...]]:
    assert done.status == 0, done.narration
    columns = ("org_code", "rank", "average_metric_score", "segment", "adjusted_segment")
    return [tuple(row[name] for name in columns) for row in done.json["rows"]]


def ranked(cli: Cli, *data: str | Path, more: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    named = [option for path in data for option in ("--data", path)]
    return standings(cli("rank", *named, "--format", "json", *more))


def found(done: Completed) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = done.json["rows"]
    return rows


def errors(done: Completed) -> list[tuple[Any, ...]]:
    return [
        (row["code"], row["file"], row["row"], row["column"], row["value"])
        for row in found(done)
        if row["severity"] == "error"
    ]


# What is ranked


@pytest.mark.parametrize("names", [("data.csv",), ("table.csv",), ("data.csv", "table.csv")])
def test_a_data_file_a_league_table_or_both_give_the_published_table(
    cli: Cli, tmp_path: Path, names: tuple[str, ...]
) -> None:
    folder = saved(tmp_path / "official", {name: BOTH[name] for name in names})
    if "data.csv" in names:
        assert ranked(cli, folder) == STANDINGS
    else:
        # A league table states the adjusted segment alone, and four trusts make quartiles.
        assert [row[:3] + row[4:] for row in ranked(cli, folder)] == [
            row[:3] + row[4:] for row in STANDINGS
        ]


def test_a_folder_a_glob_a_zip_and_files_named_give_the_same_table(
    cli: Cli, tmp_path: Path
) -> None:
    folder = saved(tmp_path / "official", BOTH)
    files = sorted(folder.iterdir())
    archive = tmp_path / "official.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in files:
            zipped.write(file, f"published/{file.name}")
    for data in ([folder], [f"{folder}/*.csv"], [archive], files, files[::-1]):
        assert ranked(cli, *data) == STANDINGS


@pytest.mark.parametrize("scores", ["auto", "published", "computed"])
def test_published_scores_stand_where_the_pools_are_not_whole(
    cli: Cli, tmp_path: Path, scores: str
) -> None:
    folder = saved(tmp_path / "official", {"data.csv": BOTH["data.csv"]})
    assert ranked(cli, folder, more=("--scores", scores)) == STANDINGS


def test_the_latest_quarter_of_a_cumulative_file_is_ranked_by_default(
    cli: Cli, tmp_path: Path
) -> None:
    second = edited(DATA, 30, Value="1.4", Rank="1")
    rows = DATA + [row | {"Quarter": Q2} for row in second if row["Metric_ID"] != "OF0017"]
    folder = saved(tmp_path / "official", {"data.csv": written(rows)})
    latest = cli("rank", "--data", folder, "--format", "json").json
    assert latest["meta"]["quarter"] == "2025Q3"
    assert ranked(cli, folder, more=("--quarter", Q1)) == STANDINGS


def test_an_explanation_names_the_rows_of_the_published_file(cli: Cli, tmp_path: Path) -> None:
    folder = saved(tmp_path / "official", BOTH)
    done = cli("explain", "XA1", "--data", folder, "--format", "json")
    assert done.status == 0, done.narration
    waits = next(row for row in found(done) if row["metric_id"] == "OF0017")
    assert (waits["value"], waits["score"], waits["score_source"]) == (25.0, 1.0, "published")
    assert (waits["source_file"], waits["source_rows"]) == ("data.csv", "2")
    summary = done.json["summary"]
    assert (summary["rank"], summary["segment"], summary["adjusted_segment"]) == (2, 1, 3)
    assert summary["overrides"] == ["financial_deficit"]


def test_validate_accounts_for_the_rows_by_what_they_hold(cli: Cli, tmp_path: Path) -> None:
    folder = saved(tmp_path / "official", BOTH)
    done = cli("validate", folder, "--format", "json")
    assert done.status == 0
    files = {file["name"]: file for file in done.json["files"]}
    assert files["data.csv"]["layout"] == "oversight data"
    assert (files["data.csv"]["rows_in"], files["data.csv"]["rows_used"]) == (40, 40)
    assert files["data.csv"]["kinds"] == {
        "domain_score": 4,
        "domain_segment": 4,
        "flag": 4,
        "metric_score": 12,
        "summary": 12,
        "value": 4,
    }
    assert files["table.csv"]["layout"] == "oversight league table"
    assert files["table.csv"]["kinds"] == {"league_row": 4}
    text = cli("validate", folder).text
    assert "data.csv: 4 domain score, 4 domain segment, 4 flag, 12 metric score" in text
    assert "16 figures stand in data.csv too, and agree [repeated_edition]" in text


def test_the_first_edition_is_read_as_that_quarter_with_a_warning(cli: Cli, tmp_path: Path) -> None:
    rows = [row | {"Trust_type": "Non-acute hospital trust"} for row in DATA]
    files = {"data.csv": written(rows, without=["Quarter"])}
    folder = saved(tmp_path / "official", files, register=None)
    done = cli("rank", "--data", folder, "--format", "json")
    assert standings(done) == STANDINGS
    assert done.json["meta"]["quarter"] == "2025Q2"
    assert {row["peer_group"] for row in found(done)} == {MENTAL_HEALTH}
    assert "read as the edition of September 2025, Q1 2025/26 [quarter_assumed]" in done.narration


def test_an_edition_of_2026_27_is_ranked_by_that_year_s_thresholds(
    cli: Cli, tmp_path: Path
) -> None:
    table = """
    trust | OF2017 | OF2082 | OF4200 | OF4303 | OF5200 | OF5202  | OF5203 | OF5204
    XA1   | 1.84   | 2.00   | 1.84   | 2      | 1 #1   | 1.92 #1 | 1      | 0
    XA2   | 2.00   | 2.64   | 2.00   | 3      | 3 #2   | 2.32 #2 | 2      | 1
    XA3   | 2.50   | 3.04   | 2.50   | 4      | 3 #3   | 2.77 #3 | 3      | 0
    XA4   | 2.50   | 3.06   | 2.50   | 4      | 4 #4   | 2.78 #4 | 4      | 0
    """
    rows = [row | {"Units": "%"} for row in data_rows(table, quarter="Q1 2026/27")]
    folder = saved(tmp_path / "official", {"data.csv": written(rows)})
    done = cli("rank", "--data", folder, "--format", "json")
    assert done.json["meta"]["framework"]["id"] == "nof-2026-27"
    assert standings(done) == [
        ("XA1", 1, 1.92, 1, 1),
        ("XA2", 2, 2.32, 2, 3),
        ("XA3", 3, 2.77, 3, 3),
        ("XA4", 4, 2.78, 4, 4),
    ]


def test_organisations_that_are_not_in_the_register_are_ranked_with_a_warning(
    cli: Cli, tmp_path: Path
) -> None:
    folder = saved(tmp_path / "official", BOTH, register=None)
    done = cli("rank", "--data", folder, "--format", "json")
    assert standings(done) == STANDINGS
    assert {row["org_name"] for row in found(done)} == {
        f"{code} NHS Trust" for code, *_ in STANDINGS
    }
    assert done.narration.count("[organisation_from_file]") == 4
    assert (
        "data.csv row 2, column Trust_code: is not in the register: taken as this file describes it"
    ) in done.narration


def test_a_closed_code_is_ranked_and_explained_as_its_successor(cli: Cli, tmp_path: Path) -> None:
    rows = [row | {"Trust_code": "RY9"} for row in DATA if row["Trust_code"] == "XA1"]
    folder = saved(tmp_path / "official", {"data.csv": written(rows)}, register=None)
    for asked in ("RAX", "RY9"):
        done = cli("explain", asked, "--data", folder, "--format", "json")
        assert done.json["summary"]["org_code"] == "RAX"
        assert done.json["summary"]["average_metric_score"] == 1.5
    listed = found(cli("validate", folder, "--format", "json"))
    (note,) = (row for row in listed if row["code"] == "closed_code")
    assert (note["severity"], note["file"], note["row"]) == ("note", "data.csv", 2)
    assert (note["column"], note["value"]) == ("Trust_code", "RY9")


# What is refused


def of_data(rows: list[Row], **how: Any) -> dict[str, bytes]:
    return {"data.csv": written(rows, **how)}


def of_table(rows: list[Row], **how: Any) -> dict[str, bytes]:
    return {"table.csv": written(rows, **how)}


def bad_data(number: int, code: str, column: str, value: str, **cells: str) -> Any:
    """State a data file with a bad cell, and the error that it makes."""
    files = of_data(edited(DATA, number, **cells))
    error = (code, "data.csv", number, column, value)
    return pytest.param(files, [error], id=f"{code} {value}")


def bad_table(code: str, column: str, value: str, **cells: str) -> Any:
    """State a league table with a bad cell in its first row, and the error that it makes."""
    files = of_table(edited(TABLE, 2, **cells))
    return pytest.param(files, [(code, "table.csv", 2, column, value)], id=f"table {code} {value}")


BAD = [
    bad_data(2, "not_a_number", "Value", "low", Value="low"),
    bad_data(2, "not_a_number", "Median_value", "low", Median_value="low"),
    bad_data(2, "period_unreadable", "Quarter", "spring", Quarter="spring"),
    bad_data(2, "key_missing", "Trust_code", "", Trust_code=""),
    bad_data(2, "key_missing", "Metric_ID", "", Metric_ID=""),
    bad_data(2, "rank_impossible", "Rank", "0", Rank="0"),
    bad_data(6, "score_off_scale", "value", "0", Value="0"),
    bad_data(6, "score_off_scale", "value", "4.5", Value="4.5"),
    bad_data(18, "score_off_scale", "value", "4.01", Value="4.01"),
    bad_data(30, "score_off_scale", "value", "0.99", Value="0.99"),
    bad_data(22, "segment_impossible", "value", "0", Value="0"),
    bad_data(26, "segment_impossible", "value", "6", Value="6"),
    bad_data(34, "segment_impossible", "value", "2.5", Value="2.5"),
    bad_data(26, "rank_impossible", "value", "0", Rank="0"),
    bad_data(30, "rank_impossible", "value", "1.5", Rank="1.5"),
    bad_data(38, "not_a_flag", "Value", "Maybe", Value="Maybe"),
    bad_data(38, "not_a_flag", "Value", "2", Value="2"),
    bad_table("score_off_scale", "value", "4.5", Average_score="4.5"),
    bad_table("segment_impossible", "value", "2.5", Segment="2.5"),
    bad_table("rank_impossible", "value", "0", Rank="0"),
    bad_table("not_a_number", "Rank", "first", Rank="first"),
    bad_table(
        "not_a_flag", "Trust_in_financial_deficit", "Maybe", Trust_in_financial_deficit="Maybe"
    ),
    bad_table("range_unreadable", "Likely_range_of_rank", "1-11", Likely_range_of_rank="1-11"),
    bad_table(
        "range_unreadable",
        "Likely_range_of_average_score",
        "2.0 to 1.0",
        Likely_range_of_average_score="2.0 to 1.0",
    ),
    pytest.param(
        of_data(DATA, without=["Rank"]),
        [("column_missing", "data.csv", 1, None, ", ".join(h for h in DATA[0] if h != "Rank"))],
        id="a column is missing",
    ),
    pytest.param(
        of_data(DATA, renamed={"Trust_code": "ODS_code"}),
        [("column_missing", "data.csv", 1, None, "ODS_code")],
        id="a column is renamed",
    ),
    pytest.param(
        of_table(TABLE, renamed={"Average_score": "Mean_score"}),
        [("column_missing", "table.csv", 1, None, "Mean_score")],
        id="a column of a league table is renamed",
    ),
    pytest.param(
        of_table(TABLE, renamed={"Quarter": "Period"}),
        [("column_missing", "table.csv", 1, "Period", None)],
        id="the quarter is renamed",
    ),
    pytest.param(
        of_data(data_rows("trust | OF2017 | OF5202\nXA1 | 2 | 2"), without=["Quarter"]),
        [("column_missing", "data.csv", 2, None, "OF2017")],
        id="a later year without quarters",
    ),
    pytest.param(
        {"first.csv": written(DATA), "second.csv": written(edited(DATA, 30, Value="1.51"))},
        [("editions_disagree", "second.csv", 30, "Value", "1.51")],
        id="editions disagree",
    ),
    pytest.param(
        of_data(DATA) | of_table(edited(TABLE, 3, Segment="1")),
        [("editions_disagree", "table.csv", 3, "Segment", "1")],
        id="a league table disagrees",
    ),
    pytest.param(
        of_data([*DATA, DATA[4]]),
        [("repeated_observation", "data.csv", 42, None, None)],
        id="a row stands twice",
    ),
    pytest.param(
        {"responses.csv": b"Year,Month,Org Code,A10,A25\n2025,6,XA1,10,480\n"},
        [("column_missing", "responses.csv", 1, None, "Year, Month, Org Code, A10, A25")],
        id="another publication",
    ),
    pytest.param(
        {"attendances.csv": b"Period,Org Code,Org name,Attendances\nJUNE-2025,XA1,Best,12\n"},
        [("layout_unknown", "attendances.csv", 2, "Period", "JUNE-2025")],
        id="another publication with a period",
    ),
]


@pytest.mark.parametrize("command", ["rank", "explain", "validate"])
@pytest.mark.parametrize(("files", "expected"), BAD)
def test_bad_input_is_exit_code_4_with_its_place(
    cli: Cli,
    tmp_path: Path,
    command: str,
    files: Mapping[str, bytes],
    expected: list[tuple[Any, ...]],
) -> None:
    folder = saved(tmp_path / "official", files)
    if command == "validate":
        done = cli("validate", folder, "--format", "json")
        assert done.status == 4
        places = [(*error[:4], error[4] or None) for error in errors(done)]
        assert places == [(*error[:4], error[4] or None) for error in expected]
        return
    trust = ("XA1",) if command == "explain" else ()
    done = cli(command, *trust, "--data", folder)
    assert (done.status, done.output) == (4, b"")
    for code, file, row, column, value in expected:
        place = f"{file} row {row}" + (f", column {column}" if column else "")
        (line,) = (text for text in done.narration.splitlines() if f"[{code}]" in text)
        assert line.strip().startswith(f"error: {place}: ")
        assert value is None or f"(found {value!r}" in line


def test_a_trust_under_two_codes_is_one_error(cli: Cli, tmp_path: Path) -> None:
    codes = {"XA1": "RY9", "XA2": "RAX"}
    rows = [
        row | {"Trust_code": codes[row["Trust_code"]]} for row in DATA if row["Trust_code"] in codes
    ]
    folder = saved(tmp_path / "official", of_data(rows), register=None)
    assert errors(cli("validate", folder, "--format", "json")) == [
        ("two_codes", "data.csv", 2, "Trust_code", "RY9")
    ]
    done = cli("rank", "--data", folder)
    assert (done.status, done.output) == (4, b"")
    assert "RAX stands under two codes in 2025Q2: RY9 and RAX" in done.narration


WARNED = [
    pytest.param(of_data(edited(DATA, 2, Metric_ID="OF9017")), "unknown_metric", id="unknown id"),
    pytest.param(of_data(edited(DATA, 6, Metric_ID="OF1999")), "unknown_metric", id="new score"),
    pytest.param(of_data(DATA, without=["Quarter"]), "quarter_assumed", id="no quarter"),
    pytest.param(of_data(DATA, without=["Region"]), "column_missing", id="no region"),
    pytest.param(of_data([r | {"Notes": "x"} for r in DATA]), "unknown_column", id="more columns"),
    pytest.param(
        of_data([row | {"Trust_type": ACUTE} for row in DATA]), "trust_type_differs", id="type"
    ),
]


@pytest.mark.parametrize(("files", "code"), WARNED)
def test_what_is_notable_is_a_warning_and_an_error_under_strict(
    cli: Cli, tmp_path: Path, files: Mapping[str, bytes], code: str
) -> None:
    folder = saved(tmp_path / "official", files)
    for arguments in (("rank", "--data", folder), ("explain", "XA2", "--data", folder)):
        done = cli(*arguments)
        assert done.status == 0, done.narration
        assert f"[{code}]" in done.narration
        assert cli(*arguments, "--strict").status == 4
    done = cli("validate", folder, "--format", "json")
    assert done.status == 0
    assert {row["severity"] for row in found(done) if row["code"] == code} == {"warning"}
    assert cli("validate", folder, "--strict").status == 4


def test_a_row_of_an_unknown_id_changes_no_rank_and_is_accounted_for(
    cli: Cli, tmp_path: Path
) -> None:
    rows = [*DATA, DATA[0] | {"Metric_ID": "OF9017"}]
    folder = saved(tmp_path / "official", of_data(rows))
    assert ranked(cli, folder) == STANDINGS
    (report,) = (
        file
        for file in cli("validate", folder, "--format", "json").json["files"]
        if file["name"] == "data.csv"
    )
    assert (report["rows_in"], report["rows_used"]) == (41, 40)
    assert report["left_out"] == {"unknown_metric": 1}
