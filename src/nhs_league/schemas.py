"""The JSON Schemas of framework, scenario and source files, by which editors check them."""

from __future__ import annotations

import json
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from nhs_league.framework.model import Framework
from nhs_league.scenario.model import Scenario
from nhs_league.sources.specs.model import Source

Kind: TypeAlias = Literal["framework", "scenario", "source"]

_MODELS: Final[dict[Kind, Any]] = {
    "framework": Framework,
    "scenario": Scenario,
    "source": Source,
}


def schema_text(kind: Kind) -> str:
    """Write a schema as JSON text; the files in ``configs/schema`` hold the same."""
    schema = TypeAdapter(_MODELS[kind]).json_schema()
    return (
        json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema},
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
