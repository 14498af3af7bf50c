"""The audit, on a league recomputed by hand: what follows, and each figure that does not."""

from __future__ import annotations

import polars as pl
import pytest

from nhs_league import Audit, Quarter
from nhs_league.analysis.audit import (
    AGREEMENT_SCHEMA,
    AUDIT_SCHEMA,
    KINDS,
    REASON_SCHEMA,
    VERDICTS,
    publishes_results,
    together,
)
from nhs_league.scoring.score_choice import SCORE_SOURCES, ScoreSource
from tests.printed_league import (
    KIND_OF,
    QUARTILES,
    audited,
    audited_table,
    cells,
    changed,
    publishing,
    stated_rows,
    verdicts,
)
from tests.support import QUARTER, built, framework, metric, observation, observations

# Tables that follow from their data


@pytest.mark.parametrize("scores", SCORE_SOURCES)
def test_tables_that_follow_are_equal_in_every_cell(scores: ScoreSource) -> None:
    spec = publishing()
    found = cells(audited(spec, stated_rows(spec), scores))
    assert {key[:2] for key in found} == {(kind, id_) for id_, kind in KIND_OF.items()}
    assert len(found) == 4 * len(KIND_OF)
    for key, row in found.items():
        alone = key[1] == "survey"
        assert row["verdict"] == ("not_computable" if alone else "equal"), row
        assert row["trail"] is None
        assert row["difference"] == (None if alone else 0)


def test_rows_keep_their_contract_and_lead_to_their_source() -> None:
    spec = publishing()
    rows = stated_rows(spec)
    found = audited(spec, rows).cells
    assert dict(found.schema) == AUDIT_SCHEMA
    kinds = found["kind"].unique(maintain_order=True).to_list()
    assert kinds == [kind for kind in KINDS if kind in kinds]
    lines = {(row["metric_id"], row["org_code"]): row["source_row"] for row in rows}
    for row in found.iter_rows(named=True):
        assert (row["quarter"], row["org_name"]) == (QUARTER, f"Trust {row['org_code']}")
        assert row["source_file"] == "tables.csv"
        assert row["source_row"] == lines[row["id"], row["org_code"]]
    of_kind = found.filter(pl.col("kind") == "average")
    assert of_kind["org_code"].to_list() == ["AA", "BB", "CC", "DD"]


# One figure that does not follow

CHANGES = [
    ("BB", "waits_score", 2.5, "waits 80 percent scores 2; pool: all trusts that report it"),
    ("CC", "urgent_score", 2.5, "urgent 60 percent scores 3; pool: all trusts that report it"),
    ("CC", "plan_score", 1, "plan -0.5 percent scores 2; pool: all trusts that report it"),
    ("CC", "finance", 3, "plan scores 2 and variance scores 2: the matrix gives 2"),
    ("AA", "median:waits", 76, "of printed values of waits, Acute: 75"),
    ("BB", "lower_quartile:waits", 67, "of printed values of waits, Acute: 67.5"),
    ("CC", "upper_quartile:waits", 83, "of printed values of waits, Acute: 82.5"),
    ("CC", "access_printed", 3.2, "6 / 2 = 3, of waits 3, urgent 3"),
    ("CC", "safety_placed", 2, "domain score 2.5"),
    (
        "CC",
        "average_printed",
        2.8,
        "11 / 4 = 2.75, of waits 3, urgent 3, finance 2, survey 3",
    ),
    ("DD", "segment_printed", 3, "average 4; cut points 1.75 / 2.375 / 3.0625, recomputed"),
    ("CC", "adjusted_printed", 4, "segment 3, no override"),
    ("BB", "rank_printed", 3, "adjusted segment 3, average 2"),
    ("BB", "place", 1, "average 2"),
]


@pytest.mark.parametrize(
    ("org", "id_", "value", "trail"), CHANGES, ids=[f"{org}-{id_}" for org, id_, *_ in CHANGES]
)
def test_exactly_the_figure_that_is_changed_is_different(
    org: str, id_: str, value: float, trail: str
) -> None:
    spec = publishing()
    rows = stated_rows(spec)
    before = cells(audited(spec, rows, "computed"))
    found = audited(spec, changed(rows, org, id_, value=value), "computed")
    after = cells(found)
    key = (KIND_OF[id_], id_, org)
    assert {one for one in after if after[one] != before[one]} == {key}
    row = after[key]
    assert (row["verdict"], row["published"]) == ("different", value)
    assert row["recomputed"] == before[key]["recomputed"]
    assert row["difference"] == pytest.approx(row["recomputed"] - value)
    assert row["trail"] == trail
    assert found.has_differences


@pytest.mark.parametrize("id_", ["waits", "urgent"])
def test_a_rank_that_is_changed_is_different(id_: str) -> None:
    spec = publishing()
    rows = changed(stated_rows(spec), "BB", id_, published_rank=4.0)
    found = cells(audited(spec, rows, "computed"))
    different = [key for key, row in found.items() if row["verdict"] == "different"]
    assert different == [("metric_rank", id_, "BB")]
    value = {"waits": 80, "urgent": 70}[id_]
    assert found[different[0]]["trail"] == f"{id_} {value} percent: place 2"


def test_an_error_that_is_carried_on_is_told_once_and_where_it_is() -> None:
    # BB scores 3.5 instead of 2 for its waits, and all that follows was drawn from the 3.5.
    spec = publishing()
    rows = changed(stated_rows(spec), "BB", "waits_score", value=3.5)
    rows = changed(rows, "BB", "access_printed", value=2.75)
    rows = changed(rows, "BB", "average_printed", value=2.38)
    found = audited(spec, rows)
    listed = found.disagreements().select("kind", "id", "org_code", "verdict", "recomputed").rows()
    assert listed == [("metric_score", "waits_score", "BB", "different", 2)]


def test_an_error_that_is_not_carried_on_shows_in_what_does_not_follow_from_it() -> None:
    spec = publishing()
    found = audited(spec, changed(stated_rows(spec), "BB", "waits_score", value=3.5))
    listed = {
        (row["kind"], row["org_code"]): row
        for row in cells(found).values()
        if row["verdict"] == "different"
    }
    assert listed.keys() == {
        ("metric_score", "BB"),
        ("domain_score", "BB"),
        ("average", "BB"),
    }
    assert listed["average", "BB"]["recomputed"] == 2.38
    assert listed["average", "BB"]["trail"] == (
        "9.5 / 4 = 2.375, of waits 3.5, urgent 2, finance 2, survey 2"
    )


# Tolerance


@pytest.mark.parametrize(
    ("tolerance", "verdict"),
    [
        (0.0, "different"),
        (0.009, "different"),
        (0.01, "within_tolerance"),
        (0.5, "within_tolerance"),
    ],
)
@pytest.mark.parametrize(
    ("id_", "value"),
    [("average_printed", 2.76), ("access_printed", 3.01), ("median:waits", 75.01)],
)
def test_a_figure_that_is_rounded_may_be_off_by_the_tolerance(
    tolerance: float, verdict: str, id_: str, value: float
) -> None:
    spec = publishing()
    rows = changed(stated_rows(spec), "CC", id_, value=value)
    found = audited(spec, rows, tolerance=tolerance)
    listed = found.disagreements().select("id", "org_code", "verdict").rows()
    assert listed == [(id_, "CC", verdict)]
    assert found.tolerance == tolerance
    assert found.has_differences == (verdict == "different")


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("segment_printed", 4),
        ("access_placed", 4),
        ("adjusted_printed", 4),
        ("rank_printed", 4),
        ("place", 4),
    ],
)
def test_a_segment_or_a_rank_may_not(id_: str, value: float) -> None:
    spec = publishing()
    rows = changed(stated_rows(spec), "CC", id_, value=value)
    assert audited(spec, rows, tolerance=9.0).has_differences


def test_a_score_may_be_off_by_the_tolerance_and_says_how_it_was_come_by() -> None:
    spec = framework({"waits": metric(published_score="waits_score")})
    table = """
        trust | waits | waits_score
        AA    | 90    | 1.00
        BB    | 80    | 2.51
        CC    | 70    | 4.00
        """
    found = audited_table(spec, table, "computed")
    assert verdicts(found, "metric_score") == {
        "AA": "equal",
        "BB": "within_tolerance",
        "CC": "equal",
    }
    row = found["metric_score", "waits_score", "BB"]
    assert (row["recomputed"], row["difference"]) == (2.5, -0.01)
    assert row["trail"] == "waits 80 percent scores 2.5; pool: all trusts that report it"


# The audit as a whole


def test_agreement_counts_every_cell_once() -> None:
    spec = publishing()
    rows = changed(stated_rows(spec), "CC", "average_printed", value=2.76)
    found = audited(spec, changed(rows, "DD", "segment_printed", value=3.0))
    agreement = found.agreement()
    assert dict(agreement.schema) == AGREEMENT_SCHEMA
    assert agreement["kind"].to_list() == list(KINDS)
    assert agreement["cells"].sum() == len(found.cells)
    for row in agreement.iter_rows(named=True):
        assert row["cells"] == sum(row[verdict] for verdict in VERDICTS)
    counts = {row["kind"]: row for row in agreement.iter_rows(named=True)}
    assert (counts["average"]["equal"], counts["average"]["within_tolerance"]) == (3, 1)
    assert (counts["segment"]["equal"], counts["segment"]["different"]) == (3, 1)
    assert (counts["metric_score"]["equal"], counts["metric_score"]["not_computable"]) == (16, 4)
    reason = found.reasons()
    assert dict(reason.schema) == REASON_SCHEMA
    assert reason.rows() == [
        (QUARTER, "metric_score", "survey", 4, "published as a score, without a value")
    ]


def test_audits_of_several_quarters_are_put_together_in_their_order() -> None:
    spec = publishing()
    rows = stated_rows(spec)
    first = audited(spec, changed(rows, "DD", "segment_printed", value=3.0))
    second = audited(spec, rows)
    second = Audit(second.cells.with_columns(quarter=pl.lit("2025Q3")), second.tolerance)
    both = together([first, second])
    assert both.cells["quarter"].unique(maintain_order=True).to_list() == ["2025Q2", "2025Q3"]
    assert both.has_differences
    assert not second.has_differences
    assert len(both.agreement()) == 2 * len(KINDS)
    assert both.tolerance == 0.01


def test_only_scores_and_results_are_worth_an_audit() -> None:
    spec = built(publishing())
    quarter = Quarter.parse(QUARTER)
    for id_ in KIND_OF:
        rows = observations([observation("AA", id_, "1")])
        is_worth_it = id_ not in {"waits", "urgent", "survey", "in_deficit", *QUARTILES}
        assert publishes_results(rows, spec, quarter) == is_worth_it, id_
        assert not publishes_results(rows, spec, Quarter(2025, 3))


def test_of_a_trust_that_is_in_no_register_nothing_is_audited() -> None:
    spec = publishing()
    rows = [*stated_rows(spec), observation("ZZ", "average_printed", "1")]
    groups = dict.fromkeys(("AA", "BB", "CC", "DD"), "Acute")
    found = cells(audited(spec, rows, groups=groups))
    assert {org for _, _, org in found} == {"AA", "BB", "CC", "DD"}
