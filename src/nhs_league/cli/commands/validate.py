"""``nhs-league validate``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from nhs_league.api import choose
from nhs_league.cli.diagnostics import Diagnostics, ExitCode
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import announce_sample
from nhs_league.errors import DataError, UsageError
from nhs_league.findings import has_errors, in_order
from nhs_league.presentation.catalogues import findings_document, findings_frame, verdict
from nhs_league.presentation.formats import Result
from nhs_league.provenance import manifest
from nhs_league.sources.dataset import load_data
from nhs_league.validation import validate


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    paths: Sequence[str],
    *,
    data: Sequence[Path] | None,
    framework: str | None,
    quarter: str | None,
    strict: bool,
) -> ExitCode:
    """Check the data and, where they can be scored, the quarter; write the findings."""
    named = [*map(Path, paths), *(data or ())]
    announce_sample(diagnostics, named)
    dataset = load_data(named)
    findings = list(dataset.findings)
    file = chosen = None
    try:
        file, chosen = choose(dataset, framework, quarter)
    except (UsageError, DataError) as error:
        is_of_the_data = bool(error.findings)
        if not is_of_the_data and (framework is not None or quarter is not None):
            raise
    if file is not None and chosen is not None:
        findings += validate(dataset.observations, dataset.organisations, file.framework, chosen)
    findings = in_order(findings)
    result = Result(
        findings_frame(findings),
        findings_document(dataset.files, findings),
        manifest(
            "validate",
            framework=file,
            quarter=chosen,
            files=dataset.files,
            verdict=verdict(findings),
        ),
        {"files": [dataclasses.asdict(report) for report in dataset.files]},
    )
    write_result(result, destination)
    return ExitCode.DATA if has_errors(findings, strict=strict) else ExitCode.DONE
