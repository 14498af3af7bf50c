"""What commands over several quarters say of the quarters, and whom they take a code to mean."""

from __future__ import annotations

from collections.abc import Iterator

from nhs_league.analysis.history import listed
from nhs_league.api.quarters import OpenQuarters
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.session import find_trust
from nhs_league.errors import UsageError
from nhs_league.framework.model import Framework
from nhs_league.quarter import Quarter


def note_quarters(diagnostics: Diagnostics, opened: OpenQuarters) -> None:
    """Say which quarters are ranked by a framework not theirs, and which are left out, and why."""
    for note in (*_governed_by_none(opened), *_left_out(opened)):
        diagnostics.note(note)


def find_in_quarters(diagnostics: Diagnostics, opened: OpenQuarters, asked: str) -> str:
    """Give the code that is meant: one that stands in any of the quarters is meant literally.

    Its closing is noted all the same. Otherwise as ``find_trust``.
    """
    code = asked.strip().upper()
    if not any(code in one.league.standings["org_code"] for one in opened.leagues):
        return find_trust(diagnostics, opened, asked)
    try:
        match = opened.find(code)
    except UsageError:
        # Nobody else, or more than one, could be meant: the code alone is clear.
        return code
    if match.org_code != code and match.note:
        diagnostics.note(f"{match.note}; these are the quarters of {code} itself")
    return code


def _governed_by_none(opened: OpenQuarters) -> Iterator[str]:
    """Name the quarters that a framework ranks though they are not its own."""
    for file in opened.framework_files:
        framework = file.framework
        quarters = [
            one.league.quarter
            for one in opened.leagues
            if one.framework_file.sha256 == file.sha256
            and not framework.applies_to.includes(one.league.quarter)
        ]
        if quarters:
            verb = "is" if len(quarters) == 1 else "are"
            yield (
                f"{framework.id} does not govern {_told(quarters)}, "
                f"which {verb} ranked by it all the same"
            )


def _left_out(opened: OpenQuarters) -> Iterator[str]:
    """Name the quarters of the data without a league, those with one reason together."""
    together: dict[str, list[Quarter]] = {}
    for quarter in opened.left_out:
        governing = [
            framework.id
            for framework in _frameworks(opened)
            if _governs(framework, quarter, opened)
        ]
        together.setdefault(" or ".join(governing), []).append(quarter)
    for ids, quarters in together.items():
        verb = "is" if len(quarters) == 1 else "are"
        if ids:
            reason = f"the data have no figures for {ids} there"
        else:
            reason = _not_governed([framework.id for framework in _frameworks(opened)], quarters)
        yield f"{_told(quarters)} {verb} left out: {reason}"


def _not_governed(ids: list[str], quarters: list[Quarter]) -> str:
    them = "it" if len(quarters) == 1 else "them"
    if len(ids) == 1:
        return f"{ids[0]} does not govern {them}"
    return f"none of {listed(ids)} governs {them}"


def _governs(framework: Framework, quarter: Quarter, opened: OpenQuarters) -> bool:
    """Say whether a framework is taken for a quarter: for its own, or for all if it has none."""
    every = [*(one.league.quarter for one in opened.leagues), *opened.left_out]
    includes = framework.applies_to.includes
    return includes(quarter) or not any(includes(each) for each in every)


def _frameworks(opened: OpenQuarters) -> list[Framework]:
    return [file.framework for file in opened.framework_files]


def _told(quarters: list[Quarter]) -> str:
    return listed([str(quarter) for quarter in quarters])
