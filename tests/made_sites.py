"""Sites of small leagues that a test makes up: a framework, a register and figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from nhs_league.api.reports import open_report
from nhs_league.presentation.site.build import build_site
from nhs_league.presentation.site.source import SiteSource
from tests.site_checks import check_site
from tests.site_pages import Node

REGISTER = (
    "org_code",
    "org_name",
    "trust_type",
    "region",
    "icb_code",
    "icb_name",
    "predecessor_codes",
    "towns",
)
FIGURES = (
    "org_code",
    "metric_id",
    "period",
    "value",
    "numerator",
    "denominator",
    "status",
)
QUARTER = "2025Q2"

Files = dict[str, bytes]


def metric(**changes: Any) -> dict[str, Any]:
    """State a metric: a share that is better the higher, spread between its ends."""
    stated = {
        "title": "Waits",
        "domain": "access",
        "unit": "percent",
        "polarity": "higher_is_better",
        "basis": "in_force",
        "pool": "peer_group",
        "scoring": {"method": "min_max"},
    }
    return stated | changes


def framework(metrics: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """State a framework; by default of two metrics, ranked by type."""
    stated = {
        "id": "made",
        "title": "Made league",
        "applies_to": {"quarters": "2025Q1-"},
        "scale": {"best": 1.0, "worst": 4.0, "decimals": 2},
        "peer_groups": {"column": "trust_type", "order": ["Acute trust"]},
        "domains": {"access": "Access", "money": "Money"},
        "metrics": metrics
        or {"waits": metric(), "surplus": metric(title="Surplus", domain="money")},
        "aggregate": {"over": "metrics", "mean": "arithmetic", "missing": "reweight"},
        "segments": {"method": "thresholds", "upper_bounds": [1.75, 2.5, 3.25]},
        "ranking": {"within": "peer_group", "by": ["average_metric_score"]},
    }
    return deepcopy(stated) | changes


def trust(code: str, name: str | None = None, **more: str) -> dict[str, str]:
    return {
        "org_code": code,
        "org_name": name or f"Trust {code}",
        "trust_type": "Acute trust",
        "region": "London",
        **more,
    }


def figures(values: Mapping[str, Mapping[str, Any]], period: str = QUARTER) -> list[dict[str, Any]]:
    """State figures by metric and trust: a value, a text for a status, or a part and its whole."""
    rows = []
    for metric_id, own in values.items():
        for code, value in own.items():
            row = {"org_code": code, "metric_id": metric_id, "period": period}
            match value:
                case str():
                    row["status"] = value
                case (part, whole):
                    row |= {"numerator": part, "denominator": whole}
                case _:
                    row["value"] = value
            rows.append(row)
    return rows


def write_league(
    folder: Path,
    spec: Mapping[str, Any],
    trusts: Iterable[Mapping[str, str]],
    rows: Iterable[Mapping[str, Any]],
) -> tuple[Path, Path]:
    """Write a league's files, and give the folder of its data and its framework's file."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    path = folder / "made.yaml"
    # JSON knows no anchors, and a framework file may have none.
    text = yaml.safe_dump(json.loads(json.dumps(spec)), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    write_rows(data / "organisations.csv", REGISTER, trusts)
    write_rows(data / "figures.csv", FIGURES, rows)
    return data, path


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def built(
    data: Iterable[Path], spec: str | Path | None = None, quarter: str | None = None
) -> Files:
    """Build a site as ``report`` does, without writing it."""
    sources = tuple(data)
    opened = open_report(sources, spec, quarter)
    league = opened.opened
    source = SiteSource(
        opened.report(), league.framework_file, league.dataset.files, league.findings
    )
    return build_site(source)


def pages(files: Files) -> dict[str, Node]:
    """Check all that has to hold of a site, and give its pages."""
    return check_site(files)


def made(
    folder: Path,
    trusts: Iterable[Mapping[str, str]],
    values: Mapping[str, Mapping[str, Any]],
    spec: Mapping[str, Any] | None = None,
) -> dict[str, Node]:
    """Make a league of one quarter up, and give the pages of its site."""
    data, path = write_league(folder, spec or framework(), trusts, figures(values))
    return pages(built([data], path))
