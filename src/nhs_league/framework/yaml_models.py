"""Read a YAML file as a model: every problem with its line, whichever rule it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from nhs_league.findings import Finding, Severity
from nhs_league.framework.yaml_reader import Location, YamlDocument, read_yaml

Model = TypeVar("Model", bound=BaseModel)

_SHAPES: Final = {
    "model_type": "mapping",
    "dict_type": "mapping",
    "tuple_type": "list",
    "list_type": "list",
}
"""What Pydantic calls by Python's names, as YAML calls it."""

Problem = tuple[Location, str]


@dataclass(frozen=True)
class Form:
    """What a kind of file is: what its findings are, and what to say of a file that is none."""

    severity: Severity
    code: str
    expected: str


@dataclass(frozen=True)
class ReadModel(Generic[Model]):
    """A file as a model, with what is wrong with it; without a model where that cannot be made."""

    model: Model | None
    name: str
    form: Form
    document: YamlDocument
    findings: tuple[Finding, ...]

    def finding(self, place: Location, message: str, value: str | None = None) -> Finding:
        """Make a finding of a problem at a place of the file."""
        line = self.document.line_of(place)
        return _finding(self.form, self.name, line, message, column=_dotted(place), value=value)


def read_model(
    content: bytes,
    name: str,
    model: Callable[[Any], type[Model]],
    form: Form,
    problems: Callable[[Model], Iterable[Problem]],
) -> ReadModel[Model]:
    """Read the bytes of a file by the model that its data call for.

    ``name`` stands in findings, ``problems`` checks across parts.
    """
    try:
        document = read_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        finding = _finding(form, name, line, "the file is not UTF-8 text")
        return ReadModel(None, name, form, YamlDocument(), (finding,))
    findings = [_finding(form, name, found.line, found.message) for found in document.problems]
    made = None
    if document.data is not None or not document.problems:
        made, invalid = _validated(document, name, model(document.data), form)
        findings += invalid
    read = ReadModel(made, name, form, document, tuple(findings))
    if made is None:
        return read
    contradictions = [read.finding(place, text) for place, text in problems(made)]
    return ReadModel(made, name, form, document, (*findings, *contradictions))


def problems_text(findings: Iterable[Finding]) -> str:
    """Count findings: ``1 problem``, ``3 problems``."""
    count = len(tuple(findings))
    return "1 problem" if count == 1 else f"{count} problems"


def _validated(
    document: YamlDocument, name: str, model: type[Model], form: Form
) -> tuple[Model | None, list[Finding]]:
    if not isinstance(document.data, dict):
        return None, [_finding(form, name, 1, form.expected)]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        return None, [
            _from_pydantic(form, name, document, detail)
            for detail in details
            if not (detail["type"] == "too_short" and detail["input"])
        ]


def _from_pydantic(form: Form, name: str, document: YamlDocument, detail: Any) -> Finding:
    written = detail["loc"]
    place = _as_written(document.data, written)
    missing = detail["type"] == "missing"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"unknown field {place[-1]!r}"
    elif missing:
        message = f"the field {written[-1]!r} is missing"
    elif detail["type"] == "too_short":
        message = "this needs at least one item"
    elif detail["type"] in _SHAPES:
        message = f"this should be a {_SHAPES[detail['type']]}"
    shown = detail["input"]
    value = None if missing or isinstance(shown, dict | list) else str(shown)
    line = document.line_of(place)
    return _finding(form, name, line, message, column=_dotted(place), value=value)


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


def _dotted(place: Location) -> str | None:
    return ".".join(str(part) for part in place) or None


def _finding(
    form: Form,
    name: str,
    line: int,
    message: str,
    *,
    column: str | None = None,
    value: str | None = None,
) -> Finding:
    return Finding(
        form.severity, form.code, message, file=name, row=line, column=column, value=value
    )
