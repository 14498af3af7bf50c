"""``nhs-league frameworks``, ``metrics`` and ``schema``: what is known."""

from __future__ import annotations

import polars as pl

from nhs_league.cli.output import Destination, write_content, write_result
from nhs_league.framework.catalogue import load_framework, load_shipped_frameworks
from nhs_league.presentation.catalogues import (
    frameworks_document,
    frameworks_frame,
    metrics_document,
    metrics_frame,
)
from nhs_league.presentation.document import Document
from nhs_league.presentation.formats import Result
from nhs_league.provenance import manifest
from nhs_league.schemas import Kind, schema_text


def frameworks(destination: Destination) -> None:
    """List the shipped frameworks."""
    frame = frameworks_frame(load_shipped_frameworks())
    write_result(
        Result(frame, lambda: frameworks_document(frame), manifest("frameworks")), destination
    )


def metrics(destination: Destination, framework: str | None) -> None:
    """List the metrics of one framework, or of every shipped one."""
    files = [load_framework(framework)] if framework else list(load_shipped_frameworks())
    frames = [(file.framework, metrics_frame(file.framework)) for file in files]

    def document() -> Document:
        return [block for known, frame in frames for block in metrics_document(frame, known)]

    rows = pl.concat([frame for _, frame in frames])
    meta = manifest("metrics", framework=files[0] if len(files) == 1 else None)
    write_result(Result(rows, document, meta), destination)


def schema(destination: Destination, of: Kind) -> None:
    """Write a JSON Schema."""
    write_content(schema_text(of).encode(), destination)
