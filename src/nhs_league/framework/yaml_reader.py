"""Read YAML as plain data: no duplicates, no aliases, no tags, and every value with its line.

PyYAML follows YAML 1.1, where ``NO`` is false, ``010`` is 8 and ``12:30`` is 750. Scalars are
resolved here by YAML 1.2's core rules instead, in which those three stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Location = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 300
_MAY_HAVE_FEATURES = re.compile(r"(?m)(?:^|[\s\[{,:?-])[!*]")
# A block nests no deeper than twice its indentation, and the dashes before it.
_MAY_BE_DEEP = re.compile(r"(?<![ \t?:-])[ \t?:-]{500}")
_MANY_BRACKETS = 500
_DEEPEST = 100
_SPECIAL = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(frozen=True)
class YamlProblem:
    """One thing wrong with the text itself."""

    line: int
    message: str


@dataclass
class YamlDocument:
    """A document's data, the line of every place in it, and what is wrong with its text."""

    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[YamlProblem] = field(default_factory=list)

    def line_of(self, location: Location) -> int:
        """Find the line of a place, or of the nearest place above it that was written down."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


def read_yaml(text: str) -> YamlDocument:
    """Read one YAML document; problems are collected, never raised."""
    document = YamlDocument()
    try:
        document.problems += _refused(text)
        if document.problems:
            return document
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        document.problems.append(YamlProblem(line, f"not YAML: {_reason(error)}"))
        return document
    except yaml.YAMLError as error:
        document.problems.append(YamlProblem(1, f"not YAML: {' '.join(str(error).split())}"))
        return document
    except RecursionError:
        document.problems.append(YamlProblem(1, "not YAML: nested too deeply"))
        return document
    if root is None:
        document.problems.append(YamlProblem(1, "the file is empty"))
        return document
    try:
        document.data = _Builder(document).build(root, ())
    except RecursionError:
        document.problems.append(YamlProblem(1, "nested too deeply"))
    return document


def _refused(text: str) -> list[YamlProblem]:
    """Find aliases and tags, which make a file more than plain data, each on its own line.

    Nesting that goes too deep is one problem: in composing, it would end the process.
    """
    if not (_MAY_HAVE_FEATURES.search(text) or _may_be_deep(text)):
        return []
    problems = []
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            message = f"the alias *{event.anchor} is not supported: write the value out"
            problems.append(YamlProblem(line, message))
        elif tag is not None:
            message = f"the tag {tag} is not supported: a framework is plain data"
            problems.append(YamlProblem(line, message))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return [*problems, YamlProblem(line, f"nested more than {_DEEPEST} levels deep")]
    return problems


def _may_be_deep(text: str) -> bool:
    brackets = text.count("[") + text.count("{")
    return brackets > _MANY_BRACKETS or _MAY_BE_DEEP.search(text) is not None


def _reason(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


class _Builder:
    """Turn a tree of YAML nodes into Python values."""

    def __init__(self, document: YamlDocument) -> None:
        self._document = document

    def build(self, node: yaml.Node, location: Location) -> Any:
        self._document.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*location, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode), "YAML has no fourth kind of node"
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        first_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(line, "a key is plain text, not a list or a mapping")
                continue
            key = str(key_node.value)
            if key in mapping:
                self._problem(
                    line, f"duplicate key {key!r}: first stated on line {first_lines[key]}"
                )
                continue
            first_lines[key] = line
            self._document.lines[(*location, key)] = line
            mapping[key] = self.build(value_node, (*location, key))
        return mapping

    def _problem(self, line: int, message: str) -> None:
        self._document.problems.append(YamlProblem(line, message))


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and not _LEADING_ZERO.match(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text
