"""Made-up files in the layouts of NHS England's publications, headers spelt as published.

A row is a mapping from published headers to cells, of which it states only those that matter. A
band or a count not stated is zero, a total not stated is the sum of its parts. A header that the
publication does not have is refused, so that a slip in a test does not pass unseen.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Final, TypedDict, Unpack
from xml.sax.saxutils import escape

Cell = str | int | float | date | None
Row = Mapping[str, Cell]
Cells = dict[str, Cell]
Table = Sequence[Sequence[Cell]]


class Form(TypedDict, total=False):
    """How a CSV file is written, and how its header departs from the published one."""

    encoding: str
    bom: bool
    crlf: bool
    renamed: Mapping[str, str]
    without: Iterable[str]


AE_COUNTS: Final = (
    "A&E attendances Type 1",
    "A&E attendances Type 2",
    "A&E attendances Other A&E Department",
    "A&E attendances Booked Appointments Type 1",
    "A&E attendances Booked Appointments Type 2",
    "A&E attendances Booked Appointments Other Department",
    "Attendances over 4hrs Type 1",
    "Attendances over 4hrs Type 2",
    "Attendances over 4hrs Other Department",
    "Attendances over 4hrs Booked Appointments Type 1",
    "Attendances over 4hrs Booked Appointments Type 2",
    "Attendances over 4hrs Booked Appointments Other Department",
    "Patients who have waited 4-12 hs from DTA to admission",
    "Patients who have waited 12+ hrs from DTA to admission",
    "Emergency admissions via A&E - Type 1",
    "Emergency admissions via A&E - Type 2",
    "Emergency admissions via A&E - Other A&E department",
    "Other emergency admissions",
)
AE_HEADER: Final = ("Period", "Org Code", "Parent Org", "Org name", *AE_COUNTS)

RTT_PARTS: Final = {
    "Part_1A": "Completed Pathways For Admitted Patients",
    "Part_1B": "Completed Pathways For Non-Admitted Patients",
    "Part_2": "Incomplete Pathways",
    "Part_2A": "Incomplete Pathways with DTA",
    "Part_3": "New RTT Periods - All Patients",
}
RTT_BANDS: Final = (
    *(f"Gt {week:02} To {week + 1:02} Weeks SUM 1" for week in range(104)),
    "Gt 104 Weeks SUM 1",
)
"""By the weeks from which each counts: ``RTT_BANDS[18]`` is the first past 18 weeks."""

PROVIDER_AND_COMMISSIONER: Final = (
    "Provider Parent Org Code",
    "Provider Parent Name",
    "Provider Org Code",
    "Provider Org Name",
    "Commissioner Parent Org Code",
    "Commissioner Parent Name",
    "Commissioner Org Code",
    "Commissioner Org Name",
)
RTT_HEADER: Final = (
    "Period",
    *PROVIDER_AND_COMMISSIONER,
    "RTT Part Type",
    "RTT Part Description",
    "Treatment Function Code",
    "Treatment Function Name",
    *RTT_BANDS,
    "Total",
    "Patients with unknown clock start date",
    "Total All",
)

DM01_TESTS: Final = (
    "MRI",
    "CT",
    "NON_OBSTETRIC_ULTRASOUND",
    "BARIUM_ENEMA",
    "DEXA_SCAN",
    "AUDIOLOGY_ASSESSMENTS",
    "ECHOCARDIOGRAPHY",
    "ELECTROPHYSIOLOGY",
    "PERIPHERAL_NEUROPHYS",
    "SLEEP_STUDIES",
    "URODYNAMICS",
    "COLONOSCOPY",
    "FLEXI_SIGMOIDOSCOPY",
    "CYSTOSCOPY",
    "GASTROSCOPY",
    "TOTAL",
)
DM01_BANDS: Final = (
    "00 < 01 Week",
    *(f"{week:02} < {week + 1:02} Weeks" for week in range(1, 13)),
    "13+ Weeks",
)
"""By the weeks from which each counts: ``DM01_BANDS[6]`` is the first past six weeks."""
DM01_ACTIVITY: Final = ("Waiting List Activity", "Planned Activity", "Unscheduled Activity")
DM01_HEADER: Final = (
    "Period",
    *PROVIDER_AND_COMMISSIONER,
    "Diagnostic Tests Sort Order",
    "Diagnostic Tests",
    *DM01_BANDS,
    "Total WL",
    *DM01_ACTIVITY,
    "Total Activity",
)

AMBULANCE_NUMBERS: Final = """
    0 1 2 3 4 114 5 6 111 112 113 7 8 9 10 11 12 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 126
    127 128 129 130 131 17 18 19 20 21 22 23 132 133 134 135 136 137 138 139 53 54 55 56 39 40 41
    42 43 44 45 46 47 48 74 82 83 84 78 94 95 96 115 116 117 118 75 85 86 87 79 97 98 99 119 120
    121 122 76 88 89 90 80 100 101 102 77 91 92 93 81 103 104 105 49 50 51 52 13 14 15 16 106 107
    108 109 110 140 141 142 143 144 145 146 147 148 124 125 57 58 59 60 61 62 63 64 65 66 67 68 69
    70 71 72 73
"""
AMBULANCE_INDICATORS: Final = tuple(f"A{number}" for number in AMBULANCE_NUMBERS.split())
AMBULANCE_HEADER: Final = (
    "Year",
    "Month",
    "Region Code",
    "Region",
    "Org Code",
    "Org Name",
    *AMBULANCE_INDICATORS,
)

SICKNESS_HEADER: Final = (
    "DATE",
    "NHSE_REGION_CODE",
    "NHSE_REGION_NAME",
    "ICS_CODE",
    "ICS_NAME",
    "ORG_CODE",
    "ORG_NAME",
    "ORG_TYPE",
    "FTE_DAYS_LOST",
    "FTE_DAYS_AVAILABLE",
    "SICKNESS_ABSENCE_RATE_PERCENT",
)

CANCER_HEADER: Final = (
    "PERIOD",
    "YEAR",
    "MONTH",
    "STANDARD",
    "ORG CODE",
    "STAGE/ROUTE",
    "TREATMENT MODALITY",
    "CANCER TYPE",
    "TOTAL TREATED",
    "WITHIN STANDARD",
    "BREACHES",
)
CANCER_DETAIL: Final = ("STAGE/ROUTE", "TREATMENT MODALITY", "CANCER TYPE")
CANCER_DETAILS: Final[Mapping[str, tuple[Cell, ...]]] = {
    "28-day FDS": ("URGENT SUSPECTED CANCER", None, "Suspected breast cancer"),
    "31-day Combined": ("First Treatment", "ALL MODALITIES", "Breast"),
    "62-day Combined": ("Urgent Suspected Cancer", "ALL MODALITIES", "Breast"),
}
MONTHS: Final = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
CANCER_SHEET: Final = "CWT CRS Provider Extract"

XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEETS: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION_KINDS: Final = {"sheet": "worksheet", "workbook": "officeDocument"}
CONTENT_KINDS: Final = {"sheet": "worksheet", "workbook": "sheet.main"}
DATE_STYLE: Final = 1
STYLES: Final = (
    f'{XML}<styleSheet xmlns="{SHEETS}">'
    '<numFmts count="1"><numFmt numFmtId="166" formatCode="Mmm-YY"/></numFmts>'
    '<fonts count="1"><font><sz val="10"/><name val="Arial"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="166" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


# The publications


def ae_csv(
    rows: Iterable[Row],
    *,
    period: str = "MSitAE-JUNE-2025",
    total: str | None = "TOTAL",
    stray_header_cells: int = 0,
    **form: Unpack[Form],
) -> bytes:
    """Write a month of A&E attendances; ``total`` is what the totals row calls itself."""
    written = [_ae_cells(row, period) for row in rows]
    if total is not None:
        # Only the code of the published row has the space that some months end it with.
        name = total.strip()
        named: Cells = {"Period": name, "Org Code": total, "Parent Org": name, "Org name": name}
        written.append(named | {count: _sum(row[count] for row in written) for count in AE_COUNTS})
    return _csv(AE_HEADER, written, stray_header_cells=stray_header_cells, **form)


def rtt_csv(
    rows: Iterable[Row], *, period: str = "RTT-January-2026", **form: Unpack[Form]
) -> bytes:
    """Write a month of referral to treatment, by default rows of incomplete pathways in all."""
    return _csv(RTT_HEADER, [_rtt_cells(row, period) for row in rows], **form)


def dm01_csv(
    rows: Iterable[Row],
    *,
    period: str = "DM01-MARCH-2026",
    has_totals: bool = True,
    **form: Unpack[Form],
) -> bytes:
    """Write a month of diagnostic waits, a TOTAL after each provider and commissioner's tests."""
    written = [_dm01_cells(row, period) for row in rows]
    if has_totals:
        written = _with_dm01_totals(written)
    return _csv(DM01_HEADER, written, is_quoted=True, **form)


def ambulance_csv(rows: Iterable[Row], **form: Unpack[Form]) -> bytes:
    """Write ambulance systems indicators; a row of ENG or of a region names no service."""
    published_form: Form = {"crlf": True, **form}
    return _csv(AMBULANCE_HEADER, [_ambulance_cells(row) for row in rows], **published_form)


def sickness_csv(rows: Iterable[Row], *, day: str = "31/01/2025", **form: Unpack[Form]) -> bytes:
    """Write a month of sickness absence, dated by its last day."""
    return _csv(SICKNESS_HEADER, [_sickness_cells(row, day) for row in rows], **form)


def cancer_xlsx(
    rows: Iterable[Row],
    *,
    dimension: str = "A1",
    sheet: str = CANCER_SHEET,
    headers: Sequence[str] | None = None,
    has_inline_strings: bool = False,
    before: Mapping[str, Table] | None = None,
    after: Mapping[str, Table] | None = None,
) -> bytes:
    """Write the workbook of cancer waits, with other sheets perhaps before and after its own.

    ``headers`` replace the published ones place by place. One past the last repeats the column of
    that name, or is empty. A period is a date for a number in the style of a date, or plain text.
    """
    stated = tuple(headers or CANCER_HEADER)
    columns = (*CANCER_HEADER[: len(stated)], *stated[len(CANCER_HEADER) :])
    cells = [_cancer_cells(row) for row in rows]
    table = [stated, *([row.get(column) for column in columns] for row in cells)]
    return _workbook(
        {**(before or {}), sheet: table, **(after or {})}, dimension, has_inline_strings
    )


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Pack files into an archive, the same bytes every time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


# The cells of a row


def _ae_cells(row: Row, period: str) -> Cells:
    return _cells(
        AE_HEADER,
        row,
        {
            "Period": period,
            "Parent Org": "NHS ENGLAND MIDLANDS ",
            "Org name": f"{row['Org Code']} NHS TRUST",
            **dict.fromkeys(AE_COUNTS, 0),
        },
    )


def _rtt_cells(row: Row, period: str) -> Cells:
    part = row.get("RTT Part Type", "Part_2")
    function = row.get("Treatment Function Code", "C_999")
    return _cells(
        RTT_HEADER,
        row,
        {
            "Period": period,
            **_provider_and_commissioner(row),
            "RTT Part Type": part,
            "RTT Part Description": RTT_PARTS.get(str(part), ""),
            "Treatment Function Code": function,
            "Treatment Function Name": "Total" if function == "C_999" else f"{function} Service",
            **dict.fromkeys(RTT_BANDS, 0),
            "Total All": _sum(row.get(band) for band in RTT_BANDS),
        },
    )


def _dm01_cells(row: Row, period: str) -> Cells:
    test = row.get("Diagnostic Tests", "MRI")
    return _cells(
        DM01_HEADER,
        row,
        {
            "Period": period,
            **_provider_and_commissioner(row),
            "Diagnostic Tests Sort Order": _sort_order(test),
            "Diagnostic Tests": test,
            **dict.fromkeys((*DM01_BANDS, *DM01_ACTIVITY), 0),
            "Total WL": _sum(row.get(band) for band in DM01_BANDS),
            "Total Activity": _sum(row.get(kind) for kind in DM01_ACTIVITY),
        },
    )


def _sort_order(test: Cell) -> Cell:
    return DM01_TESTS.index(test) + 1 if test in DM01_TESTS else ""


def _with_dm01_totals(rows: Iterable[Cells]) -> list[Cells]:
    by_pair: dict[tuple[Cell, Cell], list[Cells]] = {}
    for row in rows:
        pair = (row["Provider Org Code"], row["Commissioner Org Code"])
        by_pair.setdefault(pair, []).append(row)
    counts = (*DM01_BANDS, "Total WL", *DM01_ACTIVITY, "Total Activity")
    written: list[Cells] = []
    for tests in by_pair.values():
        named: Cells = {"Diagnostic Tests Sort Order": 16, "Diagnostic Tests": "TOTAL"}
        total = {count: _sum(test[count] for test in tests) for count in counts}
        written += [*tests, tests[0] | named | total]
    return written


def _provider_and_commissioner(row: Row) -> Cells:
    commissioner = row.get("Commissioner Org Code", "99Z")
    return {
        "Provider Parent Org Code": "QX1",
        "Provider Parent Name": "NHS MIDSHIRE INTEGRATED CARE BOARD",
        "Provider Org Name": f"{row['Provider Org Code']} NHS TRUST",
        "Commissioner Parent Org Code": "QX1",
        "Commissioner Parent Name": "NHS MIDSHIRE INTEGRATED CARE BOARD",
        "Commissioner Org Code": commissioner,
        "Commissioner Org Name": f"NHS MIDSHIRE ICB - {commissioner}",
    }


def _ambulance_cells(row: Row) -> Cells:
    code = str(row["Org Code"])
    is_region = len(code) == 3 and code.startswith("Y") and code[1:].isdecimal()
    is_service = code != "ENG" and not is_region
    return _cells(
        AMBULANCE_HEADER,
        row,
        {
            "Year": 2025,
            "Month": 6,
            "Region Code": code if is_region else "Y60" if is_service else "",
            "Region": "" if code == "ENG" else "Midlands",
            "Org Name": f"{code} AMBULANCE SERVICE NHS TRUST" if is_service else "",
            **dict.fromkeys(AMBULANCE_INDICATORS, 0),
        },
    )


def _sickness_cells(row: Row, day: str) -> Cells:
    return _cells(
        SICKNESS_HEADER,
        row,
        {
            "DATE": day,
            "NHSE_REGION_CODE": "Y60",
            "NHSE_REGION_NAME": "Midlands",
            "ICS_CODE": "QX1",
            "ICS_NAME": "Midshire",
            "ORG_NAME": f"{row['ORG_CODE']} NHS Trust",
            "ORG_TYPE": "Acute",
            "FTE_DAYS_LOST": 0,
            "FTE_DAYS_AVAILABLE": 0,
            "SICKNESS_ABSENCE_RATE_PERCENT": _rate(row),
        },
    )


def _rate(row: Row) -> Cell:
    lost, available = row.get("FTE_DAYS_LOST", 0), row.get("FTE_DAYS_AVAILABLE", 0)
    if not isinstance(lost, int | float) or not isinstance(available, int | float):
        return ""
    return round(100 * lost / available, 2) if available else ""


def _cancer_cells(row: Row) -> Cells:
    standard = row.get("STANDARD", "62-day Combined")
    details = CANCER_DETAILS.get(str(standard), CANCER_DETAILS["62-day Combined"])
    period = row.get("PERIOD", date(2025, 4, 1))
    return _cells(
        CANCER_HEADER,
        row,
        {
            "PERIOD": period,
            **(_year_and_month(period) if isinstance(period, date) else {}),
            "STANDARD": standard,
            **dict(zip(CANCER_DETAIL, details, strict=True)),
            "TOTAL TREATED": 0,
            "WITHIN STANDARD": 0,
            "BREACHES": _breaches(row),
        },
        blank=None,
    )


def _breaches(row: Row) -> Cell:
    treated, within = row.get("TOTAL TREATED", 0), row.get("WITHIN STANDARD", 0)
    if not isinstance(treated, int | float) or not isinstance(within, int | float):
        return None
    return treated - within


def _year_and_month(day: date) -> Cells:
    start = day.year if day.month >= 4 else day.year - 1
    return {"YEAR": f"{start}/{(start + 1) % 100:02}", "MONTH": MONTHS[day.month - 1]}


def _cells(header: Sequence[str], row: Row, defaults: Row, *, blank: Cell = "") -> Cells:
    unknown = row.keys() - set(header)
    assert not unknown, f"not published: {sorted(unknown)}"
    return {**dict.fromkeys(header, blank), **defaults, **row}


def _sum(cells: Iterable[Cell]) -> int:
    return sum(cell for cell in cells if isinstance(cell, int))


# CSV


def _csv(
    header: Sequence[str],
    rows: Iterable[Row],
    *,
    is_quoted: bool = False,
    stray_header_cells: int = 0,
    encoding: str = "utf-8",
    bom: bool = False,
    crlf: bool = False,
    renamed: Mapping[str, str] | None = None,
    without: Iterable[str] = (),
) -> bytes:
    left_out = set(without)
    names = [name for name in header if name not in left_out]
    # A published file ended its header with empty cells and one letter, its rows with empty cells.
    stray = [""] * stray_header_cells
    stray_header = [*stray[1:], "a"] if stray else []
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        lineterminator="\r\n" if crlf else "\n",
        quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow([*((renamed or {}).get(name, name) for name in names), *stray_header])
    writer.writerows([*(row[name] for name in names), *stray] for row in rows)
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode(encoding)


# XLSX


def _workbook(sheets: Mapping[str, Table], dimension: str, has_inline_strings: bool) -> bytes:
    strings: dict[str, int] | None = None if has_inline_strings else {}
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet_xml(table, dimension, strings)
        for number, table in enumerate(sheets.values(), 1)
    }
    parts["xl/styles.xml"] = STYLES
    if strings is not None:
        parts["xl/sharedStrings.xml"] = _strings_xml(strings)
    parts |= {
        "xl/_rels/workbook.xml.rels": _relations_xml(parts, "xl/"),
        "xl/workbook.xml": _workbook_xml(sheets),
        "_rels/.rels": _relations_xml(["xl/workbook.xml"], ""),
    }
    parts["[Content_Types].xml"] = _content_types_xml(parts)
    return zip_of({name: text.encode() for name, text in parts.items()})


def _sheet_xml(table: Table, dimension: str, strings: dict[str, int] | None) -> str:
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            _cell_xml(f"{_letters(place)}{number}", cell, strings) for place, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(table, 1)
    )
    return (
        f'{XML}<worksheet xmlns="{SHEETS}"><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _cell_xml(place: str, cell: Cell, strings: dict[str, int] | None) -> str:
    if cell is None:
        return f'<c r="{place}"/>'
    if isinstance(cell, date):
        serial = (cell - date(1899, 12, 30)).days
        return f'<c r="{place}" s="{DATE_STYLE}" t="n"><v>{serial}</v></c>'
    if not isinstance(cell, str):
        return f'<c r="{place}" t="n"><v>{cell}</v></c>'
    if strings is None:
        return f'<c r="{place}" t="inlineStr"><is>{_text_xml(cell)}</is></c>'
    return f'<c r="{place}" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'


def _letters(place: int) -> str:
    """Give the letters of a column, the first being 0; twenty-six are enough."""
    return chr(ord("A") + place)


def _text_xml(text: str) -> str:
    return f'<t xml:space="preserve">{escape(text)}</t>'


def _strings_xml(strings: Iterable[str]) -> str:
    items = "".join(f"<si>{_text_xml(text)}</si>" for text in strings)
    return f'{XML}<sst xmlns="{SHEETS}">{items}</sst>'


def _workbook_xml(names: Iterable[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return (
        f'{XML}<workbook xmlns="{SHEETS}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
    )


def _relations_xml(names: Iterable[str], folder: str) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{_kind(name, RELATION_KINDS)}"'
        f' Target="{name.removeprefix(folder)}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'


def _content_types_xml(names: Iterable[str]) -> str:
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{CONTENT}.{_kind(name, CONTENT_KINDS)}+xml"/>'
        for name in names
        if not name.endswith(".rels")
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{rels}"/>{overrides}</Types>'
    )


def _kind(name: str, kinds: Mapping[str, str]) -> str:
    stem = PurePosixPath(name).stem.rstrip("0123456789")
    return kinds.get(stem, stem)
