"""Single pictures: every mark where the data put it, every text, and what is refused."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.conftest import Cli, CliProcess
from tests.drawn_pictures import SVG, Chart, Drawn, read_png
from tests.functional.conftest import Sample
from tests.functional.small import (
    FRAMEWORK,
    ORGANISATIONS,
    SURPLUS,
    WAITS,
    Small,
    write_csv,
)

SAMPLE = ("--quarter", "2025Q2", "--quiet")
COLOURS = {
    1: "#00695c",
    2: "#3366b0",
    3: "#8f5d00",
    4: "#a3262a",
    5: "#a3262a",
    6: "#a3262a",
    None: "#55636f",
}
INK, FAINT, ACCENT, MUTED = "#16202a", "#b9c3cc", "#00508c", "#55636f"
NOTICES = [
    "Not an official NHS product.",
    "Contains public sector information licensed under the Open Government Licence v3.0.",
]
MAP_KEY = "A dot is an organisation, in the colour of the segment that it ends up in."
RANGES_KEY = "A dot is a rank, in the colour of the segment; the bar behind it, its likely ranks."
NO_PICTURE = "there is no picture of this: rank draws one, and explain without --history"
REGISTER = ("org_code", "org_name", "trust_type", "region", "icb_code", "icb_name")
EVERYBODY = [row[0] for row in ORGANISATIONS]


@pytest.fixture
def sample(cli: Cli, remembered: dict[tuple[str, ...], Any]) -> Sample:
    """Run a command on the sample; what was run already is remembered."""

    def run(*options: str) -> Any:
        if options not in remembered:
            remembered[options] = cli(*options, *SAMPLE)
        assert remembered[options].status == 0, remembered[options].narration
        return remembered[options]

    return run


def drawn_and_told(run: Callable[..., Any], *arguments: str) -> tuple[Drawn, Any]:
    """Run a command for its picture and for its JSON."""
    return Drawn(run(*arguments, "--format", "svg").output), run(
        *arguments, "--format", "json"
    ).json


def by_group(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Part the ranked rows by peer group, in the order of the table."""
    parted = defaultdict(list)
    for row in rows:
        if row["rank"] is not None:
            parted[row["peer_group"]].append(row)
    return parted


def nearest(value: float) -> int:
    """Round to a pixel, halves up."""
    return math.floor(value + 0.5)


def printed(value: float, decimals: int = 2) -> str:
    """Write a figure as people round."""
    unit = Decimal(1).scaleb(-decimals)
    return f"{Decimal(repr(value)).quantize(unit, ROUND_HALF_UP):,}"


def expected_map(
    rows: list[dict[str, Any]], best: float, worst: float
) -> tuple[list[tuple[float, float, str]], int]:
    """Stack averages in columns of six pixels, the better segments below; and tell the height."""
    columns = defaultdict(list)
    for row in rows:
        share = (row["average_metric_score"] - best) / (worst - best)
        columns[round(100 * share)].append(row["adjusted_segment"])
    height = 6 * max(map(len, columns.values())) + 34
    dots = [
        (6.0 * column, height - 6 * level - 3.0, COLOURS[segment])
        for column, segments in columns.items()
        for level, segment in enumerate(sorted(segments, key=lambda segment: segment or 0))
    ]
    return sorted(dots), height


def ranks_in_words(rows: list[dict[str, Any]]) -> str:
    def told(row: dict[str, Any]) -> str:
        likely = "" if row["rank_low"] is None else f", likely {row['rank_low']} to "
        average = printed(row["average_metric_score"])
        return f"{row['rank']} {row['org_name']}, {average}{likely}{row['rank_high'] or ''}"

    return "; ".join(map(told, rows))


# A ranking as segment maps


@pytest.mark.parametrize(
    "filters",
    [
        (),
        ("--top", "3"),
        ("--bottom", "4"),
        ("--peer-group", "ambulance"),
        ("--region", "London"),
        ("--icb", "QWE"),
        ("--region", "London", "--peer-group", "acute", "--top", "5"),
    ],
)
def test_a_segment_map_has_every_average_in_its_place(
    sample: Sample, filters: tuple[str, ...]
) -> None:
    picture, told = drawn_and_told(sample, "rank", *filters)
    groups = by_group(told["rows"])
    assert len(picture.charts) == len(groups)
    words = []
    # Quartiles of all averages, whatever the filters leave.
    whole = sample("rank", "--format", "json").json["rows"]
    averages = [row["average_metric_score"] for row in whole if row["rank"] is not None]
    cuts = statistics.quantiles(averages, n=4, method="inclusive")
    for chart, rows in zip(picture.charts, groups.values(), strict=True):
        dots, height = expected_map(rows, 1.0, 4.0)
        assert chart.dots == dots
        assert chart.height == height
        assert [line.x for line in chart.lines] == [nearest(200 * (cut - 1)) for cut in cuts]
        assert names_of_segments(chart, [1.0, *cuts, 4.0], 200) == []
        [heading] = chart.texts(**{"font-size": "15px"})
        noun = heading.text.split(":")[0]
        assert heading.text == f"{noun}: {len(rows)} of {rows[0]['rank_of']}"
        assert noun.removesuffix("s") == rows[0]["peer_group"].removesuffix("s")
        words.append(f"{heading.text}. {ranks_in_words(rows)}")
    assert picture.description == " ".join(words)
    title = "NHS Oversight Framework 2025/26: league table, April to June 2025 (Q1 2025/26)"
    assert picture.title == title
    assert picture.heading == [title, MAP_KEY, *NOTICES]


def names_of_segments(chart: Chart, ends: list[float], scale: float) -> list[str]:
    """See that segments are named in the middle of their stretch; give what is off."""
    found = [(mark.x, mark.text, mark.element.get("fill")) for mark in chart.texts()]
    wrong = []
    for segment, (left, right) in enumerate(pairwise(ends), start=1):
        room = abs(right - left) * scale
        if room < 10:
            continue
        name = f"Segment {segment}" if room > 70 else str(segment)
        middle = nearest(abs((left + right) / 2 - ends[0]) * scale)
        if (middle, name, COLOURS[segment]) not in found:
            wrong.append(f"{name} at {middle}")
    return wrong


@pytest.mark.parametrize(
    ("best", "worst", "bounds"),
    [
        (1, 4, (1.75, 2.5, 3.25)),
        (1, 4, (1.2, 1.5, 2.0, 2.2, 2.5)),
        (100, 0, (75, 50, 25)),
        (1, 4, (2.0, 2.03, 2.5)),
        (1, 4, (0.5, 2.5, 4.5)),
        (10, 0, (6,)),
    ],
    ids=["plain", "six segments", "higher is better", "a narrow one", "off the scale", "two"],
)
def test_cut_points_and_names_of_segments_follow_the_framework(
    cli: Cli, small: Small, best: float, worst: float, bounds: tuple[float, ...]
) -> None:
    text = FRAMEWORK.replace("best: 1.0, worst: 4.0", f"best: {best}, worst: {worst}")
    text = text.replace("[1.75, 2.5, 3.25]", str(list(bounds)))
    if len(bounds) < 2:
        text = text.replace("not_better_than: 3", "not_better_than: 2")
    small.framework.write_text(text, "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options)
    scale = 600 / abs(worst - best)
    low, high = sorted((best, worst))
    within = [bound for bound in bounds if low <= bound <= high]
    clamped = [min(max(bound, low), high) for bound in bounds]
    for chart, rows in zip(picture.charts, by_group(told["rows"]).values(), strict=True):
        assert chart.dots == expected_map(rows, best, worst)[0]
        assert [line.x for line in chart.lines] == [
            nearest(abs(bound - best) * scale) for bound in within
        ]
        assert names_of_segments(chart, [best, *clamped, worst], scale) == []
        shown = chart.texts(**{"font-weight": "bold", "font-size": "12px"})
        assert all(0 <= mark.x <= 600 for mark in shown)
        assert all(
            abs(one.x - other.x) >= 10 for one in shown for other in shown if one is not other
        )


def test_ranked_all_together_is_one_chart(cli: Cli, small: Small) -> None:
    text = FRAMEWORK.replace("within: peer_group", "within: all")
    small.framework.write_text(text, "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options)
    rows = [row for row in told["rows"] if row["rank"] is not None]
    [chart] = picture.charts
    assert chart.dots == expected_map(rows, 1.0, 4.0)[0]
    assert picture.description == f"Organisations: 6 of 6. {ranks_in_words(rows)}"
    ranges, told = drawn_and_told(cli, "rank", *small.options, "--ranges")
    assert len(ranges.charts) == 2
    assert_rank_ranges(ranges.charts[1], [r for r in told["rows"] if r["rank"] is not None])
    assert len(Drawn(cli("rank", *small.options, "--by", "waits", "-f", "svg").output).charts) == 2


QUARTILES = "segments: {method: quartiles, pool: peer_group}"
THRESHOLDS = "segments: {method: thresholds, upper_bounds: [1.75, 2.5, 3.25]}"


@pytest.mark.parametrize("within", ["all", "peer_group"])
def test_quartiles_that_differ_or_are_not_there_are_not_drawn(
    cli: Cli, small: Small, within: str
) -> None:
    """One ambulance trust has no quartiles and no segment; together with others there are two."""
    text = FRAMEWORK.replace(THRESHOLDS, QUARTILES).replace(
        "within: peer_group", f"within: {within}"
    )
    small.framework.write_text(text, "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options)
    chart = picture.charts[-1]
    rows = [row for row in told["rows"] if row["rank"] is not None]
    if within == "peer_group":
        rows = by_group(rows)["Ambulance trust"]
        # The averages of the five before they are rounded, by hand.
        cuts = statistics.quantiles([1, 2.0875, 2.3125, 2.3125, 4], n=4, method="inclusive")
        places = [200 * (cut - 1) for cut in cuts]
        assert [line.x for line in picture.charts[0].lines] == pytest.approx(places, abs=0.51)
    assert chart.lines == []
    assert not any("egment" in mark.text for mark in chart.texts())
    assert chart.dots == expected_map(rows, 1.0, 4.0)[0]
    assert MUTED in {colour for _, _, colour in chart.dots}
    explained = cli("explain", "AM1", *small.options, "--format", "svg")
    assert Drawn(explained.output).charts[0].lines == []


def test_equal_averages_stand_in_one_column(cli: Cli, small: Small) -> None:
    level(small)
    small.framework.write_text(FRAMEWORK.replace(THRESHOLDS, QUARTILES), "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options)
    chart = picture.charts[0]
    assert chart.dots == [(0.0, 70 - 6 * level - 3.0, COLOURS[1]) for level in (5, 4, 3, 2, 1, 0)]
    assert chart.dots == expected_map(by_group(told["rows"])["Acute trust"], 1.0, 4.0)[0]
    values = Drawn(cli("rank", *small.options, "--by", "waits", "-f", "svg").output).charts[0]
    assert len({x for x, _, _ in values.dots}) == 1
    assert {x for x, _, _ in values.dots} <= set(range(276, 285))
    assert len(values.dots) == 6
    strips = Drawn(cli("explain", "AA2", *small.options, "-f", "svg").output).charts[1]
    assert [(x, y) for x, y, _ in strips.dots] == [(190.0, 12.0), (190.0, 36.0)]
    assert strips.diamonds == [(190.0, 12.0), (190.0, 36.0)]


def level(small: Small) -> None:
    """Give everybody the same figures."""
    waits = [(code, "2025Q2", 1, 2) for code in EVERYBODY]
    write_csv(small.folder / "waits.csv", ("org_code", "period", "numerator", "denominator"), waits)
    plans = [(code, "2025Q1", "2025Q4", 1) for code in EVERYBODY]
    write_csv(
        small.folder / "plans.csv", ("org_code", "in_force_from", "in_force_to", "surplus"), plans
    )


# Rank ranges


@pytest.mark.parametrize(
    "filters", [(), ("--top", "4"), ("--peer-group", "acute", "--region", "London")]
)
def test_rank_ranges_have_every_rank_and_its_likely_ends(
    sample: Sample, filters: tuple[str, ...]
) -> None:
    picture, told = drawn_and_told(sample, "rank", "--ranges", *filters)
    groups = by_group(told["rows"])
    key, *charts = picture.charts
    shown = sorted({row["adjusted_segment"] for rows in groups.values() for row in rows})
    assert [(mark.text, mark.element.get("fill")) for mark in key.texts()] == [
        (f"Segment {segment}", COLOURS[segment]) for segment in shown
    ]
    words = []
    for chart, rows in zip(charts, groups.values(), strict=True):
        assert_rank_ranges(chart, rows)
        [heading] = chart.texts(**{"font-size": "15px"})
        words.append(f"{heading.text}. {ranks_in_words(rows)}")
    assert picture.description == " ".join(words)
    assert ", likely " in picture.description
    assert picture.heading[-3:] == [RANGES_KEY, *NOTICES]


def assert_rank_ranges(chart: Chart, rows: list[dict[str, Any]]) -> None:
    of = rows[0]["rank_of"]

    def place(rank: int) -> int:
        return nearest(300 * (rank - 1) / (max(of, 2) - 1))

    assert chart.dots == sorted(
        (place(row["rank"]), 15 * at + 7.5, COLOURS[row["adjusted_segment"]])
        for at, row in enumerate(rows)
    )
    assert chart.bars(stroke=FAINT) == [
        ((place(row["rank_low"]), 15 * at + 7.5), (place(row["rank_high"]), 15 * at + 7.5))
        for at, row in enumerate(rows)
    ]
    labels = chart.texts(**{"font-size": "11px"})
    assert [(mark.text, round(mark.y, 6)) for mark in labels] == [
        (cut(f"{row['org_code']} {row['org_name']}", 60), 15 * at + 10.5)
        for at, row in enumerate(rows)
    ]
    ticks = [mark for mark in chart.texts() if mark.text.isdigit()]
    assert ticks[0].text == "1"
    assert len({mark.text for mark in ticks}) == len(ticks) <= 8
    assert all(abs(mark.x - 0.5 - place(int(mark.text))) < 0.01 for mark in ticks)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def test_one_trust_has_a_rank_and_an_axis_without_a_rank_twice(cli: Cli, small: Small) -> None:
    picture, told = drawn_and_told(
        cli, "rank", *small.options, "--ranges", "--peer-group", "ambulance"
    )
    assert [row["rank_of"] for row in told["rows"]] == [1]
    assert_rank_ranges(picture.charts[1], told["rows"])
    assert [mark.text for mark in picture.charts[1].texts() if mark.text.isdigit()] == ["1"]


# One metric, one domain


@pytest.mark.parametrize("by", ["OF0082", "OF0013", "OF0014", "OF0079", "finance"])
def test_a_distribution_has_every_value_in_its_column(sample: Sample, by: str) -> None:
    found = sample("rank", "--format", "json").json
    domains = {n.removeprefix("domain_score_") for n in found["rows"][0] if n.startswith("domain_")}
    by = by if by.startswith("OF") else sorted(domains)[0]
    picture, told = drawn_and_told(sample, "rank", "--by", by)
    explained = sample("explain", "RHQ", "--format", "json").json["rows"]
    standards = {row["metric_id"]: row["standard"] for row in explained}
    column = "value" if by.startswith("OF") else "score"
    words = []
    groups = by_group(told["rows"])
    assert len(picture.charts) == len(groups) >= 1
    for chart, rows in zip(picture.charts, groups.values(), strict=True):
        values = [row[column] for row in rows]
        assert_distribution(
            chart, values, is_higher_better=values[0] > values[-1], standard=standards.get(by)
        )
        low, high = printed(min(values)), printed(max(values))
        [heading] = chart.texts(**{"font-size": "15px"})
        noun, count = heading.text.split(": ")
        assert count == str(len(values))
        said = noun[:1].lower() + noun[1:]
        words.append(f"{len(values)} value{'s' if len(values) > 1 else ''} of {said}, from ")
        words[-1] += f"{low} to {high}."
        [said] = [mark.text for mark in chart.texts() if mark.text.endswith(": left is better")]
        assert said == f"{rows[0]['unit']}: left is better"
    assert picture.description == " ".join(words)
    assert picture.heading[-2:] == NOTICES


def assert_distribution(
    chart: Chart, values: list[float], *, is_higher_better: bool, standard: float | None = None
) -> None:
    """See that each value has a dot within half a dot of its place, in columns without gaps."""
    ends = [*values, *([] if standard is None else [standard])]
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) / 40
    low, high = low - room, high + room

    def place(value: float) -> float:
        share = (value - low) / (high - low)
        return 560 * (1 - share if is_higher_better else share)

    places = sorted(map(place, values))
    drawn = chart.dots
    assert len(set(drawn)) == len(drawn) == len(places)
    assert all(abs(x - place) <= 3.51 for (x, _, _), place in zip(drawn, places, strict=True))
    assert {colour for _, _, colour in drawn} == {ACCENT}
    for x, count in Counter(x for x, _, _ in drawn).items():
        heights = sorted(y for other, y, _ in drawn if other == x)
        bottom = max(y for _, y, _ in drawn)
        assert heights == [bottom - 6 * level for level in range(count)][::-1]
    expected = [] if standard is None else [nearest(place(standard))]
    assert [line.x for line in chart.lines] == expected


@pytest.mark.parametrize(
    ("scoring", "standard"),
    [
        ("{method: standard, standard: 92}", 92.0),
        ("{method: target, target: 110, limit: 20}", 110.0),
        ("{method: floor, floor: 40}", 40.0),
        ("{method: rank}", None),
    ],
)
def test_a_standard_is_a_line_even_beyond_every_value(
    cli: Cli, small: Small, scoring: str, standard: float | None
) -> None:
    text = FRAMEWORK.replace("{method: min_max}", scoring, 1)
    small.framework.write_text(text, "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options, "--by", "Seen in time")
    for chart, rows in zip(picture.charts, by_group(told["rows"]).values(), strict=True):
        values = [row["value"] for row in rows]
        assert_distribution(chart, values, is_higher_better=True, standard=standard)
    strips, told = drawn_and_told(cli, "explain", "AA4", *small.options)
    assert told["rows"][0]["standard"] == standard
    peers = [WAITS[code] / 2 for code in WAITS if code.startswith("AA")]
    worst, best = (f([*peers, *([standard] if standard else [])]) for f in (min, max))
    solid = [
        piece
        for mark in strips.charts[1].marks
        if mark.has(stroke=INK) and mark.element.get("stroke-dasharray") is None
        for piece in mark.pieces
    ]
    if standard is None:
        assert solid == []
    else:
        [((x, top), (same, bottom))] = solid
        assert x == same == pytest.approx(380 * (best - standard) / (best - worst), abs=0.03)
        assert (top, bottom) == pytest.approx((3.36, 20.64))


def test_a_scale_on_which_more_is_better_is_turned_round(cli: Cli, small: Small) -> None:
    text = FRAMEWORK.replace("best: 1.0, worst: 4.0", "best: 10, worst: 0")
    small.framework.write_text(text.replace("[1.75, 2.5, 3.25]", "[7, 5, 3]"), "utf-8")
    picture, told = drawn_and_told(cli, "rank", *small.options, "--by", "access")
    for chart, rows in zip(picture.charts, by_group(told["rows"]).values(), strict=True):
        assert_distribution(chart, [row["score"] for row in rows], is_higher_better=True)


def test_figures_in_another_unit_are_not_on_the_metrics_scale(cli: Cli, small: Small) -> None:
    scoring = "    scoring_of_unit: {minutes: {method: rank}}\n    why: Of every"
    small.framework.write_text(FRAMEWORK.replace("    why: Of every", scoring), "utf-8")
    rows = [(code, "2025Q2", "waits", n / 2, "percent") for code, n in WAITS.items()]
    rows[0] = ("AA1", "2025Q2", "waits", 3000, "minutes")
    write_csv(
        small.folder / "waits.csv", ("org_code", "period", "metric_id", "value", "unit"), rows
    )
    picture = Drawn(cli("rank", *small.options, "--by", "waits", "-f", "svg").output)
    assert_distribution(picture.charts[0], [75, 75, 95, 50], is_higher_better=True)
    assert picture.description.startswith("4 values of acute trusts, from 50.00 to 95.00.")
    other = Drawn(cli("explain", "AA1", *small.options, "-f", "svg").output)
    assert "Seen in time" not in other.texts
    assert other.description.endswith(" Planned surplus: 4.00%")
    own = Drawn(cli("explain", "AA4", *small.options, "-f", "svg").output).charts[1]
    assert [x for x, y, _ in own.dots if y == 12] == pytest.approx(
        [0, 380 * 20 / 45, 380], abs=0.03
    )


# One trust


@pytest.mark.parametrize("trust", ["RX8", "RHQ"])
def test_an_explanation_marks_the_trust_among_its_peers(sample: Sample, trust: str) -> None:
    picture, told = drawn_and_told(sample, "explain", trust)
    group = told["summary"]["peer_group"]
    ranked = by_group(sample("rank", "--format", "json").json["rows"])[group]
    map_, strips = picture.charts
    assert map_.dots == expected_map(ranked, 1.0, 4.0)[0]
    [(x, y)] = map_.diamonds
    [own] = [row for row in ranked if row["org_code"] == trust]
    assert x == 6 * round(100 * (own["average_metric_score"] - 1) / 3)
    assert (x, y, COLOURS[own["adjusted_segment"]]) in map_.dots
    [name] = [mark for mark in map_.texts() if mark.text == trust]
    assert (name.x, name.y) == (x, y - 8)
    # Combined finance is a matrix of two other scores, and has no values.
    rows = [r for r in told["rows"] if r["value"] is not None and r["metric_id"] != "OF1080"]
    assert len(rows) > 5
    words = []
    for at, row in enumerate(rows):
        values = values_among(sample, row["metric_id"], group)
        words.append(f"{row['title']}: {assert_strip(strips, at, row, values)}")
    labels = strips.texts(**{"text-anchor": "end"})
    assert [(mark.text, mark.y) for mark in labels] == [
        (cut(row["title"], 64), 24 * at + 16) for at, row in enumerate(rows)
    ]
    assert any(mark.text.endswith("\u2026") for mark in labels)
    assert strips.bars(stroke=FAINT) == [
        ((0, 24 * at + 12), (380, 24 * at + 12)) for at in range(len(rows))
    ]
    assert picture.description.endswith(f" {'; '.join(words)}")
    assert picture.description.startswith(
        f"{own['org_name']} ({trust}) ranks {own['rank']} of {own['rank_of']} "
    )
    assert f"average metric score of {printed(own['average_metric_score'])}" in picture.description
    title = f"{own['org_name']} ({trust}): NHS Oversight Framework 2025/26, "
    assert picture.title == f"{title}April to June 2025 (Q1 2025/26)"
    assert " ".join(picture.heading) == f"{picture.title} {' '.join(NOTICES)}"


def values_among(sample: Sample, metric_id: str, group: str) -> list[float]:
    rows = sample("rank", "--by", metric_id, "--format", "json").json["rows"]
    return [row["value"] for row in by_group(rows)[group]]


def assert_strip(chart: Chart, at: int, row: dict[str, Any], values: list[float]) -> str:
    """See that a strip is right; give its value as the picture tells it."""
    ends = [*values, *([] if row["standard"] is None else [row["standard"]])]
    best, worst = (min(ends), max(ends)) if values == sorted(values) else (max(ends), min(ends))

    def place(value: float) -> float:
        return 190.0 if best == worst else 380 * (value - best) / (worst - best)

    y = 24 * at + 12
    dots = [x for x, other, _ in chart.dots if other == y]
    distinct = sorted({round(place(value) / 380, 4) for value in values})
    assert dots == pytest.approx([380 * one for one in distinct], abs=0.03)
    assert chart.diamonds[at] == pytest.approx((place(row["value"]), y), abs=0.03)
    [median] = [
        start
        for start, end in chart.bars(**{"stroke-dasharray": "2,2"})
        if abs((start[1] + end[1]) / 2 - y) < 0.01
    ]
    assert row["peers_median"] == pytest.approx(statistics.median(values))
    assert median[0] == pytest.approx(place(row["peers_median"]), abs=0.03)
    solid = [
        start[0]
        for start, end in chart.bars(stroke=INK)
        if abs((start[1] + end[1]) / 2 - y) < 0.01 and start != median
    ]
    expected = [] if row["standard"] is None else [place(row["standard"])]
    assert solid == pytest.approx(expected, abs=0.03)
    [told] = [mark.text for mark in chart.texts() if mark.y == y + 4 and mark.x == 392]
    figure = told.split("%")[0].split(" ")[0]
    assert figure == printed(row["value"], len(figure.partition(".")[2]))
    assert (told.endswith("%")) is (row["unit"] == "percent")
    return told


def test_a_trust_that_is_not_ranked_has_its_values_alone(cli: Cli, small: Small) -> None:
    picture, told = drawn_and_told(cli, "explain", "AA6", *small.options)
    assert told["summary"]["rank"] is None
    [strips] = picture.charts
    surplus = sorted({float(SURPLUS[code]) for code in SURPLUS if code.startswith("AA")})
    places = [380 * (4 - value) / 8 for value in surplus[::-1]]
    assert [x for x, _, _ in strips.dots] == pytest.approx(places, abs=0.03)
    assert strips.diamonds == [pytest.approx((380 * 2 / 8, 12), abs=0.03)]
    assert picture.description.startswith("Unranked NHS Trust (AA6) is not ranked for April to")
    assert picture.description.endswith(" Planned surplus: 2.00%")


# Nothing to draw, and what is not drawn


def test_there_is_nothing_to_draw_of_nobody(cli: Cli, small: Small, tmp_path: Path) -> None:
    """AA1 has seen people and AA2 has a plan: neither has the two metrics that are needed."""
    waits = ("org_code", "period", "numerator", "denominator")
    write_csv(small.folder / "waits.csv", waits, [("AA1", "2025Q2", 1, 2)])
    plans = ("org_code", "in_force_from", "in_force_to", "surplus")
    write_csv(small.folder / "plans.csv", plans, [("AA2", "2025Q1", "2025Q4", 1)])
    nothing = tmp_path / "nothing.svg"
    for arguments in (["rank"], ["rank", "--by", "surplus", "--region", "North West"]):
        done = cli(*arguments, *small.options, "--output", nothing)
        assert done.status == 2, arguments
        assert "there is nothing to draw: nobody here is ranked or has a value" in done.narration
        assert "Traceback" not in done.narration
        assert not nothing.exists()
    strips = Drawn(cli("explain", "AA2", *small.options, "--format", "svg").output)
    assert [(x, y) for x, y, _ in strips.charts[0].dots] == [(190.0, 12.0)]


@pytest.mark.parametrize(
    "command",
    [
        ["summary"],
        ["history"],
        ["robustness"],
        ["compare", "2025Q1", "2025Q2"],
        ["whatif", "AA2", "--target-rank", "1"],
        ["audit"],
        ["validate"],
        ["ingest"],
        ["explain", "AA2", "--history"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("suffix", [".svg", ".PNG"])
def test_other_results_have_no_picture(
    cli: Cli, command: list[str], suffix: str, tmp_path: Path
) -> None:
    """They say so before anything is read: there is nothing where the data would be."""
    nowhere = ("--data", tmp_path / "nowhere")
    path = tmp_path / f"result{suffix}"
    done = cli(*command, *nowhere, "--output", path)
    assert (done.status, done.output) == (2, b"")
    assert done.narration == f"nhs-league: error: {NO_PICTURE}\n"
    assert list(tmp_path.iterdir()) == []
    named = cli(*command, *nowhere, "--format", suffix[1:].lower())
    assert (named.status, named.output) == (2, b"")
    if command[0] == "explain":
        assert named.narration == done.narration
    else:
        assert f"'{suffix[1:].lower()}' is not one of 'table', 'csv'" in named.narration
    read = cli(*command, *nowhere, "--output", tmp_path / "result.csv")
    assert "nowhere" in read.narration


def test_a_format_that_is_named_is_written_under_any_suffix(
    cli: Cli, small: Small, tmp_path: Path
) -> None:
    path = tmp_path / "summary.svg"
    assert cli("summary", *small.options, "--format", "csv", "--output", path).status == 0
    assert path.read_bytes().startswith(b"place_code,")
    path = tmp_path / "league.csv"
    assert cli("rank", *small.options, "--format", "svg", "--output", path).status == 0
    assert Drawn(path.read_bytes()).charts


@pytest.mark.parametrize("command", ["rank", "explain"])
def test_help_offers_pictures_where_there_are_some(cli: Cli, command: str) -> None:
    text = " ".join(cli(command, "--help").text.split())
    assert "svg" in text
    assert "png" in text
    assert "svg and png are pictures" in text


@pytest.mark.parametrize(
    "command",
    ["summary", "history", "robustness", "compare", "whatif", "audit", "validate", "ingest"],
)
def test_help_offers_no_pictures_where_there_are_none(cli: Cli, command: str) -> None:
    text = cli(command, "--help").text
    assert "--format" in text
    assert "svg" not in text
    assert "png" not in text


@pytest.mark.parametrize("library", ["altair", "vl_convert"])
@pytest.mark.parametrize("arguments", [["rank"], ["rank", "--by", "waits"], ["explain", "AA4"]])
def test_without_the_extra_a_picture_is_a_usage_error(
    cli: Cli,
    small: Small,
    library: str,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    path = small.folder.parent / "picture.png"
    done = cli(*arguments, *small.options, "--output", path)
    assert (done.status, done.output) == (2, b"")
    assert "install nhs-league with the extra report, nhs-league[report]" in done.narration
    assert "Traceback" not in done.narration
    assert not path.exists()
    assert cli(*arguments, *small.options, "--format", "csv").status == 0


# Files and bytes


@pytest.mark.parametrize(
    "arguments", [["rank"], ["rank", "--ranges"], ["rank", "--by", "waits"], ["explain", "AA4"]]
)
def test_a_picture_goes_to_a_pipe_or_to_a_file_with_its_manifest(
    cli: Cli, small: Small, arguments: list[str], tmp_path: Path
) -> None:
    told = cli(*arguments, *small.options, "--format", "json").json
    sizes = {}
    for format_ in ("svg", "png"):
        piped = cli(*arguments, *small.options, "--format", format_)
        assert piped.status == 0, piped.narration
        path = tmp_path / f"Picture.{format_.upper()}"
        written = cli(*arguments, *small.options, "--output", path)
        assert (written.status, written.output) == (0, b"")
        assert path.read_bytes() == piped.output
        manifest = json.loads(Path(f"{path}.manifest.json").read_text("utf-8"))
        assert manifest == told["meta"]
        sizes[format_] = piped.output
    assert sizes["svg"].endswith(b"</svg>\n")
    picture, pixels = Drawn(sizes["svg"]), read_png(sizes["png"])
    assert (pixels.width, pixels.height) == tuple(2 * side for side in picture.size)
    assert set(pixels.row(0)) == {(255, 255, 255, 255)}
    assert len(set(pixels.row(30))) > 2, "the title is in the way"


@pytest.mark.parametrize("format_", ["svg", "png"])
@pytest.mark.parametrize("arguments", [["rank", "--ranges"], ["explain", "AA4"]])
def test_the_same_league_gives_the_same_bytes(
    cli_process: CliProcess, small: Small, arguments: list[str], format_: str
) -> None:
    drawn = {
        cli_process(*arguments, *small.options, "--format", format_, env=environment).output
        for environment in (
            {"PYTHONHASHSEED": "1"},
            {"PYTHONHASHSEED": "2", "POLARS_MAX_THREADS": "1"},
        )
    }
    assert len(drawn) == 1
    assert drawn != {b""}


# Names that would break a picture

HOSTILE = (
    "<script>alert('x')</script> & \"q\"",
    "]]> --> <!-- {{ 7 }} ${x} datum.text",
    "a\x0bb\x1bc\x07d\ufffe",
    "\U0001f600 \u202eright to left \u05d0\u05d1",
    "x" * 300,
    "several words " * 30,
    "two\nlines\tand a tab",
    "&amp; &#0; &lt;",
)


def as_drawn(name: str) -> str:
    return "".join(
        letter for letter in name if letter in "\t\n" or letter not in "\x0b\x1b\x07\ufffe"
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_texts(cli: Cli, small: Small, name: str) -> None:
    rows = [(row[0], name if row[0] == "AA4" else row[1], *row[2:]) for row in ORGANISATIONS]
    write_csv(small.folder / "organisations.csv", REGISTER, rows)
    picture, told = drawn_and_told(cli, "rank", *small.options, "--ranges")
    [known] = [row["org_name"] for row in told["rows"] if row["org_code"] == "AA4"]
    assert f"4 {as_drawn(known)}, 2.09" in picture.description
    labels = [mark.text for mark in picture.charts[1].texts(**{"font-size": "11px"})]
    assert as_drawn(cut(f"AA4 {known}", 60)) == labels[3]
    assert {element.tag for element in picture.root.iter()} <= {
        f"{SVG}{tag}"
        for tag in ("svg", "title", "desc", "rect", "g", "line", "path", "text", "tspan")
    }
    own = Drawn(cli("explain", "AA4", *small.options, "--format", "svg").output)
    assert own.title.startswith(f"{as_drawn(known)} (AA4): Small league")
    assert own.description.startswith(f"{as_drawn(known)} (AA4) ranks 4 of 5 ")
    assert all(len(line) <= 80 for line in own.heading[:-2])
    assert "".join(own.heading[:-2]).replace(" ", "") == "".join(own.title.split())
    for drawn, arguments in ((picture, ["rank", "--ranges"]), (own, ["explain", "AA4"])):
        pixels = read_png(cli(*arguments, *small.options, "--format", "png").output)
        assert (pixels.width, pixels.height) == tuple(2 * side for side in drawn.size)


@pytest.mark.parametrize("hostile", ['<b> & "q" trust', "A\\x0bb\\x00c\\x1b trust", "two\\nlines"])
@pytest.mark.parametrize("where", ["group", "unit", "title", "metric"])
def test_hostile_words_of_a_framework_are_texts(
    cli: Cli, small: Small, hostile: str, where: str
) -> None:
    """vl-convert would end the process, were a control character to reach it."""
    words = '"' + hostile.replace('"', '\\"') + '"'
    read: str = json.loads(words.replace("\\x", "\\u00"))
    text = FRAMEWORK
    match where:
        case "group":
            register = [(*row[:2], read.replace("\x00", ""), *row[3:]) for row in ORGANISATIONS]
            write_csv(small.folder / "organisations.csv", REGISTER, register)
            text = text.replace("[Acute trust, Ambulance trust]", "[Other]")
        case "unit":
            text = text.replace("unit: percent", f"unit: {words}", 1)
        case "title":
            text = text.replace("title: Small league", f"title: {words}")
        case "metric":
            text = text.replace("title: Seen in time", f"title: {words}")
    small.framework.write_text(text, "utf-8")
    for arguments in (
        ["rank"],
        ["rank", "--ranges"],
        ["rank", "--by", "waits"],
        ["explain", "AA4"],
    ):
        done = cli(*arguments, *small.options, "--format", "svg")
        if done.status == 3:
            assert "Traceback" not in done.narration
            continue
        assert done.status == 0, done.narration
        assert Drawn(done.output).charts


def test_a_name_that_a_reader_takes_for_markup_stays_out_of_the_tree(
    cli: Cli, small: Small
) -> None:
    content = cli("rank", *small.options, "--ranges", "--format", "svg").text
    assert "Held *back* &lt;b&gt; :smile: NHS Trust" in content
    assert "<b>" not in content
    assert content.count("<script") == 0
    assert ElementTree.fromstring(content).tag == f"{SVG}svg"
    for foreign in ("href", "xlink", "http://", "https://", "url("):
        assert foreign not in content.replace('xmlns="http://www.w3.org/2000/svg"', "")
