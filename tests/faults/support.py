"""What every kind of output is, and what may be left of one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, process_environment
from tests.functional.small import Small

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix signals and devices")

TABLES = ("csv", "json", "ndjson", "md", "html", "xlsx", "parquet", "txt", "svg", "png")
OUTPUTS = (*TABLES, "ingest", "schema", "site")


def arguments_for(output: str, small: Small, folder: Path) -> list[str]:
    """Give the command line that writes an output into a folder."""
    match output:
        case "site":
            return ["report", *small.options, "-q", "-o", str(folder / "site")]
        case "ingest":
            return ["ingest", "--data", str(small.folder), "-q", "-o", str(folder / "all.csv")]
        case "schema":
            return ["schema", "framework", "-o", str(folder / "schema.json")]
        case _:
            return ["rank", *small.options, "-q", "-o", str(folder / f"league.{output}")]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def hidden(found: Mapping[str, bytes]) -> set[str]:
    """List what a killed run left: its name begins with a dot and that of the output."""
    return {name.split("/")[0] for name in found if name.startswith(".")}


def visible(found: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in found.items() if not name.startswith(".")}


def put_old(folder: Path, new: Mapping[str, bytes]) -> dict[str, bytes]:
    """Put an older output in the place of a new one, and give its files."""
    # Only by its manifest is an old site known as one.
    old = {
        name: content if name == "site/manifest.json" else b"old " + name.encode()
        for name, content in new.items()
    }
    for name, content in old.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return old


def run_module(
    module: str, *arguments: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
        env=process_environment(env),
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
