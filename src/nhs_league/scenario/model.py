"""A scenario: changes to several trusts and to the framework, to be tried together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from nhs_league.framework.base import FrameworkPart, Identifier, Text
from nhs_league.framework.yaml_models import Problem

Switch: TypeAlias = Literal["on", "off"]


def _form(stated: object) -> str:
    return "each" if isinstance(stated, dict) else "all"


Overrides = Annotated[
    Annotated[Switch, Tag("all")] | Annotated[dict[Identifier, Switch], Tag("each")],
    Discriminator(_form),
]


class TrustChanges(FrameworkPart):
    """What is changed of a trust: values by metric, and its overrides, all of them or by id."""

    values: dict[Identifier, float] = {}
    overrides: Overrides = {}


class Scenario(FrameworkPart):
    """A scenario: trusts by code or name, and other weights or fewer metrics of the framework."""

    title: Text
    trusts: dict[Text, TrustChanges] = {}
    weights: dict[Identifier, Annotated[float, Field(gt=0)]] = {}
    drop: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()


def scenario_problems(scenario: Scenario) -> Iterator[Problem]:
    """Yield every part that changes nothing, with its place in the file."""
    for name, stated in scenario.trusts.items():
        if not stated.values and not stated.overrides:
            yield ("trusts", name), "nothing is changed: state values or overrides"
    if not scenario.trusts and not scenario.weights and not scenario.drop:
        yield (), "nothing is changed: state trusts, weights or drop"
