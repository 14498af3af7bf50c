"""What printing hides from an audit: ties, edges, medians of printed values, overrides."""

from __future__ import annotations

from typing import Any

import pytest

from nhs_league.scoring.score_choice import ScoreSource
from tests.printed_league import (
    DEFICIT,
    METRICS,
    SOME,
    audited,
    audited_table,
    cells,
    changed,
    of_waits,
    publishing,
    stated_rows,
    verdicts,
)
from tests.support import framework, metric, observation, read_table, table_observations

# What printing hides

TIED = """
    trust | type      | waits | waits_score
    AA    | Acute     | 90    | 1.00
    BB    | Acute     | 80    | 2.00
    CC    | Ambulance | 80    | {}
    DD    | Acute     | 70    | 4.00
    """


@pytest.mark.parametrize("scores", ["auto", "computed"])
@pytest.mark.parametrize(
    ("published", "verdict"),
    [
        ("2.00", "equal"),
        ("3.00", "within_tie"),
        ("2.50", "within_tie"),
        ("3.01", "different"),
        ("1.00", "different"),
    ],
)
def test_a_score_may_be_that_of_another_order_among_values_printed_alike(
    scores: ScoreSource, published: str, verdict: str
) -> None:
    # BB and CC are of two types: no rank tells which of them was better.
    spec = framework({"waits": metric(published_score="waits_score")})
    found = audited_table(spec, TIED.format(published), scores, 0.0)
    row = found["metric_score", "waits_score", "CC"]
    assert (row["recomputed"], row["verdict"]) == (2, verdict)


def test_the_trail_of_a_tie_says_what_it_can_be() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    row = audited_table(spec, TIED.format("3.00"))["metric_score", "waits_score", "CC"]
    assert row["trail"] == (
        "waits 80 percent scores 2, or 2 to 3 by values that print alike; "
        "pool: all trusts that report it"
    )


def test_published_ranks_that_tell_the_order_leave_no_tie() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    table = """
        trust | waits | waits_score
        AA    | 90    | 1.00
        BB    | 80 #2 | 3.00
        CC    | 80 #3 | 2.00
        DD    | 70    | 4.00
        """
    found = audited_table(spec, table)
    assert verdicts(found, "metric_score") == {
        "AA": "equal",
        "BB": "different",
        "CC": "different",
        "DD": "equal",
    }


def test_a_rank_may_be_any_place_in_its_tie_and_no_other() -> None:
    spec = framework({"waits": metric(polarity="lower_is_better", published_score="waits_score")})
    table = """
        trust | type      | waits | waits_score
        AA    | Acute     | 10 #1 | 1.00
        BB    | Acute     | 20 #2 | 2.00
        CC    | Acute     | 20 #3 | 2.00
        DD    | Acute     | 20 #5 | 2.00
        EE    | Acute     | 30 #5 | 4.00
        FF    | Ambulance | 20 #2 | 2.00
        """
    found = audited_table(spec, table)
    assert verdicts(found, "metric_rank") == {
        "AA": "equal",
        "BB": "equal",
        "CC": "within_tie",
        "DD": "different",
        "EE": "equal",
        "FF": "different",
    }
    assert found["metric_rank", "waits", "DD"]["trail"] == "waits 20 percent: places 2 to 4"


def test_a_rank_may_stand_beside_a_combined_score_or_a_value_in_another_unit() -> None:
    of_counts = metric(scoring_of_unit={"count": {"method": "rank"}})
    metrics = {id_: METRICS[id_] for id_ in ("plan", "variance", "finance")}
    found = audited_table(
        framework(metrics | {"infections": of_counts}),
        """
        trust | plan | variance | finance | infections
        AA    | 1    | 0        | 1 #2    | 3 count #9
        """,
    )
    trails = {id_: row["trail"] for (kind, id_, _), row in found.items() if kind == "metric_rank"}
    assert trails == {
        "finance": "finance 1 percent: place 1",
        "infections": "infections 3 percent: place 1",
    }


def test_a_value_without_a_published_rank_has_a_place_among_the_others() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    table = """
        trust | waits | waits_score
        AA    | 90 #1 | 1.00
        BB    | 80    | 2.50
        CC    | 70 #3 | 4.00
        """
    assert verdicts(audited_table(spec, table), "metric_rank") == {"AA": "equal", "CC": "equal"}


@pytest.mark.parametrize("scores", ["auto", "computed"])
def test_a_value_printed_on_a_standard_moves_none_beyond_its_tie(scores: ScoreSource) -> None:
    # BB missed the standard by less than is printed: three missed it. From values alone, two did.
    spec = framework(
        {"waits": metric(scoring={"method": "standard", "standard": 75}, published_score="score_")}
    )
    table = """
        trust | waits | score_
        AA    | 90    | 1.00
        BB    | 75    | 2.00
        CC    | 70    | 3.00
        DD    | 60    | 4.00
        """
    found = verdicts(audited_table(spec, table, scores), "metric_score")
    hidden = "equal" if scores == "auto" else "within_tie"
    assert found == {"AA": "equal", "BB": hidden, "CC": hidden, "DD": "equal"}


@pytest.mark.parametrize(
    ("decimals", "value", "published", "verdict"),
    [
        (2, "-1", 2, "equal"),
        (2, "-1", 4, "on_edge"),
        (2, "-1", 1, "different"),
        (2, "-0.99", 4, "different"),
        (2, "-1.01", 2, "different"),
        (1, "-0.96", 4, "on_edge"),
        (1, "-1.04", 2, "on_edge"),
        (1, "-1.06", 2, "different"),
        (0, "0", 2, "on_edge"),
    ],
)
def test_a_value_printed_on_the_bound_of_a_band_may_have_been_beyond_it(
    decimals: int, value: str, published: int, verdict: str
) -> None:
    plan = METRICS["plan"] | {"decimals": decimals, "counts": True}
    found = audited_table(
        framework({"plan": plan}), f"trust | plan | plan_score\n AA | {value} | {published}"
    )
    assert verdicts(found, "metric_score") == {"AA": verdict}


def test_the_trail_of_an_edge_says_what_is_on_either_side() -> None:
    spec = framework({"plan": METRICS["plan"] | {"counts": True}})
    found = audited_table(spec, "trust | plan | plan_score\n AA | -1 | 4")
    assert found["metric_score", "plan_score", "AA"]["trail"] == (
        "plan -1 percent scores 2, or 2 to 4 by either side of the bound; "
        "pool: all trusts that report it"
    )


@pytest.mark.parametrize(
    ("scores", "finance", "verdict"),
    [
        ("computed", 4, "on_edge"),
        ("computed", 1, "different"),
        ("auto", 4, "equal"),
        ("auto", 2, "different"),
    ],
)
def test_a_combined_score_may_be_that_of_a_part_on_an_edge(
    scores: ScoreSource, finance: int, verdict: str
) -> None:
    # From values, plan and variance score 2 and 2, which make 2. The variance was scored 4.
    metrics = {id_: METRICS[id_] for id_ in ("plan", "variance", "finance")}
    found = audited_table(
        framework(metrics),
        f"""
        trust | plan | plan_score | variance | variance_score | finance
        AA    | -0.5 | 2          | -1       | 4              | {finance}
        """,
        scores,
    )
    assert verdicts(found, "combined_score") == {"AA": verdict}
    assert found["metric_score", "variance_score", "AA"]["verdict"] == "on_edge"


# Medians and quartiles

RATES = {
    "infections": metric(
        polarity="lower_is_better",
        scoring_of_unit={"count": {"method": "rank"}},
        published_score="infections_score",
    )
}


def test_quartiles_are_of_the_values_in_one_unit_and_of_one_type() -> None:
    rows = table_observations(
        framework(RATES),
        read_table(
            """
            trust | infections
            AA    | 1 rate
            BB    | 2 rate
            CC    | 4 rate
            DD    | 100 count
            EE    | 300 count
            FF    | 9 rate
            """
        ),
    )
    printed = {"AA": "2", "BB": "2", "CC": "2", "DD": "200", "EE": "200", "FF": "9"}
    rows += [observation(org, "median:infections", cell) for org, cell in printed.items()]
    rows += [observation("AA", "upper_quartile:infections", "3")]
    rows += [observation("DD", "lower_quartile:infections", "150.5")]
    groups = dict.fromkeys(("AA", "BB", "CC", "DD", "EE"), "Acute") | {"FF": "Ambulance"}
    found = cells(audited(framework(RATES), rows, groups=groups))
    assert verdicts(found, "median") == dict.fromkeys(printed, "equal")
    assert verdicts(found, "upper_quartile") == {"AA": "equal"}
    wrong = found["lower_quartile", "lower_quartile:infections", "DD"]
    assert (wrong["verdict"], wrong["recomputed"]) == ("different", 150)


def test_a_unit_that_is_not_scored_apart_is_no_other_unit() -> None:
    rows = [
        observation("AA", "infections", "1 rate #1"),
        observation("BB", "infections", "2 #2"),
        observation("CC", "infections", "6 per_bed #3"),
        *(observation(org, "median:infections", "2") for org in ("AA", "BB", "CC")),
    ]
    found = cells(audited(framework(RATES), rows))
    assert set(verdicts(found, "median").values()) == {"equal"}
    assert set(verdicts(found, "metric_rank").values()) == {"equal"}


@pytest.mark.parametrize(
    ("decimals", "published", "verdict"),
    [
        (2, "1.13", "equal"),
        (2, "1.12", "within_tolerance"),
        (1, "1.1", "equal"),
        (3, "1.125", "equal"),
    ],
)
def test_quartiles_are_rounded_as_the_metric_is_printed(
    decimals: int, published: str, verdict: str
) -> None:
    spec = framework({"waits": metric(decimals=decimals, published_score="waits_score")})
    rows = [observation("AA", "waits", "1"), observation("BB", "waits", "1.25")]
    rows.append(observation("AA", "median:waits", published))
    assert verdicts(cells(audited(spec, rows)), "median") == {"AA": verdict}


def test_a_quartile_without_a_value_beside_it_is_of_nothing() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    rows = [observation("AA", "waits", "1"), observation("BB", "waits_score", "1")]
    rows += [observation(org, "median:waits", "1") for org in ("AA", "BB")]
    assert verdicts(cells(audited(spec, rows)), "median") == {"AA": "equal"}


# Overrides


@pytest.mark.parametrize(
    ("before", "after", "flag", "verdict"),
    [
        ("1", "3", "1", "equal"),
        ("1", "3", "0", "different"),
        ("1", "1", "0", "equal"),
        ("1", "1", "1", "different"),
        ("2", "3", "1", "equal"),
        ("3", "3", "0", "equal"),
        ("3", "3", "1", "equal"),
        ("4", "4", "1", "equal"),
        ("-", "3", "1", "not_computable"),
        ("1", "-", "1", "not_computable"),
    ],
)
def test_the_published_segments_tell_whether_an_override_applied(
    before: str, after: str, flag: str, verdict: str
) -> None:
    spec = of_waits(4, overrides=[DEFICIT])
    found = audited_table(
        spec,
        f"""
        trust | waits | segment_printed | adjusted_printed | in_deficit
        AA    | 90    | {before}        | {after}          | {flag}
        BB    | 80    | 2               | 2                | 0
        CC    | 70    | 3               | 3                | 0
        DD    | 60    | 4               | 4                | 0
        """,
    )
    row = found["override", "in_deficit", "AA"]
    assert row["verdict"] == verdict
    if verdict == "different":
        assert row["trail"] == f"published segment {before} and adjusted segment {after}"
    if verdict == "not_computable":
        assert row["reason"] == "no segment is published before or after it"


def test_a_flag_that_is_raised_wrongly_is_carried_on_to_segment_and_rank() -> None:
    # The flag is what the recomputed segment has to go by: AA would be held back behind BB.
    spec = publishing()
    found = audited(spec, changed(stated_rows(spec), "AA", "in_deficit", value=1.0))
    listed = found.disagreements().select("kind", "org_code", "recomputed").rows()
    assert listed == [("override", "AA", 0), ("adjusted_segment", "AA", 3)]
    row = cells(found)["adjusted_segment", "adjusted_printed", "AA"]
    assert row["trail"] == "segment 1, deficit"


@pytest.mark.parametrize(
    "overrides",
    [
        [DEFICIT, DEFICIT | {"id": "other", "when": {"flag": "unsafe"}}],
        [DEFICIT | {"when": {"metric": "waits", "below": 10}}],
    ],
    ids=["two rules", "a rule on a value"],
)
def test_an_override_that_the_segments_cannot_tell_apart_is_not_audited(
    overrides: list[dict[str, Any]],
) -> None:
    spec = of_waits(4, overrides=overrides)
    found = audited_table(spec, SOME.format(1, 2, 3, 4))
    assert verdicts(found, "override") == {}
