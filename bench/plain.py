"""The commands on the sample, against scripts that come to the same in public packages alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from league_rules import CHANGED, LATER, QUARTER, TRUST
from measures import (
    Measure,
    Options,
    measured,
    our_command,
    processes_in_turn,
    python_script,
    require_equal,
)

from nhs_league.resources import sample_directory

LIBRARIES = {"polars": "plain Polars", "pandas": "pandas", "duckdb": "DuckDB SQL"}
COMMANDS = {
    "rank": ["--quarter", QUARTER],
    "explain": [TRUST, "--quarter", QUARTER],
    "whatif": [TRUST, "--set", f"{CHANGED[0]}={CHANGED[1]:g}", "--quarter", QUARTER],
    "compare": [QUARTER, LATER],
}
SAID = {
    "rank": "the same league table",
    "explain": "the same scores and contributions",
    "whatif": "the same two league tables and who moves",
    "compare": "the same two league tables and moves, without reasons and tests",
}
STANDING = ("rank", "average_metric_score", "adjusted_segment", "segment")
MOVES = ("rank", "average", "adjusted_segment", "segment")
ENDS = ("from", "to")


def compare_plain(command: str, options: Options) -> list[Measure]:
    """Time a command in turn with a script in each library, which has to say the same."""
    arguments = [command, *COMMANDS[command], "--framework", "headline-kpis"]
    ours = our_command(*arguments, "--format", "json", "--quiet")
    folder = str(sample_directory())
    theirs = [python_script(f"league_{name}.py", command, folder) for name in LIBRARIES]
    said = READERS[command](ours.output())
    for script, library in zip(theirs, LIBRARIES, strict=True):
        require_equal(f"{command} in {library}", said, script.output())
    own, *others = processes_in_turn([ours, *theirs], options.runs)
    return [
        measured(f"nhs-league {' '.join(arguments)}", f"{library}: {SAID[command]}", own, timing)
        for library, timing in zip(LIBRARIES.values(), others, strict=True)
    ]


def ranked(printed: Any) -> list[Any]:
    """Read a league table as league_rules.py writes it."""
    rows = sorted(printed["rows"], key=_code)
    return [_standing(row) for row in rows if row["rank"] is not None]


def explained(printed: Any) -> list[Any]:
    names = ("metric_id", "value", "score", "contribution")
    metrics = [[row[name] for name in names] for row in printed["rows"]]
    return [_standing(printed["summary"]), metrics]


def moved(printed: Any) -> list[Any]:
    return [
        [
            row["org_code"],
            *(row[f"{name}_{end}"] for name in MOVES if f"{name}_to" in row for end in ENDS),
        ]
        for row in sorted(printed["rows"], key=_code)
    ]


READERS: dict[str, Callable[[Any], list[Any]]] = {
    "rank": ranked,
    "explain": explained,
    "whatif": moved,
    "compare": moved,
}


def _code(row: dict[str, Any]) -> str:
    return row["org_code"]


def _standing(row: dict[str, Any]) -> list[Any]:
    return [row["org_code"], *(row[name] for name in STANDING)]


TASKS = {command: partial(compare_plain, command) for command in COMMANDS}
