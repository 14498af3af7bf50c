"""What is known: ``frameworks``, ``metrics`` and ``schema``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nhs_league.cli import options


def frameworks(
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
) -> None:
    """List the shipped frameworks."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.frameworks(Destination(format_, output, color))


def metrics(
    framework: options.AnyFramework = None,
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
) -> None:
    """List metrics with their rules, of one framework or of every shipped one."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.metrics(Destination(format_, output, color), framework)


def schema(
    of: Annotated[
        Literal["framework", "scenario"],
        typer.Argument(
            metavar="framework|scenario", help="What the schema is of.", show_default=False
        ),
    ],
    output: options.PlainOutput = None,
) -> None:
    """Print the JSON Schema of framework or scenario files, for editors."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.schema(Destination(path=output), of)
