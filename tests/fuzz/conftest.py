"""Say after a long run how many cases each fuzz test ran."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzz.settings import ASKED, CASES


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> Iterator[None]:
    name = request.node.originalname
    before = CASES[name]
    yield
    request.node.user_properties.append(("fuzz_cases", CASES[name] - before))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ASKED:
        return
    cases = {
        report.nodeid: dict(report.user_properties)["fuzz_cases"]
        for report in terminalreporter.getreports("")
        if report.when == "teardown" and "fuzz_cases" in dict(report.user_properties)
    }
    terminalreporter.section("cases run")
    for test, count in sorted(cases.items()):
        terminalreporter.line(f"{count:10,}  {test}")
    terminalreporter.line(f"{sum(cases.values()):10,}  in all")
