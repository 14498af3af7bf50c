"""``nhs-league frameworks``, ``metrics``, ``sources`` and ``schema``: what is known."""

from __future__ import annotations

from collections.abc import Sequence

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
from nhs_league.presentation.sources import sources_document, sources_frame
from nhs_league.provenance import manifest
from nhs_league.schemas import Kind, schema_text
from nhs_league.sources.specs.catalogue import find_sources


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


def sources(destination: Destination, paths: Sequence[str]) -> None:
    """List the source specs, with the user's own, and the layouts that are built in."""
    frame = sources_frame(find_sources(paths))
    write_result(Result(frame, lambda: sources_document(frame), manifest("sources")), destination)


def schema(destination: Destination, of: Kind) -> None:
    """Write a JSON Schema."""
    write_content(schema_text(of).encode(), destination)
