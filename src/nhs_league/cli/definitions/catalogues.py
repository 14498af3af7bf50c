"""What is known: ``frameworks``, ``metrics``, ``sources`` and ``schema``."""

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


def sources(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Source specs of your own, or folders that hold some.",
            show_default=False,
        ),
    ] = None,
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
) -> None:
    """List the publications and layouts that can be read, with their metrics."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.sources(Destination(format_, output, color), paths or ())


def schema(
    of: Annotated[
        Literal["framework", "scenario", "source"],
        typer.Argument(
            metavar="framework|scenario|source", help="What the schema is of.", show_default=False
        ),
    ],
    output: options.PlainOutput = None,
) -> None:
    """Print the JSON Schema of framework, scenario or source files, for editors."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.schema(Destination(path=output), of)
