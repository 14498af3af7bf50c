"""The site: ``report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nhs_league.cli import options
from nhs_league.cli.diagnostics import Diagnostics


def report(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            readable=False,
            show_default=False,
            help="Folder of the site. A site that stands there is replaced when the new is whole.",
        ),
    ],
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    seed: options.Seed = None,
    scores: options.Scores = "auto",
    force: Annotated[
        bool,
        typer.Option("--force", help="Write to a folder that holds other files; they are kept."),
    ] = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Write a site that the public can read: tables, trusts, measures, method and data."""
    from nhs_league.cli.commands import report as command
    from nhs_league.cli.session import Request

    command.run(
        Diagnostics(quiet),
        output,
        Request(data or (), framework, quarter, scores, strict),
        seed=seed,
        force=force,
    )
