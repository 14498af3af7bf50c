"""The YAML reader: plain data only, no surprises of YAML 1.1, and a line for every place."""

from __future__ import annotations

import math

import pytest

from nhs_league.framework.yaml_reader import YamlProblem, read_yaml


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "no",
        "yes",
        "Yes",
        "on",
        "off",
        "y",
        "010",
        "-010",
        "00.5",
        "12:30",
        "12:30:45",
        "1_000",
        "1,000",
        "0x1F",
        "0o17",
        "0b101",
        "2025-04-01",
        "2025Q2",
        "RCX",
        "1e",
        ".",
        "=",
        "inf",
        "nan",
        "+.nan",
        "tRUE",
        "75.90%",
    ],
)
def test_what_is_no_plain_number_or_constant_stays_text(text: str) -> None:
    document = read_yaml(f"key: {text}")
    assert document.data == {"key": text}
    assert document.problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("1234567890", 1234567890),
        ("0.5", 0.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1.0", 1.0),
        ("-2.75", -2.75),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("1.5e-2", 0.015),
        ("+1.5e+2", 150.0),
        (".inf", math.inf),
        (".Inf", math.inf),
        ("+.INF", math.inf),
        ("-.inf", -math.inf),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
    ],
)
def test_numbers_and_booleans_are_read_with_their_type(text: str, expected: object) -> None:
    value = read_yaml(f"key: {text}").data["key"]
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_read_as_a_float(text: str) -> None:
    value = read_yaml(f"key: {text}").data["key"]
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_read_as_none(text: str) -> None:
    document = read_yaml(f"key: {text}")
    assert document.data == {"key": None}
    assert document.problems == []


@pytest.mark.parametrize("text", ["5", "1.5", "true", "null", "~", ".inf", "010", ""])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_is_quoted_stays_text(text: str, quote: str) -> None:
    assert read_yaml(f"key: {quote}{text}{quote}").data == {"key": text}


def test_block_text_stays_text() -> None:
    assert read_yaml("folded: >-\n  5\nliteral: |\n  true\n").data == {
        "folded": "5",
        "literal": "true\n",
    }


@pytest.mark.parametrize("key", ["NO", "1", "true", "null", "010", "2.0"])
def test_keys_are_always_text(key: str) -> None:
    assert read_yaml(f"{key}: value").data == {key: "value"}


def test_mappings_and_lists_nest() -> None:
    text = "a:\n  - 1\n  - {b: [x, 2.5]}\nc: []\nd: {}\n"
    assert read_yaml(text).data == {"a": [1, {"b": ["x", 2.5]}], "c": [], "d": {}}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert read_yaml("<<: {a: 1}").data == {"<<": {"a": 1}}


def test_a_duplicate_key_is_refused_with_both_lines_and_the_first_is_kept() -> None:
    document = read_yaml("a: 1\nb: 2\na: 3\n")
    assert document.data == {"a": 1, "b": 2}
    assert document.problems == [YamlProblem(3, "duplicate key 'a': first stated on line 1")]


def test_a_key_stated_three_times_is_refused_twice() -> None:
    assert read_yaml("a: 1\na: 2\na: 3\n").problems == [
        YamlProblem(2, "duplicate key 'a': first stated on line 1"),
        YamlProblem(3, "duplicate key 'a': first stated on line 1"),
    ]


def test_a_nested_duplicate_is_found_and_the_same_key_elsewhere_is_none() -> None:
    document = read_yaml("metrics:\n  x:\n    unit: a\n    unit: b\n  y:\n    unit: c\n")
    assert document.data == {"metrics": {"x": {"unit": "a"}, "y": {"unit": "c"}}}
    assert document.problems == [YamlProblem(4, "duplicate key 'unit': first stated on line 3")]


def test_a_duplicate_inside_a_list_is_found() -> None:
    assert read_yaml("bands:\n  - {score: 1,\n     score: 2}\n").problems == [
        YamlProblem(3, "duplicate key 'score': first stated on line 2")
    ]


def test_a_key_spelt_with_and_without_quotes_is_a_duplicate() -> None:
    assert read_yaml("a: 1\n'a': 2\n").problems == [
        YamlProblem(2, "duplicate key 'a': first stated on line 1")
    ]


def test_windows_line_endings_count_as_one_line() -> None:
    document = read_yaml("a: 1\r\nb: 2\r\nb: 3\r\n")
    assert document.data == {"a": 1, "b": 2}
    assert document.problems == [YamlProblem(3, "duplicate key 'b': first stated on line 2")]


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x\n", "a: &x {c: 1}\nb: *x\n", "a: &x [1]\n<<: *x\n", "a: &x [*x]\n"],
)
def test_an_alias_is_refused(text: str) -> None:
    document = read_yaml(text)
    assert document.data is None
    assert [problem.message for problem in document.problems] == [
        "the alias *x is not supported: write the value out"
    ]


def test_a_refused_alias_is_located_where_it_is_used() -> None:
    assert [problem.line for problem in read_yaml("a: &x 1\nb: 2\nc: *x\n").problems] == [3]


def test_an_alias_is_refused_as_a_key() -> None:
    assert [problem.line for problem in read_yaml("a: &x title\n*x : 2\n").problems] == [2]


def test_an_alias_of_nothing_is_refused_like_any_other() -> None:
    assert read_yaml("a: 1\nb: *x\n").problems == [
        YamlProblem(2, "the alias *x is not supported: write the value out")
    ]


def test_a_tag_of_its_own_is_refused() -> None:
    assert read_yaml("a: 1\nb: !thing 2\n").problems == [
        YamlProblem(2, "the tag !thing is not supported: a framework is plain data")
    ]


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object:os.system {x: 1}",
        "!!python/object/apply:os.system [ls]",
        "!!python/name:os.system ''",
        "!!python/tuple [1, 2]",
        "!!binary aGk=",
        "!!set {x}",
        "!!str 5",
        "!!int '5'",
    ],
)
def test_a_tag_of_yaml_or_python_is_refused(value: str) -> None:
    problems = read_yaml(f"a: 1\nb: {value}\n").problems
    assert [problem.line for problem in problems] == [2]
    assert "is not supported: a framework is plain data" in problems[0].message


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_a_problem(text: str) -> None:
    document = read_yaml(text)
    assert document.data is None
    assert document.problems == [YamlProblem(1, "the file is empty")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3\n", 2),
        ("a: 1\nb: @x\n", 2),
        ("a: 1\n  b: 2\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: {b: 1\n\n\n", 4),
        ("a: 1\n---\nb: 2\n", 2),
        ("\x01", 1),
    ],
)
def test_what_is_not_yaml_is_one_problem_with_its_line(text: str, line: int) -> None:
    document = read_yaml(text)
    assert document.data is None
    assert [problem.line for problem in document.problems] == [line]
    assert document.problems[0].message.startswith("not YAML: ")


def test_what_is_not_yaml_is_told_with_what_was_being_read() -> None:
    problem = read_yaml("a: [1, 2\nb: 3\n").problems[0]
    assert problem.message.startswith("not YAML: while parsing a flow sequence, ")


@pytest.mark.parametrize("text", ["a: 1\n? [b, c]\n: 2\n", "a: 1\n? {b: c}\n: 2\n"])
def test_a_key_that_is_no_plain_text_is_refused(text: str) -> None:
    document = read_yaml(text)
    assert document.data == {"a": 1}
    assert document.problems == [YamlProblem(2, "a key is plain text, not a list or a mapping")]


def test_every_problem_is_reported() -> None:
    document = read_yaml("a: 1\na: 2\n? [b]\n: 1\nc:\n  - d: 1\n    d: 2\n")
    assert sorted(problem.line for problem in document.problems) == [2, 3, 7]


def test_every_alias_and_tag_is_reported_and_nothing_more_is_read() -> None:
    document = read_yaml("a: &x 1\na: 2\nb: !t 1\nc:\n  - *x\n  - !!str 5\n")
    assert document.data is None
    assert document.problems == [
        YamlProblem(3, "the tag !t is not supported: a framework is plain data"),
        YamlProblem(5, "the alias *x is not supported: write the value out"),
        YamlProblem(6, "the tag tag:yaml.org,2002:str is not supported: a framework is plain data"),
    ]


def test_a_whole_number_too_long_for_python_is_no_crash() -> None:
    assert read_yaml(f"a: {'1' * 5000}").data is not None


LINES = """\
id: small

metrics:
  waits:
    title: >-
      Waits
    scoring:
      method: bands
      bands:
        - at_least: 1
          score: 1
        - {at_least: 0, score: 2}
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 1),
        (("id",), 1),
        (("metrics",), 3),
        (("metrics", "waits"), 4),
        (("metrics", "waits", "title"), 5),
        (("metrics", "waits", "scoring"), 7),
        (("metrics", "waits", "scoring", "bands"), 9),
        (("metrics", "waits", "scoring", "bands", 0), 10),
        (("metrics", "waits", "scoring", "bands", 0, "score"), 11),
        (("metrics", "waits", "scoring", "bands", 1), 12),
        (("metrics", "waits", "scoring", "bands", 1, "score"), 12),
    ],
)
def test_every_place_has_the_line_it_is_written_on(
    location: tuple[str | int, ...], line: int
) -> None:
    assert read_yaml(LINES).line_of(location) == line


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("nowhere",), 1),
        (("metrics", "waits", "unit"), 4),
        (("metrics", "waits", "source", "title"), 4),
        (("metrics", "waits", "scoring", "standard", "floor"), 7),
        (("metrics", "waits", "scoring", "bands", 5, "score"), 9),
    ],
)
def test_a_place_that_is_not_written_has_the_line_of_the_nearest_above(
    location: tuple[str | int, ...], line: int
) -> None:
    assert read_yaml(LINES).line_of(location) == line


def test_the_document_starts_where_its_first_value_is() -> None:
    assert read_yaml("# comment\n\na: 1\n").line_of(("b",)) == 3


def test_an_empty_document_has_one_line() -> None:
    assert read_yaml("").line_of(("id",)) == 1
