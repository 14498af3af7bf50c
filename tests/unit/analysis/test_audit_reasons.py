"""Figures that an audit cannot recompute, and the reason that it gives."""

from __future__ import annotations

import pytest

from tests.printed_league import (
    RESULTS,
    SOME,
    audited,
    audited_table,
    cells,
    changed,
    of_waits,
    publishing,
    reasons,
    stated_rows,
    verdicts,
)
from tests.support import (
    framework,
    metric,
    peer_groups_of,
    read_table,
    score_metric,
    table_observations,
)


def test_a_score_without_a_value_is_not_computable() -> None:
    spec = publishing()
    rows = changed(stated_rows(spec), "BB", "waits")
    found = cells(audited(spec, rows))
    row = found["metric_score", "waits_score", "BB"]
    assert (row["verdict"], row["recomputed"]) == ("not_computable", None)
    assert row["reason"] == "no value is published beside the score"
    alone = found["metric_score", "survey", "BB"]
    assert alone["reason"] == "published as a score, without a value"


def test_a_score_in_a_pool_that_is_not_whole_is_not_computable() -> None:
    spec = publishing(expected=6)
    found = cells(audited(spec, stated_rows(spec)))
    for key, row in found.items():
        if key[1] in ("waits_score", "urgent_score"):
            assert row["reason"] == "its pool lacks 2 of 6 organisations of the type Acute"
        if key[1] in ("plan_score", "variance_score", "finance"):
            assert row["verdict"] == "equal"
        if key[0] in (
            "metric_rank",
            "median",
            "lower_quartile",
            "upper_quartile",
            "league_rank",
            "rank_by_average",
        ):
            assert row["reason"] == "4 of 6 organisations of its type are there"
        assert (row["verdict"] == "not_computable") == (row["reason"] is not None)
    # The published segments tell the cut points, and the scores printed make the averages.
    for kind in ("domain_score", "domain_segment", "average", "segment", "adjusted_segment"):
        assert set(verdicts(found, kind).values()) == {"equal"}


def test_a_pool_lacks_its_member_of_another_type() -> None:
    pool = {"peer_groups": ["Ambulance"], "include": ["R1F"]}
    spec = framework(
        {"waits": metric(pool=pool, published_score="waits_score")},
        peer_groups={"expected_organisations": {"Ambulance": 2, "Acute": 9}},
    )
    table = """
        trust | type      | waits | waits_score
        RX6   | Ambulance | 90    | 1.00
        RX9   | Ambulance | 80    | 2.50
        """
    assert reasons(audited_table(spec, table), "metric_score") == dict.fromkeys(
        ("RX6", "RX9"), "its pool lacks its member R1F"
    )
    whole = audited_table(spec, table + "R1F | Acute | 70 | 4.00")
    assert set(verdicts(whole, "metric_score").values()) == {"equal"}


def test_each_type_is_whole_or_not_by_itself() -> None:
    spec = framework(
        {"waits": metric(pool="peer_group", published_score="waits_score")},
        peer_groups={"expected_organisations": {"Acute": 2, "Ambulance": 2}},
    )
    table = """
        trust | type      | waits | waits_score
        AA    | Acute     | 90 #1 | 1.00
        BB    | Acute     | 80 #2 | 4.00
        CC    | Ambulance | 70 #1 | 1.00
        """
    found = audited_table(spec, table)
    of_type = "1 of 2 organisations of its type are there"
    of_pool = "its pool lacks 1 of 2 organisations of the type Ambulance"
    assert reasons(found, "metric_score") == {"AA": None, "BB": None, "CC": of_pool}
    assert reasons(found, "metric_rank") == {"AA": None, "BB": None, "CC": of_type}


def test_published_segments_are_not_told_without_published_averages() -> None:
    spec = of_waits(6)
    rows = [
        row
        for row in table_observations(spec, read_table(SOME.format(1, 2, 3, 4)))
        if row["metric_id"] != "average_printed"
    ]
    found = cells(audited(spec, rows))
    for kind in ("segment", "adjusted_segment"):
        assert set(reasons(found, kind).values()) == {
            "quartiles are of all 6 organisations, and 4 are there"
        }


def test_published_segments_contradict_each_other_where_a_better_average_has_a_worse_one() -> None:
    # The worst average in segment 1 is 3.00: BB, at 2.00, cannot be in segment 2.
    found = audited_table(of_waits(6), SOME.format(1, 2, 1, 4))
    assert verdicts(found, "segment") == {
        "AA": "equal",
        "BB": "different",
        "CC": "equal",
        "DD": "equal",
    }
    assert found["segment", "segment_printed", "BB"]["trail"] == (
        "average 2; cut points 3 / 3 / 3, told by the published segments"
    )


@pytest.mark.parametrize("expected", [4, 6])
def test_thresholds_are_the_same_for_a_part_of_the_league(expected: int) -> None:
    spec = of_waits(expected, segments={"method": "thresholds", "upper_bounds": [1, 2, 3]})
    found = audited_table(spec, SOME.format(1, 2, 3, 3))
    for kind in ("segment", "adjusted_segment"):
        assert verdicts(found, kind) == {
            "AA": "equal",
            "BB": "equal",
            "CC": "equal",
            "DD": "different",
        }


def test_quartiles_of_each_type_are_computable_where_the_type_is_whole() -> None:
    expected = {"expected_organisations": {"Acute": 4, "Ambulance": 5}}
    segments = {"method": "quartiles", "pool": "peer_group"}
    spec = of_waits(4, peer_groups=expected, segments=segments)
    rows = read_table(SOME.format(1, 2, 3, 4))
    groups = peer_groups_of(rows)
    ambulances = [
        {name: f"E{cell[0]}" if name == "trust" else cell for name, cell in row.items()}
        for row in rows
    ]
    groups |= {row["trust"]: "Ambulance" for row in ambulances}
    stated = table_observations(spec, [*rows, *ambulances])
    found = cells(audited(spec, stated, groups=groups))
    of_type = "4 of 5 organisations of its type are there"
    for kind in ("segment", "adjusted_segment", "league_rank", "rank_by_average"):
        assert reasons(found, kind) == {
            org: of_type if org.startswith("E") else None for org in groups
        }
        assert {
            row["verdict"]
            for key, row in found.items()
            if key[0] == kind and not key[2].startswith("E")
        } == {"equal"}


def test_a_rank_among_all_needs_all() -> None:
    spec = of_waits(6, ranking={"within": "all"})
    found = audited_table(spec, SOME.format(1, 2, 3, 4))
    assert set(reasons(found, "league_rank").values()) == {
        "ranks are of all 6 organisations, and 4 are there"
    }
    whole = audited_table(of_waits(4, ranking={"within": "all"}), SOME.format(1, 2, 3, 4))
    assert set(verdicts(whole, "league_rank").values()) == {"equal"}


def test_an_average_of_no_metric_is_not_computable_and_is_ranked_all_the_same() -> None:
    found = audited_table(
        of_waits(4),
        """
        trust | waits | waits_score | average_printed | segment_printed | rank_printed | place
        AA    | 90    | 1.00        | 1.00            | 1               | 1            | 1
        BB    | 80    | 2.00        | 2.00            | 2               | 2            | 2
        CC    | 70    | 3.00        | 3.00            | 3               | 3            | 3
        DD    | -     | -           | 4.00            | 4               | 4            | 4
        """,
    )
    nothing = "none of its metrics is there"
    assert reasons(found, "average") == {"AA": None, "BB": None, "CC": None, "DD": nothing}
    for kind in ("segment", "league_rank", "rank_by_average"):
        assert set(verdicts(found, kind).values()) == {"equal"}


def test_a_domain_score_of_no_metric_is_not_computable() -> None:
    spec = publishing()
    rows = stated_rows(spec)
    for id_ in ("waits", "waits_score", "urgent", "urgent_score"):
        rows = changed(rows, "DD", id_)
    found = cells(audited(spec, rows))
    row = found["domain_score", "access_printed", "DD"]
    assert (row["verdict"], row["reason"]) == ("not_computable", "none of its metrics is there")
    assert found["domain_score", "safety_printed", "DD"]["verdict"] == "equal"


def test_results_without_a_metric_score_are_audited_too() -> None:
    spec = framework(
        {"a": score_metric()}, published=RESULTS, aggregate={"rounding": "before_ranking"}
    )
    found = audited_table(
        spec,
        """
        trust | a | average_printed | rank_printed
        AA    | 1 | 1.00            | 1
        BB    | 2 | 2.00            | 1
        """,
    )
    assert verdicts(found, "average") == {"AA": "equal", "BB": "equal"}
    assert verdicts(found, "league_rank") == {"AA": "equal", "BB": "different"}
