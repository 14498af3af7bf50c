"""``nhs-league report``."""

from __future__ import annotations

from pathlib import Path

from nhs_league.analysis.robustness.chance import DEFAULT_SEED
from nhs_league.analysis.robustness.robustness import Design
from nhs_league.api.reports import open_report
from nhs_league.cli.diagnostics import Diagnostics
from nhs_league.cli.session import Request, announce_sample
from nhs_league.presentation.charts.drawing import require_altair
from nhs_league.presentation.site.build import build_site
from nhs_league.presentation.site.source import SiteSource
from nhs_league.presentation.site_folder.writing import check_folder, write_folder
from nhs_league.presentation.templating import require_jinja


def run(
    diagnostics: Diagnostics, folder: Path, request: Request, *, seed: int | None, force: bool
) -> None:
    """Build the site and put it in the place of the old one, if there is one."""
    require_jinja()
    require_altair()
    check_folder(folder, force=force)
    announce_sample(diagnostics, request.data)
    opened = open_report(
        request.data,
        request.framework,
        request.quarter,
        scores=request.scores,
        strict=request.strict,
    )
    diagnostics.warnings(opened.opened.findings)
    design = Design(seed=DEFAULT_SEED if seed is None else seed)
    with diagnostics.progress("Building the site") as progress:
        report = opened.report(design=design)
        for note in report.notes:
            diagnostics.note(note)
        league = opened.opened
        source = SiteSource(report, league.framework_file, league.dataset.files, league.findings)
        files = build_site(source, progress)
    write_folder(folder, files, force=force)
    diagnostics.note(f"{len(files):,} files written to {folder}: open {folder / 'index.html'}")
