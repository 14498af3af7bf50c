"""The ``nhs-league`` command: its commands, and the way from an error to an exit code.

Nothing heavy is imported before a command runs: help and completion stay quick.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from nhs_league.cli.definitions import catalogues, changes, checks, reports, tables
from nhs_league.cli.diagnostics import (
    ExitCode,
    leave,
    report_bug,
    report_error,
    report_lost_output,
    report_usage,
)
from nhs_league.cli.lean import lean_command
from nhs_league.errors import NhsLeagueError
from nhs_league.version import VERSION

# Typer carries a copy of Click of its own, reached through the errors that it makes public.
_ClickUsageError: type[Any] = typer.BadParameter.__mro__[1]
_ClickError: type[Any] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="nhs-league",
    help="Rank England's NHS trusts by an open framework, and explain every rank.",
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=(
        "Exit codes: 0 done, 1 a bug, 2 usage, 3 framework, scenario or source spec "
        "invalid, 4 data invalid, 5 cannot write, 6 different, 130 interrupted."
    ),
)


def main() -> None:
    """Run the command line and exit.

    A process is short and its frames are freed without the collector of cycles: running that, and
    looking through every installed package for plugins of Pydantic, would take a fifth of its time.
    Threads of NumPy's linear algebra would get in the way of those that place leagues side by side.
    """
    gc.disable()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _occupy_streams()
    leave(run())


def _occupy_streams() -> None:
    """Open what is closed of the three standard streams, to nowhere.

    Else the next file to be opened would take its number, and what draws pictures take that file
    for standard input, and fail. Python has noted by now which of them nobody can write to.
    """
    with contextlib.suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
            pass
        os.close(descriptor)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; a traceback is a bug."""
    try:
        status = lean_command(app)(args=arguments, prog_name="nhs-league", standalone_mode=False)
    except NhsLeagueError as error:
        return report_error(error)
    except _ClickUsageError as error:
        context = error.ctx
        usage = context.get_usage() if context else None
        hint = f"Try '{context.command_path} --help' for help." if context else None
        return report_usage(_message(error), usage, hint)
    except _ClickError as error:
        return report_usage(_message(error), None, None)
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except SystemExit:
        # Only so does Typer leave here: nobody reads the help that it was writing.
        return report_lost_output(BrokenPipeError())
    except OSError as error:
        # A stream has no file name; what has one is a file that a command should have seen to.
        return report_lost_output(error) if error.filename is None else report_bug()
    except Exception:  # noqa: BLE001 - whatever else comes is a bug, and shown whole
        return report_bug()
    return status if isinstance(status, int) else ExitCode.DONE


def _message(error: Any) -> str:
    return " ".join(str(error.format_message()).replace("Value error, ", "").split())


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"nhs-league {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command; without a command, show how to use one."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)


for _command in (
    tables.rank,
    tables.explain,
    changes.compare,
    changes.whatif,
    tables.history,
    tables.summary,
    reports.report,
    checks.validate,
    checks.ingest,
    checks.audit,
    checks.robustness,
    catalogues.frameworks,
    catalogues.metrics,
    catalogues.sources,
    catalogues.schema,
):
    app.command()(_command)
