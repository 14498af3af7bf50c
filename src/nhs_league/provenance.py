"""Where a result came from: tool, framework, quarter and inputs, without a clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nhs_league.framework.catalogue import FrameworkFile
from nhs_league.quarter import Quarter
from nhs_league.sources.reports import FileReport
from nhs_league.version import VERSION


def manifest(
    command: str,
    *,
    framework: FrameworkFile | None = None,
    frameworks: Iterable[FrameworkFile] = (),
    quarter: Quarter | None = None,
    files: Iterable[FileReport] = (),
    seed: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Account for a result: the same inputs give the same manifest, byte for byte."""
    account: dict[str, Any] = {
        "tool": "nhs-league",
        "version": VERSION,
        "command": command,
    }
    if quarter is not None:
        account |= {"quarter": str(quarter), "quarter_label": quarter.long_label}
    if framework is not None:
        account["framework"] = _stated(framework)
    if several := [_stated(file) for file in frameworks]:
        account["frameworks"] = several
    account["inputs"] = [{"file": file.name, "sha256": file.sha256} for file in files]
    account["seed"] = seed
    return account | more


def _stated(file: FrameworkFile) -> dict[str, str]:
    return {
        "id": file.framework.id,
        "title": file.framework.title,
        "file": file.name,
        "sha256": file.sha256,
    }
