"""Where results go."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import polars as pl
import pytest

from nhs_league.cli import output
from nhs_league.cli.output import Colour, Destination, write_content, write_result, write_stdout
from nhs_league.errors import OutputError
from nhs_league.presentation.document import Column, Paragraph, Table
from nhs_league.presentation.formats import Result

RESULT = Result(
    pl.DataFrame({"name": ["[c]"]}),
    lambda: [Paragraph("A sentence."), Table("Caption", [Column("Name")], [["[c]"]])],
    {"tool": "nhs-league"},
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.json", "json"),
        ("a.ndjson", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.md", "markdown"),
        ("a.parquet", "parquet"),
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.xlsx", "xlsx"),
        ("a.txt", "table"),
        ("a.dat", "table"),
        ("a", "table"),
        ("a.csv.old", "table"),
    ],
)
def test_the_suffix_asks_for_a_format(name: str, format_: str) -> None:
    assert Destination(path=Path(name)).chosen_format == format_


def test_a_format_that_is_named_wins() -> None:
    assert Destination("json", Path("a.csv")).chosen_format == "json"
    assert Destination().chosen_format == "table"


def test_a_relative_path_is_written_where_the_caller_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_result(RESULT, Destination(path=Path("a.csv")))
    assert names_in(tmp_path) == ["a.csv", "a.csv.manifest.json"]
    assert (tmp_path / "a.csv").read_bytes() == b"name\n[c]\n"


def test_a_table_in_a_file_is_utf_8_and_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    write_result(RESULT, Destination(path=tmp_path / "a.txt"))
    assert (tmp_path / "a.txt").read_text("utf-8") == (
        "A sentence.\n\nCaption\n\nName\n\u2500\u2500\u2500\u2500\n[c]\n"
    )


def test_a_file_of_a_single_content_has_no_manifest(tmp_path: Path) -> None:
    write_content(b"{}\n", Destination(path=tmp_path / "schema.json"))
    assert names_in(tmp_path) == ["schema.json"]


def test_a_missing_standard_output_is_an_output_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="standard output is closed"):
        write_stdout(b"x")
    with pytest.raises(OutputError, match="standard output is closed"):
        write_result(RESULT, Destination())


def test_bytes_follow_what_was_printed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    stream.write("before\n")
    write_stdout(b"after\n")
    assert stream.buffer.getvalue() == b"before\nafter\n"  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not hold")
def test_a_folder_that_is_read_only_is_an_output_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(OutputError, match="Permission denied"):
        write_content(b"x", Destination(path=tmp_path / "a.csv"))


def test_one_file_that_cannot_be_replaced_leaves_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*Permission denied"):
        write_result(RESULT, Destination(path=tmp_path / "a.csv"))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("environment", "colour", "is_coloured"),
    [
        ({}, "auto", True),
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"TERM": "dumb"}, "auto", False),
        ({}, "never", False),
        ({"NO_COLOR": "1"}, "always", True),
    ],
)
def test_a_terminal_is_coloured_unless_it_is_asked_not_to_be(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    environment: dict[str, str],
    colour: Colour,
    is_coloured: bool,
) -> None:
    """An empty NO_COLOR asks for nothing: https://no-color.org."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    write_result(RESULT, Destination(colour=colour))
    assert (b"\x1b[" in capsysbinary.readouterr().out) is is_coloured


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"])
def test_the_environment_cannot_colour_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], name: str
) -> None:
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("COLUMNS", "60")
    write_result(RESULT, Destination())
    assert b"\x1b[" not in capsysbinary.readouterr().out
