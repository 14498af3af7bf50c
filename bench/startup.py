"""Starting up, against importing what cannot be done without."""

from __future__ import annotations

from measures import ENGINE, Measure, Options, compare_processes, our_command, python_code

COMPLETION = {
    "_NHS_LEAGUE_COMPLETE": "complete_bash",
    "COMP_WORDS": "nhs-league ra",
    "COMP_CWORD": "1",
}


def compare_startup(options: Options) -> list[Measure]:
    rank = our_command("rank", "--quarter", "2025Q2")
    asked = [
        ("nhs-league --help", our_command("--help"), "import typer", 1.4),
        ("shell completion", our_command(environment=COMPLETION), "import typer", 1.4),
        ("nhs-league rank --quarter 2025Q2", rank, ENGINE, 1.5),
    ]
    return [
        compare_processes(
            name, f"python -c '{code}'", ours, python_code(code), runs=options.runs, limit=limit
        )
        for name, ours, code, limit in asked
    ]


TASKS = {"startup": compare_startup}
