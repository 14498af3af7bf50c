"""Small valid files of every kind, which the fuzz tests spoil."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nhs_league.api.ingests import ingested
from nhs_league.cli.app import run
from nhs_league.resources import configs_directory
from nhs_league.sources.dataset import load_data
from tests.functional.small import FRAMEWORK, write_small
from tests.fuzz.properties import folder_of
from tests.official_files import data_rows, league_rows, written
from tests.publications import Row, ae_csv, ambulance_csv, cancer_xlsx, dm01_csv, rtt_csv
from tests.publications import sickness_csv as sickness

Files = Mapping[str, bytes]

TRUSTS: Final = ("RCX", "RGT", "RYJ")
SMALL: Final = FRAMEWORK.encode()

SCENARIO: Final = b"""\
title: A better winter
trusts:
  AA4:
    values: {surplus: 0.5, waits: 97.5}
  Best NHS Trust:
    overrides: {deficit: on}
  AA5: {overrides: off}
weights: {waits: 3, surplus: 1.5}
drop: []
"""

OWN_SPEC: Final = b"""\
layout: publication
id: own
title: Returns of our own
recognise: {columns: [Unit, Seen], preamble_rows: 3}
encodings: [utf-8, iso-8859-1]
organisation:
  column: Unit
  rows: several
  others: clinic
  kinds: [{reason: ward, column: Kind, values: [Ward]}]
period: {column: When, formats: ["{month} {year}", "{quarter}"]}
leave_out: [{reason: total, column: Unit, values: [All, ""]}]
keep: [{column: Kind, values: [Trust, Ward]}]
metrics:
  waits:
    title: Seen in time
    unit: percent
    where: [{column: Kind, values: [Trust]}]
    numerator: {add: [Seen], subtract: [Late]}
    denominator: {add: [{bands: ["{from} to {to} weeks", "{from} weeks or more"], below: 4}]}
  surplus: {title: Surplus, unit: percent, value: Surplus}
"""
OWN_TABLE: Final = b"""\
Our returns,,,,,,,,
Unit,Kind,When,Seen,Late,0 to 2 weeks,2 to 4 weeks,4 weeks or more,Surplus
All,Trust,April 2025,9,9,9,9,9,9
AA1,Trust,April 2025,80,2,60,40,7,1.5
AA2,Trust,May 2025,"1,070",3,1060,40,*,-2
AA3,Trust,Q1 2025/26,-,,60,40,0,
"""


def shipped(folder: str) -> dict[str, bytes]:
    """Give the shipped YAML files of a kind."""
    return {
        path.name: path.read_bytes()
        for path in sorted((configs_directory() / folder).glob("*.yaml"))
    }


@functools.cache
def tidy() -> Files:
    """Give tidy tables, long and wide, with registers."""
    with tempfile.TemporaryDirectory() as folder:
        small = write_small(Path(folder) / "small")
        files = {path.name: path.read_bytes() for path in sorted(small.folder.iterdir())}
    successions = b"org_code,org_name,successor_code,succeeded_on\nAB1,Old,AA1,2025-05-01\n"
    marks = (
        b"org_code,period,metric_id,value,numerator,denominator,status,unit,published_rank\n"
        b"AA1,2025-04,other,,1,2,reported,percent,1\nAA2,2025Q2,other,75.9%,,,,,2\n"
        b'AA3,Q1 2025/26,other,*,,,suppressed,,\nAB1,2025-04 to 2025-06,other,"1,234",,,,count,\n'
    )
    return {**files, "successions.csv": successions, "marks.csv": marks}


@functools.cache
def observations() -> Files:
    """Give a table of observations as ``ingest`` writes it."""
    with folder_of(tidy()) as folder:
        table = ingested(load_data([folder]))
    register = {"organisations.csv": tidy()["organisations.csv"]}
    return {"ingested.csv": table.write_csv().encode(), **register}


@functools.cache
def publications() -> Files:
    """Give a small file of each publication that is shipped with a spec, and of one of our own."""
    month = "MSitAE-APRIL-2025"
    seen: list[Row] = [
        {"Org Code": org, "A&E attendances Type 1": 1000, "Attendances over 4hrs Type 1": 100 + at}
        for at, org in enumerate((*TRUSTS, "XX9"))
    ]
    waits: list[Row] = [{"Provider Org Code": org} for org in TRUSTS]
    calls: list[Row] = [
        {"Org Code": org, "Month": 4, "A8": 90, "A25": 480, "A10": 900, "A31": 1500}
        for org in ("RX6", "RX7", "ENG")
    ]
    return {
        "ae.csv": ae_csv(seen, period=month),
        "rtt.csv": rtt_csv(waits),
        "dm01.csv": dm01_csv(waits[:1]),
        "ambulance.csv": ambulance_csv(calls),
        "sickness.csv": sickness([{"ORG_CODE": org} for org in TRUSTS]),
        "own.csv": OWN_TABLE,
    }


@functools.cache
def workbooks() -> Files:
    """Give small workbooks: a publication's and a tidy table."""
    rows = [["org_code", "period", "waits", "surplus"]]
    rows += [[code, "2025-04", "1.5", "2"] for code in ("AA1", "AA2", "AA3")]
    plain = cancer_xlsx(
        [], sheet="Tidy", headers=["Notes"], before={"First": rows}, has_inline_strings=True
    )
    return {"cancer.xlsx": cancer_xlsx([{"ORG CODE": org} for org in TRUSTS]), "tidy.xlsx": plain}


@functools.cache
def oversight() -> Files:
    """Give a data file and a league table of the Oversight Framework."""
    data = data_rows(
        """
        trust | OF0017   | OF1017  | OF1082  | OF4000  | OF4100 | OF5000 | OF5002  | OF5003 | OF5004
        XA1   | 25.0 #1  | 1.00 #1 | 1.50 #1 | 1.00 #1 | 1      | 3 #2   | 1.50 #1 | 1      | 1
        XA2   | 29.5 #2  | 1.00 #1 | 2.00 #2 | 1.00 #1 | 1      | 2 #1   | 2.10 #2 | 2      | 0
        XA3   | 31.25 #3 | 2.50 #3 | 3.00 #3 | 2.50 #3 | 3      | 3 #3   | 2.50 #3 | 3      | 0
        XA4   | 40.0 #4  | 4.00 #4 | 3.50 #4 | 4.00 #4 | 4      | 4 #4   | 3.50 #4 | 4      | 0
        """
    )
    table = league_rows(
        """
        trust | average | score range | segment | deficit | rank | rank range
        XA1   | 1.5     | 1.0 to 2.0  | 3       | Yes     | 2    | 1 to 3
        XA2   | 2.1     | 1.0 to 3.3  | 2       | No      | 1    | 1 to 3
        XA3   | 2.5     | 2.0 to 3.0  | 3       | No      | 3    | 1 to 4
        XA4   | 3.5     | 3.0 to 4.0  | 4       | No      | 4    | 3 to 4
        """
    )
    return {"data.csv": written(data), "table.csv": written(table)}


@functools.cache
def saved_tables() -> Files:
    """Give league tables as ``rank`` saves them, plain and with likely ranges."""
    with tempfile.TemporaryDirectory() as folder:
        small = write_small(Path(folder) / "small")
        tables = {"a.csv": ["--ranges"], "b.csv": []}
        for name, more in tables.items():
            assert run(["rank", *small.options, *more, "-q", "-o", str(Path(folder) / name)]) == 0
        return {name: (Path(folder) / name).read_bytes() for name in tables}
