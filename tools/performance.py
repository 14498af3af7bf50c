"""Write the figures in docs/performance.md from docs/performance.json, which `make bench` measures.

python -m tools.performance
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "docs" / "performance.json"
PAGE: Final = ROOT / "docs" / "performance.md"
HEADERS: Final = ("measure", "s", "yardstick", "its s", "ratio", "limit", "GiB", "its GiB")
ALIGNED: Final = ("---", "--:", "---", "--:", "--:", "--:", "--:", "--:")

Measure = dict[str, Any]


def main() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = with_figures(PAGE.read_text(encoding="utf-8"), results)
    PAGE.write_text(text, encoding="utf-8", newline="\n")


def with_figures(text: str, results: dict[str, Any]) -> str:
    """Put the results of a run in their places on the page."""
    sections = {
        "machine": machine_section(results),
        "above": above_section(results["measures"]),
        "figures": figures_section(results["measures"]),
    }
    for name, body in sections.items():
        begin, end = f"<!-- generated:{name} -->", f"<!-- end:{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{body}\n\n{end}{rest.partition(end)[2]}"
    return text


def machine_section(results: dict[str, Any]) -> str:
    """State the machine, how often everything ran, and every version."""
    stated = {
        "machine": f"{results['system']}, {results['cores']} cores, {results['memory_gib']} GiB",
        "runs": f"{results['runs']} of each process, of slow ones fewer; medians",
        "Python": results["python"],
        **results["packages"],
    }
    return _table(("", ""), ("---", "---"), stated.items())


def above_section(measures: list[Measure]) -> str:
    """Say plainly what is above its limit."""
    limited = [measure for measure in measures if _limit(measure)]
    above = [measure for measure in limited if not measure["is_within"]]
    if not above:
        return f"None of the {len(limited)} measures that have a limit."
    lines = [
        f"- {_plain(measure['name'])}, against {_plain(measure['yardstick'])}: {_reached(measure)}."
        for measure in above
    ]
    return "\n".join(
        [f"{len(above)} of the {len(limited)} measures that have a limit:", "", *lines]
    )


def figures_section(measures: list[Measure]) -> str:
    """Lay the measures out, a table a theme."""
    parts = []
    for theme in dict.fromkeys(measure["theme"] for measure in measures):
        rows = (_cells(measure) for measure in measures if measure["theme"] == theme)
        parts.append(f"### {theme}\n\n{_table(HEADERS, ALIGNED, rows)}")
    return "\n\n".join(parts)


def _cells(measure: Measure) -> tuple[str, ...]:
    limit = _limit(measure)
    return (
        _plain(measure["name"]),
        f"{measure['seconds']:.3f}",
        _plain(measure["yardstick"]),
        f"{measure['yardstick_seconds']:.3f}",
        f"{measure['ratio']:.2f}",
        limit if measure["is_within"] else f"{limit}, **above**",
        _gib(measure.get("peak_gib")),
        _gib(measure.get("yardstick_peak_gib")),
    )


def _reached(measure: Measure) -> str:
    """Say what was reached of what is limited."""
    more = measure["seconds"] - measure["yardstick_seconds"]
    reached = [f"{more:.2f} s more" if measure["beyond"] else f"ratio {measure['ratio']:.2f}"]
    if "peak_limit" in measure:
        reached.append(f"{_gib(measure['peak_gib'])} GiB")
    return f"{', '.join(reached)}; limit {_limit(measure)}"


def _limit(measure: Measure) -> str:
    limits = []
    if "limit" in measure:
        limits.append(f"+{measure['limit']:g} s" if measure["beyond"] else f"{measure['limit']:g}")
    if "peak_limit" in measure:
        limits.append(f"{measure['peak_limit']:g} GiB")
    return ", ".join(limits)


def _gib(peak: float | None) -> str:
    return "" if peak is None else f"{peak:.2f}"


def _plain(text: str) -> str:
    """Keep a text from being read as markup."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def _table(headers: Iterable[str], aligned: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (headers, aligned, *rows))


if __name__ == "__main__":
    main()
