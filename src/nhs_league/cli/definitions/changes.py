"""What changed, and what would change it: ``compare`` and ``whatif``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nhs_league.cli import options
from nhs_league.cli.diagnostics import Diagnostics


def compare(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FROM TO",
            help="Two quarters, or two tables that `rank` saved as CSV. "
            "Default: the quarter of --quarter, with two frameworks.",
            show_default=False,
        ),
    ] = None,
    quarter: Annotated[
        str | None,
        typer.Option(
            "--quarter",
            "-Q",
            metavar="QUARTER",
            show_default=False,
            help="Quarter, as 2025Q2 or 'Q1 2025/26'. "
            "Default: the latest that both frameworks have.",
        ),
    ] = None,
    framework: options.TwoFrameworks = None,
    data: options.Data = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="segment-changes|significant|TRUST",
            show_default=False,
            help="Only changes of segment, significant changes, or a trust; repeatable.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 6 if anything that is shown has changed.")
    ] = False,
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            metavar="N",
            help="Replicates of the test of a change: from 100 to 100,000.",
        ),
    ] = 10_000,
    seed: options.Seed = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Say who moved between two quarters, frameworks or saved tables, and why."""
    from nhs_league.cli.commands import compare as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import SeveralRequest

    status = command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        SeveralRequest(data or (), tuple(framework or ()), tuple(tables or ()), scores, strict),
        quarter,
        command.Scope(tuple(only or ()), replicates, seed, check),
    )
    raise typer.Exit(status)


def whatif(
    trust: options.Trust,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            show_default=False,
            help="A change: METRIC=VALUE, override=off, override.ID=on or weight.METRIC=30; "
            "repeatable.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="METRIC",
            show_default=False,
            help="Leave a metric out of the framework; repeatable.",
        ),
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option(
            "--scenario",
            metavar="FILE",
            readable=False,
            show_default=False,
            help="YAML file of several changes to several trusts.",
        ),
    ] = None,
    target_segment: Annotated[
        int | None,
        typer.Option(
            "--target-segment",
            metavar="N",
            min=1,
            show_default=False,
            help="Find the smallest changes that lead to this segment.",
        ),
    ] = None,
    target_rank: Annotated[
        int | None,
        typer.Option(
            "--target-rank",
            metavar="N",
            min=1,
            show_default=False,
            help="Find the smallest changes that lead to this rank.",
        ),
    ] = None,
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Recompute the league with changed values, or find the changes that reach a target."""
    from nhs_league.cli.commands import whatif as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request(data or (), framework, quarter, scores, strict),
        trust,
        command.Question(
            tuple(set_ or ()), tuple(drop or ()), scenario, target_segment, target_rank
        ),
    )
