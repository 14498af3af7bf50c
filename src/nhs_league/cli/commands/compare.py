"""``nhs-league compare``."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import polars as pl

from nhs_league.analysis.comparison.comparison import (
    Comparison,
    compare_methods,
    compare_quarters,
    has_changed_expr,
    summary,
)
from nhs_league.analysis.comparison.framework_changes import (
    FRAMEWORK_CHANGES_SCHEMA,
    framework_changes,
)
from nhs_league.analysis.comparison.metric_changes import METRIC_CHANGES_SCHEMA, metric_changes
from nhs_league.analysis.comparison.saved_tables import compare_tables
from nhs_league.analysis.robustness.chance import DEFAULT_SEED
from nhs_league.analysis.robustness.sampling import DEFAULT_REPLICATES
from nhs_league.api.leagues import OpenLeague
from nhs_league.api.quarters import open_pair
from nhs_league.cli.diagnostics import Diagnostics, ExitCode
from nhs_league.cli.options import DATA_VARIABLE
from nhs_league.cli.output import Destination, write_result
from nhs_league.cli.session import SeveralRequest, announce_sample, find_trust
from nhs_league.errors import UsageError
from nhs_league.findings import in_order
from nhs_league.names import Match, find_organisation
from nhs_league.presentation.comparison_details import cut_sentence, merger_sentence
from nhs_league.presentation.comparisons import Shown, comparison_document
from nhs_league.presentation.document import Block
from nhs_league.presentation.formats import Result
from nhs_league.presentation.framework_changes import framework_changes_blocks
from nhs_league.provenance import manifest
from nhs_league.quarter import InvalidQuarterError, Quarter
from nhs_league.selection import quarters_in
from nhs_league.sources.reports import FileReport
from nhs_league.sources.saved_tables import SavedTable, read_saved_tables

SEGMENT_CHANGES = "segment-changes"
SIGNIFICANT = "significant"
_WORDS: Final = (SEGMENT_CHANGES, SIGNIFICANT)
_NEAR: Final = 0.7


@dataclass(frozen=True)
class Scope:
    """Which rows are shown, how a change is tested, and whether one is an exit code.

    ``only`` holds ``segment-changes``, ``significant``, and codes or names of trusts.
    """

    only: tuple[str, ...] = ()
    replicates: int = DEFAULT_REPLICATES
    seed: int | None = None
    check: bool = False

    def options_of_chance(self) -> dict[str, bool]:
        """Say which options of the test of a change are stated."""
        return {
            "--seed": self.seed is not None,
            "--replicates": self.replicates != DEFAULT_REPLICATES,
        }


@dataclass(frozen=True)
class _Compared:
    """A comparison, the account of it, and what can be said of one trust and of the rules."""

    comparison: Comparison
    before: str
    after: str
    short: str
    meta: Any
    title: str | None = None
    leagues: tuple[OpenLeague, OpenLeague] | None = None
    rules: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema=FRAMEWORK_CHANGES_SCHEMA)
    )

    def find(self, trust: str) -> Match:
        """Find a trust of either table: by its code there, else as the later league does."""
        changes = self.comparison.changes
        code = trust.strip().upper()
        named = changes.filter(pl.col("org_code") == code)
        if len(named):
            return Match(code, named["org_name"].item())
        if self.leagues is not None:
            return self.leagues[1].find(trust)
        names = changes.select(
            "org_code", "org_name", pl.lit([], pl.List(pl.String)).alias("predecessor_codes")
        )
        return find_organisation(trust, names)

    def metrics_of(self, org_code: str) -> pl.DataFrame:
        """Say what became of a trust's metrics, where it is ranked in both leagues."""
        row = self.comparison.changes.filter(
            pl.col("org_code") == org_code,
            pl.all_horizontal(pl.col("rank_from", "rank_to").is_not_null()),
        )
        if self.leagues is None or row.is_empty():
            return pl.DataFrame(schema=METRIC_CHANGES_SCHEMA)
        before, after = (opened.league for opened in self.leagues)
        return metric_changes(before, after, self._code_in_first(org_code), org_code)

    def _code_in_first(self, org_code: str) -> str:
        """Give the code that a trust had in the first league."""
        for merger in self.comparison.mergers:
            pair = [merger.org_code, merger.successor_code]
            if merger.is_followed and org_code in pair:
                pair.remove(org_code)
                return pair[0]
        return org_code


def run(
    diagnostics: Diagnostics,
    destination: Destination,
    request: SeveralRequest,
    quarter: str | None,
    scope: Scope,
) -> ExitCode:
    """Compare two quarters, two frameworks or two saved tables, and write who moved and why."""
    scope = replace(scope, only=tuple(map(_word_or_trust, scope.only)))
    if _are_saved_tables(request.tables):
        compared = _tables(diagnostics, request, quarter, scope)
    else:
        compared = _leagues(diagnostics, request, quarter, scope)
    trusts = [find_trust(diagnostics, compared, each) for each in scope.only if each not in _WORDS]
    trusts = list(dict.fromkeys(trusts))
    rows = _shown_rows(compared.comparison, scope.only, trusts)
    if rows.is_empty():
        diagnostics.note("no organisation is left by --only")
    write_result(_result(compared, rows, trusts), destination)
    has_changed = bool(rows.select(has_changed_expr().any()).item())
    return ExitCode.DIFFERENT if scope.check and has_changed else ExitCode.DONE


def _word_or_trust(asked: str) -> str:
    """Read a word for what changed, in capitals or not. Raises ``UsageError`` for a near miss."""
    text = asked.strip().lower().replace("_", "-").replace(" ", "-")
    if text in _WORDS:
        return text
    if near := get_close_matches(text, _WORDS, 1, _NEAR):
        raise UsageError(f"there is no trust {asked!r}: did you mean {near[0]}?")
    return asked


def _are_saved_tables(tables: Sequence[str]) -> bool:
    """Say whether saved tables are named, and not quarters. Raises ``UsageError`` for one each."""
    saved = [_is_saved_table(table) for table in tables]
    if any(saved) and not all(saved):
        file, other = tables[saved.index(True)], tables[saved.index(False)]
        raise UsageError(
            f"{file} is a saved table and {other} a quarter: compare takes two of one kind"
        )
    return any(saved)


def _is_saved_table(text: str) -> bool:
    """Say whether a text is a file, by its suffix or its folder, or because it is there."""
    path = Path(text)
    if text.lower().endswith(".csv"):
        return True
    # What may not be looked at, or has too long a name, is told by its text alone.
    with contextlib.suppress(OSError):
        if path.is_file():
            return True
        if path.is_dir():
            return not _is_quarter(text)
    # The NHS writes a slash in its quarters too: Q1 2025/26.
    is_nhs_quarter = re.search("Q[0-9]", text, re.IGNORECASE) is not None
    return not is_nhs_quarter and ("/" in text or os.sep in text)


def _is_quarter(text: str) -> bool:
    try:
        Quarter.parse(text)
    except InvalidQuarterError:
        return False
    return True


def _leagues(
    diagnostics: Diagnostics, request: SeveralRequest, quarter: str | None, scope: Scope
) -> _Compared:
    """Open and compare two quarters or two frameworks."""
    if quarter is not None and request.tables:
        raise UsageError(
            "--quarter is for two frameworks on one quarter: leave it out where quarters are named"
        )
    quarters = request.tables if quarter is None else (quarter,)
    is_of_methods = len(request.frameworks) > 1
    if is_of_methods:
        _refuse("two frameworks score the same figures", scope.options_of_chance())
    announce_sample(diagnostics, request.data)
    opened = open_pair(
        request.data,
        quarters,
        request.frameworks,
        scores=request.scores,
        strict=request.strict,
    )
    diagnostics.warnings(in_order(dict.fromkeys((*opened[0].findings, *opened[1].findings))))
    _note_quarters(diagnostics, opened, is_latest=is_of_methods and not quarters)
    if is_of_methods:
        return _methods(opened, request)
    return _quarters(diagnostics, opened, request, scope)


def _note_quarters(
    diagnostics: Diagnostics, opened: tuple[OpenLeague, OpenLeague], *, is_latest: bool
) -> None:
    """Note later quarters than the latest of both, and quarters that are not a framework's own."""
    quarter = opened[1].league.quarter
    observations = opened[1].dataset.observations
    every = quarters_in(observations.filter(pl.col("first_month").is_not_null()))
    if is_latest and every[-1] > quarter:
        diagnostics.note(
            f"{quarter} is the latest quarter with figures for both frameworks; the data have "
            f"{every[-1]} too"
        )
    for one in opened:
        league = one.league
        if not league.framework.applies_to.includes(league.quarter):
            diagnostics.note(
                f"{league.framework.id} does not govern {league.quarter}, which is ranked by it "
                "all the same"
            )


def _quarters(
    diagnostics: Diagnostics,
    opened: tuple[OpenLeague, OpenLeague],
    request: SeveralRequest,
    scope: Scope,
) -> _Compared:
    before, after = (one.league for one in opened)
    seed = DEFAULT_SEED if scope.seed is None else scope.seed
    comparison = compare_quarters(
        before, after, opened[0].dataset.successions, replicates=scope.replicates, seed=seed
    )
    for merger in comparison.mergers:
        diagnostics.note(merger_sentence(merger))
    return _Compared(
        comparison,
        before.quarter.long_label,
        after.quarter.long_label,
        f"{before.quarter} to {after.quarter}",
        _account(
            comparison,
            opened,
            scores=request.scores,
            seed=seed,
            replicates=scope.replicates,
        ),
        after.framework.title,
        opened,
    )


def _methods(opened: tuple[OpenLeague, OpenLeague], request: SeveralRequest) -> _Compared:
    before, after = (one.league for one in opened)
    comparison = compare_methods(before, after)
    names = _framework_names(opened)
    return _Compared(
        comparison,
        names[0],
        names[1],
        f"{names[0]} to {names[1]}, {after.quarter}",
        _account(comparison, opened, scores=request.scores),
        after.quarter.long_label,
        opened,
        framework_changes(before.framework, after.framework),
    )


def _framework_names(opened: tuple[OpenLeague, OpenLeague]) -> list[str]:
    """Name two frameworks by their ids, or by their files where they share one."""
    ids = [one.framework_file.framework.id for one in opened]
    names = [one.framework_file.name for one in opened]
    return ids if ids[0] != ids[1] or names[0] == names[1] else names


def _account(
    comparison: Comparison, opened: tuple[OpenLeague, OpenLeague], **more: Any
) -> dict[str, Any]:
    files = {one.framework_file.sha256: one.framework_file for one in opened}
    return manifest(
        "compare",
        frameworks=files.values(),
        files=opened[0].dataset.files,
        quarters=[str(one.league.quarter) for one in opened],
        form=comparison.kind,
        significance=comparison.significance.in_words(),
        **more,
    )


def _tables(
    diagnostics: Diagnostics, request: SeveralRequest, quarter: str | None, scope: Scope
) -> _Compared:
    """Read and compare two saved tables."""
    if len(request.tables) != 2:
        raise UsageError(f"compare takes two saved tables, and not {len(request.tables)}")
    stated = {
        "--framework": bool(request.frameworks),
        "--quarter": quarter is not None,
        "--data": list(request.data) != _data_of_environment(),
        "--scores": request.scores != "auto",
    }
    _refuse("saved tables are compared as they are", stated | scope.options_of_chance())
    saved, findings = read_saved_tables(request.tables, strict=request.strict)
    diagnostics.warnings(findings)
    before, after = saved
    comparison = compare_tables(
        before.frame,
        after.frame,
        are_of_two_frameworks=_are_of_two_frameworks(before, after),
        are_of_one_quarter=before.quarter is not None and before.quarter == after.quarter,
    )
    names = (before.name, after.name)
    sentences = [f"{cut_sentence(cut, names)}." for cut in comparison.cuts]
    if not _are_of_two_frameworks(before, after):
        comparison = replace(comparison, notes=(*comparison.notes, *sentences))
    meta = manifest(
        "compare",
        files=[_report(table) for table in saved],
        quarters=[before.quarter, after.quarter],
        form=comparison.kind,
        significance=comparison.significance.in_words(),
    )
    short = f"{before.name} to {after.name}"
    return _Compared(comparison, before.name, after.name, short, meta)


def _report(table: SavedTable) -> FileReport:
    """Account for a saved table as for any file."""
    rows = len(table.frame)
    return FileReport(table.name, table.sha256, "saved table", "saved table", "utf-8", rows, rows)


def _refuse(why: str, stated: dict[str, bool]) -> None:
    """See that no option is stated that would change nothing. Raises ``UsageError``."""
    if surplus := [name for name, is_stated in stated.items() if is_stated]:
        raise UsageError(f"{why}: leave out {_listed(surplus)}")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _data_of_environment() -> list[Path]:
    """List the data that the environment names: nobody asked for those of a saved table."""
    return [Path(part) for part in os.environ.get(DATA_VARIABLE, "").split(os.pathsep) if part]


def _are_of_two_frameworks(before: SavedTable, after: SavedTable) -> bool:
    """Say whether the manifests beside the tables name two frameworks."""
    shas = before.framework_sha256, after.framework_sha256
    return None not in shas and shas[0] != shas[1]


def _shown_rows(comparison: Comparison, only: Sequence[str], trusts: Sequence[str]) -> pl.DataFrame:
    """Keep the rows that any of the values asks for. Raises ``UsageError`` for a trust in none."""
    changes = comparison.changes
    if not only:
        return changes
    known = set(changes["org_code"])
    for code in trusts:
        if code not in known:
            raise UsageError(f"{code} has no row in either table")
    is_wanted = pl.col("org_code").is_in(list(trusts))
    if SEGMENT_CHANGES in only:
        is_wanted |= pl.col("change_class") != "none"
    if SIGNIFICANT in only:
        is_wanted |= pl.col("is_significant").fill_null(False)
    return changes.filter(is_wanted)


def _result(compared: _Compared, rows: pl.DataFrame, trusts: Sequence[str]) -> Result:
    comparison = compared.comparison
    metrics = pl.concat(
        [pl.DataFrame(schema=METRIC_CHANGES_SCHEMA), *map(compared.metrics_of, trusts)]
    )
    shown = comparison.changes.select("org_code").filter(
        pl.col("org_code").is_in(rows["org_code"].to_list())
    )

    def parts() -> dict[str, Any]:
        return {
            "summary": summary(comparison),
            "notes": list(comparison.notes),
            "metrics": metrics.to_dicts(),
            "mergers": [
                {**vars(merger), "sentence": f"{merger_sentence(merger)}."}
                for merger in comparison.mergers
            ],
            "framework_changes": compared.rules.to_dicts(),
            "details": comparison.details()
            .join(shown, on="org_code", how="semi", maintain_order="left")
            .to_dicts(),
        }

    rules: Sequence[Block] = ()
    if comparison.kind == "methods":
        rules = tuple(framework_changes_blocks(compared.rules, compared.before, compared.after))
    laid_out = Shown(
        before=compared.before,
        after=compared.after,
        short=compared.short,
        rows=rows,
        trusts=trusts,
        metrics=metrics,
        title=compared.title,
        rules=rules,
    )
    return Result(
        rows.select(comparison.rows().columns),
        lambda: comparison_document(comparison, laid_out),
        compared.meta,
        parts,
        title=f"Changes from {compared.before} to {compared.after}",
        tables=lambda: {"Changes": rows.select(comparison.rows().columns)},
    )
