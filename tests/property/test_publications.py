"""Publications against a naive loop: random rows, marks, blanks, totals, repeats, in any order."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nhs_league.sources.dataset import Dataset, load_data
from tests.property.settings import many
from tests.publications import AE_COUNTS, DM01_BANDS, ae_csv, dm01_csv

Figure = tuple[float | None, float | None, str]
Sums = dict[tuple[str, str], Figure]
"""Numerator, denominator and status, by organisation and metric."""

MARKS = {
    "*": "suppressed",
    "[c]": "suppressed",
    "-": "not_submitted",
    "": "not_submitted",
    "N/A": "not_applicable",
    "Not Applicable": "not_applicable",
}
GRAVER = ("reported", "not_applicable", "not_submitted", "suppressed")
ORGANISATIONS = ("RCX", "RGT", "G6V2S", "AXG02", "Z99", "TOTAL", "England")
TOTALS = ("total", "england", "-")

numbers = st.integers(0, 2000) | st.sampled_from([0.5, 52.5])
cells = st.one_of(
    numbers,
    numbers,
    numbers,
    st.sampled_from([*MARKS]),
    st.sampled_from(["1,234", " 7 ", "1,026,064"]),
)


def number(cell: Any) -> float | None:
    """Read a cell as a person would."""
    text = str(cell).strip()
    return None if text in MARKS else float(text.replace(",", ""))


def added(cells_of_rows: list[list[Any]]) -> tuple[float | None, str]:
    """Add cells up; one that has no number takes the sum's away, and says why."""
    total, status = 0.0, "reported"
    for row in cells_of_rows:
        for cell in row:
            read = number(cell)
            if read is None:
                status = max(status, MARKS[str(cell).strip()], key=GRAVER.index)
            else:
                total += read
    return (total if status == "reported" else None), status


def figure(above: list[list[Any]], below: list[list[Any]], less: list[list[Any]]) -> Figure:
    """Give what comes of the cells to add, to divide by and to subtract."""
    (plus, first), (minus, second) = added(above), added(less)
    denominator, third = added(below)
    status = max(first, second, key=GRAVER.index)
    status = third if status == "reported" else status
    if status != "reported" or plus is None or minus is None:
        return None, denominator, status
    return plus - minus, denominator, status


def read(content: bytes, name: str = "a.csv") -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return load_data([path])


def found(dataset: Dataset) -> Sums:
    every = pl.concat([dataset.observations, dataset.others])
    return {
        (row["org_code"], row["metric_id"]): (row["numerator"], row["denominator"], row["status"])
        for row in every.iter_rows(named=True)
    }


def assert_the_same(dataset: Dataset, expected: Sums) -> None:
    got = found(dataset)
    assert got.keys() == expected.keys()
    for key, sums in expected.items():
        assert got[key][2] == sums[2], key
        for mine, theirs in zip(got[key][:2], sums[:2], strict=True):
            assert (mine is None) is (theirs is None), (key, got[key], sums)
            assert mine is None or theirs is None or abs(mine - theirs) < 1e-6, key
    for report in dataset.files:
        assert report.rows_in == report.rows_used + sum(report.left_out.values())


def errors_of(dataset: Dataset) -> set[tuple[str, str]]:
    """Give the errors by their kind, and the organisation and metric that they name."""
    return {
        (finding.code, finding.message.partition(":")[0])
        for finding in dataset.findings
        if finding.severity == "error"
    }


def above_their_wholes(expected: Sums) -> set[tuple[str, str]]:
    return {
        ("numerator_above_denominator", f"{org} {metric}")
        for (org, metric), (part, whole, _) in expected.items()
        if part is not None and whole is not None and part > whole + 1e-6
    }


def by_organisation(
    rows: list[dict[str, Any]], column: str, is_left_out: Callable[[Mapping[str, Any]], bool]
) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if not is_left_out(row):
            groups.setdefault(str(row[column]).strip(), []).append(row)
    return groups


# A&E: eighteen counts, of which six are taken from six others


ATTENDED = AE_COUNTS[:6]
OVER = AE_COUNTS[6:12]
ADMITTED = AE_COUNTS[14:17]
WAITED = AE_COUNTS[13]
TYPE_1 = (ATTENDED[0], ATTENDED[3])
TYPE_1_OVER = (OVER[0], OVER[3])


@st.composite
def ae_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw rows in which nothing is subtracted that is not there."""
    rows = []
    for org in draw(st.lists(st.sampled_from(ORGANISATIONS), min_size=1, max_size=7)):
        row: dict[str, Any] = {"Org Code": org}
        for name in draw(st.lists(st.sampled_from(AE_COUNTS), max_size=8, unique=True)):
            row[name] = draw(cells)
        for total, part in zip(ATTENDED, OVER, strict=True):
            over = number(row.get(part, 0))
            if over is not None and (number(row.get(total, 0)) or 0) < over:
                row[total] = (
                    2_000_000 if total not in row or number(row[total]) is not None else "*"
                )
        rows.append(row)
    return rows


def ae_expected(rows: list[dict[str, Any]]) -> Sums:
    groups = by_organisation(rows, "Org Code", lambda row: row["Org Code"].lower() in TOTALS)

    def of(members: list[dict[str, Any]], names: tuple[str, ...]) -> list[list[Any]]:
        return [[row.get(name, 0) for name in names] for row in members]

    sums: Sums = {}
    for org, members in groups.items():
        attended, over = of(members, ATTENDED), of(members, OVER)
        sums[org, "ae_4_hours"] = figure(attended, attended, over)
        first, late = of(members, TYPE_1), of(members, TYPE_1_OVER)
        sums[org, "ae_4_hours_type_1"] = figure(first, first, late)
        waited = of(members, (WAITED,))
        sums[org, "ae_12_hours_from_decision"] = figure(waited, of(members, ADMITTED), [])
    return sums


@given(rows=ae_rows(), total=st.sampled_from(["TOTAL", "Total ", "England", "-", None]))
@many(20)
def test_attendances_are_those_of_a_naive_loop(rows: list[dict[str, Any]], total: str) -> None:
    dataset = read(ae_csv(rows, total=total))
    expected = ae_expected(rows)
    counts = Counter(org.strip() for org in (row["Org Code"] for row in rows))
    twice = {
        ("repeated_observation", f"{org} {metric}") for org, metric in expected if counts[org] > 1
    }
    assert errors_of(dataset) == twice | above_their_wholes(expected)
    assert_the_same(dataset, expected)


# DM01: bands of weeks, over tests and commissioners


dm01_rows = st.lists(
    st.fixed_dictionaries(
        {
            "Provider Org Code": st.sampled_from(ORGANISATIONS[:5]),
            "Commissioner Org Code": st.sampled_from(["99Z", "10R"]),
            "Diagnostic Tests": st.sampled_from(["MRI", "CT", "TOTAL", "Total"]),
            "Total WL": cells,
        },
        optional=dict.fromkeys(DM01_BANDS[4:9] + DM01_BANDS[12:], cells),
    ),
    min_size=1,
    max_size=10,
)


def dm01_expected(rows: list[dict[str, Any]]) -> Sums:
    groups = by_organisation(
        rows, "Provider Org Code", lambda row: row["Diagnostic Tests"].lower() == "total"
    )
    return {
        (org, "diagnostics_6_weeks"): figure(
            [[row.get(band, 0) for band in DM01_BANDS[6:]] for row in members],
            [[row["Total WL"]] for row in members],
            [],
        )
        for org, members in groups.items()
    }


@given(rows=dm01_rows, has_totals=st.booleans())
@many(20)
def test_diagnostic_waits_are_those_of_a_naive_loop(
    rows: list[dict[str, Any]], has_totals: bool
) -> None:
    dataset = read(dm01_csv(rows, has_totals=has_totals))
    expected = dm01_expected(rows)
    assert errors_of(dataset) == above_their_wholes(expected)
    assert_the_same(dataset, expected)


# What the order and the spelling of a file do not change


def shuffled(content: bytes, order: list[int]) -> bytes:
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows[at] for at in order if at < len(rows))
    return text.getvalue().encode()


@given(rows=dm01_rows, order=st.permutations(range(30)))
@many(15)
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, Any]], order: list[int]) -> None:
    content = dm01_csv(rows)
    assert_the_same(read(shuffled(content, order)), found(read(content)))


@given(
    rows=ae_rows(),
    form=st.fixed_dictionaries(
        {"bom": st.booleans(), "crlf": st.booleans(), "stray_header_cells": st.sampled_from([0, 2])}
    ),
)
@many(15)
def test_the_form_of_a_file_does_not_matter(
    rows: list[dict[str, Any]], form: dict[str, Any]
) -> None:
    renamed = {name: f" {name.upper()}  " for name in ("Org Code", "Period", *ATTENDED)}
    plain, other = ae_csv(rows), ae_csv(rows, renamed=renamed, **form)
    assert_the_same(read(other), found(read(plain)))


@given(rows=ae_rows())
@many(10)
def test_months_side_by_side_do_not_touch_each_other(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for month in ("APRIL", "MAY"):
            (folder / f"{month}.csv").write_bytes(ae_csv(rows, period=f"MSitAE-{month}-2025"))
        both = load_data([folder])
    every = pl.concat([both.observations, both.others])
    for month in ("2025-04", "2025-05"):
        part = every.filter(pl.col("period") == month)
        expected = ae_expected(rows)
        assert len(part) == len(expected)
        for row in part.iter_rows(named=True):
            assert row["status"] == expected[row["org_code"], row["metric_id"]][2]
