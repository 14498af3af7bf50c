"""Sites of made-up leagues in which something is not there: a segment, a group, a value's unit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.functional.made_pages import TABLE, TRUSTS, VALUES, measures_of, words
from tests.made_sites import (
    FIGURES,
    QUARTER,
    built,
    figures,
    framework,
    made,
    metric,
    pages,
    trust,
    write_league,
    write_rows,
)
from tests.site_pages import texts_of


def test_an_override_holds_nobody_back_where_there_are_no_segments(tmp_path: Path) -> None:
    rule = {
        "id": "deficit",
        "title": "the trust plans a deficit",
        "when": {"metric": "surplus", "below": 2},
        "not_better_than": 3,
    }
    spec = framework(overrides=[rule], segments={"method": "quartiles", "pool": "all"})
    site = made(tmp_path, TRUSTS, VALUES, spec)
    assert {row["Segment"] for row in texts_of(site[TABLE].first("table"))} == {"-"}
    text = words(site[TABLE])
    said = "is under this rule (the trust plans a deficit), and would be no better without it."
    assert f"1 of the acute trusts {said}" in text
    assert "marked with *" not in text
    assert "held back" not in words(site["trusts/AA1.html"])


def test_those_without_a_group_are_ranked_together_and_are_each_others_peers(
    tmp_path: Path,
) -> None:
    spec = framework(peer_groups={"column": "region", "order": ["London"]})
    trusts = [trust(code, region=region) for code, region in (("AA1", "London"), ("AA2", "London"))]
    trusts += [trust(code, region="") for code in ("BB1", "BB2", "BB3")]
    values = {
        "waits": {"AA1": 1, "AA2": 2, "BB1": 3, "BB2": 4, "BB3": 8},
        "surplus": {"AA1": 1, "AA2": 2, "BB1": 3, "BB2": 4, "BB3": 8},
    }
    site = made(tmp_path, trusts, values, spec)
    rows = {row["Table"]: row for row in texts_of(site["index.html"].first("table"))}
    without = rows["Organisations without a peer group"]
    assert (without["Ranked"], without["Pairs told apart"]) == ("3", "100.0%")
    own = site["trusts/BB2.html"]
    assert "is ranked 2 of 3 organisations without a peer group" in words(own)
    assert measures_of(own)["waits"]["Middle of its peers"] == "4.00%"
    assert (
        "among 3 values of its peers"
        in own.of_class("strip")[0].first("svg").attributes["aria-label"]
    )


def test_a_figure_in_another_unit_is_listed_and_not_said_to_be_missing(tmp_path: Path) -> None:
    bands: dict[str, Any] = {"bands": [{"at_most": 0, "score": 1}], "otherwise": 4}
    waits = metric(
        polarity="lower_is_better", scoring_of_unit={"count": {"method": "bands", **bands}}
    )
    spec = framework({"waits": waits, "surplus": metric(title="Surplus", domain="money")})
    data, path = write_league(tmp_path, spec, [*TRUSTS, trust("AA4"), trust("AA5")], [])
    other = {"org_code": "AA4", "metric_id": "waits", "period": QUARTER, "value": 3}
    surplus = VALUES["surplus"] | {"AA4": 1, "AA5": 1}
    write_rows(
        data / "figures.csv",
        (*FIGURES, "unit"),
        [*figures({**VALUES, "surplus": surplus}), {**other, "unit": "count"}],
    )
    page = pages(built([data], path))["metrics/waits.html"]
    assert len(texts_of(page.first("table"))) == 3
    text = words(page)
    assert "Not ranked Trust AA4 (AA4): 3 (count), scored 4.00" in text
    assert "The data have no figure of this measure for 1 organisation of the league." in text
