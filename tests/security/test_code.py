"""The code can start no program, open no connection and run nothing that data state."""

from __future__ import annotations

import ast
import re

from tests.architecture.test_imports import MODULES, imports_of, tree_of

CONNECTS = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "asyncio", "xmlrpc", "requests"}
STARTS = {"subprocess", "multiprocessing", "pty", "webbrowser", "code", "runpy"}
REVIVES = {"pickle", "marshal", "shelve", "dbm", "dill", "joblib", "cloudpickle"}
RUNS = {"eval", "exec", "compile", "__import__"}
OF_THE_SYSTEM = re.compile(r"os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*)")
OF_YAML = re.compile(r"yaml\.(\w*load\w*|Loader|FullLoader|UnsafeLoader)")


def test_nothing_connects_starts_a_program_or_revives_objects() -> None:
    for module in MODULES:
        imported = {name.split(".")[0] for name in imports_of(tree_of(module))}
        assert not imported & (CONNECTS | STARTS | REVIVES), module


def test_nothing_runs_a_text() -> None:
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Name):
                assert node.id not in RUNS, module
            elif isinstance(node, ast.Attribute):
                written = ast.unparse(node)
                assert not OF_THE_SYSTEM.fullmatch(written), module
                assert not OF_YAML.fullmatch(written), module


def test_libraries_of_the_system_are_called_in_one_place() -> None:
    callers = {
        module for module in MODULES for name in imports_of(tree_of(module)) if name == "ctypes"
    }
    assert callers == {"nhs_league.presentation.site_folder.exchange"}


def test_temporary_files_are_made_beside_what_they_become() -> None:
    for module in MODULES:
        assert "tempfile" not in set(imports_of(tree_of(module))), module


def test_the_patterns_of_a_source_spec_are_no_regular_expressions() -> None:
    from nhs_league.sources.specs.model import pattern_expression

    evil = "(a+)+$ {year}"
    expression = pattern_expression(evil, {"year": "[0-9]{4}"})
    assert expression.fullmatch("(a+)+$ 2025")
    assert not expression.fullmatch("aaaa 2025")
