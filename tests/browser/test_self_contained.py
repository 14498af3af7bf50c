"""Pages ask for nothing but the site's own files, and nothing goes wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.browsing import DARK, LIGHT, Browser
from tests.browser.pages import PAGES, Sites


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_quiet_and_asks_for_the_sites_files_alone(
    browser: Browser, sites: Sites, page: str, scheme: str
) -> None:
    browser.show(scheme)
    browser.open(sites.url(page))
    assert browser.console() == []
    asked, root = browser.requests(), sites.root(page)
    own = {url.removeprefix(root) for url in asked if url.startswith(root)}
    assert own == {
        sites.url(page).removeprefix(root),
        "assets/site.css",
        "assets/site.js",
        "assets/trusts.js",
    }
    assert [url for url in asked if not url.startswith((root, "data:"))] == []


def test_a_page_of_a_command_is_quiet_and_asks_for_nothing(browser: Browser, document: str) -> None:
    browser.open(document)
    assert browser.console() == []
    assert [url for url in browser.requests() if not url.startswith("data:")] == [document]


def test_use_is_quiet_on_a_server(browser: Browser, address: str) -> None:
    browser.open(f"{address}trusts.html")
    browser.labelled("Find a trust by name or town").send_keys("leeds")
    browser.labelled("Show only trusts with these words").send_keys("royal")
    browser.all("th button")[0].click()
    browser.follow(browser.one(".found a"))
    assert browser.console() == []
    strangers = [url for url in browser.requests() if not url.startswith((address, "data:"))]
    assert strangers == []


def test_a_page_that_asks_elsewhere_and_complains_is_caught(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "faulty.html"
    elsewhere = "http://127.0.0.1:9/elsewhere.png"
    script = "<script>console.warn('odd')</script>"
    page.write_text(f'{script}<img src="{elsewhere}">', encoding="utf-8")
    browser.open(page.as_uri())
    assert any("odd" in message for message in browser.console())
    assert elsewhere in browser.requests()
