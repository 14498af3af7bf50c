"""Text cells become observations, and everything wrong with them a finding with its place."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league.findings import MAX_OF_A_KIND
from nhs_league.observations import OBSERVATION_SCHEMA, STATUSES
from nhs_league.sources.check_cells import observations_from_cells, repeated_observations
from nhs_league.sources.layout import CELL_SCHEMA
from tests.unit.sources.support import Place, cells_frame, cells_of, checked, found

COUNTS = "org_code,period,numerator,denominator\n"
VALUES = "org_code,period,value\n"


def statuses(content: str) -> list[object]:
    return [row["status"] for row in checked(content)[0]]


def test_a_row_becomes_an_observation_with_its_source() -> None:
    rows, findings = checked(
        "org_code,metric_id,quarter,value,numerator,denominator,units,rank_in_type\n"
        " RAA , waits ,Q1 2025/26,52.5,1.5,3,%,7\n"
    )
    assert rows == [
        {
            "org_code": "RAA",
            "metric_id": "waits",
            "period": "2025Q2",
            "first_month": 12 * 2025 + 3,
            "last_month": 12 * 2025 + 5,
            "value": 52.5,
            "numerator": 1.5,
            "denominator": 3.0,
            "status": "reported",
            "unit": "%",
            "published_rank": 7.0,
            "source_file": "a.csv",
            "source_row": 2,
        }
    ]
    assert findings == []


def test_the_frame_keeps_its_contract_with_and_without_rows() -> None:
    for content in (VALUES + "RAA,2025Q2,1\n", VALUES):
        cells = cells_of(content)
        frame, _ = observations_from_cells(cells_frame(cells), {})
        assert frame.schema == pl.Schema(OBSERVATION_SCHEMA)
    nothing, findings = observations_from_cells(pl.DataFrame(schema=CELL_SCHEMA), {})
    assert (len(nothing), nothing.schema, findings) == (0, pl.Schema(OBSERVATION_SCHEMA), [])


@pytest.mark.parametrize(
    ("text", "period", "months"),
    [
        ("2025-04", "2025-04", 1),
        ("2025Q2", "2025Q2", 3),
        ("Q1 2025/26", "2025Q2", 3),
        ("2025Q2 to 2026Q1", "2025Q2 to 2026Q1", 12),
    ],
)
def test_periods_are_written_one_way(text: str, period: str, months: int) -> None:
    (row,), findings = checked(f"{VALUES}RAA,{text},1\n")
    first, last = row["first_month"], row["last_month"]
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert (row["period"], last - first + 1, findings) == (period, months, [])


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ("RAA,2025-04,1,2", "reported"),
        ("RAA,2025-04,0,2", "reported"),
        ("RAA,2025-04,0,0", "reported"),
        ("RAA,2025-04,,2", "not_submitted"),
        ("RAA,2025-04,,", "not_submitted"),
        ("RAA,2025-04,*,2", "suppressed"),
        ("RAA,2025-04,*,*", "suppressed"),
        ("RAA,2025-04,,[c]", "suppressed"),
        ("RAA,2025-04,-,2", "not_submitted"),
        ("RAA,2025-04,[x],[x]", "not_submitted"),
        ("RAA,2025-04,N/A,", "not_applicable"),
        ("RAA,2025-04,*,[z]", "suppressed"),
    ],
)
def test_without_a_stated_status_the_cells_decide_it(row: str, status: str) -> None:
    (observation,), findings = checked(f"{COUNTS}{row}\n")
    assert (observation["status"], findings.errors()) == (status, [])


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("spelling", [str.lower, str.upper, "  {} ".format])
def test_a_stated_status_is_kept(status: str, spelling: object) -> None:
    assert callable(spelling)
    figure = "1" if status == "reported" else ""
    content = f"org_code,period,value,status\nRAA,2025Q2,{figure},{spelling(status)}\n"
    (row,), findings = checked(content)
    assert (row["status"], findings) == (status, [])


def test_a_blank_status_is_as_none_stated() -> None:
    content = "org_code,period,value,status\nRAA,2025Q2,1,\nRBB,2025Q2,, \nRCC,2025Q2,*,\n"
    assert statuses(content) == ["reported", "not_submitted", "suppressed"]


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "reported"])
def test_a_denominator_may_stand_beside_a_numerator_that_was_not_reported(status: str) -> None:
    content = f"org_code,period,numerator,denominator,status\nRAA,2025-04,,240,{status}\n"
    (row,), findings = checked(content)
    assert (row["numerator"], row["denominator"], row["status"]) == (None, 240.0, status)
    assert findings == []


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (f"{VALUES}RAA,2025Q2,twelve\n", "not_a_number", ("a.csv", 2, "value", "twelve")),
        (f"{VALUES}RAA,2025Q2,[low]\n", "not_a_number", ("a.csv", 2, "value", "[low]")),
        (f"{VALUES}RAA,2025Q2,NaN\n", "not_a_number", ("a.csv", 2, "value", "NaN")),
        (f"{COUNTS}RAA,2025-04,1,inf\n", "not_a_number", ("a.csv", 2, "denominator", "inf")),
        (
            "org_code,quarter,Score,rank_in_type\nRAA,2025Q2,1,first\n",
            "not_a_number",
            ("a.csv", 2, "rank_in_type", "first"),
        ),
        ("org_code,quarter,Score\nRAA,2025Q2,x\n", "not_a_number", ("a.csv", 2, "Score", "x")),
        (f"{VALUES},2025Q2,1\n", "key_missing", ("a.csv", 2, "org_code", "")),
        (f"{VALUES}  ,2025Q2,1\n", "key_missing", ("a.csv", 2, "org_code", "")),
        (
            "org_code,metric_id,period,value\nRAA,,2025Q2,1\n",
            "key_missing",
            ("a.csv", 2, "metric_id", ""),
        ),
        (f"{VALUES}RAA,,1\n", "key_missing", ("a.csv", 2, "period", "")),
        (f"{VALUES}RAA,2025-13,1\n", "period_unreadable", ("a.csv", 2, "period", "2025-13")),
        (f"{VALUES}RAA,Q1 2025,1\n", "period_unreadable", ("a.csv", 2, "period", "Q1 2025")),
        (
            "org_code,Quarter,value\nRAA,spring,1\n",
            "period_unreadable",
            ("a.csv", 2, "Quarter", "spring"),
        ),
        (
            "org_code,period,value,status\nRAA,2025Q2,,late\n",
            "status_unknown",
            ("a.csv", 2, "status", "late"),
        ),
        (
            "org_code,period,value,status\nRAA,2025Q2,,reported\n",
            "figure_missing",
            ("a.csv", 2, "status", "reported"),
        ),
        (
            "org_code,period,value,Status\nRAA,2025Q2,*,Reported\n",
            "figure_missing",
            ("a.csv", 2, "Status", "Reported"),
        ),
        (
            "org_code,period,value,status\nRAA,2025Q2,1,suppressed\n",
            "figure_not_expected",
            ("a.csv", 2, "status", "suppressed"),
        ),
        (
            "org_code,period,numerator,denominator,status\nRAA,2025-04,0,1,not_submitted\n",
            "figure_not_expected",
            ("a.csv", 2, "status", "not_submitted"),
        ),
        (f"{COUNTS}RAA,2025-04,-1,2\n", "negative_count", ("a.csv", 2, "numerator", "-1")),
        (
            "org_code,period,incidents,mean_seconds\nRAA,2025-04,-4,2\n",
            "negative_count",
            ("a.csv", 2, "incidents", "-4"),
        ),
        (f"{COUNTS}RAA,2025-04,1,\n", "denominator_missing", ("a.csv", 2, "denominator", "")),
        (f"{COUNTS}RAA,2025-04,1,*\n", "denominator_missing", ("a.csv", 2, "denominator", "*")),
        (
            "org_code,period,value,published_rank\nRAA,2025Q2,1,0\n",
            "rank_impossible",
            ("a.csv", 2, "published_rank", "0"),
        ),
        (f"{COUNTS}RAA,2025-04,75%,100\n", "percent_sign", ("a.csv", 2, "numerator", "75%")),
        (f"{COUNTS}RAA,2025-04,75,100%\n", "percent_sign", ("a.csv", 2, "denominator", "100%")),
    ],
)
def test_an_error_names_file_row_column_and_value(content: str, code: str, place: Place) -> None:
    _, findings = checked(content)
    assert findings.errors() == [code]
    assert findings.places(code) == [place]


@pytest.mark.parametrize(
    ("stated", "value", "numerator", "denominator", "places"),
    [
        ("suppressed", "-", "", "", [("value", "-")]),
        ("not_submitted", "*", "", "", [("value", "*")]),
        ("Not_Applicable", "[c]", "", "", [("value", "[c]")]),
        ("suppressed", "", "[x]", "", [("numerator", "[x]")]),
        ("not_submitted", "", "", "N/A", [("denominator", "N/A")]),
        ("suppressed", "*", "-", "..", [("numerator", "-"), ("denominator", "..")]),
    ],
)
def test_a_mark_for_another_reason_than_the_stated_status_is_an_error(
    stated: str, value: str, numerator: str, denominator: str, places: list[tuple[str, str]]
) -> None:
    _, findings = checked(
        "org_code,period,value,numerator,denominator,status\n"
        f"RAA,2025-04,{value},{numerator},{denominator},{stated}\n"
    )
    assert findings.errors() == ["mark_contradicts_status"] * len(places)
    assert findings.places("mark_contradicts_status") == [
        ("a.csv", 2, column, cell) for column, cell in places
    ]


@pytest.mark.parametrize(
    ("stated", "mark"),
    [("suppressed", "*"), ("SUPPRESSED", "[c]"), ("not_submitted", "-"), ("not_applicable", "z")],
)
def test_a_mark_that_repeats_the_stated_status_is_no_contradiction(stated: str, mark: str) -> None:
    content = f"{COUNTS.strip()},status\nRAA,2025-04,{mark},{mark},{stated}\n"
    (row,), findings = checked(content)
    assert (row["status"], findings.errors()) == (stated.lower(), [])


@pytest.mark.parametrize("stated", ["", "reported"])
def test_counts_may_be_suppressed_beside_a_reported_value(stated: str) -> None:
    (row,), findings = checked(
        f"org_code,period,value,numerator,denominator,status\nRAA,2025-04,52.5,*,*,{stated}\n"
    )
    assert (row["value"], row["numerator"], row["status"]) == (52.5, None, "reported")
    assert findings.codes() == [("note", "suppressed_mark")] * 2


def test_an_unknown_status_is_one_error_whatever_mark_stands_beside_it() -> None:
    _, findings = checked("org_code,period,value,status\nRAA,2025Q2,*,late\n")
    assert findings.errors() == ["status_unknown"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("26,064", "thousands_separator"),
        ("75.90%", "percent_sign"),
        ("*", "suppressed_mark"),
        ("[x]", "not_submitted_mark"),
        ("N/A", "not_applicable_mark"),
    ],
)
def test_what_is_read_with_a_liberty_is_noted_with_its_place(cell: str, code: str) -> None:
    _, findings = checked(f'{VALUES}RBB,2025Q2,1\nRAA,2025Q2,"{cell}"\n')
    assert findings.codes() == [("note", code)]
    assert findings.places(code) == [("a.csv", 3, "value", cell)]


def test_a_wide_table_s_cell_is_placed_in_the_metric_s_column() -> None:
    cells = cells_of("org_code,period,Waits\nRAA,2025Q2,x\n", "wide.csv")
    _, findings = observations_from_cells(cells_frame(cells), {})
    assert found(findings).places("not_a_number") == [("wide.csv", 2, "Waits", "x")]


def test_a_cell_that_a_row_s_figures_share_is_faulted_once() -> None:
    _, findings = checked("org_code,period,m,n\n,2025Q2,1,2\nRAA,soon,1,2\n", "wide.csv")
    assert findings.places("key_missing") == [("wide.csv", 2, "org_code", "")]
    assert findings.places("period_unreadable") == [("wide.csv", 3, "period", "soon")]


def test_two_rows_that_share_several_figures_are_one_repeat() -> None:
    _, findings = checked("org_code,period,m,n\nRAA,2025Q2,1,2\nRAA,2025Q2,1,2\n", "wide.csv")
    (finding,) = findings
    assert (finding.code, finding.row) == ("repeated_observation", 3)
    assert finding.message == "RAA, m and 1 more, 2025Q2 stands a second time: first in row 2"


def test_repeats_of_organisations_to_leave_are_left() -> None:
    cells = cells_of(f"{VALUES}RAA,2025Q2,1\nRAA,2025Q2,1\nRBB,2025Q2,1\nRBB,2025Q2,1\n")
    frame, _ = observations_from_cells(cells_frame(cells), {})
    assert [f.row for f in repeated_observations(frame, leave=["RAA"])] == [5]


def test_the_expected_is_said_in_words() -> None:
    _, findings = checked(
        "org_code,period,numerator,denominator,status,published_rank\n"
        "RAA,2025Q5,x,-1,late,0\nRBB,2025-04,1,,,\n"
    )
    expected = {finding.code: finding.expected for finding in findings}
    assert expected == {
        "not_a_number": "a number, or a mark such as * or [x] for none",
        "period_unreadable": None,
        "status_unknown": "reported, suppressed, not_submitted, not_applicable",
        "negative_count": "a count of 0 or more",
        "denominator_missing": "a number",
        "rank_impossible": "1 or more",
    }
    assert "expected a month (2025-04)" in findings.of("period_unreadable")[0].message


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    _, findings = checked(
        "org_code,metric_id,period,value,numerator,denominator,status,published_rank\n"
        ",waits,2025Q2,1,,,,\n"
        "RAA,,2025Q2,x,,,,\n"
        "RAA,waits,soon,1,-2,-3,,0\n"
        "RAA,waits,2025Q2,1,5%,,,-1\n"
        "RBB,waits,2025Q2,,,,reported,\n"
        "RCC,waits,2025Q2,2,,,suppressed,\n"
        "RDD,waits,2025Q2,2,,,?,\n"
        "RAA,waits,2025-04 to 2025-06,3,,,,\n"
    )
    assert sorted(findings.errors()) == sorted(
        [
            *("key_missing", "key_missing"),
            "not_a_number",
            "period_unreadable",
            *("negative_count", "negative_count"),
            *("rank_impossible", "rank_impossible"),
            "percent_sign",
            "denominator_missing",
            "figure_missing",
            "figure_not_expected",
            # A status that is none of the four is not "reported" either.
            *("status_unknown", "figure_not_expected"),
            "repeated_observation",
        ]
    )


def test_a_repeated_observation_names_the_row_of_the_first() -> None:
    _, findings = checked(
        f"{VALUES}RAA,2025Q2,1\nRBB,2025Q2,1\nRAA,Q1 2025/26,2\nRAA,2025-04 to 2025-06,3\n"
    )
    assert [(f.severity, f.file, f.row, f.message) for f in findings] == [
        ("error", "a.csv", 4, "RAA, a, 2025Q2 stands a second time: first in row 2"),
        ("error", "a.csv", 5, "RAA, a, 2025Q2 stands a second time: first in row 2"),
    ]
    assert set(findings.errors()) == {"repeated_observation"}


def test_an_observation_repeated_in_another_file_names_that_file() -> None:
    parts = [
        cells_of("org_code,metric_id,period,value\nRAA,waits,2025Q2,1\n", "a.csv"),
        cells_of("org_code,period,waits\nRBB,2025Q2,1\nRAA,2025Q2,1\n", "b.csv"),
    ]
    frame, errors = observations_from_cells(pl.concat(map(cells_frame, parts)), {})
    assert errors == []
    findings = repeated_observations(frame)
    assert [(f.code, f.file, f.row, f.message) for f in findings] == [
        (
            "repeated_observation",
            "b.csv",
            3,
            "RAA, waits, 2025Q2 stands a second time: first in a.csv row 2",
        )
    ]


def test_the_same_month_and_quarter_are_no_repeat() -> None:
    _, findings = checked(f"{VALUES}RAA,2025Q2,1\nRAA,2025-04,1\nRAA,2025Q2 to 2025Q3,1\n")
    assert findings == []


@pytest.mark.parametrize("periods", [("soon", "later"), ("soon", "soon")])
def test_rows_of_no_readable_period_are_not_taken_for_repeats(periods: tuple[str, str]) -> None:
    first, second = periods
    _, findings = checked(f"{VALUES}RAA,{first},1\nRAA,{second},2\n")
    assert findings.errors() == ["period_unreadable"] * 2


@pytest.mark.parametrize("count", [MAX_OF_A_KIND, MAX_OF_A_KIND + 1, 1500])
def test_findings_of_a_kind_are_listed_up_to_an_announced_cap(count: int) -> None:
    content = VALUES + "".join(f"R{index},2025Q2,x\n" for index in range(count))
    _, findings = checked(content)
    listed = findings.of("not_a_number")
    assert [f.row for f in listed] == list(range(2, 2 + min(count, MAX_OF_A_KIND)))
    more = count - MAX_OF_A_KIND
    assert [(f.severity, f.message) for f in findings.of("findings_capped")] == (
        [("note", f"{more:,} more findings of the kind not_a_number are not listed")]
        if more
        else []
    )


def test_repeats_have_an_announced_cap_too() -> None:
    _, findings = checked(VALUES + "RAA,2025Q2,1\n" * 300)
    assert len(findings.of("repeated_observation")) == MAX_OF_A_KIND
    assert [f.message for f in findings.of("findings_capped")] == [
        "99 more findings of the kind repeated_observation are not listed"
    ]


def test_periods_that_differ_have_one_cap_together() -> None:
    _, findings = checked(VALUES + "".join(f"RAA,soon {index},1\n" for index in range(300)))
    assert len(findings.of("period_unreadable")) == MAX_OF_A_KIND
    assert [f.message for f in findings.of("findings_capped")] == [
        "100 more findings of the kind period_unreadable are not listed"
    ]


def test_the_cap_is_200() -> None:
    assert MAX_OF_A_KIND == 200


@pytest.mark.parametrize(
    ("first", "last"), [("2025Q1", "9999-12"), ("0000-01", "0000-03"), ("0001Q1", "2025Q2")]
)
def test_a_far_away_year_is_refused_with_a_finding(first: str, last: str) -> None:
    _, findings = checked(f"org_code,in_force_from,in_force_to,value\nRAA,{first},{last},1\n")
    assert findings.errors() == ["period_unreadable"]
