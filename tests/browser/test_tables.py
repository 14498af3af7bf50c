"""Tables sort and filter, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.browsing import Browser
from tests.browser.pages import Sites

Row = tuple[str, ...]

SORTABLE: Final = (
    ("league table", 9),
    ("trusts A to Z", 5),
    ("measure", 4),
    ("league table with names to escape", 8),
    ("list with a trust that is not ranked", 5),
)
ROWS: Final = """[...document.querySelectorAll("table[data-sortable]")[0].tBodies[0].rows]
  .filter((row) => row.checkVisibility())
  .map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"""
HEADERS: Final = """[...document.querySelectorAll("table[data-sortable]")[0].tHead.rows[0].cells]
  .map((cell) => [cell.textContent.trim(), cell.classList.contains("number"), cell.ariaSort])"""
STATUS: Final = ".filters [role=status]"
WORDS: Final = "Show only trusts with these words"


@pytest.mark.parametrize(("page", "columns"), SORTABLE, ids=[page for page, _ in SORTABLE])
def test_every_column_sorts_both_ways(
    browser: Browser, sites: Sites, page: str, columns: int
) -> None:
    browser.open(sites.url(page))
    headers = browser.ask(HEADERS)
    assert len(headers) == columns
    rows = shown(browser)
    assert len(rows) >= 5
    for column, (name, is_number, sort) in enumerate(headers):
        key = number_key(name) if is_number else text_key
        first = "descending" if sort == "ascending" else "ascending"
        for direction in (first, "ascending" if first == "descending" else "descending"):
            button(browser, column).click()
            rows = in_order(rows, column, key, is_descending=direction == "descending")
            assert shown(browser) == rows, (name, direction)
            expected = [direction if at == column else None for at in range(columns)]
            assert [each[2] for each in browser.ask(HEADERS)] == expected


def test_the_rank_is_what_a_league_table_comes_sorted_by(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("league table"))
    assert [sort for _, _, sort in browser.ask(HEADERS)] == ["ascending", *[None] * 8]
    ranks = [int(row[0]) for row in shown(browser)]
    assert ranks == sorted(ranks)


def test_what_has_no_rank_comes_last_both_ways(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("list with a trust that is not ranked"))
    for _ in range(2):
        button(browser, 4).click()
        ranks = [row[4] for row in shown(browser)]
        assert sorted(ranks[-2:]) == ["no figures", "not ranked"]
        assert all(" of " in rank for rank in ranks[:-2])


@pytest.mark.parametrize("key", [Keys.ENTER, Keys.SPACE])
def test_a_table_sorts_by_keyboard(browser: Browser, sites: Sites, key: str) -> None:
    browser.open(sites.url("trusts A to Z"))
    before = shown(browser)
    browser.ask("arguments[0].focus()", browser.labelled("Region"))
    browser.focused.send_keys(Keys.TAB)  # to the region that scrolls
    browser.focused.send_keys(Keys.TAB)
    assert browser.focused.text == "Trust"
    browser.focused.send_keys(key)
    browser.focused.send_keys(key)
    assert shown(browser) == before[::-1]


def test_a_league_table_filters(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("league table"))
    every = shown(browser)
    words, region, segment = map(browser.labelled, (WORDS, "Region", "Segment"))
    options = {each.text for each in region.find_elements("tag name", "option")}
    assert options == {"all", *(row[2] for row in every)}
    assert browser.one(STATUS).text == ""

    def holds(test: Callable[[Row], bool]) -> None:
        wanted = [row for row in every if test(row)]
        assert shown(browser) == wanted
        assert 0 < len(wanted) < len(every)
        assert browser.one(STATUS).text == f"{len(wanted)} of {len(every)} shown"

    browser.choose(region, "London")
    holds(lambda row: row[2] == "London")
    browser.choose(segment, "3")
    holds(lambda row: row[2] == "London" and row[6].startswith("3"))
    words.send_keys("university HOSPITAL")
    holds(
        lambda row: (
            row[2] == "London"
            and row[6].startswith("3")
            and {"university", "hospital"} <= set(re.findall("university|hospital", row[1].lower()))
        )
    )
    browser.choose(region, "all")
    browser.choose(segment, "all")
    browser.retype(words, "rgm")
    holds(lambda row: row[1].endswith("RGM"))
    browser.retype(words, "no such trust")
    assert shown(browser) == []
    assert browser.one(STATUS).text == f"0 of {len(every)} shown"
    browser.retype(words, "")
    assert shown(browser) == every
    assert browser.one(STATUS).text == ""


@pytest.mark.parametrize("typed", ["guys and st thomas", "Guy's", "GUY\u2019S"])
def test_a_filter_takes_apostrophes_as_they_come(
    browser: Browser, sites: Sites, typed: str
) -> None:
    browser.open(sites.url("league table"))
    browser.labelled(WORDS).send_keys(typed)
    assert [row[1].split()[-1] for row in shown(browser)] == ["RJ1"]


def test_the_list_of_trusts_filters_by_type_and_region(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("trusts A to Z"))
    every = shown(browser)
    browser.choose(browser.labelled("Type"), "Ambulance trust")
    assert shown(browser) == [row for row in every if row[2] == "Ambulance trust"]
    assert browser.one(STATUS).text == f"10 of {len(every)} shown"
    browser.choose(browser.labelled("Region"), "South West")
    assert [row[0].split()[-1] for row in shown(browser)] == ["RYF"]


def test_what_is_filtered_can_be_sorted(browser: Browser, sites: Sites) -> None:
    browser.open(sites.url("league table"))
    browser.choose(browser.labelled("Region"), "South East")
    before = shown(browser)
    button(browser, 1).click()
    assert shown(browser) == in_order(before, 1, text_key, is_descending=False)
    assert browser.one(STATUS).text.startswith(f"{len(before)} of ")


# What a reader expects of an order


def shown(browser: Browser) -> list[Row]:
    return [tuple(row) for row in browser.ask(ROWS)]


def button(browser: Browser, column: int) -> WebElement:
    return browser.all("table[data-sortable] thead tr")[0].find_elements("tag name", "button")[
        column
    ]


def in_order(
    rows: Sequence[Row], column: int, key: Callable[[str], Any], *, is_descending: bool
) -> list[Row]:
    """Sort as a reader expects: what is missing last, and equals in the order that they were in."""
    known = [row for row in rows if key(row[column]) is not None]
    missing = [row for row in rows if key(row[column]) is None]
    return sorted(known, key=lambda row: key(row[column]), reverse=is_descending) + missing


def text_key(text: str) -> tuple[object, ...] | None:
    """Order names as a dictionary does: capitals and accents do not count, digits are numbers."""
    return None if text == "-" else tuple(_pieces(text.casefold()))


def _pieces(text: str) -> Iterator[tuple[int, float, str]]:
    for digits, other in re.findall(r"(\d+)|(\D)", text):
        kind = 1 if digits else 2 if other.isalpha() else 0
        yield kind, float(digits or 0), other


def number_key(name: str) -> Callable[[str], float | None]:
    def key(text: str) -> float | None:
        if name.startswith("Since"):
            return {"up": -1.0, "down": 1.0, "same": 0.0}[text.split(maxsplit=1)[0]] * _places(text)
        found = re.match(r"-?[\d,]*\.?\d+", text)
        return float(found[0].replace(",", "")) if found else None

    return key


def _places(text: str) -> int:
    return int("".join(filter(str.isdigit, text)) or 0)
