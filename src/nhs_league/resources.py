"""Where the shipped configuration and the bundled sample are.

A built wheel carries both inside the package; a checkout keeps them at its top level.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def configs_directory() -> Path:
    """Find the folder that holds ``frameworks/`` and ``schema/``."""
    return _shipped("configs")


def sample_directory() -> Path:
    """Find the bundled sample of real figures."""
    return _shipped("data/sample")


def _shipped(name: str) -> Path:
    packaged = _PACKAGE / "_shipped" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent.parent / name
