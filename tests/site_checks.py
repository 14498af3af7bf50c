"""What has to hold of every site, whatever it tells."""

from __future__ import annotations

import hashlib
import itertools
import json
import posixpath
from collections import Counter
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from tests.site_pages import Node, label, parsed

NOT_OFFICIAL = "Not an official NHS product."
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."
_ELEMENTS = (
    "html head meta title link script body a header p span nav ul li div main h1 h2 h3 h4 "
    "table caption thead tbody tr th td figure figcaption svg g path line text footer "
    "strong em dl dt dd details summary br"
)
ELEMENTS = frozenset(_ELEMENTS.split())
"""Every element that the templates and the pictures have: another one was put in by a text."""
SCRIPTS = ("assets/trusts.js", "assets/site.js")


def pages_of(files: Mapping[str, bytes]) -> dict[str, Node]:
    return {
        name: parsed(content.decode("utf-8"))
        for name, content in files.items()
        if name.endswith(".html")
    }


def check_site(files: Mapping[str, bytes]) -> dict[str, Node]:
    """Check the whole of a site, and give its pages."""
    pages = pages_of(files)
    ids = {name: _ids(page) for name, page in pages.items()}
    for name, page in pages.items():
        try:
            check_page(page, is_open=b"licence: OGL" in files["data/framework.yaml"])
            check_links(name, page, files, ids)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
    folded = Counter(name.casefold() for name in files)
    assert set(folded.values()) == {1}, "two files where capitals are ignored"
    check_manifest(files)
    return pages


def check_page(page: Node, *, is_open: bool = True) -> None:
    """Check what every page has, and what none may have.

    Only where the figures are under an open licence do the pages say so.
    """
    [root] = page.all("html")
    assert root.attributes == {"lang": "en-GB"}
    for tag in ("head", "title", "body", "main", "h1", "header", "footer"):
        assert len(page.all(tag)) == 1, tag
    assert page.first("title").text
    assert page.first("title").text.startswith(page.first("h1").text)
    tags = {node.tag for node in page if node.tag}
    assert tags <= ELEMENTS, tags - ELEMENTS
    assert [note.text.startswith(NOT_OFFICIAL) for note in page.of_class("notice")] == [True]
    assert (LICENCE in page.first("footer").text) == is_open
    levels = [
        int(node.tag[1])
        for node in page.first("main")
        if node.tag[:1] == "h" and node.tag[1:].isdigit()
    ]
    assert levels[0] == 1
    for before, after in itertools.pairwise(levels):
        assert after <= before + 1, f"a heading of level {after} after one of {before}"
    handlers = [name for node in page for name in node.attributes if name.startswith("on")]
    assert not handlers
    assert not [node for node in page if "style" in node.attributes]
    for svg in page.all("svg"):
        assert label(svg).strip()
    for cell in page.all("th"):
        assert cell.attributes["scope"] in ("col", "row")
    for table in page.all("table"):
        assert table.first("caption").text
    _ids(page)


def _ids(page: Node) -> set[str]:
    ids = [node.attributes["id"] for node in page if "id" in node.attributes]
    assert len(ids) == len(set(ids)), "an id twice"
    return set(ids)


def check_links(
    name: str, page: Node, files: Mapping[str, bytes], ids: Mapping[str, set[str]]
) -> None:
    """Check that what a page loads and leads to is in the site, but for marked outer links."""
    scripts = [_target(name, node.attributes["src"]) for node in page.all("script")]
    assert scripts == list(SCRIPTS)
    assert not [node.text for node in page.all("script") if node.text]
    [sheet] = [node for node in page.all("link") if node.attributes["rel"] == "stylesheet"]
    assert _target(name, sheet.attributes["href"]) == "assets/site.css"
    for node in page:
        for attribute in ("href", "src"):
            address = node.attributes.get(attribute)
            if address is None or address == "data:,":
                continue
            if node.attributes.get("rel") == "external":
                assert urlsplit(address).scheme in ("http", "https")
                assert node.tag == "a"
                continue
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc, parts.query) == ("", "", ""), address
            target = _target(name, parts.path) if parts.path else name
            assert target in files, address
            if parts.fragment:
                assert parts.fragment in ids[target], address


def _target(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(address)))


def check_manifest(files: Mapping[str, bytes]) -> None:
    listed = json.loads(files["manifest.json"])["files"]
    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "manifest.json"
    }
    assert list(listed) == sorted(listed)
