"""What keeps the documentation in step works, and what is written names what the code has.

That what is generated is in step is what `make docs-check` finds out.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from tools import docs

from nhs_league.cli.diagnostics import ExitCode
from nhs_league.findings import SEVERITIES
from nhs_league.observations import STATUSES
from nhs_league.sources.cells import MARKS
from nhs_league.sources.layout import CELL_COLUMNS
from nhs_league.sources.specs.catalogue import load_sources
from nhs_league.sources.tidy import tidy_headers
from nhs_league.version import VERSION
from tests.docs.pages import CHANGELOG, README, ROOT, blocks, read, save_examples, table_cells

AUDIT = ROOT / "docs" / "audit.md"
DATA = ROOT / "docs" / "data.md"
FRAMEWORKS = ROOT / "docs" / "frameworks.md"


def test_check_lists_what_is_stale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs, "generated_files", lambda: iter([("docs/none.md", "text")]))
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/none.md is stale: run `make docs`\n"


def test_check_passes_where_nothing_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "generated_files", lambda: iter([("README.md", read(README))]))
    assert docs.main(["--check"]) == 0


def test_regenerating_writes_what_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "generated_files", lambda: iter([("docs/new.md", "text\n")]))
    assert docs.main([]) == 0
    assert (tmp_path / "docs" / "new.md").read_bytes() == b"text\n"
    assert docs.main(["--check"]) == 0


def test_a_page_without_markers_stops_the_generator() -> None:
    with pytest.raises(SystemExit, match="needs the markers"):
        docs._with_section("docs/x.md", "no markers", "name", "body")


def test_help_is_not_swayed_by_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = docs.cli_section()
    monkeypatch.setenv("COLUMNS", "200")
    assert docs.cli_section() == before
    assert max(map(len, before.splitlines())) <= docs.WIDTH


def finding_codes() -> dict[str, set[str]]:
    """Find every finding in the source: a severity followed by its code."""
    codes: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(read(path))):
            if not isinstance(node, ast.Call):
                continue
            for severity, code in zip(node.args, node.args[1:], strict=False):
                for stated in severities_of(severity):
                    for name in names_of(code):
                        codes[name].add(stated)
    return codes


def severities_of(stated: ast.expr) -> list[str]:
    """Read a severity: a constant, or one of two."""
    parts = [stated.body, stated.orelse] if isinstance(stated, ast.IfExp) else [stated]
    return [
        part.value for part in parts if isinstance(part, ast.Constant) and part.value in SEVERITIES
    ]


def names_of(code: ast.expr) -> list[str]:
    """Read a code; the one that is put together is put together of the marks' statuses."""
    if isinstance(code, ast.Constant):
        return [code.value] if re.fullmatch(r"[a-z0-9_]+", str(code.value)) else []
    assert ast.unparse(code) == "f'{mark}_mark'", f"a code of a new form: {ast.unparse(code)}"
    return [f"{status}_mark" for status in sorted(set(MARKS.values()))]


def test_every_finding_is_described_with_its_severity() -> None:
    described: dict[str, set[str]] = {}
    for code, severities, *said in table_cells(ROOT / "docs" / "findings.md"):
        if code.startswith("`"):
            assert code.strip("`") not in described
            described[code.strip("`")] = set(severities.split(", "))
            assert all(said), f"{code} is not described"
    assert described == finding_codes()


def test_data_page_names_every_mark_status_and_header() -> None:
    cells = table_cells(DATA)
    marks = {
        mark: status.strip("`")
        for listed, status in (row for row in cells if len(row) == 2)
        for mark in re.findall(r"`([^`]+)`", listed)
        if status.strip("`") in STATUSES and mark not in ("status",)
    }
    assert marks == MARKS
    synonyms = {row[0].strip("`"): row[1].strip("`") for row in cells if row[0].count("`") == 2}
    tidy = tidy_headers(load_sources().tidy)
    read_as = {name: column for name, column in tidy.columns.items() if name != column}
    assert {name: synonyms.get(name) for name in read_as} == read_as
    text = read(DATA)
    assert [
        name for name in (*CELL_COLUMNS, *sorted(tidy.not_used)) if f"`{name}`" not in text
    ] == []


def test_starter_framework_ranks_its_figures(tmp_path: Path) -> None:
    from nhs_league import open_league

    save_examples(tmp_path)
    opened = open_league([tmp_path / "mine"], tmp_path / "mine" / "my-league.yaml")
    table = opened.league.standings.sort("rank")
    assert table.select("org_code", "rank", "average_metric_score", "segment").rows() == [
        ("XA1", 1, 1.5, 1),
        ("XC3", 2, 1.67, 2),
        ("XB2", 3, 4.0, 4),
    ]


def test_other_yaml_on_the_page_is_part_of_a_framework() -> None:
    from nhs_league.framework.yaml_reader import read_yaml

    starter, schema_line, overrides = [b.text for b in blocks(FRAMEWORKS) if b.language == "yaml"]
    assert "override" not in starter
    assert schema_line.startswith("# yaml-language-server:")
    document = read_yaml(overrides)
    assert document.problems == []
    assert document.data["overrides"][0]["not_better_than"] == 3


def test_api_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    page = [b for b in blocks(ROOT / "docs" / "api.md") if b.language in ("python", "text")]
    example, printed = page[0], page[1]
    assert (example.language, printed.language) == ("python", "text")
    exec(compile(example.text, "docs/api.md", "exec"), {})
    assert capsys.readouterr().out == printed.text


def test_site_example_writes_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = [
        block.text
        for block in blocks(ROOT / "docs" / "api.md")
        if block.language == "python" and "build_site" in block.text and "import" in block.text
    ]
    save_examples(tmp_path)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/api.md", "exec"), {})
    pages = (tmp_path / "site" / "trusts").glob("*.html")
    assert sorted(page.stem for page in pages) == ["XA1", "XB2", "XC3"]


def test_tables_of_the_data_page_are_read_whole(tmp_path: Path) -> None:
    from nhs_league import load_data

    (trusts,) = [block.text for block in blocks(FRAMEWORKS) if block.file == "mine/trusts.csv"]
    tables = [block.text for block in blocks(DATA) if block.language == "csv"]
    assert len(tables) == 3
    for number, table in enumerate(tables):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "trusts.csv").write_text(trusts, encoding="utf-8")
        (folder / "table.csv").write_text(table, encoding="utf-8")
        dataset = load_data([folder])
        dataset.require_sound()
        (report,) = [file for file in dataset.files if file.name == "table.csv"]
        assert (report.rows_in, report.rows_used) == (1, 1), table


def test_audit_page_names_the_metrics_whose_scores_are_within_a_tie() -> None:
    from nhs_league import audit, open_league

    tied: set[str] = set()
    for quarter in ("2025Q2", "2025Q3", "2025Q4"):
        opened = open_league(quarter=quarter)
        cells = audit(opened.league, opened.dataset.observations).cells
        scores = cells.filter(kind="metric_score", verdict="within_tie")["id"]
        tied.update(scores.str.replace("OF1", "OF0", literal=True))
    (said,) = re.findall(r"within a tie are those of ([^,]+(?:, OF\d+)* and OF\d+)", read(AUDIT))
    assert set(re.findall(r"OF\d+", said)) == tied


def test_api_page_has_every_public_name() -> None:
    import nhs_league

    text = read(ROOT / "docs" / "api.md")
    for name in nhs_league.__all__:
        assert f"### {name}\n" in text or f"| `{name}` |" in text, name


def test_exit_codes_of_the_page_are_those_of_the_program() -> None:
    codes = [row[0] for row in table_cells(ROOT / "docs" / "cli.md") if row[0].isdigit()]
    assert [int(code) for code in codes] == [int(code) for code in ExitCode]


def test_every_quarter_and_source_of_scores_is_in_the_agreement_table() -> None:
    rows = [row for row in table_cells(ROOT / "docs" / "methodology.md") if row[0] == "`auto`"]
    assert [row[1] for row in rows] == ["2025Q2", "2025Q3", "2025Q4"]
    for row in rows:
        for cell in row[2:]:
            agreeing, _, published = cell.partition(" of ")
            assert agreeing == published, row


def test_changelog_has_a_section_for_this_version() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    sections = re.findall(r"^## \[([^]]+)\]", read(CHANGELOG), flags=re.MULTILINE)
    assert VERSION in sections
    wheel = f"{project['name'].replace('-', '_')}-{VERSION}-py3-none-any.whl"
    assert wheel in read(README)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_lists_every_target_that_says_what_it_does() -> None:
    makefile = read(ROOT / "Makefile")
    targets = re.findall(r"^([\w-]+):.*## (.+)$", makefile, flags=re.MULTILINE)
    phony = re.findall(r"^\.PHONY: ([\w-]+)$", makefile, flags=re.MULTILINE)
    assert sorted(phony) == sorted(name for name, _ in targets)
    listed = subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), "help"],
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    ).stdout
    for name, purpose in targets:
        assert re.search(rf"^  {name} +{re.escape(purpose)}$", listed, flags=re.MULTILINE), name


def test_the_generator_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.docs", "--help"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert "--check" in done.stdout
