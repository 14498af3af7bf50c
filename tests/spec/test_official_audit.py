"""The Oversight Framework's own files of two trust types, audited and recomputed a second way.

The second way reads the files with the standard library and does its sums in exact fractions; it
knows the rules and nothing of the engine.
"""

from __future__ import annotations

import csv
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nhs_league import OpenAudit, open_audit, open_league
from nhs_league.scoring.score_choice import ScoreSource
from tests.conftest import Cli

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "official" / "nof"
FILES = tuple(
    FOLDER / f"nhs-oversight-framework-{type_}-data-q3-25-26.csv"
    for type_ in ("ambulance-trust", "mental-health-and-community-trust")
)
pytestmark = pytest.mark.skipif(
    not all(file.is_file() for file in FILES), reason="the published files are not at hand"
)

QUARTERS = {"Q1 2025/26": "2025Q2", "Q2 2025/26": "2025Q3", "Q3 2025/26": "2025Q4"}
WITHIN_TYPE = ("OF0061", "OF0084", "OF0047")
OF_BOTH_TYPES = "OF0086"
BANDS = {
    "OF0079": (Fraction(0), Fraction(-1), Fraction(-2)),
    "OF0081": (Fraction(0), Fraction(-1, 2), Fraction(-1)),
}
MATRIX = ((1, 1, 2, 3), (2, 2, 3, 4), (2, 3, 3, 4), (2, 3, 4, 4))
MORE_IS_BETTER = {*WITHIN_TYPE, *BANDS, "OF0016", "OF0041", "OF0057"}
LACKING_A_MEMBER = ("OF1017", "OF1028")
PARTS = ("OF1079", "OF1081")
"""The scores of plan and variance are shown and do not count: the combined one does."""

Key = tuple[str, str, str]
Figures = dict[Key, Fraction]
"""By quarter, id and trust."""


# The second way: the files as they are written


@cache
def rows() -> tuple[dict[str, str], ...]:
    read = []
    for file in FILES:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            read += [
                row | {"key": (QUARTERS[row["Quarter"]], row["Metric_ID"], row["Trust_code"])}
                for row in csv.DictReader(opened)
            ]
    return tuple(read)


def key_of(row: Mapping[str, Any]) -> Key:
    key: Key = row["key"]
    return key


def column(name: str) -> Figures:
    """Give the figures of a column; a flag that is raised is 1."""
    flags = {"Yes": "1", "No": "0"}
    return {key_of(row): Fraction(flags.get(row[name], row[name])) for row in rows() if row[name]}


@cache
def values() -> Figures:
    return column("Value")


@cache
def printed_ranks() -> Figures:
    return column("Rank")


@cache
def types() -> dict[str, str]:
    return {row["Trust_code"]: row["Trust_type"] for row in rows()}


def of_id(figures: Figures, id_: str) -> Iterator[tuple[Key, Fraction]]:
    return ((key, figure) for key, figure in figures.items() if key[1] == id_)


def by_quarter_and_type(figures: Iterable[tuple[Key, Fraction]]) -> list[dict[Key, Fraction]]:
    groups: dict[tuple[str, str], dict[Key, Fraction]] = defaultdict(dict)
    for key, figure in figures:
        groups[key[0], types()[key[2]]][key] = figure
    return list(groups.values())


def printed(number: Fraction, decimals: int = 2) -> Fraction:
    return Fraction(math.floor(number * 10**decimals + Fraction(1, 2)), 10**decimals)


def spread(places: Mapping[Key, int]) -> Figures:
    """Score places from 1 to 4."""
    steps = max(len(places) - 1, 1)
    return {key: 1 + Fraction(3 * (place - 1), steps) for key, place in places.items()}


@cache
def survey_scores() -> Figures:
    """Score the metrics ranked within the type; the printed rank tells equal values apart."""
    scores: Figures = {}
    for id_ in WITHIN_TYPE:
        for group in by_quarter_and_type(of_id(values(), id_)):
            order = {key: (-value, printed_ranks()[key]) for key, value in group.items()}
            scores |= spread(
                {
                    key: 1 + sum(other < own for other in order.values())
                    for key, own in order.items()
                }
            )
    return scores


@cache
def cost_scores() -> Figures:
    """Score relative costs over both types; the printed rank tells a tie of one type apart."""
    scores: Figures = {}
    for quarter in QUARTERS.values():
        pool = {k: value for k, value in of_id(values(), OF_BOTH_TYPES) if k[0] == quarter}
        places = {}
        for key, value in pool.items():
            tied = [other for other in pool if pool[other] == value]
            ahead = 0
            if len({types()[other[2]] for other in tied}) == 1:
                ahead = sum(printed_ranks()[other] < printed_ranks()[key] for other in tied)
            places[key] = 1 + sum(other < value for other in pool.values()) + ahead
        scores |= spread(places)
    return scores


def band(id_: str, value: Fraction) -> int:
    return 1 + sum(value < bound for bound in BANDS[id_])


@cache
def finance_scores() -> Figures:
    """Score plan and variance by their bands, and combine the two."""
    scores: Figures = {}
    for id_ in BANDS:
        scores |= {key: Fraction(band(id_, value)) for key, value in of_id(values(), id_)}
    for quarter, _, code in [key for key, _ in of_id(values(), "OF1080")]:
        plan, variance = (int(scores[quarter, id_, code]) for id_ in BANDS)
        scores[quarter, "OF1080", code] = Fraction(MATRIX[plan - 1][variance - 1])
    return scores


def computed_scores() -> Figures:
    """Give the scores that follow from two types' values, under the id of the score."""
    found = survey_scores() | cost_scores() | finance_scores()
    return {
        (quarter, id_.replace("OF0", "OF1"), code): s for (quarter, id_, code), s in found.items()
    }


@cache
def averages() -> dict[tuple[str, str], Fraction]:
    """Take the mean of a trust's scores: computed where they follow, else as they are printed."""
    computed = computed_scores()
    scores: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for key, score in values().items():
        if key[1].startswith("OF1") and key[1] not in PARTS:
            scores[key[0], key[2]].append(computed.get(key, score))
    return {trust: sum(of, Fraction(0)) / len(of) for trust, of in scores.items()}


@cache
def result(id_: str) -> dict[tuple[str, str], Fraction]:
    return {(quarter, code): figure for (quarter, _, code), figure in of_id(values(), id_)}


@cache
def rank_of(id_: str) -> dict[tuple[str, str], Fraction]:
    return {(quarter, code): figure for (quarter, _, code), figure in of_id(printed_ranks(), id_)}


def segments() -> dict[tuple[str, str], int]:
    """Cut averages at the worst one of each published segment."""
    average_of, segment_of = result("OF5002"), result("OF5003")
    cuts = {
        quarter: [
            max(
                average
                for trust, average in average_of.items()
                if trust[0] == quarter and segment_of[trust] <= segment
            )
            for segment in (1, 2, 3)
        ]
        for quarter in QUARTERS.values()
    }
    return {
        trust: 1 + sum(average > cut for cut in cuts[trust[0]])
        for trust, average in average_of.items()
    }


def places(keys: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], int]:
    """Rank trusts within the quarter and their type."""
    return {
        trust: 1
        + sum(
            other_key < key
            for other, other_key in keys.items()
            if other[0] == trust[0] and types()[other[1]] == types()[trust[1]]
        )
        for trust, key in keys.items()
    }


# The engine


@cache
def audited(scores: ScoreSource) -> OpenAudit:
    return open_audit(FILES, scores=scores)


@cache
def standings(quarter: str, scores: ScoreSource) -> dict[str, dict[str, Any]]:
    opened = open_league(FILES, quarter=quarter, scores=scores)
    return {row["org_code"]: row for row in opened.league.standings.iter_rows(named=True)}


def cells(kind: str, scores: ScoreSource = "auto") -> dict[Key, dict[str, Any]]:
    of_kind = audited(scores).audit.cells.filter(pl.col("kind") == kind)
    return {
        (row["quarter"], row["id"], row["org_code"]): row for row in of_kind.iter_rows(named=True)
    }


def verdicts(kind: str, scores: ScoreSource = "auto") -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for row in cells(kind, scores).values():
        counts[row["verdict"]] += 1
    return dict(counts)


# What agrees


def test_no_figure_is_different_and_the_exit_code_says_so(cli: Cli) -> None:
    opened = audited("auto")
    assert [str(quarter) for quarter, _ in opened.quarters] == list(QUARTERS.values())
    assert {file.framework.id for _, file in opened.quarters} == {"nof-2025-26"}
    assert not opened.audit.has_differences
    done = cli("audit", *FILES, "--quarter", "2025Q4")
    assert done.status == 0
    assert "None differs beyond rounding." in done.text


@pytest.mark.parametrize("quarter", QUARTERS.values())
def test_every_trust_has_its_published_result(quarter: str) -> None:
    rows_ = standings(quarter, "auto")
    assert len(rows_) == 71
    for code, row in rows_.items():
        trust = quarter, code
        assert row["average_metric_score"] == pytest.approx(float(result("OF5002")[trust]))
        assert row["segment"] == result("OF5003")[trust]
        assert row["adjusted_segment"] == result("OF5000")[trust]
        assert row["rank"] == rank_of("OF5000")[trust]


def test_recomputed_averages_are_within_a_hundredth() -> None:
    found = [
        abs(row["average_metric_score"] - float(result("OF5002")[quarter, code]))
        for quarter in QUARTERS.values()
        for code, row in standings(quarter, "computed").items()
    ]
    assert len(found) == 213
    assert max(found) < 0.01 + 1e-9
    assert sum(difference < 1e-9 for difference in found) >= 0.94 * 213


@pytest.mark.parametrize("scores", ["auto", "computed"])
def test_the_second_way_comes_to_the_same_averages(scores: ScoreSource) -> None:
    published = result("OF5002")
    assert averages().keys() == published.keys()
    off = {trust: abs(printed(mean) - published[trust]) for trust, mean in averages().items()}
    assert max(off.values()) <= Fraction(1, 100)
    equal = {trust for trust, difference in off.items() if difference == 0}
    assert len(equal) >= 0.94 * 213
    of_engine = cells("average", scores)
    assert {
        (quarter, code)
        for (quarter, _, code), row in of_engine.items()
        if row["verdict"] == "equal"
    } == equal
    for (quarter, _, code), row in of_engine.items():
        assert row["recomputed"] == pytest.approx(float(printed(averages()[quarter, code])))


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("combined_score", 213),
        ("domain_segment", 1053),
        ("segment", 213),
        ("adjusted_segment", 213),
        ("override", 213),
        ("league_rank", 213),
        ("rank_by_average", 213),
    ],
)
def test_every_cell_of_these_kinds_is_equal(kind: str, count: int) -> None:
    assert verdicts(kind) == {"equal": count}


def test_the_second_way_comes_to_the_same_segments_and_ranks() -> None:
    flags, by_average = result("OF5004"), result("OF5002")
    adjusted = {
        trust: max(3, segment) if flags[trust] else segment for trust, segment in segments().items()
    }
    assert len(adjusted) == 213
    assert segments() == result("OF5003")
    assert adjusted == result("OF5000")
    ranks = places({trust: (segment, by_average[trust]) for trust, segment in adjusted.items()})
    assert ranks == rank_of("OF5000")
    assert places(by_average) == rank_of("OF5002")


def test_domain_scores_are_equal_or_off_by_a_hundredth() -> None:
    found = verdicts("domain_score")
    assert found.keys() == {"equal", "within_tolerance"}
    assert sum(found.values()) == 1053
    assert all(abs(row["difference"]) < 0.0101 for row in cells("domain_score").values())


def test_every_metric_score_that_can_be_computed_is_equal() -> None:
    found = cells("metric_score")
    computable = {key: row for key, row in found.items() if row["verdict"] != "not_computable"}
    assert {row["verdict"] for row in computable.values()} == {"equal"}
    ids = {f"OF1{id_[3:]}" for id_ in (*WITHIN_TYPE, OF_BOTH_TYPES, *BANDS)}
    assert {id_ for _, id_, _ in computable} == ids
    for id_ in ids:
        assert len([key for key in computable if key[1] == id_]) == len([*of_id(values(), id_)])


def test_the_second_way_comes_to_the_same_metric_scores() -> None:
    computed = computed_scores()
    assert len(computed) == 213 * 5 + 212 + 30
    assert {key: printed(score) for key, score in computed.items()} == {
        key: score for key, score in values().items() if key in computed
    }
    of_engine = cells("metric_score") | cells("combined_score")
    for key, score in computed.items():
        assert of_engine[key]["recomputed"] == pytest.approx(float(printed(score)))


def test_what_cannot_be_computed_says_who_is_missing() -> None:
    reasons = defaultdict(set)
    for (_, id_, _), row in cells("metric_score").items():
        if row["verdict"] == "not_computable":
            reasons[row["reason"]].add(id_)
    acute = [reason for reason in reasons if "134 of 134 organisations" in reason]
    member = [reason for reason in reasons if "R1F" in reason and reason not in acute]
    alone = [reason for reason in reasons if "without a value" in reason]
    assert len(reasons) == len(acute) + len(member) + len(alone) == 3
    assert reasons[member[0]] == set(LACKING_A_MEMBER)
    assert reasons[acute[0]] == {"OF1005", "OF1016", "OF1041", "OF1057", "OF1063", "OF1082"}
    assert reasons[alone[0]] == {"OF1035", "OF1067"}


@pytest.mark.parametrize("kind", ["median", "lower_quartile", "upper_quartile"])
def test_the_second_way_comes_to_the_same_medians_and_quartiles(kind: str) -> None:
    names = {"median": "Median_value"} | {
        name: name.capitalize() for name in ("lower_quartile", "upper_quartile")
    }
    published, of_engine = column(names[kind]), cells(kind)
    place = ["lower_quartile", "median", "upper_quartile"].index(kind)
    count = 0
    for id_ in sorted({key[1] for key in values() if key[1].startswith("OF0")}):
        for group in by_quarter_and_type(of_id(values(), id_)):
            cut = statistics.quantiles(group.values(), n=4, method="inclusive")[place]
            if kind == "median":
                assert cut == statistics.median(group.values())
            for key in group:
                row = of_engine[key[0], f"{kind}:{id_}", key[2]]
                assert row["recomputed"] == pytest.approx(float(printed(Fraction(cut))))
                off = abs(printed(Fraction(cut)) - published[key])
                assert off <= Fraction(1, 100)
                assert row["verdict"] == ("equal" if off == 0 else "within_tolerance")
                count += 1
    assert count == len(of_engine) == 2030


def test_the_second_way_comes_to_the_same_ranks_by_metric() -> None:
    of_engine = cells("metric_rank")
    count = 0
    for id_ in sorted({key[1] for key in values() if key[1].startswith("OF0")}):
        sign = -1 if id_ in MORE_IS_BETTER else 1
        for group in by_quarter_and_type(of_id(values(), id_)):
            for key, value in group.items():
                first = 1 + sum(sign * other < sign * value for other in group.values())
                last = sum(sign * other <= sign * value for other in group.values())
                rank = printed_ranks()[key]
                assert first <= rank <= last, key
                row = of_engine[key]
                assert row["recomputed"] == first
                assert row["verdict"] == ("equal" if rank == first else "within_tie")
                count += 1
    assert count == len(of_engine)
