"""The Oversight Framework's own files: every kind of row, every column, and nothing guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from nhs_league.sources.layout import CELL_SCHEMA, DESCRIBED_SCHEMA, LaidOutTable
from nhs_league.sources.oversight import (
    DATA_COLUMNS,
    LEAGUE_TABLE_COLUMNS,
    oversight_cells,
    oversight_header,
    oversight_layout,
)
from tests.official_files import (
    ACUTE,
    AMBULANCE,
    DATA_HEADER,
    LEAGUE_TABLE_HEADER,
    MENTAL_HEALTH,
    Q1,
    Q2,
    Row,
    data_rows,
    edited,
    league_rows,
    written,
)
from tests.unit.sources.support import Findings, cells_frame, found, table_of

DATA, TABLE = "oversight data", "oversight league table"
VALUES = """
trust | OF0017   | OF1017
RAA   | 30.5 #2  | 2.67 #2
RBB   | 20.5 #1  | 1.0 #1
RCC   | 31.25 #3 | 4.0 #3
"""
RESULTS = """
trust | OF4003 | OF4103 | OF5000 | OF5002  | OF5003 | OF5004 | OF5005 | OF5007
RAA   | 2.5 #2 | 2      | 3 #2   | 1.5 #1  | 1      | 1      | 5      | 1
RBB   | 1.0 #1 | 1.0    | 2.0 #1 | 2.25 #2 | 2      | 0.0    | 2      | 0
"""
LEAGUE = """
trust | average | score range  | segment | deficit | rank | rank range
RAA   | 1.5     | 1.2 to 1.89  | 3       | Yes     | 2    | 1 to 11
RBB   | 2.25    | 2.25 to 2.25 | 2       | No      | 1.0  | 1 to 2
"""


def laid_out(content: bytes | Sequence[Row], **how: Any) -> LaidOutTable:
    """Read a file, or rows that ``written`` makes one of, in the layout that it has."""
    table = table_of(content if isinstance(content, bytes) else written(content, **how))
    layout = oversight_layout(table)
    assert layout is not None
    return oversight_cells(table, layout)


def observed(cells: LaidOutTable) -> dict[tuple[str, str], str]:
    """Give the values as written, by organisation and metric."""
    frame = cells_frame(cells)
    assert frame.schema == pl.Schema(CELL_SCHEMA)
    rows = frame.select("org_code", "metric_id", "value").rows()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(org_code, metric_id): value for org_code, metric_id, value in rows}


def findings_of(cells: LaidOutTable) -> Findings:
    return found(cells.findings)


# Which layout


def test_each_layout_is_known_by_its_headers() -> None:
    assert oversight_layout(table_of(written(data_rows(VALUES)))) == DATA
    assert oversight_layout(table_of(written(league_rows(LEAGUE)))) == TABLE


def test_the_headers_are_those_that_are_published() -> None:
    assert tuple(map(oversight_header, DATA_HEADER)) == DATA_COLUMNS
    assert tuple(map(oversight_header, LEAGUE_TABLE_HEADER)) == LEAGUE_TABLE_COLUMNS


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: text.replace("_", " ")])
def test_headers_are_known_in_any_spelling(change: Any) -> None:
    for rows in (data_rows(VALUES), league_rows(LEAGUE)):
        cells = laid_out(rows, renamed={name: change(name) for name in rows[0]})
        assert cells.findings == ()
        assert observed(cells) == observed(laid_out(rows))


@pytest.mark.parametrize("name", DATA_HEADER)
def test_a_data_file_is_known_without_any_one_column(name: str) -> None:
    rows = data_rows(VALUES)
    assert oversight_layout(table_of(written(rows, without=[name]))) == DATA
    assert oversight_layout(table_of(written(rows, renamed={name: "Something"}))) == DATA


@pytest.mark.parametrize("name", LEAGUE_TABLE_HEADER)
def test_a_league_table_is_known_without_any_one_column(name: str) -> None:
    rows = league_rows(LEAGUE)
    assert oversight_layout(table_of(written(rows, without=[name]))) == TABLE
    assert oversight_layout(table_of(written(rows, renamed={name: "Something"}))) == TABLE


@pytest.mark.parametrize(
    "header",
    [
        "org_code,period,value",
        "org_code,org_name,trust_type,trust_subtype,region",
        "org_code,successor_code,succeeded_on",
        "quarter,org_code,metric_id,units,value,rank_in_type",
        "quarter,region,trust_type,trust_subtype,org_code,org_name,domain,metric_id,units,value,rank",
        "quarter,trust_type,org_code,average_metric_score,segment,league_rank,financial_override",
        "Period,Parent Org,Org Code,Org name,A&E attendances Type 1,Emergency admissions",
        "Year,Month,Region,Org Code,Org Name,A10,A25,A31",
        "Trust_code,Value,Median_value",
        "Quarter,Region,Trust_type,Trust_subtype,Trust_code,Trust_name,Rank",
    ],
)
def test_a_table_of_another_publication_has_neither_layout(header: str) -> None:
    assert oversight_layout(table_of(f"{header}\n" + "," * header.count(",") + "\n")) is None


# The rows of a data file


def test_a_value_becomes_an_observation_with_its_rank_unit_and_row() -> None:
    frame = cells_frame(laid_out(data_rows(VALUES)))
    assert frame.filter(pl.col("metric_id") == "OF0017").rows(named=True)[1] == {
        "org_code": "RBB",
        "metric_id": "OF0017",
        "period": Q1,
        "value": "20.5",
        "numerator": None,
        "denominator": None,
        "published_rank": "1",
        "status": None,
        "unit": "%",
        "source_file": "a.csv",
        "source_row": 3,
    }


def test_a_value_row_s_quartiles_become_observations_of_the_trust_s_own() -> None:
    cells = laid_out(data_rows(VALUES))
    seen = observed(cells)
    assert seen["RAA", "median:OF0017"] == seen["RCC", "median:OF0017"] == "30.5"
    assert seen["RBB", "lower_quartile:OF0017"] == "25.5"
    assert seen["RBB", "upper_quartile:OF0017"] == "30.88"
    quartiles = cells_frame(cells).filter(pl.col("metric_id").str.contains(":"))
    assert quartiles.select("source_row").unique().to_series().sort().to_list() == [2, 3, 4]
    assert quartiles["published_rank"].null_count() == quartiles["unit"].null_count() == 9


def test_a_blank_quartile_is_no_observation() -> None:
    seen = observed(laid_out(edited(data_rows(VALUES), 2, Median_value=" ")))
    assert ("RAA", "median:OF0017") not in seen
    assert ("RAA", "lower_quartile:OF0017") in seen


def test_a_score_row_has_no_quartiles() -> None:
    rows = edited(data_rows(VALUES), 5, Median_value="1", Lower_quartile="1", Upper_quartile="1")
    assert not [id_ for _, id_ in observed(laid_out(rows)) if id_.endswith(":OF1017")]


def test_results_go_by_their_names() -> None:
    assert observed(laid_out(data_rows(RESULTS))) == {
        ("RAA", "finance_and_productivity_score"): "2.5",
        ("RBB", "finance_and_productivity_score"): "1.0",
        ("RAA", "finance_and_productivity_segment"): "2",
        ("RBB", "finance_and_productivity_segment"): "1.0",
        ("RAA", "adjusted_segment"): "3",
        ("RBB", "adjusted_segment"): "2.0",
        ("RAA", "league_rank"): "2",
        ("RBB", "league_rank"): "1",
        ("RAA", "average_metric_score"): "1.5",
        ("RBB", "average_metric_score"): "2.25",
        ("RAA", "rank_by_average"): "1",
        ("RBB", "rank_by_average"): "2",
        ("RAA", "segment"): "1",
        ("RBB", "segment"): "2",
        ("RAA", "financial_override"): "1",
        ("RBB", "financial_override"): "0",
        ("RAA", "final_segment"): "5",
        ("RBB", "final_segment"): "2",
        ("RAA", "recovery_support"): "1",
        ("RBB", "recovery_support"): "0",
    }


def test_a_rank_that_is_a_result_is_stated_once() -> None:
    ranks = {
        metric_id: rank
        for org_code, metric_id, rank in cells_frame(laid_out(data_rows(RESULTS)))
        .select("org_code", "metric_id", "published_rank")
        .rows()
        if org_code == "RAA" and rank
    }
    assert ranks == {"finance_and_productivity_score": "2"}


def test_the_results_of_2026_27_go_by_the_same_names() -> None:
    table = """
    trust | OF2017 | OF4203 | OF4303 | OF5200 | OF5202 | OF5203 | OF5204
    RAA   | 2.5    | 2.25   | 2      | 3 #2   | 1.5 #1 | 1      | Yes
    """
    assert observed(laid_out(data_rows(table, quarter="Q1 2026/27"))) == {
        ("RAA", "OF2017"): "2.5",
        ("RAA", "people_score"): "2.25",
        ("RAA", "people_segment"): "2",
        ("RAA", "adjusted_segment"): "3",
        ("RAA", "league_rank"): "2",
        ("RAA", "average_metric_score"): "1.5",
        ("RAA", "rank_by_average"): "1",
        ("RAA", "segment"): "1",
        ("RAA", "financial_override"): "1",
    }


def test_rows_are_told_apart_by_their_ids_whatever_units_and_descriptions_say() -> None:
    rows = data_rows(VALUES) + data_rows(RESULTS)
    muddled = [row | {"Units": "%", "Metric_description": "A score, in percent"} for row in rows]
    muddled = [row | {"Sub-domain": "Summary"} for row in muddled]
    assert observed(laid_out(muddled)) == observed(laid_out(rows))
    assert laid_out(muddled).kinds == laid_out(rows).kinds


def test_kinds_count_the_rows_by_what_they_hold() -> None:
    cells = laid_out(data_rows(VALUES) + data_rows(RESULTS))
    assert cells.kinds == {
        "domain_score": 2,
        "domain_segment": 2,
        "flag": 4,
        "metric_score": 3,
        "summary": 8,
        "value": 3,
    }
    assert (cells.layout, cells.findings, cells.left_out) == (DATA, (), {})


@pytest.mark.parametrize("space", [" ", "\u00a0", "\t"])
def test_spaces_around_a_cell_mean_nothing(space: str) -> None:
    rows = data_rows(VALUES) + data_rows(RESULTS)
    spaced = [{name: f"{space}{cell}{space}" for name, cell in row.items()} for row in rows]
    columns = ("org_code", "metric_id", "period")
    plain, padded = (cells_frame(laid_out(each)).select(columns) for each in (rows, spaced))
    assert padded.equals(plain)
    assert laid_out(spaced).findings == ()


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        *((yes, "1") for yes in ("1", "1.0", "Yes", "yes", "Y", "TRUE", " Yes ")),
        *((no, "0") for no in ("0", "0.0", "No", "no", "N", "False")),
        ("", None),
        (" ", None),
    ],
)
def test_a_flag_is_written_in_words_or_figures(cell: str, flag: str | None) -> None:
    cells = laid_out(_flagged(cell))
    assert observed(cells) == {("RAA", "financial_override"): flag}
    assert cells.findings == ()


def _flagged(cell: str) -> list[Row]:
    return edited(data_rows("trust | OF5004\nRAA | 0"), 2, Value=cell)


@pytest.mark.parametrize("cell", ["Maybe", "2", "0.5", "-1", "Yes?", "n/a"])
def test_what_is_neither_yes_nor_no_is_an_error_and_no_flag(cell: str) -> None:
    cells = laid_out(_flagged(cell))
    findings = findings_of(cells)
    assert findings.errors() == ["not_a_flag"]
    assert findings.places("not_a_flag") == [("a.csv", 2, "Value", cell)]
    assert findings[0].expected == "Yes or No, or 1 or 0"
    assert observed(cells) == {("RAA", "financial_override"): None}


@pytest.mark.parametrize("cell", ["0", "6", "2.5", "-1"])
def test_a_final_segment_that_is_none_is_an_error(cell: str) -> None:
    cells = laid_out(edited(data_rows("trust | OF5005\nRAA | 5\nRBB | 1.0"), 3, Value=cell))
    findings = findings_of(cells)
    assert findings.errors() == ["segment_impossible"]
    assert findings.places("segment_impossible") == [("a.csv", 3, "Value", cell)]
    assert findings[0].expected == "a whole number from 1 to 5"


@pytest.mark.parametrize("cell", ["5", "1.0", " 4 ", "", "*"])
def test_a_final_segment_may_be_5_and_may_be_blank(cell: str) -> None:
    assert laid_out(edited(data_rows("trust | OF5005\nRAA | 5"), 2, Value=cell)).findings == ()


def test_blank_rows_are_no_observations_and_keep_the_numbers_of_the_others() -> None:
    lines = written(data_rows(VALUES)).splitlines(keepends=True)
    blank = b"," * (len(DATA_HEADER) - 1) + b"\n"
    cells = laid_out(b"".join([lines[0], blank, lines[1], b"\n", *lines[2:]]))
    rows = cells_frame(cells).filter(pl.col("metric_id") == "OF0017")["source_row"]
    assert rows.to_list() == [3, 5, 6]
    assert cells.findings == ()


# Ids that nobody knows


def test_an_id_that_nobody_knows_is_left_out_with_its_first_row_and_a_count() -> None:
    table = "trust | OF0017 | OF6001 | OF5001\nRAA | 1 | 2 | 3\nRBB | 1 | 2 | -"
    cells = laid_out(data_rows(table))
    findings = findings_of(cells)
    assert findings.codes() == [("warning", "unknown_metric")] * 2
    assert findings.places("unknown_metric") == [
        ("a.csv", 4, "Metric_ID", "OF6001"),
        ("a.csv", 6, "Metric_ID", "OF5001"),
    ]
    assert [finding.message for finding in findings] == [
        "is not known: 2 rows are left out",
        "is not known: 1 row is left out",
    ]
    assert cells.left_out == {"unknown_metric": 3}
    assert {id_.rpartition(":")[2] for _, id_ in observed(cells)} == {"OF0017"}


def test_a_domain_of_2025_26_that_nobody_knows_is_faulted_by_its_number() -> None:
    rows = edited(data_rows("trust | OF4000\nRAA | 2"), 2, Metric_ID="OF4006")
    findings = findings_of(laid_out(rows))
    assert findings.places("unknown_metric") == [("a.csv", 2, "Metric_ID", "OF4006")]


def test_a_domain_of_2026_27_that_nobody_knows_is_faulted_by_its_name() -> None:
    rows = data_rows("trust | OF4200 | OF4300\nRAA | 2 | 2", quarter="Q1 2026/27")
    findings = findings_of(laid_out([row | {"Domain": "Peeple"} for row in rows]))
    assert findings.places("unknown_metric") == [
        ("a.csv", 2, "Domain", "Peeple"),
        ("a.csv", 3, "Domain", "Peeple"),
    ]
    assert str(findings[0].expected).startswith("one of Access to services, Patient safety, ")


def test_without_domains_those_of_2026_27_are_left_out_by_their_ids() -> None:
    rows = data_rows("trust | OF4200 | OF2017\nRAA | 2 | 2", quarter="Q1 2026/27")
    cells = laid_out(rows, without=["Domain"])
    assert findings_of(cells).codes() == [
        ("warning", "column_missing"),
        ("warning", "unknown_metric"),
    ]
    assert findings_of(cells).places("unknown_metric") == [("a.csv", 2, "Metric_ID", "OF4200")]
    assert observed(cells) == {("RAA", "OF2017"): "2"}


@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_a_blank_id_is_an_error_and_its_row_is_left_out(blank: str) -> None:
    cells = laid_out(edited(data_rows(VALUES), 3, Metric_ID=blank))
    assert findings_of(cells).codes() == [("error", "key_missing")]
    assert findings_of(cells).places("key_missing") == [("a.csv", 3, "Metric_ID", "")]
    assert cells.left_out == {"unknown_metric": 1}


def test_unknown_ids_are_listed_up_to_an_announced_cap() -> None:
    [row] = data_rows("trust | OF0017\nRAA | 1")
    cells = laid_out([row | {"Metric_ID": f"OF9{number:03}"} for number in range(300)])
    assert len(findings_of(cells).of("unknown_metric")) == 200
    assert [f.message for f in findings_of(cells).of("findings_capped")] == [
        "100 more findings of the kind unknown_metric are not listed"
    ]
    assert cells.left_out == {"unknown_metric": 300}


# The rows of a league table


def test_a_row_of_a_league_table_holds_every_result() -> None:
    cells = laid_out(league_rows(LEAGUE))
    assert observed(cells) == {
        ("RAA", "average_metric_score"): "1.5",
        ("RBB", "average_metric_score"): "2.25",
        ("RAA", "adjusted_segment"): "3",
        ("RBB", "adjusted_segment"): "2",
        ("RAA", "financial_override"): "1",
        ("RBB", "financial_override"): "0",
        ("RAA", "league_rank"): "2",
        ("RBB", "league_rank"): "1.0",
        ("RAA", "score_low"): "1.2",
        ("RAA", "score_high"): "1.89",
        ("RBB", "score_low"): "2.25",
        ("RBB", "score_high"): "2.25",
        ("RAA", "rank_low"): "1",
        ("RAA", "rank_high"): "11",
        ("RBB", "rank_low"): "1",
        ("RBB", "rank_high"): "2",
    }
    assert (cells.layout, cells.kinds, cells.findings) == (TABLE, {"league_row": 2}, ())
    rows = cells_frame(cells).select("org_code", "source_row", "period").unique().sort("org_code")
    assert rows.rows() == [("RAA", 2, Q1), ("RBB", 3, Q1)]


def test_a_blank_cell_of_a_league_table_is_no_observation() -> None:
    table = """
    trust | average | score range | segment | deficit | rank | rank range
    RAA   | 1.5     | -           | -       | -       | -    | -
    RBB   | -       | -           | -       | -       | -    | -
    """
    cells = laid_out(league_rows(table))
    assert observed(cells) == {("RAA", "average_metric_score"): "1.5"}
    assert cells.findings == ()


@pytest.mark.parametrize("text", ["1.2 to 1.89", " 1.2 to 1.89 ", "1.2\u00a0to\u00a01.89"])
def test_a_likely_range_is_two_numbers(text: str) -> None:
    cells = laid_out(edited(league_rows(LEAGUE), 2, Likely_range_of_average_score=text))
    seen = observed(cells)
    assert (seen["RAA", "score_low"], seen["RAA", "score_high"]) == ("1.2", "1.89")
    assert cells.findings == ()


@pytest.mark.parametrize(
    "text",
    ["1.2", "1.2-1.89", "1.2 \u2013 1.89", "1.89 to 1.2", "1.2.3 to 4", "low to high", "1 to", "*"],
)
@pytest.mark.parametrize("header", ["Likely_range_of_average_score", "Likely_range_of_rank"])
def test_a_likely_range_that_is_none_is_an_error_and_no_number(header: str, text: str) -> None:
    cells = laid_out(edited(league_rows(LEAGUE), 2, **{header: text}))
    findings = findings_of(cells)
    assert findings.codes() == [("error", "range_unreadable")]
    assert findings.places("range_unreadable") == [("a.csv", 2, header, text)]
    assert findings[0].expected == "two numbers, such as 1.2 to 1.89"
    ends = {"score_low", "score_high"} if "score" in header else {"rank_low", "rank_high"}
    assert not ends & {id_ for org_code, id_ in observed(cells) if org_code == "RAA"}


def test_a_league_table_s_flag_that_is_neither_yes_nor_no_is_an_error() -> None:
    cells = laid_out(edited(league_rows(LEAGUE), 3, Trust_in_financial_deficit="Maybe"))
    place = ("a.csv", 3, "Trust_in_financial_deficit", "Maybe")
    assert findings_of(cells).places("not_a_flag") == [place]
    assert ("RBB", "financial_override") not in observed(cells)


# Columns that are missing, renamed, repeated or added

NEEDED = ("Trust_type", "Trust_code", "Trust_name", "Rank")
NEEDED_OF_DATA = (*NEEDED, "Metric_ID", "Units", "Value")
NEEDED_OF_A_TABLE = (*NEEDED, "Average_score", "Segment", "Trust_in_financial_deficit")


@pytest.mark.parametrize(
    ("table", "name"),
    [
        *((VALUES, name) for name in NEEDED_OF_DATA),
        *((LEAGUE, name) for name in NEEDED_OF_A_TABLE),
    ],
)
def test_without_a_needed_column_no_row_is_used(table: str, name: str) -> None:
    rows = data_rows(table) if table is VALUES else league_rows(table)
    cells = laid_out(rows, without=[name])
    (finding,) = cells.findings
    assert (finding.severity, finding.code, finding.row) == ("error", "column_missing", 1)
    assert (finding.message, finding.expected) == (f"has no column {name!r}", name)
    assert finding.value == ", ".join(header for header in rows[0] if header != name)
    assert (cells.layout, len(cells_frame(cells)), cells.described) == ("unknown", 0, None)


@pytest.mark.parametrize(
    ("name", "renamed"),
    [("Trust_code", "Trust_cod"), ("Trust_code", "org_code"), ("Value", "Values")],
)
def test_a_renamed_column_is_not_guessed_at_but_named(name: str, renamed: str) -> None:
    cells = laid_out(data_rows(VALUES), renamed={name: renamed})
    findings = findings_of(cells)
    assert findings.codes() == [("error", "column_missing"), ("warning", "unknown_column")]
    assert (findings[0].value, findings[0].expected) == (renamed, name)
    assert findings[1].column == renamed
    assert len(cells_frame(cells)) == 0


@pytest.mark.parametrize(
    ("table", "name", "effect"),
    [
        (VALUES, "Region", ""),
        (VALUES, "Trust_subtype", ""),
        (VALUES, "Sub-domain", ""),
        (VALUES, "Metric_description", ""),
        (VALUES, "Reporting_date", ""),
        (VALUES, "Domain", ": the domains of OF42 and OF43 cannot be told apart"),
        (VALUES, "Median_value", ": what it publishes cannot be audited"),
        (VALUES, "Upper_quartile", ": what it publishes cannot be audited"),
        (LEAGUE, "Region", ""),
        (LEAGUE, "Likely_range_of_rank", ": what it publishes cannot be audited"),
    ],
)
def test_without_another_column_the_rest_is_used(table: str, name: str, effect: str) -> None:
    rows = data_rows(table) if table is VALUES else league_rows(table)
    cells = laid_out(rows, without=[name])
    (finding,) = cells.findings
    assert (finding.severity, finding.code) == ("warning", "column_missing")
    assert finding.message == f"has no column {name!r}{effect}"
    whole, part = observed(laid_out(rows)), observed(cells)
    assert part.items() <= whole.items()
    is_audited = bool(effect) and name != "Domain"
    assert (len(part) < len(whole)) is is_audited


def test_a_column_that_nobody_knows_is_warned_of_and_not_used() -> None:
    rows = [row | {"Notes": "x", "Source Row": "7"} for row in data_rows(VALUES)]
    cells = laid_out(rows)
    assert [(f.severity, f.code, f.row, f.column) for f in cells.findings] == [
        ("warning", "unknown_column", 1, "Notes"),
        ("warning", "unknown_column", 1, "Source Row"),
    ]
    assert observed(cells) == observed(laid_out(data_rows(VALUES)))


@pytest.mark.parametrize(
    "name",
    [
        "flag",
        "kind",
        "numerator",
        "org_code",
        "period",
        "result",
        "score_low",
        "source_row",
        "written",
    ],
)
def test_an_added_column_of_a_name_used_here_changes_nothing(name: str) -> None:
    for rows in (data_rows(VALUES) + data_rows(RESULTS), league_rows(LEAGUE)):
        cells = laid_out([row | {name: "x"} for row in rows])
        assert cells_frame(cells).equals(cells_frame(laid_out(rows)))
        assert findings_of(cells).codes() == [("warning", "unknown_column")]


def test_a_league_table_may_state_a_reporting_date() -> None:
    cells = laid_out([row | {"Reporting_date": "Jun-25"} for row in league_rows(LEAGUE)])
    assert cells.findings == ()


def test_two_columns_of_one_meaning_are_an_error() -> None:
    cells = laid_out([row | {"value": "9"} for row in data_rows(VALUES)])
    (finding,) = cells.findings
    assert (finding.severity, finding.code, finding.column) == (
        "error",
        "duplicate_column",
        "value",
    )
    assert finding.message == "means the same as column Value"
    assert (cells.layout, len(cells_frame(cells))) == ("unknown", 0)


def test_a_quoted_cell_may_hold_commas_quotes_and_line_ends() -> None:
    described = 'Waits, of the "worst"\nkind'
    rows = [row | {"Metric_description": described} for row in data_rows(VALUES)]
    cells = laid_out(rows)
    assert cells_frame(cells).equals(cells_frame(laid_out(data_rows(VALUES))))


# The quarter


def test_rows_of_several_quarters_stand_in_one_file() -> None:
    rows = data_rows(VALUES) + data_rows(VALUES, quarter=Q2)
    periods = cells_frame(laid_out(rows)).filter(pl.col("metric_id") == "OF0017")["period"]
    assert periods.to_list() == [Q1] * 3 + [Q2] * 3


def test_a_file_without_quarters_is_the_first_edition_with_a_warning() -> None:
    for rows in (data_rows(VALUES) + data_rows(RESULTS), league_rows(LEAGUE)):
        cells = laid_out(rows, without=["Quarter"])
        (finding,) = cells.findings
        assert (finding.severity, finding.code, finding.row) == ("warning", "quarter_assumed", 1)
        assert finding.message == (
            "has no column 'Quarter': read as the edition of September 2025, Q1 2025/26"
        )
        assert cells_frame(cells).equals(cells_frame(laid_out(rows)))


@pytest.mark.parametrize(
    ("metric_id", "row"),
    [("OF2017", 5), (" OF2017 ", 5), ("OF4203", 5), ("OF4303", 5), ("OF5200", 5), ("OF5204", 5)],
)
def test_a_file_of_a_later_year_without_quarters_is_not_guessed_at(
    metric_id: str, row: int
) -> None:
    rows = edited(data_rows(VALUES), row, Metric_ID=metric_id, Domain="People")
    cells = laid_out(rows, without=["Quarter"])
    (finding,) = cells.findings
    assert (finding.severity, finding.code, finding.row) == ("error", "column_missing", row)
    assert (finding.value, finding.expected) == (metric_id, "Quarter")
    assert "of a later year" in finding.message
    assert (cells.layout, len(cells_frame(cells))) == ("unknown", 0)


@pytest.mark.parametrize("header", ["Period", "Qtr", "Reporting_quarter"])
def test_a_quarter_under_another_name_is_not_guessed_at(header: str) -> None:
    for rows in (data_rows(VALUES, quarter=Q2), league_rows(LEAGUE, quarter=Q2)):
        cells = laid_out(rows, renamed={"Quarter": header})
        (finding,) = findings_of(cells).of("column_missing")
        assert (finding.severity, finding.code, finding.row) == ("error", "column_missing", 1)
        assert (finding.column, finding.expected) == (header, "Quarter")
        assert (cells.layout, len(cells_frame(cells))) == ("unknown", 0)


def test_an_added_column_that_states_no_quarters_is_no_quarter() -> None:
    rows = [row | {"Notes": "Revised in Q2"} for row in league_rows(LEAGUE)]
    cells = laid_out(rows, without=["Quarter"])
    assert findings_of(cells).codes() == [
        ("warning", "unknown_column"),
        ("warning", "quarter_assumed"),
    ]
    assert set(cells_frame(cells)["period"]) == {Q1}


def test_a_reporting_date_like_a_quarter_is_no_quarter() -> None:
    rows = [row | {"Reporting_date": "Q2 2025/26"} for row in data_rows(VALUES)]
    cells = laid_out(rows, without=["Quarter"])
    assert findings_of(cells).codes() == [("warning", "quarter_assumed")]
    assert set(cells_frame(cells)["period"]) == {Q1}


# The organisations


def test_the_organisations_are_described_at_their_first_rows() -> None:
    cells = laid_out(data_rows(VALUES))
    assert cells.described is not None
    assert cells.described.schema == pl.Schema(DESCRIBED_SCHEMA)
    assert cells.described.rows() == [
        (code, f"{code} NHS Trust", AMBULANCE, "Ambulance", "Midlands", "a.csv", row)
        for row, code in enumerate(("RAA", "RBB", "RCC"), start=2)
    ]


def test_an_organisation_of_two_types_is_described_with_both() -> None:
    cells = laid_out(edited(data_rows(VALUES), 5, Trust_type=ACUTE))
    assert cells.described is not None
    types = cells.described.filter(pl.col("org_code") == "RAA").select("trust_type", "source_row")
    assert types.rows() == [(AMBULANCE, 2), (ACUTE, 5)]


def test_a_trust_type_of_the_first_edition_is_called_as_it_is_since() -> None:
    for rows in (
        data_rows(VALUES, trust_type="Non-acute hospital trust"),
        league_rows(LEAGUE, trust_type="Non-acute hospital trust"),
    ):
        cells = laid_out(rows, without=["Quarter"])
        assert cells.described is not None
        assert set(cells.described["trust_type"]) == {MENTAL_HEALTH}


@pytest.mark.parametrize(
    ("written_as", "region"), [("East", "East of England"), ("London", "London"), ("", "")]
)
def test_a_region_is_called_as_the_register_calls_it(written_as: str, region: str) -> None:
    cells = laid_out([row | {"Region": written_as} for row in data_rows(VALUES)])
    assert cells.described is not None
    assert set(cells.described["region"]) == {region}


def test_the_headers_as_written_are_kept_for_the_findings() -> None:
    data = laid_out(data_rows(VALUES), renamed={"Trust_code": "TRUST CODE"}).headers
    assert data["org_code"] == "TRUST CODE"
    assert (data["value@median"], data["value@league_rank"]) == ("Median_value", "Rank")
    table = laid_out(league_rows(LEAGUE)).headers
    assert table["value@rank_high"] == "Likely_range_of_rank"
    assert table["value@financial_override"] == "Trust_in_financial_deficit"
    assert "period" not in laid_out(league_rows(LEAGUE), without=["Quarter"]).headers
