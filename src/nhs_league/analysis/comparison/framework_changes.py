"""What differs between the rules of two frameworks, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from nhs_league.framework.model import Framework

FRAMEWORK_CHANGES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "part": pl.String(),
    "id": pl.String(),
    "field": pl.String(),
    "change": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
"""The frame contract: one row a difference, in the order of ``PARTS_OF_RULES``, then of the files.

``id`` is that of a metric, domain or override, null elsewhere; ``field`` is dotted, as
``scoring.standard``, and null where the whole is ``added`` or ``dropped``; otherwise the change is
of one field, which may be ``added``, ``dropped`` or ``changed``. ``before`` and ``after`` are text.
"""

PARTS_OF_RULES: Final = (
    "scale",
    "domain",
    "metric",
    "aggregate",
    "segments",
    "override",
    "ranking",
    "movement",
    "other",
)

_PROSE: Final = frozenset({"description", "why", "note", "source", "evidence", "numerator"})
_NAMES: Final = frozenset({"id", "title", "description"})
"""What a framework is called: two may have the same rules under different names."""

_Fields = Mapping[str, str]


def framework_changes(before: Framework, after: Framework) -> pl.DataFrame:
    """List what differs between the rules of two frameworks, under ``FRAMEWORK_CHANGES_SCHEMA``.

    Names of the frameworks, prose and evidence are no rules, and neither is the order in which
    metrics, domains or overrides stand. Identical rules give a frame without rows.
    """
    rows = [
        {"part": part, "id": id_, **change}
        for part in PARTS_OF_RULES
        for id_, change in _changes_of_part(part, _parts(before, part), _parts(after, part))
    ]
    return pl.DataFrame(rows, schema=FRAMEWORK_CHANGES_SCHEMA)


def _parts(framework: Framework, part: str) -> dict[str | None, _Fields]:
    """Give the things of a part by their ids, each as flat fields of text."""
    match part:
        case "metric":
            return {id_: _flat(metric.model_dump()) for id_, metric in framework.metrics.items()}
        case "domain":
            return {id_: _flat(framework.domain(id_).model_dump()) for id_ in framework.domains}
        case "override":
            return {rule.id: _flat(rule.model_dump(exclude={"id"})) for rule in framework.overrides}
        case "other":
            others = framework.model_dump(exclude=set(_NAMES | _STATED_APART))
            return {None: _flat(others)}
        case _:
            stated = getattr(framework, part)
            return {None: {} if stated is None else _flat(stated.model_dump())}


_STATED_APART: Final = frozenset(
    {"scale", "domains", "metrics", "aggregate", "segments", "overrides", "ranking", "movement"}
)


def _changes_of_part(
    part: str, before: Mapping[str | None, _Fields], after: Mapping[str | None, _Fields]
) -> Iterator[tuple[str | None, dict[str, str | None]]]:
    for id_ in dict.fromkeys((*before, *after)):
        if id_ is not None and id_ not in after:
            yield id_, _whole("dropped", _named(part, before[id_]), None)
        elif id_ is not None and id_ not in before:
            yield id_, _whole("added", None, _named(part, after[id_]))
        else:
            for change in _changes_of_fields(before[id_], after[id_]):
                yield id_, change


def _changes_of_fields(before: _Fields, after: _Fields) -> Iterator[dict[str, str | None]]:
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old != new:
            change = "added" if old is None else "dropped" if new is None else "changed"
            yield {"field": field, "change": change, "before": old, "after": new}


def _whole(change: str, before: str | None, after: str | None) -> dict[str, str | None]:
    return {"field": None, "change": change, "before": before, "after": after}


def _named(part: str, fields: _Fields) -> str:
    """Write a whole metric, domain or override in short: its title and what it does."""
    told = fields["title"]
    if part == "override":
        return f"{told}: not better than segment {fields['not_better_than']}"
    weight = f"weight {fields['weight']}"
    return f"{told} ({weight if fields.get('counts') != 'no' else 'not in the average'})"


def _flat(stated: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Name every field that is stated by its path; what is not stated has no field."""
    fields: dict[str, str] = {}
    for name, value in stated.items():
        if value is None or name in _PROSE:
            continue
        if isinstance(value, Mapping):
            fields |= _flat(value, f"{above}{name}.")
        else:
            fields[f"{above}{name}"] = _text(value)
    return fields


def _text(value: Any) -> str:
    """Write a value in short: ``1.92, 2.32``; rows of a matrix and bands stand apart."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Mapping):
        stated = (f"{name} {_text(each)}" for name, each in value.items() if each is not None)
        return " ".join(stated).replace("_", " ")
    if isinstance(value, list | tuple):
        is_nested = any(isinstance(each, Mapping | list | tuple) for each in value)
        return ("; " if is_nested else ", ").join(_text(each) for each in value) or "none"
    return str(value)
