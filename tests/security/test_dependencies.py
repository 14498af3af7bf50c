"""What nhs-league rests on, as far as it can be judged without a network."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tools import dependencies

from tests.conftest import REPOSITORY

EXTRAS = ("report", "sensitivity", "xlsx")
MENDED = {
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "pydantic": ("2.4.0", "CVE-2024-3772"),
    "pyyaml": ("5.4", "CVE-2020-14343"),
    "scipy": ("1.10.0", "CVE-2023-25399"),
}
"""The version in which an advisory was mended: none below it may be installed."""

PERMISSIVE = re.compile(r"\b(MIT|BSD|0BSD|Apache|ISC|Python Software Foundation|PSF)\b")
SOUND = {"name": "polars", "version": "2.1.0", "vulns": []}
SKIPPED = {"name": "rich", "skip_reason": "not found"}
KNOWN = {
    "name": "jinja2",
    "version": "3.1.5",
    "vulns": [{"id": "CVE-2025-27516", "fix_versions": ["3.1.6"]}],
}


def name_of(requirement: Requirement) -> str:
    return re.sub(r"[-_.]+", "-", requirement.name).lower()


def stated() -> list[Requirement]:
    """List what pyproject.toml asks for, to run and for the extras."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = (text for extra in EXTRAS for text in project["optional-dependencies"][extra])
    return [Requirement(text) for text in (*project["dependencies"], *extras)]


def needed() -> dict[str, list[Requirement]]:
    """List what comes with an install, with all that asks for it."""
    found: dict[str, list[Requirement]] = {}
    waiting = stated()
    while waiting:
        requirement = waiting.pop()
        name = name_of(requirement)
        is_new = name not in found
        found.setdefault(name, []).append(requirement)
        for text in metadata.requires(name) or () if is_new else ():
            below = Requirement(text)
            extras = requirement.extras or {""}
            if below.marker is None or any(below.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(below)
    return found


def licence_of(name: str) -> str:
    about = metadata.metadata(name)
    classifiers = [
        text for text in about.get_all("Classifier") or [] if text.startswith("License ::")
    ]
    return about["License-Expression"] or " ".join(classifiers) or about["License"] or ""


def test_what_is_installed_is_what_everything_asks_for() -> None:
    wrong = [
        f"{requirement}, not {metadata.version(name)}"
        for name, requirements in needed().items()
        for requirement in requirements
        if not requirement.specifier.contains(metadata.version(name), prereleases=True)
    ]
    assert wrong == []


def test_every_dependency_has_a_lowest_version_and_none_an_address() -> None:
    for requirement in stated():
        assert any(part.operator == ">=" for part in requirement.specifier), requirement
        assert requirement.url is None


def test_no_version_with_an_old_advisory_may_be_installed() -> None:
    lowest = {
        name_of(requirement): Version(part.version)
        for requirement in stated()
        for part in requirement.specifier
        if part.operator == ">="
    }
    assert set(MENDED) <= set(lowest)
    assert [name for name, (mended, _) in MENDED.items() if lowest[name] < Version(mended)] == []


def test_every_licence_of_an_install_is_a_permissive_one() -> None:
    licences = {name: licence_of(name) for name in needed()}
    assert len(licences) > len(stated())
    assert {name: text for name, text in licences.items() if not PERMISSIVE.search(text)} == {}
    assert {name: text for name, text in licences.items() if "GPL" in text} == {}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, ["None of 1 packages has a known advisory."]),
        ([SOUND, KNOWN], 1, ["jinja2 3.1.5: CVE-2025-27516, mended in 3.1.6"]),
        (
            [SOUND, SKIPPED],
            2,
            [
                "The dependencies are not audited: 1 of 2 packages could not be looked up, such "
                "as rich: not found"
            ],
        ),
    ],
)
def test_an_audit_passes_only_where_everything_was_looked_up(
    packages: list[dict[str, Any]], code: int, said: list[str]
) -> None:
    assert dependencies.verdict(json.dumps({"dependencies": packages}), "") == (code, said)


def test_an_advisory_is_told_though_something_else_was_passed_over() -> None:
    code, said = dependencies.verdict(json.dumps({"dependencies": [KNOWN, SKIPPED]}), "")
    assert (code, len(said)) == (2, 2)
    assert said[0].startswith("jinja2")


@pytest.mark.parametrize(
    ("errors", "why"),
    [("Traceback\n\nno route\n", "no route"), ("", "it said nothing")],
)
def test_an_audit_without_a_network_is_none(errors: str, why: str) -> None:
    text = f"The dependencies are not audited: the advisory service did not answer: {why}"
    assert dependencies.verdict("", errors) == (2, [text])


def test_what_is_audited_is_all_that_is_installed() -> None:
    listed = {line.partition("==")[0] for line in dependencies.installed()}
    assert "nhs-league" not in listed
    assert {"polars", "pyyaml", "jinja2"} <= listed
