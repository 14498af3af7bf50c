"""Pictures drawn: what is put in, what is left out, and what is laid over."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from nhs_league.presentation.charts.drawing import (
    Picture,
    Underlay,
    compiled,
    drawn_marks,
    filled,
    inline_data,
    inline_svg,
    path_mark,
    path_rows,
    picture,
    printable,
)
from tests.drawn_pictures import SVG, read_png

UNPRINTABLE = "\x00\x01\x0b\x0c\x1b\x1f\ufffe\uffff"


def texts_chart(rows: list[dict[str, Any]], name: str | None = None) -> Any:
    return (
        alt.Chart(inline_data(rows, name))
        .mark_text()
        .encode(x=alt.value(10), y=alt.value(10), text="text:N")
        .properties(width=40, height=20)
    )


def texts_of(svg: str) -> list[str | None]:
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def drawn(spec: Any, words: str = "") -> list[str | None]:
    return texts_of(inline_svg(spec, words))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "\t\n\r",
        "Môn",
        "\u05d0\u202e",
        "\U0001f600",
        "\ue000\ufffd",
        "<&>\"'",
        "\x7f\x85",
    ],
)
def test_what_xml_has_a_place_for_stays(text: str) -> None:
    assert printable(text) == text
    ElementTree.fromstring(f"<a>{text.replace('&', '').replace('<', '')}</a>")


@pytest.mark.parametrize("letter", [*UNPRINTABLE, "\ud800"])
def test_what_xml_has_no_place_for_goes(letter: str) -> None:
    assert printable(f"a{letter}b{letter}") == "ab"


def test_no_text_of_a_picture_brings_what_xml_has_no_place_for() -> None:
    hostile = f"a{UNPRINTABLE}b"
    chart = texts_chart([{"text": hostile}]).properties(title=hostile)
    axis = alt.X("x:Q", axis=alt.Axis(title=[hostile, "second"], values=[0]))
    titled = alt.Chart(inline_data([{"x": 0}])).mark_rule().encode(x=axis)
    assert sorted(map(str, drawn(compiled(chart)))) == ["ab", "ab"]
    assert "ab" in "".join(ElementTree.fromstring(inline_svg(compiled(titled), "")).itertext())
    whole = picture(chart, hostile, hostile, [hostile])
    assert printable(whole.svg()) == whole.svg()
    assert [words.text for words in ElementTree.fromstring(whole.svg())[:2]] == ["ab", "ab"]


def test_rows_take_the_place_of_named_data() -> None:
    spec = compiled(texts_chart([{"text": "before"}], "own"))
    assert drawn(spec) == ["before"]
    assert drawn(filled(spec, {"own": [{"text": "after"}, {"text": "<b>\x0b"}]})) == [
        "after",
        "<b>",
    ]
    assert drawn(filled(spec, {"own": []})) == []
    assert drawn(spec) == ["before"]
    with pytest.raises(AssertionError, match="no data"):
        filled(spec, {"other": []})


def test_a_path_is_broken_after_each_piece() -> None:
    rows = path_rows([[(0, 0), (1, 2)], [(3, 4), (3, 4)]])
    assert [row["i"] for row in rows] == list(range(6))
    assert [(row["x"], row["y"]) for row in rows] == [
        (0, 0), (1, 2), (None, None), (3, 4), (3, 4), (None, None),
    ]  # fmt: skip
    scale = alt.Scale(domain=[0, 10], nice=False)
    x, y = alt.X("x:Q", scale=scale, axis=None), alt.Y("y:Q", scale=scale, axis=None)
    for given, expected in ((rows, "M0,100L10,80M30,60L30,60"), ([], None)):
        chart = path_mark(given).encode(x=x, y=y).properties(width=100, height=100)
        root = ElementTree.fromstring(inline_svg(compiled(chart), ""))
        assert [path.get("d") for path in root.iter(f"{SVG}path")] == [expected]


def test_marks_are_laid_over_a_picture_and_taken_off_again() -> None:
    underlay = Underlay(compiled(texts_chart([{"text": "below"}])))
    overlay = compiled(texts_chart([{"text": "none"}], "own"))
    bare = underlay.svg("words")
    marks = [drawn_marks(filled(overlay, {"own": [{"text": own}]})) for own in ("AA1", "AA2")]
    assert texts_of(underlay.svg("words", marks[0])) == ["below", "AA1"]
    assert texts_of(underlay.svg("words", marks[1])) == ["below", "AA2"]
    assert texts_of(underlay.svg("words", marks[0])) == ["below", "AA1"]
    assert underlay.svg("words") == bare
    assert texts_of(bare) == ["below"]


def test_a_picture_for_a_page_is_one_image_with_words() -> None:
    root = ElementTree.fromstring(inline_svg(compiled(texts_chart([])), 'say "<so>" & \x0bmore'))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'say "<so>" & more'
    assert not any(
        name in element.attrib
        for element in root.iter()
        for name in ("class", "aria-roledescription", "aria-hidden")
    )
    assert [element for element in root.iter() if element.get("role") and element is not root] == []
    assert [element for element in root.iter() if element.get("fill") == "#ffffff"] == []


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("short", ["short"]),
        ("x" * 200, ["x" * 80, "x" * 80, "x" * 40]),
        ("word " * 20, [("word " * 16).strip(), ("word " * 4).strip()]),
        ("two\nlines", ["two lines"]),
        ("\u05d0" * 81, ["\u05d0" * 80, "\u05d0"]),
    ],
)
def test_a_title_is_wrapped_and_whole(title: str, lines: list[str]) -> None:
    whole = picture(texts_chart([]), title, "words", ["below"])
    root = ElementTree.fromstring(whole.svg())
    found = [line.text for text in root.iter(f"{SVG}text") for line in (list(text) or [text])]
    assert found == [*lines, "below"]
    assert root[0].text == title
    assert root[1].text == "words"


def test_a_picture_that_stands_alone_is_on_paper_and_its_letters_stand_out() -> None:
    whole = picture(texts_chart([{"text": "over"}]), "Title", "Words", [])
    root = ElementTree.fromstring(whole.svg())
    paper = root[2]
    assert paper.attrib == {
        "width": root.get("width"),
        "height": root.get("height"),
        "fill": "#ffffff",
    }
    for text in root.iter(f"{SVG}text"):
        assert (text.get("paint-order"), text.get("stroke")) == ("stroke", "#ffffff")


def test_a_png_has_two_pixels_for_each() -> None:
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 10], nice=False), axis=None)
    rule = alt.Chart(inline_data([{"x": 5}])).mark_rule(color="#16202a", strokeWidth=4)
    chart = rule.encode(x=x).properties(width=40, height=10)
    whole = Picture(compiled(chart, "#ffffff"), "Title", "Words")
    root = ElementTree.fromstring(whole.svg())
    width, height = int(root.get("width", "")), int(root.get("height", ""))
    pixels = read_png(whole.png())
    assert (pixels.width, pixels.height) == (2 * width, 2 * height)
    assert set(pixels.row(0)) == {(255, 255, 255, 255)}
    row = pixels.row(height)
    dark = [at for at, pixel in enumerate(row) if pixel == (0x16, 0x20, 0x2A, 255)]
    assert 7 <= len(dark) <= 8
    assert abs(sum(dark) / len(dark) + 0.5 - 2 * width / 2) <= 2
    assert set(row[: dark[0] - 1]) == {(255, 255, 255, 255)}
    assert whole.png() == whole.png()
