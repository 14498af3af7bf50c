"""The folder of a site: replaced whole or left alone, with what others put there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nhs_league.errors import NhsLeagueError, OutputError, UsageError
from nhs_league.presentation.site_folder import exchange, kept, place, writing
from nhs_league.presentation.site_folder.manifest import site_manifest
from nhs_league.presentation.site_folder.writing import check_folder, write_folder
from tests.conftest import REPOSITORY, process_environment
from tests.unit.presentation.site_folder.support import (
    ACCOUNT,
    AFTER,
    BEFORE,
    CALLS,
    NEW,
    OLD,
    THEIRS,
    Fault,
    failing,
    no_exchange,
    old_site,
    put,
    site,
    tree,
)

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture(scope="module")
def has_exchange(tmp_path_factory: pytest.TempPathFactory) -> bool:
    root = tmp_path_factory.mktemp("probe")
    put(root, {"a/1": b"", "b/2": b""})
    return exchange._renameat2(os.fsencode(root / "a"), os.fsencode(root / "b"))


@pytest.fixture(params=["exchange", "renames"])
def swap(
    request: pytest.FixtureRequest, has_exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Replace by exchange, where the system can, and by two renames."""
    if request.param == "renames":
        monkeypatch.setattr(exchange, "_renameat2", no_exchange)
    elif not has_exchange:
        pytest.skip("this file system exchanges no folders")
    return str(request.param)


@pytest.fixture(autouse=True)
def _quick_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sync nothing to the disk: these tests survive no power cut."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """Give a folder whose every entry counts."""
    path = tmp_path / "alone"
    path.mkdir()
    return path


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def raising(error: BaseException) -> Fault:
    def fault() -> None:
        raise error

    return fault


def refusing(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


# The manifest


def test_the_manifest_names_every_other_file_with_its_digest() -> None:
    files = {"b.html": b"b", "a/é.html": b"a", "manifest.json": b"an older one"}
    content = site_manifest(ACCOUNT, files)
    assert json.loads(content) == {
        **ACCOUNT,
        "files": {
            "a/é.html": hashlib.sha256(b"a").hexdigest(),
            "b.html": hashlib.sha256(b"b").hexdigest(),
        },
    }
    assert content == site_manifest(ACCOUNT, dict(reversed(files.items())))
    assert content.startswith(b'{\n  "tool": "nhs-league",\n')
    assert content.endswith(b"\n}\n")
    assert "é".encode() in content


# What is written


def test_a_site_is_written_where_nothing_is(alone: Path) -> None:
    write_folder(alone / "site", site(NEW))
    assert tree(alone / "site") == site(NEW)
    assert names(alone) == ["site"]


def test_a_site_is_written_to_an_empty_folder(swap: str, alone: Path) -> None:
    (alone / "site").mkdir()
    write_folder(alone / "site", site(NEW))
    assert tree(alone) == {f"site/{name}": content for name, content in site(NEW).items()}


def test_a_site_is_replaced_and_what_others_put_there_stays(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    assert tree(path) == BEFORE
    write_folder(path, site(NEW))
    assert tree(path) == AFTER
    assert names(alone) == ["site"]


def test_the_folders_around_it_are_made(alone: Path) -> None:
    write_folder(alone / "a" / "b" / "site", site(NEW))
    assert tree(alone / "a" / "b" / "site") == site(NEW)


def test_a_relative_path_is_meant_from_the_current_folder(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(alone)
    write_folder(Path("site"), site(OLD))
    write_folder(Path("x/../site"), site(NEW))
    assert tree(alone / "site") == site(NEW)


@posix_only
def test_modes_follow_the_umask(swap: str, alone: Path) -> None:
    path = alone / "site"
    mask = os.umask(0o027)
    try:
        write_folder(path, site(OLD))
        write_folder(path, site(NEW))
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o7777 == 0o750
    assert (path / "trusts").stat().st_mode & 0o7777 == 0o750
    assert (path / "index.html").stat().st_mode & 0o7777 == 0o640


def test_a_long_name_has_room_for_its_hidden_folder(swap: str, alone: Path) -> None:
    path = alone / ("é" * 127)
    write_folder(path, site(OLD))
    write_folder(path, site(NEW))
    assert tree(path) == site(NEW)


def test_what_a_killed_run_left_is_left(alone: Path) -> None:
    put(alone, {".site.0123456789abcdef/index.html": b"half"})
    write_folder(old_site(alone / "site"), site(NEW))
    assert names(alone) == [".site.0123456789abcdef", "site"]


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/x", "//x", "", ".", "./a", "a//b", "a/", "a\\b", "c:/x", "c:x"],
)
def test_a_path_out_of_the_site_is_a_bug(name: str, alone: Path) -> None:
    with pytest.raises(ValueError, match="not a path inside a site"):
        write_folder(alone / "site", {**site(NEW), name: b""})
    assert names(alone) == []


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b'{"tool": "nhs-league"}'])
def test_a_site_without_its_manifest_is_a_bug(manifest: bytes, alone: Path) -> None:
    with pytest.raises(ValueError, match=r"manifest\.json must be there"):
        write_folder(alone / "site", {**NEW, "manifest.json": manifest})
    assert names(alone) == []


# Links


@posix_only
def test_a_link_stays_and_the_folder_behind_it_is_replaced(swap: str, alone: Path) -> None:
    path = old_site(alone / "far" / "site")
    (alone / "link").symlink_to("far/site")
    write_folder(alone / "link", site(NEW))
    assert (alone / "link").readlink() == Path("far/site")
    assert tree(path) == AFTER
    assert names(alone / "far") == ["site"]


@posix_only
@pytest.mark.parametrize("target", ["nowhere", "link"])
def test_a_link_that_leads_nowhere_is_refused(target: str, alone: Path) -> None:
    (alone / "link").symlink_to(target)
    for path in (alone / "link", alone / "link" / "site"):
        if target == "link" or path == alone / "link":
            assert_refused(path, OutputError, "cannot write")
    assert names(alone) == ["link"]


# What is refused


def assert_refused(
    path: Path, error: type[NhsLeagueError], words: str, *, force: bool = False
) -> None:
    """Assert that both the check and the writing refuse a folder, in the same words."""
    with pytest.raises(error) as checked:
        check_folder(path, force=force)
    assert words in str(checked.value)
    assert "\n" not in str(checked.value)
    with pytest.raises(error) as written:
        write_folder(path, site(NEW), force=force)
    assert str(written.value) == str(checked.value)


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_refused(force: bool, alone: Path) -> None:
    (alone / "site").write_text("mine")
    assert_refused(alone / "site", UsageError, "is a file; name a folder", force=force)
    assert tree(alone) == {"site": b"mine"}


def test_a_folder_below_a_file_is_refused(alone: Path) -> None:
    (alone / "file").write_text("mine")
    for path in (alone / "file" / "site", alone / "file" / "a" / "site"):
        assert_refused(path, OutputError, f"{alone / 'file'} is a file")
    assert tree(alone) == {"file": b"mine"}


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"tool": "other", "command": "report"}',
        b'{"tool": "nhs-league", "command": "rank"}',
        b'{"tool": ["nhs-league"], "command": {}}',
    ],
    ids=lambda manifest: str(manifest)[:24],
)
def test_a_folder_that_is_no_site_is_refused_unless_forced(
    manifest: bytes | None, swap: str, alone: Path
) -> None:
    path = alone / "site"
    put(path, {"thesis.doc": b"mine", "index.html": b"mine"})
    if manifest is not None:
        put(path, {"manifest.json": manifest})
    before = tree(path)
    assert_refused(path, UsageError, "is not empty and no site of this tool")
    assert tree(path) == before
    check_folder(path, force=True)
    write_folder(path, site(NEW), force=True)
    assert tree(path) == {**site(NEW), "thesis.doc": b"mine"}


@posix_only
def test_a_manifest_that_is_a_pipe_is_not_waited_for(alone: Path) -> None:
    (alone / "site").mkdir()
    os.mkfifo(alone / "site" / "manifest.json")
    assert_refused(alone / "site", UsageError, "no site of this tool")


def test_a_manifest_that_cannot_be_read_makes_no_site(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(Path, "read_bytes", refusing(errno.EIO))
    with pytest.raises(UsageError, match="no site of this tool"):
        check_folder(path)


def test_a_site_and_an_empty_folder_and_nothing_are_fine(alone: Path) -> None:
    (alone / "empty").mkdir()
    for path in (old_site(alone / "site"), alone / "empty", alone / "a" / "b"):
        check_folder(path)
    assert names(alone) == ["empty", "site"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("content", ["nothing", "site", "others"])
def test_the_current_folder_and_the_home_and_those_around_are_refused(
    content: str, force: bool, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = alone / "a" / "b"
    path.mkdir(parents=True)
    if content == "site":
        write_folder(path, site(OLD))
    if content == "others":
        put(path, THEIRS)
    before = tree(alone)
    with monkeypatch.context() as patch:
        patch.chdir(path)
        for refused in (path, alone / "a", Path(), Path(".."), Path("/")):
            assert_refused(refused, UsageError, "name another folder", force=force)
        check_folder(Path("site"))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "home", lambda: path)
        for refused in (path, alone / "a"):
            assert_refused(refused, UsageError, "or your home folder", force=force)
        check_folder(path / "site")
    assert tree(alone) == before


def test_who_has_no_home_can_write(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: alone / "missing")
    write_folder(old_site(alone / "site"), site(NEW))

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    write_folder(alone / "site", site(OLD))


def test_a_name_that_is_too_long_is_refused(alone: Path) -> None:
    reason = os.strerror(errno.ENAMETOOLONG)
    assert_refused(alone / ("x" * 256), OutputError, reason)
    assert_refused(alone / ("x" * 256) / "site", OutputError, reason)
    assert names(alone) == []


def test_a_folder_that_cannot_be_written_to_is_refused(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for refused in (path, alone / "x", alone / "x" / "y"):
        words = f"the folder that holds it, {alone}, cannot be written to"
        assert_refused(refused, OutputError, words)
    assert tree(path) == BEFORE


@pytest.fixture
def read_only(alone: Path) -> Iterator[Path]:
    alone.chmod(0o555)
    if os.access(alone, os.W_OK):
        alone.chmod(0o755)
        pytest.skip("whoever runs this may write anywhere, as root may")
    yield alone
    alone.chmod(0o755)


@posix_only
def test_a_read_only_folder_is_refused(read_only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_refused(read_only / "site", OutputError, "cannot be written to")
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    with pytest.raises(OutputError, match=r"cannot write .*: Permission denied"):
        write_folder(read_only / "site", site(NEW))
    assert names(read_only) == []


# What is kept


def test_kept_files_are_the_same_files(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    before = {name: (path / name).stat() for name in THEIRS}
    write_folder(path, site(NEW))
    after = {name: (path / name).stat() for name in THEIRS}
    assert [found.st_ino for found in after.values()] == [old.st_ino for old in before.values()]
    assert {found.st_nlink for found in after.values()} == {1}


@pytest.mark.parametrize("reason", ["EPERM", "ENOTSUP", "EMLINK"])
def test_kept_files_are_copied_where_they_cannot_be_linked(
    reason: str, swap: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    (path / "CNAME").chmod(0o600)
    os.utime(path / "CNAME", (1, 1))
    monkeypatch.setattr(os, "link", refusing(getattr(errno, reason)))
    write_folder(path, site(NEW))
    assert tree(path) == AFTER
    assert (path / "CNAME").stat().st_mode & 0o777 == 0o600
    assert (path / "CNAME").stat().st_mtime == 1


@posix_only
def test_kept_folders_keep_their_modes(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    put(path, {"drafts/deep/x": b"x"})
    (path / "drafts" / "deep").chmod(0o500)
    (path / "drafts").chmod(0o550)
    (path / "uploads").chmod(0o1777)
    for files in (NEW, OLD):
        write_folder(path, site(files))
        assert (path / "drafts").stat().st_mode & 0o7777 == 0o550
        assert (path / "drafts" / "deep").stat().st_mode & 0o7777 == 0o500
        assert (path / "uploads").stat().st_mode & 0o7777 == 0o1777
        assert names(alone) == ["site"]


@posix_only
def test_links_are_kept_as_they_are(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    put(alone, {"outside/x": b"x"})
    links = {"up": "../outside", "gone": "nowhere", "abs": f"{alone}/outside", "loop": "loop"}
    for name, target in links.items():
        (path / name).symlink_to(target)
    write_folder(path, site(NEW))
    assert tree(path) == {**AFTER, **links}
    assert tree(alone / "outside") == {"x": b"x"}


@posix_only
def test_a_pipe_is_kept_and_never_read(
    swap: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    os.mkfifo(path / "pipe")
    write_folder(path, site(NEW))
    assert (path / "pipe").is_fifo()
    monkeypatch.setattr(os, "link", refusing(errno.EPERM))
    with pytest.raises(OutputError, match="pipe cannot be kept: Operation not permitted"):
        write_folder(path, site(OLD))
    assert tree(path) == {**AFTER, "pipe": "special"}


def test_a_file_in_the_way_is_replaced(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    put(path, {"metrics/a/b.html": b"mine"})
    write_folder(path, site(NEW))
    assert tree(path) == AFTER


def test_folders_of_the_old_site_alone_go(swap: str, alone: Path) -> None:
    path = alone / "site"
    write_folder(path, site({"a/b/c.html": b"", "x/y.html": b""}))
    (path / "x" / "empty").mkdir()
    write_folder(path, site({"a": b"now a file"}))
    assert tree(path) == {**site({"a": b"now a file"}), "x/empty": None}


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        ({"metrics": b"mine"}, "metrics cannot be kept: the new site needs a folder"),
        ({"metrics/a": b"mine"}, "metrics/a cannot be kept: the new site needs a folder"),
        ({"index.html/x": b"mine"}, "index.html/x cannot be kept: the new site needs index.html"),
        ({"index.html/x/y": b""}, "index.html/x/y cannot be kept: the new site needs index.html"),
    ],
)
def test_a_kept_file_where_the_site_needs_something_else_is_named(
    theirs: dict[str, bytes], words: str, swap: str, alone: Path
) -> None:
    path = alone / "site"
    put(path, theirs)
    before = tree(path)
    with pytest.raises(OutputError, match=words):
        write_folder(path, site(NEW), force=True)
    assert tree(path) == before
    assert names(alone) == ["site"]


def test_an_empty_folder_where_the_site_needs_a_file_is_named(alone: Path) -> None:
    (alone / "site" / "index.html").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"index\.html cannot be kept"):
        write_folder(alone / "site", site(NEW), force=True)
    assert tree(alone) == {"site/index.html": None}


@posix_only
def test_a_link_where_the_site_needs_a_folder_is_named(alone: Path) -> None:
    put(alone, {"site/x": b"", "outside/x": b""})
    (alone / "site" / "trusts").symlink_to("../outside")
    with pytest.raises(OutputError, match="trusts cannot be kept"):
        write_folder(alone / "site", site(NEW), force=True)
    assert tree(alone / "outside") == {"x": b""}


@pytest.mark.parametrize("files", [None, [], "x", 1, {"../../outside": "", "/etc": None, "": ""}])
def test_a_forged_manifest_harms_nothing(files: object, swap: str, alone: Path) -> None:
    put(alone, {"outside": b"mine", "in/site/x": b"x"})
    forged = json.dumps({**ACCOUNT, "files": files}).encode()
    put(alone / "in" / "site", {"manifest.json": forged})
    write_folder(alone / "in" / "site", site(NEW))
    assert (alone / "outside").read_bytes() == b"mine"
    assert tree(alone / "in" / "site") == {**site(NEW), "x": b"x"}


# Mount points


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_what_cannot_be_renamed_is_a_mount_point(
    number: int, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(exchange, "_renameat2", no_exchange)
    monkeypatch.setattr(os, "rename", refusing(number))
    with pytest.raises(OutputError) as caught:
        write_folder(path, site(NEW))
    assert str(caught.value) == (
        f"cannot replace {path}: it is a mount point; name a folder inside it"
    )
    monkeypatch.undo()
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]


def test_a_mount_point_is_refused_before_the_work(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "site").mkdir()
    monkeypatch.setattr(place.os.path, "ismount", lambda path: Path(path) == alone / "site")
    assert_refused(alone / "site", OutputError, "it is a mount point; name a folder inside it")


def test_a_mount_point_inside_is_refused(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(kept.os.path, "ismount", lambda found: Path(found).name == "uploads")
    with pytest.raises(OutputError, match="uploads cannot be kept: it is a mount point"):
        write_folder(path, site(NEW))
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]


def test_a_file_of_another_file_system_is_not_moved(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(os, "link", refusing(errno.EXDEV))
    with pytest.raises(OutputError, match="HEAD cannot be kept: it is mounted"):
        write_folder(path, site(NEW))
    assert tree(path) == BEFORE


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mount things until the test is over, where the system lets it."""
    mounted: list[Path] = []

    def run(*arguments: str | Path) -> None:
        if not IS_ROOT or not shutil.which("mount"):
            pytest.skip("only root can mount")
        if subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        mounted.append(Path(arguments[-1]))

    yield run
    for path in reversed(mounted):
        subprocess.run(["umount", path], check=True)


def test_a_mounted_folder_is_refused_and_one_inside_it_is_fine(
    mount: Callable[..., None], swap: str, alone: Path
) -> None:
    for name in ("real", "bound"):
        (alone / name).mkdir()
    mount("--bind", alone / "real", alone / "bound")
    with pytest.raises(OutputError, match="it is a mount point; name a folder inside it"):
        write_folder(alone / "bound", site(NEW))
    put(alone, {"real/x": b"x"})
    with pytest.raises(OutputError, match="x cannot be kept: it is mounted from elsewhere"):
        write_folder(alone / "bound", site(NEW), force=True)
    assert names(alone) == ["bound", "real"]
    write_folder(alone / "bound" / "site", site(NEW))
    assert tree(alone / "real") == {"x": b"x"} | {
        f"site/{name}": content for name, content in site(NEW).items()
    }


def test_what_is_mounted_inside_a_site_is_not_deleted(
    mount: Callable[..., None], swap: str, alone: Path
) -> None:
    path = old_site(alone / "site")
    put(alone, {"real/x": b"x"})
    mount("--bind", alone / "real", path / "uploads")
    with pytest.raises(OutputError, match="uploads/x cannot be kept: it is mounted"):
        write_folder(path, site(NEW))
    assert tree(alone / "real") == {"x": b"x"}
    assert tree(path) == {name: was for name, was in BEFORE.items() if name != "uploads"} | {
        "uploads/x": b"x"
    }


def test_a_full_disk_leaves_the_old_site(
    mount: Callable[..., None], swap: str, alone: Path
) -> None:
    mount("-t", "tmpfs", "-o", "size=256k", "none", alone)
    path = old_site(alone / "site")
    big = {**NEW, **{f"{number}.html": bytes(20_000) for number in range(20)}}
    with pytest.raises(OutputError) as caught:
        write_folder(path, site(big))
    assert str(caught.value) == f"cannot write {path}: No space left on device"
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]
    write_folder(path, site(NEW))
    assert tree(path) == AFTER


def test_a_read_only_file_system_is_refused(mount: Callable[..., None], alone: Path) -> None:
    mount("-t", "tmpfs", "-o", "ro", "none", alone)
    assert_refused(alone / "site", OutputError, "cannot be written to")


# Failures on the way

FAULTS = {
    "ENOSPC": OSError(errno.ENOSPC, "No space left on device"),
    "EACCES": PermissionError(errno.EACCES, "Permission denied"),
    "EIO": OSError(errno.EIO, "Input/output error"),
    "interrupt": KeyboardInterrupt(),
}
TURNS = {"fsync": 4, "mkdir": 7, "link": 3, "symlink": 1, "rename": 2, "exchange": 1}
POINTS = [(call, number) for call, turns in TURNS.items() for number in range(1, turns + 1)]
ONLY = {"rename": "renames", "exchange": "exchange"}
ENDS = [("rename", 2), ("exchange", 1)]


def both_ways(points: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Give each point with the ways to swap folders that have such a call."""
    return [
        (swap, call, *rest)
        for call, *rest in points
        for swap in ("exchange", "renames")
        if ONLY.get(call, swap) == swap
    ]


@pytest.mark.parametrize(("swap", "call", "number"), both_ways(POINTS), indirect=["swap"])
@pytest.mark.parametrize("error", FAULTS.values(), ids=FAULTS)
def test_a_failure_anywhere_leaves_the_old_site(
    swap: str, call: str, number: int, error: BaseException, alone: Path
) -> None:
    path = old_site(alone / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*CALLS[call], failing(call, number, raising(error)))
        if call == "link":  # a failed link alone makes a copy
            patch.setattr(shutil, "copyfile", failing("copyfile", 1, raising(error)))
        with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
            write_folder(path, site(NEW))
    if isinstance(error, OSError):
        assert str(caught.value).startswith(f"cannot write {path}: ")
        assert str(caught.value).endswith(error.strerror)
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]
    write_folder(path, site(NEW))
    assert tree(path) == AFTER


@pytest.mark.parametrize(("swap", "call", "last"), both_ways(TURNS.items()), indirect=["swap"])
def test_every_turn_was_tried(
    swap: str, call: str, last: int, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(*CALLS[call], failing(call, last + 1, raising(AssertionError())))
    write_folder(path, site(NEW))
    assert tree(path) == AFTER


@pytest.mark.parametrize(("swap", "call", "number"), both_ways(ENDS), indirect=["swap"])
def test_an_interrupt_after_the_swap_leaves_the_new_site(
    swap: str, call: str, number: int, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    late = failing(call, number, raising(KeyboardInterrupt()), late=True)
    monkeypatch.setattr(*CALLS[call], late)
    with pytest.raises(KeyboardInterrupt):
        write_folder(path, site(NEW))
    assert tree(path) == AFTER
    assert names(alone) == ["site"]


def test_an_interrupt_between_two_renames_puts_the_old_site_back(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(exchange, "_renameat2", no_exchange)
    monkeypatch.setattr(os, "rename", failing("rename", 1, raising(KeyboardInterrupt()), late=True))
    with pytest.raises(KeyboardInterrupt):
        write_folder(path, site(NEW))
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]


def test_an_old_site_that_cannot_be_put_back_is_not_deleted(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    real, done = os.rename, []

    def first_only(source: Path, target: Path) -> None:
        done.append(source)
        if len(done) > 1:
            raise OSError(errno.EIO, "Input/output error")
        real(source, target)

    monkeypatch.setattr(exchange, "_renameat2", no_exchange)
    monkeypatch.setattr(os, "rename", first_only)
    monkeypatch.setattr(writing, "_ATTEMPTS", 1)
    with pytest.raises(OutputError):
        write_folder(path, site(NEW))
    (aside,) = alone.iterdir()
    assert aside.name.endswith(".old")
    assert tree(aside) == BEFORE


@pytest.mark.parametrize("error", FAULTS.values(), ids=FAULTS)
def test_a_failed_run_takes_back_the_folders_that_it_made(
    error: BaseException, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "there").mkdir()
    monkeypatch.setattr(os, "fsync", failing("fsync", 2, raising(error)))
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_folder(alone / "there" / "a" / "b" / "site", site(NEW))
    assert tree(alone) == {"there": None}


def test_what_cannot_be_deleted_is_no_failure(
    swap: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")
    monkeypatch.setattr(os, "unlink", refusing(errno.EACCES))
    write_folder(path, site(NEW))
    assert tree(path) == AFTER


def test_a_folder_that_may_not_be_written_to_is_deleted_all_the_same(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(alone, {"old/a/b/x": b"x"})
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    exchange.discard(alone / "old")
    assert names(alone) == []


def test_without_ctypes_two_renames_do(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_site(alone / "site")
    monkeypatch.setitem(sys.modules, "ctypes", None)
    write_folder(path, site(NEW))
    assert tree(path) == AFTER
    assert names(alone) == ["site"]


# Other runs


@pytest.mark.parametrize("number", [1, 4])
def test_a_run_that_another_overtakes_keeps_what_the_other_kept(
    number: int, swap: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_site(alone / "site")

    def overtake() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", real)
            write_folder(path, site({"other.html": b"other"}))

    real = os.fsync
    monkeypatch.setattr(os, "fsync", failing("fsync", number, overtake))
    write_folder(path, site(NEW))
    assert tree(path) == AFTER
    assert names(alone) == ["site"]


def test_a_place_that_never_rests_is_given_up(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_site(alone / "site")
    stamps = iter(range(1000, 2000))
    real = os.fsync

    def disturb(descriptor: int) -> None:
        os.utime(path, (1, next(stamps)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", disturb)
    monkeypatch.setattr(writing, "_ATTEMPTS", 3)
    with pytest.raises(OutputError, match="something else keeps changing it"):
        write_folder(path, site(NEW))
    assert tree(path) == BEFORE
    assert names(alone) == ["site"]


def test_runs_at_once_leave_one_site_whole(swap: str, alone: Path) -> None:
    path = old_site(alone / "site")
    sites = [
        site({"index.html": b"%d" % number, f"trusts/{number}.html": b"%d" % number})
        for number in range(4)
    ]
    errors: list[BaseException] = []

    def run(files: dict[str, bytes]) -> None:
        try:
            for _ in range(5):
                write_folder(path, files)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(files,)) for files in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    others = {name: BEFORE[name] for name in BEFORE.keys() - site(OLD).keys()}
    left = tree(path)
    if swap == "renames":  # in the moment between two of them there is nothing to keep
        left |= others
    assert left in [{**files, **others} for files in sites]


# Runs that are killed


DEATHS = [
    ("fsync", 1, "early"),
    ("fsync", 4, "late"),
    ("link", 2, "early"),
    ("rename", 1, "early"),
    ("rename", 1, "late"),
    ("rename", 2, "late"),
    ("exchange", 1, "early"),
    ("exchange", 1, "late"),
    ("discard", 1, "early"),
]


@posix_only
@pytest.mark.parametrize(("swap", "call", "number", "when"), both_ways(DEATHS), indirect=["swap"])
def test_a_killed_run_leaves_one_site_whole_and_the_next_is_fine(
    swap: str, call: str, number: int, when: str, alone: Path
) -> None:
    path = old_site(alone / "site")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.unit.presentation.site_folder.support",
            *(path, swap, call, str(number), when),
        ],
        check=False,
        cwd=REPOSITORY,
        env=process_environment(),
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    is_between = (call, number, when) == ("rename", 1, "late")
    is_new = call == "discard" or (when == "late" and call in ("rename", "exchange"))
    if is_between:
        (old,) = alone.glob(".site.*.old")
        assert tree(old) == BEFORE
        old.rename(path)
    assert tree(path) == (AFTER if is_new and not is_between else BEFORE)
    left = [name for name in names(alone) if name != "site"]
    assert all(name.startswith(".site.") for name in left)
    write_folder(path, site(OLD))
    assert tree(path) == BEFORE
    assert [name for name in names(alone) if name != "site"] == left
