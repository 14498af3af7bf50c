"""Scenario files: what they state, and every problem with its line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nhs_league import open_league
from nhs_league.analysis.counterfactuals.changes import (
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
)
from nhs_league.errors import ScenarioError, UsageError
from nhs_league.league import League
from nhs_league.scenario.files import load_scenario
from tests.functional.small import write_small

WHOLE = """\
title: A better winter
trusts:
  AA4:
    values: {surplus: 0, waits: 97.5}
  Ynys M\u00f4n, \u2018Sir\u2019, NHS Trust:
    values:
      waits: 60
    overrides: off
  AA1:
    overrides: {deficit: on}
weights:
  surplus: 2
drop: []
"""
CODES = {"Ynys M\u00f4n, \u2018Sir\u2019, NHS Trust": "AA5"}


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> League:
    small = write_small(tmp_path_factory.mktemp("small"))
    return open_league([small.folder], small.framework).league


def find(name: str) -> str:
    """Find a trust of the small league by its code, or AA5 by its name."""
    if name == "nobody":
        raise UsageError("there is no trust 'nobody'")
    return CODES.get(name, name)


def written(folder: Path, text: str, name: str = "winter.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, league: League) -> list[tuple[int | None, str | None, str]]:
    """List line, place and message of what is wrong with a scenario, in itself or for a league."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path).changes(league, find)
    findings = caught.value.findings
    assert {finding.code for finding in findings} <= {"scenario_invalid"}
    assert {finding.severity for finding in findings} <= {"error"}
    assert {finding.file for finding in findings} <= {path.name}
    return [(finding.row, finding.column, finding.message) for finding in findings]


def test_a_scenario_is_read_with_its_name_and_checksum(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    found = load_scenario(path)
    assert found.scenario.title == "A better winter"
    assert found.name == "winter.yaml"
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.scenario.trusts["AA4"].values == {"surplus": 0.0, "waits": 97.5}
    assert found.scenario.trusts["AA1"].overrides == {"deficit": "on"}


def test_its_changes_are_in_the_order_of_the_file(tmp_path: Path, league: League) -> None:
    found = load_scenario(written(tmp_path, WHOLE.replace("drop: []\n", "")))
    assert found.changes(league, find) == (
        ValueChange("AA4", "surplus", 0.0),
        ValueChange("AA4", "waits", 97.5),
        ValueChange("AA5", "waits", 60.0),
        OverrideChange("AA5", None, False),
        OverrideChange("AA1", "deficit", True),
        WeightChange("surplus", 2.0),
    )
    dropped = load_scenario(written(tmp_path, "title: Less\ndrop: [waits]\n"))
    assert dropped.changes(league, find) == (MetricDropped("waits"),)


@pytest.mark.parametrize("switch", ["on", "off", '"on"', '"off"'])
def test_on_and_off_may_be_quoted_or_not(tmp_path: Path, switch: str) -> None:
    path = written(tmp_path, f"title: x\ntrusts: {{AA4: {{overrides: {switch}}}}}\n")
    assert load_scenario(path).scenario.trusts["AA4"].overrides == switch.strip('"')


def test_a_byte_order_mark_and_windows_line_endings_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: x\r\ndrop: [waits]\r\n")
    assert load_scenario(path).scenario.drop == ("waits",)


def test_every_problem_of_form_is_listed_with_its_line(tmp_path: Path, league: League) -> None:
    text = (
        "title: ''\n"
        "trusts:\n"
        "  AA4:\n"
        "    values:\n"
        "      waits: some\n"
        "      surplus: .inf\n"
        "    overrides: perhaps\n"
        "    weight: 3\n"
        "  AA1:\n"
        "    overrides:\n"
        "      deficit: maybe\n"
        "weights:\n"
        "  surplus: -2\n"
        "  waits: heavy\n"
        "more: 1\n"
    )
    found = problems(written(tmp_path, text), league)
    assert [(line, column) for line, column, _ in found] == [
        (1, "title"),
        (5, "trusts.AA4.values.waits"),
        (6, "trusts.AA4.values.surplus"),
        (7, "trusts.AA4.overrides"),
        (8, "trusts.AA4.weight"),
        (11, "trusts.AA1.overrides.deficit"),
        (13, "weights.surplus"),
        (14, "weights.waits"),
        (15, "more"),
    ]
    assert (15, "more", "unknown field 'more'") in found


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the file is empty"),
        ("- title\n", 1, "a scenario file is a mapping with title, trusts ..."),
        ("just text\n", 1, "a scenario file is a mapping with title, trusts ..."),
        ("trusts: {AA4: {values: {waits: 1}}}\n", 1, "the field 'title' is missing"),
        ("title: x\ntitle: y\ndrop: [a]\n", 2, "duplicate key 'title': first stated on line 1"),
        ("title: x\n a: [\n", 2, "not YAML: mapping values are not allowed in this context"),
    ],
)
def test_a_file_that_is_no_scenario_says_so(
    tmp_path: Path, league: League, text: str, line: int, message: str
) -> None:
    assert (line, message) in [
        (row, said) for row, _, said in problems(written(tmp_path, text), league)
    ]


def test_a_file_that_is_no_text_says_in_which_line(tmp_path: Path, league: League) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: x\ntrusts: {\xe9: 1}\n")
    assert problems(path, league) == [(2, None, "the file is not UTF-8 text")]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.yaml: No such file or directory"):
        load_scenario(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "stated", ["trusts: {AA4: }", "trusts: [AA4]", "drop: waits", "weights: 3", "trusts: AA4"]
)
def test_no_problem_is_said_in_the_words_of_a_programming_language(
    tmp_path: Path, league: League, stated: str
) -> None:
    (found,) = problems(written(tmp_path, f"title: x\n{stated}\n"), league)
    assert found[0] == 2
    for word in ("tuple", "dictionary", "instance", "None", "TrustChanges"):
        assert word not in found[2]


def test_what_changes_nothing_is_said_with_everything_else(tmp_path: Path, league: League) -> None:
    nothing = written(tmp_path, "title: x\n")
    assert problems(nothing, league) == [
        (1, None, "nothing is changed: state trusts, weights or drop")
    ]
    text = "title: x\ntrusts:\n  AA2: {}\n  AA3: {values: {}, overrides: {}}\ndrop: [wait]\n"
    assert [(line, place) for line, place, _ in problems(written(tmp_path, text), league)] == [
        (3, "trusts.AA2"),
        (4, "trusts.AA3"),
        (5, "drop.0"),
    ]


def test_every_change_that_cannot_be_made_is_listed_with_its_line(
    tmp_path: Path, league: League
) -> None:
    text = (
        "title: x\n"
        "trusts:\n"
        "  AA4:\n"
        "    values: {surplus: 101, wait: 3}\n"
        "    overrides: on\n"
        "  nobody:\n"
        "    values: {waits: 3}\n"
        "  AA5:\n"
        "    values:\n"
        "      waits: -1\n"
        "weights:\n"
        "  speed: 3\n"
        "drop: [waits, waits]\n"
    )
    found = problems(written(tmp_path, text), league)
    expected = [
        (4, "trusts.AA4.values.surplus", "101 is outside the range of surplus"),
        (4, "trusts.AA4.values.wait", "there is no metric 'wait' in small"),
        (5, "trusts.AA4.overrides", "the override deficit holds AA4 already"),
        (6, "trusts.nobody", "there is no trust 'nobody'"),
        (10, "trusts.AA5.values.waits", "-1 is outside the range of waits"),
        (12, "weights.speed", "there is no metric 'speed' in small"),
        (13, "drop.1", "waits is changed twice"),
    ]
    assert [each[:2] for each in found] == [each[:2] for each in expected]
    for (*_, said), (*_, message) in zip(found, expected, strict=True):
        assert said.startswith(message)


def test_one_trust_by_code_and_by_name_is_changed_twice(tmp_path: Path, league: League) -> None:
    (name,) = CODES
    text = f"title: x\ntrusts:\n  AA5: {{values: {{waits: 60}}}}\n  {name}:\n    values: "
    both = written(tmp_path, f"{text}{{waits: 61}}\n")
    assert problems(both, league) == [
        (5, f"trusts.{name}.values.waits", "waits of AA5 is changed twice")
    ]
    apart = load_scenario(written(tmp_path, f"{text}{{surplus: 1}}\n"))
    assert len(apart.changes(league, find)) == 2


def test_the_number_of_problems_is_in_the_message(tmp_path: Path) -> None:
    one = written(tmp_path, "title: x\nmore: 1\ndrop: [waits]\n")
    with pytest.raises(ScenarioError, match=r"^the scenario winter\.yaml has 1 problem$"):
        load_scenario(one)
    two = written(tmp_path, "title: x\nmore: 1\nless: 2\n")
    with pytest.raises(ScenarioError, match=r"^the scenario winter\.yaml has 2 problems$"):
        load_scenario(two)
