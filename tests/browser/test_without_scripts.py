"""Without scripts the pages are whole: scripts add convenience alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.browser.browsing import Browser
from tests.browser.pages import PAGES, Sites

HIDDEN: Final = """[...document.querySelectorAll("body *")].filter((element) =>
  element.textContent.trim() && !element.checkVisibility({ visibilityProperty: true })
  && !element.closest("details:not([open])")).map((element) => element.outerHTML)"""
EMPTY: Final = """[...document.querySelectorAll(
  "main *:empty:not(br):not(svg *), header *:empty:not(br):not(#search)"
)].map((element) => element.outerHTML)"""
DISPLAYED: Final = """[...document.querySelectorAll(arguments[0])]
  .filter((row) => row.getBoundingClientRect().height > 0).length"""


@pytest.fixture
def plain(browser: Browser) -> Iterator[Browser]:
    """Give the browser with scripts switched off."""
    browser.scripts(allowed=False)
    yield browser
    browser.scripts(allowed=True)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_hidden_and_no_control_is_left_empty(
    plain: Browser, sites: Sites, page: str
) -> None:
    plain.open(sites.url(page))
    assert plain.heading
    assert plain.all("input, select, button, textarea, form") == []
    assert plain.ask(HIDDEN) == []
    assert plain.ask(EMPTY) == []


def test_the_probe_sees_that_scripts_are_off(plain: Browser, sites: Sites) -> None:
    plain.open(sites.url("league table"))
    assert plain.ask("typeof window.nhsLeagueTrusts") == "undefined"
    plain.scripts(allowed=True)
    plain.open(sites.url("league table"))
    assert plain.ask("typeof window.nhsLeagueTrusts") == "object"


def test_every_trust_is_listed(plain: Browser, sites: Sites) -> None:
    plain.open(sites.url("league table"))
    assert plain.ask(DISPLAYED, "table.league tbody tr") == 134
    assert [each.text for each in plain.all("table.league thead th")][:2] == ["Rank", "Trust"]
    plain.open(sites.url("trusts A to Z"))
    assert plain.ask(DISPLAYED, "tbody tr th a") == 205


def test_links_and_sources_work(plain: Browser, sites: Sites) -> None:
    plain.open(sites.url("first page"))
    plain.follow(plain.driver.find_element("link text", "Every trust from A to Z"))
    plain.follow(plain.driver.find_element("partial link text", "University Hospitals Sussex"))
    assert plain.heading == "University Hospitals Sussex NHS Foundation Trust (RYR)"
    plain.one("details summary").click()
    assert plain.one("details > :not(summary)").is_displayed()
