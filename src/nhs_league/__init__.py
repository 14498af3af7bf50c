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
    from nhs_league.analysis.comparison.comparison import (
        Comparison,
        compare_methods,
        compare_quarters,
    )
    from nhs_league.analysis.comparison.framework_changes import framework_changes
    from nhs_league.analysis.comparison.saved_tables import compare_tables
    from nhs_league.analysis.control_charts import ControlCharts, control_chart, control_charts
    from nhs_league.analysis.counterfactuals.changes import (
        MetricDropped,
        OverrideChange,
        ValueChange,
        WeightChange,
    )
    from nhs_league.analysis.counterfactuals.outcomes import Goal
    from nhs_league.analysis.counterfactuals.targets import TargetSearch, search_target
    from nhs_league.analysis.counterfactuals.whatif import WhatIf, what_if
    from nhs_league.analysis.explain import Explanation, explain
    from nhs_league.analysis.history import History, history
    from nhs_league.analysis.places import Places, places
    from nhs_league.analysis.rankings import filtered, ranking, ranking_by
    from nhs_league.analysis.report import Report, report_of
    from nhs_league.analysis.robustness.influence import influence
    from nhs_league.analysis.robustness.leave_one_out import leave_one_out
    from nhs_league.analysis.robustness.movement import movement
    from nhs_league.analysis.robustness.redrawing import sampling_errors
    from nhs_league.analysis.robustness.robustness import Design, Robustness, robustness
    from nhs_league.analysis.trust_history import trust_history
    from nhs_league.api.audits import OpenAudit, open_audit
    from nhs_league.api.ingests import ingested
    from nhs_league.api.leagues import OpenLeague, open_league
    from nhs_league.api.quarters import OpenQuarters, open_pair, open_quarters
    from nhs_league.api.reports import OpenReport, open_report
    from nhs_league.errors import (
        DataError,
        FrameworkError,
        NhsLeagueError,
        OutputError,
        ScenarioError,
        SourceError,
        UsageError,
    )
    from nhs_league.findings import Finding
    from nhs_league.framework.catalogue import FrameworkFile, load_framework, shipped_framework_ids
    from nhs_league.framework.model import Framework
    from nhs_league.league import League, score, score_values
    from nhs_league.names import find_organisation
    from nhs_league.observations import Observation, observations_frame
    from nhs_league.organisations import Organisation, organisations_frame
    from nhs_league.presentation.site.build import build_site
    from nhs_league.presentation.site.source import SiteSource
    from nhs_league.presentation.site_folder.writing import write_folder
    from nhs_league.quarter import Quarter
    from nhs_league.scenario.files import ScenarioFile, load_scenario
    from nhs_league.sources.dataset import Dataset, load_data
    from nhs_league.sources.reports import FileReport
    from nhs_league.sources.saved_tables import SavedTable, read_saved_tables
    from nhs_league.sources.specs.catalogue import Catalogue, SourceFile, load_sources
    from nhs_league.validation import validate

__all__ = [
    "Audit",
    "Catalogue",
    "Comparison",
    "ControlCharts",
    "DataError",
    "Dataset",
    "Design",
    "Explanation",
    "FileReport",
    "Finding",
    "Framework",
    "FrameworkError",
    "FrameworkFile",
    "Goal",
    "History",
    "League",
    "MetricDropped",
    "NhsLeagueError",
    "Observation",
    "OpenAudit",
    "OpenLeague",
    "OpenQuarters",
    "OpenReport",
    "Organisation",
    "OutputError",
    "OverrideChange",
    "Places",
    "Quarter",
    "Report",
    "Robustness",
    "SavedTable",
    "ScenarioError",
    "ScenarioFile",
    "SiteSource",
    "SourceError",
    "SourceFile",
    "TargetSearch",
    "UsageError",
    "ValueChange",
    "WeightChange",
    "WhatIf",
    "audit",
    "build_site",
    "compare_methods",
    "compare_quarters",
    "compare_tables",
    "control_chart",
    "control_charts",
    "explain",
    "filtered",
    "find_organisation",
    "framework_changes",
    "history",
    "influence",
    "ingested",
    "leave_one_out",
    "load_data",
    "load_framework",
    "load_scenario",
    "load_sources",
    "movement",
    "observations_frame",
    "open_audit",
    "open_league",
    "open_pair",
    "open_quarters",
    "open_report",
    "organisations_frame",
    "places",
    "ranking",
    "ranking_by",
    "read_saved_tables",
    "report_of",
    "robustness",
    "sampling_errors",
    "score",
    "score_values",
    "search_target",
    "shipped_framework_ids",
    "trust_history",
    "validate",
    "what_if",
    "write_folder",
]

_HOMES = {
    "analysis.audit": ("Audit", "audit"),
    "analysis.comparison.comparison": ("Comparison", "compare_methods", "compare_quarters"),
    "analysis.comparison.framework_changes": ("framework_changes",),
    "analysis.comparison.saved_tables": ("compare_tables",),
    "analysis.control_charts": ("ControlCharts", "control_chart", "control_charts"),
    "analysis.counterfactuals.changes": (
        "MetricDropped",
        "OverrideChange",
        "ValueChange",
        "WeightChange",
    ),
    "analysis.counterfactuals.outcomes": ("Goal",),
    "analysis.counterfactuals.targets": ("TargetSearch", "search_target"),
    "analysis.counterfactuals.whatif": ("WhatIf", "what_if"),
    "analysis.explain": ("Explanation", "explain"),
    "analysis.history": ("History", "history"),
    "analysis.places": ("Places", "places"),
    "analysis.rankings": ("filtered", "ranking", "ranking_by"),
    "analysis.report": ("Report", "report_of"),
    "analysis.robustness.influence": ("influence",),
    "analysis.robustness.leave_one_out": ("leave_one_out",),
    "analysis.robustness.movement": ("movement",),
    "analysis.robustness.redrawing": ("sampling_errors",),
    "analysis.robustness.robustness": ("Design", "Robustness", "robustness"),
    "analysis.trust_history": ("trust_history",),
    "api.audits": ("OpenAudit", "open_audit"),
    "api.ingests": ("ingested",),
    "api.leagues": ("OpenLeague", "open_league"),
    "api.quarters": ("OpenQuarters", "open_pair", "open_quarters"),
    "api.reports": ("OpenReport", "open_report"),
    "errors": (
        "DataError",
        "FrameworkError",
        "NhsLeagueError",
        "OutputError",
        "ScenarioError",
        "SourceError",
        "UsageError",
    ),
    "findings": ("Finding",),
    "framework.catalogue": ("FrameworkFile", "load_framework", "shipped_framework_ids"),
    "framework.model": ("Framework",),
    "league": ("League", "score", "score_values"),
    "names": ("find_organisation",),
    "observations": ("Observation", "observations_frame"),
    "organisations": ("Organisation", "organisations_frame"),
    "presentation.site.build": ("build_site",),
    "presentation.site_folder.writing": ("write_folder",),
    "presentation.site.source": ("SiteSource",),
    "quarter": ("Quarter",),
    "scenario.files": ("ScenarioFile", "load_scenario"),
    "sources.dataset": ("Dataset", "load_data"),
    "sources.reports": ("FileReport",),
    "sources.saved_tables": ("SavedTable", "read_saved_tables"),
    "sources.specs.catalogue": ("Catalogue", "SourceFile", "load_sources"),
    "validation": ("validate",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts without the engine."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nhs_league' has no attribute {name!r}")
    return getattr(import_module(f"nhs_league.{_HOME_OF[name]}"), name)
