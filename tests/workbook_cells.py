"""Read a workbook out of its XML alone: what each cell is, and how it is marked."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN: dict[Any, Any] = {"0": "General", "1": "0", "2": "0.00"}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class ReadSheet:
    """Cells by row and column, from 0: text, truth or number; and which are marked as text."""

    cells: dict[tuple[int, int], Any]
    quoted: set[tuple[int, int]]
    formats: dict[tuple[int, int], str]
    xml: str = field(repr=False)

    def rows(self) -> list[list[Any]]:
        """Lay the cells out, none where there is nothing."""
        height = max((row for row, _ in self.cells), default=-1) + 1
        width = max((at for _, at in self.cells), default=-1) + 1
        return [[self.cells.get((row, at)) for at in range(width)] for row in range(height)]

    def records(self) -> list[dict[str, Any]]:
        """Read the rows under the first as records."""
        header, *rows = self.rows()
        return [dict(zip(header, row, strict=True)) for row in rows]


def read_workbook(content: bytes) -> dict[str, ReadSheet]:
    """Read every sheet, in the order of the workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    texts = [_text(item) for item in _found(parts.get("xl/sharedStrings.xml"), "si")]
    styles = ET.fromstring(parts["xl/styles.xml"])
    formats = _BUILT_IN | {
        one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{_MAIN}numFmt")
    }
    cell_styles = styles.find(f"{_MAIN}cellXfs")
    assert cell_styles is not None
    relations = {
        one.get("Id"): str(one.get("Target"))
        for one in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])
    }
    return {
        str(sheet.get("name")): _sheet(
            parts[f"xl/{relations[sheet.get(_RELATION)]}"], texts, list(cell_styles), formats
        )
        for sheet in _found(parts["xl/workbook.xml"], "sheet")
    }


def _sheet(xml: str, texts: list[str], styles: list[Any], formats: dict[Any, Any]) -> ReadSheet:
    cells, quoted, shown = {}, set(), {}
    for cell in _found(xml, "c"):
        letters, number = re.findall("[A-Z]+|[0-9]+", str(cell.get("r")))
        at = sum((ord(c) - 64) * 26**power for power, c in enumerate(reversed(letters))) - 1
        place = (int(number) - 1, at)
        style = styles[int(cell.get("s", 0))]
        if style.get("quotePrefix") == "1":
            quoted.add(place)
        value = cell.find(f"{_MAIN}v")
        assert cell.find(f"{_MAIN}f") is None, f"{place} has a formula"
        if value is None or value.text is None:
            continue
        kinds = {"s": lambda text: texts[int(text)], "b": lambda text: text == "1", None: _number}
        cells[place] = kinds[cell.get("t")](value.text)
        shown[place] = formats.get(style.get("numFmtId"), style.get("numFmtId"))
    return ReadSheet(cells, quoted, shown, xml)


def _found(xml: str | None, tag: str) -> Iterator[ET.Element]:
    yield from ET.fromstring(xml).iter(f"{_MAIN}{tag}") if xml else ()


def _text(item: ET.Element) -> str:
    text = "".join(part.text or "" for part in item.iter(f"{_MAIN}t"))
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _number(text: str) -> int | float:
    return float(text) if re.search("[.E]", text) else int(text)
