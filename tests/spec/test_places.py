"""The summary by place: means, ranges, what holds back, and the analysis of variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from statistics import fmean
from typing import Any

import polars as pl
import pytest
from scipy import stats

from nhs_league import OpenLeague, UsageError
from nhs_league.analysis.places import (
    MEAN_SCHEMA,
    PLACE_SCHEMA,
    VARIATION_SCHEMA,
    PlaceKind,
    Places,
    places,
)
from nhs_league.league import League
from nhs_league.presentation.places import places_document, verdict
from nhs_league.presentation.plain import render_plain
from tests.support import (
    framework_of_scores,
    league,
    peer_groups_of,
    read_table,
    table_observations,
)

THRESHOLDS = {"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]}
SPEC = framework_of_scores("a", segments=THRESHOLDS)


def league_of(spec: Mapping[str, Any], table: str) -> League:
    """Score a table of trusts whose column ``place`` is their region."""
    rows = read_table(table)
    scored = league(spec, table_observations(spec, rows), peer_groups_of(rows))
    regions = pl.DataFrame(
        {
            "org_code": [row["trust"] for row in rows],
            "region": [None if row["place"] == "-" else row["place"] for row in rows],
        },
        schema={"org_code": pl.String, "region": pl.String},
    )
    register = scored.organisations.drop("region").join(regions, on="org_code", how="left")
    return replace(scored, organisations=register.select(scored.organisations.columns))


def summed(table: str, spec: Mapping[str, Any] = SPEC, **options: Any) -> Places:
    return places(league_of(spec, table), "region", **options)


def told(found: Places, adjusted_for: str | None = None) -> dict[str, Any]:
    is_asked = pl.col("adjusted_for").eq_missing(pl.lit(adjusted_for, pl.String))
    return found.variation.row(by_predicate=is_asked, named=True)


def text_of(found: Places) -> str:
    return render_plain(places_document(found))


TWO = """
    trust | a   | place
    AA    | 1   | East
    BB    | 2   | East
    CC    | 3   | West
    DD    | 4   | West
    """


def test_two_places_by_hand() -> None:
    # Means 1.5 and 3.5 about 2.5: between 4 x 1, within 4 x 0.25, F = 4 / (1 / 2) = 8.
    found = told(summed(TWO))
    assert found["share"] == pytest.approx(4 / 5)
    assert found["share_by_chance"] == pytest.approx(1 / 3)
    assert (found["f_value"], found["df_between"], found["df_within"]) == (8, 1, 2)
    # With 1 and 2 degrees of freedom F is the square of t: p = 1 - t / sqrt(t^2 + 2).
    assert found["p_value"] == pytest.approx(1 - sqrt(8 / 10))
    assert found["share_beyond_chance"] == pytest.approx((4 - 0.5) / (5 + 0.5))
    assert found["sd_within"] == pytest.approx(sqrt(0.5))
    assert found["sd_between"] == pytest.approx(sqrt((4 - 0.5) / 2))
    assert (found["organisations"], found["places"]) == (4, 2)


def test_rows_by_hand() -> None:
    found = summed(TWO)
    reach = stats.t.ppf(0.975, 2) * sqrt(0.5) / sqrt(2)
    east, west = found.rows.to_dicts()
    assert (east["place_code"], east["place"]) == ("East", "East")
    assert (east["organisations"], east["ranked"]) == (2, 2)
    assert [east[f"segment_{n}"] for n in (1, 2, 3, 4)] == [1, 1, 0, 0]
    assert [west[f"segment_{n}"] for n in (1, 2, 3, 4)] == [0, 0, 1, 1]
    for row, mean in ((east, 1.5), (west, 3.5)):
        assert row["mean_average"] == row["domain_score_access"] == mean
        # No mean is beyond the scale from 1 to 4.
        assert row["mean_low"] == pytest.approx(max(1, mean - reach))
        assert row["mean_high"] == pytest.approx(min(4, mean + reach))
        assert row["difference"] == pytest.approx(mean - 2.5)
    assert (east["mean_low"], west["mean_high"]) == (1, 4)
    assert (east["holding_back"], west["holding_back"]) == (None, "access")


def test_rows_and_variation_keep_their_contracts() -> None:
    found = summed(TWO)
    segments = [f"segment_{n}" for n in (1, 2, 3, 4)]
    assert found.rows.columns == [*PLACE_SCHEMA, *segments, *MEAN_SCHEMA, "domain_score_access"]
    kept = found.rows.select(*PLACE_SCHEMA, *MEAN_SCHEMA)
    assert dict(kept.schema) == PLACE_SCHEMA | MEAN_SCHEMA
    assert dict(found.variation.schema) == VARIATION_SCHEMA
    assert len(found.variation) == 1, "one peer group needs no adjustment"


BALANCED = """
    trust | type      | a   | place
    AA    | Acute     | 1.0 | East
    BB    | Acute     | 1.4 | East
    CC    | Acute     | 2.0 | West
    DD    | Acute     | 2.4 | West
    EE    | Ambulance | 3.0 | East
    FF    | Ambulance | 3.2 | East
    GG    | Ambulance | 3.4 | West
    HH    | Ambulance | 3.6 | West
    """


def test_peer_groups_are_taken_off_in_a_balanced_table() -> None:
    # Types: means 1.7 and 3.3. Places: 2.15 and 2.85 about 2.5, so between 8 x 0.35^2 = 0.98.
    # Of the differences from the types' means: -0.7 -0.3 0.3 0.7 and -0.3 -0.1 0.1 0.3, squares
    # 1.36, of which places leave 0.38, at 8 - 3 degrees of freedom.
    found = told(summed(BALANCED), "peer_group")
    assert found["share"] == pytest.approx(0.98 / 1.36)
    assert (found["df_between"], found["df_within"]) == (1, 5)
    assert found["share_by_chance"] == pytest.approx(1 / 6)
    assert found["f_value"] == pytest.approx(0.98 / (0.38 / 5))
    assert found["p_value"] == pytest.approx(stats.f.sf(0.98 / (0.38 / 5), 1, 5))
    omega = (0.98 - 0.38 / 5) / (0.98 - 0.38 / 5 + 8 * 0.38 / 5)
    assert found["share_beyond_chance"] == pytest.approx(omega)
    # Four trusts a place: (mean square between - within) / 4.
    assert found["sd_between"] == pytest.approx(sqrt((0.98 - 0.38 / 5) / 4))
    plain = told(summed(BALANCED))
    assert plain["share"] == pytest.approx(0.98 / (0.98 + 0.38 + 8 * 0.8**2))


def test_a_mix_of_types_is_no_difference_between_places() -> None:
    # East has the good type, North the bad one; within a type places are equal.
    found = summed(
        """
        trust | type      | a | place
        A1    | Acute     | 1 | East
        A2    | Acute     | 2 | East
        A3    | Acute     | 1 | West
        A4    | Acute     | 2 | West
        B1    | Ambulance | 3 | West
        B2    | Ambulance | 4 | West
        B3    | Ambulance | 3 | North
        B4    | Ambulance | 4 | North
        """
    )
    # Means 1.5, 2.5 and 3.5 about 2.5: between 4, of 10 in all.
    assert told(found)["share"] == pytest.approx(0.4)
    within = told(found, "peer_group")
    assert (within["share"], within["p_value"], within["sd_between"]) == (0, 1, 0)
    assert found.rows["difference"].to_list() == pytest.approx([0, 0, 0])
    assert found.rows["holding_back"].null_count() == 3
    assert "lottery" not in verdict(found)
    assert verdict(found).endswith(
        "Whether averages differ by region cannot be told from these trusts."
    )


def test_places_that_are_peer_groups_cannot_be_told_from_them() -> None:
    found = summed(
        """
        trust | type      | a | place
        A1    | Acute     | 1 | East
        A2    | Acute     | 2 | East
        B1    | Ambulance | 3 | West
        B2    | Ambulance | 4 | West
        """
    )
    assert told(found, "peer_group")["df_between"] == 0
    assert told(found, "peer_group")["p_value"] is None
    assert found.main["adjusted_for"] is None
    assert "of all trusts" in verdict(found)


def test_one_place_cannot_be_compared() -> None:
    found = summed(TWO.replace("West", "East"))
    nothing = ("share", "share_by_chance", "share_beyond_chance", "f_value", "p_value")
    assert all(told(found)[name] is None for name in nothing)
    assert "one place cannot be compared with others" in verdict(found)
    (row,) = found.rows.to_dicts()
    assert row["mean_average"] == 2.5
    reach = stats.t.ppf(0.975, 3) * stats.tstd([1, 2, 3, 4]) / 2
    assert row["mean_high"] == pytest.approx(min(4, 2.5 + reach))


def test_a_trust_a_place_tells_nothing_of_chance() -> None:
    table = "trust | a | place\n AA | 1 | East\n BB | 2 | West"
    found = summed(table)
    assert (told(found)["share"], told(found)["share_by_chance"]) == (1, 1)
    assert told(found)["p_value"] is None
    assert found.rows.select("mean_low", "mean_high").null_count().row(0) == (2, 2)
    assert "too few trusts to tell the two apart" in verdict(found)
    line = next(line for line in text_of(found).splitlines() if line.startswith("East"))
    assert line.split() == ["East", "1", "1", "0", "0", "0", "1.00", "-", "-0.50"]


def test_averages_that_are_all_equal_have_no_differences() -> None:
    table = "trust | a | place\n" + "\n".join(
        f"T{n} | 1.1 | {place}" for n, place in enumerate(("East", "East", "West", "West"))
    )
    found = summed(table)
    assert told(found)["share"] is None
    assert told(found)["p_value"] is None
    assert verdict(found).startswith("There are no differences")


def test_places_without_differences_within_cannot_be_chance() -> None:
    table = "trust | a | place\n" + "\n".join(
        f"T{n} | {score} | {place}"
        for n, (score, place) in enumerate(
            [(1.1, "East"), (1.1, "East"), (3.3, "West"), (3.3, "West")]
        )
    )
    found = told(summed(table))
    assert (found["share"], found["p_value"], found["f_value"]) == (1, 0, None)
    assert "p < 0.001" in verdict(summed(table))
    assert "to that extent there is a postcode lottery" in verdict(summed(table))


def test_trusts_without_a_place_are_counted_but_not_compared() -> None:
    table = f"{TWO.rstrip()}\n    EE    | 4   | -\n"
    found = summed(table)
    assert told(found) == told(summed(TWO))
    last = found.rows.to_dicts()[-1]
    assert (last["place_code"], last["place"], last["ranked"]) == (None, "not stated", 1)
    assert (last["mean_average"], last["mean_low"]) == (4, None)
    assert last["holding_back"] == "access"
    assert last["difference"] == pytest.approx(4 - fmean([1, 2, 3, 4, 4]))
    assert found.without_place == 1
    assert "1 trust without a stated region" in text_of(found)


def test_nobody_has_a_place() -> None:
    found = summed("trust | a | place\n AA | 1 | -\n BB | 2 | -")
    assert (told(found)["organisations"], told(found)["places"]) == (0, 0)
    assert verdict(found).startswith("There is no region")
    assert len(found.rows) == 1


def test_unranked_trusts_are_counted_apart() -> None:
    spec = framework_of_scores("a", "b", segments=THRESHOLDS, aggregate={"min_metrics": 2})
    found = summed(
        """
        trust | a | b | place
        AA    | 1 | 1 | East
        BB    | 4 | - | East
        CC    | 3 | 3 | West
        DD    | 4 | - | North
        """,
        spec,
    )
    counts = found.rows.select("place", "organisations", "ranked", "mean_average").rows()
    assert counts == [("East", 2, 1, 1.0), ("West", 1, 1, 3.0), ("North", 1, 0, None)]
    assert "1 of 2" in text_of(found)


def test_nobody_ranked_is_nothing_to_sum_up() -> None:
    spec = framework_of_scores("a", "b", segments=THRESHOLDS, aggregate={"min_metrics": 2})
    with pytest.raises(UsageError, match="no organisation is ranked for small"):
        summed("trust | a | b | place\n AA | 1 | - | East", spec)


def test_a_peer_group_may_be_shortened_and_an_unknown_one_is_refused() -> None:
    found = summed(BALANCED, peer_group="amb")
    assert (found.peer_group, told(found)["organisations"]) == ("Ambulance", 4)
    assert len(found.variation) == 1
    with pytest.raises(UsageError, match="no peer group 'Ambulence'; did you mean Ambulance"):
        summed(BALANCED, peer_group="Ambulence")


def test_what_holds_back_is_worst_first_and_at_most_two() -> None:
    spec = framework_of_scores("a", "b", "c", "d", segments=THRESHOLDS)
    spec["domains"] = {name: name.title() for name in ("one", "two", "three", "four")}
    for metric_id, domain in zip("abcd", spec["domains"], strict=True):
        spec["metrics"][metric_id]["domain"] = domain
    found = summed(
        """
        trust | a   | b   | c   | d    | place
        AA    | 1   | 1   | 1   | 1.00 | East
        BB    | 1.2 | 1.6 | 1.4 | 1.06 | West
        """,
        spec,
    )
    west = found.rows.filter(pl.col("place") == "West")
    assert west["holding_back"].to_list() == ["two;three"]


def test_a_domain_holds_back_from_more_than_a_sixtieth_of_the_scale() -> None:
    # The difference from the mean of two is half of that between them.
    def held(score: float) -> Any:
        found = summed(f"trust | a | place\n AA | 1 | East\n BB | {score} | West")
        return found.rows.filter(pl.col("place") == "West")["holding_back"].item()

    assert held(1.1) is None
    assert held(1.12) == "access"


def test_a_high_score_is_best_where_the_scale_says_so() -> None:
    spec = framework_of_scores(
        "a",
        scale={"best": 100.0, "worst": 0.0, "decimals": 1},
        segments={"method": "thresholds", "upper_bounds": [80, 60, 40, 20, 10]},
    )
    spec["metrics"]["a"]["polarity"] = "higher_is_better"
    found = summed(
        "trust | a | place\n AA | 90 | East\n BB | 70 | East\n CC | 5 | West\n DD | 15 | West", spec
    )
    assert found.rows["place"].to_list() == ["East", "West"]
    assert found.rows["holding_back"].to_list() == [None, "access"]
    assert [found.rows[f"segment_{n}"].to_list() for n in (1, 5, 6)] == [[1, 0], [0, 1], [0, 1]]
    assert "1 (best) to 6" in text_of(found)
    assert "worse by more than 1.67 points" in " ".join(text_of(found).split())
    assert found.rows["mean_low"].to_list()[1] == 0
    assert found.rows["mean_high"].to_list()[0] == 100


# The sample.


@pytest.fixture(scope="module")
def sample(sample_league: OpenLeague) -> League:
    return sample_league.league


COLUMNS: dict[PlaceKind, str] = {
    "region": "region",
    "icb": "icb_code",
    "subtype": "trust_subtype",
}


def members(of: League, by: PlaceKind) -> dict[str, list[dict[str, Any]]]:
    """Group the standings by place, in plain Python."""
    place = dict(of.organisations.select("org_code", COLUMNS[by]).iter_rows())
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in of.standings.to_dicts():
        grouped.setdefault(place[row["org_code"]], []).append(row)
    return grouped


def averages(rows: list[dict[str, Any]]) -> list[float]:
    return [row["average_metric_score"] for row in rows]


def squares(numbers: list[float]) -> float:
    mean = fmean(numbers)
    return sum((number - mean) ** 2 for number in numbers)


@pytest.mark.parametrize("by", COLUMNS)
def test_the_variation_is_that_of_the_closed_formulas(sample: League, by: PlaceKind) -> None:
    groups = [averages(rows) for rows in members(sample, by).values()]
    every = [number for group in groups for number in group]
    n, k = len(every), len(groups)
    within, total = sum(map(squares, groups)), squares(every)
    tested = stats.f_oneway(*groups)
    found = told(places(sample, by))
    assert (found["organisations"], found["places"]) == (n, k)
    assert found["share"] == pytest.approx(1 - within / total)
    assert found["share_by_chance"] == pytest.approx((k - 1) / (n - 1))
    assert found["f_value"] == pytest.approx(tested.statistic)
    assert found["p_value"] == pytest.approx(tested.pvalue, rel=1e-6)
    variance = within / (n - k)
    omega = (total - within - (k - 1) * variance) / (total + variance)
    assert found["share_beyond_chance"] == pytest.approx(max(0, omega))
    size = (n - sum(len(group) ** 2 for group in groups) / n) / (k - 1)
    beyond = (total - within) / (k - 1) - variance
    assert found["sd_between"] == pytest.approx(sqrt(max(0, beyond) / size))


@pytest.mark.parametrize("by", COLUMNS)
def test_the_rows_are_those_of_plain_sums(sample: League, by: PlaceKind) -> None:
    grouped = members(sample, by)
    variance = sum(squares(averages(rows)) for rows in grouped.values()) / (
        len(sample.standings) - len(grouped)
    )
    t = stats.t.ppf(0.975, len(sample.standings) - len(grouped))
    by_type: dict[str, list[float]] = {}
    for row in sample.standings.to_dicts():
        by_type.setdefault(row["peer_group"], []).append(row["average_metric_score"])
    found = places(sample, by).rows.to_dicts()
    assert len(found) == len(grouped)
    assert [row["mean_average"] for row in found] == sorted(row["mean_average"] for row in found)
    for row in found:
        own = grouped[row["place_code"]]
        mean = fmean(averages(own))
        assert row["organisations"] == row["ranked"] == len(own)
        for segment in (1, 2, 3, 4):
            count = sum(each["adjusted_segment"] == segment for each in own)
            assert row[f"segment_{segment}"] == count
        assert row["mean_average"] == pytest.approx(mean)
        reach = t * sqrt(variance / len(own))
        assert row["mean_high"] == pytest.approx(min(4, mean + reach))
        assert row["mean_low"] == pytest.approx(max(1, mean - reach))
        assert row["difference"] == pytest.approx(
            fmean(e["average_metric_score"] - fmean(by_type[e["peer_group"]]) for e in own)
        )


@pytest.mark.parametrize("by", COLUMNS)
def test_what_holds_back_follows_from_plain_sums(sample: League, by: PlaceKind) -> None:
    domains = list(sample.framework.domains)

    def mean_of(rows: list[dict[str, Any]], domain: str) -> float:
        return fmean(
            row[f"domain_mean:{domain}"] for row in rows if row[f"domain_mean:{domain}"] is not None
        )

    by_type: dict[str, list[dict[str, Any]]] = {}
    for row in sample.standings.to_dicts():
        by_type.setdefault(row["peer_group"], []).append(row)
    usual = {(g, d): mean_of(rows, d) for g, rows in by_type.items() for d in domains}
    for found in places(sample, by).rows.to_dicts():
        own = members(sample, by)[found["place_code"]]
        off = {
            d: fmean(
                each[f"domain_mean:{d}"] - usual[each["peer_group"], d]
                for each in own
                if each[f"domain_mean:{d}"] is not None
            )
            for d in domains
        }
        worst = sorted((d for d in domains if off[d] > 0.05), key=lambda d: -off[d])[:2]
        assert found["holding_back"] == (";".join(worst) or None)
        for domain in domains:
            assert found[f"domain_score_{domain}"] == pytest.approx(mean_of(own, domain))


def test_the_order_of_the_register_does_not_matter(sample: League) -> None:
    turned = replace(
        sample,
        organisations=sample.organisations.reverse(),
        standings=sample.standings.reverse(),
    )
    one, other = places(sample, "icb"), places(turned, "icb")
    assert one.rows.equals(other.rows)
    assert one.variation.equals(other.variation)
