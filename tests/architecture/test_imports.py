"""Which module may import which, and who may speak."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "src" / "nhs_league"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
HEAVY = {"polars", "numpy", "scipy", "pydantic", "yaml", "rich", "rapidfuzz", "typer"}
FOUNDATIONS = ("nhs_league.quarter", "nhs_league.errors", "nhs_league.findings")
FORBIDDEN = {
    "scoring": ("sources", "presentation", "cli", "analysis", "api", "league", "provenance"),
    "league": ("sources", "presentation", "cli", "analysis", "api", "provenance"),
    "analysis": ("sources", "presentation", "cli", "api", "provenance"),
    "validation": ("sources", "presentation", "cli", "analysis", "api", "league"),
    "plausibility": ("sources", "presentation", "cli", "analysis", "api", "league", "validation"),
    "successions": ("sources", "presentation", "cli", "analysis", "api", "league", "scoring"),
    "framework": ("sources", "presentation", "cli", "analysis", "api", "league", "scoring"),
    "sources": ("scoring", "league", "analysis", "presentation", "cli", "api"),
    "presentation": ("cli", "api"),
    "api": ("cli", "presentation"),
    "scenario": ("cli", "presentation", "sources", "api"),
    "names": ("cli", "presentation", "sources", "league", "analysis", "api"),
    "selection": ("cli", "presentation", "sources", "analysis", "api"),
    "provenance": ("cli", "presentation", "analysis", "league", "api"),
}


def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"), filename=str(MODULES[module]))


def imports_of(tree: ast.AST, *, typing_too: bool = True) -> Iterator[str]:
    """Yield the modules that a tree imports, each with the names taken from it."""
    for node in ast.iter_child_nodes(tree):
        is_typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if is_typing and not typing_too:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imports_of(node, typing_too=typing_too)


def is_within(module: str, part: str) -> bool:
    return module == f"nhs_league.{part}" or module.startswith(f"nhs_league.{part}.")


@pytest.mark.parametrize("part", FORBIDDEN)
def test_imports_go_one_way(part: str) -> None:
    members = [module for module in MODULES if is_within(module, part)]
    assert members, f"{part} is gone: mend this test"
    wrong = {
        f"{module} imports {imported}"
        for module in members
        for imported in imports_of(tree_of(module), typing_too=False)
        for other in FORBIDDEN[part]
        if is_within(imported, other)
    }
    assert wrong == set()


@pytest.mark.parametrize("module", FOUNDATIONS)
def test_foundations_import_nothing_heavy_and_nothing_above(module: str) -> None:
    imported = set(imports_of(tree_of(module), typing_too=False))
    assert not {name for name in imported if name.split(".")[0] in HEAVY}
    own = {name for name in imported if name.startswith("nhs_league")}
    assert {name for name in own if not name.startswith(FOUNDATIONS)} == set()


def test_nothing_but_the_command_line_imports_it() -> None:
    importers = {
        module
        for module in MODULES
        for imported in imports_of(tree_of(module))
        if is_within(imported, "cli") and not is_within(module, "cli")
    }
    assert importers == {"nhs_league.__main__"}


def test_only_output_and_diagnostics_touch_the_standard_streams() -> None:
    allowed = {"nhs_league.cli.output", "nhs_league.cli.diagnostics"}
    touching = set()
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            is_stream = (
                isinstance(node, ast.Attribute)
                and node.attr.strip("_") in ("stdout", "stderr")
                and isinstance(node.value, ast.Name)
                and node.value.id == "sys"
            )
            is_print = isinstance(node, ast.Name) and node.id in ("print", "input")
            if is_stream or is_print:
                touching.add(module)
        if {"sys.stdout", "sys.stderr"} & set(imports_of(tree_of(module))):
            touching.add(module)
    assert touching == allowed


def test_only_the_command_line_exits_or_reads_the_environment() -> None:
    for module in MODULES:
        if is_within(module, "cli"):
            continue
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                name = f"{node.value.id}.{node.attr}"
                assert name not in ("sys.exit", "os._exit", "os.environ", "os.getenv"), module


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("rich", {"nhs_league.presentation.terminal", "nhs_league.presentation.progress"}),
        ("SALib", {"nhs_league.analysis.robustness.influence"}),
        (
            "altair",
            {
                "nhs_league.presentation.pictures",
                *(
                    f"nhs_league.presentation.charts.{chart}"
                    for chart in (
                        "distributions",
                        "drawing",
                        "rank_ranges",
                        "segment_map",
                        "slopes",
                        "strip_table",
                        "strips",
                    )
                ),
            },
        ),
        ("vl_convert", {"nhs_league.presentation.charts.drawing"}),
        ("jinja2", {"nhs_league.presentation.templating"}),
        ("xlsxwriter", {"nhs_league.presentation.spreadsheet"}),
        ("click", set()),
        ("yaml", {"nhs_league.framework.yaml_reader"}),
        ("rapidfuzz", {"nhs_league.names"}),
    ],
)
def test_a_library_is_known_in_its_place_alone(library: str, allowed: set[str]) -> None:
    importers = {
        module
        for module in MODULES
        for imported in imports_of(tree_of(module))
        if imported.split(".")[0] == library
    }
    assert importers == allowed


def test_only_the_command_line_knows_typer() -> None:
    for module in MODULES:
        imported = {name.split(".")[0] for name in imports_of(tree_of(module))}
        assert "typer" not in imported or is_within(module, "cli"), module


def test_pure_modules_read_no_clock_no_chance_and_no_files() -> None:
    impure = {"time", "datetime", "random", "os", "pathlib", "tempfile", "io", "glob", "shutil"}
    for part in ("scoring", "league", "analysis", "validation", "names", "selection"):
        for module in (module for module in MODULES if is_within(module, part)):
            imported = {name.split(".")[0] for name in imports_of(tree_of(module))}
            assert not imported & impure, module


def test_no_frame_is_walked_by_a_python_function() -> None:
    banned = {"map_elements", "map_rows", "apply", "eval", "exec"}
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
            assert name not in banned, f"{module} uses {name}"


def test_every_module_says_what_it_is() -> None:
    assert [module for module in MODULES if not ast.get_docstring(tree_of(module))] == []


def test_package_folders_hold_nothing_but_code_and_what_pages_are_made_of() -> None:
    pages = (PACKAGE / "presentation" / "assets", PACKAGE / "presentation" / "templates")
    others: set[Path] = {
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and path.name != "py.typed"
    }
    assert {path for path in others if path.parent not in pages} == set()
