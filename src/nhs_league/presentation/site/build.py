"""Build a site: every page, picture and file of it, as bytes by path."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nhs_league.presentation.account import ATTRIBUTION
from nhs_league.presentation.charts.drawing import unchecked
from nhs_league.presentation.html_blocks import laid_out
from nhs_league.presentation.methods.document import method_document
from nhs_league.presentation.site.general_pages import (
    data_context,
    home_context,
    metrics_context,
    table_context,
    trusts_context,
)
from nhs_league.presentation.site.metric_pages import metric_context
from nhs_league.presentation.site.pictures import GroupPictures, MetricPictures
from nhs_league.presentation.site.source import SiteSource
from nhs_league.presentation.site.trust_pages import absent_context, trust_context
from nhs_league.presentation.site_folder.manifest import site_manifest
from nhs_league.presentation.templating import asset, render_template
from nhs_league.spreadsheet_text import guarded

Progress = Callable[[float], None]

_ASSETS = ("site.css", "site.js")


def build_site(source: SiteSource, progress: Progress | None = None) -> dict[str, bytes]:
    """Give every file of the site by its path: the same source gives the same bytes.

    ``progress`` is told the share that is done. Raises ``UsageError`` where the extra ``report``
    is not installed.
    """
    paths = source.paths
    total = sum(map(len, (paths.groups, paths.metrics, paths.trusts)))
    files: dict[str, bytes] = {}
    with unchecked():
        for done, (path, text) in enumerate(_pages(source)):
            files[path] = text.encode()
            if progress is not None:
                progress(min(done / total, 1.0))
    files |= {f"assets/{name}": asset(name).encode() for name in _ASSETS}
    files["assets/trusts.js"] = _search_index(source).encode()
    files["data/league.csv"] = guarded(source.table).write_csv().encode()
    files["data/framework.yaml"] = source.framework_file.content
    return {**files, "manifest.json": site_manifest(source.account, files)}


def _pages(source: SiteSource) -> Iterator[tuple[str, str]]:
    """Render page by page, the quick ones first."""
    pictures = {group.name: GroupPictures(source, group) for group in source.groups}
    metric_pictures = MetricPictures(source)
    paths = source.paths
    yield _page(source, "index.html", "home.html", home_context(source))
    yield _page(source, "trusts.html", "trusts.html", trusts_context(source))
    yield _page(source, "metrics.html", "metrics.html", metrics_context(source))
    method = {
        "title": "How it is worked out",
        "blocks": laid_out(method_document(source.framework)),
    }
    yield _page(source, "method.html", "method.html", method)
    yield _page(source, "data.html", "data.html", data_context(source))
    for group in source.groups:
        context = table_context(source, group, pictures[group.name])
        yield _page(source, paths.groups[group.name], "table.html", context)
    for metric_id in source.framework.metrics:
        context = metric_context(source, metric_id, metric_pictures)
        yield _page(source, paths.metrics[metric_id], "metric.html", context)
    for row in source.without_figures:
        context = absent_context(source, row)
        yield _page(source, paths.trusts[row["org_code"]], "absent.html", context)
    before = source.report.earlier_explanations()
    for explanation in source.report.explanations():
        code = explanation.org_code
        context = trust_context(
            source,
            explanation,
            before.get(code),
            pictures[source.group_of[code].name],
            metric_pictures,
        )
        yield _page(source, paths.trusts[code], "trust.html", context)


def _page(
    source: SiteSource, path: str, template: str, context: Mapping[str, Any]
) -> tuple[str, str]:
    root = "../" * path.count("/")
    common = {
        "root": root,
        "path": path,
        "quarter": source.league.quarter,
        "framework": source.framework,
        "attribution": ATTRIBUTION if source.is_public_information else None,
        "navigation": [
            *((group.title, source.paths.groups[group.name]) for group in source.groups),
            ("Trusts A to Z", "trusts.html"),
            ("Measures", "metrics.html"),
            ("Method", "method.html"),
            ("Data", "data.html"),
        ],
    }
    return path, render_template(template, {**common, **context})


def _search_index(source: SiteSource) -> str:
    """State the organisations for the search box, as a script that also works from a folder."""
    rows = [
        [
            row["org_code"],
            row["org_name"],
            ", ".join(row["towns"] or ()),
            source.paths.trusts[row["org_code"]],
        ]
        for row in sorted(source.organisations.values(), key=lambda row: row["org_name"].casefold())
    ]
    listed = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"window.nhsLeagueTrusts = [\n{listed}\n];\n"
