"""Fixtures of the tests in a browser: one browser for all of them, and the sites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nhs_league.cli.app import run
from tests.browser.browsing import AXE, Browser, started, without
from tests.browser.pages import DOCUMENTS, SAMPLE, SMALL, Sites, served, small_site, styled


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(one_browser: Browser) -> Browser:
    """Give the browser as every test finds it."""
    one_browser.reset()
    return one_browser


@pytest.fixture(scope="session")
def sites(one_browser: Browser, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Give the sample's site and a small one; asked for after the browser, which may be missing."""
    return Sites({SAMPLE: site, SMALL: small_site(tmp_path_factory.mktemp("small") / "league")})


@pytest.fixture(scope="session")
def axe() -> str:
    """Give the accessibility checker's script."""
    if not AXE.is_file():
        without("axe-core, which `make test` fetches with npm")
    return AXE.read_text("utf-8")


@pytest.fixture(params=["file", "http"])
def address(request: pytest.FixtureRequest, sites: Sites) -> Iterator[str]:
    """Give the address of the sample's site: its folder, and below a folder of a server."""
    folder = sites.folders[SAMPLE]
    if request.param == "file":
        yield f"{folder.as_uri()}/"
    else:
        with served(folder.parent) as root:
            yield f"{root}/{folder.name}/"


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def document(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a page of every command."""
    return styled(request.param, tmp_path)


@pytest.fixture
def whole_table(tmp_path: Path) -> str:
    """Give the address of the page that `rank` makes of the sample."""
    page = tmp_path / "rank.html"
    arguments = ("rank", "--quarter", "2025Q3", "--output", str(page), "--quiet")
    assert run(list(arguments)) == 0
    return page.as_uri()
