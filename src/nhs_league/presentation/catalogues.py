"""Frameworks, metrics and findings as frames and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from nhs_league.findings import SEVERITIES, Finding
from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.framework.model import Framework, Metric, PoolMembers
from nhs_league.framework.scoring_methods import (
    BandsScoring,
    FloorScoring,
    MatrixScoring,
    MinMaxScoring,
    PublishedScoring,
    Scoring,
    StandardScoring,
    TargetScoring,
    ZScoreScoring,
)
from nhs_league.presentation.document import Block, Column, Document, Paragraph, Table
from nhs_league.presentation.sources import files_blocks
from nhs_league.presentation.text import plural
from nhs_league.sources.reports import FileReport


def frameworks_frame(files: Iterable[FrameworkFile]) -> pl.DataFrame:
    """List frameworks, one row each."""
    return pl.DataFrame(
        [
            {
                "framework_id": file.framework.id,
                "title": file.framework.title,
                "quarters": file.framework.applies_to.quarters,
                "metrics": len(file.framework.metrics),
                "domains": len(file.framework.domains),
                "sha256": file.sha256,
            }
            for file in files
        ]
    )


def frameworks_document(frame: pl.DataFrame) -> Document:
    """Lay the list of frameworks out."""
    columns = [
        Column("Framework", whole=True),
        Column("Title"),
        Column("Quarters"),
        Column("Metrics", "right"),
    ]
    rows = [
        (row["framework_id"], row["title"], row["quarters"], str(row["metrics"]))
        for row in frame.iter_rows(named=True)
    ]
    return [Table("Shipped frameworks", columns, rows)]


def metrics_frame(framework: Framework) -> pl.DataFrame:
    """List a framework's metrics with their rules, one row each."""
    rows = [
        {
            "framework_id": framework.id,
            "metric_id": id_,
            "title": metric.title,
            "domain": framework.domain(metric.domain).title,
            "unit": metric.unit,
            "polarity": metric.polarity,
            "basis": metric.basis,
            "scoring": scoring_rule(metric),
            "pool": _pool(metric),
            "weight": metric.weight if metric.counts else None,
            "published_score": metric.published_score,
            "evidence": metric.evidence,
            "source": metric.source.title if metric.source else None,
            "why": metric.why,
            "note": metric.note,
        }
        for id_, metric in framework.metrics.items()
    ]
    texts = dict.fromkeys(rows[0], pl.String())
    return pl.DataFrame(rows, schema=texts | {"weight": pl.Float64()})


def metrics_document(frame: pl.DataFrame, framework: Framework) -> Document:
    """Lay a framework's metrics out."""
    columns = [
        Column("Metric", whole=True),
        Column("Title"),
        Column("Scoring"),
        Column("Pool", optional=True),
        Column("Weight", "right"),
        Column("Evidence"),
    ]
    rows = [
        (
            row["metric_id"],
            row["title"],
            row["scoring"],
            row["pool"],
            "shown only" if row["weight"] is None else f"{row['weight']:g}",
            row["evidence"] or "-",
        )
        for row in frame.iter_rows(named=True)
    ]
    return [Table(f"{framework.title}: metrics", columns, rows)]


def scoring_rule(metric: Metric) -> str:
    """Say a metric's scoring rule in words."""
    text = _rule(metric.scoring, metric)
    for unit, scoring in metric.scoring_of_unit.items():
        text += f"; a {unit}: {_rule(scoring, metric)}"
    return text


def findings_frame(findings: Sequence[Finding]) -> pl.DataFrame:
    """List findings, one row each."""
    schema = {
        "severity": pl.String,
        "code": pl.String,
        "file": pl.String,
        "row": pl.Int64,
        "column": pl.String,
        "value": pl.String,
        "expected": pl.String,
        "message": pl.String,
    }
    rows = [{name: getattr(finding, name) for name in schema} for finding in findings]
    return pl.DataFrame(rows, schema=schema)


def findings_document(files: Sequence[FileReport], findings: Sequence[Finding]) -> Document:
    """Lay out what became of every file, then the findings, then the verdict."""
    blocks = list(files_blocks(files))
    blocks += findings_tables(findings)
    blocks.append(Paragraph(verdict(findings)))
    return blocks


def findings_tables(findings: Sequence[Finding]) -> Iterator[Block]:
    """Lay findings out, a table a severity."""
    for severity in SEVERITIES:
        of_kind = [finding for finding in findings if finding.severity == severity]
        if of_kind:
            cells = [
                (finding.place or "-", str(finding).removeprefix(f"{finding.place}: "))
                for finding in of_kind
            ]
            caption = plural(len(of_kind), severity)
            yield Table(caption, [Column("Place"), Column("Finding")], cells)


def verdict(findings: Sequence[Finding]) -> str:
    """Count the findings in one sentence."""
    counts = [sum(finding.severity == severity for finding in findings) for severity in SEVERITIES]
    listed = ", ".join(plural(n, severity) for n, severity in zip(counts, SEVERITIES, strict=True))
    return f"{'Unsound' if counts[0] else 'Sound'}: {listed}."


def _rule(scoring: Scoring, metric: Metric) -> str:
    sign = ">=" if metric.is_higher_better else "<="
    match scoring:
        case StandardScoring(floor=None):
            return f"standard {sign} {scoring.standard:g}, others by rank"
        case StandardScoring():
            return f"standard {sign} {scoring.standard:g}, floor {scoring.floor:g}, between by rank"
        case FloorScoring():
            return f"floor {scoring.floor:g}, others by rank"
        case BandsScoring():
            bands = [f"{sign} {band.bound:g}: {band.score:g}" for band in scoring.bands]
            return ", ".join([*bands, f"else {scoring.otherwise:g}"])
        case MatrixScoring():
            return f"matrix of {scoring.rows} and {scoring.columns}"
        case PublishedScoring():
            return "as published"
        case MinMaxScoring():
            return "linear from worst to best value"
        case ZScoreScoring():
            return f"standard deviations, {scoring.spread:g} to either end"
        case TargetScoring():
            return f"linear from {scoring.limit:g} (worst) to {scoring.target:g} (best)"
        case _:
            return scoring.method.replace("_", " ")


def _pool(metric: Metric) -> str:
    if isinstance(metric.pool, PoolMembers):
        return " and ".join([*metric.pool.peer_groups, *metric.pool.include])
    return metric.pool.replace("_", " ")
