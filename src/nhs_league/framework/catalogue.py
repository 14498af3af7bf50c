"""Find and read framework files: the shipped ones by id, others by path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nhs_league.errors import FrameworkError, UsageError
from nhs_league.findings import Finding, in_order
from nhs_league.framework.checks import framework_problems
from nhs_league.framework.model import Framework
from nhs_league.framework.yaml_reader import YamlDocument, read_yaml
from nhs_league.resources import configs_directory

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class FrameworkFile:
    """A framework with the name and the SHA-256 of the file that states it."""

    framework: Framework
    name: str
    sha256: str


def shipped_framework_ids() -> list[str]:
    """List the ids of the shipped frameworks."""
    return sorted(path.stem for path in (configs_directory() / "frameworks").glob("*.yaml"))


def load_framework(id_or_path: str | Path) -> FrameworkFile:
    """Read a framework: a shipped one by id, any other by the path of its file.

    Raises ``UsageError`` for an unknown id, and ``FrameworkError`` with every problem, each with
    its line, for a file that is unreadable or breaks the rules.
    """
    path = Path(id_or_path)
    if path.suffix.lower() not in _SUFFIXES and path.parent == Path():
        if str(id_or_path) not in shipped_framework_ids():
            raise UsageError(_unknown_framework(str(id_or_path)))
        path = configs_directory() / "frameworks" / f"{id_or_path}.yaml"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FrameworkError(
            f"cannot read the framework {id_or_path}: {error.strerror or error}"
        ) from error
    return parse_framework(content, path.name)


def load_shipped_frameworks() -> Iterator[FrameworkFile]:
    """Read every shipped framework, in the order of their ids."""
    for framework_id in shipped_framework_ids():
        yield load_framework(framework_id)


def parse_framework(content: bytes, name: str) -> FrameworkFile:
    """Read the bytes of a framework file; ``name`` stands in messages.

    Raises ``FrameworkError`` with every problem found, each with its line.
    """
    try:
        document = read_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _invalid(name, [_finding(name, line, "the file is not UTF-8 text")]) from error
    findings = [_finding(name, problem.line, problem.message) for problem in document.problems]
    framework = None
    if document.data is not None or not document.problems:
        framework, invalid = _validate(document, name)
        findings += invalid
    if findings or framework is None:
        raise _invalid(name, findings)
    return FrameworkFile(framework, name, hashlib.sha256(content).hexdigest())


def _validate(document: YamlDocument, name: str) -> tuple[Framework | None, list[Finding]]:
    if not isinstance(document.data, dict):
        return None, [
            _finding(name, 1, "a framework file is a mapping with id, title, metrics ...")
        ]
    try:
        framework = Framework.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        return None, [
            _from_pydantic(name, document, detail)
            for detail in details
            if not (detail["type"] == "too_short" and detail["input"])
        ]
    return framework, [
        _finding(name, document.line_of(place), text, column=_dotted(place))
        for place, text in framework_problems(framework)
    ]


def _from_pydantic(name: str, document: YamlDocument, detail: Any) -> Finding:
    written = detail["loc"]
    place = _as_written(document.data, written)
    missing = detail["type"] == "missing"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"unknown field {place[-1]!r}"
    elif missing:
        message = f"the field {written[-1]!r} is missing"
    shown = detail["input"]
    value = None if missing or isinstance(shown, dict | list) else str(shown)
    return _finding(name, document.line_of(place), message, column=_dotted(place), value=value)


def _as_written(data: Any, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Drop the parts of a Pydantic location that name a union's branch and no place in the file."""
    place: tuple[str | int, ...] = ()
    tag = None
    for part in location:
        if part == tag:
            tag = None
        elif (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            place, data = (*place, part), data[part]  # type: ignore[index]
            tag = data.get("method") if isinstance(data, dict) else None
    return place


def _dotted(place: tuple[str | int, ...]) -> str | None:
    return ".".join(str(part) for part in place) or None


def _finding(
    name: str, line: int, message: str, *, column: str | None = None, value: str | None = None
) -> Finding:
    return Finding(
        "error", "framework_invalid", message, file=name, row=line, column=column, value=value
    )


def _invalid(name: str, findings: list[Finding]) -> FrameworkError:
    count = len(findings)
    problems = "1 problem" if count == 1 else f"{count} problems"
    return FrameworkError(f"the framework {name} has {problems}", in_order(findings))


def _unknown_framework(asked: str) -> str:
    import difflib

    known = shipped_framework_ids()
    nearest = difflib.get_close_matches(asked, known, n=3, cutoff=0.4) or known
    return (
        f"there is no framework {asked!r}; did you mean {' or '.join(nearest)}? "
        "A file of your own is given by its path, ending in .yaml"
    )
