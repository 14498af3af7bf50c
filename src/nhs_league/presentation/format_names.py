"""The names of the output formats, apart from the code that writes them."""

from __future__ import annotations

from typing import Final, Literal, get_args

TableFormat = Literal["table", "csv", "json", "ndjson", "markdown", "html", "xlsx", "parquet"]
Format = Literal[
    "table", "csv", "json", "ndjson", "markdown", "html", "xlsx", "parquet", "svg", "png"
]
SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".htm": "html",
    ".html": "html",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".md": "markdown",
    ".parquet": "parquet",
    ".png": "png",
    ".svg": "svg",
    ".txt": "table",
    ".xlsx": "xlsx",
}
"""The format that a file's suffix asks for, where none is named."""

PICTURES: Final[frozenset[Format]] = frozenset(get_args(Format)) - frozenset(get_args(TableFormat))
"""The formats that draw a result, which not every one can be."""

BINARY: Final[dict[Format, str]] = {"parquet": "Parquet", "png": "PNG", "xlsx": "XLSX"}
"""What the formats are called that are no text, and so not for a terminal."""

FOR_READING: Final[frozenset[Format]] = frozenset({"table", "markdown", "html"})
"""The formats that lay the document out, and not the rows."""
