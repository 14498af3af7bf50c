"""``nhs-league ingest``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from nhs_league.api.ingests import ingested
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import announce_sample
from nhs_league.presentation.formats import Result
from nhs_league.presentation.ingests import ingest_document
from nhs_league.provenance import manifest
from nhs_league.sources.dataset import load_data


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    data: Sequence[Path],
    *,
    every_organisation: bool,
    strict: bool,
) -> None:
    """Read publications and tables, and write their observations."""
    announce_sample(diagnostics, data)
    dataset = load_data(data).require_sound(strict=strict)
    diagnostics.warnings(dataset.findings)
    result = Result(
        ingested(dataset, every_organisation=every_organisation),
        lambda: ingest_document(dataset),
        manifest("ingest", files=dataset.files, every_organisation=every_organisation),
        lambda: {"files": [dataclasses.asdict(report) for report in dataset.files]},
    )
    write_result(result, destination)
