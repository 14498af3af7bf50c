"""The pages hold together: links lead somewhere, and the project speaks of itself alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, ROOT, read

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FORBIDDEN = re.compile(
    r"(?i)/work\b|/tmp\b|/home/|/root/|/users/|[a-z]:\\|\.\./|\bshared/|pypi|\bsessions?\b"
    r"|\bTODO\b|\bissue #|github\.com"
)


def text_without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """List a page's headings as the anchors that they make."""
    headings = re.findall(r"^#+ (.+)$", text_without_code(page), flags=re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.casefold()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(text_without_code(page)):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in _LINK.findall(read(README))}
    assert [page.name for page in PAGES if page != README and page not in linked] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_speak_of_the_project_alone(page: Path) -> None:
    found = _FORBIDDEN.findall(read(page))
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_tidy(page: Path) -> None:
    text = read(page)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\t" not in text
    assert not re.search(r"[ \t]+$", text_without_code(page), flags=re.MULTILINE)
    assert len(re.findall(r"^# ", text_without_code(page), flags=re.MULTILINE)) == 1


def test_decisions_are_dated_and_say_why() -> None:
    sections = re.split(r"^## ", read(ROOT / "docs" / "decisions.md"), flags=re.MULTILINE)[1:]
    for section in sections:
        assert re.match(r"\d{4}-\d{2}-\d{2}: \S", section), section
        assert section.count("**Decision.**") == section.count("**Why.**") == 1, section


def test_readme_is_short() -> None:
    assert len(read(README).splitlines()) <= 150
