"""The NHS Oversight Framework's own files: the data files and the league tables, any edition.

What a row holds is told by its Metric_ID alone; ``docs/data.md`` describes both layouts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from nhs_league.findings import Finding, Severity, capped, counted
from nhs_league.sources.layout import CELL_SCHEMA, DESCRIBED_SCHEMA, LaidOutTable, unknown_layout
from nhs_league.sources.oversight_ids import DOMAIN_NAMES, domain_result_expr, kind_expr
from nhs_league.sources.tabular import ROW, TextTable
from nhs_league.sources.tidy import repeated_headers

DATA_COLUMNS: Final = (
    "quarter",
    "region",
    "trust_type",
    "trust_subtype",
    "trust_code",
    "trust_name",
    "domain",
    "sub_domain",
    "metric_id",
    "metric_description",
    "reporting_date",
    "units",
    "value",
    "median_value",
    "lower_quartile",
    "upper_quartile",
    "rank",
)
LEAGUE_TABLE_COLUMNS: Final = (
    "quarter",
    "region",
    "trust_type",
    "trust_subtype",
    "trust_code",
    "trust_name",
    "average_score",
    "likely_range_of_average_score",
    "segment",
    "trust_in_financial_deficit",
    "rank",
    "likely_range_of_rank",
)
_NEEDED: Final = frozenset(
    {
        "trust_type",
        "trust_code",
        "trust_name",
        "metric_id",
        "units",
        "value",
        "rank",
        "average_score",
        "segment",
        "trust_in_financial_deficit",
    }
)
_ALSO_KNOWN: Final = frozenset({"reporting_date"})
_OPTIONAL: Final = frozenset({"quarter"})
_MARKS_OF_A_LAYOUT: Final = {
    "oversight league table": frozenset(
        {"average_score", "trust_in_financial_deficit", "likely_range_of_rank"}
    ),
    "oversight data": frozenset(
        {"trust_code", "metric_description", "median_value", "lower_quartile", "upper_quartile"}
    ),
}

_NHS_QUARTER: Final = r"^\s*Q[1-4]\s\d{4}/\d{2}\s*$"

FIRST_QUARTER: Final = "Q1 2025/26"
"""The quarter of the only edition without a column Quarter, that of September 2025."""

OLD_TRUST_TYPES: Final = {"Non-acute hospital trust": "Mental health and community trust"}
"""What the first edition called a trust type, and what it is called since."""

REGIONS: Final = {"East": "East of England"}
"""What these files call a region, and what the register calls it."""

_QUARTILES: Final = {
    "median": "median_value",
    "lower_quartile": "lower_quartile",
    "upper_quartile": "upper_quartile",
}
_RANKS: Final = {"adjusted_segment": "league_rank", "average_metric_score": "rank_by_average"}
"""The results whose rows hold a result of its own under Rank."""

_RANGES: Final = {
    "likely_range_of_average_score": ("score_low", "score_high"),
    "likely_range_of_rank": ("rank_low", "rank_high"),
}
_LOST: Final = {
    **dict.fromkeys((*_QUARTILES.values(), *_RANGES), ": what it publishes cannot be audited"),
    "domain": ": the domains of OF42 and OF43 cannot be told apart",
}
"""What is lost without a column that is not needed."""
_FLAGS: Final = {
    **dict.fromkeys(("yes", "y", "true", "1", "1.0"), "1"),
    **dict.fromkeys(("no", "n", "false", "0", "0.0"), "0"),
}


def oversight_layout(table: TextTable) -> str | None:
    """Say which of the Oversight Framework's layouts a table has; none for any other table.

    A renamed or missing header makes it no other publication's: half of them are enough, with the
    headers that only this layout has.
    """
    headers = {oversight_header(header) for header in table.columns}
    for layout, columns in (
        ("oversight league table", LEAGUE_TABLE_COLUMNS),
        ("oversight data", DATA_COLUMNS),
    ):
        is_like = len(headers & set(columns)) >= len(columns) // 2
        if is_like and headers & _MARKS_OF_A_LAYOUT[layout]:
            return layout
    return None


def oversight_header(header: str) -> str:
    """Give a header in one spelling: ``Sub-domain`` is ``sub_domain``."""
    return header.lower().replace(" ", "_").replace("-", "_")


def oversight_cells(table: TextTable, layout: str) -> LaidOutTable:
    """Lay a published table out under ``CELL_SCHEMA``."""
    is_data = layout == "oversight data"
    columns = DATA_COLUMNS if is_data else LEAGUE_TABLE_COLUMNS
    headers = {oversight_header(header): header for header in table.columns}
    findings = _header_findings(table, headers, columns)
    if any(finding.severity == "error" for finding in findings):
        return unknown_layout(headers, findings)
    frame = table.frame.rename({written: known for known, written in headers.items()})
    frame = frame.with_columns(
        pl.lit(None, pl.String).alias(name) for name in columns if name not in headers
    )
    if "quarter" not in headers:
        findings += _assumed_quarter(table, frame, _other_headers(table, columns))
        if findings[-1].severity == "error":
            return unknown_layout(headers, findings)
        frame = frame.with_columns(pl.lit(FIRST_QUARTER).alias("quarter"))
    laid_out = _data_cells if is_data else _league_table_cells
    return laid_out(
        table, _without_blank_rows(frame, headers).select(ROW, *columns), headers, findings
    )


def _without_blank_rows(frame: pl.DataFrame, headers: Iterable[str]) -> pl.DataFrame:
    is_blank = [_stripped(known) == "" for known in headers]
    has_any = frame.select((_stripped("trust_code") == "").any()).item()
    return frame.filter(~pl.all_horizontal(is_blank)) if has_any else frame


def _header_findings(
    table: TextTable, headers: dict[str, str], columns: Sequence[str]
) -> list[Finding]:
    """Find the headers that are missing, repeated or unknown."""
    import difflib

    findings = repeated_headers(table, oversight_header)
    others = _other_headers(table, columns)

    def lacks(severity: Severity, code: str, name: str, effect: str = "") -> None:
        near = difflib.get_close_matches(name, others, n=1, cutoff=0.4)
        expected = _published_header(name)
        message = f"has no column {expected!r}{effect}"
        value = ", ".join(near or table.columns)
        findings.append(
            Finding(severity, code, message, table.name, 1, value=value, expected=expected)
        )

    for name in columns:
        if name in headers or name in _OPTIONAL:
            continue
        if name in _NEEDED:
            lacks("error", "column_missing", name)
        else:
            lacks("warning", "column_missing", name, _LOST.get(name, ""))
    findings += [
        Finding("warning", "unknown_column", "is not used", table.name, 1, column=header)
        for header in others
    ]
    return findings


def _other_headers(table: TextTable, columns: Sequence[str]) -> list[str]:
    known = {*columns, *_ALSO_KNOWN}
    return [header for header in table.columns if oversight_header(header) not in known]


def _published_header(name: str) -> str:
    if name in ("metric_id", "sub_domain"):
        return {"metric_id": "Metric_ID", "sub_domain": "Sub-domain"}[name]
    return name.capitalize()


def _assumed_quarter(
    table: TextTable, frame: pl.DataFrame, other_headers: Sequence[str]
) -> list[Finding]:
    """Say which quarter a file without the column is for, or that it cannot be known."""
    for header in other_headers:
        if table.frame[header].str.contains(_NHS_QUARTER).any():
            message = "has no column 'Quarter', and this one states quarters"
            return [
                Finding(
                    "error", "column_missing", message, table.name, 1, header, expected="Quarter"
                )
            ]
    has_ids = "metric_id" in frame.columns
    is_later = _stripped("metric_id").str.contains("^OF(2|42|43|52)") if has_ids else pl.lit(False)
    later = frame.filter(is_later)
    if not later.is_empty():
        return [
            Finding(
                "error",
                "column_missing",
                "has no column 'Quarter', and its metrics are of a later year than the only "
                "edition without one",
                table.name,
                later[ROW][0],
                value=later["metric_id"][0],
                expected="Quarter",
            )
        ]
    return [
        Finding(
            "warning",
            "quarter_assumed",
            f"has no column 'Quarter': read as the edition of September 2025, {FIRST_QUARTER}",
            table.name,
            1,
        )
    ]


def _stripped(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars()


def _keys() -> list[pl.Expr]:
    return [
        _stripped("trust_code").alias("org_code"),
        _stripped("quarter").alias("period"),
        pl.col(ROW).alias("source_row"),
    ]


def _observations(
    rows: pl.LazyFrame, metric_id: pl.Expr, value: pl.Expr, *more: pl.Expr
) -> pl.LazyFrame:
    """Give one observation a row: cells under ``CELL_SCHEMA`` but for the file's name."""
    given = {expr.meta.output_name() for expr in more}
    absent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in CELL_SCHEMA.items()
        if name not in {*given, "org_code", "period", "source_row", "metric_id", "value"}
    ]
    return rows.select(
        *_keys(), metric_id.alias("metric_id"), value.alias("value"), *more, *absent
    ).select(*CELL_SCHEMA)


def _data_cells(
    table: TextTable, frame: pl.DataFrame, headers: dict[str, str], findings: list[Finding]
) -> LaidOutTable:
    """Lay out a data file: a row a trust and metric, a score, a result or a flag."""
    frame = frame.with_columns(_stripped("metric_id"), _stripped("domain"))
    ids = frame.select("metric_id", "domain").unique()
    ids = ids.with_columns(kind_expr("metric_id").alias("kind"))
    ids = ids.with_columns(domain_result_expr().alias("result"))
    frame = frame.join(ids, on=["metric_id", "domain"], how="left", maintain_order="left")
    is_domain = pl.col("kind").is_in(["domain_score", "domain_segment"])
    is_known = pl.col("kind").is_not_null() & ~(is_domain & pl.col("result").is_null())
    unknown = frame.filter(~is_known)
    known = frame.filter(is_known)
    flags, flag_findings = _read_flags(
        known.filter(pl.col("kind") == "flag"), table, "value", headers
    )
    known = pl.concat([known.filter(pl.col("kind") != "flag"), flags])
    rows = known.lazy()
    parts = [
        _observations(
            rows,
            pl.coalesce("result", "metric_id"),
            pl.col("value"),
            pl.when(~pl.col("result").is_in(list(_RANKS)).fill_null(False))
            .then(pl.col("rank"))
            .alias("published_rank"),
            _stripped("units").replace("", None).alias("unit"),
        )
    ]
    for metric_id, ranked in _RANKS.items():
        of_rank = rows.filter(pl.col("result") == metric_id, _stripped("rank") != "")
        parts.append(_observations(of_rank, pl.lit(ranked), pl.col("rank")))
    for name, column in _QUARTILES.items():
        of_peers = rows.filter(pl.col("kind") == "value", _stripped(column) != "")
        parts.append(
            _observations(of_peers, pl.lit(f"{name}:") + pl.col("metric_id"), pl.col(column))
        )
    kinds = dict(known.group_by("kind").len().sort("kind").iter_rows())
    return LaidOutTable(
        _of_file(parts, table),
        _headers_of_data(headers),
        "oversight data",
        (
            *findings,
            *_unknown_metrics(table, unknown, headers),
            *flag_findings,
            *_impossible_final_segments(known, table, headers),
        ),
        left_out={"unknown_metric": len(unknown)} if len(unknown) else {},
        kinds=kinds,
        described=_described(frame, table),
    )


def _of_file(parts: list[pl.LazyFrame], table: TextTable) -> pl.LazyFrame:
    file = pl.lit(table.name).alias("source_file")
    return pl.concat(parts).with_columns(file).select(*CELL_SCHEMA)


def _shared_headers(headers: dict[str, str]) -> dict[str, str]:
    """Give the headers that both layouts have, by the columns that they fill."""
    filled = {
        "org_code": "trust_code",
        "org_name": "trust_name",
        "trust_type": "trust_type",
        "period": "quarter",
    }
    return {name: headers[column] for name, column in filled.items() if column in headers}


def _headers_of_data(headers: dict[str, str]) -> dict[str, str]:
    written = _shared_headers(headers) | {
        "metric_id": headers["metric_id"],
        "value": headers["value"],
        "published_rank": headers["rank"],
        "unit": headers["units"],
    }
    written |= {f"value@{ranked}": headers["rank"] for ranked in _RANKS.values()}
    return written | {
        f"value@{name}": headers[column] for name, column in _QUARTILES.items() if column in headers
    }


def _unknown_metrics(
    table: TextTable, unknown: pl.DataFrame, headers: dict[str, str]
) -> list[Finding]:
    """Find the ids that no edition has: one finding each, at the first of its rows."""
    found = unknown.group_by("metric_id", "domain", maintain_order=True).agg(
        pl.col(ROW).first(), pl.len().alias("rows")
    )
    findings = []
    for row in found.iter_rows(named=True):
        if not row["metric_id"]:
            column = headers["metric_id"]
            findings.append(
                Finding("error", "key_missing", "is blank", table.name, row[ROW], column, "")
            )
            continue
        is_domain = row["metric_id"].startswith(("OF42", "OF43")) and "domain" in headers
        rows = counted(row["rows"], "row", "is", "are")
        findings.append(
            Finding(
                "warning",
                "unknown_metric",
                f"is not known: {rows} left out",
                table.name,
                row[ROW],
                headers["domain"] if is_domain else headers["metric_id"],
                row["domain"] if is_domain else row["metric_id"],
                expected=(
                    f"one of {', '.join(DOMAIN_NAMES)}"
                    if is_domain
                    else "OF0 (value) or OF1 or OF2 (score) and three digits, or the id of a result"
                ),
            )
        )
    return list(capped(findings))


def _impossible_final_segments(
    known: pl.DataFrame, table: TextTable, headers: dict[str, str]
) -> tuple[Finding, ...]:
    """Find final segments that can be none: no framework has them, and nothing else looks."""
    segment = pl.col("value").cast(pl.Float64, strict=False)
    is_segment = (segment == segment.round()) & segment.is_between(1, 5)
    is_impossible = (pl.col("result") == "final_segment") & ~is_segment
    return capped(
        Finding(
            "error",
            "segment_impossible",
            "is no segment",
            table.name,
            row[ROW],
            headers["value"],
            row["value"],
            "a whole number from 1 to 5",
        )
        for row in known.filter(is_impossible).iter_rows(named=True)
    )


def _read_flags(
    rows: pl.DataFrame, table: TextTable, column: str, headers: dict[str, str]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Write flags as 1 and 0; one that is neither yes nor no is a finding, and no figure."""
    text = _stripped(column)
    flag = text.str.to_lowercase().replace_strict(_FLAGS, default=None, return_dtype=pl.String)
    read = rows.with_columns(flag.alias("flag"), text.alias("written"))
    bad = read.filter(pl.col("flag").is_null(), pl.col("written") != "")
    findings = [
        Finding(
            "error",
            "not_a_flag",
            "is neither yes nor no",
            table.name,
            row[ROW],
            headers[column],
            row["written"],
            expected="Yes or No, or 1 or 0",
        )
        for row in bad.iter_rows(named=True)
    ]
    return read.with_columns(pl.col("flag").alias(column)).drop("flag", "written"), list(
        capped(findings)
    )


def _league_table_cells(
    table: TextTable, frame: pl.DataFrame, headers: dict[str, str], findings: list[Finding]
) -> LaidOutTable:
    """Lay out a league table: a row a trust, a column a result; its segment is the adjusted one."""
    frame, flag_findings = _read_flags(frame, table, "trust_in_financial_deficit", headers)
    results = {
        "average_metric_score": "average_score",
        "adjusted_segment": "segment",
        "financial_override": "trust_in_financial_deficit",
        "league_rank": "rank",
    }
    ends = [expr for column, names in _RANGES.items() for expr in _range_exprs(column, names)]
    frame = frame.with_columns(ends)
    results |= {end: end for names in _RANGES.values() for end in names}
    rows = frame.lazy()
    parts = [
        _observations(rows.filter(_stripped(column) != ""), pl.lit(metric_id), pl.col(column))
        for metric_id, column in results.items()
    ]
    written = _shared_headers(headers)
    places = results | {end: column for column, names in _RANGES.items() for end in names}
    written |= {
        f"value@{metric_id}": headers[column]
        for metric_id, column in places.items()
        if column in headers
    }
    return LaidOutTable(
        _of_file(parts, table),
        written,
        "oversight league table",
        (*findings, *flag_findings, *_unreadable_ranges(frame, table, headers)),
        kinds={"league_row": len(frame)},
        described=_described(frame, table),
    )


def _range_exprs(column: str, names: tuple[str, str]) -> list[pl.Expr]:
    ends = _stripped(column).str.extract_groups(r"^([\d.]+)\s+to\s+([\d.]+)$")
    low, high = (ends.struct.field(str(place)) for place in (1, 2))
    numbers = [end.cast(pl.Float64, strict=False) for end in (low, high)]
    is_range = numbers[0] <= numbers[1]
    return [
        pl.when(is_range).then(end).alias(name)
        for name, end in zip(names, (low, high), strict=True)
    ]


def _unreadable_ranges(
    frame: pl.DataFrame, table: TextTable, headers: dict[str, str]
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for column, (low, _) in _RANGES.items():
        findings += [
            Finding(
                "error",
                "range_unreadable",
                "is not a range",
                table.name,
                row[ROW],
                headers[column],
                row[column],
                expected="two numbers, such as 1.2 to 1.89",
            )
            for row in frame.filter(_stripped(column) != "", pl.col(low).is_null()).iter_rows(
                named=True
            )
        ]
    return capped(findings)


def _described(frame: pl.DataFrame, table: TextTable) -> pl.DataFrame:
    """List the organisations as the file describes them, at the first row of each description."""
    return (
        frame.select(
            _stripped("trust_code").alias("org_code"),
            _stripped("trust_name").alias("org_name"),
            _stripped("trust_type").replace(OLD_TRUST_TYPES).alias("trust_type"),
            _stripped("trust_subtype").alias("trust_subtype"),
            _stripped("region").replace(REGIONS).alias("region"),
            pl.lit(table.name).alias("source_file"),
            pl.col(ROW).alias("source_row"),
        )
        .unique(["org_code", "trust_type"], keep="first", maintain_order=True)
        .select(*DESCRIBED_SCHEMA)
    )
