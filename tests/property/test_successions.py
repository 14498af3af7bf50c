"""Whatever closes and whenever: no observation is lost, and following twice is following once."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.observations import OBSERVATION_SCHEMA, Observation, observations_frame
from nhs_league.period import Period
from nhs_league.successions import (
    Succession,
    follow_successors,
    succession_cycles,
    successions_frame,
    successor_at,
)
from tests.property.settings import many

CODES = [f"RA{number}" for number in range(6)]
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
PERIODS = st.sampled_from(
    ["2024-01", "2024-11", "2024Q4", "2025Q1", "2025-05", "2025Q2", "2025Q1 to 2025Q4", "2027-01"]
)


def mergers(codes: list[str]) -> st.SearchStrategy[pl.DataFrame]:
    """Draw successions; each leads further down one order of the codes, so none is a circle."""
    rows = [
        st.none()
        | st.builds(
            Succession,
            org_code=st.just(code),
            successor_code=st.sampled_from(codes[place + 1 :]),
            succeeded_on=DAYS,
        )
        for place, code in enumerate(codes[:-1])
    ]
    drawn = st.tuples(*rows).map(lambda found: [row for row in found if row is not None])
    return drawn.flatmap(st.permutations).map(successions_frame)


successions = st.permutations(CODES).flatmap(mergers)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "org_code": st.sampled_from([*CODES, "RZZ"]),
            "metric_id": st.sampled_from(["waits", "cancer"]),
            "period": PERIODS,
            "value": st.integers(0, 9).map(float),
            "source_file": st.sampled_from(["a.csv", "b.csv"]),
            "source_row": st.integers(2, 9),
        }
    ),
    max_size=12,
)


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return observations_frame(Observation(**row) for row in rows)


@many(150)
@given(rows, successions)
def test_each_observation_goes_to_who_stands_and_none_is_lost(
    rows: list[dict[str, Any]], successions: pl.DataFrame
) -> None:
    frame = frame_of(rows)
    followed, _ = follow_successors(frame, successions)
    assert followed.schema == pl.Schema(OBSERVATION_SCHEMA)
    assert followed.drop("org_code").equals(frame.drop("org_code"))
    expected = []
    for code, first_month in frame.select("org_code", "first_month").iter_rows():
        successor = successor_at(successions, code, first_month)
        expected.append(code if successor is None else successor[0])
    assert followed["org_code"].to_list() == expected


@many(80)
@given(rows, successions)
def test_following_twice_is_following_once(
    rows: list[dict[str, Any]], successions: pl.DataFrame
) -> None:
    followed, _ = follow_successors(frame_of(rows), successions)
    again, findings = follow_successors(followed, successions)
    assert again is followed
    assert findings == []


@many(150)
@given(rows, successions)
def test_findings_are_those_that_a_plain_count_gives(
    rows: list[dict[str, Any]], successions: pl.DataFrame
) -> None:
    frame = frame_of(rows)
    _, findings = follow_successors(frame, successions)
    closed: set[tuple[str, str]] = set()
    together: dict[tuple[str, str], set[str]] = {}
    for row in frame.iter_rows(named=True):
        code, period = row["org_code"], Period(row["first_month"], row["last_month"])
        successor = successor_at(successions, code, period.first_month)
        now = code if successor is None else successor[0]
        if successor is not None:
            closed.add((row["source_file"], code))
        quarter = f"{period.first_month // 12}Q{period.first_month % 12 // 3 + 1}"
        span = quarter if period.last_month - period.first_month < 3 else str(period)
        together.setdefault((now, span), set()).add(code)
    notes = {(f.file, f.value) for f in findings if f.code == "closed_code"}
    errors = [f.message for f in findings if f.code == "two_codes"]
    assert notes == closed
    assert len(notes) + len(errors) == len(findings)
    assert sorted(message.split(" ")[0] for message in errors) == sorted(
        now for (now, _), codes in together.items() if len(codes) > 1
    )


@many(80)
@given(st.dictionaries(st.sampled_from(CODES), st.sampled_from(CODES)))
def test_what_is_left_without_its_circles_has_none(successors: dict[str, str]) -> None:
    circles = succession_cycles(successors)
    for circle in circles:
        following = [successors[code] for code in circle]
        assert following == [*circle[1:], circle[0]]
        assert len(set(circle)) == len(circle)
    kept = {code: successors[code] for code in successors if code not in sum(circles, ())}
    assert succession_cycles(kept) == []
    for start in kept:
        code = start
        for _ in kept:
            code = kept.get(code, code)
        assert code not in kept
