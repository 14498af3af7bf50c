"""Frameworks, source specs and scenarios, spoilt: each works, or what is wrong has its line."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import polars as pl
from hypothesis import strategies as st

from nhs_league.analysis.counterfactuals.whatif import what_if
from nhs_league.api.inputs import checked_league
from nhs_league.api.leagues import OpenLeague, open_league
from nhs_league.errors import FrameworkError, NhsLeagueError, ScenarioError, SourceError
from nhs_league.framework.catalogue import parse_framework
from nhs_league.presentation.methods.document import method_document
from nhs_league.presentation.plain import render_plain
from nhs_league.quarter import Quarter
from nhs_league.scenario.files import load_scenario
from nhs_league.sources.dataset import Dataset, load_data
from nhs_league.sources.specs.catalogue import parse_source
from tests.fuzz.mutations import odd_csv, odd_yaml
from tests.fuzz.properties import (
    check_data,
    check_league,
    check_lines,
    check_places,
    folder_of,
    refusal,
)
from tests.fuzz.seeds import OWN_SPEC, SCENARIO, SMALL, publications, shipped, tidy
from tests.fuzz.settings import fuzzed

_TRUSTS = 12


def one_of(files: Mapping[str, bytes]) -> st.SearchStrategy[bytes]:
    """Spoil one of some YAML files."""
    return st.sampled_from(sorted(files)).flatmap(lambda name: odd_yaml(files[name]))


@functools.cache
def _sample() -> Dataset:
    """Give some trusts of each type of the bundled sample."""
    whole = load_data()
    by_type = pl.int_range(pl.len()).over("trust_type") < _TRUSTS
    organisations = whole.organisations.filter(by_type)
    observations = whole.observations.join(organisations, on="org_code", how="semi")
    return Dataset(
        observations, whole.others, organisations, whole.successions, whole.files, whole.findings
    )


@functools.cache
def _small() -> tuple[Dataset, OpenLeague]:
    with folder_of({**tidy(), "small.yaml": SMALL}) as folder:
        dataset = load_data([folder])
        return dataset, open_league([folder], folder / "small.yaml")


def _check_framework(content: bytes, dataset: Dataset) -> None:
    def use() -> None:
        framework = parse_framework(content, "own.yaml").framework
        for quarter in (Quarter(2025, 2), Quarter(2025, 3)):
            league, findings = checked_league(dataset, framework, quarter, "auto")
            check_places(findings)
            if league is not None:
                check_league(league)
        assert render_plain(method_document(framework))

    error = refusal(use)
    if error is not None:
        assert isinstance(error, FrameworkError), repr(error)
        check_lines(error, content, "own.yaml")


@fuzzed(40, content=odd_yaml(SMALL))
def test_a_small_framework(content: bytes) -> None:
    _check_framework(content, _small()[0])


@fuzzed(20, content=one_of(shipped("frameworks")))
def test_shipped_frameworks(content: bytes) -> None:
    _check_framework(content, _sample())


@fuzzed(60, content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_as_yaml(content: bytes) -> None:
    error = refusal(lambda: parse_framework(content, "own.yaml"))
    assert isinstance(error, FrameworkError)
    check_lines(error, content, "own.yaml")
    error = refusal(lambda: parse_source(content, "own.source.yaml"))
    assert isinstance(error, SourceError)
    check_lines(error, content, "own.source.yaml")


@fuzzed(40, content=one_of(shipped("sources") | {"own": OWN_SPEC}))
def test_source_specs(content: bytes) -> None:
    with folder_of({**publications(), **tidy(), "own.source.yaml": content}) as folder:
        error = refusal(lambda: parse_source(content, "own.source.yaml"))
        if error is not None:
            check_lines(error, content, "own.source.yaml")
            assert isinstance(error, SourceError)
        else:
            check_data(folder)


@st.composite
def _own_files(draw: st.DrawFn) -> dict[str, bytes]:
    return {
        "own.source.yaml": draw(odd_yaml(OWN_SPEC)),
        "own.csv": draw(odd_csv(publications()["own.csv"])),
        "organisations.csv": tidy()["organisations.csv"],
    }


@fuzzed(40, files=_own_files())
def test_a_source_spec_and_its_file(files: dict[str, bytes]) -> None:
    with folder_of(files) as folder:
        if refusal(lambda: parse_source(files["own.source.yaml"], "own.source.yaml")) is None:
            check_data(folder)


@fuzzed(40, content=odd_yaml(SCENARIO))
def test_scenarios(content: bytes) -> None:
    opened = _small()[1]

    def use() -> None:
        changes = load_scenario(folder / "own.yaml").changes(opened.league, _code)
        what_if(opened.league, "AA4", changes)

    with folder_of({"own.yaml": content}) as folder:
        error = refusal(use)
    if isinstance(error, ScenarioError):
        check_lines(error, content, "own.yaml")
    assert error is None or isinstance(error, ScenarioError | NhsLeagueError)


def _code(asked: str) -> str:
    return _small()[1].find(asked).org_code
