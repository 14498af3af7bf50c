"""Standard output is the result and nothing else; terminals, pipes and narrow encodings."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COMMAND, Cli, CliProcess, process_environment
from tests.functional.small import Small

ESCAPE = "\x1b["
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix shell and devices")


def shell(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in which ``"$@"`` is the command and its arguments."""
    return subprocess.run(
        ["/bin/bash", "-c", script, "sh", *COMMAND, *arguments],
        capture_output=True,
        check=False,
        env=process_environment(environment),
        text=True,
        timeout=60,
    )


def test_notes_and_warnings_go_to_standard_error_and_quiet_silences_them(
    cli: Cli, small: Small
) -> None:
    path = small.folder / "waits.csv"
    path.write_text(path.read_text("utf-8").replace("AA5,2025-04", "ZZ9,2025-04"), "utf-8")
    loud = cli("rank", *small.options, "--format", "csv")
    assert re.search("^nhs-league: warning: waits.csv row 6", loud.narration, re.MULTILINE)
    assert "nhs-league: note: 1 organisation not ranked" in loud.narration
    quiet = cli("rank", *small.options, "--format", "csv", "--quiet")
    assert (quiet.narration, quiet.output) == ("", loud.output)


def test_quiet_keeps_errors(cli: Cli) -> None:
    assert "nhs-league: error:" in cli("rank", "--quiet", "--quarter", "2019Q1").narration


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson", "markdown", "table"])
def test_standard_output_starts_with_the_result(cli: Cli, format_: str) -> None:
    first = {
        "csv": "quarter,org_code",
        "json": '{\n  "meta"',
        "ndjson": '{"quarter": "2025Q2"',
        "markdown": "# NHS Oversight Framework 2025/26",
        "table": "NHS Oversight Framework 2025/26",
    }
    done = cli("rank", "--quarter", "2025Q2", "--top", "1", "--format", format_)
    assert done.text.startswith(first[format_])
    assert "nhs-league:" not in done.text


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        (["rank", "-Q", "2025Q2", "--top", "3"], ["RP6", "Orthopaedic", "Staffordshire"]),
        (["rank", "-Q", "2025Q2", "--top", "3", "--by", "OF0013"], ["Moorfields", "Hospital"]),
        (["explain", "RCX", "-Q", "2025Q2"], ["bacteraemia", "(OF1069)", "surplus/deficit"]),
        (["metrics"], ["ambulance_category_2", "planned_surplus_pct", "OF0106"]),
        (["validate"], ["nof_2025_26_metrics.csv", "monthly/cancer_28_days.csv"]),
    ],
)
def test_eighty_columns_hold_every_line_and_cut_no_name(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], whole: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = cli(*arguments).text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\u2026" not in text
    assert [name for name in whole if name not in text.split()] == []


def test_a_pipe_without_columns_wraps_and_cuts_nothing(cli: Cli) -> None:
    rows = cli("rank", "-Q", "2025Q2", "--format", "json").json["rows"]
    text = cli("rank", "-Q", "2025Q2").text
    assert all(f" {row['org_name']} " in text for row in rows)
    explained = cli("explain", "RCX", "-Q", "2025Q2").text
    assert "Number of MRSA bacteraemia cases (12 months) (OF0020)" in explained


@pytest.mark.parametrize(
    "arguments",
    [
        ["rank", "-Q", "2025Q2", "--top", "1", "--by", "OF0013"],
        ["explain", "AA4"],
    ],
)
def test_a_pipe_without_columns_does_not_fold_a_caption_either(
    cli: Cli, small: Small, arguments: list[str]
) -> None:
    options = small.options if arguments[0] == "explain" else ()
    captions = {
        "rank": "discharged within four hours: acute trusts, April to June 2025 (Q1 2025/26)\n",
        "explain": "Weight: with missing metrics' weights shared again.\n",
    }
    assert captions[arguments[0]] in cli(*arguments, *options).text


@pytest.mark.parametrize("columns", ["0", "-5", "wide", ""])
def test_columns_that_are_no_width_are_ignored(
    cli: Cli, small: Small, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    expected = cli("rank", *small.options).output
    monkeypatch.setenv("COLUMNS", columns)
    assert cli("rank", *small.options).output == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("FORCE_COLOR", "1"), ("TERM", "dumb"), ("TTY_COMPATIBLE", "1"), ("CLICOLOR_FORCE", "1")],
)
def test_the_environment_does_not_change_what_a_pipe_gets(
    cli: Cli, small: Small, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    expected = cli("rank", *small.options).output
    monkeypatch.setenv(name, value)
    assert cli("rank", *small.options).output == expected
    assert ESCAPE.encode() not in expected


def test_colour_is_there_when_it_is_asked_for_and_changes_no_cell(cli: Cli, small: Small) -> None:
    plain = cli("rank", *small.options).text
    coloured = cli("rank", *small.options, "--color", "always").text
    assert ESCAPE in coloured
    words = re.sub(r"\x1b\[[0-9;]*m", "", coloured).split()
    assert [w for w in words if "\u2500" not in w] == [
        w for w in plain.split() if "\u2500" not in w
    ]


def test_data_formats_are_never_coloured(cli: Cli, small: Small) -> None:
    for format_ in ("csv", "json", "markdown"):
        done = cli("rank", *small.options, "--color", "always", "--format", format_)
        assert ESCAPE.encode() not in done.output


def test_an_ascii_terminal_gets_an_ascii_table(cli_process: CliProcess, small: Small) -> None:
    done = cli_process("rank", *small.options, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.status == 0, done.narration
    assert done.output.isascii()
    assert b"Best [c] NHS Trust" in done.output
    assert b"Ynys M?n, ?Sir?, NHS Trust" in done.output
    assert b"\n-----" in done.output


def test_data_formats_are_utf_8_whatever_the_locale(cli_process: CliProcess, small: Small) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = cli_process("rank", *small.options, "--format", "csv", env=env)
    assert "Ynys M\u00f4n" in done.text


def test_an_error_with_letters_that_the_terminal_lacks_is_still_told(
    cli_process: CliProcess, small: Small
) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = cli_process("explain", "Ynys", *small.options, "--format", "csv", env=env)
    assert done.status == 0
    assert "note: 'Ynys' is taken to mean Ynys M?n" in done.narration


@unix_only
def test_a_reader_who_has_had_enough_is_no_error(small: Small) -> None:
    done = shell(
        '"$@" | head -n 1; exit ${PIPESTATUS[0]}', "rank", *small.options, "--format", "csv"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("quarter,org_code")
    assert "Traceback" not in done.stderr


@unix_only
@pytest.mark.parametrize(
    "arguments",
    [["rank", "-f", "csv"], ["schema", "framework"], ["rank", "--help"]],
)
def test_a_pipe_that_nobody_reads_is_no_error(small: Small, arguments: list[str]) -> None:
    options = small.options if "-f" in arguments else ()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, *arguments, *options],
            check=False,
            env=process_environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writing)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr


@unix_only
def test_a_closed_standard_output_is_an_output_error(small: Small) -> None:
    done = shell('"$@" >&-', "rank", *small.options, "--format", "csv")
    assert done.returncode == 5
    assert "nhs-league: error: cannot write" in done.stderr
    assert "Traceback" not in done.stderr


@unix_only
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [["rank", "-f", "csv"], ["schema", "framework"], ["rank", "--help"]]
)
def test_a_full_standard_output_is_an_output_error(small: Small, arguments: list[str]) -> None:
    options = small.options if "-f" in arguments else ()
    done = shell('"$@" > /dev/full', *arguments, *options)
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 5


@unix_only
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs /dev/full")
@pytest.mark.parametrize("redirection", ["2> /dev/full", "2>&-"])
def test_narration_that_cannot_be_written_does_not_cost_the_result(
    small: Small, redirection: str
) -> None:
    done = shell(f'"$@" {redirection}', "rank", *small.options, "--format", "csv")
    assert done.returncode == 0
    assert done.stdout.startswith("quarter,org_code")


@unix_only
@pytest.mark.parametrize(
    ("format_", "name"), [("parquet", "Parquet"), ("png", "PNG"), ("xlsx", "XLSX")]
)
def test_a_binary_format_is_not_for_a_terminal(small: Small, format_: str, name: str) -> None:
    status, text = on_terminal("rank", *small.options, "--format", format_)
    assert status == 2
    assert f"{name} is not for a terminal; give --output FILE or a pipe" in text


@unix_only
@pytest.mark.parametrize(("environment", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_is_coloured_unless_it_is_asked_not_to_be(
    environment: dict[str, str], is_coloured: bool
) -> None:
    status, text = on_terminal("frameworks", **environment)
    assert status == 0
    assert (ESCAPE in text) is is_coloured


@unix_only
def test_a_terminal_is_filled_to_its_width_and_no_further(small: Small) -> None:
    status, text = on_terminal("rank", *small.options, NO_COLOR="1", columns=72)
    assert status == 0
    assert max(len(line) for line in text.splitlines()) <= 72
    assert "Held *back* <b>" in text


def on_terminal(*arguments: str, columns: int = 100, **environment: str) -> tuple[int, str]:
    """Run the command line with a pseudo-terminal as its standard output and error."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=process_environment({"TERM": "xterm-256color", **environment}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    chunks = []
    # Linux reports the end of a pseudo-terminal as an input/output error.
    with contextlib.suppress(OSError):
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    os.close(ours)
    return process.wait(timeout=60), b"".join(chunks).decode("utf-8").replace("\r\n", "\n")
