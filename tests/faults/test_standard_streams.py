"""Streams that are closed: a file is written all the same, and nothing else into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.faults.support import arguments_for, posix_only, tree
from tests.functional.small import Small
from tests.functional.test_streams import shell

pytestmark = posix_only


@pytest.mark.parametrize(
    ("output", "closed"), [("csv", "<&-"), ("csv", "<&- >&- 2>&-"), ("site", "<&- >&- 2>&-")]
)
def test_a_file_is_written_whatever_streams_are_closed(
    cli: Cli, small: Small, tmp_path: Path, output: str, closed: str
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (tmp_path / "open").mkdir()
    cli(*arguments_for(output, small, tmp_path / "open"))
    done = shell(f'"$@" {closed}', *arguments_for(output, small, folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert tree(folder) == tree(tmp_path / "open")


@pytest.mark.parametrize("format_", ["xlsx", "png"])
def test_a_full_standard_output_is_an_output_error_for_what_is_no_text(
    small: Small, format_: str
) -> None:
    done = shell('"$@" > /dev/full', "rank", *small.options, "-q", "-f", format_)
    assert done.returncode == 5
    assert done.stderr == (
        "nhs-league: error: cannot write to standard output: No space left on device\n"
    )


def test_all_streams_closed_is_an_output_error_where_one_is_asked_for(small: Small) -> None:
    done = shell('"$@" <&- >&- 2>&-', "rank", *small.options, "-f", "csv")
    assert (done.returncode, done.stdout, done.stderr) == (5, "", "")
