"""The sites that ``report`` wrote: known by their manifests, and never read as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "manifest.json"
MADE_BY: Final = {"tool": "nhs-league", "command": "report"}


def parse_manifest(content: bytes) -> Mapping[str, Any] | None:
    """Read the manifest of a site; none for anything else."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(manifest, dict) and MADE_BY.items() <= manifest.items()
    return manifest if is_ours else None


def manifest_in(folder: Path) -> Mapping[str, Any] | None:
    """Read the manifest of the site in a folder; none where there is no site."""
    path = folder / MANIFEST
    try:
        return parse_manifest(path.read_bytes()) if path.is_file() else None
    except OSError:
        return None


def is_site(folder: Path) -> bool:
    """Say whether a folder holds a site that this tool wrote."""
    return manifest_in(folder) is not None


def sites_among(paths: Iterable[Path], folder: Path) -> list[Path]:
    """List the sites among the paths within a folder, which may be one itself."""
    places = {path.parent for path in paths if path.name == MANIFEST}
    return sorted(place for place in places if place != folder and is_site(place))
