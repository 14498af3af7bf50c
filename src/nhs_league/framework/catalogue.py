"""Find and read framework files: the shipped ones by id, others by path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nhs_league.errors import FrameworkError, UsageError
from nhs_league.findings import in_order
from nhs_league.framework.checks import framework_problems
from nhs_league.framework.model import Framework
from nhs_league.framework.yaml_models import Form, problems_text, read_model
from nhs_league.resources import configs_directory

_SUFFIXES = (".yaml", ".yml")
_FORM: Final = Form(
    "error", "framework_invalid", "a framework file is a mapping with id, title, metrics ..."
)


@dataclass(frozen=True)
class FrameworkFile:
    """A framework with the name, the SHA-256 and the bytes of the file that states it."""

    framework: Framework
    name: str
    sha256: str
    content: bytes = field(repr=False)


def shipped_framework_ids() -> list[str]:
    """List the ids of the shipped frameworks."""
    return sorted(path.stem for path in (configs_directory() / "frameworks").glob("*.yaml"))


def load_framework(id_or_path: str | Path) -> FrameworkFile:
    """Read a framework: a shipped one by id, any other by the path of its file.

    Raises ``UsageError`` for an unknown id, and ``FrameworkError`` with every problem, each with
    its line, for a file that is unreadable or breaks the rules.
    """
    path = Path(id_or_path)
    if path.suffix.lower() not in _SUFFIXES and path.parent == Path():
        if str(id_or_path) not in shipped_framework_ids():
            raise UsageError(_unknown_framework(str(id_or_path)))
        path = configs_directory() / "frameworks" / f"{id_or_path}.yaml"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FrameworkError(
            f"cannot read the framework {id_or_path}: {error.strerror or error}"
        ) from error
    return parse_framework(content, path.name)


def load_shipped_frameworks() -> Iterator[FrameworkFile]:
    """Read every shipped framework, in the order of their ids."""
    for framework_id in shipped_framework_ids():
        yield load_framework(framework_id)


def parse_framework(content: bytes, name: str) -> FrameworkFile:
    """Read the bytes of a framework file; ``name`` stands in messages.

    Raises ``FrameworkError`` with every problem found, each with its line.
    """
    read = read_model(content, name, lambda _: Framework, _FORM, framework_problems)
    if read.model is None or read.findings:
        raise FrameworkError(
            f"the framework {name} has {problems_text(read.findings)}", in_order(read.findings)
        )
    return FrameworkFile(read.model, name, hashlib.sha256(content).hexdigest(), content)


def _unknown_framework(asked: str) -> str:
    import difflib

    known = shipped_framework_ids()
    nearest = difflib.get_close_matches(asked, known, n=3, cutoff=0.4) or known
    return (
        f"there is no framework {asked!r}; did you mean {' or '.join(nearest)}? "
        "A file of your own is given by its path, ending in .yaml"
    )
