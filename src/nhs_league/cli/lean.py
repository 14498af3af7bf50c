"""Keep Typer from importing what only running a command needs.

Typer checks the value of every option by Pydantic, which takes longer to import than everything
else that help and completion need. They look at names only. A Typer that works otherwise than
expected here is not disturbed: help and completion are then merely slower.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

_COMPLETION_VARIABLE = "_NHS_LEAGUE_COMPLETE"


def lean_command(app: typer.Typer) -> Any:
    """Build the command, with the values of its own flags and all those completed unchecked."""
    command: Any = typer.main.get_command(app)
    _take_values_as_written(command)
    if _COMPLETION_VARIABLE in os.environ:
        # Typer cleans help texts of Rich's markup where it finds Rich; there is none in ours.
        sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
        for subcommand in command.commands.values():
            _take_values_as_written(subcommand)
    return command


class _AsWritten:
    """Take an option's value as the command line has it."""

    def coerce(self, value: Any, **_: Any) -> Any:
        """Leave a value alone."""
        return value


def _take_values_as_written(command: Any) -> None:
    context = typer.Context(command, **command.context_settings)
    for parameter in command.get_params(context):
        parameter._runtime_param = _AsWritten()
