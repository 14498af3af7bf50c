"""The account of where a result came from, for people: as a sentence and as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

NOT_OFFICIAL: Final = "Not an official NHS product."
ATTRIBUTION: Final = (
    "Contains public sector information licensed under the Open Government Licence v3.0."
)


def source_sentence(meta: Mapping[str, Any]) -> str:
    """Name tool, frameworks and quarters in one sentence, as far as they are known."""
    parts = [f"{meta.get('tool', 'nhs-league')} {meta.get('version', '')}".strip()]
    frameworks = meta.get("frameworks") or [meta["framework"]] if _has_framework(meta) else []
    parts += [f"framework {each['title']} ({each['id']})" for each in frameworks]
    if when := meta.get("quarter_label"):
        parts.append(str(when))
    elif quarters := [str(quarter) for quarter in meta.get("quarters", ()) if quarter]:
        parts.append(", ".join(quarters))
    return f"Source: {'; '.join(parts)}."


def source_line(meta: Mapping[str, Any]) -> str:
    """Say where a result came from, that it is not official, and whose information it holds."""
    return f"{source_sentence(meta)} {NOT_OFFICIAL} {ATTRIBUTION}"


def account_lines(meta: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Lay an account out as names and plain values: one line a file of the inputs.

    A value that is none stays, so that it can be seen that there is none.
    """
    return [line for name, value in meta.items() for line in _lines(_words(name), value)]


def _lines(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for inner, part in value.items():
            yield from _lines(f"{name} {_words(inner)}", part)
    elif isinstance(value, list | tuple):
        if any(isinstance(part, Mapping) for part in value):
            yield from ((name, _on_one_line(part)) for part in value)
        elif value:
            yield name, _on_one_line(value)
    else:
        yield name, value


def _on_one_line(value: Any) -> str:
    """Write a value within a line: ``file: a.csv; sha256: 0f3c``."""
    if isinstance(value, Mapping):
        return "; ".join(f"{_words(name)}: {_on_one_line(part)}" for name, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_on_one_line(part) for part in value)
    return "-" if value is None else str(value)


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _has_framework(meta: Mapping[str, Any]) -> bool:
    return bool(meta.get("framework") or meta.get("frameworks"))
