"""The JSON Schema of framework files, by which editors complete and check them."""

from __future__ import annotations

import json

from nhs_league.framework.model import Framework


def framework_schema_text() -> str:
    """Write the schema as JSON text; ``configs/schema/framework.schema.json`` holds the same."""
    schema = Framework.model_json_schema()
    return (
        json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema},
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
