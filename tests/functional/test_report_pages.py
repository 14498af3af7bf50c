"""The sample's site as a whole: its files, its links, and what every page has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nhs_league.cli.app import run
from tests.functional.reported import QUARTER, framework, read, trust_types
from tests.site_checks import check_links, check_manifest, check_page
from tests.site_pages import indexed, page

LARGEST = 200_000


@pytest.fixture(scope="module")
def files(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


def test_a_site_has_a_page_of_each_trust_and_measure_and_nothing_else(
    files: dict[str, bytes],
) -> None:
    general = ("index", "trusts", "metrics", "method", "data")
    tables = ("Acute-trust", "Mental-health-and-community-trust", "Ambulance-trust")
    assert set(files) == {
        "manifest.json",
        "assets/site.css",
        "assets/site.js",
        "assets/trusts.js",
        "data/framework.yaml",
        "data/league.csv",
        *(f"{name}.html" for name in general),
        *(f"tables/{name}.html" for name in tables),
        *(f"trusts/{code}.html" for code in trust_types()),
        *(f"metrics/{id_}.html" for id_ in framework()["metrics"]),
    }


def test_every_page_is_whole_and_keeps_to_itself(site: Path, files: dict[str, bytes]) -> None:
    names = [name for name in files if name.endswith(".html")]
    ids = {
        name: {n.attributes["id"] for n in page(site / name) if "id" in n.attributes}
        for name in names
    }
    assert len(names) == 5 + 3 + 205 + 31
    for name in names:
        check_page(page(site / name))
        check_links(name, page(site / name), files, ids)
        assert len(files[name]) < LARGEST, name


def test_the_stylesheet_and_the_scripts_load_nothing(files: dict[str, bytes]) -> None:
    sheet = files["assets/site.css"].decode()
    assert not re.search(r"url\(|@import|https?:", sheet)
    script = files["assets/site.js"].decode()
    assert not re.search(
        r"https?:|fetch|XMLHttpRequest|import\(|eval|innerHTML|outerHTML|document\.write", script
    )


def test_every_page_can_be_reached_from_the_first(site: Path, files: dict[str, bytes]) -> None:
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        if name in reached or not name.endswith(".html"):
            continue
        reached.add(name)
        folder = (site / name).parent
        for link in page(site / name).all("a"):
            address = link.attributes["href"].split("#")[0]
            if address and "rel" not in link.attributes:
                waiting.append((folder / address).resolve().relative_to(site.resolve()).as_posix())
    assert reached == {name for name in files if name.endswith(".html")}


def test_the_manifest_lists_every_file_with_its_digest_and_every_input(
    files: dict[str, bytes],
) -> None:
    check_manifest(files)
    account = json.loads(files["manifest.json"])
    assert (account["tool"], account["command"]) == ("nhs-league", "report")
    assert account["quarter"] == QUARTER
    assert account["quarters"] == ["2025Q2", QUARTER]
    assert account["seed"] == account["likely_ranges"].get("seed", account["seed"])


def test_the_table_to_download_is_that_of_rank(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "league.csv"
    assert run(["rank", "--ranges", "-Q", QUARTER, "-f", "csv", "-o", str(path), "-q"]) == 0
    assert files["data/league.csv"] == path.read_bytes()


def test_the_framework_to_download_is_the_file(files: dict[str, bytes]) -> None:
    from tests.conftest import REPOSITORY

    path = REPOSITORY / "configs" / "frameworks" / "nof-2025-26.yaml"
    assert files["data/framework.yaml"] == path.read_bytes()


def test_the_search_box_knows_every_trust_with_its_towns(site: Path) -> None:
    known = indexed(site)
    names = [name for _, name, _, _ in known]
    assert names == sorted(names, key=str.casefold)
    assert {tuple(row) for row in known} == {
        (
            row["org_code"],
            row["org_name"],
            ", ".join(row["towns"].split(";")) if row["towns"] else "",
            f"trusts/{row['org_code']}.html",
        )
        for row in read("organisations.csv")
    }
    assert len(known) == 205


def test_the_page_of_the_data_lists_every_file_with_its_rows_and_digest(
    site: Path, files: dict[str, bytes]
) -> None:
    from tests.site_pages import texts_of

    inputs = {row["file"]: row["sha256"] for row in json.loads(files["manifest.json"])["inputs"]}
    rows = texts_of(page(site / "data.html").first("table"))
    assert {row["File"]: row["SHA-256"] for row in rows} == inputs
    for row in rows:
        left_out = sum(int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", row["Left out"]))
        used, total = (int(row[name].replace(",", "")) for name in ("Rows used", "Rows in"))
        assert used + left_out == total, row["File"]
    [metrics] = [row for row in rows if row["File"] == "nof_2025_26_metrics.csv"]
    assert metrics["Rows in"] == f"{len(read('nof_2025_26_metrics.csv')):,}"
