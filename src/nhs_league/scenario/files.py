"""Read a scenario file, and see that a league can be changed so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nhs_league.analysis.counterfactuals.changes import (
    Change,
    MetricDropped,
    OverrideChange,
    ValueChange,
    WeightChange,
    change_problems,
)
from nhs_league.errors import ScenarioError, UsageError
from nhs_league.findings import Finding, in_order
from nhs_league.framework.yaml_models import Form, ReadModel, problems_text, read_model
from nhs_league.framework.yaml_reader import Location
from nhs_league.league import League
from nhs_league.scenario.model import Scenario, TrustChanges, scenario_problems

_FORM: Final = Form(
    "error", "scenario_invalid", "a scenario file is a mapping with title, trusts ..."
)


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario with the name and the SHA-256 of the file that states it."""

    scenario: Scenario
    name: str
    sha256: str
    read: ReadModel[Scenario]

    def changes(self, league: League, find: Callable[[str], str]) -> tuple[Change, ...]:
        """Give the changes to a league; ``find`` gives the code of a trust that is named.

        Raises ``ScenarioError`` with every change that cannot be made, each with its line.
        """
        findings: list[Finding] = list(self.read.findings)
        found: list[tuple[Location, Change]] = []
        for name, stated in self.scenario.trusts.items():
            try:
                org_code = find(name)
            except UsageError as error:
                findings.append(self.read.finding(("trusts", name), error.message, value=name))
                continue
            found += _trust_changes(("trusts", name), org_code, stated)
        found += [
            (("weights", id_), WeightChange(id_, weight))
            for id_, weight in self.scenario.weights.items()
        ]
        found += [(("drop", at), MetricDropped(id_)) for at, id_ in enumerate(self.scenario.drop)]
        problems = change_problems(league, [change for _, change in found])
        findings += [self.read.finding(found[at][0], text) for at, text in problems]
        if findings:
            raise _invalid(self.name, findings)
        return tuple(change for _, change in found)


def load_scenario(path: str | Path) -> ScenarioFile:
    """Read a scenario file.

    Raises ``ScenarioError`` with every problem, each with its line, for a file that is unreadable
    or has no scenario's form. That a trust or the whole changes nothing is said with the other
    problems of its changes.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"cannot read the scenario {path}: {error.strerror or error}"
        ) from error
    read = read_model(content, path.name, lambda _: Scenario, _FORM, scenario_problems)
    if read.model is None:
        raise _invalid(path.name, read.findings)
    return ScenarioFile(read.model, path.name, hashlib.sha256(content).hexdigest(), read)


def _trust_changes(
    place: Location, org_code: str, stated: TrustChanges
) -> Iterator[tuple[Location, Change]]:
    for id_, value in stated.values.items():
        yield (*place, "values", id_), ValueChange(org_code, id_, value)
    if isinstance(stated.overrides, dict):
        for id_, switch in stated.overrides.items():
            yield (*place, "overrides", id_), OverrideChange(org_code, id_, switch == "on")
    else:
        yield (*place, "overrides"), OverrideChange(org_code, None, stated.overrides == "on")


def _invalid(name: str, findings: Sequence[Finding]) -> ScenarioError:
    return ScenarioError(f"the scenario {name} has {problems_text(findings)}", in_order(findings))
