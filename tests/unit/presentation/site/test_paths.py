from __future__ import annotations

import pytest

from nhs_league.presentation.site.paths import Paths
from tests.traps.support import framework, league, metric, observed


def paths_of(codes: list[str], groups: list[str], metrics: list[str]) -> Paths:
    made = league(
        framework({id_: metric() for id_ in metrics}),
        [observed(code, id_, value=1) for code in codes for id_ in metrics],
    )
    return Paths.of(made, groups)


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("Acute trust", "Acute-trust"),
        ('Trusts / "odd" <b>', "Trusts-odd-b"),
        ("\u00c9 \u00fc\u00f1", "E-un"),
        ("\u4e2d\u6587", "page"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "page"),
        ("...", "page"),
        ("a" * 200, "a" * 80),
        ("con", "con-page"),
        ("Com7", "Com7-page"),
        ("console", "console"),
    ],
)
def test_a_name_keeps_its_plain_letters_and_digits(group: str, name: str) -> None:
    assert dict(paths_of(["AA"], [group], ["m"]).groups) == {group: f"tables/{name}.html"}


def test_names_that_come_to_the_same_are_numbered_in_order() -> None:
    groups = ["A b", "A/b", "a-B", "A-b-2"]
    assert list(paths_of(["AA"], groups, ["m"]).groups.values()) == [
        "tables/A-b.html",
        "tables/A-b-2.html",
        "tables/a-B-3.html",
        "tables/A-b-2-2.html",
    ]


def test_measures_and_trusts_have_folders_of_their_own() -> None:
    paths = paths_of(["BB", "AA"], ["AA"], ["AA", "a.b"])
    assert dict(paths.trusts) == {"AA": "trusts/AA.html", "BB": "trusts/BB.html"}
    assert dict(paths.metrics) == {"AA": "metrics/AA.html", "a.b": "metrics/a-b.html"}
