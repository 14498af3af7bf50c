"""A finding: one thing wrong or notable in the data or the framework, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import polars as pl

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

MAX_OF_A_KIND: Final = 200
"""Findings of one kind that are listed one by one; the rest are counted in one more finding."""


def printable(text: str) -> str:
    """Give a text of a file, or a file's name, in signs that can be written on one line."""
    written = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in written
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or notable.

    ``row`` is the line of a spreadsheet: the header is row 1. In a framework file it is the line.
    ``code`` names the kind of finding; ``docs/findings.md`` lists them all.
    """

    severity: Severity
    code: str
    message: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None

    @property
    def place(self) -> str:
        """Say where: ``ae.csv row 57, column numerator``, ``own.yaml line 12, scale.best``."""
        is_yaml = (self.file or "").lower().endswith((".yaml", ".yml"))
        line = "" if self.row is None else f"{'line' if is_yaml else 'row'} {self.row}"
        file_and_line = " ".join(part for part in (self.file, line) if part)
        column = self.column if self.column is None or is_yaml else f"column {self.column}"
        return ", ".join(part for part in (file_and_line, column) if part)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        if self.value is not None:
            text += f" (found {self.value!r}"
            text += f"; expected {self.expected})" if self.expected else ")"
        elif self.expected:
            text += f" (expected {self.expected})"
        return printable(f"{text} [{self.code}]")


def has_errors(findings: Iterable[Finding], *, strict: bool = False) -> bool:
    """Say whether any finding is an error, or with ``strict`` a warning."""
    failing = {"error", "warning"} if strict else {"error"}
    return any(finding.severity in failing for finding in findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by severity, file, row, column and kind: a report never changes order."""
    return sorted(
        findings,
        key=lambda f: (
            SEVERITIES.index(f.severity),
            f.file or "",
            f.row if f.row is not None else -1,
            f.column or "",
            f.code,
            f.message,
        ),
    )


def beyond_the_cap(code: str, count: int) -> list[Finding]:
    """Say how many of ``count`` findings of a kind are not listed, if any are not."""
    more = count - MAX_OF_A_KIND
    if more <= 0:
        return []
    return [
        Finding(
            "note", "findings_capped", f"{more:,} more findings of the kind {code} are not listed"
        )
    ]


def counted(count: int, noun: str, one: str, many: str) -> str:
    """Begin a clause with a count: ``1 figure is``, ``1,204 figures are``."""
    return f"1 {noun} {one}" if count == 1 else f"{count:,} {noun}s {many}"


def findings_of_rows(
    severity: Severity,
    code: str,
    rows: pl.DataFrame,
    message: str,
    *,
    column: str | None = None,
    expected: str | None = None,
) -> Iterator[Finding]:
    """Make a finding of each row, up to the cap.

    Rows have ``org_code``, ``metric_id`` and ``source_file``, and ``source_row`` where it is known;
    braces in the texts stand for their columns.
    """
    for row in rows.head(MAX_OF_A_KIND).iter_rows(named=True):
        value = row[column] if column else None
        yield Finding(
            severity,
            code,
            f"{row['org_code']} {row['metric_id']}: {message.format(**row)}",
            file=row["source_file"],
            row=row.get("source_row"),
            column=column,
            value=f"{value:g}" if isinstance(value, float) else value,
            expected=expected.format(**row) if expected else None,
        )
    yield from beyond_the_cap(code, len(rows))


def capped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the first findings of each kind, and say how many more there are."""
    kept: list[Finding] = []
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
        if counts[finding.code] <= MAX_OF_A_KIND:
            kept.append(finding)
    for code, count in counts.items():
        kept += beyond_the_cap(code, count)
    return tuple(kept)
