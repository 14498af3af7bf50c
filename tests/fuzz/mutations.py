"""Valid files with something wrong in them: in a byte, a line, a cell, a row or a node."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import yaml
from hypothesis import strategies as st

Place = tuple[Any, ...]
Rows = list[list[str]]

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

NUMBERS: Final = (
    "0", "-0", "1", "-1", "7", "0.5", "100", "101", "1e-320", "1e308", "-1e308", "1e309", "NaN",
    "inf", "-Infinity", "9" * 400, "1_000", "0x10", "1,5", "1,234,567", "12.5%", "%", "+1", " 3 ",
    "\u0661\u0662", "\uff11\uff12", "\u00bd", "18446744073709551616", "4294967296", "010",
)  # fmt: skip
TEXTS: Final = (
    "", " ", "\u00a0", "a", "x" * 3000, "AA1", "RCX", "aa1", "AM1", "Acute trust", "percent", "*",
    "-", "[c]", "z", "..", "n/a", "reported", "suppressed", "2025-04", "2025Q2", "Q1 2025/26",
    "Q1 2025", "2025Q5", "0000-01", "9998-12", "9999-12", "2025-13", "2025-04 to 2025-03",
    "1001-01 to 9998-12", "2025-04 to", " to ", "April 2025", "MSitAE-MAY-2025", "MSitAE--",
    "TOTAL",
    "31/02/2025", "2025-02-30", "=1+1", "'=1", "@a", "\t", "\ufeff", "\u202e", "\u0130", "\u00df",
    "e\u0301", "\U0001f3e5", "\x1b[31m", "\x07", "\x85", "\u2028", "[/c]", "{0}", "{year}", "%s",
    "$(id)", "a,b", 'a"b', '"', "a\nb", "<b>", "../a", "None", "null", "true", "Yes", "1.2 to 1.9",
    "1.9 to 1.2", "1 to ", "org_code", "value", "metric_id", "period", "numerator", "waits",
)  # fmt: skip
CELLS: Final = (*NUMBERS, *TEXTS)

# What a YAML file may have for a node; a raw one is written as it stands.
_RAW: Final = (
    ".nan", ".inf", "-.INF", "1e999", "1e308", "-1e308", "5e-324", "9" * 299, "9" * 400, "1e400000",
    "010", "0o17", "12:30", "2025-04-01", "NO", "~", "*a", "&a b", "!!python/name:os.system",
    "!a b",
    "!!float 1", "<<", "? a", "[", "{", "}", "- a", ": :", "|", ">", "%YAML 1.2", "---", "...", "@",
    "`", "\t", '"\\uD800"', '"\\x00"', "'", "{a: 1, a: 2}", "{[a]: b}", "{<<: {a: b}}", "[" * 80,
    "[[[[[]]]]]", "#",
)  # fmt: skip
_PLAIN: Final = (
    None, True, False, 0, 1, -1, 2, 40, 41, 0.1, 1.5, 2.5, 3.25, -0.0, 1e-300, 1e12, 10**18, 2**63,
    10**299, [], {}, [1], [[1, 2], [3, 4]], {"a": 1}, [None], "2025Q1-", "-2025Q4", "9998Q4-",
    "2025Q3-2025Q1", "rank", "published", "quartiles", "standard", "min_max", "z_score",
    "percentile",
    "all", "peer_group", "higher_is_better", "lower_is_better", "in_force", "latest", "harmonic",
    "geometric", "domains", "require_all", "before_ranking", "\\", "(", "(?P<a>", "[a-", "{from}",
    "{to}", "Gt {from} To {to}", "{month} {year}", "{quarter}", "{day}{year}{month}", "tidy",
    "publication", "utf-8", "total", "\x00", "\u2029", "on", "off",
)  # fmt: skip


def _spliced(content: bytes, edit: tuple[float, int, bytes]) -> bytes:
    share, dropped, put = edit
    at = int(share * len(content))
    return content[:at] + put + content[at + dropped :]


_ODD_BYTES: Final = (
    b"", b"\x00", b"\n", b"\r", b"\r\n", b",", b'"', b'""', b"\xef\xbb\xbf", b"\xff", b"\xc3",
    b"\xed\xa0\x80", b"\x81", b"\x1a", b"\t", b";", b":", b"- ", b"  ", b"#", b"\x1b[31m",
)  # fmt: skip
_PIECES: Final = st.one_of(
    st.sampled_from(_ODD_BYTES), st.sampled_from(CELLS).map(str.encode), st.binary(max_size=8)
)


def mutated_bytes(content: bytes, most: int = 4) -> st.SearchStrategy[bytes]:
    """Take bytes out of a content, and put others in."""
    places = st.floats(0, 1, exclude_max=True)
    dropped = st.sampled_from([0, 0, 1, 2, 5, 50, 10**9])
    edits = st.lists(st.tuples(places, dropped, _PIECES), min_size=1, max_size=most)

    def edited(edits: Sequence[tuple[float, int, bytes]]) -> bytes:
        result = content
        for edit in edits:
            result = _spliced(result, edit)
        return result

    return edits.map(edited)


def mutated_lines(content: bytes) -> st.SearchStrategy[bytes]:
    """Drop, repeat, move or indent lines."""
    lines = content.splitlines(keepends=True)
    place = st.integers(0, len(lines) - 1)
    edits = st.lists(
        st.tuples(st.sampled_from(["drop", "repeat", "move", "indent", "dedent"]), place, place),
        min_size=1,
        max_size=3,
    )

    def edited(edits: Sequence[tuple[str, int, int]]) -> bytes:
        result = list(lines)
        for kind, at, to in edits:
            line = result[at]
            match kind:
                case "drop":
                    result[at] = b""
                case "repeat":
                    result[at] = line * 2
                case "move":
                    result[at], result[to] = result[to], line
                case "indent":
                    result[at] = b"  " + line
                case _:
                    result[at] = line.lstrip()
        return b"".join(result)

    return edits.map(edited)


def _places(data: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _places(value, (*place, key))


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


@st.composite
def mutated_yaml(draw: st.DrawFn, content: bytes) -> bytes:
    """Take nodes out of a YAML file, put others in their places,
    or put strange ones beside them."""
    data = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    raw = st.integers(0, len(_RAW) - 1).map(lambda at: f"RAW{at}.")
    odd = st.one_of(st.sampled_from(_PLAIN), st.sampled_from(TEXTS), raw)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(_places(data))[1:] or [()]))
        if not place:
            break
        holder, key = _at(data, place[:-1]), place[-1]
        match draw(st.sampled_from(["odd", "odd", "drop", "other", "key", "wrap", "scale"])):
            case "odd":
                holder[key] = copy.deepcopy(draw(odd))
            case "drop":
                del holder[key]
            case "other":
                other = draw(st.sampled_from(list(_places(data))))
                holder[key] = copy.deepcopy(_at(data, other))
            case "key" if isinstance(holder, dict):
                holder[draw(st.one_of(raw, st.sampled_from(TEXTS)))] = holder[key]
            case "wrap":
                holder[key] = draw(st.sampled_from([lambda x: [x], lambda x: {"a": x}]))(
                    holder[key]
                )
            case _ if isinstance(holder[key], int | float):
                holder[key] *= draw(st.sampled_from([-1, 0, 10, 1e-9, 1e200]))
    text = yaml.dump(data, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=10**6)
    for at, token in enumerate(_RAW):
        text = text.replace(f"RAW{at}.", token)
    return text.encode()


def odd_yaml(content: bytes) -> st.SearchStrategy[bytes]:
    """Give a YAML file that is wrong in some way."""
    return st.one_of(
        mutated_yaml(content), mutated_yaml(content), mutated_lines(content), mutated_bytes(content)
    )


def _edit_row(rows: Rows, kind: str, at: int, to: int, cell: str) -> None:
    row = rows[at]
    match kind:
        case "cell" | "number" if row:
            row[to % len(row)] = cell
        case "header" if rows[0]:
            rows[0][to % len(rows[0])] = cell
        case "drop":
            del rows[at]
        case "repeat":
            rows.insert(to % len(rows), list(row))
        case "longer":
            row.append(cell)
        case "shorter":
            del row[-1:]
        case "blank":
            rows.insert(to % len(rows), ["" for _ in row])
        case "swap":
            rows[at], rows[to % len(rows)] = rows[to % len(rows)], row


def _edit_column(rows: Rows, kind: str, place: int, cell: str) -> None:
    for row in rows[1:] if kind == "whole column" else rows:
        match kind:
            case "column":
                row[place:place] = [cell]
            case "no column":
                del row[place : place + 1]
            case "same column":
                row[place:place] = row[place : place + 1]
            case _:
                row[place : place + 1] = [cell]


_KINDS: Final = (
    "cell", "cell", "cell", "number", "number", "header", "drop", "repeat", "longer", "shorter",
    "blank", "column", "no column", "same column", "whole column", "swap",
)  # fmt: skip
_ENCODINGS: Final = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32", "cp037")


@st.composite
def mutated_csv(draw: st.DrawFn, content: bytes) -> bytes:
    """Change cells, rows and columns of a CSV file, and how it is written."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    size = st.integers(0, 10**4)
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(_KINDS))
        cell = draw(st.sampled_from(NUMBERS if kind == "number" else CELLS))
        at, to = draw(size), draw(size)
        if rows and "column" in kind:
            _edit_column(rows, kind, to % (len(rows[0]) + 1), cell)
        elif rows:
            _edit_row(rows, kind, at % len(rows), to, cell)
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=draw(st.sampled_from([",", ",", ",", ",", ",", ";", "\t"])),
        lineterminator=draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerows(rows)
    return text.getvalue().encode(draw(st.sampled_from(_ENCODINGS)), "replace")


def odd_csv(content: bytes) -> st.SearchStrategy[bytes]:
    """Give a CSV file that is wrong or strange in some way."""
    return st.one_of(
        mutated_csv(content),
        mutated_csv(content),
        mutated_lines(content),
        mutated_bytes(content),
        mutated_csv(content).flatmap(mutated_bytes),
    )
