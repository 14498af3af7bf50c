"""The same inputs give the same bytes: every command and format, in processes that differ."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, process_environment
from tests.functional.small import Small, write_small

SAMPLE = (
    "nof_2025_26_metrics.csv",
    "nof_2025_26_published.csv",
    "organisations.csv",
    "successions.csv",
)
PLAIN = {"PYTHONHASHSEED": "0", "POLARS_MAX_THREADS": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}

Files = dict[str, bytes]


def write_league(folder: Path) -> Small:
    """Write the small league with a second quarter, in which one trust does worse."""
    small = write_small(folder)
    path = small.folder / "waits.csv"
    rows = path.read_text("utf-8").splitlines()
    later = [
        re.sub("2025-0([456])", lambda month: f"2025-0{int(month[1]) + 3}", row).replace(
            "75.0", "50.0"
        )
        for row in rows[1:]
    ]
    path.write_text("\n".join([*rows, *later]) + "\n", "utf-8")
    return small


def shuffle(folder: Path) -> None:
    """Put the rows of every file of a folder in another order."""
    for path in sorted(folder.iterdir()):
        header, *rows = path.read_text("utf-8").splitlines()
        random.Random(5).shuffle(rows)
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")


class Inputs:
    """A league and a sample, and what is written from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.league = write_league(folder / "league")
        self.sample = folder / "sample"
        self.sample.mkdir()
        for name in SAMPLE:
            shutil.copy(REPOSITORY / "data" / "sample" / name, self.sample)
        self.data = [self.league.folder]

    def outputs(self, env: Mapping[str, str], *how: str) -> Files:
        """Write all outputs in a process of its own, and give them by name."""
        place = self.folder / "outputs"
        place.mkdir()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.determinism.every_output", str(place)),
                *("|".join(map(str, self.data)), str(self.league.framework), str(self.sample)),
                *how,
            ],
            capture_output=True,
            check=False,
            cwd=REPOSITORY,
            env=process_environment({**os.environ, **env}),
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Give every output of a process that nothing is strange about."""
    files = Inputs(tmp_path_factory.mktemp("plain")).outputs(PLAIN)
    assert {name.rpartition(".")[2] for name in files} >= {
        *("txt", "csv", "json", "ndjson", "md", "html", "xlsx", "parquet", "svg", "png")
    }
    return files


def assert_same(
    found: Files, expected: Files, shown: Callable[[str, bytes], object] = lambda _name, raw: raw
) -> None:
    names = found.keys() & expected.keys()
    assert len(names) > 90
    assert found.keys() <= expected.keys()
    assert [n for n in sorted(names) if shown(n, found[n]) != shown(n, expected[n])] == []


def test_another_clock_zone_locale_home_seed_and_more_threads_change_no_byte(
    plain: Files, tmp_path: Path
) -> None:
    strange = {
        "PYTHONHASHSEED": "1",
        "POLARS_MAX_THREADS": "2",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": "/nonexistent",
        "TMPDIR": "/nonexistent",
    }
    found = Inputs(tmp_path).outputs(strange, "late")
    assert found.keys() == plain.keys()
    assert_same(found, plain)


def test_a_random_seed_and_a_turkish_locale_change_no_byte(plain: Files, tmp_path: Path) -> None:
    strange = {
        "PYTHONHASHSEED": "random",
        "TZ": "America/St_Johns",
        "LC_ALL": "tr_TR.UTF-8",
        **turkish(tmp_path / "locales"),
    }
    assert_same(Inputs(tmp_path).outputs(strange, "few"), plain)


def turkish(folder: Path) -> dict[str, str]:
    """Make a Turkish locale, in which capital i has a dot, where that can be done."""
    folder.mkdir()
    if shutil.which("localedef") is None:
        return {}
    made = folder / "tr_TR.UTF-8"
    asked = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(made)]
    subprocess.run(asked, check=False, capture_output=True)
    return {"LOCPATH": str(folder)} if made.is_dir() else {}


def without_rows(name: str, content: bytes) -> object:
    """Take off what has to follow the order of rows: their numbers, and the digests of files."""
    text = re.sub("[0-9a-f]{64}", "", content.decode())
    if name.endswith(".csv"):  # the row in the file is the last column of figures
        text = re.sub(r'(\.csv),("[\d, ]*"|\d+)', r"\1,", text)
    text = re.sub(r"rows? [\d, ]+(?=[\n( <\"&;.])", "row ", text)
    text = re.sub(r'"(source_rows?)": ("[\d, ]*"|\d+)', r'"\1": 0', text)
    return re.sub("[ \u2500]+", " ", text)


def test_another_order_of_rows_changes_only_their_numbers(plain: Files, tmp_path: Path) -> None:
    inputs = Inputs(tmp_path)
    shuffle(inputs.league.folder)
    shuffle(inputs.sample)
    found = inputs.outputs(PLAIN, "few")
    assert found["rank.csv"] == plain["rank.csv"]
    assert found["explain.csv"] != plain["explain.csv"], "its rows are cited"
    assert_same(found, plain, without_rows)


def in_any_order(name: str, content: bytes) -> object:
    """Take the lines of what lists files in the order given as a set; of the rest, the bytes."""
    if name.endswith(".json") or name in {"validate.txt", "site/data.html"}:
        return sorted(line.strip().rstrip(",") for line in content.decode().splitlines())
    return content


def test_another_order_of_files_and_another_folder_change_only_lists_of_files(
    plain: Files, tmp_path: Path
) -> None:
    inputs = Inputs(tmp_path)
    elsewhere = inputs.league.folder.rename(tmp_path / "Elsewhere")
    inputs.data = sorted(elsewhere.iterdir(), reverse=True)
    found = inputs.outputs(PLAIN, "few")
    assert found["rank.json"] != plain["rank.json"], "its account lists files"
    # Each page of the site names its own digest there, which follows from those that list files.
    assert_same(without_digests(found), without_digests(plain), in_any_order)


def without_digests(files: Files) -> Files:
    name = "site/manifest.json"
    page = re.sub(rb'("data.html": )"[0-9a-f]{64}"', rb"\1", files[name])
    return {**files, name: page}
