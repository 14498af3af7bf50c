"""What ``import nhs_league`` promises."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
from importlib.resources import files

import pytest

import nhs_league
from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "src" / "nhs_league" / "__init__.py"


def names_for_type_checkers() -> dict[str, str]:
    """Map each name under ``TYPE_CHECKING`` to the module that it comes from."""
    tree = ast.parse(SOURCE.read_text("utf-8"))
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    )
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.module != "typing"
    }


def test_all_is_what_type_checkers_see() -> None:
    assert sorted(nhs_league.__all__) == sorted(names_for_type_checkers())
    assert len(set(nhs_league.__all__)) == len(nhs_league.__all__)


@pytest.mark.parametrize("name", sorted(nhs_league.__all__))
def test_every_public_name_is_there_and_described(name: str) -> None:
    public = getattr(nhs_league, name)
    home = importlib.import_module(names_for_type_checkers()[name])
    assert public is getattr(home, name)
    description = inspect.getdoc(public) or ""
    first = description.splitlines()[0] if description else ""
    assert first.endswith((".", ":")), f"{name}: {first!r}"


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rank'"):
        _ = nhs_league.rank


def test_the_package_is_typed() -> None:
    assert files("nhs_league").joinpath("py.typed").is_file()


def test_the_example_in_the_documentation_of_the_package_runs() -> None:
    assert doctest.testmod(nhs_league).failed == 0
