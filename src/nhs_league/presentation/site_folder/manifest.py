"""The manifest of a site: where its figures come from, and which files are the site's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nhs_league.sources.sites import MANIFEST, manifest_in


def site_manifest(account: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Render the account of where a site came from, with the digest of each of its files."""
    digests = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in sorted(files.items())
        if name != MANIFEST
    }
    content = {**account, "files": digests}
    return f"{json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)}\n".encode()


def names_in(folder: Path) -> frozenset[str]:
    """Give the paths that the manifest of the site in a folder names, whatever they are."""
    names = (manifest_in(folder) or {}).get("files")
    return frozenset(names) if isinstance(names, dict) else frozenset()
