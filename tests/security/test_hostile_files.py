"""Files made to end the process, to hold it for ever, or to read what nobody named."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from nhs_league.errors import DataError, FrameworkError
from nhs_league.framework.catalogue import parse_framework
from nhs_league.framework.yaml_reader import read_yaml
from nhs_league.sources.dataset import load_data
from nhs_league.sources.files import UnreadableFileError, find_files
from nhs_league.sources.tabular import MAX_COLUMNS
from nhs_league.sources.workbooks import read_sheets
from tests.publications import cancer_xlsx, zip_of

TIDY = "org_code,period,waits\nRCX,2025-04,1\n"
ENDLESS = Path("/dev/zero")
SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = ['<!ENTITY l0 "laugh">']
ENTITIES += [f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10)]
LAUGHTER = f"<!DOCTYPE worksheet [{''.join(ENTITIES)}]>"


def workbook(part: str, old: str, new: str, *, doctype: str = "") -> bytes:
    """Change a part of a workbook of one trust."""
    whole = cancer_xlsx([{"ORG CODE": "RCX", "TOTAL TREATED": 10}], has_inline_strings=True)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start, mark, rest = parts[part].decode().partition("?>")
    assert old in rest
    text = start + mark + doctype + rest.replace(old, new, 1)
    return zip_of({**parts, part: text.encode()})


def with_rows(rows: str) -> bytes:
    return workbook(SHEET, "</sheetData>", f"{rows}</sheetData>")


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as raised:
        read_sheets("a.xlsx", content)
    return raised.value.finding.message


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in read_yaml(text).problems]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 50_000,
        "a: " + "[" * 50_000 + "]" * 50_000,
        "a: " + "{b: " * 50_000,
        "- " * 50_000,
        "? " * 50_000,
        "\n".join(" " * depth + "a:" for depth in range(1_200)),
    ],
    ids=["open lists", "lists", "mappings", "dashes", "keys", "indentation"],
)
def test_yaml_that_nests_without_end_is_one_problem(text: str) -> None:
    # Composing it would end the process, and that of the tests.
    code = "import sys; from nhs_league.framework.yaml_reader import read_yaml as read; "
    code += "print([problem.message for problem in read(sys.stdin.read()).problems])"
    run = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "['nested more than 100 levels deep']\n")


def test_yaml_may_have_many_brackets_and_be_as_deep_as_anybody_needs() -> None:
    assert problems_of("a:\n" + "  - [1, {b: 2}]\n" * 400) == []
    assert problems_of("a: " + "[" * 99 + "]" * 99 + "\nb: " + "-" * 600) == []


def test_yaml_whose_aliases_would_grow_without_end_is_refused_unread() -> None:
    lines = ["a0: &a0 [laugh, laugh]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    with pytest.raises(FrameworkError) as caught:
        parse_framework("\n".join(lines).encode(), "f.yaml")
    assert {finding.code for finding in caught.value.findings} == {"framework_invalid"}
    assert all("alias" in finding.message for finding in caught.value.findings)


def read_or_refused(content: bytes) -> None:
    with contextlib.suppress(UnreadableFileError):
        read_sheets("a.xlsx", content)


@pytest.mark.parametrize("end", ["", "/>"])
def test_a_tag_that_repeats_a_name_is_looked_through_once(end: str) -> None:
    names = "".join(f' r="AAA{at}"' for at in range(30_000))
    content = with_rows(f"<c{names}{end}")
    began = time.process_time()
    read_or_refused(content)
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1048576">{"<c><v>1</v></c>" * 17_000}</row>',
        f'<row r="1000000">{"<c/>" * 9_000}<c><v>1</v></c></row>',
        f'<row r="99999">{"<c><v>1</v></c>" * 9_000}</row>',
        f'<row r="1000000"><c r="ZZ1000000" s="1"/>{"<c><v>1</v></c>" * 500}</row>',
    ],
)
def test_far_cells_without_names_are_counted(rows: str) -> None:
    said = reason(with_rows(rows))
    assert "spreads a few figures" in said or "where no sheet has any" in said


def test_near_cells_without_names_are_read() -> None:
    rows = '<row r="9"><c><v>1</v></c><c r="C9"><v>2</v></c><c><v>3</v></c></row>'
    (sheet,) = read_sheets("a.xlsx", with_rows(rows))
    last = sheet.frame.row(-1)
    assert last[:5] == (9, "1", None, "2", "3")


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/workbook.xml", 'name="', 'name="&l9;'),
        ("xl/_rels/workbook.xml.rels", 'Target="', 'Target="&l9;'),
        (SHEET, "</sheetData>", '<row><c r="Z9"><f>1</f><v>&l9;</v></c></row></sheetData>'),
    ],
)
def test_entities_of_a_workbook_do_not_grow_without_end(part: str, old: str, new: str) -> None:
    assert "amplification" in reason(workbook(part, old, new, doctype=LAUGHTER))


def test_an_entity_of_a_workbook_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    entity = f'<!DOCTYPE worksheet [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    said = reason(workbook(SHEET, ">RCX<", ">&e;<", doctype=entity))
    assert "unrecognized entity" in said


def test_a_file_of_more_columns_than_any_sheet_has_is_refused_by_its_header(
    tmp_path: Path,
) -> None:
    headers = ["org_code", "period", *(f"m{at}" for at in range(MAX_COLUMNS - 2))]
    path = tmp_path / "wide.csv"
    for width, errors in ((0, []), (1, ["file_unreadable"])):
        names = [*headers, *["more"] * width]
        path.write_text(",".join(names) + "\nRCX,2025-04" + "," * (len(names) - 2) + "\n")
        found = load_data([path]).findings
        assert [item.code for item in found if item.severity == "error"] == errors


@pytest.mark.skipif(not ENDLESS.is_char_device(), reason="needs a device that has no end")
def test_a_device_is_no_data_whether_named_or_linked_to(tmp_path: Path) -> None:
    with pytest.raises(DataError) as named:
        find_files([ENDLESS])
    assert "it is a device" in named.value.findings[0].message
    (tmp_path / "a.csv").symlink_to(ENDLESS)
    with pytest.raises(DataError) as linked:
        find_files([tmp_path])
    assert "a.csv leads to no file" in linked.value.findings[0].message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_never_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text(TIDY)
    os.mkfifo(folder / "b.csv")
    assert [file.name for file in find_files([folder])] == ["a.csv"]
    os.mkfifo(tmp_path / "pipe")
    (folder / "c.csv").symlink_to(tmp_path / "pipe")
    with pytest.raises(DataError) as caught:
        find_files([folder])
    assert "c.csv leads to no file" in caught.value.findings[0].message


def test_a_link_to_a_folder_around_is_not_followed_round(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TIDY)
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    assert [file.name for file in find_files([tmp_path])] == ["a.csv"]


def test_a_link_in_a_zip_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(TIDY)
    link = zipfile.ZipInfo("a.csv")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, str(secret))
    (file,) = find_files([tmp_path / "a.zip"])
    assert file.read() == str(secret).encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "secret.csv"]
