"""``nhs-league validate``."""

from __future__ import annotations

import dataclasses

from nhs_league.api.inputs import read_inputs
from nhs_league.cli.diagnostics import Diagnostics, ExitCode
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import Request, announce_sample
from nhs_league.errors import DataError, UsageError
from nhs_league.findings import has_errors, in_order
from nhs_league.presentation.catalogues import findings_document, findings_frame, verdict
from nhs_league.presentation.formats import Result
from nhs_league.provenance import manifest
from nhs_league.validation import validate


def run(diagnostics: Diagnostics, destination: Destination, request: Request) -> ExitCode:
    """Check the data and, where they can be scored, the quarter; write the findings."""
    announce_sample(diagnostics, request.data)
    inputs = read_inputs(request.data, request.framework)
    dataset = inputs.dataset
    findings = list(dataset.findings)
    file = chosen = None
    try:
        file, chosen = inputs.choose(request.quarter)
    except (UsageError, DataError) as error:
        is_of_the_data = has_errors(error.findings)
        if not is_of_the_data and (request.framework is not None or request.quarter is not None):
            raise
    if file is not None and chosen is not None:
        findings += validate(dataset.observations, dataset.organisations, file.framework, chosen)
    findings = in_order(findings)
    result = Result(
        findings_frame(findings),
        lambda: findings_document(dataset.files, findings),
        manifest(
            "validate",
            framework=file,
            quarter=chosen,
            files=dataset.files,
            verdict=verdict(findings),
        ),
        lambda: {"files": [dataclasses.asdict(report) for report in dataset.files]},
        title="Findings on data and framework",
        tables=lambda: {"Findings": findings_frame(findings)},
    )
    write_result(result, destination)
    return ExitCode.DATA if has_errors(findings, strict=request.strict) else ExitCode.DONE
