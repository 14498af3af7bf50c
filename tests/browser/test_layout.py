"""Pages fit a phone, large letters, the keyboard and paper."""

from __future__ import annotations

from typing import Final

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.browsing import DARK, LIGHT, NARROW, WIDE, Browser
from tests.browser.pages import PAGES, Sites

SMALLEST: Final = 320
"""A window of 1280 pixels at 400 per cent, as WCAG 1.4.10 has it."""
PAPER: Final = 718
"""The pixels of a page of A4 between margins of a centimetre."""

WIDER: Final = """[...document.querySelectorAll("body *")].filter((element) =>
  element.checkVisibility() && !element.closest(".hidden, .skip")
  && !element.parentElement.closest(".scroll")
  && element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5
).map((element) => element.outerHTML.slice(0, 200))"""
WIDTH: Final = "document.scrollingElement.scrollWidth"
SPACED: Final = """document.head.append(Object.assign(document.createElement("style"), {
  textContent: `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }` }))"""
LARGE: Final = "document.documentElement.style.fontSize = '200%'"


def fits(browser: Browser, width: int) -> bool:
    assert browser.ask("innerWidth") == width
    assert browser.ask(WIDER) == []
    return bool(browser.ask(WIDTH) <= width)


@pytest.mark.parametrize("page", PAGES)
def test_only_wide_tables_and_pictures_scroll_sideways(
    browser: Browser, sites: Sites, page: str
) -> None:
    browser.open(sites.url(page))
    for width in (WIDE, NARROW, SMALLEST):
        browser.resize(width)
        assert fits(browser, width)
    browser.ask(SPACED)
    assert fits(browser, SMALLEST)
    browser.ask(LARGE)
    browser.resize(WIDE // 2)
    assert fits(browser, WIDE // 2)


def test_pages_of_commands_fit_too(browser: Browser, document: str) -> None:
    browser.open(document)
    for width in (WIDE, NARROW, SMALLEST):
        browser.resize(width)
        assert fits(browser, width)


def test_what_is_found_and_filtered_fits(browser: Browser, sites: Sites) -> None:
    browser.resize(SMALLEST)
    browser.open(sites.url("league table"))
    browser.labelled("Find a trust by name or town").send_keys("university")
    browser.labelled("Show only trusts with these words").send_keys("university")
    assert len(browser.all(".found li")) == 12
    assert fits(browser, SMALLEST)


# Keyboard


def press(browser: Browser, key: str) -> None:
    browser.focused.send_keys(key)


@pytest.mark.parametrize("page", ["first page", "league table", "acute trust"])
def test_the_first_tab_leads_past_the_menu(browser: Browser, sites: Sites, page: str) -> None:
    browser.open(sites.url(page))
    press(browser, Keys.TAB)
    skip = browser.focused
    assert skip.text == "Skip to the content"
    corner = skip.rect
    assert corner["x"] >= 0
    assert corner["y"] >= 0
    press(browser, Keys.ENTER)
    assert browser.focused.get_attribute("id") == "main"
    press(browser, Keys.TAB)
    assert browser.ask("document.activeElement.closest('main') !== null")


def test_the_keyboard_goes_through_a_page_in_its_order_and_shows_where_it_is(
    browser: Browser, sites: Sites
) -> None:
    browser.open(sites.url("league table"))
    stops = browser.ask(
        """[...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")].map(
          (element, at) => (element.dataset.stop = at))"""
    )
    outlines = []
    for stop in stops[:40]:
        press(browser, Keys.TAB)
        at, style, width = browser.ask(
            """((element, style) =>
              [element.dataset.stop, style.outlineStyle, parseFloat(style.outlineWidth)])(
              document.activeElement, getComputedStyle(document.activeElement))"""
        )
        assert at == str(stop)
        outlines.append((style, width >= 2))
    assert set(outlines) == {("solid", True)}


# Paper


@pytest.mark.parametrize("page", PAGES)
def test_paper_has_all_that_is_to_be_read_and_no_controls(
    browser: Browser, sites: Sites, page: str
) -> None:
    browser.show(DARK, "print")
    browser.resize(PAPER)
    browser.open(sites.url(page))
    assert browser.all(".search")
    for selector in ("nav", ".skip", ".search", ".filters"):
        assert not any(each.is_displayed() for each in browser.all(selector))
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.ask("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert browser.ask(WIDTH) <= PAPER
    cut = """[...document.querySelectorAll("main *")].filter((element) =>
      getComputedStyle(element).overflowX !== "visible"
      && element.scrollWidth > element.clientWidth + 1 && !element.closest(".hidden, svg")
    ).map((element) => element.outerHTML.slice(0, 200))"""
    assert browser.ask(cut) == []
    assert browser.ask("[...document.querySelectorAll('main td')].every((e) => e.offsetHeight)")


def test_sources_are_printed_although_they_are_closed(browser: Browser, sites: Sites) -> None:
    inside = "[...document.querySelectorAll('details :not(summary)')].map(e => e.checkVisibility())"
    browser.open(sites.url("acute trust"))
    assert set(browser.ask(inside)) == {False}
    browser.show(LIGHT, "print")
    assert set(browser.ask(inside)) == {True}
    assert browser.ask("document.querySelector('details').open") is False
