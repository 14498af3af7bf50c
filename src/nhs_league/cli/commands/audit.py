"""``nhs-league audit``."""

from __future__ import annotations

from typing import Any

from nhs_league.api.audits import OpenAudit, open_audit
from nhs_league.cli.diagnostics import Diagnostics, ExitCode
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import Request, announce_sample
from nhs_league.presentation.audits import audit_document, verdict
from nhs_league.presentation.catalogues import findings_frame
from nhs_league.presentation.formats import Result
from nhs_league.provenance import manifest


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    tolerance: float,
    *,
    every_cell: bool,
) -> ExitCode:
    """Recompute what the data publish, and write where it agrees and where it does not."""
    announce_sample(diagnostics, request.data)
    opened = open_audit(
        request.data,
        request.framework,
        request.quarter,
        scores=request.scores,
        tolerance=tolerance,
        strict=request.strict,
    )
    diagnostics.warnings(opened.findings)
    write_result(_result(opened, request, every_cell=every_cell), destination)
    return ExitCode.DIFFERENT if opened.audit.has_differences else ExitCode.DONE


def _result(opened: OpenAudit, request: Request, *, every_cell: bool) -> Result:
    audit = opened.audit
    quarters = [quarter for quarter, _ in opened.quarters]
    frameworks = {file.framework.id: file for _, file in opened.quarters}
    meta = manifest(
        "audit",
        frameworks=frameworks.values(),
        files=opened.dataset.files,
        quarters=[str(quarter) for quarter in quarters],
        scores=request.scores,
        tolerance=audit.tolerance,
        verdict=verdict(audit),
    )

    def parts() -> dict[str, Any]:
        return {
            "agreement": audit.agreement().to_dicts(),
            "not_computable": audit.reasons().to_dicts(),
            "findings": findings_frame(opened.findings).to_dicts(),
        }

    rows = audit.cells if every_cell else audit.disagreements()
    return Result(
        rows,
        lambda: audit_document(audit, quarters, opened.findings),
        meta,
        parts,
        title=f"Audit of published figures: {', '.join(str(quarter) for quarter in quarters)}",
        tables=lambda: {"Cells": rows},
    )
