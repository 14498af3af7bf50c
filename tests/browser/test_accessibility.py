"""No page has a fault that axe-core can find, in light and dark, on a phone and on a desk.

All of its rules hold but the deprecated ones and the contrast of 7 to 1: WCAG's A and AA up to 2.2,
the rest of AAA, its best practices and its experiments. Contrast is 4.5 to 1, as AA has it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser.browsing import DARK, LIGHT, NARROW, WIDE, Browser
from tests.browser.pages import PAGES, Sites

MODES: Final = tuple(itertools.product((LIGHT, DARK), (NARROW, WIDE)))
ONE_WAY_EACH: Final = ((LIGHT, WIDE), (DARK, NARROW))

# Stylesheets are not read anew: a browser refuses a script to read files.
RUN: Final = """
const done = arguments[arguments.length - 1];
const rules = axe.getRules().filter(
  ({ ruleId, tags }) => !tags.includes("deprecated") && ruleId !== "color-contrast-enhanced");
const values = rules.map(({ ruleId }) => ruleId);
const runOnly = { type: "rule", values };
axe.run(document, { preload: false, resultTypes: ["violations"], runOnly })
  .then(({ violations, passes }) => done({
    faults: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    passes: passes.map(({ id }) => id),
  }), (error) => done({ faults: [["axe", [String(error)]]], passes: [] }));
"""

PAINT: Final = """(() => {
  const painted = (selector, properties) => [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility())
    .flatMap((element) => properties.map((name) => getComputedStyle(element)[name]));
  const root = getComputedStyle(document.documentElement);
  return {
    paper: getComputedStyle(document.body).backgroundColor,
    faint: root.getPropertyValue("--line"),
    text: [...new Set(painted("svg text", ["fill"]))],
    marks: [...new Set(painted("svg path, svg line, svg rect", ["fill", "stroke"]))],
  };
})()"""


def faults(browser: Browser, axe: str, modes: Iterable[tuple[str, int]] = MODES) -> dict[str, Any]:
    """Give what axe-core finds in the page that is open, by mode."""
    browser.load(axe)
    found = {}
    for scheme, width in modes:
        browser.show(scheme)
        browser.resize(width)
        answer = browser.run(RUN)
        assert answer["faults"] or "color-contrast" in answer["passes"]
        if answer["faults"]:
            found[f"{scheme}, {width} pixels"] = answer["faults"]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_fault(browser: Browser, sites: Sites, axe: str, page: str) -> None:
    browser.open(sites.url(page))
    assert faults(browser, axe) == {}


def test_no_page_of_a_command_has_a_fault(browser: Browser, axe: str, document: str) -> None:
    browser.open(document)
    assert faults(browser, axe, ONE_WAY_EACH) == {}


def test_the_whole_table_on_one_page_has_no_fault(
    browser: Browser, axe: str, whole_table: str
) -> None:
    browser.open(whole_table)
    assert len(browser.all("tbody tr")) == 205
    assert faults(browser, axe, ONE_WAY_EACH) == {}


@pytest.mark.parametrize("page", ["league table", "trusts A to Z"])
def test_search_filters_and_sorting_in_use_have_no_fault(
    browser: Browser, sites: Sites, axe: str, page: str
) -> None:
    browser.open(sites.url(page))
    browser.labelled("Find a trust by name or town").send_keys("london")
    browser.labelled("Show only trusts with these words").send_keys("royal")
    browser.labelled("Region").send_keys("London")
    browser.all("th button")[1].click()
    assert browser.all(".found a")
    assert browser.one(".filters [role=status]").text
    assert faults(browser, axe, ONE_WAY_EACH) == {}


def test_sources_that_are_opened_have_no_fault(browser: Browser, sites: Sites, axe: str) -> None:
    browser.open(sites.url("acute trust"))
    browser.one("details summary").click()
    assert browser.one("details > :not(summary)").is_displayed()
    assert faults(browser, axe, ONE_WAY_EACH) == {}


def test_a_page_with_faults_is_caught(browser: Browser, axe: str, tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text('<p style="color: #ccc">Faint</p><img src="data:,">', encoding="utf-8")
    browser.open(page.as_uri())
    found = faults(browser, axe)
    assert len(found) == len(MODES)
    assert {"color-contrast", "image-alt", "html-has-lang"} <= dict(
        found["dark, 360 pixels"]
    ).keys()


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("page", ["league table", "acute trust", "measure"])
def test_pictures_stand_out_from_the_page(
    browser: Browser, sites: Sites, page: str, scheme: str
) -> None:
    browser.show(scheme)
    browser.open(sites.url(page))
    paint = browser.ask(PAINT)
    paper, faint = rgb(paint["paper"]), rgb(paint["faint"])
    assert paint["text"]
    assert [text for text in paint["text"] if contrast(rgb(text), paper) < 4.5] == []
    marks = {rgb(mark) for mark in paint["marks"] if mark.startswith("rgb(")} - {paper, faint}
    assert marks
    assert [mark for mark in marks if contrast(mark, paper) < 3] == []


Colour = tuple[int, ...]


def rgb(colour: str) -> Colour:
    """Read a colour as CSS writes it: `#16202a` or `rgb(22, 32, 42)`."""
    if colour.startswith("#"):
        return tuple(bytes.fromhex(colour[1:]))
    return tuple(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def contrast(one: Colour, other: Colour) -> float:
    """Say how many times lighter one colour is than another, as WCAG 2 has it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    shares = [part / 255 for part in colour]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
