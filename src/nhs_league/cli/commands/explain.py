"""``nhs-league explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nhs_league.analysis.explain import Explanation, explain
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import (
    Request,
    draw_ranges,
    find_trust,
    league_manifest,
    league_title,
    open_session,
    ranges_account,
)
from nhs_league.presentation.explanation import explanation_document, explanation_summary
from nhs_league.presentation.formats import Result

if TYPE_CHECKING:
    from nhs_league.league import League
    from nhs_league.presentation.charts.drawing import Picture


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    trust: str,
    *,
    ranges: bool,
    seed: int | None,
) -> None:
    """Find the trust, explain its rank and write; with likely ranges, where they are asked for."""
    opened = open_session(diagnostics, request)
    org_code = find_trust(diagnostics, opened, trust)
    explanation = explain(opened.league, org_code)
    drawn = draw_ranges(diagnostics, opened, asked=ranges, seed=seed)
    likely = drawn.range_of(org_code) if drawn else None
    rows = explanation.rows()
    title = league_title(opened, whose=f"{explanation.org_name} ({org_code})")
    result = Result(
        rows,
        lambda: explanation_document(explanation, opened.league, likely),
        league_manifest("explain", opened, request, **ranges_account(drawn)),
        lambda: {"summary": explanation_summary(explanation, opened.league, likely)},
        title=title,
        tables=lambda: {"Metrics": rows},
        picture=lambda: _picture(explanation, opened.league, title),
    )
    write_result(result, destination)


def _picture(explanation: Explanation, league: League, title: str) -> Picture:
    from nhs_league.presentation.pictures import explanation_picture

    return explanation_picture(explanation, league, title)
