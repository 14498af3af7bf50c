"""What the yardsticks league_*.py restate of the framework headline-kpis, and their command line.

    python bench/league_pandas.py rank|explain|whatif|compare FOLDER

Each reads the sample's files, scores, averages, cuts and ranks in its own way, and prints what the
command of that name says of ranks, averages and segments.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

QUARTER: Final = "2025Q2"
LATER: Final = "2025Q3"
MONTHS: Final = {
    QUARTER: ("2025-04", "2025-05", "2025-06"),
    LATER: ("2025-07", "2025-08", "2025-09"),
}
WEIGHTS: Final = {
    "ae_4_hours": 20,
    "ambulance_category_2": 20,
    "cancer_62_days": 20,
    "rtt_18_weeks": 20,
    "inpatient_survey": 20,
    "staff_engagement": 10,
    "planned_surplus_pct": 10,
}
OF_ACUTE: Final = ("ae_4_hours", "cancer_62_days", "rtt_18_weeks")
"""The metrics that are scored among acute trusts alone."""
STANDARDS: Final = {"ae_4_hours": 78, "cancer_62_days": 75, "ambulance_category_2": 30}
HIGH_IS_BAD: Final = ("ambulance_category_2",)
MIN_METRICS: Final = 3
HELD_AT: Final = 3
TRUST: Final = "RJ6"
CHANGED: Final = ("ae_4_hours", 70.0)
ROUNDING: Final = 1e-9

Row = dict[str, Any]
PLACE: Final = ("rank", "average", "adjusted_segment")
STANDING: Final = (*PLACE, "segment")


@dataclass(frozen=True)
class Plain:
    """A league in some library: the values of a quarter, one changed, and the rows of a league.

    A row has the organisation's code, its value and its score of each metric, and its ``STANDING``.
    """

    values: Callable[[Path, str], Any]
    with_value: Callable[[Any, str, str, float], Any]
    league: Callable[[Any], list[Row]]

    def rank(self, folder: Path) -> Any:
        rows = self.league(self.values(folder, QUARTER))
        return [standing(row) for row in sorted(rows, key=code_of) if row["rank"] is not None]

    def explain(self, folder: Path) -> Any:
        rows = self.league(self.values(folder, QUARTER))
        [own] = [row for row in rows if row["org_code"] == TRUST]
        scores = {name: own[f"score:{name}"] for name in WEIGHTS}
        total = sum(weight for name, weight in WEIGHTS.items() if scores[name] is not None)
        metrics = [
            [name, own[name], score, None if score is None else score * WEIGHTS[name] / total]
            for name, score in scores.items()
        ]
        return [standing(own), metrics]

    def whatif(self, folder: Path) -> Any:
        values = self.values(folder, QUARTER)
        changed = self.with_value(values, TRUST, *CHANGED)
        moves = moved(self.league(values), self.league(changed), STANDING)
        return [row for row in moves if row[0] == TRUST or row[1::2] != row[2::2]]

    def compare(self, folder: Path) -> Any:
        before, after = (self.league(self.values(folder, each)) for each in (QUARTER, LATER))
        return moved(before, after, PLACE)

    def main(self) -> None:
        _, command, folder = sys.argv
        print(json.dumps(getattr(self, command)(Path(folder))))


def code_of(row: Row) -> str:
    return row["org_code"]


def standing(row: Row) -> list[Any]:
    return [row["org_code"], *(row[name] for name in STANDING)]


def moved(before: list[Row], after: list[Row], names: tuple[str, ...]) -> list[list[Any]]:
    """Give figures of each organisation, each before and after."""
    pairs = zip(sorted(before, key=code_of), sorted(after, key=code_of), strict=True)
    return [
        [earlier["org_code"], *(row[name] for name in names for row in (earlier, later))]
        for earlier, later in pairs
    ]
