"""Every line of the page on security is held by tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import ROOT, read, table_cells

PAGE = ROOT / "docs" / "security.md"
HEADER = ["what", "what could go wrong", "what is done", "held by"]
ROWS = [cells for cells in table_cells(PAGE) if cells != HEADER and not cells[0].startswith("---")]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse(read(ROOT / path))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}"[:60])
def test_a_line_names_tests_that_exist(row: list[str]) -> None:
    assert len(row) == len(HEADER)
    assert all(row)
    named = TEST.findall(row[-1])
    assert named
    assert TEST.sub("", row[-1]).strip(", ") == ""
    assert [name for path, name in named if name not in names_in(path)] == []


def test_every_test_of_a_hostile_file_holds_a_line() -> None:
    path = "tests/security/test_hostile_files.py"
    held = {name for row in ROWS for where, name in TEST.findall(row[-1]) if where == path}
    others = {
        name
        for name in names_in(path) - held
        if name.startswith("test_") and not re.search("near_cells|many_brackets", name)
    }
    assert others == set()


def test_the_page_has_lines_of_everything_that_comes_in_and_goes_out() -> None:
    said = {re.split("[:,]", row[0])[0] for row in ROWS}
    come = {"CSV", "YAML", "Zips", "XLSX", "Parquet", "Folders", "Paths", "Source specs"}
    assert come | {"HTML", "Markdown", "Terminal", "`--output`"} <= said
