"""League tables: ``rank``, ``explain``, ``history`` and ``summary``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nhs_league.cli import options
from nhs_league.cli.diagnostics import Diagnostics


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
    format_: options.PictureFormat = None,
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
        Destination(format_, output, color, can_be_drawn=True),
        Request(data or (), framework, quarter, scores, strict),
        by,
        Filters(peer_group=peer_group, region=region, icb=icb, top=top, bottom=bottom),
        ranges=ranges,
        seed=seed,
    )


def explain(
    trust: options.Trust,
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    ranges: options.Ranges = False,
    history: Annotated[
        bool,
        typer.Option(
            "--history",
            help="Every quarter in the data, and control charts of monthly metrics.",
        ),
    ] = False,
    seed: options.Seed = None,
    scores: options.Scores = "auto",
    format_: options.PictureFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Explain a trust's rank, down to the source rows."""
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    if history:
        from nhs_league.cli.commands import explain_history

        explain_history.run(
            Diagnostics(quiet),
            Destination(format_, output, color),
            Request(data or (), framework, quarter, scores, strict),
            trust,
            ranges=ranges,
            seed=seed,
        )
        return
    from nhs_league.cli.commands import explain as command

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color, can_be_drawn=True),
        Request(data or (), framework, quarter, scores, strict),
        trust,
        ranges=ranges,
        seed=seed,
    )


def history(
    trusts: options.AnyTrusts = None,
    framework: options.Frameworks = None,
    data: options.Data = None,
    peer_group: options.PeerGroup = None,
    region: options.Region = None,
    icb: options.Icb = None,
    top: Annotated[
        int | None,
        typer.Option(
            "--top", metavar="N", min=1, help="Only the N of each peer group that stand best."
        ),
    ] = None,
    bottom: Annotated[
        int | None,
        typer.Option(
            "--bottom", metavar="N", min=1, help="Only the N of each peer group that stand worst."
        ),
    ] = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Say who is consistently high or low, over every quarter in the data."""
    from nhs_league.cli.commands import history as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Filters, SeveralRequest

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        SeveralRequest(data or (), tuple(framework or ()), (), scores, strict),
        tuple(trusts or ()),
        Filters(peer_group=peer_group, region=region, icb=icb, top=top, bottom=bottom),
    )


def summary(
    by: Annotated[
        Literal["region", "icb", "subtype"],
        typer.Option("--by", help="Kind of place: region, integrated care board, or subtype."),
    ] = "region",
    quarter: options.Quarter = None,
    framework: options.Framework = None,
    data: options.Data = None,
    peer_group: options.PeerGroup = None,
    scores: options.Scores = "auto",
    format_: options.OutputFormat = None,
    output: options.Output = None,
    color: options.Colour = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
) -> None:
    """Sum up the table by place, and say how far places differ."""
    from nhs_league.cli.commands import summary as command
    from nhs_league.cli.output import Destination
    from nhs_league.cli.session import Request

    command.run(
        Diagnostics(quiet),
        Destination(format_, output, color),
        Request(data or (), framework, quarter, scores, strict),
        by,
        peer_group,
    )
