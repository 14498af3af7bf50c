"""Zips, workbooks and Parquet files, spoilt in their bytes, their members and their cells."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl
from hypothesis import strategies as st

from tests.fuzz.mutations import CELLS, mutated_bytes, mutated_lines, odd_csv
from tests.fuzz.properties import check_data, folder_of
from tests.fuzz.seeds import SMALL, Files, tidy, workbooks
from tests.fuzz.settings import fuzzed

_NAMES: Final = (
    "a.csv", "b/c.csv", "A.CSV", "a.xlsx", "a.parquet", "inner.zip", "notes.txt", "folder/",
    "a.csv/",
    "../a.csv", "/a.csv", "C:\\a.csv", "..\\a.csv", "b/../a.csv", "./a.csv", "//a.csv", ".a.csv",
    "~$a.csv", "__MACOSX/a.csv", "a\n.csv", "a\x00b.csv", "\x1b[31m.csv", "\u202ea.csv", "x" * 300
    + ".csv", "caf\u00e9.csv", ".csv", "con.csv", "a.csv ", "*.csv", "a.source.yaml",
)  # fmt: skip
_METHODS: Final = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)
# The fields of a member in the central directory, by their places in it.
_FIELDS: Final = {"flags": 8, "method": 10, "crc": 16, "packed": 20, "size": 24, "names": 28,
                  "extra": 30, "comment": 32, "offset": 42}  # fmt: skip
_CENTRAL: Final = b"PK\x01\x02"


@st.composite
def _contents(draw: st.DrawFn) -> bytes:
    name = draw(st.sampled_from(sorted(tidy())))
    whole = st.sampled_from([tidy()[name], b"", b"0" * 10**6, workbooks()["tidy.xlsx"]])
    return draw(st.one_of(whole, odd_csv(tidy()[name])))


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    """Pack odd members under odd names, and spoil what the archive says of them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for _ in range(draw(st.integers(0, 4))):
            info = zipfile.ZipInfo("a", (1980, 1, 1, 0, 0, 0))
            info.filename = draw(st.sampled_from(_NAMES))
            archive.writestr(info, draw(_contents()), draw(st.sampled_from(_METHODS)))
    content = packed.getvalue()
    at = content.find(_CENTRAL)
    if at >= 0 and draw(st.booleans()):
        field = at + _FIELDS[draw(st.sampled_from(sorted(_FIELDS)))]
        value = struct.pack("<H", draw(st.sampled_from([0, 1, 8, 9, 99, 2048, 2**15, 2**16 - 1])))
        content = content[:field] + value + content[field + 2 :]
    return draw(st.one_of(st.just(content), mutated_bytes(content)))


@fuzzed(30, content=zips())
def test_zips(content: bytes) -> None:
    with folder_of({"a.zip": content, "small.yaml": SMALL}) as folder:
        check_data(folder, folder / "small.yaml")


_PLACES: Final = (
    "XFD1048576",
    "XFE1",
    "A1048577",
    "CZZ9999",
    "ZZZZZZZ99999999999",
    "A1",
    "B2",
    "C3",
    "A0",
    "A",
    "1",
    "",
    "AAA1",
    "ZZ9",
    "a1",
    "A01",
    "A-1",
    "R1C1",
)
_KINDS: Final = ("s", "e", "b", "n", "d", "str", "inlineStr", "x", "")
_VALUES: Final = ("", "0", "1", "99999", "-1", "1e999", "#DIV/0!", "2025-04-01", "45000.5", "TRUE")


@st.composite
def _spoilt_xml(draw: st.DrawFn, text: str) -> bytes:
    """Change attributes and values of XML, or its bytes."""
    for _ in range(draw(st.integers(0, 3))):
        pattern, values = draw(
            st.sampled_from(
                [
                    (r'(?<=\br=")[^"]*', _PLACES),
                    (r'(?<=\bt=")[^"]*', _KINDS),
                    (r'(?<=\bs=")[^"]*', ("0", "1", "2", "-1", "x")),
                    (
                        r"(?<=<v>)[^<]*",
                        (*_VALUES, *(re.sub("[<&\x00-\x1f]", "", c) for c in CELLS)),
                    ),
                    (r"(?<=<v>)", ("</v><f>1/0</f><v>", "</v><v>", "</v><f/><v>")),
                    (
                        r'(?<=name=")[^"]*',
                        ("", "Sheet", "x" * 40, "\u202e", "&#27;[31m", "&lt;b&gt;"),
                    ),
                    (r'(?<=Target=")[^"]*', ("", "/", "../x", "/xl/workbook.xml", "http://x")),
                    (r'(?<=encoding=")[^"]*', ("UTF-16", "ascii", "x", "")),
                    (r"(?<=\?>)", ('<!DOCTYPE a [<!ENTITY b "c">]>', "<!-- -->", "&b;")),
                ]
            )
        )
        found = list(re.finditer(pattern, text))
        if found:
            one = draw(st.sampled_from(found))
            text = text[: one.start()] + draw(st.sampled_from(values)) + text[one.end() :]
    content = text.encode()
    return draw(st.one_of(st.just(content), st.just(content), mutated_bytes(content, most=2)))


@st.composite
def spoilt_workbooks(draw: st.DrawFn, files: Files) -> bytes:
    """Spoil members of a workbook, leave some out, or spoil the archive around them."""
    content = draw(st.sampled_from(sorted(files.items())))[1]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(sorted(parts)))
        spoilt = _spoilt_xml(parts[name].decode("utf-8", "replace"))
        kind = draw(st.sampled_from(["spoil", "spoil", "spoil", "spoil", "drop", "rename"]))
        if kind == "spoil":
            parts[name] = draw(spoilt)
        elif len(parts) > 1:
            part = parts.pop(name)
            if kind == "rename":
                parts[draw(st.sampled_from(["xl/other.xml", name.upper()]))] = part
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    whole = packed.getvalue()
    return draw(st.one_of(st.just(whole), st.just(whole), st.just(whole), mutated_bytes(whole)))


@fuzzed(40, content=spoilt_workbooks(workbooks()))
def test_workbooks(content: bytes) -> None:
    with folder_of({"a.xlsx": content, "organisations.csv": tidy()["organisations.csv"]}) as folder:
        check_data(folder)


_COLUMNS: Final = (
    "org_code", "period", "metric_id", "value", "numerator", "denominator", "status", "waits",
    "surplus", "org_name", "trust_type", "successor_code", "succeeded_on", "source_file",
    "source_row",
    "", " ", "Org Code", "\x00row", "\x1b[31m", "in_force_from", "in_force_to", "x" * 3000,
)  # fmt: skip
_TYPES: Final = (
    (pl.String, CELLS),
    (pl.Categorical, ("AA1", "AA2", "2025-04")),
    (pl.Enum(["AA1", "2025Q2", ""]), ("AA1", "2025Q2", "")),
    (pl.Float64, (0.0, -0.0, 1.5, 1e308, 5e-324, float("nan"), float("inf"))),
    (pl.Float32, (0.1, 3.4e38)),
    (pl.Int8, (0, -1, 127)),
    (pl.UInt64, (0, 2**64 - 1)),
    (pl.Int128, (0, -(2**100))),
    (pl.Boolean, (True, False)),
    (pl.Date, (date(2025, 4, 1), date(1, 1, 1), date(9999, 12, 31))),
    (pl.Datetime("us"), (datetime(2025, 4, 1, tzinfo=UTC).replace(tzinfo=None),)),
    (pl.Datetime("ns", "Europe/London"), (datetime(2025, 4, 1, tzinfo=UTC),)),
    (pl.Time, (time(12), time(0))),
    (pl.Duration("ms"), (timedelta(days=1), timedelta(0))),
    (pl.Decimal(38, 4), (Decimal("1.5"), Decimal("-1e30"))),
    (pl.Binary, (b"AA1", b"\xff", b"")),
    (pl.List(pl.Int64), ([1], [])),
    (pl.Array(pl.Int64, 2), ([1, 2],)),
    (pl.Struct({"a": pl.Int64}), ({"a": 1},)),
    (pl.Null, (None,)),
)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a table with columns of any type, most of them those of a tidy table."""
    rows = draw(st.integers(0, 4))
    keys = {"org_code": ["AA1", "AA2", "AA3", "AA4"], "period": ["2025-04"] * 4}
    series = [pl.Series(name, cells[:rows], pl.String) for name, cells in keys.items()]
    names = draw(st.lists(st.sampled_from(_COLUMNS), max_size=4, unique=True))
    for name in names:
        kind, values = draw(st.sampled_from(_TYPES))
        cells = [draw(st.sampled_from((None, *values))) for _ in range(rows)]
        series = [one for one in series if one.name != name]
        series.append(pl.Series(name, cells, kind))
    return pl.DataFrame(series)


@st.composite
def parquets(draw: st.DrawFn) -> bytes:
    """Write a table as Parquet, and perhaps spoil its bytes."""
    written = io.BytesIO()
    compression: Any = draw(st.sampled_from(["zstd", "snappy", "uncompressed", "gzip", "lz4"]))
    draw(frames()).write_parquet(written, compression=compression)
    content = written.getvalue()
    return draw(st.one_of(st.just(content), mutated_bytes(content), mutated_lines(content)))


@fuzzed(50, content=parquets())
def test_parquet_files(content: bytes) -> None:
    files = {"a.parquet": content, "organisations.csv": tidy()["organisations.csv"]}
    with folder_of({**files, "small.yaml": SMALL}) as folder:
        check_data(folder, folder / "small.yaml")
