"""Auditing, changes and the site, against what they cannot do without and against a plain site."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from measures import (
    ENGINE,
    Measure,
    Options,
    compare_processes,
    measured,
    our_command,
    processes_in_turn,
    python_code,
    python_script,
)
from published_files import write_published_files

from nhs_league.framework.catalogue import load_framework
from nhs_league.quarter import Quarter
from nhs_league.resources import sample_directory


def compare_audit(options: Options) -> list[Measure]:
    """Time an audit of three quarters of published files against reading and pivoting them."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in published_files(Path(folder))]
        code = (
            f"{ENGINE}; frame = polars.concat([polars.read_csv(f) for f in {files!r}], "
            "how='vertical_relaxed'); frame.pivot('Metric_ID', index=['Quarter', 'Trust_code'], "
            "values='Value', aggregate_function='first')"
        )
        return [
            compare_processes(
                "nhs-league audit, three quarters of published files",
                f"python -c '{ENGINE}', polars.read_csv and one pivot of the same files",
                our_command("audit", *files),
                python_code(code),
                runs=options.runs,
                limit=2.0,
            )
        ]


def published_files(folder: Path) -> list[Path]:
    """Name the published files to audit: those in BENCH_PUBLISHED, else the sample's figures."""
    named = os.environ.get("BENCH_PUBLISHED")
    return sorted(Path(named).glob("*.csv")) if named else write_published_files(folder)


def compare_changes(options: Options) -> list[Measure]:
    """Time comparing and searching beyond starting up, reading and ranking, in turn with it."""
    official = ["--framework", "nof-2025-26"]
    asked = [
        (["compare", "2025Q2", "2025Q3"], 1.0),
        (["whatif", "RJ6", "--target-segment", "2", "--quarter", "2025Q2"], 2.0),
        (["whatif", "RCX", "--target-segment", "2", "--quarter", "2025Q2"], 2.0),
        (["whatif", "RX8", "--target-rank", "1", "--quarter", "2025Q2"], 2.0),
    ]
    startup = our_command("rank", "--quarter", "2025Q2", *official)
    processes = [startup, *(our_command(*arguments, *official) for arguments, _ in asked)]
    base, *others = processes_in_turn(processes, options.runs)
    return [
        measured(
            f"nhs-league {' '.join(arguments)}",
            "nhs-league rank of the same quarter",
            timing,
            base,
            limit=limit,
            beyond=True,
        )
        for (arguments, limit), timing in zip(asked, others, strict=True)
    ]


def compare_report(options: Options) -> list[Measure]:
    """Time a site of all trusts against a page a trust with its strips drawn one by one."""
    quarter, metrics = Quarter(2025, 3), sample_directory() / "nof_2025_26_metrics.csv"
    known = load_framework("nof-2025-26").framework.metrics
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        ours = our_command("report", "--quarter", str(quarter), "--output", str(site))
        theirs = python_script("report_drawing.py", str(metrics), quarter.nhs_label, folder, *known)
        timings = processes_in_turn([ours, theirs], min(3, options.runs), warm_ups=0)
        drawn = sum(page.read_text("utf-8").count("<svg") for page in Path(folder).glob("*.html"))
        strips = sum(
            page.read_text("utf-8").count('<div class="strip">') for page in site.glob("trusts/*")
        )
    assert 0.9 * drawn <= strips <= drawn, f"{strips} strips against {drawn}"
    name = f"nhs-league report --quarter {quarter}"
    yardstick = (
        f"Altair, vl-convert and Jinja2: a page a trust, its {drawn:,} strips drawn one by one"
    )
    return [measured(name, yardstick, *timings, limit=1.0)]


TASKS = {"audit": compare_audit, "changes": compare_changes, "report": compare_report}
