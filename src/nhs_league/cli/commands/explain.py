"""``nhs-league explain``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nhs_league.analysis.explain import explain
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import open_session
from nhs_league.presentation.explanation import explanation_document, explanation_summary
from nhs_league.presentation.formats import Result
from nhs_league.provenance import manifest


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    trust: str,
    *,
    data: Sequence[Path] | None,
    framework: str | None,
    quarter: str | None,
    strict: bool,
) -> None:
    """Find the trust, explain its rank and write."""
    opened = open_session(
        diagnostics, data=data, framework=framework, quarter=quarter, strict=strict
    )
    match = opened.find(trust)
    if match.note:
        diagnostics.note(match.note)
    explanation = explain(opened.league, match.org_code)
    meta = manifest(
        "explain",
        framework=opened.framework_file,
        quarter=opened.league.quarter,
        files=opened.dataset.files,
        scores="auto",
    )
    result = Result(
        explanation.rows(),
        explanation_document(explanation, opened.league),
        meta,
        {"summary": explanation_summary(explanation, opened.league)},
    )
    write_result(result, destination)
