"""The page on performance is what its figures make of it, and says what is above a limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tools import performance

from tests.docs.pages import read

MEASURE: dict[str, Any] = {
    "theme": "Scoring",
    "name": "score_many",
    "yardstick": "plain Polars",
    "seconds": 3.0,
    "yardstick_seconds": 1.0,
    "beyond": False,
    "ratio": 3.0,
    "is_within": True,
}


def results() -> dict[str, Any]:
    return json.loads(read(performance.RESULTS))


def is_kept_to(measure: dict[str, Any]) -> bool:
    more = measure["seconds"] - measure["yardstick_seconds"]
    reached = more if measure["beyond"] else measure["ratio"]
    is_lean = measure.get("peak_gib", 0.0) <= measure.get("peak_limit", float("inf"))
    return reached <= measure.get("limit", float("inf")) and is_lean


def test_page_is_in_step_with_its_figures() -> None:
    page = read(performance.PAGE)
    assert performance.with_figures(page, results()) == page


def test_figures_are_those_of_a_whole_run() -> None:
    themes = {measure["theme"] for measure in results()["measures"]}
    for theme in themes:
        assert f"- **{theme}**: " in read(performance.PAGE)
    names = " ".join(measure["name"] for measure in results()["measures"])
    for what in ("--help", "rank", "explain", "audit", "robustness", "whatif", "compare", "report"):
        assert what in names


def test_ratios_and_verdicts_follow_from_the_seconds() -> None:
    for measure in results()["measures"]:
        ratio = measure["seconds"] / measure["yardstick_seconds"]
        assert measure["ratio"] == pytest.approx(ratio, rel=2e-3), measure["name"]
        assert measure["is_within"] == is_kept_to(measure), measure["name"]


def test_what_is_above_its_limit_is_named() -> None:
    above = MEASURE | {"limit": 2.0, "is_within": False}
    text = performance.above_section([MEASURE, MEASURE | {"limit": 4.0}, above])
    assert text == (
        "1 of the 2 measures that have a limit:\n\n"
        "- score\\_many, against plain Polars: ratio 3.00; limit 2."
    )


def test_seconds_more_and_memory_are_named_as_such() -> None:
    limits = {"limit": 1.0, "peak_gib": 2.5, "peak_limit": 2.0}
    above = MEASURE | limits | {"beyond": True, "is_within": False}
    assert "2.00 s more, 2.50 GiB; limit +1 s, 2 GiB." in performance.above_section([above])


def test_nothing_above_its_limit_is_said_too() -> None:
    text = performance.above_section([MEASURE, MEASURE | {"limit": 4.0}])
    assert text == "None of the 1 measures that have a limit."


def test_a_table_a_theme_marks_what_is_above() -> None:
    above = MEASURE | {"theme": "Loading", "limit": 2.0, "is_within": False, "peak_gib": 1.5}
    text = performance.figures_section([MEASURE, above])
    assert text.count("### ") == 2
    assert "| score\\_many | 3.000 | plain Polars | 1.000 | 3.00 |  |  |  |" in text
    assert "| 3.00 | 2, **above** | 1.50 |  |" in text
