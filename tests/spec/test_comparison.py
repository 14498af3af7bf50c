"""Who moved between two tables: classes of change by hand, on small leagues and on the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from typing import Any

import polars as pl
import pytest

import nhs_league
from nhs_league.analysis.comparison.comparison import (
    COMPARISON_SCHEMA,
    DETAIL_SCHEMA,
    PARTS,
    Comparison,
    Cut,
    compare_methods,
    compare_quarters,
    summary,
)
from nhs_league.analysis.comparison.metric_changes import METRIC_CHANGES_SCHEMA, metric_changes
from nhs_league.analysis.comparison.saved_tables import compare_tables
from nhs_league.analysis.robustness.movement import movement
from nhs_league.errors import UsageError
from nhs_league.league import League
from nhs_league.quarter import Quarter
from nhs_league.sources.saved_tables import SAVED_TABLE_SCHEMA
from nhs_league.successions import Succession, successions_frame
from tests.robustness_oracle import league_of
from tests.support import ACUTE, AMBULANCE, framework_of_scores, read_table

BEFORE, AFTER = Quarter(2025, 2), Quarter(2025, 3)
THRESHOLDS: dict[str, Any] = {"method": "thresholds", "upper_bounds": [1.5, 2.5, 3.5]}
DEFICIT: dict[str, Any] = {
    "id": "deficit",
    "title": "the trust has a deficit",
    "when": {"flag": "deficit"},
    "not_better_than": 3,
}
RULES: dict[str, Any] = {
    "segments": THRESHOLDS,
    "overrides": [DEFICIT],
    "peer_groups": {"column": "trust_type", "order": [ACUTE, AMBULANCE]},
    "aggregate": {"rounding": "before_ranking"},
}
STATED: dict[str, Any] = {"movement": {"significant_change": 0.3}}

SAME, SIGNIFICANT, OVERRIDE, NOT = "none", "significant", "override", "not_significant"


def spec(*ids: str, **changes: Any) -> dict[str, Any]:
    return framework_of_scores(*(ids or ("a", "b")), **(RULES | changes))


def league_at(rules: Mapping[str, Any], quarter: Quarter, table: str) -> League:
    return replace(league_of(rules, table), quarter=quarter)


def one_average(text: str) -> str:
    """Give both metrics the score of a table with one, so that the average is that score."""
    rows = read_table(text)
    lines = ["trust | type | a | b | deficit"]
    lines += [
        f"{r['trust']} | {r.get('type', ACUTE)} | {r['at']} | {r['at']} | {r.get('deficit', '0')}"
        for r in rows
    ]
    return "\n".join(lines)


def compared(before: str, after: str, rules: Mapping[str, Any] | None = None) -> Comparison:
    stated = rules or spec(**STATED)
    found = compare_quarters(
        league_at(stated, BEFORE, one_average(before)),
        league_at(stated, AFTER, one_average(after)),
        replicates=100,
    )
    assert found.changes.schema == pl.Schema(COMPARISON_SCHEMA | DETAIL_SCHEMA)
    return found


def rows_of(comparison: Comparison) -> dict[str, dict[str, Any]]:
    return {row["org_code"]: row for row in comparison.changes.iter_rows(named=True)}


def assert_parts_add_up(comparison: Comparison) -> None:
    moved = pl.col("rank_to") - pl.col("rank_from")
    told = comparison.rows().filter(pl.any_horizontal(pl.col(*PARTS).is_not_null()))
    off = told.select((pl.sum_horizontal(*PARTS) - moved).abs().max()).item()
    assert off is None or off < 1e-9


@pytest.mark.parametrize(
    ("before", "after", "adjusted", "expected"),
    [
        pytest.param(("2.0", "0"), ("2.2", "0"), (2, 2), SAME, id="the segment stays"),
        pytest.param(("2.0", "0"), ("2.3", "0"), (2, 2), SAME, id="significant within a segment"),
        pytest.param(("1.4", "0"), ("1.7", "0"), (1, 2), SIGNIFICANT, id="exactly 0.30"),
        pytest.param(("1.4", "0"), ("1.69", "0"), (1, 2), NOT, id="0.29"),
        pytest.param(("2.6", "0"), ("2.3", "0"), (3, 2), SIGNIFICANT, id="0.30 better"),
        pytest.param(("1.4", "0"), ("1.45", "1"), (1, 3), OVERRIDE, id="set"),
        pytest.param(("1.4", "1"), ("1.45", "0"), (3, 1), OVERRIDE, id="lifted"),
        pytest.param(("1.4", "1"), ("1.6", "0"), (3, 2), OVERRIDE, id="lifted, and a step"),
        pytest.param(("2.6", "1"), ("2.4", "0"), (3, 2), OVERRIDE, id="lifted as it would bind"),
        pytest.param(("1.4", "0"), ("1.8", "1"), (1, 3), SIGNIFICANT, id="significance first"),
        pytest.param(("3.4", "0"), ("3.6", "1"), (3, 4), NOT, id="set without any difference"),
        pytest.param(("3.4", "1"), ("3.6", "0"), (3, 4), NOT, id="lifted without any difference"),
        pytest.param(("2.4", "1"), ("2.6", "1"), (3, 3), SAME, id="held on both sides"),
    ],
)
def test_each_class_of_change(
    before: tuple[str, str], after: tuple[str, str], adjusted: tuple[int, int], expected: str
) -> None:
    first, second = (f"trust|at|deficit\n AA|{at}|{flag}" for at, flag in (before, after))
    row = rows_of(compared(first, second))["AA"]
    assert (row["adjusted_segment_from"], row["adjusted_segment_to"]) == adjusted
    assert row["change_class"] == expected
    assert row["is_significant"] == (abs(float(after[0]) - float(before[0])) > 0.2999)


def test_every_organisation_has_a_row_and_those_of_one_table_are_last() -> None:
    found = compared(
        "trust|type|at\n ZZ|Ambulance|1\n BB|Acute|3\n CC|Acute|2\n DD|Acute|1\n GO|Acute|1.2",
        "trust|type|at\n ZZ|Ambulance|1\n BB|Acute|1\n CC|Acute|2\n DD|Acute|3\n AA|Acute|1.2",
    )
    rows = found.rows()
    assert rows.columns == list(COMPARISON_SCHEMA)
    # The ranks were DD 1, GO 2, CC 3, BB 4 and are BB 1, AA 2, CC 3, DD 4.
    assert rows["org_code"].to_list() == ["BB", "DD", "CC", "AA", "GO", "ZZ"]
    table = rows_of(found)
    ranks = {code: (row["rank_from"], row["rank_to"]) for code, row in table.items()}
    assert ranks == {
        "BB": (4, 1),
        "DD": (1, 4),
        "CC": (3, 3),
        "AA": (None, 2),
        "GO": (2, None),
        "ZZ": (1, 1),
    }
    for code in ("AA", "GO"):
        assert {table[code][name] for name in (*PARTS, "p_value", "is_significant")} == {None}
        assert table[code]["change_class"] == SAME
        assert table[code]["org_name"] == f"Trust {code}"
    assert_parts_add_up(found)
    counted = summary(found)
    assert (counted["ranked_in_first_only"], counted["ranked_in_second_only"]) == (1, 1)
    assert (counted["rank_better"], counted["rank_worse"]) == (1, 1)


def test_without_a_stated_change_the_paired_bootstrap_tells() -> None:
    ids = "abcdefghij"
    rules = spec(*ids)
    heads = f"trust|{'|'.join(ids)}"
    low, high, mixed = ("|".join(scores) for scores in ("1" * 10, "2" * 10, "31" * 5))
    before = league_at(rules, BEFORE, f"{heads}\n AA|{low}\n BB|{high}\n CC|{low}")
    after = league_at(rules, AFTER, f"{heads}\n AA|{high}\n BB|{mixed}\n CC|{low}")
    found = rows_of(compare_quarters(before, after, replicates=200, seed=5))
    drawn = dict(
        movement(before, after, replicates=200, seed=5).select("org_code", "p_value").iter_rows()
    )
    assert {code: row["p_value"] for code, row in found.items()} == drawn
    assert {code: row["is_significant"] for code, row in found.items()} == {
        "AA": True,
        "BB": False,
        "CC": False,
    }


def with_ranges(table: League, *ends: tuple[float | None, float | None]) -> League:
    """Publish likely ranges of the averages, an organisation after the other."""
    low, high = zip(*ends, strict=True)
    standings = table.standings.with_columns(
        pl.Series("published_result:low", low, pl.Float64),
        pl.Series("published_result:high", high, pl.Float64),
    )
    return replace(table, standings=standings)


def test_where_nothing_can_be_drawn_published_ranges_tell() -> None:
    published = {"average_metric_score": "mean", "score_range": ["low", "high"]}
    rules = spec("a", published=published)
    before = with_ranges(
        league_at(rules, BEFORE, "trust|a\n AA|1\n BB|1\n CC|1\n DD|3"),
        *((0.9, 1.2), (0.9, 1.2), (None, None), (2.9, 3.1)),
    )
    after = with_ranges(
        league_at(rules, AFTER, "trust|a\n AA|2\n BB|2\n CC|4\n DD|2"),
        *((1.3, 2.5), (1.2, 2.5), (3.9, 4.0), (1.0, 2.8)),
    )
    found = rows_of(compare_quarters(before, after, replicates=100))
    assert {code: row["is_significant"] for code, row in found.items()} == {
        "AA": True,
        "BB": False,
        "CC": None,
        "DD": True,
    }
    assert {row["p_value"] for row in found.values()} == {None}
    assert found["AA"]["change_class"] == SIGNIFICANT
    assert found["CC"]["change_class"] == NOT


def test_what_nothing_can_test_is_counted_apart() -> None:
    rules = spec("a")
    before = league_at(rules, BEFORE, "trust|a\n AA|1\n BB|2\n CC|1")
    after = league_at(rules, AFTER, "trust|a\n AA|2\n BB|1\n CC|1")
    found = compare_quarters(before, after, replicates=100)
    assert {row["is_significant"] for row in rows_of(found).values()} == {None}
    counts = summary(found)
    assert (counts["not_significant"], counts["not_tested"]) == (2, 2)
    assert (counts["not_tested_better"], counts["not_tested_worse"]) == (1, 1)
    assert summary(compared("trust|at\n AA|1.4", "trust|at\n AA|1.6"))["not_tested"] == 0


def test_a_threshold_has_the_decimals_of_the_scale() -> None:
    whole = spec(
        movement={"significant_change": 1.0}, scale={"best": 1.0, "worst": 4.0, "decimals": 0}
    )
    found = compared("trust|at\n AA|2", "trust|at\n AA|3", whole)
    assert found.decimals == 0
    assert found.significance.in_words() == "a change of the average by 1 or more"
    assert compared("trust|at\n AA|2", "trust|at\n AA|3").significance.threshold_text == "0.30"


def test_nothing_in_common_is_refused() -> None:
    rules = spec(aggregate={"min_metrics": 2})
    both = league_at(rules, BEFORE, "trust|a|b\n AA|1|2")
    other = league_at(rules, AFTER, "trust|a|b\n BB|1|2")
    nobody = league_at(rules, AFTER, "trust|a|b\n AA|1|-")
    with pytest.raises(UsageError, match="no organisation is ranked in both"):
        compare_quarters(both, other)
    for pair in ((both, nobody), (nobody, both)):
        with pytest.raises(UsageError, match="small ranks no organisation in July"):
            compare_quarters(*pair)
    one, two = (
        league_at(spec(), quarter, text)
        for quarter, text in (
            (BEFORE, "trust|a|b\n AA|1|-"),
            (AFTER, "trust|a|b\n AA|-|1"),
        )
    )
    with pytest.raises(UsageError, match="no metric of small has a score in both 2025Q2 and"):
        compare_quarters(one, two)


def successions(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return successions_frame(
        Succession.model_validate(
            {"org_code": code, "successor_code": successor, "succeeded_on": day}
        )
        for code, successor, day in rows
    )


def merged(before: str, after: str, *closed: tuple[str, str, str]) -> Comparison:
    rules = spec(**STATED)
    return compare_quarters(
        league_at(rules, BEFORE, one_average(before)),
        league_at(rules, AFTER, one_average(after)),
        successions(*closed),
        replicates=100,
    )


RENAMED = ("OLD", "NEW", "2025-07-01")


def test_a_new_successor_of_one_is_compared_with_it() -> None:
    found = merged("trust|at\n OLD|2\n BB|1", "trust|at\n NEW|1\n BB|2", RENAMED)
    table = rows_of(found)
    assert list(table) == ["BB", "NEW"]
    assert (table["NEW"]["rank_from"], table["NEW"]["rank_to"]) == (2, 1)
    assert table["NEW"]["p_value"] is not None
    assert table["NEW"]["org_name"] == "Trust NEW"
    assert_parts_add_up(found)
    (merger,) = found.mergers
    assert (merger.org_code, merger.successor_code, merger.rank) == ("OLD", "NEW", 2)
    assert (merger.succeeded_on, merger.is_followed) == ("2025-07-01", True)


def test_a_followed_organisation_is_tested_as_if_it_had_its_code_all_along() -> None:
    rules = spec("a", "b", "c")
    old, new = "trust|a|b|c\n OLD|1|2|3\n BB|1|1|2", "trust|a|b|c\n NEW|2|1|4\n BB|1|1|1"
    before, after = league_at(rules, BEFORE, old), league_at(rules, AFTER, new)
    renamed = league_at(rules, BEFORE, old.replace("OLD", "NEW"))
    followed = movement(before, after, replicates=200, followed={"OLD": "NEW"})
    assert followed.equals(movement(renamed, after, replicates=200))
    assert movement(before, after, replicates=200)["org_code"].to_list() == ["BB"]


def test_the_later_quarter_may_come_first() -> None:
    rules = spec(**STATED)
    later = league_at(rules, AFTER, one_average("trust|at\n NEW|1\n BB|2"))
    earlier = league_at(rules, BEFORE, one_average("trust|at\n OLD|2\n BB|1"))
    table = rows_of(compare_quarters(later, earlier, successions(RENAMED), replicates=100))
    assert (table["OLD"]["rank_from"], table["OLD"]["rank_to"]) == (1, 2)
    assert "NEW" not in table


def test_one_that_joined_a_standing_organisation_keeps_its_row() -> None:
    found = merged("trust|at\n OLD|2\n NEW|1", "trust|at\n NEW|1", RENAMED)
    table = rows_of(found)
    assert (table["OLD"]["rank_from"], table["OLD"]["rank_to"]) == (2, None)
    assert (table["NEW"]["rank_from"], table["NEW"]["rank_to"]) == (1, 1)
    assert [one.is_followed for one in found.mergers] == [False]


def test_several_that_merged_are_none_of_them_followed() -> None:
    found = merged(
        "trust|at\n OLD|2\n TOO|3\n BB|1",
        "trust|at\n NEW|1\n BB|2",
        RENAMED,
        ("TOO", "NEW", "2025-07-01"),
    )
    table = rows_of(found)
    assert table["NEW"]["rank_from"] is None
    assert {code: table[code]["rank_to"] for code in ("OLD", "TOO")} == {"OLD": None, "TOO": None}
    assert [one.rank for one in found.mergers] == [2, 3]


def test_a_chain_of_successors_is_followed_and_a_later_one_is_not() -> None:
    chain = (("OLD", "MID", "2025-07-01"), ("MID", "NEW", "2025-07-01"))
    assert rows_of(merged("trust|at\n OLD|2\n BB|1", "trust|at\n NEW|1\n BB|2", *chain))["NEW"][
        "rank_from"
    ]
    later = ("OLD", "NEW", "2025-10-01")
    found = merged("trust|at\n OLD|2\n BB|1", "trust|at\n NEW|1\n BB|2", later)
    assert found.mergers == ()
    assert rows_of(found)["NEW"]["rank_from"] is None


def test_one_that_closed_and_still_has_figures_is_no_merger() -> None:
    found = merged("trust|at\n OLD|2\n NEW|1", "trust|at\n NEW|1\n OLD|2", RENAMED)
    assert found.mergers == ()


def test_two_methods_have_no_test_of_change() -> None:
    text = one_average("trust|at|deficit\n AA|1.4|1\n BB|2|0\n CC|3|0")
    held, free = spec(**STATED), spec(**STATED, id="free", overrides=[])
    found = compare_methods(*(league_at(rules, BEFORE, text) for rules in (held, free)))
    table = rows_of(found)
    assert {row["p_value"] for row in table.values()} == {None}
    assert table["AA"]["change_class"] == OVERRIDE
    assert (table["AA"]["rank_from"], table["AA"]["rank_to"]) == (2, 1)
    assert_parts_add_up(found)


def test_methods_are_significant_by_a_stated_change_on_one_scale() -> None:
    text = "trust|a|b\n AA|1|2.2\n BB|2|2\n CC|3|3"
    heavier = spec("b", **STATED, id="heavier")
    before, after = (league_at(rules, BEFORE, text) for rules in (spec(), heavier))
    found = compare_methods(before, after)
    assert rows_of(found)["AA"]["is_significant"] is True
    silent = league_at(spec("b", id="silent"), BEFORE, text)
    assert rows_of(compare_methods(before, silent))["AA"]["is_significant"] is None
    wider = spec("b", **STATED, id="wide", scale={"best": 1.0, "worst": 5.0, "decimals": 2})
    other = compare_methods(before, league_at(wider, BEFORE, text))
    assert not other.significance.is_known


def test_metric_changes_add_up_to_the_change_of_the_composite() -> None:
    rules = spec("a", "b", "c")
    before = league_at(rules, BEFORE, "trust|a|b|c\n AA|1|2|-\n BB|1|1|1")
    after = league_at(rules, AFTER, "trust|a|b|c\n AA|1|-|4\n BB|1|1|1")
    found = metric_changes(before, after, "AA", "AA")
    assert found.schema == pl.Schema(METRIC_CHANGES_SCHEMA)
    told = {row["metric_id"]: row for row in found.iter_rows(named=True)}
    assert list(told) == ["c", "b", "a"]
    assert {id_: row["presence"] for id_, row in told.items()} == {
        "a": "both",
        "b": "went",
        "c": "came",
    }
    assert found["contribution_change"].to_list() == pytest.approx([2, -1, 0])
    assert (told["b"]["score_from"], told["b"]["score_to"]) == (2, None)


def saved(text: str) -> pl.DataFrame:
    """Lay out a table as one that was saved: the columns that it has not are blank."""
    columns: dict[str, list[Any]] = {name: [] for name in SAVED_TABLE_SCHEMA}
    names = {"trust": "org_code", "type": "peer_group", "at": "average_metric_score"}
    names |= {"adjusted": "adjusted_segment", "low": "score_low", "high": "score_high"}
    for row in read_table(text):
        stated = {names.get(name, name): cell for name, cell in row.items() if cell != "-"}
        stated = {"org_name": f"Trust {row['trust']}", "peer_group": ACUTE} | stated
        for name, dtype in SAVED_TABLE_SCHEMA.items():
            cell = stated.get(name)
            is_number = cell is not None and dtype.is_numeric()
            columns[name].append(float(cell) if is_number else cell)  # type: ignore[arg-type]
    return pl.DataFrame(
        [
            pl.Series(name, columns[name], pl.Float64 if dtype.is_numeric() else dtype).cast(dtype)
            for name, dtype in SAVED_TABLE_SCHEMA.items()
        ]
    )


FIRST = """
trust | rank | at  | segment | adjusted | overrides
AA    | 1    | 1.0 | 1       | 1        | -
BB    | 2    | 2.0 | 2       | 2        | -
CC    | 3    | 1.2 | 1       | 3        | deficit
DD    | 4    | 2.6 | 3       | 3        | deficit
"""


def test_a_saved_table_against_itself_has_not_moved() -> None:
    found = compare_tables(saved(FIRST), saved(FIRST))
    counts = summary(found)
    assert (counts["rank_changed"], counts["segment_changed"]) == (0, 0)
    assert {row[name] for row in rows_of(found).values() for name in PARTS[:3]} == {0}


def test_parts_of_a_saved_table_by_hand() -> None:
    second = """
    trust | rank | at  | segment | adjusted | overrides
    AA    | 3    | 3.0 | 3       | 3        | -
    BB    | 2    | 2.0 | 2       | 2        | -
    CC    | 1    | 1.2 | 1       | 1        | -
    DD    | 3    | 3.0 | 3       | 3        | deficit
    """
    found = compare_tables(saved(FIRST), saved(second))
    table = rows_of(found)
    # CC's override alone is lifted: among either others it is then second behind AA, or first.
    # Before, the others put it third whether AA is there or not: with AA worse, second.
    assert table["CC"]["due_to_own_metrics"] == 0
    assert table["CC"]["due_to_override"] == pytest.approx(-1)
    assert table["CC"]["due_to_others"] == pytest.approx(-1)
    # AA alone would be fourth among the first others, third among the second; where it stays, it is
    # first among the first and among the second (1.0 against 1.2).
    assert table["AA"]["due_to_own_metrics"] == pytest.approx((3 + 2) / 2)
    assert table["AA"]["due_to_others"] == pytest.approx((0 - 1) / 2)
    assert table["AA"]["due_to_override"] == 0
    assert_parts_add_up(found)
    assert {row[name] for row in table.values() for name in PARTS[3:]} == {None}
    assert table["CC"]["change_class"] == OVERRIDE
    assert table["AA"]["change_class"] == NOT
    assert table["AA"]["is_significant"] is None


def rank_by_loops(
    code: str, own: tuple[int, float], others: Mapping[str, dict[str, Any]], group: str
) -> int:
    ahead = [
        row
        for other, row in others.items()
        if other != code
        and row["peer_group"] == group
        and (row["adjusted_segment"], row["average_metric_score"]) < own
    ]
    return 1 + len(ahead)


def parts_by_loops(
    code: str, first: Mapping[str, dict[str, Any]], second: Mapping[str, dict[str, Any]]
) -> list[Fraction]:
    """Give own, override and others by walking every order of the causes."""
    tables = (first, second)
    parts = dict.fromkeys(("own", "override", "others"), Fraction(0))

    def rank(done: set[str]) -> int:
        own = tables["own" in done][code]
        held = 3 if tables["override" in done][code]["overrides"] else 0
        key = (max(own["segment"], held), own["average_metric_score"])
        return rank_by_loops(code, key, tables["others" in done], own["peer_group"])

    for order in permutations(parts):
        done: set[str] = set()
        for cause in order:
            without = rank(done)
            done.add(cause)
            parts[cause] += Fraction(rank(done) - without, 6)
    return list(parts.values())


def test_parts_of_saved_tables_are_those_of_loops(
    official: tuple[League, League, Comparison],
) -> None:
    tables = [nhs_league.ranking(league).select(*SAVED_TABLE_SCHEMA) for league in official[:2]]
    found = rows_of(compare_tables(*tables))
    first, second = ({row["org_code"]: row for row in t.iter_rows(named=True)} for t in tables)
    for code in [*OFFICIAL[OVERRIDE], *OFFICIAL[SIGNIFICANT], "RCX", "RP6", "RX7", "RFS"]:
        names = ("due_to_own_metrics", "due_to_override", "due_to_others")
        told = [found[code][name] for name in names]
        assert told == pytest.approx([float(p) for p in parts_by_loops(code, first, second)])


def test_averages_printed_alike_may_have_ranks_of_their_own() -> None:
    first = "trust|rank|at|segment|adjusted\n AA|1|1|1|1\n BB|2|1|1|1\n CC|3|2|2|2"
    second = "trust|rank|at|segment|adjusted\n AA|3|2|2|2\n BB|1|1|1|1\n CC|2|2|2|2"
    found = compare_tables(saved(first), saved(second))
    assert found.notes == ()
    assert_parts_add_up(found)
    assert found.changes["due_to_own_metrics"].null_count() == 0


def test_a_high_average_may_be_the_good_one() -> None:
    first = "trust|rank|at|segment|adjusted\n AA|1|90|1|1\n BB|2|80|2|2"
    second = "trust|rank|at|segment|adjusted\n AA|2|70|2|2\n BB|1|80|1|1"
    found = compare_tables(saved(first), saved(second))
    assert found.notes == ()
    assert_parts_add_up(found)
    assert found.changes["due_to_own_metrics"].is_not_null().all()


def test_organisations_may_be_ranked_all_together() -> None:
    first = "trust|type|rank|at|segment|adjusted\n AA|Acute|1|1|1|1\n ZZ|Ambulance|2|2|2|2"
    second = "trust|type|rank|at|segment|adjusted\n AA|Acute|2|2|2|2\n ZZ|Ambulance|1|1|1|1"
    found = compare_tables(saved(first), saved(second))
    assert found.ranks_all_together
    assert_parts_add_up(found)


def test_ranks_in_another_order_are_compared_without_their_causes() -> None:
    odd = FIRST.replace("AA    | 1    |", "AA    | 2    |").replace(
        "BB    | 2    |", "BB    | 1    |"
    )
    found = compare_tables(saved(FIRST), saved(odd))
    assert rows_of(found)["AA"]["rank_to"] == 2
    assert found.changes["due_to_own_metrics"].null_count() == 4
    assert "not those of adjusted segment and average" in found.notes[0]


def test_tables_without_segments_before_overrides_do_not_tell_overrides() -> None:
    first, second = (
        saved(FIRST).with_columns(pl.lit(None, pl.Int64).alias("segment")),
        saved(FIRST.replace("CC    | 3    | 1.2 | 1       | 3", "CC    | 2    | 1.2 | 1       | 1"))
        .with_columns(pl.lit(None, pl.Int64).alias("segment"))
        .with_columns(pl.Series("rank", [1, 3, 2, 4])),
    )
    found = compare_tables(first, second)
    assert found.changes["due_to_override"].null_count() == 4
    assert "cannot be told apart" in found.notes[0]
    assert_parts_add_up(found)
    assert rows_of(found)["CC"]["change_class"] == NOT


def test_tables_of_two_frameworks_differ_by_method_or_cannot_be_told() -> None:
    second = saved(FIRST.replace("1.0", "0.9"))
    one = compare_tables(saved(FIRST), second, are_of_two_frameworks=True, are_of_one_quarter=True)
    assert_parts_add_up(one)
    assert one.changes["due_to_method"].to_list() == [0, 0, 0, 0]
    two = compare_tables(saved(FIRST), second, are_of_two_frameworks=True)
    assert two.changes["due_to_method"].null_count() == 4
    assert "two quarters and were made by two frameworks" in two.notes[0]


def test_likely_ranges_in_both_tables_tell_what_is_significant() -> None:
    first = "trust|rank|at|segment|adjusted|low|high\n AA|1|1|1|1|0.9|1.5\n BB|2|2|2|2|1.5|2.5"
    second = "trust|rank|at|segment|adjusted|low|high\n AA|2|3|3|3|2.5|3.5\n BB|1|2.2|2|2|1.6|2.6"
    table = rows_of(compare_tables(saved(first), saved(second)))
    assert (table["AA"]["is_significant"], table["AA"]["change_class"]) == (True, SIGNIFICANT)
    assert table["BB"]["is_significant"] is False


CUT = """
trust | type      | rank | rank_of | at  | segment | adjusted
AA    | Acute     | 1    | 2       | 1.0 | 1       | 1
BB    | Acute     | 2    | 2       | 2.0 | 2       | 2
YY    | Ambulance | 1    | 3       | 1.0 | 1       | 1
ZZ    | Ambulance | 3    | 3       | 3.0 | 3       | 3
"""


def test_moves_of_a_peer_group_that_is_cut_have_no_causes() -> None:
    turned = (
        CUT.replace("1.0 | 1       | 1", "2.5 | 2       | 2")
        .replace("AA    | Acute     | 1", "AA    | Acute     | 2")
        .replace("BB    | Acute     | 2", "BB    | Acute     | 1")
    )
    found = compare_tables(saved(CUT), saved(turned))
    assert found.cuts == (Cut(0, AMBULANCE, 2, 3), Cut(1, AMBULANCE, 2, 3))
    assert found.notes == ()
    table = rows_of(found)
    for code in ("AA", "BB"):
        assert None not in {table[code][name] for name in PARTS[:3]}
    for code in ("YY", "ZZ"):
        assert {table[code][name] for name in PARTS} == {None}
    assert_parts_add_up(found)


def test_a_whole_ranking_of_all_together_is_no_cut() -> None:
    first = (
        "trust|type|rank|rank_of|at|segment|adjusted\n"
        " AA|Acute|1|3|1|1|1\n ZZ|Ambulance|2|3|2|2|2\n BB|Acute|3|3|3|3|3"
    )
    whole = compare_tables(saved(first), saved(first))
    assert (whole.cuts, whole.ranks_all_together) == ((), True)
    top = saved(first).head(2)
    found = compare_tables(saved(first), top)
    assert (found.cuts, found.ranks_all_together) == ((Cut(1, None, 2, 3),), True)
    assert found.changes["due_to_own_metrics"].null_count() == 3


def test_tables_that_share_nobody_are_refused() -> None:
    with pytest.raises(UsageError, match="no organisation is ranked in both"):
        compare_tables(saved(FIRST), saved("trust|rank|at|adjusted\n ZZ|1|1|1"))


# NHS England's own count of the changes of segment from Q1 to Q2 2025/26, trust by trust.
OFFICIAL = {
    OVERRIDE: {"R1K": 1, "RAT": 1, "RYA": -1, "RHQ": -1, "RXG": -1, "RQM": -1},
    SIGNIFICANT: {
        "RNK": 1,
        "RPG": -1,
        "RLT": -1,
        "RJ6": 1,
        "RKB": -1,
        "REP": 1,
        "RRF": 1,
        "RQY": -1,
    },
}


@pytest.fixture(scope="module")
def official() -> tuple[League, League, Comparison]:
    before, after = nhs_league.open_pair((), ["2025Q2", "2025Q3"], ["nof-2025-26"])
    successions_ = before.dataset.successions
    found = compare_quarters(before.league, after.league, successions_, replicates=200)
    return before.league, after.league, found


def test_the_official_count_of_38_changes(official: tuple[League, League, Comparison]) -> None:
    _, _, found = official
    told: dict[str, dict[str, int]] = {}
    for code, row in rows_of(found).items():
        if row["change_class"] != SAME:
            step = row["adjusted_segment_to"] - row["adjusted_segment_from"]
            told.setdefault(row["change_class"], {})[code] = 1 if step > 0 else -1
    assert {name: len(codes) for name, codes in told.items()} == {
        OVERRIDE: 6,
        SIGNIFICANT: 8,
        NOT: 24,
    }
    assert {name: told[name] for name in OFFICIAL} == OFFICIAL
    counts = summary(found)
    assert counts["segment_changed"] == 38
    assert (counts["override_better"], counts["override_worse"]) == (4, 2)
    assert (counts["significant_better"], counts["significant_worse"]) == (4, 4)
    assert counts["significant_changes"] - counts["significant"] == 6
    assert found.mergers == ()


def test_the_sample_trust_by_trust(official: tuple[League, League, Comparison]) -> None:
    before, after, found = official
    first, second = (
        {row["org_code"]: row for row in league.standings.iter_rows(named=True)}
        for league in (before, after)
    )
    drawn = dict(movement(before, after, replicates=200).select("org_code", "p_value").iter_rows())
    table = rows_of(found)
    assert table.keys() == first.keys() == second.keys()
    for code, row in table.items():
        for end, side in (("from", first[code]), ("to", second[code])):
            assert row[f"rank_{end}"] == side["rank"]
            assert row[f"average_{end}"] == side["average_metric_score"]
            assert row[f"adjusted_segment_{end}"] == side["adjusted_segment"]
        assert row["p_value"] == drawn[code]
    assert_parts_add_up(found)


def test_saved_tables_tell_the_ranks_that_the_leagues_do(
    official: tuple[League, League, Comparison],
) -> None:
    before, after, found = official
    tables = [nhs_league.ranking(league).select(*SAVED_TABLE_SCHEMA) for league in (before, after)]
    from_tables = compare_tables(*tables)
    names = [name for name in COMPARISON_SCHEMA if name.endswith(("_from", "_to"))]
    assert (
        from_tables.rows()
        .select("org_code", *names)
        .equals(found.rows().select("org_code", *names))
    )
    assert_parts_add_up(from_tables)
    # Without knowing significance, the one significant change that lifts an override is one of it.
    classes = {code: row["change_class"] for code, row in rows_of(from_tables).items()}
    assert {code for code, name in classes.items() if name == OVERRIDE} == {
        *OFFICIAL[OVERRIDE],
        "RPG",
    }
