"""Sites of made-up leagues: other frameworks, and data with gaps; figures worked out by hand."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import altair
import pytest

from nhs_league.presentation.site import build
from tests.functional.made_pages import (
    AMBULANCE,
    TABLE,
    TRUSTS,
    TWO_TYPES,
    VALUES,
    measures_of,
    table_of,
    words,
)
from tests.made_sites import (
    built,
    figures,
    framework,
    made,
    metric,
    trust,
    write_league,
)
from tests.site_pages import (
    code_in,
    facts_of,
    label,
    marks,
    parsed,
    rows_of,
    texts_of,
)


def test_a_league_by_hand(tmp_path: Path) -> None:
    site = made(tmp_path, TRUSTS, VALUES)
    assert table_of(site) == [
        ("AA2", "1", "2.25", "2"),
        ("AA1", "2", "2.50", "2"),
        ("AA3", "2", "2.50", "2"),
    ]
    measures = measures_of(site["trusts/AA2.html"])
    assert measures["waits"] == {
        "This trust": "80.00%",
        "Middle of its peers": "80.00%",
        "Place of all scored": "2 of 3",
        "Score": "2.00",
        "Weight": "50.0%",
    }
    assert measures["surplus"]["Score"] == "2.50"
    [index] = texts_of(site["index.html"].first("table"))
    assert [index[f"Segment {n}"] for n in (1, 2, 3, 4)] == ["0", "3", "0", "0"]


def test_the_pictures_are_sound_by_the_schema_of_vega_lite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, spec = write_league(tmp_path, framework(), TRUSTS, figures(VALUES))
    unchecked = built([data], spec)
    monkeypatch.setattr(build, "unchecked", contextlib.nullcontext)
    to_dict = altair.TopLevelMixin.to_dict
    stated = []

    def checked(chart: Any, **options: Any) -> Any:
        if options != {"validate": False}:  # a part of a picture, which lacks what the whole has
            return to_dict(chart, **options)
        stated.append(chart)
        return to_dict(chart)

    monkeypatch.setattr(altair.TopLevelMixin, "to_dict", checked)
    assert built([data], spec) == unchecked
    assert len(stated) > len(TRUSTS)


def test_one_quarter_tells_of_no_movement(tmp_path: Path) -> None:
    site = made(tmp_path, TRUSTS, VALUES)
    assert "What moved" not in words(site["trusts/AA1.html"])
    assert "Since" not in words(site["trusts/AA1.html"])
    assert not any("Since" in name for name in rows_of(site[TABLE].first("table"))[0])
    assert "From quarter to quarter" not in words(site[TABLE])


def test_one_trust_alone_is_first_of_one(tmp_path: Path) -> None:
    site = made(tmp_path, TRUSTS[:1], {id_: {"AA1": v["AA1"]} for id_, v in VALUES.items()})
    assert facts_of(site["trusts/AA1.html"])["Rank"] == "1 of 1"
    [row] = texts_of(site["index.html"].first("table"))
    assert (row["Ranked"], row["Pairs told apart"]) == ("1", "-")
    assert words(site[TABLE]).count("1 acute trusts") == 0
    assert "1 of the acute trusts is ranked for April to June 2025" in words(site[TABLE])
    for svg in site["trusts/AA1.html"].all("svg"):
        for mark in marks(svg):
            assert "NaN" not in str(mark.attributes)


def test_equal_values_share_the_first_rank_and_the_middle_of_the_strip(tmp_path: Path) -> None:
    same = {id_: dict.fromkeys(own, 5) for id_, own in VALUES.items()}
    site = made(tmp_path, TRUSTS, same)
    assert table_of(site) == [(code, "1", "1.00", "1") for code in ("AA1", "AA2", "AA3")]
    for strip in site["trusts/AA2.html"].of_class("strip"):
        [mark] = [each for each in marks(strip.first("svg")) if each.fill == "#00508c"]
        assert (mark.x, mark.y) == (150, 12)


def test_one_measure_has_no_likely_ranks_and_says_so(tmp_path: Path) -> None:
    spec = framework({"waits": metric()}, domains={"access": "Access"})
    site = made(tmp_path, TRUSTS, {"waits": VALUES["waits"]}, spec)
    assert "There are no likely ranges" in words(site[TABLE])
    assert "How sure the ranks are" not in words(site[TABLE])
    assert "Likely rank" not in rows_of(site[TABLE].first("table"))[0]
    text = words(site["trusts/AA1.html"])
    assert "How sure that rank is cannot be told from its figures." in text
    assert "Of the 1 measure that counts for it, 1 has the best possible score" in text
    assert "look at the likely rank" not in text
    assert facts_of(site["trusts/AA1.html"])["Likely rank"] == "-"


def test_a_trust_of_the_register_without_figures_has_a_page_that_says_so(tmp_path: Path) -> None:
    site = made(tmp_path, [*TRUSTS, trust("ZZ9", "Silent Trust")], VALUES)
    assert "The data have no figure of Silent Trust for April to June 2025" in words(
        site["trusts/ZZ9.html"]
    )
    listed = {code_in(row["Trust"]): row["Rank"].text for row in rows_of(site["trusts.html"])}
    assert listed == {"AA1": "2 of 3", "AA2": "1 of 3", "AA3": "2 of 3", "ZZ9": "no figures"}
    assert "ZZ9" not in words(site[TABLE])


def test_a_figure_that_is_not_there_keeps_its_reason(tmp_path: Path) -> None:
    values: dict[str, dict[str, Any]] = {
        "waits": {**VALUES["waits"], "ZZ8": "suppressed"},
        "surplus": {**VALUES["surplus"], "ZZ8": "not_submitted"},
    }
    site = made(tmp_path, [*TRUSTS, trust("ZZ8")], values)
    own = site["trusts/ZZ8.html"]
    text = words(own)
    assert "Trust ZZ8 is not ranked" in text
    assert "There is no score for 2 of the 2 measures expected of it." in text
    assert "Waits: the figure is suppressed" in text
    assert "Surplus: the figure is not submitted" in text
    assert "average is taken of the others" not in text
    assert measures_of(own)["waits"]["This trust"] == "-"
    assert "Trust ZZ8 (ZZ8): suppressed" in words(site["metrics/waits.html"])
    assert "Trust ZZ8 (ZZ8): not submitted" in words(site["metrics/surplus.html"])
    assert "Not ranked" in words(site[TABLE])
    assert [row[0] for row in table_of(site)] == ["AA2", "AA1", "AA3"]
    [row] = texts_of(site["index.html"].first("table"))
    assert row["Ranked"] == "3"


def test_a_missing_measure_leaves_the_average_to_the_others(tmp_path: Path) -> None:
    values = {"waits": VALUES["waits"], "surplus": {"AA1": 1, "AA2": 3}}
    site = made(tmp_path, TRUSTS, values)
    text = words(site["trusts/AA3.html"])
    assert "There is no score for 1 of the 2 measures expected of it." in text
    assert "the average is taken of the others, and nothing is filled in" in text
    assert facts_of(site["trusts/AA3.html"])["Measures scored"] == "1 of 2"
    assert measures_of(site["trusts/AA3.html"])["waits"]["Weight"] == "100.0%"


def test_a_group_where_nobody_is_ranked_lists_them(tmp_path: Path) -> None:
    aggregate = {"over": "metrics", "mean": "arithmetic", "missing": "reweight", "min_metrics": 2}
    spec = framework(peer_groups=TWO_TYPES, aggregate=aggregate)
    values = {"waits": {**VALUES["waits"], "BB1": 3}, "surplus": VALUES["surplus"]}
    site = made(tmp_path, [*TRUSTS, AMBULANCE], values, spec)
    table = site["tables/Ambulance-trust.html"]
    assert "0 ambulance trusts ranked" in words(table)
    assert "Trust BB1 (BB1): 1 of the 2 metrics needed" in words(table)
    assert not table.all("table", "svg")
    rows = {row["Table"]: row for row in texts_of(site["index.html"].first("table"))}
    assert rows["Ambulance trusts"]["Ranked"] == "0"
    assert rows["Acute trusts"]["Ranked"] == "3"


def test_ranked_within_all_there_is_one_table_and_peers_are_still_the_peers(
    tmp_path: Path,
) -> None:
    spec = framework(
        peer_groups=TWO_TYPES, ranking={"within": "all", "by": ["average_metric_score"]}
    )
    values = {id_: {**own, "BB1": 4} for id_, own in VALUES.items()}
    site = made(tmp_path, [*TRUSTS, AMBULANCE], values, spec)
    assert [name for name in site if name.startswith("tables/")] == [
        "tables/All-organisations.html"
    ]
    assert [row[:2] for row in table_of(site, "tables/All-organisations.html")] == [
        ("BB1", "1"),
        ("AA2", "2"),
        ("AA1", "3"),
        ("AA3", "3"),
    ]
    own = site["trusts/AA2.html"]
    assert facts_of(own)["Rank"] == "2 of 4"
    assert "In each picture a dot is one of the acute trusts" in words(own)
    [strip, _] = own.of_class("strip")
    assert "among 3 values of its peers; their middle is 80.00%" in label(strip.first("svg"))


def test_trusts_without_a_peer_group_have_their_pictures(tmp_path: Path) -> None:
    spec = framework(peer_groups={"column": "region"})
    values = {id_: {**own, "BB1": 4, "BB2": 6} for id_, own in VALUES.items()}
    nowhere = [trust("BB1", region=""), trust("BB2", region="")]
    site = made(tmp_path, [*TRUSTS, *nowhere], values, spec)
    assert len(site["trusts/BB1.html"].of_class("strip")) == 2
    assert len(site["metrics/waits.html"].all("svg")) == 2
    assert "None" not in words(site["metrics/waits.html"]) + words(site["trusts/BB1.html"])


def test_a_scale_where_higher_is_better_has_the_best_at_the_left(tmp_path: Path) -> None:
    spec = framework(
        scale={"best": 10.0, "worst": 0.0, "decimals": 1},
        segments={"method": "thresholds", "upper_bounds": [8, 6, 4, 3, 1]},
    )
    site = made(tmp_path, TRUSTS, VALUES, spec)
    # 90, 80 and 60 score 10, 6.67 and 0; 1, 2 and 3 score 0, 5 and 10.
    assert table_of(site) == [
        ("AA2", "1", "5.8", "3"),
        ("AA1", "2", "5.0", "3"),
        ("AA3", "2", "5.0", "3"),
    ]
    assert facts_of(site["trusts/AA1.html"])["Segment"] == "3 of 6"
    svg = next(each for each in site[TABLE].all("svg") if "dots between" in label(each))
    assert label(svg).startswith("The average metric scores of 3 acute trusts, from 5.")
    dots = [dot for mark in marks(svg) if mark.stroke == "#8f5d00" for dot in mark.dots]
    # 600 pixels for 10 points: 5.8 stands 252 from the left, 5.0 at 300.
    assert sorted(x for x, _ in dots) == [252, 300, 300]
    named = [mark.text for mark in marks(svg) if mark.attributes.get("font-weight") == "bold"]
    assert [re.sub(r"\D", "", text) for text in named] == ["1", "2", "3", "4", "5", "6"]


def test_six_segments_are_counted_each(tmp_path: Path) -> None:
    bounds = [1.5, 2, 2.3, 3, 3.5]
    spec = framework(segments={"method": "thresholds", "upper_bounds": bounds})
    [row] = texts_of(made(tmp_path, TRUSTS, VALUES, spec)["index.html"].first("table"))
    assert [row[f"Segment {n}"] for n in range(1, 7)] == ["0", "0", "1", "2", "0", "0"]


def test_averages_over_domains_are_told_with_the_weights_that_they_have(tmp_path: Path) -> None:
    metrics = {
        "waits": metric(),
        "calls": metric(title="Calls"),
        "surplus": metric(title="Surplus", domain="money"),
    }
    spec = framework(metrics, aggregate={"over": "domains", "mean": "arithmetic"})
    values = {**VALUES, "calls": VALUES["waits"]}
    site = made(tmp_path, TRUSTS, values, spec)
    measures = measures_of(site["trusts/AA2.html"])
    assert [measures[id_]["Weight"] for id_ in metrics] == ["25.0%", "25.0%", "50.0%"]
    assert facts_of(site["trusts/AA2.html"])["Average metric score"] == "2.25"
    assert "Score 2.00, segment" in words(site["trusts/AA2.html"])


def test_an_override_is_told_on_the_table_the_first_page_and_the_trusts(tmp_path: Path) -> None:
    rule = {
        "id": "deficit",
        "title": "the trust plans a deficit",
        "when": {"metric": "surplus", "below": 2},
        "not_better_than": 3,
    }
    spec = framework(
        overrides=[rule],
        ranking={"within": "peer_group", "by": ["adjusted_segment", "average_metric_score"]},
    )
    site = made(tmp_path, TRUSTS, VALUES, spec)
    assert table_of(site)[2] == ("AA1", "3", "2.50", "3* (by its scores alone 2)")
    assert "1 of the acute trusts, marked with *" in words(site[TABLE])
    [row] = texts_of(site["index.html"].first("table"))
    assert (row["Held back"], row["Segment 2"], row["Segment 3"]) == ("1", "2", "1")
    text = words(site["trusts/AA1.html"])
    assert "Its scores alone would put it in segment 2; it is held back" in text
    assert facts_of(site["trusts/AA1.html"])["Segment by its average alone"] == "2"


def test_fractions_stand_beside_their_value(tmp_path: Path) -> None:
    metrics = {"waits": metric(basis="sum", per=100), "surplus": metric(domain="money")}
    values: dict[str, dict[str, Any]] = {
        "waits": {"AA1": (90, 100), "AA2": (1600, 2000), "AA3": (60.5, 100)},
        "surplus": VALUES["surplus"],
    }
    site = made(tmp_path, TRUSTS, values, framework(metrics))
    own = measures_of(site["trusts/AA2.html"])["waits"]
    assert own["This trust"] == "80.00% (1,600 of 2,000)"
    rows = texts_of(site["metrics/waits.html"].first("table"))
    assert [(row["Value"], row["Number"], row["Out of"]) for row in rows] == [
        ("90.00%", "90", "100"),
        ("80.00%", "1,600", "2,000"),
        ("60.50%", "60.5", "100"),
    ]


def test_a_value_printed_as_its_standard_meets_it_only_if_its_score_says_so(
    tmp_path: Path,
) -> None:
    scoring = {"method": "standard", "standard": 75}
    metrics = {
        "waits": metric(scoring=scoring, published_score="printed"),
        "surplus": metric(title="Surplus", domain="money"),
    }
    values = {**VALUES, "waits": {"AA1": 75, "AA2": 75, "AA3": 60}}
    values["printed"] = {"AA1": 1, "AA2": 2, "AA3": 4}
    site = made(tmp_path, TRUSTS, values, framework(metrics))
    said = {
        code: measures_of(site[f"trusts/{code}.html"])["waits"] for code in ("AA1", "AA2", "AA3")
    }
    assert {code: own["Score"] for code, own in said.items()} == {
        "AA1": "1.00",
        "AA2": "2.00",
        "AA3": "4.00",
    }
    assert {code: own["Standard"].split(": ")[1] for code, own in said.items()} == {
        "AA1": "met",
        "AA2": "not met",
        "AA3": "not met",
    }
    assert "It meets 0 of the 1 standard" in words(site["trusts/AA2.html"])


def test_what_is_checked_of_a_page_can_fail() -> None:
    with pytest.raises(AssertionError):
        parsed("<p><b></p></b>")
