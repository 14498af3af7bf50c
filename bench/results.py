"""The results of a run: what was measured, where, and how it is printed and kept."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measures import Measure, Options

PACKAGES = (
    "nhs-league",
    "polars",
    "numpy",
    "pydantic",
    "typer",
    "rich",
    "pandas",
    "duckdb",
    "pymcdm",
    "scikit-criteria",
    "frictionless",
    "altair",
    "vl-convert-python",
    "jinja2",
)
HEADERS = ("measure", "s", "yardstick", "s", "ratio", "limit", "GiB", "theirs")
TEXTS = (0, 2)
"""The columns that are not figures."""


@dataclass(frozen=True)
class Results:
    """Everything that one run found, theme by theme."""

    machine: Mapping[str, Any]
    packages: Mapping[str, str]
    themes: Mapping[str, Sequence[Measure]]

    @classmethod
    def of(cls, options: Options, themes: Mapping[str, Sequence[Measure]]) -> Results:
        machine = {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
            "runs": options.runs,
        }
        return cls(machine, {name: version(name) for name in PACKAGES}, themes)

    def write(self, file: Path) -> None:
        """Write all of it as JSON; figures have four digits that count."""
        measures = [
            {"theme": theme, **_short(asdict(measure)), "ratio": _digits(measure.ratio)}
            | {"is_within": measure.is_within}
            for theme, found in self.themes.items()
            for measure in found
        ]
        document = {**self.machine, "packages": dict(self.packages), "measures": measures}
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def as_text(results: Results) -> str:
    """Lay the results out as one table, with what they were found on above it."""
    machine = results.machine
    above = (
        f"Python {machine['python']} on {machine['system']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB; medians of {machine['runs']} runs, of what is slow fewer; "
        + ", ".join(f"{name} {number}" for name, number in results.packages.items())
    )
    blocks = [[theme, *map(_cells, found)] for theme, found in results.themes.items()]
    rows = [HEADERS, *(row for block in blocks for row in block[1:])]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADERS))]
    lines = [above, "", _line(HEADERS, widths)]
    for theme, *cells in blocks:
        lines += ["", str(theme), *(_line(row, widths) for row in cells)]
    return "\n".join(lines)


def _cells(measure: Measure) -> tuple[str, ...]:
    return (
        measure.name,
        f"{measure.seconds:.3f}",
        measure.yardstick,
        f"{measure.yardstick_seconds:.3f}",
        f"{measure.ratio:.2f}",
        _limit(measure),
        _memory(measure.peak_gib),
        _memory(measure.yardstick_peak_gib),
    )


def _limit(measure: Measure) -> str:
    """State the limit, of time and of memory, and whether it is kept to."""
    limits = []
    if measure.limit is not None:
        limits.append(f"+{measure.limit:g} s" if measure.beyond else f"{measure.limit:g}")
    if measure.peak_limit is not None:
        limits.append(f"{measure.peak_limit:g} GiB")
    return ", ".join(limits) + ("" if measure.is_within else " ABOVE")


def _memory(gib: float | None) -> str:
    return "" if gib is None else f"{gib:.2f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    laid = (
        cell.ljust(width) if place in TEXTS else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(laid).rstrip()


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _digits(value) if isinstance(value, float) else value
        for name, value in figures.items()
        if value is not None
    }


def _digits(number: float) -> float:
    return float(f"{number:.4g}")
