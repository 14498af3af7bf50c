"""``nhs-league explain``."""

from __future__ import annotations

from nhs_league.analysis.explain import explain
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import Request, league_manifest, open_session
from nhs_league.presentation.explanation import explanation_document, explanation_summary
from nhs_league.presentation.formats import Result


def run(diagnostics: Diagnostics, destination: Destination, request: Request, trust: str) -> None:
    """Find the trust, explain its rank and write."""
    opened = open_session(diagnostics, request)
    match = opened.find(trust)
    if match.note:
        diagnostics.note(match.note)
    explanation = explain(opened.league, match.org_code)
    result = Result(
        explanation.rows(),
        explanation_document(explanation, opened.league),
        league_manifest("explain", opened, request),
        {"summary": explanation_summary(explanation, opened.league)},
    )
    write_result(result, destination)
