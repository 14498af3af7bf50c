"""The options that commands share, each stated once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from nhs_league.presentation.format_names import Format, TableFormat
from nhs_league.resources import configs_directory, sample_directory

DATA_VARIABLE = "NHS_LEAGUE_DATA"


def _framework_ids(incomplete: str) -> list[str]:
    ids = sorted(path.stem for path in (configs_directory() / "frameworks").glob("*.yaml"))
    return [id_ for id_ in ids if id_.startswith(incomplete)]


def _trust_codes(incomplete: str) -> list[tuple[str, str]]:
    import csv

    with (sample_directory() / "organisations.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["org_code"], row["org_name"]) for row in csv.DictReader(file)]
    wanted = incomplete.upper()
    return [(code, name) for code, name in rows if code.startswith(wanted)]


Trust = Annotated[
    str,
    typer.Argument(
        metavar="TRUST",
        help="ODS code or name of a trust.",
        autocompletion=_trust_codes,
        show_default=False,
    ),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Files, folders, globs or zips; more of --data.",
        show_default=False,
    ),
]
Quarter = Annotated[
    str | None,
    typer.Option(
        "--quarter",
        "-Q",
        metavar="QUARTER",
        show_default=False,
        help="Quarter, as 2025Q2 or 'Q1 2025/26'. Default: the latest in the data.",
    ),
]
AnyQuarter = Annotated[
    str | None,
    typer.Option(
        "--quarter",
        "-Q",
        metavar="QUARTER",
        show_default=False,
        help="Quarter, as 2025Q2 or 'Q1 2025/26'. Default: every one with published results.",
    ),
]
Framework = Annotated[
    str | None,
    typer.Option(
        "--framework",
        "-F",
        metavar="ID|PATH",
        show_default=False,
        autocompletion=_framework_ids,
        help="Framework, by id or by the path of a YAML file. Default: the one that applies.",
    ),
]
AnyFramework = Annotated[
    str | None,
    typer.Option(
        "--framework",
        "-F",
        metavar="ID|PATH",
        show_default=False,
        autocompletion=_framework_ids,
        help="Framework, by id or by the path of a YAML file. Default: every shipped one.",
    ),
]
Frameworks = Annotated[
    list[str] | None,
    typer.Option(
        "--framework",
        "-F",
        metavar="ID|PATH",
        show_default=False,
        autocompletion=_framework_ids,
        help="Framework, by id or by the path of a YAML file; repeatable: each quarter has the "
        "first that governs it. Default: the one of the latest quarter.",
    ),
]
TwoFrameworks = Annotated[
    list[str] | None,
    typer.Option(
        "--framework",
        "-F",
        metavar="ID|PATH",
        show_default=False,
        autocompletion=_framework_ids,
        help="Framework, by id or by the path of a YAML file; given twice, the two are compared. "
        "Default: the one that governs both quarters.",
    ),
]
PlainOutput = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        readable=False,
        show_default=False,
        help="Write to a file. Default: standard output.",
    ),
]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        "-d",
        metavar="PATH",
        readable=False,
        show_default=False,
        envvar=DATA_VARIABLE,
        show_envvar=False,
        help="File, folder, glob or zip of CSV, XLSX or Parquet; repeatable. "
        f"Default: {DATA_VARIABLE}, else the bundled sample.",
    ),
]
OutputFormat = Annotated[
    TableFormat | None,
    typer.Option(
        "--format",
        "-f",
        show_default=False,
        help="Output format. Default: by the suffix of --output, else table.",
    ),
]
PictureFormat = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        show_default=False,
        help="Output format; svg and png are pictures. Default: by the suffix of --output, "
        "else table.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        readable=False,
        show_default=False,
        help="Write to a file, with a manifest beside it. Default: standard output.",
    ),
]
Colour = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--color", help="Colour in tables; auto is on a terminal only."),
]
Trusts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TRUST",
        help="ODS codes or names: of one trust, or of several to compare. Default: every trust.",
        autocompletion=_trust_codes,
        show_default=False,
    ),
]
AnyTrusts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TRUST",
        help="ODS codes or names of trusts. Default: every trust.",
        autocompletion=_trust_codes,
        show_default=False,
    ),
]
PeerGroup = Annotated[
    str | None,
    typer.Option("--peer-group", metavar="NAME", help="Only one peer group, such as acute."),
]
Region = Annotated[str | None, typer.Option("--region", metavar="NAME", help="Only one region.")]
Icb = Annotated[
    str | None,
    typer.Option("--icb", metavar="CODE|NAME", help="Only one integrated care board."),
]
Top = Annotated[
    int | None,
    typer.Option("--top", metavar="N", min=1, help="Only the best N of each peer group."),
]
Bottom = Annotated[
    int | None,
    typer.Option("--bottom", metavar="N", min=1, help="Only the last N of each peer group."),
]
Ranges = Annotated[
    bool, typer.Option("--ranges", help="Give the likely ranges of rank and average.")
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        show_default=False,
        help="Seed of the random numbers: the same seed gives the same result. Default: 1.",
    ),
]
Scores = Annotated[
    Literal["auto", "computed", "published"],
    typer.Option(
        "--scores",
        help="Where metric scores come from: computed from values, as published, or computed "
        "where the two agree and else as published (auto).",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Leave out notes and warnings.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
