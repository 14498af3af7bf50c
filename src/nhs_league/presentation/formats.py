"""A result in each format that the command line offers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from nhs_league.presentation.document import Document, Table
from nhs_league.presentation.format_names import Format
from nhs_league.spreadsheet_text import guarded

if TYPE_CHECKING:
    from nhs_league.presentation.charts.drawing import Picture


@dataclass(frozen=True)
class Result:
    """What a command found: rows for programs, a document for people, and where it came from.

    ``parts`` are further named members of the JSON format, beside ``meta`` and ``rows``. ``tables``
    are the rows as a workbook's sheets have them, by name; without it they are on one. All three
    are made when a format asks for them: rows alone need none. ``title`` heads a page, and
    ``picture`` draws the result, where it can be drawn.
    """

    rows: pl.DataFrame
    document: Callable[[], Document]
    meta: Mapping[str, Any]
    parts: Callable[[], Mapping[str, Any]] = dict
    title: str = ""
    tables: Callable[[], Mapping[str, pl.DataFrame]] | None = None
    picture: Callable[[], Picture] | None = None

    def heading(self, document: Document) -> str:
        """Give the title, or else the caption of the document's first table, or the command."""
        captions = (block.caption for block in document if isinstance(block, Table))
        return self.title or next(captions, str(self.meta.get("command", "nhs-league")))


def render_data(result: Result, format_: Format) -> bytes:
    """Render a result in any format but ``table``, as UTF-8 bytes or as those of a binary file."""
    match format_:
        case "csv":
            return guarded(result.rows).write_csv().encode()
        case "json":
            return _json(result).encode()
        case "ndjson":
            return "".join(
                f"{compact(row)}\n" for row in result.rows.iter_rows(named=True)
            ).encode()
        case "markdown":
            return _markdown(result).encode()
        case "html":
            from nhs_league.presentation.html_page import render_html

            return render_html(result).encode()
        case "xlsx":
            from nhs_league.presentation.spreadsheet import render_workbook

            return render_workbook(result)
        case "parquet":
            import io

            buffer = io.BytesIO()
            result.rows.write_parquet(buffer)
            return buffer.getvalue()
        case "svg":
            return _picture(result).svg().encode()
        case "png":
            return _picture(result).png()
        case "table":
            raise ValueError("a table is rendered for its terminal")


def _picture(result: Result) -> Picture:
    if result.picture is None:
        raise ValueError("a picture is asked of a result that has none")
    return result.picture()


def manifest_bytes(result: Result) -> bytes:
    """Render the account of where a result came from."""
    return f"{_indented(result.meta)}\n".encode()


def _markdown(result: Result) -> str:
    from nhs_league.presentation.account import source_line
    from nhs_league.presentation.markdown import render_markdown

    document = result.document()
    return render_markdown(
        document, title=result.heading(document), source=source_line(result.meta)
    )


def _json(result: Result) -> str:
    """Write JSON with one row a line, so that two results can be compared line by line."""
    members = [f'  "meta": {_indented(result.meta, level=1)}']
    members += [f'  "{name}": {_indented(part, level=1)}' for name, part in result.parts().items()]
    rows = ",\n".join(f"    {compact(row)}" for row in result.rows.iter_rows(named=True))
    members.append(f'  "rows": [\n{rows}\n  ]' if rows else '  "rows": []')
    return "{\n" + ",\n".join(members) + "\n}\n"


def compact(value: Any) -> str:
    """Write a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _indented(value: Any, level: int = 0) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    return text.replace("\n", "\n" + "  " * level)
