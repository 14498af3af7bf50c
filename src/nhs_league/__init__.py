"""nhs-league: rank England's NHS trusts by an open framework, and explain every rank.

>>> import nhs_league
>>> opened = nhs_league.open_league(quarter="2025Q2")
>>> opened.explain("Moorfields").rank
1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nhs_league.analysis.audit import Audit, audit
    from nhs_league.analysis.explain import Explanation, explain
    from nhs_league.analysis.rankings import filtered, ranking, ranking_by
    from nhs_league.analysis.robustness.influence import influence
    from nhs_league.analysis.robustness.leave_one_out import leave_one_out
    from nhs_league.analysis.robustness.movement import movement
    from nhs_league.analysis.robustness.redrawing import sampling_errors
    from nhs_league.analysis.robustness.robustness import Design, Robustness, robustness
    from nhs_league.api import OpenAudit, OpenLeague, open_audit, open_league
    from nhs_league.errors import (
        DataError,
        FrameworkError,
        NhsLeagueError,
        OutputError,
        UsageError,
    )
    from nhs_league.findings import Finding
    from nhs_league.framework.catalogue import FrameworkFile, load_framework, shipped_framework_ids
    from nhs_league.framework.model import Framework
    from nhs_league.league import League, score, score_values
    from nhs_league.names import find_organisation
    from nhs_league.observations import Observation, observations_frame
    from nhs_league.organisations import Organisation, organisations_frame
    from nhs_league.quarter import Quarter
    from nhs_league.sources.dataset import Dataset, load_data
    from nhs_league.validation import validate

__all__ = [
    "Audit",
    "DataError",
    "Dataset",
    "Design",
    "Explanation",
    "Finding",
    "Framework",
    "FrameworkError",
    "FrameworkFile",
    "League",
    "NhsLeagueError",
    "Observation",
    "OpenAudit",
    "OpenLeague",
    "Organisation",
    "OutputError",
    "Quarter",
    "Robustness",
    "UsageError",
    "audit",
    "explain",
    "filtered",
    "find_organisation",
    "influence",
    "leave_one_out",
    "load_data",
    "load_framework",
    "movement",
    "observations_frame",
    "open_audit",
    "open_league",
    "organisations_frame",
    "ranking",
    "ranking_by",
    "robustness",
    "sampling_errors",
    "score",
    "score_values",
    "shipped_framework_ids",
    "validate",
]

_HOMES = {
    "analysis.audit": ("Audit", "audit"),
    "analysis.explain": ("Explanation", "explain"),
    "analysis.rankings": ("filtered", "ranking", "ranking_by"),
    "analysis.robustness.influence": ("influence",),
    "analysis.robustness.leave_one_out": ("leave_one_out",),
    "analysis.robustness.movement": ("movement",),
    "analysis.robustness.redrawing": ("sampling_errors",),
    "analysis.robustness.robustness": ("Design", "Robustness", "robustness"),
    "api": ("OpenAudit", "OpenLeague", "open_audit", "open_league"),
    "errors": ("DataError", "FrameworkError", "NhsLeagueError", "OutputError", "UsageError"),
    "findings": ("Finding",),
    "framework.catalogue": ("FrameworkFile", "load_framework", "shipped_framework_ids"),
    "framework.model": ("Framework",),
    "league": ("League", "score", "score_values"),
    "names": ("find_organisation",),
    "observations": ("Observation", "observations_frame"),
    "organisations": ("Organisation", "organisations_frame"),
    "quarter": ("Quarter",),
    "sources.dataset": ("Dataset", "load_data"),
    "validation": ("validate",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts without the engine."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nhs_league' has no attribute {name!r}")
    return getattr(import_module(f"nhs_league.{_HOME_OF[name]}"), name)
