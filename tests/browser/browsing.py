"""A browser that the tests drive: Chromium without a window, and what it is asked."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

NARROW: Final = 360
WIDE: Final = 1280
LIGHT: Final = "light"
DARK: Final = "dark"
AXE: Final = Path(sys.prefix) / "browser" / "node_modules" / "axe-core" / "axe.min.js"
"""Where `make test` puts it."""

_HEIGHT: Final = 800
_PATIENCE: Final = 20.0
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_DRIVER: Final = ("chromedriver",)
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def without(what: str) -> None:
    """Skip, for the want of something that CI must have."""
    reason = f"tests in a browser need {what}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def installed(names: tuple[str, ...]) -> str:
    """Find a program, so that Selenium looks for none and downloads none."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        without(names[0])
    assert found is not None
    return found


@dataclass(frozen=True)
class Browser:
    """One window, and what the tests do with it."""

    driver: Chrome

    def reset(self) -> None:
        """Make the window what each test finds: wide, light, on screen, with scripts, and empty."""
        self.scripts(allowed=True)
        self.show()
        self.resize(WIDE)
        self.driver.get("about:blank")
        self.console()
        self.requests()

    def open(self, url: str) -> None:
        """Load a page and what it asks for."""
        self.driver.get(url)

    def show(self, scheme: str = LIGHT, media: str = "screen") -> None:
        """Prefer a colour scheme, on screen or on paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._cdp("Emulation.setEmulatedMedia", media=media, features=features)

    def resize(self, width: int) -> None:
        """Make the window so many pixels wide."""
        self._cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=_HEIGHT,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scripts(self, *, allowed: bool) -> None:
        """Let pages run scripts or not; the tests' own run either way."""
        self._cdp("Emulation.setScriptExecutionDisabled", value=not allowed)

    def ask(self, expression: str, *arguments: Any) -> Any:
        """Evaluate a JavaScript expression in the page."""
        return self.driver.execute_script(f"return ({expression});", *arguments)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a JavaScript whose last argument is called with the answer."""
        return self.driver.execute_async_script(script, *arguments)

    def load(self, script: str) -> None:
        """Add a script to the page."""
        self.driver.execute_script(script)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def labelled(self, text: str) -> WebElement:
        """Find the control with a label."""
        [label] = [each for each in self.all("label") if each.text == text]
        return self.one(f"#{label.get_attribute('for')}")

    def follow(self, link: WebElement) -> None:
        """Click a link and wait for its page."""
        before = self.driver.current_url
        link.click()
        self.wait(lambda: self.driver.current_url != before)
        self.wait(lambda: self.ask("document.readyState === 'complete'"))

    def retype(self, field: WebElement, text: str) -> None:
        """Type in the place of what is in a field, as a person does."""
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.BACKSPACE)
        field.send_keys(text)

    def choose(self, select: WebElement, option: str) -> None:
        """Choose an option by typing it: a driver's click on one tells the page less."""
        select.send_keys(option)
        chosen = self.ask("arguments[0].selectedOptions[0].textContent", select)
        assert chosen == option, f"{chosen} was chosen for {option}"

    def wait(self, is_so: Any) -> None:
        WebDriverWait(self.driver, _PATIENCE, poll_frequency=0.05).until(lambda _: is_so())

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def console(self) -> list[str]:
        """List what the console said since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """List the addresses that were asked for since this was last asked."""
        messages = [json.loads(each["message"]) for each in self.driver.get_log("performance")]
        return [
            each["message"]["params"]["request"]["url"]
            for each in messages
            if each["message"]["method"] == "Network.requestWillBeSent"
        ]

    def _cdp(self, command: str, **arguments: Any) -> None:
        self.driver.execute_cdp_cmd(command, arguments)


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """Start a browser with a new profile, and end it."""
    options = ChromeOptions()
    options.binary_location = installed(_CHROMIUM)
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(installed(_DRIVER)))
    try:
        driver.set_script_timeout(60)
        yield Browser(driver)
    finally:
        driver.quit()
