"""Which source spec a file or a sheet is read by."""

from __future__ import annotations

import pytest

from nhs_league.sources.publications.matching import MOST_HEAD_ROWS, Head
from nhs_league.sources.specs.catalogue import parse_source
from nhs_league.sources.specs.model import Publication


def publication(id_: str, *columns: str, sheet: str = "", preamble: int = 20) -> Publication:
    sheet_line = f", sheet: {sheet}" if sheet else ""
    text = (
        f"layout: publication\nid: {id_}\ntitle: T\n"
        f"recognise: {{columns: [{', '.join(columns)}]{sheet_line}, preamble_rows: {preamble}}}\n"
        "organisation: {column: Code}\nperiod: {year: Y, month: M}\n"
        "metrics: {m: {title: M, unit: u, value: V}}\n"
    )
    source = parse_source(text.encode(), "a.source.yaml").source
    assert isinstance(source, Publication)
    return source


def head(*rows: str, sheet: str | None = None) -> Head:
    return Head("a.csv", [(row.split(","), at) for at, row in enumerate(rows, 1)], sheet)


AE = publication("ae", "Code", "Attendances", "Over 4 hours")
RTT = publication("rtt", "Code", "Part", "Total All")


def test_headers_match_whatever_their_order_capitals_and_spaces() -> None:
    (match,) = head("x, over  4 HOURS ,CODE,attendances,").matches([RTT, AE])
    assert match.source is AE
    assert (match.header.file, match.header.row, match.lines) == ("a.csv", 1, 1)
    assert match.header.headers == ("x", " over  4 HOURS ", "CODE", "attendances", "")


def test_a_file_without_the_headers_matches_nothing() -> None:
    assert head("Code,Attendances").matches([AE, RTT]) == []
    assert head().matches([AE]) == []


def test_two_specs_that_fit_are_both_given() -> None:
    wider = publication("wide", "Code", "Attendances")
    found = head("Code,Attendances,Over 4 hours").matches([AE, wider, RTT])
    assert [match.source.id for match in found] == ["ae", "wide"]


def test_the_header_may_follow_a_preamble() -> None:
    (match,) = head("Title", "", "Code,Attendances", "Code,Attendances,Over 4 hours").matches([AE])
    assert (match.header.row, match.lines) == (4, 4)


def test_the_first_row_with_the_headers_is_the_header() -> None:
    row = "Code,Attendances,Over 4 hours"
    (match,) = head("x", row, row).matches([AE])
    assert match.header.row == 2


@pytest.mark.parametrize(("longest", "is_found"), [(3, True), (2, False), (0, False)])
def test_the_preamble_is_no_longer_than_the_spec_allows(longest: int, is_found: bool) -> None:
    source = publication("p", "Code", preamble=longest)
    assert bool(head("a", "b", "c", "Code").matches([source])) is is_found


def test_the_longest_preamble_of_any_spec_is_within_the_head() -> None:
    source = publication("p", "Code", preamble=40)
    rows = ["x"] * (MOST_HEAD_ROWS - 1)
    assert len(head(*rows, "Code").matches([source])) == 1
    assert head(*rows, "x", "Code").matches([source]) == []


def test_a_spec_of_a_sheet_takes_that_sheet_alone() -> None:
    source = publication("p", "Code", sheet="Provider Extract")
    assert head("Code", sheet=" provider  extract ").matches([source])
    assert head("Code", sheet="Notes").matches([source]) == []
    assert head("Code").matches([source]) == []


def nearest(found: Head, *sources: Publication) -> tuple[str, tuple[str, ...]] | None:
    near = found.nearest(sources)
    return None if near is None else (near.source.id, tuple(near.lacking))


def test_the_nearest_spec_is_the_one_with_the_largest_share_of_its_headers() -> None:
    assert nearest(head("Code,Attendances,x"), RTT, AE) == ("ae", ("Over 4 hours",))
    assert nearest(head("notes", "Code,Part"), AE, RTT) == ("rtt", ("Total All",))


def test_the_nearest_spec_is_told_with_the_row_that_is_like_its_header() -> None:
    near = head("notes", "Code,Part").nearest([AE, RTT])
    assert near is not None
    assert (near.header.file, near.header.row) == ("a.csv", 2)


def test_none_is_near_with_less_than_half_of_the_headers() -> None:
    assert nearest(head("Code,x"), AE, RTT) is None
    half = publication("half", "Code", "Other")
    assert nearest(head("Code,x"), AE, half) == ("half", ("Other",))


def test_of_two_as_near_the_first_is_named() -> None:
    other = publication("other", "Code", "Attendances", "Minutes")
    assert nearest(head("Code,Attendances"), AE, other) == ("ae", ("Over 4 hours",))
