"""The names of the output formats, apart from the code that writes them."""

from __future__ import annotations

from typing import Final, Literal, get_args

Format = Literal["table", "csv", "json", "ndjson", "markdown", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".md": "markdown",
    ".parquet": "parquet",
    ".txt": "table",
}
"""The format that a file's suffix asks for, where none is named."""
