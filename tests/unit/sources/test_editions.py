"""Editions: what stands in two files is kept once where they agree, and faulted where not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from nhs_league.observations import OBSERVATION_SCHEMA, Observation, observations_frame
from nhs_league.sources.editions import first_figures, has_repeats, settle_editions
from nhs_league.sources.layout import Headers
from tests.unit.sources.support import Findings, found

HEADERS: Headers = {
    name: {"value": "Value", "published_rank": "Rank", "value@median": "Median_value"}
    for name in ("a.csv", "b.csv", "c.csv")
}


def row(file: str, number: int, value: float | None = 1.0, **more: Any) -> Observation:
    stated = {"org_code": "RAA", "metric_id": "OF0003", "period": "2025Q2", **more}
    return Observation(value=value, source_file=file, source_row=number, **stated)


def settled(
    *rows: Observation, published: tuple[str, ...] = ("a.csv", "b.csv"), **how: Any
) -> tuple[list[tuple[str, int]], list[tuple[str, int]], Findings]:
    """Give the places of the observations that are kept and taken out, and the findings."""
    frame = observations_frame(rows)
    kept, out, findings = settle_editions(frame, published, HEADERS, **how)
    assert kept.schema == out.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert (
        pl.concat([kept, out])
        .sort("source_file", "source_row")
        .equals(frame.sort("source_file", "source_row"))
    )
    places = (each.select("source_file", "source_row").rows() for each in (kept, out))
    return *places, found(findings)  # type: ignore[return-value]


def test_different_figures_are_all_kept() -> None:
    rows = [
        row("a.csv", 2),
        row("b.csv", 2, org_code="RBB"),
        row("b.csv", 3, metric_id="OF0005"),
        row("b.csv", 4, period="2025Q3"),
    ]
    kept, out, findings = settled(*rows)
    assert (len(kept), out, findings) == (4, [], [])
    assert not has_repeats(observations_frame(rows))


def test_second_figures_are_parted_from_the_first_but_for_those_of_no_known_period() -> None:
    frame = observations_frame(
        [
            row("a.csv", 2),
            row("a.csv", 3, org_code="RBB"),
            row("a.csv", 4),
            row("a.csv", 5, period="2025Q3"),
            row("b.csv", 2, value=2.0),
            row("b.csv", 3, period="2025Q3"),
        ]
    )
    firsts, others = first_figures(frame)
    assert firsts["source_row"].to_list() == [2, 3, 5]
    assert others.select("source_file", "source_row").rows() == [
        ("a.csv", 4),
        ("b.csv", 2),
        ("b.csv", 3),
    ]
    no_period = frame.with_columns(pl.lit(None, pl.String).alias("period"))
    assert first_figures(no_period)[0].equals(no_period)


def test_the_first_of_two_that_agree_is_kept_with_a_note_of_how_many() -> None:
    kept, out, findings = settled(
        row("a.csv", 2),
        row("a.csv", 3, org_code="RBB"),
        row("b.csv", 7, org_code="RBB"),
        row("b.csv", 5),
    )
    assert (kept, out) == ([("a.csv", 2), ("a.csv", 3)], [("b.csv", 7), ("b.csv", 5)])
    (note,) = findings
    assert (note.severity, note.code, note.file, note.row) == (
        "note",
        "repeated_edition",
        "b.csv",
        5,
    )
    assert note.message == "2 figures stand in a.csv too, and agree"


def test_one_figure_and_many_are_said_in_words() -> None:
    _, _, findings = settled(row("a.csv", 2), row("b.csv", 2))
    assert findings[0].message == "1 figure stands in a.csv too, and agree"
    many = [row(file, n, org_code=f"R{n}") for file in ("a.csv", "b.csv") for n in range(2, 1202)]
    assert settled(*many)[2][0].message == "1,200 figures stand in a.csv too, and agree"


def test_two_that_disagree_are_an_error_with_both_places() -> None:
    kept, out, findings = settled(row("a.csv", 2, 31.25), row("b.csv", 9, 30.0))
    assert (kept, out) == ([("a.csv", 2)], [("b.csv", 9)])
    (error,) = findings
    assert (error.severity, error.code) == ("error", "editions_disagree")
    assert (error.file, error.row, error.column) == ("b.csv", 9, "Value")
    assert (error.value, error.expected) == ("30", "31.25")
    assert error.message == "RAA, OF0003, 2025Q2 differs from a.csv row 2"


@pytest.mark.parametrize(
    ("first", "second", "value", "expected", "column"),
    [
        ({"published_rank": 3}, {"published_rank": 4}, "1, rank 4", "1, rank 3", "Rank"),
        ({}, {"value": 2.0, "published_rank": 4}, "2, rank 4", "1", "Value"),
        ({}, {"value": None, "status": "suppressed"}, "suppressed", "1", "Value"),
        (
            {"value": None, "status": "not_submitted"},
            {"value": None, "status": "suppressed"},
            "suppressed",
            "not submitted",
            "Value",
        ),
        (
            {"value": None, "numerator": 1, "denominator": 2},
            {"value": None, "numerator": 1, "denominator": 4},
            "1 of 4",
            "1 of 2",
            "denominator",
        ),
        (
            {"metric_id": "median:OF0003"},
            {"metric_id": "median:OF0003", "value": 2.0},
            "2",
            "1",
            "Median_value",
        ),
    ],
)
def test_what_they_disagree_in_is_said(
    first: dict[str, Any], second: dict[str, Any], value: str, expected: str, column: str
) -> None:
    (error,) = settled(row("a.csv", 2, **first), row("b.csv", 2, **second))[2]
    assert error.code == "editions_disagree"
    assert (error.value, error.expected, error.column) == (value, expected, column)


@pytest.mark.parametrize("ranks", [(None, 3), (3, None), (3, 3), (None, None)])
def test_a_rank_that_only_one_states_is_no_disagreement(
    ranks: tuple[float | None, float | None],
) -> None:
    first, second = ranks
    _, out, findings = settled(
        row("a.csv", 2, published_rank=first), row("b.csv", 2, published_rank=second)
    )
    assert ([f.code for f in findings], len(out)) == (["repeated_edition"], 1)


def test_rows_that_disagree_in_several_figures_are_one_finding() -> None:
    ids = ("OF0003", "median:OF0003", "lower_quartile:OF0003")
    rows = [
        row(file, number, value, metric_id=id_)
        for file, value, numbers in (("a.csv", 1.0, (2, 2, 2)), ("b.csv", 2.0, (5, 5, 5)))
        for id_, number in zip(ids, numbers, strict=True)
    ]
    (error,) = settled(*rows)[2]
    assert error.message == "RAA, OF0003 and 2 more, 2025Q2 differs from a.csv row 2"


def test_agreements_and_disagreements_of_one_file_are_both_said() -> None:
    rows = [
        row("a.csv", 2),
        row("a.csv", 3, org_code="RBB"),
        row("b.csv", 2),
        row("b.csv", 3, 9.0, org_code="RBB"),
    ]
    kept, out, findings = settled(*rows)
    assert findings.codes() == [("note", "repeated_edition"), ("error", "editions_disagree")]
    assert (kept, out) == ([("a.csv", 2), ("a.csv", 3)], [("b.csv", 2), ("b.csv", 3)])


def test_each_file_is_compared_with_the_first() -> None:
    rows = [row("a.csv", 2), row("b.csv", 2), row("c.csv", 2, 3.0)]
    kept, out, findings = settled(*rows, published=("a.csv", "b.csv", "c.csv"))
    assert (kept, out) == ([("a.csv", 2)], [("b.csv", 2), ("c.csv", 2)])
    assert [(f.code, f.file) for f in findings] == [
        ("repeated_edition", "b.csv"),
        ("editions_disagree", "c.csv"),
    ]


@pytest.mark.parametrize("published", [(), ("c.csv",)])
def test_two_files_that_are_no_publisher_s_own_are_left_as_they_are(
    published: tuple[str, ...],
) -> None:
    kept, out, findings = settled(row("a.csv", 2), row("b.csv", 2), published=published)
    assert (len(kept), out, findings) == (2, [], [])


@pytest.mark.parametrize("published", ["a.csv", "b.csv"])
def test_a_published_file_and_another_are_settled_whichever_comes_first(published: str) -> None:
    kept, out, _ = settled(row("a.csv", 2), row("b.csv", 2), published=(published,))
    assert (kept, out) == ([("a.csv", 2)], [("b.csv", 2)])


def test_what_stands_twice_in_one_file_is_left_as_it_is() -> None:
    kept, out, findings = settled(row("a.csv", 2), row("a.csv", 3), row("b.csv", 2))
    assert (kept, out) == ([("a.csv", 2), ("a.csv", 3)], [("b.csv", 2)])
    assert findings.codes() == [("note", "repeated_edition")]


def test_organisations_to_leave_are_left_as_they_are() -> None:
    rows = [
        row(file, number, value, org_code=code)
        for file, value in (("a.csv", 1.0), ("b.csv", 2.0))
        for number, code in enumerate(("RAA", "RBB"), start=2)
    ]
    kept, out, findings = settled(*rows, leave=["RAA"])
    assert sorted(kept) == [("a.csv", 2), ("a.csv", 3), ("b.csv", 2)]
    assert out == [("b.csv", 3)]
    assert [finding.row for finding in findings] == [3]


def test_figures_of_no_readable_period_are_left_as_they_are() -> None:
    frame = observations_frame([row("a.csv", 2), row("b.csv", 2)])
    frame = frame.with_columns(pl.lit(None, pl.String).alias("period"))
    kept, out, findings = settle_editions(frame, ["a.csv", "b.csv"], HEADERS)
    assert (len(kept), len(out), findings) == (2, 0, [])


def test_disagreements_are_listed_up_to_an_announced_cap() -> None:
    rows = [
        row(file, number, value, org_code=f"R{number}")
        for file, value in (("a.csv", 1.0), ("b.csv", 2.0))
        for number in range(2, 302)
    ]
    findings = settled(*rows)[2]
    assert len(findings.of("editions_disagree")) == 200
    assert [f.message for f in findings.of("findings_capped")] == [
        "100 more findings of the kind editions_disagree are not listed"
    ]
