"""Pictures of the sample's site, read back: every mark stands where its figure has to be."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import pytest

from tests import oracle
from tests.functional.reported import (
    LABELS,
    PRINTED_QUARTERS,
    QUARTER,
    TABLES,
    Row,
    fixed,
    framework,
    is_higher_better,
    published,
    told,
    trust_types,
    values,
    with_unit,
)
from tests.site_pages import Mark, Node, facts_of, label, marks, page, picture_with

COLOURS = {1: "#00695c", 2: "#3366b0", 3: "#8f5d00", 4: "#a3262a"}
INK, MUTED, FAINT, ACCENT = "#16202a", "#55636f", "#b9c3cc", "#00508c"
HALF = 0.501
"""Places are whole pixels."""


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    found: list[Row] = told(
        tmp_path_factory.mktemp("rank"), "rank", "--ranges", "--quarter", QUARTER
    )["rows"]
    return found


def main_of(site: Path, name: str) -> Node:
    return page(site / name).first("main")


def drawn(svg: Node, tag: str, **attributes: str) -> list[Mark]:
    return [
        mark
        for mark in marks(svg)
        if mark.tag == tag
        and all(mark.attributes.get(name.replace("_", "-")) == v for name, v in attributes.items())
    ]


# Strips


def standard_of(metric_id: str) -> float | None:
    scoring = framework()["metrics"][metric_id]["scoring"]
    held_to = [scoring[name] for name in ("standard", "target", "floor") if name in scoring]
    return held_to[0] if held_to else None


def test_every_strip_has_each_peer_the_standard_the_middle_and_the_trust_in_their_places(
    site: Path,
) -> None:
    types = trust_types()
    strips = 0
    for code, trust_type in types.items():
        for item in main_of(site, f"trusts/{code}.html").of_class("strip"):
            assert item.parent is not None
            [metric_id] = [mark.text for mark in item.parent.of_class("code")]
            strips += 1
            _check_strip(item.first("svg"), metric_id, code, trust_type)
    assert strips == sum(len(own) for id_, own in values().items() if id_ not in SCORED_FROM_OTHERS)


def _check_strip(svg: Node, metric_id: str, code: str, trust_type: str) -> None:
    types, metric = trust_types(), framework()["metrics"][metric_id]
    own = {each: v for each, v in values()[metric_id].items() if types[each] == trust_type}
    standard, higher = standard_of(metric_id), is_higher_better(metric_id)
    known = [*own.values(), *([] if standard is None else [standard])]
    best, worst = (max(known), min(known)) if higher else (min(known), max(known))

    def place(value: float) -> float:
        return 150.0 if best == worst else 300 * (value - best) / (worst - best)

    where = (metric_id, code)
    [others] = drawn(svg, "path", stroke=MUTED)
    dots = sorted(others.dots)
    pixels = {floor(300 * round(place(value) / 300, 4) + 0.5) for value in own.values()}
    assert dots == [(x, 12) for x in sorted(pixels)], where
    [mark] = drawn(svg, "path", fill=ACCENT)
    assert (abs(mark.x - place(own[code])) <= HALF + 0.02, mark.y) == (True, 12), where
    assert any(x == mark.x for x, _ in dots), where
    ordered = sorted(own.values())
    middle = (ordered[(len(own) - 1) // 2] + ordered[len(own) // 2]) / 2
    [line] = list(drawn(svg, "line", stroke=INK, stroke_dasharray="2,2"))
    assert abs(line.x - place(middle)) <= HALF + 0.02, where
    solid = drawn(svg, "line", stroke=INK, stroke_dasharray="1,0")
    assert len(solid) == (standard is not None), where
    for each in solid:
        assert standard is not None
        assert abs(each.x - place(standard)) <= HALF + 0.02, where
    unit, decimals = metric["unit"], metric.get("decimals", 2)
    words = (
        f"{' '.join(metric['title'].split())}: {with_unit(own[code], unit, decimals)} among "
        f"{len(own)} value{'' if len(own) == 1 else 's'} of its peers; their middle is "
        f"{with_unit(middle, unit, decimals)}"
    )
    if standard is not None:
        words += f"; the standard is {with_unit(standard, unit, decimals)}"
    assert label(svg) == f"{words}.", where


# Ranks


def test_every_rank_strip_has_the_rank_and_its_likely_range_in_their_places(
    site: Path, ranked: list[Row]
) -> None:
    for row in ranked:
        svg = picture_with(main_of(site, f"trusts/{row['org_code']}.html"), "on a line from 1 to")
        assert [int(n) for n in re.findall(r"\d+", label(svg))] == [
            row["rank"],
            1,
            row["rank_of"],
            row["rank_low"],
            row["rank_high"],
        ]
        step = 560 / (row["rank_of"] - 1)
        [mark] = drawn(svg, "path", fill=ACCENT)
        assert abs(mark.x - (row["rank"] - 1) * step) <= HALF
        [likely] = drawn(svg, "line", stroke_width="12")
        low, high = likely.x, likely.x + float(likely.attributes["x2"])
        assert abs(low - (row["rank_low"] - 1) * step) <= HALF
        assert abs(high - (row["rank_high"] - 1) * step) <= HALF


@pytest.mark.parametrize("group", TABLES)
def test_the_ranks_of_a_group_stand_on_their_likely_ranges(
    site: Path, ranked: list[Row], group: str
) -> None:
    rows = [row for row in ranked if row["peer_group"] == group]
    svg = picture_with(main_of(site, TABLES[group][1]), "The ranks of")
    assert re.findall(r"\d+", label(svg)) == [str(len(rows))]

    def place(rank: int) -> int:
        return int(300 * (rank - 1) / (len(rows) - 1) + 0.5)

    [spans] = drawn(svg, "path", stroke=FAINT)
    assert spans.pieces == [
        ((place(row["rank_low"]), 7.5 + 15 * at), (place(row["rank_high"]), 7.5 + 15 * at))
        for at, row in enumerate(rows)
    ]
    for segment, colour in COLOURS.items():
        [points] = drawn(svg, "path", stroke=colour)
        assert points.dots == [
            (place(row["rank"]), 7.5 + 15 * at)
            for at, row in enumerate(rows)
            if row["adjusted_segment"] == segment
        ]
    labels = [mark.text for mark in marks(svg) if mark.attributes.get("font-size") == "11px"]
    assert labels == [row["org_code"] for row in rows]


# Segment maps


def stacked(rows: list[Row]) -> dict[str, tuple[int, int]]:
    """Put each average into its column of 0.03, best segments lowest; give column and height."""
    heights: Counter[int] = Counter()
    places = {}
    ordered = sorted(
        rows, key=lambda r: (r["adjusted_segment"], r["average_metric_score"], r["org_code"])
    )
    for row in ordered:
        hundredths = round(100 * (row["average_metric_score"] - 1))
        column = (hundredths + 1) // 3
        places[row["org_code"]] = (column, heights[column])
        heights[column] += 1
    return places


@pytest.mark.parametrize("group", TABLES)
def test_a_segment_map_has_each_average_in_its_column_and_colour(
    site: Path, ranked: list[Row], group: str
) -> None:
    rows = [row for row in ranked if row["peer_group"] == group]
    places = stacked(rows)
    svg = picture_with(main_of(site, TABLES[group][1]), "The average metric scores of")
    averages = [row["average_metric_score"] for row in rows]
    assert re.findall(r"\d+(?:\.\d+)?", label(svg)) == [
        str(len(rows)),
        fixed(min(averages)),
        fixed(max(averages)),
    ]
    bottom = 34 + 6 * max(height + 1 for _, height in places.values())
    for segment, colour in COLOURS.items():
        [dots] = list(drawn(svg, "path", stroke=colour))
        assert Counter(dots.dots) == Counter(
            (6 * places[row["org_code"]][0], bottom - 3 - 6 * places[row["org_code"]][1])
            for row in rows
            if row["adjusted_segment"] == segment
        )
    assert not drawn(svg, "path", fill=ACCENT)


def test_the_cut_points_of_a_segment_map_are_the_quartiles_of_all_averages(
    site: Path, ranked: list[Row]
) -> None:
    cuts = oracle.quartiles(Fraction(str(row["average_metric_score"])) for row in ranked)
    assert cuts is not None
    places = [200 * (float(cut) - 1) for cut in cuts]
    for _, path in TABLES.values():
        svg = picture_with(main_of(site, path), "The average metric scores of")
        lines = drawn(svg, "line", stroke=MUTED, stroke_dasharray="4,3")
        assert [abs(line.x - at) <= HALF for line, at in zip(lines, places, strict=True)] == [
            True
        ] * 3


def test_every_trust_is_marked_on_the_map_of_its_group(site: Path, ranked: list[Row]) -> None:
    for group in TABLES:
        rows = [row for row in ranked if row["peer_group"] == group]
        places = stacked(rows)
        bottom = 34 + 6 * max(height + 1 for _, height in places.values())
        for row in rows:
            code = row["org_code"]
            svg = picture_with(main_of(site, f"trusts/{code}.html"), "The average metric scores of")
            [mark] = drawn(svg, "path", fill=ACCENT)
            column, height = places[code]
            assert (mark.x, mark.y) == (6 * column, bottom - 3 - 6 * height), code
            assert label(svg).endswith(
                f"{row['org_name']} is marked at {fixed(row['average_metric_score'])}."
            )
            [named] = [each for each in marks(svg) if each.text == code]
            assert named.x == mark.x


# Slopes


def averages(group: str) -> list[list[float]]:
    return [
        [float(published(quarter)[code]["average_metric_score"]) for quarter in LABELS]
        for code, trust_type in trust_types().items()
        if trust_type == group
    ]


@pytest.mark.parametrize("group", TABLES)
def test_slopes_lead_from_the_published_average_of_one_quarter_to_that_of_the_next(
    site: Path, group: str
) -> None:
    lines = averages(group)
    known = [average for line in lines for average in line]
    room = (max(known) - min(known)) / 12
    top, bottom = min(known) - room, max(known) + room

    def place(average: float) -> float:
        return height * (average - top) / (bottom - top)

    svg = picture_with(main_of(site, TABLES[group][1]), "from quarter to quarter")
    height = _height(svg)
    [faint] = drawn(svg, "path", stroke=FAINT)
    found = sorted((start[1], end[1]) for start, end in faint.pieces)
    assert {(start[0], end[0]) for start, end in faint.pieces} == {(30, 490)}
    expected = sorted((int(place(a) + 0.5), int(place(b) + 0.5)) for a, b in lines)
    assert len(found) == len(expected)
    assert sum(a != b for a, b in zip(found, expected, strict=True)) == 0
    for code, trust_type in trust_types().items():
        if trust_type != group:
            continue
        own = picture_with(main_of(site, f"trusts/{code}.html"), "from quarter to quarter")
        line = [float(published(quarter)[code]["average_metric_score"]) for quarter in LABELS]
        points = drawn(own, "path", fill=ACCENT)
        assert [point.x for point in points] == [30, 490]
        for point, average in zip(points, line, strict=True):
            assert abs(point.y - place(average)) <= HALF
        labels = PRINTED_QUARTERS.values()
        told_ = "; ".join(f"{q}: {fixed(a)}" for q, a in zip(labels, line, strict=True))
        assert label(own).endswith(f"is marked: {told_}.")
        [drawn_line] = drawn(own, "path", stroke=ACCENT)
        assert drawn_line.pieces == [tuple((point.x, point.y) for point in points)]


def _height(svg: Node) -> float:
    """Give the height of a plot: that of its upright lines."""
    [height] = {float(line.attributes["y2"]) for line in drawn(svg, "line", stroke_opacity="0.5")}
    return height


# Distributions

SCORED_FROM_OTHERS = {
    id_ for id_, metric in framework()["metrics"].items() if metric["scoring"]["method"] == "matrix"
}
"""A matrix of other measures has no values of its own to draw."""


@pytest.mark.parametrize("metric_id", list(framework()["metrics"]))
def test_a_distribution_has_a_dot_of_each_value_near_its_place(site: Path, metric_id: str) -> None:
    types, higher = trust_types(), is_higher_better(metric_id)
    standard, seen = standard_of(metric_id), 0
    for svg in main_of(site, f"metrics/{metric_id}.html").all("svg"):
        noun = re.match(r"The values of (\d+) (?:of the )?(.*?) as dots, from", label(svg))
        assert noun is not None
        [group] = [g for g, (title, _) in TABLES.items() if title.lower() == noun[2].lower()]
        own = sorted(
            (v for code, v in values()[metric_id].items() if types[code] == group), reverse=higher
        )
        assert int(noun[1]) == len(own)
        unit, decimals = _unit(metric_id)
        assert f"from {with_unit(own[0], unit, decimals)}, the best, to " in label(svg)
        assert label(svg).endswith(f"to {with_unit(own[-1], unit, decimals)}.")
        ends = [*own, *([] if standard is None else [standard])]
        low, high = min(ends), max(ends)
        room = (high - low or 1.0) / 40
        left, right = (high + room, low - room) if higher else (low - room, high + room)
        [dots] = drawn(svg, "path", stroke=ACCENT)
        found = sorted(dots.dots)
        assert len(found) == len(own)
        for (x, _), value in zip(found, own, strict=True):
            assert abs(x - 560 * (value - left) / (right - left)) <= 3 + HALF
        columns: dict[float, list[float]] = {}
        for x, y in found:
            columns.setdefault(x, []).append(y)
        lowest = max(y for _, y in found)
        for heights in columns.values():
            assert sorted(heights, reverse=True) == [lowest - 6 * at for at in range(len(heights))]
        lines = drawn(svg, "line", stroke=INK)
        assert len(lines) == (standard is not None)
        for line in lines:
            assert standard is not None
            assert abs(line.x - 560 * (standard - left) / (right - left)) <= HALF
        seen += 1
    if metric_id in SCORED_FROM_OTHERS:
        assert seen == 0
    else:
        assert seen == len({types[code] for code in values()[metric_id]})


def _unit(metric_id: str) -> tuple[str, int]:
    metric: dict[str, Any] = framework()["metrics"][metric_id]
    return metric["unit"], metric.get("decimals", 2)


def test_every_picture_has_words_with_a_figure(site: Path) -> None:
    for code in trust_types():
        main = main_of(site, f"trusts/{code}.html")
        assert facts_of(main)
        for svg in main.all("svg"):
            assert re.search(r"\d", label(svg)), code
