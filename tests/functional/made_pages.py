"""The league that the tests of reports vary, and how its pages are read."""

from __future__ import annotations

from tests.made_sites import (
    trust,
)
from tests.site_pages import (
    Node,
    code_in,
    pairs_of,
    rows_of,
)

TRUSTS = [trust(code) for code in ("AA1", "AA2", "AA3")]
# Spread from the best to the worst: 90, 80 and 60 score 1, 2 and 4; 1, 2 and 3 score 4, 2.5 and 1.
VALUES = {
    "waits": {"AA1": 90, "AA2": 80, "AA3": 60},
    "surplus": {"AA1": 1, "AA2": 2, "AA3": 3},
}
TABLE = "tables/Acute-trust.html"
TWO_TYPES = {"column": "trust_type", "order": ["Acute trust", "Ambulance trust"]}
AMBULANCE = trust("BB1", trust_type="Ambulance trust")


def table_of(site: dict[str, Node], name: str = TABLE) -> list[tuple[str, str, str, str]]:
    """Give code, rank, average and segment, row by row."""
    return [
        (code_in(row["Trust"]), *(row[n].text for n in ("Rank", "Average score", "Segment")))
        for row in rows_of(site[name].of_class("league")[0])
    ]


def words(node: Node) -> str:
    return node.first("main").text


def measures_of(page_: Node) -> dict[str, dict[str, str]]:
    return {
        item.of_class("code")[0].text: pairs_of(item.first("dl"))
        for each in page_.of_class("measures")
        for item in each.children
        if isinstance(item, Node)
    }
