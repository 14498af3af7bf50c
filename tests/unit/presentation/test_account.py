"""Where a result came from, for people."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.presentation.account import account_lines, source_line, source_sentence

FRAMEWORK = {"id": "small", "title": "Small league", "sha256": "0f3c"}
TOOL = {"tool": "nhs-league", "version": "1.2.3"}


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, "Source: nhs-league."),
        (TOOL, "Source: nhs-league 1.2.3."),
        (
            {**TOOL, "framework": FRAMEWORK, "quarter_label": "April to June 2025"},
            "Source: nhs-league 1.2.3; framework Small league (small); April to June 2025.",
        ),
        (
            {**TOOL, "frameworks": [FRAMEWORK, {"id": "b", "title": "B"}], "quarters": ["2025Q2"]},
            "Source: nhs-league 1.2.3; framework Small league (small); framework B (b); 2025Q2.",
        ),
        ({**TOOL, "quarters": [None, None]}, "Source: nhs-league 1.2.3."),
    ],
)
def test_one_sentence_names_tool_framework_and_quarter(meta: dict[str, Any], expected: str) -> None:
    assert source_sentence(meta) == expected


def test_the_source_line_is_of_no_official_product_and_gives_the_licence() -> None:
    assert source_line(TOOL) == (
        "Source: nhs-league 1.2.3. Not an official NHS product. "
        "Contains public sector information licensed under the Open Government Licence v3.0."
    )


def test_nothing_of_the_account_is_left_out() -> None:
    meta = {
        **TOOL,
        "framework": {"id": "small", "sha256": "0f3c"},
        "inputs": [{"file": "a.csv", "sha256": "1a"}, {"file": "b.csv", "sha256": None}],
        "seed": None,
        "quarters": ["2025Q2", "2025Q3"],
        "left_out": [],
        "changes": [{"kind": "value", "of": ["a", "b"], "deep": {"x": 1}}],
        "tolerance": 0.01,
        "history": True,
    }
    assert account_lines(meta) == [
        ("tool", "nhs-league"),
        ("version", "1.2.3"),
        ("framework id", "small"),
        ("framework sha256", "0f3c"),
        ("inputs", "file: a.csv; sha256: 1a"),
        ("inputs", "file: b.csv; sha256: -"),
        ("seed", None),
        ("quarters", "2025Q2, 2025Q3"),
        ("changes", "kind: value; of: a, b; deep: x: 1"),
        ("tolerance", 0.01),
        ("history", True),
    ]
