"""Whether data, tables and ranks hold: ``validate``, ``ingest``, ``audit`` and ``robustness``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nhs_league.cli import options
from nhs_league.cli.diagnostics import Diagnostics


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


def ingest(
    paths: options.Paths = None,
    every_organisation: Annotated[
        bool, typer.Option("--all", help="Organisations that are not ranked too.")
    ] = False,
    data: options.Data = None,
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Read publications, and write their observations as one table that --data reads back."""
    from nhs_league.cli.commands import ingest as command
    from nhs_league.cli.output import Destination

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        [*map(Path, paths or ()), *(data or ())],
        every_organisation=every_organisation,
        strict=strict,
    )


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
