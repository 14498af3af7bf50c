"""A result as one HTML page that needs no other file."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from nhs_league.presentation.account import (
    ATTRIBUTION,
    NOT_OFFICIAL,
    account_lines,
    source_sentence,
)
from nhs_league.presentation.formats import Result
from nhs_league.presentation.html_blocks import laid_out
from nhs_league.presentation.templating import asset, render_template


def render_html(result: Result) -> str:
    """Render a result's document as a page, with where it came from at its foot."""
    document = result.document()
    return render_template(
        "document.html",
        {
            "title": result.heading(document),
            "stylesheet": asset("site.css"),
            "blocks": laid_out(document),
            "source": source_sentence(result.meta),
            "not_official": NOT_OFFICIAL,
            "attribution": ATTRIBUTION,
            "account": _account(result),
        },
    )


def _account(result: Result) -> list[tuple[str, list[str]]]:
    """Give the account under its names, each with its values; those that are none are left out."""
    lines = [line for line in account_lines(result.meta) if line[1] is not None]
    return [
        (name, [str(value) for _, value in group])
        for name, group in groupby(lines, key=itemgetter(0))
    ]
