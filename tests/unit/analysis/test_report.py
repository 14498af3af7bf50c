from __future__ import annotations

from datetime import date

import pytest

from nhs_league.analysis.explain import explain
from nhs_league.analysis.rankings import ranking
from nhs_league.analysis.report import report_of
from nhs_league.analysis.robustness.robustness import Design, robustness
from nhs_league.errors import UsageError
from nhs_league.league import League, score
from nhs_league.observations import observations_frame
from nhs_league.organisations import Organisation, organisations_frame
from nhs_league.quarter import Quarter
from nhs_league.successions import Succession, successions_frame
from tests.traps.support import framework, metric, observed

QUARTERS = (Quarter(2025, 1), Quarter(2025, 2))
DESIGN = Design(replicates=200)


def league_of(
    scores: dict[str, tuple[float, ...]], quarter: Quarter = QUARTERS[1], silent: str | None = None
) -> League:
    ids = [f"m{at}" for at in range(len(next(iter(scores.values()))))]
    rows = [
        observed(code, id_, value=value, period=str(quarter))
        for code, own in scores.items()
        for id_, value in zip(ids, own, strict=True)
    ]
    known = [
        Organisation(org_code=code, org_name=f"Trust {code}", trust_type="Acute trust")
        for code in (*scores, *([silent] if silent else []))
    ]
    made = framework({id_: metric() for id_ in ids})
    return score(observations_frame(rows), organisations_frame(known), made, quarter)


NOW = {"AA": (1.0, 2.0, 3.0), "BB": (2.0, 2.0, 2.5), "CC": (4.0, 4.0, 3.0)}
BEFORE = {"AA": (4.0, 4.0, 4.0), "BB": (2.0, 2.0, 2.0), "CC": (1.0, 1.0, 1.0)}


def test_the_table_is_the_ranking_with_the_ranges_of_robustness() -> None:
    made = league_of(NOW)
    report = report_of(made, design=DESIGN)
    assert report.table().equals(ranking(made, robustness(made, DESIGN).ranges))
    assert report.table()["rank"].to_list() == [1, 2, 3]
    assert (report.notes, report.comparison, report.leagues) == ((), None, (made,))


def test_everybody_with_figures_is_explained_by_code() -> None:
    made = league_of(NOW, silent="ZZ")
    found = list(report_of(made, design=DESIGN).explanations())
    assert [one.org_code for one in found] == ["AA", "BB", "CC"]
    for one in found:
        assert one.metrics.equals(explain(made, one.org_code).metrics)


def test_a_league_is_compared_with_the_last_of_the_earlier_ones() -> None:
    oldest = league_of(NOW, Quarter(2024, 4))
    earlier = league_of(BEFORE, QUARTERS[0])
    report = report_of(league_of(NOW), [oldest, earlier], design=DESIGN)
    assert report.comparison is not None
    moves = {
        r["org_code"]: (r["rank_from"], r["rank_to"]) for r in report.comparison.changes.to_dicts()
    }
    assert moves == {"AA": (3, 1), "BB": (2, 2), "CC": (1, 3)}
    assert [str(one.quarter) for one in report.leagues] == ["2024Q4", "2025Q1", "2025Q2"]
    was = report.earlier_explanations()
    assert {code: one.rank for code, one in was.items()} == {"AA": 3, "BB": 2, "CC": 1}
    assert report.former_codes == ({}, {})


def test_a_new_code_is_followed_back_through_every_earlier_quarter() -> None:
    renamed = successions_frame(
        [
            Succession(org_code="BX", successor_code="BY", succeeded_on=date(2025, 1, 1)),
            Succession(org_code="BY", successor_code="BB", succeeded_on=date(2025, 4, 1)),
        ]
    )
    oldest, before = (
        league_of({"AA": NOW["AA"], code: NOW["BB"], "CC": NOW["CC"]}, quarter)
        for code, quarter in (("BX", Quarter(2024, 4)), ("BY", QUARTERS[0]))
    )
    report = report_of(league_of(NOW), [oldest, before], renamed, design=DESIGN)
    assert report.former_codes == ({"BB": "BX"}, {"BB": "BY"})
    assert report.earlier_explanations()["BB"].org_code == "BY"


def test_what_cannot_be_drawn_is_left_out_with_a_note() -> None:
    report = report_of(league_of({"AA": (1.0,), "BB": (2.0,)}), design=DESIGN)
    assert report.drawn is None
    [note] = report.notes
    assert note.startswith("There are no likely ranges: ")
    assert report.table()["rank_low"].to_list() == [None, None]


def test_a_design_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError):
        report_of(league_of(NOW), design=Design(seed=-1))


def test_a_league_alone_has_nothing_before_it() -> None:
    assert report_of(league_of(NOW), design=DESIGN).earlier_explanations() == {}
