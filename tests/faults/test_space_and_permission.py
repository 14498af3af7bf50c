"""No space, no permission: one sentence, exit code 5, and everything as it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nhs_league.cli import output as writer
from nhs_league.errors import OutputError
from tests.conftest import COMMAND, Cli, process_environment
from tests.faults.support import OUTPUTS, arguments_for, posix_only, put_old, tree
from tests.functional.small import Small

pytestmark = posix_only


@contextlib.contextmanager
def little_space() -> Iterator[None]:
    """Let no file of this process grow beyond a few bytes; not for longer, as pytest writes too."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(output: str) -> list[str]:
    arguments = arguments_for(output, Small(Path(), Path()), Path())
    name = arguments[-1]
    is_alone = output in {"json", "schema"}
    return (
        ["site/manifest.json"]
        if output == "site"
        else [name, f"{name}.manifest.json"][: 1 if is_alone else 2]
    )


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_file_that_may_not_grow_leaves_the_old_one(
    cli: Cli, small: Small, output: str, folder: Path
) -> None:
    site = b'{"tool": "nhs-league", "command": "report"}'
    old = put_old(folder, dict.fromkeys(names(output), site))
    with little_space():
        done = cli(*arguments_for(output, small, folder))
    assert (done.status, done.output) == (5, b"")
    assert done.narration.startswith("nhs-league: error: cannot write ")
    assert done.narration.endswith(": File too large\n")
    assert done.narration.count("\n") == 1
    assert tree(folder) == old
    assert len(list(folder.iterdir())) == len({name.split("/")[0] for name in old})


def can_mount() -> bool:
    asked = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/tmp"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(asked, check=False, capture_output=True).returncode
    )


@pytest.mark.skipif("not can_mount()", reason="may mount nothing")
@pytest.mark.parametrize("output", ["csv", "png", "site"])
def test_a_full_disk_leaves_the_old_output(small: Small, output: str, folder: Path) -> None:
    script = (
        'mount -t tmpfs -o size=32k none "$0" && mkdir "$0/site" && cd "$0" && '
        "echo old > league.csv && echo old > league.png && "
        """echo '{"tool": "nhs-league", "command": "report"}' > site/manifest.json && """
        "{ head -c 1000000 /dev/zero > rest 2>&-; before=$(find . | sort | xargs cksum 2>&1); "
        '"$@"; status=$?; '
        '[ "$before" = "$(find . | sort | xargs cksum 2>&1)" ] && exit $status; }'
    )
    arguments = arguments_for(output, small, folder)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, str(folder), *COMMAND, *arguments],
        capture_output=True,
        check=False,
        env=process_environment(),
        text=True,
        timeout=120,
    )
    assert done.returncode == 5, done.stderr
    assert done.stderr.startswith("nhs-league: error: cannot write ")
    assert done.stderr.endswith(": No space left on device\n")


def without_might() -> list[str]:
    """Give what takes from root the right to write and read everywhere."""
    if os.geteuid():
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def can_lose_might() -> bool:
    return sys.platform != "win32" and (os.geteuid() != 0 or shutil.which("setpriv") is not None)


def run_without_might(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*without_might(), *COMMAND, *arguments],
        capture_output=True,
        check=False,
        env=process_environment(),
        text=True,
        timeout=120,
    )


needs_permissions = pytest.mark.skipif("not can_lose_might()", reason="permissions do not hold")


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """Give a folder that nobody may write to or look into."""
    path = folder / "closed"
    path.mkdir()
    (path / "old.csv").write_text("old")
    yield path
    path.chmod(0o700)


@needs_permissions
@pytest.mark.parametrize("mode", [0o500, 0o000])
@pytest.mark.parametrize("output", ["csv", "ingest", "schema", "site"])
def test_a_folder_that_may_not_be_written_to_is_an_output_error(
    small: Small, closed: Path, output: str, mode: int
) -> None:
    closed.chmod(mode)
    done = run_without_might(*arguments_for(output, small, closed))
    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert done.stderr.startswith("nhs-league: error: cannot write ")
    assert done.stderr.count("\n") == 1
    closed.chmod(0o700)
    assert tree(closed) == {"old.csv": b"old"}


@needs_permissions
@pytest.mark.parametrize(
    "arguments",
    [
        ["rank", "--data", "{}"],
        ["rank", "--data", "{}/.."],
        ["validate", "{}/old.csv"],
        ["sources", "{}"],
        ["compare", "{}/a.csv", "{}/b.csv"],
        ["compare", "{}/a", "{}/b"],
    ],
)
def test_data_that_may_not_be_read_are_never_passed_over(
    small: Small, closed: Path, arguments: list[str]
) -> None:
    shutil.copy(small.folder / "waits.csv", closed.parent)
    closed.chmod(0o000)
    done = run_without_might(*(part.format(closed) for part in arguments))
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr


@needs_permissions
def test_an_old_output_that_may_not_be_read_is_replaced(small: Small, folder: Path) -> None:
    path = folder / "league.csv"
    path.write_text("old")
    path.chmod(0o200)
    done = run_without_might(*arguments_for("csv", small, folder))
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(b"quarter,")


# Places that are none


@pytest.mark.parametrize("output", ["csv", "ingest", "schema"])
def test_a_name_that_is_too_long_is_an_output_error(
    cli: Cli, small: Small, output: str, folder: Path
) -> None:
    *arguments, path = arguments_for(output, small, folder)
    done = cli(*arguments, Path(path).with_name("x" * 300 + ".csv"))
    assert (done.status, done.output) == (5, b"")
    assert done.narration.endswith(": File name too long\n")
    assert tree(folder) == {}


@pytest.mark.parametrize(
    "name", ["x" * 237 + ".csv", "\N{LATIN SMALL LETTER E WITH ACUTE}" * 118 + ".csv"]
)
def test_a_name_as_long_as_one_may_be_with_its_account_is_written(
    cli: Cli, small: Small, name: str, folder: Path
) -> None:
    assert cli("rank", *small.options, "-q", "-o", folder / name).status == 0
    assert set(tree(folder)) == {name, f"{name}.manifest.json"}


def test_a_link_that_leads_to_itself_is_an_output_error(
    cli: Cli, small: Small, folder: Path
) -> None:
    (folder / "league.csv").symlink_to("league.csv")
    done = cli(*arguments_for("csv", small, folder))
    assert (done.status, done.output) == (5, b"")
    assert done.narration.startswith("nhs-league: error: cannot write ")
    assert [path.name for path in folder.iterdir()] == ["league.csv"]


def test_a_pipe_has_no_account_and_an_account_may_be_a_device(
    cli: Cli, small: Small, folder: Path
) -> None:
    (folder / "nowhere").symlink_to("/dev/null")
    assert cli("rank", *small.options, "-q", "-f", "csv", "-o", folder / "nowhere").status == 0
    assert [path.name for path in folder.iterdir()] == ["nowhere"]
    (folder / "league.csv.manifest.json").symlink_to("/dev/null")
    assert cli(*arguments_for("csv", small, folder)).status == 0
    assert (folder / "league.csv.manifest.json").is_char_device()


# A file and its account belong together


@pytest.mark.parametrize(
    ("failing", "left"),
    [
        ("rename", {"a.csv": b"old", "a.csv.manifest.json": b"of the old"}),
        ("replace 1", {"a.csv": b"old", "a.csv.manifest.json": b"of the old"}),
        ("replace 2", {"a.csv": b"new"}),
    ],
)
def test_no_failure_leaves_a_file_beside_the_account_of_another(
    failing: str, left: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer._write_file(folder / "a.csv", b"old", b"of the old")
    call, _, number = failing.partition(" ")
    real, turns = getattr(os, call), []

    def fail(*arguments: Path) -> None:
        turns.append(1)
        if len(turns) == int(number or 1):
            raise PermissionError(1, "Operation not permitted")
        real(*arguments)

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputError, match=r"^cannot write .*: Operation not permitted$"):
        writer._write_file(folder / "a.csv", b"new", b"of the new")
    assert tree(folder) == left
