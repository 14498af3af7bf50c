"""Sites of several quarters, of a merger, and of a part of the sample."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.functional.made_pages import (
    TABLE,
    TRUSTS,
    VALUES,
    measures_of,
    table_of,
    words,
)
from tests.functional.reported import read
from tests.made_sites import (
    built,
    figures,
    framework,
    pages,
    trust,
    write_league,
    write_rows,
)
from tests.site_pages import (
    Node,
    code_in,
    rows_of,
    texts_of,
)

# Several quarters


def several(
    folder: Path, by_quarter: dict[str, dict[str, dict[str, Any]]], trusts: list[Any] | None = None
) -> dict[str, Node]:
    rows = [row for period, values in by_quarter.items() for row in figures(values, period)]
    data, path = write_league(folder, framework(), trusts or TRUSTS, rows)
    return pages(built([data], path))


def test_movement_is_told_from_the_quarter_before(tmp_path: Path) -> None:
    turned = {**VALUES, "surplus": {"AA1": 3, "AA2": 2, "AA3": 1}}
    site = several(tmp_path, {"2025Q1": VALUES, "2025Q2": turned})
    assert table_of(site) == [
        ("AA1", "1", "1.00", "1"),
        ("AA2", "2", "2.25", "2"),
        ("AA3", "3", "4.00", "4"),
    ]
    since = [
        row["Since Q4 2024/25"].text.split(",")[0] for row in rows_of(site[TABLE].first("table"))
    ]
    assert since == ["up 1", "down 1", "down 1"]
    assert "rose 1 place, from 2 to 1" in words(site["trusts/AA1.html"])
    [quarters] = [
        table
        for table in site["trusts/AA1.html"].all("table")
        if table.first("caption").text == "Quarter by quarter"
    ]
    assert [(row["Rank"], row["Average"], row["Segment"]) for row in texts_of(quarters)] == [
        ("2 of 3", "2.50", "2"),
        ("1 of 3", "1.00", "1"),
    ]


def test_where_a_quarter_is_missing_the_one_before_is_named(tmp_path: Path) -> None:
    turned = {**VALUES, "surplus": {"AA1": 3, "AA2": 2, "AA3": 1}}
    site = several(tmp_path, {"2025Q1": VALUES, "2025Q3": turned})
    assert "the quarter before it" not in words(site["trusts/AA1.html"])
    assert "Since January to March 2025" in words(site["trusts/AA1.html"])


def test_a_trust_that_came_has_a_gap_before_it(tmp_path: Path) -> None:
    before = {id_: {code: own[code] for code in ("AA1", "AA2")} for id_, own in VALUES.items()}
    site = several(tmp_path, {"2025Q1": before, "2025Q2": VALUES})
    [new] = [row for row in rows_of(site[TABLE].first("table")) if code_in(row["Trust"]) == "AA3"]
    assert new["Since Q4 2024/25"].text == "-"
    [quarters] = [
        table
        for table in site["trusts/AA3.html"].all("table")
        if table.first("caption").text == "Quarter by quarter"
    ]
    assert [(r["Rank"], r["Average"]) for r in texts_of(quarters)] == [
        ("-", "-"),
        ("2 of 3", "2.50"),
    ]


def test_a_merger_carries_the_history_on_under_the_new_code(tmp_path: Path) -> None:
    old = {id_: {**own, "OLD": own["AA3"]} for id_, own in VALUES.items()}
    for own in old.values():
        del own["AA3"]
    rows = [*figures(old, "2025Q1"), *figures(VALUES, "2025Q2")]
    data, path = write_league(tmp_path, framework(), TRUSTS, rows)
    write_rows(
        data / "successions.csv",
        ("org_code", "org_name", "successor_code", "succeeded_on"),
        [
            {
                "org_code": "OLD",
                "org_name": "Old Trust",
                "successor_code": "AA3",
                "succeeded_on": "2025-04-01",
            }
        ],
    )
    register = [*TRUSTS, trust("OLD", "Old Trust")]
    write_rows(
        data / "organisations.csv", ("org_code", "org_name", "trust_type", "region"), register
    )
    site = pages(built([data], path))
    [row] = [row for row in rows_of(site[TABLE].first("table")) if code_in(row["Trust"]) == "AA3"]
    assert row["Since Q4 2024/25"].text == "same"
    [quarters] = [
        table
        for table in site["trusts/AA3.html"].all("table")
        if table.first("caption").text == "Quarter by quarter"
    ]
    assert [r["Rank"] for r in texts_of(quarters)] == ["2 of 3", "2 of 3"]


# The sample by another framework, and some of it


def test_headline_kpis_of_the_months_show_their_fractions(tmp_path: Path) -> None:
    register = [row for row in read("organisations.csv") if row["icb_code"] in ("QMJ", "QKK")]
    codes = {row["org_code"] for row in register}
    write_rows(tmp_path / "organisations.csv", list(register[0]), register)
    for name in ("ae_4_hours", "rtt_18_weeks", "cancer_62_days", "ambulance_category_2"):
        rows = [row for row in read(f"monthly/{name}.csv") if row["org_code"] in codes]
        write_rows(tmp_path / f"{name}.csv", list(read(f"monthly/{name}.csv")[0]), rows)
    site = pages(built([tmp_path], "headline-kpis", "2025Q2"))
    fractions = [
        row["This trust"]
        for name, own in site.items()
        if name.startswith("trusts/")
        for row in measures_of(own).values()
    ]
    found = [re.fullmatch(r"([\d.]+)% \(([\d,.]+) of ([\d,.]+)\)", text) for text in fractions]
    known = [each for each in found if each]
    assert len(known) > 15
    for each in known:
        part, of = (float(each[n].replace(",", "")) for n in (2, 3))
        decimals = len(each[1].partition(".")[2])
        assert float(each[1]) == pytest.approx(100 * part / of, abs=0.5001 * 10**-decimals)
    assert "What moved" in "".join(words(own) for own in site.values())


def test_a_site_of_some_trusts_says_so_of_the_others(tmp_path: Path) -> None:
    register = [row for row in read("organisations.csv") if row["trust_type"] == "Ambulance trust"]
    codes = sorted(row["org_code"] for row in register)
    rows = [row for row in read("nof_2025_26_metrics.csv") if row["org_code"] in codes[:6]]
    write_rows(tmp_path / "organisations.csv", list(register[0]), register)
    write_rows(tmp_path / "metrics.csv", list(rows[0]), rows)
    site = pages(built([tmp_path], "nof-2025-26", "2025Q2"))
    for code in codes[6:]:
        assert "The data have no figure of" in words(site[f"trusts/{code}.html"])
    listed = {code_in(r["Trust"]): r["Rank"].text for r in rows_of(site["trusts.html"])}
    assert [listed[code] for code in codes[6:]] == ["no figures"] * 4
    assert all(re.fullmatch(r"\d of 6", listed[code]) for code in codes[:6])
