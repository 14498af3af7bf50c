"""``nhs-league explain --history``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nhs_league.analysis.control_charts import ControlCharts, control_charts
from nhs_league.analysis.trust_history import trust_history
from nhs_league.api.quarters import OpenQuarters, open_quarters
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.quarters_notes import find_in_quarters, note_quarters
from nhs_league.cli.session import Request, announce_sample
from nhs_league.errors import UsageError
from nhs_league.presentation.formats import Result
from nhs_league.presentation.trust_histories import trust_history_document
from nhs_league.provenance import manifest
from nhs_league.quarter import Quarter


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    trust: str,
    *,
    ranges: bool,
    seed: int | None,
) -> None:
    """Follow the trust through every quarter, chart its monthly figures and write."""
    if ranges or seed is not None:
        raise UsageError(
            f"--history and {'--ranges' if ranges else '--seed'} exclude each other: "
            "likely ranges are of one quarter"
        )
    last = None if request.quarter is None else Quarter.parse(request.quarter)
    announce_sample(diagnostics, request.data)
    opened = _open(request, last)
    diagnostics.warnings(opened.findings)
    note_quarters(diagnostics, opened)
    org_code = find_in_quarters(diagnostics, opened, trust)
    leagues = [one.league for one in opened.leagues]
    history = trust_history(leagues, org_code)
    latest = opened.latest.league
    charts = control_charts(
        opened.dataset.observations,
        latest.framework,
        org_code,
        last_month=latest.quarter.last_month,
    )
    result = Result(
        history,
        lambda: trust_history_document(history, charts, latest),
        _manifest(opened, request),
        lambda: _parts(charts, opened),
        title=f"{history['org_name'][-1]} ({org_code}): quarter by quarter",
        tables=lambda: {"Quarters": history},
    )
    write_result(result, destination)


def _open(request: Request, last: Quarter | None) -> OpenQuarters:
    """Open every quarter that is asked for; the history ends with the ``last``."""
    opened = open_quarters(
        request.data,
        (request.framework,) if request.framework else (),
        scores=request.scores,
        strict=request.strict,
    )
    if last is None:
        return opened
    quarters = [one.league.quarter for one in opened.leagues]
    if last not in quarters:
        listed = ", ".join(f"{quarter} ({quarter.nhs_label})" for quarter in quarters)
        raise UsageError(f"the history has no {last}, {last.long_label}; it has {listed}")
    return replace(
        opened,
        leagues=tuple(one for one in opened.leagues if one.league.quarter <= last),
        left_out=tuple(quarter for quarter in opened.left_out if quarter <= last),
    )


def _manifest(opened: OpenQuarters, request: Request) -> dict[str, Any]:
    return manifest(
        "explain",
        frameworks=opened.framework_files,
        files=opened.dataset.files,
        history=True,
        quarters=[str(one.league.quarter) for one in opened.leagues],
        scores=request.scores,
    )


def _parts(charts: ControlCharts, opened: OpenQuarters) -> dict[str, Any]:
    return {
        "charts": charts.charts.to_dicts(),
        "control_charts": charts.rows().to_dicts(),
        "missing_months": charts.missing.to_dicts(),
        "too_few_points": charts.too_few.select("metric_id", "points").to_dicts(),
        "left_out": [str(quarter) for quarter in opened.left_out],
    }
