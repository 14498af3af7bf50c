"""Texts that try to be markup, formulas or paths: a site shows them as the texts that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.functional.reported import Row
from tests.made_sites import (
    Files,
    built,
    figures,
    framework,
    made,
    metric,
    pages,
    trust,
    write_league,
)
from tests.site_pages import Node, label, texts_of

NAMES = {
    "AA": "<script>alert(1)</script>",
    "A1": '"><img src=x onerror=alert(1)>',
    "ABCDEFGHIJ": "\u00dcn\u00efcode & \"Quotes\" 'Trust' \u2013 \u00c9",
    "CON": '=HYPERLINK("http://x")',
    "AUX1": "{{ 7*7 }} {% raw %}",
    "NUL": "</title><b>",
    "B1": "\u200fright \u202eleft",
    "B2": "</script><script>alert(2)</script>",
    "B3": "line\u2028and\u2029paragraph",
    "B4": "bell\x07",
    "B5": "x" * 300,
    "B6": "&lt;b&gt; &amp;amp;",
}
GROUPS = ('Trusts / "odd" <b>', "Trusts  odd (b", "\u00c9 trusts")
TEXTS: Row = {
    "title": "<h1>League</h1> \"of\" & 'all'",
    "description": "</p><iframe src=//x></iframe>",
    "domains": {"access": "<em>Access</em>", "money": 'Money & "more"'},
}
METRICS = {
    "a.b-c": metric(title='<b>bold</b> & "q"', why="</p><script>x</script>", unit='<i>"u'),
    "abc": metric(title="{{ 7*7 }}", note="</main><svg onload=alert(1)>"),
    "ABC": metric(
        title="it's",
        domain="money",
        source={
            "title": "<x>",
            "publisher": '"p"',
            "licence": "<l>",
            "url": "javascript:alert(1)",
        },
    ),
    "Abc": metric(
        title="A fourth",
        domain="money",
        source={
            "title": "A page",
            "publisher": "p",
            "licence": "l",
            "url": 'https://example.org/?a=1&b="2"',
        },
    ),
}
RULE = {
    "id": "rule",
    "title": '<script>"rule"</script>',
    "when": {"metric": "abc", "below": 3},
    "not_better_than": 3,
}
FILE = 'it\'s "odd", <b> & more.csv'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("hostile <b> 'x'")
    trusts = [
        trust(
            code,
            name,
            trust_type=GROUPS[at % 3],
            region="<u>Region</u>",
            icb_code="QAA",
            icb_name="<i>Board</i> & co",
            towns='<b>Town</b>;"Village"',
        )
        for at, (code, name) in enumerate(NAMES.items())
    ]
    values = {
        id_: {code: 1.5 * at + more for at, code in enumerate(NAMES)}
        for more, id_ in enumerate(METRICS)
    }
    spec = framework(
        METRICS,
        **TEXTS,
        peer_groups={"column": "trust_type", "order": list(GROUPS[:1])},
        overrides=[RULE],
        ranking={"within": "peer_group", "by": ["adjusted_segment", "average_metric_score"]},
    )
    rows = [
        *figures(values, "2025Q1"),
        *figures({id_: {c: -v for c, v in own.items()} for id_, own in values.items()}),
    ]
    data, path = write_league(folder, spec, trusts, rows)
    (data / "figures.csv").rename(data / FILE)
    return built([data], path)


@pytest.fixture(scope="module")
def site(files: Files) -> dict[str, Node]:
    """Give the pages: that they have no element and no link but their own is checked."""
    return pages(files)


def main_of(site: dict[str, Node], title: str) -> Node:
    [found] = [page.first("main") for page in site.values() if page.first("h1").text == title]
    return found


def shown(text: str) -> str:
    """Give a text with white space as a page shows it."""
    return " ".join(text.split())


def test_every_name_is_shown_as_it_is(site: dict[str, Node]) -> None:
    for code, name in NAMES.items():
        main = main_of(site, f"{shown(name)} ({code})")
        assert shown(name) in main.of_class("summary")[0].text
        assert "<i>Board</i> & co" in main.of_class("place")[0].text
        words = [shown(label(svg)) for svg in main.all("svg")]
        assert any(shown(name.replace("\x07", "")) in each for each in words), code
    listed = {row["Trust"] for row in texts_of(site["trusts.html"].first("table"))}
    assert listed == {f"{shown(name)} {code}" for code, name in NAMES.items()}


def test_every_text_of_the_framework_is_shown_as_it_is(site: dict[str, Node]) -> None:
    home = site["index.html"].first("main").text
    assert f"{TEXTS['title']}: league tables" in home
    assert TEXTS["description"] in home
    assert RULE["title"] in home
    measures = site["metrics.html"].first("main").text
    for stated in METRICS.values():
        assert stated["title"] in measures
    assert "</p><script>x</script>" in measures
    odd = main_of(site, '<b>bold</b> & "q"')
    assert '<i>"u: left is better' in odd.text
    assert "</main><svg onload=alert(1)>" in main_of(site, "{{ 7*7 }}").text


def test_names_of_pages_are_plain_and_differ_by_more_than_capitals(files: Files) -> None:
    assert {name for name in files if "/" in name and name.endswith(".html")} == {
        "tables/Trusts-odd-b.html",
        "tables/Trusts-odd-b-2.html",
        "tables/E-trusts.html",
        "metrics/a-b-c.html",
        "metrics/abc.html",
        "metrics/ABC-2.html",
        "metrics/Abc-3.html",
        "trusts/CON-page.html",
        "trusts/NUL-page.html",
        *(f"trusts/{code}.html" for code in NAMES if code not in ("CON", "NUL")),
    }


def test_an_address_that_would_run_is_no_link(site: dict[str, Node]) -> None:
    data = site["data.html"].first("main")
    outer = [link for link in data.all("a") if link.attributes.get("rel") == "external"]
    assert [(link.text, link.attributes["href"]) for link in outer] == [
        ("A page", 'https://example.org/?a=1&b="2"')
    ]
    assert '<x>, "p", <l>: ABC' in data.text


def test_the_name_of_a_file_is_shown_as_it_is(site: dict[str, Node]) -> None:
    assert FILE in [row["File"] for row in texts_of(site["data.html"].first("table"))]
    assert FILE in main_of(site, f"{NAMES['AA']} (AA)").text


def test_no_page_holds_a_text_as_markup(files: Files) -> None:
    for name, content in files.items():
        if name.endswith(".html"):
            text = content.decode()
            for injected in ("<script>", "<img", "<iframe", "onload=alert(1)>", "</title><b"):
                assert injected not in text, name


def test_the_table_to_download_has_no_formula(files: Files) -> None:
    text = files["data/league.csv"].decode()
    assert '"\'=HYPERLINK(""http://x"")"' in text


def test_the_framework_to_download_is_what_was_read(files: Files) -> None:
    found: Any = yaml.safe_load(files["data/framework.yaml"])
    assert found["title"] == TEXTS["title"]


@pytest.mark.parametrize("character", ["\x01", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ufffe"])
def test_a_control_character_leaves_the_pages_whole(tmp_path: Path, character: str) -> None:
    name = f"Trust{character}One"
    values = {"waits": {"AA": 1, "BB": 2}, "surplus": {"AA": 2, "BB": 1}}
    spec = framework({"waits": metric(unit=f"per{character}son"), "surplus": metric(title=name)})
    site = made(tmp_path, [trust("AA", name), trust("BB")], values, spec)
    assert "One (AA)" in site["trusts/AA.html"].first("h1").text
    assert site["trusts/AA.html"].of_class("strip")
