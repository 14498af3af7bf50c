"""History: ranks, places, runs and the best and worst quarter of peers, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

import polars as pl
import pytest

from nhs_league import UsageError, ranking
from nhs_league.analysis.history import (
    HISTORY_SCHEMA,
    QUARTER_SCHEMA,
    History,
    history,
    metric_places,
)
from nhs_league.api.quarters import OpenQuarters, open_quarters
from nhs_league.league import League
from nhs_league.presentation.histories import history_document, trust_history_document
from nhs_league.presentation.plain import render_plain
from nhs_league.quarter import Quarter
from tests.support import (
    framework,
    framework_of_scores,
    league,
    metric,
    peer_groups_of,
    read_table,
    table_observations,
)

THRESHOLDS = {"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]}
SPEC = framework_of_scores("a", segments=THRESHOLDS)
TABLES = {
    "2025Q2": """
        trust | a
        AA    | 1
        BB    | 2
        CC    | 3
        DD    | 4
        """,
    "2025Q3": """
        trust | a
        AA    | 1
        BB    | 2
        CC    | 4
        DD    | 3
        """,
    "2025Q4": """
        trust | a
        AA    | 2
        BB    | 1
        CC    | 4
        """,
}


def league_of(spec: Mapping[str, Any], table: str, quarter: str = "2025Q2") -> League:
    """Score a table of trusts, and say that it is of a quarter."""
    rows = read_table(table)
    scored = league(spec, table_observations(spec, rows), peer_groups_of(rows))
    return replace(scored, quarter=Quarter.parse(quarter))


def history_of(spec: Mapping[str, Any], tables: Mapping[str, str]) -> History:
    return history([league_of(spec, table, quarter) for quarter, table in tables.items()])


def row(found: History, code: str) -> dict[str, Any]:
    return found.rows.row(by_predicate=pl.col("org_code") == code, named=True)


def codes(rows: pl.DataFrame) -> list[str]:
    return rows["org_code"].to_list()


@pytest.fixture(scope="module")
def worked() -> History:
    return history_of(SPEC, TABLES)


def test_rows_and_quarters_keep_their_contracts(worked: History) -> None:
    of_quarter = [f"{name}_{q}" for q in TABLES for name in ("rank", "average", "adjusted_segment")]
    assert worked.rows.columns == [*HISTORY_SCHEMA, *of_quarter]
    assert dict(worked.rows.select(*HISTORY_SCHEMA).schema) == HISTORY_SCHEMA
    assert dict(worked.quarters.schema) == QUARTER_SCHEMA
    assert worked.quarters.select("quarter", "org_code").rows() == [
        ("2025Q2", "AA"),
        ("2025Q2", "BB"),
        ("2025Q2", "CC"),
        ("2025Q2", "DD"),
        ("2025Q3", "AA"),
        ("2025Q3", "BB"),
        ("2025Q3", "DD"),
        ("2025Q3", "CC"),
        ("2025Q4", "BB"),
        ("2025Q4", "AA"),
        ("2025Q4", "CC"),
    ]


def test_most_consistently_high_come_first(worked: History) -> None:
    # (rank - 1) / (rank_of - 1): AA 0, 0, 1/2; BB 1/3, 1/3, 0; CC 2/3, 1, 1; DD 1, 2/3.
    assert codes(worked.rows) == ["AA", "BB", "DD", "CC"]
    places = [1 / 6, 2 / 9, 5 / 6, 8 / 9]
    assert worked.rows["mean_place"].to_list() == pytest.approx(places)
    assert worked.rows["mean_average"].to_list() == pytest.approx([4 / 3, 5 / 3, 3.5, 11 / 3])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AA", (3, 1, 2, 2, 0, 2, 0, 3, 1, 2, "2025Q2")),
        ("BB", (3, 1, 2, 1, 0, 0, 0, 3, 2, 2, "2025Q2")),
        ("CC", (3, 3, 4, 0, 2, 0, 1, 3, 4, 2, "2025Q3")),
        # Two runs of one quarter: the later one is told. The last quarter has 3 trusts, and no
        # best or worst quarter of them.
        ("DD", (2, 3, 4, 0, 1, 0, 1, 2, 3, 1, "2025Q3")),
    ],
)
def test_a_row_sums_its_quarters_up(worked: History, code: str, expected: tuple[Any, ...]) -> None:
    names = [name for name in list(HISTORY_SCHEMA)[4:] if not name.startswith("mean_")]
    found = row(worked, code)
    assert tuple(found[name] for name in names) == expected


def test_each_quarter_has_its_columns(worked: History) -> None:
    found = row(worked, "DD")
    assert [found[f"rank_{quarter}"] for quarter in TABLES] == [4, 3, None]
    assert [found[f"average_{quarter}"] for quarter in TABLES] == [4, 3, None]
    assert [found[f"adjusted_segment_{quarter}"] for quarter in TABLES] == [4, 3, None]


def test_a_quarter_without_a_league_or_a_rank_ends_a_run() -> None:
    table = TABLES["2025Q2"]
    gap = history_of(SPEC, {"2025Q2": table, "2025Q3": table, "2026Q1": table})
    assert (row(gap, "AA")["longest_run"], row(gap, "AA")["longest_run_from"]) == (2, "2025Q2")
    without_dd = "\n".join(line for line in table.splitlines() if "DD" not in line)
    absent = history_of(SPEC, {"2025Q2": table, "2025Q3": without_dd, "2025Q4": table})
    assert (row(absent, "DD")["longest_run"], row(absent, "DD")["longest_run_from"]) == (
        1,
        "2025Q4",
    )
    assert row(absent, "AA")["longest_run"] == 3
    over_new_year = history_of(SPEC, {"2025Q4": table, "2026Q1": table})
    assert row(over_new_year, "AA")["longest_run"] == 2


def test_one_who_is_never_ranked_comes_last_without_a_place() -> None:
    spec = framework_of_scores(
        "a", "b", segments=THRESHOLDS, aggregate={"min_metrics": 2, "missing": "reweight"}
    )
    found = history_of(
        spec,
        {
            "2025Q2": """
                trust | a | b
                AA    | 1 | -
                BB    | 4 | 4
                """
        },
    )
    assert codes(found.rows) == ["BB", "AA"]
    never = row(found, "AA")
    assert (never["quarters"], never["metric_quarters"]) == (0, 1)
    for name in ("best_rank", "worst_rank", "mean_place", "mean_average", "longest_run"):
        assert never[name] is None
    # BB is ranked alone: first and last at once.
    assert (row(found, "BB")["best_rank"], row(found, "BB")["mean_place"]) == (1, None)
    assert codes(found.part(top=1)) == ["BB"]
    assert codes(found.part(bottom=1)) == ["BB"]
    text = render_plain(history_document(found, found.rows, found.rows))
    assert "Not ranked in any of these quarters: Trust AA (AA)." in text
    assert "is not ranked in any of these quarters" in render_plain(
        trust_history_document(found, found.of(["AA"]))
    )


def test_a_high_score_comes_first_where_the_scale_says_so() -> None:
    spec = framework_of_scores(
        "a",
        scale={"best": 100.0, "worst": 0.0, "decimals": 1},
        segments={"method": "thresholds", "upper_bounds": [80, 60, 40]},
    )
    spec["metrics"]["a"]["polarity"] = "higher_is_better"
    tables = {
        "2025Q2": "trust | a\n AA | 90\n BB | 10\n CC | 50",
        "2025Q3": "trust | a\n AA | 10\n BB | 80\n CC | 50",
    }
    found = history_of(spec, tables)
    # AA ranks 1 and 3, BB 3 and 1, CC 2 and 2: equal places, and averages 50, 45 and 50.
    assert found.rows["mean_place"].to_list() == [0.5, 0.5, 0.5]
    assert codes(found.rows) == ["AA", "CC", "BB"]
    assert codes(found.part(top=1)) == ["AA", "CC", "BB"], "a shared place is not cut in two"


def test_the_last_segment_is_the_framework_s_own() -> None:
    spec = framework_of_scores(
        "a",
        segments={"method": "thresholds", "upper_bounds": [1.5, 2, 2.5, 3, 3.5]},
    )
    table = "trust | a\n AA | 3.2\n BB | 4\n CC | 1"
    found = history_of(spec, {"2025Q2": table, "2025Q3": table})
    worst = {each["org_code"]: each["quarters_in_worst_segment"] for each in found.rows.to_dicts()}
    assert worst == {"AA": 0, "BB": 2, "CC": 0}
    assert (
        "In the worst segment (6) in both quarters: 1 of the 3 ranked in both quarters"
        in render_plain(history_document(found, found.rows, found.rows))
    )


def test_ranked_all_together_there_is_one_order() -> None:
    spec = framework_of_scores(
        "a", segments=THRESHOLDS, ranking={"within": "all", "by": ["average_metric_score"]}
    )
    found = history_of(
        spec,
        {
            "2025Q2": """
                trust | type      | a
                AA    | Acute     | 2
                BB    | Ambulance | 1
                CC    | Acute     | 3
                """
        },
    )
    assert codes(found.rows) == ["BB", "AA", "CC"]
    text = render_plain(history_document(found, found.rows, found.rows))
    assert "organisations, 2025Q2" in text
    assert "One quarter shows no history" in text


def test_averages_on_different_scales_have_no_mean() -> None:
    other = framework_of_scores(
        "a",
        id="other",
        scale={"best": 1.0, "worst": 5.0, "decimals": 2},
        segments={"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]},
    )
    found = history(
        [
            league_of(SPEC, TABLES["2025Q2"], "2025Q2"),
            league_of(other, TABLES["2025Q3"], "2025Q3"),
        ]
    )
    assert found.rows["mean_average"].null_count() == 4
    assert codes(found.rows) == ["AA", "BB", "CC", "DD"]
    assert found.quarters["framework"].unique().sort().to_list() == ["other", "small"]
    text = render_plain(history_document(found, found.rows, found.rows))
    assert "frameworks have different scales" in text


def test_a_history_takes_one_league_a_quarter_oldest_first() -> None:
    first, second = (league_of(SPEC, TABLES["2025Q2"], q) for q in ("2025Q2", "2025Q3"))
    for leagues in ([], [second, first], [first, first]):
        with pytest.raises(UsageError, match="one league a quarter, oldest first"):
            history(leagues)


def test_an_organisation_without_a_row_is_refused(worked: History) -> None:
    with pytest.raises(UsageError, match="ZZ: in no league of 2025Q2, 2025Q3 and 2025Q4"):
        worked.of(["AA", "ZZ"])


def test_those_never_ranked_are_not_counted_among_the_throughout() -> None:
    spec = framework_of_scores("a", "b", segments=THRESHOLDS, aggregate={"min_metrics": 2})
    table = "trust | a | b\n AA | 1 | 1\n BB | 4 | 4\n CC | 4 | -"
    found = history_of(spec, {"2025Q2": table, "2025Q3": f"{table}\n DD | 1 | 1"})
    text = render_plain(history_document(found, found.rows, found.rows))
    assert "In the best segment (1) in both quarters: 1 of the 2 ranked in both quarters: " in text
    assert "Not ranked in any of these quarters: Trust CC (CC)." in text


def test_nobody_is_ranked() -> None:
    spec = framework_of_scores("a", "b", segments=THRESHOLDS, aggregate={"min_metrics": 2})
    table = "trust | a | b\n AA | 1 | -\n BB | 4 | -"
    found = history_of(spec, {"2025Q2": table, "2025Q3": table})
    lines = render_plain(history_document(found, found.rows, found.rows)).splitlines()
    assert lines[-1] == "Nobody is ranked in these quarters."
    assert len(lines) == 3, "no empty counts and no legends"
    text = render_plain(trust_history_document(found, found.of(["AA"])))
    assert "is not ranked in any of these quarters." in text
    assert "Average:" not in text


def test_nobody_is_ranked_throughout() -> None:
    one, other = ("trust | a\n AA | 1", "trust | a\n BB | 1")
    found = history_of(SPEC, {"2025Q2": one, "2025Q3": other})
    text = render_plain(history_document(found, found.rows, found.rows))
    assert "- Nobody is ranked in both quarters." in text
    assert "In the best segment" not in text


def test_filters_that_leave_nobody_leave_no_legends() -> None:
    found = history_of(SPEC, TABLES)
    none = found.rows.clear()
    text = render_plain(history_document(found, none, none))
    assert text.endswith("No organisation is left by these filters.\n")
    assert "Metrics" not in text


def test_no_segment_has_no_star() -> None:
    spec = framework_of_scores(
        "a",
        "b",
        segments=THRESHOLDS,
        aggregate={"min_metrics": 2},
        overrides=[
            {
                "id": "held",
                "title": "the trust is held",
                "when": {"metric": "a", "above": 0.5},
                "not_better_than": 3,
            }
        ],
    )
    table = "trust | a | b\n AA | 1 | -\n BB | 2 | 2"
    found = history_of(spec, {"2025Q2": table, "2025Q3": table})
    held = found.quarters.filter(pl.col("org_code") == "AA")["overrides"]
    assert held.to_list() == ["held", "held"]
    text = render_plain(trust_history_document(found, found.of(["AA"])))
    assert "*" not in text
    assert "*" in render_plain(trust_history_document(found, found.of(["BB"])))


def test_more_quarters_than_have_columns_are_listed() -> None:
    table = TABLES["2025Q2"]
    found = history_of(SPEC, {f"2025Q{n}": table for n in (1, 2, 3, 4)} | {"2026Q1": table})
    text = render_plain(history_document(found, found.rows, found.rows))
    line = next(line for line in text.splitlines() if line.startswith("CC"))
    cells = ["3", "3.00", "3 3 3 3 3", "0/0", "0/0 of 5", "5 in segment 3"]
    shown = [cell.strip() for cell in line.split("   ") if cell.strip()]
    assert shown == ["CC", "Trust CC", *cells]


# The best and the worst quarter of peers.


def placed(table: str, **changes: Any) -> dict[str, str]:
    """Say of each trust of one metric, more of which is better, where it is among its peers."""
    spec = framework({"waits": metric(**changes)}, segments=THRESHOLDS)
    found = metric_places(league_of(spec, table)).sort("org_code")
    names = {(True, False): "best", (False, True): "worst", (False, False): "-", (True, True): "?"}
    return {
        each["org_code"]: names[each["is_best_quarter"], each["is_worst_quarter"]]
        for each in found.to_dicts()
    }


def waits(*values: Any) -> str:
    return "trust | waits\n" + "\n".join(f"T{n} | {value}" for n, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((90, 80, 70, 60), "best - - worst"),
        ((90, 80, 70), "- - -"),
        ((90, 80, 70, 60, 50, 40, 30), "best - - - - - worst"),
        ((90, 80, 70, 60, 50, 40, 30, 20), "best best - - - - worst worst"),
        # A tie within the quarter is in it, one that reaches beyond is not.
        ((90, 90, 70, 60, 50, 40, 20, 20), "best best - - - - worst worst"),
        ((90, 90, 90, 60, 50, 20, 20, 20), "- - - - - - - -"),
        ((90, 80, 80, 60, 50, 30, 30, 20), "best - - - - - - worst"),
        ((50, 50, 50, 50), "- - - -"),
        ((90, 90, 90, 60), "- - - worst"),
        # One without a figure is no peer.
        ((90, 80, 70, "suppressed"), "- - -"),
        # Published ranks part a tie where all of it have one.
        (("90 #1", "90 #2", "70 #3", "60 #4"), "best - - worst"),
        (("90 #1", "90", "70 #3", "60 #4"), "- - - worst"),
        (("90 #1", "90 #1", "70 #3", "60 #4"), "- - - worst"),
    ],
)
def test_the_best_and_the_worst_quarter(values: Sequence[Any], expected: str) -> None:
    found = placed(waits(*values))
    assert " ".join(found.values()) == expected


def test_less_is_better_where_the_metric_says_so() -> None:
    found = placed(waits(90, 80, 70, 60), polarity="lower_is_better")
    assert list(found.values()) == ["worst", "-", "-", "best"]


def test_peers_are_the_peer_group_whatever_the_pool() -> None:
    table = """
        trust | type      | waits
        A1    | Acute     | 90
        A2    | Acute     | 80
        A3    | Acute     | 70
        A4    | Acute     | 60
        B1    | Ambulance | 10
        B2    | Ambulance | 99
        """
    expected = {"A1": "best", "A2": "-", "A3": "-", "A4": "worst", "B1": "-", "B2": "-"}
    assert placed(table) == placed(table, pool="peer_group") == expected


def test_metrics_that_do_not_count_are_not_counted() -> None:
    spec = framework(
        {"waits": metric(), "shown": metric(counts=False)},
        segments=THRESHOLDS,
    )
    table = "trust | waits | shown\n" + "\n".join(f"T{n} | {n} | {n}" for n in range(4))
    assert metric_places(league_of(spec, table))["metric_id"].unique().to_list() == ["waits"]


def test_scores_are_compared_where_nobody_has_a_value() -> None:
    spec = framework(
        {"waits": metric(published_score="waits_score")},
        segments=THRESHOLDS,
    )
    table = "trust | waits_score\n T0 | 1\n T1 | 2\n T2 | 3\n T3 | 4"
    found = metric_places(league_of(spec, table))
    assert found["is_best_quarter"].to_list() == [True, False, False, False]
    assert found["is_worst_quarter"].to_list() == [False, False, False, True]


# The sample.


@pytest.fixture(scope="module")
def opened() -> OpenQuarters:
    return open_quarters()


@pytest.fixture(scope="module")
def sample(opened: OpenQuarters) -> History:
    return history([each.league for each in opened.leagues])


def test_every_quarter_is_ranked_as_the_table_is(opened: OpenQuarters, sample: History) -> None:
    for each in opened.leagues:
        quarter = str(each.league.quarter)
        table = {r["org_code"]: r for r in ranking(each.league).to_dicts()}
        assert len(table) == len(sample.rows)
        for found in sample.rows.to_dicts():
            own = table[found["org_code"]]
            assert found[f"rank_{quarter}"] == own["rank"]
            assert found[f"average_{quarter}"] == own["average_metric_score"]
            assert found[f"adjusted_segment_{quarter}"] == own["adjusted_segment"]


def test_the_sums_follow_from_the_quarters(sample: History) -> None:
    of: dict[str, list[dict[str, Any]]] = {}
    for each in sample.quarters.to_dicts():
        of.setdefault(each["org_code"], []).append(each)
    for found in sample.rows.to_dicts():
        own = of[found["org_code"]]
        ranks = [each["rank"] for each in own]
        segments = [each["adjusted_segment"] for each in own]
        assert (found["best_rank"], found["worst_rank"]) == (min(ranks), max(ranks))
        assert found["mean_place"] == pytest.approx(
            fmean((each["rank"] - 1) / (each["rank_of"] - 1) for each in own)
        )
        assert found["mean_average"] == pytest.approx(
            fmean(each["average_metric_score"] for each in own)
        )
        assert found["quarters_in_best_segment"] == segments.count(1)
        assert found["quarters_in_worst_segment"] == segments.count(4)
        assert found["metric_quarters"] == sum(each["metrics_scored"] for each in own)
        assert (found["longest_run"], found["longest_run_segment"]) == longest_run(segments)


def longest_run(segments: Sequence[int]) -> tuple[int, int]:
    best, length = (0, 0), 0
    for at, segment in enumerate(segments):
        length = length + 1 if at and segments[at - 1] == segment else 1
        if length >= best[0]:
            best = (length, segment)
    return best


def counted_places(of: League) -> dict[str, tuple[int, int]]:
    """Count on how many metrics each is among the best and the worst, figure by figure."""
    standings = {each["org_code"]: each for each in of.standings.to_dicts()}
    published = {
        (each["org_code"], each["metric_id"]): each["published_rank"]
        for each in of.figures.to_dicts()
    }
    counts = dict.fromkeys(standings, (0, 0))
    for id_, stated in of.framework.counted_metrics.items():
        sign = -1 if stated.is_higher_better else 1
        has_values = any(each.get(f"value:{id_}") is not None for each in standings.values())
        name = f"value:{id_}" if has_values else f"score:{id_}"
        for group in {each["peer_group"] for each in standings.values()}:
            keys = {
                code: round(sign * each[name], 9)
                for code, each in standings.items()
                if each["peer_group"] == group and each[name] is not None
            }
            for code, key in keys.items():
                tied = [other for other in keys if keys[other] == key]
                orders: dict[str, Any] = {other: published.get((other, id_)) for other in tied}
                is_told = None not in orders.values()
                level = [o for o in tied if not is_told or orders[o] == orders[code]]
                ahead = [o for o in keys if keys[o] < key]
                ahead += [o for o in tied if is_told and orders[o] < orders[code]]
                best, worst = counts[code]
                as_good = len(ahead) + len(level)
                as_bad = len(keys) - len(ahead)
                counts[code] = (
                    best + (4 * as_good <= len(keys)),
                    worst + (4 * as_bad <= len(keys)),
                )
    return counts


def test_the_best_and_worst_quarters_are_those_of_a_count_by_hand(
    opened: OpenQuarters, sample: History
) -> None:
    for each in opened.leagues:
        expected = counted_places(each.league)
        found = {
            own["org_code"]: (own["metrics_best_quarter"], own["metrics_worst_quarter"])
            for own in sample.quarters.to_dicts()
            if own["quarter"] == str(each.league.quarter)
        }
        assert found == expected


def test_nobody_is_among_the_best_and_the_worst_at_once(sample: History) -> None:
    counted = pl.col("metrics_best_quarter") + pl.col("metrics_worst_quarter")
    assert sample.quarters.filter(counted > pl.col("metrics_scored")).is_empty()
    places = metric_places(sample.latest)
    assert places.filter("is_best_quarter", "is_worst_quarter").is_empty()
    for name in ("is_best_quarter", "is_worst_quarter"):
        shares = (
            places.join(sample.latest.standings.select("org_code", "peer_group"), on="org_code")
            .group_by("metric_id", "peer_group")
            .agg(pl.col(name).sum() * 4 <= pl.len())
        )
        assert shares[name].all()


def test_a_part_keeps_the_figures_of_the_whole(sample: History) -> None:
    part = sample.part(region="London", peer_group="Acute trust")
    assert 0 < len(part) < len(sample.rows)
    assert part.equals(sample.rows.filter(pl.col("org_code").is_in(codes(part))))
    ends = sample.part(top=2), sample.part(bottom=2)
    for group in ("Acute trust", "Mental health and community trust", "Ambulance trust"):
        whole = codes(sample.rows.filter(pl.col("peer_group") == group))
        best, worst = (codes(end.filter(pl.col("peer_group") == group)) for end in ends)
        assert best == whole[:2]
        assert worst == whole[-2:]
