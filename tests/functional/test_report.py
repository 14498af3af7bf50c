"""The pages of the league tables and of the measures: every figure is the commands', or counted."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import pytest

from tests.functional.reported import (
    LABELS,
    QUARTER,
    TABLES,
    Row,
    by_code,
    competition_rank,
    ends,
    fixed,
    framework,
    is_higher_better,
    told,
    trust_types,
    values,
    whole_part,
    with_unit,
)
from tests.site_pages import Node, code_in, facts_of, page, rows_of, texts_of


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Give the rows of ``rank --ranges``."""
    found: list[Row] = told(
        tmp_path_factory.mktemp("rank"), "rank", "--ranges", "--quarter", QUARTER
    )["rows"]
    return found


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("compare")
    found = told(folder, "compare", "2025Q2", QUARTER)
    details = by_code(found["details"])
    return {code: row | details[code] for code, row in by_code(found["rows"]).items()}


@pytest.fixture(scope="module")
def separability(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("robustness")
    groups = told(folder, "robustness", "--quarter", QUARTER)["separability"]
    return {group["peer_group"]: group for group in groups}


def since(row: Row) -> str:
    moved = row["rank_to"] - row["rank_from"]
    text = f"up {-moved}" if moved < 0 else f"down {moved}" if moved else "same"
    if not row["is_significant"]:
        return text
    is_better = row["average_to"] < row["average_from"]
    return f"{text}, average significantly {'better' if is_better else 'worse'}"


@pytest.mark.parametrize("group", TABLES)
def test_every_figure_of_a_league_table_is_what_rank_and_compare_say(
    site: Path, ranked: list[Row], compared: dict[str, Row], group: str
) -> None:
    main = page(site / TABLES[group][1]).first("main")
    table = main.of_class("league")[0]
    assert table.first("caption").text == f"{TABLES[group][0]}, {LABELS[QUARTER]}, best first"
    expected = [row for row in ranked if row["peer_group"] == group]
    shown = rows_of(table)
    assert len(shown) == len(expected)
    for cells, row in zip(shown, expected, strict=True):
        code = row["org_code"]
        held = row["segment"] != row["adjusted_segment"]
        assert code_in(cells["Trust"]) == code
        assert {name: cell.text for name, cell in cells.items()} == {
            "Rank": str(row["rank"]),
            "Trust": f"{row['org_name']} {code}",
            "Region": row["region"],
            "Likely rank": ends(row["rank_low"], row["rank_high"], 0),
            "Average score": fixed(row["average_metric_score"]),
            "Likely average": ends(row["score_low"], row["score_high"]),
            "Segment": f"{row['adjusted_segment']}* (by its scores alone {row['segment']})"
            if held
            else str(row["adjusted_segment"]),
            "Since Q1 2025/26": since(compared[code]),
            "Measures": f"{row['metrics_scored']} of {row['metrics_expected']}",
        }
        [segment] = cells["Segment"].of_class("segment")
        assert segment.classes == ["segment", f"s{row['adjusted_segment']}"]


@pytest.mark.parametrize("group", TABLES)
def test_what_a_league_table_says_in_words_is_counted(
    site: Path, ranked: list[Row], separability: dict[str, Row], group: str
) -> None:
    main = page(site / TABLES[group][1]).first("main")
    rows = [row for row in ranked if row["peer_group"] == group]
    noun = TABLES[group][0][:1].lower() + TABLES[group][0][1:]
    pairs = separability[group]
    share = fixed(100 * pairs["separable_pairs"] / pairs["pairs"], 1)
    lead = main.of_class("lead")[0].text
    assert lead.startswith(f"{len(rows)} {noun} ranked for {LABELS[QUARTER]}. Of all pairs of them")
    assert re.findall(r"[\d.]+%", lead) == [f"{share}%"]
    assert pairs["pairs"] == len(rows) * (len(rows) - 1) // 2
    has_deficit = [row for row in rows if row["overrides"] == "financial_deficit"]
    held = [row for row in has_deficit if row["segment"] < row["adjusted_segment"]]
    others = len(has_deficit) - len(held)
    assert (len(held), others) == {"Acute trust": (40, 60), "Ambulance trust": (0, 1)}.get(
        group, (len(held), others)
    )
    words = " ".join(part.text for part in main.all("p"))
    assert (f"{len(held)} of the {noun}, marked with *, would be" in words) == bool(held)
    assert "cannot be better than 3: the trust reports a deficit" in words or not held
    if others:
        said = f"{others} more" if held else f"{others} of the {noun}"
        rule = "the same rule" if held else "this rule (the trust reports a deficit"
        verb = "is" if others == 1 else "are"
        assert f"{said} {verb} under {rule}" in words
    assert held == [row for row in rows if row["segment"] != row["adjusted_segment"]]


def test_the_first_page_counts_the_rows_of_the_tables(
    site: Path, ranked: list[Row], separability: dict[str, Row]
) -> None:
    main = page(site / "index.html").first("main")
    shown = texts_of(main.first("table"))
    assert [row["Table"] for row in shown] == [title for title, _ in TABLES.values()]
    for cells, group in zip(shown, TABLES, strict=True):
        rows = [row for row in ranked if row["peer_group"] == group]
        pairs = separability[group]
        counted = {
            f"Segment {segment}": str(sum(row["adjusted_segment"] == segment for row in rows))
            for segment in (1, 2, 3, 4)
        }
        assert cells == {
            "Table": TABLES[group][0],
            "Ranked": str(len(rows)),
            **counted,
            "Held back": str(sum(row["adjusted_segment"] > row["segment"] for row in rows)),
            "Pairs told apart": f"{fixed(100 * pairs['separable_pairs'] / pairs['pairs'], 1)}%",
        }
    assert sum(int(row["Ranked"]) for row in shown) == 205


def test_every_trust_is_listed_with_its_rank(site: Path, ranked: list[Row]) -> None:
    shown = rows_of(page(site / "trusts.html").first("table"))
    rows = by_code(ranked)
    assert {code_in(cells["Trust"]) for cells in shown} == set(rows)
    names = [cells["Trust"].first("a").text for cells in shown]
    assert names == sorted(names, key=str.casefold)
    for cells in shown:
        row = rows[code_in(cells["Trust"])]
        assert cells["Rank"].text == f"{row['rank']} of {row['rank_of']}"
        assert cells["Type"].text == row["peer_group"]
        assert cells["Region"].text == row["region"]


# Measures

METRICS = list(framework()["metrics"])


def groups_on(main: Node) -> dict[str, list[Node]]:
    return {heading.text: main.after("h2", heading.text) for heading in main.all("h2")}


@pytest.mark.parametrize("metric_id", METRICS)
def test_every_row_of_a_measure_is_its_printed_value_and_rank(site: Path, metric_id: str) -> None:
    metric, main = framework()["metrics"][metric_id], page(site / f"metrics/{metric_id}.html")
    decimals, higher = metric.get("decimals", 2), is_higher_better(metric_id)
    groups = groups_on(main.first("main"))
    by_type: dict[str, dict[str, float]] = {}
    for code, value in values()[metric_id].items():
        by_type.setdefault(trust_types()[code], {})[code] = value
    assert by_type, "the measure has values"
    for trust_type, own in by_type.items():
        parts = groups[TABLES[trust_type][0]]
        [said, *_] = [part.text for part in parts if part.tag == "p"]
        middle = with_unit(statistics.median(own.values()), metric["unit"], decimals)
        assert said == f"{len(own)} with a figure; the middle of them is {middle}."
        [table] = [table for part in parts for table in part.all("table")]
        rows = rows_of(table)
        shown = [code_in(cells["Trust"]) for cells in rows]
        assert sorted(shown) == sorted(own)
        ordered = [own[code] for code in shown]
        assert ordered == sorted(ordered, reverse=higher)
        for code, cells in zip(shown, rows, strict=True):
            rank = competition_rank(code, metric_id, own)
            assert cells["Rank"].text == str(rank)
            assert cells["Value"].text == with_unit(own[code], metric["unit"], decimals)
    with_tables = {title for title, parts in groups.items() if any(p.all("table") for p in parts)}
    assert with_tables == {TABLES[trust_type][0] for trust_type in by_type}


@pytest.mark.parametrize("metric_id", ["OF0003", "OF0020", "OF0085", "OF1080"])
def test_a_measure_is_ordered_and_scored_as_rank_by_it_is(
    site: Path, tmp_path: Path, metric_id: str
) -> None:
    rows = told(tmp_path, "rank", "--by", metric_id, "--quarter", QUARTER)["rows"]
    groups = groups_on(page(site / f"metrics/{metric_id}.html").first("main"))
    decimals = framework()["metrics"][metric_id].get("decimals", 2)
    for group, (title, _) in TABLES.items():
        own = [row for row in rows if row["peer_group"] == group and row["rank"] is not None]
        shown = [
            cells
            for part in groups.get(title, [])
            for t in part.all("table")
            for cells in rows_of(t)
        ]
        assert [
            (code_in(cells["Trust"]), *(cells[n].text for n in ("Rank", "Value", "Score")))
            for cells in shown
        ] == [
            (
                row["org_code"],
                str(row["rank"]),
                with_unit(row["value"], row["unit"], decimals),
                fixed(row["score"]),
            )
            for row in own
        ]


@pytest.mark.parametrize("metric_id", METRICS)
def test_a_measure_is_described_as_its_framework_does(site: Path, metric_id: str) -> None:
    metric, main = framework()["metrics"][metric_id], page(site / f"metrics/{metric_id}.html")
    domain = framework()["domains"][metric["domain"]]
    assert main.first("h1").text == " ".join(metric["title"].split())
    assert main.of_class("place")[0].text == f"Measure {metric_id}, {domain}"
    facts: dict[str, Any] = facts_of(main)
    assert facts["Direction"] == (
        "Higher is better" if is_higher_better(metric_id) else "Lower is better"
    )
    scoring = metric["scoring"]
    held_to = [scoring[name] for name in ("standard", "target", "floor") if name in scoring]
    assert ("Standard" in facts) == bool(held_to)
    if held_to:
        assert facts["Standard"].startswith(fixed(held_to[0], 0)) or facts["Standard"].startswith(
            fixed(held_to[0], 1)
        )
        assert facts["Standard"].endswith(" or more" if is_higher_better(metric_id) else " or less")


def test_every_measure_is_listed_once(site: Path) -> None:
    main = page(site / "metrics.html").first("main")
    assert sorted(code.text for code in main.of_class("code")) == sorted(METRICS)
    assert [heading.text for heading in main.all("h2")] == list(framework()["domains"].values())
    assert whole_part(None) == "-"
