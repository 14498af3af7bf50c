"""Editions of a publication: which of two files for one month holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import polars as pl

from nhs_league.findings import Finding
from nhs_league.sources.specs.model import Publication


def is_revised(file: str, source: Publication) -> bool:
    """Say whether a file's name, or that of the zip it is in, has a word of a revised edition."""
    words = "|".join(re.escape(word) for word in source.revised)
    *folders, name = PurePosixPath(file).parts
    names = [part for part in folders if part.lower().endswith(".zip")]
    names.append(re.sub(r" \[.*\]$", "", name))
    pattern = re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)
    return any(pattern.search(part) for part in names)


def settle_revisions(
    observations: pl.DataFrame, sources: Mapping[str, Publication], hashes: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame, list[Finding]]:
    """Let a revised file stand in the place of the first edition of its periods.

    ``observations`` are under ``OBSERVATION_SCHEMA``; ``sources`` and ``hashes`` are those of each
    publication's file. Gives the observations left, those that were replaced, and findings: a note
    for each file that another replaces, or a warning where that lacks figures of it, and a warning
    for two files of one period otherwise.
    """
    findings: list[Finding] = []
    replaced: list[tuple[str, str]] = []
    for (_, period), files in sorted(_files_by_period(observations, sources).items()):
        revised = [file for file in files if is_revised(file, sources[file])]
        first = [file for file in files if file not in revised]
        if revised:
            replaced += [(file, period) for file in first]
            findings += [_replaced(observations, file, period, revised) for file in first]
        standing = revised or first
        findings += [
            _second(file, period, standing[0])
            for file in standing[1:]
            if hashes[file] != hashes[standing[0]]
        ]
    if not replaced:
        return observations, observations.clear(), findings
    out = pl.DataFrame(replaced, schema=["source_file", "period"], orient="row")
    keys = ["source_file", "period"]
    return (
        observations.join(out, on=keys, how="anti", maintain_order="left"),
        observations.join(out, on=keys, how="semi", maintain_order="left"),
        findings,
    )


def _files_by_period(
    observations: pl.DataFrame, sources: Mapping[str, Publication]
) -> dict[tuple[str, str], list[str]]:
    of_publications = observations.filter(pl.col("source_file").is_in(list(sources)))
    found: dict[tuple[str, str], list[str]] = {}
    periods = of_publications.select("source_file", "period").unique(maintain_order=True)
    for file, period in periods.iter_rows():
        found.setdefault((sources[file].id, period), []).append(file)
    return {key: files for key, files in found.items() if len(files) > 1}


def _replaced(
    observations: pl.DataFrame, file: str, period: str, revised: Sequence[str]
) -> Finding:
    """Say what replaces a file, and whether any of its figures go with it."""
    of_period = observations.filter(pl.col("period") == period)
    gone = of_period.filter(pl.col("source_file") == file).join(
        of_period.filter(pl.col("source_file").is_in(list(revised))),
        on=["org_code", "metric_id"],
        how="anti",
    )
    message = f"{period} is replaced by {revised[0]}"
    if gone.is_empty():
        return Finding("note", "edition_replaced", message, file)
    first = gone.sort("metric_id", "org_code").row(0, named=True)
    return Finding(
        "warning",
        "edition_replaced",
        f"{message}, which lacks {len(gone):,} of its figures, such as {first['org_code']} "
        f"{first['metric_id']}",
        file,
        first["source_row"],
    )


def _second(file: str, period: str, first: str) -> Finding:
    return Finding(
        "warning",
        "two_files_of_a_period",
        f"{period} is in {first} too",
        file,
        expected="one file for a period, or a revised one that says so in its name",
    )
