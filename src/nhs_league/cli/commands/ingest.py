"""``nhs-league ingest``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from nhs_league.api.ingests import ingested
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import announce_sample
from nhs_league.errors import UsageError
from nhs_league.presentation.format_names import FOR_READING
from nhs_league.presentation.formats import Result
from nhs_league.presentation.ingests import ingest_document
from nhs_league.provenance import manifest
from nhs_league.replacing import spoken
from nhs_league.sources.dataset import load_data
from nhs_league.sources.files import find_files


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    data: Sequence[Path],
    *,
    every_organisation: bool,
    strict: bool,
) -> None:
    """Read publications and tables, and write their observations."""
    _require_data_format(destination)
    _spare_inputs(destination, data)
    announce_sample(diagnostics, data)
    dataset = load_data(data).require_sound(strict=strict)
    diagnostics.warnings(dataset.findings)
    rows = ingested(dataset, every_organisation=every_organisation)
    result = Result(
        rows,
        lambda: ingest_document(dataset),
        manifest("ingest", files=dataset.files, every_organisation=every_organisation),
        lambda: {"files": [dataclasses.asdict(report) for report in dataset.files]},
        title="Observations of publications",
        tables=lambda: {"Observations": rows},
    )
    write_result(result, destination)


def _require_data_format(destination: Destination) -> None:
    """See that a file is to hold observations. Raises ``UsageError`` for a layout for reading."""
    if destination.path is not None and destination.chosen_format in FOR_READING:
        raise UsageError(
            f"{destination.path.name} would hold sums and no observations: name it .csv, .xlsx, "
            ".parquet, .json or .ndjson, or give one of these formats"
        )


def _spare_inputs(destination: Destination, data: Sequence[Path]) -> None:
    """See that no file is read and written at once. Raises ``UsageError``."""
    if destination.path is None:
        return
    with spoken(destination.path):
        if not destination.path.exists():
            return
        written = destination.path.resolve()
    if any(file.path.resolve() == written for file in find_files(data)):
        raise UsageError(f"{destination.path} is one of the files to read: write to another")
