"""What the sample's site has to tell, out of its files and the other commands."""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from nhs_league.cli.app import run
from tests.conftest import REPOSITORY

QUARTER = "2025Q3"
LABELS = {
    "2025Q2": "April to June 2025 (Q1 2025/26)",
    "2025Q3": "July to September 2025 (Q2 2025/26)",
}
PRINTED_QUARTERS = {"2025Q2": "Q1 2025/26", "2025Q3": "Q2 2025/26"}
SAMPLE = REPOSITORY / "data" / "sample"
TABLES = {
    "Acute trust": ("Acute trusts", "tables/Acute-trust.html"),
    "Mental health and community trust": (
        "Mental health and community trusts",
        "tables/Mental-health-and-community-trust.html",
    ),
    "Ambulance trust": ("Ambulance trusts", "tables/Ambulance-trust.html"),
}

Row = dict[str, Any]


def told(folder: Path, *arguments: str) -> Any:
    """Run a command on the sample, and read its JSON."""
    path = folder / "told.json"
    status = run([*arguments, "--format", "json", "--output", str(path), "--quiet"])
    assert status == 0
    return json.loads(path.read_text("utf-8"))


@functools.cache
def read(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def framework() -> Row:
    path = REPOSITORY / "configs" / "frameworks" / "nof-2025-26.yaml"
    found: Row = yaml.safe_load(path.read_text("utf-8"))
    return found


def trust_types() -> dict[str, str]:
    return {row["org_code"]: row["trust_type"] for row in read("organisations.csv")}


@functools.cache
def values(quarter: str = QUARTER) -> dict[str, dict[str, float]]:
    """Give each metric's printed values by trust, those in another unit left out."""
    found: dict[str, dict[str, float]] = {id_: {} for id_ in framework()["metrics"]}
    for row in read("nof_2025_26_metrics.csv"):
        metric = framework()["metrics"].get(row["metric_id"])
        if metric is None or row["quarter"] != PRINTED_QUARTERS[quarter] or not row["value"]:
            continue
        if row["units"] not in ("count", "Count") or not metric.get("scoring_of_unit"):
            found[row["metric_id"]][row["org_code"]] = float(row["value"])
    return found


@functools.cache
def printed_ranks(quarter: str = QUARTER) -> dict[tuple[str, str], int]:
    """Give the rank printed beside a value: it orders values that are printed alike."""
    return {
        (row["metric_id"], row["org_code"]): int(row["rank_in_type"])
        for row in read("nof_2025_26_metrics.csv")
        if row["quarter"] == PRINTED_QUARTERS[quarter] and row["rank_in_type"]
    }


def published(quarter: str) -> dict[str, dict[str, str]]:
    printed = PRINTED_QUARTERS[quarter]
    rows = read("nof_2025_26_published.csv")
    return {row["org_code"]: row for row in rows if row["quarter"] == printed}


def is_higher_better(metric_id: str) -> bool:
    return bool(framework()["metrics"][metric_id]["polarity"] == "higher_is_better")


# Figures as a reader has to see them


def fixed(value: float | None, decimals: int = 2) -> str:
    """Write a number, half away from zero; arithmetic noise is no reason to round down."""
    if value is None:
        return "-"
    exact = Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(exact) if exact == 0 else exact:,f}"


def with_unit(value: float | None, unit: str | None, decimals: int) -> str:
    text = fixed(value, decimals)
    if value is None or unit in (None, "score", "count", "rate"):
        return text
    return f"{text}%" if unit == "percent" else f"{text} {unit}"


def ends(low: float | None, high: float | None, decimals: int = 2) -> str:
    return "-" if low is None else f"{fixed(low, decimals)} to {fixed(high, decimals)}"


def whole_part(value: int | None) -> str:
    return "-" if value is None else str(value)


def competition_rank(code: str, metric_id: str, own: Mapping[str, float]) -> int:
    """Rank by counting who is ahead; the printed rank orders values that are alike."""
    sign, printed = -1 if is_higher_better(metric_id) else 1, printed_ranks()

    def key(each: str) -> tuple[float, int]:
        return sign * own[each], printed.get((metric_id, each), 0)

    return 1 + sum(1 for other in own if key(other) < key(code))


def by_code(rows: Sequence[Row]) -> dict[str, Row]:
    found = {row["org_code"]: row for row in rows}
    assert len(found) == len(rows)
    return found
