"""Publications as figures: sums, marks, statuses, and an account in which every row stands once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.settings import many
from tests.unit.sources.publications.support import (
    HEADER,
    SPEC,
    Read,
    account_holds,
    read_file,
    read_files,
    read_rows,
)

KINDS = """\
layout: publication
id: mine
title: Mine
recognise: {columns: [Code, Month, Kind, A, B, C]}
organisation:
  column: Code
  others: provider
  kinds: [{reason: commissioner, column: Kind, values: [Board]}]
period: {column: Month, formats: ["{year}-{month}", "{day}/{month}/{year}"]}
leave_out:
  - {reason: total, column: Code, values: [TOTAL, All of it]}
  - {reason: old, column: Kind, values: [Closed]}
keep: [{column: Kind, values: [x, y, Board, Closed, z], otherwise: other_kind}]
metrics:
  first:
    {title: A less B, unit: percent, where: [{column: Kind, values: [x, Board]}],
     numerator: {add: [A], subtract: [B]}, denominator: {add: [A]}}
  second:
    {title: C of A and B, unit: percent, where: [{column: Kind, values: [y]}],
     numerator: {add: [C]}, denominator: {add: [A, B]}}
"""
KINDS_HEADER = "Code,Month,Kind,A,B,C\n"

VALUES = """\
layout: publication
id: mine
title: Mine
recognise: {columns: [Code, Month, Mean, All]}
organisation: {column: Code}
period: {column: Month, formats: ["{year}-{month}"]}
metrics:
  wait: {title: Wait, unit: seconds, value: Mean, denominator: {add: [All]}}
"""
VALUES_HEADER = "Code,Month,Mean,All\n"


def kinds(folder: Path, *rows: str) -> Read:
    return read_rows(folder, *rows, spec=KINDS, header=KINDS_HEADER)


def values(folder: Path, *rows: str) -> Read:
    return read_rows(folder, *rows, spec=VALUES, header=VALUES_HEADER)


# Sums


def test_rows_of_an_organisation_and_period_are_added_up(tmp_path: Path) -> None:
    read = read_rows(
        tmp_path,
        "RCX,2025-04,1,10,",
        "RGT,2025-04,2,20,",
        "RCX,2025-05,3,30,",
        "RCX,2025-04,4,40,",
    )
    assert read.figures == {
        ("RCX", "waits", "2025-04"): (None, 5, 50, "reported"),
        ("RCX", "waits", "2025-05"): (None, 3, 30, "reported"),
        ("RGT", "waits", "2025-04"): (None, 2, 20, "reported"),
    }
    assert [row["source_row"] for row in read.rows] == [2, 4, 3], "the first row of each sum"
    assert (read.report.rows_in, read.report.rows_used, read.left_out) == (4, 4, {})
    assert (read.report.observations, read.report.organisations) == (3, 2)
    assert read.report.periods == ("2025-04", "2025-05")


def test_metrics_have_rows_and_columns_of_their_own(tmp_path: Path) -> None:
    read = kinds(tmp_path, "RCX,2025-04,x,10,3,?", "RCX,2025-04,y,4,6,5", "RCX,2025-04,X,1,1,?")
    assert read.counts("RCX", metric="first") == (7, 11, "reported")
    assert read.counts("RCX", metric="second") == (5, 10, "reported")
    assert not read.findings, "a cell that no metric counts may hold anything"


def test_half_patients_add_up_exactly(tmp_path: Path) -> None:
    read = read_rows(tmp_path, "RCX,2025-04,52.5,100.5,", "RCX,2025-04,0.5,1,")
    assert read.counts("RCX") == (53, 101.5, "reported")


def test_nothing_over_nothing_is_a_figure(tmp_path: Path) -> None:
    assert read_rows(tmp_path, "RCX,2025-04,0,0,").counts("RCX") == (0, 0, "reported")


def test_one_month_written_in_two_ways_is_one_month(tmp_path: Path) -> None:
    read = kinds(tmp_path, "RCX,2025-04,x,10,3,", "RCX,01/04/2025,x,10,4,")
    assert read.figures == {("RCX", "first", "2025-04"): (None, 13, 20, "reported")}


def test_values_cannot_be_added_up(tmp_path: Path) -> None:
    read = values(tmp_path, "RCX,2025-04,60,5", "RCX,2025-05,70,5", "RCX,2025-04,80,5")
    (finding,) = read.findings.of("repeated_observation")
    assert (finding.severity, finding.row) == ("error", 2)
    assert "2 rows state it" in finding.message


def test_a_publication_of_which_nothing_is_used_is_flagged(tmp_path: Path) -> None:
    read = read_rows(tmp_path, "TOTAL,2025-04,1,2,", "Q99,2025-04,1,2,")
    (finding,) = read.findings
    assert (finding.severity, finding.code, finding.file) == ("warning", "nothing_used", "a.csv")
    assert "1 total" in finding.message


def test_values_of_metrics_that_are_no_counts_may_be_below_zero(tmp_path: Path) -> None:
    read = values(tmp_path, "RCX,2025-04,-1.5,5")
    assert read.figures == {("RCX", "wait", "2025-04"): (-1.5, None, 5, "reported")}
    assert not read.findings


# Cells


@pytest.mark.parametrize(
    ("cell", "status", "code"),
    [
        ("*", "suppressed", "suppressed_mark"),
        ("[c]", "suppressed", "suppressed_mark"),
        ("-", "not_submitted", "not_submitted_mark"),
        (".", "not_submitted", "not_submitted_mark"),
        ("N/A", "not_applicable", "not_applicable_mark"),
        ("Not Applicable", "not_applicable", "not_applicable_mark"),
        ("[z]", "not_applicable", "not_applicable_mark"),
        ("", "not_submitted", None),
        ("  ", "not_submitted", None),
    ],
)
@pytest.mark.parametrize("beside", ["RGT,2025-04,1,2,", "RGT,2025-04,*,2,"])
def test_a_mark_is_a_status_and_never_a_number(
    tmp_path: Path, cell: str, status: str, code: str | None, beside: str
) -> None:
    read = read_rows(tmp_path, f"RCX,2025-04,{cell},20,", beside)
    assert read.counts("RCX") == (None, 20, status)
    notes = [place for place in read.findings.places(code or "") if place[1] == 2]
    assert notes == ([("a.csv", 2, "Seen", cell)] if code else [])
    assert read.findings.errors() == []
    assert read.left_out == {}


def test_a_mark_in_the_denominator_takes_the_figure_away(tmp_path: Path) -> None:
    assert read_rows(tmp_path, "RCX,2025-04,1,*,").counts("RCX") == (None, None, "suppressed")
    assert read_rows(tmp_path, "RCX,2025-04,1,,").counts("RCX") == (None, None, "not_submitted")


def test_a_blank_within_a_sum_is_no_zero(tmp_path: Path) -> None:
    read = kinds(tmp_path, "RCX,2025-04,y,,6,5", "RGT,2025-04,x,10,,")
    assert read.counts("RCX", metric="second") == (None, None, "not_submitted")
    assert read.counts("RGT", metric="first") == (None, 10, "not_submitted")


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("*", "-", "suppressed"),
        ("-", "*", "suppressed"),
        ("-", "N/A", "not_submitted"),
        ("N/A", "", "not_submitted"),
        ("N/A", "5", "not_applicable"),
        ("5", "*", "suppressed"),
        ("N/A", "N/A", "not_applicable"),
    ],
)
def test_the_gravest_status_of_its_rows_is_that_of_a_sum(
    tmp_path: Path, first: str, second: str, status: str
) -> None:
    read = read_rows(tmp_path, f"RCX,2025-04,{first},10,", f"RCX,2025-04,{second},20,")
    assert read.counts("RCX") == (None, 30, status)


def test_statuses_of_different_organisations_stay_apart(tmp_path: Path) -> None:
    read = read_rows(
        tmp_path,
        "RCX,2025-04,*,10,",
        "RGT,2025-04,-,10,",
        "RA2,2025-04,N/A,10,",
        "RBV,2025-04,1,10,",
    )
    assert {org: status for (org, _, _), (_, _, _, status) in read.figures.items()} == {
        "RCX": "suppressed",
        "RGT": "not_submitted",
        "RA2": "not_applicable",
        "RBV": "reported",
    }


def test_a_sum_that_lacks_a_row_is_flagged_where_the_row_stands(tmp_path: Path) -> None:
    rows = ("RCX,2025-04,1,10,", "RGT,2025-04,,5,", "RCX,2025-04,,20,", "RCX,2025-04,2,30,")
    read = read_rows(tmp_path, *rows)
    assert read.counts("RCX") == (None, 60, "not_submitted")
    (finding,) = read.findings.of("sum_incomplete")
    assert (finding.severity, finding.row) == ("warning", 4)
    assert "1 row has no figure of 3" in finding.message
    assert "RGT" not in finding.message, "all of RGT's rows lack it: that is no incomplete sum"


def test_thousands_in_quotes_are_taken_out_and_noted(tmp_path: Path) -> None:
    read = read_rows(tmp_path, 'RCX,2025-04,"26,064"," 1,026,064 ",', "RGT,2025-04,1,2,")
    assert read.counts("RCX") == (26064, 1026064, "reported")
    assert sorted(read.findings.places("thousands_separator"), key=str) == [
        ("a.csv", 2, "All", " 1,026,064 "),
        ("a.csv", 2, "Seen", "26,064"),
    ]


def test_spaces_around_a_number_are_nothing(tmp_path: Path) -> None:
    read = read_rows(tmp_path, "RCX,2025-04, 5 ,\u00a010\t,")
    assert read.counts("RCX") == (5, 10, "reported")
    assert not read.findings


def test_a_percent_sign_is_dropped_in_a_value_and_refused_in_a_count(tmp_path: Path) -> None:
    value = values(tmp_path / "value", "RCX,2025-04,75.90%,5")
    assert [(row["value"], row["status"]) for row in value.rows] == [(75.9, "reported")]
    assert value.findings.codes() == [("note", "percent_sign")]
    count = read_rows(tmp_path / "count", "RCX,2025-04,75.90%,100,")
    assert count.findings.codes() == [("error", "percent_sign")]
    assert count.findings.places("percent_sign") == [("a.csv", 2, "Seen", "75.90%")]


@pytest.mark.parametrize("cell", ["abc", "12a", "1,23,4", "NaN", "inf", "1e999", "#N/A", "10 20"])
def test_what_is_neither_number_nor_mark_is_an_error(tmp_path: Path, cell: str) -> None:
    read = read_rows(tmp_path, "RGT,2025-04,1,2,", f'RCX,2025-04,"{cell}",20,')
    assert read.findings.places("not_a_number") == [("a.csv", 3, "Seen", cell)]
    assert read.counts("RCX") == (None, 20, "not_submitted")


@pytest.mark.parametrize("row", ["RCX,2025-04,-1,10,", "RCX,2025-04,1,-10,"])
def test_a_count_below_zero_is_an_error(tmp_path: Path, row: str) -> None:
    read = read_rows(tmp_path, row, "RCX,2025-04,5,20,")
    assert read.findings.errors() == ["negative_count"]
    assert read.findings.of("negative_count")[0].row == 2


def test_a_difference_below_zero_is_an_error_at_what_is_subtracted(tmp_path: Path) -> None:
    read = kinds(tmp_path, "RCX,2025-04,x,5,9,")
    assert read.findings.places("negative_count") == [("a.csv", 2, "B", "9")]


def test_columns_are_only_judged_in_rows_that_count_them(tmp_path: Path) -> None:
    read = kinds(tmp_path, "RCX,2025-04,y,5,9,*", "RCX,2025-05,x,9,5,-1", "RCX,2025-06,x,*,1,?")
    assert read.findings.errors() == []


def test_findings_of_a_kind_are_capped_and_counted(tmp_path: Path) -> None:
    read = read_rows(tmp_path, *(f"Z{at:03},2025-04,abc,1," for at in range(250)))
    assert len(read.findings.of("not_a_number")) == 200
    assert any("50 more" in finding.message for finding in read.findings.of("findings_capped"))


# Keys


@pytest.mark.parametrize("written", ["TOTAL", "Total", " total ", "all OF it", "All  of\u00a0it"])
def test_totals_are_left_out_whatever_capitals_and_spaces(tmp_path: Path, written: str) -> None:
    read = read_rows(tmp_path, "RCX,2025-04,1,2,", f"{written},2025-04,?,-5,")
    assert read.left_out == {"total": 1}
    assert not read.findings


def test_reasons_are_the_first_that_hold(tmp_path: Path) -> None:
    read = kinds(
        tmp_path,
        "TOTAL,2025-04,Closed,1,1,1",
        "RCX,2025-04,Closed,1,1,1",
        "RCX,2025-04,unheard of,1,1,1",
        "RCX,2025-04,z,1,1,1",
        "Q99,2025-04,Board,1,1,1",
        "Q99,2025-04,x,1,1,1",
    )
    assert read.left_out == {
        "total": 1,
        "old": 1,
        "other_kind": 1,
        "other_figures": 1,
        "commissioner": 1,
        "provider": 1,
    }
    assert read.report.rows_used == 0


def test_a_blank_organisation_with_a_figure_is_an_error(tmp_path: Path) -> None:
    read = read_rows(tmp_path, "RCX,2025-04,1,2,", " ,2025-04,3,4,", ",2025-04,,*,")
    assert [finding.row for finding in read.findings.of("key_missing")] == [3, 4]
    assert read.findings.of("key_missing")[0].column == "Code"
    assert list(read.figures) == [("RCX", "waits", "2025-04")]


def test_a_blank_organisation_without_a_figure_is_a_remark(tmp_path: Path) -> None:
    read = read_rows(tmp_path, "RCX,2025-04,1,2,", ",Note: x,,,", ",,,,", ", , , ,y")
    assert read.left_out == {"no_organisation": 3}
    assert not read.findings


def test_a_blank_organisation_stands_in_the_account_whatever_metric_it_is_for(
    tmp_path: Path,
) -> None:
    read = kinds(tmp_path, "RCX,2025-04,x,2,1,", ",2025-04,z,5,1,1", ",2025-04,,5,,")
    assert account_holds(read.report)
    assert read.report.rows_in == 3


def test_a_period_that_cannot_be_read_is_said_once_for_all_its_rows(tmp_path: Path) -> None:
    read = read_rows(
        tmp_path,
        "RCX,soon,1,2,",
        "RGT,2025-04,1,2,",
        "RGT,soon,1,2,",
        "RBV,2025-13,1,2,",
        "RBV,,1,2,",
    )
    found = read.findings.of("period_unreadable")
    assert [(f.row, f.column, f.value) for f in found] == [
        (2, "Month", "soon"),
        (5, "Month", "2025-13"),
        (6, "Month", ""),
    ]
    assert found[0].message.endswith("2 rows have it")
    assert read.left_out == {"key_unreadable": 4}


def test_organisations_that_are_expected_and_missing_are_listed(tmp_path: Path) -> None:
    spec = SPEC.replace("column: Code}", "column: Code, expected_of: [Ambulance trust]}", 1)
    read = read_rows(tmp_path, "RRU,2025-04,1,2,", "RX6,soon,1,2,", spec=spec)
    missing = read.report.organisations_missing
    assert "RRU" not in missing
    assert {"RX6", "RX7"} <= set(missing)
    assert "RCX" not in missing, "no ambulance trust"


def test_organisations_of_five_characters_are_read(tmp_path: Path) -> None:
    assert read_rows(tmp_path, "G6V2S,2025-04,1,2,").counts("G6V2S") == (1, 2, "reported")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Code,Month,Seen,All,seen", "duplicate_column"),
        ("Code,Month,Seen,All, ALL ", "duplicate_column"),
        ("Code,Month,Seen,All,code", "duplicate_column"),
    ],
)
def test_columns_that_cannot_be_told_apart_refuse_the_file(
    tmp_path: Path, header: str, code: str
) -> None:
    read = read_file(tmp_path, f"{header}\nRCX,2025-04,1,2,3\n")
    assert read.findings.errors() == [code]
    assert (read.report.rows_in, read.left_out) == (1, {"layout_unknown": 1})


def test_a_needed_column_that_recognition_does_not_name_may_be_missing(tmp_path: Path) -> None:
    spec = SPEC.replace("[Code, Month, Seen, All]", "[Code, All]")
    read = read_file(tmp_path, "Code,Mnth,All\nRCX,2025-04,1\nRGT,2025-04,1\n", spec)
    assert read.findings.errors() == ["column_missing", "column_missing"]
    missing = read.findings.of("column_missing")
    assert {finding.expected for finding in missing} == {"Month", "Seen"}
    assert read.left_out == {"layout_unknown": 2}


# The account


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["RCX", "RGT", "Q99", "ZZZ", "TOTAL", "-", "", " ", "Note"]),
            st.sampled_from(["2025-04", "2025-05", "01/04/2025", "soon", ""]),
            st.sampled_from(["x", "y", "z", "Board", "Closed", "", "other"]),
            *[st.sampled_from(["1", "5", "", "*", "N/A", "?", "-3", '"1,000"'])] * 3,
        ).map(",".join)
        | st.sampled_from(["", "a remark", "RCX,2025-04", ",,,,,", "RCX,2025-04,x,1,1,1,1"]),
        max_size=15,
    )
)
@many(40)
def test_every_row_is_used_or_left_out_for_one_reason(rows: list[str]) -> None:
    content = KINDS_HEADER + "\n".join(rows)
    with tempfile.TemporaryDirectory() as folder:
        read = read_file(Path(folder), content, KINDS)
    assert account_holds(read.report)
    blank_ends = len(rows) - len("\n".join(rows).rstrip("\n").split("\n")) if any(rows) else 0
    assert read.report.rows_in in range(len(rows) - blank_ends - 1, len(rows) + 1)
    assert all(count > 0 for count in read.left_out.values())
    used = {(row["org_code"], row["period"]) for row in read.rows}
    assert all(org not in ("", "TOTAL") for org, _ in used)


def test_a_value_stands_whatever_its_weight(tmp_path: Path) -> None:
    read = values(tmp_path, "RCX,2025-04,480,*", "RGT,2025-04,470,", "RA2,2025-04,,5")
    assert read.figures == {
        ("RCX", "wait", "2025-04"): (480, None, None, "reported"),
        ("RGT", "wait", "2025-04"): (470, None, None, "reported"),
        ("RA2", "wait", "2025-04"): (None, None, 5, "not_submitted"),
    }


def test_a_second_row_is_an_error_where_there_is_one_for_each_organisation(tmp_path: Path) -> None:
    rows = ("RCX,2025-04,1,2,", "RCX,2025-05,1,2,", "RCX,2025-04,1,2,")
    once = SPEC.replace("{column: Code}", "{column: Code, rows: one}")
    assert read_rows(tmp_path / "several", *rows).findings.errors() == []
    (finding,) = read_rows(tmp_path / "one", *rows, spec=once).findings.of("repeated_observation")
    assert (finding.severity, finding.row) == ("error", 2)


def test_a_part_is_no_larger_than_its_whole(tmp_path: Path) -> None:
    read = read_rows(tmp_path / "percent", "RCX,2025-04,5,2,", "RCX,2025-04,0,2,")
    (finding,) = read.findings.of("numerator_above_denominator")
    assert (finding.row, finding.value, finding.expected) == (2, "5", "at most 4")
    rate = SPEC.replace("unit: percent", "unit: per bed")
    assert read_rows(tmp_path / "rate", "RCX,2025-04,5,2,", spec=rate).findings.errors() == []


def test_many_periods_that_are_none_are_found_quickly_and_once_each(tmp_path: Path) -> None:
    rows = [f"RCX,no {number % 300},1,2," for number in range(900)]
    read = read_rows(tmp_path, *rows)
    wrong = read.findings.of("period_unreadable")
    assert (wrong[0].row, "3 rows have it" in wrong[0].message) == (2, True)
    assert read.left_out == {"key_unreadable": 900}


def test_a_revised_file_that_lacks_figures_is_a_warning(tmp_path: Path) -> None:
    first = f"{HEADER}RCX,2025-04,1,2,\nRGT,2025-04,1,2,\n"
    files = {"april.csv": first, "april-revised.csv": f"{HEADER}RCX,2025-04,2,2,\n"}
    read = read_files(tmp_path, files)
    (finding,) = read.findings.of("edition_replaced")
    assert (finding.severity, finding.file) == ("warning", "april.csv")
    assert "lacks 1 of its figures, such as RGT waits" in finding.message


def test_a_copy_lacks_no_organisation(tmp_path: Path) -> None:
    spec = SPEC.replace("{column: Code}", "{column: Code, expected_of: [Ambulance trust]}")
    content = f"{HEADER}RX8,2025-04,1,2,\n"
    read = read_files(tmp_path, {"a.csv": content, "b.csv": content}, spec)
    first, copy = (len(report.organisations_missing) for report in read.dataset.files)
    assert (first, copy) == (9, 0)
