"""``nhs-league whatif``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
    change_problems,
    incomplete_pools,
)
from nhs_league.analysis.counterfactuals.outcomes import Goal
from nhs_league.analysis.counterfactuals.targets import TargetSearch, search_target
from nhs_league.analysis.counterfactuals.whatif import WhatIf, require_ranked, what_if
from nhs_league.api.leagues import OpenLeague
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import (
    Request,
    find_trust,
    league_manifest,
    league_title,
    open_session,
)
from nhs_league.errors import UsageError
from nhs_league.framework.model import Framework
from nhs_league.presentation import targets, whatifs
from nhs_league.presentation.formats import Result
from nhs_league.scenario.files import ScenarioFile, load_scenario


@dataclass(frozen=True)
class Question:
    """What is asked: changes, or a target, or a target beside changes."""

    settings: tuple[str, ...]
    drop: tuple[str, ...]
    scenario: Path | None
    target_segment: int | None
    target_rank: int | None

    def check(self) -> None:
        """See that something is asked, and not two targets. Raises ``UsageError``."""
        if self.target_segment is not None and self.target_rank is not None:
            raise UsageError("--target-segment and --target-rank exclude each other")
        if not self.has_target and not self.settings and not self.drop and self.scenario is None:
            raise UsageError(
                "nothing is asked: give --set, --drop, --scenario, --target-segment or "
                "--target-rank"
            )

    @property
    def has_target(self) -> bool:
        """Say whether a target is asked for."""
        return self.target_segment is not None or self.target_rank is not None


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: Request,
    trust: str,
    question: Question,
) -> None:
    """Recompute the league with changes, or find those that lead to a target, and write it."""
    question.check()
    scenario = load_scenario(question.scenario) if question.scenario is not None else None
    opened = open_session(diagnostics, request)
    org_code = find_trust(diagnostics, opened, trust)
    require_ranked(opened.league, org_code)
    changes = _changes(diagnostics, opened, org_code, question, scenario)
    meta: dict[str, Any] = {"trust": org_code, "changes": [_stated(change) for change in changes]}
    if scenario is not None:
        meta["scenario"] = {
            "title": scenario.scenario.title,
            "file": scenario.name,
            "sha256": scenario.sha256,
        }
    result: Result
    if question.has_target:
        goal = Goal(question.target_segment, question.target_rank)
        with diagnostics.progress("Searching") as _:
            found = search_target(opened.league, org_code, goal, changes)
        _note_pools(diagnostics, opened, found.singles)
        result = _target_result(found, league_manifest("whatif", opened, request, **meta))
    else:
        made = what_if(opened.league, org_code, changes)
        _note_pools(diagnostics, opened, made.values["metric_id"].unique(maintain_order=True))
        result = _what_if_result(made, league_manifest("whatif", opened, request, **meta))
    said = "what it would take" if question.has_target else "what if"
    title = league_title(opened, said, whose=_named(opened, org_code))
    write_result(replace(result, title=title), destination)


def _named(opened: OpenLeague, org_code: str) -> str:
    known = opened.league.organisations.filter(pl.col("org_code") == org_code)
    return f"{known['org_name'].item()} ({org_code})"


def _note_pools(diagnostics: Diagnostics, opened: OpenLeague, metric_ids: Iterable[str]) -> None:
    """Say where a new value could not be scored among all that it should be."""
    lacking = incomplete_pools(opened.league, metric_ids)
    by_lack: dict[str, list[str]] = {}
    for id_, lack in lacking.items():
        by_lack.setdefault(lack, []).append(id_)
    for lack, ids in by_lack.items():
        diagnostics.note(f"new scores of {', '.join(ids)} are of part of the pool: it lacks {lack}")


def _changes(
    diagnostics: Diagnostics,
    opened: OpenLeague,
    org_code: str,
    question: Question,
    scenario: ScenarioFile | None,
) -> list[Change]:
    """Read the changes that are asked for. Raises ``UsageError`` with every problem."""
    changes: list[Change] = []
    problems: list[str] = []
    for setting in question.settings:
        change = _setting(setting, org_code, opened.league.framework)
        if isinstance(change, str):
            problems.append(change)
        else:
            changes.append(change)
    changes += [MetricDropped(metric_id) for metric_id in question.drop]
    problems += [text for _, text in change_problems(opened.league, changes)]
    if problems:
        raise UsageError("; ".join(problems))
    if scenario is not None:
        changes += scenario.changes(
            opened.league, lambda name: find_trust(diagnostics, opened, name)
        )
    return changes


def _setting(setting: str, org_code: str, framework: Framework) -> Change | str:
    """Read ``KEY=VALUE``; a text says what is wrong with it."""
    key, equals, text = (part.strip() for part in setting.partition("="))
    if not equals or not key or not text:
        return f"--set {setting!r} is not KEY=VALUE"
    if key not in framework.metrics and (key == "override" or key.startswith("override.")):
        if text not in ("on", "off"):
            return f"--set {setting!r}: an override is on or off"
        return OverrideChange(org_code, key.partition(".")[2] or None, text == "on")
    metric = framework.metrics.get(key)
    is_percentage = metric is not None and metric.unit == "percent"
    value = _number(text.removesuffix("%") if is_percentage else text)
    if value is None:
        return f"--set {setting!r}: {text!r} is no number"
    if key not in framework.metrics and key.startswith("weight."):
        return WeightChange(key.partition(".")[2], value)
    return ValueChange(org_code, key, value)


def _number(text: str) -> float | None:
    try:
        # Python would take the underscores of its own numbers.
        return float(text.replace("_", "?"))
    except ValueError:
        return None


def _stated(change: Change) -> dict[str, Any]:
    kinds = {
        ValueChange: "value",
        OverrideChange: "override",
        WeightChange: "weight",
        MetricDropped: "drop",
    }
    return {"kind": kinds[type(change)], **asdict(change)}


def _what_if_result(made: WhatIf, meta: Any) -> Result:
    own = made.places.filter(pl.col("org_code") == made.org_code)
    movers = made.movers().filter(pl.col("org_code") != made.org_code)
    rows = pl.concat([own, movers])

    def parts() -> dict[str, Any]:
        return {"summary": {"sentence": whatifs.headline(made)}, "values": made.values.to_dicts()}

    return Result(
        rows,
        lambda: whatifs.what_if_document(made),
        meta,
        parts,
        tables=lambda: {"Organisations": rows},
    )


def _target_result(found: TargetSearch, meta: dict[str, Any]) -> Result:
    def parts() -> dict[str, Any]:
        standings: Sequence[tuple[str, Any]] = (
            ("standing", found.standing),
            ("without_override", found.without_override),
            ("at_best", found.at_best),
        )
        summary = {"sentence": targets.headline(found), "verdict": found.verdict}
        return {
            "summary": summary
            | {name: None if each is None else asdict(each) for name, each in standings}
        }

    meta = {**meta, "target": asdict(found.goal)}
    rows = targets.moves_frame(found)
    return Result(
        rows, lambda: targets.target_document(found), meta, parts, tables=lambda: {"Changes": rows}
    )
