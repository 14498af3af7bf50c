"""Traps of reading: Polars' casts, YAML 1.1, and the habits of published NHS files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from nhs_league.errors import FrameworkError
from nhs_league.framework.catalogue import parse_framework
from nhs_league.framework.yaml_reader import read_yaml
from tests.unit.sources.support import load

VALUES = "org_code,period,value\n"

SOUND = """\
id: small
title: A small framework
applies_to: {quarters: "2025Q1-"}
scale: {best: 1, worst: 4}
domains: {access: Access}
metrics:
  waits:
    title: Waits
    domain: access
    unit: percent
    polarity: higher_is_better
    basis: sum
    weight: 1
    scoring: {method: standard, standard: 78}
segments: {method: quartiles}
"""


@pytest.mark.parametrize("junk", ["twelve", "[low]", "1,23,4", "NaN", "inf", "Infinity", "1e999"])
@pytest.mark.parametrize("beside", ["1", "2.5", "*"])
def test_trap_4_junk_does_not_become_null_in_silence(
    tmp_path: Path, junk: str, beside: str
) -> None:
    content = f'{VALUES}RAA,2025Q2,{beside}\nRBB,2025Q2,"{junk}"\n'
    errors = [f for f in load(tmp_path, {"a.csv": content}).findings if f.severity == "error"]
    assert [(f.code, f.file, f.row, f.value) for f in errors] == [
        ("not_a_number", "a.csv", 3, junk)
    ]


def test_trap_4_junk_alone_in_a_column_is_found_too(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"a.csv": f"{VALUES}RAA,2025Q2,twelve\n"})
    assert [(f.severity, f.code) for f in dataset.findings] == [("error", "not_a_number")]


@pytest.mark.parametrize("text", ["nan", "NaN", "-inf", "Infinity"])
def test_trap_4_no_frame_holds_what_is_not_finite(tmp_path: Path, text: str) -> None:
    content = f"org_code,period,value,numerator,denominator\nRAA,2025Q2,{text},{text},{text}\n"
    observations = load(tmp_path, {"a.csv": content}).observations
    for column in ("value", "numerator", "denominator", "published_rank"):
        assert observations[column].drop_nulls().is_finite().all()


@pytest.mark.parametrize(("text", "data"), [("NO", "NO"), ("010", "010"), ("12:30", "12:30")])
def test_trap_7_yaml_1_1_does_not_turn_text_into_something_else(text: str, data: str) -> None:
    document = read_yaml(f"key: {text}\n")
    assert (document.data, document.problems) == ({"key": data}, [])


def test_trap_7_a_key_stated_twice_is_refused() -> None:
    with pytest.raises(FrameworkError) as caught:
        parse_framework(f"{SOUND}title: Another\n".encode(), "small.yaml")
    assert any("duplicate key 'title'" in finding.message for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight: 1", "weight: .inf"),
        ("weight: 1", "weight: .nan"),
        ("standard: 78", "standard: .nan"),
        ("standard: 78", "standard: 078"),
        ("standard: 78", "standard: 1:18"),
        ("standard: 78", 'standard: "78"'),
        ("weight: 1", "weight: 1\n    wieght: 2"),
        ("unit: percent", "unit: 010\n    decimals: NO"),
    ],
)
def test_trap_7_a_framework_is_closed_strict_and_finite(old: str, new: str) -> None:
    parse_framework(SOUND.encode(), "small.yaml")
    assert SOUND.count(old) == 1
    with pytest.raises(FrameworkError):
        parse_framework(SOUND.replace(old, new).encode(), "small.yaml")


@pytest.mark.parametrize("total", ["TOTAL", "Total", "England", "-", "ENGLAND TOTAL"])
def test_trap_11_totals_rows_are_left_out_with_a_warning(tmp_path: Path, total: str) -> None:
    dataset = load(tmp_path, {"a.csv": f"{VALUES}RAA,2025Q2,1\n{total},2025Q2,99\n"})
    assert dataset.observations["org_code"].to_list() == ["RAA"]
    assert [(f.severity, f.code, f.row, f.value) for f in dataset.findings] == [
        ("warning", "unknown_organisation", 3, total)
    ]
    (report,) = (report for report in dataset.files if report.name == "a.csv")
    assert report.left_out == {"unknown_organisation": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_trap_11_encodings_and_line_ends_are_read(
    tmp_path: Path, encoding: str, newline: str
) -> None:
    lines = ["Org Code ,Period, VALUE ,Org_Name", 'RAA,2025Q2,"26,064",Môn', "RBB,2025Q2,75.90%,"]
    content = newline.join(lines).encode(encoding)
    dataset = load(tmp_path, {"a.csv": content}).require_sound()
    assert dataset.observations["value"].to_list() == [26_064.0, 75.9]


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ("*", "suppressed"),
        ("-", "not_submitted"),
        ("N/A", "not_applicable"),
        ("Not Applicable", "not_applicable"),
    ],
)
def test_trap_11_marks_keep_their_meaning(tmp_path: Path, mark: str, status: str) -> None:
    for beside in ("1", mark):
        content = f"{VALUES}RAA,2025Q2,{mark}\nRBB,2025Q2,{beside}\n"
        dataset = load(tmp_path / beside.replace("/", "").replace("*", "x"), {"a.csv": content})
        assert dataset.observations.select("value", "status").row(0) == (None, status)


def test_trap_11_rows_before_the_header_are_refused_and_not_guessed_at(tmp_path: Path) -> None:
    content = f"NHS England: waiting times\nPublished: June 2025\n{VALUES}RAA,2025Q2,1\n"
    dataset = load(tmp_path, {"a.csv": content})
    assert {f.code for f in dataset.findings} == {"column_missing", "ragged_row"}
    assert dataset.observations.is_empty()


def test_trap_11_stray_cells_in_the_header_are_refused_by_their_place(tmp_path: Path) -> None:
    content = "org_code,period,value,,\nRAA,2025Q2,1,,\n"
    dataset = load(tmp_path, {"a.csv": content})
    assert [(f.severity, f.code, f.row) for f in dataset.findings] == [
        ("error", "unnamed_column", 1)
    ] * 2


def test_trap_11_half_patients_and_long_codes_are_kept(tmp_path: Path) -> None:
    content = "org_code,period,numerator,denominator\nG6V2S,2025-04,52.5,60.5\n"
    dataset = load(tmp_path, {"cancer.csv": content}, register=False).require_sound(strict=True)
    seen = dataset.observations.select("org_code", "numerator", "denominator")
    assert seen.equals(
        pl.DataFrame({"org_code": ["G6V2S"], "numerator": [52.5], "denominator": [60.5]})
    )
