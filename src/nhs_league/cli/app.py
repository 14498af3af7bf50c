"""The ``nhs-league`` command: its commands, and the way from an error to an exit code.

Nothing heavy is imported before a command runs: help and completion stay quick.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nhs_league.cli import options
from nhs_league.cli.diagnostics import (
    Diagnostics,
    ExitCode,
    leave,
    report_bug,
    report_error,
    report_lost_output,
    report_usage,
)
from nhs_league.cli.lean import lean_command
from nhs_league.errors import NhsLeagueError
from nhs_league.version import VERSION

# Typer carries a copy of Click of its own, reached through the errors that it makes public.
_ClickUsageError: type[Any] = typer.BadParameter.__mro__[1]
_ClickError: type[Any] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="nhs-league",
    help="Rank England's NHS trusts by an open framework, and explain every rank.",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=(
        "Exit codes: 0 done, 1 a bug, 2 usage, 3 framework invalid, 4 data invalid, "
        "5 cannot write, 6 different, 130 interrupted."
    ),
)


def main() -> None:
    """Run the command line and exit.

    A process is short and its frames are freed without the collector of cycles: running that, and
    looking through every installed package for plugins of Pydantic, would take a fifth of its time.
    Threads of NumPy's linear algebra would get in the way of those that place leagues side by side.
    """
    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    leave(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; a traceback is a bug."""
    try:
        status = lean_command(app)(args=arguments, prog_name="nhs-league", standalone_mode=False)
    except NhsLeagueError as error:
        return report_error(error)
    except _ClickUsageError as error:
        context = error.ctx
        usage = context.get_usage() if context else None
        hint = f"Try '{context.command_path} --help' for help." if context else None
        return report_usage(_message(error), usage, hint)
    except _ClickError as error:
        return report_usage(_message(error), None, None)
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except SystemExit:
        # Only so does Typer leave here: nobody reads the help that it was writing.
        return report_lost_output(BrokenPipeError())
    except OSError as error:
        # A stream has no file name; what has one is a file that a command should have seen to.
        return report_lost_output(error) if error.filename is None else report_bug()
    except Exception:  # noqa: BLE001 - whatever else comes is a bug, and shown whole
        return report_bug()
    return status if isinstance(status, int) else ExitCode.DONE


def _message(error: Any) -> str:
    return str(error.format_message()).replace("Value error, ", "")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"nhs-league {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command; without a command, show how to use one."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def rank(
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    peer_group: options.PeerGroup = None,
    region: options.Region = None,
    icb: options.Icb = None,
    top: options.Top = None,
    bottom: options.Bottom = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="METRIC|DOMAIN",
            help="Rank on one metric or one domain, by id or title.",
        ),
    ] = None,
    ranges: options.Ranges = False,
    seed: options.Seed = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Print the league table. Filters apply after ranking."""
    from nhs_league.cli.commands import rank as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Filters, Request

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request(data or (), framework, quarter, scores, strict),
        by,
        Filters(peer_group=peer_group, region=region, icb=icb, top=top, bottom=bottom),
        ranges=ranges,
        seed=seed,
    )


@app.command()
def explain(
    trust: options.Trust,
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    ranges: options.Ranges = False,
    seed: options.Seed = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Explain a trust's rank, down to the source rows."""
    from nhs_league.cli.commands import explain as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request(data or (), framework, quarter, scores, strict),
        trust,
        ranges=ranges,
        seed=seed,
    )


@app.command()
def validate(
    paths: options.Paths = None,
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Check data and framework; the verdict is the exit code."""
    from nhs_league.cli.commands import validate as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    status = command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request([*map(Path, paths or ()), *(data or ())], framework, quarter, strict=strict),
    )
    raise typer.Exit(status)


@app.command()
def audit(
    paths: options.Paths = None,
    quarter: options.AnyQuarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    scores: options.Scores = "auto",
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance",
            metavar="POINTS",
            min=0.0,
            max=1.0,
            help="By how much a rounded figure may be off.",
        ),
    ] = 0.01,
    every_cell: Annotated[
        bool, typer.Option("--all", help="List every figure in data formats, the equal ones too.")
    ] = False,
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Recompute published tables and report agreement, cell by cell."""
    from nhs_league.cli.commands import audit as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    status = command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request([*map(Path, paths or ()), *(data or ())], framework, quarter, scores, strict),
        tolerance,
        every_cell=every_cell,
    )
    raise typer.Exit(status)


@app.command()
def robustness(
    trusts: options.Trusts = None,
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    view: Annotated[
        Literal["ranges", "leave-one-out", "influence"],
        typer.Option(
            "--view",
            help="Likely ranges; what each metric, domain and override does to the table; or each "
            "metric's weight beside its influence.",
        ),
    ] = "ranges",
    source: Annotated[
        Literal["metrics", "data", "weights"],
        typer.Option(
            "--source",
            help="Source of doubt: which metrics are counted, sampling error of the data, or the "
            "weights.",
        ),
    ] = "metrics",
    interval: Annotated[
        Literal["percentile", "expanded"],
        typer.Option(
            "--interval",
            help="As the NHS publishes it, or expanded so that it holds for few metrics.",
        ),
    ] = "percentile",
    weights: Annotated[
        Literal["declared", "uniform"],
        typer.Option("--weights", help="Weights around the declared ones, or any weights."),
    ] = "declared",
    concentration: Annotated[
        float,
        typer.Option(
            "--concentration",
            metavar="C",
            help="How close weights stay to the declared ones: from 1 to 1,000,000.",
        ),
    ] = 100.0,
    replicates: Annotated[
        int,
        typer.Option("--replicates", metavar="N", help="Replicates: from 100 to 100,000."),
    ] = 10_000,
    seed: options.Seed = None,
    peer_group: options.PeerGroup = None,
    region: options.Region = None,
    icb: options.Icb = None,
    top: options.Top = None,
    bottom: options.Bottom = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Say how sure ranks are: likely ranges, chances, and what sways the table."""
    from nhs_league.analysis.robustness.chance import DEFAULT_SEED
    from nhs_league.analysis.robustness.robustness import Design
    from nhs_league.cli.commands import robustness as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Filters, Request

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request(data or (), framework, quarter, scores, strict),
        Design(
            source=source,
            replicates=replicates,
            seed=DEFAULT_SEED if seed is None else seed,
            interval=interval,
            weights=weights,
            concentration=concentration,
        ),
        command.Scope(
            view,
            tuple(trusts or ()),
            Filters(peer_group=peer_group, region=region, icb=icb, top=top, bottom=bottom),
        ),
    )


@app.command()
def frameworks(
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
) -> None:
    """List the shipped frameworks."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.frameworks(Destination(format_, output, color))


@app.command()
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


@app.command()
def schema(
    of: Annotated[
        Literal["framework"],
        typer.Argument(metavar="framework", help="What the schema is of.", show_default=False),
    ],
    output: options.PlainOutput = None,
) -> None:
    """Print the JSON Schema of framework files, for editors."""
    from nhs_league.cli.commands import catalogues
    from nhs_league.cli.output import Destination

    catalogues.schema(Destination(path=output), of)
