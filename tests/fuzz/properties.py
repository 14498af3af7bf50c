"""What holds of every input, however wrong it is."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nhs_league.analysis.audit import audit
from nhs_league.analysis.explain import explain
from nhs_league.api.inputs import Inputs, checked_league
from nhs_league.errors import DataError, NhsLeagueError, UsageError
from nhs_league.findings import SEVERITIES, Finding, has_errors
from nhs_league.framework.catalogue import FrameworkFile, load_framework, load_shipped_frameworks
from nhs_league.league import League
from nhs_league.sources.dataset import Dataset, load_data

OF_CELLS: Final = frozenset(
    {
        "not_a_number",
        "percent_sign",
        "status_unknown",
        "figure_missing",
        "figure_not_expected",
        "mark_contradicts_status",
        "denominator_missing",
        "negative_count",
        "rank_impossible",
        "not_a_flag",
        "range_unreadable",
        "period_unreadable",
        "key_missing",
        "cell_without_value",
        "numerator_above_denominator",
        "score_off_scale",
        "segment_impossible",
    }
)
"""Errors that are a cell's: they name its row and its column."""

_WITHOUT_FILE: Final = frozenset({"months_not_combinable", "overlapping_figures"})
_EXPLAINED: Final = 3


@contextlib.contextmanager
def folder_of(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files into a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        yield folder


@contextlib.contextmanager
def no_panic() -> Iterator[None]:
    """Turn a panic of Polars, which is no ``Exception``, into a failure."""
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise AssertionError(f"a panic: {error!r}") from error


def refusal(call: Callable[[], Any]) -> NhsLeagueError | None:
    """Give the error that a call ends with, if it does: no other than the library's own may."""
    with no_panic():
        try:
            call()
        except NhsLeagueError as error:
            check_message(error)
            return error
    return None


def check_message(error: NhsLeagueError) -> None:
    """Hold that an error says something, in its message and in each finding."""
    assert error.message.strip()
    for finding in error.findings:
        check_finding(finding)


def check_finding(finding: Finding) -> None:
    """Hold that a finding has its texts, and that it can be printed in one line."""
    assert finding.severity in SEVERITIES
    assert finding.code
    assert finding.message.strip()
    assert str(finding).isprintable(), repr(str(finding))
    assert finding.row is None or finding.row >= 1, finding


def check_places(findings: Iterable[Finding]) -> None:
    """Hold that errors in data name their file, and those of a cell its row and column."""
    for finding in findings:
        check_finding(finding)
        if finding.severity == "error":
            assert finding.file or finding.code in _WITHOUT_FILE, finding
            if finding.code in OF_CELLS:
                assert finding.row is not None, finding
                assert finding.column is not None, finding


def check_lines(error: NhsLeagueError, content: bytes, name: str) -> None:
    """Hold that every finding in a YAML file names it and a line that it has."""
    lines = len(content.decode("utf-8", "replace").splitlines()) + 1
    assert error.findings
    for finding in error.findings:
        assert finding.file == name, finding
        assert finding.row is not None, finding
        assert finding.row <= lines, finding


def check_league(league: League) -> None:
    """Hold that whatever is ranked can be explained."""
    for code in league.standings["org_code"].head(_EXPLAINED):
        assert explain(league, code).org_code == code


def check_data(folder: Path, framework: Path | None = None) -> None:
    """Load a folder twice, and check, rank, explain and audit what is sound."""
    with no_panic():
        first, second = _loaded(folder), _loaded(folder)
        assert first.findings == second.findings
        assert isinstance(first, Dataset) or has_errors(first.findings)
        check_places(first.findings)
        if isinstance(first, Dataset):
            error = refusal(lambda: _check_use(first, framework))
            assert error is None or isinstance(error, DataError | UsageError), repr(error)


def _loaded(folder: Path) -> Dataset | DataError:
    try:
        return load_data([folder])
    except DataError as error:
        return error


def _check_use(dataset: Dataset, framework: Path | None) -> None:
    files = _shipped() if framework is None else (load_framework(framework),)
    inputs = Inputs(dataset, files, framework is not None)
    file, quarter = inputs.choose(None)
    league, findings = checked_league(dataset, file.framework, quarter, "auto")
    check_places(findings)
    assert (league is None) == has_errors([*dataset.findings, *findings])
    if league is not None:
        check_league(league)
        audit(league, dataset.observations)


@functools.cache
def _shipped() -> tuple[FrameworkFile, ...]:
    return tuple(load_shipped_frameworks())
