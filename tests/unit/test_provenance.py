"""The manifest: what a result was made from, the same for the same inputs."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from nhs_league.framework.catalogue import load_framework
from nhs_league.provenance import manifest
from nhs_league.quarter import Quarter
from nhs_league.resources import configs_directory
from tests.unit.sources.support import load

VALUES = "org_code,period,value\nRAA,2025Q2,1\n"


def test_a_manifest_names_tool_command_framework_quarter_and_inputs(tmp_path: Path) -> None:
    dataset = load(tmp_path, {"waits.csv": VALUES}, register=False)
    framework = load_framework("headline-kpis")
    text = configs_directory() / "frameworks" / "headline-kpis.yaml"
    account = manifest(
        "rank", framework=framework, quarter=Quarter(2025, 2), files=dataset.files, rows=3
    )
    assert account == {
        "tool": "nhs-league",
        "version": version("nhs-league"),
        "command": "rank",
        "quarter": "2025Q2",
        "quarter_label": "April to June 2025 (Q1 2025/26)",
        "framework": {
            "id": "headline-kpis",
            "title": framework.framework.title,
            "file": "headline-kpis.yaml",
            "sha256": hashlib.sha256(text.read_bytes()).hexdigest(),
        },
        "inputs": [{"file": "waits.csv", "sha256": hashlib.sha256(VALUES.encode()).hexdigest()}],
        "seed": None,
        "rows": 3,
    }


def test_what_there_is_not_is_left_out() -> None:
    assert list(manifest("sources")) == ["tool", "version", "command", "inputs", "seed"]


def test_a_seed_is_stated() -> None:
    assert manifest("robustness", seed=7)["seed"] == 7


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    def account(folder: Path) -> bytes:
        dataset = load(folder, {"b.csv": VALUES, "monthly/a.csv": VALUES}, register=False)
        return json.dumps(manifest("rank", files=dataset.files), allow_nan=False).encode()

    assert account(tmp_path / "one") == account(tmp_path / "two")


def test_another_byte_gives_another_hash(tmp_path: Path) -> None:
    one = load(tmp_path / "one", {"a.csv": VALUES}, register=False)
    two = load(tmp_path / "two", {"a.csv": VALUES.replace("1\n", "1.0\n")}, register=False)
    assert manifest("rank", files=one.files) != manifest("rank", files=two.files)
