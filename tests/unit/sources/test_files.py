"""Paths to files: what is found behind each, under which name, and what cannot be read."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from nhs_league.errors import DataError
from nhs_league.sources import zips
from nhs_league.sources.files import RawFile, read_files


def write(path: Path, content: bytes = b"a,b\n1,2\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def names(*paths: Path | str) -> list[str]:
    return [file.name for file in read_files(paths)]


def refused(*paths: Path | str) -> dict[str, str]:
    """Read paths that cannot be: what is said of each."""
    with pytest.raises(DataError, match="some data files cannot be read") as caught:
        read_files(paths)
    findings = caught.value.findings
    assert {(f.severity, f.code) for f in findings} == {("error", "file_unreadable")}
    return {str(finding.file): finding.message for finding in findings}


def test_a_file_is_known_by_its_name_its_bytes_and_their_hash(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfa\r\n\x80"
    (file,) = read_files([write(tmp_path / "deep" / "a.csv", content)])
    assert (file.name, file.content) == ("a.csv", content)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_a_path_can_be_a_text_and_have_any_suffix(tmp_path: Path) -> None:
    assert names(str(write(tmp_path / "figures.txt"))) == ["figures.txt"]


def test_no_paths_are_no_files() -> None:
    assert read_files([]) == []


def test_a_folder_is_searched_through_and_names_begin_inside_it(tmp_path: Path) -> None:
    for name in ("b.csv", "monthly/z.CSV", "a.csv", "monthly/deep/a.csv", "notes.txt", "x.csv.bak"):
        write(tmp_path / "data" / name)
    write(tmp_path / "data" / "c.zip", zipped({"m.csv": b"a\n1\n"}))
    (tmp_path / "data" / "folder.csv").mkdir()
    assert names(tmp_path / "data") == [
        "a.csv",
        "b.csv",
        "c.zip/m.csv",
        "monthly/deep/a.csv",
        "monthly/z.CSV",
    ]


def test_a_pattern_finds_files_by_name_and_through_folders(tmp_path: Path) -> None:
    for name in ("ae_2.csv", "ae_1.csv", "rtt.csv", "deep/ae_3.csv"):
        write(tmp_path / name)
    assert names(tmp_path / "ae_*.csv") == ["ae_1.csv", "ae_2.csv"]
    assert names(f"{tmp_path}/**/ae_[13].csv") == ["ae_1.csv", "ae_3.csv"]
    assert names(tmp_path / "de?p") == ["ae_3.csv"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    write(tmp_path / "a1.csv")
    assert names(write(tmp_path / "a[1].csv")) == ["a[1].csv"]


def test_the_members_of_a_zip_are_files_in_it_by_name(tmp_path: Path) -> None:
    members = {"b.csv": b"b", "monthly/a.CSV": b"a", "readme.txt": b"x", "folder/": b""}
    path = write(tmp_path / "data.ZIP", zipped(members))
    assert read_files([path]) == [
        RawFile("data.ZIP/b.csv", b"b"),
        RawFile("data.ZIP/monthly/a.CSV", b"a"),
    ]


def test_files_come_in_the_order_of_the_paths(tmp_path: Path) -> None:
    b, a = write(tmp_path / "b.csv"), write(tmp_path / "a.csv")
    folder = write(tmp_path / "data" / "c.csv").parent
    assert names(b, folder, a) == ["b.csv", "c.csv", "a.csv"]


def test_two_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one" / "a.csv", b"1"), write(tmp_path / "two" / "a.csv", b"2")
    other = write(tmp_path / "b.csv", b"3")
    assert [(f.name, f.content) for f in read_files([one, two, other])] == [
        (one.as_posix(), b"1"),
        (two.as_posix(), b"2"),
        ("b.csv", b"3"),
    ]


def test_two_folders_with_a_file_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "monthly" / "a.csv")
    two = write(tmp_path / "two" / "monthly" / "a.csv")
    assert names(tmp_path / "one", tmp_path / "two") == [one.as_posix(), two.as_posix()]


def test_two_zips_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "z.zip", zipped({"a.csv": b"1"}))
    two = write(tmp_path / "two" / "z.zip", zipped({"a.csv": b"2"}))
    assert names(one, two) == [f"{one.as_posix()}/a.csv", f"{two.as_posix()}/a.csv"]


def test_a_path_given_twice_is_read_once_under_its_short_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    assert names(path, path) == ["a.csv"]
    assert names(tmp_path, path) == ["a.csv"]


def test_every_path_that_leads_nowhere_is_reported_at_once(tmp_path: Path) -> None:
    sound = write(tmp_path / "sound.csv")
    empty = tmp_path / "empty"
    empty.mkdir()
    write(tmp_path / "words" / "readme.txt")
    broken = write(tmp_path / "broken.zip", b"no zip")
    said = refused(
        tmp_path / "gone.csv", sound, empty, tmp_path / "words", tmp_path / "*.tsv", broken
    )
    assert said == {
        str(tmp_path / "gone.csv"): "cannot be read: No such file or directory",
        str(empty): "cannot be read: the folder holds no CSV, XLSX, Parquet or zip file",
        str(
            tmp_path / "words"
        ): "cannot be read: the folder holds no CSV, XLSX, Parquet or zip file",
        str(tmp_path / "*.tsv"): "cannot be read: no file matches this pattern",
        str(broken): "cannot be read: File is not a zip file",
    }


def test_a_file_that_may_not_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.csv")
    monkeypatch.setattr(Path, "read_bytes", deny)
    assert refused(path) == {str(path): "cannot be read: Permission denied"}


def test_a_zip_without_csv_files_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({"readme.txt": b"x"}))
    assert refused(path) == {
        str(path): "cannot be read: the zip holds no CSV, XLSX or Parquet file"
    }


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert zips.MAX_UNZIPPED_BYTES == 2 * 1024**3
    path = write(tmp_path / "a.zip", zipped({"a.csv": b"x" * 600, "b.csv": b"x" * 600}))
    monkeypatch.setattr(zips, "MAX_UNZIPPED_BYTES", 1200)
    assert len(read_files([path])) == 2
    monkeypatch.setattr(zips, "MAX_UNZIPPED_BYTES", 1199)
    assert refused(path) == {str(path): "cannot be read: the zip unpacks to more than 1,199 bytes"}


def test_a_zip_that_is_cut_short_is_reported(tmp_path: Path) -> None:
    content = zipped({"a.csv": b"org_code,period,value\n" * 50})
    path = write(tmp_path / "a.zip", content[:-30])
    assert list(refused(path)) == [str(path)]


@pytest.mark.parametrize(
    ("method", "at"),
    [
        (zipfile.ZIP_STORED, 40),
        (zipfile.ZIP_DEFLATED, 40),
        (zipfile.ZIP_BZIP2, 40),
        (zipfile.ZIP_LZMA, 50),
    ],
)
def test_a_zip_whose_member_is_damaged_is_reported(tmp_path: Path, method: int, at: int) -> None:
    content = bytearray(zipped({"a.csv": b"org_code,period,value\n" * 50}, method))
    # The data of the first member begin at byte 35, after its header and name.
    content[at : at + 4] = b"\xff" * 4
    path = write(tmp_path / "a.zip", bytes(content))
    assert list(refused(path)) == [f"{path}/a.csv"]


def test_a_zip_with_a_password_is_reported(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": b"1"}, zipfile.ZIP_STORED))
    central = content.index(b"PK\x01\x02")
    # Bit 0 of the flags says that the member is encrypted.
    content[6] |= 1
    content[central + 8] |= 1
    path = write(tmp_path / "a.zip", bytes(content))
    assert "password" in refused(path)[str(path)]


def test_what_a_mac_adds_to_a_zip_is_no_data(tmp_path: Path) -> None:
    members = {"a.csv": b"a\n1\n", "__MACOSX/._a.csv": b"\x00\x05\x16\x07"}
    assert names(write(tmp_path / "a.zip", zipped(members))) == ["a.zip/a.csv"]


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", b"2")
    path = write(tmp_path / "a.zip", buffer.getvalue())
    assert refused(path) == {str(path): "cannot be read: two of its members have one name"}


def test_two_members_of_one_name_in_two_folders_are_two_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({"x/a.csv": b"1", "y/a.csv": b"2"}))
    assert names(path) == ["a.zip/x/a.csv", "a.zip/y/a.csv"]


@pytest.mark.parametrize("name", ["._a.csv", ".a.csv", "deep/._a.csv", "deep/.a.zip"])
def test_hidden_files_of_a_folder_are_no_data(tmp_path: Path, name: str) -> None:
    write(tmp_path / "data" / "a.csv")
    write(tmp_path / "data" / name, b"\x00\x05\x16\x07")
    assert names(tmp_path / "data") == ["a.csv"]


@pytest.mark.parametrize("name", [".a.csv", "deep/._a.csv", "__MACOSX/deep/a.csv"])
def test_hidden_members_of_a_zip_are_no_data(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "a.zip", zipped({"a.csv": b"1", name: b"\x00"}))
    assert names(path) == ["a.zip/a.csv"]


def test_a_folder_of_hidden_files_alone_holds_no_data(tmp_path: Path) -> None:
    write(tmp_path / ".a.csv")
    said = refused(tmp_path)
    assert said == {
        str(tmp_path): "cannot be read: the folder holds no CSV, XLSX, Parquet or zip file"
    }


def test_a_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    assert names(write(tmp_path / ".a.csv")) == [".a.csv"]


def test_a_broken_link_in_a_folder_is_reported_and_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.csv")
    link = tmp_path / "b.csv"
    link.symlink_to(tmp_path / "gone.csv")
    assert refused(tmp_path) == {str(link): "cannot be read: No such file or directory"}


def test_a_name_of_bytes_that_are_no_text_can_be_written(tmp_path: Path) -> None:
    try:
        for code in (b"\xfe", b"\xff"):
            (tmp_path / os.fsdecode(b"a" + code + b".csv")).write_bytes(b"a,b\n1,2\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert names(tmp_path) == ["a\\udcfe.csv", "a\\udcff.csv"]
