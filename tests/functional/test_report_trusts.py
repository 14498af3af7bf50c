"""The page of every trust of the sample: each figure is ``explain``'s, or worked out anew."""

from __future__ import annotations

import functools
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

import nhs_league
from nhs_league.analysis.explain import explanations
from nhs_league.presentation.explanation import explanation_summary
from tests.functional.reported import (
    LABELS,
    QUARTER,
    Row,
    by_code,
    ends,
    fixed,
    framework,
    is_higher_better,
    published,
    told,
    trust_types,
    values,
    with_unit,
)
from tests.site_pages import Node, facts_of, page, pairs_of, texts_of

CODES = sorted(trust_types())
METRICS = framework()["metrics"]
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def explained() -> dict[str, dict[str, Any]]:
    """Give what ``explain --format json`` says of each trust: its summary and its rows."""
    league = nhs_league.open_league(quarter=QUARTER).league
    return {
        each.org_code: explanation_summary(each, league) | {"metrics": each.rows().to_dicts()}
        for each in explanations(league, CODES)
    }


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("rank")
    return by_code(told(folder, "rank", "--ranges", "--quarter", QUARTER)["rows"])


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("compare")
    found = told(folder, "compare", "2025Q2", QUARTER)
    details = by_code(found["details"])
    return {code: row | details[code] for code, row in by_code(found["rows"]).items()}


def main_of(site: Path, code: str) -> Node:
    return page(site / f"trusts/{code}.html").first("main")


def counted(row: Row) -> bool:
    return row["weight"] is not None


def shown(row: Row) -> bool:
    return not (row["status"] == "not_applicable" and row["value"] is None and row["score"] is None)


def scoring_of(row: Row) -> dict[str, Any]:
    metric = METRICS[row["metric_id"]]
    found: dict[str, Any] = metric.get("scoring_of_unit", {}).get(row["unit"], metric["scoring"])
    return found


def standard_of(row: Row) -> float | None:
    """Read the standard in the framework's file."""
    scoring = scoring_of(row)
    held_to = [scoring[name] for name in ("standard", "target", "floor") if name in scoring]
    return held_to[0] if held_to else None


def meets(row: Row) -> bool | None:
    """Say whether a value keeps to its standard; a value printed as it is settled by its score."""
    standard = standard_of(row)
    if standard is None or row["value"] is None or row["score"] is None:
        return None
    if row["value"] != standard:
        return bool((row["value"] > standard) == is_higher_better(row["metric_id"]))
    if scoring_of(row)["method"] == "floor":
        return bool(row["score"] < 4 - TOLERANCE)
    return bool(row["score"] == pytest.approx(1.0))


@functools.cache
def median_of(metric_id: str, trust_type: str) -> float | None:
    types = trust_types()
    own = [value for code, value in values()[metric_id].items() if types[code] == trust_type]
    return statistics.median(own) if own else None


def test_the_facts_at_the_head_are_those_of_rank_and_explain(
    site: Path, explained: dict[str, Row], ranked: dict[str, Row]
) -> None:
    for code in CODES:
        main, row, said = main_of(site, code), ranked[code], explained[code]
        assert main.first("h1").text == f"{row['org_name']} ({code})"
        expected = {
            "Rank": f"{row['rank']} of {row['rank_of']}",
            "Likely rank": ends(row["rank_low"], row["rank_high"], 0),
            "Average metric score": fixed(row["average_metric_score"]),
            "Likely average": ends(row["score_low"], row["score_high"]),
            "Segment": f"{row['adjusted_segment']} of 4",
            "Measures scored": f"{row['metrics_scored']} of {row['metrics_expected']}",
        }
        if row["segment"] != row["adjusted_segment"]:
            expected["Segment by its average alone"] = str(row["segment"])
        assert facts_of(main) == expected
        assert (said["rank"], said["average_metric_score"]) == (
            row["rank"],
            row["average_metric_score"],
        )


def test_each_domain_has_its_score_and_its_published_segment(
    site: Path, ranked: dict[str, Row]
) -> None:
    for code in CODES:
        main = main_of(site, code)
        titles = {title: id_ for id_, title in framework()["domains"].items()}
        parts = main.after("h2", "Measure by measure")
        domains = [part.text for part in parts if part.tag == "h3"]
        said = [part.text for part in parts if part.tag == "p" and part.text.startswith("Score ")]
        assert domains == [title for title in titles if title in domains]
        scores = {title: ranked[code][f"domain_score_{titles[title]}"] for title in domains}
        scored = [title for title in domains if scores[title] is not None]
        for title, text in zip(scored, said, strict=True):
            segment = published(QUARTER)[code][f"{titles[title]}_segment"]
            assert text == f"Score {fixed(scores[title])}, segment {segment}."


def test_each_measure_has_the_figures_of_explain_and_the_middle_of_the_file(
    site: Path, explained: dict[str, Row]
) -> None:
    for code in CODES:
        items = main_of(site, code).of_class("measures")
        measures = {
            m.of_class("code")[0].text: m
            for each in items
            for m in each.children
            if isinstance(m, Node)
        }
        rows = {row["metric_id"]: row for row in explained[code]["metrics"] if shown(row)}
        assert set(measures) == set(rows)
        for id_, row in rows.items():
            metric, decimals = METRICS[id_], METRICS[id_].get("decimals", 2)
            peers = median_of(id_, trust_types()[code])
            expected = {
                "This trust": with_unit(row["value"], row["unit"], decimals),
                "Middle of its peers": with_unit(peers, row["unit"], decimals),
                "Place of all scored": "-"
                if row["place"] is None
                else f"{row['place']} of {row['place_of']}",
                "Score": fixed(row["score"]),
                "Weight": "-"
                if row["effective_weight"] is None
                else f"{fixed(100 * row['effective_weight'], 1)}%",
            }
            facts = pairs_of(measures[id_].first("dl"))
            standard, is_met = standard_of(row), meets(row)
            said = facts.pop("Standard", None)
            assert facts == expected, id_
            assert (said is None) == (standard is None)
            if said is not None and standard is not None:
                side = "or more" if is_higher_better(id_) else "or less"
                verdict = {True: ": met", False: ": not met", None: ""}[is_met]
                assert re.fullmatch(
                    rf"{standard:g}(\.0+)?(%| {re.escape(metric['unit'])})? {side}{verdict}", said
                )


def test_the_weights_of_the_measures_add_up(site: Path) -> None:
    for code in CODES:
        weights = [
            float(pairs_of(item)["Weight"].rstrip("%"))
            for each in main_of(site, code).of_class("measures")
            for item in each.all("dl")
            if pairs_of(item)["Weight"] != "-"
        ]
        assert sum(weights) == pytest.approx(100, abs=0.05 * len(weights)), code


def test_the_summary_counts_what_the_figures_are(
    site: Path, explained: dict[str, Row], ranked: dict[str, Row], compared: dict[str, Row]
) -> None:
    for code in CODES:
        row, rows, moved = ranked[code], explained[code]["metrics"], compared[code]
        noun = f"{row['peer_group'][:1].lower()}{row['peer_group'][1:]}s"
        scored = [each for each in rows if counted(each) and each["score"] is not None]
        best = sum(abs(each["score"] - 1) < TOLERANCE for each in scored)
        worst = sum(abs(each["score"] - 4) < TOLERANCE for each in scored)
        verdicts = [meets(each) for each in rows]
        held_to = len(verdicts) - verdicts.count(None)
        costs = {each["title"]: each["effective_weight"] * (each["score"] - 1) for each in scored}
        costly = [
            title for title in sorted(costs, key=lambda t: -costs[t]) if costs[title] >= 0.005
        ]
        missing = row["metrics_expected"] - row["metrics_scored"]
        summary = main_of(site, code).of_class("summary")[0].text

        assert summary.startswith(
            f"{row['org_name']} is ranked {row['rank']} of {row['rank_of']} {noun} for "
            f"{LABELS[QUARTER]}. "
        )
        if row["rank_low"] != row["rank_high"]:
            assert f"anywhere from {row['rank_low']} to {row['rank_high']}, depending" in summary
        else:
            assert f"likely {row['rank_low']}." in summary
        assert f"It is in segment {row['adjusted_segment']} of 4, where 1 is the best." in summary
        is_held = row["segment"] < row["adjusted_segment"]
        assert ("Its scores alone would put it" in summary) == is_held
        if is_held:
            assert f"put it in segment {row['segment']}; it is held back because of this" in summary
        assert (
            f"Of the {len(scored)} measure{'' if len(scored) == 1 else 's'} that count for it, "
            f"{best or 'none'} {'has' if best == 1 else 'have'} the best possible score and "
            f"{worst or 'none'} the worst."
        ) in summary
        assert ("It meets" in summary) == bool(held_to)
        if held_to:
            plural = "" if held_to == 1 else "s"
            assert (
                f"It meets {verdicts.count(True)} of the {held_to} standard{plural} that" in summary
            )
        assert f"What costs it most: {'; '.join(costly[:2])}." in summary
        places = moved["rank_to"] - moved["rank_from"]
        if places:
            direction = "rose" if places < 0 else "fell"
            text = f"{direction} {abs(places)} place{'' if abs(places) == 1 else 's'}, "
            assert f"{text}from {moved['rank_from']} to {moved['rank_to']}; " in summary
        else:
            assert f"it stayed at rank {moved['rank_to']}; " in summary
        averages = f"from {fixed(moved['average_from'])} to {fixed(moved['average_to'])}, is "
        rest = (
            "a significant one."
            if moved["is_significant"]
            else "too small to be called significant."
        )
        ends = {fixed(moved["average_from"]), fixed(moved["average_to"])}
        stayed = f"its average stayed at {fixed(moved['average_to'])}."
        assert (averages + rest if len(ends) == 2 else stayed) in summary
        assert ("There is no score for" in summary) == bool(missing)
        if missing:
            expected = row["metrics_expected"]
            assert f"There is no score for {missing} of the {expected} measures expected" in summary


def test_a_change_is_significant_from_the_bound_that_the_framework_states(
    compared: dict[str, Row],
) -> None:
    assert framework()["movement"] == {"significant_change": 0.30, "evidence": "data"}
    for row in compared.values():
        change = abs(round(row["average_to"] - row["average_from"], 2))
        assert row["is_significant"] == (change >= 0.30), row["org_code"]


def test_the_quarters_are_the_published_ones(site: Path) -> None:
    for code in CODES:
        main = main_of(site, code)
        [table] = [t for t in main.all("table") if t.first("caption").text == "Quarter by quarter"]
        expected = []
        for quarter, name in LABELS.items():
            row = published(quarter)[code]
            of = sum(
                other["trust_type"] == row["trust_type"] and bool(other["league_rank"])
                for other in published(quarter).values()
            )
            expected.append(
                {
                    "Quarter": name,
                    "Rank": f"{row['league_rank']} of {of}",
                    "Average": fixed(float(row["average_metric_score"])),
                    "Segment": row["adjusted_segment"],
                }
            )
        assert texts_of(table) == expected


def test_what_its_measures_add_to_a_change_is_worked_out_from_both_quarters(
    site: Path, explained: dict[str, Row], compared: dict[str, Row]
) -> None:
    for code in CODES:
        tables = [
            table
            for table in main_of(site, code).all("table")
            if "what its metrics add" in table.first("caption").text
        ]
        now = sum(row["contribution"] or 0.0 for row in explained[code]["metrics"])
        was = compared[code]["average_from"]
        added = sum(float(row["Adds"]) for table in tables for row in texts_of(table))
        rows = sum(len(texts_of(table)) for table in tables)
        # Both averages are rounded to hundredths, and each of the figures to thousandths.
        assert added == pytest.approx(now - was, abs=0.0051 + 0.0005 * rows)
