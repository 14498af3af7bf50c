"""Ask whether any package that is installed beside nhs-league has a known advisory.

python -m tools.dependencies PIP_AUDIT, which `make audit-dependencies` calls. It needs a network:
the advisories are looked up, package by package. The exit code is 0 for none, 1 for some, and 2
where any package could not be looked up: pip-audit itself calls that sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any, Final

NOT_AUDITED: Final = "The dependencies are not audited"
Verdict = tuple[int, list[str]]


def main(arguments: list[str]) -> int:
    (pip_audit,) = arguments
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "installed.txt"
        listed.write_text("\n".join(installed()) + "\n", encoding="utf-8")
        command = [pip_audit, "--progress-spinner=off", "--format=json"]
        command += ["--no-deps", "--disable-pip", "--requirement", str(listed)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    code, lines = verdict(run.stdout, run.stderr)
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


def installed() -> list[str]:
    """List what is installed, pinned, without nhs-league itself: nobody publishes advisories."""
    packages = {
        package.metadata["Name"].lower(): package.version for package in metadata.distributions()
    }
    return [f"{name}=={packages[name]}" for name in sorted(packages) if name != "nhs-league"]


def verdict(report: str, errors: str) -> Verdict:
    """Judge what pip-audit wrote: a package that it passed over is not one without advisories."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, LookupError):
        *_, last = ["it said nothing", *errors.strip().splitlines()]
        return 2, [f"{NOT_AUDITED}: the advisory service did not answer: {last}"]
    known = [
        f"{package['name']} {package['version']}: {advisory['id']}, mended in "
        f"{' or '.join(advisory['fix_versions']) or 'no version yet'}"
        for package in packages
        for advisory in package.get("vulns", ())
    ]
    passed_over = [package for package in packages if "skip_reason" in package]
    if passed_over:
        first = passed_over[0]
        known.append(
            f"{NOT_AUDITED}: {len(passed_over)} of {len(packages)} packages could not be looked "
            f"up, such as {first['name']}: {first['skip_reason']}"
        )
        return 2, known
    if known:
        return 1, known
    return 0, [f"None of {len(packages)} packages has a known advisory."]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
