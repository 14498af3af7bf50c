"""A league small enough to rank by hand, with names that would trip a careless renderer."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FRAMEWORK = """\
id: small
title: Small league
applies_to: {quarters: "2025Q1-"}
scale: {best: 1.0, worst: 4.0, decimals: 2}
peer_groups: {column: trust_type, order: [Acute trust, Ambulance trust]}
domains: {access: Access, money: Money}
metrics:
  waits:
    title: Seen in time
    domain: access
    unit: percent
    polarity: higher_is_better
    basis: sum
    per: 100
    weight: 1
    pool: peer_group
    scoring: {method: min_max}
    why: Of every 100 people, how many were seen in time.
  surplus:
    title: Planned surplus
    domain: money
    unit: percent
    polarity: higher_is_better
    basis: in_force
    weight: 1
    pool: peer_group
    scoring: {method: min_max}
    why: Whether the trust lives within its means.
aggregate: {over: metrics, mean: arithmetic, missing: reweight, min_metrics: 2}
segments: {method: thresholds, upper_bounds: [1.75, 2.5, 3.25]}
overrides:
  - id: deficit
    title: the trust plans a deficit
    when: {metric: surplus, below: 0}
    not_better_than: 3
ranking: {within: peer_group, by: [adjusted_segment, average_metric_score]}
"""

ORGANISATIONS = (
    ("AA1", "Best [c] NHS Trust", "Acute trust", "London", "QAA", "Inner"),
    ("AA2", "Tied [/c] NHS Trust", "Acute trust", "London", "QAA", "Inner"),
    ("AA3", "Tied | Piped NHS Trust", "Acute trust", "North West", "QBB", "Outer"),
    ("AA4", "Held *back* <b> :smile: NHS Trust", "Acute trust", "North West", "QBB", "Outer"),
    (
        "AA5",
        "Ynys M\u00f4n, \u2018Sir\u2019, NHS Trust",
        "Acute trust",
        "London",
        "QAA",
        "Inner",
    ),
    ("AA6", "Unranked NHS Trust", "Acute trust", "London", "QAA", "Inner"),
    ("AM1", "Only Ambulance NHS Trust", "Ambulance trust", "London", "QAA", "Inner"),
)

# Seen in time out of 200 people over the quarter's three months, and the planned surplus.
WAITS = {"AA1": 200, "AA2": 150, "AA3": 150, "AA4": 190, "AA5": 100, "AM1": 120}
SURPLUS = {"AA1": "4", "AA2": "1", "AA3": "1", "AA4": "-1", "AA5": "-4", "AA6": "2", "AM1": "1.5"}

# By hand: min_max takes 50 to 100 per cent, and -4 to 4 per cent, to 4.00 to 1.00. AA4's deficit
# holds it back from segment 2; AA5's changes nothing; AA6 has one metric where two are needed.
AVERAGES = {"AA1": 1.00, "AA2": 2.31, "AA3": 2.31, "AA4": 2.09, "AA5": 4.00, "AM1": 1.00}
SEGMENTS = {"AA1": 1, "AA2": 2, "AA3": 2, "AA4": 2, "AA5": 4, "AM1": 1}
ADJUSTED = {"AA1": 1, "AA2": 2, "AA3": 2, "AA4": 3, "AA5": 4, "AM1": 1}
RANKS = {"AA1": 1, "AA2": 2, "AA3": 2, "AA4": 4, "AA5": 5, "AM1": 1}


@dataclass(frozen=True)
class Small:
    """The small league's files, and the options that name them."""

    folder: Path
    framework: Path

    @property
    def options(self) -> tuple[str, ...]:
        """Give ``--data`` and ``--framework``."""
        return ("--data", str(self.folder), "--framework", str(self.framework))


def write_small(folder: Path) -> Small:
    """Write the small league's register, data and framework under a folder."""
    data = folder / "data"
    data.mkdir(parents=True)
    framework = folder / "small.yaml"
    framework.write_text(FRAMEWORK, encoding="utf-8")
    header = ("org_code", "org_name", "trust_type", "region", "icb_code", "icb_name")
    write_csv(data / "organisations.csv", header, ORGANISATIONS)
    months = [
        (code, month, part, whole)
        for month, share, whole in (("2025-04", 0.5, 100), ("2025-05", 0.25, 50))
        for code, part in ((code, part * share) for code, part in WAITS.items())
    ]
    months += [(code, "2025-06", part * 0.25, 50) for code, part in WAITS.items()]
    write_csv(data / "waits.csv", ("org_code", "period", "numerator", "denominator"), months)
    plans = [(code, "2025Q1", "2025Q4", value) for code, value in SURPLUS.items()]
    write_csv(data / "plans.csv", ("org_code", "in_force_from", "in_force_to", "surplus"), plans)
    return Small(data, framework)


def write_csv(path: Path, header: tuple[str, ...], rows: object) -> None:
    """Write a CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)  # type: ignore[arg-type]
