"""The JSON Schemas of framework, scenario and source files, by which editors check them."""

from __future__ import annotations

import json
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel

from nhs_league.framework.model import Framework
from nhs_league.scenario.model import Scenario
from nhs_league.sources.specs.model import SourceSpec

Kind: TypeAlias = Literal["framework", "scenario", "source"]

_MODELS: Final[dict[Kind, type[BaseModel]]] = {
    "framework": Framework,
    "scenario": Scenario,
    "source": SourceSpec,
}


def schema_text(kind: Kind) -> str:
    """Write a schema as JSON text; the files in ``configs/schema`` hold the same."""
    schema = _MODELS[kind].model_json_schema()
    return (
        json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema},
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
