"""An audit as a document: the count first, then every figure that is not equal, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from nhs_league.analysis.audit import KINDS, VERDICTS, Audit
from nhs_league.findings import Finding
from nhs_league.presentation.catalogues import findings_tables
from nhs_league.presentation.document import Block, Column, Document, Items, Paragraph, Table
from nhs_league.presentation.text import NOTHING, number, plural
from nhs_league.quarter import Quarter

_HEADERS: Final = {
    "equal": "Equal",
    "within_tie": "Tied",
    "on_edge": "On edge",
    "different": "Different",
    "not_computable": "Unknown",
}
_ALWAYS_SHOWN: Final = ("equal", "different", "not_computable")
_CAPTIONS: Final = {
    "different": "Different",
    "within_tolerance": "Off by no more than {tolerance}",
    "on_edge": "On an edge: the value is printed on a bound, whose other side gives the figure",
    "within_tie": "Within a tie: another order among values printed alike gives the figure",
}


def audit_document(
    audit: Audit, quarters: Sequence[Quarter], findings: Sequence[Finding]
) -> Document:
    """Lay an audit out: verdict, agreement by kind, what is not computed, what is not equal."""
    blocks: list[Block] = [Paragraph(verdict(audit)), _agreement_table(audit, quarters)]
    blocks += _not_computed(audit)
    for of_verdict, caption in _CAPTIONS.items():
        cells = audit.cells.filter(pl.col("verdict") == of_verdict)
        # Places in a tie follow from the table of agreement, and would hide what is of interest.
        is_listed = (pl.col("kind") != "metric_rank") | (pl.col("verdict") != "within_tie")
        listed = cells.filter(is_listed)
        if not listed.is_empty():
            blocks.append(_cells_table(listed, caption.format(tolerance=f"{audit.tolerance:g}")))
        if len(listed) < len(cells):
            ranks = plural(len(cells) - len(listed), "rank")
            blocks.append(Paragraph(f"{ranks} by metric within a tie: in the data formats."))
    blocks += findings_tables([f for f in findings if f.severity != "note"])
    return blocks


def verdict(audit: Audit) -> str:
    """Say in a sentence whether the published figures follow from the published data."""
    counts = dict(audit.cells.group_by("verdict").len().iter_rows())
    computed = len(audit.cells) - counts.get("not_computable", 0)
    parts = [f"{counts.get('equal', 0):,} are equal"]
    told = {
        "within_tolerance": f"off by no more than {audit.tolerance:g}",
        "within_tie": "within a tie of printed values",
        "on_edge": "on the edge of a bound",
        "different": "different",
    }
    parts += [f"{counts[name]:,} {text}" for name, text in told.items() if counts.get(name)]
    said = f"Of {computed:,} published figures that could be recomputed, {', '.join(parts)}."
    return said if audit.has_differences else f"{said} None differs beyond rounding."


def _agreement_table(audit: Audit, quarters: Sequence[Quarter]) -> Table:
    total = (
        audit.agreement()
        .group_by("kind", maintain_order=True)
        .agg(pl.col("cells", *VERDICTS).sum())
    )
    order = {kind: place for place, kind in enumerate(KINDS)}
    rows = sorted(total.iter_rows(named=True), key=lambda row: order[row["kind"]])
    headers = _HEADERS | {"within_tolerance": f"Off {audit.tolerance:g}"}
    # What explains nothing here gives its column to the names of the figures.
    shown = [name for name in VERDICTS if name in _ALWAYS_SHOWN or total[name].sum()]
    when = ", ".join(f"{quarter} ({quarter.nhs_label})" for quarter in quarters)
    return Table(
        f"Agreement: {when}",
        [
            Column("Figures"),
            Column("Cells", "right"),
            *(Column(headers[name], "right") for name in shown),
        ],
        [
            (
                KINDS[row["kind"]],
                f"{row['cells']:,}",
                *(f"{row[name]:,}" if row[name] else NOTHING for name in shown),
            )
            for row in rows
        ],
    )


def _not_computed(audit: Audit) -> Iterator[Block]:
    """Say why figures could not be recomputed, a point a reason, with the ids that it holds for."""
    reasons = audit.reasons()
    if reasons.is_empty():
        return
    grouped = reasons.group_by("kind", "reason", maintain_order=True).agg(
        pl.col("id").unique(maintain_order=True), pl.col("cells").sum()
    )
    yield Paragraph("Unknown, because:")
    yield Items(
        [
            f"{KINDS[row['kind']]}, {plural(row['cells'], 'cell')}: "
            f"{row['reason'] or 'no figure follows'} ({', '.join(row['id'])})"
            for row in grouped.iter_rows(named=True)
        ]
    )


def _cells_table(cells: pl.DataFrame, caption: str) -> Table:
    """List cells; those that differ only by the organisation, such as medians, share a row."""
    alike = ["quarter", "kind", "id", "published", "recomputed", "trail"]
    shared = cells.group_by(alike, maintain_order=True).agg(
        pl.col("org_code").first(),
        pl.len().alias("count"),
        pl.col("source_file", "source_row").first(),
    )
    return Table(
        f"{caption} ({len(cells):,})",
        [
            Column("Quarter", whole=True),
            Column("Code", whole=True),
            Column("Figure"),
            Column("Published", "right"),
            Column("Recomputed", "right"),
            Column("Trail"),
            Column("Source", optional=True),
        ],
        [
            (
                row["quarter"],
                row["org_code"] if row["count"] == 1 else f"{row['count']} alike",
                row["id"],
                _written(row, "published"),
                _written(row, "recomputed"),
                row["trail"] or "",
                f"{row['source_file']} row {row['source_row']}",
            )
            for row in shared.iter_rows(named=True)
        ],
    )


def _written(row: dict[str, Any], name: str) -> str:
    is_whole = row["kind"].endswith(("rank", "segment", "override", "rank_by_average"))
    return number(row[name], 0 if is_whole else 2)
