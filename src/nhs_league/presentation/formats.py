"""A result in each format that the command line offers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from nhs_league.presentation.document import Document
from nhs_league.presentation.format_names import Format


@dataclass(frozen=True)
class Result:
    """What a command found: rows for programs, a document for people, and where it came from.

    ``parts`` are further named members of the JSON format, beside ``meta`` and ``rows``. Document
    and parts are made when a format asks for them: rows alone need neither.
    """

    rows: pl.DataFrame
    document: Callable[[], Document]
    meta: Mapping[str, Any]
    parts: Callable[[], Mapping[str, Any]] = dict


def render_data(result: Result, format_: Format) -> bytes:
    """Render a result in any format but ``table``, as UTF-8 bytes or as Parquet."""
    match format_:
        case "csv":
            return result.rows.write_csv().encode()
        case "json":
            return _json(result).encode()
        case "ndjson":
            return "".join(
                f"{_compact(row)}\n" for row in result.rows.iter_rows(named=True)
            ).encode()
        case "markdown":
            from nhs_league.presentation.markdown import render_markdown

            return render_markdown(result.document()).encode()
        case "parquet":
            import io

            buffer = io.BytesIO()
            result.rows.write_parquet(buffer)
            return buffer.getvalue()
        case "table":
            raise ValueError("a table is rendered for its terminal")


def manifest_bytes(result: Result) -> bytes:
    """Render the account of where a result came from."""
    return f"{_indented(result.meta)}\n".encode()


def _json(result: Result) -> str:
    """Write JSON with one row a line, so that two results can be compared line by line."""
    members = [f'  "meta": {_indented(result.meta, level=1)}']
    members += [f'  "{name}": {_indented(part, level=1)}' for name, part in result.parts().items()]
    rows = ",\n".join(f"    {_compact(row)}" for row in result.rows.iter_rows(named=True))
    members.append(f'  "rows": [\n{rows}\n  ]' if rows else '  "rows": []')
    return "{\n" + ",\n".join(members) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _indented(value: Any, level: int = 0) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    return text.replace("\n", "\n" + "  " * level)
