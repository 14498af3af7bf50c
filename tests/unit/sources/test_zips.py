"""Zips: what is read out of them, and those that are refused before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from nhs_league.errors import DataError
from nhs_league.sources import zips
from nhs_league.sources.files import DataFile, UnreadableFileError, find_files
from nhs_league.sources.zips import UnreadableZipError, members_of, open_member
from tests.publications import zip_of

SUFFIXES = (".csv", ".xlsx", ".parquet")
CSV = b"org_code,period,value\nRCX,2025-04,1\n"


def write(folder: Path, content: bytes) -> Path:
    path = folder / "a.zip"
    path.write_bytes(content)
    return path


def members(folder: Path, files: dict[str, bytes]) -> list[tuple[str, int]]:
    return members_of(write(folder, zip_of(files)), SUFFIXES)


def refusal(folder: Path, content: bytes) -> str:
    """Give why a zip is refused when its members are listed or read."""
    path = write(folder, content)
    with pytest.raises(UnreadableZipError) as raised:
        read_all(path)
    return str(raised.value)


def read_all(path: Path) -> None:
    for member, _ in members_of(path, SUFFIXES):
        with open_member(path, member) as stream:
            stream.read()


def spoilt(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in content
    assert len(old) == len(new)
    return content.replace(old, new, count)


def test_members_are_listed_by_name_with_their_sizes(tmp_path: Path) -> None:
    files = {"b/c.CSV": CSV, "a.csv": b"x", "d/e/f.xlsx": b"", "notes.txt": b"x", "g/": b""}
    assert members(tmp_path, files) == [("a.csv", 1), ("b/c.CSV", len(CSV)), ("d/e/f.xlsx", 0)]


def test_what_macos_and_editors_add_is_no_data(tmp_path: Path) -> None:
    files = {"a.csv": CSV, "__MACOSX/a.csv": b"x", "__MACOSX/._a.csv": b"x", "b/._a.csv": b"x"}
    assert members(tmp_path, files) == [("a.csv", len(CSV))]


def test_nested_zips_are_not_looked_into(tmp_path: Path) -> None:
    assert members(tmp_path, {"a.csv": CSV, "inner.zip": zip_of({"b.csv": CSV})}) == [
        ("a.csv", len(CSV))
    ]


@pytest.mark.parametrize(
    "files", [{}, {"notes.txt": b"x"}, {"inner.zip": b""}, {"__MACOSX/a.csv": CSV}]
)
def test_a_zip_without_data_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert "holds no CSV" in refusal(tmp_path, zip_of(files))


@pytest.mark.parametrize(
    "name",
    [
        "../a.csv",
        "b/../../a.csv",
        "/etc/a.csv",
        "C:/a.csv",
        "C:\\a.csv",
        "\\\\host\\a.csv",
        "b\\..\\a.csv",
        "a\nb.csv",
        "\x1b[31ma.csv",
    ],
)
def test_a_name_that_leads_out_or_hides_is_refused(tmp_path: Path, name: str) -> None:
    reason = refusal(tmp_path, zip_of({"a.csv": CSV, name: CSV}))
    assert ("leads out of the zip" if name.isprintable() else "cannot be printed") in reason
    assert reason.isprintable()


@pytest.mark.parametrize("name", ["..a.csv", "b..c/a.csv", "...csv", "Ynys Môn.csv", "a b.csv"])
def test_names_that_only_look_odd_are_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, zip_of({name: CSV, "z.csv": CSV}))
    listed = [found for found, _ in members_of(path, SUFFIXES)]
    for found in listed:
        with open_member(path, found) as stream:
            assert stream.read() == CSV
    assert (name in listed) is not name.startswith(".")


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    packed = zip_of({"a.csv": CSV, "b.csv": b"x"}).replace(b"b.csv", b"a.csv")
    assert "one name" in refusal(tmp_path, packed)


def test_a_password_is_said(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.csv": CSV}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(tmp_path, bytes(packed)) == "a.csv needs a password: unzip it first"


def test_a_method_that_is_not_known_is_said(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.csv": CSV}))
    packed[8:10] = (99).to_bytes(2, "little")
    central = packed.index(b"PK\x01\x02")
    packed[central + 10 : central + 12] = (99).to_bytes(2, "little")
    assert "common settings" in refusal(tmp_path, bytes(packed))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_zip_is_refused(tmp_path: Path, share: float) -> None:
    packed = zip_of({"a.csv": CSV * 50, "b.csv": CSV})
    assert refusal(tmp_path, packed[: int(len(packed) * share)])


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", CSV])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "not a zip file" in refusal(tmp_path, content)


def test_damaged_bytes_are_found_in_reading(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.csv": bytes(range(256)) * 4}))
    start = 30 + len("a.csv") + 20
    packed[start : start + 8] = b"\xff" * 8
    assert refusal(tmp_path, bytes(packed))


def test_a_member_that_lies_of_its_sum_is_found_in_reading(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
    content = spoilt(packed.getvalue(), b"2025-04", b"2026-04")
    assert "CRC" in refusal(tmp_path, content)


def test_more_bytes_than_a_member_claims_are_never_unpacked(tmp_path: Path) -> None:
    content = zip_of({"a.csv": CSV * 100})
    size = len(CSV) * 100
    lying = spoilt(content, size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path = write(tmp_path, lying)
    assert members_of(path, SUFFIXES) == [("a.csv", 10)]
    assert "CRC" in refusal(tmp_path, lying)


def test_a_member_that_unpacks_to_too_many_times_its_size_is_refused(tmp_path: Path) -> None:
    reason = refusal(tmp_path, zip_of({"a.csv": b"0" * 1_000_000}))
    assert reason == "a.csv unpacks to 1,000,000 bytes, more than 250 times its size"


def test_what_is_not_read_may_be_as_large_as_it_likes(tmp_path: Path) -> None:
    files = {"a.csv": CSV, "notes.txt": b"0" * 1_000_000}
    assert members(tmp_path, files) == [("a.csv", len(CSV))]


def test_members_that_unpack_to_too_much_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MAX_UNZIPPED_BYTES", 2 * len(CSV))
    assert len(members(tmp_path, {"a.csv": CSV, "b.csv": CSV})) == 2
    reason = refusal(tmp_path, zip_of({"a.csv": CSV, "b.csv": CSV, "c.csv": b"x"}))
    assert "unpacks to more than" in reason


def test_a_claim_of_more_than_may_be_unpacked_is_refused_unread(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.csv": CSV}))
    central = packed.index(b"PK\x01\x02")
    packed[central + 24 : central + 28] = (3 * 1024**3).to_bytes(4, "little")
    assert "unpacks to more than" in refusal(tmp_path, bytes(packed))


def test_a_zip_that_cannot_be_read_is_a_data_error_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, b"hello")
    with pytest.raises(DataError) as raised:
        find_files([path])
    (finding,) = raised.value.findings
    assert (finding.code, finding.file) == ("file_unreadable", path.as_posix())


def test_a_member_that_breaks_off_is_an_unreadable_file(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
    path = write(tmp_path, spoilt(packed.getvalue(), b"2025-04", b"2026-04"))
    (file,) = find_files([path])
    with pytest.raises(UnreadableFileError) as raised:
        file.read()
    assert raised.value.finding.code == "file_unreadable"
    assert "CRC" in raised.value.finding.message


def test_a_member_is_a_stream_of_its_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, zip_of({"in/a.csv": CSV}))
    (file,) = find_files([path])
    assert (file.name, file.suffix, file.size) == ("a.zip/in/a.csv", ".csv", len(CSV))
    with file.open() as stream:
        assert stream.read(3) + stream.read() == CSV
    assert file.read() == CSV


def test_errors_of_the_file_itself_are_kept(tmp_path: Path) -> None:
    missing: Any = DataFile("a.zip/a.csv", tmp_path / "none.zip", 1, "a.csv")
    with pytest.raises(UnreadableFileError, match="No such file"):
        missing.read()
