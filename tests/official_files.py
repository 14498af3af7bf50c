"""Made-up files in the Oversight Framework's own layouts, out of small tables of plain text.

A table of ``data_rows`` has a column a Metric_ID, and a cell becomes a row of the data file:

    trust | OF0017   | OF1017 | OF5000 | OF5004
    XA1   | 30.33 #2 | 2.5    | 2 #1   | 0
    XA2   | 20.53 #1 | 1.0    | -      | 1

``30.33 #2`` is a value with its rank, ``-`` no row at all. Rows come metric by metric, as they are
published; the first is row 2. A table of ``league_rows`` has the columns of a league table under
the short names of ``LEAGUE_TABLE``, and a row becomes a row of the file.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.support import NOTHING, read_table

Row = dict[str, str]

Q1, Q2, Q3 = "Q1 2025/26", "Q2 2025/26", "Q3 2025/26"
ACUTE = "Acute trust"
AMBULANCE = "Ambulance trust"
MENTAL_HEALTH = "Mental health and community trust"

TRUST_HEADER: Final = (
    "Quarter",
    "Region",
    "Trust_type",
    "Trust_subtype",
    "Trust_code",
    "Trust_name",
)
DATA_HEADER: Final = (
    *TRUST_HEADER,
    "Domain",
    "Sub-domain",
    "Metric_ID",
    "Metric_description",
    "Reporting_date",
    "Units",
    "Value",
    "Median_value",
    "Lower_quartile",
    "Upper_quartile",
    "Rank",
)
LEAGUE_TABLE_HEADER: Final = (
    *TRUST_HEADER,
    "Average_score",
    "Likely_range_of_average_score",
    "Segment",
    "Trust_in_financial_deficit",
    "Rank",
    "Likely_range_of_rank",
)

LEAGUE_TABLE: Final = {
    "average": "Average_score",
    "score range": "Likely_range_of_average_score",
    "segment": "Segment",
    "deficit": "Trust_in_financial_deficit",
    "rank": "Rank",
    "rank range": "Likely_range_of_rank",
}
"""Short names of the league table's own columns."""

DOMAINS: Final = {
    "OF40": (
        "Access to services",
        "",
        "Patient safety",
        "Finance and productivity",
        "People and workforce",
        "Effectiveness and experience",
    ),
    "OF42": (
        "Access to services",
        "Patient safety",
        "Finance, productivity and innovation",
        "People",
        "Experience of care",
        "Effectiveness of care and population health",
    ),
}
"""The domains by the last digit of the rows of their scores; that of OF42 is made up."""

UNITS: Final = {
    "OF0": "%",
    "OF1": "score",
    "OF2": "score",
    "OF40": "score",
    "OF41": "segment",
    "OF42": "score",
    "OF43": "segment",
    "OF50": "segment",
    "OF52": "segment",
}


def data_rows(table: str, *, quarter: str = Q1, trust_type: str = AMBULANCE) -> list[Row]:
    """Make the rows of a data file out of a table of trusts and metrics."""
    trusts = read_table(table)
    metric_ids = [name for name in trusts[0] if name != "trust"]
    return [
        row
        for metric_id in metric_ids
        for row in _metric_rows(metric_id, trusts, quarter, trust_type)
    ]


def league_rows(table: str, *, quarter: str = Q1, trust_type: str = AMBULANCE) -> list[Row]:
    """Make the rows of a league table out of one with short names; ``-`` is a blank cell."""
    rows = []
    for trust in read_table(table):
        cells = {
            LEAGUE_TABLE[name]: "" if cell == NOTHING else cell
            for name, cell in trust.items()
            if name != "trust"
        }
        stated = _trust_cells(trust["trust"], quarter, trust_type) | cells
        rows.append({name: stated.get(name, "") for name in LEAGUE_TABLE_HEADER})
    return rows


def edited(rows: Iterable[Row], number: int, **cells: str) -> list[Row]:
    """Change cells of the row of that number; ``Sub_domain`` stands for ``Sub-domain``."""
    changed = {name.replace("Sub_domain", "Sub-domain"): cell for name, cell in cells.items()}
    listed = [dict(row) for row in rows]
    assert changed.keys() <= listed[number - 2].keys()
    listed[number - 2].update(changed)
    return listed


def written(
    rows: Sequence[Row],
    *,
    without: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    line_end: str = "\n",
    has_mark: bool = False,
) -> bytes:
    """Write rows as a CSV file, perhaps without some columns or under other headers."""
    left_out = set(without)
    header = [name for name in rows[0] if name not in left_out]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow((renamed or {}).get(name, name) for name in header)
    writer.writerows([row[name] for name in header] for row in rows)
    return text.getvalue().encode("utf-8-sig" if has_mark else "utf-8")


def _metric_rows(
    metric_id: str, trusts: Sequence[Mapping[str, str]], quarter: str, trust_type: str
) -> list[Row]:
    cells = {trust["trust"]: trust[metric_id] for trust in trusts if trust[metric_id] != NOTHING}
    split = {code: cell.partition(" #")[::2] for code, cell in cells.items()}
    is_value = metric_id.startswith("OF0")
    quartiles = _quartiles(value for value, _ in split.values()) if is_value else {}
    described = _metric_cells(metric_id) | quartiles
    rows = []
    for code, (value, rank) in split.items():
        stated = _trust_cells(code, quarter, trust_type) | described
        stated |= {"Value": value, "Rank": rank}
        rows.append({name: stated.get(name, "") for name in DATA_HEADER})
    return rows


def _trust_cells(code: str, quarter: str, trust_type: str) -> Row:
    return {
        "Quarter": quarter,
        "Region": "Midlands",
        "Trust_type": trust_type,
        "Trust_subtype": trust_type.partition(" trust")[0],
        "Trust_code": code,
        "Trust_name": f"{code} NHS Trust",
    }


def _metric_cells(metric_id: str) -> Row:
    family = metric_id[:4] if metric_id[2:3] in {"4", "5"} else metric_id[:3]
    domains = DOMAINS.get({"OF41": "OF40", "OF43": "OF42"}.get(family, family), ())
    domain = domains[int(metric_id[-1])] if domains else "Summary"
    is_flag = metric_id in {"OF5004", "OF5007", "OF5204"}
    return {
        "Domain": domain,
        "Sub-domain": domain,
        "Metric_ID": metric_id,
        "Metric_description": f"Description of {metric_id}, in words",
        "Reporting_date": "Latest published, as at Jun-25",
        "Units": "flag" if is_flag else UNITS.get(family, ""),
    }


def _quartiles(values: Iterable[str]) -> Row:
    """Interpolate the quartiles of the values that are numbers."""
    numbers = [float(value) for value in values if value.replace(".", "", 1).isdecimal()]
    if len(numbers) < 2:
        numbers *= 2
    if not numbers:
        return {}
    lower, median, upper = statistics.quantiles(numbers, n=4, method="inclusive")
    return {
        "Median_value": str(round(median, 2)),
        "Lower_quartile": str(round(lower, 2)),
        "Upper_quartile": str(round(upper, 2)),
    }
