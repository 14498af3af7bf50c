"""``nhs-league summary``."""

from __future__ import annotations

from functools import partial

from nhs_league.analysis.places import PlaceKind, places
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import Request, league_manifest, league_title, open_session
from nhs_league.presentation.formats import Result
from nhs_league.presentation.places import places_document, verdict


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    by: PlaceKind,
    peer_group: str | None,
) -> None:
    """Sum the league up by place, say how far places differ, and write it."""
    opened = open_session(diagnostics, request)
    summed = places(opened.league, by, peer_group=peer_group)
    meta = league_manifest(
        "summary",
        opened,
        request,
        by=by,
        peer_group=summed.peer_group,
        verdict=verdict(summed),
    )
    result = Result(
        summed.rows,
        partial(places_document, summed),
        meta,
        lambda: {"variation": summed.variation.to_dicts()},
        title=league_title(opened, f"by {by}"),
        tables=lambda: {"Places": summed.rows},
    )
    write_result(result, destination)
