"""A second way to read NHS England's publications: exact sums over the bytes as published.

It uses the standard library alone and knows nothing of the project. Each function takes the bytes
of one unzipped file and gives the figures of every organisation in it, by organisation code, month
and metric. What the totals rows say is left out, so that a sum can be held against them.

A blank is not a zero: a sum with a blank in it is not known, and is ``None``.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

Key = tuple[str, str, str]
"""An organisation's code, a month such as ``2025-06``, and a metric."""
Row = Mapping[str, str]
Number = Fraction | int
Counted = tuple[Key, Number | None, Number | None]
"""What one row adds to the numerator and the denominator of a key."""

MONTHS: Final = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)
NOT_A_NUMBER: Final = {"", "-", "."}

AE_TYPES: Final = ("Type 1", "Type 2", "Other A&E Department")
AE_BOOKED: Final = (
    "Booked Appointments Type 1",
    "Booked Appointments Type 2",
    "Booked Appointments Other Department",
)
AE_OVER_4_HOURS: Final = ("Type 1", "Type 2", "Other Department", *AE_BOOKED)
AE_TYPE_1: Final = ("Type 1", "Booked Appointments Type 1")
AE_ADMISSIONS: Final = ("Type 1", "Type 2", "Other A&E department")
AE_12_HOURS: Final = "Patients who have waited 12+ hrs from DTA to admission"

RTT_BANDS: Final = (
    *(f"Gt {week:02} To {week + 1:02} Weeks SUM 1" for week in range(104)),
    "Gt 104 Weeks SUM 1",
)
DM01_OVER_6_WEEKS: Final = (
    *(f"{week:02} < {week + 1:02} Weeks" for week in range(6, 13)),
    "13+ Weeks",
)

CANCER_METRICS: Final = {
    "28-day FDS": "cancer_28_days",
    "31-day Combined": "cancer_31_days",
    "62-day Combined": "cancer_62_days",
}
CANCER_EVERY_TYPE: Final = "ALL CANCERS"

AMBULANCE_METRICS: Final = {
    "ambulance_category_1": ("A25", "A8"),
    "ambulance_category_2": ("A31", "A10"),
}
"""The mean response in seconds, and the incidents that it is the mean of."""
AMBULANCE_TOTALS: Final = re.compile(r"ENG|Y\d\d")

SHEET_NAMES: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Figures:
    """One organisation's month: counts have no value, a mean has no numerator."""

    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None = None

    @property
    def percent(self) -> Fraction | None:
        """Give the numerator as a percentage of the denominator."""
        if self.numerator is None or not self.denominator:
            return None
        return 100 * self.numerator / self.denominator


Published = dict[Key, Figures]


def unzipped(data: bytes) -> bytes:
    """Give the only file in an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


# The publications


def ae_figures(data: bytes) -> Published:
    """Read a month of A&E attendances: four hours, four hours of type 1, and twelve hours."""
    return _added_up(
        counted
        for row in _rows(data)
        if row["Org Code"].strip().casefold() != "total"
        for counted in _ae_counted(row)
    )


def rtt_figures(data: bytes) -> Published:
    """Read a month of referral to treatment: 18 and 52 weeks, all specialties, by provider."""
    return _added_up(
        counted
        for row in _rows(data)
        if row["RTT Part Type"] == "Part_2" and row["Treatment Function Code"] == "C_999"
        for counted in _rtt_counted(row)
    )


def dm01_figures(data: bytes) -> Published:
    """Read a month of diagnostic waits over six weeks, by provider."""
    return _added_up(
        (
            (row["Provider Org Code"].strip(), _month(row["Period"]), "diagnostics_6_weeks"),
            _sum(row, DM01_OVER_6_WEEKS),
            _number(row["Total WL"]),
        )
        for row in _rows(data)
        if row["Diagnostic Tests"] != "TOTAL"
    )


def cancer_figures(data: bytes) -> Published:
    """Read the workbook of cancer waits by provider: every patient once, over all routes."""
    return _added_up(
        (
            (row["ORG CODE"].strip(), row["PERIOD"][:7], CANCER_METRICS[row["STANDARD"]]),
            _number(row["WITHIN STANDARD"]),
            _number(row["TOTAL TREATED"]),
        )
        for row in _sheet_rows(data)
        if row["STANDARD"] in CANCER_METRICS and row["CANCER TYPE"] != CANCER_EVERY_TYPE
    )


def ambulance_figures(data: bytes) -> Published:
    """Read the mean responses of ambulance services to categories 1 and 2, in seconds."""
    read = _ambulance_figures(data)
    return {key: figures for key, figures in read if not AMBULANCE_TOTALS.fullmatch(key[0])}


def ambulance_totals(data: bytes) -> Published:
    """Read what the same file says of England and its regions."""
    read = _ambulance_figures(data)
    return {key: figures for key, figures in read if AMBULANCE_TOTALS.fullmatch(key[0])}


def sickness_figures(data: bytes) -> Published:
    """Read the days lost to sickness and the days available."""
    return _added_up(
        (
            (row["ORG_CODE"].strip(), _month_of_day(row["DATE"]), "sickness_absence"),
            _number(row["FTE_DAYS_LOST"]),
            _number(row["FTE_DAYS_AVAILABLE"]),
        )
        for row in _rows(data)
    )


def england(published: Mapping[Key, Figures]) -> dict[tuple[str, str], Figures]:
    """Add up England by month and metric; means are weighted by what they are the mean of.

    An organisation without both of its figures adds nothing.
    """
    weighted: set[tuple[str, str]] = set()
    sums: dict[tuple[str, str], list[Fraction]] = defaultdict(lambda: [Fraction(), Fraction()])
    for (_, month, metric), figures in published.items():
        part = figures.numerator
        if figures.value is not None and figures.denominator is not None:
            weighted.add((month, metric))
            part = figures.value * figures.denominator
        if part is not None and figures.denominator is not None:
            sums[month, metric][0] += part
            sums[month, metric][1] += figures.denominator
    return {
        key: Figures(None, below, above / below if below else None)
        if key in weighted
        else Figures(above, below)
        for key, (above, below) in sums.items()
    }


# What a row adds


def _ae_counted(row: Row) -> Iterator[Counted]:
    org, month = row["Org Code"].strip(), _month(row["Period"])
    for metric, attended, waited in (
        ("ae_4_hours", (*AE_TYPES, *AE_BOOKED), AE_OVER_4_HOURS),
        ("ae_4_hours_type_1", AE_TYPE_1, AE_TYPE_1),
    ):
        attendances = _sum(row, (f"A&E attendances {name}" for name in attended))
        over = _sum(row, (f"Attendances over 4hrs {name}" for name in waited))
        within = _plus(attendances, None if over is None else -over)
        yield (org, month, metric), within, attendances
    admissions = _sum(row, (f"Emergency admissions via A&E - {name}" for name in AE_ADMISSIONS))
    yield (org, month, "ae_12_hours_from_decision"), _number(row[AE_12_HOURS]), admissions


def _rtt_counted(row: Row) -> Iterator[Counted]:
    org, month = row["Provider Org Code"].strip(), _month(row["Period"])
    pathways = _number(row["Total All"])
    yield (org, month, "rtt_18_weeks"), _sum(row, RTT_BANDS[:18]), pathways
    yield (org, month, "rtt_52_weeks"), _sum(row, RTT_BANDS[52:]), pathways


def _ambulance_figures(data: bytes) -> Iterator[tuple[Key, Figures]]:
    seen: set[Key] = set()
    for row in _rows(data):
        month = f"{int(row['Year']):04}-{int(row['Month']):02}"
        for metric, (mean, incidents) in AMBULANCE_METRICS.items():
            key = (row["Org Code"].strip(), month, metric)
            if key in seen:
                raise ValueError(f"two means of {key}: they cannot be added up")
            seen.add(key)
            yield key, Figures(None, _exact(_number(row[incidents])), _exact(_number(row[mean])))


def _added_up(counted: Iterable[Counted]) -> Published:
    numerators: dict[Key, Number | None] = {}
    denominators: dict[Key, Number | None] = {}
    for key, numerator, denominator in counted:
        numerators[key] = _plus(numerators.get(key, 0), numerator)
        denominators[key] = _plus(denominators.get(key, 0), denominator)
    return {key: Figures(_exact(numerators[key]), _exact(denominators[key])) for key in numerators}


# Numbers and months


def _sum(row: Row, names: Iterable[str]) -> Number | None:
    total: Number | None = 0
    for name in names:
        total = _plus(total, _number(row[name]))
    return total


def _plus(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else one + other


def _number(text: str) -> Number | None:
    stripped = text.strip()
    if stripped in NOT_A_NUMBER:
        return None
    return int(stripped) if stripped.isdecimal() else Fraction(stripped)


def _exact(number: Number | None) -> Fraction | None:
    return None if number is None else Fraction(number)


def _month(period: str) -> str:
    """Take ``RTT-January-2026`` for ``2026-01``."""
    _, name, year = period.strip().split("-")
    return f"{year}-{MONTHS.index(name.upper()) + 1:02}"


def _month_of_day(text: str) -> str:
    day, month, year = text.strip().split("/")
    return date(int(year), int(month), int(day)).isoformat()[:7]


# Files


def _rows(data: bytes) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    for row in csv.DictReader(io.StringIO(text, newline=""), restval=""):
        if any(cell.strip() for name, cell in row.items() if name is not None):
            yield {name.strip(): cell for name, cell in row.items() if name is not None}


def _sheet_rows(data: bytes) -> Iterator[Row]:
    """Give the rows of the first sheet that has a standard in its first row."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for path in _sheet_paths(book):
            rows = _cells(book, path)
            header = next(rows, {})
            if "STANDARD" in header.values():
                for cells in rows:
                    yield {name: cells.get(column, "") for column, name in header.items()}
                return
    raise ValueError("no sheet of cancer waits")


def _sheet_paths(book: zipfile.ZipFile) -> list[str]:
    targets = {
        element.attrib["Id"]: element.attrib["Target"]
        for element in ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    }
    sheets = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET_NAMES}sheet")
    return [f"xl/{targets[sheet.attrib[RELATIONSHIP]]}" for sheet in sheets]


def _cells(book: zipfile.ZipFile, path: str) -> Iterator[dict[str, str]]:
    """Give the cells of each row by the letters of their column; the dimension is not believed."""
    strings = _shared_strings(book)
    with book.open(path) as sheet:
        for _, element in ET.iterparse(sheet):
            if element.tag == f"{SHEET_NAMES}row":
                yield {
                    cell.attrib["r"].rstrip("0123456789"): _cell_text(cell, strings)
                    for cell in element
                }
                element.clear()


def _cell_text(cell: ET.Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SHEET_NAMES}t"))
    text = cell.findtext(f"{SHEET_NAMES}v", "")
    if cell.get("t") == "s":
        return strings[int(text)]
    # The only styled cells are the dates.
    return _day(text) if text and cell.get("s", "0") != "0" else text


def _day(serial: str) -> str:
    return (date(1899, 12, 30) + timedelta(days=int(serial))).isoformat()


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [
        "".join(part.text or "" for part in item.iter(f"{SHEET_NAMES}t"))
        for item in ET.fromstring(book.read("xl/sharedStrings.xml"))
    ]
