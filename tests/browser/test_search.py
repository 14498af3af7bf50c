"""The search finds trusts by name, town and code, in a folder and on a server."""

from __future__ import annotations

import pytest

from tests.browser.browsing import Browser
from tests.browser.pages import Sites

FIELD = "Find a trust by name or town"
STATUS = ".search [role=status]"
FROM = ("index.html", "trusts/RX8.html")


def found(browser: Browser) -> list[str]:
    return [each.text for each in browser.all(".found li")]


@pytest.mark.parametrize("start", FROM)
def test_what_is_found_leads_to_its_page(browser: Browser, address: str, start: str) -> None:
    browser.open(address + start)
    browser.labelled(FIELD).send_keys("brighton")
    lines = found(browser)
    assert any(line.startswith("University Hospitals Sussex") for line in lines)
    assert browser.one(STATUS).text == f"{len(lines)} found"
    [link] = [each for each in browser.all(".found a") if "Hospitals Sussex" in each.text]
    browser.follow(link)
    assert browser.driver.current_url == f"{address}trusts/RYR.html"
    assert browser.heading == "University Hospitals Sussex NHS Foundation Trust (RYR)"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ryr", "RYR"),
        ("Sussex Hospitals", "RYR"),
        ("yorkshire ambulance", "RX8"),
        ("guys st thomas", "RJ1"),
        ("Guy's, St. Thomas'", "RJ1"),
        ("GUY\u2019S and", "RJ1"),
        ("Guy's and", "RJ1"),
        ("bishops stortford community", "RY4"),
        ("  papworth  ", "RGM"),
    ],
)
def test_a_trust_is_found_by(browser: Browser, sites: Sites, typed: str, code: str) -> None:
    browser.open(sites.url("first page"))
    browser.labelled(FIELD).send_keys(typed)
    assert [line.rpartition(": ")[0].split()[-1] for line in found(browser)] == [code]
    assert browser.one(STATUS).text == "1 found"


@pytest.mark.parametrize("typed", ["ynys mon", "YNYS M\u00d4N", "sir"])
def test_accents_and_quotes_do_not_matter(browser: Browser, sites: Sites, typed: str) -> None:
    browser.open(sites.url("trust without figures"))
    browser.labelled(FIELD).send_keys(typed)
    assert found(browser) == ["Ynys M\u00f4n, \u2018Sir\u2019, NHS Trust AA5"]


def test_names_are_not_taken_for_markup(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("trust without figures"))
    browser.labelled(FIELD).send_keys("held")
    assert found(browser) == ["Held *back* <b> :smile: NHS Trust AA4"]
    browser.follow(browser.one(".found a"))
    assert browser.heading == "Held *back* <b> :smile: NHS Trust (AA4)"


def test_a_trust_without_figures_is_found_too(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("league table with names to escape"))
    browser.labelled(FIELD).send_keys("silent")
    browser.follow(browser.one(".found a"))
    assert browser.heading == "Silent NHS Trust (AZ9)"


def test_the_search_says_when_there_is_nothing_and_when_there_is_more(
    browser: Browser, sites: Sites
) -> None:
    browser.open(sites.url("first page"))
    field = browser.labelled(FIELD)
    field.send_keys("zzz")
    assert found(browser) == []
    assert browser.one(STATUS).text == "No trust has these words in its name, code or towns"
    browser.retype(field, "")
    assert browser.one(STATUS).text == ""
    browser.retype(field, "nhs")
    assert len(found(browser)) == 12
    assert browser.one(STATUS).text == "205 trusts, the first 12 shown"
    browser.retype(field, "")
    assert found(browser) == []


def test_links_work_in_a_folder_and_on_a_server(browser: Browser, address: str) -> None:
    browser.open(f"{address}index.html")
    browser.follow(browser.driver.find_element("link text", "Ambulance trusts"))
    assert browser.driver.current_url == f"{address}tables/Ambulance-trust.html"
    assert browser.heading == "League table: ambulance trusts"
    browser.follow(browser.driver.find_element("partial link text", "Yorkshire Ambulance"))
    assert browser.heading == "Yorkshire Ambulance Service NHS Trust (RX8)"
    browser.follow(browser.one(".measures h4 a"))
    assert browser.driver.current_url.startswith(f"{address}metrics/")
    browser.follow(browser.driver.find_element("link text", "Method"))
    assert browser.driver.current_url == f"{address}method.html"
