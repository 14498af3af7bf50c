"""The files of the printed league: its framework, its register, and one table of all figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.functional.small import Small, write_csv
from tests.printed_league import publishing, stated_rows

HEADER = ("org_code", "metric_id", "period", "value", "published_rank")


def printed_rows(period: str = "2025Q2") -> list[dict[str, Any]]:
    """List what is printed of the four trusts for a quarter."""
    return [row | {"period": period} for row in stated_rows(publishing())]


def write_printed(folder: Path, rows: Iterable[Mapping[str, Any]] | None = None) -> Small:
    """Write the printed league's framework, register and data under a folder."""
    data = folder / "data"
    data.mkdir(parents=True)
    # JSON knows no anchors, and a framework file may have none.
    spec = json.loads(json.dumps(publishing()))
    framework = folder / "printed.yaml"
    framework.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    register = [(code, f"{code} NHS Trust", "Acute") for code in ("AA", "BB", "CC", "DD")]
    write_csv(data / "organisations.csv", ("org_code", "org_name", "trust_type"), register)
    write_tables(data / "tables.csv", printed_rows() if rows is None else rows)
    return Small(data, framework)


def write_tables(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write printed figures, one a row."""
    write_csv(path, HEADER, [[row.get(name) for name in HEADER] for row in rows])


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))
