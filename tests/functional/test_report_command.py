"""``report`` on the command line: what it takes, refuses, says and leaves alone; and its bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import COMMAND, Cli, CliProcess, process_environment
from tests.functional.reported import SAMPLE
from tests.functional.small import Small
from tests.made_sites import built, pages


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_a_site_is_written_and_the_note_names_its_first_page(
    cli: Cli, small: Small, place: Path
) -> None:
    done = cli("report", *small.options, "--output", place)
    assert (done.status, done.output) == (0, b"")
    assert f"open {place / 'index.html'}" in done.narration
    files = tree(place)
    assert f"note: {len(files)} files written to {place}" in done.narration
    assert set(pages(files)) == {name for name in files if name.endswith(".html")}


def test_quiet_says_nothing(cli: Cli, small: Small, place: Path) -> None:
    done = cli("report", *small.options, "-o", place, "--quiet")
    assert (done.status, done.output, done.narration) == (0, b"", "")


def test_what_is_written_is_what_is_built(cli: Cli, small: Small, place: Path) -> None:
    cli("report", *small.options, "-o", place, "-q")
    assert tree(place) == built([small.folder], small.framework)


def test_a_site_takes_the_place_of_an_older_one_and_keeps_what_is_not_its_own(
    cli: Cli, small: Small, place: Path
) -> None:
    cli("report", *small.options, "-o", place, "-q")
    first = tree(place)
    (place / "CNAME").write_text("league.example", "utf-8")
    register = small.folder / "organisations.csv"
    register.write_text(register.read_text("utf-8").replace("Only Ambulance", "One"), "utf-8")
    assert cli("report", *small.options, "-o", place, "-q").status == 0
    second = tree(place)
    assert second.pop("CNAME") == b"league.example"
    assert set(second) == set(first)
    assert second["trusts/AM1.html"] != first["trusts/AM1.html"]
    assert list(place.parent.glob(".site*")) == []


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        (["--quarter", "2019Q1"], (2, "2019Q1")),
        (["--quarter", "banana"], (2, "banana")),
        (["--framework", "headline-kpi"], (2, "headline-kpis")),
        (["--framework", "missing.yaml"], (3, "missing.yaml")),
        (["--seed", "-1"], (2, "seed")),
        (["--seed", "many"], (2, "--seed")),
        (["--scores", "guessed"], (2, "--scores")),
    ],
)
def test_what_cannot_be_reported_leaves_no_folder(
    cli: Cli, small: Small, place: Path, options: list[str], outcome: tuple[int, str]
) -> None:
    done = cli("report", *small.options, *options, "-o", place)
    status, said = outcome
    assert (done.status, done.output) == (status, b"")
    assert said in done.narration
    assert "Traceback" not in done.narration
    assert not place.exists()


def test_without_a_folder_it_is_a_usage_error(cli: Cli, small: Small) -> None:
    done = cli("report", *small.options)
    assert (done.status, done.output) == (2, b"")
    assert "--output" in done.narration


def test_data_in_error_leave_the_old_site_as_it_is(cli: Cli, small: Small, place: Path) -> None:
    cli("report", *small.options, "-o", place, "-q")
    before = tree(place)
    waits = small.folder / "waits.csv"
    waits.write_text(waits.read_text("utf-8").replace("AA2,2025-04,75.0", "AA2,2025-04,many"))
    done = cli("report", *small.options, "-o", place)
    assert (done.status, done.output) == (4, b"")
    assert "column numerator" in done.narration
    assert tree(place) == before


def test_a_warning_is_an_error_under_strict(cli: Cli, small: Small, place: Path) -> None:
    waits = small.folder / "waits.csv"
    waits.write_text(waits.read_text("utf-8").replace("AA5,2025-04", "ZZ9,2025-04"), "utf-8")
    assert cli("report", *small.options, "-o", place, "--strict").status == 4
    assert not place.exists()
    done = cli("report", *small.options, "-o", place)
    assert done.status == 0
    assert "warning:" in done.narration


def test_a_folder_with_other_files_is_refused_without_force(
    cli: Cli, small: Small, place: Path
) -> None:
    place.mkdir()
    (place / "thesis.txt").write_text("years of work", "utf-8")
    done = cli("report", *small.options, "-o", place)
    assert (done.status, done.output) == (2, b"")
    assert "--force" in done.narration
    assert tree(place) == {"thesis.txt": b"years of work"}
    assert cli("report", *small.options, "-o", place, "--force").status == 0
    files = tree(place)
    assert files.pop("thesis.txt") == b"years of work"
    pages(files)


def test_a_file_is_no_folder(cli: Cli, small: Small, place: Path) -> None:
    place.write_text("a file", "utf-8")
    done = cli("report", *small.options, "-o", place, "--force")
    assert (done.status, done.output) == (2, b"")
    assert "is a file" in done.narration
    assert place.read_text("utf-8") == "a file"


@pytest.mark.parametrize("missing", ["jinja2", "altair", "vl_convert"])
def test_without_an_extra_it_says_what_to_install(small: Small, place: Path, missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from nhs_league.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "report", *small.options, "-o", str(place)],
        capture_output=True,
        check=False,
        env=process_environment(),
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "nhs-league[report]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not place.exists()


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_an_interrupt_leaves_the_old_site(cli: Cli, small: Small, place: Path) -> None:
    cli("report", *small.options, "-o", place, "-q")
    before = tree(place)
    program = (
        "import os, signal, sys\n"
        "from nhs_league.presentation.site import build\n"
        "real, turns = build._page, []\n"
        "def page(*arguments):\n"
        "    turns.append(1)\n"
        "    if len(turns) == 7:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*arguments)\n"
        "build._page = page\n"
        "from nhs_league.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "report", *small.options, "-o", str(place)],
        capture_output=True,
        check=False,
        env=process_environment(),
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr
    assert tree(place) == before
    assert list(place.parent.glob(".site*")) == []
    assert signal.getsignal(signal.SIGINT) is not None


# The same inputs give the same bytes


def test_another_seed_gives_other_ranges_and_is_accounted_for(small: Small, cli: Cli) -> None:
    first, second = small.folder.parent / "first", small.folder.parent / "second"
    cli("report", *small.options, "-o", first, "-q")
    cli("report", *small.options, "-o", second, "-q", "--seed", "7")
    assert b'"seed": 7' in tree(second)["manifest.json"]
    assert tree(first)["manifest.json"] != tree(second)["manifest.json"]


@pytest.mark.parametrize(
    "environment",
    [
        {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "42", "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "America/Adak", "NO_COLOR": "1"},
    ],
)
def test_the_bytes_do_not_hang_on_the_environment(
    cli_process: CliProcess, small: Small, place: Path, environment: Mapping[str, str]
) -> None:
    done = cli_process("report", *small.options, "-o", place, "-q", env=environment)
    assert done.status == 0, done.narration
    assert tree(place) == built([small.folder], small.framework)


def test_the_figures_do_not_hang_on_the_order_of_files(small: Small) -> None:
    files = sorted(small.folder.iterdir())
    expected = built(files, small.framework)
    for order in (files[::-1], random.Random(3).sample(files, len(files))):
        found = built(order, small.framework)
        differing = {name for name in found if found[name] != expected[name]}
        # These two list the files in the order in which they were named.
        assert differing <= {"manifest.json", "data.html"}
        assert set(found) == set(expected)


def test_the_samples_site_is_the_same_from_another_process(site: Path, place: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "report", "-Q", "2025Q3", "-o", str(place), "-q", "--data", str(SAMPLE)],
        capture_output=True,
        check=False,
        env=process_environment({"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "5"}),
        timeout=300,
    )
    assert done.returncode == 0
    found, expected = tree(place), tree(site)
    assert set(found) == set(expected)
    assert [name for name in found if found[name] != expected[name]] == []


def test_a_site_among_the_data_is_not_read_as_data(cli: Cli, small: Small) -> None:
    place = small.folder / "site"
    written = []
    for _ in range(2):
        assert cli("report", *small.options, "-o", place, "-q").status == 0
        written.append(tree(place))
    assert written[0] == written[1]
    assert cli("rank", *small.options, "--format", "csv").status == 0
